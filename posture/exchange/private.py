"""Files and folders for the user's eyes only, that appear under their names when they are complete or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posture.files import whole_file
from posture.model import PostureError


@contextmanager
def private_file(path: Path, *, force: bool = False) -> Iterator[Path]:
    """An empty file of mode 0600 beside `path`; it takes the place of `path` when the block ends well and is removed when not.

    Raises:
        PostureError: there is such a file and `force` is not set; it cannot be written; the disk is full.
    """
    if path.is_dir():
        raise PostureError(f"{path}: is a folder: name a file in it")
    if path.exists() and not force:
        raise PostureError(f"{path}: is there already: name another file, or add --force")
    with whole_file(path) as part:
        yield part


@contextmanager
def private_folder(path: Path, replaceable: Callable[[Path], bool], *, force: bool = False) -> Iterator[Path]:
    """The same for a folder of mode 0700, which may be there if it is empty, or with `force` if `replaceable` says so.

    Raises:
        PostureError: it is in use, or cannot be written.
    """
    path = path.absolute()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        if path.exists() and not path.is_dir():
            raise PostureError(f"{path}: is a file: name a folder, or add --format json")
        if path.exists() and any(path.iterdir()) and not (force and replaceable(path)):
            add = "name a new one" + (", or add --force to replace the export in it" if replaceable(path) else "")
            raise PostureError(f"{path}: is a folder with something in it: {add}")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)
            yield part
            if path.exists():
                shutil.rmtree(path)
            part.replace(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def private_opener(path: str, flags: int) -> int:
    """For ``open``: a file that is made is the user's own."""
    return os.open(path, flags, 0o600)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an error of the file system into a PostureError that names what was to be written."""
    try:
        yield
    except OSError as error:
        raise PostureError(f"{path}: cannot be written: {error.strerror or error}") from error
