"""An export that an import reads: its description, and the rows of each table with where they stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

from posture._support import how_to_add
from posture.errors import InputError, PostureError
from posture.storage.exchange import csv_files, json_file
from posture.storage.exchange.tables import NAME, TABLES, VERSION, ExportFormat, Placed, Row, Table

MANIFEST = f"{NAME}.json"
"""The file of a folder that says what the others are."""


@dataclass(frozen=True, slots=True)
class Source:
    """An export that can be read."""

    path: Path
    counts: dict[str, int]
    """Rows of each table that is in it, as the description says."""
    placed: Callable[[Table], Iterator[Placed]]
    """Reads the rows of one of these tables, unchecked; may be called again."""

    def rows(self, table: Table, fault: Callable[[InputError], None]) -> Iterator[tuple[str, Row]]:
        """Yield where each sound row of a table stands, and the row, checked by itself; nothing of a table that is not in the export.

        Args:
            table: The table.
            fault: Is told of each row that is not what it should be, of what cannot be read on, and of rows too few or too many.
        """
        number = 0
        if table.name not in self.counts:
            return
        try:
            for where, values in self.placed(table):
                number += 1
                try:
                    row = table.checked(values, where)
                except InputError as error:
                    fault(error)
                else:
                    yield where, row
        except InputError as error:
            fault(error)
            return
        if number != self.counts[table.name]:
            expected = f"expected {self.counts[table.name]}, as its description says"
            fault(InputError(f"{self.path}: {table.name} has {number} rows: {expected}"))


def open_source(path: Path) -> Source:
    """Open the export at `path`: the folder, its description in it, or the JSON file (which is read into memory as a whole).

    Raises:
        InputError: It is none, or not what it should be; one line that names the file.
        PostureError: PyArrow is missing.
    """
    try:
        if path.is_dir() or path.name == MANIFEST:
            return _folder(path if path.is_dir() else path.parent)
        if path.suffix in (".csv", ".parquet"):
            raise InputError(f"{path}: is one table of an export: name the folder, {path.parent}")
        return _file(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _file(path: Path) -> Source:
    found = json_file.load(path)
    counts = _described(found, path)
    tables = found.get("tables")
    if not isinstance(tables, dict):
        raise InputError(f"{path}: tables is missing")
    for name in counts:
        if not isinstance(tables.get(name), list):
            raise InputError(f"{path}: tables.{name}: expected a list of rows")
    return Source(path, counts, lambda table: json_file.rows(path, table, tables[table.name]))


def _folder(folder: Path) -> Source:
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder}: has no {MANIFEST}, so it is not an export of posture data")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid JSON: {error}") from None
    counts = _described(found, path)
    form = found.get("files")
    if form not in (ExportFormat.CSV, ExportFormat.PARQUET):
        raise InputError(f"{path}: files = {form!r}: expected csv or parquet")
    reader = files_of(ExportFormat(form))
    files = {name: folder / f"{name}.{form}" for name in counts}
    for file in files.values():
        if not file.is_file():
            raise InputError(f"{file}: is missing, though {MANIFEST} names it")

    def rows(table: Table) -> Iterator[Placed]:
        file = files[table.name]
        try:
            yield from reader.read(file, table)
        except OSError as error:
            raise InputError(f"{file}: cannot be read: {' '.join(str(error.strerror or error).split())}") from error

    return Source(folder, counts, rows)


def files_of(form: ExportFormat) -> ModuleType:
    """Return the module that writes and reads a format of one file for each table.

    Raises:
        PostureError: PyArrow is missing.
    """
    if form is ExportFormat.CSV:
        return csv_files
    try:
        import pyarrow.parquet  # large, and optional  # noqa: F401, PLC0415

        from posture.storage.exchange import parquet_files  # noqa: PLC0415
    except ImportError as error:
        raise PostureError(f"Parquet needs PyArrow ({error}): {how_to_add('pyarrow')}, or use --format csv") from error
    return parquet_files


def _described(found: Any, path: Path) -> dict[str, int]:
    """Return how many rows each table has, out of a description (the whole file for JSON)."""
    if not isinstance(found, dict) or found.get("format") != NAME:
        raise InputError(f"{path}: is not an export of posture data (its format is not {NAME!r})")
    version = found.get("version")
    if not _is_count(version) or version < 1:
        raise InputError(f"{path}: version = {version!r}: expected a whole number")
    if version > VERSION:
        raise InputError(
            f"{path}: was written by a newer posture monitor (export version {version}, this one knows up to {VERSION}): update the program"
        )
    counts = found.get("rows")
    if not isinstance(counts, dict):
        raise InputError(f"{path}: rows is missing: expected the number of rows of each table")
    known = {table.name for table in TABLES}
    for name, number in counts.items():
        if name not in known:
            raise InputError(f"{path}: rows: {name!r}: expected some of {', '.join(sorted(known))}")
        if not _is_count(number):
            raise InputError(f"{path}: rows.{name} = {number!r}: expected a whole number")
    return counts


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
