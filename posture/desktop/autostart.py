"""Starting the monitor at login, and undoing that without a trace.

Each system has its own way (``autostart_linux``, ``autostart_macos``, ``autostart_windows``); those that are files note in
themselves what they start and which folders were made for them, so that ``off`` leaves things as they were.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from posture.logs import without_credentials
from posture.model import PostureError

_NOTE = "written by posture autostart on: "
_PRIVATE = 0o600


class State(StrEnum):
    """Whether the monitor starts at login."""

    ON = "on"
    OFF = "off"
    BROKEN = "broken"
    """It is meant to start, and what would be started is not there."""


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand."""

    state: State
    words: str
    """In one line."""
    where: str | None = None
    """What makes it start: a file, or a key of the registry."""
    command: tuple[str, ...] = ()
    """What is started, as program and arguments."""


class Autostart(Protocol):
    """One system's way of starting a program at login."""

    def on(self, command: Sequence[str]) -> list[str]:
        """Have `command` started at each login from the next on; what was done, in lines. Doing it again changes nothing.

        Raises:
            PostureError: it cannot be written.
        """

    def off(self) -> list[str]:
        """Undo it; what was done, in lines; none if there was nothing to undo.

        Raises:
            PostureError: it cannot be removed.
        """

    def status(self) -> Status:
        """How things stand."""


def autostart() -> Autostart:
    """The way of this system.

    Raises:
        PostureError: none is known for it.
    """
    if sys.platform == "linux":
        from posture.desktop.autostart_linux import LinuxAutostart  # noqa: PLC0415

        return LinuxAutostart()
    if sys.platform == "darwin":
        from posture.desktop.autostart_macos import MacAutostart  # noqa: PLC0415

        return MacAutostart()
    if sys.platform == "win32":
        from posture.desktop.autostart_windows import Registry, WindowsAutostart  # noqa: PLC0415

        return WindowsAutostart(Registry())
    raise PostureError(f"starting at login is not known for this system ({sys.platform})")


def watch_command(options: Sequence[str] = (), python: str = sys.executable) -> list[str]:
    """What starts the monitor by this very Python; ``-P`` keeps a folder called ``posture`` in the home from being taken for it.

    Raises:
        PostureError: an option has a line break in it.
    """
    command = [python, "-P", "-m", "posture", "watch", *options]
    if any(mark in word for word in command for mark in "\n\r\0"):
        raise PostureError("what is to be started at login must not have a line break in it")
    return command


def hidden(word: str) -> str:
    """A word of a command as it may be shown: without user name, password and query of an address in it."""
    before, scheme, rest = word.partition("://")
    at = rest.rpartition("@")  # a password may hold any mark, so it goes up to the last of them
    return without_credentials(f"{before}{scheme}...@{at[2]}" if at[1] else word)


def found_at_login(python: str = sys.executable) -> bool:
    """Whether that Python finds this program without help of the terminal, such as ``PYTHONPATH`` or the folder it stands in."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with suppress(OSError, subprocess.TimeoutExpired):
        found = subprocess.run(
            [python, "-P", "-c", "import posture"], env=env, cwd=Path.home(), capture_output=True, timeout=30, check=False
        )
        return found.returncode == 0
    return False


# --- a file that notes what it is


@dataclass(frozen=True, slots=True)
class Noted:
    """What a file of ours says of itself."""

    command: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Folders that were made with it, outermost first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that makes a program start at login."""

    path: Path
    text: Callable[[Sequence[str], str], str]
    """Its content for a command, with the note (one line, without two hyphens in a row) as a comment in it."""
    folders: tuple[Path, ...] = ()
    """Further folders that come to be with it."""

    def noted(self) -> Noted | None:
        """What the file says of itself; ``None`` if there is none; empty if it is not by us."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        start = text.find(_NOTE)
        with suppress(ValueError, TypeError, KeyError):
            found, _ = json.JSONDecoder().raw_decode(text, start + len(_NOTE)) if start >= 0 else ({"command": [], "folders": []}, 0)
            return Noted(tuple(found["command"]), tuple(found["folders"]))
        return Noted()

    def write(self, command: Sequence[str]) -> bool:
        """Write it, for the person's own eyes: a command may hold a password; whether anything changed.

        Raises:
            PostureError: it cannot be written.
        """
        before = self.noted()
        made = [str(folder) for folder in self._of_ours() if not folder.exists()]
        if before is not None:
            made = [*before.folders, *(folder for folder in made if folder not in before.folders)]
        note = _NOTE + json.dumps({"command": list(command), "folders": made}).replace("--", "-\\u002d")
        text = self.text(command, note)
        try:
            if before is not None and self.path.read_text(encoding="utf-8", errors="replace") == text:
                self.path.chmod(_PRIVATE)
                return False
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "w", encoding="utf-8") as file:  # noqa: PTH123 # its mode from the first byte on
                self.path.chmod(_PRIVATE)  # one that was there before may have been open to others
                file.write(text)
        except OSError as error:
            raise PostureError(f"{self.path} cannot be written: {error.strerror or error}") from error
        return True

    def remove(self, noted: Noted | None = None) -> list[str]:
        """Remove it, and, as far as they are empty, the folders made with it (by `noted`, else by itself); what went, in lines.

        Raises:
            PostureError: it cannot be removed.
        """
        noted = noted or self.noted()
        try:
            self.path.unlink()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PostureError(f"{self.path} cannot be removed: {error.strerror or error}") from error
        gone = [f"removed {self.path}"]
        for folder in reversed(self._of_ours()):
            if noted is not None and str(folder) in noted.folders:
                with suppress(OSError):  # somebody else uses it by now
                    folder.rmdir()
                    gone.append(f"removed the empty folder {folder}")
        return gone

    def _of_ours(self) -> list[Path]:
        """Every folder that can come to be with it, outermost first."""
        return sorted({*self.path.parents, *self.folders}, key=lambda folder: len(folder.parts))


def status_of(noted: Noted, where: str, kind: str) -> Status:
    """The status of an entry that is in force."""
    if not noted.command:
        return Status(State.ON, f"on, by {kind} ({where}) that was not written by us", where)
    if not Path(noted.command[0]).exists():
        return Status(
            State.BROKEN,
            f"on by {kind} ({where}), but {noted.command[0]} is gone; run posture autostart on again",
            where,
            noted.command,
        )
    return Status(State.ON, f"on, by {kind}: {where}", where, noted.command)
