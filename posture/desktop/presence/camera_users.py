"""Which processes have a camera open, and whether the microphone runs, by what Linux shows in ``/proc`` and ``/sys``.

Only processes of the same user can be inspected. Scanning every open file of every process is slow; where the camera's driver counts
how often it is open (every driver that is a module does), a scan is only done when that number changes.
``psutil.Process.open_files`` lists regular files only, so the links of ``/proc/PID/fd`` are read here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_DAEMONS = {"pipewire", "wireplumber", "pipewire-media-"}
"""Serve cameras to others and hold them without a call; names as the kernel cuts them, at 15 letters."""
_FULL_LOOK_S = 20.0
"""Between two scans where the driver's count stands still."""


@dataclass(frozen=True, slots=True)
class CameraUser:
    """A process that has a camera open."""

    pid: int
    name: str
    """As the kernel knows it, 15 letters at most."""
    device: str
    """Name of the device, such as ``video0``."""


class CameraUsers:
    """Finds other processes that have a camera open. For one thread."""

    def __init__(
        self,
        *,
        proc: Path = Path("/proc"),
        dev: Path = Path("/dev"),
        sys: Path = Path("/sys"),
        ours: Callable[[], Iterable[int]] = lambda: (),
        own: int | None = None,
    ) -> None:
        """`ours`: ids of processes whose use, and whose children's, is our own, besides process `own` (``None``: this one)."""
        self._proc, self._dev, self._sys, self._ours = str(proc), str(dev), sys, ours
        self._own = own or os.getpid()
        self._device = re.compile(re.escape(str(dev)) + r"/(video\d+)")
        self._found: tuple[CameraUser, ...] = ()
        self._counted: tuple[int, ...] | None = None
        self._looked_s: float | None = None

    def poll(self, now_s: float) -> tuple[CameraUser, ...]:
        """Return who else has a camera open; cheap enough for every 2 s. `now_s`: seconds of a monotonic clock."""
        devices = self._devices()
        counted = self._opens(devices)
        due = counted is None or self._looked_s is None or now_s - self._looked_s >= _FULL_LOOK_S
        if not devices:
            self._found, self._looked_s = (), None
        elif due or counted != self._counted:
            self._found, self._looked_s = self._scan(), now_s
        else:
            self._found = tuple(h for h in self._found if self._camera_of(str(h.pid)) is not None)
        self._counted = counted
        return self._found

    def _scan(self) -> tuple[CameraUser, ...]:
        return tuple(h for h in self._holders() if h.name not in _DAEMONS and not self.is_ours(h.pid))

    def is_ours(self, pid: int) -> bool:
        """Whether a process is our own, or a child of one."""
        return not {self._own, *self._ours()}.isdisjoint(self._line(pid))

    def _holders(self) -> Iterator[CameraUser]:
        for pid in os.listdir(self._proc):  # noqa: PTH208 # as below
            if pid.isdecimal() and (device := self._camera_of(pid)) is not None:
                yield CameraUser(int(pid), self._name(pid), device)

    def _camera_of(self, pid: str) -> str | None:
        """Return the camera that the process has open; ``None`` also if it ended meanwhile or belongs to another user."""
        folder = f"{self._proc}/{pid}/fd/"
        try:
            for number in os.listdir(folder):  # noqa: PTH208 # ten times as fast as Path, in a loop over thousands
                target = os.readlink(folder + number)  # noqa: PTH115 # the same
                if target.startswith(self._dev) and (match := self._device.fullmatch(target)):
                    return match[1]
        except OSError:
            return None
        return None

    def _name(self, pid: str) -> str:
        try:
            return Path(self._proc, pid, "comm").read_text(encoding="utf-8", errors="replace").strip() or "a program"
        except OSError:
            return "a program"

    def _line(self, pid: int) -> Iterator[int]:
        """Yield the process, its parent, and so on."""
        while pid > 0:
            yield pid
            try:
                status = Path(self._proc, str(pid), "stat").read_text(encoding="utf-8", errors="replace")
                pid = int(status.rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):  # it has ended
                return

    def _devices(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._dev) if name.startswith("video") and name[5:].isdecimal())  # noqa: PTH208
        except OSError:
            return []

    def _opens(self, devices: list[str]) -> tuple[int, ...] | None:
        """Return how often each device's driver is open, by all processes together; ``None`` if one of them does not count."""
        try:
            return tuple(
                int((self._sys / "class/video4linux" / name / "device/driver/module/refcnt").read_text(encoding="ascii"))
                for name in devices
            )
        except (OSError, ValueError):
            return None


class Named(Protocol):
    """A program that has a name."""

    @property
    def name(self) -> str: ...  # noqa: D102


def names_of(holders: Iterable[Named]) -> str | None:
    """Return the names for the user, each once; ``None`` if there are none."""
    return ", ".join(sorted({h.name for h in holders})) or None


@dataclass(slots=True)
class Microphone:
    """Whether a sound card records. Headsets by Bluetooth are no sound cards and are not seen."""

    proc: Path = Path("/proc")
    _states: tuple[Path, ...] = ()

    def find(self) -> bool:
        """Find the sound cards that can record; return whether there is one."""
        self._states = tuple(sorted((self.proc / "asound").glob("card*/pcm*c/sub*/status")))
        return bool(self._states)

    def in_use(self) -> bool:
        """Whether one of those found records now."""
        return any("RUNNING" in _read(state) for state in self._states)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
