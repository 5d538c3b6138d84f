"""Worker processes that measure parts of recordings. A worker that dies costs a new try of its part, not the run.

Every worker is ``python -m posture.worker``, told by messages (posture/wire.py) on its standard input what to do and answering on its
standard output: nothing but its parent can reach it, the program that uses this module is not run anew, and Ctrl-C in a terminal reaches
the parent alone.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, NoReturn, Self

from posture.faults import fault_of, out_of_memory
from posture.model import InputError, ModelError, Pose, PostureError
from posture.paths import child_environment
from posture.person import Choice, PersonLock, Place
from posture.processes import End, said_no_memory, told
from posture.segments import Batch, Ended, Entered, Finders, Message, Met, Survey, Surveyed, Task, measure, survey
from posture.sources.video_file import Account, VideoFacts
from posture.wire import Wire, WireError

TRIES = 3
"""So often a part is tried before it is given up because its worker died."""
_WAITING = 64
_ENDING_S = 2.0
"""A process that closed its answers has ended by then."""
_LAST_WORDS = 8192
"""Bytes of what a process says on its standard error that are looked at when it died."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A part cannot be measured, in the words of the error that a worker met."""

    kind: str
    words: str

    @classmethod
    def of(cls, error: Exception, name: str) -> Failed:
        """Of an error; one that nobody foresaw becomes one of the recording `name`."""
        fault = fault_of(error, name)
        return cls(type(fault).__name__, str(fault))

    def error(self) -> PostureError:
        """What to raise."""
        return {"InputError": InputError, "ModelError": ModelError}.get(self.kind, PostureError)(self.words)


@dataclass(frozen=True, slots=True)
class Again:
    """The worker died; what it said of the part is void, and the part is begun anew."""


WIRE = Wire(Task, Choice, PersonLock, Place, Entered, Met, Batch, Ended, Survey, Surveyed, Pose, VideoFacts, Account, Failed)
"""All that workers and their parent can say to each other."""
Said = Message | Failed | Again


@dataclass(frozen=True, slots=True)
class Trade:
    """What the workers of a pool do. A task has the recording's path as ``video``."""

    module: str
    """Run by each of them."""
    wire: Wire
    """All that they and their parent can say to each other; `Failed` is part of it."""
    last: tuple[type[Any], ...]
    """What ends the answer to a task."""


MEASURING = Trade("posture.worker", WIRE, (Ended, Surveyed, Failed))
"""Parts of recordings, `posture.segments.Task`, answered by `posture.segments.Message` and `Failed`; and surveys of recordings."""


