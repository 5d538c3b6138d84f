"""Parquet: one file for each table, times as UTC timestamps in nanoseconds. PyArrow is the extra ``parquet``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture.exchange.cells import WrongValueError, check, nanoseconds, of_json, of_nanoseconds, of_text, to_text
from posture.exchange.shape import NAME, VERSION, Column, Row, Table, Type, Value
from posture.exchange.source import Placed, check_columns
from posture.model import InputError, PostureError

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".parquet"
_BATCH = 4096
"""Rows that are in memory at once."""


def available() -> None:
    """Raises PostureError with what to install if PyArrow cannot be loaded."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 # large, and optional
    except ImportError as error:
        raise PostureError(f"Parquet needs PyArrow ({error}): pip install 'posture-monitor[parquet]', or use --format csv") from error


def write(path: Path, table: Table, rows: Iterable[Row]) -> None:
    """Write one table; `path` is made by the caller, so that its mode is the caller's."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    about = {b"format": NAME.encode(), b"version": str(VERSION).encode(), b"table": table.name.encode()}
    schema = pa.schema([_field(column) for column in table.columns], about)
    waiting = iter(rows)
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(waiting, _BATCH)):
            arrays = [pa.array([_out(c, row[c.name]) for row in batch], schema.field(c.name).type) for c in table.columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def read(path: Path, table: Table) -> Iterator[Placed]:
    """The rows of one file.

    Raises:
        InputError: it is not what it should be; names file, row and column.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with path.open("rb") as file, pq.ParquetFile(file) as found:
            check_columns(table, found.schema_arrow.names, str(path))
            number = 0
            for batch in found.iter_batches(_BATCH, columns=[c.name for c in table.stored]):
                columns = {c.name: _values(batch.column(c.name), c) for c in table.stored}
                for at in range(batch.num_rows):
                    number += 1
                    yield f"{path}, row {number}", _row(table, columns, at, f"{path}, row {number}")
    except pa.ArrowException as error:
        raise InputError(f"{path}: is not a Parquet file that can be read ({str(error).splitlines()[0]})") from error


def _field(column: Column) -> pa.Field[Any]:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        Type.NUMBER: pa.int64(),
        Type.REAL: pa.float64(),
        Type.FLAG: pa.bool_(),
        Type.TIME: pa.timestamp("ns", "UTC"),
    }
    return pa.field(
        column.name, types.get(column.type, pa.string()), nullable=not column.needed, metadata={b"about": column.about.encode()}
    )


def _out(column: Column, value: Value) -> Value:
    if value is None:
        return None
    if column.type is Type.TIME:
        count = nanoseconds(value)  # type: ignore[arg-type] # a time
        if abs(count) >= 2**63:
            raise OverflowError
        return count
    if column.type is Type.REAL:
        return float(value)  # type: ignore[arg-type] # a number
    return to_text(column, value) if column.type is Type.VALUES else value


def _values(found: Any, column: Column) -> list[object]:
    """The values of a column; times as whole nanoseconds, as Python's own times know microseconds only."""
    import pyarrow as pa  # noqa: PLC0415

    if column.type is Type.TIME and pa.types.is_timestamp(found.type):
        found = found.cast(pa.timestamp("ns", found.type.tz)).cast(pa.int64())
    return list(found.to_pylist())


def _row(table: Table, columns: dict[str, list[object]], at: int, where: str) -> Row:
    row: dict[str, Value] = {}
    try:
        for column in table.stored:
            value = columns[column.name][at]
            if column.type is Type.TIME and isinstance(value, int):
                row[column.name] = check(column, of_nanoseconds(value))
            elif column.type is Type.VALUES and isinstance(value, str):
                row[column.name] = of_text(column, value)
            else:
                row[column.name] = of_json(column, value)
    except WrongValueError as error:
        raise InputError(f"{where}: {error}") from None
    return row
