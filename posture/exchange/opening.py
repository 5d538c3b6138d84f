"""Finds out what an export is, by its description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from posture.exchange import csv_files, json_file, parquet_files
from posture.exchange.shape import Format, Table
from posture.exchange.source import MANIFEST, Placed, Source, described
from posture.model import InputError


def open_source(path: Path) -> Source:
    """The export at `path`: the folder, its description in it, or the JSON file.

    Raises:
        InputError: it is none, or not what it should be; one line that names the file.
        PostureError: PyArrow is missing.
    """
    try:
        if path.is_dir() or path.name == MANIFEST:
            return _folder(path if path.is_dir() else path.parent)
        if path.suffix in (csv_files.SUFFIX, parquet_files.SUFFIX):
            raise InputError(f"{path}: is one table of an export: name the folder, {path.parent}")
        return json_file.source(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _folder(folder: Path) -> Source:
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder}: has no {MANIFEST}, so it is no export of posture data")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid JSON: {error}") from None
    counts = described(found, path)
    files = found.get("files")
    if files not in (Format.CSV, Format.PARQUET):
        raise InputError(f"{path}: files = {files!r}: expected csv or parquet")
    if files == Format.PARQUET:
        parquet_files.available()
    suffix = csv_files.SUFFIX if files == Format.CSV else parquet_files.SUFFIX
    for name in counts:
        if not (folder / f"{name}{suffix}").is_file():
            raise InputError(f"{folder / (name + suffix)}: is missing, though {MANIFEST} names it")

    def rows(table: Table) -> Iterator[Placed]:
        file = folder / f"{table.name}{suffix}"
        try:
            yield from csv_files.read(file, table) if files == Format.CSV else parquet_files.read(file, table)
        except OSError as error:
            raise InputError(f"{file}: cannot be read: {' '.join(str(error.strerror or error).split())}") from error

    return Source(folder, counts, rows)
