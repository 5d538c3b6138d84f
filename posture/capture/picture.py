"""A decoded video picture made fit to measure: upright, square pixels, RGB, not larger than needed.

Size, shape of the pixels and orientation are those of each picture: any of them may change in the middle of a recording.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from posture.capture.cropping import Crop, Shares
from posture.engine import grid_of
from posture.types import ByteArray, FloatArray

_SQUARE = Fraction(1)
_BYTE = 8
_FULL_RANGE: ByteArray = np.clip((np.arange(256) - 16) * 255 // 219, 0, 255).astype(np.uint8)
"""Brightness as most video holds it, 16 to 235, to 0 to 255."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels come to stand upright: x' = a x + c y, y' = b x + d y, each of them -1, 0 or 1 (x right, y down)."""

    a: int = 1
    b: int = 0
    c: int = 0
    d: int = 1

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Orientation | None:
        """Read the display matrix that travels with a picture, rounded to quarter turns and mirrorings; ``None`` if there is none.

        The matrix is nine 32-bit numbers a b u c d v x y w (ISO/IEC 14496-12, track header box); only a, b, c, d turn the picture.
        """
        entries: Any = frame.side_data  # PyAV's stub knows only one kind of them
        matrix = next((bytes(entry) for entry in entries if entry.type.name == "DISPLAYMATRIX"), None)
        if matrix is None:
            return None
        a, b, _, c, d = (int(number) for number in np.frombuffer(matrix, dtype=np.int32)[:5])
        if abs(a) >= abs(b):
            a, b, c, d = _sign(a), 0, 0, _sign(d)
        else:
            a, b, c, d = 0, _sign(b), _sign(c), 0
        return cls(a, b, c, d) if a * d - b * c else cls()

    @classmethod
    def turned(cls, clockwise_deg: int) -> Orientation:
        """Return a turn by 0, 90, 180 or 270 degrees clockwise."""
        return (cls(), cls(0, 1, -1, 0), cls(-1, 0, 0, -1), cls(0, -1, 1, 0))[clockwise_deg // 90 % 4]

    def then(self, other: Orientation) -> Orientation:
        """This one first, the other one after it."""
        o = other
        return Orientation(
            o.a * self.a + o.c * self.b, o.b * self.a + o.d * self.b, o.a * self.c + o.c * self.d, o.b * self.c + o.d * self.d
        )

    @property
    def sideways(self) -> bool:
        """Whether width and height change places."""
        return self.a == 0

    @property
    def clockwise_deg(self) -> int:
        """0, 90, 180 or 270 degrees that the stored picture is turned clockwise to be upright (after a mirroring, if there is one)."""
        return round(math.degrees(math.atan2(-self.c, self.d))) % 360

    def stored(self, shares: Shares) -> Shares:
        """Return which part of the stored picture a part of the upright one is."""
        left, top, right, bottom = shares
        across = self.c if self.sideways else self.a
        down = self.b if self.sideways else self.d
        left, right = (left, right) if across >= 0 else (1.0 - right, 1.0 - left)
        top, bottom = (top, bottom) if down >= 0 else (1.0 - bottom, 1.0 - top)
        return (top, left, bottom, right) if self.sideways else (left, top, right, bottom)

    def apply(self, image: ByteArray) -> ByteArray:
        """Turn an (H, W, 3) image upright; the result is contiguous."""
        if self.sideways:
            image = image.transpose(1, 0, 2)
        across = self.c if self.sideways else self.a
        down = self.b if self.sideways else self.d
        return np.ascontiguousarray(image[:: down or 1, :: across or 1])


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def square_size(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Return the stored size with its pixels made square; the shorter-sampled side grows, so that nothing is lost.

    Args:
        width: Stored pixels across.
        height: Stored pixels down.
        aspect: Width over height of one pixel; ``None``, zero or absurd counts as square.
    """
    if aspect is None or not Fraction(1, 8) <= aspect <= 8:
        aspect = _SQUARE
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)


@dataclass(frozen=True, slots=True)
class Shape:
    """How the stored pixels of a picture are to be shown."""

    aspect: Fraction | None = None
    """Width over height of one of them; ``None``: square."""
    turn: Orientation = Orientation()  # frozen


@dataclass(frozen=True, slots=True, eq=False)
class TimedPicture:
    """A decoded picture."""

    time_s: float
    """Seconds since the first picture."""
    picture: av.VideoFrame
    damaged: bool = False
    """It could not be decoded whole, or is built on one that could not."""
    shape: Shape = Shape()  # frozen
    """How it is to be shown, by its own account."""
    unchanged: bool = False
    """It was not decoded, as nothing moved: what it shows is the last key picture."""


class OrientationReader:
    """Knows how each picture of a stream is turned, asked of every one in order.

    A turn that a coded picture announces (an SEI message) holds until the next key picture or the next announcement.
    """

    def __init__(self) -> None:
        """None was read."""
        self._reformatter = VideoReformatter()
        self._turn = Orientation()

    def of(self, frame: av.VideoFrame) -> Orientation:
        """Tell how this picture is turned.

        What travels with it is read off a copy of a few pixels: PyAV ties a picture that is asked for it into a reference cycle, and
        hundreds of them would pile up before Python looks for cycles.
        """
        said = self.said_by(frame)
        if said is not None or frame.key_frame:
            self._turn = said or Orientation()
        return self._turn

    def said_by(self, frame: av.VideoFrame) -> Orientation | None:
        """Return the turn that travels with this picture; ``None`` if there is none."""
        return Orientation.of(self._reformatter.reformat(frame, 2, 2, "gray", interpolation=Interpolation.POINT, threads=1))


class PictureMaker:
    """Converts decoded pictures to RGB images.

    Args:
        max_side: Longest side of the images, pixels; larger pictures are scaled down as they are converted. MediaPipe's pose networks
            look at 224 and 256 pixels, so that 1280 loses nothing, and a 4K picture costs a ninth.
        rotate_deg: Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves.
        crop: The part of the upright picture that is kept; ``None``: all of it.
    """

    def __init__(self, max_side: int, rotate_deg: int = 0, crop: Crop | None = None) -> None:
        """Keep what is the same for all pictures."""
        self.crop = crop
        self._max_side = max_side
        self._turn = Orientation.turned(rotate_deg)
        self._reformatter, self._small = VideoReformatter(), VideoReformatter()

    def shown(self, shape: Shape) -> Shape:
        """Tell how a picture is to be shown that says `shape` of itself."""
        return Shape(shape.aspect, shape.turn.then(self._turn))

    def shown_size(self, frame: av.VideoFrame, shape: Shape) -> tuple[int, int]:
        """Return (width, height) in pixels of a picture as a player shows it, before it is cropped and scaled down."""
        width, height = square_size(frame.width, frame.height, shape.aspect)
        return (height, width) if shape.turn.sideways else (width, height)

    def kept(self, frame: av.VideoFrame, shape: Shape) -> tuple[int, int, int, int] | None:
        """Return (left, top, width, height) in pixels of what is kept of a picture as a player shows it; ``None``: all of it."""
        if self.crop is None:
            return None
        width, height = self.shown_size(frame, shape)
        left, top, right, bottom = self.crop.shares(width, height)
        x, y = round(left * width), round(top * height)
        return x, y, round(right * width) - x, round(bottom * height) - y

    def image(self, frame: av.VideoFrame, shape: Shape, max_side: int | None = None) -> ByteArray:
        """Return (H, W, 3) uint8 RGB, upright, square pixels, contiguous, longest side at most max_side (that of the maker by default)."""
        (width, height), shrink, box = self._fitted(frame, shape, max_side or self._max_side)
        # Shrunk by averaging: cheaper than the usual way, and nothing between the sampled pixels is lost. Threads cost a third more work.
        how = Interpolation.AREA if shrink < 1.0 else Interpolation.BILINEAR
        small = self._reformatter.reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
        pixels: ByteArray = small.to_ndarray().astype(np.uint8, copy=False)
        return shape.turn.apply(box.of(pixels))

    def size(self, frame: av.VideoFrame, shape: Shape) -> tuple[int, int]:
        """Return (width, height) of the images that this maker gives by default."""
        _, _, box = self._fitted(frame, shape, self._max_side)
        return box.upright_size(shape.turn)

    def grey(self, frame: av.VideoFrame, shape: Shape, cells: int) -> FloatArray:
        """Return (rows, columns) float32 from 0 to 255: the brightness as means of square cells, `cells` along the longer side, upright."""
        (width, height), _, box = self._fitted(frame, shape, cells)
        small = self._small.reformat(frame, width, height, "gray", interpolation=Interpolation.AREA, threads=1)
        means = small.to_ndarray().astype(np.uint8, copy=False)
        upright: FloatArray = shape.turn.apply(box.of(means)[:, :, None])[:, :, 0].astype(np.float32)
        return upright

    def grid(self, frame: av.VideoFrame, shape: Shape) -> ByteArray:
        """Return (rows, columns) uint8: single pixels of the brightness, 0 to 255, upright; see `posture.engine.image_quality.grid_of`."""
        name = frame.format.name
        if name.startswith(("yuv4", "yuvj4", "nv1", "gray")) and frame.format.components[0].bits == _BYTE:
            plane = frame.planes[0]
            pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : frame.width]
            luma = grid_of(self._box(frame, shape, frame.width, frame.height).of(pixels))
            if not (name.startswith(("yuvj", "gray")) or frame.color_range == ColorRange.JPEG):
                luma = _FULL_RANGE[luma]
        else:
            grey = self._small.reformat(frame, frame.width, frame.height, "gray", threads=1)
            pixels = grey.to_ndarray().astype(np.uint8, copy=False)
            luma = grid_of(self._box(frame, shape, frame.width, frame.height).of(pixels))
        return shape.turn.apply(luma[:, :, None])[:, :, 0]

    def _fitted(self, frame: av.VideoFrame, shape: Shape, longest: int) -> tuple[tuple[int, int], float, _Box]:
        """Return the (width, height) with square pixels at which no side of what is kept is longer than `longest`, as stored; by how much
        that is shrunk; and what is kept of it."""
        width, height = square_size(frame.width, frame.height, shape.aspect)
        kept = self._box(frame, shape, width, height)
        shrink = min(1.0, longest / max(kept.right - kept.left, kept.bottom - kept.top))
        width, height = max(1, round(width * shrink)), max(1, round(height * shrink))
        return (width, height), shrink, self._box(frame, shape, width, height)

    def _box(self, frame: av.VideoFrame, shape: Shape, width: int, height: int) -> _Box:
        """Return what is kept of a picture that is stored with this size."""
        if self.crop is None:
            return _Box(0, 0, width, height)
        left, top, right, bottom = shape.turn.stored(self.crop.shares(*self.shown_size(frame, shape)))
        x0, y0 = min(round(left * width), width - 1), min(round(top * height), height - 1)
        return _Box(x0, y0, max(x0 + 1, round(right * width)), max(y0 + 1, round(bottom * height)))


@dataclass(frozen=True, slots=True)
class _Box:
    """Pixels of a stored picture: from and up to which."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, pixels: ByteArray) -> ByteArray:
        """Return that part of a picture."""
        return pixels[self.top : self.bottom, self.left : self.right]

    def upright_size(self, turn: Orientation) -> tuple[int, int]:
        """Return its (width, height) once it is turned upright."""
        width, height = self.right - self.left, self.bottom - self.top
        return (height, width) if turn.sideways else (width, height)