class Pool:
    """Some worker processes, to be used in ``with``; leaving it ends them at once, whatever they do."""

    def __init__(self, jobs: int, command: Callable[[], list[str]] | None = None, trade: Trade = MEASURING) -> None:
        """Nothing is started before there is something to do.

        Args:
            jobs: how many processes.
            command: what to start as a worker.
            trade: what the workers do.
        """
        self._jobs, self._trade = jobs, trade
        self._command = command or (lambda: [sys.executable, "-m", trade.module])
        self._tasks: deque[tuple[int, Any]] = deque()
        self._change = threading.Condition()
        self._answers: queue.Queue[tuple[int, Any]] = queue.Queue(_WAITING)
        self._open = 0
        self._over = False
        self._processes: dict[subprocess.Popen[bytes], IO[bytes] | None] = {}
        """Those that run, and the file that takes their standard error."""
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End all workers."""
        with self._change:
            self._over = True
            self._change.notify_all()
            processes = list(self._processes)
        for process in processes:
            process.kill()
        for thread in self._threads:
            thread.join()

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        with self._change:
            return [p.pid for p in self._processes]

    @property
    def idle(self) -> bool:
        """Whether all that was submitted has been answered."""
        return self._open == 0

    def submit(self, number: int, task: Any, *, first: bool = False) -> None:
        """Have something done, a part measured; `first`: before what waits already."""
        with self._change:
            self._open += 1
            if first:
                self._tasks.appendleft((number, task))
            else:
                self._tasks.append((number, task))
            if len(self._threads) < self._jobs:
                self._threads.append(threading.Thread(target=self._work, name="worker", daemon=True))
                self._threads[-1].start()
            self._change.notify()

    def answer(self, timeout_s: float) -> tuple[int, Any] | None:
        """The next thing that a worker says, and the number of what it is about; ``None`` if none says anything for so long."""
        try:
            number, said = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(said, self._trade.last):
            with self._change:
                self._open -= 1
        return number, said

    def _work(self) -> None:
        """One worker's life: its process is started anew when it died."""
        process: subprocess.Popen[bytes] | None = None
        while (todo := self._next()) is not None:
            process = self._do(process, *todo)
        if process is not None:
            self._end(process)

    def _do(self, process: subprocess.Popen[bytes] | None, number: int, task: Any) -> subprocess.Popen[bytes] | None:
        """Have a task done by this process, or by new ones; the process that can be used for the next task."""
        ends: list[End] = []
        try:
            while len(ends) < TRIES:
                if process is None or process.poll() is not None:
                    process = self._start(task.video.name)
                end = None if process is None else self._pass_on(process, number, task)
                if process is None or end is None:
                    return process
                self._end(process)
                ends.append(end)
                self._put((number, Again() if len(ends) < TRIES else Failed("PostureError", _lost(task, ends))))
        except Exception as error:  # noqa: BLE001 # a thread that ends by an error would let its task be waited for without end
            if process is not None:
                self._end(process)
            self._put((number, Failed.of(error, task.video.name)))
        return None

    def _next(self) -> tuple[int, Any] | None:
        with self._change:
            self._change.wait_for(lambda: self._over or self._tasks)
            return None if self._over else self._tasks.popleft()

    def _start(self, name: str) -> subprocess.Popen[bytes] | None:
        """A new process; ``None`` if there is nothing more to do.

        Raises:
            PostureError: none can be started to measure the recording `name`.
        """
        with self._change:
            if self._over:
                return None
            said = _nameless_file()
            try:
                process = subprocess.Popen(  # its own session: Ctrl-C in a terminal goes to the parent, which decides
                    self._command(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL if said is None else said,
                    env=child_environment(),
                    start_new_session=True,
                )
            except OSError as error:
                raise PostureError(f"{name}: no process could be started to measure it: {error.strerror or error}") from error
            self._processes[process] = said
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Make sure that it has ended, and let go of it."""
        process.kill()
        with self._change:
            said = self._processes.pop(process, None)
        for file in (process.stdin, process.stdout, said):
            if file is not None:
                with suppress(OSError):
                    file.close()
        process.wait()

    def _pass_on(self, process: subprocess.Popen[bytes], number: int, task: Any) -> End | None:
        """Have the task done, and pass on what is said of it; how the worker ended, or ``None`` if it lived on, or all is over."""
        assert process.stdin is not None and process.stdout is not None
        try:
            self._trade.wire.write(process.stdin, task)
            while True:
                said = self._trade.wire.read(process.stdout)
                self._put((number, said))
                if isinstance(said, self._trade.last):
                    return None
        except (OSError, EOFError, WireError):
            return None if self._over else self._how_ended(process)

    def _how_ended(self, process: subprocess.Popen[bytes]) -> End:
        try:
            code = process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return End(None)
        with self._change:
            said = self._processes.get(process)
        return End(code, said is not None and said_no_memory(_last_words(said)))

    def _put(self, answer: tuple[int, Any]) -> None:
        while not self._over:
            try:
                self._answers.put(answer, timeout=0.1)
            except queue.Full:
                continue
            return


def _lost(task: Any, ends: list[End]) -> str:
    """One line on a task that every process died of."""
    size = getattr(task, "size", None)
    picture = "" if size is None else f" ({size[0]} \N{MULTIPLICATION SIGN} {size[1]})"
    return f"{task.video.name}{picture}: the process that measured it {told(ends)}"


def _nameless_file() -> IO[bytes] | None:
    """A file that is gone when it is closed; ``None`` if there is no room for one."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return None


def _last_words(said: IO[bytes]) -> bytes:
    try:
        said.seek(max(0, said.seek(0, os.SEEK_END) - _LAST_WORDS))
        return said.read()
    except (OSError, ValueError):
        return b""


_kept: list[Pool] = []


@contextmanager
def one_kept() -> Iterator[Pool]:
    """A pool of one process, kept from an earlier recording if there was one, and for the next one if no work is left in it.

    To load what measures takes as long as fifty looks, which tells where recordings are short.
    """
    try:
        pool = _kept.pop()
    except IndexError:
        pool = Pool(1).__enter__()
    try:
        yield pool
    finally:
        if pool.idle:
            _kept.append(pool)
        else:
            pool.__exit__(None, None, None)


def surveyed(pool: Pool, wanted: Survey, within_s: float = 120.0) -> Surveyed:
    """What a worker finds out of a recording; nothing may wait in the pool.

    Raises:
        PostureError: it cannot be read, or the reading comes to no end.
    """
    pool.submit(0, wanted)
    until_s = time.monotonic() + within_s
    while (left_s := until_s - time.monotonic()) > 0:
        answer = pool.answer(left_s)
        if answer is not None and isinstance(answer[1], Failed):
            raise answer[1].error()
        if answer is not None and isinstance(answer[1], Surveyed):
            return answer[1]
    raise InputError(f"{wanted.video.name}: cannot be opened: reading its first picture came to no end within {within_s:g} s")


def serve(orders: IO[bytes], answers: IO[bytes]) -> None:
    """A worker's life: do what comes, say what comes of it, until the parent is gone."""

    def say(said: Said | Surveyed) -> None:
        WIRE.write(answers, said)

    with Finders() as finders:
        while True:
            try:
                task: Task | Survey = WIRE.read(orders)
            except EOFError:
                return
            try:
                if isinstance(task, Survey):
                    say(survey(task))
                    continue
                for message in measure(task, finders):
                    say(message)
            except BrokenPipeError:
                return
            except Exception as error:  # noqa: BLE001 # a mistake in the program: told where it can be read, and not tried again
                if out_of_memory(error):
                    end_for_want_of_memory()
                say(Failed.of(error, task.video.name))


def end_for_want_of_memory() -> NoReturn:
    """End this worker at once: without memory not much can be told; its parent tries anew in a fresh process, and then says why."""
    with suppress(OSError):
        os.write(2, b"MemoryError\n")
    os._exit(1)


def default_jobs() -> int:
    """As many processes as there are cores that this one may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
