"""Which pictures are worth a look: a small grey picture of the person says whether anything has changed since the last one.

Finding a pose costs fifty times as much as comparing two small pictures. So every picture that comes is compared, with the
one before and with the one that was looked at last, and looked at only when something moved, or when the last look grew old.

All numbers without a source are our judgement, tried on the sample clips with added noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import FINGERS, POSE, WRISTS, PoseSample
from posture.types import ByteArray, Detection, FloatArray, Pose

CELLS = 80
"""Of the small grey picture, along its longer side: one of 8 x 8 pixels of 640 x 480 averages the sensor's noise away."""
UNCLEAR_S = 2.0
"""Between two looks while it is not clear who is who."""
_LATELY_S = 1.0  # what moved within this is moving
_EARLY_S = 0.06  # a quarter of the time between two pictures, which do not come on the dot

_FAINTEST, _FAINT = 2.5, 6.0  # grey values of 255 by which a cell must differ at least, in a picture of little and of full contrast
_CONTRAST = 0.1  # share of the contrast that is between the two
_NOISES = 5.0  # or by this many standard deviations of the noise, if that is more
_SWAY = 0.015  # of the person's size: so far may an outline wander that breathing moves; some 1 cm, or 1 degree of a lean
_MOST_SWAY = 0.6  # of a cell; a shift by a whole one would look like none
_OUTLINE = 0.5  # of the person's size: so many cells must differ at least; a movement of the trunk changes its whole outline
_SHARE = 0.004  # or of the whole picture, while nobody is there
_FEWEST = 6
_NOISE_GROWS = 1.02  # a picture: the noise is taken from the stillest pictures of the last ten seconds or so
_RESTLESS = 0.25  # share of pictures in which a cell differs from the one before, from which it is ignored while nobody is there
_RESTLESS_S = 15.0  # that share is of about the last so many seconds
_MARGIN = 0.35  # of the person's size, around head, shoulders and hips
_RIM = 0.1  # of the person's size, around their outline, if that is known
_LEAST_OWN = 0.15  # share of the region that an outline covers at least; a smaller one is not believed
_HAND = 0.22  # of the person's size, around a hand: fingers may drum
_SEEN = 0.5
_NEWS_SHARE = 0.015  # of the picture's height: a landmark that moved by this from one look to the next is news


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How often to look, seconds; what the two ways of use can afford. The rule is the same for both."""

    shortest_s: float
    """Between two looks while something changes."""
    longest_s: float
    """Between two looks while nothing changes: less than ``bands.max_gap_s``, for which a reading may stand."""
    carry_s: float
    """Between two samples that carry the last look forward."""


LIVE = SamplingPlan(shortest_s=0.5, longest_s=8.0, carry_s=1.0)
"""Beside other work, for hours."""
RECORDED = SamplingPlan(shortest_s=0.0, longest_s=4.0, carry_s=0.0)
"""A sample for every picture that is due; the longest gap is below the shortest thing that is told apart, which lasts 5 s."""
CLOSELY = SamplingPlan(shortest_s=0.1, longest_s=0.1, carry_s=1.0)
"""Every picture, while somebody looks at them, at eight or so a second."""
LIVE_RATE_HZ = 4.2
"""Pictures a second to ask a camera for: at least four are compared."""


class Decision(StrEnum):
    """What is to be done with a picture."""

    LOOK = "look"
    """Find the pose in it."""
    CARRY = "carry"
    """Nothing has changed: carry the last sample forward."""
    SKIP = "skip"
    """Nothing is to be said of it."""


def small(image: ByteArray) -> FloatArray:
    """Return the (H, W, 3) uint8 picture as means of square cells, about 80 along the longer side: (rows, columns) float32, 0 to 255.

    Every second line of pixels is enough.
    """
    height, width = image.shape[:2]
    cell = max(1, round(max(height, width) / CELLS))
    step = 2 if cell % 2 == 0 else 1
    rows, columns = height // cell, width // cell
    lines = image[: rows * cell : step, : columns * cell].reshape(rows, cell // step, columns * cell * 3)
    total = lines.sum(axis=1, dtype=np.uint16).reshape(rows, columns, cell * 3).sum(axis=2, dtype=np.uint32)
    means: FloatArray = (total / (cell // step * cell * 3)).astype(np.float32)
    return means


@dataclass(frozen=True, slots=True)
class Region:
    """Where to look for a change, and how far what is there may sway."""

    cells: NDArray[np.bool_]
    """(rows, columns)."""
    sway: float
    """In cells."""
    least: int
    """So many cells must differ."""


def everywhere(shape: tuple[int, ...], sway: float = 0.0) -> Region:
    """Return the whole picture of `shape` rows and columns, in which outlines may sway by so many cells."""
    return Region(np.ones(shape, bool), sway, max(_FEWEST, round(_SHARE * shape[0] * shape[1])))


def around(pose: Pose, shape: tuple[int, ...]) -> Region:
    """Return head, shoulders and trunk of a person with some margin, without the hands, in a small picture of `shape` rows and columns."""
    rows, columns = shape
    xy = pose.image_xyz[:, :2] * np.array([columns / pose.width, rows / pose.height])
    body = xy[[*POSE.upper, *POSE.hips]]
    size = float(np.ptp(body, axis=0).max())
    (x0, y0), (x1, y1) = body.min(axis=0) - _MARGIN * size, body.max(axis=0) + _MARGIN * size
    y, x = np.mgrid[:rows, :columns] + 0.5
    cells = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    for hand in (h for h in (*WRISTS, *FINGERS) if pose.visibility[h] >= _SEEN):
        cells &= np.hypot(x - xy[hand, 0], y - xy[hand, 1]) > _HAND * size
    cells |= np.hypot(x - xy[POSE.nose, 0], y - xy[POSE.nose, 1]) <= _MARGIN * size  # a hand at the chin does not hide the head
    if pose.mask is not None:  # what flickers behind the person is nothing of theirs
        own = cells & _wider(_cells_of(pose.mask, shape), max(1, round(_RIM * size)))
        cells = own if np.count_nonzero(own) >= _LEAST_OWN * np.count_nonzero(cells) else cells
    return Region(cells, min(_MOST_SWAY, _SWAY * size), max(_FEWEST, round(_OUTLINE * size)))


def _cells_of(mask: ByteArray, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the cells whose middle shows the person, of an (H, W) mask."""
    rows, columns = (((np.arange(n) + 0.5) * full / n).astype(int) for n, full in zip(shape, mask.shape, strict=True))
    shown: NDArray[np.bool_] = mask[np.ix_(rows, columns)] >= 128
    return shown


