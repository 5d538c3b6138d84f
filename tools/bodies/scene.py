"""What stands around a person at a desk, and the camera that looks at them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tools.bodies.body import FORWARD, LEFT, UP, Array, Body, rotation
from tools.bodies.painter import Light, Mesh, box

Rng = np.random.Generator
WIDTH, HEIGHT, WIDE_HEIGHT = 640, 480, 360


@dataclass(frozen=True, slots=True)
class Camera:
    """``x = turn @ X + shift``: right, down, ahead, metres."""

    place: str
    width: int
    height: int
    focal_px: float
    yaw_deg: float
    """Of the person's neutral: 0 faces the camera, + shows the left side."""
    pitch_deg: float
    """Looking down is positive."""
    roll_deg: float
    distance_m: float
    turn: Array
    shift: Array


@dataclass(frozen=True, slots=True)
class Furniture:
    """The heights and the meshes of one work place; those of the chair move with the person."""

    desk_z: float
    desk: list[Mesh]
    screen: list[Mesh]
    """Stands on the desk, before the person; cameras near the screen do not see it."""
    chair: list[Mesh]
    back: str
    """As in ``rows.ABOUT``."""
    arms: str
    """As in ``rows.ABOUT``."""


def furnish(r: Rng, body: Body, desk_z: float, back_y: float) -> Furniture:
    """Draw desk, screen, and chair with or without back, arm rests on posts, bolsters.

    Args:
        r: random numbers.
        body: who sits there.
        desk_z: height of the desk.
        back_y: how far back the person's back comes; a back of the chair stands behind it, or gives way.
    """
    hip = body.hip
    wood, dark = r.uniform(0.05, 0.7, 3), r.uniform(0.02, 0.25) * np.ones(3) if r.random() < 0.6 else r.uniform(0.02, 0.6, 3)
    edge = hip[1] - r.uniform(0.16, 0.32)
    desk = [box([-0.8, edge - 0.8, desk_z - 0.03], [0.8, edge, desk_z], wood)] if r.random() < 0.85 else []
    if desk and r.random() < 0.5:
        desk.append(box([-0.2, edge - 0.28, desk_z], [0.22, edge - 0.14, desk_z + 0.02], r.uniform(0.02, 0.8) * np.ones(3)))
    if desk and r.random() < 0.3:
        x = r.uniform(-0.5, 0.5)
        desk.append(box([x - 0.04, edge - 0.3, desk_z], [x + 0.04, edge - 0.22, desk_z + 0.1], r.uniform(0.1, 0.8, 3)))
    screen = []
    if desk and r.random() < 0.5:
        x, y, z = r.uniform(-0.15, 0.15), edge - r.uniform(0.25, 0.5), desk_z + r.uniform(0.05, 0.15)
        screen.append(box([x - 0.28, y - 0.03, z], [x + 0.28, y, z + r.uniform(0.25, 0.38)], r.uniform(0.01, 0.1) * np.ones(3)))
    seat = hip[2] - 0.10
    chair = [box([-0.24, hip[1] - 0.38, seat - 0.07], [0.24, max(hip[1] + 0.15, back_y), seat], dark)]
    back_kind = arm_kind = "none"
    if r.random() < 0.85:  # the rest are stools
        high, wide = r.uniform(0.25, 0.85), r.uniform(0.17, 0.26)
        back = back_y + r.uniform(0.0, 0.1) if r.random() < 0.75 else hip[1] + r.uniform(0.13, 0.2)
        back_kind = "high" if high > 0.5 else "low"
        chair.append(box([-wide, back, hip[2] - 0.02], [wide, back + 0.05, hip[2] + high], dark))
        if r.random() < 0.15:
            chair.append(box([-wide * 0.6, back - 0.02, hip[2] + high], [wide * 0.6, back + 0.05, hip[2] + high + 0.18], dark))
        if r.random() < 0.2:  # bolsters at both sides of the back
            back_kind = "bolsters"
            for side in (-1, 1):
                near = side * wide
                low = [min(near, near + side * 0.06), back - r.uniform(0.05, 0.14), hip[2] + 0.05]
                chair.append(box(low, [max(near, near + side * 0.06), back, hip[2] + high * 0.9], dark))
    if r.random() < 0.5:
        pad, out, deep, first = hip[2] + r.uniform(0.08, 0.2), r.uniform(0.22, 0.30), r.uniform(0.1, 0.3), hip[1] + r.uniform(-0.3, -0.1)
        post = r.random() < 0.75
        arm_kind = "posts" if post else "pads"
        for side in (-1, 1):
            x0, x1 = sorted((side * out, side * (out + 0.07)))
            chair.append(box([x0, first, pad - 0.03], [x1, first + deep, pad], dark))
            if post:
                middle = first + deep * r.uniform(0.2, 0.7)
                chair.append(box([x0, middle, seat - 0.05], [x1, middle + r.uniform(0.04, 0.12), pad - 0.03], dark))
    return Furniture(desk_z, desk, screen, chair, back_kind, arm_kind)


