"""From readings to a timeline: each reading's posture, and intervals without gap or overlap.

Bands follow ``BandSettings`` (RULA, REBA and ISO 11226 bands, hysteresis ours). A reading stands until the next one, at
most ``max_gap_s``; nobody seen becomes *away* only after ``away_after_s`` and is then dated back to the first such frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from posture.model import Estimate, ImageQuality, Judged, Posture, Reading, Sight, Span
from posture.settings import BandSettings

NOBODY_BRIEFLY = "nobody_brief"
UNCLEAR = "unclear"
UNMEASURED = "unmeasured"
GAP = "gap"
NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time and the reading that stands for it."""

    span: Span
    reading: Reading | None
    """``None`` in a gap."""


class PostureJudge:
    """Says which posture a reading shows; remembers the last one for the hysteresis."""

    def __init__(self, bands: BandSettings) -> None:
        """Start without a posture."""
        self._bands = bands
        self._last = Posture.UNKNOWN

    def judge(self, reading: Reading) -> Judged:
        """The posture of `reading`, and why if it is unknown.

        Nobody in the picture is *away* here; whether it lasts long enough to count is the timeline's business.
        """
        posture, reason = self._posture(reading)
        if posture not in (Posture.UNKNOWN, Posture.AWAY):  # a frame in which nobody is found says nothing of the posture
            self._last = posture
        return Judged(reading, posture, reason)

    def use(self, bands: BandSettings) -> None:
        """Judge by other bands from the next reading on."""
        self._bands = bands

    def reset(self) -> None:
        """Forget the last posture: the person was away."""
        self._last = Posture.UNKNOWN

    def _posture(self, r: Reading) -> tuple[Posture, str | None]:
        if r.quality is not ImageQuality.OK or r.sight is Sight.UNCLEAR:
            return Posture.UNKNOWN, UNCLEAR if r.quality is ImageQuality.OK else str(r.quality)
        if r.sight is Sight.NOBODY:
            return Posture.AWAY, None
        if self._flexed(r):
            return Posture.FLEXED, None
        if r.trunk_flexion is None:
            return Posture.UNKNOWN, UNMEASURED
        if self._tilted(r):
            return Posture.ANTERIOR_TILT, None
        return Posture.NEUTRAL, None

    def _flexed(self, r: Reading) -> bool:
        b = self._bands
        slack = b.hysteresis_deg if self._last is Posture.FLEXED else 0.0
        trunk, spine = _deg(r.trunk_flexion), _deg(r.spinal_flexion)
        beyond = None if trunk is None or r.trunk_neutral_deg is None else trunk - r.trunk_neutral_deg
        return (
            _reaches(trunk, b.flexed_trunk_deg - slack)
            or _reaches(beyond, b.flexed_beyond_neutral_deg - slack)
            or _reaches(spine, b.flexed_spine_deg - slack)
        )

    def _tilted(self, r: Reading) -> bool:
        b = self._bands
        slack = b.hysteresis_deg if self._last is Posture.ANTERIOR_TILT else 0.0
        pelvis, spine = r.pelvic_tilt, r.spinal_flexion
        if r.seated is False:  # a standing anterior tilt is normal
            return False
        if pelvis is None or spine is None or pelvis.sd_deg > b.tilt_max_sd_deg:
            return False
        return pelvis.deg >= b.tilt_deg - slack and spine.deg <= -(b.tilt_arch_deg - slack)


class Timeline:
    """Turns judged readings into intervals that tile the session from `start_s` on."""

    def __init__(self, bands: BandSettings, start_s: float = 0.0) -> None:
        """Begin at `start_s` seconds."""
        self._bands = bands
        self._end = start_s
        self._start = start_s
        self._current: Judged | None = None
        self._pending: list[Interval] = []
        self._away = self._interrupted = False

    def push(self, judged: Judged) -> Iterator[Interval]:
        """The intervals that became certain with this reading; its time must not lie before the last one's.

        Raises:
            ValueError: time runs backwards.
        """
        yield from self._advance(judged.reading.time_s)
        self._current, self._interrupted = judged, False

    def interrupt(self, time_s: float, reason: str) -> Iterator[Interval]:
        """From `time_s` on nothing is known, because of `reason` (a pause, a lost camera), until the next reading."""
        yield from self._advance(time_s)
        yield from self._settle(None)
        self._current, self._interrupted = Judged(Reading(time_s, Sight.UNCLEAR), Posture.UNKNOWN, reason), True

    def finish(self, end_s: float) -> Iterator[Interval]:
        """The rest, up to `end_s`."""
        yield from self._advance(end_s)
        if self._pending and self._pending[0].span.start_s <= self._start:
            yield from self._settle(Posture.AWAY)  # nobody was ever there
        yield from self._settle(None)

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
            yield from self._settle(None)
            yield self._cut(to_s, None, Posture.UNKNOWN, GAP)

    def _stretch(self, now: Judged, to_s: float) -> Iterator[Interval]:
        interval = self._cut(to_s, now.reading, now.posture, now.reason)
        if now.posture is not Posture.AWAY:
            yield from self._settle(None)
            yield interval
        elif self._away:
            yield interval
        else:
            self._pending.append(interval)
            if to_s - self._pending[0].span.start_s >= self._bands.away_after_s:
                yield from self._settle(Posture.AWAY)

    def _settle(self, posture: Posture | None) -> Iterator[Interval]:
        """Release what was held back while nobody was seen: as away, or (``None``) as briefly unseen."""
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
        """The spans that ended with this one."""
        last = self._open
        if last and (last.posture, last.seated, last.reason) == (span.posture, span.seated, span.reason):
            self._open = replace(last, end_s=span.end_s)
            return
        if last:
            yield last
        self._open = span

    def finish(self) -> Iterator[Span]:
        """The last span."""
        if self._open:
            yield self._open
        self._open = None


def _deg(e: Estimate | None) -> float | None:
    return None if e is None else e.deg


def _reaches(value: float | None, threshold: float) -> bool:
    return value is not None and value >= threshold
