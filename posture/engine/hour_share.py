"""How much of the last measured hour was spent flexed: for who is never flexed long enough at a time for the dose, but often."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from posture.engine.breaks import BreakClock, relieves
from posture.settings import DoseSettings
from posture.types import MEASURED, Posture, Span

HOUR_S = 3600.0
"""Measured time that is looked back on."""
ANEW_S = 300.0
"""Away or standing for this long, the hour begins anew."""
FLEXED_NOW_S = 60.0
"""Flexed for this long up to now, it is no movement."""


class HourShare:
    """Flexed seconds of the last measured hour."""

    def __init__(self, dose: DoseSettings) -> None:
        """`dose`: how much is too much."""
        self._set = dose
        self._runs: deque[tuple[bool, float]] = deque()
        self._total_s = self.flexed_s = 0.0
        self._now_s = 0.0
        self._breaks = BreakClock(ANEW_S, relieves)
        self.reached = False

    def push(self, span: Span) -> Iterator[bool]:
        """Yield whether the share is reached, if that changed with this interval."""
        if self._breaks.push(span) is not None:
            self._runs.clear()
            self._total_s = self.flexed_s = self._now_s = 0.0
        elif span.posture in MEASURED:
            self._add(span.posture is Posture.FLEXED and span.seated is not False, span.duration_s)
        reached = self._now_s >= FLEXED_NOW_S and self.flexed_s >= self._set.share_s
        if reached is not self.reached:
            self.reached = reached
            yield reached

    def _add(self, flexed: bool, seconds: float) -> None:
        self._now_s = self._now_s + seconds if flexed else 0.0
        before = self._runs.pop()[1] if self._runs and self._runs[-1][0] is flexed else 0.0
        self._runs.append((flexed, before + seconds))
        self._total_s += seconds
        self.flexed_s += seconds if flexed else 0.0
        while self._total_s > HOUR_S:
            was_flexed, length = self._runs.popleft()
            gone = min(length, self._total_s - HOUR_S)
            self._total_s -= gone
            self.flexed_s -= gone if was_flexed else 0.0
            if length > gone:
                self._runs.appendleft((was_flexed, length - gone))
