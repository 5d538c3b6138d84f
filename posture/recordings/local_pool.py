"""Processes of this machine that decode, measure and analyse. One that dies costs its own task a new try, and nothing else."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from posture._support import ProcessEnd, describe_ends, reports_no_memory
from posture.errors import InputError, PostureError
from posture.recordings import worker
from posture.recordings.faults import fault_of, out_of_memory
from posture.recordings.merging import PartMerger
from posture.recordings.parts import MeasuredPart, Task, measure
from posture.recordings.worker import packed

TRIES = 3
"""Attempts at a task before it is given up because its process died."""
OPEN_S = 120.0
"""Reading the first picture of a recording is given up after that, seconds."""
Progress = Callable[[float, float | None], None]
"""Receives the seconds of the recording that are done, and how many there are (``None``: unknown)."""
_AHEAD = 2  # parts that are begun, per process
_POLL_S = 0.1
_ENDING_S = 2.0  # in which what is measured has ended after a stop
_LAST_WORDS = 8192  # bytes from the end of a dead process's standard error that are searched


def default_jobs() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True, eq=False)
class _Call:
    """A task, and the process pool's future of its present try."""

    data: bytes
    name: str
    lost: Callable[[], None]
    stoppable: bool
    answer: Future[Any] = field(default_factory=Future)
    trial: Future[Any] = field(default_factory=Future)
    ends: list[ProcessEnd] = field(default_factory=list)


class LocalPool:
    """Calls functions in processes that are kept; for one thread. Leaving the ``with`` block ends them."""

    def __init__(self, jobs: int, parts: int = 0) -> None:
        """Start the processes.

        Args:
            jobs: how many.
            parts: of how many parts `done_s` is to tell.

        Raises:
            PostureError: none can be started.
        """
        self._jobs = jobs
        context = worker.Context()
        self._shared: Any = context.RawArray("d", 1 + parts)
        self._folder = Path(os.devnull)
        with suppress(OSError):
            self._folder = Path(tempfile.mkdtemp(prefix="posture-"))
        self._new = partial(ProcessPool, jobs, initializer=worker.start, initargs=(self._shared, self._folder), context=context)
        self._calls: list[_Call] = []
        self._stopped_s = float("inf")
        self._pool = self._started()

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        if self._folder.is_dir():
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return bool(self._shared[0])

    def capacity(self) -> int:
        """Return the number of processes."""
        return self._jobs

    @property
    def done_s(self) -> float:
        """Seconds of the recording that are measured, all parts together."""
        return float(sum(self._shared[1:]))

    def stop(self) -> bool:
        """End what is measured; it gives what there is."""
        if not self.stopping:
            self._shared[0], self._stopped_s = 1.0, time.monotonic()
        return True

    def submit(
        self, function: Callable[..., Any], *args: object, name: str, lost: Callable[[], None] = lambda: None, stoppable: bool = True
    ) -> Future[Any]:
        """Have a function of a module called in a process.

        Args:
            function: what to call.
            args: what to call it with.
            name: of the recording, for the user.
            lost: to be called whenever a process was lost with it, and it is begun anew.
            stoppable: whether it ends soon after `stop`, or else is ended.

        Returns:
            What becomes of it as soon as `step` is called. Besides its own errors, a `PostureError` says that every process that tried it
            died, and it is cancelled if it did not end after a stop.
        """
        call = _Call(packed((function, args)), name, lost, stoppable)
        self._calls.append(call)
        self._try(call)
        return call.answer

    def step(self) -> None:
        """Wait a moment for answers, and try anew what died."""
        wait([call.trial for call in self._calls], _POLL_S, "FIRST_COMPLETED")
        hung = time.monotonic() - self._stopped_s > _ENDING_S
        sound = self._pool.active
        for call in list(self._calls):
            if call.answer.cancelled() or (hung and call.stoppable):
                call.trial.cancel()
            if call.trial.done():
                self._calls.remove(call)
                if not call.answer.cancelled():
                    self._receive(call)
            elif not sound:
                self._calls.remove(call)
                self._again(call, ProcessEnd(None))

    def _receive(self, call: _Call) -> None:
        try:
            call.answer.set_result(call.trial.result())
        except CancelledError:
            call.answer.cancel()
        except ProcessExpired as error:
            if error.exitcode == worker.HUNG:
                words = f"{call.name}: cannot be opened: reading its first frame took more than {OPEN_S:g} s"
                call.answer.set_exception(InputError(words))
            else:
                self._again(call, ProcessEnd(error.exitcode, self._said_no_memory(error.pid)))
        except BrokenProcessPool:
            self._again(call, ProcessEnd(1))
        except Exception as error:  # noqa: BLE001 # whatever the function raised
            call.answer.set_exception(error)

    def _again(self, call: _Call, end: ProcessEnd) -> None:
        call.ends.append(end)
        if len(call.ends) == TRIES:
            call.answer.set_exception(PostureError(f"{call.name}: the process that measured it {describe_ends(call.ends)}"))
            return
        call.lost()
        self._calls.append(call)
        self._try(call)

    def _try(self, call: _Call) -> None:
        if not self._pool.active:  # none of its processes could be kept
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = self._started()
        call.trial = self._pool.schedule(worker.run, (call.data,))

    def _said_no_memory(self, pid: int) -> bool:
        with suppress(OSError), worker.stderr_file(self._folder, pid).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_WORDS))
            return reports_no_memory(file.read())
        return False

    def _started(self) -> ProcessPool:
        """Start processes that Ctrl-C in a terminal never reaches, not even while they start: they inherit a blocked SIGINT.

        Raises:
            PostureError: none can be started.
        """
        pool = self._new()
        masked = hasattr(signal, "pthread_sigmask")
        if masked:
            resource_tracker.ensure_running()  # its start unblocks SIGINT
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            if not pool.active:  # which starts it
                raise BrokenProcessPool
        except (OSError, BrokenProcessPool) as error:
            raise PostureError(f"no process could be started: {error.__cause__ or error}") from error
        finally:
            if masked:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pool


