"""Whether a recording need not be analysed again: same content, same way of analysing it, and all its results are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from posture._support import exists, os_errors, sha256_of
from posture.errors import InputError
from posture.recordings.analysis import Job
from posture.recordings.sample_cache import versions
from posture.reports import ArchiveRow, plain


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells a file from any other."""

    sha256: str
    """Of its content."""
    size_bytes: int
    modified_ns: int
    """Nanoseconds since the epoch."""


def how(job: Job) -> str:
    """Hash all that a result depends on besides the recording; not how fast it is measured, nor what else is written."""
    s = job.settings
    measure = {k: v for k, v in asdict(s.measure).items() if k != "model"}
    depends = {
        "versions": versions(),
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
    depends |= {} if job.exercises is None else {"exercises": job.exercises}
    depends |= {} if job.crop is None else {"crop": str(job.crop)}
    return hashlib.sha256(json.dumps(plain(depends), sort_keys=True).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def stamp_of(video: Path, known: FileStamp | None = None) -> FileStamp:
    """Return the stamp of a file. Its content is read unless it has the size and the time of change of the `known` stamp.

    Raises:
        InputError: it cannot be read.
    """
    with os_errors(f"{video.name}: cannot be read", InputError):
        facts = video.stat()
        if known is not None and (known.size_bytes, known.modified_ns) == (facts.st_size, facts.st_mtime_ns):
            return known
        return FileStamp(sha256_of(video), facts.st_size, facts.st_mtime_ns)


def known_stamp(row: ArchiveRow | None) -> FileStamp | None:
    """Return the stamp in a row of the archive, if there is one."""
    if row is None or row.sha256 is None or row.size_bytes is None or row.modified_ns is None:
        return None
    return FileStamp(row.sha256, row.size_bytes, row.modified_ns)


def is_complete(row: ArchiveRow | None, video: Path, folder: Path, wanted_how: str, names: Collection[str]) -> bool:
    """Return whether the results of a recording are all there and still valid, also those of a file that breaks off.

    Args:
        row: of the recording in the archive.
        video: the recording.
        folder: where its results are to be.
        wanted_how: `how` it is to be analysed.
        names: the files that are to be there.
    """
    known = known_stamp(row)
    if row is None or known is None or not row.whole or row.how != wanted_how:
        return False
    if not all(exists(folder / name) and (folder / name).is_file() for name in names):
        return False
    try:
        return stamp_of(video, known).sha256 == known.sha256
    except InputError:
        return False
