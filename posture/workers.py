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
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

from posture.model import InputError, ModelError, Pose, PostureError
from posture.paths import child_environment
from posture.person import Choice, PersonLock, Place
from posture.segments import Batch, Ended, Entered, Finders, Message, Met, Survey, Surveyed, Task, measure, survey
from posture.sources.video_file import Account, VideoFacts
from posture.wire import Wire, WireError

TRIES = 3
"""So often a part is tried before it is given up because its worker died."""
_WAITING = 64


@dataclass(frozen=True, slots=True)
class Failed:
    """A part cannot be measured, in the words of the error that a worker met."""

    kind: str
    words: str

    def error(self) -> Exception:
        """What to raise."""
        known = {"InputError": InputError, "ModelError": ModelError, "PostureError": PostureError}
        return known.get(self.kind, RuntimeError)(self.words)

    def posture_error(self, name: str) -> PostureError:
        """The error, for who goes on with other recordings; a mistake in the program is one of the recording `name`."""
        error = self.error()
        if isinstance(error, PostureError):
            return error
        return PostureError(f"{name}: the process that analysed it failed: {self.words.strip().splitlines()[-1]}")


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
        self._processes: set[subprocess.Popen[bytes]] = set()
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
        with ExitStack() as stack:
            process: subprocess.Popen[bytes] | None = None
            while (todo := self._next()) is not None:
                number, task = todo
                for tried in range(1, TRIES + 1):
                    if process is None or process.poll() is not None:
                        try:
                            process = self._start(stack)
                        except OSError as error:
                            words = f"{task.video.name}: no process could be started to measure it: {error.strerror or error}"
                            self._put((number, Failed("PostureError", words)))
                            break
                    if process is None or self._pass_on(process, number, task):
                        break
                    self._end(process)
                    process = None
                    words = f"{task.video.name}: the process that measured it ended by itself {TRIES} times; is there enough memory?"
                    self._put((number, Again() if tried < TRIES else Failed("PostureError", words)))
            if process is not None:
                self._end(process)

    def _next(self) -> tuple[int, Any] | None:
        with self._change:
            self._change.wait_for(lambda: self._over or self._tasks)
            return None if self._over else self._tasks.popleft()

    def _start(self, stack: ExitStack) -> subprocess.Popen[bytes] | None:
        with self._change:
            if self._over:
                return None
            process = subprocess.Popen(  # its own session: Ctrl-C in a terminal goes to the parent, which decides
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                start_new_session=True,
            )
            self._processes.add(process)
        stack.callback(self._end, process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Make sure that it has ended, and let go of it."""
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()
        with self._change:
            self._processes.discard(process)

    def _pass_on(self, process: subprocess.Popen[bytes], number: int, task: Any) -> bool:
        """Have the task done, and pass on what is said of it; whether the worker lived to its end."""
        assert process.stdin is not None and process.stdout is not None
        try:
            self._trade.wire.write(process.stdin, task)
            while True:
                said = self._trade.wire.read(process.stdout)
                self._put((number, said))
                if isinstance(said, self._trade.last):
                    return True
        except (OSError, EOFError, WireError):
            return self._over

    def _put(self, answer: tuple[int, Any]) -> None:
        while not self._over:
            try:
                self._answers.put(answer, timeout=0.1)
            except queue.Full:
                continue
            return


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
            except PostureError as error:
                say(Failed(type(error).__name__, str(error)))
            except (BrokenPipeError, MemoryError):
                return  # without memory nothing can be told; the parent tries anew in a fresh process, and then says what it means
            except Exception as error:  # noqa: BLE001 # a mistake in the program: told where it can be read, and not tried again
                say(Failed("RuntimeError", "".join(traceback.format_exception(error))))


def default_jobs() -> int:
    """As many processes as there are cores that this one may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
