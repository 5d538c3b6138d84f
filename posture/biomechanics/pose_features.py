"""Pose to features: the few numbers that are read from it, cheap to keep for a whole recording.

Angles in the picture are degrees from the picture's vertical, positive towards the way the person faces. Lengths are in
units of the body (metres by the scale of the world landmarks), so that they compare between near and far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics.layout import Layout, layout
from posture.biomechanics.skeleton import ANKLES, POSE
from posture.types import Pose

Vector = NDArray[np.floating]

_MARGIN = 0.01
_VISIBLE = 0.5
_TORSO_TO_SHOULDERS = (0.7, 4.0)


@dataclass(frozen=True, slots=True)
class PoseFeatures:
    """What one pose shows; ``None`` where the landmarks cannot be trusted."""

    time_s: float
    yaw_deg: float
    """0 faces the camera, +90 shows the left side, -90 the right side."""
    px_per_m: float
    """Pixels of the picture per metre of the body."""
    hips_seen: bool
    trunk_deg: float | None
    """Mid-hip to mid-shoulder in the picture, + towards the way the person faces."""
    side_lean_deg: float | None
    """The same line, + to the person's right, as a viewer in front of the person sees it."""
    world_trunk_deg: float | None
    """The same line by the world landmarks, in the sagittal plane; forward +."""
    neck_deg: float | None
    """Mid-shoulder to mid-ear from the vertical, + towards the way the person faces."""
    world_neck_deg: float | None
    thigh_deg: float | None
    """Hip to knee from the horizontal, knee higher +."""
    knee_deg: float | None
    """Bend of the knee; 0 is straight."""
    head_y: float
    """Middle of the head; this and the places below in shares of the picture's height."""
    shoulder_x: float
    shoulder_y: float
    hip_x: float | None
    hip_y: float | None
    rotation_deg: float | None
    """Shoulder line against hip line by the world landmarks, shoulders to the person's left +."""
    height_px: int
    layout: Layout
    """What the fitted networks read."""


def pose_features_of(pose: Pose, *, hips_hidden: bool = False) -> PoseFeatures:
    """Reduce `pose` to features; `hips_hidden`: the picture shows that the hips are hidden."""
    xy = pose.image_xyz[:, :2].astype(float)
    world = pose.world_xyz.astype(float)
    scale = px_per_metre(pose)
    shoulders, ears = _mid(xy, POSE.shoulders), _mid(xy, POSE.ears)
    hips_ok, knees_ok, ankles_ok = _seen(pose, POSE.hips), _seen(pose, POSE.knees), _seen(pose, ANKLES)
    hips = _mid(xy, POSE.hips)
    torso = float(np.hypot(*(shoulders - hips))) / scale
    own = layout(pose, hips_hidden=hips_hidden)
    hips_ok = hips_ok and _plausible(pose, torso, scale) and not own.hips_hidden
    yaw = yaw_deg(world)
    facing = -1.0 if yaw > 0 else 1.0  # the left side is shown by a person who faces the picture's left
    knees = _mid(xy, POSE.knees)
    head = xy[POSE.head]
    return PoseFeatures(
        time_s=pose.time_s,
        yaw_deg=yaw,
        px_per_m=scale,
        hips_seen=hips_ok,
        trunk_deg=_from_vertical(shoulders - hips) * facing if hips_ok else None,
        side_lean_deg=-_from_vertical(shoulders - hips) if hips_ok else None,
        world_trunk_deg=_sagittal_pitch(world, POSE.hips, POSE.shoulders, yaw) if hips_ok else None,
        neck_deg=_from_vertical(ears - shoulders) * facing,
        world_neck_deg=_sagittal_pitch(world, POSE.shoulders, POSE.ears, yaw),
        thigh_deg=_thigh(hips, knees, facing) if hips_ok and knees_ok else None,
        knee_deg=_knee(world) if hips_ok and knees_ok and ankles_ok else None,
        head_y=float(head[:, 1].mean()) / pose.height,
        shoulder_x=float(shoulders[0]) / pose.height,
        shoulder_y=float(shoulders[1]) / pose.height,
        hip_x=float(hips[0]) / pose.height if hips_ok else None,
        hip_y=float(hips[1]) / pose.height if hips_ok else None,
        rotation_deg=_rotation(world) if hips_ok else None,
        height_px=pose.height,
        layout=own,
    )


