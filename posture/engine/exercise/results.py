"""What a counter of exercises tells: its state, repetitions, why something did not count, one plain cue, and the sum of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from posture.engine.exercise.spec import ExerciseSpec, Rejection
from posture.types import Estimate

_SLOWER = 0.55
"""Of the calm tempo: faster, and the person is asked to slow down."""


class CounterState(StrEnum):
    """Where in a repetition the person is."""

    UNSEEN = "unseen"
    """The angle is not seen at this moment."""
    WRONG_VIEW = "wrong_view"
    """This exercise cannot be judged from this view."""
    REST = "rest"
    FIRST_END = "first_end"
    BETWEEN = "between"
    """The first end is done, the second one not yet."""
    SECOND_END = "second_end"


@dataclass(frozen=True, slots=True)
class OwnRange:
    """How far the person goes to each end, degrees as they read, positive; from the calibration."""

    first_deg: float | None = None
    second_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition that counted."""

    start_s: float
    end_s: float
    tempo_s: float
    """Seconds from the first end to the second one, twice."""
    first_deg: float
    """True degrees from rest, as far as they are known; positive."""
    second_deg: float
    """0 of a one-sided movement."""
    sd_deg: float
    """Of ``depth_deg``."""

    @property
    def depth_deg(self) -> float:
        """From one end to the other; of a one-sided movement from rest to its end."""
        return self.first_deg + self.second_deg


@dataclass(frozen=True, slots=True)
class Rejected:
    """A movement that did not count, and why."""

    time_s: float
    why: Rejection


@dataclass(frozen=True, slots=True)
class CounterUpdate:
    """What one reading gave."""

    time_s: float
    state: CounterState
    angle: Estimate | None
    """The moving angle now, degrees as read, positive towards the first end."""
    band: tuple[float, float] | None
    """The person's own comfortable ends (second, first), degrees as read from 0; ``None`` until they are known."""
    repetitions: int
    half_repetitions: int
    counted: Repetition | None = None
    """If this reading completed one."""
    rejected: Rejected | None = None
    """If this reading ended a movement that did not count."""
    cue: str | None = None
    """One plain line for the person, if there is something to say just now."""


@dataclass(frozen=True, slots=True)
class ExerciseResult:
    """What was done."""

    exercise: str
    repetitions: int
    half_repetitions: int
    depth_deg: float | None
    """Median of the repetitions; ``None`` where there are none."""
    depth_sd_deg: float | None
    tempo_s: float | None
    """Median."""
    asymmetry_deg: float | None
    """First less second end, medians, of a movement to both sides; ``None`` of others."""


_CUES: Mapping[Rejection, str] = {
    Rejection.LEAN: "That was a lean, not a {movement}.",
    Rejection.HEAD_ALONE: "Let the low back move, not the neck.",
    Rejection.TURNED_CHAIR: "That was the chair. Keep your knees forward and turn your chest.",
    Rejection.OTHER_MOVEMENT: "That was another movement.",
    Rejection.TOO_FAST: "A little slower.",
    Rejection.HALF: "That was half of it: now the other way too.",
}
_MOVEMENTS = {
    "spinal_flexion": "bend of the back",
    "quadruped_flexion": "bend of the back",
    "pelvic_tilt": "tilt",
    "axial_rotation": "turn",
}


def cue_of(spec: ExerciseSpec, counted: Repetition | None, rejected: Rejected | None) -> str | None:
    """Return one plain line for the person about what has just ended; ``None`` where nothing needs to be said."""
    if counted is not None:
        return "A little slower." if counted.tempo_s < _SLOWER * spec.tempo_s else None
    if rejected is None or rejected.why not in _CUES:
        return None
    return _CUES[rejected.why].format(movement=_MOVEMENTS.get(spec.angle, "repetition"))


def result_of(spec: ExerciseSpec, done: Sequence[Repetition], half: int) -> ExerciseResult:
    """Sum up repetitions, and how many halves there were beside them."""
    if not done:
        return ExerciseResult(spec.id, 0, half, None, None, None, None)
    asymmetry = median(r.first_deg for r in done) - median(r.second_deg for r in done) if spec.angle == "axial_rotation" else None
    return ExerciseResult(
        spec.id,
        len(done),
        half,
        median(r.depth_deg for r in done),
        median(r.sd_deg for r in done),
        median(r.tempo_s for r in done),
        asymmetry,
    )
