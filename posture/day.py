"""One's own day, out of the database: live sessions from local midnight to local midnight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from posture import __version__, config
from posture.findings import LOW_COVERAGE, finding_of, prompt_line
from posture.model import Episode, Move, SelfReport, ShownPrompt, Span
from posture.prompts import Catalogue
from posture.recording import Analysis, VideoFactsLine
from posture.settings import Settings
from posture.store import Store
from posture.summary import DaySummary, dominant, summarise

RED_FLAG = "You reported pain, numbness or weakness: see a physical therapist or doctor. When you have read this: posture log ack"


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
    """Reports of pain, numbness or weakness, of any day, whose referral is not acknowledged yet."""


def bounds(day: date) -> tuple[float, float]:
    """Local midnight to local midnight in seconds since the epoch; 23 or 25 hours where the clocks change."""
    first = datetime.combine(day, time()).astimezone()
    last = datetime.combine(day + timedelta(days=1), time()).astimezone()
    return first.timestamp(), last.timestamp()


def day_of(store: Store, day: date, catalogue: Catalogue, settings: Settings) -> Day:
    """Read one day.

    Raises:
        StoreError: the database cannot be read.
    """
    start, end = bounds(day)
    spans = tuple(s.since(0.0) for s in store.spans_between(start, end))
    episodes = tuple(e.since(0.0) for e in store.episodes_between(start, end))
    moves = tuple(m.since(0.0) for m in store.moves_between(start, end))
    shown = tuple(p.since(0.0) for p in store.prompts_between(start, end))
    flags = tuple(store.open_red_flags())
    lines = [prompt_line(p, catalogue) for p in shown]
    bare = summarise(spans, moves, episodes, prompts=lines)
    seen_enough = bare.coverage is not None and bare.coverage >= LOW_COVERAGE
    kind = dominant(episodes, settings.dose) if seen_enough else None
    finding = None if kind is None else finding_of(kind, catalogue, flagged=bool(flags))
    notes = _notes(spans, bare, flagged=bool(flags))
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


def _notes(spans: Sequence[Span], summary: DaySummary, *, flagged: bool) -> list[str]:
    notes = []
    if flagged:
        notes.append(RED_FLAG)
    if not spans:
        notes.append("Nothing was measured on this day.")
    elif summary.coverage is not None and summary.coverage < LOW_COVERAGE:
        notes.append("Less than half of the time at the desk could be measured, so there is no advice from this day.")
    return notes
