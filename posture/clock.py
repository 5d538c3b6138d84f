"""The clock of a live session: seconds that go on while the computer sleeps, and that nobody can set.

``time.monotonic`` stands still during a suspend on Linux and macOS, so hours of sleep would vanish from the day. This one counts
them; ``SleepGap`` then finds them as time in which the program did not run.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

GAP_S = 10.0
"""The program looks at the clock once a second at least; so long without is a suspend, or a machine that stood still."""

if sys.platform == "linux":

    def now_s() -> float:
        """Seconds since some moment; suspend counts."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

elif sys.platform == "darwin":

    def now_s() -> float:
        """Seconds since some moment; suspend counts (Darwin's CLOCK_MONOTONIC, unlike Python's monotonic, goes on)."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)

else:

    def now_s() -> float:
        """Seconds since some moment; suspend counts (the tick count of Windows goes on)."""
        return time.monotonic()


class Rising:
    """A clock that never falls, on one that may: some virtual machines set theirs back when they are moved or restored.

    A step back of the clock beneath is no time at all; from there it goes on. For any thread.
    """

    def __init__(self, beneath: Callable[[], float] = now_s) -> None:
        """Shows what `beneath` does, seconds, until that falls."""
        self._beneath = beneath
        self._lock = threading.Lock()
        self._last_s = beneath()
        self._added_s = 0.0

    def __call__(self) -> float:
        """Seconds since some moment."""
        with self._lock:
            beneath_s = self._beneath()
            if beneath_s < self._last_s:
                self._added_s += self._last_s - beneath_s
            self._last_s = beneath_s
            return beneath_s + self._added_s


class SleepGap:
    """Finds a suspend afterwards, from the time that passed between two looks at the clock."""

    def __init__(self, start_s: float) -> None:
        """The first look was at `start_s`."""
        self._last_s = start_s

    def look(self, time_s: float) -> tuple[float, float] | None:
        """The gap ``(last look, now)`` if the program did not run between them; ``None`` otherwise. Seconds of the caller's clock."""
        last_s, self._last_s = self._last_s, time_s
        return (last_s, time_s) if time_s - last_s >= GAP_S else None
