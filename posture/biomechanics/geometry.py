"""Closed-form geometry: what a line in the picture says of an angle in the body.

Used for neck, lean and rotation, and beside the networks for the trunk. Trunk, pelvis and spine come from ``networks``.

The trunk's angle also from two points in the picture of a pinhole camera: rays of hip and shoulder are turned level by the camera's pitch
and roll. With torso length L, hip distance Z (their ratio r from the upright neutral) and yaw y (90 is pure side), the shoulder of a
trunk at angle t lies at

    x_s (1 - r sin t cos y) = x_h + r sin t sin y        y_s (1 - r sin t cos y) = y_h - r cos t

in units of the focal length, y down. The first gives sin t, the second then cos t.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from posture.biomechanics.layout import Floats
from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.skeleton import KEPT
from posture.types import Estimate

Point = tuple[float, float]
_NECK_SD_DEG = {"line": 12.0, "world": 16.0}
"""Measured on drawn people, of the line in the picture from the side and at an angle, and of the world landmarks."""
LINE_SLOPE = 1.18
"""MediaPipe's hip lies in front of the joint, so the line turns faster than the trunk (measured on rendered clips: 1.16-1.21)."""
_SIDE_SINE = 0.5
_NOSE_AHEAD = 0.7
"""Of the distance between the ears, the tip of the nose lies ahead of them."""


def sagittal_deg(apparent_deg: float, yaw_deg: float) -> float:
    """Return the lean in the sagittal plane of a trunk that appears at `apparent_deg` in the picture.

    A trunk at angle t, turned by yaw y (90 is pure side), appears at atan(tan t |sin y|); this is the inverse.
    """
    limited = max(-85.0, min(85.0, apparent_deg))
    return math.degrees(math.atan(math.tan(math.radians(limited)) / max(0.2, abs(math.sin(math.radians(yaw_deg))))))


def frontal_deg(apparent_deg: float, yaw_deg: float) -> float:
    """Return the same for a lean to the side, which is seen whole from the front."""
    return sagittal_deg(apparent_deg, 90.0 - yaw_deg)


def neck(c: PoseFeatures) -> Estimate | None:
    """Return the neck against the trunk, forward +: in the picture from the side, by the world landmarks elsewhere."""
    if abs(math.sin(math.radians(c.yaw_deg))) >= _SIDE_SINE and c.neck_deg is not None and c.trunk_deg is not None:
        return Estimate(c.neck_deg - c.trunk_deg, _NECK_SD_DEG["line"], "line")
    if c.world_neck_deg is not None and c.world_trunk_deg is not None:
        return Estimate(c.world_neck_deg - c.world_trunk_deg, _NECK_SD_DEG["world"], "world")
    return None


def lateral_lean(c: PoseFeatures, neutral_deg: float = 0.0) -> Estimate | None:
    """Return the lean to the person's right against the neutral's, from the hip-shoulder line where the camera stands in front."""
    cosine = math.cos(math.radians(c.yaw_deg))
    if c.side_lean_deg is None or cosine < 0.5:
        return None
    value = frontal_deg(c.side_lean_deg, c.yaw_deg) - frontal_deg(neutral_deg, c.yaw_deg)
    return Estimate(value, 3.0 + 6.0 * (1.0 - cosine), "line")


def axial_rotation(c: PoseFeatures, neutral_deg: float = 0.0) -> Estimate | None:
    """Return shoulders against hips by the world landmarks, relative to the neutral's; shoulders to the person's left +."""
    return None if c.rotation_deg is None else Estimate(c.rotation_deg - neutral_deg, 12.0, "world")


def thigh_deg(c: PoseFeatures) -> float:
    """Return hip to knee from the horizontal in the picture, knee higher +, degrees, of the smoothed landmarks of a recording too."""
    along, down = (c.layout.xy[list(KEPT.knees)] - c.layout.xy[list(KEPT.hips)]).mean(axis=0).tolist()
    return math.degrees(math.atan2(-down, along if c.yaw_deg <= 0.0 else -along))


