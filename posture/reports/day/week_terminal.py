"""A week and a trend in the terminal: seven days side by side, and a map of weeks, both readable without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from posture.days import WEEK, DayTotals, Trend, Week, whole_hours
from posture.reports.day.exercises import TITLE as EXERCISES, TREND_NOTE, trend_rows
from posture.reports.day.followed import TITLE, followed_rows, followed_words
from posture.reports.day.labels import REPORTS, days_words, long_day, short_day, trend_headline, week_headline
from posture.reports.day.rows import WEEK_ROWS
from posture.reports.day.terminal import columns_of, flags, suggested
from posture.reports.day.trend import by_week
from posture.reports.labels import DISCLAIMER, share_words, span_words
from posture.reports.plain_text import NOTHING, WIDEST, fancy, glyph, grid, indented, level, print_parts, title

_QUARTER, _HOUR = 15, 60
_NUMBERS = 5
"""Characters of a column of the map that has room for numbers."""
_TOP_H = 4.0
"""Hours flexed that fill the bar of a day."""
_TOO_LITTLE = "?"
"""Stands where too little was measured to give a number."""

_Weeks = Sequence[Sequence[DayTotals | None]]


def print_week(console: Console, week: Week) -> None:
    """Print seven days side by side."""
    print_parts(console, _week(week, min(console.width, WIDEST), fancy(console)))


def print_trend(console: Console, trend: Trend) -> None:
    """Print the map of flexed hours and of coverage, a column a week."""
    print_parts(console, _trend(trend, min(console.width, WIDEST), fancy(console)))


def _week(week: Week, width: int, utf: bool) -> Iterator[RenderableType]:
    first, last = week.days[0].totals.date, week.days[-1].totals.date
    yield Text(f"{long_day(first)} to {long_day(last)}", style="bold")
    yield from flags(week.red_flags)
    yield Text("")
    yield Text(week_headline(week), style="bold")
    yield Text("")
    yield from _strips(week, width, utf)
    yield Text("")
    heading = ("", *(f"{d.totals.date:%a} {d.totals.date.day}" for d in week.days))
    table = [heading, *((words, *(how(d.totals) for d in week.days)) for words, how in WEEK_ROWS)]
    yield grid(table, right=range(1, WEEK + 1))
    said = [k for k in REPORTS if any(d.totals.reports.get(k) for d in week.days)]
    if said:
        yield indented(Text(", ".join(f"{REPORTS[k].letter} {REPORTS[k].word}" for k in said), style="dim"))
    t = week.typical
    if t.days:
        yield Text("")
        measured, share, sit = span_words(t.measured_s or 0.0), share_words(t.flexed_share), span_words(t.longest_sit_s)
        yield indented(f"A typical day: {measured} measured, {share} of it leaning or slumped, longest sit without a break {sit}.")
        yield indented(Text(days_words(t, WEEK), style="dim"))
    yield from suggested("A habit to try", week.suggestion)


def _strips(week: Week, width: int, utf: bool) -> Iterator[RenderableType]:
    """Yield a strip a day over the same hours of the clock."""
    known = [m for d in week.days for m in d.strip.recorded]
    if not known:
        return
    first, last = whole_hours(known, max(known))
    per = next((m for m in (_QUARTER, 20, 30, _HOUR) if (last - first) / m <= width - 14), _HOUR)
    for day in week.days:
        cells = columns_of(day.strip, [(m, m + per) for m in range(first, last, per)])
        yield Text(f"  {short_day(day.totals.date):<10}  ") + Text().join(glyph(p, utf) for p in cells)
    hours = "".join(f"{m // _HOUR % 24:02d}".ljust(_HOUR // per) for m in range(first, last, _HOUR))
    if _HOUR // per >= 3:
        yield Text(" " * 14 + hours.rstrip(), style="dim")
    if any(d.totals.end_s - d.totals.start_s != 86400.0 for d in week.days):
        yield indented(Text("Where the clocks change, hours are counted from midnight.", style="dim"))


def _trend(trend: Trend, width: int, utf: bool) -> Iterator[RenderableType]:
    first, last = trend.days[0].date, trend.days[-1].date
    yield Text(f"{long_day(first)} to {long_day(last)}", style="bold")
    yield from flags(trend.red_flags)
    yield Text(trend_headline(trend))
    weeks = by_week(trend.days)
    cell = next((c for c in (_NUMBERS, 2) if 6 + c * len(weeks) <= width), 1)
    yield title("Hours leaning or slumped")
    yield from _map(weeks, cell, _flexed, utf)
    yield indented(Text(f"{level(0, 1)} none to {level(1, 1)} {_TOP_H:.0f} h and more; {_LEGEND}", style="dim"))
    yield title("Coverage: how much of your time at the desk was measured, per cent")
    yield from _map(weeks, cell, _coverage, utf)
    yield indented(Text(f"{level(0, 1)} none to {level(1, 1)} all; {NOTHING} nothing recorded, or nobody there", style="dim"))
    yield from _reports(weeks, cell)
    if trend.followed is not None:
        yield title(TITLE)
        yield grid(followed_rows(trend.followed), right=(1,))
        yield from (indented(Text(words, style="dim")) for words in followed_words(trend.followed))
    if trend.exercises:
        yield title(EXERCISES)
        yield grid(trend_rows(trend))
        yield indented(Text(TREND_NOTE, style="dim"))
    yield Text("")
    yield Text(DISCLAIMER, style="dim")


_LEGEND = f"{NOTHING} nothing recorded; {_TOO_LITTLE} less than half, or less than half an hour, was measured"


def _flexed(day: DayTotals) -> tuple[str, str]:
    if day.seconds is None:
        return NOTHING, ""
    if not day.enough or day.flexed_s is None:
        return _TOO_LITTLE, ""
    return level(day.flexed_s / 3600.0, _TOP_H), f"{day.flexed_s / 3600.0:.1f}"


def _coverage(day: DayTotals) -> tuple[str, str]:
    return (NOTHING, "") if day.coverage is None else (level(day.coverage, 1.0), f"{100.0 * day.coverage:.0f}")


def _map(weeks: _Weeks, cell: int, how: Callable[[DayTotals], tuple[str, str]], utf: bool) -> Iterator[Text]:
    """Yield a row a day of the week, a column a week; `how` gives the bar and the number of a day, and the number stands where there is
    room."""

    def written(day: DayTotals | None) -> str:
        bar, number = how(day) if day else (" ", "")
        if cell == _NUMBERS:  # in ASCII a bar is a digit, which the number beside it would swallow
            bar = bar + number if utf or not number else number
        return bar.ljust(cell)

    if cell == _NUMBERS:
        yield Text("      " + "".join(words.ljust(cell) for words in _mondays(weeks)).rstrip(), style="dim")
    for weekday, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
        yield Text(f"  {name} " + "".join(written(week[weekday]) for week in weeks).rstrip())


def _mondays(weeks: _Weeks) -> Iterator[str]:
    """Yield the day on which each week begins, or the month where it is a new one."""
    month = 0
    for week in weeks:
        day = next(d.date for d in week if d)
        yield str(day.day) if day.month == month else f"{day:%b}"
        month = day.month


def _reports(weeks: _Weeks, cell: int) -> Iterator[RenderableType]:
    """Tell how often what was logged, a number a week, without a judgement."""
    said = [sum((Counter(d.reports) for d in week if d), Counter()) for week in weeks]
    ran = [any(d.seconds is not None or d.reports for d in week if d) for week in weeks]
    kinds = [k for k in REPORTS if any(s[k] for s in said)]
    if not kinds:
        return

    def written(count: int, known: bool) -> str:
        words = str(count) if known else NOTHING
        return words if cell == _NUMBERS or len(words) == 1 else "+"

    yield title("Logged each week")
    for kind in kinds:
        yield Text(
            f"  {REPORTS[kind].letter}   " + "".join(written(s[kind], k).ljust(cell) for s, k in zip(said, ran, strict=True)).rstrip()
        )
    more = "" if cell == _NUMBERS else "; + ten and more"
    yield indented(Text(", ".join(f"{REPORTS[k].letter} {REPORTS[k].word}" for k in kinds) + more, style="dim"))
