"""Erases what belongs to a range of time, so that nothing of it stays in the file, or everything; and how long data is kept."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from posture._support import logs, writing
from posture.days import bounds, local_day
from posture.errors import StoreError
from posture.prompts import open_red_flags
from posture.storage.backups import in_backups
from posture.storage.exchange.reading import IN_RANGE, Range, count
from posture.storage.exchange.tables import EPISODES, EXERCISES, HELD_PROMPTS, MOVES, PROFILES, PROMPTS, REPORTS
from posture.storage.records import StoredSession, records
from posture.storage.restoring import BEFORE_RESTORE
from posture.storage.schema import BACKUP, backups_of, copy_in_memory
from posture.storage.store import Store
from posture.types import AFTER_S, ReportKind

_KEY = "retention_days"
LEAST_DAYS = 7
"""Stiffness on four days running, and the comparison with the last week, need what they look at."""
MOST_DAYS = 36500


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """What an erasure takes away."""

    sessions: int = 0
    """Whole ones."""
    shortened: int = 0
    """Sessions that reach beyond the range and lose a part."""
    span_s: float = 0.0
    """Seconds of the timeline."""
    episodes: int = 0
    prompts: int = 0
    held_prompts: int = 0
    moves: int = 0
    exercises: int = 0
    reports: int = 0
    numb_reports: int = 0
    """Of these, reports of numbness; while there is one, heat is never advised."""
    profiles: int = 0
    lingers: bool = field(default=False, compare=False)
    """Another process reads the database just now, whose log therefore keeps old pages until that one ends."""

    @property
    def nothing(self) -> bool:
        """Whether nothing goes."""
        return self == ErasedCounts()


def loss(store: Store, wanted: Range) -> ErasedCounts:
    """Return what ``erase`` would take away; profiles belong to no time, so they go with all of it only.

    Raises:
        StoreError: The database cannot be read.
    """
    with store.reading() as db:
        return _loss(db, wanted)


def flags_lost(store: Store, wanted: Range, now_utc: float) -> list[ReportKind]:
    """Return the kinds of the reports that hold exercises back, if none would once the range is erased; else nothing.

    Raises:
        StoreError: The database cannot be read.
    """
    reports = store.reports()
    left = [report for report in reports if not wanted.start_utc <= report.time_s < wanted.end_utc]
    held = {report.kind for report in open_red_flags(reports, now_utc)}
    return [] if open_red_flags(left, now_utc) else sorted(held)


def refuse_running(store: Store, wanted: Range) -> None:
    """Raise StoreError if a session that runs reaches into the range, as ``erase`` would."""
    with store.reading() as db:
        _refuse_running(db, wanted)


def erase(store: Store, wanted: Range) -> ErasedCounts:
    """Erase what belongs to a range, and rewrite the file, and the same in every backup that the program keeps: **writes**.

    Sessions that reach beyond it are shortened or split in two, their spans cut. Episodes and exercises that reach into it go whole.

    Raises:
        StoreError: A session that runs reaches into it, or the database cannot be written.
    """
    refuse_running(store, wanted)
    in_backups(store.path, lambda copy: _erase_in_copy(copy, wanted))
    with store.writing() as db:
        _refuse_running(db, wanted)
        gone = _erase(db, wanted)
    in_backups(store.path, lambda copy: _erase_in_copy(copy, wanted))  # one may have been made meanwhile
    return replace(gone, lingers=not store.vacuum())


def _erase_in_copy(copy: Store, wanted: Range) -> None:
    if not loss(copy, wanted).nothing:
        with copy.writing() as db:
            _erase(db, wanted)
        copy.vacuum()


def held_in_backups(database: Path, wanted: Range) -> bool:
    """Return whether a backup that the program keeps holds something of the range, or cannot be read."""
    for backup in backups_of(database):
        try:
            with closing(copy_in_memory(backup)) as db:  # one of an earlier version is brought up to date in it
                if not _loss(db, wanted).nothing:
                    return True
        except (StoreError, sqlite3.Error):
            return True
    return False


def erase_old(store: Store, before_utc: float, now_utc: float) -> ErasedCounts:
    """Delete finished data older than `before_utc`; keep unacknowledged referrals and reports of numbness: **writes**.

    Exercises or heat wait because of those.

    Args:
        store: The database.
        before_utc: Seconds since the epoch.
        now_utc: Decides which referrals wait.
    """
    waiting = {report.kind for report in open_red_flags(store.reports(), now_utc)}
    unread = ", ".join(f"'{kind}'" for kind in sorted(waiting))
    spared = f"kind = '{ReportKind.NUMB}' OR (acknowledged_utc IS NULL AND kind IN ({unread}))"
    with store.writing() as db:
        gone = _erase(db, Range(end_utc=before_utc), spared)
    return gone if gone.nothing else replace(gone, lingers=not store.vacuum())


def cut(db: sqlite3.Connection, session: int, wanted: Range) -> None:
    """Take a range out of one session, and all of it if it lies in the range. Inside a transaction."""
    values = wanted.bounds | {"session": session}
    start, end = (
        float(x) for x in db.execute("SELECT started_utc, coalesce(ended_utc, 9e999) FROM sessions WHERE id = ?", (session,)).fetchone()
    )
    if start >= wanted.start_utc and end <= wanted.end_utc:
        db.execute("DELETE FROM sessions WHERE id = ?", (session,))  # and with it what belongs to it
        return
    for table in (EPISODES, PROMPTS, HELD_PROMPTS, MOVES, EXERCISES):
        db.execute(f"DELETE FROM {table.name} WHERE session_id = :session AND {IN_RANGE[table.name]}", values)
    for statement in _CUT_SPANS:
        db.execute(statement, values)
    for statement in _FORGET_IN_PROMPTS:
        db.execute(statement, values)
    if start >= wanted.start_utc:
        db.execute(f"UPDATE sessions SET started_utc = :end, {_EXPECTED_FROM_END} WHERE id = :session", values)
        return
    if end > wanted.end_utc:
        _move_the_rest(db, values)
    db.execute(
        """UPDATE sessions SET ended_utc = :start, expected_end_utc = min(expected_end_utc, :start),
            heartbeat_utc = min(heartbeat_utc, :start) WHERE id = :session""",
        values,
    )


_CUT_SPANS = (
    "DELETE FROM spans WHERE session_id = :session AND start_utc >= :start AND end_utc <= :end",
    # One that reaches over the whole range becomes two: first the part behind it is written, then the part before it cut.
    """INSERT INTO spans (session_id, start_utc, end_utc, posture, seated, reason, open)
        SELECT session_id, :end, end_utc, posture, seated, reason, 0 FROM spans
        WHERE session_id = :session AND start_utc < :start AND end_utc > :end""",
    "UPDATE spans SET end_utc = :start, open = 0 WHERE session_id = :session AND start_utc < :start AND end_utc > :start",
    "UPDATE spans SET start_utc = :end WHERE session_id = :session AND start_utc >= :start AND start_utc < :end AND end_utc > :end",
)
_FORGET_IN_PROMPTS = (
    """UPDATE prompts SET episode_start_utc = NULL
        WHERE session_id = :session AND episode_start_utc >= :start AND episode_start_utc < :end""",
    """UPDATE prompts SET answer = NULL, answered_utc = NULL
        WHERE session_id = :session AND answered_utc >= :start AND answered_utc < :end""",
    f"""UPDATE prompts SET after_measured_s = NULL, after_flexed_s = NULL, after_away_s = NULL, after_ended = NULL
        WHERE session_id = :session AND at_utc < :end AND at_utc + {AFTER_S} > :start""",
)
_EXPECTED_FROM_END = "expected_end_utc = max(expected_end_utc, :end)"
_COPIED = "origin, source, ended_utc, ended, heartbeat_utc, pid, process, view, profile, model, app_version, tz_offset_s"


def _move_the_rest(db: sqlite3.Connection, values: dict[str, float]) -> None:
    """Make what of a session lies behind the range a session of its own."""
    number = db.execute(
        f"""INSERT INTO sessions (started_utc, expected_end_utc, {_COPIED})
            SELECT :end, max(expected_end_utc, :end), {_COPIED} FROM sessions WHERE id = :session""",
        values,
    ).lastrowid
    begun = {"spans": "start_utc", "episodes": "start_utc", "exercises": "start_utc"}
    times = begun | {"prompts": "at_utc", "held_prompts": "at_utc", "moves": "at_utc"}
    for table, time in times.items():
        db.execute(f"UPDATE {table} SET session_id = :number WHERE session_id = :session AND {time} >= :end", values | {"number": number})


def _refuse_running(db: sqlite3.Connection, wanted: Range) -> None:
    found = db.execute(f"SELECT * FROM sessions WHERE ended IS NULL AND {IN_RANGE['sessions']} LIMIT 1", wanted.bounds)
    for session in records(StoredSession, found):
        raise StoreError(f"{session.label()} is running: posture stop, then try again; nothing was erased")


def _erase(db: sqlite3.Connection, wanted: Range, spared: str = "0") -> ErasedCounts:
    gone = _loss(db, wanted, spared)
    found = db.execute(f"SELECT id FROM sessions WHERE ended IS NOT NULL AND {IN_RANGE['sessions']}", wanted.bounds).fetchall()
    for row in found:
        cut(db, row["id"], wanted)
    db.execute(f"DELETE FROM exercises WHERE session_id IS NULL AND {IN_RANGE['exercises']}", wanted.bounds)
    db.execute(f"DELETE FROM self_reports WHERE {IN_RANGE['self_reports']} AND NOT ({spared})", wanted.bounds)
    if wanted.whole:
        db.execute("DELETE FROM profiles")
    return gone


def _loss(db: sqlite3.Connection, wanted: Range, spared: str = "0") -> ErasedCounts:
    values = wanted.bounds
    whole, parts = db.execute(
        f"""SELECT coalesce(sum(started_utc >= :start AND ended_utc <= :end), 0), count(*)
            FROM sessions WHERE ended IS NOT NULL AND {IN_RANGE["sessions"]}""",
        values,
    ).fetchone()
    seconds = db.execute(
        f"SELECT coalesce(sum(min(end_utc, :end) - max(start_utc, :start)), 0) FROM spans WHERE {IN_RANGE['spans']}", values
    ).fetchone()[0]
    reports = db.execute(
        f"SELECT count(*), coalesce(sum(kind = 'numb'), 0) FROM {REPORTS.name} WHERE {IN_RANGE['self_reports']} AND NOT ({spared})", values
    ).fetchone()
    return ErasedCounts(
        sessions=whole,
        shortened=parts - whole,
        span_s=float(seconds),
        episodes=count(db, EPISODES, wanted),
        prompts=count(db, PROMPTS, wanted),
        held_prompts=count(db, HELD_PROMPTS, wanted),
        moves=count(db, MOVES, wanted),
        exercises=count(db, EXERCISES, wanted),
        reports=reports[0],
        numb_reports=reports[1],
        profiles=count(db, PROFILES, wanted) if wanted.whole else 0,
    )


def old_copies(database: Path) -> list[Path]:
    """Return what lies beside the database of its contents, by name, and beside the file that it is a link to as well.

    Copies that updates left, databases that were set aside as they were damaged or another one was restored, and parts of copies
    that a killed process left.
    """
    found = set[Path]()
    for file in real_files([database]):
        for pattern in (f"{file.name}.v*.bak", f"{file.name}.damaged-*", f"{file.name}{BEFORE_RESTORE}*", f".{file.name}.*.part*"):
            found.update(file.parent.glob(pattern))
    return real_files(sorted(found))


def real_files(paths: Iterable[Path]) -> list[Path]:
    """Return files, and behind each that is a link the file that holds its content."""
    return [file for path in paths for file in ((path, path.resolve()) if path.is_symlink() else (path,))]


def backup_files(database: Path) -> list[Path]:
    """Return the automatic backups of a database, by name, and what a killed process left of changing them."""
    return sorted(database.parent.glob(f"{database.name}{BACKUP}*"))


def remove(paths: list[Path]) -> None:
    """Remove files; one that is gone already is no error. **Writes**.

    Raises:
        PostureError: One cannot be removed.
    """
    for path in paths:
        with writing(path):
            path.unlink(missing_ok=True)


def retention_days(store: Store) -> int | None:
    """Return how many local days are kept, today among them; ``None``: all.

    Raises:
        StoreError: The database cannot be read.
    """
    value = store.get_meta(_KEY)
    return int(value) if value is not None and value.isdecimal() and LEAST_DAYS <= int(value) <= MOST_DAYS else None


def set_retention(store: Store, days: int | None) -> None:
    """Keep so many local days, today among them, from the next start of the monitor on; ``None``: all. **Writes**."""
    store.set_meta(_KEY, None if days is None else str(days))


def apply_retention(store: Store, now_utc: float, logs_folder: Path | None = None) -> ErasedCounts | None:
    """Erase what is older than is kept, in backups and logs too; ``None`` if all is kept. **Writes**. Call it before a session starts.

    Args:
        store: The database.
        now_utc: Seconds since the epoch.
        logs_folder: That of the logs, from which it goes as well; ``None``: none.

    Raises:
        StoreError: The database cannot be written.
        PostureError: A log cannot be written.
    """
    days = retention_days(store)
    if days is None:
        return None
    before_utc = oldest_kept_utc(days, now_utc)
    if logs_folder is not None:
        logs.erase_entries(logs_folder, -math.inf, before_utc)
    in_backups(store.path, lambda copy: erase_old(copy, before_utc, now_utc))
    remove([copy for copy in old_copies(store.path) if copy.stat().st_mtime < before_utc])  # all that is in it is older
    return erase_old(store, before_utc, now_utc)


def oldest_kept_utc(days: int, now_utc: float) -> float:
    """Return the local midnight at which the oldest day begins that is kept, seconds since the epoch."""
    return bounds(local_day(now_utc) - timedelta(days=days - 1))[0]
