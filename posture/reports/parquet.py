"""``readings.parquet`` and ``episodes.parquet``: the tables of the CSV files, typed, with units; by pyarrow (extra ``parquet``).

Unseen is null. Columns are those of the CSV files in the same order; numbers are not rounded.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from posture.model import PostureError
from posture.recording import Analysis
from posture.reports.tables import EPISODE_COLUMNS, READING_COLUMNS, episode_values, reading_values

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
    return _parquet(READING_COLUMNS, [reading_values(j) for j in analysis.judged], analysis)


def episodes_parquet(analysis: Analysis) -> bytes:
    """``episodes.parquet``.

    Raises:
        PostureError: pyarrow is missing.
    """
    return _parquet(EPISODE_COLUMNS, [episode_values(e, analysis) for e in analysis.episodes], analysis)


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
