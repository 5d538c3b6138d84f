"""Recordings analysed by the workers of a Dask cluster (extra ``cluster``) whose scheduler the user named.

Dask brings orders and answers across, and knows which workers are alive; which order is next, posture/shares.py knows. Every order is bound
to one worker: a worker is given nothing before it was asked who it is, and if it is lost, it is known exactly what it had, so that a
recording that takes its workers with it is given up after a few of them.

Nothing of this package is needed where the scheduler runs: what is sent is a function by value and plain values.
"""

from __future__ import annotations

import importlib
import logging
import queue
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from posture import orders
from posture.analysis import Job
from posture.faults import fault_of
from posture.model import InputError, PostureError
from posture.orders import Outcome
from posture.reports.formats import Format
from posture.shares import Agenda, Ending, Todo

LOST = 3
"""A recording is given up when so many workers were lost with the same order."""
_LOOK_S, _POLL_S, _ANSWER_S, _CONNECT_S = 1.0, 0.2, 120.0, 6.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for workers, seconds."""

    first_s: float = 60.0
    """For the first one."""
    again_s: float = 300.0
    """For another one, after the last one was lost."""


@dataclass(slots=True)
class _Running:
    """What a worker has been given; no ticket: it was asked who it is."""

    future: Any
    worker: str
    todo: Todo | None


def distributed(load: Callable[[str], ModuleType] = importlib.import_module) -> Any:
    """The library.

    Raises:
        PostureError: it is not installed, or cannot be loaded.
    """
    try:
        library = load("distributed")
    except ImportError as error:
        raise PostureError("--scheduler needs Dask, which is not installed: pip install 'posture-monitor[cluster]'") from error
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is said in our own words
    return library


def check_address(address: str) -> None:
    """That it looks like the address of a scheduler.

    Raises:
        PostureError: it does not.
    """
    scheme, separator, place = address.partition("://")
    host, colon, port = place.rpartition(":")
    if scheme not in {"tcp", "tls"} or not separator or not host or not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise PostureError(f"--scheduler {address}: expected tcp://HOST:PORT (or tls://HOST:PORT)")


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler.

    Raises:
        PostureError: Dask is missing, or no scheduler answers, or it is lost meanwhile.
    """
    check_address(address)
    dask = distributed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask compares versions of its own; ours are compared in orders
        client = _client(dask, address)
        try:
            yield client
        finally:
            with suppress(OSError, TimeoutError, RuntimeError):
                client.close(timeout=5)


def _client(dask: Any, address: str) -> Any:
    """Dask's own time limit does not hold where something answers that is no scheduler, so it has to do it aside."""
    found: list[Any] = []

    def connect() -> None:
        with suppress(OSError, TimeoutError, ValueError, RuntimeError, TypeError):
            found.append(dask.Client(address, timeout=_CONNECT_S, set_as_default=False, direct_to_workers=False))

    thread = threading.Thread(target=connect, name="connecting", daemon=True)
    thread.start()
    thread.join(2.0 * _CONNECT_S)
    if not found:
        raise PostureError(f"no scheduler answers at {address}; is it running there, and is it a Dask scheduler?")
    return found[0]


def carry_out(
    client: Any,
    videos: Sequence[Path],
    job: Job,
    formats: frozenset[Format] = frozenset(),
    *,
    stopped: Callable[[], bool] = orders.never,
    say: Callable[[str], None] = lambda _line: None,
    moved: Callable[[float], None] = lambda _done: None,
    long_s: float = orders.LONG_S,
    patience: Patience | None = None,
) -> Iterator[Ending]:
    """Have recordings analysed; their endings in the order in which they come. Ends early as soon as `stopped` says so.

    Args:
        client: from `connected`.
        videos: absolute paths, which the workers see too.
        job: how; ``job.model_facts`` names the pose model that every worker must have.
        formats: what else to write.
        stopped: asked a few times a second.
        say: told, in one line each, what a user wants to know meanwhile.
        moved: told how many recordings are done, parts of them included.
        long_s: a recording of this length or more, seconds, is shared between the workers.
        patience: how long to wait for workers.

    Raises:
        PostureError: no worker is there, or none that is fit for it, or the scheduler is gone.
    """
    dispatch = _Dispatch(client, Agenda(videos, job, long_s), orders.common(job, formats, long_s), say, patience or Patience())
    try:
        yield from dispatch.endings(stopped, moved)
    except (OSError, TimeoutError, distributed().client.ClosedClientError) as error:
        raise PostureError("the scheduler is gone") from error
    finally:
        dispatch.stop()


