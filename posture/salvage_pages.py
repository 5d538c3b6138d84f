"""Reads rows out of a database file whose first page, the list of its tables, is lost: page by page, without SQLite.

Every page that holds rows of a table says so by itself (https://www.sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format").
Which table they are of is told from the number of columns and what stands in them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PAGE = 4096
"""Bytes of a page, as SQLite makes them unless told otherwise."""
_LEAF = 0x0D
_WAL_HEAD, _FRAME_HEAD = 32, 24
_WORDS = {
    "posture": {"neutral", "flexed", "anterior_tilt", "away", "unknown"},
    "kind": {"flexed", "anterior_tilt", "sitting"},
    "move": {"break", "shift"},
    "origin": {"live", "file"},
    "report": {"urge", "cracked", "stiff", "pain", "numb", "weak", "stress"},
    "step": {"soft", "firm"},
}
Value = int | float | str | bytes | None
Row = dict[str, object]

_SESSIONS = (
    "id origin source started_utc expected_end_utc ended_utc ended heartbeat_utc pid process view profile model app_version tz_offset_s"
)
_SHAPES: tuple[tuple[str, str, Callable[[Sequence[Value]], bool]], ...] = (
    ("sessions", _SESSIONS, lambda v: v[1] in _WORDS["origin"]),
    ("spans", "id session_id start_utc end_utc posture seated reason open", lambda v: v[4] in _WORDS["posture"]),
    (
        "episodes",
        "id session_id kind start_utc end_utc dose_s angle peak_deg mean_deg in_state_s",
        lambda v: v[2] in _WORDS["kind"],
    ),
    (
        "prompts",
        "id session_id at_utc prompt_id kind step episode_start_utc answer answered_utc outcome",
        lambda v: v[5] in _WORDS["step"],
    ),
    ("prompts", "id session_id at_utc prompt_id kind step episode_start_utc outcome", lambda v: v[5] in _WORDS["step"]),
    ("moves", "id session_id at_utc kind", lambda v: v[0] is None and v[3] in _WORDS["move"]),
    ("profiles", "name created_utc view data", lambda v: isinstance(v[0], str) and str(v[3]).startswith("{")),
    ("self_reports", "id at_utc kind place note acknowledged_utc", lambda v: v[2] in _WORDS["report"]),
    ("kept", "key value", lambda v: isinstance(v[0], str) and isinstance(v[1], str)),
)


def rows_of_pages(path: Path) -> dict[str, list[Row]]:
    """All rows that pages of rows hold, by table and then by number; those of the log beside the file are the newer ones."""
    pages = _pages(path)
    found: dict[str, dict[object, Row]] = {}
    for number in sorted(pages):
        try:
            cells = list(_cells(number, pages))
        except (IndexError, struct.error):
            continue  # no page of rows, or one that is damaged
        for row_number, values in cells:
            _sort_in(row_number, values, found)
    return {
        table: [rows[key] for key in sorted(rows, key=str if table in ("profiles", "kept") else _number)] for table, rows in found.items()
    }


def _number(key: object) -> int:
    return key if isinstance(key, int) else 0


def _sort_in(row_number: int, values: Sequence[Value], found: dict[str, dict[object, Row]]) -> None:
    for table, names, fits in _SHAPES:
        columns = names.split()
        if len(values) == len(columns) and fits(values):
            row: Row = dict(zip(columns, values, strict=True))
            if columns[0] == "id":
                row["id"] = row_number
            for name, value in row.items():
                if name.endswith("_utc") and isinstance(value, int):
                    row[name] = float(value)  # SQLite keeps a whole number in fewer bytes
            found.setdefault(table, {})[row[columns[0]]] = row
            return


def _pages(path: Path) -> dict[int, bytes]:
    """Pages by number, from 1; those of the log in the place of older ones."""
    data = path.read_bytes()
    pages = {1 + at // PAGE: data[at : at + PAGE] for at in range(0, len(data), PAGE)}
    log = path.with_name(f"{path.name}-wal")
    newer = log.read_bytes() if log.exists() else b""
    for at in range(_WAL_HEAD, len(newer) - PAGE - _FRAME_HEAD + 1, PAGE + _FRAME_HEAD):
        if newer[at + 8 : at + 16] != newer[16:24]:
            break  # the salt of an earlier use of the log: what follows is old
        pages[struct.unpack(">I", newer[at : at + 4])[0]] = newer[at + _FRAME_HEAD : at + _FRAME_HEAD + PAGE]
    return pages


def _cells(number: int, pages: dict[int, bytes]) -> Iterator[tuple[int, list[Value]]]:
    page = pages[number]
    head = 100 if number == 1 else 0
    if page[head] != _LEAF:
        return
    count = struct.unpack(">H", page[head + 3 : head + 5])[0]
    for index in range(count):
        try:
            at = struct.unpack(">H", page[head + 8 + 2 * index : head + 10 + 2 * index])[0]
            length, at = _varint(page, at)
            row_number, at = _varint(page, at)
            yield row_number, _record(_payload(page, at, length, pages))
        except (IndexError, ValueError, struct.error):
            continue  # this one is damaged


def _payload(page: bytes, at: int, length: int, pages: dict[int, bytes]) -> bytes:
    most = PAGE - 35
    if length <= most:
        return page[at : at + length]
    least = (PAGE - 12) * 32 // 255 - 23
    here = least + (length - least) % (PAGE - 4)
    here = here if here <= most else least
    parts, following = [page[at : at + here]], struct.unpack(">I", page[at + here : at + here + 4])[0]
    left = length - here
    while left > 0 and len(parts) <= len(pages):
        more = pages.get(following)
        if more is None:
            raise ValueError("a page of it is missing")
        parts.append(more[4 : 4 + min(left, PAGE - 4)])
        left -= PAGE - 4
        following = struct.unpack(">I", more[:4])[0]
    return b"".join(parts)


def _record(data: bytes) -> list[Value]:
    size, at = _varint(data, 0)
    kinds = []
    while at < size:
        kind, at = _varint(data, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        length = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind] if kind < 10 else (kind - 12) // 2
        part = data[at : at + length]
        if len(part) < length or kind in (10, 11):
            raise ValueError("it ends too early")
        values.append(_value(kind, part))
        at += length
    return values


def _value(kind: int, part: bytes) -> Value:
    if kind == 0:
        return None
    if kind <= 6:
        return int.from_bytes(part, "big", signed=True)
    if kind == 7:
        return float(struct.unpack(">d", part)[0])
    if kind in (8, 9):
        return kind - 8
    return part.decode("utf-8", "replace") if kind % 2 else part


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9
