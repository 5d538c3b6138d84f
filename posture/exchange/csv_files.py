"""CSV: one file for each table, UTF-8, commas, a heading, and a description beside them.

An empty cell is a value that is not there; a text of no length is ``""``. Python's own module cannot tell the two apart before
3.12, so cells are read and written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from posture.exchange.cells import WrongValueError, of_text, to_text
from posture.exchange.private import private_opener
from posture.exchange.shape import Row, Table, Type, Value
from posture.exchange.source import Placed, check_columns
from posture.model import InputError

SUFFIX = ".csv"
_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|$)', re.DOTALL)
_QUOTED = re.compile(r'[",\r\n]|^$|^\s|\s$')
_LONGEST = 1 << 20
"""Characters of a row; a file without an end of a quote is not read to its end in one."""


def write(path: Path, table: Table, rows: Iterable[Row]) -> None:
    """Write one table."""
    with open(path, "w", encoding="utf-8", newline="", opener=private_opener) as file:  # its mode from the first byte on
        file.write(",".join(c.name for c in table.columns) + "\r\n")
        for row in rows:
            file.write(",".join(_cell(to_text(c, row[c.name])) for c in table.columns) + "\r\n")


def read(path: Path, table: Table) -> Iterator[Placed]:
    """The rows of one file.

    Raises:
        InputError: it is not what it should be; names file, line and column.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = _records(file, path)
        line, heading = next(records, (1, []))
        names = [name or "" for name in heading]
        check_columns(table, names, f"{path}, line {line}")
        columns = {c.name: c for c in table.columns}
        for line, cells in records:
            if len(cells) != len(names):
                raise InputError(f"{path}, line {line}: has {len(cells)} cells: expected {len(names)}")
            row: dict[str, Value] = {}
            for name, text in zip(names, cells, strict=True):
                if columns[name].type is not Type.OFFSET:
                    try:
                        row[name] = of_text(columns[name], text)
                    except WrongValueError as error:
                        raise InputError(f"{path}, line {line}: {error}") from None
            yield f"{path}, line {line}", row


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _records(file: TextIO, path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """Rows with the line each begins in; a quoted cell may hold ends of lines."""
    begin, text = 1, ""
    try:
        for number, line in enumerate(file, 1):
            text += line
            if text.count('"') % 2:
                if len(text) > _LONGEST:
                    break
                continue
            bare = text.rstrip("\r\n")
            if bare:
                yield begin, _cells(bare, f"{path}, line {begin}")
            begin, text = number + 1, ""
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (line {begin} or after it): save it as CSV in UTF-8") from error
    if text:
        raise InputError(f"{path}, line {begin}: a quote that is opened is not closed")


def _cells(text: str, where: str) -> list[str | None]:
    cells: list[str | None] = []
    at = 0
    while True:
        found = _CELL.match(text, at)
        if found is None:
            raise InputError(f"{where}: cell {len(cells) + 1} cannot be read: a quote stands in the middle of it")
        quoted, bare, comma = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else bare or None)
        if not comma:
            return cells
        at = found.end()
