"""The record of a run in ``summary.json``: all that its numbers depend on, unrounded, so that the run can be repeated."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from posture._support import parameters
from posture._support.catalogue import movements
from posture.biomechanics import Neutral
from posture.capture import Crop
from posture.engine import RecordingResult
from posture.pose import Choice
from posture.prompts import Catalogue
from posture.recordings.stamps import FileStamp
from posture.settings import Settings
from posture.types import View

SECTIONS = ("measure", "bands", "dose", "prompts", "ergonomics")
"""Of the settings: those that an analysis depends on. The others may name a camera with its password."""
TRACKING = "tracking"
"""There is one way to follow the person: no option of a job."""
STOPPED = "stopped before it was read whole"
ALL_EXERCISES = "all"
"""In place of the id of an exercise: look for any."""
_OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python")


def _if_any(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else read(value)


def _span(value: Any) -> tuple[float, float]:
    low_s, high_s = (float(s) for s in value)
    if not 0.0 <= low_s < high_s:
        raise ValueError(value)
    return low_s, high_s


def _quarter_turns(value: Any) -> int:
    if value not in (0, 90, 180, 270):
        raise ValueError(value)
    return int(value)


def _positive(value: Any) -> float:
    if not value > 0.0:
        raise ValueError(value)
    return float(value)


def _exercise(value: Any) -> str:
    if value not in (ALL_EXERCISES, *movements()):
        raise ValueError(value)
    return str(value)


class Option(NamedTuple):
    """How an option of a `posture.recordings.job.Job` stands in the record."""

    field: str
    """Of the job."""
    read: Callable[[Any], object]
    """From plain values."""
    write: Callable[[Any], object] = lambda value: value
    """To plain values."""


OPTIONS: Mapping[str, Option] = {
    "neutral_span_s": Option("neutral_span", _if_any(_span)),
    "profile": Option("profile", _if_any(Neutral.from_dict), _if_any(Neutral.as_dict)),
    "view": Option("view", _if_any(View)),
    "person": Option("person", Choice),
    "start_s": Option("start_s", _if_any(float)),
    "end_s": Option("end_s", _if_any(float)),
    "rotate_deg": Option("rotate_deg", _quarter_turns),
    "crop": Option("crop", _if_any(Crop.parse), _if_any(str)),
    "fps": Option("fps", _if_any(_positive)),
    "adaptive": Option("adaptive", bool),
    "part_s": Option("part_s", _if_any(_positive)),
    "exercises": Option("exercises", _if_any(_exercise)),
}
"""Every option on which the numbers depend, by its key in the record."""


def options_of(job: object) -> dict[str, object]:
    """Return the options of a job as plain values."""
    return {key: option.write(getattr(job, option.field)) for key, option in OPTIONS.items()}


def fields_from(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a job; the inverse of `options_of`. An option that there was not yet keeps its default.

    Raises:
        KeyError, TypeError, ValueError: not what ``options_of`` gives, or an option that is not known here.
    """
    if unknown := options.keys() - OPTIONS.keys() - {TRACKING}:
        raise ValueError(f"unknown: {unknown}")
    return {option.field: option.read(options[key]) for key, option in OPTIONS.items() if key in options}


def settings_of(settings: Settings) -> dict[str, object]:
    """Return every setting that an analysis depends on, as ``section.key``."""
    return {f"{section}.{key}": value for section in SECTIONS for key, value in asdict(getattr(settings, section)).items()}


def catalogue_sha256(catalogue: Catalogue) -> str:
    """Return a hash of all prompts."""
    return hashlib.sha256(repr(catalogue).encode("utf-8", "backslashreplace")).hexdigest()


def parameters_facts() -> dict[str, object]:
    """Return file and hash of the fitted parameters that come with the program."""
    return {"file": parameters.FILE, "sha256": parameters.sha256()}


def system() -> str:
    """Return system and processor family: other ones round otherwise."""
    return f"{platform.system()} {platform.machine()}"


def python_and_opencv() -> dict[str, str]:
    """Return the versions of what else the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in _OPENCV:
        try:
            return found | {"opencv": version(package)}
        except PackageNotFoundError:
            continue
    return found


def record_of(job: Any, *, own_parameters: bool) -> dict[str, object]:
    """Return the record of a run of a `posture.recordings.job.Job`; of what was measured it knows nothing yet.

    Args:
        job: how it is analysed.
        own_parameters: whether the fitted parameters are the caller's own.
    """
    began_s = job.start_epoch_s
    return {
        "command": job.command,
        "analyzed_utc": _utc(datetime.now(UTC).replace(microsecond=0)),
        "as_day_utc": _utc(datetime.fromtimestamp(began_s, UTC)) if began_s else None,
        "recording": _recording("program", None, None, "pictures or landmarks of another program"),
        "options": options_of(job) | {TRACKING: "followed"},
        "settings": settings_of(job.settings),
        "catalogue_sha256": catalogue_sha256(job.catalogue),
        "parameters": None if own_parameters else parameters_facts(),
        "system": system(),
    }


def with_file(result: RecordingResult, video: Path, stamp: FileStamp | None) -> RecordingResult:
    """Return the result with the recording's file in its record; `stamp`: ``None`` if its content was not read whole."""
    return _with(result, _recording("file", str(video.absolute()), stamp, STOPPED))


def with_stream(result: RecordingResult, address: str | None) -> RecordingResult:
    """Return the result with the stream of an address without credentials, or (``None``) with the pipe, in its record."""
    return _with(result, _recording("pipe" if address is None else "stream", address, None, "comes only once"))


def labelled(result: RecordingResult, video: Path, job: Any) -> RecordingResult:
    """Return the result with what the user says of the recording, and where it is."""
    path = str(video.absolute())
    return replace(result, about=job.about, groups=job.groups.get(path, {}), media=job.media.get(path))


def neutral_facts(neutral: Neutral | None) -> dict[str, object]:
    """Return what the summary says of the neutral."""
    if neutral is None:
        return {"source": "none"}
    return {
        "source": neutral.source,
        "start_s": neutral.start_s,
        "end_s": neutral.end_s,
        "readings": neutral.count,
        "sd_deg": round(neutral.sd_deg, 2),
        "still": neutral.still,
    }


def _with(result: RecordingResult, recording: dict[str, object]) -> RecordingResult:
    return replace(result, run={**result.run, "recording": recording})


def _recording(kind: str, place: str | None, stamp: FileStamp | None, otherwise: str) -> dict[str, object]:
    """Return what the record says of a recording; `otherwise`: why there is no hash, if there is none."""
    facts: dict[str, object] = {"kind": kind, "path": place}
    if stamp is None:
        return facts | {"sha256": None, "size_bytes": None, "why_no_sha256": otherwise}
    return facts | {"sha256": stamp.sha256, "size_bytes": stamp.size_bytes, "why_no_sha256": None}


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
