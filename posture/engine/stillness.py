"""Stillness: time seated and measured since the last change of posture, while it is measured and for a summary.

Office workers who were asked to shift often had new low-back pain in 7 % of cases, those who were not in 33 % (Waongenngarm 2021).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from posture.engine.breaks import interrupts
from posture.engine.spans import is_seen
from posture.settings import DoseSettings
from posture.types import Episode, EpisodeKind, PostureChange, PostureChangeKind, PromptDue, PromptLevel, Span

HEALTHY_SHIFTS_PER_H = 36.0
"""How often people without back trouble shift while they sit: about 9 times in 15 min (Davidson & Callaghan)."""
ENOUGH_S = 1800.0
"""Of less time seated it is not said how often the person shifted; our judgement."""
_APART_S = 1.0  # between two spans: one follows the other


class StillnessTracker:
    """Time without a posture change; it stands still while the person cannot be measured, and begins anew with any interruption."""

    def __init__(self, dose: DoseSettings) -> None:
        """`dose`: when a prompt is due."""
        self._set = dose
        self.still_s = 0.0
        self._start: float | None = None
        self._last_s = 0.0
        self._due = False

    def push(self, span: Span) -> Iterator[PromptDue | Episode]:
        """Yield what this interval brought about: a prompt that fell due, a still spell that ended."""
        if interrupts(span):
            yield from self.end(span.start_s)
        if not is_seen(span) or span.seated is not True:
            return
        if self._start is None:
            self._start = span.start_s
        before, self._last_s = self.still_s, span.end_s
        self.still_s += span.duration_s
        if not self._due and self.still_s >= self._set.still_s:
            self._due = True
            at = span.start_s + max(0.0, self._set.still_s - before)
            yield PromptDue(EpisodeKind.STILLNESS, PromptLevel.SOFT, at, max(self._set.still_s, before), self._start)

    def changed(self, time_s: float) -> Iterator[Episode]:
        """Begin anew with a posture change that began at `time_s`, not after the last interval, and was held since."""
        last_s = self._last_s
        yield from self.end(time_s)
        if last_s > time_s:
            self._start, self._last_s, self.still_s = time_s, last_s, last_s - time_s

    def end(self, end_s: float | None = None) -> Iterator[Episode]:
        """End the still spell, by default where the person was last seen; it is an episode if a prompt fell due in it."""
        if self._start is not None and self._due:
            end = max(self._start, self._last_s if end_s is None else end_s)
            since_s = max(0.0, self._last_s - end)  # the change that ends it began before it had lasted
            yield Episode(EpisodeKind.STILLNESS, self._start, end, self.still_s, in_state_s=max(0.0, self.still_s - since_s))
        self.still_s, self._start, self._due = 0.0, None, False


@dataclass(frozen=True, slots=True)
class Stillness:
    """How still somebody sat. No score: it is not known how much is good for whom."""

    longest_s: float
    """Longest time seated and measured without a change of posture, seconds."""
    start_s: float
    """When that began."""
    seated_s: float
    """Time seated and measured, seconds."""
    shifts: int
    """Changes of posture in it."""

    @property
    def shifts_per_h(self) -> float | None:
        """Changes of posture an hour of it; ``None`` where it was too short to say."""
        return 3600.0 * self.shifts / self.seated_s if self.seated_s >= ENOUGH_S else None


def stillness_of(spans: Iterable[Span], moves: Iterable[PostureChange]) -> Stillness | None:
    """Return how still somebody sat; ``None`` if they were not seen seated.

    Args:
        spans: in order, without overlap.
        moves: breaks and shifts.
    """
    shifts_s = sorted(m.time_s for m in moves if m.kind is PostureChangeKind.SHIFT)
    longest_s = start_s = seated_s = still_s = since_s = last_s = 0.0
    shifts, began_s = 0, set(shifts_s)
    for span in spans:
        if interrupts(span) or span.start_s - last_s > _APART_S:
            still_s = 0.0
        last_s = span.end_s
        if not is_seen(span) or span.seated is not True:
            continue
        seated_s += span.duration_s
        for piece in _cut(span, shifts_s):
            if piece.start_s in began_s:
                still_s, shifts = 0.0, shifts + 1
            since_s = piece.start_s if still_s == 0.0 else since_s
            still_s += piece.duration_s
            if still_s > longest_s:
                longest_s, start_s = still_s, since_s
    return Stillness(longest_s, start_s, seated_s, shifts) if seated_s > 0.0 else None


def _cut(span: Span, times: Sequence[float]) -> Iterator[Span]:
    """Yield the parts of a span between those of the times (in order) that lie in it."""
    at = span.start_s
    for time_s in times[bisect_left(times, span.start_s) : bisect_left(times, span.end_s)]:
        if time_s > at:
            yield replace(span, start_s=at, end_s=time_s)
            at = time_s
    yield replace(span, start_s=at)
