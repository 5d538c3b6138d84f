"""One's own days, out of the database: a day, a week and a trend of live sessions, from local midnight to local midnight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from posture.days import (
    KINDS,
    WEEK,
    WINDOW_DAYS,
    Day,
    DayTotals,
    ExerciseLine,
    SessionLine,
    StoredDays,
    Suggestion,
    Trend,
    Week,
    WeekDay,
    associations_of,
    bounds,
    bouts_of,
    comparison_of,
    days_to_compare,
    dose_curve,
    exercise_stretches,
    followed_prompts,
    last_days,
    longest,
    strip_of,
    totals_of,
    typical_of,
)
from posture.engine import LOW_COVERAGE, dominant, summarise
from posture.prompts import Catalogue, Reaction, finding_of, heat_allowed, open_red_flags, prompt_line, suggestion_of
from posture.settings import Settings
from posture.storage import Store, StoredPrompt
from posture.types import Episode, EpisodeKind, SelfReport, ShownPrompt, Span

_RECENT_S = 30 * 86400.0
"""Prompts of this long before a session matter for quiet time, for rotation and for what is learnt: a person changes."""
_MARGIN_S = 12 * 3600.0
"""A dose and a sit that began before midnight are followed back for so long; every break clears them."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a `PromptScheduler` must know of the user's earlier days before a session that is their own, live or recorded."""

    history: tuple[ShownPrompt, ...]
    """Prompts shown before it began, seconds since then (so negative), by time."""
    reports: tuple[SelfReport, ...]
    flagged: bool
    """Whether a red flag is up now."""
    reactions: Mapping[ShownPrompt, Reaction] = field(default_factory=dict)
    """What was answered to prompts of the history, and what followed, on the same clock; only those of which something is known."""


def past_of(store: Store, start_epoch_s: float, now_epoch_s: float) -> Past:
    """Return the past of a session that begins at `start_epoch_s`.

    A live session gives its scheduler the reactions too: so a snooze survives a restart (its answer and its moment are stored), and
    the choice goes on learning. A recording does not: nobody answers it.

    A red flag that is up today holds for a recording of an earlier day as well: what it advises is read today.

    Raises:
        StoreError: the database cannot be read.
    """
    reports = tuple(store.reports())
    gives_way = {s.id for s in store.sessions_between(start_epoch_s + 1.0, start_epoch_s + 2.0)}  # an earlier entry of the recording
    prompts = [p for p in store.prompts_between(start_epoch_s - _RECENT_S, start_epoch_s) if p.session_id not in gives_way]
    shown = [p.since(start_epoch_s) for p in prompts]
    reactions = {s: _reaction(p, start_epoch_s) for s, p in zip(shown, prompts, strict=True) if p.answer or p.outcome}
    return Past(tuple(shown), reports, bool(open_red_flags(reports, now_epoch_s)), reactions)


def _reaction(prompt: StoredPrompt, origin_utc: float) -> Reaction:
    return Reaction(prompt.answer, None if prompt.answered_utc is None else prompt.answered_utc - origin_utc, prompt.outcome)


def day_of(store: Store, day: date, catalogue: Catalogue, settings: Settings, now_epoch_s: float) -> Day:
    """Read one day, as it is to be read at `now_epoch_s` (seconds since the epoch).

    Raises:
        StoreError: the database cannot be read.
    """
    with store.reading():  # all of it as it is at one moment, though the monitor may be writing
        return _day(_DayReader(store, settings, now_epoch_s), store, day, catalogue, settings)


def _day(reader: _DayReader, store: Store, day: date, catalogue: Catalogue, settings: Settings) -> Day:
    start, end = bounds(day)
    sessions = _sessions(store, start, end)
    spans = tuple(sorted((s for own in sessions for span in own if (s := _clipped(span, start)) is not None), key=lambda s: s.start_s))
    episodes = tuple(e.since(0.0) for e in store.episodes_between(start, end))
    moves = tuple(m.since(0.0) for m in store.moves_between(start, end))
    prompts = [p for p in store.prompts_between(start, end) if not p.withheld]
    shown = tuple(p.since(0.0) for p in prompts)
    before = reader.days_before(day)
    compared = days_to_compare(day)
    stored = reader.stored(before, compared)
    totals = totals_of(compared, stored)
    this, sit = totals[-1], longest(stored.bouts, start, end)
    lines = [prompt_line(s, catalogue, p.outcome) for s, p in zip(shown, prompts, strict=True)]
    bare = replace(summarise(spans, moves, episodes, prompts=lines), longest_sit_s=sit.sat_s if sit else 0.0)
    kind = dominant(episodes, settings.dose) if (bare.coverage or 0.0) >= LOW_COVERAGE else None
    finding = None if kind is None else finding_of(kind, catalogue, flagged=reader.flagged, heat=reader.heat)
    return Day(
        day,
        replace(bare, finding=finding, notes=tuple(_notes(this))),
        spans,
        episodes,
        moves,
        shown,
        tuple(r for r in reader.reports if start <= r.time_s < end),
        reader.flags,
        start,
        end,
        this,
        strip_of(stored.table, start, end),
        dose_curve(sessions, start, end, settings),
        sit,
        sessions=tuple(_session_lines(store, start, end, spans)),
        associations=tuple(t for k in KINDS if (t := associations_of(k, reader.reports, stored.table, stored.bouts, before)) is not None),
        comparison=comparison_of(totals),
        suggestion=reader.suggestion(kind, catalogue, habit=False),
        held=tuple(h.since(0.0) for h in store.held_prompts_between(start, end)),
        exercises=tuple(ExerciseLine(catalogue.title_of(e.exercise), e) for e in store.exercises_between(start, end)),
    )


