"""CSV: one file for each table, UTF-8, commas, a heading, and a description beside them.

An empty cell is a value that is not there; a text of no length is ``""``. Python's own module cannot tell the two apart before
3.12, so cells are read and written here. A text that a spreadsheet would take for a formula has an apostrophe in front, which a reader
takes away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from posture._support import defused, private_opener, restored
from posture.errors import InputError
from posture.storage.exchange.tables import Column, Placed, Row, Table, Type
from posture.time_parsing import iso

_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|$)', re.DOTALL)
_QUOTED = re.compile(r'[",\r\n]|^$|^\s|\s$')
_LONGEST = 1 << 20
"""Characters of a row; a file without an end of a quote is not read to its end in one."""
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_TYPED: dict[Type, Callable[[str], object]] = {
    Type.NUMBER: int,
    Type.REAL: float,
    Type.FLAG: lambda text: _FLAGS[text.lower()],
    Type.VALUES: json.loads,
}


def write(path: Path, table: Table, rows: Iterable[Row]) -> None:
    """Write one table, for its owner alone."""
    with open(path, "w", encoding="utf-8", newline="", opener=private_opener) as file:
        file.write(",".join(c.name for c in table.columns) + "\r\n")
        for row in rows:
            file.write(",".join(_cell(c, row[c.name]) for c in table.columns) + "\r\n")


def read(path: Path, table: Table) -> Iterator[Placed]:
    """Yield the rows of one file, unchecked.

    Raises:
        InputError: It is not what it should be; names file, line and column.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = _records(file, path)
        line, heading = next(records, (1, []))
        columns = table.named([name or "" for name in heading], f"{path}, line {line}")
        for line, cells in records:
            if len(cells) != len(columns):
                raise InputError(f"{path}, line {line}: has {len(cells)} cells: expected {len(columns)}")
            yield f"{path}, line {line}", {c.name: _value(c, text) for c, text in zip(columns, cells, strict=True)}


def _value(column: Column, text: str | None) -> object:
    return typed(column, restored(text) if text and column.type is Type.TEXT else text)


def typed(column: Column, text: str | None) -> object:
    """Return what the text of a cell stands for; the text itself where the column cannot hold it."""
    if text is None or (text == "" and column.type is not Type.TEXT):
        return None
    try:
        return _TYPED.get(column.type, str)(text)
    except (ValueError, KeyError, RecursionError):
        return text


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.type is Type.TIME:
        text = iso(value)
    elif column.type is Type.VALUES:
        text = json.dumps(value, allow_nan=False)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = repr(value) if isinstance(value, float) else str(value)
        text = defused(text) if column.type is Type.TEXT else text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _records(file: TextIO, path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """Yield rows with the line each begins in; a quoted cell may hold ends of lines."""
    begin, lines, quotes, length = 1, list[str](), 0, 0
    try:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST + 1), ""), 1):
            lines.append(line)
            quotes += line.count('"')
            length += len(line)
            if length > _LONGEST:
                break
            if quotes % 2:
                continue
            bare = "".join(lines).rstrip("\r\n")
            if bare:
                yield begin, _cells(bare, f"{path}, line {begin}")
            begin, lines, quotes, length = number + 1, [], 0, 0
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (at or after line {begin}): save it as CSV in UTF-8") from error
    if quotes % 2 == 0 and lines:
        raise InputError(f"{path}, line {begin}: is too long for a row")
    if lines:
        raise InputError(f"{path}, line {begin}: a quote is opened and never closed")


def _cells(text: str, where: str) -> list[str | None]:
    cells: list[str | None] = []
    at = 0
    while True:
        found = _CELL.match(text, at)
        if found is None:
            raise InputError(f"{where}: cell {len(cells) + 1} can't be read: there is a quote in the middle of it")
        quoted, bare, comma = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else bare or None)
        if not comma:
            return cells
        at = found.end()
