"""What every presence has in common: capabilities, changes, and a thread that polls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import psutil

from posture.desktop.presence.changes import Aspect, Capabilities, Capability, Publish, Publisher, Steady

IDLE_S = 300.0
"""Keyboard and mouse count as idle after this long, where the settings name no other time."""


@dataclass(frozen=True, slots=True)
class PollIntervals:
    """Waiting times, in seconds; tests wait less."""

    look_s: float = 2.0
    """Between two polls: how late a change is noticed at most, where nothing announces it."""
    battery_s: float = 10.0
    """Between two polls of the battery."""
    lid_s: float = 5.0
    """Between two polls of the lid."""
    camera_free_s: float = 3.0
    """The camera is reopened when no other program had one open for this long: programs close and open it again as a call begins."""
    microphone_s: float = 5.0
    """The microphone counts as in use, or as free again, after this long: sounds and level meters open it for moments."""
    cards_s: float = 20.0
    """Between two searches for sound cards that were plugged in."""
    request_s: float = 10.0
    """For so long a request to lock counts as a lock by itself; by then the locker should have said so."""
    ready_s: float = 3.0
    """The computer waits at most this long for us before it sleeps; logind itself waits 5 s by default."""


class Battery:
    """Whether the computer runs on its battery, by psutil."""

    def __init__(
        self,
        publisher: Publisher,
        known: Capabilities,
        clock: Callable[[], float],
        every_s: float,
        ask: Callable[[], Any] = psutil.sensors_battery,
    ) -> None:
        """Facts go to `publisher`, and how they are known to `known`; `clock` gives seconds; `ask` answers as psutil does."""
        self._publisher, self._known, self._clock, self._every_s, self._ask = publisher, known, clock, every_s, ask
        self._polled_s: float | None = None

    def poll(self) -> None:
        """Publish what the computer runs on; asks the system every `every_s` seconds only."""
        now_s = self._clock()
        if self._polled_s is not None and now_s - self._polled_s < self._every_s:
            return
        self._polled_s = now_s
        try:
            battery = self._ask()
        except (OSError, ValueError, AttributeError, NotImplementedError):  # drivers say odd things, and some systems have no such call
            self._known.no(Aspect.BATTERY, "the system doesn't say")
            return
        if battery is None:
            self._known.yes(Aspect.BATTERY, "there is no battery")
        elif battery.power_plugged is None:
            self._known.no(Aspect.BATTERY, "there is a battery, and the system doesn't say whether it is in use")
        else:
            self._known.yes(Aspect.BATTERY, f"by the system, checked every {self._every_s:.0f} s")
            self._publisher.publish(Aspect.BATTERY, None if battery.power_plugged else "on battery")


class Presence:
    """Watches the desktop while the block runs. This base is for systems of which nothing is known."""

    def __init__(
        self,
        publish: Publish = lambda _change: None,
        intervals: PollIntervals = PollIntervals(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `publish` receives the changes; `clock`: seconds, for what has to last a while to count."""
        self._known = Capabilities()
        self._publisher = Publisher(publish)
        self._intervals, self._clock = intervals, clock
        self._battery = Battery(self._publisher, self._known, clock, intervals.battery_s)
        self._camera = Steady(end_s=intervals.camera_free_s)
        self._recording = Steady(intervals.microphone_s, intervals.microphone_s)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence polls", daemon=True)

    @property
    def known(self) -> Mapping[Aspect, Capability]:
        """What can be known here at this moment, and what not and why; settled, as a rule, when ``__enter__`` returns."""
        return dict(self._known)

    def _start(self) -> None:
        """Begin to listen, and note what is known."""
        for aspect in Aspect:
            self._known.no(aspect, "this system isn't one we know")

    def _polls(self) -> Sequence[Callable[[], None]]:
        """Return what is called every ``look_s`` seconds; each handles its own errors."""
        return ()

    def _stop(self) -> None:
        """Stop to listen."""

    def __enter__(self) -> Self:
        """Begin to watch; what is the case already is published as changes."""
        self._start()
        self._poll()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; nothing is published afterwards."""
        self._publisher.close()
        self._ending.set()
        self._thread.join(timeout=5)
        self._stop()

    def _say_camera(self, names: str | None) -> None:
        """Publish which other programs use a camera (``None``: none)."""
        why = names and f"{names} {'are' if ', ' in names else 'is'} using the camera"
        self._publisher.publish(Aspect.CAMERA, self._camera.process(why, self._clock()))

    def _say_call(self, recording: bool) -> None:
        """Publish whether a microphone is in use."""
        why = "the microphone is in use" if recording else None
        self._publisher.publish(Aspect.CALL, self._recording.process(why, self._clock()))

    def _run(self) -> None:
        while not self._ending.wait(self._intervals.look_s):
            self._poll()

    def _poll(self) -> None:
        for poll in self._polls():
            poll()
