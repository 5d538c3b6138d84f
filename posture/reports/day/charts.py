"""Geometry of the pictures of a day, a week and a comparison: places only, in per cent of the width, so that one picture fits any screen.

The templates draw it as inline SVG; the page's style colours it. Classes of time differ in height and hatch as well as in colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from posture.days import MINUTE_S, Day, DoseCurve, TimelineStrip, Typical, WeekDay, whole_hours
from posture.engine import PromptLine
from posture.prompts import RED_FLAGS
from posture.reports.day.labels import OUTCOMES, REPORTS, class_words, clocks_change, time_of
from posture.reports.labels import EXERCISE_LOOK, count_words
from posture.time_parsing import span_words
from posture.types import Posture, SelfReport

HEIGHTS = {
    Posture.FLEXED: 1.0,
    Posture.ANTERIOR_TILT: 0.78,
    Posture.NEUTRAL: 0.5,
    Posture.UNKNOWN: 0.5,
    Posture.AWAY: 0.14,
}
"""Height of a class in the strip: it can be read without its colour."""
WIDE_PX, NARROW_PX = 600.0, 330.0
"""Widths of a plot that marks are laid out for: on a screen or on paper, and on a phone."""
MARK_PX = 17.0
MOST_ROWS = 3
LEAST_HOURS = 6
_LEAST_WIDTH = 0.5
"""Per cent: a minute of exercise can be seen in a day."""
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class StripBar:
    """A stretch of the strip."""

    x: float
    """Per cent, as `width`."""
    width: float
    top: float
    """Share of the strip's height that is left free above it, per cent; `height` likewise."""
    height: float
    look: str
    says: str


@dataclass(frozen=True, slots=True)
class HourTick:
    """A whole hour."""

    x: float
    words: str
    wide: bool
    """Whether its label stands where there is room; `narrow`: on a phone."""
    narrow: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class EventMark:
    """A prompt or a self-report; several where there is no room for each."""

    x: float
    row: int
    look: str
    sign: str
    says: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of marks, for one width."""

    name: str
    marks: tuple[EventMark, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Level:
    """A dose at which a prompt is due."""

    y: float
    """Per cent from the top."""
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The dose, in a picture `columns` wide and 100 high that is stretched to its place."""

    columns: int
    pieces: tuple[tuple[tuple[float, float], ...], ...]
    """Its unbroken stretches as points."""
    levels: tuple[Level, ...]
    peak: EventMark | None

    @property
    def line(self) -> str:
        """The curve as a path of SVG."""
        return " ".join("M" + "L".join(f"{x:g} {h:g}" for x, h in piece) for piece in self.pieces)

    @property
    def area(self) -> str:
        """What lies below it as a path of SVG."""
        return " ".join(f"M{p[0][0]:g} 100L" + "L".join(f"{x:g} {h:g}" for x, h in p) + f"L{p[-1][0]:g} 100Z" for p in self.pieces)


@dataclass(frozen=True, slots=True)
class DayTimeline:
    """A day on one axis of time."""

    bars: tuple[StripBar, ...]
    ticks: tuple[HourTick, ...]
    prompts: tuple[Lane, ...]
    reports: tuple[Lane, ...]
    curve: Curve
    change: EventMark | None
    """Where the clocks change."""
    says: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A day among others, by the clock on the wall."""

    bars: tuple[StripBar, ...]
    reports: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Dots:
    """A day's value and the medians beside it on one line; per cent of the largest."""

    this: float | None
    last_7: float | None
    last_28: float | None


def timeline(day: Day) -> DayTimeline:
    """Return the day between the first and the last whole hour in which anything was recorded, said or shown."""
    start, end = _extent(day)
    first, last = round((start - day.start_s) / MINUTE_S), round((end - day.start_s) / MINUTE_S)
    zone = clocks_change(day)
    bars = tuple(
        StripBar(
            _percent(run.start_s, start, end),
            _percent(run.end_s - run.start_s + start, start, end),
            *_height(run.posture),
            run.posture.value,
            f"{class_words(run.posture)}, {time_of(run.start_s, zone)} to {time_of(run.end_s, zone)}",
        )
        for run in day.strip.runs()
        if run.posture is not None
    )
    return DayTimeline(
        tuple(sorted((*bars, *_exercises(day, start, end, zone)), key=lambda bar: bar.x)),
        _ticks(start, end),
        _lanes([(p.time_s, *_prompt_look(p, zone)) for p in day.summary.prompts], start, end),
        _lanes([(r.time_s, *_report_look(r, zone)) for r in day.reports], start, end),
        _curve(day.dose, first, last),
        _change(start, end) if zone else None,
        _says(day, start, end),
    )


def _exercises(day: Day, start: float, end: float, zone: bool) -> Iterable[StripBar]:
    """Yield the guided exercises, as high as the strip, each wide enough to be seen."""
    for title, done in ((e.title, e.done) for e in day.exercises):
        says = f"exercise, {title}, {time_of(done.start_s, zone)} to {time_of(done.end_s, zone)}"
        width = max(_LEAST_WIDTH, _percent(min(done.end_s, end) - done.start_s + start, start, end))
        yield StripBar(_percent(done.start_s, start, end), width, 0.0, 100.0, EXERCISE_LOOK, says)


