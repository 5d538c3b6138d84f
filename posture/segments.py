"""A recording in parts: where it is cut, and how one part is measured by itself.

The parts of a file depend on the file alone, never on how many processes share the work, and every part is measured from its first
picture to its last as if it were alone. So any number of processes gives the same readings. What has to be carried from part to
part (who is measured, whether there is a cut) is reported with the part and settled by who puts the parts together.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from posture.kinematics.meter import Seen, reduce
from posture.landmarks import PoseFinder
from posture.model import ByteArray, FloatArray, Frame, Observation, Pose
from posture.pacing import small
from posture.person import Choice, PersonLock, place_of
from posture.seen_rows import Rows, repeated, rows_of, scaled
from posture.sources.ahead import ahead
from posture.sources.decoder import Decoder
from posture.sources.streamed import Streamed
from posture.sources.video_file import Account, VideoFacts, VideoFile
from posture.thrift import CELLS, Thrift
from posture.tracking import TrackingFinder

_WOUND = ("mov", "matroska", "avi")  # these have an index of their key pictures
_SHORTEST_S, _LONGEST_S, _PARTS, _FEWEST = 30.0, 300.0, 16, 3
_MOST = 10_000
"""Parts: five weeks at the longest. Who announces more (a damaged header does) is not wound through."""
_SIDE = 640
"""Longest side of the pictures that are looked at, pixels; the networks see 224 and 256 of them."""
_LEAST_PX_PER_M = 120.0
"""A person who appears smaller is looked at in larger pictures: the landmark network would see fewer than its 256 pixels."""
_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Task:
    """How one part of a recording is to be measured."""

    video: Path
    model: Path
    rate_hz: float
    start_s: float | None = None
    end_s: float | None = None
    continued: bool = False
    """Whether another part comes before."""
    followed: bool = False
    """Whether another part comes after."""
    person: Choice = Choice.MAIN
    adaptive: bool = False
    """Look less often while nothing changes."""
    tracked: bool = True
    """Follow the person from frame to frame; otherwise every frame stands for itself, as live."""
    keep_poses: bool = False
    threads: int = 0
    """To decode with; 0: as many as libav likes."""
    lock: PersonLock | None = None
    """Who was measured before; ``None``: whoever is there first."""
    size: tuple[int, int] | None = None
    """(width, height) of the recording's pictures, pixels, to tell of it; ``None``: not known."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be found out of a recording before it is measured."""

    video: Path
    rate_hz: float
    start_s: float | None
    end_s: float | None
    part_s: float | None
    """Length of a part, about; ``None``: by the length of the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """What is known of a recording before it is measured, and where it is cut."""

    facts: VideoFacts
    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some readings of a part, in order."""

    rows: Rows
    poses: tuple[Pose, ...]
    """Of the readings with a person, without masks, if they are to be kept."""
    looks: int
    """How many of the readings are not held."""


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """What the first picture of a part shows."""

    thumb: ByteArray | None


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """Who is measured, at the first sight of somebody in a part."""

    lock: PersonLock
    time_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """The end of a part."""

    lock: PersonLock
    forgot: bool
    """Whether there was a cut in it, at which who was measured was forgotten."""
    thumb: ByteArray | None
    facts: VideoFacts
    account: Account | None


Message = Entered | Met | Batch | Ended


def cuts(video: Path, facts: VideoFacts, start_s: float | None, end_s: float | None, length_s: float | None = None) -> list[float]:
    """Where a recording is cut, seconds: times of key pictures at about equal distances; none in a short one, or one that cannot be wound.

    Args:
        video: the file.
        facts: what is known of it.
        start_s: of what is to be measured.
        end_s: of what is to be measured.
        length_s: of a part, about; by default a sixteenth of the whole, from 30 s to 5 min.

    Raises:
        InputError: the file cannot be read.
    """
    if facts.duration_s is None:
        return []
    first_s, last_s = start_s or 0.0, facts.duration_s if end_s is None else min(end_s, facts.duration_s)
    part_s = length_s or min(_LONGEST_S, max(_SHORTEST_S, (last_s - first_s) / _PARTS))
    count = round((last_s - first_s) / part_s)
    found: list[float] = []
    if not _FEWEST <= count <= _MOST:
        return found
    decoder = Decoder(video, threads=1)
    with closing(decoder):
        if not any(kind in decoder.container.format.name for kind in _WOUND):
            return found
        for i in range(1, count):
            key_s = decoder.key_time(first_s + i * part_s)
            before_s = found[-1] if found else first_s
            if key_s is not None and before_s + part_s / 2 <= key_s <= last_s - part_s / 2:
                found.append(key_s)
    return found


