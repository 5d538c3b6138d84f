"""The clock of a live session: seconds that count suspend and cannot be set.

``time.monotonic`` stands still during a suspend on Linux and macOS, so hours of sleep would be missing from the day. This one counts
them; ``SuspendDetector`` finds them as time in which the program did not run.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

GAP_S = 10.0
"""The program reads the clock once a second at least; so long without is a suspend, or a machine that stood still."""

if sys.platform == "linux":

    def now_s() -> float:
        """Return seconds since some moment; suspend counts."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

elif sys.platform == "darwin":

    def now_s() -> float:
        """Return seconds since some moment; suspend counts (Darwin's CLOCK_MONOTONIC, unlike Python's monotonic, goes on)."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)

else:

    def now_s() -> float:
        """Return seconds since some moment; suspend counts (the tick count of Windows goes on)."""
        return time.monotonic()


class MonotonicClock:
    """A clock that never falls, on one that may: some virtual machines set theirs back when they are moved or restored.

    A step back of the clock beneath counts as no time. Thread-safe.
    """

    def __init__(self, beneath: Callable[[], float] = now_s) -> None:
        """Start with the time of `beneath`, seconds."""
        self._beneath = beneath
        self._lock = threading.Lock()
        self._last_s = beneath()
        self._added_s = 0.0

    def __call__(self) -> float:
        """Return seconds since some moment."""
        with self._lock:
            beneath_s = self._beneath()
            if beneath_s < self._last_s:
                self._added_s += self._last_s - beneath_s
            self._last_s = beneath_s
            return beneath_s + self._added_s


class SuspendDetector:
    """Detects a suspend afterwards, from the time between two readings of the clock."""

    def __init__(self, start_s: float | None = None, limit_s: float = GAP_S) -> None:
        """Take `start_s`, if given, as the first reading; a gap longer than `limit_s` is a suspend."""
        self._last = None if start_s is None else (start_s, 0.0)
        self._limit_s = limit_s

    def look(self, time_s: float, awake_s: float = 0.0) -> tuple[float, float] | None:
        """Return the gap ``(last reading, now)`` if the program did not run between them; ``None`` otherwise.

        Args:
            time_s: Now, seconds on a clock that counts suspend.
            awake_s: Seconds on a clock that stands still in suspend, where there is one: a late reading is then no suspend.
        """
        last, self._last = self._last, (time_s, awake_s)
        if last is None or time_s - last[0] - (awake_s - last[1]) < self._limit_s:
            return None
        return last[0], time_s