def week_rows(days: Sequence[WeekDay]) -> tuple[list[WeekRow], tuple[HourTick, ...]]:
    """Return the strips of several days on one axis of hours on the wall; an hour that comes twice is halved in height."""
    seen = [m for d in days for m in _shown_minutes(d)]
    first, last = whole_hours(seen, 24 * 60, LEAST_HOURS)
    rows = [
        WeekRow(
            tuple(_wall_bars(d.strip, first, last)),
            _lanes([(_wall(r.time_s), *_report_look(r, False)) for r in d.reports], first, last, rows=1),
        )
        for d in days
    ]
    marks = [(m, f"{m // 60 % 24:02d}:00") for m in range(first, last + 1, 60)]
    return rows, _labelled([(_percent(m, first, last), words) for m, words in marks])


def dots(this: Typical, last_7: Typical, last_28: Typical, name: str) -> Dots:
    """Return one row of a comparison."""
    values = [getattr(t, name) for t in (this, last_7, last_28)]
    top = max((v for v in values if v is not None), default=0.0)
    return Dots(*(None if v is None else 4.0 + (92.0 * v / top if top else 0.0) for v in values))


def _extent(day: Day) -> tuple[float, float]:
    first, last = whole_hours(day.told_minutes, len(day.strip.minutes), LEAST_HOURS)
    return day.start_s + MINUTE_S * first, day.start_s + MINUTE_S * last


def _percent(value: float, start: float, end: float) -> float:
    return round(100.0 * (value - start) / (end - start), 3)


def _height(posture: Posture, half: int | None = None) -> tuple[float, float]:
    """Free share above and height of a bar, per cent; `half`: 0 for the upper, 1 for the lower half of the strip."""
    if half is None:
        return round(100.0 * (1.0 - HEIGHTS[posture]), 1), 100.0 * HEIGHTS[posture]
    high = 48.0 * HEIGHTS[posture]
    return round(50.0 * half + 48.0 - high, 1), high


def _ticks(start: float, end: float) -> tuple[HourTick, ...]:
    count = round((end - start) / _HOUR_S)
    return _labelled([(_percent(t, start, end), time_of(t)) for t in (start + _HOUR_S * i for i in range(count + 1)) if t <= end])


def _labelled(marks: list[tuple[float, str]]) -> tuple[HourTick, ...]:
    wide, narrow = _every(len(marks), 13), _every(len(marks), 6)
    anchors = {0: "start", len(marks) - 1: "end"}
    return tuple(HourTick(x, words, i % wide == 0, i % narrow == 0, anchors.get(i, "middle")) for i, (x, words) in enumerate(marks))


