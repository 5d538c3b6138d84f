"""The person's own range of an exercise, from what they showed at the calibration."""

from __future__ import annotations

from collections.abc import Iterable

from posture.biomechanics import Neutral
from posture.engine.exercise.results import OwnRange
from posture.engine.exercise.spec import ExerciseSpec


def own_ranges(neutral: Neutral | None, specs: Iterable[ExerciseSpec]) -> dict[str, OwnRange]:
    """Return how far the person goes, degrees as they read, by id of the exercise; without those of which the calibration shows nothing."""
    if neutral is None or (neutral.slump is None and neutral.arch is None):
        return {}
    slump, arch = neutral.slump, neutral.arch
    ends: dict[str, tuple[float | None, float | None]] = {
        "spinal_flexion": (None if slump is None else slump.spine_deg, None if arch is None else arch.spine_deg),
        "pelvic_tilt": (None if slump is None else slump.pelvis_deg, None if arch is None else arch.pelvis_deg),
    }
    found = {}
    for spec in specs:
        if spec.angle in ends:
            first, second = ends[spec.angle]
            found[spec.id] = OwnRange(_towards(first, spec.first_sign), _towards(second, -spec.first_sign))
    return found


def _towards(deg: float | None, sign: int) -> float | None:
    """Return how far an end lies on its side; ``None`` if it is not known, or lies on the other side."""
    return None if deg is None or deg * sign <= 0.0 else deg * sign
