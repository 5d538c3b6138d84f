"""Many recordings shared between workers: which order is next, and what follows from its answer.

A recording is one order if it is short. A long one is cut, its parts are orders that any worker may have, and what they say is put
together here, exactly as one process would. Nothing in here knows who the workers are (posture/cluster.py, posture/crew.py).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from posture.analysis import Job
from posture.faults import fault_of
from posture.measuring import Assembly, Joiner
from posture.model import PostureError
from posture.orders import LONG_S, Answer, Do, Outcome, PartsMeasured, Planned, packed
from posture.reports.words import clock
from posture.resuming import Stamp
from posture.segments import Task

_BUNDLE = 0.2
"""Parts are bundled to orders of at least this share of a long recording, so that the way there and back is little beside the work."""


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """The end of one recording: an outcome, or an error of those who had to carry the work."""

    number: int
    """Its place among the recordings."""
    tries: int
    """1, and one more for each worker that was lost with it."""
    outcome: Outcome | None = None
    error: PostureError | None = None
    machines: tuple[str, ...] = ()
    """Where it was measured, each once."""


@dataclass(slots=True, eq=False)
class Share:
    """One recording on its way."""

    number: int
    video: Path
    tries: int = 1
    over: bool = False
    blind: set[str] = field(default_factory=set)
    """Workers that do not see it."""
    machines: set[str] = field(default_factory=set)
    """That measured parts of it."""
    stamp: Stamp | None = None
    parts: tuple[Task, ...] = ()
    assembly: Assembly | None = None
    finishing: bool = False
    out: int = 0
    """Orders to measure that were given out and not answered."""

    @property
    def done(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.over:
            return 1.0
        joined = len(self.parts) if self.finishing else 0 if self.assembly is None else self.assembly.head
        return joined / (len(self.parts) + 1)


@dataclass(slots=True, eq=False)
class Todo:
    """One order on its way."""

    share: Share
    do: Do
    about: bytes = b""
    first: int = -1
    """The first of its parts."""
    parts: tuple[Task, ...] = ()
    lost: int = 0
    """Workers that were lost with it."""

    @property
    def name(self) -> str:
        """For the user."""
        if not self.parts:
            return self.share.video.name
        low, high = self.parts[0].start_s or 0.0, self.parts[-1].end_s
        return f"{self.share.video.name} from {clock(low)} {'on' if high is None else f'to {clock(high)}'}"

    @property
    def turn(self) -> tuple[int, int]:
        """What was begun first is ended first."""
        return self.share.number, self.first


class Agenda:
    """The orders of many recordings."""

    def __init__(self, videos: Sequence[Path], job: Job, long_s: float = LONG_S) -> None:
        """All are to be begun; `long_s`: a recording of this length or more, seconds, is shared."""
        self._job, self._order_s = job, _BUNDLE * long_s
        self._shares = [Share(i, video) for i, video in enumerate(videos)]
        self._waiting = [Todo(share, Do.BEGIN) for share in self._shares]
        self._stopping = False

    @property
    def over(self) -> bool:
        """Whether every recording has come to its end."""
        return all(share.over for share in self._shares)

    @property
    def done(self) -> float:
        """How many recordings are done, parts of them included."""
        return sum(share.done for share in self._shares)

    def next(self, fits: Callable[[Todo], bool] = lambda _todo: True) -> Todo | None:
        """The next order that fits; it counts as given out."""
        found = next((todo for todo in self._waiting if fits(todo)), None)
        if found is not None:
            self._waiting.remove(found)
            found.share.out += found.do is Do.MEASURE
        return found

    def see_again(self, workers: Set[str]) -> None:
        """A recording that none of these workers sees is to be tried once more by any of them, who will then say so."""
        for share in self._shares:
            if workers and workers <= share.blind:
                share.blind.clear()

    def put_back(self, todo: Todo) -> None:
        """It could not be carried out by who had it."""
        todo.share.out -= todo.do is Do.MEASURE
        self._put(todo)
        self._settle(todo.share)

    def _put(self, todo: Todo) -> None:
        if not todo.share.over and (todo.do is Do.FINISH or not (todo.share.finishing or self._stopping)):
            insort(self._waiting, todo, key=lambda t: t.turn)

    def answered(self, todo: Todo, answer: Answer) -> Ending | None:
        """What follows from the answer: further orders, or the end of a recording."""
        share = todo.share
        share.out -= todo.do is Do.MEASURE
        if share.over:
            return None
        if isinstance(answer, Outcome):
            if answer.stopped:
                self._end(share)
                return None
            return self._end(share, outcome=answer)
        try:
            if isinstance(answer, Planned):
                self._plan(share, answer)
                return None
            self._join(todo, answer)
            self._settle(share)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is this recording's
            return self._end(share, error=fault_of(error, share.video.name))
        return None

    def failed(self, todo: Todo, error: PostureError) -> Ending | None:
        """It cannot be carried out at all."""
        todo.share.out -= todo.do is Do.MEASURE
        return None if todo.share.over else self._end(todo.share, error=error)

    def stop(self) -> None:
        """Begin nothing more; what was measured of a long recording is to be finished."""
        self._stopping = True
        self._waiting = [todo for todo in self._waiting if todo.do is Do.FINISH]
        for share in self._shares:
            self._settle(share)

    def _settle(self, share: Share) -> None:
        """After a stop: once nobody measures it any more, what was measured from its beginning on is finished."""
        if not self._stopping or share.over or share.finishing or share.out or share.assembly is None:
            return
        if share.assembly.joiner.measured.samples:
            self._finish(share, share.assembly)

    def _end(self, share: Share, outcome: Outcome | None = None, error: PostureError | None = None) -> Ending:
        share.over, share.assembly = True, None
        self._drop(share)
        machines = share.machines or ({outcome.machine} if outcome is not None else set())
        return Ending(share.number, share.tries, outcome, error, tuple(sorted(machines)))

    def _drop(self, share: Share) -> None:
        self._waiting = [t for t in self._waiting if t.share is not share]

    def _plan(self, share: Share, plan: Planned) -> None:
        share.stamp, share.parts = plan.stamp, plan.parts
        keep = self._job.keep_poses or self._job.cache is not None
        share.assembly = Assembly(plan.parts, Joiner(plan.facts, keep_poses=keep))
        bundle: list[Task] = []
        for number, part in enumerate(plan.parts):
            bundle.append(part)
            if part.end_s is None or part.end_s - (bundle[0].start_s or 0.0) >= self._order_s or number == len(plan.parts) - 1:
                self._measure(share, number - len(bundle) + 1, bundle)
                bundle = []

    def _measure(self, share: Share, first: int, parts: Sequence[Task]) -> None:
        self._put(Todo(share, Do.MEASURE, packed(tuple(parts)), first, tuple(parts)))

    def _join(self, todo: Todo, answer: PartsMeasured) -> None:
        share = todo.share
        if share.assembly is None or share.finishing:
            return
        share.machines.add(answer.machine)
        for number, said in enumerate(answer.said, todo.first):
            for one in said:
                again = share.assembly.add(number, one)
                if again is not None:
                    self._measure(share, share.assembly.head, [again])
                    if share.assembly.head == number:
                        break  # the rest of what was said of it is void
        if share.assembly.complete:
            share.assembly.joiner.finish()
            self._finish(share, share.assembly)

    def _finish(self, share: Share, assembly: Assembly) -> None:
        share.finishing, share.assembly = True, None
        self._drop(share)
        self._put(Todo(share, Do.FINISH, packed((assembly.joiner.measured, share.stamp)), len(share.parts)))
