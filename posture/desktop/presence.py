"""Who is at the desk and who needs the camera, as the system tells it: the same few changes on every system.

``presence(tell)`` watches from its own threads and tells each change once. What the changes mean for a session is decided
by ``manners``. What a system cannot tell is in ``Presence.known`` with the reason, and is never guessed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from posture.clock import now_s


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on three clocks."""

    going_s: float
    """Seconds of ``posture.clock``, which goes on while the computer sleeps."""
    awake_s: float
    """Seconds of ``time.monotonic``, which stands still while the computer sleeps on Linux and macOS, and goes on on Windows."""
    utc_s: float
    """Seconds since the epoch; jumps when somebody sets the clock."""

    @classmethod
    def now(cls) -> Moment:
        """This moment."""
        return cls(now_s(), time.monotonic(), time.time())


# --- changes


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed at a moment."""

    at: Moment


class Locked(Change):
    """The screen is locked now."""


class Unlocked(Change):
    """The screen is unlocked again."""


@dataclass(frozen=True, slots=True)
class Sleeping(Change):
    """The computer goes to sleep, or did so then and is only now found to have."""

    ready: Callable[[], None] = field(default=lambda: None, compare=False)
    """To be called, from any thread, as soon as the camera is closed and all is written: the computer waits for it, for 3 s
    at most. May be called more than once, or late."""


class Awake(Change):
    """The computer is awake again."""


class LidClosed(Change):
    """The lid was closed, and there is no other screen."""


class LidOpened(Change):
    """The lid is open, or there is another screen."""


@dataclass(frozen=True, slots=True)
class OnBattery(Change):
    """What the computer runs on."""

    battery: bool
    """``False``: on mains."""


@dataclass(frozen=True, slots=True)
class CameraWanted(Change):
    """Another program has a camera open."""

    by: str
    """Its name, or several with commas."""


class CameraFree(Change):
    """No other program has a camera open, and none has had for a while."""


class Cause(StrEnum):
    """What calls for quiet."""

    CALL = "call"
    FULL_SCREEN = "full screen"
    DO_NOT_DISTURB = "do not disturb"


@dataclass(frozen=True, slots=True)
class Quiet(Change):
    """Nobody should be spoken to."""

    cause: Cause
    why: str
    """In words, as the tray says it."""


@dataclass(frozen=True, slots=True)
class Loud(Change):
    """That cause of quiet is over."""

    cause: Cause


Tell = Callable[[Change], None]
"""Takes a change, from any thread, one at a time; must return at once and raise nothing."""


# --- what a system can tell


class Aspect(StrEnum):
    """What may be known of a desktop."""

    LOCK = "lock"
    SLEEP = "sleep"
    LID = "lid"
    BATTERY = "battery"
    CAMERA = "camera in use"
    CALL = "call"
    FULL_SCREEN = "full screen"
    DO_NOT_DISTURB = "do not disturb"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Whether an aspect is known here."""

    known: bool
    words: str
    """How it is known and what is not seen by that; or why it is not known."""


