"""Tells whether a write-ahead log belongs to the database file beside it.

SQLite applies any log with valid checksums to the file of its name. Where a killed process left one and another file was put in the
place of the database, that mixes two databases page by page. So every transaction writes one row, a stamp that names the state of the
database before it and after it, at random. The file holds the state of its last checkpoint: the log is its own if that is the state
before the log's first transaction, or after one of them.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_STAMP = re.compile(rb"posture-log ([0-9a-f]{16})([0-9a-f]{16})")
_WAL_HEADER, _FRAME_HEADER, _SALTS = 32, 24, 8
_ONE_ROW = re.compile(rb"\x0d..\x00\x01", re.DOTALL)
"""The first five bytes of a leaf page of a table with one row."""
_TRIES, _WAIT_S = 5, 0.05
"""Another process may move the log into the file between two looks: only what two in a row find is believed."""
_NONE = b"0" * 16
"""The state before the table was made."""


def stamp(db: sqlite3.Connection) -> None:
    """Name a new state of the database, after the present one. Inside a transaction; older versions have no table for it."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'log_stamp'").fetchone() is not None:
        db.execute("UPDATE log_stamp SET stamp = 'posture-log ' || substr(stamp, -16) || lower(hex(randomblob(8)))")


def log_belongs(path: Path) -> bool:
    """Return whether the log beside `path` may be applied to it; true where there is none, or where that cannot be told."""
    path = path.resolve()  # SQLite keeps the log beside the file that a link names
    before = None
    for _ in range(_TRIES):
        there = _state_of(path)
        found = list(_stamps_in(path.with_name(f"{path.name}-wal")))
        if there is None or not found or there in {found[0][0], *(after for _, after in found)}:
            return True
        if (there, found) == before:
            return False
        before = there, found
        time.sleep(_WAIT_S)
    return True  # another process is writing both, and so has applied the one to the other


def _state_of(path: Path) -> bytes | None:
    """Return the state of the file itself, without its log; ``None`` if it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as db:
            return str(db.execute("SELECT stamp FROM log_stamp").fetchone()[0])[-16:].encode()
    except sqlite3.Error as error:
        return _NONE if "no such table" in str(error) else None
    except (TypeError, UnicodeDecodeError):
        return None


def _stamps_in(log: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the states before and after each transaction of a log, the oldest first, as far as it was written since it was begun."""
    try:
        file = log.open("rb")
    except OSError:
        return
    with file:
        head = file.read(_WAL_HEADER)
        size, salts = int.from_bytes(head[8:12], "big"), head[16 : 16 + _SALTS]
        while len(frame := file.read(_FRAME_HEADER + size)) == _FRAME_HEADER + size > _FRAME_HEADER:
            if frame[8 : 8 + _SALTS] != salts:
                return  # left of what the log held before
            page = frame[_FRAME_HEADER:]
            if _ONE_ROW.match(page) and (found := _STAMP.search(page, int.from_bytes(page[8:10], "big"))):
                yield found[1], found[2]
