"""The figures of one's own day and week as rows of words: the same in the terminal, Markdown, on the page and in the window."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from posture.days import MINUTE_S, Day, DayTotals, DoseCurve, HourMedians, SittingBout, Typical, Week, local_day
from posture.reports.day import labels
from posture.reports.day.labels import OUTCOMES, REPORTS, flag_words, note, place, rate, short_day, time_of
from posture.reports.labels import (
    DASH,
    IN_POSTURE,
    KIND_WORDS,
    STYLES,
    count_words,
    in_posture_words,
    reason_words,
    share_words,
    span_words,
    stillness_words,
)
from posture.types import EpisodeKind, Posture, ReportKind, SelfReport

_LONGEST_LISTED = 5
_FLAGS_LISTED = 3
_HOUR = 60
TOGETHER_TITLES = {ReportKind.URGE: "Urges to crack", ReportKind.STIFF: "Stiffness"}


def flag_lines(red_flags: Sequence[SelfReport]) -> list[str]:
    """Return the latest reports that call for a professional, and how many more there are."""
    more = len(red_flags) - _FLAGS_LISTED
    return [flag_words(f) for f in red_flags[-_FLAGS_LISTED:]] + ([f"and {more} more before"] if more > 0 else [])


def day_figures(day: Day) -> list[tuple[str, str]]:
    """Return value and words of the few figures that a day begins with; none of a blank day."""
    t, s, sit = day.totals, day.summary, day.longest_sit
    if day.blank:
        return []
    zone = labels.clocks_change(day)
    bent = DASH if t.flexed_s is None or not t.measured_s else labels.share(t.flexed_s / t.measured_s)
    when_ = "" if sit is None else f", {time_of(sit.start_s, zone)} to {time_of(sit.end_s, zone)}"
    moved = "" if s.helped is None else f", {s.helped.moved + s.helped.done} followed by movement"
    return [
        (labels.length(t.measured_s), f"measured, {labels.share(t.coverage)} of your time at the desk"),
        (labels.length(t.flexed_s), f"leaning or slumped, {bent} of it"),
        (DASH if sit is None else labels.length(sit.sat_s), f"longest sit without a break{when_}"),
        (str(s.breaks), f"{'break' if s.breaks == 1 else 'breaks'}, and {count_words(s.shifts, 'shift')} of posture"),
        (str(len(s.prompts)), f"{'reminder' if len(s.prompts) == 1 else 'reminders'}{moved}"),
    ]


def week_figures(week: Week) -> list[tuple[str, str]]:
    """Return value and words of the medians that a week begins with; none without a day that was measured well enough."""
    t = week.typical
    if not t.days:
        return []
    return [
        (labels.length(t.measured_s), "measured a day"),
        (labels.share(t.flexed_share), "of it leaning or slumped"),
        (labels.length(t.longest_sit_s), "longest sit without a break"),
        (rate(t.breaks_per_h), "breaks an hour"),
        (rate(t.shifts_per_h), "shifts an hour"),
    ]


def class_rows(day: Day, reasons: int | None = None) -> list[tuple[Posture, str, str, str, str]]:
    """Return posture, its word, how long, which share of the recorded time, and of unknown time why; `reasons`: so many at most."""
    s = day.summary
    why = "; ".join(f"{reason_words(r)} {span_words(t)}" for r, t in sorted(s.reasons.items(), key=lambda x: -x[1])[:reasons])
    out = []
    for posture, look in STYLES.items():
        seconds = s.seconds.get(posture, 0.0)
        about = why if posture is Posture.UNKNOWN else ""
        out.append((posture, look.word, span_words(seconds), share_words(seconds, s.total_s), about))
    return out


def hours_of(day: Day) -> list[tuple[str, dict[Posture, int], str, int, str]]:
    """Return the day hour by hour: from when, minutes of each posture, highest bent time in minutes, reminders, and what was reported.

    An hour of which nothing was recorded, shown or said is left out.
    """
    zone, out = labels.clocks_change(day), []
    for first in range(0, len(day.strip.minutes), _HOUR):
        minutes, dose = day.strip.minutes[first : first + _HOUR], day.dose.minutes[first : first + _HOUR]
        start = day.start_s + MINUTE_S * first
        end = start + MINUTE_S * len(minutes)
        prompts = sum(start <= p.time_s < end for p in day.summary.prompts)
        reports = ", ".join(REPORTS[r.kind].word for r in day.reports if start <= r.time_s < end)
        if any(m is not None for m in minutes) or prompts or reports:
            peak = max((d for d in dose if d is not None), default=None)
            highest = DASH if peak is None else f"{peak / MINUTE_S:.0f}"
            out.append((time_of(start, zone), {p: minutes.count(p) for p in Posture}, highest, prompts, reports))
    return out


def sessions_words(day: Day) -> str:
    """Return which camera saw the person when."""
    zone = labels.clocks_change(day)
    by_source: dict[str, list[str]] = {}
    for s in day.sessions:
        start, end = max(s.start_s, day.start_s), None if s.end_s is None else min(s.end_s, day.end_s)
        span = f"{labels.time_of(start, zone)} to {'now' if end is None else labels.time_of(end, zone)}"
        by_source.setdefault(s.source, []).append(span)
    parts = [
        f"{source} ({', '.join(times[:4])}{f' and {len(times) - 4} more' if len(times) > 4 else ''})" for source, times in by_source.items()
    ]
    return "; ".join(parts[:4]) + (f"; and {len(parts) - 4} more" if len(parts) > 4 else "")


def facts(day: Day) -> list[str]:
    """Return the longest sit with when, breaks, shifts, how still it was, and the highest dose with when."""
    s = day.summary
    sit = (
        f"Longest sit without a break {span_words(day.longest_sit.sat_s)} ({when(day.longest_sit, day)})"
        if day.longest_sit
        else "Never seen sitting"
    )
    out = [sit, count_words(s.breaks, "break"), count_words(s.shifts, "shift of posture", "shifts of posture")]
    out += filter(None, [stillness_words(s.stillness)])
    return out + ([peak] if (peak := peak_words(day)) else [])


def peak_words(day: Day) -> str:
    """Return the highest dose with when, and at which ones reminders are due; empty where there was none."""
    peak = day.dose.peak_s
    if not peak:
        return ""
    due = f"reminder at {span_words(day.dose.soft_s)}, firmer one at {span_words(day.dose.firm_s)}"
    return f"highest bent time {span_words(peak)} at {time_of(_peak_at(day.dose))} ({due})"


def when(sit: SittingBout, day: Day) -> str:
    """From when to when it was; with the day where that is another one."""
    ends = [f"{time_of(t)}" if local_day(t) == day.date else f"{short_day(local_day(t))} {time_of(t)}" for t in (sit.start_s, sit.end_s)]
    return f" {DASH} ".join(ends)


def _peak_at(dose: DoseCurve) -> float:
    known = [(d, -i) for i, d in enumerate(dose.minutes) if d is not None]
    return dose.start_s - MINUTE_S * max(known)[1]


COMPARED: tuple[tuple[str, Callable[[Typical], str]], ...] = (
    ("time measured", lambda t: span_words(t.measured_s)),
    ("leaning or slumped", lambda t: share_words(t.flexed_share)),
    ("longest sit without a break", lambda t: span_words(t.longest_sit_s)),
    ("breaks an hour", lambda t: rate(t.breaks_per_h)),
    ("shifts an hour", lambda t: rate(t.shifts_per_h)),
)
"""What a day is compared by, and how each is written."""
COMPARED_NOTE = "Medians of the 7 and 28 days before; in brackets, how many of them were measured well enough to count."


def compared(day: Day) -> list[tuple[str, ...]]:
    """Return the comparison as a table with its heading; empty if there is none, or nothing to compare with."""
    c = day.comparison
    if c is None or not c.last_28.days:
        return []
    sides: tuple[Typical, ...] = (c.this, c.last_7, c.last_28)
    heading = ("", "this day", f"last 7 ({c.last_7.days})", f"last 28 ({c.last_28.days})")
    return [heading, *((words, *(how(t) for t in sides)) for words, how in COMPARED)]


LONGEST_HEADING = (f"from {DASH} to", "posture", IN_POSTURE)
"""Above the columns of `longest_rows`."""


def longest_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return from when to when, which posture, and how long in it, of the longest stretches in one posture, by time."""
    long = [e for e in day.episodes if e.kind not in (EpisodeKind.SITTING, EpisodeKind.STILLNESS) and e.dose_s >= day.dose.soft_s]
    top = sorted(sorted(long, key=lambda e: -e.dose_s)[:_LONGEST_LISTED], key=lambda e: e.start_s)
    return [(f"{time_of(e.start_s)} {DASH} {time_of(e.end_s)}", KIND_WORDS[e.kind], in_posture_words(e)) for e in top]


