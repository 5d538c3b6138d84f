"""What is followed in readings while somebody exercises."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from posture.types import Detection, Estimate, Reading


class Signal(StrEnum):
    """One number of a reading over time: degrees, or centimetres for places."""

    EXERCISE_SPINE = "exercise_spine"
    """Of ``Reading.exercise``, as the two that follow."""
    EXERCISE_PELVIS = "exercise_pelvis"
    EXERCISE_TRUNK = "exercise_trunk"
    NECK = "neck"
    TURN = "turn"
    """Of the trunk about the vertical, the person's left +; 0 faces the camera."""
    FACE = "face"
    """How far the face is turned down from where it was in the neutral, as it shows in the picture, degrees."""
    SHOULDER_GROWTH = "shoulder_growth"
    """How much wider the shoulders are in the picture than in the neutral, per cent: they come nearer in a lean."""
    SHOULDER_DROP = "shoulder_drop"
    """How far the shoulders are below where they were in the neutral, cm."""
    KNEES = "knees"
    """How far the knees are from where they were in the neutral, cm; seen only where the knees are."""

    QUADRUPED_FLEXION = "quadruped_flexion"
    """Bend of the spine on hands and knees, from about a flat back."""
    THIGH = "thigh"
    """Hip to knee from the horizontal in the picture."""


FROM_NEUTRAL = frozenset({Signal.EXERCISE_SPINE, Signal.EXERCISE_PELVIS, Signal.EXERCISE_TRUNK, Signal.FACE})
"""Those that are 0 in the person's neutral."""
_PLACE_SD_CM = 1.0
"""Of the shoulders, seen from look to look; our judgement."""
_FACE_SD_DEG, _GROWTH_SD_PCT, _THIGH_SD_DEG = 6.0, 6.0, 3.0
"""Likewise."""


def estimate_of(reading: Reading, signal: Signal) -> Estimate | None:
    """Read `signal` from `reading`; ``None`` where it was not seen, or nobody was."""
    return _READ[signal](reading) if reading.sight is Detection.PERSON else None


def _turn(reading: Reading) -> Estimate | None:
    yaw, sd = reading.yaw_deg, reading.yaw_sd_deg
    return None if yaw is None or sd is None else Estimate(-yaw, sd, "yaw")


def _shoulder_drop(reading: Reading) -> Estimate | None:
    return None if reading.shoulders_cm is None else Estimate(reading.shoulders_cm[1], _PLACE_SD_CM, "place")


def _face(reading: Reading) -> Estimate | None:
    return None if reading.face_down_deg is None else Estimate(reading.face_down_deg, _FACE_SD_DEG, "picture")


def _shoulder_growth(reading: Reading) -> Estimate | None:
    return None if reading.shoulder_growth_pct is None else Estimate(reading.shoulder_growth_pct, _GROWTH_SD_PCT, "picture")


def _knees(reading: Reading) -> Estimate | None:
    return None if reading.knees_cm is None else Estimate(reading.knees_cm, _PLACE_SD_CM, "place")


def _thigh(reading: Reading) -> Estimate | None:
    return None if reading.thigh_deg is None else Estimate(reading.thigh_deg, _THIGH_SD_DEG, "picture")


_READ: dict[Signal, Callable[[Reading], Estimate | None]] = {
    Signal.EXERCISE_SPINE: lambda r: None if r.exercise is None else r.exercise.spine,
    Signal.EXERCISE_PELVIS: lambda r: None if r.exercise is None else r.exercise.pelvis,
    Signal.EXERCISE_TRUNK: lambda r: None if r.exercise is None else r.exercise.trunk,
    Signal.NECK: lambda r: r.neck_flexion,
    Signal.TURN: _turn,
    Signal.SHOULDER_DROP: _shoulder_drop,
    Signal.FACE: _face,
    Signal.SHOULDER_GROWTH: _shoulder_growth,
    Signal.KNEES: _knees,
    Signal.QUADRUPED_FLEXION: lambda r: r.quadruped_flexion,
    Signal.THIGH: _thigh,
}
