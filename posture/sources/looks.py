"""What a picture looks like as a whole: usable, too dark, covered, or frozen. Pure functions, and a small memory for the last one.

A camera that is blocked, unplugged or held by another program may go on giving pictures, with every sign of success: black ones, or
the last one for ever (OpenCV's tracker: 5221, 5746, 14044). Such pictures say nothing about who is there.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from posture.model import ByteArray, FloatArray, Frame

_STEP = 8
"""Every so many pixels each way are looked at: 4,800 of 640 x 480 tell brightness as well as all of them do."""
DARK = 40.0
"""Of 255. A face that only a screen lights is brighter than this; our judgement."""
PLAIN = 4.0
"""Of 255. A lens behind tape or a finger spreads less than this, a room, even a bare wall with its shading, more; our judgement."""
FROZEN_AFTER_S = 5.0
"""A sensor's own noise changes some pixel in every picture, however still the room; so this long without any change is no picture."""


class Look(StrEnum):
    """What is to be made of a picture."""

    OK = "ok"
    TOO_DARK = "too_dark"
    COVERED = "covered"
    FROZEN = "frozen"


def brightness(image: ByteArray) -> float:
    """How bright the brightest twentieth of an (H, W, 3) uint8 picture is at least, 0 to 255.

    The brightest part and not the mean, since a person lit by a screen in a dark room can be measured.
    """
    return _brightest(_grey(image))


def contrast(image: ByteArray) -> float:
    """Standard deviation of the grey values of an (H, W, 3) uint8 picture, 0 to 127.5."""
    return float(_grey(image).std())


def unchanged(image: ByteArray, before: ByteArray) -> bool:
    """Whether two pictures are the same, byte for byte."""
    # Two pictures of a camera differ almost anywhere one looks: few bytes tell it for all but those that are the same.
    few = slice(None, None, 16 * _STEP)
    return image.shape == before.shape and np.array_equal(image[few], before[few]) and np.array_equal(image, before)


def judge(bright: float, spread: float, still_s: float) -> Look:
    """What a picture is, from its `brightness`, its `contrast`, and for how many seconds nothing at all has changed.

    Dark comes before covered, and both before frozen: black pictures are all alike, and light is what a user can do something about.
    """
    if bright < DARK:
        return Look.TOO_DARK
    if spread < PLAIN:
        return Look.COVERED
    return Look.FROZEN if still_s >= FROZEN_AFTER_S else Look.OK


class LookKeeper:
    """Judges one picture after the other; remembers the last one, to see whether anything changes."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._before: ByteArray | None = None
        self._changed_s = 0.0

    def see(self, frame: Frame) -> Look:
        """What this frame is; frames in order of time."""
        if self._before is None or not unchanged(frame.image, self._before):
            self._changed_s = frame.time_s
        self._before = frame.image
        grey = _grey(frame.image)
        return judge(_brightest(grey), float(grey.std()), frame.time_s - self._changed_s)

    def reset(self) -> None:
        """Forget the last picture: a lost camera came back."""
        self._before = None


def _grey(image: ByteArray) -> FloatArray:
    """A small grey picture, 0 to 255: the plain mean of the colours, in which a red or blue wall is as bright as a green one."""
    few = image[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP]
    total = few[..., 0].astype(np.float32)
    total += few[..., 1]
    total += few[..., 2]
    total /= 3.0  # by hand: NumPy's mean over so short an axis costs four times as much
    return total


def _brightest(grey: FloatArray) -> float:
    """What the brightest twentieth is at least."""
    flat = grey.ravel()
    at = flat.size - 1 - flat.size // 20
    return float(np.partition(flat, at)[at])
