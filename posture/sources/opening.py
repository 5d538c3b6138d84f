"""Opens a video file and finds the pictures in it, or says in one plain line why not."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from posture.model import InputError

_LOCAL_ONLY = {"protocol_whitelist": "file"}  # a file that is a play list must not open an Internet connection
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
            raise InputError(f"{name}: is a play list, not a video: name the recordings themselves")
    except OSError as error:
        raise InputError(f"{name}: cannot be opened ({error.strerror})") from error


def open_container(path: Path) -> InputContainer:
    """Open a file that was checked.

    Raises:
        InputError: No demuxer takes it.
    """
    try:
        # resolved, because libav takes a name such as "a:b.mp4" for an address
        container = av.open(str(path.resolve()), "r", options=dict(_LOCAL_ONLY), metadata_errors="replace")
    except av.FFmpegError as error:
        raise InputError(_why_unreadable(path, error)) from error
    if container.format.name == _DRAWN_TEXT:
        container.close()
        raise InputError(_not_a_video(path))
    return container


def filmed_stream(container: InputContainer, name: str) -> VideoStream:
    """The video stream to measure: no cover picture; the one that players prefer, else the one with the largest pictures.

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
        raise InputError(f"{name}: its pictures are coded in a way that cannot be decoded here")
    stream = max(readable, key=lambda s: (bool(s.disposition & Disposition.default), s.codec_context.width * s.codec_context.height))
    width, height = stream.codec_context.width, stream.codec_context.height
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise InputError(f"{name}: its pictures are said to be {width} x {height} pixels, which is more than can be measured")
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def _why_unreadable(path: Path, error: av.FFmpegError) -> str:
    boxes = _top_boxes(path)
    if boxes and b"moov" not in boxes:
        return f"{path.name}: the recording was cut short: its index, written at the very end, is missing"
    if isinstance(error, av.error.InvalidDataError):
        return _not_a_video(path)
    return f"{path.name}: cannot be read as a video ({error.strerror})"


def _not_a_video(path: Path) -> str:
    return f"{path.name}: is not a video, or one of an unknown kind"


def _top_boxes(path: Path) -> list[bytes]:
    """Names of the top-level boxes of an MP4 or QuickTime file, as far as they can be followed; empty for anything else."""
    names: list[bytes] = []
    length = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= length and len(names) < 1000:
            file.seek(at)
            header = file.read(16)
            size, name = int.from_bytes(header[:4], "big"), header[4:8]
            if not names and name not in _FIRST_BOXES:
                break
            names.append(name)
            if size == 1:  # a 64-bit size follows the name
                size = int.from_bytes(header[8:16], "big")
            if size < 8:
                break
            at += size
    return names
