"""What a process is given to do with a recording, here or on another machine, and what comes of it.

The first item of a recording looks at it; the answer is a plan, or its result if its landmarks are known. Each part of it is an item of its
own, and so is the analysis of what the parts gave. Results come back as the bytes of their files.

An item is a mapping of plain values with pickles inside, which are not opened before it is known that both sides run the same program with
the same model; so two versions that differ say so, instead of misunderstanding each other.
"""

from __future__ import annotations

import importlib
import platform
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from multiprocessing import current_process
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from posture import reports
from posture._support import drawing, exists, own_file
from posture.capture import VideoFacts
from posture.engine import RecordingResult
from posture.errors import InputError, ModelError, PostureError
from posture.pose import weights
from posture.recordings import resume as resuming, sample_cache, worker
from posture.recordings.analysis import analyze_measured
from posture.recordings.faults import fault_of, out_of_memory
from posture.recordings.job import Job
from posture.recordings.local_pool import OPEN_S, LocalPool, measured_there
from posture.recordings.measuring import cache_key, cached, check_neutral, neutral_outside, task_of, worth_it
from posture.recordings.merging import Measured
from posture.recordings.parts import MeasuredPart, Task, parts_of, survey
from posture.recordings.run_record import labelled, with_file
from posture.recordings.sample_cache import versions
from posture.recordings.stamps import FileStamp, stamp_of
from posture.recordings.worker import packed, unpacked
from posture.reports import Format, check as check_formats, write_formats

WorkItem = Mapping[str, Any]
"""Plain values: ``video``, ``groups``, ``media``, ``name``, ``model``, ``identity``, ``how``, ``payload`` (bytes),
``action`` (of `Action`), ``about`` (bytes)."""


class Action(StrEnum):
    """What is to be done with a recording."""

    BEGIN = "begin"
    """Plan its parts, or analyse it if its landmarks are known. About: nothing."""
    MEASURE = "measure"
    """Measure a part. About: its `Task`."""
    FINISH = "finish"
    """Analyse what was measured. About: a `posture.recordings.merging.Measured`, and the file's stamp."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The parts of a recording; nothing is measured yet."""

    stamp: FileStamp
    facts: VideoFacts
    parts: tuple[Task, ...]


@dataclass(frozen=True, slots=True, eq=False)
class JobResult:
    """What came of a recording, or why nothing did."""

    machine: str = ""
    """Where the work item was done; of several, all of them, separated by commas."""
    result: RecordingResult | None = None
    """Without poses and doses."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Content of every result file by its name."""
    stamp: FileStamp | None = None
    error: PostureError | None = None
    unseen: bool = False
    """The error is that the recording cannot be seen from there; another machine may see it."""
    stopped: bool = False
    """Nothing was measured that could be analysed when it was stopped."""
    unfit: str | None = None
    """Why nothing was done: this is not the same program, or not the same model. One line without the worker's name."""
    number: int = 0
    """The recording's place among those that were given."""
    tries: int = 1
    """1, and one more for each worker that was lost with it."""


Answer = JobResult | Plan | MeasuredPart
_ASK_S = 1.0
_MODEL = "model_sha256"
_SAYS = {"posture": "posture {}", "mediapipe": "mediapipe {}", "numpy": "numpy {}", "av": "av {}", "python": "Python {}"}


def never() -> bool:
    """Never stop."""
    return False


def identity(model: str) -> dict[str, str]:
    """Return the versions of what makes the numbers, and the hash of the pose model or why there is none."""
    me = versions() | {"python": ".".join(platform.python_version_tuple()[:2])}
    try:
        return me | {_MODEL: stamp_of(weights.path(model)).sha256}
    except ModelError as error:
        return me | {"no_model": str(error)}


def unfit(wanted: Mapping[str, str], found: Mapping[str, str]) -> str | None:
    """Return why a worker of identity `found` must not be given any work; ``None`` if it may."""
    for key, words in _SAYS.items():
        if wanted.get(key) != found.get(key):
            theirs, ours = words.format(found.get(key, "(unknown)")), words.format(wanted.get(key))
            return f"has {theirs}, and here it is {ours}; install the same on both"
    if "no_model" in found:
        return found["no_model"]
    if wanted.get(_MODEL) != found.get(_MODEL):
        return "has a different pose model from this machine; run on both: posture model fetch"
    return None


