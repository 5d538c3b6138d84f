"""The pages by name, as ``--page`` and other processes know them. Imports nothing, so that it can be read without Qt."""

NOW, TODAY, WEEK, TREND, EXERCISES, SETTINGS = "now", "today", "week", "trend", "exercises", "settings"
WELCOME, CALIBRATE = "welcome", "calibrate"
PAGES = (NOW, TODAY, WEEK, TREND, EXERCISES, SETTINGS, WELCOME, CALIBRATE)
"""Those of the list at the side, in its order; then the two that are opened when they are wanted."""
