"""The program in the menus of a Linux desktop: its entry, its icons, and what software centres show of it.

All of it lies under ``posture/data/desktop`` and ``posture/data/icons``. A package of the system puts the files into ``/usr/share`` as they
are; here they go into the person's own folders, with the command that starts this installation.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from posture._support import data_file, make_folders, os_errors, own_window, write_whole, writing
from posture.desktop.desktop_file import exec_line, program_of
from posture.errors import PostureError

NAME = "posture-monitor.desktop"
FILES: Mapping[str, str] = {
    f"applications/{NAME}": f"desktop/{NAME}",
    "metainfo/local.posture_monitor.PostureMonitor.metainfo.xml": "desktop/posture-monitor.metainfo.xml",
    "icons/hicolor/scalable/apps/posture-monitor.svg": "icons/posture.svg",
    "icons/hicolor/256x256/apps/posture-monitor.png": "icons/posture.png",
    "icons/hicolor/64x64/apps/posture-monitor.png": "icons/posture_64.png",
    "icons/hicolor/22x22/apps/posture-monitor.png": "icons/posture_22.png",
}
"""Where each file goes, below a folder such as ``/usr/share``, and which of the program's data files it is."""
_EXEC = re.compile(r"^Exec=posture-window\b", re.MULTILINE)
_SYSTEM = "/usr/local/share:/usr/share"


class MenuEntryState(StrEnum):
    """Whether the program is in the menus."""

    ON = "on"
    OFF = "off"
    BROKEN = "broken"
    """It is, and what it would start is missing."""


@dataclass(frozen=True, slots=True)
class MenuEntryStatus:
    """Whether the program is in the menus, and by which file."""

    state: MenuEntryState
    words: str
    """In one line."""
    where: str | None = None


class MenuEntry:
    """The entry of one person."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Find the folders by ``XDG_DATA_HOME`` and ``XDG_DATA_DIRS`` of `environ`.

        Raises:
            PostureError: this is no Linux.
        """
        if not sys.platform.startswith("linux"):
            raise PostureError("menu entries are made on Linux only; on other systems the installer makes one")
        own = environ.get("XDG_DATA_HOME", "")
        self._own = Path(own) if Path(own).is_absolute() else Path.home() / ".local" / "share"
        dirs = (environ.get("XDG_DATA_DIRS") or _SYSTEM).split(":")
        self._shared = [Path(folder) for folder in dirs if Path(folder).is_absolute()]

    def install(self, command: Sequence[str] | None = None) -> list[str]:
        """Write all files; return what was done, in lines. Repeating it changes nothing.

        Args:
            command: what the entry starts; the window of this installation if not given.

        Raises:
            PostureError: one cannot be written.
        """
        shared = self._of_the_system()
        if command is None and shared is not None:
            return [f"already there, by the system's package: {shared}"]
        starts = exec_line(command or own_window())
        done = []
        for place, source in FILES.items():
            target, content = self._own / place, data_file(source).read_bytes()
            if place.endswith(NAME):
                content = _EXEC.sub(lambda _: f"Exec={starts}", content.decode()).encode()
            with os_errors(f"{target} cannot be read"):
                same = target.is_file() and target.read_bytes() == content
            if not same:
                with writing(target):
                    make_folders(target.parent)
                write_whole(target, content)
                done.append(f"wrote {target}")
        self._icons_changed()
        return done or [f"already there: {self._own / 'applications' / NAME}"]

    def remove(self) -> list[str]:
        """Remove all files, and the folders that are empty then; return what was done, in lines; none if nothing was there.

        Raises:
            PostureError: one cannot be removed.
        """
        done = []
        for place in FILES:
            target = self._own / place
            with os_errors(f"{target} cannot be removed"):
                if not target.is_file():
                    continue
                target.unlink()
            done.append(f"removed {target}")
            for folder in target.relative_to(self._own).parents:
                with suppress(OSError):  # others have files there
                    (self._own / folder).rmdir()
        self._icons_changed()
        return done

    def status(self) -> MenuEntryStatus:
        """Return whether it is there; one's own hides the system's."""
        own = self._own / "applications" / NAME
        if not own.is_file():
            shared = self._of_the_system()
            if shared is not None:
                return MenuEntryStatus(MenuEntryState.ON, f"in the menus, by the system's package: {shared}", str(shared))
            return MenuEntryStatus(MenuEntryState.OFF, "not in the menus")
        program = program_of(own.read_text(encoding="utf-8", errors="replace"))
        if program is not None and not Path(program).exists():
            words = f"in the menus ({own}), but {program} is gone; run posture desktop-entry install again"
            return MenuEntryStatus(MenuEntryState.BROKEN, words, str(own))
        return MenuEntryStatus(MenuEntryState.ON, f"in the menus: {own}", str(own))

    def _of_the_system(self) -> Path | None:
        files = (folder / "applications" / NAME for folder in self._shared if folder != self._own)
        return next((file for file in files if file.is_file()), None)

    def _icons_changed(self) -> None:
        """Have desktops look anew: a cache of icons that is older than their folder is not used."""
        with suppress(OSError):
            os.utime(self._own / "icons" / "hicolor")
