"""Who is measured: keeps to one person when somebody else walks by. Pure geometry on poses; no pictures.

A person is where the head and shoulders are, in units of body size, so that the limits mean the same near and far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from posture.biomechanics import POSE
from posture.types import Pose

_BODY = [*POSE.head, *POSE.shoulders, *POSE.elbows, *POSE.hips]
_LEAST_SCALE = 1e-3
_LEAST_BODY = 0.15
"""Share of the box around head, trunk and elbows that the person's outline covers at least; seen: 0.4 to 0.8. Our judgement."""
_FACE_VISIBLE = 0.9
"""Seen: 0.97 and more for rendered and real people from all sides, 0.4 to 0.8 for most heads that were made up."""
_LEAST_NECK_M, _LEAST_TRUNK_M = 0.10, 0.30
"""In the picture plane. A person who bends has one of them short, one without a head both."""
_STEP_M = 0.20
_SPEED_M_S = 0.8
_REACH_S = 0.5
_SCALE_STEP = 1.35
_FORGET_S = 10.0
_ACCEPT_S = 5.0


class Choice(StrEnum):
    """Whom to measure where several people are in the picture and nobody is remembered: at the start, and after a cut."""

    MAIN = "main"
    """Large, and not at the edge of the picture."""
    LARGEST = "largest"
    """Who fills most of the picture: the largest box around the landmarks, as far as it lies in the picture."""
    NEAREST = "nearest"
    """Who is nearest to the camera: the most pixels per metre of the body, however much of it is hidden."""
    FIRST = "first"
    """Who is in the picture first; of several at once, the one of whom the pose network is most certain."""


@dataclass(frozen=True, slots=True)
class PersonPlace:
    """Where a person is, in heights of the picture, so that it means the same in a picture of another size."""

    x: float
    """Centre of head and shoulders, to the right of the picture's middle."""
    y: float
    """Likewise, from the top down."""
    scale: float
    """Of one metre of the body."""

    def distance_m(self, other: PersonPlace) -> float:
        """Return metres of body scale between two places in the picture plane."""
        return float(np.hypot(self.x - other.x, self.y - other.y)) / max(_LEAST_SCALE, math.sqrt(self.scale * other.scale))

    def scale_ratio(self, other: PersonPlace) -> float:
        """Tell how many times larger one is than the other; 1 or more."""
        a, b = max(_LEAST_SCALE, self.scale), max(_LEAST_SCALE, other.scale)
        return float(max(a, b) / min(a, b))


def px_per_m(pose: Pose) -> float:
    """Return pixels per metre of the body in the picture plane, at least 1; by least squares of picture on world landmarks."""
    image = pose.image_xyz[_BODY, :2] - pose.image_xyz[_BODY, :2].mean(axis=0)
    world = pose.world_xyz[_BODY, :2] - pose.world_xyz[_BODY, :2].mean(axis=0)
    return max(1.0, float((image * world).sum() / max(1e-6, float((world * world).sum()))))


def place_of(pose: Pose) -> PersonPlace:
    """Return the place of the person that `pose` shows."""
    x, y = (float(v) for v in pose.image_xyz[POSE.upper, :2].mean(axis=0))
    return PersonPlace((x - pose.width / 2.0) / pose.height, y / pose.height, px_per_m(pose) / pose.height)


def looks_like_person(pose: Pose, least_px_per_m: float = 0.0) -> bool:
    """Tell whether `pose` can be of a person: large enough, and with a body where the landmarks of head and trunk are.

    Args:
        pose: what was found.
        least_px_per_m: pixels per metre of the body.
    """
    if px_per_m(pose) < least_px_per_m:
        return False
    if pose.mask is None:
        return True
    size = np.array([pose.width, pose.height])
    xy = pose.image_xyz[_BODY, :2]
    low, high = (np.clip(edge(xy, axis=0), 0, size - 1).astype(int) for edge in (np.min, np.max))
    box = pose.mask[low[1] : high[1] + 1, low[0] : high[0] + 1]
    return bool((box > 127).mean() >= _LEAST_BODY)


def shows_head(pose: Pose) -> bool:
    """Tell whether the head of `pose` was seen.

    The network makes one up for who sits with the head out of the picture: hardly visible, or in the middle of a trunk that is far too
    short for a body. (A head beyond the picture's edge is told by ``Layout.head_inside``.)
    """
    if float(pose.visibility[POSE.face].mean()) < _FACE_VISIBLE:
        return False
    xy, metre = pose.image_xyz[:, :2], px_per_m(pose)
    shoulders = xy[list(POSE.shoulders)].mean(axis=0)
    neck, trunk = (float(np.linalg.norm(shoulders - xy[marks].mean(axis=0))) / metre for marks in (POSE.head, list(POSE.hips)))
    return neck >= _LEAST_NECK_M or trunk >= _LEAST_TRUNK_M


def same_person(a: Pose, b: Pose) -> bool:
    """Tell whether two poses of one frame are of one person: head and shoulders lie on each other for their size."""
    gap = float(np.linalg.norm(a.image_xyz[POSE.upper, :2] - b.image_xyz[POSE.upper, :2], axis=1).mean())
    size = float(np.ptp(a.image_xyz[: POSE.hips[1] + 1, 1]))
    return gap <= 0.25 * max(size, 0.08 * a.height)


