"""Picture to `PoseSample`: judge the picture, decide whether it is worth a look, and find the person. One way for every source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from posture._support import load_cv2
from posture.biomechanics import POSE, PoseSample, is_sideways, repeated, resized, sample_of
from posture.engine import (
    CELLS,
    CLOSELY,
    PLAIN,
    AdaptiveSampler,
    Decision,
    ImageQualityMonitor,
    MovementMonitor,
    SamplingPlan,
    grey_grid,
    small,
)
from posture.pose.person_tracker import PersonLock, PersonPlace, px_per_m
from posture.types import ByteArray, Detection, FloatArray, FoundPose, Frame, ImageQuality, Pose

SIDE = 640
"""Longest side of the pictures that are looked at, pixels; the networks see 224 and 256 of them."""
SMALL_PX_PER_M = 120.0
"""Who appears smaller is looked at in larger pictures: the landmark network would see fewer than its 256 pixels."""
LEAST_PX_PER_M = 40.0
"""Who appears smaller in the full picture is no person: their head would be 8 pixels wide."""
_BELOW_HIPS_M, _FEWEST_PX = 0.15, 12


class Finder(Protocol):
    """Finds the measured person; ``pose.PoseFinder`` is one."""

    @property
    def lock(self) -> PersonLock:
        """Who is measured."""

    @lock.setter
    def lock(self, lock: PersonLock) -> None: ...

    @property
    def place(self) -> PersonPlace | None:
        """Where the measured person was last; ``None`` if nobody is remembered."""

    @property
    def thumbnail(self) -> ByteArray | None:
        """The last picture, very small."""

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> FoundPose:
        """Return the measured person in a picture."""


class SourcePicture(Protocol):
    """A picture that is converted only as far as it is needed; ``capture.PickedPicture`` is one."""

    @property
    def time_s(self) -> float:
        """Seconds."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""

    @property
    def damaged(self) -> bool:
        """Whether it, or one that it refers to, could not be decoded whole."""

    @property
    def unchanged(self) -> bool:
        """Whether the source knows that nothing has changed since the picture before."""

    def image(self, max_side: int | None = None) -> ByteArray:
        """Return (H, W, 3) uint8 RGB, its longest side at most `max_side` pixels."""

    def grey(self, cells: int) -> FloatArray:  # about 80 along the longer side, whatever is asked for
        """Return (rows, columns) float32, 0 to 255: means of square cells, `cells` along the longer side."""

    def grid(self) -> ByteArray:
        """As `posture.engine.image_quality.grey_grid`."""


@dataclass(frozen=True, slots=True, eq=False)
class FramePicture:
    """A frame that is converted already, as a picture."""

    frame: Frame
    damaged: bool = False
    unchanged: bool = False

    @property
    def time_s(self) -> float:
        """Seconds."""
        return self.frame.time_s

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        height, width = self.frame.image.shape[:2]
        return width, height

    def image(self, max_side: int | None = None) -> ByteArray:
        """Return (H, W, 3) uint8 RGB, its longest side at most `max_side` pixels."""
        image = self.frame.image
        shrink = 1.0 if max_side is None else max_side / max(image.shape[:2])
        if shrink >= 1.0:
            return image
        cv2 = load_cv2()
        size = max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)

    def grey(self, cells: int) -> FloatArray:  # noqa: ARG002 # about 80 along the longer side, whatever is asked for
        """Return (rows, columns) float32, 0 to 255."""
        return small(self.frame.image)

    def grid(self) -> ByteArray:
        """As `posture.engine.image_quality.grey_grid`."""
        return grey_grid(self.frame.image)


