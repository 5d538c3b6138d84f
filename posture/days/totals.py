"""Days in few numbers, as a week, a trend and a comparison need them, and the medians of several."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import TypeVar

from posture.days.local_days import bounds, last_days
from posture.days.sitting_bouts import longest
from posture.days.span_table import POSTURES, SpanTable
from posture.days.types import Comparison, DayTotals, SittingBout, Typical
from posture.types import EpisodeKind, Posture, PostureChangeKind, PromptOutcome, SelfReport

T = TypeVar("T")
HOUR_S = 3600.0
_NOTHING_S = 1e-3
WEEK, MONTH = 7, 28
"""How many days before a day it is compared with."""


@dataclass(frozen=True, slots=True)
class StoredDays:
    """What was stored of a stretch of days; all times are seconds since the epoch, in order."""

    table: SpanTable
    bouts: Sequence[SittingBout] = ()
    moves: Sequence[tuple[float, PostureChangeKind]] = ()
    prompts: Sequence[tuple[float, EpisodeKind | None, PromptOutcome | None]] = ()
    """When, for what (``None``: the referral) and what followed."""
    reports: Sequence[SelfReport] = field(default=())


def totals_of(days: Sequence[date], stored: StoredDays) -> list[DayTotals]:
    """Return the totals of local days that follow one another, oldest first; a day of which nothing was recorded is blank."""
    edges = [bounds(day) for day in days]
    seconds = stored.table.seconds([a for a, _ in edges], [b for _, b in edges])
    return [_totals(day, *ends, row, stored) for day, ends, row in zip(days, edges, seconds.tolist(), strict=True)]


def _totals(day: date, start_s: float, end_s: float, row: list[float], stored: StoredDays) -> DayTotals:
    def of_day(values: Sequence[T], at: Callable[[T], float]) -> Sequence[T]:
        return values[bisect_left(values, start_s, key=at) : bisect_left(values, end_s, key=at)]

    reports = of_day(stored.reports, lambda r: r.time_s)
    said = dict(Counter(r.kind for r in reports))
    if sum(row) < _NOTHING_S:
        return DayTotals(day, start_s, end_s, None, reports=said)
    moves = Counter(kind for _, kind in of_day(stored.moves, lambda m: m[0]))
    prompts = of_day(stored.prompts, lambda p: p[0])
    followed = [outcome for _, kind, outcome in prompts if kind is not None]
    sit = longest(stored.bouts, start_s, end_s)
    return DayTotals(
        day,
        start_s,
        end_s,
        dict(zip(POSTURES, row, strict=True)),
        longest_sit_s=sit.sat_s if sit else None,
        breaks=moves[PostureChangeKind.BREAK],
        shifts=moves[PostureChangeKind.SHIFT],
        prompts=len(prompts),
        helped=sum(o in (PromptOutcome.MOVED, PromptOutcome.DONE) for o in followed) if any(followed) else None,
        reports=said,
    )


def typical_of(days: Iterable[DayTotals]) -> Typical:
    """Return the medians of those of the days that have enough coverage; every number is ``None`` if none has."""
    good = [d for d in days if d.enough]

    def middle(values: Iterable[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return median(known) if known else None

    return Typical(
        days=len(good),
        measured_s=middle(d.measured_s for d in good),
        flexed_share=middle(_share(d) for d in good),
        longest_sit_s=middle(d.longest_sit_s for d in good),
        breaks_per_h=middle(_per_hour(d.breaks, d) for d in good),
        shifts_per_h=middle(_per_hour(d.shifts, d) for d in good),
    )


def comparison_of(days: Sequence[DayTotals]) -> Comparison | None:
    """Compare the last of the days with those before it; ``None`` if too little of it was measured.

    Args:
        days: at least the 28 days before, oldest first, and the day itself.
    """
    *before, this = days
    if not this.enough:
        return None
    return Comparison(typical_of([this]), typical_of(before[-WEEK:]), typical_of(before[-MONTH:]))


def days_to_compare(day: date) -> list[date]:
    """Return the days that `comparison_of` needs for a day."""
    return last_days(day, MONTH + 1)


def _share(day: DayTotals) -> float | None:
    return day.seconds[Posture.FLEXED] / day.measured_s if day.seconds is not None and day.measured_s else None


def _per_hour(count: int | None, day: DayTotals) -> float | None:
    return count * HOUR_S / day.there_s if count is not None and day.there_s else None
