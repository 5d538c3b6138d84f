"""What is to be analysed: files, folders, patterns, lists, a pipe, streams; turned into a list of recordings, in order.

What is wrong with one of them (missing, nothing in a folder) is kept with it, so that it is reported in its turn and ends no batch.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from posture._support import bare_address, exists, os_errors, text_of
from posture.errors import InputError

VIDEO_ENDINGS = frozenset({
    ".3gp", ".asf", ".avi", ".divx", ".dv", ".flv", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg",
    ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip
"""What is taken for a recording in a folder; a file that is named is tried whatever its ending."""
RESULTS = ".posture"
"""Ending of the folders that results go to; they are not searched, or annotated videos would be analysed."""
STDIN = "-"
_PATTERN = re.compile(r"[*?\[]")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class InputKind(StrEnum):
    """Where a recording comes from."""

    FILE = "file"
    PIPE = "pipe"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One recording to analyse."""

    path: Path
    """The file; for a pipe or stream, a name to call it and its results by."""
    kind: InputKind = InputKind.FILE
    address: str | None = None
    """The stream's address, with its password if it has one: not to be shown."""
    below: Path = Path()
    """The folders between the one that was searched and the file."""
    found: bool = False
    """It was found by searching or stood in a list, so that the number of recordings says nothing of what was typed."""
    error: str | None = None
    """One line if there is nothing to analyse."""

    @property
    def repeatable(self) -> bool:
        """Whether it can be read a second time."""
        return self.kind is InputKind.FILE

    @property
    def label(self) -> str:
        """Its name in messages to the user."""
        return STDIN if self.kind is InputKind.PIPE else bare_address(self.address) if self.address is not None else str(self.path)


def gather(words: Iterable[str | Path], lists: Sequence[Path] = ()) -> list[InputFile]:
    """Return the recordings that `words` name, and those of the lists after them; each file once.

    Args:
        words: File, folder (searched to its depths), pattern (``**`` for any depth), ``@LIST``, ``-`` or the address of a stream;
            an existing file goes before any other meaning of its name.
        lists: Files with one such word a line, relative to the list's own folder; empty lines and those that begin with # count not.

    Raises:
        InputError: a list cannot be read, or stdin is named twice.
    """
    out: list[InputFile] = []
    seen: set[str] = set()
    for item in _all(words, lists):
        key = item.address or (STDIN if item.kind is InputKind.PIPE else str(item.path.absolute()))
        if item.kind is InputKind.PIPE and key in seen:
            raise InputError("- is named twice, but a pipe can be read only once")
        if key not in seen:
            seen.add(key)
            out.append(item)
    return out


def _all(words: Iterable[str | Path], lists: Sequence[Path]) -> Iterator[InputFile]:
    for word in words:
        text = str(word)
        if text.startswith("@") and len(text) > 1 and not exists(Path(text)):
            yield from _listed(Path(text[1:]))
        else:
            yield from _one(text, Path(), found=False)
    for file in lists:
        yield from _listed(file)


def _listed(file: Path) -> Iterator[InputFile]:
    with os_errors(f"{file}: the list can't be read", InputError):
        content = file.read_bytes()
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "surrogateescape")  # a file name may be no UTF-8
    for line in text.splitlines():
        word = line.strip()
        if word and not word.startswith("#"):
            yield from _one(word, file.parent, found=True)


def _one(text: str, base: Path, *, found: bool) -> Iterator[InputFile]:
    """Resolve one word; a relative path starts at `base`."""
    if text == STDIN:
        yield InputFile(Path("stdin"), InputKind.PIPE)
        return
    if _ADDRESS.match(text):
        try:
            urlsplit(text)
            yield InputFile(Path(_name_of(text)), InputKind.STREAM, address=text, found=found)
        except ValueError as error:
            yield InputFile(Path(text), found=found, error=f"is not a valid address ({error})")
        return
    path = base / text
    try:
        if path.is_dir():
            items = list(_folder(path))
        elif not path.exists() and _PATTERN.search(text):
            items = list(_pattern(text, base))
        else:
            items = [InputFile(path, found=found)]
    except (OSError, ValueError) as error:  # a name that is too long, a folder that may not be entered
        items = [InputFile(path, found=found, error=_unseen(error))]
    yield from items


