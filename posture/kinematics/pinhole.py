"""The trunk's angle from two points in the picture of a pinhole camera, in closed form.

Rays of hip and shoulder are turned level by the camera's pitch and roll. With torso length L, hip distance Z (their ratio r from the
upright neutral) and yaw y (90 is pure side), the shoulder of a trunk at angle t lies at

    x_s (1 - r sin t cos y) = x_h + r sin t sin y        y_s (1 - r sin t cos y) = y_h - r cos t

in units of the focal length, y down. The first gives sin t, the second then cos t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


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
        """A pixel's ray in a level frame, x right and y down, in units of the focal length."""
        x, y = (point[0] - self.centre[0]) / self.focal_px, (point[1] - self.centre[1]) / self.focal_px
        roll, pitch = math.radians(-self.roll_deg), math.radians(-self.pitch_deg)
        x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
        down = y * math.cos(pitch) - math.sin(pitch)
        ahead = y * math.sin(pitch) + math.cos(pitch)
        return x / ahead, down / ahead


def torso_ratio(hip: Point, shoulder: Point, lens: Lens) -> float:
    """Torso length over distance, from an upright neutral: an upright trunk is as far away at the shoulder as at the hip."""
    a, b = lens.level(hip), lens.level(shoulder)
    return math.hypot(a[0] - b[0], a[1] - b[1])


def trunk_deg(hip: Point, shoulder: Point, ratio: float, yaw_deg: float, lens: Lens) -> float | None:
    """Trunk flexion in degrees, towards the way the person faces +; ``None`` where the view does not show it (front and back).

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
