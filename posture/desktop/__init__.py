"""What the monitor shows on the desktop, and what it learns from there."""
