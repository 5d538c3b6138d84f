"""Writes an export, a folder of CSV or Parquet files or one JSON file; and backups."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

from posture._support import private_opener
from posture._version import __version__
from posture.errors import PostureError
from posture.storage.exchange import json_file, reading
from posture.storage.exchange.private import new_file, new_folder
from posture.storage.exchange.reading import ProgressCounter, Range
from posture.storage.exchange.source import MANIFEST, files_of
from posture.storage.exchange.tables import NAME, PROFILES, TABLES, VERSION, ExportFormat, Row, Table
from posture.storage.log_owner import stamp
from posture.storage.schema import store_errors
from posture.storage.store import Store
from posture.time_parsing import iso


def export(
    store: Store,
    target: Path,
    form: ExportFormat,
    now_utc: float,
    *,
    wanted: Range | None = None,
    profiles: bool = True,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, int]:
    """Write what the database held at one moment, and return the number of rows of each table. **Writes** private files.

    Rows are written as they are read, so memory does not grow with their number.

    Args:
        store: The database.
        target: A file for JSON, else a folder that is not there or empty.
        form: How to write it.
        now_utc: Stands in the description, seconds since the epoch.
        wanted: Only what belongs to this range; profiles belong to every one.
        profiles: Whether calibrations go out as well.
        force: Take the place of an export that is there.
        progress: Is told how many rows are done, of how many.

    Raises:
        PostureError: The target cannot be written, or PyArrow is missing.
        StoreError: The database cannot be read.
    """
    wanted = wanted or Range()
    files = None if form is ExportFormat.JSON else files_of(form)
    tables = [table for table in TABLES if profiles or table is not PROFILES]
    try:
        with store.reading() as connection:
            counts = {table.name: reading.count(connection, table, wanted) for table in tables}
            total = sum(counts.values())
            counter = ProgressCounter(progress, total)
            rows = ((table, counter.each(reading.rows(connection, table, wanted))) for table in tables)
            about = _about(form, now_utc, wanted, counts)
            if files is None:
                with new_file(target, force=force) as part:
                    json_file.write(part, about, rows)
            else:
                with new_folder(target, is_export, force=force) as folder:
                    _write_folder(folder, files, about, rows)
            progress(total, total)
    except (OverflowError, ValueError) as error:
        raise PostureError(f"{store.path}: holds a time or a number that no export can hold: {error}") from error
    return counts


def backup(store: Store, target: Path, *, force: bool = False) -> int:
    """Copy the database as it is at one moment, while others may write to it, and return the size in bytes. **Writes** a private file.

    Args:
        store: The database.
        target: The file.
        force: Replace a file that is there.

    Raises:
        PostureError: The file is there, is the database itself, or cannot be written.
    """
    if target.resolve() == store.path.resolve():
        raise PostureError(f"{target}: is the database itself: name another file")
    with new_file(target, force=force) as part, store_errors(target):
        with store.reading() as connection, closing(sqlite3.connect(part, isolation_level=None)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file that is whole by itself
            stamp(copy)  # a state of its own: no log goes on from it
        return part.stat().st_size


def is_export(folder: Path) -> bool:
    """Return whether a folder holds an export and nothing else."""
    names = {MANIFEST, *(f"{table.name}.{form}" for table in TABLES for form in (ExportFormat.CSV, ExportFormat.PARQUET))}
    found = {path.name for path in folder.iterdir()}
    return MANIFEST in found and found <= names


def _about(form: ExportFormat, now_utc: float, wanted: Range, counts: dict[str, int]) -> dict[str, Any]:
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


def _write_folder(folder: Path, files: ModuleType, about: dict[str, Any], tables: Iterable[tuple[Table, Iterable[Row]]]) -> None:
    for table, rows in tables:
        files.write(folder / f"{table.name}.{about['files']}", table, rows)
    with open(folder / MANIFEST, "w", encoding="utf-8", opener=private_opener) as file:
        file.write(json.dumps(about, indent=1) + "\n")
