"""Classified readings to a timeline: intervals without gap or overlap, joined to spans.

A reading stands until the next one, at most ``max_gap_s``; nobody seen becomes *away* only after ``away_after_s`` and is then dated
back to the first such frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from posture.settings import BandSettings
from posture.types import MEASURED, ClassifiedReading, Detection, Posture, Reading, Span

NOBODY_BRIEFLY = "nobody_brief"
UNCLEAR = "unclear"
UNMEASURED = "unmeasured"
ON_THE_FLOOR = "on_the_floor"
"""On hands and knees, or lying down."""
UNSURE = "unsure"
GAP = "gap"
NOT_STARTED = "not_started"
EXERCISE = "exercise"
"""A guided exercise: time of its own, in no posture's total."""


def is_seen(span: Span) -> bool:
    """Tell whether the person was seen in this span, be it that their posture is too close to call."""
    return span.posture in MEASURED or (span.posture is Posture.UNKNOWN and span.reason == UNSURE)


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time and the reading that stands for it."""

    span: Span
    reading: Reading | None
    """``None`` in a gap."""


class Timeline:
    """Turns judged readings into intervals that tile the session from `start_s` on."""

    def __init__(self, bands: BandSettings, start_s: float = 0.0) -> None:
        """Begin at `start_s` seconds."""
        self._bands = bands
        self._end = start_s
        self._start = start_s
        self._current: ClassifiedReading | None = None
        self._pending: list[Interval] = []
        self._away = self._interrupted = False

    def push(self, judged: ClassifiedReading) -> Iterator[Interval]:
        """Yield the intervals that became certain with this reading; its time must not lie before the last one's.

        Raises:
            ValueError: time runs backwards.
        """
        yield from self._advance(judged.reading.time_s)
        self._current, self._interrupted = judged, False

    def interrupt(self, time_s: float, reason: str, seated: bool | None = None) -> Iterator[Interval]:
        """Know no posture from `time_s` on, because of `reason` (a pause, a lost camera, an exercise), until the next reading."""
        yield from self._advance(time_s)
        yield from self._release(None)
        nothing = Reading(time_s, Detection.UNCLEAR, seated=seated)
        self._current, self._interrupted = ClassifiedReading(nothing, Posture.UNKNOWN, reason), True

    def finish(self, end_s: float) -> Iterator[Interval]:
        """Yield the rest, up to `end_s`."""
        yield from self._advance(end_s)
        if self._pending and self._pending[0].span.start_s <= self._start:
            yield from self._release(Posture.AWAY)  # nobody was ever there
        yield from self._release(None)

    def _advance(self, to_s: float) -> Iterator[Interval]:
        if to_s < self._end:
            raise ValueError(f"time runs backwards: {to_s} after {self._end}")
        if to_s == self._end:
            return
        now = self._current
        if now is None:
            yield self._cut(to_s, None, Posture.UNKNOWN, NOT_STARTED)
            return
        # An interruption lasts as long as it lasts; a reading is only believed for so long.
        known_to = to_s if self._interrupted else min(to_s, self._end + self._bands.max_gap_s)
        yield from self._stretch(now, known_to)
        if known_to < to_s:
            yield from self._release(None)
            yield self._cut(to_s, None, Posture.UNKNOWN, GAP)

    def _stretch(self, now: ClassifiedReading, to_s: float) -> Iterator[Interval]:
        interval = self._cut(to_s, now.reading, now.posture, now.reason)
        if now.posture is not Posture.AWAY:
            yield from self._release(None)
            yield interval
        elif self._away:
            yield interval
        else:
            self._pending.append(interval)
            if to_s - self._pending[0].span.start_s >= self._bands.away_after_s:
                yield from self._release(Posture.AWAY)

    def _release(self, posture: Posture | None) -> Iterator[Interval]:
        """Release the intervals that were held back while nobody was seen: as away, or (``None``) as briefly unseen."""
        pending, self._pending = self._pending, []
        self._away = posture is Posture.AWAY
        for it in pending:
            if posture is Posture.AWAY:
                yield it
            else:
                yield Interval(replace(it.span, posture=Posture.UNKNOWN, reason=NOBODY_BRIEFLY), it.reading)

    def _cut(self, to_s: float, reading: Reading | None, posture: Posture, reason: str | None) -> Interval:
        seated = reading.seated if reading is not None and posture is not Posture.AWAY else None
        span = Span(self._end, to_s, posture, seated, reason)
        self._end = to_s
        return Interval(span, reading)


class SpanMerger:
    """Joins neighbouring intervals of the same posture into spans."""

    def __init__(self) -> None:
        """Start empty."""
        self._open: Span | None = None

    @property
    def open(self) -> Span | None:
        """The span that is still growing."""
        return self._open

    def push(self, span: Span) -> Iterator[Span]:
        """Yield the spans that ended with this one."""
        last = self._open
        if last and (last.posture, last.seated, last.reason) == (span.posture, span.seated, span.reason):
            self._open = replace(last, end_s=span.end_s)
            return
        if last:
            yield last
        self._open = span

    def finish(self) -> Iterator[Span]:
        """Yield the last span."""
        if self._open:
            yield self._open
        self._open = None
