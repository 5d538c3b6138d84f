"""What the tests of presence share: a presence that sees nothing of this machine, and what it has told."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from desktop.screen import until
from posture.desktop.presence.changes import Aspect, PresenceChange
from posture.desktop.presence.linux import LinuxPresence
from posture.desktop.presence.poller import PollIntervals

NONE = Path("/nonexistent")
PROC = Path("/proc")
QUICK = PollIntervals(look_s=0.05, lid_s=0.05, request_s=1.0, ready_s=0.2)


Kind = tuple[Aspect, bool]
Locked, Unlocked = (Aspect.LOCK, True), (Aspect.LOCK, False)
Sleeping, Awake = (Aspect.SLEEP, True), (Aspect.SLEEP, False)
LidClosed, LidOpened = (Aspect.LID, True), (Aspect.LID, False)
CameraWanted, CameraFree = (Aspect.CAMERA, True), (Aspect.CAMERA, False)
OnBattery = (Aspect.BATTERY, True)
Idle, InUse = (Aspect.IDLE, True), (Aspect.IDLE, False)
Filled, NotFilled = (Aspect.FULL_SCREEN, True), (Aspect.FULL_SCREEN, False)


def kinds_of(changes: Iterable[PresenceChange]) -> list[Kind]:
    """Each aspect, and whether it began or ended."""
    return [(change.aspect, change.why is not None) for change in changes]


def quiet(aspect: Aspect, *on: bool) -> list[Kind]:
    """Begins and ends of a reason to hold prompts."""
    return [(aspect, one) for one in on]


class Told(list[PresenceChange]):
    """What was told so far; the battery of the machine that runs the tests has no say."""

    def append(self, change: PresenceChange) -> None:
        if change.aspect is not Aspect.BATTERY:
            super().append(change)

    def wait(self, *kinds: Kind) -> PresenceChange:
        """Wait until exactly these kinds were told, in this order; the last of them."""
        until(lambda: len(self) >= len(kinds), f"{kinds} of {self}")
        assert kinds_of(self) == list(kinds)
        return self[-1]


class HandClock:
    """Seconds that a test moves. A presence reads them at each poll, three times at most."""

    def __init__(self) -> None:
        self._now_s, self._reads = 0.0, 0

    def __call__(self) -> float:
        self._reads += 1
        return self._now_s

    def pass_(self, seconds: float) -> None:
        """Let what is the case now be seen, and seen to last for these seconds."""
        self._polled()
        self._now_s += seconds
        self._polled()

    def _polled(self) -> None:
        enough = self._reads + 6  # the poll that goes on now and a whole one
        until(lambda: self._reads >= enough, "it is polled")


def cut_off(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """No bus and no display, whatever desktop the tests are run on; a bus that is lost is sought again soon."""
    for name in (
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XDG_SESSION_TYPE",
        "XDG_CURRENT_DESKTOP",
        "PIPEWIRE_RUNTIME_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={folder / 'none'}")
    monkeypatch.setattr("posture.desktop.reconnecting._AGAIN_S", 0.1)  # from one try to connect to the next


def watching(told: Told, **more: Any) -> LinuxPresence:
    """A presence that sees no camera and no sound card of the machine that runs the tests, unless it is given some."""
    return LinuxPresence(told.append, **{"dev": NONE, "proc": NONE, "intervals": QUICK, **more})
