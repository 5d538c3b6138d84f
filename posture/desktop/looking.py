"""What has to be looked at every few seconds, on every system, in one thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from posture.desktop.presence import Aspect, Known, Teller


@dataclass(frozen=True, slots=True)
class Waits:
    """How long is waited for what, in seconds; tests wait less."""

    look_s: float = 2.0
    """Between two looks: how late a change is noticed at most, where nothing announces it."""
    battery_s: float = 10.0
    """Between two looks at the battery."""
    lid_s: float = 5.0
    """Between two looks at the lid."""
    camera_free_s: float = 3.0
    """The camera is taken back when nobody else had one open for this long: programs close and open it again as a call begins."""
    microphone_s: float = 5.0
    """The microphone counts as in use, or as free again, after this long: sounds and level meters open it for moments."""
    cards_s: float = 20.0
    """Between two looks for sound cards that were plugged in."""
    request_s: float = 10.0
    """For so long a request to lock counts as a lock by itself; by then the locker should have said so."""
    ready_s: float = 3.0
    """The computer waits at most this long for us before it sleeps; logind itself waits 5 s by default."""


class Looking:
    """Calls each look every `every_s` seconds between ``start`` and ``end``, the first time in ``start`` itself."""

    def __init__(self, looks: Sequence[Callable[[], None]], *, every_s: float) -> None:
        """`looks` are called one after the other and handle their own troubles."""
        self._looks, self._every_s = looks, every_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence looks", daemon=True)

    def start(self) -> None:
        """Look once, and go on in a thread."""
        self._look()
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ending.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._ending.wait(self._every_s):
            self._look()

    def _look(self) -> None:
        for look in self._looks:
            look()


class Battery:
    """Whether the computer runs on its battery, by psutil."""

    def __init__(
        self,
        teller: Teller,
        known: Known,
        clock: Callable[[], float],
        every_s: float,
        ask: Callable[[], Any] = psutil.sensors_battery,
    ) -> None:
        """Facts go to `teller`, and how they are known to `known`; `clock` gives seconds; `ask` answers as psutil does."""
        self._teller, self._known, self._clock, self._every_s, self._ask = teller, known, clock, every_s, ask
        self._looked_s: float | None = None

    def look(self) -> None:
        """Tell what the computer runs on; asks the system every `every_s` seconds only."""
        now_s = self._clock()
        if self._looked_s is not None and now_s - self._looked_s < self._every_s:
            return
        self._looked_s = now_s
        try:
            battery = self._ask()
        except (OSError, ValueError, AttributeError, NotImplementedError):  # drivers say odd things, and some systems have no such call
            self._known.no(Aspect.BATTERY, "the system does not say")
            return
        if battery is None:
            self._known.yes(Aspect.BATTERY, "there is no battery")
        elif battery.power_plugged is None:
            self._known.no(Aspect.BATTERY, "there is a battery, and the system does not say whether it is in use")
        else:
            self._known.yes(Aspect.BATTERY, f"by the system, asked every {self._every_s:.0f} s")
            self._teller.battery(not battery.power_plugged)
