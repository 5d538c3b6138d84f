"""A recording in parts: where it is cut, and how one part is measured by itself.

The parts of a file depend on the file alone, never on how many processes share the work, and every part is measured from its first
picture to its last as if it were alone. So any number of processes gives the same readings. What has to be carried from part to
part (who is measured, whether there is a cut) is reported with the part and settled by who puts the parts together.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from posture.engine.sampling import RECORDED, SamplingPlan
from posture.kinematics.sample import PoseSample
from posture.landmarks import PoseFinder
from posture.model import ByteArray, Pose
from posture.person import Choice, PersonLock
from posture.pose_sampler import Picture, PoseSampler
from posture.sample_rows import Rows, rows_of
from posture.sources.ahead import ahead
from posture.sources.decoder import Decoder
from posture.sources.streamed import Streamed
from posture.sources.video_file import Account, VideoFacts, VideoFile

_WOUND = ("mov", "matroska", "avi")  # these have an index of their key pictures
_SHORTEST_S, _LONGEST_S, _PARTS, _FEWEST = 30.0, 300.0, 16, 3
_MOST = 10_000
"""Parts: five weeks at the longest. Who announces more (a damaged header does) is not wound through."""
_AHEAD = 4
DECODER_THREADS = 1
"""Of a recording that is measured: finding poses takes longer than decoding, and several threads lose other pictures of a damaged file."""


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
    keep_poses: bool = False
    lock: PersonLock | None = None
    """Who was measured before; ``None``: whoever is there first."""
    fps: float | None = None
    """Pictures per second of a recording that carries no times; ``None``: by its own account, else 25."""
    rotate_deg: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves."""
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
    fps: float | None = None
    """As in a `Task`."""
    rotate_deg: int = 0


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
            if key_s is None:  # from here on, its times are not those of its clock
                break
            before_s = found[-1] if found else first_s
            if before_s + part_s / 2 <= key_s <= last_s - part_s / 2:
                found.append(key_s)
    return found


def survey(wanted: Survey) -> Surveyed:
    """Open a recording, and see where it is to be cut.

    Raises:
        InputError: it cannot be read.
    """
    with VideoFile(wanted.video, wanted.rate_hz, wanted.start_s, wanted.end_s, fps=wanted.fps, rotate_deg=wanted.rotate_deg) as source:
        facts = source.facts
    return Surveyed(facts, tuple(cuts(wanted.video, facts, wanted.start_s, wanted.end_s, wanted.part_s)))


class Finders:
    """Has the pose finder that a task needs, and keeps it for the next task: loading one costs as much as ten looks."""

    def __init__(self) -> None:
        """None is loaded."""
        self._open: dict[tuple[Path, Choice], PoseFinder] = {}

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
        key = (task.model, task.person)
        if key not in self._open:
            self._open[key] = PoseFinder(task.model, person=task.person)
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
        threads=DECODER_THREADS,
        fps=task.fps,
        rotate_deg=task.rotate_deg,
    )
    with ExitStack() as stack:
        stack.enter_context(source)
        finder = finders.get(task)
        picked = stack.enter_context(closing(source.picked()))
        pictures = stack.enter_context(ahead(picked, _AHEAD))
        sampler = PoseSampler(finder, plan_of(task.adaptive), task.lock)
        yield from _batches(sampler, pictures, task.keep_poses, batch_s)
        yield Ended(sampler.lock, sampler.forgot, sampler.thumbnail, source.facts, source.account)


def measure_source(source: Streamed, task: Task) -> Generator[Message, None, None]:
    """Measure what comes by a pipe or stream, reading by reading. Raises as `measure`."""
    with source, Finders() as finders:
        finder = finders.get(task)
        sampler = PoseSampler(finder, plan_of(task.adaptive))
        yield from _batches(sampler, source.picked(), task.keep_poses, 0.0)
        yield Ended(sampler.lock, sampler.forgot, sampler.thumbnail, source.facts, None)


def plan_of(adaptive: bool) -> SamplingPlan | None:
    """How often a recording is looked at."""
    return RECORDED if adaptive else None


def _batches(sampler: PoseSampler, pictures: Iterable[Picture], keep_poses: bool, batch_s: float) -> Iterator[Message]:
    """What the pictures give, soon after it is there."""
    met = entered = False
    samples: list[PoseSample] = []
    poses: list[Pose] = []
    sent_s = time.monotonic()
    for sample, pose in sampler.samples(pictures):
        samples.append(sample)
        if keep_poses and pose is not None:
            poses.append(pose)
        if not entered:
            entered = True
            yield Entered(sampler.thumbnail)
        if not met and (lock := sampler.lock).place is not None:
            met = True
            yield Met(lock, sample.time_s)
        if time.monotonic() - sent_s >= batch_s:
            yield _batch(samples, poses)
            samples, poses, sent_s = [], [], time.monotonic()
    if samples:
        yield _batch(samples, poses)


def _batch(samples: list[PoseSample], poses: list[Pose]) -> Batch:
    return Batch(rows_of(samples), tuple(poses), sum(not s.carried_forward for s in samples))
