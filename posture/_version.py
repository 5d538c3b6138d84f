"""The version of the program; the package's metadata is made of it."""

__version__ = "0.1.0"
