"""The heads of everybody in a picture: where they are, and the same picture without them.

People are searched in the whole picture and in overlapping parts of it, as one who is small in the whole is large in a part; then again
without those who were found, until nobody else is found. Where that does not end, or somebody's head cannot be
located, nothing may be shown of the picture. A search can still miss somebody, so all but the measured person is coarsened as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from posture._support import load_cv2
from posture.biomechanics import POSE
from posture.pose.landmarker import Landmarker
from posture.pose.person_tracker import looks_like_person, shows_head
from posture.types import ByteArray, Frame, Pose

MOST_PEOPLE = 4
"""As many are found in one search at most; where so many are, there may be more."""
_ROUNDS = 4
_PARTS = (1, 2)
"""Parts of the picture that are searched: so many along each side, each of them half over the next."""
_LEAST_PART_PX = 96
_CELLS = 5
"""A head is made this many squares across, each of one colour: what is left cannot be told from anybody else's."""
_LEAST_RADIUS_PX = 12.0
_COARSE_CELLS = 32
"""Along the longer side of the picture, around the measured person: rooms are made out in so many squares, faces are not."""
_AROUND = 0.04
"""Of the picture's longer side: so far around the person the picture stays sharp."""
_GREY = 128
_REMNANT = 0.5
"""Who lies to this share on people that were found before, and taken out, is made up of what is left of them."""


@dataclass(frozen=True, slots=True)
class Head:
    """A circle around a whole head with its hair; pixels of the picture."""

    x: float
    y: float
    radius: float

    def covers(self, other: Head) -> bool:
        """Tell whether the middle of the other lies well within this one."""
        return math.hypot(self.x - other.x, self.y - other.y) <= 0.5 * self.radius

    def moved(self, x: float, y: float) -> Head:
        """Return it further right and further down."""
        return Head(self.x + x, self.y + y, self.radius)


def head_of(pose: Pose) -> Head:
    """Return the circle around the head of a pose; generous, by the largest of what ears, face and shoulders say of its size."""
    xy = pose.image_xyz[:, :2].astype(float)
    ears, eyes, shoulders = (xy[list(pair)] for pair in (POSE.ears, POSE.eyes, POSE.shoulders))
    middle, nose = ears.mean(axis=0), xy[POSE.nose]
    sizes = (
        1.1 * math.dist(middle, shoulders.mean(axis=0)),
        0.6 * math.dist(*shoulders),
        1.5 * math.dist(*ears),
        2.2 * math.dist(nose, middle),
        3.0 * math.dist(*eyes),
        _LEAST_RADIUS_PX,
    )
    x, y = 0.85 * middle + 0.15 * nose
    return Head(float(x), float(y), float(max(sizes)))


@dataclass(frozen=True, slots=True)
class FoundHeads:
    """What a search of a picture found."""

    heads: tuple[Head, ...]
    """Of everybody, also those known before."""
    person: NDArray[np.bool_]
    """Where the person of the first head known before is: (H, W); nowhere if none was known."""


def coarsened(image: ByteArray, sharp: NDArray[np.bool_]) -> ByteArray:
    """Return a copy of an (H, W, 3) picture in squares of one colour each, but for what lies in `sharp` (H, W) or close to it."""
    cv2 = load_cv2()
    height, width = image.shape[:2]
    cell, around = math.ceil(max(height, width) / _COARSE_CELLS), math.ceil(_AROUND * max(height, width))
    out = image.copy()
    _in_squares(out, 0, height, 0, width, cell)
    near = cv2.dilate(sharp.astype(np.uint8), np.ones((2 * around + 1, 2 * around + 1), np.uint8)) > 0
    out[near] = image[near]
    return out


def without_heads(image: ByteArray, heads: Sequence[Head]) -> ByteArray:
    """Return a copy of an (H, W, 3) picture in which each head is a few squares of one colour each, which cannot be undone."""
    out = image.copy()
    height, width = image.shape[:2]
    for head in heads:
        x0, x1 = (int(np.clip(v, 0, width)) for v in (head.x - head.radius, math.ceil(head.x + head.radius)))
        y0, y1 = (int(np.clip(v, 0, height)) for v in (head.y - head.radius, math.ceil(head.y + head.radius)))
        _in_squares(out, y0, y1, x0, x1, max(1, math.ceil(2.0 * head.radius / _CELLS)))
    return out