class Known(dict[Aspect, Knowledge]):
    """What is known of each aspect; at first nothing is. Written by several threads, one item at a time."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__({aspect: Knowledge(False, "not asked yet") for aspect in Aspect})

    def yes(self, aspect: Aspect, words: str) -> None:
        """It is known, in this way."""
        self[aspect] = Knowledge(True, words)

    def no(self, aspect: Aspect, words: str) -> None:
        """It is not known, for this reason."""
        self[aspect] = Knowledge(False, words)


class Presence(Protocol):
    """Watches the desktop between ``__enter__`` and ``__exit__``."""

    @property
    def known(self) -> Mapping[Aspect, Knowledge]:
        """What can be known here at this moment, and what not and why; settled, as a rule, when ``__enter__`` returns."""

    def __enter__(self) -> Self:
        """Begin to watch; what is the case already is told as changes."""

    def __exit__(self, *_: object) -> None:
        """End; nothing is told afterwards."""


def presence(tell: Tell, *, ours: Callable[[], Iterable[int]] = lambda: ()) -> Presence:
    """The presence of this system, not begun yet.

    Args:
        tell: takes the changes.
        ours: ids of further processes whose use of the camera is our own, such as the one to which the camera is lent;
            this process and what it started need not be named.
    """
    if sys.platform == "linux":
        from posture.desktop.presence_linux import LinuxPresence  # noqa: PLC0415 # loads what the other systems do not have

        return LinuxPresence(tell, ours=ours)
    if sys.platform == "darwin":
        from posture.desktop.presence_macos import MacPresence  # noqa: PLC0415

        return MacPresence(tell)
    if sys.platform == "win32":
        from posture.desktop.presence_windows import WindowsPresence  # noqa: PLC0415

        return WindowsPresence(tell, ours=ours)
    return Blind()


class Blind:
    """For a system of which nothing is known."""

    def __init__(self, why: str = "this system is not one that we know") -> None:
        """`why`: in words."""
        self._known = Known()
        for aspect in Aspect:
            self._known.no(aspect, why)

    @property
    def known(self) -> Mapping[Aspect, Knowledge]:
        """Nothing."""
        return self._known

    def __enter__(self) -> Self:
        """Nothing to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to do."""


# --- from facts, which come from anywhere and again and again, to changes, which are told once

_GAP_S = 2.0
_LATE_S = 30.0
_WIDE_AWAKE_S = 30.0


@dataclass(slots=True)
class SleepGap:
    """Finds sleep that nobody announced, by clocks. Give it every look; at 1 to 5 s from one another."""

    awake_stands_still: bool
    """Whether ``Moment.awake_s`` stands still in sleep, so that the clocks drift apart by just that sleep. Otherwise a look that
    comes 30 s late counts as sleep. The clock on the wall has no say: people and networks set it."""
    _last: Moment | None = None

    def look(self, now: Moment) -> Moment | None:
        """The last moment before the sleep that lies between the last look and this one; ``None`` if there was none."""
        last, self._last = self._last, now
        if last is None:
            return None
        going_s = now.going_s - last.going_s
        slept_s = going_s - (now.awake_s - last.awake_s) if self.awake_stands_still else going_s
        return last if slept_s >= (_GAP_S if self.awake_stands_still else _LATE_S) else None


@dataclass(slots=True)
class Steady:
    """Keeps a fact that flaps from being told each time: it must hold for a while to begin, and be gone for a while to end."""

    begin_s: float = 0.0
    end_s: float = 0.0
    _value: str | None = None
    _differs_since_s: float | None = None

    def see(self, value: str | None, now_s: float) -> str | None:
        """What is taken to be the case, having seen `value` at `now_s` seconds; ``None``: nothing."""
        if (value is None) == (self._value is None):
            self._differs_since_s = None
            self._value = value
            return value
        self._differs_since_s = now_s if self._differs_since_s is None else self._differs_since_s
        if now_s - self._differs_since_s >= (self.end_s if value is None else self.begin_s):
            self._value, self._differs_since_s = value, None
        return self._value


class Teller:
    """Tells each change once, from whatever thread and however often the facts come."""

    def __init__(self, tell: Tell, clock: Callable[[], Moment] = Moment.now) -> None:
        """`tell` takes the changes, under a lock that keeps them in order."""
        self._tell, self._clock = tell, clock
        self._lock = threading.RLock()
        self._lockers: set[str] = set()
        self._asleep_since: Moment | None = None
        self._gap = SleepGap(awake_stands_still=sys.platform in ("linux", "darwin"))
        self._facts: dict[str, object] = {}
        self._closed = False

    def close(self) -> None:
        """Tell nothing from now on."""
        with self._lock:
            self._closed = True

    def lock(self, source: str, on: bool) -> None:
        """Whether `source` says that the screen is locked; it is as long as any source says so."""
        with self._lock:
            before = bool(self._lockers)
            (self._lockers.add if on else self._lockers.discard)(source)
            if bool(self._lockers) != before:
                self._say(Unlocked(self._clock()) if before else Locked(self._clock()))

    def asleep(self, on: bool, ready: Callable[[], None] = lambda: None) -> None:
        """The system says that it goes to sleep (`ready` as in ``Sleeping``), or that it is back."""
        with self._lock:
            now = self._clock()
            if on and self._asleep_since is None:
                self._asleep_since = now
                self._say(Sleeping(now, ready))
            elif not on and self._asleep_since is not None:
                self._wake(now)

    def look(self) -> None:
        """A moment in which the computer is awake, every few seconds: finds sleep that nobody announced, or whose end nobody did."""
        with self._lock:
            now = self._clock()
            before = self._gap.look(now)
            if self._asleep_since is not None:
                # A sleep that was announced and came is over, or was given up: this runs, so the computer is awake.
                if before is not None or now.awake_s - self._asleep_since.awake_s > _WIDE_AWAKE_S:
                    self._wake(now)
            elif before is not None:
                self._say(Sleeping(before))
                self._say(Awake(now))

    def _wake(self, now: Moment) -> None:
        self._asleep_since = None
        self._gap.look(now)  # the sleep is told; the next look is not to find it again
        self._say(Awake(now))

    def lid(self, closed: bool) -> None:
        """Whether the lid is closed, with no other screen."""
        self._fact("lid", closed, False, lambda at: LidClosed(at) if closed else LidOpened(at))

    def battery(self, battery: bool) -> None:
        """Whether the computer runs on its battery."""
        self._fact("battery", battery, False, lambda at: OnBattery(at, battery))

    def camera(self, by: str | None) -> None:
        """Who else has a camera open; ``None``: nobody."""
        self._fact("camera", by, None, lambda at: CameraFree(at) if by is None else CameraWanted(at, by))

    def quiet(self, cause: Cause, why: str | None) -> None:
        """Why quiet is called for by `cause`; ``None``: it is not."""
        self._fact(cause, why, None, lambda at: Loud(at, cause) if why is None else Quiet(at, cause, why))

    def _fact(self, name: str, value: object, at_first: object, change: Callable[[Moment], Change]) -> None:
        with self._lock:
            if self._facts.get(name, at_first) != value:
                self._facts[name] = value
                self._say(change(self._clock()))

    def _say(self, change: Change) -> None:
        if not self._closed:
            self._tell(change)
