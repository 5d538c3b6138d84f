"""The table of an archive: one row for every recording that was to be analysed into a folder, those that could not be among them.

What is known of a recording is added to ``archive.jsonl`` the moment that it is known, one line each, the last one of a recording counts;
so nothing is lost however the run ends. A run that analyses a share of the recordings has a journal of its own beside it, so that several
runs never write to one file. ``archive.csv``, and ``archive.parquet`` where pyarrow is installed, are made from all journals.
Empty is what is not known.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path, PurePath
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from posture._support import exists, make_folder, os_errors, private_opener, write_whole, writing
from posture.biomechanics import POSTURE_ANGLES, TRUNK_FLEXION, Angle
from posture.engine import RecordingResult, view_of
from posture.ergonomics import TrunkBand
from posture.errors import PostureError
from posture.reports.recording.ergonomics import ergonomic_tables
from posture.reports.recording.formats.parquet import parquet_bytes, pyarrow
from posture.reports.recording.tables import as_csv
from posture.types import EpisodeKind, Posture

JOURNAL, CSV, PARQUET = "archive.jsonl", "archive.csv", "archive.parquet"
_JOURNALS = "archive*.jsonl"
_GROUP = "group_"
"""Before the name of a group in the name of its column."""
TRUNCATED, STOPPED = "truncated", "stopped"
_TABLES_EVERY_S = 30.0


class RecordingStatus(StrEnum):
    """What became of a recording."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    """The analysis was stopped before the recording's end, or the file breaks off before it; what there is was measured."""
    ERROR = "error"
    NOT_BEGUN = "not begun"
    """The run ended before its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRow:
    """One recording. Shares are of the whole time measured or not (0..1), those of bands of the time in which the trunk was measured."""

    path: str
    """The recording, absolute; as the machine that measured it saw it."""
    status: RecordingStatus
    error: str | None = None
    """One line: why there is no result, or what of it could not be written."""
    results: str | None = None
    """Folder of its results, from the archive's folder on."""
    duration_s: float | None = None
    """Of the recording, as its file says."""
    analysed_s: float | None = None
    """Of the part that was analysed."""
    coverage: float | None = None
    """Share of the time that somebody was there in which the posture was measured."""
    view: str | None = None
    """The one in which most readings were taken."""
    neutral_share: float | None = None
    flexed_share: float | None = None
    anterior_tilt_share: float | None = None
    away_share: float | None = None
    unknown_share: float | None = None
    episodes: int | None = None
    """Those of every kind, however short, as in ``episodes.csv``."""
    flexed_episodes: int | None = None
    """Episodes that reached a dose of a minute, or a prompt; likewise the next."""
    anterior_tilt_episodes: int | None = None
    prompts: int | None = None
    longest_sit_s: float | None = None
    trunk_flexion_peak_deg: float | None = None
    """Highest reading, forward +."""
    spinal_flexion_peak_deg: float | None = None
    """Highest reading, flexion +."""
    pelvic_tilt_peak_deg: float | None = None
    """Highest reading, anterior +."""
    trunk_extended_over_20_share: float | None = None
    trunk_up_to_20_share: float | None = None
    trunk_from_20_to_60_share: float | None = None
    trunk_over_60_share: float | None = None
    problem: str | None = None
    """What is wrong with the file, if it is damaged."""
    partial_because: str | None = None
    """``stopped``: the analysis was; ``truncated``: the file breaks off before the end that it announces."""
    version: str | None = None
    """Of this program."""
    mediapipe: str | None = None
    model: str | None = None
    model_sha256: str | None = None
    how: str | None = None
    """Hash of all that the result depends on besides the recording: settings, model, version, person, rate and so on."""
    sha256: str | None = None
    """Of the recording's content."""
    size_bytes: int | None = None
    modified_ns: int | None = None
    """When the file was last changed, nanoseconds since the epoch."""
    machine: str | None = None
    """Where it was measured."""
    tries: int | None = None
    """How often it was begun in the run that gave this row; each worker that was lost costs one."""
    entered_s: float | None = None
    """When the row was entered, seconds since the epoch; of several journals the latest row of a recording counts."""
    trunk_flexion_p10_deg: float | None = None
    """Below this, trunk flexion was for 10 % of the time in which it is known; likewise the next two."""
    trunk_flexion_p50_deg: float | None = None
    trunk_flexion_p90_deg: float | None = None
    trunk_flexion_error_sd_deg: float | None = None
    """Standard deviation of the error of these three, if all readings err alike."""
    trunk_static_share: float | None = None
    """Share of the time in which trunk flexion is known that it was held for 4 s or more."""
    shifts_per_h: float | None = None
    """Changes of posture an hour of measured sitting; empty for less than half an hour of it."""
    groups: dict[str, str] = field(default_factory=dict)
    """To which groups of a study the recording belongs; in the tables a column for each, ``group_NAME``."""

    @property
    def whole(self) -> bool:
        """Whether all that there is of the recording was analysed: a file that breaks off gives no more the next time."""
        return self.status is RecordingStatus.COMPLETE or (self.status is RecordingStatus.PARTIAL and self.partial_because == TRUNCATED)


