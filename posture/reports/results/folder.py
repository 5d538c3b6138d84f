"""The results of one recording, read again from ``summary.json``, ``readings.csv`` and ``episodes.csv`` of their folder."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping
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

Floats = NDArray[np.float64]
SUMMARY = "summary.json"
_HEADER = frozenset({"schema", "video", "seconds", "total_s"})
"""Keys by which a summary of this program is known."""


@dataclass(frozen=True)
class ResultFolder:
    """The results of one recording."""

    folder: Path
    summary: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The file name of the recording."""
        return str(self.summary["video"].get("name") or self.folder.name)

    @property
    def path(self) -> Path:
        """Where the recording was by the record of its run, or is beside its results; else the folder of the results. Absolute."""
        run = self.summary.get("run")
        recording = run.get("recording") if isinstance(run, Mapping) else None
        if isinstance(recording, Mapping) and recording.get("kind") == "file" and isinstance(recording.get("path"), str):
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
        found: Any = self.summary
        for key in ("ergonomics", "angles", angle.name, "holding", "static_share"):
            found = found.get(key) if isinstance(found, Mapping) else None
        return float(found) if isinstance(found, int | float) else None

    @property
    def shifts_per_h(self) -> float | None:
        """Changes of posture an hour; ``None`` of less than half an hour of measured sitting."""
        stillness = self.summary.get("stillness")
        found = stillness.get("shifts_per_h") if isinstance(stillness, Mapping) else None
        return float(found) if isinstance(found, int | float) else None

    @property
    def max_gap_s(self) -> float:
        """How long a reading stands at most, seconds; as it was when the recording was analysed."""
        changed = self.summary.get("changed_settings")
        value = changed.get("bands.max_gap_s") if isinstance(changed, Mapping) else None
        return float(value) if isinstance(value, int | float) else BandSettings().max_gap_s

    @cached_property
    def readings(self) -> Mapping[str, list[str]]:
        """The columns of ``readings.csv`` as text, empty where nothing is known.

        Raises:
            InputError: it cannot be read.
        """
        return _columns(self.folder / "readings.csv")

    @cached_property
    def episodes(self) -> Mapping[str, list[str]]:
        """The columns of ``episodes.csv``, likewise.

        Raises:
            InputError: it cannot be read.
        """
        return _columns(self.folder / "episodes.csv")

    def numbers(self, column: str) -> Floats:
        """Return a column of the readings as numbers, NaN where nothing is known, also where there is no such column.

        Raises:
            InputError: the file cannot be read, or the column holds something else.
        """
        texts = self.readings.get(column) or [""] * len(self.readings["time_s"])
        try:
            return np.array([float(t) if t else math.nan for t in texts], np.float64)
        except ValueError as error:
            raise InputError(f"{self.folder / 'readings.csv'}: {column}: {error}") from error

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


def _columns(file: Path) -> dict[str, list[str]]:
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = csv.reader(lines)
            header = next(rows, [])
            columns = list(zip(*rows, strict=True)) or [()] * len(header)
            return dict(zip(header, map(list, columns), strict=True))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise InputError(f"{file}: is no table of this program: {error}") from error


def with_groups(found: ResultFolder, groups: Mapping[str, str]) -> ResultFolder:
    """Return the results with other groups than those they were analysed with."""
    return ResultFolder(found.folder, {**found.summary, "groups": dict(groups)})


def results_in(folder: Path) -> ResultFolder | None:
    """Return the results in a folder; ``None`` if it holds none of this program."""
    try:
        found = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not found.keys() >= _HEADER:
        return None
    whole = isinstance(found["video"], dict) and isinstance(found["seconds"], dict) and isinstance(found["total_s"], int | float)
    return ResultFolder(folder, found) if whole else None


def folders_below(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Walk `folder` to its depths, in order of names: each folder and the names of its files. Hidden folders are left out."""
    for name, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield Path(name), files


def results_below(folder: Path) -> list[ResultFolder]:
    """Return all results in a folder and the folders in it."""
    found = [results_in(place) for place, files in folders_below(folder) if SUMMARY in files]
    return [one for one in found if one is not None]
