"""Whether a recording need not be analysed again: same content, same way of analysing it, and all its results are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path

from posture._support import exists
from posture.errors import InputError
from posture.recordings.job import Job
from posture.recordings.run_record import catalogue_sha256, options_of, settings_of
from posture.recordings.sample_cache import versions
from posture.recordings.stamps import FileStamp, stamp_of
from posture.reports import ArchiveRow, plain

_BY_CONTENT = ("measure.model", "prompts.catalogue")
"""Settings that name files: what counts is what these hold."""


def how(job: Job) -> str:
    """Hash all that a result depends on besides the recording; not how fast it is measured, nor what else is written
    but pictures, which are in a file that is always written."""
    depends = {
        "versions": versions(),
        "model": job.model_facts.get("sha256"),
        "settings": {k: v for k, v in settings_of(job.settings).items() if k not in _BY_CONTENT},
        "catalogue": catalogue_sha256(job.catalogue),
        "options": options_of(job),
    } | ({"pictures": {"faces": job.show_faces}} if job.pictures else {})
    words = json.dumps(plain(depends, decimals=None), sort_keys=True)
    return hashlib.sha256(words.encode("utf-8", "backslashreplace")).hexdigest()[:32]


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
