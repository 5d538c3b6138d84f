"""What a worker is told, here or on another machine, and what it answers.

A recording is begun by one worker, which analyses it whole if it is short: its results come back as the bytes of their files. If it is
long, the answer is how it is cut; its parts are orders of their own, and so is the analysis of what they gave.

An order travels as plain values with a pickle inside, which is not opened before it is known that both sides run the same program with the
same model; so two versions that differ say so, instead of misunderstanding each other.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import platform
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from posture import __version__, landmark_cache, reports, resuming, weights
from posture.analysis import Job, Result, analyze_measured, cache_key, cached, check_neutral, measure, survey_of, task_of, worth_it
from posture.catalogue import drawing, own_file
from posture.faults import fault_of, out_of_memory
from posture.measuring import Measured, parts_of
from posture.model import InputError, ModelError, PostureError
from posture.reports.formats import Format, write_formats
from posture.reports.formats import check as check_formats
from posture.resuming import Stamp, stamp_of
from posture.segments import Ended, Message, Task
from posture.sources.video_file import VideoFacts
from posture.workers import Again, Failed, one_kept, surveyed

Order = Mapping[str, Any]
"""Plain values: ``video``, ``identity``, ``how``, ``payload`` (bytes), ``long_s``, ``do`` (of `Do`), ``about`` (bytes)."""
LONG_S = 600.0
"""A recording of this length or more, seconds, is shared."""
FEW_LONG_S = 90.0
"""Likewise where there are hardly more recordings than processes: otherwise some of these would have nothing to do."""


class Do(StrEnum):
    """What is to be done with a recording."""

    BEGIN = "begin"
    """Analyse it, or say how it is cut. About: nothing."""
    MEASURE = "measure"
    """Measure some parts. About: their tasks, in order."""
    FINISH = "finish"
    """Analyse what was measured. About: a `posture.measuring.Measured`, and the file's stamp."""


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A long recording, and how it is cut; nothing is measured yet."""

    stamp: Stamp
    facts: VideoFacts
    parts: tuple[Task, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PartsMeasured:
    """What was said of each part."""

    machine: str
    said: tuple[tuple[Message, ...], ...]


_MODEL = "model_sha256"
_POLL_S = 0.1
_SAYS = {"posture": "posture {}", "mediapipe": "mediapipe {}", "numpy": "numpy {}", "av": "av {}", "python": "Python {}"}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a recording, or why nothing did."""

    machine: str
    """Where it was carried out."""
    result: Result | None = None
    """Without the poses."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Content of every result file by its name."""
    stamp: Stamp | None = None
    error: PostureError | None = None
    unseen: bool = False
    """The error is that the recording cannot be seen from there; another machine may see it."""
    stopped: bool = False
    """Nothing was measured that could be analysed when it was stopped."""
    unfit: str | None = None
    """Why nothing was done: this is not the same program, or not the same model. One line without the worker's name."""


Answer = Outcome | Planned | PartsMeasured


