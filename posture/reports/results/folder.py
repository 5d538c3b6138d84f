"""The results of one recording, read again from ``summary.json``, ``readings.csv`` and ``episodes.csv`` of their folder."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import Angle
from posture.ergonomics import AngleSamples, standing_s
from posture.errors import InputError
from posture.settings import BandSettings
from posture.types import Posture

Floats = NDArray[np.float64]
SUMMARY, READINGS, EPISODES = "summary.json", "readings.csv", "episodes.csv"
REPEATED = ".repeat.posture"
"""How the name of a folder ends that a repeated run wrote beside its first: no recording of its own."""
_HEADER = frozenset({"schema", "video", "seconds", "total_s"})
"""Keys by which a summary of this program is known."""


@dataclass(frozen=True)
class ResultFolder:
    """The results of one recording."""

    folder: Path
    summary: Mapping[str, Any]

    def facts(self, *keys: str) -> Mapping[str, Any]:
        """Return what the summary has under `keys`, one inside the other; empty where it has no such object."""
        found: Any = self.summary
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def name(self) -> str:
        """The file name of the recording."""
        return str(self.summary["video"].get("name") or self.folder.name)

    @property
    def path(self) -> Path:
        """Where the recording was by the record of its run, or is beside its results; else the folder of the results. Absolute."""
        recording = self.facts("run", "recording")
        if recording.get("kind") == "file" and isinstance(recording.get("path"), str):
            return Path(recording["path"])
        beside = self.folder.absolute().parent / self.name
        return beside if beside.is_file() else self.folder.absolute()

    @property
    def about(self) -> dict[str, str]:
        """What the user said of the recording."""
        return _texts(self.summary.get("about"))

    @property
    def groups(self) -> dict[str, str]:
        """The groups of a study to which it belongs; the subject that was named for the page is one."""
        subject = self.about.get("subject")
        return ({"subject": subject} if subject else {}) | _texts(self.summary.get("groups"))

    def static_share(self, angle: Angle) -> float | None:
        """The share (0..1) of the time in which an angle is known that it was held; ``None`` where the summary does not say."""
        found = self.facts("ergonomics", "angles", angle.name, "holding").get("static_share")
        return float(found) if isinstance(found, int | float) else None

    @property
    def shifts_per_h(self) -> float | None:
        """Changes of posture an hour; ``None`` of less than half an hour of measured sitting."""
        found = self.facts("stillness").get("shifts_per_h")
        return float(found) if isinstance(found, int | float) else None

    @property
    def max_gap_s(self) -> float:
        """How long a reading stands at most, seconds; as it was when the recording was analysed."""
        value = self.facts("changed_settings").get("bands.max_gap_s")
        return float(value) if isinstance(value, int | float) else BandSettings().max_gap_s

    @cached_property
    def readings(self) -> Mapping[str, list[str]]:
        """The columns of ``readings.csv`` as text, empty where nothing is known.

        Raises:
            InputError: it cannot be read, or has no such columns.
        """
        return _columns(self.folder / READINGS, ("time_s", "posture"))

    @cached_property
    def postures(self) -> list[Posture]:
        """The posture of each reading.

        Raises:
            InputError: the file cannot be read, or holds another word.
        """
        try:
            return [Posture(word) for word in self.readings["posture"]]
        except ValueError as error:
            raise InputError(f"{self.folder / READINGS}: posture: {error}") from error

    @cached_property
    def episodes(self) -> Mapping[str, list[str]]:
        """The columns of ``episodes.csv``, likewise.

        Raises:
            InputError: it cannot be read.
        """
        return _columns(self.folder / EPISODES, ("kind", "dose_s", "prompted_at_s"))

    def numbers(self, column: str) -> Floats:
        """Return a column of the readings as numbers, NaN where nothing is known, also where there is no such column.

        Raises:
            InputError: the file cannot be read, or the column holds something else.
        """
        texts = self.readings.get(column) or [""] * len(self.readings["time_s"])
        try:
            return np.array([float(t) if t else math.nan for t in texts], np.float64)
        except ValueError as error:
            raise InputError(f"{self.folder / READINGS}: {column}: {error}") from error

    @cached_property
    def stands_s(self) -> Floats:
        """How long each reading stands: until the next one, at most `max_gap_s`; the last one until the end of the analysis.

        Raises:
            InputError: the file cannot be read.
        """
        times = self.numbers("time_s")
        last_s = float(times[-1]) if len(times) else 0.0
        return standing_s(times, max(float(self.summary.get("end_s") or 0.0), last_s), self.max_gap_s)

    def samples(self, angle: Angle) -> AngleSamples:
        """Return an angle over time, with the sd of the number itself; all unknown where its columns are missing.

        Raises:
            InputError: the file cannot be read.
        """
        sd = self.numbers(f"{angle.shown_as or angle.name}_sd_deg")  # trunk_absolute_sd_deg
        return AngleSamples(self.numbers("time_s"), self.stands_s, self.numbers(f"{angle.name}_deg"), sd, sd)


def _texts(value: object) -> dict[str, str]:
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, Mapping) else {}


def _columns(file: Path, needed: tuple[str, ...]) -> dict[str, list[str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            header, *rows = [row for row in csv.reader(lines) if row] or [[]]
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise InputError(f"{file}: is no table of this program: {error}") from error
    if lacking := [name for name in needed if name not in header]:
        raise InputError(f"{file}: is no table of this program: it has no column {lacking[0]}")
    if any(len(row) != len(header) for row in rows):
        raise InputError(f"{file}: is damaged: not all of its rows have {len(header)} cells")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in header}


def with_groups(found: ResultFolder, groups: Mapping[str, str]) -> ResultFolder:
    """Return the results with other groups than those they were analysed with."""
    return ResultFolder(found.folder, {**found.summary, "groups": dict(groups)})


def results_in(folder: Path) -> ResultFolder | None:
    """Return the results in a folder; ``None`` if it holds none of this program.

    Raises:
        InputError: its tables are of this program, and its summary is missing or damaged.
    """
    try:
        found = json.loads((folder / SUMMARY).read_text(encoding="utf-8-sig"), parse_constant=_not_json)
    except (OSError, ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and found.keys() >= _HEADER and _whole(found):
        return ResultFolder(folder, found)
    if (folder / READINGS).is_file() and (folder / EPISODES).is_file():
        raise InputError(f"{folder / SUMMARY}: is missing or damaged")
    return None


def _whole(summary: Mapping[str, Any]) -> bool:
    seconds, total_s = summary["seconds"], summary["total_s"]
    if not isinstance(summary["video"], dict) or not isinstance(seconds, dict):
        return False
    return all(isinstance(s, int | float) and s >= 0.0 for s in (total_s, *seconds.values()))


def _not_json(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def folders_below(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Walk `folder` to its depths, in order of names: each folder and its files' names; without hidden ones and repeated runs."""
    for name, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not f.endswith(REPEATED))
        yield Path(name), files


def may_hold_results(files: Collection[str]) -> bool:
    """Tell by the names of its files whether a folder holds results, whole or damaged."""
    return SUMMARY in files or {READINGS, EPISODES} <= set(files)


def results_below(folder: Path, damaged: Callable[[InputError], None]) -> list[ResultFolder]:
    """Return all results in a folder and the folders in it; those that cannot be read go to `damaged`."""
    found = []
    for place, files in folders_below(folder):
        if may_hold_results(files):
            try:
                found.append(results_in(place))
            except InputError as error:
                damaged(error)
    return [one for one in found if one is not None]
