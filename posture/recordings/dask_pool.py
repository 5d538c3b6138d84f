"""Recordings analysed by the workers of a Dask cluster (extra ``cluster``) whose scheduler the user named.

A worker is given nothing before its identity (versions, pose model) is known to be ours. Nothing of this package is needed where the
scheduler runs: what is sent is a function by value and plain values.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from posture._support import how_to_add
from posture.errors import InputError, PostureError
from posture.recordings.distribution import Distribution
from posture.recordings.job import Job
from posture.recordings.work_items import Answer, JobResult, WorkItem, common, never, unfit
from posture.recordings.worker import unpacked
from posture.reports import Format

LOST = 3
"""A recording is given up when so many workers were lost with the same work item."""
_LOOK_S, _POLL_S, _ANSWER_S, _CONNECT_S = 1.0, 0.2, 120.0, 6.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for workers, seconds."""

    first_s: float = 60.0
    """For the first one."""
    again_s: float = 300.0
    """For another one, after the last one was lost."""


@dataclass(slots=True, eq=False)
class _Call:
    """A work item, and who has it."""

    item: WorkItem
    name: str
    lost: Callable[[], None]
    answer: Future[Answer] = field(default_factory=Future)
    future: Any = None
    """Dask's, of its present try."""
    worker: str = ""
    losses: int = 0
    """Of workers, with this item; from the first one on the next worker has no other item meanwhile, so that it takes none with it."""
    blind: set[str] = field(default_factory=set)
    """Workers that do not see the recording."""


def distributed(load: Callable[[str], ModuleType] = importlib.import_module) -> Any:
    """Import Dask distributed, with its log messages silenced.

    Raises:
        PostureError: it is not installed, or cannot be loaded.
    """
    try:
        library = load("distributed")
    except ImportError as error:
        raise PostureError(f"--scheduler needs Dask, which is not installed: {how_to_add('distributed')}") from error
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is said in our own words
    return library


def check_address(address: str) -> None:
    """Check that it looks like the address of a scheduler.

    Raises:
        PostureError: it does not.
    """
    scheme, separator, place = address.partition("://")
    host, colon, port = place.rpartition(":")
    if scheme not in {"tcp", "tls"} or not separator or not host or not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise PostureError(f"--scheduler {address}: expected tcp://HOST:PORT (or tls://HOST:PORT)")


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to the scheduler, and yield the client.

    Raises:
        PostureError: Dask is missing, or no scheduler answers, or it is lost meanwhile.
    """
    check_address(address)
    dask = distributed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask compares versions of its own; ours are compared in work_items
        client = _client(dask, address)
        try:
            yield client
        finally:
            with suppress(OSError, TimeoutError, RuntimeError):
                client.close(timeout=5)


def _client(dask: Any, address: str) -> Any:
    """Connect in a thread: Dask's own time limit does not hold where something answers that is no scheduler."""
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


def analyze_on_cluster(
    client: Any,
    videos: Sequence[Path],
    job: Job,
    formats: frozenset[Format] = frozenset(),
    *,
    stopped: Callable[[], bool] = never,
    say: Callable[[str], None] = lambda _line: None,
    moved: Callable[[float], None] = lambda _done: None,
    patience: Patience | None = None,
) -> Iterator[JobResult]:
    """Have recordings analysed; yield their results in the order in which they come. Ends early as soon as `stopped` says so.

    Args:
        client: from `connected`.
        videos: absolute paths, which the workers see too.
        job: how; ``job.model_facts`` names the pose model that every worker must have.
        formats: what else to write.
        stopped: asked a few times a second.
        say: receives, in one line each, what a user wants to know meanwhile.
        moved: receives how many recordings are done, parts of them included.
        patience: how long to wait for workers.

    Raises:
        PostureError: no worker is there, or none that is fit for it, or the scheduler is gone.
    """
    shared = common(job, formats)
    pool = DaskPool(client, shared, say, patience or Patience())
    yield from Distribution(videos, job, shared, pool).results(stopped, moved)


