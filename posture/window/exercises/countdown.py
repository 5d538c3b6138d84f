"""How the timer of an exercise counts: what is to be done at a moment, and how long it still takes. No clock of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from posture.reports.exercise.timer import TimerPlan

READY_S = 5.0
"""To get ready, before the first phase."""
ENOUGH = "That's enough. Go on if you like."
ENDED = "Well done"


@dataclass(frozen=True, slots=True)
class Moment:
    """What the timer shows at a moment."""

    index: int
    """Which part it is, counted from 0; it begins with getting ready."""
    say: str
    left: str
    """Seconds of the part that are left, ``12`` or ``1:05``."""
    share: float
    """Of the part that has gone by, 0..1."""
    about: str
    """Which round it is, or that it is enough; empty for neither."""
    announce: str
    """What is to be said aloud when the part begins."""
    step: int | None
    """Which step of the exercise shows it, counted from 1."""
    enough: bool = False
    """Whether a single hold has lasted for as long as is needed."""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    say: str
    seconds: float
    step: int | None
    round: int
    first: bool = False
    """Whether a round begins with it."""


class Countdown:
    """The parts of a plan one after the other, beginning with five seconds to get ready."""

    def __init__(self, plan: TimerPlan) -> None:
        """Lay out the parts of `plan`."""
        self.plan = plan
        self._parts = [_Part("Get ready", READY_S, plan.phases[0].step, 0)]
        for number in range(1, plan.most + 1):
            self._parts += [_Part(p.say, p.seconds, p.step, number, first=i == 0) for i, p in enumerate(plan.phases)]
        self.total_s = sum(p.seconds for p in self._parts)
        """From the start to the end, seconds."""

    def at(self, elapsed_s: float) -> Moment:
        """Return what is shown `elapsed_s` seconds after the start, pauses not counted."""
        if elapsed_s >= self.total_s:
            about = f"{self.plan.most} of {self.plan.most} rounds" if self.plan.most > 1 else ""
            return Moment(len(self._parts), ENDED, "0", 1.0, about, f"{ENDED}. The timer has ended.", None, ended=True)
        index, end = 0, self._parts[0].seconds
        while elapsed_s >= end:
            index += 1
            end += self._parts[index].seconds
        part, plan = self._parts[index], self.plan
        enough = plan.most == 1 and plan.enough_s is not None and elapsed_s - READY_S >= plan.enough_s
        share = 1.0 - (end - elapsed_s) / part.seconds
        return Moment(index, part.say, clock(end - elapsed_s), share, self._about(part, enough), self._aloud(part), part.step, enough)

    def share(self, elapsed_s: float) -> float:
        """Return which share (0..1) of the exercise has gone by."""
        return min(1.0, max(0.0, elapsed_s - READY_S) / (self.total_s - READY_S))

    def _about(self, part: _Part, enough: bool) -> str:
        if part.round == 0 or self.plan.most == 1:
            return ENOUGH if enough else ""
        more = f". {self.plan.least} would do: go on if it's easy." if part.round > self.plan.least else ""
        return f"Round {part.round} of {self.plan.most}{more}"

    def _aloud(self, part: _Part) -> str:
        return f"Round {part.round} of {self.plan.most}. {part.say}" if part.first and self.plan.most > 1 else part.say


def clock(seconds: float) -> str:
    """Return whole seconds, rounded up, as ``12`` or ``1:05``."""
    whole = math.ceil(seconds - 1e-6)
    return str(whole) if whole < 60 else f"{whole // 60}:{whole % 60:02d}"