def measured_there(task: Task) -> MeasuredPart:
    """Measure a part in a process of the pool; its errors are those of the program. Raises as `posture.recordings.parts.measure`."""
    try:
        return measure(task, partial(worker.note, task.number), worker.stopped)
    except Exception as error:
        if out_of_memory(error):
            raise
        raise fault_of(error, task.video.name) from None
    finally:
        gc.collect()  # what is left of the decoder is some 100 MB, in a circle that Python would look for much later


def measure_here(parts: Sequence[Task], merger: PartMerger) -> None:
    """Measure the parts of a file in this process, which may die of it, all of them whatever comes. Raises as `measured_there`."""

    def submit(task: Task) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(measure(task))
        return done

    for _ in merger.measure(parts, submit, lambda: 1, lambda: False):
        pass


def measure_parts(
    parts: Sequence[Task], jobs: int, merger: PartMerger, progress: Callable[[float], None], stopped: Callable[[], bool]
) -> None:
    """Measure the parts of a file; what there is so far after Ctrl-C, or as soon as `stopped` says so.

    A single part is measured by another process, too: what a damaged file does to a decoder ends that process, not this one.

    Args:
        parts: in order.
        jobs: how many processes share them.
        merger: puts them together.
        progress: receives the seconds that are done.
        stopped: asked a few times a second.

    Raises:
        PostureError: the recording or the weights cannot be read, or a process died again and again.
    """
    jobs = min(jobs, len(parts))
    with LocalPool(jobs, len(parts)) as pool:
        stopping = False
        submit: Callable[[Task], Future[Any]] = lambda task: pool.submit(measured_there, task, name=task.label)  # noqa: E731
        steps = merger.measure(parts, submit, lambda: _AHEAD * jobs, lambda: stopping or stopped())
        with suppress(CancelledError):  # a part that did not end after a stop
            for future in steps:
                while not future.done():
                    try:
                        stopping = stopping or stopped()
                        if stopping:
                            pool.stop()
                        pool.step()
                        progress(pool.done_s)
                    except KeyboardInterrupt:
                        stopping = True
