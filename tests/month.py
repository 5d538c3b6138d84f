"""Weeks of made-up days for tests and benchmarks, written into a store as the monitor would have: seeded, so always the same.

In them: normal working days with two cameras that take turns, days with holes (camera lost, paused, asleep), a day that was hardly
measured, blank weekends, a session over midnight, a night in which the clocks change (where the time zone has one), prompts with
what followed, and self-reports that come more often after flexed hours. Episodes, breaks and due prompts follow from the spans by
the program's own rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from posture.engine.exposure import Exposure
from posture.engine.spans import Interval
from posture.settings import Settings
from posture.storage.records import Origin, SessionEnd
from posture.storage.store import Store
from posture.types import (
    Answer,
    CauseEased,
    Episode,
    EpisodeKind,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptDue,
    PromptOutcome,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
)

FIRST = date(2026, 3, 2)
"""A Monday; in Europe the clocks go forward within the four weeks that follow, in the night to the 29th."""
DAYS = 30
HOLES, HARDLY, NIGHT = 3, 9, 10
"""Days from the first on: one with holes, one that was hardly measured, one with a session over midnight."""
CLOCKS = 26
"""The Saturday before the night in which the clocks change, with a session through it."""
DESK, LAPTOP = "desk camera", "laptop camera"
_PROMPTS = {"flexed": "cat_cow_seated", "anterior_tilt": "pelvic_tilts_seated", "sitting": "get_up"}
_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session to be made: when, seen by what, how, and how densely."""

    start: datetime
    """Local time."""
    hours: float
    source: str
    flexed: float = 0.4
    """Share of the time at work that is flexed."""
    measured: float = 0.95
    """Share of the spans at work that are measured."""
    holes: bool = False
    span_s: float = 40.0
    """Mean length of a span."""


def month(
    store: Store,
    first: date = FIRST,
    days: int = DAYS,
    *,
    seed: int = 6,
    span_s: float = 40.0,
    red_flag: bool = False,
    specials: bool = True,
) -> None:
    """Writes `days` local days from `first` on.

    Args:
        store: where to.
        first: the first day; a Monday gives working days and weekends.
        days: how many.
        seed: of all that is random.
        span_s: mean length of a span in seconds; fewer make more rows.
        red_flag: end with a report of pain that nobody acknowledged; else every referral was read.
        specials: with the days out of the ordinary; without them all working days are normal.
    """
    # A made-up month is worth no waiting for the disk after each of its rows.
    store._db.execute("PRAGMA synchronous = OFF")
    for index in range(days):
        day = first + timedelta(days=index)
        rng = random.Random(f"{seed} {index}")  # each day by itself: what is added to one leaves the others as they are
        for sitting in _sittings(day, index, rng, span_s, specials):
            enter(store, sitting, rng)
    store._db.execute("PRAGMA synchronous = FULL")
    if red_flag:
        store.add_report(SelfReport(moment(first + timedelta(days=days - 1), 16.0), ReportKind.PAIN, "low"))


def moment(day: date, hour: float) -> float:
    """That hour of a local day, by the clock on the wall, in seconds since the epoch."""
    return (datetime.combine(day, time()) + timedelta(hours=hour)).timestamp()


def _sittings(day: date, index: int, rng: random.Random, span_s: float, specials: bool) -> Iterator[Sitting]:
    midnight = datetime.combine(day, time())
    if day.weekday() >= 5:
        if specials and index == CLOCKS:
            yield Sitting(midnight + timedelta(hours=23), 5.0, DESK, span_s=span_s)
        return
    morning = midnight + timedelta(hours=8, minutes=rng.randrange(60))
    afternoon = midnight + timedelta(hours=13, minutes=rng.randrange(20))
    flexed = rng.uniform(0.15, 0.6)
    if specials and index == HARDLY:
        yield Sitting(morning, 3.0, DESK, flexed, measured=0.25, span_s=span_s)
        return
    yield Sitting(morning, 3.6, DESK, flexed, holes=specials and index == HOLES, span_s=span_s)
    yield Sitting(afternoon, 4.4, LAPTOP, rng.uniform(0.15, 0.6), span_s=span_s)
    if specials and index == NIGHT:
        yield Sitting(midnight + timedelta(hours=22, minutes=40), 2.6, LAPTOP, 0.5, span_s=span_s)


def enter(store: Store, sitting: Sitting, rng: random.Random) -> int:
    """Writes one session with all that belongs to it, and the self-reports of its hours; returns its number."""
    start_utc = sitting.start.timestamp()
    spans = list(_spans(sitting, rng))
    session = store.start_session(
        origin=Origin.LIVE, started_utc=start_utc, source=sitting.source, expected_s=spans[-1].end_s, view="oblique"
    )
    store.write_spans(session, spans)
    episodes, moves, due = _judge(spans)
    for span in spans:
        if span.posture in (Posture.NEUTRAL, Posture.FLEXED) and rng.random() < span.duration_s / 150.0:
            moves.append(PostureChange(PostureChangeKind.SHIFT, span.start_s))
    for episode in episodes:
        store.add_episode(session, episode)
    for move in sorted(moves, key=lambda m: m.time_s):
        store.add_move(session, move)
    _prompt(store, session, start_utc, due, rng)
    store.end_session(session, SessionEnd.COMPLETE)
    for report in _reports(spans, start_utc, rng):
        store.add_report(report)
    return session


