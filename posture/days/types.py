"""What a day, a week and a trend hold. Frozen values; every time is seconds since the epoch, every length is seconds.

A local day runs from midnight to midnight and has 23 or 25 hours where the clocks change. What was not measured is ``None``: a day
without data is blank, not a day of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from posture.days.exercises import ExerciseLine, ExerciseStretch
from posture.days.intervals import IntervalEstimate
from posture.engine import LOW_COVERAGE, DaySummary, coverage_of, measured_s, there_s
from posture.types import Episode, EpisodeKind, HeldPrompt, Posture, PostureChange, ReportKind, SelfReport, ShownPrompt, Span

MINUTE_S = 60.0
ENOUGH_S = 1800.0
"""A day with less measured time than this says little of the person's days; our judgement."""
LEAST_EVENTS, LEAST_DAYS = 10, 5
"""Fewer events, or on fewer days, are no pattern: nothing is said of what went with them."""
LEAST_DIFFERENCE_S = 300.0
"""Medians of an hour that differ by less than this are the same; our judgement."""


@dataclass(frozen=True, slots=True)
class StripRun:
    """A stretch of the strip in one posture."""

    start_s: float
    end_s: float
    posture: Posture | None
    """``None``: nothing was recorded, or it was paused or asleep."""


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """The day minute by minute."""

    start_s: float
    """Local midnight; minute i begins ``60 * i`` seconds later."""
    minutes: tuple[Posture | None, ...]
    """1440 on most days, 1380 or 1500 where the clocks change: the posture in which most of the recorded part of it was spent;
    ``None`` where nothing was recorded (or it was paused or asleep, which is no part of the day that was to be measured)."""

    @property
    def end_s(self) -> float:
        """The next local midnight."""
        return self.start_s + MINUTE_S * len(self.minutes)

    @property
    def recorded(self) -> list[int]:
        """The minutes of which something was recorded."""
        return [i for i, m in enumerate(self.minutes) if m is not None]

    def runs(self) -> list[StripRun]:
        """Return the same as stretches of whole minutes that tile the day."""
        out, at = [], self.start_s
        for posture, group in groupby(self.minutes):
            end = at + MINUTE_S * sum(1 for _ in group)
            out.append(StripRun(at, end, posture))
            at = end
        return out


@dataclass(frozen=True, slots=True)
class DoseCurve:
    """The flexed dose over the day: it grows by a second a second while flexed and recovers out of it (see posture/engine/exposure.py)."""

    start_s: float
    """Local midnight; minute i begins ``60 * i`` seconds later."""
    minutes: tuple[float | None, ...]
    """The highest dose of each minute; ``None`` where nothing was recorded (or it was paused or asleep)."""
    soft_s: float
    """Dose at which the soft prompt is due."""
    firm_s: float
    """Dose at which the firm step is due."""

    @property
    def peak_s(self) -> float | None:
        """The highest dose of the day; ``None`` for a blank day."""
        return max((d for d in self.minutes if d is not None), default=None)


@dataclass(frozen=True, slots=True)
class SittingBout:
    """An unbroken sit: no break of a minute in it."""

    start_s: float
    end_s: float
    """The last moment at which the person was seen seated."""
    sat_s: float
    """Seconds of sitting in it; moments away are not counted. Whole, also where it began before midnight or ended after it."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session that reaches into the day."""

    start_s: float
    end_s: float | None
    """``None`` while it runs."""
    source: str
    """Label of the camera, or name of the file."""


@dataclass(frozen=True, slots=True)
class HourMedians:
    """What some hours of the same kind were like."""

    hours: int
    """How many."""
    days: int
    """On how many local days."""
    flexed_s: float
    """Median over them of the flexed time in the hour, 0..3600."""
    unbroken_s: float
    """Median over them of the longest unbroken sitting in the hour, 0..3600."""


