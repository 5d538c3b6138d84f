"""Many recordings: one row each, their figures, page and terminal."""