def face_down_deg(xy: Floats, hand: float | None) -> float:
    """Return how far the face looks down in the picture, degrees, by how the nose lies to the ears.

    Args:
        xy: (15, 2) px of ``Layout.xy``.
        hand: +1 for a person who faces the picture's right, else -1; ``None`` for one who faces the camera.
    """
    right, down = (xy[KEPT.nose] - xy[list(KEPT.ears)].mean(axis=0)).tolist()
    ahead = _NOSE_AHEAD * _width(xy, KEPT.ears) if hand is None else hand * right
    return math.degrees(math.atan2(down, ahead))


def shoulder_growth_pct(xy: Floats, before: Floats) -> float:
    """Return how much wider the shoulders are in the picture than `before`, per cent, by the natural logarithm; both (15, 2) px."""
    return 100.0 * math.log(_width(xy, KEPT.shoulders) / _width(before, KEPT.shoulders))


def _width(xy: Floats, pair: tuple[int, int]) -> float:
    return max(1.0, math.dist(xy[pair[0]].tolist(), xy[pair[1]].tolist()))


def fuse(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """Return the mean weighted by inverse variance; the sd grows where the estimates disagree. ``None`` if all are."""
    known = [e for e in estimates if e is not None]
    if len(known) < 2:
        return known[0] if known else None
    weights = [e.sd_deg**-2 for e in known]
    value = sum(w * e.deg for w, e in zip(weights, known, strict=True)) / sum(weights)
    spread = math.sqrt(sum(w * (e.deg - value) ** 2 for w, e in zip(weights, known, strict=True)) / sum(weights))
    return Estimate(value, max(sum(weights) ** -0.5, spread / 1.5), "+".join(e.method for e in known))


@dataclass(frozen=True, slots=True)
class Lens:
    """How the camera looks at the scene; pixels and degrees."""

    centre: Point
    focal_px: float
    pitch_deg: float = 0.0
    """Looking down is positive."""
    roll_deg: float = 0.0
    """Turned clockwise as seen from behind the camera, so that upright things lean left in the picture, is negative."""

    def level(self, point: Point) -> Point:
        """Return a pixel's ray in a level frame, x right and y down, in units of the focal length."""
        x, y = (point[0] - self.centre[0]) / self.focal_px, (point[1] - self.centre[1]) / self.focal_px
        roll, pitch = math.radians(-self.roll_deg), math.radians(-self.pitch_deg)
        x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
        down = y * math.cos(pitch) - math.sin(pitch)
        ahead = y * math.sin(pitch) + math.cos(pitch)
        return x / ahead, down / ahead


def torso_ratio(hip: Point, shoulder: Point, lens: Lens) -> float:
    """Return the torso length over distance, from an upright neutral: an upright trunk is as far away at the shoulder as at the hip."""
    a, b = lens.level(hip), lens.level(shoulder)
    return math.hypot(a[0] - b[0], a[1] - b[1])


def trunk_deg(hip: Point, shoulder: Point, ratio: float, yaw_deg: float, lens: Lens) -> float | None:
    """Return the trunk flexion in degrees, towards the way the person faces +; ``None`` where the view does not show it (front and back).

    Args:
        hip: middle of the hips, px.
        shoulder: middle of the shoulders, px.
        ratio: of ``torso_ratio``.
        yaw_deg: 0 faces the camera, +90 shows the left side.
        lens: the camera.
    """
    (hx, hy), (sx, sy) = lens.level(hip), lens.level(shoulder)
    # A person who shows the left side faces the picture's left.
    across, towards = -math.sin(math.radians(yaw_deg)), math.cos(math.radians(yaw_deg))
    scale = ratio * (across + sx * towards)
    if abs(scale) < 0.2 * ratio or ratio <= 0.0:
        return None
    sine = max(-1.0, min(1.0, (sx - hx) / scale))
    cosine = (hy - sy * (1.0 - ratio * sine * towards)) / ratio
    return math.degrees(math.atan2(sine, cosine))
