"""What goes out of the database and comes back: export, import, ActivityWatch, backup, erasing, retention."""
