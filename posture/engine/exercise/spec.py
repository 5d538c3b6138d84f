"""What an exercise moves, which way, how fast, and from where that can be seen: data, read from the catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from posture.engine.exercise.signals import Signal, estimate_of
from posture.types import Estimate, Reading, View


class Rejection(StrEnum):
    """Why a movement is no repetition."""

    TOO_SMALL = "too_small"
    """It does not stand out from the noise of the readings, or from the person's own range."""
    LEAN = "lean"
    """The trunk leaned as a whole."""
    HEAD_ALONE = "head_alone"
    """Only the head or neck moved."""
    TURNED_CHAIR = "turned_chair"
    """The whole person turned, not the shoulders against the hips."""
    OTHER_MOVEMENT = "other_movement"
    """Something else moved more than what the exercise moves."""
    TOO_FAST = "too_fast"
    HALF = "half"
    """One end and back, without the other."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A movement that must not be larger than the one that the exercise moves."""

    signal: Signal
    rejection: Rejection
    least: float
    """Movements from there on, in units of the signal from end to end, are looked at; less may be anybody's sway."""
    most_share: float
    """Units of the signal per degree of the moving angle meanwhile: more, and the movement was another one."""
    at_second: bool = True
    """Whether the way to the second end is judged too; else the one to the first end alone."""
    whole: bool = False
    """Whether whole repetitions are judged, not each end."""


@dataclass(frozen=True, slots=True)
class Check:
    """What tells a repetition from another movement: a weighted sum of how far each signal moved that is negative for the other one.

    Linear, so that a repetition of half the size is judged the same. Weights by logistic regression on drawn people, rounded.
    """

    rejection: Rejection
    weights: Mapping[Signal, float]
    """Per unit of a signal's mean at the first end less that at the second one."""


@dataclass(frozen=True, slots=True)
class ViewRule:
    """How one exercise is judged from one view."""

    signal: Signal
    """What is counted, together with `along`."""
    least_first_deg: float
    """An excursion to the first end that is smaller is never one, whoever makes it."""
    least_second_deg: float
    """Likewise to the second end."""
    least_of_other: float = 0.0
    """Of the larger end of a repetition the smaller one is at least this share, where both show about alike; less is sway."""
    second_unsure: bool = False
    """Whether the second end may not show from here: it is asked for only if the last repetitions showed it."""
    gain_first: float = 1.0
    """True degrees per degree that is read, towards the first end: the networks shrink what they are unsure of."""
    gain_second: float = 1.0
    depth_sd_deg: float = 4.0
    """Of a depth, whatever its size."""
    depth_sd_share: float = 0.1
    """Of a depth, in shares of it; both from drawn people."""
    told_apart: bool = True
    """Whether other movements are told from it well enough to count it at all."""
    guards: tuple[Guard, ...] = ()
    checks: tuple[Check, ...] = ()
    needs: Signal | None = None
    """What has to be seen besides, or nothing is counted."""
    along: Mapping[Signal, float] = field(default_factory=dict)
    """What moves along, and how much of it is added: the sum stands out from noise at an end at which `signal` alone hardly moves."""

    def moving(self, reading: Reading) -> Estimate | None:
        """Return the sum that is followed, in units of `signal`; ``None`` where a part of it is not seen."""
        first = estimate_of(reading, self.signal)
        for signal, share in self.along.items():
            other = estimate_of(reading, signal)
            if first is None or other is None:
                return None
            first = Estimate(first.deg + share * other.deg, math.hypot(first.sd_deg, share * other.sd_deg), first.method)
        return first


@dataclass(frozen=True, slots=True)
class ExerciseSpec:
    """One exercise that can be counted."""

    id: str
    """Of the catalogue's entry."""
    angle: str
    """Which angle it moves: ``spinal_flexion``, ``quadruped_flexion``, ``pelvic_tilt``, ``axial_rotation``, or ``presence``."""
    first_sign: int
    """1 or -1: the sign of the angle at the end that comes first."""
    ends: tuple[str, ...]
    """What the ends are called, in the person's words, the first one first; one alone of a one-sided movement."""
    tempo_s: float
    """Seconds that a calm repetition takes."""
    fastest_s: float
    """A repetition that takes less is not counted."""
    slowest_s: float
    """An end that is held longer is a posture, not an end."""
    repetitions: tuple[int, int]
    """How many are advised: at least, at most."""
    views: Mapping[View, ViewRule] = field(default_factory=dict)
    """How it is judged from each view; from one that is missing it cannot be."""
    unseen: str = ""
    """What to say where it cannot be judged: which view would."""

    @property
    def seated(self) -> bool:
        """Whether it is done seated."""
        return self.angle not in ("presence", "quadruped_flexion")

    @property
    def one_sided(self) -> bool:
        """Whether there is one end only."""
        return len(self.ends) == 1
