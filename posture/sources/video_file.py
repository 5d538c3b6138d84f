"""A recorded video as a source of frames."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import av

from posture.model import ByteArray, FloatArray, Frame, InputError
from posture.sources.base import Source
from posture.sources.decoder import Decoder
from posture.sources.picking import FramePicker
from posture.sources.picture import Orientation, PictureMaker

_TELL_THEIR_LENGTH = ("mov", "matroska", "avi")  # the length of others is guessed from the size of the file
_UNNOTICED_S = 1.0  # a sound file's announced end may be this far off
_AV_TIME_BASE = 1_000_000  # libav counts a container's duration in microseconds
_EARLIEST_YEAR = 1990  # cameras without a clock write 1904 or 1970


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a recording; what only reading can tell is filled in at its end."""

    name: str
    """File name without folder."""
    duration_s: float | None
    """Seconds from the first picture on; ``None`` if the file does not say, until it was read to its end."""
    width: int
    """Pixels across, as a player shows it: upright, square pixels, full size."""
    height: int
    fps: float | None
    """Pictures per second on average; ``None`` if the file does not say."""
    codec: str
    rotation_deg: int
    """Degrees clockwise that the stored pictures were turned by to be upright: 0, 90, 180 or 270."""
    frames: int | None
    """Number of pictures by the file's own account."""
    created: datetime | None
    """When it was recorded, by the file's own account."""
    truncated: bool = False
    """Whether the file ends before the end that it announces."""
    problem: str | None = None
    """One plain line on what could not be read; ``None`` if all could."""

    @staticmethod
    def bare(name: str = "", width: int = 0, height: int = 0) -> VideoFacts:
        """Of what is no file, or not known yet: no more than a name and a size."""
        return VideoFacts(name, None, width, height, None, "", 0, None, None)


