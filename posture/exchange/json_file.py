"""JSON: one file with the description and all tables, one row in a line so that it is written as it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from posture.exchange.cells import WrongValueError, of_json, to_json
from posture.exchange.shape import Row, Table, Type
from posture.exchange.source import Placed, Source, check_columns, described
from posture.model import InputError


def write(path: Path, about: Mapping[str, Any], tables: Iterable[tuple[Table, Iterable[Row]]]) -> None:
    """Write all tables behind the description; `path` is there already."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1)[:-2] + ',\n "tables": {')
        for number, (table, rows) in enumerate(tables):
            file.write(f'{"," if number else ""}\n  "{table.name}": [')
            for line, row in enumerate(rows):
                values = {c.name: to_json(c, row[c.name]) for c in table.columns}
                file.write(("," if line else "") + "\n   " + json.dumps(values, ensure_ascii=False, allow_nan=False))
            file.write("]")
        file.write("\n }\n}\n")


def source(path: Path) -> Source:
    """The file as an export; it is read into memory as a whole.

    Raises:
        InputError: it is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: is not valid JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise InputError(f"{path}: is not JSON in UTF-8") from None
    counts = described(found, path)
    tables = found.get("tables")
    if not isinstance(tables, dict):
        raise InputError(f"{path}: tables is missing")
    for name in counts:
        if not isinstance(tables.get(name), list):
            raise InputError(f"{path}: tables.{name}: expected a list of rows")
    return Source(path, counts, lambda table: _rows(path, table, tables[table.name]))


def _rows(path: Path, table: Table, found: list[Any]) -> Iterator[Placed]:
    for number, values in enumerate(found, 1):
        where = f"{path}, {table.name} row {number}"
        if not isinstance(values, dict):
            raise InputError(f"{where}: expected an object with {', '.join(c.name for c in table.stored)}")
        check_columns(table, list(values), where)
        try:
            yield where, {c.name: of_json(c, values[c.name]) for c in table.stored if c.type is not Type.OFFSET}
        except WrongValueError as error:
            raise InputError(f"{where}: {error}") from None
