"""Makes small videos, good and bad, with PyAV alone, so that tests need no ffmpeg program."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

CLOCK = Fraction(1, 90000)
RED = (200, 30, 30)
BLUE = (30, 30, 200)


def picture(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3) RGB: red top left quarter, blue top right quarter, the lower half grey by the picture's number."""
    image = np.full((height, width, 3), 20 + 4 * (index % 55), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = BLUE
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that `picture` drew, modulo 55."""
    height, width = image.shape[:2]
    return round((float(image[height * 3 // 4, width // 4 : width * 3 // 4].mean()) - 20) / 4)


def colour_at(image: NDArray[np.uint8], right: float, down: float) -> str:
    """``red``, ``blue`` or ``grey`` at a place given as shares of width and height."""
    red, green, blue = (int(c) for c in image[int(down * image.shape[0]), int(right * image.shape[1])])
    if red > green + 60:
        return "red"
    return "blue" if blue > green + 60 else "grey"


def every(fps: float, seconds: float, start: float = 0.0) -> list[float]:
    """Times of a steady recording, seconds."""
    return [start + i / fps for i in range(round(fps * seconds))]


def write_video(
    path: Path,
    times: Sequence[float],
    size: tuple[int, int] = (96, 64),
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    pixel_aspect: Fraction | None = None,
    b_frames: int = 0,
    key_every: int = 12,
    audio_s: float = 0.0,
    faststart: bool = False,
    tags: dict[str, str] | None = None,
    second: tuple[int, int] | None = None,
    cover: bool = False,
) -> Path:
    """Write `picture` 0, 1, 2, ... at the given times (seconds); the kind of file follows from the name.

    Args:
        path: Where to.
        times: Presentation times in seconds.
        size: Stored width and height.
        codec: Encoder.
        pix_fmt: Stored pixel format.
        pixel_aspect: Width over height of a pixel.
        b_frames: Pictures that no other needs, between those that others need.
        key_every: Pictures from one key picture to the next.
        audio_s: Seconds of silence in a sound track; 0 for none.
        faststart: Index at the front (MP4).
        tags: Tags of the container.
        second: Size of a second video stream, without the default mark, that comes before the first.
        cover: A cover picture, as music files have one.
    """
    sizes = [size] if second is None else [second, size]
    with av.open(str(path), "w", options={"movflags": "faststart"} if faststart else {}) as out:
        out.metadata.update(tags or {})
        streams = [_picture_stream(out, path, times, each, codec, pix_fmt, pixel_aspect, b_frames, key_every) for each in sizes]
        if second is not None:
            streams[0].disposition, streams[1].disposition = Disposition(0), Disposition.default
        silence = _Silence(out) if audio_s > 0 else None
        if cover:
            _add_cover(out)
        out.start_encoding()
        for i, time_s in enumerate(times):
            for stream in streams:
                base = stream.codec_context.time_base
                assert base is not None
                frame = av.VideoFrame.from_ndarray(picture(i, stream.width, stream.height), format="rgb24")
                frame.pts, frame.time_base = round(time_s / base), base
                out.mux(stream.encode(frame))
            if silence is not None:
                silence.until(min(time_s, audio_s))
        for stream in streams if times else []:
            out.mux(stream.encode(None))
        if silence is not None:
            silence.until(audio_s)
            silence.end()
    return path


def _picture_stream(
    out: OutputContainer,
    path: Path,
    times: Sequence[float],
    size: tuple[int, int],
    codec: str,
    pix_fmt: str,
    pixel_aspect: Fraction | None,
    b_frames: int,
    key_every: int,
) -> VideoStream:
    usual_s = float(np.median(np.diff(times))) if len(times) > 1 else 0.2
    rate = Fraction(1 / usual_s).limit_denominator(100)
    stream = cast("VideoStream", out.add_stream(codec, rate=rate))
    stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
    clock = CLOCK if codec == "libx264" else Fraction(1, 1000)
    stream.codec_context.time_base = 1 / rate if path.suffix == ".avi" else clock  # AVI has no clock, it counts pictures
    stream.codec_context.gop_size = key_every
    if codec == "libx264":
        stream.options = {"preset": "ultrafast", "bf": str(b_frames), "sc_threshold": "0", "crf": "18", "b_strategy": "0"}
    if pixel_aspect is not None:
        stream.codec_context.sample_aspect_ratio = pixel_aspect
    return stream


def _add_cover(out: OutputContainer) -> None:
    art = out.add_stream("mjpeg", rate=1)
    art.width, art.height, art.pix_fmt, art.disposition = 320, 240, "yuvj420p", Disposition.attached_pic
    frame = av.VideoFrame.from_ndarray(picture(50, 320, 240), format="rgb24")
    frame.pts = 0
    out.mux(art.encode(frame))
    out.mux(art.encode(None))


class _Silence:
    """A sound track that is written bit by bit."""

    def __init__(self, out: OutputContainer) -> None:
        self._out = out
        self._stream = out.add_stream("aac", rate=8000, layout="mono")
        self._samples = 0

    def until(self, time_s: float) -> None:
        """Write silence up to a time in seconds."""
        while self._samples < time_s * 8000:
            quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            quiet.sample_rate, quiet.pts, quiet.time_base = 8000, self._samples, Fraction(1, 8000)
            self._out.mux(self._stream.encode(quiet))
            self._samples += 1024

    def end(self) -> None:
        """Write what the encoder still holds."""
        self._out.mux(self._stream.encode(None))


def write_audio(path: Path, seconds: float = 2.0) -> Path:
    """A file with a sound track alone."""
    with av.open(str(path), "w") as out:
        silence = _Silence(out)
        silence.until(seconds)
        silence.end()
    return path


def cut(path: Path, share: float = 0.6) -> Path:
    """Keep only the first part of a file, in place."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def scribble(path: Path, at: float = 0.5, length: int = 2000) -> Path:
    """Overwrite bytes in the middle of a file, in place."""
    data = bytearray(path.read_bytes())
    begin = int(len(data) * at)
    data[begin : begin + length] = b"\xff" * len(data[begin : begin + length])
    path.write_bytes(bytes(data))
    return path


def turn(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Set the display matrix of every track of an MP4 file, in place (ISO/IEC 14496-12, track header box)."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd")
    while at >= 0:
        matrix = at + (44 if data[at + 4] == 0 else 56)
        one = 1 << 16
        data[matrix : matrix + 36] = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
        at = data.find(b"tkhd", at + 4)
    path.write_bytes(bytes(data))
    return path


def trim_by_edit_list(path: Path, seconds: float) -> Path:
    """Let an MP4 file's edit list begin the presentation later in the media, in place."""
    data = bytearray(path.read_bytes())
    mdhd, elst = data.find(b"mdhd"), data.find(b"elst")
    assert mdhd >= 0 and elst >= 0 and data[mdhd + 4] == 0 and data[elst + 4] == 0
    (timescale,) = struct.unpack_from(">I", data, mdhd + 16)
    (media_time,) = struct.unpack_from(">i", data, elst + 16)
    struct.pack_into(">i", data, elst + 16, media_time + round(seconds * timescale))
    path.write_bytes(bytes(data))
    return path


def unknown_codec(path: Path) -> Path:
    """Name a codec in an H.264 MP4 file that nobody knows, in place."""
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    return path
