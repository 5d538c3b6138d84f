"""Measures the pictures of a recording once, by one process or by several, and puts the parts together in order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from posture.landmarks import is_cut
from posture.model import ByteArray, Pose
from posture.person import PersonLock
from posture.seen_rows import Rows, SeenRows
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


_UNKNOWN = VideoFacts("", None, 0, 0, None, "", 0, None, None)


@dataclass(slots=True)
class Measured:
    """What the first look at a recording brings."""

    facts: VideoFacts
    seen: SeenRows = field(default_factory=SeenRows)
    poses: dict[float, Pose] = field(default_factory=dict)
    complete: bool = False


class Joiner:
    """Takes the messages of the parts, part after part, and says when one has to be measured again."""

    def __init__(self, facts: VideoFacts | None, *, keep_poses: bool, each: Part | None = None) -> None:
        """Nothing has come; `facts`: what is known of the recording already."""
        self.measured = Measured(facts or _UNKNOWN)
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
        """One message of the part that is next; ``False`` if the part has to be measured again, with :attr:`lock` handed over.

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
        if len(m.seen) > self._begun:
            since_s = m.seen.time_s(self._begun)
            m.seen.truncate(self._begun)
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
        m, first = self.measured, len(self.measured.seen) == self._begun
        rows = batch.rows
        if first and self._cut:
            rows = rows.copy()
            rows[0, _CUT] = 1.0
        m.seen.extend_rows(rows)
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
            self._each(self.measured.seen.rows(self._begun), self._poses)
        self._begun, self._cut = len(self.measured.seen), False
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


def measure_parts(tasks: Sequence[Task], jobs: int, joiner: Joiner, watch: Watch) -> Measured:
    """Measure the parts of a file; what there is so far after Ctrl-C, or as soon as ``watch.stopped`` says so.

    A single part is measured by another process, too: what a damaged file does to a decoder ends that process, not this one.

    Raises:
        PostureError: the recording or the weights cannot be read, or a worker process died again and again.
    """
    try:
        whole = _shared(tasks, jobs, joiner, watch)
    except KeyboardInterrupt:
        whole = False
    return joiner.finish() if whole else joiner.measured


def measure_stream(source: Streamed, task: Task, joiner: Joiner, watch: Watch) -> Measured:
    """Measure what comes by a pipe or stream; stopping as for :func:`measure_parts`."""
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


def _shared(tasks: Sequence[Task], jobs: int, joiner: Joiner, watch: Watch) -> bool:
    """Have the parts measured by several processes; whether all were."""
    said_of: list[list[Said]] = [[] for _ in tasks]
    tries, handed = [0] * len(tasks), [False] * len(tasks)
    head = begun = 0
    alone = min(jobs, len(tasks)) == 1
    with Pool(min(jobs, len(tasks))) as pool:
        while head < len(tasks) and not joiner.over:
            while begun < min(len(tasks), head + _AHEAD * jobs):
                pool.submit(begun, tasks[begun] if alone else replace(tasks[begun], threads=1))
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
            said_of[part].append(answer[1])
            while head < len(tasks) and said_of[head] and not joiner.over:
                said = said_of[head].pop(0)
                if isinstance(said, Failed):
                    raise said.error()
                if isinstance(said, Again):
                    joiner.undo()
                elif not joiner.take(said, handed=handed[head]):
                    joiner.undo()
                    said_of[head].clear()
                    tries[head], handed[head] = tries[head] + 1, True
                    pool.submit(head + tries[head] * len(tasks), replace(tasks[head], lock=joiner.lock, threads=1), first=True)
                elif isinstance(said, Ended):
                    head += 1
    return True


__all__ = ["Joiner", "Measured", "Watch", "measure_parts", "measure_stream", "parts_of"]
