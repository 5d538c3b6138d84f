"""Landmarks that are found once and stand for MediaPipe wherever the same pictures are measured again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import people
from numpy.typing import NDArray

from posture.pose.landmarker import Landmarker
from posture.pose.person_tracker import PersonPlace, place_of
from posture.types import Frame, Pose


class FoundOnce:
    """What MediaPipe finds in each picture, searched once; its `landmarker` stands where every way has MediaPipe's."""

    def __init__(self, frames: list[Frame], model: Path) -> None:
        self.times = np.array([f.time_s for f in frames])
        with Landmarker(model) as searcher:
            self.people = [searcher.detect(f) for f in frames]

    def at(self, frame: Frame) -> list[Pose]:
        """Everybody in the picture of that time, in pixels of `frame`, but who is greyed out."""
        found = [scaled(p, frame) for p in self.people[int(np.abs(self.times - frame.time_s).argmin())]]
        return [p for p in found if not greyed(frame.image, p)]

    def landmarker(self, _model: Path, *, follow: bool = False, poses: int = 2, masks: bool = True) -> Landmarker:
        """One that has found all already."""
        return cast(Landmarker, Finding(self, follow, poses))


class Finding:
    """Stands for a `Landmarker`: finds everybody, or follows one person."""

    def __init__(self, found: FoundOnce, follow: bool, poses: int) -> None:
        self.found, self.follow, self.poses = found, follow, poses
        self.last: PersonPlace | None = None

    def detect(self, frame: Frame) -> list[Pose]:
        """Find; whom it follows is nearest to where they were."""
        people = self.found.at(frame)
        if self.follow and self.last is not None:
            people.sort(key=lambda p: place_of(p).distance_m(self.last))
        self.last = place_of(people[0]) if people else None
        return people[: self.poses]

    def forget(self) -> None:
        self.last = None

    def close(self) -> None: ...


def scaled(pose: Pose, frame: Frame) -> Pose:
    """In pixels of the frame."""
    height, width = frame.image.shape[:2]
    xyz = (pose.image_xyz * (height / pose.height)).astype(np.float32)
    mask = pose.mask if pose.mask is None or pose.mask.shape == (height, width) else people.resized(width, height)(pose.mask)
    return replace(pose, time_s=frame.time_s, image_xyz=xyz, width=width, height=height, mask=mask)


def greyed(image: NDArray[np.uint8], pose: Pose) -> bool:
    """Whether the finder has taken the person out of the picture."""
    x, y = pose.image_xyz[[11, 12], :2].mean(axis=0).clip(0, [image.shape[1] - 1, image.shape[0] - 1]).astype(int)
    return bool((image[y, x] == 128).all())