def place_camera(r: Rng, place: str, body: Body, mesh: Array, joints: Array, furniture: Furniture) -> Camera:
    """Put a camera at one of ``rows.PLACES``, so that the picture has the whole head in the neutral that `mesh` and `joints` show."""
    head = mesh[body.part == "head"]
    for _ in range(30):
        camera = _camera(r, place, body, mesh, joints, furniture)
        x, y, z = (head @ camera.turn.T + camera.shift).T
        u, v = camera.focal_px * x / z + camera.width / 2, camera.focal_px * y / z + camera.height / 2
        if u.min() > 0 and u.max() < camera.width and v.min() > 2 and v.max() < camera.height * 0.95:
            break
    return camera


def _camera(r: Rng, place: str, body: Body, mesh: Array, joints: Array, furniture: Furniture) -> Camera:
    wide = bool(r.random() < 0.5)
    width, height = WIDTH, WIDE_HEIGHT if wide else HEIGHT
    focal = width / 2 / np.tan(np.radians(r.uniform(50, 90 if place in ("laptop", "monitor") else 80)) / 2)
    eyes, chest = (joints[body.index["eye.L"]] + joints[body.index["eye.R"]]) / 2, joints[body.index["spine02"]]
    side = float(r.choice([-1, 1]))
    if place == "laptop":
        yaw, far, at_z = r.normal(0, 9), r.uniform(0.42, 0.85), furniture.desk_z + r.uniform(0.12, 0.28)
    elif place == "monitor":
        yaw, far, at_z = r.normal(0, 12), r.uniform(0.5, 1.15), eyes[2] + r.uniform(-0.08, 0.35)
    elif place == "far":
        yaw, far, at_z = r.uniform(-30, 30), r.uniform(1.1, 2.5), eyes[2] + r.uniform(-0.5, 0.5)
    elif place == "oblique":
        yaw, far, at_z = side * r.uniform(24, 68), r.uniform(0.8, 2.5), eyes[2] + r.uniform(-0.6, 0.5)
    elif place == "side":
        yaw, far, at_z = (
            side * (r.normal(90, 8) if r.random() < 0.6 else r.uniform(62, 118)),
            r.uniform(1.2, 3.0),
            chest[2] + r.uniform(-0.4, 0.7),
        )
    else:
        yaw, far, at_z = side * r.uniform(112, 180), r.uniform(1.2, 2.6), chest[2] + r.uniform(-0.2, 0.8)
    near = place in ("laptop", "monitor")
    head = mesh[body.ears].mean(axis=0)
    target = head + (chest - head) * (r.uniform(0.0, 0.9) if near else r.uniform(0.3, 1.3))
    position = np.array([*(target + rotation(UP, yaw) @ (FORWARD * far))[:2], at_z])
    ahead = target + LEFT * r.normal(0, 0.06) * far + UP * r.normal(0, 0.04) * far - position
    ahead /= np.linalg.norm(ahead)
    right = np.cross(ahead, UP)
    right /= np.linalg.norm(right)
    level = np.stack([right, np.cross(ahead, right), ahead])
    roll = r.normal(0, 2.5)
    turn = rotation(np.array([0.0, 0.0, 1.0]), roll) @ level
    pitch = float(np.degrees(np.arcsin(-ahead[2])))
    return Camera(place, width, height, float(focal), yaw, pitch, roll, far, turn, -turn @ position)


def light_up(r: Rng) -> Light:
    """Draw lamps and windows."""
    key = r.normal([0, -0.5, 0.8], 0.5)
    key[2] = max(key[2], 0.25)
    fill = r.normal([0, -0.3, 0.3], 0.6)
    return Light(
        key / np.linalg.norm(key),
        fill / np.linalg.norm(fill),
        r.uniform(0.2, 0.8) * np.array([1, 0.97, 0.92]),
        r.uniform(0, 0.3) * np.array([0.9, 0.95, 1]),
        r.uniform(0.25, 0.75),
        r.uniform(0.001, 0.006),
    )


def room(r: Rng, width: int, height: int) -> tuple[Array, float]:
    """Draw the room behind (H, W, 3), and the gain of the picture: a window behind makes people dark."""
    base = r.uniform(30, 225) + r.normal(0, 18, 3)
    wall = base + cv2.resize(r.normal(0, r.uniform(2, 25), (12, 16, 3)).astype("f4"), (width, height))
    for _ in range(r.integers(0, 9)):
        x, y = int(r.uniform(-0.2, 1) * width), int(r.uniform(-0.2, 0.9) * height)
        w, h = int(r.uniform(0.03, 0.4) * width), int(r.uniform(0.03, 0.5) * height)
        cv2.rectangle(wall, (x, y), (x + w, y + h), tuple(float(c) for c in np.clip(r.uniform(10, 235) + r.normal(0, 30, 3), 0, 255)), -1)
    gain = r.uniform(0.7, 1.2)
    if r.random() < 0.15:
        x, w = int(r.uniform(0, 0.7) * width), int(r.uniform(0.2, 0.6) * width)
        wall[: int(height * r.uniform(0.5, 0.9)), x : x + w] = 400
        gain = r.uniform(0.3, 0.6)
    elif r.random() < 0.1:
        gain = r.uniform(0.22, 0.45)
    return np.clip(wall, 0, 420), float(gain)


def develop(r: Rng, image: Array, gain: float, noise: float, blur: float, quality: int) -> Array:
    """Make of what was drawn the picture of a webcam (H, W, 3) uint8."""
    out = cv2.GaussianBlur(image, (0, 0), blur) * gain
    out = np.clip(out + noise * r.standard_normal(image.shape, dtype=np.float32), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
