"""What the functions of `posture.recordings.library` give: a recording, its readings as arrays, its landmarks."""

from __future__ import annotations

import base64
import html
import importlib
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture import reports
from posture._support import drawing, printable
from posture.biomechanics import LANDMARK_NAMES, Neutral
from posture.engine import DaySummary, RecordingResult, VideoSummary
from posture.errors import PostureError
from posture.prompts import Catalogue
from posture.reports import (
    READING_COLUMNS,
    STYLES,
    Format,
    count_words,
    coverage_words,
    needs_poses,
    reading_values,
    span_words,
    timeline_svg,
    write_formats,
)
from posture.types import ClassifiedReading, Episode, Pose, Posture, PostureChange, ShownPrompt, Span

_FLAGS = ("present", "held")
_WORDS = ("view", "posture", "reason", "seated")


class Readings:
    """The readings of a recording as columns, those of ``readings.csv``, not rounded.

    ``readings["trunk_flexion_deg"]`` is a NumPy array with one number for each reading, NaN where it is unknown; ``present`` and ``held``
    are bool; ``view``, ``posture``, ``reason`` and ``seated`` (True, False) are objects, ``None`` where they are unknown.
    ``dict(readings)`` has all of them, and ``len(readings)`` is how many readings there are.
    """

    columns: tuple[str, ...] = READING_COLUMNS
    """Names of the columns. Angles are degrees, times seconds; signs as in `posture.types.Reading`."""

    def __init__(self, judged: Collection[ClassifiedReading]) -> None:
        """Make columns of readings."""
        rows = [reading_values(j) for j in judged]
        values = list(zip(*rows, strict=True)) if rows else [()] * len(self.columns)
        self._columns = {name: _column(name, column) for name, column in zip(self.columns, values, strict=True)}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column, (n,).

        Raises:
            KeyError: there is none of that name.
        """
        if name not in self._columns:
            raise KeyError(f"{name!r}; there are {', '.join(self.columns)}")
        return self._columns[name]

    def __len__(self) -> int:
        """Return how many readings there are."""
        return len(self._columns["time_s"])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the columns."""
        return iter(self.columns)

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns, for ``dict(readings)``."""
        return self.columns

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame`` with one row for each reading.

        Raises:
            PostureError: pandas is not installed; the program itself does not need it.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise PostureError("to_pandas() needs pandas, which is not installed: pip install pandas") from error
        return pandas.DataFrame(dict(self))

    def __repr__(self) -> str:
        """Return the number of readings and the columns."""
        return f"<{len(self)} readings: {', '.join(self.columns)}>"


def _column(name: str, values: tuple[object, ...]) -> NDArray[Any]:
    if name in _FLAGS:
        return np.array(values, bool)
    if name in _WORDS:
        return np.array([None, *values], object)[1:]
    return np.array([np.nan if v is None else v for v in values], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The landmarks of the measured person, of every reading in which they were seen; m of them."""

    time_s: NDArray[np.float64]
    """(m,) seconds."""
    image_px: NDArray[np.float32]
    """(m, 33, 3) pixels: x right, y down, z away from the camera relative to the hips (MediaPipe's guess)."""
    world_m: NDArray[np.float32]
    """(m, 33, 3) metres from the middle of the hips: x right, y down, z away from the camera."""
    visibility: NDArray[np.float32]
    """(m, 33) from 0 to 1, MediaPipe's own; hidden hips still read 0.9."""
    presence: NDArray[np.float32]
    """(m, 33) from 0 to 1."""

    @classmethod
    def of(cls, poses: Collection[Pose]) -> Landmarks:
        """Stack poses, given in order of time."""

        def stacked(name: str, *shape: int) -> NDArray[np.float32]:
            return np.array([getattr(p, name) for p in poses], np.float32).reshape(-1, *shape)

        times = np.array([p.time_s for p in poses], np.float64)
        n = len(LANDMARK_NAMES)
        return cls(times, stacked("image_xyz", n, 3), stacked("world_xyz", n, 3), stacked("visibility", n), stacked("presence", n))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recording:
    """One analysed recording."""

    _result: RecordingResult
    catalogue: Catalogue
    """The prompts that were to be chosen from."""
    poses: Mapping[float, Pose] | None = None
    """Landmarks by their time, if they were to be kept."""
    user_catalogue: Path | None = None
    _readings: list[Readings] = field(default_factory=list)

    @property
    def analysis(self) -> RecordingResult:
        """All of it, as the reports take it. Deprecated: use the other members."""
        warnings.warn("Recording.analysis is deprecated; use the other members of Recording", DeprecationWarning, stacklevel=2)
        return self._result

    @property
    def neutral(self) -> Neutral | None:
        """Against which it was measured; ``None`` if nobody was seen.

        Another recording of the same person and camera can be measured against it:
        ``posture.analyze(other, neutral=recording.neutral)``.
        """
        return self._result.reference

    @property
    def readings(self) -> Readings:
        """The readings as arrays."""
        if not self._readings:
            self._readings.append(Readings(self._result.judged))
        return self._readings[0]

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Sustained postures, in order of their start."""
        return self._result.episodes

    @property
    def spans(self) -> tuple[Span, ...]:
        """What the time was spent in, without gap and overlap."""
        return self._result.spans

    @property
    def moves(self) -> tuple[PostureChange, ...]:
        """Breaks, and shifts of posture."""
        return self._result.moves

    @property
    def prompts(self) -> tuple[ShownPrompt, ...]:
        """Prompts that the recording called for."""
        return self._result.shown

    @property
    def summary(self) -> DaySummary:
        """Seconds in each posture, coverage, longest sit, breaks, what stands out."""
        return self._result.summary

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures has to know."""
        return self._result.summary.notes

    @property
    def video(self) -> VideoSummary:
        """The file: name, length, size."""
        return self._result.video

    @property
    def complete(self) -> bool:
        """Whether all of it was there and was measured."""
        return self._result.partial is None

    @property
    def landmarks(self) -> Landmarks | None:
        """Landmarks as arrays; ``None`` unless ``keep_landmarks`` was asked for."""
        return None if self.poses is None else Landmarks.of([self.poses[t] for t in sorted(self.poses)])

    def write(self, folder: str | Path, formats: Collection[str] = ()) -> list[Path]:
        """Write the reports of ``posture analyze`` (readings.csv, episodes.csv, summary.json, timeline.png, report.html) and further files.

        Args:
            folder: is made if it is missing; files of the same names are replaced, each whole or not at all.
            formats: of ``parquet``, ``trc``, ``mot``, ``c3d``, ``netcdf``, ``eaf``, ``boris``, ``srt``, ``vtt``, ``svg``.

        Returns:
            The files.

        Raises:
            PostureError: a format is unknown, or lacks a library or the landmarks; or a file cannot be written.
        """
        wanted = {_format(name) for name in formats}
        if needs_poses(wanted) and self.poses is None:
            names = ", ".join(sorted(f for f in wanted if needs_poses({f})))
            raise PostureError(f"{names}: landmarks are needed; analyse with keep_landmarks=True")
        written = reports.write_all(self._result, Path(folder), self.catalogue, partial(drawing, user_file=self.user_catalogue))
        return written + write_formats(wanted, self._result, self.poses or {}, Path(folder), self.catalogue)

    def __repr__(self) -> str:
        """Return the summary in a few lines."""
        s = self.summary
        times = ", ".join(f"{STYLES[p].word.lower()} {span_words(s.seconds[p])}" for p in Posture if s.seconds.get(p))
        lines = [
            f"<Recording {printable(self.video.name)}: {span_words(s.total_s)}. {coverage_words(s.coverage)}",
            f"  {times or 'no time'}",
            f"  {count_words(len(self.episodes), 'episode')}, {count_words(len(self.prompts), 'prompt')}, {len(self.readings)} readings",
            *(f"  {note}" for note in self.notes),
        ]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        """Return the summary and the timeline as HTML that loads nothing, for Jupyter."""
        image = base64.b64encode(timeline_svg(self._result, self.catalogue)).decode("ascii")
        name = html.escape(printable(self.video.name))
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f'<div><img alt="Postures and angles of {name} over time" style="max-width: 100%; background: #fff" '
            f'src="data:image/svg+xml;base64,{image}">{notes}</div>'
        )


def _format(name: str) -> Format:
    try:
        return Format(name)
    except ValueError:
        raise PostureError(f"there is no format {name!r}; there are {', '.join(Format)}") from None
