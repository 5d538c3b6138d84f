"""The words of one's own day, week and trend: times of day, lengths, and the few sentences that say what was found and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

from posture._support import printable
from posture.days import ENOUGH_S, LEAST_DAYS, LEAST_EVENTS, MINUTE_S, Associations, Day, DayTotals, Trend, Typical, Week
from posture.engine import LOW_COVERAGE
from posture.prompts import STIFF_DAYS, hold_words
from posture.reports.labels import DASH, KIND_WORDS, STYLES, count_words, reason_words, share_words, span_words
from posture.types import Posture, PromptOutcome, ReportKind, SelfReport

DAY_S = 86400.0
UNCERTAIN = (
    "One camera can tell sitting up from leaning or slumping. Single angles can be off by several degrees. Pelvic tilt is a change from "
    "your own upright position, and a pelvis that tips forward by itself hardly shows. Bent time is a model of how leaning and slumping "
    "add up, not a measurement of your back."
)
MOST_NOTE = 72
"""Characters of a note that stand in the page's own lists; the whole note is in the table behind."""


@dataclass(frozen=True, slots=True)
class ReportLabel:
    """How one kind of self-report is named, and the letter that marks it."""

    word: str
    letter: str
    plural: str


REPORTS = {
    ReportKind.URGE: ReportLabel("urge to crack", "U", "urges to crack"),
    ReportKind.CRACKED: ReportLabel("cracked it", "C", "cracks"),
    ReportKind.STIFF: ReportLabel("stiff", "S", "stiffness"),
    ReportKind.PAIN: ReportLabel("pain", "P", "pain"),
    ReportKind.NUMB: ReportLabel("numb", "N", "numbness"),
    ReportKind.WEAK: ReportLabel("weak", "W", "weakness"),
    ReportKind.STRESS: ReportLabel("tense", "T", "tension"),
}
OUTCOMES = {
    PromptOutcome.MOVED: ("moved", "+"),
    PromptOutcome.DONE: ("done", "+"),
    PromptOutcome.SNOOZED: ("snoozed", "z"),
    PromptOutcome.IGNORED: ("ignored", "-"),
    None: ("not known", "?"),
}
"""What followed a prompt: its word and the sign in its mark."""
PLACES = {"low": "lower back", "mid": "middle back", "upper": "upper back", "neck": "neck"}
"""Where in the back a report may be."""


def time_of(time_s: float, zone: bool = False) -> str:
    """Return a moment (seconds since the epoch) as the local clock shows it, ``09:05``; with `zone` the name of the zone's time as well."""
    moment = datetime.fromtimestamp(time_s).astimezone()
    return f"{moment:%H:%M %Z}" if zone else f"{moment:%H:%M}"


def moment_of(time_s: float) -> str:
    """Return a moment with its day: ``Wed 18 Mar, 09:05``."""
    return f"{short_day(datetime.fromtimestamp(time_s).date())}, {time_of(time_s)}"


def long_day(day: date) -> str:
    """Return ``Wednesday, 18 March 2026``."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """Return ``Wed 18 Mar``."""
    return f"{day:%a} {day.day} {day:%b}"


def clocks_change(day: Day) -> bool:
    """Tell whether the day has more or fewer than 24 hours, so that a time of day alone may be ambiguous."""
    return day.end_s - day.start_s != DAY_S


def hours(seconds: float | None) -> str:
    """Return hours to one decimal, ``2.4``; a dash where there are none."""
    return DASH if seconds is None else f"{seconds / 3600.0:.1f}"


def length(seconds: float | None) -> str:
    """Return a length in words, from a minute on in whole minutes; a dash for ``None``."""
    whole = seconds if seconds is None or seconds < MINUTE_S else MINUTE_S * math.floor(seconds / MINUTE_S + 0.5)
    return span_words(whole).replace(" ", "\N{NO-BREAK SPACE}")


def share(value: float | None) -> str:
    """Return a share (0..1) as per cent; a dash for ``None``."""
    return share_words(value).replace(" ", "\N{NO-BREAK SPACE}")


def rate(value: float | None) -> str:
    """So many an hour, one decimal; a dash for ``None``."""
    return DASH if value is None else f"{value:.1f}"


def place(report: SelfReport) -> str:
    """Tell where it is, in words; empty if that was not said."""
    return "" if not report.where else printable(PLACES.get(report.where, report.where))


def note(report: SelfReport) -> str:
    """Return the note, cut to what fits a list; empty if there is none."""
    text = " ".join(printable(report.note or "").split())
    return text if len(text) <= MOST_NOTE else text[: MOST_NOTE - 1].rstrip() + "…"


def held_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return since when, about what and why, of each prompt that was due and held back."""
    return [(time_of(h.time_s), KIND_WORDS[h.kind], hold_words(h.hold, time_of)) for h in day.held]


