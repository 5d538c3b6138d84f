"""The rows of an archive from all that lies in a folder: journals of runs, and results of recordings that were analysed one by one."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from posture._support import exists
from posture.biomechanics import POSTURE_ANGLES, TRUNK_FLEXION
from posture.engine import LISTED_S
from posture.ergonomics import statistics_of
from posture.errors import InputError, PostureError
from posture.reports.archive.table import (
    COLUMNS,
    CSV,
    LISTED_KINDS,
    STOPPED,
    TRUNCATED,
    TRUNK_BANDS,
    ArchiveRow,
    RecordingStatus,
    is_journal,
    read,
    row_from,
)
from posture.reports.results.folder import SUMMARY, ResultFolder, folders_below, may_hold_results, results_in
from posture.types import Posture

_BEGIN = ",".join(COLUMNS[:4]).encode()


def rows_below(folder: Path) -> list[ArchiveRow]:
    """Return a row for each recording of which something is known in `folder` or the folders in it.

    What the journals of runs say comes first; results that stand in none of them are read from their own files. Rows of results that are
    gone are left out.

    Raises:
        PostureError: a journal cannot be read.
    """
    rows: dict[str, ArchiveRow] = {}
    failed: dict[str, ArchiveRow] = {}
    places = []
    for place, files in folders_below(folder):
        places += [place] if may_hold_results(files) else []
        for row in read(place).values() if any(map(is_journal, files)) else ():
            if row.results is None:
                failed[row.path] = row
            elif exists(place / row.results / SUMMARY):
                results = _from(folder, place / row.results)
                rows[results] = replace(row, results=results)
    for place in places:
        name = _from(folder, place)
        found = None if name in rows else _row_in(place)
        if found is not None:
            rows[name] = replace(found, results=name)
    known = {row.path for row in rows.values()}
    return [*rows.values(), *(row for path, row in failed.items() if path not in known)]


def _row_in(place: Path) -> ArchiveRow | None:
    try:
        found = results_in(place)
    except InputError as error:
        return ArchiveRow(path=str(place.absolute()), status=RecordingStatus.ERROR, error=str(error))
    return None if found is None else row_of(found)


def _from(folder: Path, place: Path) -> str:
    return Path(os.path.relpath(place.absolute(), folder.absolute())).as_posix()


def own_table(folder: Path) -> bool:
    """Tell whether the table of the folder may be written: there is none, or one of this program."""
    try:
        with (folder / CSV).open("rb") as file:
            return bytes(file.read(len(_BEGIN))) == _BEGIN
    except FileNotFoundError:
        return True
    except OSError:
        return False


def row_of(found: ResultFolder) -> ArchiveRow:
    """Return the row of results, from their files."""
    try:
        facts = {"path": str(found.path), **_facts(found)}
        return row_from({name: value for name, value in facts.items() if value is not None})
    except (PostureError, ValueError, TypeError, KeyError, AttributeError) as error:
        line = str(error) if isinstance(error, PostureError) else "its results cannot be read"
        return ArchiveRow(path=str(found.path), status=RecordingStatus.ERROR, error=line)


def _facts(found: ResultFolder) -> dict[str, Any]:
    s = found.summary
    partial, video, total_s = s.get("partial"), s["video"], float(s["total_s"])
    because = None if partial is None else TRUNCATED if str(partial).startswith("the file") else STOPPED
    views = Counter(view for view in found.readings.get("view", ()) if view)
    listed = Counter(kind for kind, dose_s, prompt in _episodes(found) if dose_s >= LISTED_S or prompt)
    return {
        "status": RecordingStatus.COMPLETE if partial is None else RecordingStatus.PARTIAL,
        "partial_because": because,
        "duration_s": _number(video.get("duration_s")),
        "analysed_s": total_s,
        "coverage": _number(s.get("coverage")),
        "view": views.most_common(1)[0][0] if views else None,
        **{f"{p.value}_share": float(s["seconds"].get(p.value, 0.0)) / total_s if total_s > 0 else None for p in Posture},
        "episodes": s.get("episodes"),
        **{column: listed[kind.value] for column, kind in LISTED_KINDS.items()},
        "prompts": len(s.get("prompts") or ()),
        "longest_sit_s": _number(s.get("longest_sit_s")),
        **{f"{angle.name}_peak_deg": _peak(found, f"{angle.name}_deg") for angle in POSTURE_ANGLES},
        **{column: _number(found.facts("trunk_bands", "share").get(band.value)) for column, band in TRUNK_BANDS.items()},
        **_trunk(found),
        "shifts_per_h": found.shifts_per_h,
        "problem": video.get("problem"),
        "version": found.facts("versions").get("posture"),
        "mediapipe": found.facts("versions").get("mediapipe"),
        "model": found.facts("model").get("name"),
        "model_sha256": found.facts("model").get("sha256"),
        "sha256": found.facts("run", "recording").get("sha256"),
        "size_bytes": found.facts("run", "recording").get("size_bytes"),
        "groups": found.groups,
    }


def _trunk(found: ResultFolder) -> dict[str, float | None]:
    s = statistics_of(found.samples(TRUNK_FLEXION))
    if s is None:
        return {}
    spread = {"p10_deg": s.p10_deg, "p50_deg": s.p50_deg, "p90_deg": s.p90_deg, "error_sd_deg": s.error_sd_deg}
    return {f"trunk_flexion_{name}": value for name, value in spread.items()} | {"trunk_static_share": found.static_share(TRUNK_FLEXION)}


def _episodes(found: ResultFolder) -> list[tuple[str, float, str]]:
    columns = found.episodes
    return [(k, float(d), p) for k, d, p in zip(columns["kind"], columns["dose_s"], columns["prompted_at_s"], strict=True)]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _peak(found: ResultFolder, column: str) -> float | None:
    seen = [float(text) for text in found.readings.get(column, ()) if text]
    return max(seen, default=None)