def _every(count: int, most: int) -> int:
    return next((n for n in (1, 2, 3, 4, 6) if (count - 1) // n + 1 <= most), 12)


def _change(start: float, end: float) -> EventMark | None:
    """Return the moment within the picture at which the clocks change."""
    offsets = [(t, datetime.fromtimestamp(t).astimezone().utcoffset()) for t in _steps(start, end, MINUTE_S * 15)]
    at = next((t for (_, before), (t, after) in pairwise(offsets) if before != after), None)
    if at is None:
        return None
    return EventMark(
        _percent(at, start, end), 0, "change", "", f"The clocks change here: {time_of(at - 60.0)} is followed by {time_of(at)}."
    )


def _steps(start: float, end: float, step: float) -> list[float]:
    return [start + step * i for i in range(round((end - start) / step) + 1)]


def _prompt_look(prompt: PromptLine, zone: bool) -> tuple[str, str, str]:
    word, sign = OUTCOMES[prompt.outcome]
    when = time_of(prompt.time_s, zone)
    if prompt.kind == "referral":
        return "referral", "!", f"{when} {prompt.title}"
    look = {"+": "helped", "-": "ignored", "z": "snoozed"}.get(sign, "unheard")
    return look, sign, f"{when} {prompt.title}: {word}"


def _report_look(report: SelfReport, zone: bool) -> tuple[str, str, str]:
    said = REPORTS[report.kind]
    return "red" if report.kind in RED_FLAGS else "said", said.letter, f"{time_of(report.time_s, zone)} {said.word}"


def _lanes(events: Iterable[tuple[float, str, str, str]], start: float, end: float, rows: int = MOST_ROWS) -> tuple[Lane, ...]:
    inside = sorted(e for e in events if start <= e[0] <= end)
    return tuple(_lane(name, inside, start, end, px, rows) for name, px in (("wide", WIDE_PX), ("narrow", NARROW_PX)))


def _lane(name: str, events: Sequence[tuple[float, str, str, str]], start: float, end: float, px: float, most: int) -> Lane:
    """Return marks in up to `most` rows; where all are taken, those beside one another become one mark with their number."""
    marks: list[list[tuple[float, str, str, str]]] = []
    rows: list[int] = []
    last = [-math.inf] * most
    for event in events:
        x = px * (event[0] - start) / (end - start)
        row = next((i for i, at in enumerate(last) if x - at >= MARK_PX), None)
        if row is None:
            marks[max(range(len(marks)), key=lambda i: marks[i][0][0])].append(event)
            continue
        last[row] = x
        marks.append([event])
        rows.append(row)
    edge = 100.0 * 8.0 / px
    placed = tuple(
        EventMark(
            round(min(100.0 - edge, max(edge, _percent(group[0][0], start, end))), 3),
            row,
            group[0][1] if len(group) == 1 else _common(group),
            group[0][2] if len(group) == 1 else str(len(group)),
            "; ".join(e[3] for e in group),
        )
        for group, row in zip(marks, rows, strict=True)
    )
    return Lane(name, placed, max(rows, default=-1) + 1)


def _common(group: Sequence[tuple[float, str, str, str]]) -> str:
    looks = {e[1] for e in group}
    return looks.pop() if len(looks) == 1 else "red" if "red" in looks else "several"


def _curve(dose: DoseCurve, first: int, last: int) -> Curve:
    values = [dose.minutes[i] if i < len(dose.minutes) else None for i in range(first, last)]
    peak = max((v for v in values if v is not None), default=0.0)
    top = max(dose.firm_s * 1.3, peak * 1.12)

    def y(seconds: float) -> float:
        return round(100.0 - 100.0 * seconds / top, 2)

    pieces: list[list[tuple[int, float]]] = []
    for i, value in enumerate(values):
        if value is None:
            continue
        if not pieces or pieces[-1][-1][0] != i - 1:
            pieces.append([])
        pieces[-1].append((i, value))
    lines = tuple(tuple((i + 0.5, y(v)) for i, v in piece) for piece in pieces)
    levels = ((dose.soft_s, "reminder at"), (dose.firm_s, "again at"))
    mark = None
    if peak >= MINUTE_S:
        x = _percent(values.index(peak) + 0.5, 0, last - first)
        mark = EventMark(x, round(y(peak)), "peak", f"{peak / MINUTE_S:.0f} min", "highest")
    return Curve(
        max(1, last - first),
        lines,
        tuple(Level(y(s), f"{words} {span_words(s)}") for s, words in levels if s > 0),
        mark,
    )


def _shown_minutes(day: WeekDay) -> list[int]:
    at = [day.strip.start_s + MINUTE_S * i for i in day.strip.recorded]
    return [int(_wall(t)) for t in [*at, *(r.time_s for r in day.reports)]]


def _wall(time_s: float) -> float:
    """Return minutes since midnight as the clock on the wall shows them."""
    moment = datetime.fromtimestamp(time_s)
    return moment.hour * 60 + moment.minute + moment.second / 60.0


def _wall_bars(strip: TimelineStrip, first: int, last: int) -> list[StripBar]:
    plain = len(strip.minutes) <= 1440
    bars: list[StripBar] = []
    open_: tuple[int, int, Posture, int | None] | None = None

    def close() -> None:
        if open_ is not None:
            start, end, posture, half = open_
            at, wide = _percent(start, first, last), _percent(end - start + first, first, last)
            says = f"{class_words(posture)}, {start // 60:02d}:{start % 60:02d} to {end // 60:02d}:{end % 60:02d}"
            bars.append(StripBar(at, wide, *_height(posture, half), posture.value, says))

    for i, posture in enumerate(strip.minutes):
        time_s = strip.start_s + MINUTE_S * i
        minute, half = int(_wall(time_s)), None if plain else _half(time_s)
        if open_ is not None and posture is open_[2] and open_[1] == minute and open_[3] == half:
            open_ = (open_[0], minute + 1, posture, half)
            continue
        close()
        open_ = None if posture is None else (minute, minute + 1, posture, half)
    close()
    return bars


def _half(time_s: float) -> int | None:
    """Return 0 for the first, 1 for the second time that the clocks show this minute; ``None`` where they show it once."""
    moment = datetime.fromtimestamp(time_s)
    twice = moment.replace(fold=0).timestamp() != moment.replace(fold=1).timestamp()
    return moment.fold if twice else None


def _says(day: Day, start: float, end: float) -> str:
    counts = [(p, sum(m is p for m in day.strip.minutes)) for p in Posture]
    where = ", ".join(f"{class_words(p)} {n} min" for p, n in counts if n)
    peak = day.dose.peak_s
    dose = "" if peak is None else f" Bent time was {peak / MINUTE_S:.0f} min at its highest."
    done = f" {count_words(len(day.exercises), 'exercise')} counted." if day.exercises else ""
    return (
        f"Timeline of the day from {time_of(start)} to {time_of(end)}: {where or 'nothing recorded'}.{dose}{done} "
        f"{len(day.summary.prompts)} reminders and {len(day.reports)} of your own reports are marked. The tables below say the same."
    )
