"""The errors that the program raises; apart from the values, as the lightest commands need no more.

The error tree::

    PostureError
    ├── InputError      a video, camera or stream that cannot be read
    ├── ConfigError     a setting that is not what it should be
    ├── ModelError      pose weights missing, damaged or not to be had
    ├── CatalogueError  a prompt catalogue that cannot be used
    ├── ControlError    the running monitor cannot be reached, or refuses
    └── StoreError      the database cannot be opened, read or written
"""


class PostureError(Exception):
    """Root of all errors that the program raises on purpose; the message is one plain line for the user."""


class InputError(PostureError):
    """A video, camera or stream that cannot be read."""


class ConfigError(PostureError):
    """A setting that is not what it should be; names file, key, value and what was expected."""


class ModelError(PostureError):
    """Pose weights that are missing, damaged or not to be had."""


class CatalogueError(PostureError):
    """A prompt catalogue that cannot be used."""


class ControlError(PostureError):
    """The running monitor cannot be reached, or refuses; or there is none, or already one."""


class StoreError(PostureError):
    """The database cannot be opened, read or written."""
