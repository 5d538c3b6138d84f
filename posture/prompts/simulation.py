"""What would be said to somebody who sits as a plan says: made-up readings through the real engine. Pure, and as fast as it computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from posture.engine import Engine
from posture.prompts.entries import Catalogue
from posture.prompts.scheduler import PromptScheduler
from posture.settings import Settings
from posture.types import Answer, Detection, Estimate, HeldPrompt, HoldReason, PromptReason, Reading, ShownPrompt, View

STATES: dict[str, tuple[float, float, float] | None] = {
    "neutral": (0.0, 0.0, 0.0),
    "lean": (30.0, 5.0, 25.0),
    "slump": (5.0, 45.0, -20.0),
    "tilt": (2.0, -18.0, 17.0),
    "recline": (-10.0, 0.0, -8.0),
    "standing": (0.0, 0.0, 0.0),
    "unseen": None,
    "away": None,
}
"""Trunk flexion, spinal flexion and pelvic tilt of what a plan may hold, degrees; ``None`` where nobody can be measured."""
LONGEST_S = 48 * 3600.0
"""A longer plan is a typing error."""
_OFTEN_S, _RARELY_S, _OFTEN_FOR_S = 1.0, 5.0, 15.0  # between two readings: after a change, for so long, and else
_SD_DEG = 1.0
_SHIFT_DEG = 12.0  # of lateral lean
_MOVES_S = 3.0  # after a change of posture
_ANSWERED_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a plan."""

    state: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Sitter:
    """How the person behaves."""

    answer: Answer | None = Answer.DONE
    """To each prompt, a few seconds after it; ``None``: none is answered."""
    shifts_per_h: float = 0.0
    """Small changes of posture within a phase."""
    always_moving: bool = False
    """Whether every moment is one to speak in, as in a recording; else only those right after a change of posture are."""


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt that was shown or held back, and the seconds that called for it by then."""

    event: ShownPrompt | HeldPrompt
    dose_s: float | None


def plan_of(text: str) -> list[Phase]:
    """Read a plan such as ``neutral:2,lean:75``: states and minutes.

    Raises:
        ValueError: it is none; one plain line.
    """
    phases = []
    for part in text.split(","):
        state, colon, minutes = part.strip().partition(":")
        if state not in STATES:
            raise ValueError(f"{state!r}: expected one of {', '.join(STATES)}")
        try:
            seconds = 60.0 * float(minutes)
        except ValueError:
            seconds = 0.0
        if not (colon and 0.0 < seconds < math.inf):
            raise ValueError(f"{part.strip()!r}: expected minutes after a colon, such as {state}:20")
        phases.append(Phase(state, seconds))
    if sum(p.seconds for p in phases) > LONGEST_S:
        raise ValueError(f"expected {LONGEST_S / 3600:.0f} hours in all at most")
    return phases


def simulate(plan: Sequence[Phase], catalogue: Catalogue, settings: Settings, sitter: Sitter | None = None) -> list[Said]:
    """Return what is shown and held back while somebody sits as `plan` says, by time; times are seconds since its begin."""
    who = sitter or Sitter()
    scheduler = PromptScheduler(catalogue, settings.prompts, dose=settings.dose)
    engine = Engine(settings, scheduler)
    said: list[Said] = []
    unanswered: list[ShownPrompt] = []
    for reading, moving in _readings(plan, who):
        while who.answer is not None and unanswered and reading.time_s >= unanswered[0].time_s + _ANSWERED_AFTER_S:
            scheduler.answered(unanswered.pop(0), who.answer, reading.time_s)
        out = engine.process(reading, moving or who.always_moving)
        said += [Said(h, out.dose_s.get(h.kind)) for h in out.held]
        said += [Said(s, s.dose_s if s.kind is None or s.reason is PromptReason.SHARE else out.dose_s[s.kind]) for s in out.shown]
        unanswered += out.shown
    last = engine.finish(sum(p.seconds for p in plan))
    over = [h for h in last.held if h.hold.reason is not HoldReason.OVER]  # what goes on when the plan ends is not over
    return [*said, *(Said(h, None) for h in over), *(Said(s, s.dose_s) for s in last.shown)]


def _readings(plan: Sequence[Phase], who: Sitter) -> Iterator[tuple[Reading, bool]]:
    """Yield the readings of a plan, often after each change and else rarely, and whether the person moves at each."""
    start_s, shifts = 0.0, 0
    every_s = 3600.0 / who.shifts_per_h if who.shifts_per_h > 0.0 else math.inf
    for phase in plan:
        end_s, at_s = start_s + phase.seconds, start_s
        while at_s < end_s:
            yield _reading(at_s, phase.state, _SHIFT_DEG * (shifts % 2)), at_s - start_s < _MOVES_S
            at_s += _OFTEN_S if at_s - start_s < _OFTEN_FOR_S else _RARELY_S
            if at_s >= (shifts + 1) * every_s:
                shifts += 1
                at_s = start_s = min(end_s, shifts * every_s)
        start_s = end_s


def _reading(time_s: float, state: str, lean_deg: float) -> Reading:
    angles = STATES[state]
    if angles is None:
        return Reading(time_s, Detection.NOBODY if state == "away" else Detection.UNCLEAR)
    trunk, spine, pelvis = (Estimate(deg, _SD_DEG, "plan") for deg in angles)
    return Reading(
        time_s,
        Detection.PERSON,
        view=View.SIDE,
        trunk_flexion=trunk,
        trunk_neutral_deg=0.0,
        spinal_flexion=spine,
        pelvic_tilt=pelvis,
        lateral_lean=Estimate(lean_deg, _SD_DEG, "plan"),
        seated=state != "standing",
    )
