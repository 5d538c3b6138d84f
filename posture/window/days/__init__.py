"""Days as pages of the window: today, week, trend."""
