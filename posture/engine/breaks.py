"""Interruptions: when the person cannot be taken to have sat on, and from when on that is a break."""

from __future__ import annotations

from collections.abc import Callable

from posture.engine.spans import EXERCISE, NOBODY_BRIEFLY, NOT_STARTED, ON_THE_FLOOR, UNCLEAR, UNMEASURED, UNSURE, is_seen
from posture.types import ImageQuality, Posture, Span

_BLINKS = (NOBODY_BRIEFLY, UNCLEAR, UNMEASURED, ON_THE_FLOOR, UNSURE, None)
"""Reasons for which the person is taken to be still there, unless they are seen not to sit; every other one but a seated exercise is an
interruption."""
BACK_S = 3.0
"""Seen for this long, the person is back; for less, it was a false find or a look in."""
_NO_PICTURE = frozenset(str(q) for q in ImageQuality if q is not ImageQuality.OK)
"""Reasons for which the picture says nothing of who is there."""


def interrupts(span: Span) -> bool:
    """Tell whether the person cannot be taken to have sat on: away, standing, paused, suspended, camera lost, a gap."""
    if span.posture is Posture.AWAY or span.seated is False:
        return True
    return span.posture is Posture.UNKNOWN and span.reason not in (*_BLINKS, NOT_STARTED, EXERCISE)


def relieves(span: Span) -> bool:
    """Tell whether the span counts towards clearing a dose: an exercise, or an interruption, but none by a picture that says nothing,
    during which the dose stands still."""
    return span.reason == EXERCISE or (interrupts(span) and span.reason not in _NO_PICTURE)


class BreakClock:
    """Detects when an interruption has lasted long enough to count, and when it began."""

    def __init__(self, clear_s: float, counts: Callable[[Span], bool] = interrupts) -> None:
        """Begin.

        Args:
            clear_s: seconds that make a break.
            counts: whether a span is an interruption.
        """
        self._clear_s, self._counts = clear_s, counts
        self._total = 0.0
        self._since: float | None = None
        self._counted = False
        self._back_s = 0.0

    def push(self, span: Span) -> float | None:
        """Return the moment at which a break began, once, as soon as it is one; ``None`` otherwise."""
        if not self._counts(span):
            if is_seen(span):
                self._back_s += span.duration_s
                if self._back_s >= BACK_S:
                    self._total, self._since, self._counted = 0.0, None, False
            return None
        self._back_s = 0.0
        if self._since is None:
            self._since = span.start_s
        self._total += span.duration_s
        if self._counted or self._total < self._clear_s:
            return None
        self._counted = True
        return self._since