def yaw_deg(world: Vector) -> float:
    """Turn of the trunk to the camera by the shoulder and hip lines of the world landmarks, (33, 3) metres."""
    line = (world[POSE.shoulders[0]] - world[POSE.shoulders[1]]) + 0.5 * (world[POSE.hips[0]] - world[POSE.hips[1]])
    return float(np.degrees(np.arctan2(-line[2], line[0])))


def px_per_metre(pose: Pose) -> float:
    """Return the scale of the body in the picture, by least squares of picture on world landmarks of head and trunk."""
    marks = POSE.trunk
    image = pose.image_xyz[marks, :2] - pose.image_xyz[marks, :2].mean(axis=0)
    world = pose.world_xyz[marks, :2] - pose.world_xyz[marks, :2].mean(axis=0)
    return max(1.0, float((image * world).sum()) / max(1e-6, float((world * world).sum())))


def _mid(points: Vector, pair: tuple[int, int]) -> Vector:
    return np.asarray((points[pair[0]] + points[pair[1]]) / 2.0)


def _from_vertical(vector: Vector) -> float:
    """Return degrees of a picture vector from straight up, + to the right."""
    return float(np.degrees(np.arctan2(vector[0], -vector[1])))


def _seen(pose: Pose, pair: tuple[int, int]) -> bool:
    """Tell whether the nearer landmark of a pair is inside the picture with a margin, and visible.

    MediaPipe puts landmarks that it cannot see outside the picture, or inside it with a high visibility: the visibility
    alone says little.
    """
    low = np.array([_MARGIN * pose.width, _MARGIN * pose.height])
    high = np.array([pose.width, pose.height]) - low
    middle = pose.image_xyz[list(pair), :2].mean(axis=0)
    inside = bool(((middle >= low) & (middle <= high)).all())
    return inside and float(pose.visibility[list(pair)].max()) >= _VISIBLE


def _plausible(pose: Pose, torso_m: float, scale: float) -> bool:
    """Tell whether hips and shoulders make a torso of human proportions."""
    world_torso = float(np.linalg.norm(pose.world_xyz[list(POSE.shoulders)].mean(axis=0) - pose.world_xyz[list(POSE.hips)].mean(axis=0)))
    shoulders = float(np.linalg.norm(pose.world_xyz[POSE.shoulders[0]] - pose.world_xyz[POSE.shoulders[1]]))
    ratio = world_torso / max(1e-6, shoulders)
    return scale > 1.0 and 0.1 < torso_m < 1.2 and _TORSO_TO_SHOULDERS[0] <= ratio <= _TORSO_TO_SHOULDERS[1]


def _sagittal_pitch(world: Vector, lower: tuple[int, int], upper: tuple[int, int], yaw: float) -> float:
    """Return the pitch of a segment of the world landmarks in the person's sagittal plane, forward +, degrees."""
    segment = _mid(world, upper) - _mid(world, lower)
    angle = np.radians(yaw)
    # Facing the camera is -z; turning by +yaw (left side shown) turns the face to the picture's left, -x.
    forward = np.array([-np.sin(angle), 0.0, -np.cos(angle)])
    return float(np.degrees(np.arctan2(segment @ forward, -segment[1])))


def _thigh(hips: Vector, knees: Vector, facing: float) -> float:
    along = (knees[0] - hips[0]) * facing
    return float(np.degrees(np.arctan2(hips[1] - knees[1], along)))


def _knee(world: Vector) -> float:
    thigh, shank = _mid(world, POSE.hips) - _mid(world, POSE.knees), _mid(world, ANKLES) - _mid(world, POSE.knees)
    cosine = thigh @ shank / max(1e-9, float(np.linalg.norm(thigh) * np.linalg.norm(shank)))
    return float(180.0 - np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _rotation(world: Vector) -> float:
    def heading(pair: tuple[int, int]) -> float:
        line = world[pair[0]] - world[pair[1]]
        return float(np.arctan2(-line[2], line[0]))

    turn = heading(POSE.shoulders) - heading(POSE.hips)
    # Shoulders turned to the person's left show the camera more of the right side, which lowers the heading.
    return -float(np.degrees((turn + np.pi) % (2.0 * np.pi) - np.pi))
