"""What is known of the desktop, and the changes of it: the same few on every system.

A presence polls and listens on its own threads and publishes each change once; ``monitor.interruption_policy`` decides what a change
means for a session. What a system cannot tell is in ``Presence.known`` with the reason, and is never guessed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from posture._support import SuspendDetector, now_s


class Aspect(StrEnum):
    """What may be known of a desktop."""

    LOCK = "lock"
    """Whether the screen is locked."""
    SLEEP = "sleep"
    """Whether the computer sleeps, or is about to."""
    LID = "lid"
    """Whether the lid is closed and there is no other screen."""
    BATTERY = "battery"
    """Whether the computer runs on its battery."""
    CAMERA = "camera in use"
    """Whether another program has a camera open."""
    IDLE = "idle"
    """Whether keyboard and mouse haven't been used for a while."""
    CALL = "call"
    FULL_SCREEN = "full screen"
    DO_NOT_DISTURB = "do not disturb"


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """An aspect that began or ceased to hold, or holds for another reason now."""

    time_s: float
    """Seconds of ``posture._support.now_s``, which goes on while the computer sleeps."""
    aspect: Aspect
    why: str | None
    """What is the case, in words, as the tray shows it; ``None``: it is over."""
    ready: Callable[[], None] = field(default=lambda: None, compare=False)
    """Of sleep: to be called, from any thread, as soon as the camera is closed and all is written. The computer waits for it, for 3 s
    at most. May be called more than once, or late."""


Publish = Callable[[PresenceChange], None]
"""Receives a change, from any thread, one at a time; must return at once and raise nothing."""


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether an aspect is known here."""

    known: bool
    words: str
    """How it is known and what is not seen by that; or why it is not known."""
    fix: str = ""
    """What the user can do about it; empty if there is nothing."""


class Capabilities(dict[Aspect, Capability]):
    """What is known of each aspect; at first nothing is. Written by several threads, one item at a time."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__({aspect: Capability(False, "not asked yet") for aspect in Aspect})

    def yes(self, aspect: Aspect, words: str, fix: str = "") -> None:
        """Note how it is known, and what the user can do to have more of it known."""
        self[aspect] = Capability(True, words, fix)

    def no(self, aspect: Aspect, words: str, fix: str = "") -> None:
        """Note why it is not known, and what the user can do about it."""
        self[aspect] = Capability(False, words, fix)


@dataclass(slots=True)
class Steady:
    """Debounces a fact: it must hold for `begin_s` seconds to begin, and be gone for `end_s` seconds to end."""

    begin_s: float = 0.0
    end_s: float = 0.0
    _value: str | None = None
    _differs_since_s: float | None = None

    def process(self, value: str | None, now_s: float) -> str | None:
        """Return what is taken to be the case, given `value` (``None``: nothing) at `now_s` seconds."""
        if (value is None) == (self._value is None):
            self._differs_since_s = None
            self._value = value
            return value
        self._differs_since_s = now_s if self._differs_since_s is None else self._differs_since_s
        if now_s - self._differs_since_s >= (self.end_s if value is None else self.begin_s):
            self._value, self._differs_since_s = value, None
        return self._value


_AWAKE_STANDS_STILL = sys.platform in ("linux", "darwin")
_GAP_S = 2.0 if _AWAKE_STANDS_STILL else 30.0
_WIDE_AWAKE_S = 30.0


def _clocks() -> tuple[float, float]:
    """Return seconds that count sleep, and seconds that do not (on Windows they do too)."""
    return now_s(), time.monotonic()


class Publisher:
    """Publishes each change once, from whatever thread and however often the facts come."""

    def __init__(self, publish: Publish, clocks: Callable[[], tuple[float, float]] = _clocks) -> None:
        """`publish` receives the changes, under a lock that keeps them in order."""
        self._send, self._clocks = publish, clocks
        self._lock = threading.RLock()
        self._lockers: set[str] = set()
        self._facts: dict[Aspect, str] = {}
        self._asleep_since_s: float | None = None
        self._suspends = SuspendDetector(limit_s=_GAP_S)
        self._closed = False

    def close(self) -> None:
        """Publish nothing from now on."""
        with self._lock:
            self._closed = True

    def publish(self, aspect: Aspect, why: str | None) -> None:
        """Take note of what is the case, in words, or that nothing is (``None``)."""
        with self._lock:
            if self._facts.get(aspect) != why:
                self._facts.pop(aspect, None)
                if why is not None:
                    self._facts[aspect] = why
                self._change(self._clocks()[0], aspect, why)

    def lock(self, source: str, on: bool) -> None:
        """Note whether `source` says that the screen is locked; it is as long as any source says so."""
        with self._lock:
            (self._lockers.add if on else self._lockers.discard)(source)
            self.publish(Aspect.LOCK, "the screen is locked" if self._lockers else None)

    def asleep(self, on: bool, ready: Callable[[], None] = lambda: None) -> None:
        """Note that the system goes to sleep (`ready` as in ``PresenceChange``), or is back."""
        with self._lock:
            time_s, awake_s = self._clocks()
            if on and self._asleep_since_s is None:
                self._asleep_since_s = awake_s
                self._change(time_s, Aspect.SLEEP, "asleep", ready)
            elif not on and self._asleep_since_s is not None:
                self._wake(time_s, awake_s)

    def poll(self) -> None:
        """Find sleep that was not announced, or whose end was not; call it every few seconds."""
        with self._lock:
            time_s, awake_s = self._clocks()
            gap = self._find_gap(time_s, awake_s)
            if self._asleep_since_s is not None:
                # A sleep that was announced and came is over, or was given up: this runs, so the computer is awake.
                if gap is not None or awake_s - self._asleep_since_s > _WIDE_AWAKE_S:
                    self._wake(time_s, awake_s)
            elif gap is not None:
                self._change(gap[0], Aspect.SLEEP, "asleep")
                self._change(time_s, Aspect.SLEEP, None)

    def _find_gap(self, time_s: float, awake_s: float) -> tuple[float, float] | None:
        return self._suspends.look(time_s, awake_s if _AWAKE_STANDS_STILL else 0.0)

    def _wake(self, time_s: float, awake_s: float) -> None:
        self._asleep_since_s = None
        self._find_gap(time_s, awake_s)  # so that the next poll does not find this sleep again
        self._change(time_s, Aspect.SLEEP, None)

    def _change(self, time_s: float, aspect: Aspect, why: str | None, ready: Callable[[], None] = lambda: None) -> None:
        if not self._closed:
            self._send(PresenceChange(time_s, aspect, why, ready))