def _in_squares(image: ByteArray, y0: int, y1: int, x0: int, x1: int, step: int) -> None:
    """Make that part of a picture squares of one colour each, in place."""
    for top in range(y0, y1, step):
        for left in range(x0, x1, step):
            cell = image[top : min(top + step, y1), left : min(left + step, x1)]
            cell[:] = cell.reshape(-1, 3).mean(axis=0)


class HeadFinder:
    """Finds all heads in single pictures. Used and closed by the thread that made it."""

    def __init__(self, model: Path) -> None:
        """Load nothing before the first picture; `model`: a verified ``.task`` bundle."""
        self._searcher = Landmarker(model, poses=MOST_PEOPLE)

    def __enter__(self) -> Self:
        """Use as a context manager: closing MediaPipe late can hang."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._searcher.close()

    def find(self, image: ByteArray, known: Sequence[Head] = ()) -> FoundHeads | None:
        """Return the heads of everybody in an (H, W, 3) picture; ``None`` where it is not certain that these are all.

        `known`: heads that were located before, the measured person's first.

        Raises:
            ModelError: the weights cannot be loaded.
            PostureError: OpenCV is missing.
        """
        heads, bodies, person = list(known), np.zeros(image.shape[:2], bool), np.zeros(image.shape[:2], bool)
        for _ in range(_ROUNDS):
            left = image.copy()
            left[bodies] = _GREY
            new = self._search(left, heads, bodies, known[:1], person)
            if new is None:
                return None
            if new == 0:
                return FoundHeads(tuple(heads), person)
        return None

    def _search(
        self, image: ByteArray, heads: list[Head], bodies: NDArray[np.bool_], measured: Sequence[Head], person: NDArray[np.bool_]
    ) -> int | None:
        """Search the whole picture and its parts once, and add to `heads`, `bodies` (H, W) and, of the `measured` head, `person` (H, W).

        Returns:
            How many people were not known; ``None`` where somebody is left over.
        """
        gone, new = bodies.copy(), 0
        for (left, top), part in _parts(image):
            people = self._searcher.detect(Frame(0.0, part))
            if len(people) >= MOST_PEOPLE:
                return None
            place = np.s_[top : top + part.shape[0], left : left + part.shape[1]]
            for pose in people:
                head, body = head_of(pose).moved(left, top), _body(pose)
                there = any(known.covers(head) for known in heads)
                if not there and gone[place][body].mean() >= _REMNANT:
                    continue
                if shows_head(pose):  # one that is known is added as well: two finds of a head together cover more of it
                    new += not there
                    heads.append(head)
                elif not there and part.shape == image.shape and looks_like_person(pose):
                    return None
                bodies[place] |= body
                if any(own.covers(head) for own in measured):
                    person[place] |= body
        return new


def _body(pose: Pose) -> NDArray[np.bool_]:
    """Return where the person is, a little more than that: (H, W)."""
    cv2 = load_cv2()
    assert pose.mask is not None
    edge = max(3, round(0.02 * pose.height))
    body: NDArray[np.bool_] = cv2.dilate(pose.mask, np.ones((edge, edge), np.uint8)) > 100
    body[pose.height // 2, pose.width // 2] |= not body.any()
    return body


def _parts(image: ByteArray) -> Iterator[tuple[tuple[int, int], ByteArray]]:
    """Yield the whole picture, then overlapping parts of it, each with the place of its corner (x, y)."""
    height, width = image.shape[:2]
    for count in _PARTS:
        rows, columns = height // count, width // count
        if count > 1 and min(rows, columns) < _LEAST_PART_PX:
            return
        for top in range(0, height - rows + 1, max(1, rows // 2)):
            for left in range(0, width - columns + 1, max(1, columns // 2)):
                yield (left, top), np.ascontiguousarray(image[top : top + rows, left : left + columns])
