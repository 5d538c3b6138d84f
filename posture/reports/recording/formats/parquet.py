"""``readings.parquet`` and ``episodes.parquet``: the tables of the CSV files, typed, with units; by pyarrow (extra ``parquet``).

Unseen is null. Columns are those of the CSV files in the same order; numbers are not rounded.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from posture._support import how_to_add
from posture.engine import RecordingResult
from posture.errors import PostureError
from posture.reports.recording.tables import EPISODE_COLUMNS, FLAGS, READING_COLUMNS, WORDS, episode_values, reading_values

_UNITS = {"deg": "degrees", "s": "seconds", "share": "0 to 1", "coverage": "0 to 1"}
"""By what the name of a column ends in."""


def pyarrow(load: Callable[[str], ModuleType] = importlib.import_module) -> Any:
    """Return the library.

    Raises:
        PostureError: it is not installed, or cannot be loaded.
    """
    try:
        load("pyarrow.parquet")
        return load("pyarrow")
    except ImportError as error:
        raise PostureError(f"Parquet files need pyarrow, which is not installed: {how_to_add('pyarrow')}") from error


def readings_parquet(analysis: RecordingResult) -> bytes:
    """Return ``readings.parquet``.

    Raises:
        PostureError: pyarrow is missing.
    """
    return _parquet(READING_COLUMNS, [reading_values(j) for j in analysis.judged], analysis)


def episodes_parquet(analysis: RecordingResult) -> bytes:
    """Return ``episodes.parquet``.

    Raises:
        PostureError: pyarrow is missing.
    """
    return _parquet(EPISODE_COLUMNS, [episode_values(e, analysis) for e in analysis.episodes], analysis)


def _parquet(columns: Sequence[str], rows: Sequence[Sequence[object]], analysis: RecordingResult) -> bytes:
    pa = pyarrow()
    video = analysis.video.name.encode("utf-8", "replace")
    metadata = {b"video": video, b"posture": analysis.versions.get("posture", "").encode()}
    columnar = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    return parquet_bytes(
        pa, {name: pa.array(values, type=_type(pa, name)) for name, values in zip(columns, columnar, strict=True)}, metadata
    )


def parquet_bytes(pa: Any, columns: Mapping[str, Any], metadata: Mapping[bytes, bytes] | None = None) -> bytes:
    """Write arrays of pyarrow as a Parquet file, with units that follow from the names of the columns."""
    fields = [pa.field(name, column.type, metadata=_unit(name)) for name, column in columns.items()]
    out = io.BytesIO()
    pa.parquet.write_table(pa.table(list(columns.values()), schema=pa.schema(fields, metadata=metadata)), out, compression="zstd")
    return out.getvalue()


def _type(pa: Any, name: str) -> Any:
    if name in FLAGS:
        return pa.bool_()
    return pa.string() if name in WORDS else pa.float64()


def _unit(name: str) -> dict[str, str] | None:
    unit = _UNITS.get(name.rpartition("_")[2])
    return {"unit": unit} if unit else None
