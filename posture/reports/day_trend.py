"""The trend as a map: a cell for each day, a row for each week, and the few medians that stand above it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from posture.days.model import DayTotals, Trend
from posture.model import ReportKind
from posture.reports import day_words, words

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
    """The weeks from Monday on that the days lie in, oldest first."""
    by_day = {d.date: d for d in trend.days}
    first = trend.days[0].date - timedelta(days=trend.days[0].date.weekday())
    count = math.ceil(((trend.days[-1].date - first).days + 1) / 7)
    return [_trend_week(first + timedelta(days=7 * i), by_day) for i in range(count)]


def figures_of(trend: Trend) -> list[tuple[str, str]]:
    """Value and words: medians of all days, and of the last four weeks beside the four before them."""
    days = [d for d in trend.days if d.enough]
    last, before = trend.days[-FOUR_WEEKS:], trend.days[-2 * FOUR_WEEKS : -FOUR_WEEKS]
    out = [
        (day_words.length(_median([d.measured_s for d in days])), "measured on the median day"),
        (day_words.share(_median([_flexed_share(d) for d in days])), "of it flexed"),
        (day_words.length(_median([d.longest_sit_s for d in days])), "longest unbroken sit of the median day"),
    ]
    for part, words_ in ((last, "flexed in the last 4 weeks"), (before, "flexed in the 4 weeks before")):
        good = [d for d in part if d.enough]
        if good and len(trend.days) > FOUR_WEEKS:
            out.append((day_words.share(_median([_flexed_share(d) for d in good])), f"{words_}, {words.count_words(len(good), 'day')}"))
    return out


def _flexed_share(day: DayTotals) -> float | None:
    return day.flexed_s / day.measured_s if day.flexed_s is not None and day.measured_s else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return median(known) if known else None


def _trend_week(monday: date, by_day: dict[date, DayTotals]) -> TrendWeek:
    days = [by_day.get(monday + timedelta(days=i)) for i in range(7)]
    good = [d for d in days if d is not None and d.enough]
    reports: dict[ReportKind, int] = {}
    for d in days:
        for kind, n in d.reports.items() if d is not None else ():
            reports[kind] = reports.get(kind, 0) + n
    return TrendWeek(
        f"{monday.day} {monday:%b}",
        tuple(None if d is None else _flexed_cell(d) for d in days),
        tuple(None if d is None else _coverage_cell(d) for d in days),
        len(good),
        day_words.share(_median([_flexed_share(d) for d in good])),
        day_words.length(_median([d.longest_sit_s for d in good])),
        reports,
    )


def _flexed_cell(day: DayTotals) -> Cell:
    name = day_words.short_day(day.date)
    if day.seconds is None:
        return Cell("", "none", f"{name}: nothing recorded")
    if not day.enough:
        return Cell(day_words.hours(day.flexed_s), "little", f"{name}: too little measured to stand beside others")
    step = sum((day.flexed_s or 0.0) / 3600.0 >= s for s in FLEXED_STEPS_H)
    return Cell(day_words.hours(day.flexed_s), f"warm{step}", f"{name}: {day_words.length(day.flexed_s)} flexed")


def _coverage_cell(day: DayTotals) -> Cell:
    name = day_words.short_day(day.date)
    if day.seconds is None or day.coverage is None:
        return Cell("", "none", f"{name}: {'nothing recorded' if day.seconds is None else 'nobody at the desk'}")
    step = sum(day.coverage >= s for s in COVERAGE_STEPS)
    return Cell(f"{math.floor(100.0 * day.coverage)}", f"cool{step}", f"{name}: {day_words.share(day.coverage)} measured")
