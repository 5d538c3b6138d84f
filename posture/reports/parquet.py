"""``readings.parquet`` and ``episodes.parquet``: the tables of the CSV files, typed, with units; by pyarrow (extra ``parquet``).

Unseen is null. Columns are those of the CSV files in the same order; numbers are not rounded.
"""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from posture.model import Episode, Estimate, Judged, PostureError
from posture.recording import Analysis
from posture.reports.tables import EPISODE_COLUMNS, READING_COLUMNS

_FLAGS = {"present", "seated", "held"}
_WORDS = {"view", "posture", "reason", "kind", "prompt_id", "angle"}


def pyarrow(load: Callable[[str], ModuleType] = importlib.import_module) -> Any:
    """The library.

    Raises:
        PostureError: it is not installed, or cannot be loaded.
    """
    try:
        load("pyarrow.parquet")
        return load("pyarrow")
    except ImportError as error:
        raise PostureError("Parquet files need pyarrow, which is not installed: pip install 'posture-monitor[parquet]'") from error


def readings_parquet(analysis: Analysis) -> bytes:
    """``readings.parquet``.

    Raises:
        PostureError: pyarrow is missing.
    """
    return _parquet(READING_COLUMNS, [_reading_row(j) for j in analysis.judged], analysis)


def episodes_parquet(analysis: Analysis) -> bytes:
    """``episodes.parquet``.

    Raises:
        PostureError: pyarrow is missing.
    """
    return _parquet(EPISODE_COLUMNS, [_episode_row(e, analysis) for e in analysis.episodes], analysis)


def _reading_row(judged: Judged) -> tuple[object, ...]:
    r = judged.reading
    return (
        r.time_s,
        r.present,
        None if r.view is None else r.view.value,
        *_pair(r.trunk_flexion),
        *_pair(r.pelvic_tilt),
        *_pair(r.spinal_flexion),
        _pair(r.neck_flexion)[0],
        _pair(r.lateral_lean)[0],
        _pair(r.axial_rotation)[0],
        judged.posture.value,
        r.seated,
        _finite(r.yaw_deg),
        _finite(r.yaw_sd_deg),
        judged.reason,
        r.held,
    )


def _episode_row(e: Episode, analysis: Analysis) -> tuple[object, ...]:
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


def _parquet(columns: Sequence[str], rows: Sequence[Sequence[object]], analysis: Analysis) -> bytes:
    pa = pyarrow()
    fields = [pa.field(name, _type(pa, name), metadata=_unit(name)) for name in columns]
    video = analysis.video.name.encode("utf-8", "replace")
    schema = pa.schema(fields, metadata={b"video": video, b"posture": analysis.versions.get("posture", "").encode()})
    columnar = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    table = pa.table([pa.array(values, type=f.type) for values, f in zip(columnar, fields, strict=True)], schema=schema)
    out = io.BytesIO()
    pa.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _type(pa: Any, name: str) -> Any:
    if name in _FLAGS:
        return pa.bool_()
    return pa.string() if name in _WORDS else pa.float64()


def _unit(name: str) -> dict[str, str] | None:
    unit = "degrees" if name.endswith("_deg") else "seconds" if name.endswith("_s") else None
    return {"unit": unit} if unit else None


def _pair(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (None, None) if estimate is None else (_finite(estimate.deg), _finite(estimate.sd_deg))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
