"""Closed-form geometry: what a line in the picture says of an angle in the body.

Used where no neutral is known, and for neck, lean and rotation. Against a neutral, trunk, pelvis and spine come from
``learned``, which was better on the clips of known truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from posture.kinematics.cues import Cues
from posture.model import Estimate

UNCALIBRATED_SD_DEG = 5.0
_HIP_BIAS_DEG = 4.5
"""MediaPipe's hip lies in front of the joint, so an upright trunk reads as leaning back by about this from the side."""
LINE_SLOPE = 1.18
"""The same shift makes the line turn faster than the trunk (measured on rendered clips of known angles: 1.16-1.21)."""
_SIDE_SINE = 0.5


def sagittal_deg(apparent_deg: float, yaw_deg: float) -> float:
    """Lean in the sagittal plane of a trunk that appears at `apparent_deg` in the picture.

    A trunk at angle t, turned by yaw y (90 is pure side), appears at atan(tan t |sin y|); this is the inverse.
    """
    limited = max(-85.0, min(85.0, apparent_deg))
    return math.degrees(math.atan(math.tan(math.radians(limited)) / max(0.2, abs(math.sin(math.radians(yaw_deg))))))


def frontal_deg(apparent_deg: float, yaw_deg: float) -> float:
    """The same for a lean to the side, which is seen whole from the front."""
    return sagittal_deg(apparent_deg, 90.0 - yaw_deg)


def trunk_line(c: Cues) -> Estimate | None:
    """Trunk flexion from the hip-shoulder line in the picture, freed of the yaw and of the landmark model's bias."""
    sine = abs(math.sin(math.radians(c.yaw_deg)))
    if c.trunk_deg is None or sine < _SIDE_SINE:
        return None
    value = sagittal_deg(c.trunk_deg, c.yaw_deg) / LINE_SLOPE + _HIP_BIAS_DEG
    return Estimate(value, math.hypot(UNCALIBRATED_SD_DEG, 10.0 * (1.0 - sine)), "line")


def trunk_world(c: Cues) -> Estimate | None:
    """Trunk flexion from the world landmarks; they under-read leans towards the camera, and the sd says so."""
    return None if c.world_trunk_deg is None else Estimate(c.world_trunk_deg, 10.0, "world")


def trunk(c: Cues) -> Estimate | None:
    """Trunk flexion without a neutral, sd 5 degrees or more."""
    found = fuse((trunk_line(c), trunk_world(c)))
    return None if found is None else Estimate(found.deg, max(found.sd_deg, UNCALIBRATED_SD_DEG), found.method)


def neck(c: Cues) -> Estimate | None:
    """Neck against trunk, forward +: in the picture from the side, by the world landmarks elsewhere."""
    if abs(math.sin(math.radians(c.yaw_deg))) >= _SIDE_SINE and c.neck_deg is not None and c.trunk_deg is not None:
        return Estimate(c.neck_deg - c.trunk_deg, 5.0, "line")
    if c.world_neck_deg is not None and c.world_trunk_deg is not None:
        return Estimate(c.world_neck_deg - c.world_trunk_deg, 10.0, "world")
    return None


def lateral_lean(c: Cues, neutral_deg: float = 0.0) -> Estimate | None:
    """Lean to the person's right against the neutral's, from the hip-shoulder line where the camera stands in front."""
    cosine = math.cos(math.radians(c.yaw_deg))
    if c.side_lean_deg is None or cosine < 0.5:
        return None
    value = frontal_deg(c.side_lean_deg, c.yaw_deg) - frontal_deg(neutral_deg, c.yaw_deg)
    return Estimate(value, 3.0 + 6.0 * (1.0 - cosine), "line")


def axial_rotation(c: Cues, neutral_deg: float = 0.0) -> Estimate | None:
    """Shoulders against hips by the world landmarks, relative to the neutral's; shoulders to the person's left +."""
    return None if c.rotation_deg is None else Estimate(c.rotation_deg - neutral_deg, 12.0, "world")


def fuse(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """Mean weighted by inverse variance; the sd grows where the estimates disagree. ``None`` if all are."""
    known = [e for e in estimates if e is not None]
    if len(known) < 2:
        return known[0] if known else None
    weights = [e.sd_deg**-2 for e in known]
    value = sum(w * e.deg for w, e in zip(weights, known, strict=True)) / sum(weights)
    spread = math.sqrt(sum(w * (e.deg - value) ** 2 for w, e in zip(weights, known, strict=True)) / sum(weights))
    return Estimate(value, max(sum(weights) ** -0.5, spread / 1.5), "+".join(e.method for e in known))
