"""The spans of many days as arrays: how many seconds of each posture lie between any two moments, without a loop over spans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from posture.engine import LEAVE_THE_TOTALS, interrupts, is_seen
from posture.types import MEASURED, Posture, Span

Floats = NDArray[np.float64]
POSTURES = tuple(Posture)
"""The order of the columns."""
MEASURED_COLUMNS = [POSTURES.index(p) for p in MEASURED]

Row = tuple[float, float, int, str, bool | None, str | None]
"""Start and end in seconds since the epoch, number of the session, posture, seated, reason."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all spans with the same words have in common."""

    column: int
    counted: bool
    """Part of the totals: neither paused nor asleep."""
    interrupts: bool
    seated: bool
    seen: bool


class SpanTable:
    """Spans (n), by start, of which no second comes twice.

    Attributes:
        start_s, end_s: (n,) float64, seconds since the epoch.
        session: (n,) int64, number of the session.
        seated, seen, interrupts: (n,) bool: seen seated; seen; the person cannot be taken to have sat on.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        """`rows` in any order; where a clock was set back, what began first keeps the time that both claim."""
        table = list(rows)
        start, end, session, *words = zip(*table, strict=True) if table else ((), (), (), (), (), ())
        kinds: dict[tuple[str, bool | None, str | None], int] = {}
        kind = np.array([kinds.setdefault(key, len(kinds)) for key in zip(*words, strict=True)], dtype=np.int64)
        known = [_kind(*key) for key in kinds]
        began = np.array(start, dtype=np.float64)
        order = np.argsort(began, kind="stable")
        ends = np.array(end, dtype=np.float64)[order]
        before = np.concatenate(([-np.inf], np.maximum.accumulate(ends)[:-1])) if ends.size else ends
        starts = np.maximum(began[order], before)
        kept = ends > starts
        kind = kind[order][kept]
        self.start_s: Floats = starts[kept]
        self.end_s: Floats = ends[kept]
        self.session = np.array(session, dtype=np.int64)[order][kept]
        self.column = np.array([k.column for k in known], dtype=np.int64)[kind]
        self.counted = np.array([k.counted for k in known], dtype=bool)[kind]
        self.interrupts = np.array([k.interrupts for k in known], dtype=bool)[kind]
        self.seated = np.array([k.seated for k in known], dtype=bool)[kind]
        self.seen = np.array([k.seen for k in known], dtype=bool)[kind]

    def __len__(self) -> int:
        """How many spans."""
        return len(self.start_s)

    def seconds(self, start_s: ArrayLike, end_s: ArrayLike) -> Floats:
        """Return seconds of each posture in each of m ranges, (m, 5) in the order of ``POSTURES``; paused and asleep are in none of them.

        Args:
            start_s, end_s: (m,), seconds since the epoch; ranges may overlap.
        """
        columns = [self.within(self.counted & (self.column == c), start_s, end_s) for c in range(len(POSTURES))]
        return np.stack(columns, axis=-1)

    def within(self, chosen: NDArray[np.bool_], start_s: ArrayLike, end_s: ArrayLike) -> Floats:
        """Return seconds of the chosen spans, given as (n,) bool, in each of m ranges: (m,)."""
        first, last = np.atleast_1d(np.asarray(start_s, np.float64)), np.atleast_1d(np.asarray(end_s, np.float64))
        starts, ends = self.start_s[chosen], self.end_s[chosen]
        if not starts.size:
            return np.zeros(len(first))
        # The time spent so far grows along straight lines between the spans' ends, so it is known at every moment.
        knots = np.stack((starts, ends), axis=1).ravel() - starts[0]
        spent = np.cumsum(ends - starts)
        values = np.stack((np.concatenate(([0.0], spent[:-1])), spent), axis=1).ravel()
        found: Floats = np.interp(last - starts[0], knots, values) - np.interp(first - starts[0], knots, values)
        return np.maximum(found, 0.0)


def row_of(span: Span, session: int = 0) -> Row:
    """Return a span in seconds since the epoch as a row."""
    return span.start_s, span.end_s, session, span.posture.value, span.seated, span.reason


def _kind(posture: str, seated: bool | None, reason: str | None) -> _Kind:
    span = Span(0.0, 0.0, Posture(posture), None if seated is None else bool(seated), reason)
    seen = is_seen(span)
    return _Kind(POSTURES.index(span.posture), reason not in LEAVE_THE_TOTALS, interrupts(span), seen and span.seated is True, seen)
