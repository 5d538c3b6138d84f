"""Results that lie in folders, read again from their files."""