def common(job: Job, formats: frozenset[Format]) -> WorkItem:
    """Return what all items of a run have in common."""
    model = str(job.model_facts["name"])
    if model.endswith(".task"):
        model = str(Path(model).absolute())
    me = identity(model) | {_MODEL: str(job.model_facts["sha256"])}
    payload = packed((replace(job, stopped=never, jobs=1, source=None, groups={}, media={}), formats))
    return {"model": model, "identity": me, "how": resuming.how(job), "payload": payload}


def work(item: WorkItem) -> Answer:  # noqa: PLR0911 # one for each reason to do nothing
    """Do a work item, in a process that may die of it.

    Raises:
        MemoryError: as other errors that say so: there is not enough memory; another process may have more.
    """
    machine = socket.gethostname()
    name = str(item["model"])
    line = unfit(item["identity"], identity(name))
    if line is not None:
        return JobResult(machine, unfit=line)
    job, formats = unpacked(item["payload"])
    media = {} if item["media"] is None else {item["video"]: item["media"]}
    job = replace(job, model=weights.path(name), groups={item["video"]: item["groups"]}, media=media)
    if resuming.how(job) != item["how"]:
        return JobResult(machine, unfit="understands the settings differently; install the same version on both")
    video = Path(item["video"])
    if not exists(video):
        words = f"{video.name}: the worker on {machine} sees no file {video}; its folder must be shared under the same path"
        return JobResult(machine, error=InputError(words), unseen=True)
    try:
        about = unpacked(item["about"])
        match item["action"]:
            case Action.BEGIN:
                return _begin(video, job, formats)
            case Action.MEASURE:
                return replace(measured_there(replace(about, model=job.model)), machine=machine)
        return _finish(video, about, job, formats)
    except Exception as error:
        if out_of_memory(error):
            raise
        return JobResult(machine, error=fault_of(error, video.name))


def _begin(video: Path, job: Job, formats: frozenset[Format]) -> JobResult | Plan:
    check_formats(formats)
    stamp = stamp_of(video)
    measured = cached(job, cache_key(video, job), video.name)
    if measured is not None:
        return _result(video, measured, stamp, job, formats)
    with worker.limited(OPEN_S):
        facts, cuts = survey(task_of(video, job), job.part_s)
    check_neutral(facts, job)
    return Plan(stamp, facts, tuple(parts_of(task_of(video, job, facts), cuts)))


def _finish(video: Path, about: tuple[Measured, FileStamp], job: Job, formats: frozenset[Format]) -> JobResult:
    measured, stamp = about
    key = cache_key(video, job)
    if job.cache is not None and key is not None and measured.complete:
        sample_cache.write(job.cache, key, measured)
    return _result(video, measured, stamp, job, formats)


def _result(video: Path, measured: Measured, stamp: FileStamp, job: Job, formats: frozenset[Format]) -> JobResult:
    if not worth_it(measured, job):
        return JobResult(socket.gethostname(), stopped=True)
    measured.neutral = neutral_outside(video, job, here=True)
    result = labelled(with_file(analyze_measured(measured, job), video, stamp), video, job)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="posture-") as name:
        folder = Path(name)
        written = reports.write_all(result, folder, job.catalogue, partial(drawing, user_file=own_file(job.settings)))
        written += write_formats(formats, result, result.poses, folder, job.catalogue)
        for path in written:
            files[path.name] = path.read_bytes()
    return JobResult(socket.gethostname(), replace(result, poses={}, doses=()), files, stamp)


_kept: list[LocalPool] = []


def work_apart(item: WorkItem, said: str) -> bytes:
    """Do a work item in a child of this process, which is a worker of Dask; end it as soon as the event named `said` is set there.

    Returns:
        The answer, as a pickle.
    """
    current_process().daemon = False  # as Dask starts it, it may have no children
    event = importlib.import_module("distributed").Event(said)
    try:
        pool = _kept.pop()
    except IndexError:
        pool = LocalPool(1)
        Finalize(None, pool.close, exitpriority=1)  # else the end of this process waits for its child
    asked_s = time.monotonic()
    future = pool.submit(work, item, name=item["name"], stoppable=item["action"] != Action.FINISH)
    try:
        while not future.done():
            pool.step()
            if time.monotonic() - asked_s > _ASK_S:
                asked_s = time.monotonic()
                if event.is_set():
                    pool.stop()
        answer = JobResult(socket.gethostname(), stopped=True) if future.cancelled() else future.result()
    except PostureError as error:
        answer = JobResult(socket.gethostname(), error=error)
    finally:
        if future.done() and not pool.stopping:
            _kept.append(pool)
        else:
            pool.close()
    return packed(answer)
