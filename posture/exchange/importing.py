"""Reads an export back into the database: all of it, or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from posture.exchange.cells import WrongValueError, check_row
from posture.exchange.erasing import cut
from posture.exchange.opening import open_source
from posture.exchange.reading import Range
from posture.exchange.shape import OF_SESSIONS, PROFILES, REPORTS, SESSIONS, Row, Table, Value
from posture.exchange.source import Placed, Source
from posture.model import InputError
from posture.store import Origin, Store
from posture.stored import StoredSession

_TOUCH_S = 1.0
"""Sessions may follow each other this closely, as in the store."""
_TOLD_EVERY = 500
_NO_NUMBER = 2**63
"""The first that SQLite cannot count to."""
_NAMES = {"session": "session_id", "prompt": "prompt_id"}
"""Columns that have another name in the database."""


@dataclass(slots=True)
class Imported:
    """What an import did."""

    added: dict[str, int] = field(default_factory=dict)
    """Rows of each table."""
    sessions_there: int = 0
    """Sessions that were in the database already and were left alone, with all that belongs to them."""
    sessions_replaced: int = 0
    """Sessions of the database that gave way, or the part of them that was in the way."""
    sessions_running: int = 0
    """Sessions that were still running when they were exported; they end with the last of them that was written."""
    reports_there: int = 0
    profiles_there: int = 0
    profiles_kept: list[str] = field(default_factory=list)
    """Names of profiles that are different in the database and were not replaced."""


def import_from(
    store: Store, path: Path, *, replace: bool = False, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Imported:
    """Add what an export holds: **writes**, in one transaction.

    A session that is there already (of the same source, reaching over the same time) is left as it is, a self-report or a profile
    that is the same likewise. Numbers of sessions stay what they were wherever they are free.

    Args:
        store: the database, empty or not.
        path: a folder or a file that ``export`` wrote.
        replace: the time that a live session of the export takes is cut out of the sessions that are in its way, and profiles of
            the same name are replaced.
        progress: is told how many rows are done, of how many.

    Raises:
        InputError: a file is not what it should be, or a session's time of the day is taken; names the file and the line.
        StoreError: the database cannot be written. In every case it is as it was.
    """
    source = open_source(path)
    with store.writing() as db:
        work = _Import(db, source, replace, progress)
        work.sessions()
        for table in OF_SESSIONS:
            work.rows_of_sessions(table)
        work.reports()
        work.profiles()
        work.end_running()
    return work.done


class _Import:
    """One import, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, source: Source, replace: bool, progress: Callable[[int, int], None]) -> None:
        self.done = Imported()
        self._db, self._source, self._replace, self._progress = db, source, replace, progress
        self._number: dict[int, int | None] = {}
        """Of each session of the export, its number in the database; ``None``: it was there."""
        self._running: list[int] = []
        self._read, self._total = 0, sum(source.counts.values())

    def sessions(self) -> None:
        """Decide about every session first, then write: those of one export may overlap, as they did where it comes from."""
        new: list[Placed] = []
        for where, row in self._rows(SESSIONS):
            number = _whole(row["session"])
            if number in self._number:
                raise InputError(f"{where}: session = {number}: is there twice")
            there = self._is_there(row)
            self._number[number] = None if there else 0
            if there:
                self.done.sessions_there += 1
            else:
                new.append((where, row))
        for where, row in new:
            self._make_room(where, row)
        taken = {found[0] for found in self._db.execute("SELECT id FROM sessions")}
        free = max([*taken, *self._number], default=0)
        for where, row in new:
            number = _whole(row["session"])
            if number in taken:
                free += 1
            self._number[number] = free if number in taken else number
            if not 0 < (self._number[number] or 0) < _NO_NUMBER:
                raise InputError(f"{where}: session = {number}: leaves no number for the others")
            values = {c.name: row[c.name] for c in SESSIONS.stored if c.name != "session"}
            self._insert(SESSIONS, {"id": self._number[number], **values, "pid": 0, "process": "imported"}, where)
            if row["ended"] is None:
                self._running.append(self._number[number] or 0)

    def rows_of_sessions(self, table: Table) -> None:
        """Spans, episodes, prompts or moves."""
        for where, row in self._rows(table):
            number = _whole(row["session"])
            if number not in self._number:
                raise InputError(f"{where}: session = {number}: the export has no such session")
            own = self._number[number]
            if own is not None:
                self._insert(table, {_NAMES.get(name, name): value for name, value in row.items()} | {"session_id": own}, where)

    def reports(self) -> None:
        """Self-reports; the same one is not there twice because it was imported twice."""
        there = {tuple(found) for found in self._db.execute("SELECT at_utc, kind, place, note FROM self_reports")}
        for where, row in self._rows(REPORTS):
            if (row["at_utc"], row["kind"], row["place"], row["note"]) in there:
                self.done.reports_there += 1
            else:
                self._insert(REPORTS, row, where)

    def profiles(self) -> None:
        """Calibrations."""
        there = {found["name"]: found for found in self._db.execute("SELECT name, view, data FROM profiles")}
        seen: set[str] = set()
        for where, row in self._rows(PROFILES):
            name = str(row["name"])
            if name in seen:
                raise InputError(f"{where}: name = {name!r}: is there twice")
            seen.add(name)
            if name in there:
                if (there[name]["view"], json.loads(there[name]["data"])) == (row["view"], row["data"]):
                    self.done.profiles_there += 1
                    continue
                if not self._replace:
                    self.done.profiles_kept.append(name)
                    continue
                self._db.execute("DELETE FROM profiles WHERE name = ?", (name,))
            self._insert(PROFILES, {**row, "data": json.dumps(row["data"], allow_nan=False)}, where)

    def end_running(self) -> None:
        """A session that ran when it was exported does not run here."""
        for number in self._running:
            self._db.execute(
                """UPDATE sessions SET ended = 'hard', ended_utc = max(started_utc,
                    coalesce((SELECT max(end_utc) FROM spans WHERE session_id = sessions.id), started_utc)) WHERE id = ?""",
                (number,),
            )
        self.done.sessions_running = len(self._running)

    def _rows(self, table: Table) -> Iterator[Placed]:
        """The rows of a table that the export has, counted and checked."""
        said = self._source.counts.get(table.name)
        if said is None:
            return
        found = 0
        for where, row in self._source.rows(table):
            try:
                check_row(table, row)
            except WrongValueError as error:
                raise InputError(f"{where}: {error}") from None
            yield where, row
            found += 1
            self._read += 1
            if self._read % _TOLD_EVERY == 0:
                self._progress(self._read, self._total)
        if found != said:
            raise InputError(f"{self._source.path}: {table.name} has {found} rows: expected {said}, as its description says")

    def _is_there(self, row: Row) -> bool:
        exactly = "started_utc = :start" if row["origin"] == Origin.FILE else "started_utc <= :start AND coalesce(ended_utc, 9e999) >= :end"
        statement = f"SELECT 1 FROM sessions WHERE origin = :origin AND source = :source AND {exactly} LIMIT 1"
        values = {"origin": row["origin"], "source": row["source"], "start": row["started_utc"], "end": _end(row)}
        return self._db.execute(statement, values).fetchone() is not None

    def _make_room(self, where: str, row: Row) -> None:
        """What is in the way of a live session is cut, or the reason to refuse it."""
        if row["origin"] != Origin.LIVE:
            return
        start, end = _seconds(row["started_utc"]), _end(row)
        statement = """SELECT * FROM sessions WHERE origin = 'live' AND started_utc < ?
            AND coalesce(ended_utc, expected_end_utc, 9e999) > ? ORDER BY started_utc, id"""
        for found in self._db.execute(statement, (end - _TOUCH_S, start + _TOUCH_S)).fetchall():
            other = StoredSession.of(found)
            if other.ended is None:
                raise InputError(
                    f"{where}: this time of your day is taken by {other.label()}, which is running: posture stop, then try again"
                )
            if not self._replace:
                raise InputError(
                    f"{where}: this time of your day is taken by {other.label()}: add --replace to put what is imported in its place"
                )
            cut(self._db, other.id, Range(start, end))
            self.done.sessions_replaced += 1

    def _insert(self, table: Table, row: Row, where: str) -> None:
        names: Collection[str] = [name for name in row if name != "session"]
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        try:
            self._db.execute(statement, [row[name] for name in names])
        except sqlite3.IntegrityError as error:
            raise InputError(f"{where}: cannot be taken in: {error}") from error
        self.done.added[table.name] = self.done.added.get(table.name, 0) + 1


def _end(row: Row) -> float:
    """Where a session ends, as far as its row tells."""
    for name in ("ended_utc", "expected_end_utc"):
        if row[name] is not None:
            return _seconds(row[name])
    return max(_seconds(row["started_utc"]), _seconds(row["heartbeat_utc"]))


def _seconds(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _whole(value: Value) -> int:
    assert isinstance(value, int)
    return value