def flag_words(report: SelfReport) -> str:
    """Return a report that calls for a professional, in a line."""
    what = f"stiff {STIFF_DAYS} or more days in a row" if report.kind is ReportKind.STIFF else REPORTS[report.kind].word
    return ", ".join(p for p in (f"{what[0].upper()}{what[1:]}", place(report), moment_of(report.time_s)) if p)


def headline(day: Day) -> str:
    """Return the one sentence of the day."""
    if day.blank:
        return "Nothing was recorded on this day."
    if not day.totals.measured_s:
        return "The monitor ran, but nothing could be measured on this day."
    if not day.totals.coverage or day.totals.coverage < LOW_COVERAGE:
        return "Too little was measured to say how this day went."
    if day.summary.finding is not None:
        return day.summary.finding.text
    return "You held no posture long enough for it to stand out."


def lede(day: Day) -> str:
    """Tell what stands under the headline."""
    totals = day.totals
    if day.blank:
        return "It is left blank and counts in no median: a day without data isn't a day of sitting well."
    if not totals.enough:
        return no_advice(totals, day.summary.reasons)
    flexed = share_words(totals.flexed_s or 0.0, totals.measured_s or 0.0)
    return f"You were leaning or slumped for {flexed} of the {span_words(totals.measured_s or 0.0)} that could be measured."


def no_advice(totals: DayTotals, reasons: dict[str, float]) -> str:
    """Tell why there is no advice from a day."""
    if (totals.coverage or 0.0) >= LOW_COVERAGE:
        measured, least = span_words(totals.measured_s or 0.0), span_words(ENOUGH_S)
        return f"Only {measured} were measured; days with less than {least} aren't compared with others."
    most = sorted(reasons.items(), key=lambda r: -r[1])[:3]
    why = "; ".join(f"{reason_words(r)} {span_words(s)}" for r, s in most if s >= 30.0)
    said = f"Only {share_words(totals.measured_s or 0.0, totals.there_s or 0.0)} of your time at the desk could be measured"
    return f"{said}, less than half, so there's no advice from this day." + (f" Not measured: {why}." if why else "")


def coverage(totals: DayTotals) -> str:
    """Tell how much of the time at the desk was measured, as a sentence."""
    if totals.coverage is None:
        return "Nobody was at the desk during the recording."
    of = f"{share_words(totals.measured_s or 0.0, totals.there_s or 0.0)} of your {span_words(totals.there_s or 0.0)} at the desk"
    return f"{of} could be measured. The rest is not known, and never counts as good posture."


def together_words(found: Associations) -> list[str]:
    """Tell what went together with a kind of report; below the counts that are needed, only that."""
    kind = REPORTS[found.kind].plural
    if found.before is None or found.others is None:
        need = f"{LEAST_EVENTS} on {LEAST_DAYS} days are needed, each with at least half of the hour before it measured"
        return [f"Too few to tell: {found.events} on {count_words(found.days, 'day')} so far; {need}."]
    return [
        _pattern(kind, bool(found.flexed), bool(found.unbroken)),
        f"{found.events} reports on {count_words(found.days, 'day')}, compared with {count_words(found.others.hours, 'other hour')} "
        f"of yours on {count_words(found.others.days, 'day')}. Medians; it isn't known which came first.",
    ]


def _pattern(kind: str, flexed: bool, unbroken: bool) -> str:
    if flexed and unbroken:
        return f"You leaned or slumped more and sat longer without a break in the hours before {kind}."
    if flexed:
        return f"You leaned or slumped more in the hours before {kind}; you didn't sit longer without a break than in your other hours."
    if unbroken:
        return f"You sat longer without a break in the hours before {kind}; you didn't lean or slump more than in your other hours."
    return f"The hours before {kind} were much like your other hours: you neither leaned or slumped more nor sat longer without a break."


def week_headline(week: Week) -> str:
    """Return the one sentence of the week."""
    if all(d.totals.seconds is None for d in week.days):
        return "Nothing was recorded in these seven days."
    if not week.typical.days:
        return "Too little was measured to say how these days went."
    if week.finding_kind is None:
        return "Nothing stood out on most of these days."
    word = KIND_WORDS[week.finding_kind]
    return f"{word[0].upper()}{word[1:]} stood out on most days."


def days_words(typical: Typical, of: int) -> str:
    """Tell how many days the medians stand on."""
    days = count_words(typical.days, "day")
    return f"Medians of {days} of {of}: those with at least half of your time at the desk, and half an hour, measured."


def trend_headline(trend: Trend) -> str:
    """Return the one sentence of the trend."""
    if not trend.measured_days:
        return "Too little was measured in this time to show a trend."
    return f"{count_words(trend.measured_days, 'day')} of {len(trend.days)} were measured well enough to count here."


def class_words(posture: Posture | None) -> str:
    """Return a class of time, or that there is no record."""
    return "nothing recorded" if posture is None else STYLES[posture].word
