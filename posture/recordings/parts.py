"""A recording in parts: where it is cut, and how one part is measured by itself.

The parts of a file depend on the file alone, never on how many processes share the work, and every part is measured from its first
picture to its last as if it were alone. So any number of processes gives the same readings. What has to be carried from part to
part (who is measured, whether there is a cut) is reported with the part and resolved in `posture.recordings.merging`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from posture.capture import Crop, Decoder, DecodeReport, Streamed, VideoFacts, VideoFile, ahead
from posture.engine import RECORDED, Rows, SamplingPlan, rows_of
from posture.pose import Choice, PersonLock, PoseFinder, PoseSampler, SourcePicture
from posture.types import ByteArray, Pose

_SEEKABLE = ("mov", "matroska", "avi")  # these have an index of their key pictures
_SHORTEST_S, _LONGEST_S, _PARTS, _FEWEST = 30.0, 300.0, 16, 3
_MOST = 10_000
"""Parts: five weeks at the longest. A file that announces more (a damaged header does) is not cut."""
_AHEAD = 2
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
    """Measure less often while nothing changes."""
    keep_poses: bool = False
    lock: PersonLock | None = None
    """Who was measured before; ``None``: whoever is there first."""
    fps: float | None = None
    """Pictures per second of a recording that carries no times; ``None``: by its own account, else 25."""
    rotate_deg: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves."""
    crop: Crop | None = None
    """The part of the upright picture that is measured; ``None``: all of it."""
    size: tuple[int, int] | None = None
    """(width, height) of the recording's pictures, pixels, for error messages; ``None``: not known."""
    number: int = 0
    """The part's place among those of the recording."""

    @property
    def label(self) -> str:
        """The recording, and the size of its pictures if it is known."""
        return self.video.name if self.size is None else f"{self.video.name} ({self.size[0]} \N{MULTIPLICATION SIGN} {self.size[1]})"


@dataclass(slots=True, eq=False)
class PartEnd:
    """The end of a part that was measured whole."""

    lock: PersonLock
    forgot: bool
    """Whether there was a cut in it, at which who was measured was forgotten."""
    thumb: ByteArray | None
    facts: VideoFacts
    account: DecodeReport | None


@dataclass(slots=True, eq=False)
class MeasuredPart:
    """One part of a recording, as far as it is measured."""

    task: Task
    thumb: ByteArray | None = None
    """Of its first picture."""
    met: tuple[PersonLock, float] | None = None
    """The first person in it, and when, seconds."""
    rows: list[Rows] = field(default_factory=list)
    """Its readings, in order."""
    poses: list[Pose] = field(default_factory=list)
    """Of the readings with a person, without masks, if they are to be kept."""
    end: PartEnd | None = None
    """``None`` if it was stopped before."""
    machine: str = ""
    """Where it was measured, if that was elsewhere."""

    def fill(
        self, sampler: PoseSampler, pictures: Iterable[SourcePicture], note: Callable[[float], None], stopped: Callable[[], bool]
    ) -> bool:
        """Add what the pictures give; return whether it was not stopped.

        Args:
            sampler: finds the person.
            pictures: in order of time.
            note: receives the seconds that are measured.
            stopped: asked after each reading.
        """
        for sample, pose in sampler.samples(pictures):
            if not self.rows:
                self.thumb = sampler.thumbnail
            if self.met is None and (lock := sampler.lock).place is not None:
                self.met = lock, sample.time_s
            self.rows.append(rows_of([sample]))
            self.poses += [pose] if self.task.keep_poses and pose is not None else []
            note(sample.time_s - (self.task.start_s or 0.0))
            if stopped():
                return False
        return True


def cuts(video: Path, facts: VideoFacts, start_s: float | None, end_s: float | None, length_s: float | None = None) -> list[float]:
    """Return where to cut a recording, seconds: at key pictures about equally far apart; nowhere in a short or an unseekable one.

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
        if not any(kind in decoder.container.format.name for kind in _SEEKABLE):
            return found
        for i in range(1, count):
            key_s = decoder.key_time(first_s + i * part_s)
            if key_s is None:  # from here on, its times are not those of its clock
                break
            before_s = found[-1] if found else first_s
            if before_s + part_s / 2 <= key_s <= last_s - part_s / 2:
                found.append(key_s)
    return found


def survey(task: Task, part_s: float | None = None) -> tuple[VideoFacts, Sequence[float]]:
    """Open a recording; return what is known of it, and where to cut it. Arguments and errors as for `cuts`."""
    with VideoFile(task.video, task.rate_hz, task.start_s, task.end_s, fps=task.fps, rotate_deg=task.rotate_deg, crop=task.crop) as source:
        facts = source.facts
    return facts, cuts(task.video, facts, task.start_s, task.end_s, part_s)


def parts_of(task: Task, cuts: Sequence[float]) -> list[Task]:
    """Return the tasks of the parts between the cuts."""
    starts, ends, last = [task.start_s, *cuts], [*cuts, task.end_s], len(cuts)
    return [
        replace(task, start_s=a, end_s=b, continued=i > 0, followed=i < last, number=i)
        for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


_finders: dict[tuple[Path, Choice], PoseFinder] = {}
"""Kept from part to part: loading one costs as much as ten pictures."""


def measure(task: Task, note: Callable[[float], None] = lambda _s: None, stopped: Callable[[], bool] = lambda: False) -> MeasuredPart:
    """Measure one part, in a process that may die of it. Arguments as for `MeasuredPart.fill`.

    Raises:
        InputError: the file cannot be read.
        ModelError: the pose weights cannot be loaded.
    """
    part = MeasuredPart(task)
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
        crop=task.crop,
        skip_still=task.adaptive,
    )
    with ExitStack() as stack:
        stack.enter_context(source)
        key = (task.model, task.person)
        if key not in _finders:
            _finders[key] = PoseFinder(task.model, person=task.person)
        _finders[key].renew()
        picked = stack.enter_context(closing(source.picked()))
        sampler = PoseSampler(_finders[key], plan_of(task.adaptive), task.lock)
        if part.fill(sampler, stack.enter_context(ahead(picked, _AHEAD)), note, stopped):
            part.end = PartEnd(sampler.lock, sampler.forgot, sampler.thumbnail, source.facts, source.account)
    return part


def measure_stream(source: Streamed, task: Task, note: Callable[[float], None], stopped: Callable[[], bool]) -> MeasuredPart:
    """Measure what comes by a pipe or stream, in this process; what there is so far after Ctrl-C. As `measure` otherwise."""
    part = MeasuredPart(task)
    with suppress(KeyboardInterrupt), source, PoseFinder(task.model, person=task.person) as finder:
        sampler = PoseSampler(finder, plan_of(task.adaptive))
        if part.fill(sampler, source.picked(), note, stopped):
            part.end = PartEnd(sampler.lock, sampler.forgot, sampler.thumbnail, source.facts, None)
    return part


def plan_of(adaptive: bool) -> SamplingPlan | None:
    """Return how often a recording is sampled; ``None``: at a fixed rate."""
    return RECORDED if adaptive else None
