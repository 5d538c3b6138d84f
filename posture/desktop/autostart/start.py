"""Start the monitor at login, and undo that completely.

Each system has its own way (``linux``, ``macos``, ``windows``); those that are files note in
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

from posture._support import is_bundled, make_folders, os_errors, own_program, replacing
from posture.errors import PostureError

_NOTE = "written by posture autostart on: "


class AutostartState(StrEnum):
    """Whether the monitor starts at login."""

    ON = "on"
    OFF = "off"
    BROKEN = "broken"
    """It is set to start, and the program is missing."""


@dataclass(frozen=True, slots=True)
class AutostartStatus:
    """Whether and how the monitor starts at login."""

    state: AutostartState
    words: str
    """In one line."""
    where: str | None = None
    """What makes it start: a file, or a key of the registry."""
    command: tuple[str, ...] = ()
    """What is started, as program and arguments."""


class Autostart(Protocol):
    """Starts a program at login, on one system."""

    def on(self, command: Sequence[str]) -> list[str]:
        """Start `command` at each login from the next on; return what was done, in lines. Repeating it changes nothing.

        Raises:
            PostureError: it cannot be written.
        """

    def off(self) -> list[str]:
        """Undo it; return what was done, in lines; none if there was nothing to undo.

        Raises:
            PostureError: it cannot be removed.
        """

    def status(self) -> AutostartStatus:
        """Return the current status."""


def watch_command(options: Sequence[str] = ()) -> list[str]:
    """Return the command that starts the monitor; ``-P`` keeps a folder called ``posture`` in the home from being taken for it.

    Raises:
        PostureError: an option has a line break in it.
    """
    program = own_program() if is_bundled() else [sys.executable, "-P", "-m", "posture"]
    command = [*program, "watch", *options]
    if any(mark in word for word in command for mark in "\n\r\0"):
        raise PostureError("the command to start at login must not contain a line break")
    return command


def found_at_login() -> bool:
    """Whether Python finds this program without help of the terminal, such as ``PYTHONPATH`` or the folder it stands in."""
    if is_bundled():
        return True
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with suppress(OSError, subprocess.TimeoutExpired):
        found = subprocess.run(
            [sys.executable, "-P", "-c", "import posture"], env=env, cwd=Path.home(), capture_output=True, timeout=30, check=False
        )
        return found.returncode == 0
    return False


# --- a file that notes what it is


@dataclass(frozen=True, slots=True)
class AutostartNote:
    """The note in a file that we wrote."""

    command: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Folders that were made with it, outermost first."""


@dataclass(frozen=True, slots=True)
class AutostartFile:
    """A file that makes a program start at login."""

    path: Path
    text: Callable[[Sequence[str], str], str]
    """Its content for a command, with the note (one line, without two hyphens in a row) as a comment in it."""
    folders: tuple[Path, ...] = ()
    """Further folders that come to be with it."""

    def noted(self) -> AutostartNote | None:
        """Return the note in the file; ``None`` if there is no file; empty if we did not write it."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        start = text.find(_NOTE)
        with suppress(ValueError, TypeError, KeyError):
            found, _ = json.JSONDecoder().raw_decode(text, start + len(_NOTE)) if start >= 0 else ({"command": [], "folders": []}, 0)
            return AutostartNote(tuple(found["command"]), tuple(found["folders"]))
        return AutostartNote()

    def write(self, command: Sequence[str]) -> str:
        """Write it, readable for the user alone, since a command may hold a password; return what was done, in a line.

        Raises:
            PostureError: it cannot be written.
        """
        before = self.noted()
        made = [str(folder) for folder in self._of_ours() if not folder.exists()]
        if before is not None:
            made = [*before.folders, *(folder for folder in made if folder not in before.folders)]
        note = _NOTE + json.dumps({"command": list(command), "folders": made}).replace("--", "-\\u002d")
        text = self.text(command, note)
        with os_errors(f"{self.path} cannot be written"):
            if before is not None and self.path.read_text(encoding="utf-8", errors="replace") == text:
                self.path.chmod(0o600)
                return f"already there: {self.path}"
            make_folders(self.path.parent)
            with replacing(self.path) as part:
                part.write_text(text, encoding="utf-8")
        return f"wrote {self.path}"

    def remove(self, noted: AutostartNote | None = None) -> list[str]:
        """Remove it, and the folders made with it as far as they are empty (by `noted`, else its own note); return what went, in lines.

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
        """Return every folder that may be made with it, outermost first."""
        return sorted({*self.path.parents, *self.folders}, key=lambda folder: len(folder.parts))


def status_of(noted: AutostartNote, where: str, kind: str) -> AutostartStatus:
    """Return the status of an entry that is in force."""
    if not noted.command:
        return AutostartStatus(AutostartState.ON, f"on, by {kind} ({where}) that this program did not write", where)
    if not Path(noted.command[0]).exists():
        return AutostartStatus(
            AutostartState.BROKEN,
            f"on by {kind} ({where}), but {noted.command[0]} is gone; run posture autostart on again",
            where,
            noted.command,
        )
    return AutostartStatus(AutostartState.ON, f"on, by {kind}: {where}", where, noted.command)
