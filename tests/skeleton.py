"""A skeleton of known angles, seen through a pinhole camera: truth for tests that need no pose model.

Body frame: x to the person's left, y up, z forward; metres, origin on the floor below the mid-hip. A lean turns everything
above the hips about the hip axis.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posture.types import Pose

Points = NDArray[np.float64]

WIDTH, HEIGHT = 1280, 960
_UPRIGHT = {
    0: (0.0, 1.20, 0.12),
    2: (0.03, 1.23, 0.10),
    5: (-0.03, 1.23, 0.10),
    7: (0.075, 1.21, 0.02),
    8: (-0.075, 1.21, 0.02),
    9: (0.025, 1.14, 0.10),
    10: (-0.025, 1.14, 0.10),
    11: (0.18, 1.00, 0.0),
    12: (-0.18, 1.00, 0.0),
    13: (0.22, 0.75, 0.05),
    14: (-0.22, 0.75, 0.05),
    23: (0.09, 0.50, 0.0),
    24: (-0.09, 0.50, 0.0),
    25: (0.10, 0.50, 0.42),
    26: (-0.10, 0.50, 0.42),
    27: (0.10, 0.08, 0.42),
    28: (-0.10, 0.08, 0.42),
}
_LEGS = (23, 24, 25, 26, 27, 28)


@dataclass(frozen=True)
class Camera:
    """Where the camera stands; it looks at the person's middle."""

    yaw_deg: float = 0.0
    """Turn of the person: 0 faces the camera, +90 shows the left side."""
    distance_m: float = 2.0
    height_m: float = 0.85
    pitch_deg: float = 0.0
    """Looking down is positive."""
    roll_deg: float = 0.0
    shift_m: float = 0.0
    """How far the person sits to the right in the picture."""
    focal_px: float = 1100.0


@dataclass(frozen=True)
class Body:
    """Landmarks in the body frame."""

    points: dict[int, tuple[float, float, float]] = field(default_factory=lambda: dict(_UPRIGHT))


def sitting(lean_deg: float = 0.0, side_deg: float = 0.0) -> Body:
    """A person sitting on a chair who leans forward by `lean_deg` and to the own right by `side_deg`, from the hips."""
    lean, side = np.radians(lean_deg), np.radians(side_deg)
    points = {}
    for i, p in _UPRIGHT.items():
        x, y, z = p
        if i not in _LEGS:
            h = y - 0.50
            y, z = 0.50 + h * np.cos(lean) - z * np.sin(lean), h * np.sin(lean) + z * np.cos(lean)
            h = y - 0.50
            x, y = x * np.cos(side) - h * np.sin(side), 0.50 + h * np.cos(side) + x * np.sin(side)
        points[i] = (float(x), float(y), float(z))
    return Body(points)


def pose_of(body: Body, camera: Camera, time_s: float = 0.0) -> Pose:
    """What a perfect landmark model would see of `body`."""
    world = np.zeros((33, 3))
    xyz = np.zeros((33, 3))
    for i, p in body.points.items():
        world[i], xyz[i] = _see(np.array(p), camera)
    world -= (world[23] + world[24]) / 2.0
    fallback = [i for i in range(33) if i not in body.points]
    world[fallback], xyz[fallback] = world[0], xyz[0]
    ones = np.ones(33, np.float32)
    return Pose(time_s, xyz.astype(np.float32), world.astype(np.float32), ones, ones, WIDTH, HEIGHT)


def _see(p: Points, c: Camera) -> tuple[Points, Points]:
    """A point in MediaPipe's world axes (x right, y down, z away) turned like the camera sees it, and its pixels."""
    yaw = np.radians(c.yaw_deg)
    # Facing the camera, the person's left is the picture's right, and forward is towards the camera.
    right = p[0] * np.cos(yaw) - p[2] * np.sin(yaw)
    away = -p[0] * np.sin(yaw) - p[2] * np.cos(yaw)
    x, y, z = right + c.shift_m, c.height_m - p[1], away + c.distance_m
    pitch, roll = np.radians(c.pitch_deg), np.radians(c.roll_deg)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    pixel = np.array([WIDTH / 2 + c.focal_px * x / z, HEIGHT / 2 + c.focal_px * y / z, 0.0])
    return np.array([x, y, z]), pixel
