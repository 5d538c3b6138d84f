"""The settings, the data and the start at login."""
