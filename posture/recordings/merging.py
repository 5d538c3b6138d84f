"""Puts the measured parts of a recording together, in order of time, and has those measured again that followed the wrong person."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from posture.biomechanics import Neutral
from posture.capture import DecodeReport, VideoFacts, with_verdict
from posture.engine import Rows, SampleRows
from posture.pose import PersonLock, is_cut
from posture.recordings.parts import MeasuredPart, PartEnd, Task
from posture.types import ByteArray, Pose

PartSink = Callable[[Rows, Sequence[Pose]], None]
"""Receives the rows and the poses of each part, in order of time."""
_CUT = 2  # place of the cut in a row


@dataclass(slots=True)
class Measured:
    """What the pictures of a recording showed, before it is analysed."""

    facts: VideoFacts
    samples: SampleRows = field(default_factory=SampleRows)
    poses: dict[float, Pose] = field(default_factory=dict)
    complete: bool = False
    neutral: Neutral | None = None
    """From a span outside the part that is measured; ``None`` otherwise."""

    def end_s(self, start_s: float, until_s: float | None, step_s: float) -> float:
        """Return the end of the last reading, seconds: it stands until the end of what is measured, as far as that is known.

        Args:
            start_s: of what is measured.
            until_s: end of what is measured; ``None``: that of the recording.
            step_s: from reading to reading, where there are not two.
        """
        samples, length_s = self.samples, self.facts.duration_s
        last = samples.time_s(-1) if samples else start_s
        step = last - samples.time_s(-2) if len(samples) > 1 else step_s
        if not self.complete or self.facts.problem or length_s is None:
            return last + step if length_s is None else max(last, min(last + step, length_s))
        return max(last, length_s if until_s is None else min(until_s, length_s))


class PartMerger:
    """Merges the parts of a recording, part after part, and finds those that followed the wrong person."""

    def __init__(self, facts: VideoFacts | None, *, keep_poses: bool, each: PartSink | None = None) -> None:
        """Start with nothing measured.

        Args:
            facts: what is known of the recording already.
            keep_poses: whether `measured` has the poses.
            each: receives each part that is complete.
        """
        self.measured = Measured(facts or VideoFacts.bare())
        self.over = False
        """The file ended before its announced end: there is no further part."""
        self.lock: PersonLock | None = None
        """Who was measured when the last part ended; ``None`` before that."""
        self.count = 0
        """Of parts that were added whole."""
        self.machines: set[str] = set()
        """Where they were measured."""
        self._keep_poses, self._each = keep_poses, each
        self._thumb: ByteArray | None = None
        self._reports: list[DecodeReport] = []

    def add(self, part: MeasuredPart) -> bool:
        """Add the next part, or what there is of it.

        Returns:
            Whether it was added; ``False`` if it has to be measured again with `lock` in its task, as it took another person.
        """
        cut = is_cut(self._thumb, part.thumb)
        if part.met is not None and self.lock is not None and not (cut or part.task.lock is not None or self.lock.agrees(*part.met)):
            return False
        m, first = self.measured, len(self.measured.samples)
        if part.rows:
            rows = np.concatenate(part.rows)
            if cut:
                rows[0, _CUT] = 1.0
            m.samples.extend_rows(rows)
        if self._keep_poses:
            m.poses.update((p.time_s, p) for p in part.poses)
        self.machines |= {part.machine} - {""}
        if part.end is not None:
            self.count += 1
            self._end(part.end, cut=cut)
            if self._each is not None:
                self._each(m.samples.rows(first), part.poses)
        return True

    def finish(self) -> Measured:
        """Return what was measured, after all parts were added."""
        self.measured.complete = True
        if self._reports:
            self.measured.facts = with_verdict(self.measured.facts, DecodeReport.joined(self._reports))
        return self.measured

    def _end(self, end: PartEnd, *, cut: bool) -> None:
        if end.lock.place is not None or end.forgot or cut:
            self.lock = end.lock  # else nobody was seen in it, and who was measured before is remembered
        self._thumb = self._thumb if end.thumb is None else end.thumb
        self.measured.facts = end.facts if end.account is not None and end.account.exhausted else replace(end.facts, problem=None)
        if end.account is not None:
            self._reports.append(end.account)
            self.over = end.account.exhausted

    def measure(
        self, tasks: Sequence[Task], submit: Callable[[Task], Future[Any]], ahead: Callable[[], int], stopped: Callable[[], bool]
    ) -> Generator[Future[Any], None, Any]:
        """Have the parts measured and merge them; `measured` is complete if all of them came.

        Yields each future that has to be done before it goes on.

        Args:
            tasks: of the parts, in order.
            submit: has a part measured, for a `MeasuredPart` or a reason why there is none.
            ahead: returns how many parts may be begun at the same time: so bounded is what waits for an earlier part.
            stopped: asked whether to begin nothing more.

        Returns:
            The first answer that is no part; then nothing more is measured.
        """
        todo, running = deque(tasks), deque[Future[Any]]()
        try:
            while (todo or running) and not self.over:
                while todo and len(running) < ahead() and not stopped():
                    running.append(submit(todo.popleft()))
                if not running:
                    return None
                yield running[0]
                answer = running.popleft().result()
                while isinstance(answer, MeasuredPart) and not self.add(answer):
                    again = submit(replace(answer.task, lock=self.lock))
                    yield again
                    answer = again.result()
                if not isinstance(answer, MeasuredPart):
                    return answer
                if answer.end is None:
                    return None
            self.finish()
            return None
        finally:
            for future in running:
                future.cancel()
