"""Opens a video file and finds the pictures in it, or says in one plain line why not."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.format import Flags
from av.stream import Disposition
from av.video.stream import VideoStream

from posture.capture.timing import plausible_fps
from posture.errors import InputError

ASKED_FPS = Fraction(24999, 1000)
"""Told to libav as the rate of recordings that carry no times: a recording that seems to have it does not say its own."""
RATE_OPTION = {"framerate": f"{float(ASKED_FPS):g}"}
_LOCAL_ONLY = {"protocol_whitelist": "file", **RATE_OPTION}  # a file that is a play list must not open an Internet connection
_NOT_FILMED = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_DRAWN_TEXT = "tty"  # libav's demuxer that draws plain text as pictures
MOST_SIDE = 16384
"""Longest side of a picture that is decoded, pixels."""
MOST_PIXELS = 8192 * 8192
"""Most pixels of a picture that is decoded: 8K video has half as many; a damaged header may announce thousands of times more."""
_PLAY_LISTS = (b"#EXTM3U", b"ffconcat ", b"<MPD", b"<CompositionPlaylist")
_FIRST_BOXES = (b"ftyp", b"wide", b"mdat", b"moov", b"free", b"skip")


def check_is_file(path: Path) -> None:
    """Make sure that there is something to open.

    Raises:
        InputError: Missing, a folder, empty, a play list (which would have libav open what it names), or not to be opened.
    """
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise InputError(f"{name}: is a folder, not a video")
        if not path.exists():
            raise InputError(f"{name}: no such file")
        if not path.is_file():
            raise InputError(f"{name}: is not a file")
        with path.open("rb") as file:
            head = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
            if not head and not file.tell():
                raise InputError(f"{name}: is empty (0 bytes)")
        if head.startswith(_PLAY_LISTS[:2]) or (head.startswith(b"<") and any(mark in head for mark in _PLAY_LISTS[2:])):
            raise InputError(f"{name}: is a playlist, not a video: name the recordings themselves")
    except OSError as error:
        raise InputError(f"{name}: cannot be opened ({error.strerror})") from error


class FilePart(io.RawIOBase):
    """Some bytes of a file as if they were all.

    Args:
        path: The file.
        start: First byte.
        end: Byte to stop before.
    """

    def __init__(self, path: Path, start: int, end: int) -> None:
        """Open the file."""
        super().__init__()
        self._file, self._start, self._length = path.open("rb"), start, end - start
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a byte of the part."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence])
        return self._at

    def tell(self) -> int:
        """Tell where it stands."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        left = max(0, self._length - self._at)
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()


def open_container(path: Path, part: FilePart | None = None) -> InputContainer:
    """Open a file that was checked, or a part of it.

    Raises:
        InputError: No demuxer takes it.
    """
    try:
        # resolved, because libav takes a name such as "a:b.mp4" for an address
        container = av.open(part or str(path.resolve()), "r", options=dict(_LOCAL_ONLY), metadata_errors="replace")
    except av.FFmpegError as error:
        raise InputError(_why_unreadable(path, error)) from error
    if container.format.name == _DRAWN_TEXT:
        container.close()
        raise InputError(_not_a_video(path))
    return container


def filmed_stream(container: InputContainer, name: str) -> VideoStream:
    """Return the video stream to measure: no cover picture; the one that players prefer, else the one with the largest pictures.

    Its decoder refuses pictures of more than MOST_PIXELS, also where they grow in the middle, before it makes room for them.

    Args:
        container: An open container.
        name: File name for the message.

    Raises:
        InputError: There is none, its codec is unknown here, or its pictures are absurdly large.
    """
    filmed = [stream for stream in container.streams.video if not stream.disposition & _NOT_FILMED]
    if not filmed:
        raise InputError(f"{name}: {'has sound but no moving picture' if container.streams.audio else 'has no moving picture'}")
    readable = [stream for stream in filmed if stream.codec_context is not None]
    if not readable:
        raise InputError(f"{name}: its video codec can't be decoded here")
    stream = max(readable, key=lambda s: (bool(s.disposition & Disposition.default), s.codec_context.width * s.codec_context.height))
    width, height = stream.codec_context.width, stream.codec_context.height
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise InputError(f"{name}: it announces pictures of {width} x {height} pixels, too large to measure")
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def carries_no_times(container: InputContainer) -> bool:
    """Tell whether a container only holds picture after picture, so that libav makes their times up: raw H.264, HEVC, MJPEG, images."""
    name = container.format.name
    timeless = bool(container.format.flags & int(cast("int", Flags.no_timestamps.value)))
    return timeless or name.endswith("_pipe") or name.startswith("image2")


def own_rate(stream: VideoStream) -> float | None:
    """Return pictures per second that the coded pictures themselves announce; ``None`` if they do not, or absurdly."""
    rate = stream.codec_context.framerate
    return None if rate == ASKED_FPS else plausible_fps(rate)


def _why_unreadable(path: Path, error: av.FFmpegError) -> str:
    names = [name for name, _ in boxes(path)]
    if names and b"moov" not in names:
        return f"{path.name}: the recording was cut short: its index, written at the very end, is missing"
    if isinstance(error, av.error.InvalidDataError):
        return _not_a_video(path)
    return f"{path.name}: cannot be read as a video ({error.strerror})"


def _not_a_video(path: Path) -> str:
    return f"{path.name}: is not a video, or not a kind that can be read"


def boxes(path: Path) -> list[tuple[bytes, int]]:
    """Return the name and end (byte) of each top-level box of an MP4 or QuickTime file, as far as they can be followed; empty for anything
    else."""
    found: list[tuple[bytes, int]] = []
    length = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= length and len(found) < 1000:
            file.seek(at)
            header = file.read(16)
            size, name = int.from_bytes(header[:4], "big"), header[4:8]
            if not found and name not in _FIRST_BOXES:
                break
            if size == 1:  # a 64-bit size follows the name
                size = int.from_bytes(header[8:16], "big")
            found.append((name, at + size))
            if size < 8:
                break
            at += size
    return found