def week_of(store: Store, day: date, catalogue: Catalogue, settings: Settings, now_epoch_s: float) -> Week:
    """Read the seven days that end with `day`, as they are to be read at `now_epoch_s` (seconds since the epoch).

    Raises:
        StoreError: the database cannot be read.
    """
    days = last_days(day, WEEK)
    with store.reading():
        reader = _DayReader(store, settings, now_epoch_s)
        stored = reader.stored(days)
        totals = totals_of(days, stored)
        episodes = [e.since(0.0) for e in store.episodes_between(totals[0].start_s, totals[-1].end_s)]
    kind = _on_most_days(totals, episodes, settings)
    return Week(
        tuple(
            WeekDay(t, strip_of(stored.table, t.start_s, t.end_s), tuple(r for r in reader.reports if t.start_s <= r.time_s < t.end_s))
            for t in totals
        ),
        typical_of(totals),
        kind,
        reader.suggestion(kind, catalogue, habit=True),
        reader.flags,
    )


def trend_of(store: Store, day: date, number: int, catalogue: Catalogue, settings: Settings, now_epoch_s: float) -> Trend:
    """Read the `number` days that end with `day`, as they are to be read at `now_epoch_s` (seconds since the epoch).

    Raises:
        StoreError: the database cannot be read.
    """
    days = last_days(day, number)
    with store.reading():
        reader = _DayReader(store, settings, now_epoch_s)
        totals = tuple(totals_of(days, reader.stored(days)))
        prompts = store.prompts_between(totals[0].start_s, totals[-1].end_s)
        done = store.exercises_between(totals[0].start_s, totals[-1].end_s)
    followed = followed_prompts([(p.since(0.0), p.after) for p in prompts], catalogue.title_of) if prompts else None
    return Trend(totals, reader.flags, followed, exercise_stretches(done, days, catalogue.title_of))


def _on_most_days(days: Sequence[DayTotals], episodes: Sequence[Episode], settings: Settings) -> EpisodeKind | None:
    """Tell what stood out on more than half of the days that were measured well enough; ``None``: nothing did."""
    good = [d for d in days if d.enough]
    found = [dominant([e for e in episodes if e.start_s < d.end_s and e.end_s > d.start_s], settings.dose) for d in good]
    return next((k for k in EpisodeKind if 2 * found.count(k) > len(good)), None)


class _DayReader:
    """What every summary reads: self-reports with what follows from them, and days in a row."""

    def __init__(self, store: Store, settings: Settings, now_epoch_s: float) -> None:
        self._store, self._settings = store, settings
        self.reports = store.reports()
        self.flags = tuple(open_red_flags(self.reports, now_epoch_s))
        self.flagged = bool(self.flags)
        self.heat = heat_allowed(self.reports)

    def days_before(self, day: date) -> list[date]:
        """Return the days that the summary of `day` needs, itself the last: those it is compared with, or all that may go with
        something."""
        days = last_days(day, WINDOW_DAYS)
        since, until = bounds(days[0])[0], bounds(day)[1]
        told = any(r.kind in KINDS and since <= r.time_s < until for r in self.reports)
        return days if told else days_to_compare(day)

    def stored(self, days: Sequence[date], counted: Sequence[date] = ()) -> StoredDays:
        """Tell what was stored of local days that follow one another; moves and prompts of the last of them alone, if `counted` says so."""
        start, end = bounds(days[0])[0], bounds(days[-1])[1]
        counted_from = bounds(counted[0])[0] if counted else start
        table = self._store.span_table(start - _MARGIN_S, end + _MARGIN_S)
        return StoredDays(
            table,
            bouts_of(table, self._settings.dose.clear_s),
            [(m.at_utc, m.kind) for m in self._store.moves_between(counted_from, end)],
            [(p.at_utc, p.kind, p.outcome) for p in self._store.prompts_between(counted_from, end) if not p.withheld],
            self.reports,
        )

    def suggestion(self, kind: EpisodeKind | None, catalogue: Catalogue, *, habit: bool) -> Suggestion | None:
        """Return the one thing to try; ``None`` if nothing stood out, or a red flag is up."""
        return None if kind is None or self.flagged else suggestion_of(kind, catalogue, heat=self.heat, habit=habit)


def _sessions(store: Store, start: float, end: float) -> list[list[Span]]:
    """Return the spans of a day by session, each with what lies before midnight, as far as it can matter."""
    own: dict[int, list[Span]] = {}
    for span in store.spans_between(start - _MARGIN_S, end):
        own.setdefault(span.session_id, []).append(span.since(0.0))
    return [spans for spans in own.values() if spans[-1].end_s > start]


def _clipped(span: Span, start_s: float) -> Span | None:
    """Return the part of the span from then on; ``None`` if there is none."""
    if span.end_s <= start_s:
        return None
    return span if span.start_s >= start_s else replace(span, start_s=start_s)


def _session_lines(store: Store, start: float, end: float, spans: Sequence[Span]) -> Iterator[SessionLine]:
    """Yield the sessions of the day; one that reaches beyond, from or to midnight."""
    if spans:
        for session in store.sessions_between(start, end):
            ended = session.ended_utc
            yield SessionLine(max(session.started_utc, start), None if ended is None else min(ended, end), session.source)


def _notes(day: DayTotals) -> list[str]:
    if day.seconds is None:
        return ["Nothing was measured on this day."]
    if day.coverage is not None and day.coverage < LOW_COVERAGE:
        return ["Less than half of your time at the desk could be measured, so there's no advice from this day."]
    return []
