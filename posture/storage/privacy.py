"""Closes the program's files to other users at the start of a command.

What the program writes is its user's own from the first byte on. A backup that was restored, a copied folder or a file that an editor made
can still be open to others: such modes are closed, and the user is told in one line. On Windows the user's own folders are closed to other
users by the system; nothing is done there.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from posture._support import paths
from posture.storage.schema import default_path

OTHERS = 0o077
_OF_DATA = ("logs", "run", "posture.db*", ".posture.db*", "*.bak", "logs/*.log*", "run/*")
_OF_PAGES = ("*.html", ".*.html.*.part")
_OF_LANDMARKS = ("*", "*/*")


@dataclass(frozen=True, slots=True)
class PrivatePlace:
    """A folder in which the program stores something."""

    folder: Path
    whole: bool
    """The folder is the program's alone and closed itself; else only what the program put into it is."""
    inside: tuple[str, ...] = ()
    """Patterns of what the program puts into it, folders before what lies in them."""


@dataclass(frozen=True, slots=True)
class PrivacyRepair:
    """Files and folders that were open to others."""

    closed: tuple[Path, ...]
    """Closed now."""
    failed: tuple[Path, ...]
    """Still open: it belongs to somebody else, or the file system has no such modes."""

    def words(self) -> list[str]:
        """Return one line for each of the two, or none."""
        lines = []
        if self.closed:
            lines.append(f"others could read what is yours alone; closed to them now: {_named(self.closed)}")
        if self.failed:
            lines.append(f"others can read what is yours alone, and that could not be changed: {_named(self.failed)}")
        return lines


def places(environ: Mapping[str, str] = os.environ) -> list[PrivatePlace]:
    """Return where the program stores data, pages and landmarks: its own folders, and those that the user named."""
    data, settings = default_path().parent, paths.config_file().parent
    found = [
        PrivatePlace(data, (data == paths.own_data() and not data.is_symlink()) or _is_ours(data), _OF_DATA),
        PrivatePlace(settings, settings == paths.own_config()),
        PrivatePlace(paths.own_cache(paths.PAGES), True, _OF_PAGES),
        PrivatePlace(paths.own_cache(paths.LANDMARKS), True, _OF_LANDMARKS),
    ]
    if (pages := paths.named_folder(paths.PAGES, environ)) is not None:
        found.append(PrivatePlace(pages, False, _OF_PAGES))
    if (landmarks := paths.named_folder(paths.LANDMARKS, environ)) is not None:
        found.append(PrivatePlace(landmarks, True, _OF_LANDMARKS))
    return found


def repair(where: Iterable[PrivatePlace] | None = None, settings: Path | None = None) -> PrivacyRepair:
    """Close to others what is the user's alone: **changes modes**, makes and removes nothing.

    Args:
        where: The folders; those of `places` by default.
        settings: The settings file, which may hold a camera's password; the user's own by default.
    """
    closed: list[Path] = []
    failed: list[Path] = []
    if sys.platform != "win32":
        for path in dict.fromkeys(_all(places() if where is None else where, settings or paths.config_file())):
            done = _close(path)
            if done is not None:
                (closed if done else failed).append(path)
    return PrivacyRepair(tuple(closed), tuple(failed))


def no_core_dumps() -> None:
    """Keep native crashes from writing this process's memory, with its pictures and passwords, to the disk. Children inherit it."""
    if sys.platform != "win32":
        import resource  # not on Windows  # noqa: PLC0415

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _all(where: Iterable[PrivatePlace], settings: Path) -> Iterator[Path]:
    """Yield folders before what lies in them: once they are closed, nobody else can put anything in its place."""
    for place in where:
        if place.whole:
            yield place.folder.resolve() if place.folder.is_symlink() else place.folder
        for pattern in place.inside:
            yield from sorted(place.folder.glob(pattern))
    yield settings


def _close(path: Path) -> bool | None:
    """Return whether it could be closed; ``None``: there was no need. Links are left alone, as their target may be anything."""
    try:
        found = path.lstat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) or stat.S_ISSOCK(found.st_mode)):
            return None
        if not found.st_mode & OTHERS:
            return None
        if found.st_uid != os.geteuid():
            return False
        path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
        return not path.lstat().st_mode & OTHERS
    except FileNotFoundError:
        return None
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    """Return whether a folder that the user named holds nothing else: one that does may be shared on purpose."""
    try:
        there = {p.relative_to(folder) for p in folder.iterdir()}
    except OSError:
        return False
    known = {p.relative_to(folder) for pattern in _OF_DATA for p in folder.glob(pattern)}
    return bool(there) and there <= known


def _named(found: tuple[Path, ...]) -> str:
    first = found[0]
    more = len(found) - 1
    return str(first) + (f" and {more} more" if more else "")
