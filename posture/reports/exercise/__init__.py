"""The page of one exercise, with its timer."""
