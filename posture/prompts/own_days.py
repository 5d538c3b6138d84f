"""How many reminders a day like the person's own would bring at given settings. Pure; the simulation does the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from posture.days import ENOUGH_S, MEASURED_COLUMNS, POSTURES, SpanTable
from posture.prompts.entries import Catalogue
from posture.prompts.simulation import Phase, Sitter, plan_of, simulate
from posture.settings import Settings
from posture.types import Posture, ShownPrompt

OWN_DAYS = 3
"""So many measured days, and what is said is said of the person's own."""
LOOK_BACK_DAYS = 28
"""Older days say little of those to come; our judgement."""
_STATES = {Posture.NEUTRAL: "neutral", Posture.FLEXED: "lean", Posture.ANTERIOR_TILT: "tilt", Posture.AWAY: "away"}


@dataclass(frozen=True, slots=True)
class UsualDay:
    """A day as a plan of the simulation."""

    plan: tuple[Phase, ...]
    shifts_per_h: float
    """Small changes of posture an hour of sitting."""


def example_day() -> UsualDay:
    """Return a made-up day: nearly seven hours at a desk, four of them bent, and three breaks; our judgement."""
    morning = "neutral:20,lean:50,neutral:15,slump:35,away:10,neutral:25,lean:55,neutral:15"
    afternoon = "neutral:10,slump:60,neutral:20,tilt:20,away:10,neutral:15,slump:40,neutral:30"
    return UsualDay(tuple(plan_of(f"{morning},away:45,{afternoon}")), shifts_per_h=8.0)


def usual_days(spans: SpanTable, shifts_utc: Iterable[float], days: Iterable[tuple[float, float]]) -> list[UsualDay]:
    """Return the last measured days, at most ``OWN_DAYS``, the latest first.

    Args:
        spans: The live spans of the time.
        shifts_utc: When small changes of posture began, seconds since the epoch.
        days: Begin and end of each local day, seconds since the epoch.
    """
    shifts, found = sorted(shifts_utc), list[UsualDay]()
    for start_s, end_s in sorted(days, reverse=True):
        seconds = spans.seconds(start_s, end_s)[0]
        if float(seconds[MEASURED_COLUMNS].sum()) < ENOUGH_S:
            continue
        seated_h = float(spans.within(spans.seated, start_s, end_s)[0]) / 3600.0
        moved = sum(start_s <= at < end_s for at in shifts)
        found.append(UsualDay(_plan(spans, start_s, end_s), moved / seated_h if seated_h > 0.0 else 0.0))
        if len(found) == OWN_DAYS:
            break
    return found


def reminders_a_day(settings: Settings, catalogue: Catalogue, days: Sequence[UsualDay] = ()) -> float:
    """Return how many reminders a day would come, each answered and nothing holding them back but the limits.

    Args:
        settings: Those that are asked about.
        catalogue: The entries to choose from.
        days: The person's own, from `usual_days`; fewer than ``OWN_DAYS``: the example day stands for them.
    """
    asked = days if len(days) >= OWN_DAYS else [example_day()]
    return sum(_reminders(day, settings, catalogue) for day in asked) / len(asked)


def _reminders(day: UsualDay, settings: Settings, catalogue: Catalogue) -> int:
    said = simulate(day.plan, catalogue, settings, Sitter(shifts_per_h=day.shifts_per_h))
    return sum(isinstance(one.event, ShownPrompt) for one in said)


def _plan(spans: SpanTable, start_s: float, end_s: float) -> tuple[Phase, ...]:
    """Return a day's spans as a plan; what was not recorded between them was spent away."""
    plan: list[Phase] = []
    at_s: float | None = None
    for n in range(len(spans)):
        begin_s, stop_s = max(start_s, float(spans.start_s[n])), min(end_s, float(spans.end_s[n]))
        if stop_s <= begin_s:
            continue
        if at_s is not None:
            _add(plan, "away", begin_s - at_s)
        _add(plan, _state(spans, n), stop_s - begin_s)
        at_s = stop_s
    return tuple(plan)


def _state(spans: SpanTable, n: int) -> str:
    if spans.interrupts[n]:
        return "standing" if spans.seen[n] and not spans.seated[n] else "away"
    return _STATES.get(POSTURES[int(spans.column[n])], "unseen")


def _add(plan: list[Phase], state: str, seconds: float) -> None:
    if seconds <= 0.0:
        return
    if plan and plan[-1].state == state:
        seconds += plan.pop().seconds
    plan.append(Phase(state, seconds))