def _spans(sitting: Sitting, rng: random.Random) -> Iterator[Span]:
    """Work with breaks, and holes where they are wanted, one after the other without a gap."""
    end_s, at_s, break_at = sitting.hours * 3600.0, 0.0, rng.uniform(1500.0, 4500.0)
    holes = [(2400.0, "camera_lost", 1500.0), (6000.0, "paused", 1200.0), (9000.0, "suspended", 1800.0)] if sitting.holes else []
    share = sitting.flexed
    while at_s < end_s:
        if holes and at_s >= holes[0][0]:
            _, reason, length_s = holes.pop(0)
            span = Span(at_s, at_s + length_s, Posture.UNKNOWN, None, reason)
        elif at_s >= break_at:
            standing = rng.random() < 0.2
            span = Span(at_s, at_s + rng.uniform(90.0, 900.0), Posture.NEUTRAL if standing else Posture.AWAY, False if standing else None)
            break_at = span.end_s + rng.uniform(1500.0, 4500.0)
            share = min(0.95, max(0.05, sitting.flexed + rng.uniform(-0.4, 0.4)))  # each stretch of work has its own way
        else:
            span = _working(at_s, share, sitting, rng)
        span = replace(span, end_s=min(span.end_s, end_s))
        yield span
        at_s = span.end_s


def _working(at_s: float, share: float, sitting: Sitting, rng: random.Random) -> Span:
    length_s = max(0.5, rng.expovariate(1.0 / sitting.span_s))
    if rng.random() > sitting.measured:
        return Span(at_s, at_s + length_s, Posture.UNKNOWN, None, rng.choice(("unmeasured", "unmeasured", "nobody_brief", "unclear")))
    draw = rng.random()
    posture = Posture.FLEXED if draw < share else Posture.ANTERIOR_TILT if draw > 0.98 else Posture.NEUTRAL
    return Span(at_s, at_s + length_s, posture, True)


def _judge(spans: list[Span]) -> tuple[list[Episode], list[PostureChange], list[PromptDue]]:
    exposure = Exposure(_SETTINGS.dose, _SETTINGS.bands)
    episodes: list[Episode] = []
    moves: list[PostureChange] = []
    due: list[PromptDue] = []
    events = [e for span in spans for e in exposure.push(Interval(span, None))] + list(exposure.finish())
    for event in events:
        if isinstance(event, CauseEased) or getattr(event, "kind", None) is EpisodeKind.STILLNESS:
            continue  # nobody here ever shifts
        if isinstance(event, Episode):
            episodes.append(event)
        elif isinstance(event, PromptDue):
            due.append(event)
        else:
            moves.append(PostureChange(PostureChangeKind.BREAK, event))
    return episodes, moves, due


def _prompt(store: Store, session: int, start_utc: float, due: list[PromptDue], rng: random.Random) -> None:
    last_s = -3600.0
    for event in due:
        if event.time_s - last_s < _SETTINGS.prompts.quiet_s:
            continue
        last_s = event.time_s + 20.0
        shown = ShownPrompt(last_s, _PROMPTS[event.kind], event.kind, event.step, event.episode_start_s)
        number = store.add_prompt(session, shown)
        outcome = rng.choice(
            (PromptOutcome.MOVED, PromptOutcome.MOVED, PromptOutcome.DONE, PromptOutcome.IGNORED, PromptOutcome.SNOOZED, None)
        )
        answer = {PromptOutcome.DONE: Answer.DONE, PromptOutcome.SNOOZED: Answer.SNOOZE}.get(outcome) if outcome else None
        if answer:
            store.answer_prompt(number, answer, start_utc + last_s + 15.0)
        store.set_prompt_outcome(number, outcome)


def _reports(spans: list[Span], start_utc: float, rng: random.Random) -> Iterator[SelfReport]:
    """Urges and stiffness, the likelier the more of the hour before was flexed; now and then a crack."""
    for end_s in range(3600, int(spans[-1].end_s), 1800):
        flexed = sum(max(0.0, min(s.end_s, end_s) - max(s.start_s, end_s - 3600.0)) for s in spans if s.posture is Posture.FLEXED) / 3600.0
        at_s = start_utc + end_s + rng.uniform(0.0, 300.0)
        if rng.random() < 1.2 * flexed - 0.3:
            yield SelfReport(at_s, ReportKind.URGE, rng.choice(("low", "mid", None)))
            if rng.random() < 0.2:
                yield SelfReport(at_s + 60.0, ReportKind.CRACKED, "mid", "a little")
        elif rng.random() < 0.05:
            yield SelfReport(at_s, ReportKind.STIFF, "low", acknowledged_s=at_s + 60.0)
