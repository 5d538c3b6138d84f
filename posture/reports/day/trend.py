"""The trend as a map: a cell for each day, a row for each week, and the few medians that stand above it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from posture.days import WEEK, DayTotals, Trend, typical_of
from posture.reports import labels as words
from posture.reports.day import labels as day_words
from posture.types import ReportKind

FOUR_WEEKS = 28
FLEXED_STEPS_H, COVERAGE_STEPS = (1.0, 2.0, 3.0, 4.0), (0.5, 0.7, 0.85, 0.95)
"""Where a heat map goes to its next colour; our judgement."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a heat map."""

    words: str
    look: str
    says: str


@dataclass(frozen=True, slots=True)
class TrendWeek:
    """A row of the trend: a week from Monday on."""

    name: str
    flexed: tuple[Cell | None, ...]
    """Seven; ``None``: no part of what was asked for."""
    coverage: tuple[Cell | None, ...]
    days: int
    share: str
    sit: str
    reports: dict[ReportKind, int]


def weeks_of(trend: Trend) -> list[TrendWeek]:
    """Return the weeks from Monday on that the days lie in, oldest first."""
    first = trend.days[0].date - timedelta(days=trend.days[0].date.weekday())
    return [_trend_week(first + timedelta(days=7 * i), week) for i, week in enumerate(by_week(trend.days))]


def by_week(days: Sequence[DayTotals]) -> list[list[DayTotals | None]]:
    """Return the days in weeks from Monday to Sunday; ``None`` where the first and the last week reach beyond them."""
    padded: list[DayTotals | None] = [None] * days[0].date.weekday() + list(days)
    padded += [None] * (-len(padded) % WEEK)
    return [padded[i : i + WEEK] for i in range(0, len(padded), WEEK)]


def figures_of(trend: Trend) -> list[tuple[str, str]]:
    """Give value and words: medians of all days, and of the last four weeks beside the four before them."""
    all_days = typical_of(trend.days)
    last, before = trend.days[-FOUR_WEEKS:], trend.days[-2 * FOUR_WEEKS : -FOUR_WEEKS]
    out = [
        (day_words.length(all_days.measured_s), "measured on the median day"),
        (day_words.share(all_days.flexed_share), "of it leaning or slumped"),
        (day_words.length(all_days.longest_sit_s), "longest sit without a break on the median day"),
    ]
    for part, words_ in ((last, "leaning or slumped in the last 4 weeks"), (before, "leaning or slumped in the 4 weeks before")):
        typical = typical_of(part)
        if typical.days and len(trend.days) > FOUR_WEEKS:
            out.append((day_words.share(typical.flexed_share), f"{words_}, {words.count_words(typical.days, 'day')}"))
    return out


def _trend_week(monday: date, days: Sequence[DayTotals | None]) -> TrendWeek:
    typical = typical_of(d for d in days if d is not None)
    return TrendWeek(
        f"{monday.day} {monday:%b}",
        tuple(None if d is None else _flexed_cell(d) for d in days),
        tuple(None if d is None else _coverage_cell(d) for d in days),
        typical.days,
        day_words.share(typical.flexed_share),
        day_words.length(typical.longest_sit_s),
        sum((Counter(d.reports) for d in days if d), Counter()),
    )


def _flexed_cell(day: DayTotals) -> Cell:
    name = day_words.short_day(day.date)
    if day.seconds is None:
        return Cell("", "none", f"{name}: nothing recorded")
    if not day.enough:
        return Cell(day_words.hours(day.flexed_s), "little", f"{name}: too little measured to compare")
    step = sum((day.flexed_s or 0.0) / 3600.0 >= s for s in FLEXED_STEPS_H)
    return Cell(day_words.hours(day.flexed_s), f"warm{step}", f"{name}: {day_words.length(day.flexed_s)} leaning or slumped")


def _coverage_cell(day: DayTotals) -> Cell:
    name = day_words.short_day(day.date)
    if day.seconds is None or day.coverage is None:
        return Cell("", "none", f"{name}: {'nothing recorded' if day.seconds is None else 'nobody at the desk'}")
    step = sum(day.coverage >= s for s in COVERAGE_STEPS)
    return Cell(f"{math.floor(100.0 * day.coverage)}", f"cool{step}", f"{name}: {day_words.share(day.coverage)} measured")