@dataclass(frozen=True, slots=True)
class Associations:
    """What went with one kind of self-report: the hour before each, against the same person's other hours. Never a cause."""

    kind: ReportKind
    since_s: float
    until_s: float
    """Reports and hours of this range were looked at."""
    events: int
    """Reports with at least half of the hour before measured."""
    days: int
    """Local days that these are on."""
    left_out: int
    """Reports whose hour before was measured for less than half; they do not count."""
    before: HourMedians | None
    """The hours before; ``None`` below 10 events on 5 days, and then nothing may be said."""
    others: HourMedians | None
    """The person's other hours with at least half measured, which overlap none of those before; ``None`` together with `before`."""

    @property
    def flexed(self) -> bool | None:
        """Whether more flexed sitting went together with it; ``None`` while nothing may be said."""
        return None if self.before is None or self.others is None else _more(self.before.flexed_s, self.others.flexed_s)

    @property
    def unbroken(self) -> bool | None:
        """Whether longer unbroken sitting went together with it; ``None`` while nothing may be said."""
        return None if self.before is None or self.others is None else _more(self.before.unbroken_s, self.others.unbroken_s)


def _more(before_s: float, others_s: float) -> bool:
    return before_s - others_s >= LEAST_DIFFERENCE_S


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One day in few numbers, as a week, a trend and a comparison hold it."""

    date: date
    start_s: float
    end_s: float
    """Local midnights."""
    seconds: dict[Posture, float] | None
    """Every posture is a key; ``None``: a blank day, of which nothing was recorded."""
    longest_sit_s: float | None = None
    """``None`` also where the person was not seen seated."""
    breaks: int | None = None
    shifts: int | None = None
    prompts: int | None = None
    """Prompts shown, referrals among them."""
    helped: int | None = None
    """Prompts that were followed by a movement or done; ``None`` where of none it is known what followed."""
    reports: dict[ReportKind, int] = field(default_factory=dict)
    """How often the person said what of their back; possible on a blank day too. What was not said is no key."""

    @property
    def measured_s(self) -> float | None:
        """Seconds in which the posture was measured."""
        return None if self.seconds is None else measured_s(self.seconds)

    @property
    def there_s(self) -> float | None:
        """Seconds in which the person was not away."""
        return None if self.seconds is None else there_s(self.seconds)

    @property
    def coverage(self) -> float | None:
        """Measured share (0..1) of the time that the person was not away; ``None`` if there was no such time."""
        return None if self.seconds is None else coverage_of(self.seconds)

    @property
    def flexed_s(self) -> float | None:
        """Seconds flexed; ``None`` where nothing was measured."""
        return self.seconds[Posture.FLEXED] if self.seconds is not None and self.measured_s else None

    @property
    def enough(self) -> bool:
        """Whether the day may stand beside others: half of the time at the desk measured, and half an hour of it at least."""
        return (self.coverage or 0.0) >= LOW_COVERAGE and (self.measured_s or 0.0) >= ENOUGH_S


@dataclass(frozen=True, slots=True)
class Typical:
    """A day, or the medians of several; ``None``: of no day of them is it known."""

    days: int
    """How many days with enough coverage went into it."""
    measured_s: float | None
    flexed_share: float | None
    """Flexed share (0..1) of the measured time."""
    longest_sit_s: float | None
    breaks_per_h: float | None
    """Per hour in which the person was there."""
    shifts_per_h: float | None
    """Per hour in which the person was there."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day beside the days before it, medians of days with enough coverage. No score."""

    this: Typical
    last_7: Typical
    """Of the 7 days before."""
    last_28: Typical
    """Of the 28 days before."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The one thing to try tomorrow."""

    prompt_id: str
    """Of the catalogue."""
    title: str
    why: str
    """One sentence of the catalogue."""
    passage: str
    """Id of the passage that it follows."""
    passage_words: str
    """What that passage says; empty if the catalogue does not know it."""
    source: str
    """The catalogue's own line on where it comes from."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's summary and what it was made of."""

    date: date
    summary: DaySummary
    """Totals, prompts with what followed, the finding, notes."""
    spans: tuple[Span, ...]
    """Clipped to the day, by start, no second twice."""
    episodes: tuple[Episode, ...]
    """Those that reach into the day, whole."""
    moves: tuple[PostureChange, ...]
    shown: tuple[ShownPrompt, ...]
    """In the order of ``summary.prompts``, which tells what followed."""
    reports: tuple[SelfReport, ...]
    red_flags: tuple[SelfReport, ...]
    """Reports, of any day, whose referral is not acknowledged yet: pain, numbness, weakness, stiffness on days running."""
    start_s: float
    end_s: float
    """Local midnights; 23, 24 or 25 hours apart."""
    totals: DayTotals
    """The same day in few numbers."""
    strip: TimelineStrip
    dose: DoseCurve
    longest_sit: SittingBout | None
    """``None``: the person was not seen seated."""
    sessions: tuple[SessionLine, ...] = ()
    """By start; several cameras may have taken turns."""
    associations: tuple[Associations, ...] = ()
    """For urges and for stiffness, each if it was ever reported in the twelve weeks up to this day."""
    comparison: Comparison | None = None
    """``None``: too little of this day was measured."""
    suggestion: Suggestion | None = None
    """``None``: nothing stood out, or too little was measured, or a red flag is up and the referral comes first."""
    held: tuple[HeldPrompt, ...] = ()
    """Prompts that were due and held back, from when on and why, by time."""
    exercises: tuple[ExerciseLine, ...] = ()
    """Guided exercises that began on this day, by start."""

    @property
    def told_minutes(self) -> list[int]:
        """The minutes of which anything was recorded, shown or said, in no order."""
        times = [*(p.time_s for p in self.summary.prompts), *(r.time_s for r in self.reports), *(e.done.start_s for e in self.exercises)]
        return [*self.strip.recorded, *(int((t - self.start_s) // MINUTE_S) for t in times if self.start_s <= t < self.end_s)]

    @property
    def blank(self) -> bool:
        """Whether nothing was recorded on this day (or all of it was paused or asleep)."""
        return self.totals.seconds is None


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One of the days of a week."""

    totals: DayTotals
    strip: TimelineStrip
    reports: tuple[SelfReport, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days side by side, oldest first; the last is the one that was asked for."""

    days: tuple[WeekDay, ...]
    typical: Typical
    """Medians of those with enough coverage."""
    finding_kind: EpisodeKind | None
    """What stood out on more than half of those with enough coverage; ``None``: nothing did."""
    suggestion: Suggestion | None
    """One habit to try next; ``None`` as for a day."""
    red_flags: tuple[SelfReport, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed some first prompts."""

    prompts: int
    """How many there were."""
    counted: int
    """Those of which at least half of the half hour after is known."""
    days: int
    """Local days that these are on."""
    flexed: IntervalEstimate | None
    """Share (0..1) of the known time of the half hour that was spent flexed, mean; ``None`` while there are too few to tell."""
    ended: int
    """Those of `ended_of` whose cause ended in the half hour."""
    ended_of: int
    """Those counted of which it is known."""
    ended_share: IntervalEstimate | None
    """Share (0..1); ``None`` while there are too few to tell."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The prompts of which a draw decided whether they were shown, side by side."""

    shown: Followed
    withheld: Followed
    flexed: IntervalEstimate | None
    """Share flexed after those shown minus that after those withheld; ``None`` while there are too few of either to tell."""
    ended: IntervalEstimate | None
    """The same of the share whose cause ended."""


@dataclass(frozen=True, slots=True)
class FollowedPrompts:
    """What followed the prompts of a stretch of days."""

    shown: Followed
    """All that were shown."""
    by_prompt: tuple[tuple[str, str, Followed], ...]
    """Id of the exercise, its title, and what followed it; the most frequent first. Each is shown for other causes and at other
    times than the next, so they are not to be compared with each other."""
    drawn: Drawn | None
    """``None``: nothing was withheld."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Days in a row, oldest first; the last is the one that was asked for."""

    days: tuple[DayTotals, ...]
    red_flags: tuple[SelfReport, ...]
    followed: FollowedPrompts | None = None
    """``None``: no prompt was shown or withheld."""
    exercises: tuple[ExerciseStretch, ...] = ()

    @property
    def measured_days(self) -> int:
        """Days with enough coverage."""
        return sum(d.enough for d in self.days)
