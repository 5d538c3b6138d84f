"""The pages by name, as ``--page`` and other processes know them. Imports nothing, so that it can be read without Qt."""

NOW, TODAY, WEEK, TREND, EXERCISES, SETTINGS = "now", "today", "week", "trend", "exercises", "settings"
WELCOME, CALIBRATE, PREVIEW = "welcome", "calibrate", "preview"
PAGES = (NOW, TODAY, WEEK, TREND, EXERCISES, SETTINGS, WELCOME, CALIBRATE, PREVIEW)
"""Those of the list at the side, in its order; then those that are opened when they are wanted."""
