"""A recorded video as a source of frames."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from posture.model import Frame, InputError
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


class VideoFile(Source):
    """Frames of a recorded video, at about ``rate_hz`` per second of media time.

    Times are the container's presentation times, counted from the first picture; so variable frame rates come out right. Pictures are
    turned upright and their pixels made square. Memory does not grow with the length of the file.

    Args:
        path: The file.
        rate_hz: Frames wanted per second; a slower recording gives all that it has, no frame comes twice.
        start_s: Media time to start at, seconds.
        end_s: Media time to stop before, seconds.
        max_side: Longest side of the images, pixels; larger pictures are scaled down, as pose networks need no more.
    """

    def __init__(
        self, path: Path | str, rate_hz: float = 5.0, start_s: float | None = None, end_s: float | None = None, *, max_side: int = 1280
    ) -> None:
        """Nothing is opened before ``with``."""
        super().__init__()
        self._path = Path(path)
        self._rate_hz = rate_hz
        self._start_s = start_s or 0.0
        self._end_s = end_s
        self._max_side = max_side
        self._decoder: Decoder | None = None
        self._facts: VideoFacts | None = None
        self._position_s = self._start_s

    @property
    def facts(self) -> VideoFacts:
        """What is known of the recording so far; there from ``with`` on, and kept after it.

        Raises:
            RuntimeError: The file was never opened.
        """
        if self._facts is None:
            raise RuntimeError("the facts are known once the file is open")
        return self._facts

    @property
    def position_s(self) -> float:
        """Media time of the last picture read, measured or not, seconds."""
        return self._position_s

    @property
    def duration_s(self) -> float | None:
        """Length of the whole recording, seconds, whatever start and end were asked for."""
        return self.facts.duration_s

    def _open(self) -> None:
        if self._start_s < 0 or (self._end_s is not None and self._end_s <= self._start_s):
            raise InputError(f"{self._path.name}: the end must come after the start, and the start not before 0 s")
        self._decoder = Decoder(self._path, self._rate_hz)
        self._maker = PictureMaker(self._decoder.stream.sample_aspect_ratio, self._max_side)
        self._facts = _facts_of(self._path.name, self._decoder, self._maker)
        length_s = self._facts.duration_s
        if length_s is not None and self._start_s >= length_s:
            raise self._starts_too_late(length_s)

    def _frames(self) -> Generator[Frame, None, None]:
        decoder = self._decoder
        assert decoder is not None
        picker = FramePicker(self._rate_hz, self._start_s)
        seen = False
        for time_s, picture in decoder.pictures(self._start_s):
            if self._end_s is not None and time_s >= self._end_s:
                break
            seen = True
            self._position_s = time_s
            if picker.wants(time_s):
                yield Frame(time_s, self._maker.image(picture))
        else:
            if not seen:
                raise self._starts_too_late(decoder.position_s)
        self._facts = _with_verdict(self.facts, decoder)

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


def _with_verdict(facts: VideoFacts, decoder: Decoder) -> VideoFacts:
    """The facts once the reading is over: what really was there, and what was not."""
    there_s = decoder.position_s + decoder.step_s
    if decoder.exhausted and (decoder.broke_off or _missing_s(decoder) > 0):
        announced_s = (_end_on_clock_s(decoder) or 0.0) - decoder.zero_s
        of = f" of {announced_s:.1f} s" if announced_s > there_s else ""
        problem = f"breaks off at {there_s:.1f} s{of}; the part before was measured"
        return replace(facts, duration_s=there_s, truncated=True, problem=problem)
    if decoder.exhausted and facts.duration_s is None:
        facts = replace(facts, duration_s=there_s)
    if decoder.faults:
        more = f" and in {decoder.faults - 1} more places" if decoder.faults > 1 else ""
        facts = replace(facts, problem=f"damaged at {decoder.first_fault_s or 0.0:.1f} s{more}; what could not be decoded was left out")
    return facts


def _missing_s(decoder: Decoder) -> float:
    """Seconds between what was there of any track and the end that the container announces; 0 if that is nothing to speak of."""
    end_s = _end_on_clock_s(decoder)
    if end_s is None or not any(kind in decoder.container.format.name for kind in _TELL_THEIR_LENGTH):
        return 0.0
    missing_s = end_s - decoder.read_to_s
    allowed_s = 2 * decoder.step_s + (0.0 if decoder.faults else _UNNOTICED_S)
    return missing_s if missing_s > allowed_s else 0.0
