"""One's own days: a day, a week, a trend, as page, terminal, Markdown and JSON."""
