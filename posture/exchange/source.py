"""What every format gives to an import: the description, and the rows of each table with where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.exchange.shape import NAME, TABLES, VERSION, Row, Table
from posture.model import InputError

MANIFEST = f"{NAME}.json"
"""The file of a folder that says what the others are."""
Placed = tuple[str, Row]
"""Where a row stands (file and line, or number), and the row, each value checked by itself."""


@dataclass(frozen=True, slots=True)
class Source:
    """An export that can be read."""

    path: Path
    counts: dict[str, int]
    """Rows of each table that is in it, as the description says."""
    rows: Callable[[Table], Iterator[Placed]]
    """The rows of one of these tables; may be asked for again."""


def described(found: Any, path: Path) -> dict[str, int]:
    """How many rows each table has, out of a description (the whole file for JSON).

    Raises:
        InputError: it is none, or of a newer program.
    """
    if not isinstance(found, dict) or found.get("format") != NAME:
        raise InputError(f"{path}: is no export of posture data (its format is not {NAME!r})")
    version = found.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
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
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise InputError(f"{path}: rows.{name} = {number!r}: expected a whole number")
    return counts


def check_columns(table: Table, names: list[str], where: str) -> None:
    """That the columns are those of the table, in any order; derived ones may be missing.

    Raises:
        InputError: they are not.
    """
    known = [column.name for column in table.columns]
    for name in names:
        if name not in known:
            raise InputError(f"{where}: column {name!r}: expected {', '.join(known)}")
        if names.count(name) > 1:
            raise InputError(f"{where}: column {name!r} is there twice")
    for column in table.stored:
        if column.name not in names:
            raise InputError(f"{where}: has no column {column.name!r}")
