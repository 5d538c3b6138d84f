"""Many recordings analysed by workers: each is looked at, its parts are measured by any of them, and one analyses what they gave.

The parts of a recording are merged here, exactly as one process would. How a work item reaches a worker, and what happens if that one is
lost, is up to `posture.recordings.local_pool` and `posture.recordings.dask_pool`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from posture.recordings.faults import fault_of
from posture.recordings.job import Job
from posture.recordings.local_pool import LocalPool
from posture.recordings.measuring import worth_it
from posture.recordings.merging import PartMerger
from posture.recordings.parts import Task
from posture.recordings.work_items import Action, Answer, JobResult, Plan, WorkItem, common, never, work
from posture.recordings.worker import packed
from posture.reports import Format, clock


class Pool(Protocol):
    """Workers, here or elsewhere; used in one thread."""

    def capacity(self) -> int:
        """Return how many work items can be done at the same time, at least 1."""

    def ask(self, item: WorkItem, name: str, lost: Callable[[], None]) -> Future[Answer]:
        """Have a work item done by a worker; the future raises a `PostureError` if it is given up.

        Args:
            item: what to do.
            name: what to call it before the user.
            lost: to be called whenever a worker was lost with it, and it is begun anew.
        """

    def step(self) -> None:
        """Wait a moment for answers, and see whether workers have come or gone.

        Raises:
            PostureError: there is nobody to do the work.
        """

    def stop(self) -> bool:
        """Make workers end what they measure; return whether their answers are worth waiting for."""


class _Processes(LocalPool):
    """Those of this machine."""

    def ask(self, item: WorkItem, name: str, lost: Callable[[], None]) -> Future[Answer]:  # noqa: ARG002 # of use to the other pool
        return self.submit(work, item, name=item["name"], lost=lost, stoppable=item["action"] != Action.FINISH)


def analyze_in_processes(
    videos: Sequence[Path],
    job: Job,
    formats: frozenset[Format],
    jobs: int,
    *,
    stopped: Callable[[], bool] = never,
    moved: Callable[[float], None] = lambda _done: None,
) -> Iterator[JobResult]:
    """Have recordings analysed by processes of this machine; yield their results in the order in which they come.

    As soon as `stopped` says so nothing more is begun, and what was measured by then of the others is analysed, marked incomplete.

    Args:
        videos: absolute paths.
        job: how.
        formats: what else to write.
        jobs: how many processes work at the same time.
        stopped: asked a few times a second.
        moved: receives how many recordings are done, parts of them included.

    Raises:
        PostureError: no process can be started.
    """
    with _Processes(jobs) as pool:
        yield from Distribution(videos, job, common(job, formats), pool).results(stopped, moved)


@dataclass(slots=True)
class Distribution:
    """The recordings of one run."""

    videos: Sequence[Path]
    """Absolute paths."""
    job: Job
    common: WorkItem
    """What all items have in common."""
    pool: Pool
    stopping: bool = False
    """Begin nothing more, and finish what was measured."""
    done: dict[int, float] = field(default_factory=dict)
    """How much of each recording is done, 0 to 1."""

    def results(self, stopped: Callable[[], bool], moved: Callable[[float], None]) -> Iterator[JobResult]:
        """Have the recordings analysed; yield their results in the order in which they come.

        Args:
            stopped: asked a few times a second whether to begin nothing more.
            moved: receives how many recordings are done, parts of them included.
        """
        todo = deque(enumerate(self.videos))
        running: dict[Generator[Future[Answer], None, JobResult], Future[Answer] | None] = {}
        try:
            while todo or running:
                if not self.stopping and stopped():
                    self.stopping = True
                    todo.clear()
                    if not (self.pool.stop() and running):
                        return
                while todo and len(running) < self.pool.capacity():
                    running[self._analyze(*todo.popleft())] = None
                for steps, future in list(running.items()):
                    if future is None or future.done():
                        try:
                            running[steps] = next(steps)
                        except StopIteration as end:
                            del running[steps]
                            moved(sum(self.done.values()))
                            if not end.value.stopped:
                                yield end.value
                self.pool.step()
                moved(sum(self.done.values()))
        finally:
            self.pool.stop()
            for steps in running:
                steps.close()

    def _analyze(self, number: int, video: Path) -> Generator[Future[Answer], None, JobResult]:
        """Analyse one recording, in steps: yield each answer that has to be there before it goes on."""
        tries, machines = 1, set[str]()

        def lost() -> None:
            nonlocal tries
            tries += 1

        def ask(action: Action, about: object = None, label: str = video.name, name: str = video.name) -> Future[Answer]:
            item = {
                **self.common,
                "video": str(video),
                "groups": dict(self.job.groups.get(str(video), {})),
                "media": self.job.media.get(str(video)),
                "name": label,
                "action": str(action),
                "about": packed(about),
            }
            return self.pool.ask(item, name, lost)

        try:
            yield (future := ask(Action.BEGIN))
            answer = future.result()
            if isinstance(answer, Plan):
                merger, odd = PartMerger(answer.facts, keep_poses=self.job.keep_poses or self.job.cache is not None), None
                with suppress(CancelledError):  # a part that did not end after a stop
                    odd = yield from self._measure(number, answer, merger, partial(ask, Action.MEASURE))
                machines = merger.machines
                if odd is not None and not odd.stopped:
                    answer = odd
                elif worth_it(merger.measured, self.job):
                    yield (future := ask(Action.FINISH, (merger.measured, answer.stamp)))
                    answer = future.result()
                else:
                    answer = JobResult(stopped=True)
            assert isinstance(answer, JobResult)
        except CancelledError:
            answer = JobResult(stopped=True)
        except Exception as error:  # whatever it is, it is this recording's  # noqa: BLE001
            answer = JobResult(error=fault_of(error, video.name))
        self.done[number] = 1.0
        return replace(answer, number=number, tries=tries, machine=", ".join(sorted(machines)) or answer.machine)

    def _measure(
        self, number: int, plan: Plan, merger: PartMerger, ask: Callable[[Task, str, str], Future[Answer]]
    ) -> Generator[Future[Answer], None, JobResult | None]:
        def submit(part: Task) -> Future[Answer]:
            self.done[number] = merger.count / (len(plan.parts) + 1)
            low, high = clock(part.start_s or 0.0), "on" if part.end_s is None else f"to {clock(part.end_s)}"
            return ask(part, part.label, f"{part.video.name} from {low} {high}")

        odd: JobResult | None = yield from merger.measure(plan.parts, submit, lambda: 1 + self.pool.capacity(), lambda: self.stopping)
        return odd