COLUMNS = tuple(f.name for f in fields(ArchiveRow) if f.name != "groups")
TRUNK_BANDS = {
    "trunk_extended_over_20_share": TrunkBand.EXTENDED,
    "trunk_up_to_20_share": TrunkBand.UPRIGHT,
    "trunk_from_20_to_60_share": TrunkBand.BENT,
    "trunk_over_60_share": TrunkBand.FAR_BENT,
}
LISTED_KINDS = {"flexed_episodes": EpisodeKind.FLEXED, "anterior_tilt_episodes": EpisodeKind.ANTERIOR_TILT}


def figures_of(analysis: RecordingResult) -> dict[str, Any]:
    """Return the columns of a row that an analysis gives, from ``status`` to ``model_sha256``."""
    s, tables = analysis.summary, ergonomic_tables(analysis)
    trunk = tables.of(TRUNK_FLEXION)
    listed = [e.kind for e in analysis.sustained()]
    view = view_of([j.reading for j in analysis.judged])
    return {
        "status": RecordingStatus.PARTIAL if analysis.partial else RecordingStatus.COMPLETE,
        "duration_s": analysis.video.duration_s,
        "analysed_s": s.total_s,
        "coverage": s.coverage,
        "view": None if view is None else view.value,
        **{f"{p.value}_share": s.seconds.get(p, 0.0) / s.total_s if s.total_s > 0 else None for p in Posture},
        "episodes": len(analysis.episodes),
        **{column: listed.count(kind) for column, kind in LISTED_KINDS.items()},
        "prompts": len(analysis.shown),
        "longest_sit_s": s.longest_sit_s,
        **{f"{angle.name}_peak_deg": _peak(analysis, angle) for angle in POSTURE_ANGLES},
        **{column: tables.bands.share(band) for column, band in TRUNK_BANDS.items()},
        "trunk_flexion_p10_deg": None if trunk is None else trunk.statistics.p10_deg,
        "trunk_flexion_p50_deg": None if trunk is None else trunk.statistics.p50_deg,
        "trunk_flexion_p90_deg": None if trunk is None else trunk.statistics.p90_deg,
        "trunk_flexion_error_sd_deg": None if trunk is None else trunk.statistics.error_sd_deg,
        "trunk_static_share": None if trunk is None else trunk.holding.static_share,
        "shifts_per_h": None if s.stillness is None else s.stillness.shifts_per_h,
        "problem": analysis.video.problem,
        "partial_because": None if analysis.partial is None else TRUNCATED if analysis.complete else STOPPED,
        "version": analysis.versions.get("posture"),
        "mediapipe": analysis.versions.get("mediapipe"),
        "model": _text(analysis.model.get("name")),
        "model_sha256": _text(analysis.model.get("sha256")),
        "groups": groups_of(analysis.groups, analysis.about),
    }


def groups_of(groups: Mapping[str, str], about: Mapping[str, str]) -> dict[str, str]:
    """Return the groups of a recording; the subject that is named for the page is one."""
    return ({"subject": about["subject"]} if "subject" in about else {}) | dict(groups)


