"""A decoded video picture made fit to measure: upright, square pixels, RGB, not larger than needed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from posture.engine.image_quality import grid_of
from posture.model import ByteArray, FloatArray

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
    def of(cls, frame: av.VideoFrame) -> Orientation:
        """Read the display matrix that travels with a picture, rounded to quarter turns and mirrorings.

        The matrix is nine 32-bit numbers a b u c d v x y w (ISO/IEC 14496-12, track header box); only a, b, c, d turn the picture.
        """
        entries = cast("Iterable[SideData]", frame.side_data)  # PyAV's stub knows only one kind of them
        matrix = next((bytes(entry) for entry in entries if entry.type.name == "DISPLAYMATRIX"), None)
        if matrix is None:
            return cls()
        a, b, _, c, d = (int(number) for number in np.frombuffer(matrix, dtype=np.int32)[:5])
        if abs(a) >= abs(b):
            a, b, c, d = _sign(a), 0, 0, _sign(d)
        else:
            a, b, c, d = 0, _sign(b), _sign(c), 0
        return cls(a, b, c, d) if a * d - b * c else cls()

    @property
    def sideways(self) -> bool:
        """Whether width and height change places."""
        return self.a == 0

    @property
    def clockwise_deg(self) -> int:
        """0, 90, 180 or 270 degrees that the stored picture is turned clockwise to be upright (after a mirroring, if there is one)."""
        return round(math.degrees(math.atan2(-self.c, self.d))) % 360

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
    """Stored size with its pixels made square; the shorter-sampled side grows, so that nothing is lost.

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


class PictureMaker:
    """Converts decoded pictures to RGB images.

    Args:
        aspect: Width over height of one stored pixel.
        max_side: Longest side of the images, pixels; larger pictures are scaled down as they are converted. MediaPipe's pose networks
            look at 224 and 256 pixels, so that 1280 loses nothing, and a 4K picture costs a ninth.
    """

    def __init__(self, aspect: Fraction | None, max_side: int) -> None:
        """Keep what is the same for all pictures."""
        self._aspect = aspect
        self._max_side = max_side
        self._reformatter, self._small = VideoReformatter(), VideoReformatter()
        self._orientation: Orientation | None = None

    def shown_size(self, frame: av.VideoFrame) -> tuple[int, int]:
        """(width, height) in pixels of a picture as a player shows it, before it is scaled down."""
        width, height = square_size(frame.width, frame.height, self._aspect)
        return (height, width) if self._turn(frame).sideways else (width, height)

    def image(self, frame: av.VideoFrame, max_side: int | None = None) -> ByteArray:
        """(H, W, 3) uint8 RGB, upright, square pixels, contiguous, longest side at most max_side (that of the maker by default)."""
        width, height, shrink = self._fitted(frame, max_side or self._max_side)
        # Shrunk by averaging: cheaper than the usual way, and nothing between the sampled pixels is lost. Threads cost a third more work.
        how = Interpolation.AREA if shrink < 1.0 else Interpolation.BILINEAR
        small = self._reformatter.reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
        pixels: ByteArray = small.to_ndarray().astype(np.uint8, copy=False)
        return self._turn(frame).apply(pixels)

    def size(self, frame: av.VideoFrame) -> tuple[int, int]:
        """(width, height) of the images that this maker gives by default."""
        width, height, _ = self._fitted(frame, self._max_side)
        return (height, width) if self._turn(frame).sideways else (width, height)

    def grey(self, frame: av.VideoFrame, cells: int) -> FloatArray:
        """(rows, columns) float32 from 0 to 255: the brightness as means of square cells, `cells` along the longer side, upright."""
        width, height, _ = self._fitted(frame, cells)
        small = self._small.reformat(frame, width, height, "gray", interpolation=Interpolation.AREA, threads=1)
        means = small.to_ndarray().astype(np.uint8, copy=False)
        upright: FloatArray = self._turn(frame).apply(means[:, :, None])[:, :, 0].astype(np.float32)
        return upright

    def grid(self, frame: av.VideoFrame) -> ByteArray:
        """(rows, columns) uint8: single pixels of the brightness, 0 to 255, upright; see `posture.engine.image_quality.grid_of`."""
        name = frame.format.name
        if name.startswith(("yuv4", "yuvj4", "nv1", "gray")) and frame.format.components[0].bits == _BYTE:
            plane = frame.planes[0]
            luma = grid_of(np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : frame.width])
            if not (name.startswith(("yuvj", "gray")) or frame.color_range == ColorRange.JPEG):
                luma = _FULL_RANGE[luma]
        else:
            grey = self._small.reformat(frame, frame.width, frame.height, "gray", threads=1)
            luma = grid_of(grey.to_ndarray().astype(np.uint8, copy=False))
        return self._turn(frame).apply(luma[:, :, None])[:, :, 0]

    def _turn(self, frame: av.VideoFrame) -> Orientation:
        """How the pictures are turned, asked of the first one alone: asking ties a picture into a cycle, and hundreds would pile up."""
        if self._orientation is None:
            self._orientation = Orientation.of(frame)
        return self._orientation

    def _fitted(self, frame: av.VideoFrame, longest: int) -> tuple[int, int, float]:
        """Width and height with square pixels and no side longer than `longest`, as stored, and by how much that is shrunk."""
        width, height = square_size(frame.width, frame.height, self._aspect)
        shrink = min(1.0, longest / max(width, height))
        return max(1, round(width * shrink)), max(1, round(height * shrink)), shrink
