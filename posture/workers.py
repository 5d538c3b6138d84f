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
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from posture.model import InputError, ModelError, Pose, PostureError
from posture.paths import child_environment
from posture.person import Choice, PersonLock, Place
from posture.segments import Batch, Ended, Entered, Finders, Message, Met, Task, measure
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


@dataclass(frozen=True, slots=True)
class Again:
    """The worker died; what it said of the part is void, and the part is begun anew."""


WIRE = Wire(Task, Choice, PersonLock, Place, Entered, Met, Batch, Ended, Pose, VideoFacts, Account, Failed)
"""All that workers and their parent can say to each other."""
Said = Message | Failed | Again
Answer = tuple[int, Said]
"""Number of the part, and what a worker says of it."""


class Pool:
    """Some worker processes, to be used in ``with``; leaving it ends them at once, whatever they do."""

    def __init__(self, jobs: int, command: Callable[[], list[str]] | None = None) -> None:
        """Nothing is started before there is something to do.

        Args:
            jobs: how many processes.
            command: what to start as a worker.
        """
        self._jobs = jobs
        self._command = command or (lambda: [sys.executable, "-m", "posture.worker"])
        self._tasks: deque[tuple[int, Task]] = deque()
        self._change = threading.Condition()
        self._answers: queue.Queue[Answer] = queue.Queue(_WAITING)
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

    def submit(self, number: int, task: Task, *, first: bool = False) -> None:
        """Have a part measured; `first`: before those that wait already."""
        with self._change:
            if first:
                self._tasks.appendleft((number, task))
            else:
                self._tasks.append((number, task))
            if len(self._threads) < self._jobs:
                self._threads.append(threading.Thread(target=self._work, name="worker", daemon=True))
                self._threads[-1].start()
            self._change.notify()

    def answer(self, timeout_s: float) -> Answer | None:
        """The next thing that a worker says; ``None`` if none says anything for so long."""
        try:
            return self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _work(self) -> None:
        """One worker's life: its process is started anew when it died."""
        with ExitStack() as stack:
            process: subprocess.Popen[bytes] | None = None
            while (todo := self._next()) is not None:
                number, task = todo
                for tried in range(1, TRIES + 1):
                    if process is None or process.poll() is not None:
                        process = self._start(stack)
                    if process is None or self._pass_on(process, number, task):
                        break
                    self._end(process)
                    process = None
                    words = f"{task.video.name}: the process that measured it ended by itself {TRIES} times; is there enough memory?"
                    self._put((number, Again() if tried < TRIES else Failed("PostureError", words)))
            if process is not None:
                self._end(process)

    def _next(self) -> tuple[int, Task] | None:
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

    def _pass_on(self, process: subprocess.Popen[bytes], number: int, task: Task) -> bool:
        """Have the task done, and pass on what is said of it; whether the worker lived to its end."""
        assert process.stdin is not None and process.stdout is not None
        try:
            WIRE.write(process.stdin, task)
            while True:
                said: Said = WIRE.read(process.stdout)
                self._put((number, said))
                if isinstance(said, Ended | Failed):
                    return True
        except (OSError, EOFError, WireError):
            return self._over

    def _put(self, answer: Answer) -> None:
        while not self._over:
            try:
                self._answers.put(answer, timeout=0.1)
            except queue.Full:
                continue
            return


def serve(orders: IO[bytes], answers: IO[bytes]) -> None:
    """A worker's life: do what comes, say what comes of it, until the parent is gone."""

    def say(said: Said) -> None:
        WIRE.write(answers, said)

    with Finders() as finders:
        while True:
            try:
                task: Task = WIRE.read(orders)
            except EOFError:
                return
            try:
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