def _peak(analysis: RecordingResult, angle: Angle) -> float | None:
    return max((e.deg for j in analysis.judged if (e := angle.of(j.reading)) is not None and math.isfinite(e.deg)), default=None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class Archive:
    """The table of one folder while recordings are being analysed into it."""

    def __init__(self, folder: Path, share: str | None = None) -> None:
        """The folder, and what its table holds already.

        Args:
            folder: may be missing.
            share: of the recordings, such as ``3/40``: it gets a journal of its own, and the tables are left to the report.

        Raises:
            PostureError: its table cannot be read.
        """
        self.folder = folder
        self.journal = folder / (JOURNAL if share is None else f"archive-{share.replace('/', '-of-')}.jsonl")
        self._tables = share is None
        self.rows = read(folder)
        """By path."""
        self._written_s = time.monotonic()

    def add(self, row: ArchiveRow) -> None:
        """Enter a row, in place of the one of the same recording.

        Raises:
            PostureError: it cannot be written.
        """
        make_folder(self.folder)
        row = self.rows[row.path] = replace(row, entered_s=time.time())
        line = json.dumps({k: v for k, v in asdict(row).items() if _known(v)}, allow_nan=False)
        with writing(self.journal), open(self.journal, "ab", opener=private_opener) as file:
            whole = file.tell() == 0 or _ends_well(self.journal)
            file.write(("" if whole else "\n").encode() + line.encode("ascii") + b"\n")
        if time.monotonic() - self._written_s > _TABLES_EVERY_S:
            self.write_tables()

    def write_tables(self) -> list[Path]:
        """Write the tables, unless this is the run of a share; the files.

        Raises:
            PostureError: they cannot be written.
        """
        self._written_s = time.monotonic()
        return write_tables(self.folder, self.rows.values()) if self._tables else []

    def keep_only(self, paths: Iterable[str]) -> None:
        """Leave out of the tables what is neither among `paths` nor has results any more."""
        wanted = set(paths)
        for path, row in list(self.rows.items()):
            if path not in wanted and (row.results is None or not exists(self.folder / row.results / "summary.json")):
                del self.rows[path]


def write_tables(folder: Path, rows: Iterable[ArchiveRow]) -> list[Path]:
    """Write ``archive.csv``, and ``archive.parquet`` if pyarrow is there; the files.

    Raises:
        PostureError: they cannot be written.
    """
    rows = sorted(rows, key=lambda r: r.path)
    groups = sorted({name for r in rows for name in r.groups})
    values: dict[str, list[Any]] = {name: [getattr(r, name) for r in rows] for name in COLUMNS}
    values |= {_GROUP + name: [r.groups.get(name) for r in rows] for name in groups}
    make_folder(folder)
    written = [folder / CSV]
    write_whole(written[0], as_csv(list(values), zip(*values.values(), strict=True)))
    try:
        pa = pyarrow()
    except PostureError:  # the CSV has it all
        return written
    written.append(folder / PARQUET)
    write_whole(written[1], _as_parquet(pa, values))
    return written


def _ends_well(path: Path) -> bool:
    """Tell whether the last line was written to its end."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def is_journal(name: str) -> bool:
    """Tell whether a file of this name is a journal of a run."""
    return PurePath(name).match(_JOURNALS)


def read(folder: Path) -> dict[str, ArchiveRow]:
    """Return the rows of a folder by the path of their recording, in the order in which they were first entered; empty if there are none.

    Raises:
        PostureError: a journal is there and cannot be read.
    """
    found: dict[str, ArchiveRow] = {}
    for journal in sorted(folder.glob(_JOURNALS), key=lambda path: (path.name != JOURNAL, path.name)):
        for path, row in _read(journal).items():
            if path not in found or (row.entered_s or 0.0) >= (found[path].entered_s or 0.0):
                found[path] = row
    return found


def _read(journal: Path) -> dict[str, ArchiveRow]:
    found: dict[str, ArchiveRow] = {}
    with os_errors(f"{journal}: cannot be read"), journal.open(encoding="ascii", errors="replace") as file:
        for line in file:
            row = _row_from(line)
            if row is not None:
                found[row.path] = row
    return found


def _row_from(line: str) -> ArchiveRow | None:
    """Return a line of the journal; ``None`` for one that was cut off, or that another version wrote in another way."""
    try:
        data = json.loads(line)
        return row_from(data) if isinstance(data, dict) else None
    except (ValueError, TypeError, RecursionError):
        return None


def row_from(data: Mapping[str, Any]) -> ArchiveRow:
    """Make a row of what a file says; what is no column is left out.

    Raises:
        ValueError, TypeError: a value is not what its column holds.
    """
    return ArchiveRow(**{k: _as(v, _TYPES[k]) for k, v in data.items() if k in _TYPES})


def _as(value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is RecordingStatus:
        return RecordingStatus(value)
    if kind is dict and not all(isinstance(text, str) for text in (*value.keys(), *value.values())):
        raise TypeError(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _plain_type(hint: Any) -> type:
    """Return ``float`` of ``float | None``, ``dict`` of ``dict[str, str]``."""
    kinds = [k for k in get_args(hint) if k is not type(None)] if get_origin(hint) is UnionType else [hint]
    found: type = get_origin(kinds[0]) or kinds[0]
    return found


_TYPES = {name: _plain_type(hint) for name, hint in get_type_hints(ArchiveRow).items()}


def _known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _as_parquet(pa: Any, values: Mapping[str, Sequence[Any]]) -> bytes:
    kinds: Mapping[type | None, Any] = {float: pa.float64(), int: pa.int64()}
    columns = {n: pa.array([_sayable(v) for v in column], type=kinds.get(_TYPES.get(n), pa.string())) for n, column in values.items()}
    return parquet_bytes(pa, columns)


def _sayable(value: object) -> object:
    """Text that is no UTF-8 (a file name may be none) with its odd bytes written out."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
