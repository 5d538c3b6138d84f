"""Measures the pictures of a recording once, by one process or by several, and puts the parts together in order of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from posture.landmarks import is_cut
from posture.model import ByteArray, Pose
from posture.person import PersonLock
from posture.sample_rows import Rows, SampleRows
from posture.segments import Batch, Ended, Entered, Message, Met, Task, measure_source
from posture.sources.streamed import Streamed
from posture.sources.video_file import Account, VideoFacts, with_verdict
from posture.workers import Again, Failed, Pool, Said

Progress = Callable[[float, float | None], None]
Part = Callable[[Rows, Sequence[Pose]], None]
"""Told the readings and the poses of each part, in order."""

_AHEAD = 2  # parts that are begun, per process: so bounded is what waits for an earlier part
_POLL_S = 0.1
_CUT = 2  # place of the cut in a row


@dataclass(slots=True)
class Measured:
    """What the first look at a recording brings."""

    facts: VideoFacts
    samples: SampleRows = field(default_factory=SampleRows)
    poses: dict[float, Pose] = field(default_factory=dict)
    complete: bool = False


class Joiner:
    """Takes the messages of the parts, part after part, and says when one has to be measured again."""

    def __init__(self, facts: VideoFacts | None, *, keep_poses: bool, each: Part | None = None) -> None:
        """Nothing has come; `facts`: what is known of the recording already."""
        self.measured = Measured(facts or VideoFacts.bare())
        self.over = False
        """The file ended before its end: no further part is there."""
        self._keep_poses, self._each = keep_poses, each
        self._lock: PersonLock | None = None
        self._thumb: ByteArray | None = None
        self._cut = False
        self._poses: list[Pose] = []
        self._begun = 0
        self._accounts: list[Account] = []

    @property
    def lock(self) -> PersonLock | None:
        """Who was measured when the last part ended; ``None`` before that."""
        return self._lock

    def take(self, message: Message, *, handed: bool) -> bool:
        """One message of the part that is next; ``False`` if the part has to be measured again, with `lock` handed over.

        Args:
            message: what was said.
            handed: whether the lock was handed over.
        """
        match message:
            case Entered(thumb=thumb):
                self._cut = is_cut(self._thumb, thumb)
            case Met(lock=lock, time_s=time_s):
                return handed or self._lock is None or self._cut or self._lock.agrees(lock, time_s)
            case Batch():
                self._add(message)
            case Ended():
                self._end(message)
        return True

    def undo(self) -> None:
        """What has come of the part that is next is void."""
        m = self.measured
        if len(m.samples) > self._begun:
            since_s = m.samples.time_s(self._begun)
            m.samples.truncate(self._begun)
            m.poses = {t: p for t, p in m.poses.items() if t < since_s}
        self._cut = False
        self._poses.clear()

    def finish(self) -> Measured:
        """All parts have come."""
        self.measured.complete = True
        if self._accounts:
            self.measured.facts = with_verdict(self.measured.facts, Account.joined(self._accounts))
        return self.measured

    def _add(self, batch: Batch) -> None:
        m, first = self.measured, len(self.measured.samples) == self._begun
        rows = batch.rows
        if first and self._cut:
            rows = rows.copy()
            rows[0, _CUT] = 1.0
        m.samples.extend_rows(rows)
        if self._keep_poses:
            m.poses.update((p.time_s, p) for p in batch.poses)
        if self._each is not None:
            self._poses += batch.poses

    def _end(self, part: Ended) -> None:
        if part.lock.place is not None or part.forgot or self._cut:
            self._lock = part.lock  # else nobody was seen in it, and who was measured before is remembered
        self._thumb = self._thumb if part.thumb is None else part.thumb
        self.measured.facts = replace(part.facts, problem=None) if part.account is None or not part.account.exhausted else part.facts
        if part.account is not None:
            self._accounts.append(part.account)
            self.over = part.account.exhausted
        if self._each is not None:
            self._each(self.measured.samples.rows(self._begun), self._poses)
        self._begun, self._cut = len(self.measured.samples), False
        self._poses = []


@dataclass(slots=True)
class Watch:
    """Who is told how far the measuring is, and is asked whether to go on."""

    progress: Progress
    stopped: Callable[[], bool]
    start_s: float
    end_s: float | None
    done_s: dict[int, float] = field(default_factory=dict)
    """Seconds done of each part."""

    def note(self, part: int, task: Task, said: Said) -> None:
        """What is said of a part moves the bar."""
        if isinstance(said, Batch) and len(said.rows):
            self.done_s[part] = float(said.rows[-1, 0]) - (task.start_s or 0.0)
        elif isinstance(said, Again):
            self.done_s[part] = 0.0
        else:
            return
        self.progress(self.start_s + sum(self.done_s.values()), self.end_s)


def parts_of(task: Task, cuts: Sequence[float]) -> list[Task]:
    """The tasks of the parts between the cuts."""
    starts, ends = [task.start_s, *cuts], [*cuts, task.end_s]
    last = len(cuts)
    return [
        replace(task, start_s=a, end_s=b, continued=i > 0, followed=i < last) for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


class Assembly:
    """Joins what is said of the parts of a recording, in whatever order it comes."""

    def __init__(self, tasks: Sequence[Task], joiner: Joiner) -> None:
        """Nothing was said of any part."""
        self.joiner = joiner
        self._tasks = tasks
        self._said: list[deque[Said]] = [deque() for _ in tasks]
        self._handed = [False] * len(tasks)
        self.head = 0
        """The first part that is not joined."""

    @property
    def complete(self) -> bool:
        """Whether all parts are joined, or there is no further one."""
        return self.head == len(self._tasks) or self.joiner.over

    def add(self, part: int, said: Said) -> Task | None:
        """One thing that is said of a part.

        Returns:
            The task for which the part at `head` has to be measured again, if it has: all that was said of it is forgotten.

        Raises:
            PostureError: a part cannot be measured.
        """
        self._said[part].append(said)
        while not self.complete and (waiting := self._said[self.head]):
            said = waiting.popleft()
            if isinstance(said, Failed):
                raise said.error()
            if isinstance(said, Again):
                self.joiner.undo()
            elif not self.joiner.take(said, handed=self._handed[self.head]):
                self.joiner.undo()
                waiting.clear()
                self._handed[self.head] = True
                return replace(self._tasks[self.head], lock=self.joiner.lock)
            elif isinstance(said, Ended):
                self.head += 1
        return None


def measure_parts(tasks: Sequence[Task], jobs: int, joiner: Joiner, watch: Watch, pool: Pool | None = None) -> Measured:
    """Measure the parts of a file; what there is so far after Ctrl-C, or as soon as ``watch.stopped`` says so.

    A single part is measured by another process, too: what a damaged file does to a decoder ends that process, not this one.

    Args:
        tasks: of the parts, in order.
        jobs: how many processes share them.
        joiner: puts them together.
        watch: is told how far it is.
        pool: processes to use instead of new ones; nothing may wait in it.

    Raises:
        PostureError: the recording or the weights cannot be read, or a worker process died again and again.
    """
    try:
        if pool is not None:
            whole = _shared(tasks, jobs, pool, joiner, watch)
        else:
            jobs = min(jobs, len(tasks))
            with Pool(jobs) as own:
                whole = _shared(tasks, jobs, own, joiner, watch)
    except KeyboardInterrupt:
        whole = False
    return joiner.finish() if whole else joiner.measured


def measure_stream(source: Streamed, task: Task, joiner: Joiner, watch: Watch) -> Measured:
    """Measure what comes by a pipe or stream; stopping as for `measure_parts`."""
    try:
        with closing(measure_source(source, task)) as messages:
            whole = _take_all(0, task, messages, joiner, watch, handed=True)
    except KeyboardInterrupt:
        whole = False
    joiner.measured.facts = source.facts
    return joiner.finish() if whole else joiner.measured


def _take_all(part: int, task: Task, messages: Iterator[Message], joiner: Joiner, watch: Watch, *, handed: bool) -> bool | None:
    """Whether all messages of a part were taken; ``None`` if it has to be measured again."""
    for message in messages:
        if not joiner.take(message, handed=handed):
            return None
        watch.note(part, task, message)
        if isinstance(message, Batch) and watch.stopped():
            return False
    return True


def _shared(tasks: Sequence[Task], jobs: int, pool: Pool, joiner: Joiner, watch: Watch) -> bool:
    """Have the parts measured by several processes; whether all were."""
    assembly = Assembly(tasks, joiner)
    tries = [0] * len(tasks)
    begun = 0
    while not assembly.complete:
        while begun < min(len(tasks), assembly.head + _AHEAD * jobs):
            pool.submit(begun, tasks[begun])
            begun += 1
        if watch.stopped():
            return False
        answer = pool.answer(_POLL_S)
        if answer is None:
            continue
        part, tried = answer[0] % len(tasks), answer[0] // len(tasks)
        if tried != tries[part]:  # of a part that is measured again meanwhile
            continue
        watch.note(part, tasks[part], answer[1])
        again = assembly.add(part, answer[1])
        if again is not None:
            tries[assembly.head] += 1
            pool.submit(assembly.head + tries[assembly.head] * len(tasks), again, first=True)
    return True


__all__ = ["Assembly", "Joiner", "Measured", "Watch", "measure_parts", "measure_stream", "parts_of"]