class _Dispatch:
    """Gives every worker as much as it has threads."""

    def __init__(self, client: Any, agenda: Agenda, order: orders.Order, say: Callable[[str], None], patience: Patience) -> None:
        self._client, self._agenda, self._order, self._say, self._patience = client, agenda, order, say, patience
        self._running: dict[str, _Running] = {}
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._threads: dict[str, int] = {}
        """Of every worker that is there, fit or not."""
        self._fit: set[str] = set()
        self._unfit: dict[str, str] = {}
        self._stop = f"posture-stop-{id(self)}-{time.time_ns()}"
        self._looked_s = -_LOOK_S
        self._alone_since_s = time.monotonic()
        self._had_any = self._told_alone = False

    def endings(self, stopped: Callable[[], bool], moved: Callable[[float], None]) -> Iterator[Ending]:
        while not self._agenda.over and not stopped():
            if time.monotonic() - self._looked_s >= _LOOK_S:
                self._check_connection()
                yield from self._look()
                self._looked_s = time.monotonic()
            yield from self._hand_out()
            try:
                key = self._ready.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            running = self._running.pop(key, None)
            if running is None:  # given up meanwhile
                continue
            self._check_connection()
            if running.todo is None:
                self._got_to_know(running)
            elif (ending := self._took(running, running.todo)) is not None:
                yield ending
            moved(self._agenda.done)

    def stop(self) -> None:
        """Let the workers stop at what they are doing, and forget it."""
        if not self._running:
            return
        with suppress(OSError, TimeoutError, RuntimeError):
            distributed().Event(self._stop, client=self._client).set()
            self._client.cancel([r.future for r in self._running.values()])
        self._running.clear()

    def _check_connection(self) -> None:
        """A scheduler that was lost for a moment has forgotten what it was asked for, so it counts as gone.

        Raises:
            ConnectionError: it is gone.
        """
        if self._client.status != "running":
            raise ConnectionError

    def _look(self) -> Iterator[Ending]:
        """See which workers have come and which are gone."""
        workers = self._client.scheduler_info().get("workers", {})
        self._check_connection()  # without one, the answer is an old one
        self._threads = {address: max(1, int(facts["nthreads"])) for address, facts in workers.items()}
        self._fit &= self._threads.keys()
        self._unfit = {a: why for a, why in self._unfit.items() if a in self._threads}
        for key, running in list(self._running.items()):
            if running.worker not in self._threads:
                del self._running[key]
                self._client.cancel([running.future])
                if running.todo is not None and (ending := self._lost(running.todo, running.worker)) is not None:
                    yield ending
        self._agenda.see_again(self._fit)
        asked = {r.worker for r in self._running.values() if r.todo is None}
        for address in self._threads.keys() - self._fit - self._unfit.keys() - asked:
            self._submit(_at_worker("identity"), self._order["model"], address, None)
        self._wait_for_workers(bool(asked))

    def _wait_for_workers(self, asking: bool) -> None:
        now_s = time.monotonic()
        if self._fit or asking:
            self._alone_since_s, self._told_alone = now_s, False
            return
        if self._threads and len(self._unfit) == len(self._threads):
            raise PostureError("no worker can be given work: " + "; ".join(f"{a} {why}" for a, why in sorted(self._unfit.items())))
        limit_s = self._patience.again_s if self._had_any else self._patience.first_s
        if now_s - self._alone_since_s > limit_s:
            raise PostureError(f"no worker has been there for {limit_s:.0f} s; start some: dask worker ADDRESS")
        if not self._told_alone and now_s - self._alone_since_s > 2.0:
            self._told_alone = True
            self._say("no worker is there; waiting for one")

    def _hand_out(self) -> Iterator[Ending]:
        """Give every worker what it can take; the ends of recordings that cannot be sent."""
        for address in sorted(self._fit):
            while (todo := self._next_for(address)) is not None:
                order = {**self._order, "video": str(todo.share.video), "do": str(todo.do), "about": todo.about}
                try:
                    self._submit(_at_worker("work", self._stop), order, address, todo)
                except (OSError, TimeoutError, distributed().client.ClosedClientError):
                    raise  # the scheduler is gone
                except Exception as error:  # noqa: BLE001 # it cannot be sent: this recording's
                    ending = self._agenda.failed(todo, fault_of(error, todo.share.video.name))
                    if ending is not None:
                        yield ending

    def _next_for(self, address: str) -> Todo | None:
        """The next order for this worker. One whose worker was lost runs alone, so that it takes no other one with it."""
        has = [r.todo for r in self._running.values() if r.worker == address and r.todo is not None]
        if len(has) >= self._threads[address] or any(t.lost for t in has):
            return None
        return self._agenda.next(lambda t: address not in t.share.blind and not (t.lost and has))

    def _submit(self, function: Callable[..., Any], argument: Any, address: str, todo: Todo | None) -> None:
        future = self._client.submit(function, argument, workers=[address], allow_other_workers=False, pure=False)
        self._running[future.key] = _Running(future, address, todo)
        future.add_done_callback(lambda done: self._ready.put(done.key))

    def _got_to_know(self, running: _Running) -> None:
        """A worker has said who it is, or could not."""
        error = running.future.exception() if running.future.status == "error" else None
        if running.future.status not in {"finished", "error"}:
            return  # lost; the next look asks again, if it is still there
        why = _cannot(error) if error is not None else orders.unfit(self._order["identity"], running.future.result(timeout=_ANSWER_S))
        self._judge(running.worker, why)

    def _judge(self, address: str, why: str | None) -> None:
        if why is None:
            self._fit.add(address)
            self._had_any = True
            return
        self._fit.discard(address)
        self._unfit[address] = why
        if len(self._unfit) < len(self._threads):  # else it is raised
            self._say(f"{address} {why}; it is given no work")

    def _took(self, running: _Running, todo: Todo) -> Ending | None:
        """What came of an order."""
        future, worker = running.future, running.worker
        video = todo.share.video
        if future.status == "error":
            error = future.exception()
            name = type(error).__name__
            words = "its workers were lost again and again" if name == "KilledWorker" else f"the worker at {worker} failed: {name}: {error}"
            return self._agenda.failed(todo, PostureError(f"{video.name}: {' '.join(words.split())}"))
        try:
            packed = future.result(timeout=_ANSWER_S) if future.status == "finished" else None
        except (TimeoutError, distributed().client.FutureCancelledError):  # lost between its last word and the asking for it
            packed = None
        if packed is None:
            return self._lost(todo, worker)
        try:
            answer = orders.unpacked(packed)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is this recording's
            return self._agenda.failed(todo, fault_of(error, video.name))
        if isinstance(answer, Outcome) and answer.unfit is not None:
            self._agenda.put_back(todo)
            self._judge(worker, answer.unfit)
            return None
        if isinstance(answer, Outcome) and answer.unseen and self._fit - todo.share.blind - {worker}:
            todo.share.blind.add(worker)
            self._agenda.put_back(todo)
            return None
        return self._agenda.answered(todo, answer)

    def _lost(self, todo: Todo, worker: str) -> Ending | None:
        todo.lost += 1
        if todo.lost >= LOST:
            words = f"{todo.name}: {LOST} workers were lost while they had it"
            return self._agenda.failed(todo, InputError(words))
        todo.share.tries += 1
        self._say(f"{todo.name}: the worker at {worker} was lost; it is begun anew by another one ({todo.lost} of {LOST})")
        self._agenda.put_back(todo)
        return None


def _cannot(error: BaseException) -> str:
    """Why a worker could not even say who it is."""
    if isinstance(error, ImportError):
        return f"cannot load posture-monitor ({error}); install it there"
    return f"cannot be used ({type(error).__name__}: {error})"


def _at_worker(name: str, stop: str | None = None) -> Callable[[Any], Any]:
    """A function that goes to the worker by value, and calls there one of `posture.orders`."""

    def stopped_by(event: str) -> Callable[[], bool]:
        import importlib as imports  # noqa: PLC0415 # it takes nothing of this module along
        import time as clock  # noqa: PLC0415

        said = imports.import_module("distributed").Event(event)
        asked_s = clock.monotonic()

        def stopped() -> bool:
            nonlocal asked_s
            if clock.monotonic() - asked_s < 1.0:
                return False
            asked_s = clock.monotonic()
            return bool(said.is_set())

        return stopped

    def at_worker(argument: Any) -> Any:
        import importlib as imports  # noqa: PLC0415

        function = getattr(imports.import_module("posture.orders"), name)
        return function(argument) if stop is None else function(argument, stopped_by(stop))

    at_worker.__name__ = name  # Dask's own tools show it
    return at_worker
