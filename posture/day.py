"""One's own day, out of the database: live sessions from local midnight to local midnight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from posture import __version__, config
from posture.choice import Reaction
from posture.findings import LOW_COVERAGE, finding_of, prompt_line
from posture.model import Episode, Move, SelfReport, ShownPrompt, Span
from posture.prompts import Catalogue, heat_allowed
from posture.recording import Analysis, VideoFactsLine
from posture.redflags import last_numb_s, open_red_flags
from posture.settings import Settings
from posture.store import Store
from posture.stored import StoredPrompt
from posture.summary import DaySummary, dominant, summarise

_RECENT_S = 30 * 86400.0
"""Prompts of this long before a session matter for quiet time, for rotation and for what is learnt: a person changes."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's summary and what it was made of; all times are seconds since the epoch."""

    date: date
    summary: DaySummary
    spans: tuple[Span, ...]
    episodes: tuple[Episode, ...]
    moves: tuple[Move, ...]
    shown: tuple[ShownPrompt, ...]
    reports: tuple[SelfReport, ...]
    red_flags: tuple[SelfReport, ...]
    """Reports, of any day, whose referral is not acknowledged yet: pain, numbness, weakness, stiffness on days running."""


def bounds(day: date) -> tuple[float, float]:
    """Local midnight to local midnight in seconds since the epoch; 23 or 25 hours where the clocks change."""
    first = datetime.combine(day, time()).astimezone()
    last = datetime.combine(day + timedelta(days=1), time()).astimezone()
    return first.timestamp(), last.timestamp()


@dataclass(frozen=True, slots=True)
class Past:
    """What a prompt desk must know of the user's earlier days before a session that is their own, live or recorded."""

    history: tuple[ShownPrompt, ...]
    """Prompts shown before it began, seconds since then (so negative), by time."""
    reports: tuple[SelfReport, ...]
    flagged: bool
    """Whether a red flag is up now."""
    reactions: Mapping[ShownPrompt, Reaction] = field(default_factory=dict)
    """What was answered to prompts of the history, and what followed, on the same clock; only those of which something is known."""


def past_of(store: Store, start_epoch_s: float, now_epoch_s: float) -> Past:
    """The past of a session that begins at `start_epoch_s`.

    A live session gives its desk the reactions too: so a snooze survives a restart (its answer and its moment are stored), and
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
    start, end = bounds(day)
    spans = tuple(s.since(0.0) for s in store.spans_between(start, end))
    episodes = tuple(e.since(0.0) for e in store.episodes_between(start, end))
    moves = tuple(m.since(0.0) for m in store.moves_between(start, end))
    prompts = store.prompts_between(start, end)
    shown = tuple(p.since(0.0) for p in prompts)
    reports = store.reports()
    flags = tuple(open_red_flags(reports, now_epoch_s))
    heat = heat_allowed(last_numb_s(reports))
    lines = [prompt_line(s, catalogue, p.outcome) for s, p in zip(shown, prompts, strict=True)]
    bare = summarise(spans, moves, episodes, prompts=lines)
    seen_enough = bare.coverage is not None and bare.coverage >= LOW_COVERAGE
    kind = dominant(episodes, settings.dose) if seen_enough else None
    finding = None if kind is None else finding_of(kind, catalogue, flagged=bool(flags), heat=heat)
    notes = _notes(spans, bare)
    summary = replace(bare, finding=finding, notes=tuple(notes))
    return Day(day, summary, spans, episodes, moves, shown, tuple(store.reports_between(start, end)), flags)


def as_analysis(day: Day, settings: Settings) -> Analysis:
    """The day in the form that reports of a recording take; times count from local midnight, so they read as times of day."""
    zero = bounds(day.date)[0]
    return Analysis(
        video=VideoFactsLine(f"Your day, {day.date:%A %d %B %Y}", None, 0, 0, None, ""),
        judged=(),
        spans=tuple(replace(s, start_s=s.start_s - zero, end_s=s.end_s - zero) for s in day.spans),
        episodes=tuple(replace(e, start_s=e.start_s - zero, end_s=e.end_s - zero) for e in day.episodes),
        moves=tuple(replace(m, time_s=m.time_s - zero) for m in day.moves),
        shown=tuple(
            replace(p, time_s=p.time_s - zero, episode_start_s=None if p.episode_start_s is None else p.episode_start_s - zero)
            for p in day.shown
        ),
        held=(),
        summary=replace(
            day.summary,
            start_s=day.summary.start_s - zero,
            end_s=day.summary.end_s - zero,
            prompts=tuple(replace(p, time_s=p.time_s - zero) for p in day.summary.prompts),
        ),
        neutral={},
        model={},
        versions={"posture": __version__},
        changed_settings=config.changed(settings),
    )


def _notes(spans: Sequence[Span], summary: DaySummary) -> list[str]:
    notes = []
    if not spans:
        notes.append("Nothing was measured on this day.")
    elif summary.coverage is not None and summary.coverage < LOW_COVERAGE:
        notes.append("Less than half of the time at the desk could be measured, so there is no advice from this day.")
    return notes
