"""Reads an export back into the database: all of it, or nothing."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from posture.errors import InputError
from posture.storage.exchange.checking import CheckedExport, checked
from posture.storage.exchange.erasing import cut
from posture.storage.exchange.erasure_plan import counted
from posture.storage.exchange.reading import Range
from posture.storage.exchange.source import open_source
from posture.storage.exchange.tables import EXERCISES, OF_SESSIONS, PROFILES, REPORTS, SESSIONS, Row, Table
from posture.storage.records import Origin, StoredSession, records
from posture.storage.schema import insert
from posture.storage.sessions import OVERLAPPING, TOUCH_S, end_hard
from posture.storage.store import Store

_NO_NUMBER = 2**63
"""The first that SQLite cannot count to."""
_NAMES = {"session": "session_id", "prompt": "prompt_id", "prompt_at_utc": "prompt_number"}
"""Columns that have another name in the database."""
_SAME_S = 0.01
"""Moments that went through another program were rounded."""


@dataclass(slots=True)
class Imported:
    """The result of an import."""

    added: Counter[str] = field(default_factory=Counter)
    """Rows of each table."""
    sessions_there: int = 0
    """Sessions that were in the database already and were left alone, with all that belongs to them."""
    sessions_replaced: int = 0
    """Sessions of the database that gave way, or the part of them that was in the way."""
    sessions_running: int = 0
    """Sessions that were still running when they were exported; they end with the last of them that was written."""
    reports_there: int = 0
    exercises_there: int = 0
    """Of no session."""
    profiles_there: int = 0
    profiles_kept: list[str] = field(default_factory=list)
    """Names of profiles that are different in the database and were not replaced."""

    def words(self) -> list[str]:
        """Return what was done, in a line for each kind of it."""
        lines = [f"imported: {counted(self.added) or 'nothing new'}"]
        there = {
            "sessions": self.sessions_there,
            "exercises": self.exercises_there,
            "self_reports": self.reports_there,
            "profiles": self.profiles_there,
        }
        if any(there.values()):
            lines.append(f"already there, left alone: {counted(there)}")
        if self.sessions_replaced:
            lines.append(f"replaced, in whole or in part: {counted({'sessions': self.sessions_replaced})}")
        if self.sessions_running:
            lines.append(f"still running when exported, so ended where it was last saved: {self.sessions_running}")
        if self.profiles_kept:
            lines.append(f"calibrations that differ and were kept as they are: {', '.join(self.profiles_kept)}")
        return lines


def import_from(
    store: Store,
    path: Path,
    *,
    replace: bool = False,
    now_utc: float | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Imported:
    """Add what an export holds: **writes**, in one transaction that begins when all of it was read and checked.

    A session that is there already (of the same source, reaching over the same time) is left as it is, a self-report or a profile
    that is the same likewise. Numbers of sessions stay what they were wherever they are free.

    Args:
        store: the database, empty or not.
        path: a folder or a file that ``export`` wrote.
        replace: the time that a live session of the export takes is cut out of the sessions that are in its way, and profiles of
            the same name are replaced.
        now_utc: seconds since the epoch, by default the clock's; what lies more than a day after it is refused.
        progress: is told how many rows are done, of how many.

    Raises:
        InputError: a file is not what it should be, or a session's time of the day is taken; names the file and the line. Its notes
            name further faults.
        StoreError: the database cannot be written. In every case it is as it was.
    """
    export = checked(open_source(path), time.time() if now_utc is None else now_utc, progress)
    with store.writing() as db:
        work = _Import(db, export, replace)
        work.sessions()
        for table in OF_SESSIONS:
            if table is EXERCISES:
                work.exercises()
            else:
                work.rows_of_sessions(table)
        work.reports()
        work.profiles()
        work.end_running()
    return work.done


class _Import:
    """One import, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, export: CheckedExport, replace: bool) -> None:
        self.done = Imported()
        self._db, self._export, self._replace = db, export, replace
        self._number: dict[object, int | None] = {}
        """Of each session of the export, its number in the database; ``None``: it was there."""
        self._running: list[int] = []

    def sessions(self) -> None:
        """Decide about every session first, then write: those of one export may overlap, as they did where it comes from."""
        new: list[tuple[str, Row]] = []
        for where, row in self._export.sessions:
            there = self._is_there(row)
            self._number[row["session"]] = None if there else 0
            if there:
                self.done.sessions_there += 1
            else:
                new.append((where, row))
        for where, row in new:
            self._make_room(where, row)
        taken = {found[0] for found in self._db.execute("SELECT id FROM sessions")}
        free = itertools.count(max([*taken, *(row["session"] for _, row in self._export.sessions)], default=0) + 1)
        for where, row in new:
            number = row["session"]
            own = self._number[number] = next(free) if number in taken else number
            if own >= _NO_NUMBER:
                raise InputError(f"{where}: session = {number}: leaves no numbers for the others")
            values = {name: value for name, value in row.items() if name != "session"}
            insert(self._db, SESSIONS.name, {"id": own, **values, "pid": 0, "process": "imported"})
            self.done.added[SESSIONS.name] += 1
            if row["ended"] is None:
                self._running.append(own)

    def rows_of_sessions(self, table: Table) -> None:
        """Spans, episodes, prompts or moves; those of sessions that were there are left out."""
        rows = ((self._number[row[0]], *row[1:]) for row in self._export.rows[table.name])
        self._insert(table, (row for row in rows if row[0] is not None))

    def exercises(self) -> None:
        """Exercises, each with its prompt's number here; the same one of no session is not there twice."""
        there = {tuple(found) for found in self._db.execute("SELECT exercise, start_utc FROM exercises WHERE session_id IS NULL")}
        for session, *rest, prompt_at_utc in self._export.rows[EXERCISES.name]:
            own = None if session is None else self._number[session]
            if session is None and tuple(rest[:2]) in there:
                self.done.exercises_there += 1
            elif session is None or own is not None:
                self._insert(EXERCISES, [(own, *rest, self._prompt(own, prompt_at_utc))])

    def _prompt(self, session: int | None, at_utc: object) -> int | None:
        """Return the number of the prompt of that moment; ``None``: there is none."""
        if not isinstance(at_utc, float):
            return None
        statement = """SELECT id FROM prompts WHERE at_utc BETWEEN ? AND ? AND session_id = coalesce(?, session_id)
            ORDER BY abs(at_utc - ?) LIMIT 1"""
        found = self._db.execute(statement, (at_utc - _SAME_S, at_utc + _SAME_S, session, at_utc)).fetchone()
        return None if found is None else int(found[0])

    def reports(self) -> None:
        """Self-reports; the same one is not there twice because it was imported twice."""
        there = {tuple(found) for found in self._db.execute("SELECT at_utc, kind, place, note FROM self_reports")}
        new = [row for row in self._export.rows[REPORTS.name] if row[:4] not in there]
        self.done.reports_there = len(self._export.rows[REPORTS.name]) - len(new)
        self._insert(REPORTS, new)

    def profiles(self) -> None:
        """Calibrations."""
        there = {found["name"]: found for found in self._db.execute("SELECT name, view, data FROM profiles")}
        for name, created_utc, view, data in self._export.rows[PROFILES.name]:
            if name in there:
                if (there[name]["view"], json.loads(there[name]["data"])) == (view, data):
                    self.done.profiles_there += 1
                    continue
                if not self._replace:
                    self.done.profiles_kept.append(str(name))
                    continue
                self._db.execute("DELETE FROM profiles WHERE name = ?", (name,))
            self._insert(PROFILES, [(name, created_utc, view, json.dumps(data, allow_nan=False))])

    def end_running(self) -> None:
        """End sessions that ran when they were exported where the last of them was written."""
        for number in self._running:
            end_hard(self._db, number)
        self.done.sessions_running = len(self._running)

    def _is_there(self, row: Row) -> bool:
        exactly = "started_utc = :start" if row["origin"] == Origin.FILE else "started_utc <= :start AND coalesce(ended_utc, 9e999) >= :end"
        statement = f"SELECT 1 FROM sessions WHERE origin = :origin AND source = :source AND {exactly} LIMIT 1"
        values = {"origin": row["origin"], "source": row["source"], "start": row["started_utc"], "end": _end(row)}
        return self._db.execute(statement, values).fetchone() is not None

    def _make_room(self, where: str, row: Row) -> None:
        """Cut what is in the way of a live session, or refuse it."""
        if row["origin"] != Origin.LIVE:
            return
        start, end = row["started_utc"], _end(row)
        found = self._db.execute(OVERLAPPING, (Origin.LIVE, end - TOUCH_S, start + TOUCH_S)).fetchall()
        for other in records(StoredSession, found):
            if other.ended is None:
                raise InputError(
                    f"{where}: this time is already taken by {other.label()}, which is running: run posture stop, then try again"
                )
            if not self._replace:
                raise InputError(f"{where}: this time is already taken by {other.label()}: add --replace to replace it with the import")
            cut(self._db, other.id, Range(start, end))
            self.done.sessions_replaced += 1

    def _insert(self, table: Table, rows: Iterable[tuple[object, ...]]) -> None:
        names = [_NAMES.get(column.name, column.name) for column in table.stored]
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        added = self._db.executemany(statement, rows).rowcount
        if added > 0:
            self.done.added[table.name] += added


def _end(row: Row) -> float:
    """Return where a session ends, as far as its row tells."""
    ends = (row["ended_utc"], row["expected_end_utc"], max(row["started_utc"], row["heartbeat_utc"]))
    return float(next(end for end in ends if end is not None))