@dataclass(frozen=True, slots=True)
class Account:
    """What the reading of a file, or of a part of it, went like."""

    exhausted: bool
    """Whether the file was read to its end."""
    broke_off: bool
    """Whether reading had to stop because what follows makes no sense."""
    faults: int
    """How many places could not be decoded."""
    first_fault_s: float | None
    there_s: float
    """End of the last picture, seconds."""
    missing_s: float
    """Seconds between what was there of any track and the end that the file announces; 0 if that is nothing to speak of."""
    announced_s: float
    """End that the file announces, seconds."""

    @classmethod
    def of(cls, decoder: Decoder) -> Account:
        """Of a decoder, so far."""
        return cls(
            exhausted=decoder.exhausted,
            broke_off=decoder.broke_off,
            faults=decoder.faults,
            first_fault_s=decoder.first_fault_s,
            there_s=decoder.position_s + decoder.step_s,
            missing_s=_missing_s(decoder),
            announced_s=(_end_on_clock_s(decoder) or 0.0) - decoder.zero_s,
        )

    @classmethod
    def joined(cls, parts: Sequence[Account]) -> Account:
        """Of parts that follow each other."""
        first = next((p.first_fault_s for p in parts if p.first_fault_s is not None), None)
        return replace(parts[-1], faults=sum(p.faults for p in parts), first_fault_s=first)


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """A decoded picture that is to be measured, not converted yet."""

    time_s: float
    _picture: av.VideoFrame
    _maker: PictureMaker
    damaged: bool = False
    """Whether it, or one that it refers to, could not be decoded whole."""

    def image(self, max_side: int | None = None) -> ByteArray:
        """As in a frame: (H, W, 3) uint8 RGB; `max_side`: longest side, pixels, that of the source by default."""
        return self._maker.image(self._picture, max_side)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image by default."""
        return self._maker.size(self._picture)

    def grid(self) -> ByteArray:
        """As `posture.engine.image_quality.grey_grid`."""
        return self._maker.grid(self._picture)

    def grey(self, cells: int) -> FloatArray:
        """(rows, columns) float32: means of square cells, `cells` along the longer side."""
        return self._maker.grey(self._picture, cells)


class Filmed(Source):
    """A source of which facts are known once it is open."""

    _what = "file"

    def __init__(self, start_s: float) -> None:
        """`start_s`: media time to start at, seconds."""
        super().__init__()
        self._facts: VideoFacts | None = None
        self._position_s = start_s

    @property
    def facts(self) -> VideoFacts:
        """What is known so far; there from ``with`` on, and kept after it.

        Raises:
            RuntimeError: It was never opened.
        """
        if self._facts is None:
            raise RuntimeError(f"the facts are known once the {self._what} is open")
        return self._facts

    @property
    def position_s(self) -> float:
        """Media time of the last picture read, measured or not, seconds."""
        return self._position_s

    @property
    def duration_s(self) -> float | None:
        """Length of the whole recording, seconds, whatever start and end were asked for; ``None`` while that is not known."""
        return self.facts.duration_s


class VideoFile(Filmed):
    """Frames of a recorded video, at about ``rate_hz`` per second of media time.

    Times are the container's presentation times, counted from the first picture; so variable frame rates come out right. Pictures are
    turned upright and their pixels made square. Memory does not grow with the length of the file.

    Args:
        path: The file.
        rate_hz: Frames wanted per second; a slower recording gives all that it has, no frame comes twice.
        start_s: Media time to start at, seconds.
        end_s: Media time to stop before, seconds.
        max_side: Longest side of the images, pixels; larger pictures are scaled down, as pose networks need no more.
        continued: Start_s is the time of a key picture in the middle of what is read: pictures are picked as if the reading had begun
            earlier, so that parts that follow each other pick every moment once.
        followed: Likewise another part follows from end_s on.
        threads: Threads to decode with; 0: as many as it likes.
    """

    def __init__(
        self,
        path: Path | str,
        rate_hz: float = 5.0,
        start_s: float | None = None,
        end_s: float | None = None,
        *,
        max_side: int = 1280,
        continued: bool = False,
        followed: bool = False,
        threads: int = 0,
    ) -> None:
        """Nothing is opened before ``with``."""
        super().__init__(start_s or 0.0)
        self._path = Path(path)
        self._rate_hz = rate_hz
        self._start_s = start_s or 0.0
        self._end_s = end_s
        self._max_side = max_side
        self._continued, self._followed, self._threads = continued, followed, threads
        self._decoder: Decoder | None = None
        self._account: Account | None = None

    def _open(self) -> None:
        if self._start_s < 0 or (self._end_s is not None and self._end_s <= self._start_s):
            raise InputError(f"{self._path.name}: the end must come after the start, and the start not before 0 s")
        self._decoder = Decoder(self._path, self._rate_hz, self._threads)
        self._maker = PictureMaker(self._decoder.stream.sample_aspect_ratio, self._max_side)
        self._facts = _facts_of(self._path.name, self._decoder, self._maker)
        length_s = self._facts.duration_s
        if length_s is not None and self._start_s >= length_s:
            raise self._starts_too_late(length_s)

    @property
    def account(self) -> Account | None:
        """What the reading went like; ``None`` before its end."""
        return self._account

    def picked(self) -> Generator[Picked, None, None]:
        """The pictures to measure, decoded and not converted; instead of iterating, once. Close it before the source.

        Raises:
            RuntimeError: the source is not open.
            InputError: as when iterating.
        """
        decoder = self._decoder
        if decoder is None:
            raise RuntimeError("a source is read inside its with block")
        picker = self._picker(decoder)
        seen = False
        for time_s, picture in decoder.pictures(self._start_s):
            if self._end_s is not None and time_s >= self._end_s:
                break
            seen = True
            self._position_s = time_s
            if picker.wants(time_s):
                yield Picked(time_s, picture, self._maker)
        else:
            if not seen and not self._continued:
                raise self._starts_too_late(decoder.position_s)
        self._account = Account.of(decoder)
        self._facts = with_verdict(self.facts, self._account)

    def _frames(self) -> Generator[Frame, None, None]:
        for p in self.picked():
            yield Frame(p.time_s, p.image())

    def _picker(self, decoder: Decoder) -> FramePicker:
        until_s = self._end_s if self._followed and self._end_s is not None else math.inf
        if self._continued:
            return FramePicker.continued(self._rate_hz, self._start_s, decoder.step_s, until_s)
        return FramePicker(self._rate_hz, self._start_s, until_s)

    def _close(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _starts_too_late(self, length_s: float) -> InputError:
        return InputError(f"{self._path.name}: the start at {self._start_s:g} s is beyond its end at {length_s:.1f} s")


def _facts_of(name: str, decoder: Decoder, maker: PictureMaker) -> VideoFacts:
    picture, stream = decoder.first[1], decoder.stream
    width, height = maker.shown_size(picture)
    rate = stream.average_rate
    return VideoFacts(
        name=name,
        duration_s=_announced_s(decoder),
        width=width,
        height=height,
        fps=float(rate) if rate else None,
        codec=stream.codec_context.name,
        rotation_deg=Orientation.of(picture).clockwise_deg,
        frames=stream.frames or None,
        created=_creation_time(decoder.container.metadata.get("creation_time") or stream.metadata.get("creation_time")),
    )


def _end_on_clock_s(decoder: Decoder) -> float | None:
    """Where the container says that it ends, seconds of its own clock."""
    container, stream = decoder.container, decoder.stream
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        return float(stream.frames / stream.average_rate)  # libav shortens the length of one that breaks off, but not this count
    if container.duration is None or container.duration <= 0:
        return None
    return ((container.start_time or 0) + container.duration) / _AV_TIME_BASE


def _announced_s(decoder: Decoder) -> float | None:
    """Length from the first picture on, seconds, as the file announces it."""
    ends_s: list[float] = []
    container_end_s, stream = _end_on_clock_s(decoder), decoder.stream
    if container_end_s is not None:
        ends_s.append(container_end_s - decoder.zero_s)
    if stream.duration is not None and stream.time_base is not None:
        ends_s.append(float(((stream.start_time or 0) + stream.duration) * stream.time_base) - decoder.zero_s)
    return min((end_s for end_s in ends_s if end_s > 0), default=None)


def _creation_time(text: str | None) -> datetime | None:
    """An ISO 8601 time of a container's tags."""
    try:
        created = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if created.year < _EARLIEST_YEAR:
        return None
    return created if created.tzinfo else created.replace(tzinfo=UTC)


