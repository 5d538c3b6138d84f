"""Export, import, ActivityWatch, backup, erasing, retention."""
