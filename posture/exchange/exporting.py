"""Writes an export: a folder of CSV or Parquet files, or one JSON file."""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from posture import __version__
from posture.exchange import csv_files, json_file, parquet_files, reading
from posture.exchange.cells import iso
from posture.exchange.private import private_file, private_folder
from posture.exchange.reading import Range
from posture.exchange.shape import NAME, PROFILES, TABLES, VERSION, Format, Row, Table
from posture.exchange.source import MANIFEST
from posture.model import PostureError
from posture.store import Store

Progress = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""
_TOLD_EVERY = 500


def export(
    store: Store,
    target: Path,
    form: Format,
    now_utc: float,
    *,
    wanted: Range | None = None,
    profiles: bool = True,
    force: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> dict[str, int]:
    """Write what the database held at one moment; the number of rows of each table. **Writes** files of mode 0600.

    Rows are written as they are read, so memory does not grow with their number.

    Args:
        store: the database.
        target: a file for JSON, else a folder that is not there or empty.
        form: how to write it.
        now_utc: stands in the description, seconds since the epoch.
        wanted: only what belongs to this range; profiles belong to every one.
        profiles: whether calibrations go out as well.
        force: take the place of an export that is there.
        progress: is told how far it is.

    Raises:
        PostureError: the target cannot be written, or PyArrow is missing.
        StoreError: the database cannot be read.
    """
    wanted = wanted or Range()
    if form is Format.PARQUET:
        parquet_files.available()
    tables = [table for table in TABLES if profiles or table is not PROFILES]
    try:
        with store.reading() as connection:
            counts = {table.name: reading.count(connection, table, wanted) for table in tables}
            rows = _Rows(connection, wanted, sum(counts.values()), progress)
            about = _about(form, now_utc, wanted, counts)
            if form is Format.JSON:
                with private_file(target, force=force) as part:
                    json_file.write(part, about, rows.of(tables))
            else:
                with private_folder(target, is_export, force=force) as folder:
                    _write_folder(folder, form, about, rows.of(tables))
    except (OverflowError, ValueError) as error:
        raise PostureError(f"{store.path}: holds a time or a number that no export can hold: {error}") from error
    return counts


def is_export(folder: Path) -> bool:
    """Whether a folder holds an export and nothing else."""
    names = {MANIFEST, *(table.name + suffix for table in TABLES for suffix in (csv_files.SUFFIX, parquet_files.SUFFIX))}
    found = {path.name for path in folder.iterdir()}
    return MANIFEST in found and found <= names


class _Rows:
    """Rows of the tables, counted as they go by."""

    def __init__(self, connection: sqlite3.Connection, wanted: Range, total: int, progress: Progress) -> None:
        self._connection, self._wanted, self._total, self._progress = connection, wanted, total, progress
        self._done = 0

    def of(self, tables: Sequence[Table]) -> Iterator[tuple[Table, Iterable[Row]]]:
        """Each table with its rows, which are to be read before the next table."""
        for table in tables:
            yield table, self._counted(reading.rows(self._connection, table, self._wanted))
        self._progress(self._total, self._total)

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % _TOLD_EVERY == 0:
                self._progress(self._done, self._total)


def _about(form: Format, now_utc: float, wanted: Range, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "format": NAME,
        "version": VERSION,
        "files": form.value,
        "exported_utc": iso(now_utc),
        "app_version": __version__,
        "from_utc": iso(wanted.start_utc) if math.isfinite(wanted.start_utc) else None,
        "to_utc": iso(wanted.end_utc) if math.isfinite(wanted.end_utc) else None,
        "rows": counts,
        "columns": {table.name: {c.name: f"{c.about} ({c.expected})" for c in table.columns} for table in TABLES if table.name in counts},
    }


def _write_folder(folder: Path, form: Format, about: dict[str, Any], tables: Iterable[tuple[Table, Iterable[Row]]]) -> None:
    for table, rows in tables:
        if form is Format.CSV:
            csv_files.write(folder / f"{table.name}{csv_files.SUFFIX}", table, rows)
        else:
            path = folder / f"{table.name}{parquet_files.SUFFIX}"
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            parquet_files.write(path, table, rows)
    path = folder / MANIFEST
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
