"""How the timer of an exercise's page counts: rounds, and what each round is made of. Pure, but for the shipped paces."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from posture._support import data_file
from posture.prompts import EntryKind, Prompt

BREATH_S = 9.0
"""One slow breath, in and out; our judgement. Only for an entry that brings no pace of its own."""
REPETITION_S = 6.0
"""One slow movement there and back; our judgement likewise."""

_RANGE = r"(\d+)(?:\s*(?:to|or|-)\s*(\d+))?"
_DURATION = re.compile(_RANGE + r"\s*(s|sec|second|min|minute|h|hour)s?\b")
_COUNT = re.compile(_RANGE)
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class TimerPhase:
    """One part of a round."""

    say: str
    """What to do, a few words."""
    seconds: float
    step: int | None = None
    """Which step of the entry shows it, counted from 1; ``None``: none in particular."""


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """What the timer counts: ``most`` rounds of the phases, of which ``least`` are enough."""

    phases: tuple[TimerPhase, ...]
    least: int = 1
    most: int = 1
    enough_s: float | None = None
    """Of a single hold with a range (10 to 15 minutes): seconds that are enough; ``None``: all of it."""

    @property
    def seconds(self) -> float:
        """Seconds from the beginning to the end of the last round."""
        return self.most * sum(p.seconds for p in self.phases)


def plan_of(prompt: Prompt) -> TimerPlan | None:
    """Tell what the timer of an entry counts, from its own pace if the catalogue has one, else from its words.

    Returns:
        ``None`` if nothing is to be counted: a habit, or an entry that says neither how long nor how often.
    """
    if prompt.kind is EntryKind.HABIT:
        return None
    steps, phases = _paces().get(prompt.id, ((), ()))
    if steps != prompt.steps:
        phases = ()
    if prompt.repetitions is not None:
        return _repeated(prompt.repetitions, phases)
    return _held(prompt.duration, phases) if prompt.duration is not None else None


def takes_words(prompt: Prompt) -> str:
    """Return how long an entry takes in one line, with how often where that is what it says; of a habit that it takes a moment."""
    if prompt.duration is not None:
        return f"Takes {prompt.duration}."
    plan = plan_of(prompt)
    if plan is None or prompt.repetitions is None:
        return "Takes a moment."
    minutes = round(plan.seconds / 60)
    about = "less than a minute" if minutes < 1 else "about a minute" if minutes == 1 else f"about {minutes} minutes"
    return f"Takes {about}: {prompt.repetitions}."


def _repeated(text: str, phases: tuple[TimerPhase, ...]) -> TimerPlan | None:
    """Return ``6 to 8 slow breaths``, ``5 slow rounds, 10 s each``, ``3 times each side`` as a plan."""
    count = _COUNT.search(text)
    if count is None or int(count[1]) < 1:
        return None
    least = int(count[1])
    most = max(least, int(count[2] or least))
    if not phases:
        each = _DURATION.search(text, count.end())
        seconds = _seconds(each[2] or each[1], each[3]) if each else BREATH_S if "breath" in text else REPETITION_S
        sides = ("One side", "The other side") if re.search(r"\beach (side|leg|arm|hand|foot)\b", text) else ("Go on",)
        phases = tuple(TimerPhase(side, seconds) for side in sides if seconds > 0)
    return TimerPlan(phases, least, most) if phases else None


def _held(text: str, phases: tuple[TimerPhase, ...]) -> TimerPlan | None:
    """Return ``30 seconds`` or ``10 to 15 minutes`` as a plan: one hold."""
    found = _DURATION.search(text)
    if found is None:
        return None
    low = _seconds(found[1], found[3])
    high = max(low, _seconds(found[2] or found[1], found[3]))
    hold = replace(phases[0], seconds=high) if phases else TimerPhase("Go on", high)
    return TimerPlan((hold,), enough_s=low if 0 < low < high else None) if high > 0 else None


def _seconds(number: str, unit: str) -> float:
    return float(number) * _UNIT_S[unit[0]]


@cache
def _paces() -> dict[str, tuple[tuple[str, ...], tuple[TimerPhase, ...]]]:
    """Return the shipped paces with the steps that they were written for: a user's own steps need not fit them."""
    shipped: dict[str, Any] = tomllib.loads(data_file("catalogue.toml").read_text(encoding="utf-8"))
    return {
        key: (tuple(shipped["prompts"][key]["steps"]), tuple(TimerPhase(**phase) for phase in phases))
        for key, phases in shipped["timers"].items()
    }
