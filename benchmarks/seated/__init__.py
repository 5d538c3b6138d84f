"""The benchmark of measuring people who sit at desks; see README.md."""
