"""What goes with what: the hour before each urge or stiffness against the same person's other hours. Medians and counts, no causes.

Nothing is said below ten reports on five days with half of the hour before measured, nor with fewer than ten other hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from posture.days.local_days import bounds, local_day
from posture.days.sitting_bouts import longest_within
from posture.days.span_table import MEASURED_COLUMNS, POSTURES, Floats, SpanTable
from posture.days.types import LEAST_DAYS, LEAST_EVENTS, Associations, HourMedians, SittingBout
from posture.engine import LOW_COVERAGE
from posture.types import Posture, ReportKind, SelfReport

KINDS = (ReportKind.URGE, ReportKind.STIFF)
"""What is looked at; the others are rarer, or call for a professional."""
WINDOW_DAYS = 84
"""Reports and hours of twelve weeks: a person changes."""
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Hours:
    """Hours (k) of which at least half was measured."""

    start_s: Floats
    flexed_s: Floats
    unbroken_s: Floats

    def medians(self) -> HourMedians:
        days = {local_day(t) for t in self.start_s.tolist()}
        return HourMedians(len(self.start_s), len(days), float(np.median(self.flexed_s)), float(np.median(self.unbroken_s)))


def associations_of(
    kind: ReportKind, reports: Sequence[SelfReport], table: SpanTable, bouts: Sequence[SittingBout], days: Sequence[date]
) -> Associations | None:
    """Tell what went with one kind of report on some local days; ``None`` if it was never reported on them.

    Args:
        kind: urge or stiffness.
        reports: of any kind and time.
        table: what was spent how, from an hour before the first day on.
        bouts: unbroken sits, likewise.
        days: local days that follow one another, oldest first.
    """
    since_s, until_s = bounds(days[0])[0], bounds(days[-1])[1]
    times = np.array([r.time_s for r in reports if r.kind is kind and since_s <= r.time_s < until_s], dtype=np.float64)
    if not times.size:
        return None
    before = _measured(times - HOUR_S, table, bouts)
    # The day that a report is on is the day of the person, also where the hour before began on the day before.
    on_days = {local_day(t + HOUR_S) for t in before.start_s.tolist()}
    events = len(before.start_s)
    others = _measured(_clear_of(_hours(days), times), table, bouts)
    enough = events >= LEAST_EVENTS and len(on_days) >= LEAST_DAYS and len(others.start_s) >= LEAST_EVENTS
    medians = before.medians() if enough else None
    return Associations(
        kind,
        since_s,
        until_s,
        events=events,
        days=len(on_days),
        left_out=len(times) - events,
        before=None if medians is None else HourMedians(medians.hours, len(on_days), medians.flexed_s, medians.unbroken_s),
        others=others.medians() if enough else None,
    )


def _hours(days: Sequence[date]) -> Floats:
    """Return the beginnings of the whole hours of these days, counted from each local midnight."""
    return np.concatenate([np.arange(start, end - HOUR_S + 1.0, HOUR_S) for start, end in map(bounds, days)])


def _clear_of(hours: Floats, times: Floats) -> Floats:
    """Return those hours that share no moment with an hour before one of the reports."""
    overlaps: NDArray[np.bool_] = (hours[:, None] < times) & (hours[:, None] + HOUR_S > times - HOUR_S)
    return hours[~overlaps.any(axis=1)]


def _measured(start_s: Floats, table: SpanTable, bouts: Sequence[SittingBout]) -> _Hours:
    """Of hours that begin then, those of which at least half was measured."""
    seconds = table.seconds(start_s, start_s + HOUR_S)
    # Rounded, as sums of a float carry its noise, and half an hour to the second is half an hour.
    kept = np.round(seconds[:, MEASURED_COLUMNS].sum(axis=1), 3) >= LOW_COVERAGE * HOUR_S
    start = start_s[kept]
    return _Hours(start, seconds[kept, POSTURES.index(Posture.FLEXED)], longest_within(bouts, start, start + HOUR_S))