def survey(wanted: Survey) -> Surveyed:
    """Open a recording, and see where it is to be cut.

    Raises:
        InputError: it cannot be read.
    """
    with VideoFile(wanted.video, wanted.rate_hz, wanted.start_s, wanted.end_s) as source:
        facts = source.facts
    return Surveyed(facts, tuple(cuts(wanted.video, facts, wanted.start_s, wanted.end_s, wanted.part_s)))


class Finders:
    """Has the pose finder that a task needs, and keeps it for the next task: loading one costs as much as ten looks."""

    def __init__(self) -> None:
        """None is loaded."""
        self._open: dict[tuple[Path, Choice, bool], PoseFinder] = {}

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close them."""
        for finder in self._open.values():
            finder.close()
        self._open.clear()

    def get(self, task: Task) -> PoseFinder:
        """The finder for a task, as if it were new; for the thread that asked first."""
        key = (task.model, task.person, task.tracked)
        if key not in self._open:
            kind = TrackingFinder if task.tracked else PoseFinder
            self._open[key] = kind(task.model, person=task.person)
        self._open[key].renew()
        return self._open[key]


def measure(task: Task, finders: Finders, batch_s: float = 0.5) -> Generator[Message, None, None]:
    """Measure one part: what its first picture shows, whom it meets first, its readings in batches, and its end.

    Args:
        task: what to measure.
        finders: where the pose finder comes from.
        batch_s: seconds of work between two batches.

    Raises:
        InputError: the file cannot be read.
        ModelError: the pose weights cannot be loaded.
    """
    source = VideoFile(
        task.video,
        task.rate_hz,
        task.start_s,
        task.end_s,
        continued=task.continued,
        followed=task.followed,
        threads=task.threads,
    )
    with ExitStack() as stack:
        stack.enter_context(source)
        finder = finders.get(task)
        picked = stack.enter_context(closing(source.picked()))
        pictures = stack.enter_context(ahead(picked, _AHEAD))
        looking = Looking(finder, adaptive=task.adaptive, lock=task.lock)
        yield from _batches(looking, pictures, task.keep_poses, batch_s)
        yield Ended(looking.lock, looking.forgot, finder.thumb, source.facts, source.account)


def measure_source(source: Streamed, task: Task) -> Generator[Message, None, None]:
    """Measure what comes by a pipe or stream, reading by reading. Raises as `measure`."""
    with source, Finders() as finders:
        finder = finders.get(task)
        looking = Looking(finder, adaptive=task.adaptive)
        yield from _batches(looking, (Ready(frame) for frame in source), task.keep_poses, 0.0)
        yield Ended(looking.lock, looking.forgot, finder.thumb, source.facts, None)


class Picture(Protocol):
    """A picture that is converted only if it is looked at; ``sources.video_file.Picked`` is one."""

    @property
    def time_s(self) -> float:
        """Seconds."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) to which landmarks refer, pixels."""

    def image(self, max_side: int | None = None) -> ByteArray:
        """(H, W, 3) uint8 RGB."""

    def grey(self, cells: int) -> FloatArray:
        """(rows, columns) float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A frame that is converted already, as a picture."""

    frame: Frame

    @property
    def time_s(self) -> float:
        """Seconds."""
        return self.frame.time_s

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        height, width = self.frame.image.shape[:2]
        return width, height

    def image(self, max_side: int | None = None) -> ByteArray:  # noqa: ARG002 # it has the size that it has
        """(H, W, 3) uint8 RGB."""
        return self.frame.image

    def grey(self, cells: int) -> FloatArray:  # noqa: ARG002 # about 80 along the longer side
        """(rows, columns) float32."""
        return small(self.frame.image)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One reading: what was seen, whether it was held, and the pose without its mask. Pixels are those of ``Picture.size``."""

    seen: Seen
    held: bool
    pose: Pose | None


class Looking:
    """Looks at pictures in order of time, no more closely than needed. For one thread."""

    def __init__(self, finder: PoseFinder, *, adaptive: bool, lock: PersonLock | None = None) -> None:
        """Nothing was seen; `lock`: who was measured before, in pixels of ``Picture.size``."""
        self._finder, self._lock = finder, lock
        self._thrift = Thrift() if adaptive else None
        self._side: int | None = _SIDE
        self._factor = 1.0
        """Pixels of ``Picture.size`` per pixel of the pictures that are looked at."""
        self._last: Look | None = None
        self.forgot = False
        """Whether there was a cut."""

    @property
    def lock(self) -> PersonLock:
        """Who is measured, in pixels of ``Picture.size``."""
        return self._finder.lock.scaled(self._factor)

    @property
    def thumb(self) -> ByteArray | None:
        """The last picture that was looked at, very small."""
        return self._finder.thumb

    def at(self, picture: Picture) -> Look:
        """The reading of this picture."""
        last = self._last
        if self._thrift is not None and not self._thrift.due(picture.time_s, picture.grey(CELLS)) and last is not None:
            pose = None if last.pose is None else replace(last.pose, time_s=picture.time_s)
            return Look(repeated(last.seen, picture.time_s), True, pose)
        observation = self._find(picture)
        seen = scaled(reduce(observation), self._factor, *picture.size)
        if self._thrift is not None:
            self._thrift.looked(seen, observation.pose)
        self.forgot = self.forgot or seen.cut
        self._last = Look(seen, False, _without_mask(observation.pose, self._factor, picture.size))
        return self._last

    def _find(self, picture: Picture) -> Observation:
        known = None if self._lock is None else self._lock.place
        if known is not None and known.px_per_m * _SIDE < _LEAST_PX_PER_M * max(picture.size):
            self._side = None
        seen = self._find_at(picture)
        shrunk = self._side is not None and self._factor > 1.0
        if shrunk and seen.pose is not None and place_of(seen.pose).px_per_m < _LEAST_PX_PER_M:
            self._side = None
            return replace(self._find_at(picture), cut=seen.cut)
        return seen

    def _find_at(self, picture: Picture) -> Observation:
        image = picture.image(self._side)
        self._refer(picture, image)
        return self._finder.find(Frame(picture.time_s, image))

    def _refer(self, picture: Picture, image: ByteArray) -> None:
        """Keep who is measured in the pixels of the picture that is looked at."""
        before, self._factor = self._factor, max(picture.size) / max(image.shape[:2])
        if self._lock is not None:
            self._finder.lock = self._lock.scaled(1.0 / self._factor)
            self._lock = None
        elif before != self._factor:
            self._finder.lock = self._finder.lock.scaled(before / self._factor)


def _without_mask(pose: Pose | None, factor: float, size: tuple[int, int]) -> Pose | None:
    if pose is None:
        return None
    return replace(pose, image_xyz=pose.image_xyz * factor if factor != 1.0 else pose.image_xyz, width=size[0], height=size[1], mask=None)


def _batches(looking: Looking, pictures: Iterator[Picture], keep_poses: bool, batch_s: float) -> Iterator[Message]:
    """What the pictures give, soon after it is there."""
    met = entered = False
    waiting: list[Look] = []
    sent_s = time.monotonic()
    for picture in pictures:
        look = looking.at(picture)
        waiting.append(look)
        if not entered:
            entered = True
            yield Entered(looking.thumb)
        if not met and (lock := looking.lock).place is not None:
            met = True
            yield Met(lock, look.seen.time_s)
        if time.monotonic() - sent_s >= batch_s:
            yield _batch(waiting, keep_poses)
            waiting, sent_s = [], time.monotonic()
    if waiting:
        yield _batch(waiting, keep_poses)


def _batch(looks: list[Look], keep_poses: bool) -> Batch:
    poses = tuple(x.pose for x in looks if x.pose is not None) if keep_poses else ()
    return Batch(rows_of((x.seen, x.held) for x in looks), poses, sum(not x.held for x in looks))