def with_verdict(facts: VideoFacts, account: Account) -> VideoFacts:
    """The facts once the reading is over: what really was there, and what was not."""
    if account.exhausted and (account.broke_off or account.missing_s > 0):
        of = f" of {account.announced_s:.1f} s" if account.announced_s > account.there_s else ""
        problem = f"breaks off at {account.there_s:.1f} s{of}; the part before was measured"
        return replace(facts, duration_s=account.there_s, truncated=True, problem=problem)
    if account.exhausted and facts.duration_s is None:
        facts = replace(facts, duration_s=account.there_s)
    if account.faults:
        more = f" and in {account.faults - 1} more places" if account.faults > 1 else ""
        facts = replace(facts, problem=f"damaged at {account.first_fault_s or 0.0:.1f} s{more}; what could not be decoded was left out")
    return facts


def _missing_s(decoder: Decoder) -> float:
    """Seconds between what was there of any track and the end that the container announces; 0 if that is nothing to speak of."""
    end_s = _end_on_clock_s(decoder)
    if end_s is None or not any(kind in decoder.container.format.name for kind in _TELL_THEIR_LENGTH):
        return 0.0
    missing_s = end_s - decoder.read_to_s
    allowed_s = 2 * decoder.step_s + (0.0 if decoder.faults else _UNNOTICED_S)
    return missing_s if missing_s > allowed_s else 0.0
