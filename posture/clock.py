"""The clock of a live session: seconds that go on while the computer sleeps, and that nobody can set.

``time.monotonic`` stands still during a suspend on Linux and macOS, so hours of sleep would vanish from the day. This one counts
them; ``SleepGap`` then finds them as time in which the program did not run.
"""

from __future__ import annotations

import sys
import time

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


class SleepGap:
    """Finds a suspend afterwards, from the time that passed between two looks at the clock."""

    def __init__(self, start_s: float) -> None:
        """The first look was at `start_s`."""
        self._last_s = start_s

    def look(self, time_s: float) -> tuple[float, float] | None:
        """The gap ``(last look, now)`` if the program did not run between them; ``None`` otherwise. Seconds of the caller's clock."""
        last_s, self._last_s = self._last_s, time_s
        return (last_s, time_s) if time_s - last_s >= GAP_S else None
