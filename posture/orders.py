"""What a worker on another machine is told, and what it answers: one recording, analysed whole, its results as the bytes of their files.

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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from posture import __version__, reports, resuming, weights
from posture.analyze import Job, Result, analyze
from posture.catalogue import drawing
from posture.model import InputError, ModelError, PostureError
from posture.reports.formats import Format, write_formats
from posture.reports.formats import check as check_formats
from posture.resuming import Stamp, stamp_of

Order = Mapping[str, Any]
"""Plain values: ``video``, ``identity``, ``how``, ``payload`` (bytes)."""
_MODEL = "model_sha256"
_SAYS = {"posture": "posture {}", "mediapipe": "mediapipe {}", "numpy": "numpy {}", "av": "av {}", "python": "Python {}"}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of an order."""

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
    unfit: str | None = None
    """Why nothing was done: this is not the same program, or not the same model. One line without the worker's name."""


def _read_only(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


class _Pickler(pickle.Pickler):
    """Knows the read-only mappings of the catalogue too."""

    dispatch_table = copyreg.dispatch_table | {MappingProxyType: lambda m: (_read_only, (dict(m),))}


def packed(value: object) -> bytes:
    """As bytes that :func:`unpacked` understands in another process of the same version."""
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


def work(order: Order, stopped: Callable[[], bool] = never) -> bytes:
    """Carry out an order, on the worker: an :class:`Outcome`, packed."""
    return packed(_carry_out(order, stopped))


def _carry_out(order: Order, stopped: Callable[[], bool]) -> Outcome:
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
        return _analysed(video, job, formats, machine)
    except PostureError as error:
        return Outcome(machine, error=error)


def _visible(video: Path) -> bool:
    try:
        return video.exists()
    except OSError:
        return False


def _analysed(video: Path, job: Job, formats: frozenset[Format], machine: str) -> Outcome:
    check_formats(formats)
    stamp = stamp_of(video)
    result = analyze(video, job)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="posture-") as name:
        folder = Path(name)
        user_file = Path(job.settings.prompts.catalogue) if job.settings.prompts.catalogue else None
        written = reports.write_all(result.analysis, folder, job.catalogue, partial(drawing, user_file=user_file))
        written += write_formats(formats, result.analysis, result.poses, folder, job.catalogue)
        for path in written:
            files[path.name] = path.read_bytes()
    return Outcome(machine, replace(result, poses={}, doses=()), files, stamp)


__all__ = ["Order", "Outcome", "identity", "packed", "payload", "unfit", "unpacked", "work"]