def _wider(cells: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Return the cells and those up to `by` rows or columns away."""
    rows, columns = cells.shape
    summed = np.pad(cells, ((by + 1, by), (by + 1, by))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * by + 1
    counts = summed[side:, side:] - summed[:rows, side:] - summed[side:, :columns] + summed[:rows, :columns]
    wider: NDArray[np.bool_] = counts > 0
    return wider


class PictureChange:
    """Tells a change of what is shown from noise and from a change of the light; remembers how noisy the pictures are."""

    def __init__(self) -> None:
        """Nothing is known of the noise."""
        self.noise: float | None = None
        """Standard deviation of a cell's grey value from one picture to the next."""
        self._flicker: NDArray[np.bool_] | None = None
        self._often: FloatArray | None = None

    def forget(self) -> None:
        """Forget which cells are restless."""
        self._often = None

    def listen(self, now: FloatArray, before: FloatArray) -> None:
        """Learn the noise from two pictures that follow each other: what the stiller half of the cells does."""
        difference = now - before
        apart = np.abs(difference - np.median(difference))
        noise = 1.4826 * float(np.median(apart))
        self.noise = noise if self.noise is None else min(noise, max(self.noise, 0.05) * _NOISE_GROWS)
        self._flicker = apart > max(_NOISES * self.noise, _FAINTEST)

    def between(self, now: FloatArray, before: FloatArray, region: Region) -> bool:
        """Tell whether the pictures show different things in the region: more than noise, light and sway explain."""
        if now.shape != before.shape:
            return True
        where = region.cells
        a, b = now[where], before[where]
        if a.size == 0:
            return False
        floor = max(_NOISES * (self.noise or 0.0), float(np.clip(_CONTRAST * b.std(), _FAINTEST, _FAINT)))
        if np.count_nonzero(np.abs(a - b) > floor) < region.least:  # nearly always, and cheap
            return False
        # An outline that moves by a share of a cell changes the cell by that share of the step that the outline is.
        limit = floor + region.sway * _steps(before)[where]
        if np.count_nonzero(np.abs(a - b) > limit) < region.least:
            return False
        y, x = np.nonzero(where)
        return bool(np.count_nonzero(np.abs(_beyond_light(a, b, x, y)) > limit) >= region.least)

    def restless(self, gap_s: float) -> NDArray[np.bool_] | None:
        """Return the cells of the pictures last heard that hardly ever keep still: a screen, a fan, a street. ``None`` before two pictures.

        Args:
            gap_s: seconds between those pictures.
        """
        if self._flicker is None:
            return None
        if self._often is None or self._often.shape != self._flicker.shape:
            self._often = np.zeros(self._flicker.shape, np.float32)
        self._often += min(1.0, gap_s / _RESTLESS_S) * (self._flicker - self._often)
        often: NDArray[np.bool_] = self._often > _RESTLESS
        return often


def _steps(picture: FloatArray) -> FloatArray:
    """For each cell, the largest step in brightness among it and its eight neighbours."""
    high = low = np.pad(picture, 1, mode="edge")
    high = np.maximum(np.maximum(high[:-2], high[1:-1]), high[2:])
    low = np.minimum(np.minimum(low[:-2], low[1:-1]), low[2:])
    high = np.maximum(np.maximum(high[:, :-2], high[:, 1:-1]), high[:, 2:])
    low = np.minimum(np.minimum(low[:, :-2], low[:, 1:-1]), low[:, 2:])
    steps: FloatArray = high - low
    return steps


def _beyond_light(now: FloatArray, before: FloatArray, x: NDArray[np.intp], y: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the difference that is left once the light is taken out: a gain, an offset, and a slope across the picture.

    By least squares over the cells that fit; a camera's exposure, a cloud or a lamp does little else.
    """
    design = np.stack([before - before.mean(), np.ones(before.size), x - x.mean(), y - y.mean()], axis=1).astype(np.float64)
    difference = now.astype(np.float64) - before
    left = difference
    fits = np.ones(before.size, bool)
    for _ in range(3):
        kept = design[fits]
        square = kept.T @ kept + np.diag([1.0, 1e-6, 1e-3, 1e-3])
        left = difference - design @ np.linalg.solve(square, kept.T @ difference[fits])
        fits = np.abs(left) <= 2.5 * 1.4826 * float(np.median(np.abs(left))) + 0.5
    return left


@dataclass(slots=True)
class _Looked:
    """The last look."""

    time_s: float
    picture: FloatArray
    region: Region


class AdaptiveSampler:
    """Decides for each picture whether to look at it.

    Looks at the pace of ``plan.shortest_s`` while something changes in the person's region (anywhere, while nobody is there), and
    twice as rarely each time while nothing does. Ask `decide` for every picture in order of time, and report each look to `looked`.
    """

    def __init__(self, plan: SamplingPlan) -> None:
        """The first picture is looked at."""
        self._plan = plan
        self.reset()

    def reset(self) -> None:
        """Look at the next picture, whatever it shows: a camera came back, or what is known is not valid any more."""
        self._change = PictureChange()
        self._before: FloatArray | None = None
        self._before_s = 0.0
        self._last: _Looked | None = None
        self._sample: PoseSample | None = None
        self._sight, self._wait_s = Detection.NOBODY, self._plan.shortest_s
        self._carried_s = self._heard_s = 0.0
        self.moving = False
        """Whether the last picture differs from one of the last second, where the person is."""

    def decide(self, time_s: float, grey: FloatArray, *, often: bool = False) -> Decision:
        """Tell what to do with a picture.

        Args:
            time_s: seconds.
            grey: `small` of the picture.
            often: look at the shortest pace, changed or not.
        """
        before, self._before = self._before, grey
        step_s, self._before_s = time_s - self._before_s, time_s
        if self._last is None or before is None or before.shape != grey.shape:
            return self._look(time_s, grey)
        self._change.listen(grey, before)
        region = self._region(self._last, time_s)
        age_s = time_s - self._last.time_s
        jumped = self._change.between(grey, before, region)
        changed = jumped or self._change.between(grey, self._last.picture, region)
        self.moving = jumped or (changed and age_s <= _LATELY_S)
        asleep = self._wait_s > self._plan.shortest_s
        if changed or often:
            self._wait_s = self._plan.shortest_s
        if (changed and asleep) or age_s >= self._wait_s - _EARLY_S:
            if not changed and not often:
                longest_s = UNCLEAR_S if self._sight is Detection.UNCLEAR else self._plan.longest_s
                self._wait_s = min(max(2.0 * self._wait_s, step_s), longest_s)
            return self._look(time_s, grey)
        if not changed and time_s - self._carried_s >= self._plan.carry_s - _EARLY_S:
            self._carried_s = time_s
            return Decision.CARRY
        return Decision.SKIP

    def follow(self, plan: SamplingPlan) -> None:
        """Look as often as another plan has it, from the next picture on."""
        self._plan, self._wait_s = plan, plan.shortest_s

    def looked(self, sample: PoseSample, pose: Pose | None) -> None:
        """Report what the look that was decided on last gave."""
        if self._sample is None or _news(sample, self._sample):
            self._wait_s = self._plan.shortest_s
        self._sample, self._sight = sample, sample.sight
        if self._last is not None and pose is not None:
            self._last.region = around(pose, self._last.picture.shape)

    def _region(self, last: _Looked, time_s: float) -> Region:
        """Tell where a change counts: with nobody there, wherever it is not always restless."""
        gap_s, self._heard_s = time_s - self._heard_s, time_s
        if self._sight is not Detection.NOBODY:
            self._change.forget()
            return last.region
        restless = self._change.restless(gap_s)
        return last.region if restless is None else replace(last.region, cells=last.region.cells & ~restless)

    def _look(self, time_s: float, grey: FloatArray) -> Decision:
        self._carried_s = time_s
        self._last = _Looked(time_s, grey, everywhere(grey.shape))
        return Decision.LOOK


def _news(now: PoseSample, before: PoseSample) -> bool:
    """Tell whether the person, or who is there, differs from one look to the next, however little the grey picture does."""
    if now.sight is not before.sight or now.sight is Detection.UNCLEAR or now.cut:
        return True
    if now.features is None or before.features is None:
        return (now.features is None) != (before.features is None)
    a, b = now.features, before.features
    return max(abs(a.head_y - b.head_y), abs(a.shoulder_x - b.shoulder_x), abs(a.shoulder_y - b.shoulder_y)) > _NEWS_SHARE
