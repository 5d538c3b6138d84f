"""Tables for other tools: one row per measured frame, one row per episode. Empty where nothing is known."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from posture.model import Episode, Estimate, Judged
from posture.recording import Analysis

READING_COLUMNS = (
    "time_s",
    "present",
    "view",
    "trunk_flexion_deg",
    "trunk_flexion_sd_deg",
    "pelvic_tilt_deg",
    "pelvic_tilt_sd_deg",
    "spinal_flexion_deg",
    "spinal_flexion_sd_deg",
    "neck_flexion_deg",
    "lateral_lean_deg",
    "axial_rotation_deg",
    "posture",
    # columns that came later stand behind, so that a reader by position keeps working
    "seated",
    "yaw_deg",
    "yaw_sd_deg",
    "reason",
    "held",
)
EPISODE_COLUMNS = (
    "kind",
    "start_s",
    "end_s",
    "peak_deg",
    "mean_deg",
    "dose_s",
    "prompted_at_s",
    "prompt_id",
    "angle",
    "in_state_s",
)


def readings_csv(analysis: Analysis) -> bytes:
    """``readings.csv``: times with 3 decimals, angles with 2, ``present``, ``seated`` and ``held`` as 0 or 1."""
    return _csv(READING_COLUMNS, map(_reading_row, analysis.judged))


def episodes_csv(analysis: Analysis) -> bytes:
    """``episodes.csv``: every episode, prompted or not, with the first prompt that answered it."""
    return _csv(EPISODE_COLUMNS, _episode_rows(analysis))


def reading_values(judged: Judged) -> tuple[object, ...]:
    """A row of ``READING_COLUMNS`` as values; ``None`` where nothing is known."""
    r = judged.reading
    return (
        r.time_s,
        r.present,
        None if r.view is None else r.view.value,
        *_known(r.trunk_flexion),
        *_known(r.pelvic_tilt),
        *_known(r.spinal_flexion),
        _known(r.neck_flexion)[0],
        _known(r.lateral_lean)[0],
        _known(r.axial_rotation)[0],
        judged.posture.value,
        r.seated,
        _finite(r.yaw_deg),
        _finite(r.yaw_sd_deg),
        judged.reason,
        r.held,
    )


def episode_values(e: Episode, analysis: Analysis) -> tuple[object, ...]:
    """A row of ``EPISODE_COLUMNS`` as values; ``None`` where nothing is known."""
    prompt = analysis.prompt_of(e)
    return (
        e.kind.value,
        e.start_s,
        e.end_s,
        _finite(e.peak_deg),
        _finite(e.mean_deg),
        e.dose_s,
        prompt.time_s if prompt else None,
        prompt.prompt_id if prompt else None,
        e.angle,
        e.in_state_s,
    )


def _reading_row(judged: Judged) -> Sequence[str]:
    r = judged.reading
    return (
        _number(r.time_s, 3),
        _flag(r.present),
        r.view or "",
        *_pair(r.trunk_flexion),
        *_pair(r.pelvic_tilt),
        *_pair(r.spinal_flexion),
        _pair(r.neck_flexion)[0],
        _pair(r.lateral_lean)[0],
        _pair(r.axial_rotation)[0],
        judged.posture,
        _flag(r.seated),
        _number(r.yaw_deg, 1),
        _number(r.yaw_sd_deg, 1),
        judged.reason or "",
        _flag(r.held),
    )


def _episode_rows(analysis: Analysis) -> Iterable[Sequence[str]]:
    for e in analysis.episodes:
        prompt = analysis.prompt_of(e)
        yield (
            e.kind,
            _number(e.start_s, 3),
            _number(e.end_s, 3),
            _number(e.peak_deg, 2),
            _number(e.mean_deg, 2),
            _number(e.dose_s, 3),
            _number(prompt.time_s if prompt else None, 3),
            prompt.prompt_id if prompt else "",
            e.angle or "",
            _number(e.in_state_s, 3),
        )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _pair(estimate: Estimate | None) -> tuple[str, str]:
    return ("", "") if estimate is None else (_number(estimate.deg, 2), _number(estimate.sd_deg, 2))


def _number(value: float | None, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 turns -0.0 into 0.0


def _flag(value: bool | None) -> str:
    return "" if value is None else str(int(value))


def _known(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (None, None) if estimate is None else (_finite(estimate.deg), _finite(estimate.sd_deg))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
