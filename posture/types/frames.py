"""Pictures, the landmarks found in them, and whether a person was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # a command that measures nothing loads no NumPy
    import numpy as np
    from numpy.typing import NDArray


FloatArray: TypeAlias = "NDArray[np.float32]"


ByteArray: TypeAlias = "NDArray[np.uint8]"


class Detection(StrEnum):
    """Who was found in one frame."""

    PERSON = "person"
    NOBODY = "nobody"
    UNCLEAR = "unclear"
    """Somebody is there, but it is not certain that it is the person who is measured."""


class ImageQuality(StrEnum):
    """What can be made of a picture; of anything but ``OK``, nothing can be said of who is there."""

    OK = "ok"
    TOO_DARK = "too_dark"
    COVERED = "covered"
    FROZEN = "frozen"
    """The same picture again and again."""
    DAMAGED = "damaged"
    """It could not be decoded whole, or refers to one that could not."""
    SIDEWAYS = "sideways"
    """The person lies on their side in the picture: it has to be turned."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture."""

    time_s: float
    """Seconds; presentation time in a recording, arrival since the session's start for a camera."""
    image: ByteArray
    """(H, W, 3) uint8 RGB, upright, square pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The 33 landmarks of one person in one frame (order of MediaPipe Pose)."""

    time_s: float
    image_xyz: FloatArray
    """(33, 3) pixels: x right, y down, z away from the camera relative to the hips (MediaPipe's guess)."""
    world_xyz: FloatArray
    """(33, 3) metres, origin mid-hip: x right, y down, z away from the camera."""
    visibility: FloatArray
    """(33,) 0..1, MediaPipe's own; hidden or outside hips still read 0.9."""
    presence: FloatArray
    """(33,) 0..1."""
    width: int
    """Pixels of the picture that image_xyz refers to."""
    height: int
    mask: ByteArray | None = None
    """(H, W) uint8, 255 x the probability that a pixel shows the person; ``None`` if not asked for."""

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(33,) bool: which landmarks are to be shown and written: probably visible, and inside the picture."""
        x, y = self.image_xyz[:, 0], self.image_xyz[:, 1]
        return (self.visibility >= 0.5) & (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)


@dataclass(frozen=True, slots=True, eq=False)
class FoundPose:
    """What was made of one frame: a pose, or why there is none."""

    time_s: float
    sight: Detection
    pose: Pose | None = None
    cut: bool = False
    """The picture has no continuity with the one before: nothing may be carried over."""
    people: int = 0
    """How many people the last search of the whole picture found; searches are up to 10 s apart while there is one."""
