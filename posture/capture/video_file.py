"""A recorded video as a source of frames."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Self

from posture.capture.cropping import Crop
from posture.capture.decoder import Decoder
from posture.capture.decoding import BaseDecoder
from posture.capture.picking import FramePicker
from posture.capture.picture import PictureMaker, Shape, TimedPicture
from posture.engine import VideoSummary
from posture.errors import InputError
from posture.types import ByteArray, FloatArray, Frame

_UNNOTICED_S = 1.0  # a sound file's announced end may be this far off
_EARLIEST_YEAR = 1990  # cameras without a clock write 1904 or 1970


@dataclass(frozen=True, slots=True)
class VideoFacts(VideoSummary):
    """What is known of a recording; what only reading can tell is filled in at its end."""

    frames: int | None = None
    """Number of pictures by the file's own account."""
    created: datetime | None = None
    """When it was recorded, by the file's own account."""
    guess_s: float | None = None
    """Length by the timestamps at the file's ends, seconds; for a progress bar where duration_s is ``None``, and for nothing else."""

    @property
    def summary(self) -> VideoSummary:
        """What reports say of it."""
        return VideoSummary(**{f.name: getattr(self, f.name) for f in fields(VideoSummary)})

    @staticmethod
    def bare(name: str = "", width: int = 0, height: int = 0) -> VideoFacts:
        """Make facts of what is no file, or not known yet: no more than a name and a size."""
        return VideoFacts(name, None, width, height, None, "")


@dataclass(frozen=True, slots=True)
class DecodeReport:
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

    notes: tuple[str, ...] = ()
    """As in `VideoSummary`."""
    fps: float | None = None
    """Pictures per second, as far as that came out."""
    lost_s: float = 0.0
    """Length of the pictures that are gone from the middle of an AVI file, seconds: what follows them is timed so much too early."""

    @classmethod
    def of(cls, decoder: BaseDecoder) -> DecodeReport:
        """Make the facts of a decoder, so far."""
        missing_s = _missing_s(decoder)
        lost = decoder.announced.ending.whole and "avi" in decoder.container.format.name
        return cls(
            exhausted=decoder.exhausted,
            broke_off=decoder.broke_off or decoder.announced.ending.cut,
            faults=decoder.faults,
            first_fault_s=decoder.first_fault_s,
            there_s=decoder.end_s,
            missing_s=0.0 if lost else missing_s,
            announced_s=(decoder.announced.end_s or 0.0) - decoder.zero_s,
            notes=decoder.notes,
            fps=decoder.fps,
            lost_s=missing_s if lost else 0.0,
        )

    @classmethod
    def joined(cls, parts: Sequence[DecodeReport]) -> DecodeReport:
        """Make the facts of parts that follow each other."""
        first = next((p.first_fault_s for p in parts if p.first_fault_s is not None), None)
        notes = tuple(dict.fromkeys(note for p in parts for note in p.notes))
        return replace(parts[-1], faults=sum(p.faults for p in parts), first_fault_s=first, notes=notes)