def prompt_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return when, what and what followed, of each prompt."""
    return [(time_of(p.time_s), p.title, OUTCOMES[p.outcome][0] if p.outcome else "") for p in day.summary.prompts]


def logged_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return when, what, where and the note, of each self-report."""
    return [logged_row(r) for r in day.reports]


def logged_row(report: SelfReport) -> tuple[str, str, str]:
    """Return when, what, where and the note, of one self-report."""
    return time_of(report.time_s), REPORTS[report.kind].word, ", ".join(x for x in (place(report), note(report)) if x)


def hour_rows(before: HourMedians, others: HourMedians) -> list[tuple[str, str, str]]:
    """Return the medians of the hours before something was reported, beside those of other hours."""
    unbroken = span_words(before.unbroken_s), span_words(others.unbroken_s)
    return [("leaning or slumped", span_words(before.flexed_s), span_words(others.flexed_s)), ("longest sit without a break", *unbroken)]


def hours_words(seconds: float | None) -> str:
    """Return hours and minutes, ``2:05``; a dash for ``None``."""
    if seconds is None:
        return DASH
    minutes = math.floor(seconds / 60.0 + 0.5)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _count(number: int | None) -> str:
    return DASH if number is None else str(number)


def _of(posture: Posture) -> Callable[[DayTotals], str]:
    return lambda d: DASH if d.seconds is None else hours_words(d.seconds[posture])


def logged(reports: dict[ReportKind, int]) -> str:
    """Return ``U3 S1``: the letter of each kind of report, and how many; empty for none."""
    return " ".join(f"{REPORTS[k].letter}{reports[k]}" for k in REPORTS if reports.get(k))


WEEK_ROWS: tuple[tuple[str, Callable[[DayTotals], str]], ...] = (
    ("measured", lambda d: hours_words(d.measured_s)),
    ("coverage", lambda d: share_words(d.coverage)),
    *((STYLES[p].short, _of(p)) for p in STYLES),
    ("longest sit", lambda d: hours_words(d.longest_sit_s)),
    ("breaks", lambda d: _count(d.breaks)),
    ("shifts", lambda d: _count(d.shifts)),
    ("reminders", lambda d: _count(d.prompts)),
    ("that helped", lambda d: _count(d.helped)),
    ("logged", lambda d: logged(d.reports)),
)
"""What a week says of each day, and how it is written; times in hours and minutes."""
