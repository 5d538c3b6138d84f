"""Prompts as notifications: their words, the notifiers, and the notification service of the system."""
