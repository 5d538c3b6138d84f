"""One's own days: what a day, a week and a trend hold, and how each part of them is computed from what was stored."""