def _folder(folder: Path) -> Iterator[InputFile]:
    """Find the videos of a folder and of those in it; a folder that cannot be read is an error in its place."""
    items: list[InputFile] = []

    def unread(error: OSError) -> None:
        path = Path(error.filename or folder)
        items.append(InputFile(path, found=True, error=f"the folder cannot be read: {error.strerror or error}"))

    for name, folders, files in os.walk(folder, onerror=unread):
        folders[:] = [f for f in folders if not _hidden(f)]
        for file in map(Path(name).joinpath, files):
            if file.suffix.lower() in VIDEO_ENDINGS:
                items += _found(file, folder)
    if not items:
        yield InputFile(folder, found=True, error="there is no video in this folder")
    yield from sorted(items, key=lambda item: item.path)


def _pattern(text: str, base: Path) -> Iterator[InputFile]:
    names = sorted(glob.glob(text, root_dir=base, recursive=True))  # noqa: PTH207 - pathlib's takes no absolute pattern
    root = base / _fixed_part(text)
    items = [item for name in names for item in _found(base / name, root)]
    yield from items or [InputFile(base / text, found=True, error="no file matches")]


def _fixed_part(pattern: str) -> Path:
    """Return the folders of a pattern before its first wildcard."""
    parts: list[str] = []
    for part in Path(pattern).parts:
        if _PATTERN.search(part):
            break
        parts.append(part)
    return Path(*parts)


def _found(path: Path, root: Path) -> list[InputFile]:
    """Return a file unless it, or a folder from `root` on, is hidden or a result of this program."""
    inside = path.relative_to(root)
    if any(map(_hidden, inside.parts)):
        return []
    try:
        if not path.is_file() or (path.name == "annotated.mp4" and (path.parent / "summary.json").exists()):
            return []
    except OSError as error:
        return [InputFile(path, found=True, error=_unseen(error))]
    return [InputFile(path, below=inside.parent, found=True)]


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.endswith(RESULTS)


def _unseen(error: OSError | ValueError) -> str:
    return f"cannot be checked: {getattr(error, 'strerror', None) or error}"


def _name_of(address: str) -> str:
    """Return a file name for the results of a stream: host and path, nothing of user, password or query."""
    parts = urlsplit(bare_address(address))  # a ValueError if it is none
    return re.sub(r"[^A-Za-z0-9.-]+", "-", f"{parts.netloc}{parts.path}").strip("-.") or "stream"


def media_paths(recordings: Sequence[InputFile], folders: Sequence[Path]) -> dict[str, str]:
    """Return the path of each recording from the folder of its results, by its absolute path; of what is no file it is empty."""
    found = {}
    for r, folder in zip(recordings, folders, strict=True):
        path = r.path.absolute()
        near = path.drive == folder.absolute().drive
        way = Path(os.path.relpath(path, folder)) if near else path
        found[str(path)] = way.as_posix() if r.repeatable else ""
    return found


def output_folders(recordings: Sequence[InputFile], out_dir: Path | None) -> list[Path]:
    """Return the folder for the results of each recording.

    DIR itself for the only one that was named; else ``STEM.posture`` in DIR, below the same folders as the file below the one that was
    searched; without DIR beside the file, and for a pipe or stream in the current folder. Equal names get ``-2``.
    """
    if out_dir is not None and len(recordings) == 1 and not recordings[0].found:
        return [out_dir]
    taken: set[Path] = set()
    folders = []
    for r in recordings:
        stem = r.path.stem if r.kind is InputKind.FILE else r.path.name
        parent = out_dir / r.below if out_dir is not None else r.path.parent
        folder, n = parent / f"{stem}{RESULTS}", 1
        while folder in taken:
            n += 1
            folder = parent / f"{stem}-{n}{RESULTS}"
        taken.add(folder)
        folders.append(folder)
    return folders
