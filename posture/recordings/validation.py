"""What a caller of the library gives: frames, landmarks, a neutral, words, checked before anything is done with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from posture.biomechanics import LANDMARK_NAMES, Neutral
from posture.capture import Crop
from posture.errors import InputError, PostureError
from posture.types import Detection, FoundPose, Frame, Pose

NeutralLike = tuple[float, float] | Neutral | None
"""Seconds from and to, in which the person sits tall but relaxed; or the neutral of another recording; ``None``: chosen automatically."""
_LANDMARKS = len(LANDMARK_NAMES)
_Word = TypeVar("_Word", bound=StrEnum)


def checked_frames(frames: Iterable[tuple[float, Any]], name: str) -> Iterable[Frame]:
    """Check frames and yield them.

    Raises:
        InputError: one is not, or times do not rise.
    """
    last_s: float | None = None
    for number, (time_s, image) in enumerate(frames):
        frame = checked_frame(time_s, image, f"{name}, frame {number}")
        last_s = rising(frame.time_s, last_s, f"{name}, frame {number}")
        yield frame


def checked_frame(time_s: float, image: Any, what: str) -> Frame:
    """Check a frame and return it.

    Raises:
        InputError: it is none.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        given = f"{image.dtype} of shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"{what}: expected a picture (height, width, 3) of uint8 RGB, got {given}")
    return Frame(_seconds(time_s, what), np.ascontiguousarray(image))


def checked_pose(item: Pose | tuple[float, None], what: str) -> FoundPose:
    """Check a pose, or the absence of a person, and return it.

    Raises:
        InputError: it is neither.
    """
    if not isinstance(item, Pose):
        if not isinstance(item, tuple) or len(item) != 2 or item[1] is not None:
            raise InputError(f"{what}: expected a posture.Pose, or (time_s, None) where nobody was seen")
        return FoundPose(_seconds(item[0], what), Detection.NOBODY)
    shapes = {"image_xyz": (_LANDMARKS, 3), "world_xyz": (_LANDMARKS, 3), "visibility": (_LANDMARKS,), "presence": (_LANDMARKS,)}
    for name, shape in shapes.items():
        value = np.asarray(getattr(item, name))
        if value.shape != shape or not np.isfinite(value.astype(float)).all():
            raise InputError(f"{what}: {name}: expected finite numbers of shape {shape}, got shape {value.shape}")
    if item.width <= 0 or item.height <= 0:
        raise InputError(f"{what}: width and height of the picture have to be given, in pixels")
    if item.mask is not None and (item.mask.shape != (item.height, item.width) or item.mask.dtype != np.uint8):
        raise InputError(f"{what}: mask: expected uint8 of shape {(item.height, item.width)}, got {item.mask.dtype} of {item.mask.shape}")
    return FoundPose(_seconds(item.time_s, what), Detection.PERSON, item)


def rising(time_s: float, last_s: float | None, what: str) -> float:
    """Check that a time lies after the last one, and return it, seconds.

    Raises:
        InputError: it does not.
    """
    if last_s is not None and time_s <= last_s:
        raise InputError(f"{what}: its time, {time_s:g} s, is not after that of the one before, {last_s:g} s")
    return time_s


def _seconds(time_s: float, what: str) -> float:
    try:
        value = float(time_s)
    except (TypeError, ValueError):
        value = np.nan
    if not np.isfinite(value) or value < 0:
        raise InputError(f"{what}: its time must be a number of seconds, 0 or more; got {time_s!r}")
    return value


def span_of(neutral: object) -> tuple[float, float] | None:
    """Check a span of the neutral, and return its start and end, seconds.

    Raises:
        PostureError: they are not.
    """
    if neutral is None:
        return None
    try:
        low, high = (float(x) for x in neutral)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0.0 <= low < high:
        raise PostureError(f"neutral: expected (from, to) in seconds or the neutral of a recording, got {neutral!r}")
    return low, high


def crop_of(text: str) -> Crop:
    """Return the part of the picture that is to be measured.

    Raises:
        PostureError: the text names none.
    """
    try:
        return Crop.parse(text)
    except ValueError as error:
        raise PostureError(f"crop: {error}") from None


def one_of(words: Collection[_Word], name: str, what: str) -> _Word:
    """Return one of the members of an enum by its value.

    Raises:
        PostureError: it is none of them.
    """
    for word in words:
        if word == name:
            return word
    raise PostureError(f"{what}: there is no {name!r}; there are {', '.join(words)}")