@dataclass(frozen=True, slots=True, eq=False)
class PickedPicture:
    """A decoded picture that is to be measured, not converted yet."""

    time_s: float
    damaged: bool
    """It could not be decoded whole, or is built on one that could not: what it shows cannot be relied upon."""
    unchanged: bool
    """It was not decoded, as nothing moved: what it shows is the last key picture."""
    _decoded: TimedPicture
    _shape: Shape
    _maker: PictureMaker

    def image(self, max_side: int | None = None) -> ByteArray:
        """As in a frame: (H, W, 3) uint8 RGB; `max_side`: longest side, pixels, that of the source by default."""
        return self._maker.image(self._decoded.picture, self._shape, max_side)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image by default."""
        return self._maker.size(self._decoded.picture, self._shape)

    def grid(self) -> ByteArray:
        """As `posture.engine.image_quality.grey_grid`."""
        return self._maker.grid(self._decoded.picture, self._shape)

    def grey(self, cells: int) -> FloatArray:
        """Return (rows, columns) float32: means of square cells, `cells` along the longer side."""
        return self._maker.grey(self._decoded.picture, self._shape, cells)


class VideoSource(ABC):
    """Frames of one recording or stream, to be read once, inside ``with``; facts are known once it is open.

    Times rise strictly; images are contiguous (H, W, 3) uint8 RGB, upright, with square pixels. Leaving the ``with`` block lets go of
    the file, however far the reading got; frames already handed out stay valid.

    Args:
        rate_hz: Frames wanted per second.
        start_s: Media time to start at, seconds.
        end_s: Media time to stop before, seconds.
        max_side: Longest side of the images, pixels; larger pictures are scaled down, as pose networks need no more.
        rotate_deg: Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves.
        crop: The part of the upright picture that is measured; ``None``: all of it.
    """

    _what = "file"

    def __init__(
        self, rate_hz: float, start_s: float | None, end_s: float | None, max_side: int, rotate_deg: int, crop: Crop | None
    ) -> None:
        """Nothing is opened before ``with``."""
        self._running: Generator[Frame, None, None] | None = None
        self._rate_hz = rate_hz
        self._start_s, self._end_s = start_s or 0.0, end_s
        self._maker = PictureMaker(max_side, rotate_deg, crop)
        self._decoder: BaseDecoder | None = None
        self._pictures: Iterator[TimedPicture] = iter(())
        self._account: DecodeReport | None = None
        self._facts: VideoFacts | None = None
        self._position_s = self._start_s

    @abstractmethod
    def _open(self) -> None:
        """Open the decoder, and learn the facts; raise `posture.errors.InputError` if that fails."""

    def __enter__(self) -> Self:
        """Open the source.

        Raises:
            InputError: It cannot be read.
        """
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close the source."""
        self.close()

    def close(self) -> None:
        """Let go of the file; harmless when done already."""
        if self._running is not None:
            self._running.close()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def __iter__(self) -> Iterator[Frame]:
        """Read the frames.

        Raises:
            RuntimeError: The source is not open, or was read already.
            InputError: The source fails in a way that leaves nothing to be used.
        """
        if self._decoder is None:
            raise RuntimeError("a source is read inside its with block")
        if self._running is not None:
            raise RuntimeError("a source is read once")
        self._running = (Frame(p.time_s, p.image()) for p in self.picked())
        return self._running

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
    def account(self) -> DecodeReport | None:
        """What the reading went like; ``None`` before its end."""
        return self._account

    @property
    def position_s(self) -> float:
        """Media time of the last picture read, measured or not, seconds."""
        return self._position_s

    @property
    def duration_s(self) -> float | None:
        """Length of the whole recording, seconds, whatever start and end were asked for; ``None`` while that is not known."""
        return self.facts.duration_s

    def picked(self) -> Generator[PickedPicture, None, None]:
        """Yield the pictures to measure, decoded and not converted; instead of iterating, once. Close it before the source.

        Raises:
            RuntimeError: The source is not open.
            InputError: As when iterating.
        """
        decoder = self._decoder
        if decoder is None:
            raise RuntimeError("a source is read inside its with block")
        picker = self._picker(decoder)
        decoder.wants = lambda time_s: copy(picker).wants(time_s)
        for p in self._pictures:
            if self._end_s is not None and p.time_s >= self._end_s:
                break
            self._position_s = p.time_s
            if picker.wants(p.time_s):
                yield PickedPicture(p.time_s, p.damaged, p.unchanged, p, self._maker.shown(p.shape), self._maker)
        self._account = DecodeReport.of(decoder)
        self._facts = with_verdict(self.facts, self._account)

    def _picker(self, decoder: BaseDecoder) -> FramePicker:  # noqa: ARG002 # who continues another part needs it
        return FramePicker(self._rate_hz, self._start_s)


