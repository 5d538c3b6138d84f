"""Several recordings analysed side by side on this machine: the orders of a cluster, carried out by processes of our own.

Each process of the crew has one of its own in turn that decodes and measures (posture/workers.py); so what a damaged file does to a decoder
stays there, and what the crew says can be trusted: it may be a pickle.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from posture import orders
from posture.analysis import Job
from posture.faults import fault_of, out_of_memory
from posture.model import ByteArray, PostureError
from posture.reports.formats import Format
from posture.shares import Agenda, Ending, Todo
from posture.wire import Wire
from posture.workers import Again, Failed, Pool, Trade, end_for_want_of_memory

_POLL_S, _ASK_S = 0.2, 0.3
_PIECE = 64 << 20
"""Bytes in one array of a message."""


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """An order on its way to the crew."""

    video: Path
    order: tuple[ByteArray, ...]
    """Packed."""
    stop: Path
    """As soon as this file is there, the measuring is to end."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The answer."""

    answer: tuple[ByteArray, ...]
    """Packed."""


ORDERS = Trade("posture.crew_worker", Wire(Sent, Given, Failed), (Given, Failed))


def carry_out(
    videos: Sequence[Path],
    job: Job,
    formats: frozenset[Format],
    jobs: int,
    *,
    stopped: Callable[[], bool] = orders.never,
    moved: Callable[[float], None] = lambda _done: None,
    long_s: float = orders.LONG_S,
) -> Iterator[Ending]:
    """Have recordings analysed; their endings in the order in which they come.

    As soon as `stopped` says so nothing more is begun, and what was measured by then of the others is analysed, marked incomplete.

    Args:
        videos: absolute paths.
        job: how.
        formats: what else to write.
        jobs: how many processes work at the same time.
        stopped: asked a few times a second.
        moved: told how many recordings are done, parts of them included.
        long_s: a recording of this length or more, seconds, is shared between the processes.

    Raises:
        PostureError: there is no room for a temporary file.
    """
    agenda, order = Agenda(videos, job, long_s), orders.common(job, formats, long_s)
    with _temporary_folder() as folder, Pool(jobs, trade=ORDERS) as pool:
        yield from _Foreman(pool, jobs, agenda, order, Path(folder) / "stop").endings(stopped, moved)


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="posture-")
    except OSError as error:
        raise PostureError(f"no temporary folder can be made: {error.strerror or error}") from error


class _Foreman:
    """Gives every process of the crew one order at a time."""

    def __init__(self, pool: Pool, jobs: int, agenda: Agenda, order: orders.Order, stop: Path) -> None:
        self._pool, self._jobs, self._agenda, self._order, self._stop = pool, jobs, agenda, order, stop
        self._running: dict[int, Todo] = {}
        self._count = 0

    def endings(self, stopped: Callable[[], bool], moved: Callable[[float], None]) -> Iterator[Ending]:
        stopping = False
        while True:
            if not stopping and stopped():
                stopping = True
                self._stop.touch()
                self._agenda.stop()
            while len(self._running) < self._jobs and (todo := self._agenda.next()) is not None:
                ending = self._submit(todo)
                if ending is not None:
                    yield ending
            if not self._running:
                return
            answer = self._pool.answer(_POLL_S)
            if answer is None:
                continue
            ending = self._took(*answer)
            moved(self._agenda.done)
            if ending is not None:
                yield ending

    def _submit(self, todo: Todo) -> Ending | None:
        """Give it out; the recording's end if that cannot be."""
        order = {**self._order, "video": str(todo.share.video), "do": str(todo.do), "about": todo.about}
        self._running[self._count] = todo
        todo.about = b""  # what is sent is kept by the pool, for another try
        try:
            self._pool.submit(self._count, Sent(todo.share.video, _pieces(orders.packed(order)), self._stop))
        except Exception as error:  # noqa: BLE001 # whatever it is, it is this recording's
            del self._running[self._count]
            return self._agenda.failed(todo, fault_of(error, todo.share.video.name))
        finally:
            self._count += 1
        return None

    def _took(self, number: int, said: Given | Failed | Again) -> Ending | None:
        if isinstance(said, Again):
            self._running[number].share.tries += 1
            return None
        todo = self._running.pop(number)
        if isinstance(said, Failed):
            return self._agenda.failed(todo, said.error())
        try:
            answer = orders.unpacked(_whole(said.answer))
        except Exception as error:  # noqa: BLE001 # as above
            return self._agenda.failed(todo, fault_of(error, todo.share.video.name))
        return self._agenda.answered(todo, answer)


def _pieces(data: bytes) -> tuple[ByteArray, ...]:
    return tuple(np.frombuffer(data[at : at + _PIECE], np.uint8) for at in range(0, len(data), _PIECE))


def _whole(pieces: tuple[ByteArray, ...]) -> bytes:
    return b"".join(piece.tobytes() for piece in pieces)


def serve(sent: IO[bytes], answers: IO[bytes]) -> None:
    """The life of one of the crew: do what comes, until the parent is gone."""
    while True:
        try:
            order: Sent = ORDERS.wire.read(sent)
        except EOFError:
            return
        try:
            given: Given | Failed = Given(_pieces(orders.work(orders.unpacked(_whole(order.order)), _there(order.stop))))
        except Exception as error:  # noqa: BLE001 # a mistake in the program: told where it can be read, and not tried again
            if out_of_memory(error):
                end_for_want_of_memory()
            given = Failed.of(error, order.video.name)
        ORDERS.wire.write(answers, given)


def _there(file: Path) -> Callable[[], bool]:
    """Whether the file is there, or the parent is gone; looked for a few times a second."""
    asked_s, parent = -_ASK_S, os.getppid()

    def there() -> bool:
        nonlocal asked_s
        now_s = time.monotonic()
        if now_s - asked_s < _ASK_S:
            return False
        asked_s = now_s
        return file.exists() or os.getppid() != parent

    return there