def _read_only(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


class _Pickler(pickle.Pickler):
    """Knows the read-only mappings of the catalogue too."""

    dispatch_table = copyreg.dispatch_table | {MappingProxyType: lambda m: (_read_only, (dict(m),))}


def packed(value: object) -> bytes:
    """As bytes that `unpacked` understands in another process of the same version."""
    out = io.BytesIO()
    _Pickler(out, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return out.getvalue()


def unpacked(data: bytes) -> Any:
    """What was packed. Only for what came from one's own cluster: a pickle can do anything."""
    return pickle.loads(data)


def identity(model: str) -> dict[str, str]:
    """Who this is, in plain values: versions of what makes the numbers, and the hash of the pose model; or why there is no model."""
    me = {"posture": __version__, "python": ".".join(platform.python_version_tuple()[:2])}
    me |= {package: version(package) for package in ("mediapipe", "numpy", "av")}
    try:
        return me | {_MODEL: _sha256(weights.path(model))}
    except ModelError as error:
        return me | {"no_model": str(error)}


def _sha256(file: Path) -> str:
    return stamp_of(file).sha256


def unfit(wanted: Mapping[str, str], found: Mapping[str, str]) -> str | None:
    """Why a worker that says this of itself must not be given any work; ``None`` if it may."""
    for key, words in _SAYS.items():
        if wanted.get(key) != found.get(key):
            there, here = words.format(found.get(key, "(unknown)")), words.format(wanted.get(key))
            return f"has {there}, and here it is {here}; install the same on both"
    if "no_model" in found:
        return found["no_model"]
    if wanted.get(_MODEL) != found.get(_MODEL):
        return "has another pose model than this machine; run there and here: posture model fetch"
    return None


def never() -> bool:
    """Never stopped."""
    return False


def payload(job: Job, formats: frozenset[Format]) -> bytes:
    """What is the same for all recordings of a run."""
    return packed((replace(job, stopped=never, jobs=1, source=None), formats))


def common(job: Job, formats: frozenset[Format], long_s: float = LONG_S) -> Order:
    """What all orders of a run have in common; `long_s`: a recording of this length or more, seconds, is shared."""
    model = str(job.model_facts["name"])
    if model.endswith(".task"):
        model = str(Path(model).absolute())
    me = identity(model) | {_MODEL: str(job.model_facts["sha256"])}
    return {"model": model, "identity": me, "how": resuming.how(job), "payload": payload(job, formats), "long_s": long_s}


def work(order: Order, stopped: Callable[[], bool] = never) -> bytes:
    """Carry out an order, on the worker: an `Answer`, packed."""
    return packed(_carry_out(order, stopped))


def _carry_out(order: Order, stopped: Callable[[], bool]) -> Answer:
    machine = socket.gethostname()
    name = str(order["model"])
    line = unfit(order["identity"], identity(name))
    if line is not None:
        return Outcome(machine, unfit=line)
    job, formats = unpacked(order["payload"])
    job = replace(job, model=weights.path(name), stopped=stopped)
    if resuming.how(job) != order["how"]:
        return Outcome(machine, unfit="understands the settings in another way; install the same version on both")
    video = Path(order["video"])
    if not _visible(video):
        words = f"{video.name}: the worker on {machine} sees no file {video}; its folder has to be shared under the same path"
        return Outcome(machine, error=InputError(words), unseen=True)
    try:
        return _done(order, video, job, formats)
    except Exception as error:
        if out_of_memory(error):
            raise  # another process may have more
        return Outcome(machine, error=fault_of(error, video.name))


def _done(order: Order, video: Path, job: Job, formats: frozenset[Format]) -> Answer:
    match Do(order["do"]):
        case Do.BEGIN:
            return _begun(video, job, formats, float(order["long_s"]))
        case Do.MEASURE:
            return _parts(unpacked(order["about"]), job)
        case Do.FINISH:
            measured, stamp = unpacked(order["about"])
            return _finished(video, measured, stamp, job, formats)


def _visible(video: Path) -> bool:
    try:
        return video.exists()
    except OSError:
        return False


def _begun(video: Path, job: Job, formats: frozenset[Format], long_s: float) -> Outcome | Planned:
    check_formats(formats)
    stamp = stamp_of(video)
    key = cache_key(video, job)
    measured = cached(job, key)
    if measured is None:
        with one_kept() as pool:
            found = surveyed(pool, survey_of(video, job))
            if found.cuts and (found.facts.duration_s or 0.0) >= long_s:
                check_neutral(found.facts, job)
                return Planned(stamp, found.facts, tuple(parts_of(task_of(video, job, found.facts), found.cuts)))
            measured = measure(video, job, found, pool=pool, key=key)
    return _written(measured, stamp, job, formats)


def _parts(parts: Sequence[Task], job: Job) -> PartsMeasured:
    """Stopped in the middle, there are fewer parts."""
    with one_kept() as pool:
        for number, part in enumerate(parts):
            pool.submit(number, replace(part, model=job.model))
        said: list[list[Message]] = [[]]
        while not pool.idle and not job.stopped():
            answer = pool.answer(_POLL_S)
            if answer is None:
                continue
            if isinstance(answer[1], Failed):
                raise answer[1].error()
            if isinstance(answer[1], Again):
                said[-1].clear()
                continue
            said[-1].append(answer[1])
            if isinstance(answer[1], Ended):
                said.append([])
    return PartsMeasured(socket.gethostname(), tuple(map(tuple, said[:-1])))


def _finished(video: Path, measured: Measured, stamp: Stamp, job: Job, formats: frozenset[Format]) -> Outcome:
    key = cache_key(video, job)
    if job.cache is not None and key is not None and measured.complete:
        landmark_cache.keep(job.cache, key, measured)
    return _written(measured, stamp, job, formats)


def _written(measured: Measured, stamp: Stamp, job: Job, formats: frozenset[Format]) -> Outcome:
    if not worth_it(measured, job):
        return Outcome(socket.gethostname(), stopped=True)
    result = analyze_measured(measured, job)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="posture-") as name:
        folder = Path(name)
        written = reports.write_all(result.analysis, folder, job.catalogue, partial(drawing, user_file=own_file(job.settings)))
        written += write_formats(formats, result.analysis, result.poses, folder, job.catalogue)
        for path in written:
            files[path.name] = path.read_bytes()
    return Outcome(socket.gethostname(), replace(result, poses={}, doses=()), files, stamp)


__all__ = [
    "Answer",
    "Do",
    "Order",
    "Outcome",
    "PartsMeasured",
    "Planned",
    "common",
    "identity",
    "packed",
    "payload",
    "unfit",
    "unpacked",
    "work",
]
