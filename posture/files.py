"""Whole files or none: what is written appears under its name only when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posture.model import PostureError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path`, readable by its owner alone; it takes the place of `path` when the block ends well, else it goes.

    What is written holds a person's days, landmarks or pictures: to whom it is given is the user's to say, not the umask's.

    Raises:
        PostureError: the folder cannot be written to, or the disk is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        part.replace(path)
    except OSError as exc:
        raise PostureError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path`, all of it or nothing.

    Raises:
        PostureError: as `whole_file`.
    """
    with whole_file(path) as part:
        part.write_bytes(content)


def there(path: Path) -> bool:
    """Whether there is such a file or folder; one that cannot be looked at, such as one whose name is too long, is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents where they are missing.

    Raises:
        PostureError: it cannot be made, or is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise PostureError(f"{folder}: cannot be used as output folder: {exc.strerror or exc}") from exc
