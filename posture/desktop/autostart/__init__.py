"""Start at login, one file for each system."""
