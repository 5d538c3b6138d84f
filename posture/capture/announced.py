"""What a file announces of its own length, and whether its outer structure bears that out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from posture.capture.opening import boxes
from posture.errors import InputError

_SOUGHT = ("mov", "matroska", "avi")  # these have an index of their key pictures; others are read from their beginning
_TELL_THEIR_LENGTH = (*_SOUGHT, "flv", "asf")  # in their headers; the length of others is guessed from their ends
_TELL_THE_SHAPE = (*_SOUGHT, "asf", "mxf", "nut", "yuv4mpeg")  # of their pixels; in others only the coded pictures do
_AV_TIME_BASE = 1_000_000  # libav counts a container's duration in microseconds
_LARGE_BOXES = (b"mdat", b"moov", b"moof")
_SEGMENT, _EBML = b"\x18\x53\x80\x67", b"\x1a\x45\xdf\xa3"  # Matroska: what holds a recording, and the header before it
_TS_PACKETS = (188, 192, 204)  # bytes: MPEG-TS on air, of camcorders (4 bytes before each), with error correction (16 behind)
_TS_SYNC = 0x47
TAIL_BYTES = 4 * max(_TS_PACKETS)
_FLV = b"FLV\x01"
_SEARCHED = 1 << 16
"""Bytes behind the last picture in which another recording is looked for."""
_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class FileEnding:
    """How a file ends, by its outer structure alone."""

    cut: bool = False
    """What it says to hold is not all there."""
    more: bool = False
    """Another recording follows the first one, of which the header knows nothing."""
    whole: bool = False
    """An AVI file that says how many bytes it has, and has them."""


@dataclass(frozen=True, slots=True, eq=False)
class Announced:
    """What an open container says of itself."""

    container: InputContainer
    stream: VideoStream
    ending: FileEnding

    @property
    def sought(self) -> bool:
        """Whether a moment can be found by an index; what is glued behind another recording stands in none."""
        return not self.ending.more and self._is(_SOUGHT)

    @property
    def tells_shape(self) -> bool:
        """Whether the container itself tells the shape of the pixels."""
        return self._is(_TELL_THE_SHAPE)

    @property
    def end_s(self) -> float | None:
        """Where the file announces to end, seconds of its own clock; ``None`` if it does not."""
        stream = self.stream
        if self.ending.more or not self._is(_TELL_THEIR_LENGTH):
            return None
        if self._is(("avi",)) and stream.frames and stream.average_rate:
            return float(stream.frames / stream.average_rate)  # libav shortens the length of one that breaks off, but not this count
        return self.guessed_end_s

    @property
    def guessed_end_s(self) -> float | None:
        """Where libav takes the recording to end, maybe by the timestamps at its two ends alone, seconds of its own clock."""
        container = self.container
        if container.duration is None or container.duration <= 0:
            return None
        return ((container.start_time or 0) + container.duration) / _AV_TIME_BASE

    def length_s(self, zero_s: float) -> float | None:
        """Return the length from `zero_s` on, seconds, as the file credibly announces it; ``None`` if it does not."""
        stream, end_s = self.stream, self.end_s
        if end_s is None or not self._is(_SOUGHT):
            return None
        ends_s = [end_s - zero_s]
        if stream.duration is not None and stream.time_base is not None:
            ends_s.append(float(((stream.start_time or 0) + stream.duration) * stream.time_base) - zero_s)
        return min((s for s in ends_s if s > 0), default=None)

    def _is(self, kinds: tuple[str, ...]) -> bool:
        return any(kind in self.container.format.name for kind in kinds)


def structure_of(path: Path, kind: str) -> tuple[FileEnding, list[int]]:
    """Tell how a file ends, and at which bytes recordings begin in it, as far as that can be seen from outside; else whole, and [0].

    Args:
        path: The file.
        kind: Name of its container, as libav has it.

    Raises:
        InputError: It cannot be read.
    """
    starts, end, length = [0], 0, 0
    try:
        length = path.stat().st_size
        if "mov" in kind:
            found = boxes(path)
            starts += [end for (_, end), (name, _) in pairwise(found) if name == b"ftyp"]
            end = max((end for name, end in found if name in _LARGE_BOXES), default=0)
        elif kind == "avi":
            end = _riff_end(path)
        elif "matroska" in kind:
            starts, end = _segments(path)
        elif kind == "mpegts":
            with path.open("rb") as file:
                file.seek(max(0, length - TAIL_BYTES))
                end = length + (not ends_with_ts_packets(file.read()))
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    return FileEnding(cut=end > length, more=len(starts) > 1, whole=kind == "avi" and 0 < end <= length), starts


def following(path: Path, kind: str, byte: int) -> int | None:
    """Tell where a recording begins behind the one that ends about there, which libav does not go on to; ``None`` if none does.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(byte)
            rest = file.read(_SEARCHED)
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    if kind == "flv" and (at := rest.find(_FLV)) >= 0:
        return byte + at
    if kind == "mpegts" and len(rest) == _SEARCHED:  # the same with other numbers of its tracks
        return byte
    return None


def _riff_end(path: Path) -> int:
    """End of the first chunk of an AVI file, bytes; 0 where its size was never written."""
    with path.open("rb") as file:
        head = file.read(12)
    size = int.from_bytes(head[4:8], "little")
    return 8 + size if head[:4] == b"RIFF" and head[8:] == b"AVI " and 0 < size < 0xFFFFFFFF else 0


def _segments(path: Path) -> tuple[list[int], int]:
    """Return the first byte of each recording in a Matroska file, and the end of the last; by the sizes written down (RFC 8794)."""
    starts: list[int] = []
    at = 0
    with path.open("rb") as file:
        while len(starts) < _MOST_PARTS:
            begin = at
            for wanted in (_EBML, _SEGMENT):
                file.seek(at)
                head = file.read(12)
                width = 9 - head[4].bit_length() if len(head) == 12 and head[4] else 0
                size = int.from_bytes(head[4 : 4 + width], "big") - (1 << 7 * width)
                if head[:4] != wanted or not width or size == (1 << 7 * width) - 1:  # the last: unknown when it was written
                    return starts or [0], at if starts and begin == at else 0
                at += 4 + width + size
            starts.append(begin)
    return starts, at


def ends_with_ts_packets(tail: bytes) -> bool:
    """Tell whether an MPEG transport stream ends with whole packets, by its last `TAIL_BYTES`."""
    syncs = ((n, 188 if n == 192 else n) for n in _TS_PACKETS)
    return any(len(tail) >= 3 * n and all(tail[-last - i * n] == _TS_SYNC for i in range(3)) for n, last in syncs)
