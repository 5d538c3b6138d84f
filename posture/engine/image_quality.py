"""Whether a picture can be used: bright enough, uncovered, and not the same again and again.

A camera that is blocked, unplugged or held by another program may go on giving pictures, with every sign of success: black ones, or
the last one for ever (OpenCV's tracker: 5221, 5746, 14044). Such pictures say nothing about who is there. All work on a grid of
grey values, about 80 along the longer side: every eighth pixel of 640 x 480, not averaged, so that a sensor's noise is seen.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from posture.types import ByteArray, ImageQuality

_GRID = 80
DARK = 40.0
"""Of 255. A face that only a screen lights is brighter than this; our judgement."""
PLAIN = 4.0
"""Of 255. A lens behind tape or a finger spreads less than this, a room, even a bare wall with its shading, more; our judgement."""
FROZEN_AFTER_S = 5.0
"""Nobody keeps still to the pixel for so long; where an encoder adds its own, for most of so long."""
FROZEN_EMPTY_AFTER_S = 30.0
"""A room without anybody may: a strong compression keeps its background until the next key picture, at most ten seconds later."""
_SAME, _SAME_SHARE = 1, 0.003
"""Fewer of the grid that change by more than so many grey values are what an encoder adds to a picture that stands still."""
_MOVED, _MOVED_SHARE = 12, 0.002
"""A step by more grey values in more of the grid is a movement; a key picture of a still scene changes much, but by less."""
_MOSTLY = 0.75
"""Share of steps without a change from which a stretch is frozen: the rest are key pictures. (Tried: x264, MPEG-4, VP9, MJPEG.)"""


def grid_of(pixels: ByteArray) -> ByteArray:
    """Return the pixels of the grid, of an (H, W) or (H, W, 3) picture: about 80 along the longer side, at least one each way."""
    step = max(1, max(pixels.shape[:2]) // _GRID)
    return pixels[min(step // 2, pixels.shape[0] - 1) :: step, min(step // 2, pixels.shape[1] - 1) :: step]


def grey_grid(image: ByteArray) -> ByteArray:
    """Return the grid of grey values of an (H, W, 3) uint8 picture: (rows, columns) uint8, the plain mean of the colours."""
    few = grid_of(image)
    total = few[..., 0].astype(np.uint16)  # by hand: NumPy's mean over so short an axis costs four times as much
    total += few[..., 1]
    total += few[..., 2]
    total //= 3
    return total.astype(np.uint8)


def brightness(grid: ByteArray) -> float:
    """Return the least brightness of the brightest twentieth, 0 to 255.

    The brightest part and not the mean, since a person lit by a screen in a dark room can be measured.
    """
    flat = grid.ravel()
    at = flat.size - 1 - flat.size // 20
    return float(np.partition(flat, at)[at])


def hardly_differs(now: ByteArray, before: ByteArray) -> bool:
    """Tell whether two grids of the same shape differ by no more than what an encoder adds to a picture that stands still."""
    change = np.abs(now.astype(np.int16) - before)
    return bool(np.count_nonzero(change > _SAME) <= _SAME_SHARE * change.size)


class ImageQualityMonitor:
    """Assesses one picture after the other; remembers the last ones, to see whether anything changes."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.reset()

    def reset(self) -> None:
        """Forget the last pictures: a lost camera came back."""
        self._before: ByteArray | None = None
        self._same_since_s = 0.0
        self.brightness = 0.0
        """`brightness` of the last picture."""
        self._steps: deque[tuple[float, bool]] = deque()
        """Times without a movement, and whether nothing at all changed."""

    def assess(self, time_s: float, grid: ByteArray, *, person: bool) -> ImageQuality:
        """Assess a picture; in order of time.

        Dark comes before covered, and both before frozen: black pictures are all alike, and light is what a user can change.

        Args:
            time_s: seconds.
            grid: `grey_grid` of the picture.
            person: whether somebody was found in the last picture that was looked at.
        """
        self._compare(time_s, grid)
        self.brightness = brightness(grid)
        if self.brightness < DARK:
            return ImageQuality.TOO_DARK
        if float(grid.std()) < PLAIN:
            return ImageQuality.COVERED
        return ImageQuality.FROZEN if self._frozen(time_s, person) else ImageQuality.OK

    def _compare(self, time_s: float, grid: ByteArray) -> None:
        before, self._before = self._before, grid
        if before is None or before.shape != grid.shape:
            self._same_since_s = time_s
            self._steps.clear()
            return
        if np.array_equal(grid, before):
            self._steps.append((time_s, True))
        else:
            self._same_since_s = time_s
            change = np.abs(grid.astype(np.int16) - before)
            if np.count_nonzero(change > _MOVED) > _MOVED_SHARE * change.size:
                self._steps.clear()
            else:
                self._steps.append((time_s, hardly_differs(grid, before)))
        while len(self._steps) > 1 and self._steps[1][0] <= time_s - FROZEN_AFTER_S:
            self._steps.popleft()

    def _frozen(self, time_s: float, person: bool) -> bool:
        if time_s - self._same_since_s >= (FROZEN_AFTER_S if person else FROZEN_EMPTY_AFTER_S):
            return True
        if not person or not self._steps or time_s - self._steps[0][0] < FROZEN_AFTER_S:
            return False
        return sum(same for _, same in self._steps) >= _MOSTLY * len(self._steps)
