"""Parquet, by the extra ``parquet``: one file for each table, times as UTC timestamps in nanoseconds. Loaded by `source.files_of`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from posture._support import private_opener
from posture.errors import InputError
from posture.storage.exchange.csv_files import typed
from posture.storage.exchange.tables import NAME, VERSION, Column, Placed, Row, Seconds, Table, Type
from posture.time_parsing import nanoseconds, of_nanoseconds

_BATCH = 4096
"""Rows that are in memory at once."""


def write(path: Path, table: Table, rows: Iterable[Row]) -> None:
    """Write one table, for its owner alone."""
    about = {b"format": NAME.encode(), b"version": str(VERSION).encode(), b"table": table.name.encode()}
    schema = pa.schema([_field(column) for column in table.columns], about)
    waiting = iter(rows)
    with open(path, "wb", opener=private_opener) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(waiting, _BATCH)):
            arrays = [pa.array([_out(c, row[c.name]) for row in batch], schema.field(c.name).type) for c in table.columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def read(path: Path, table: Table) -> Iterator[Placed]:
    """Yield the rows of one file, unchecked.

    Raises:
        InputError: It is not what it should be; names file and column.
    """
    try:
        with path.open("rb") as file, pq.ParquetFile(file) as found:
            columns = [c for c in table.named(found.schema_arrow.names, str(path)) if c.type is not Type.OFFSET]
            names = [c.name for c in columns]
            number = 0
            for batch in found.iter_batches(_BATCH, columns=names):
                for values in zip(*(_values(batch.column(c.name), c) for c in columns), strict=True):
                    number += 1
                    yield f"{path}, row {number}", dict(zip(names, values, strict=True))
    except pa.ArrowException as error:
        raise InputError(f"{path}: is not a readable Parquet file ({str(error).splitlines()[0]})") from error


def _field(column: Column) -> pa.Field[Any]:
    types = {Type.NUMBER: pa.int64(), Type.REAL: pa.float64(), Type.FLAG: pa.bool_(), Type.TIME: pa.timestamp("ns", "UTC")}
    about = {b"about": column.about.encode()}
    return pa.field(column.name, types.get(column.type, pa.string()), nullable=not column.needed, metadata=about)


def _out(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type is Type.TIME:
        count = nanoseconds(value)
        if abs(count) >= 2**63:
            raise OverflowError
        return count
    if column.type is Type.REAL:
        return float(value)
    return json.dumps(value, allow_nan=False) if column.type is Type.VALUES else value


def _values(found: Any, column: Column) -> list[object]:
    """Return the values of a column; times by way of whole nanoseconds, as Python's own times know microseconds only."""
    if column.type is Type.TIME and pa.types.is_timestamp(found.type):
        found = found.cast(pa.timestamp("ns", found.type.tz)).cast(pa.int64())
    values = found.to_pylist()
    if column.type is Type.TIME:
        return [Seconds(of_nanoseconds(value)) if isinstance(value, int) else value for value in values]
    return [typed(column, value) for value in values] if column.type is Type.VALUES else list(values)
