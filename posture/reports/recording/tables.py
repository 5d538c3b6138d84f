"""Tables for other tools: one row per measured frame, one row per episode. Empty where nothing is known."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence

from posture._support import defused
from posture.biomechanics import ANGLES, AXIAL_ROTATION, LATERAL_LEAN, NECK_FLEXION, PELVIC_TILT, SPINAL_FLEXION, TRUNK_FLEXION, Angle
from posture.engine import RecordingResult
from posture.types import ClassifiedReading, Episode

FLAGS = frozenset({"present", "seated", "held"})
WORDS = frozenset({"view", "posture", "reason", "kind", "prompt_id", "angle"})
"""Columns that are no numbers."""
_DECIMALS = {"deg": 2, "s": 3, "share": 4, "coverage": 4, "yaw_deg": 1, "yaw_sd_deg": 1}
"""By the column's name, else by what it ends in."""

_Value = Callable[[ClassifiedReading], object]


def _deg(angle: Angle) -> dict[str, _Value]:
    return {f"{angle.name}_deg": lambda j: None if (e := angle.of(j.reading)) is None else e.deg}


def _sd(angle: Angle) -> dict[str, _Value]:
    return {f"{angle.name}_sd_deg": lambda j: None if (e := angle.of(j.reading)) is None else e.sd_deg}


def _deg_and_sd(angle: Angle) -> dict[str, _Value]:
    return {**_deg(angle), **_sd(angle)}


_READING: dict[str, _Value] = {
    "time_s": lambda j: j.reading.time_s,
    "present": lambda j: j.reading.present,
    "view": lambda j: None if j.reading.view is None else j.reading.view.value,
    **_deg_and_sd(TRUNK_FLEXION),
    **_deg_and_sd(PELVIC_TILT),
    **_deg_and_sd(SPINAL_FLEXION),
    **_deg(NECK_FLEXION),
    **_deg(LATERAL_LEAN),
    **_deg(AXIAL_ROTATION),
    "posture": lambda j: j.posture.value,
    # columns that came later stand behind, so that a reader by position keeps working
    "seated": lambda j: j.reading.seated,
    "yaw_deg": lambda j: j.reading.yaw_deg,
    "yaw_sd_deg": lambda j: j.reading.yaw_sd_deg,
    "reason": lambda j: j.reason,
    "held": lambda j: j.reading.carried_forward,
    "trunk_change_deg": lambda j: None if (e := j.reading.trunk_change) is None else e.deg,
    "trunk_absolute_sd_deg": lambda j: None if (e := TRUNK_FLEXION.shown(j.reading)) is None else e.sd_deg,
    **_sd(NECK_FLEXION),
    "trunk_change_sd_deg": lambda j: None if (e := j.reading.trunk_change) is None else e.sd_deg,
    **_sd(LATERAL_LEAN),
    **_sd(AXIAL_ROTATION),
}
_READING |= {name: value for angle in ANGLES if f"{angle.name}_deg" not in _READING for name, value in _deg_and_sd(angle).items()}
READING_COLUMNS = tuple(_READING)
EPISODE_COLUMNS = ("kind", "start_s", "end_s", "peak_deg", "mean_deg", "dose_s", "prompted_at_s", "prompt_id", "angle", "in_state_s")


def readings_csv(analysis: RecordingResult) -> bytes:
    """Write ``readings.csv``: times with 3 decimals, angles with 2, ``present``, ``seated`` and ``held`` as 0 or 1."""
    return as_csv(READING_COLUMNS, map(reading_values, analysis.judged))


def episodes_csv(analysis: RecordingResult) -> bytes:
    """Write ``episodes.csv``: every episode, prompted or not, with the first prompt that answered it."""
    return as_csv(EPISODE_COLUMNS, (episode_values(e, analysis) for e in analysis.episodes))


def reading_values(judged: ClassifiedReading) -> tuple[object, ...]:
    """Give a row of ``READING_COLUMNS`` as values; ``None`` where nothing is known."""
    return tuple(_known(value(judged)) for value in _READING.values())


def episode_values(e: Episode, analysis: RecordingResult) -> tuple[object, ...]:
    """Give a row of ``EPISODE_COLUMNS`` as values; ``None`` where nothing is known."""
    prompt = analysis.prompt_of(e)
    prompted = (prompt.time_s, prompt.prompt_id) if prompt else (None, None)
    row = (e.kind.value, e.start_s, e.end_s, e.peak_deg, e.mean_deg, e.dose_s, *prompted, e.angle, e.in_state_s)
    return tuple(map(_known, row))


def _known(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as CSV, UTF-8; what is not known is empty, numbers are rounded by the name of their column, and no
    text is a formula to a spreadsheet.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(name, _known(value)) for name, value in zip(columns, row, strict=True)] for row in rows)
    return out.getvalue().encode("utf-8", "backslashreplace")  # a file name may be no UTF-8


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if name in FLAGS:
        return str(int(bool(value)))
    decimals = _DECIMALS.get(name, _DECIMALS.get(name.rpartition("_")[2]))
    if decimals is None or not isinstance(value, int | float):
        return defused(value) if isinstance(value, str) else str(value)
    return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 turns -0.0 into 0.0