class VideoFile(VideoSource):
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
        fps: Pictures per second of a recording that carries no times; ``None``: by its own account, else 25.
        rotate_deg: Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves.
        crop: The part of the upright picture that is measured; ``None``: all of it.
        skip_still: Leave stretches undecoded in which nothing moves, as `posture.capture.Decoder` does.
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
        fps: float | None = None,
        rotate_deg: int = 0,
        crop: Crop | None = None,
        skip_still: bool = False,
    ) -> None:
        """Nothing is opened before ``with``."""
        super().__init__(rate_hz, start_s, end_s, max_side, rotate_deg, crop)
        self._path, self._skip_still = Path(path), skip_still
        self._continued, self._followed = continued, followed
        self._threads, self._fps = threads, fps

    def _open(self) -> None:
        if self._start_s < 0 or (self._end_s is not None and self._end_s <= self._start_s):
            raise InputError(f"{self._path.name}: the end must come after the start, and the start not before 0 s")
        decoder = self._decoder = Decoder(self._path, self._rate_hz, self._threads, self._fps, skip_still=self._skip_still)
        self._facts = facts_of(decoder, self._maker)
        self._pictures = decoder.pictures(self._start_s)
        if not self._continued:
            self._pictures = self._some(decoder, self._pictures)
        length_s = self._facts.duration_s
        if length_s is not None and self._start_s >= length_s:  # what is there decides, not what is announced
            self._pictures = chain([next(self._pictures)], self._pictures)

    def _some(self, decoder: BaseDecoder, pictures: Iterator[TimedPicture]) -> Iterator[TimedPicture]:
        """Yield the same pictures.

        Raises:
            InputError: there are none.
        """
        first = next(pictures, None)
        if first is None:
            raise InputError(f"{decoder.name}: the start at {self._start_s:g} s is beyond its end at {decoder.end_s:.1f} s")
        yield first
        yield from pictures

    def _picker(self, decoder: BaseDecoder) -> FramePicker:  # who continues another part needs it
        until_s = self._end_s if self._followed and self._end_s is not None else math.inf
        if self._continued:
            return FramePicker.continued(self._rate_hz, self._start_s, decoder.step_s, until_s)
        return FramePicker(self._rate_hz, self._start_s, until_s)


def facts_of(decoder: BaseDecoder, maker: PictureMaker) -> VideoFacts:
    """Tell what is known of a recording once its first picture is decoded.

    Raises:
        InputError: the part of the picture that is to be measured lies outside it.
    """
    first, stream = decoder.first, decoder.stream
    shape = maker.shown(first.shape)
    width, height = maker.shown_size(first.picture, shape)
    if maker.crop is not None and not maker.crop.fits(width, height):
        words = f"the crop {maker.crop} reaches outside the picture, which is {width} \N{MULTIPLICATION SIGN} {height} pixels"
        raise InputError(f"{decoder.name}: {words}")
    guessed_s = decoder.announced.guessed_end_s
    return VideoFacts(
        name=decoder.name,
        duration_s=decoder.announced.length_s(decoder.zero_s),
        width=width,
        height=height,
        fps=decoder.fps,
        codec=stream.codec_context.name,
        rotation_deg=shape.turn.clockwise_deg,
        crop_px=maker.kept(first.picture, shape),
        frames=stream.frames or None,
        created=_creation_time(decoder.container.metadata.get("creation_time") or stream.metadata.get("creation_time")),
        notes=decoder.notes,
        guess_s=None if guessed_s is None or guessed_s <= decoder.zero_s else guessed_s - decoder.zero_s,
    )


def _creation_time(text: str | None) -> datetime | None:
    """Return an ISO 8601 time of a container's tags."""
    try:
        created = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if created.year < _EARLIEST_YEAR:
        return None
    return created if created.tzinfo else created.replace(tzinfo=UTC)


def with_verdict(facts: VideoFacts, account: DecodeReport) -> VideoFacts:
    """Return the facts once the reading is over: what really was there, and what was not."""
    facts = replace(facts, notes=account.notes, fps=account.fps or facts.fps)
    if account.exhausted:
        facts = replace(facts, duration_s=account.there_s)
    if account.exhausted and (account.broke_off or account.missing_s > 0):
        of = f" of {account.announced_s:.1f} s" if account.announced_s > account.there_s else ""
        return replace(facts, truncated=True, problem=f"breaks off at {account.there_s:.1f} s{of}; the part before was measured")
    if account.exhausted and account.lost_s > 0:
        lost = f"{account.lost_s:.1f} s of pictures are missing from the middle of the file, so what follows is timed that much too early."
        facts = replace(facts, notes=(*facts.notes, lost))
    if account.faults:
        more = f" (the first of {account.faults} places)" if account.faults > 1 else ""
        facts = replace(facts, problem=f"damaged at {account.first_fault_s or 0.0:.1f} s{more}; the affected pictures count as not seen")
    return facts


def _missing_s(decoder: BaseDecoder) -> float:
    """Return seconds between what was there of any track and the end that the container announces; 0 if that is nothing to speak of."""
    end_s = decoder.announced.end_s
    if end_s is None:
        return 0.0
    missing_s = end_s - decoder.read_to_s
    surely = decoder.faults or decoder.announced.ending.whole  # else a sound track may be what is longer
    allowed_s = 2 * decoder.step_s + (0.0 if surely else _UNNOTICED_S)
    return missing_s if missing_s > allowed_s else 0.0
