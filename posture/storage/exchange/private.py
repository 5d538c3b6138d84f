"""Files and folders for the user's eyes only, that appear under their names when they are complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posture._support import replacing_folder, whole_file, writing
from posture.errors import PostureError


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield an empty file of mode 0600 beside `path`; it takes the place of `path` when the block ends well and is removed when not.

    Raises:
        PostureError: there is such a file and `force` is not set; it cannot be written; the disk is full.
    """
    if path.is_dir():
        raise PostureError(f"{path}: is a folder: name a file in it")
    if path.exists() and not force:
        raise PostureError(f"{path}: already exists: name another file, or add --force")
    with whole_file(path) as part:
        yield part


@contextmanager
def new_folder(path: Path, replaceable: Callable[[Path], bool], *, force: bool = False) -> Iterator[Path]:
    """Do the same for a folder of mode 0700, which may be there if it is empty, or with `force` if `replaceable` says so.

    Raises:
        PostureError: it is in use, or cannot be written.
    """
    path = path.absolute()
    with writing(path):
        if path.exists() and not path.is_dir():
            raise PostureError(f"{path}: is a file: name a folder, or add --format json")
        if path.exists() and any(path.iterdir()) and not (force and replaceable(path)):
            add = "name a new one" + (", or add --force to replace the export in it" if replaceable(path) else "")
            raise PostureError(f"{path}: is a folder with something in it: {add}")
        with replacing_folder(path) as part:
            yield part
