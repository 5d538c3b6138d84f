"""Recordings with a person in them, in odd shapes: made from the sample clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from conftest import SAMPLES
from numpy.typing import NDArray
from PIL import Image as PILImage

from posture.capture.video_file import VideoFile
from posture.types import Frame

Image = NDArray[np.uint8]


def frames_of(clip: Path, rate_hz: float = 5.0, end_s: float | None = None) -> list[Frame]:
    """Frames of a clip."""
    with VideoFile(clip, rate_hz=rate_hz, end_s=end_s) as source:
        return list(source)


def write(path: Path, frames: Iterable[tuple[float, Image]], pixel_aspect: Fraction | None = None, key_every: int | None = None) -> Path:
    """Write pictures at their times in seconds; all of one size. `key_every`: pictures from one key picture to the next."""
    clock = Fraction(1, 90000)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.codec_context.time_base = clock
        if key_every is not None:
            stream.codec_context.gop_size = key_every
        for i, (time_s, image) in enumerate(frames):
            if i == 0:
                stream.width, stream.height, stream.pix_fmt = image.shape[1], image.shape[0], "yuv420p"
                if pixel_aspect is not None:
                    stream.codec_context.sample_aspect_ratio = pixel_aspect
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts, frame.time_base = round(time_s / clock), clock
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def changed(clip: Path, path: Path, change: Callable[[Image], Image], rate_hz: float = 5.0, end_s: float | None = None) -> Path:
    """The clip with every picture changed."""
    return write(path, ((f.time_s, change(f.image)) for f in frames_of(clip, rate_hz, end_s)))


def looped(clip: Path, path: Path, times: int, change: Callable[[Image], Image], key_every: int) -> Path:
    """The clip again and again, five pictures a second, with key pictures at which it can be cut."""
    frames = frames_of(clip)
    length_s = frames[-1].time_s + 0.2
    return write(path, ((i * length_s + f.time_s, change(f.image)) for i in range(times) for f in frames), key_every=key_every)


def resized(width: int, height: int) -> Callable[[Image], Image]:
    """A change that scales the picture."""
    return lambda image: np.asarray(cv2.resize(image, (width, height)), np.uint8)


def room(width: int = 640, height: int = 480) -> Image:
    """A room with nobody in the picture, of that size."""
    with PILImage.open(SAMPLES / "side_day_male1_empty.png") as picture:
        return np.asarray(picture.convert("RGB").resize((width, height)), np.uint8)


@lru_cache(maxsize=4)
def _noise(shape: tuple[int, ...]) -> list[NDArray[np.int16]]:
    rng = np.random.default_rng(5)
    return [(4.0 * rng.standard_normal(shape, np.float32)).astype(np.int16) for _ in range(4)]


def noisy(image: Image, number: int) -> Image:
    """The picture as a sensor gives it: one that does not change at all would count as frozen. `number`: of the picture."""
    noise = _noise(image.shape)
    return np.clip(image.astype(np.int16) + noise[number % len(noise)], 0, 255).astype(np.uint8)


def beside(left: Image, right: Image) -> Image:
    """Two pictures side by side, the right one at half the size in front of a grey wall."""
    h, w = right.shape[:2]
    wall = np.full((left.shape[0], w // 2, 3), 120, np.uint8)
    wall[left.shape[0] - h // 2 :] = cv2.resize(right, (w // 2, h // 2))
    return np.hstack([left, wall])
