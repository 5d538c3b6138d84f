"""Cues and neutral -> angles. Each estimator is one function, ``(Cues, Neutral | None) -> Estimate | None``.

Several may answer for one quantity; ``fuse`` weighs the answers by their variances. An estimator gives ``None`` where its
view does not show what it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from posture.kinematics.calibration import Neutral
from posture.kinematics.cues import Cues
from posture.model import Estimate

Estimator = Callable[[Cues, Neutral | None], Estimate | None]

UNCALIBRATED_SD_DEG = 5.0
_HIP_BIAS_DEG = 4.5
"""MediaPipe's hip lies in front of the joint, so an upright trunk reads as leaning back by about this from the side."""
_SIDE_SLOPE = 1.18
"""The same shift makes the line turn faster than the trunk (measured on rendered clips of known angles: 1.16-1.21)."""
_SIDE_SINE = 0.5
_TORSO_M = 0.5
_CAMERA_M = 0.8


def trunk_side(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Trunk flexion from the hip-shoulder line in the picture, freed of the yaw.

    A trunk at angle t, seen at yaw p off pure side, appears at atan(tan t cos p) (geometry); the inverse is used.
    """
    sine = _side_sine(c, neutral)
    if c.trunk_deg is None or sine < _SIDE_SINE:
        return None
    raw = _unproject(c.trunk_deg, sine) / _SIDE_SLOPE
    blur = 1.5 + 10.0 * (1.0 - sine)
    if neutral is None or "trunk_deg" not in neutral.cue:
        return Estimate(raw + _HIP_BIAS_DEG, math.hypot(UNCALIBRATED_SD_DEG, blur), "line")
    # One sine for both: an error of the yaw then scales the change, and does not shift it.
    change = raw - _unproject(neutral.cue["trunk_deg"], sine) / _SIDE_SLOPE
    return Estimate(neutral_trunk_deg(neutral) + change, math.hypot(blur, 0.08 * change), "line")


def trunk_world(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Trunk flexion from the world landmarks; they under-read leans towards the camera, and the sd says so."""
    if c.world_trunk_deg is None:
        return None
    if neutral is None or "world_trunk_deg" not in neutral.cue:
        return Estimate(c.world_trunk_deg, 10.0, "world")
    change = c.world_trunk_deg - neutral.cue["world_trunk_deg"]
    return Estimate(neutral_trunk_deg(neutral) + change, math.hypot(6.0, 0.35 * change), "world")


def trunk_scale(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Trunk flexion from the front, hips unseen: shoulders come nearer and drop when the trunk leans.

    With torso length L and camera distance D, a lean of t brings the shoulders nearer by L sin t, so their width grows by
    D / (D - L sin t), and drops them by L (1 - cos t). A chair that rolls scales everything and drops nothing, seen from
    the height of the face; the drop in units of the shoulders therefore decides how much of the growth was lean.
    """
    if neutral is None or _side_sine(c, neutral) > 0.8:
        return None
    width0, width = neutral.cue["shoulder_px"], c.shoulder_px
    head0 = neutral.cue["head_px"]
    growth = math.log(max(0.3, width / width0)) * 0.5 + math.log(max(0.3, c.head_px / head0)) * 0.5
    nearer = _CAMERA_M * (1.0 - math.exp(-growth))
    drop = (c.shoulder_y - neutral.cue["shoulder_y"]) * c.height_px / max(1.0, neutral.cue["px_per_m"])
    sine = max(-0.6, min(0.95, nearer / _TORSO_M))
    lean = math.degrees(math.asin(sine))
    # Half of the growth is believed as it stands; all of it when the shoulders also dropped.
    support = max(0.4, min(1.0, 0.5 + drop / 0.15)) if lean > 0 else 0.6
    change = lean * support
    return Estimate(neutral_trunk_deg(neutral) + change, math.hypot(5.0, 0.3 * change), "scale")


def spine_side(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Slump from the side: the neck goes forward against the trunk and the torso gets shorter."""
    if neutral is None or c.torso_m is None or c.trunk_deg is None or c.neck_deg is None:
        return None
    if _side_sine(c, neutral) < _SIDE_SINE or not {"torso_m", "trunk_deg", "neck_deg"} <= neutral.cue.keys():
        return None
    shorter = 1.0 - (c.torso_m * c.px_per_m) / max(1.0, neutral.cue["torso_m"] * neutral.cue["px_per_m"])
    neck = (c.neck_deg - c.trunk_deg) - (neutral.cue["neck_deg"] - neutral.cue["trunk_deg"])
    value = 100.0 * shorter + 0.6 * neck
    return Estimate(value, math.hypot(9.0, 0.3 * value), "shortening+neck")


def spine_front(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Slump from the front: the shoulders drop and the head comes forward without the growth of a lean."""
    if neutral is None or _side_sine(c, neutral) > 0.8:
        return None
    px = max(1.0, neutral.cue["px_per_m"])
    drop = (c.shoulder_y - neutral.cue["shoulder_y"]) * c.height_px / px
    head = (c.head_y - neutral.cue["head_y"]) * c.height_px / px - drop
    value = 100.0 * max(-0.2, drop) + 60.0 * max(-0.2, head)
    return Estimate(value, math.hypot(12.0, 0.4 * value), "drop")


def pelvis_side(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Pelvic tilt from the side: the hip joint rolls over the sitting bones, so it slides along the seat as the pelvis turns."""
    if neutral is None or c.hip_to_knee_m is None or "hip_to_knee_m" not in neutral.cue:
        return None
    if _side_sine(c, neutral) < 0.85 or "thigh_deg" not in neutral.cue or c.thigh_deg is None:
        return None
    shift = (neutral.cue["hip_to_knee_m"] * neutral.cue["px_per_m"] - c.hip_to_knee_m * c.px_per_m) / neutral.cue["px_per_m"]
    value = math.degrees(math.asin(max(-0.9, min(0.9, shift / 0.12))))
    return Estimate(value, math.hypot(6.0, 0.3 * value), "hip shift")


def neck(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Neck against trunk, forward +: in the picture from the side, by the world landmarks elsewhere."""
    if _side_sine(c, neutral) >= _SIDE_SINE and c.neck_deg is not None and c.trunk_deg is not None:
        return Estimate(c.neck_deg - c.trunk_deg, 5.0, "line")
    if c.world_neck_deg is not None and c.world_trunk_deg is not None:
        return Estimate(c.world_neck_deg - c.world_trunk_deg, 10.0, "world")
    return None


def lateral_lean(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Lean to the person's right: the hip-shoulder line in the picture, where the camera stands in front."""
    cosine = math.cos(math.radians(c.yaw_deg))
    if c.side_lean_deg is None or cosine < 0.5:
        return None
    base = neutral.cue.get("side_lean_deg", 0.0) if neutral else 0.0
    return Estimate(_unproject(c.side_lean_deg, cosine) - _unproject(base, cosine), 3.0 + 6.0 * (1.0 - cosine), "line")


def axial_rotation(c: Cues, neutral: Neutral | None) -> Estimate | None:
    """Shoulders against hips by the world landmarks, relative to the neutral if there is one."""
    if c.rotation_deg is None:
        return None
    base = neutral.cue.get("rotation_deg", 0.0) if neutral else 0.0
    return Estimate(c.rotation_deg - base, 12.0, "world")


TRUNK: tuple[Estimator, ...] = (trunk_side, trunk_world, trunk_scale)
SPINE: tuple[Estimator, ...] = (spine_side, spine_front)
PELVIS: tuple[Estimator, ...] = (pelvis_side,)


def fuse(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """Mean weighted by inverse variance; the sd is never smaller than a third of the disagreement. ``None`` if all are."""
    known = [e for e in estimates if e is not None]
    if len(known) < 2:
        return known[0] if known else None
    weights = [e.sd_deg**-2 for e in known]
    value = sum(w * e.deg for w, e in zip(weights, known, strict=True)) / sum(weights)
    spread = math.sqrt(sum(w * (e.deg - value) ** 2 for w, e in zip(weights, known, strict=True)) / sum(weights))
    return Estimate(value, max(sum(weights) ** -0.5, spread / 1.5), "+".join(e.method for e in known))


def neutral_trunk_deg(neutral: Neutral | None) -> float:
    """The neutral's own trunk flexion: measured from the side with the bias removed, taken as 0 elsewhere."""
    if neutral is None or "trunk_deg" not in neutral.cue:
        return 0.0
    sine = abs(math.sin(math.radians(neutral.cue["yaw_deg"])))
    if sine < 0.9:
        return 0.0
    return _unproject(neutral.cue["trunk_deg"], sine) / _SIDE_SLOPE + _HIP_BIAS_DEG


def _side_sine(c: Cues, neutral: Neutral | None) -> float:
    """|sin yaw|, 1 from the side: mostly of the neutral, since people turn less than the landmarks say they do."""
    now = abs(math.sin(math.radians(c.yaw_deg)))
    if neutral is None:
        return now
    then = abs(math.sin(math.radians(neutral.cue["yaw_deg"])))
    return 0.7 * then + 0.3 * now


def _unproject(apparent_deg: float, factor: float) -> float:
    limited = max(-85.0, min(85.0, apparent_deg))
    return math.degrees(math.atan(math.tan(math.radians(limited)) / max(0.2, factor)))
