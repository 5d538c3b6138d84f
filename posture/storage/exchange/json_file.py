"""JSON: one file with the description and all tables, one row in a line so that it is written as it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from posture.errors import InputError
from posture.storage.exchange.tables import Placed, Row, Table, Type
from posture.time_parsing import iso


def write(path: Path, about: Mapping[str, Any], tables: Iterable[tuple[Table, Iterable[Row]]]) -> None:
    """Write all tables behind the description; `path` is there already."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1)[:-2] + ',\n "tables": {')
        for number, (table, rows) in enumerate(tables):
            file.write(f'{"," if number else ""}\n  "{table.name}": [')
            times = [c.name for c in table.columns if c.type is Type.TIME]
            for line, row in enumerate(rows):
                values = {**row, **{name: iso(row[name]) for name in times if row[name] is not None}}
                file.write(("," if line else "") + "\n   " + json.dumps(values, ensure_ascii=False, allow_nan=False))
            file.write("]")
        file.write("\n }\n}\n")


def load(path: Path) -> Any:
    """Return the whole file.

    Raises:
        InputError: It is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: is not valid JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise InputError(f"{path}: is not JSON in UTF-8") from None


def rows(path: Path, table: Table, found: Iterable[Any]) -> Iterator[Placed]:
    """Yield the rows of one table, unchecked.

    Raises:
        InputError: One is no row of it; names file, row and column.
    """
    for number, values in enumerate(found, 1):
        where = f"{path}, {table.name} row {number}"
        if not isinstance(values, dict):
            raise InputError(f"{where}: expected an object with {', '.join(c.name for c in table.stored)}")
        table.named(list(values), where)
        yield where, values