class DaskPool:
    """Gives every fit worker as many work items as it has threads.

    Every item is bound to one worker: so it is known what a lost worker had, and a recording that takes its workers with it is given up
    after a few of them.
    """

    def __init__(self, client: Any, shared: WorkItem, say: Callable[[str], None], patience: Patience) -> None:
        """Know no worker yet; `shared`: what all work items have in common."""
        self._client, self._shared, self._say, self._patience = client, shared, say, patience
        self._threads: dict[str, int] = {}
        """Of every worker that is there, fit or not."""
        self._fit: set[str] = set()
        self._unfit: dict[str, str] = {}
        self._asked: dict[str, Any] = {}
        """Futures of the identities of workers."""
        self._calls: list[_Call] = []
        self._news = threading.Event()
        self._stop = f"posture-stop-{id(self)}-{time.time_ns()}"
        self._looked_s = -_LOOK_S
        self._alone_since_s = time.monotonic()
        self._had_any = self._told_alone = False

    def capacity(self) -> int:
        """Return the number of threads of all fit workers, at least 1."""
        return max(1, sum(self._threads[address] for address in self._fit))

    def stop(self) -> bool:
        """Make the workers end what they do, and forget it."""
        with suppress(OSError, TimeoutError, RuntimeError):
            if any(call.worker for call in self._calls):
                distributed().Event(self._stop, client=self._client).set()
            self._client.cancel([*(call.future for call in self._calls if call.worker), *self._asked.values()])
        return False

    def ask(self, item: WorkItem, name: str, lost: Callable[[], None]) -> Future[Answer]:
        """Have a work item done; the future raises a `PostureError` if it is given up."""
        self._calls.append(_Call(item, name, lost))
        return self._calls[-1].answer

    def step(self) -> None:
        """Wait a moment for answers, and see which workers have come and which are gone.

        Raises:
            PostureError: no worker is there, or none that is fit, or the scheduler is gone.
        """
        self._news.wait(_POLL_S)
        self._news.clear()
        try:
            if time.monotonic() - self._looked_s >= _LOOK_S:
                self._look()
                self._looked_s = time.monotonic()
            for address, future in list(self._asked.items()):
                if future.status in {"finished", "error"}:
                    error = future.exception() if future.status == "error" else None
                    found = {} if error is not None else future.result(timeout=_ANSWER_S)
                    self._judge(address, _cannot(error) if error is not None else unfit(self._shared["identity"], found))
                if future.done():
                    del self._asked[address]  # if it was lost, the next look asks again
            for call in self._calls:
                self._advance(call)
            self._calls = [call for call in self._calls if not call.answer.done()]
        except (OSError, TimeoutError, distributed().client.ClosedClientError) as error:
            raise PostureError("the scheduler is gone") from error

    def _look(self) -> None:
        self._check_connection()
        workers = self._client.scheduler_info().get("workers", {})
        self._check_connection()  # without one, the answer is an old one
        self._threads = {address: max(1, int(facts["nthreads"])) for address, facts in workers.items()}
        self._fit &= self._threads.keys()
        self._unfit = {a: why for a, why in self._unfit.items() if a in self._threads}
        self._asked = {a: future for a, future in self._asked.items() if a in self._threads}
        for address in self._threads.keys() - self._fit - self._unfit.keys() - self._asked.keys():
            self._asked[address] = self._submit(address, "identity", self._shared["model"])
        now_s = time.monotonic()
        if self._fit or self._asked:
            self._alone_since_s, self._told_alone = now_s, False
            return
        if self._threads and len(self._unfit) == len(self._threads):
            raise PostureError("no worker can take work:  " + "; ".join(f"{a} {why}" for a, why in sorted(self._unfit.items())))
        limit_s = self._patience.again_s if self._had_any else self._patience.first_s
        if now_s - self._alone_since_s > limit_s:
            raise PostureError(f"no worker has been there for {limit_s:.0f} s; start some: dask worker ADDRESS")
        if not self._told_alone and now_s - self._alone_since_s > 2.0:
            self._told_alone = True
            self._say("there is no worker; waiting for one")

    def _check_connection(self) -> None:
        """Raise `ConnectionError` if the scheduler was lost, even for a moment: it has forgotten what it was asked for."""
        if self._client.status != "running":
            raise ConnectionError

    def _judge(self, address: str, why: str | None) -> None:
        """Note that a worker is fit, or `why` it is not."""
        if why is None:
            self._fit.add(address)
            self._had_any = True
            return
        self._fit.discard(address)
        self._unfit[address] = why
        if len(self._unfit) < len(self._threads):  # else it is raised
            self._say(f"{address} {why}; it gets no work")

    def _submit(self, address: str, function: str, *args: object) -> Any:
        future = self._client.submit(_at_worker(function), *args, workers=[address], allow_other_workers=False, pure=False)
        future.add_done_callback(lambda _future: self._news.set())
        return future

    def _advance(self, call: _Call) -> None:
        """Give an item to a worker, or take its answer, or see that the worker was lost."""
        if call.answer.cancelled():
            if call.worker:
                call.future.cancel()
        elif not call.worker:
            call.worker = self._free_worker(call)
            call.future = self._submit(call.worker, "work_apart", call.item, self._stop) if call.worker else None
        elif call.future.done() or call.worker not in self._threads:
            worker, call.worker = call.worker, ""
            self._receive(call, worker)

    def _free_worker(self, call: _Call) -> str:
        """Return a fit worker with a free thread; none: an empty string."""
        for address in sorted(self._fit if self._fit <= call.blind else self._fit - call.blind):
            has = [c for c in self._calls if c.worker == address]
            if len(has) < self._threads[address] and not any(c.losses for c in has) and not (call.losses and has):
                return address
        return ""

    def _receive(self, call: _Call, worker: str) -> None:
        answer: Answer | None = None
        if call.future.done():
            self._check_connection()
            if call.future.status == "error":
                error = call.future.exception()
                words = f"the worker at {worker} failed: {type(error).__name__}: {error}"
                if type(error).__name__ == "KilledWorker":
                    words = "it kept losing its workers"
                call.answer.set_exception(PostureError(f"{Path(call.item['video']).name}: {' '.join(words.split())}"))
                return
            with suppress(TimeoutError, distributed().client.FutureCancelledError):  # lost between its last word and the asking for it
                answer = unpacked(call.future.result(timeout=_ANSWER_S))
        if answer is None:
            call.future.cancel()
            call.losses += 1
            if call.losses == LOST:
                call.answer.set_exception(InputError(f"{call.name}: {LOST} workers were lost while working on it"))
                return
            call.lost()
            self._say(f"{call.name}: the worker at {worker} was lost; another one starts it again ({call.losses} of {LOST})")
        elif isinstance(answer, JobResult) and answer.unfit is not None:
            self._judge(worker, answer.unfit)
        elif isinstance(answer, JobResult) and answer.unseen and self._fit - call.blind - {worker}:
            call.blind.add(worker)
        else:
            call.answer.set_result(answer)


def _cannot(error: BaseException) -> str:
    """Return why a worker could not even report its identity."""
    if isinstance(error, ImportError):
        return f"cannot load posture-monitor ({error}); install it there"
    return f"cannot be used ({type(error).__name__}: {error})"


def _at_worker(name: str) -> Callable[..., Any]:
    """Return a function that travels to the worker by value, and calls there one of `posture.recordings.work_items`."""

    def at_worker(*args: Any) -> Any:
        import importlib as imports  # it takes nothing of this module along  # noqa: PLC0415

        return getattr(imports.import_module("posture.recordings.work_items"), name)(*args)

    at_worker.__name__ = {"work_apart": "work"}.get(name, name)  # Dask's own tools show it
    return at_worker