class PoseSampler:
    """Samples pictures in order of time, no more closely than needed. For one thread."""

    def __init__(self, finder: Finder, plan: SamplingPlan | None, lock: PersonLock | None = None) -> None:
        """Nothing was seen.

        Args:
            finder: finds the person; the costly part.
            plan: how often to look; ``None``: at every picture.
            lock: who was measured before; ``None``: whoever is there first.
        """
        self._finder = finder
        if lock is not None:
            finder.lock = lock
        self._quality, self._sampler = ImageQualityMonitor(), None if plan is None else AdaptiveSampler(plan)
        self._plan = plan
        self._movement, self._turned = MovementMonitor(), False
        self._side: int | None = SIDE
        self._last: PoseSample | None = None
        self._said: PoseSample | None = None
        self.pose: Pose | None = None
        """The measured person in the last picture that was looked at, in its pixels, without the mask."""
        self.forgot = False
        """Whether there was a cut, at which who was measured was forgotten."""

    @property
    def lock(self) -> PersonLock:
        """Who is measured."""
        return self._finder.lock

    @property
    def thumbnail(self) -> ByteArray | None:
        """The last picture that was looked at, very small."""
        return self._finder.thumbnail

    @property
    def moving(self) -> bool:
        """Whether the picture changes where the person is."""
        person = self._last is not None and self._last.sight is Detection.PERSON
        return person and (self._sampler is None or self._sampler.moving)

    def reset(self) -> None:
        """Begin anew: the source was opened again, and nothing that was seen before says anything about what comes."""
        self._quality.reset()
        self._movement.reset()
        self.forget()

    def forget(self) -> None:
        """Look at the next picture, whatever it shows: who or what is measured against has changed."""
        if self._sampler is not None:
            self._sampler.reset()
        self._last = self._said = self.pose = None

    def look_closely(self, closely: bool) -> None:
        """Look at every picture from the next one on, or again as the plan has it."""
        if self._sampler is not None and self._plan is not None:
            self._sampler.follow(CLOSELY if closely else self._plan)

    def sample(self, picture: SourcePicture, *, often: bool = False) -> PoseSample | None:
        """Sample a picture; ``None`` if nothing is to be said of it.

        Args:
            picture: later than the last one.
            often: look at the shortest pace of the plan, changed or not.
        """
        if picture.unchanged and self._said is not None:
            return self._said_again(self._said, picture.time_s)
        self._said = self._assessed(picture, often) or self._said
        return self._said if self._said is not None and self._said.time_s == picture.time_s else None

    def _said_again(self, said: PoseSample, time_s: float) -> PoseSample:
        """Carry forward what was said of the picture before."""
        sample = replace(repeated(said, time_s), moving=False)
        if self._last is not None and self._last.sight is Detection.NOBODY and said.quality is ImageQuality.OK:
            sight = Detection.UNCLEAR if self._movement.stirred(time_s) else Detection.NOBODY
            return replace(sample, sight=sight)
        return sample

    def _assessed(self, picture: SourcePicture, often: bool) -> PoseSample | None:
        last, grid = self._last, picture.grid()
        quality = self._quality.assess(picture.time_s, grid, person=last is not None and last.sight is Detection.PERSON)
        if picture.damaged:
            quality = ImageQuality.DAMAGED
        if quality is not ImageQuality.OK:
            if self._sampler is not None:
                self._sampler.reset()
            if quality is not ImageQuality.FROZEN:  # a frozen picture goes on showing who was seen last
                self._last = self.pose = None
            return PoseSample(picture.time_s, Detection.UNCLEAR, quality=quality, brightness=self._quality.brightness)
        grey = None if self._sampler is None else picture.grey(CELLS)
        decision = Decision.LOOK if self._sampler is None or grey is None else self._sampler.decide(picture.time_s, grey, often=often)
        if decision is Decision.SKIP and last is not None:
            return None
        sample = self._look(picture, grid) if decision is Decision.LOOK or last is None else repeated(last, picture.time_s)
        return replace(sample, sight=self._sight(sample, picture, grey), moving=self.moving)

    def samples(self, pictures: Iterable[SourcePicture]) -> Iterator[tuple[PoseSample, Pose | None]]:
        """Sample pictures in order of time, each with the pose that it shows or carries forward."""
        for picture in pictures:
            sample = self.sample(picture)
            if sample is not None:
                pose = None if self.pose is None or sample.features is None else replace(self.pose, time_s=sample.time_s)
                yield sample, pose

    def _sight(self, sample: PoseSample, picture: SourcePicture, grey: FloatArray | None) -> Detection:
        """Tell what was seen; where nobody was found and something moves, that is not clear."""
        if sample.sight is not Detection.NOBODY:
            self._movement.reset()
            return sample.sight
        box = _reach(self._finder.place, *picture.size)
        grey = picture.grey(CELLS) if grey is None else grey
        return Detection.UNCLEAR if self._movement.stirs(picture.time_s, grey, box) else Detection.NOBODY

    def _look(self, picture: SourcePicture, grid: ByteArray) -> PoseSample:
        observation = self._find(picture)
        pose = observation.pose
        hidden = pose is not None and _plain_below_hips(pose, grid)
        sample = resized(sample_of(observation, hips_hidden=hidden), *picture.size)
        sample = replace(sample, brightness=self._quality.brightness)
        if sample.features is not None:
            sample = self._upright(sample)
        if self._sampler is not None:
            self._sampler.looked(sample, pose)
        self.forgot = self.forgot or sample.cut
        self._last = sample
        self.pose = None if pose is None else _in_full(pose, picture.size)
        return sample

    def _upright(self, sample: PoseSample) -> PoseSample:
        """Blank out a person who lies on their side since a cut: the picture was turned, not the person."""
        lies = sample.features is not None and is_sideways(sample.features.layout.xy)
        self._turned = lies and (self._turned or sample.cut)
        return replace(sample, sight=Detection.UNCLEAR, features=None, quality=ImageQuality.SIDEWAYS) if self._turned else sample

    def _find(self, picture: SourcePicture) -> FoundPose:
        """Find the person in a shrunk picture; from the moment when they appear small there, in the full one."""
        shrink, known = min(1.0, SIDE / max(picture.size)), self._finder.place
        if known is not None and known.scale * picture.size[1] * shrink < SMALL_PX_PER_M:
            self._side = None
        seen = self._find_at(picture)
        if self._side is not None and shrink < 1.0 and seen.pose is not None and px_per_m(seen.pose) < SMALL_PX_PER_M:
            self._side = None
            return replace(self._find_at(picture), cut=seen.cut)
        return seen

    def _find_at(self, picture: SourcePicture) -> FoundPose:
        image = picture.image(self._side)
        least = LEAST_PX_PER_M * max(image.shape[:2]) / max(picture.size)
        return self._finder.find(Frame(picture.time_s, image), least)


