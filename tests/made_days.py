"""Days made by hand for tests of what is shown: spans in, the same values out as are read from a database."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from posture._support.catalogue import load
from posture.days.dose import dose_curve
from posture.days.exercises import ExerciseLine
from posture.days.followed import followed_prompts
from posture.days.local_days import bounds
from posture.days.sitting_bouts import bouts_of, longest
from posture.days.span_table import SpanTable, row_of
from posture.days.timeline_strip import strip_of
from posture.days.types import (
    Associations,
    Comparison,
    Day,
    DayTotals,
    FollowedPrompts,
    HourMedians,
    SessionLine,
    Suggestion,
    Trend,
    Typical,
    Week,
    WeekDay,
)
from posture.engine.exposure import Exposure
from posture.engine.spans import Interval
from posture.engine.summary import summarise
from posture.prompts.findings import finding_of, prompt_line
from posture.settings import Settings
from posture.types import (
    DoneExercise,
    Episode,
    EpisodeKind,
    ExerciseEnd,
    ExposureAfter,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
)

CATALOGUE = load()
SETTINGS = Settings()
DATE = date(2026, 3, 18)
OUTCOMES = (PromptOutcome.MOVED, PromptOutcome.IGNORED, PromptOutcome.DONE, PromptOutcome.MOVED, PromptOutcome.SNOOZED, None)
TRIED = (
    *("cat_cow_seated", "get_up", "pelvic_tilts_seated", "rotation_seated"),
    *("sit_tall", "change_seat", "core_brace_seated", "set_up_desk"),
)


def at(day: date, hour: float) -> float:
    """That hour of a local day, by the clock on the wall, in seconds since the epoch."""
    return (datetime.combine(day, time()) + timedelta(hours=hour)).timestamp()


def worked(start_s: float, hours: float, flexed: float = 0.5, *, seed: int = 1, measured: float = 1.0) -> list[Span]:
    """Hours of work: stretches of minutes in one posture, a break now and then; `measured`: the share that is."""
    rng, out, now, end = random.Random(seed), [], start_s, start_s + 3600.0 * hours
    until_break = now + rng.uniform(2000.0, 4000.0)
    while now < end:
        if now > until_break:
            until, posture, seated = now + rng.uniform(120.0, 800.0), Posture.AWAY, None
            until_break = until + rng.uniform(2000.0, 4000.0)
        else:
            draw, until, seated = rng.random(), now + rng.uniform(60.0, 780.0), True
            posture = Posture.FLEXED if draw < flexed else Posture.ANTERIOR_TILT if draw > 0.95 else Posture.NEUTRAL
            if rng.random() > measured:
                posture, seated = Posture.UNKNOWN, None
        until = min(until, end)
        out.append(Span(now, until, posture, seated, "unmeasured" if posture is Posture.UNKNOWN else None))
        now = until
    return out


def made(
    spans: Sequence[Span],
    *,
    day: date = DATE,
    prompts: int = 0,
    reports: Sequence[SelfReport] = (),
    flags: Sequence[SelfReport] = (),
    associations: Sequence[Associations] = (),
    source: str = "desk camera",
    full: bool = True,
) -> Day:
    """A day of these spans, with so many prompts spread over them; `full`: with a comparison and something to try."""
    start, end = bounds(day)
    ledger = SpanTable(row_of(s) for s in spans)
    events = _events(spans)
    episodes = tuple(e for e in events if isinstance(e, Episode))
    moves = tuple(PostureChange(PostureChangeKind.SHIFT, s.start_s) for s in spans[::2])
    moves += tuple(PostureChange(PostureChangeKind.BREAK, s.start_s) for s in spans if s.posture is Posture.AWAY)
    shown = tuple(_prompts(spans, prompts))
    lines = [prompt_line(p, CATALOGUE, OUTCOMES[i % len(OUTCOMES)]) for i, p in enumerate(shown)]
    summary = summarise(spans, moves, episodes, prompts=lines)
    totals = _totals(day, spans, summary.breaks, summary.shifts, reports, prompts=len(shown))
    if totals.enough:
        summary = replace(summary, finding=finding_of(EpisodeKind.FLEXED, CATALOGUE, flagged=bool(flags)))
    return Day(
        day, summary, tuple(spans), episodes, moves, shown, tuple(reports), tuple(flags), start, end, totals,
        strip_of(ledger, start, end), dose_curve([spans], start, end, SETTINGS),
        longest(bouts_of(ledger, SETTINGS.dose.clear_s), start, end),
        (SessionLine(spans[0].start_s, spans[-1].end_s, source),) if spans else (),
        tuple(associations),
        Comparison(typical(1), typical(5), typical(19)) if full and totals.enough else None,
        tomorrow() if full and totals.enough and not flags else None,
    )  # fmt: skip


def _events(spans: Sequence[Span]) -> list[object]:
    exposure = Exposure(SETTINGS.dose, SETTINGS.bands)
    return [*(e for s in spans for e in exposure.push(Interval(s, None))), *exposure.finish()]


def _prompts(spans: Sequence[Span], count: int) -> Iterator[ShownPrompt]:
    for i in range(count):
        span = (spans[-1].end_s - spans[0].start_s) * (i + 0.7) / count
        kind = (EpisodeKind.FLEXED, EpisodeKind.SITTING, EpisodeKind.ANTERIOR_TILT)[i % 3]
        yield ShownPrompt(spans[0].start_s + span, TRIED[i * 5 % len(TRIED)], kind, PromptLevel.FIRM if i % 5 == 4 else PromptLevel.SOFT)


def _totals(day: date, spans: Sequence[Span], breaks: int, shifts: int, reports: Sequence[SelfReport], prompts: int) -> DayTotals:
    start, end = bounds(day)
    said = {k: n for k in ReportKind if (n := sum(r.kind is k for r in reports))}
    if not spans:
        return DayTotals(day, start, end, None, reports=said)
    seconds = {p: sum(s.duration_s for s in spans if s.posture is p and s.reason not in {"paused", "suspended"}) for p in Posture}
    sit = longest(bouts_of(SpanTable(row_of(s) for s in spans), SETTINGS.dose.clear_s), start, end)
    return DayTotals(day, start, end, seconds, sit.sat_s if sit else None, breaks, shifts, prompts, prompts // 2 or None, said)


def typical(days: int) -> Typical:
    """Some medians."""
    return Typical(days, 18000.0 + 300.0 * days, 0.5 - 0.01 * days, 3900.0 - 60.0 * days, 0.9, 6.0 + 0.1 * days)


def tomorrow() -> Suggestion:
    """Something to try, out of the catalogue."""
    entry = CATALOGUE.get("cat_cow_seated")
    assert entry is not None
    return Suggestion(
        entry.id, entry.title, entry.why, entry.passages[0], CATALOGUE.passages[entry.passages[0]], CATALOGUE.source_of(entry)
    )


def went_together(kind: ReportKind = ReportKind.URGE) -> Associations:
    """A pattern with enough behind it."""
    before, others = HourMedians(14, 8, 2040.0, 2700.0), HourMedians(63, 12, 1140.0, 2500.0)
    return Associations(kind, at(DATE, 0.0) - 84 * 86400.0, at(DATE, 24.0), 14, 8, 3, before, others)


def too_few(kind: ReportKind = ReportKind.STIFF) -> Associations:
    """A pattern of which nothing may be said."""
    return Associations(kind, at(DATE, 0.0) - 84 * 86400.0, at(DATE, 24.0), 4, 3, 1, None, None)


def busy(day: date = DATE, *, flags: bool = False, prompts: int = 9) -> Day:
    """A working day with all that can be on one."""
    spans = worked(at(day, 8.2), 3.6, 0.55, seed=day.toordinal())
    spans += [Span(spans[-1].end_s, at(day, 12.9), Posture.UNKNOWN, None, "paused")]
    spans += worked(at(day, 12.9), 4.4, 0.4, seed=day.toordinal() + 1, measured=0.9)
    reports = [
        SelfReport(at(day, 10.3), ReportKind.URGE, "low"),
        SelfReport(at(day, 11.45), ReportKind.CRACKED, "mid", "a little, after the long call"),
        SelfReport(at(day, 15.5), ReportKind.URGE, "low", "wanted to twist on the chair"),
        SelfReport(at(day, 16.6), ReportKind.STIFF, "upper"),
    ]
    flag = SelfReport(at(day, 16.9), ReportKind.PAIN, "low", "sharp, when standing up")
    reports += [flag] if flags else []
    return made(spans, day=day, prompts=prompts, reports=reports, flags=[flag] if flags else [], associations=[went_together(), too_few()])


def exercised(day: date = DATE) -> Day:
    """A busy day with guided exercises, one for each way to end."""
    done = [
        DoneExercise("cat_cow_seated", at(day, 9.5 + i), at(day, 9.52 + i), 6 - i, i % 2, ended, 38.0, 6.0, 9.0)
        for i, ended in enumerate(ExerciseEnd)
    ]
    return replace(busy(day), exercises=tuple(ExerciseLine("Cat-Cow on your chair", d) for d in done))


def held_back(day: date = DATE) -> Day:
    """A busy day on which reminders were held back, one for each reason."""
    hours = [9.5 + 0.5 * i for i in range(len(HoldReason))]
    held = [
        HeldPrompt(
            at(day, hour),
            tuple(EpisodeKind)[i % 4],
            HoldBack(reason, at(day, hour + 0.25), {"hold": "a call is on", "cap": "3"}.get(reason, "")),
        )
        for i, (reason, hour) in enumerate(zip(HoldReason, hours, strict=True))
    ]
    return replace(busy(day), held=tuple(held))


def crowded(day: date = DATE) -> Day:
    """Sixty prompts and sixty reports, with long notes."""
    spans = worked(at(day, 7.5), 11.0, 0.5, seed=4)
    kinds = tuple(ReportKind)
    places = ("low", "mid", "upper", "neck", None)
    note = "a long note " * 20
    reports = [SelfReport(at(day, 8.0 + i * 0.17), kinds[i * 5 % 7], places[i % 5], note if i % 3 else None) for i in range(60)]
    flags = [r for r in reports if r.kind in {ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK}]
    return made(spans, day=day, prompts=60, reports=reports, flags=flags, associations=[went_together(), went_together(ReportKind.STIFF)])


def blank(day: date = DATE) -> Day:
    """A day of which nothing was recorded."""
    return made([], day=day)


def hardly() -> Day:
    """A day of which too little was measured."""
    return made(worked(at(DATE, 9.0), 4.0, 0.4, measured=0.25))


def a_week(flags: Sequence[SelfReport] = ()) -> Week:
    """Five working days, two blank ones."""
    days = []
    for i in range(7):
        day = date(2026, 3, 12) + timedelta(days=i)
        one = blank(day) if day.weekday() >= 5 else hardly_on(day) if i == 1 else busy(day)
        days.append(WeekDay(one.totals, one.strip, one.reports))
    return Week(tuple(days), typical(4), EpisodeKind.FLEXED, None if flags else tomorrow(), tuple(flags))


def a_crowded_week() -> Week:
    """Seven days with sixty reports each, and a red flag."""
    days = [crowded(date(2026, 3, 12) + timedelta(days=i)) for i in range(7)]
    return Week(tuple(WeekDay(d.totals, d.strip, d.reports) for d in days), typical(7), EpisodeKind.SITTING, None, days[0].red_flags)


def hardly_on(day: date) -> Day:
    """As `hardly`, on another day."""
    return made(worked(at(day, 9.0), 4.0, 0.4, measured=0.25), day=day)


def a_trend(days: int = 84, last: date = DATE) -> Trend:
    """Weeks of working days, some of them blank or hardly measured, one week of holidays."""
    rng, out = random.Random(3), []
    for i in range(days):
        day = last - timedelta(days=days - 1 - i)
        start, end = bounds(day)
        if day.weekday() >= 5 or 30 <= i < 37 or rng.random() < 0.05:
            out.append(DayTotals(day, start, end, None))
            continue
        measured, there = rng.uniform(12000.0, 23000.0), rng.uniform(24000.0, 26000.0)
        if rng.random() < 0.08:
            measured = 7000.0
        flexed = measured * rng.uniform(0.1, 0.85)
        seconds = {
            Posture.NEUTRAL: measured - flexed, Posture.FLEXED: flexed, Posture.ANTERIOR_TILT: 0.0,
            Posture.AWAY: 3000.0, Posture.UNKNOWN: there - measured,
        }  # fmt: skip
        said = {ReportKind.URGE: rng.randrange(1, 5), ReportKind.STIFF: 1} if rng.random() < 0.4 else {}
        out.append(DayTotals(day, start, end, seconds, rng.uniform(1800, 5400), 4, 40, 6, 3, said))
    return Trend(tuple(out), ())


def some_followed(withheld: int) -> FollowedPrompts:
    """Sixty prompts of three exercises, one of them rare, and so many withheld, with what followed."""
    rng, out = random.Random(5), list[tuple[ShownPrompt, ExposureAfter]]()
    for n in range(60 + withheld):
        left_out = n >= 60
        prompt_id = "cat_cow_seated" if n % 2 else "chin_tucks" if n % 16 == 0 else "get_up"
        time_s = at(DATE - timedelta(days=n % 12), 9.0 + n // 12)
        fate = left_out if withheld else None
        shown = ShownPrompt(time_s, prompt_id, EpisodeKind.FLEXED, PromptLevel.SOFT, time_s - 600.0, withheld=fate)
        flexed = 1800.0 * rng.betavariate(3.0 if left_out else 2.0, 3.0)
        out.append((shown, ExposureAfter(1800.0, flexed, 0.0, ended=flexed < 1000.0)))
    return followed_prompts(out, CATALOGUE.title_of)
