"""Files that appear under their names only when they are complete, readable by their owner alone; and what files contain."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from posture.errors import PostureError

_MOST_TOML, _MOST_DOTS = 128 * 1024, 500
"""Characters of a TOML file, and dots in a line of it: Python's parser takes time that grows as the square of the parts of a key."""


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[Path]:
    """Yield an empty temporary file beside `path`, of mode 0600; it takes the place of `path` when the block ends well, else it goes.

    Args:
        path: The file.
        mode: Its permissions once it is complete.

    Raises:
        OSError: The folder cannot be written to, or the disk is full.
    """
    number, name = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
    os.close(number)
    part = Path(name)
    try:
        yield part
        part.chmod(mode)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Do as `replacing` for a folder, of mode 0700.

    Raises:
        OSError: It cannot be written.
    """
    part = Path(tempfile.mkdtemp(".part", f".{path.name}.", path.parent))
    try:
        yield part
        if path.exists():
            shutil.rmtree(path)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Do as `replacing`; the file stays its owner's alone.

    What is written holds a person's days, landmarks or pictures: to whom it is given is the user's to say, not the umask's.

    Raises:
        PostureError: The folder cannot be written to, or the disk is full.
    """
    with writing(path), replacing(path) as part:
        yield part


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path`, all of it or nothing, for its owner alone.

    Raises:
        PostureError: As `whole_file`.
    """
    with whole_file(path) as part:
        part.write_bytes(content)


@contextmanager
def os_errors(about: str, raised: type[PostureError] = PostureError) -> Iterator[None]:
    """Turn an OSError of the block into an error of one line: `about`, which names the file and what could not be done, and why."""
    try:
        yield
    except OSError as error:
        raise raised(f"{about}: {error.strerror or error}") from error


def writing(path: Path) -> AbstractContextManager[None]:
    """Turn an OSError of the block into one that names what was to be written, as `os_errors`."""
    return os_errors(f"{path}: cannot be written")


def private_opener(path: str, flags: int) -> int:
    """Open for ``open(..., opener=)``: readable by its owner alone from the first byte on; no link is followed."""
    number = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if sys.platform != "win32":
        os.fchmod(number, 0o600)  # one that was there before may have been open to others
    return number


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_toml(text: str, file: Path | str, raised: type[PostureError]) -> dict[str, Any]:
    """Return the values of a TOML file's text.

    Raises:
        PostureError: Of the type `raised`: it is not TOML, or longer or nested deeper than is read in seconds; names the file.
    """
    if len(text) > _MOST_TOML:
        raise raised(f"{file}: is longer than {_MOST_TOML // 1024} KB, too long for such a file")
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise raised(f"{file}: not valid TOML: nested too deeply")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise raised(f"{file}: not valid TOML: {error}") from error
    except (RecursionError, ValueError) as error:
        raise raised(f"{file}: not valid TOML: nested too deeply, or a number has too many digits") from error


def exists(path: Path) -> bool:
    """Return whether there is such a file or folder; one that cannot be looked at, such as one whose name is too long, is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents where they are missing, for their owner alone.

    Raises:
        PostureError: It cannot be made, or is a file.
    """
    with os_errors(f"{folder}: cannot be used as output folder"):
        make_folders(folder)


def make_folders(folder: Path, mode: int = 0o700) -> None:
    """Do as `make_folder`; `mode` is that of `folder`, which another user may need to read. (``mkdir`` leaves its parents to the umask.)

    Raises:
        OSError: It cannot be made, or is a file.
    """
    try:
        folder.mkdir(mode)
    except FileNotFoundError:
        make_folders(folder.parent)
        folder.mkdir(mode, exist_ok=True)
    except OSError:  # it is there; some systems say so in other words
        if not folder.is_dir():
            raise