def main_person(poses: Sequence[Pose], choice: Choice = Choice.MAIN) -> Pose:
    """Return the person that a recording is about, by `choice`; `poses` in the pose network's order, not empty."""
    if choice is Choice.FIRST:
        return poses[0]
    weights = {Choice.MAIN: _weight, Choice.LARGEST: _area, Choice.NEAREST: px_per_m}
    return max(poses, key=weights[choice])


def _weight(pose: Pose) -> float:
    """Return the size, less for who is at the edge of the picture."""
    off_centre = abs(place_of(pose).x) * 2.0 * pose.height / pose.width
    return px_per_m(pose) * max(0.05, 1.0 - 0.6 * off_centre)


def _area(pose: Pose) -> float:
    """Return square pixels of the picture that the box around the landmarks covers."""
    size = (pose.width, pose.height)
    low, high = (np.clip(edge(pose.image_xyz[:, :2], axis=0), 0.0, size) for edge in (np.min, np.max))
    return float(np.prod(high - low))


class PersonLock:
    """Remembers where the measured person was last, and says who of those in the picture it is."""

    def __init__(self, choice: Choice = Choice.MAIN) -> None:
        """Nobody yet; `choice` says who it will be."""
        self._choice = choice
        self._place: PersonPlace | None = None
        self._seen_s = 0.0
        self._new: tuple[PersonPlace, float] | None = None
        self._others: list[tuple[PersonPlace, float]] = []

    @property
    def place(self) -> PersonPlace | None:
        """Where the measured person was last; ``None`` if nobody is remembered."""
        return self._place

    def forget(self) -> None:
        """Whoever comes next is measured."""
        self._place = self._new = None
        self._others.clear()

    def agrees(self, later: PersonLock, time_s: float) -> bool:
        """Tell whether `later`, which began anew and saw somebody first at `time_s`, took the one whom this lock would have gone on
        with."""
        if self._place is None:
            return True  # whoever comes next is measured
        if self._new is not None or later._place is None or not _near(later._place, self._place, time_s - self._seen_s):
            return False
        mine, theirs = (sum(time_s - then < _FORGET_S for _, then in lock._others) for lock in (self, later))
        return mine == theirs

    def is_same(self, pose: Pose) -> bool:
        """Tell whether `pose` can be the remembered person: no farther than a body moves in the time since, and nearer to where the
        person was than to where somebody else was."""
        if self._place is None:
            return False
        here = place_of(pose)
        away = here.distance_m(self._place)
        if any(pose.time_s - then < _FORGET_S and here.distance_m(other) < away for other, then in self._others):
            return False
        return _near(here, self._place, pose.time_s - self._seen_s)

    def choose(self, poses: Sequence[Pose], time_s: float) -> Pose | None:
        """Tell which of `poses` is the measured person; ``None`` while that is not clear.

        Somebody else is only taken for the measured person, moved, after keeping still for 5 s in which the latter was not
        seen. Somebody who was seen beside the person is somebody else, and is only measured when the person was not seen for 10 s.
        """
        if not poses:
            return None
        if self._place is None:
            return self._keep(main_person(poses, self._choice), poses)
        last = self._place
        same = [p for p in poses if self.is_same(p)]
        if same:
            return self._keep(min(same, key=lambda p: place_of(p).distance_m(last)), poses)
        return self._stranger(poses, time_s)

    def _stranger(self, poses: Sequence[Pose], time_s: float) -> Pose | None:
        candidate = main_person(poses, self._choice)
        here = place_of(candidate)
        known = len(poses) > 1 or any(_near(here, place, time_s - then) for place, then in self._others)
        since = self._new[1] if self._new is not None and _near(here, self._new[0], 0.2) else time_s
        self._new = (here, since)
        if known:
            self._note_others(poses, None, time_s)
        if min(time_s - since, time_s - self._seen_s) < (_FORGET_S if known else _ACCEPT_S):
            return None
        return self._keep(candidate, poses)

    def _keep(self, pose: Pose, poses: Sequence[Pose]) -> Pose:
        """`pose` is the person; remember where, and where the others are."""
        self._place, self._seen_s, self._new = place_of(pose), pose.time_s, None
        self._note_others(poses, pose, pose.time_s)
        return pose

    def _note_others(self, poses: Sequence[Pose], person: Pose | None, time_s: float) -> None:
        here = [(place_of(p), time_s) for p in poses if p is not person]
        recent = [(place, then) for place, then in self._others if time_s - then < _FORGET_S]
        self._others = here + [o for o in recent if not any(_near(o[0], place, 0.2) for place, _ in here)]


def _near(a: PersonPlace, b: PersonPlace, gap_s: float) -> bool:
    """Tell whether a body can have moved from one place to the other within `gap_s` seconds."""
    reach = _STEP_M + _SPEED_M_S * min(_REACH_S, max(0.0, gap_s))
    return a.distance_m(b) <= reach and a.scale_ratio(b) <= _SCALE_STEP
