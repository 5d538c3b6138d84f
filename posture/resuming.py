"""Whether a recording need not be analysed again: same content, same way of analysing it, and all its results are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from posture import __version__
from posture.analysis import Job
from posture.archive import Row
from posture.files import there
from posture.model import InputError
from posture.reports.summary_json import plain


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file from any other."""

    sha256: str
    """Of its content."""
    size_bytes: int
    modified_ns: int
    """Nanoseconds since the epoch."""


def how(job: Job) -> str:
    """A hash of all that a result depends on besides the recording; not of how fast it is measured, and what else is written."""
    s = job.settings
    measure = {k: v for k, v in asdict(s.measure).items() if k != "model"}
    depends = {
        "versions": {"posture": __version__} | {p: version(p) for p in ("mediapipe", "numpy", "av")},
        "model": job.model_facts.get("sha256"),
        "settings": [measure, asdict(s.bands), asdict(s.dose), asdict(s.prompts) | {"catalogue": ""}],
        "catalogue": repr(job.catalogue),
        "neutral_span": job.neutral_span,
        "profile": None if job.profile is None else job.profile.as_dict(),
        "view": job.view,
        "window": [job.start_s, job.end_s],
        "person": job.person,
        "adaptive": job.adaptive,
        "fps": job.fps,
        "rotate_deg": job.rotate_deg,
        "part_s": job.part_s,
    }
    return hashlib.sha256(json.dumps(plain(depends), sort_keys=True).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def stamp_of(video: Path, known: Stamp | None = None) -> Stamp:
    """The stamp of a file. Its content is read unless it has the size and the time of change of the one that is `known`.

    Raises:
        InputError: it cannot be read.
    """
    try:
        facts = video.stat()
        if known is not None and (known.size_bytes, known.modified_ns) == (facts.st_size, facts.st_mtime_ns):
            return known
        with video.open("rb") as file:
            return Stamp(hashlib.file_digest(file, "sha256").hexdigest(), facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        raise InputError(f"{video.name}: cannot be read: {error.strerror or error}") from error


def known_stamp(row: Row | None) -> Stamp | None:
    """The stamp that a row of the archive remembers."""
    if row is None or row.sha256 is None or row.size_bytes is None or row.modified_ns is None:
        return None
    return Stamp(row.sha256, row.size_bytes, row.modified_ns)


def is_complete(row: Row | None, video: Path, folder: Path, wanted_how: str, names: Collection[str]) -> bool:
    """Whether the results of a recording are all there, and would come out the same again: also of a file that breaks off.

    Args:
        row: what the archive remembers of it.
        video: the recording.
        folder: where its results are to be.
        wanted_how: `how` it is to be analysed.
        names: the files that are to be there.
    """
    known = known_stamp(row)
    if row is None or known is None or not row.whole or row.how != wanted_how:
        return False
    if not all(there(folder / name) and (folder / name).is_file() for name in names):
        return False
    try:
        return stamp_of(video, known).sha256 == known.sha256
    except InputError:
        return False
