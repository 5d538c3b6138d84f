"""Input that somebody broke, by accident or on purpose: thousands of mutated files through the real reading paths."""