def _plain_below_hips(pose: Pose, grid: ByteArray) -> bool:
    """Tell whether the picture shows nothing below the hips: one flat colour, as of a bar or a desk's front."""
    per_px = np.array([grid.shape[1] / pose.width, grid.shape[0] / pose.height])
    x, y = pose.image_xyz[list(POSE.hips), :2].mean(axis=0) * per_px
    across, down = _BELOW_HIPS_M * px_per_m(pose) * per_px
    below = grid[int(max(0.0, y)) : int(max(0.0, y + down)) + 1, int(max(0.0, x - across)) : int(max(0.0, x + across)) + 1]
    return below.size >= _FEWEST_PX and float(below.std()) < PLAIN


def _reach(place: PersonPlace | None, width: int, height: int) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of a sitting person's reach around `place`, shares of the picture; ``None`` if nobody is remembered."""
    if place is None:
        return None
    x, y, across = place.x * height / width + 0.5, place.y, place.scale * height / width
    return x - 0.5 * across, y - 0.4 * place.scale, x + 0.5 * across, y + 0.9 * place.scale


def _in_full(pose: Pose, size: tuple[int, int]) -> Pose:
    """Express a pose in pixels of the full picture, without its mask."""
    factor = size[1] / pose.height
    xyz = pose.image_xyz if factor == 1.0 else (pose.image_xyz * factor).astype(np.float32)
    return replace(pose, image_xyz=xyz, width=size[0], height=size[1], mask=None)
