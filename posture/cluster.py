"""Recordings analysed by the workers of a Dask cluster (extra ``cluster``) whose scheduler the user named.

Dask brings orders and answers across, and knows which workers are alive. Every order is bound to one worker: a worker is given nothing
before it was asked who it is, and if it is lost, it is known exactly which recordings it had, so that one that takes its workers with it
is given up after a few of them.

Nothing of this package is needed where the scheduler runs: what is sent is a function by value and plain values.
"""

from __future__ import annotations

import importlib
import logging
import queue
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from posture import orders, resuming
from posture.analyze import Job
from posture.model import InputError, PostureError
from posture.reports.formats import Format

LOST = 3
"""A recording whose worker was lost so many times is given up."""
_LOOK_S, _POLL_S, _ANSWER_S, _CONNECT_S = 1.0, 0.2, 120.0, 6.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for workers, seconds."""

    first_s: float = 60.0
    """For the first one."""
    again_s: float = 300.0
    """For another one, after the last one was lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of one recording: an outcome, or an error of the cluster."""

    number: int
    """Its place among the recordings."""
    tries: int
    outcome: orders.Outcome | None = None
    error: PostureError | None = None


@dataclass(slots=True)
class _Ticket:
    """One recording on its way."""

    number: int
    video: Path
    tries: int = 0
    lost: int = 0
    blind: set[str] = field(default_factory=set)
    """Workers that do not see it."""
    words: str = ""
    """Of the worker that last did not see it."""


@dataclass(slots=True)
class _Running:
    """What a worker has been given; no ticket: it was asked who it is."""

    future: Any
    worker: str
    ticket: _Ticket | None


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
    patience: Patience | None = None,
) -> Iterator[Answer]:
    """Have recordings analysed; the answers in the order in which they come. Ends early as soon as `stopped` says so.

    Args:
        client: from :func:`connected`.
        videos: absolute paths, which the workers see too.
        job: how; ``job.model_facts`` names the pose model that every worker must have.
        formats: what else to write.
        stopped: asked a few times a second.
        say: told, in one line each, what a user wants to know meanwhile.
        patience: how long to wait for workers.

    Raises:
        PostureError: no worker is there, or none that is fit for it, or the scheduler is gone.
    """
    dispatch = _Dispatch(client, videos, job, formats, say, patience or Patience())
    try:
        yield from dispatch.answers(stopped)
    except (OSError, TimeoutError, distributed().client.ClosedClientError) as error:
        raise PostureError("the scheduler is gone") from error
    finally:
        dispatch.stop()


class _Dispatch:
    """Gives every worker as much as it has threads."""

    def __init__(
        self, client: Any, videos: Sequence[Path], job: Job, formats: frozenset[Format], say: Callable[[str], None], patience: Patience
    ) -> None:
        self._client, self._say, self._patience = client, say, patience
        model = str(job.model_facts["name"])
        if model.endswith(".task"):
            model = str(Path(model).absolute())
        self._identity = orders.identity(model) | {"model_sha256": str(job.model_facts["sha256"])}
        self._order: Mapping[str, Any] = {
            "model": model,
            "identity": self._identity,
            "how": resuming.how(job),
            "payload": orders.payload(job, formats),
        }
        self._waiting = deque(_Ticket(i, video) for i, video in enumerate(videos))
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

    def answers(self, stopped: Callable[[], bool]) -> Iterator[Answer]:
        while (self._waiting or any(r.ticket for r in self._running.values())) and not stopped():
            if time.monotonic() - self._looked_s >= _LOOK_S:
                self._check_connection()
                yield from self._look()
                self._looked_s = time.monotonic()
            self._hand_out()
            try:
                key = self._ready.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            running = self._running.pop(key, None)
            if running is None:  # given up meanwhile
                continue
            self._check_connection()
            if running.ticket is None:
                self._got_to_know(running)
            else:
                yield from self._took(running, running.ticket)

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

    def _look(self) -> Iterator[Answer]:
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
                if running.ticket is not None:
                    yield from self._lost(running.ticket, running.worker)
        asked = {r.worker for r in self._running.values() if r.ticket is None}
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

    def _hand_out(self) -> None:
        for address in sorted(self._fit):
            while self._waiting and (ticket := self._next_for(address)) is not None:
                self._waiting.remove(ticket)
                ticket.tries += 1
                order = {**self._order, "video": str(ticket.video)}
                self._submit(_at_worker("work", self._stop), order, address, ticket)

    def _next_for(self, address: str) -> _Ticket | None:
        """The next recording for this worker. One whose worker was lost runs alone, so that it takes no other one with it."""
        has = [r.ticket for r in self._running.values() if r.worker == address and r.ticket is not None]
        if len(has) >= self._threads[address] or any(t.lost for t in has):
            return None
        return next((t for t in self._waiting if address not in t.blind and not (t.lost and has)), None)

    def _submit(self, function: Callable[..., Any], argument: Any, address: str, ticket: _Ticket | None) -> None:
        future = self._client.submit(function, argument, workers=[address], allow_other_workers=False, pure=False)
        self._running[future.key] = _Running(future, address, ticket)
        future.add_done_callback(lambda done: self._ready.put(done.key))

    def _got_to_know(self, running: _Running) -> None:
        """A worker has said who it is, or could not."""
        error = running.future.exception() if running.future.status == "error" else None
        if running.future.status not in {"finished", "error"}:
            return  # lost; the next look asks again, if it is still there
        why = _cannot(error) if error is not None else orders.unfit(self._identity, running.future.result(timeout=_ANSWER_S))
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

    def _took(self, running: _Running, ticket: _Ticket) -> Iterator[Answer]:
        """What came of a recording."""
        future, worker = running.future, running.worker
        if future.status == "error":
            error = future.exception()
            name = type(error).__name__
            words = "its workers were lost again and again" if name == "KilledWorker" else f"the worker at {worker} failed: {name}: {error}"
            yield Answer(ticket.number, ticket.tries, error=PostureError(f"{ticket.video.name}: {' '.join(words.split())}"))
            return
        try:
            outcome = orders.unpacked(future.result(timeout=_ANSWER_S)) if future.status == "finished" else None
        except (TimeoutError, distributed().client.FutureCancelledError):  # lost between its last word and the asking for it
            outcome = None
        if outcome is None:
            yield from self._lost(ticket, worker)
            return
        if outcome.unfit is not None:
            ticket.tries -= 1
            self._waiting.appendleft(ticket)
            self._judge(worker, outcome.unfit)
        elif outcome.unseen and self._fit - ticket.blind - {worker}:
            ticket.blind.add(worker)
            self._waiting.appendleft(ticket)
        else:
            yield Answer(ticket.number, ticket.tries, outcome)

    def _lost(self, ticket: _Ticket, worker: str) -> Iterator[Answer]:
        ticket.lost += 1
        if ticket.lost >= LOST:
            words = f"{ticket.video.name}: {LOST} workers were lost while they had it; is there enough memory?"
            yield Answer(ticket.number, ticket.tries, error=InputError(words))
            return
        self._say(f"{ticket.video.name}: the worker at {worker} was lost; it is begun anew by another one ({ticket.lost} of {LOST})")
        self._waiting.appendleft(ticket)


def _cannot(error: BaseException) -> str:
    """Why a worker could not even say who it is."""
    if isinstance(error, ImportError):
        return f"cannot load posture-monitor ({error}); install it there"
    return f"cannot be used ({type(error).__name__}: {error})"


def _at_worker(name: str, stop: str | None = None) -> Callable[[Any], Any]:
    """A function that goes to the worker by value, and calls there one of :mod:`posture.orders`."""

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
