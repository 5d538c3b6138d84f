"""What is needed to make this repository, and not to use it."""
