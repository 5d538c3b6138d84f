"""Takes away what belongs to a range of time, so that nothing of it stays in the file; or everything."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

from posture.exchange.private import writing
from posture.exchange.reading import IN_RANGE, Range, count
from posture.exchange.shape import EPISODES, MOVES, PROFILES, PROMPTS, REPORTS
from posture.model import ReportKind, StoreError
from posture.redflags import open_red_flags
from posture.store import Store
from posture.stored import StoredSession


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes, or went."""

    sessions: int = 0
    """Whole ones."""
    shortened: int = 0
    """Sessions that reach beyond the range and lose a part."""
    span_s: float = 0.0
    """Seconds of the timeline."""
    episodes: int = 0
    prompts: int = 0
    moves: int = 0
    reports: int = 0
    numb_reports: int = 0
    """Of these, reports of numbness; while there is one, heat is never advised."""
    profiles: int = 0
    lingers: bool = field(default=False, compare=False)
    """Another process reads the database just now, whose log therefore keeps old pages until that one ends."""

    @property
    def nothing(self) -> bool:
        """Whether nothing goes."""
        return self == Loss()


def loss(store: Store, wanted: Range) -> Loss:
    """What ``erase`` would take away; profiles belong to no time, so they go with all of it only.

    Raises:
        StoreError: the database cannot be read.
    """
    with store.reading() as db:
        return _loss(db, wanted)


def refuse_running(store: Store, wanted: Range) -> None:
    """Raises StoreError if a session that runs reaches into the range, as ``erase`` would."""
    with store.reading() as db:
        _refuse_running(db, wanted)


def erase(store: Store, wanted: Range) -> Loss:
    """Take away what belongs to a range, and rewrite the file: **writes**.

    Sessions that reach beyond it are shortened or split in two, their spans cut. Episodes that reach into it go whole.

    Raises:
        StoreError: a session that runs reaches into it, or the database cannot be written.
    """
    with store.writing() as db:
        _refuse_running(db, wanted)
        gone = _erase(db, wanted)
    return replace(gone, lingers=not store.tidy())


def erase_old(store: Store, before_utc: float, now_utc: float) -> Loss:
    """Take away what lies before a moment, except what runs and what must not go by itself: **writes**.

    Reports whose referral was not acknowledged, and those of numbness, stay: exercises or heat wait because of them.

    Args:
        store: the database.
        before_utc: the moment, seconds since the epoch.
        now_utc: tells which referrals wait.
    """
    waiting = {report.kind for report in open_red_flags(store.reports(), now_utc)}
    unread = ", ".join(f"'{kind}'" for kind in sorted(waiting))
    spared = f"kind = '{ReportKind.NUMB}' OR (acknowledged_utc IS NULL AND kind IN ({unread}))"
    with store.writing() as db:
        gone = _erase(db, Range(end_utc=before_utc), spared)
    return gone if gone.nothing else replace(gone, lingers=not store.tidy())


def cut(db: sqlite3.Connection, session: int, wanted: Range) -> None:
    """Take a range out of one session, and all of it if it lies in the range. Inside a transaction."""
    values = _bounds(wanted) | {"session": session}
    start, end = (
        float(x) for x in db.execute("SELECT started_utc, coalesce(ended_utc, 9e999) FROM sessions WHERE id = ?", (session,)).fetchone()
    )
    if start >= wanted.start_utc and end <= wanted.end_utc:
        db.execute("DELETE FROM sessions WHERE id = ?", (session,))  # and with it what belongs to it
        return
    for table in (EPISODES, PROMPTS, MOVES):
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
)
_EXPECTED_FROM_END = "expected_end_utc = max(expected_end_utc, :end)"
_COPIED = "origin, source, ended_utc, ended, heartbeat_utc, pid, process, view, profile, model, app_version, tz_offset_s"


def _move_the_rest(db: sqlite3.Connection, values: dict[str, float]) -> None:
    """What of a session lies behind the range becomes a session of its own."""
    number = db.execute(
        f"""INSERT INTO sessions (started_utc, expected_end_utc, {_COPIED})
            SELECT :end, max(expected_end_utc, :end), {_COPIED} FROM sessions WHERE id = :session""",
        values,
    ).lastrowid
    for table, time in (("spans", "start_utc"), ("episodes", "start_utc"), ("prompts", "at_utc"), ("moves", "at_utc")):
        db.execute(f"UPDATE {table} SET session_id = :number WHERE session_id = :session AND {time} >= :end", values | {"number": number})


def _refuse_running(db: sqlite3.Connection, wanted: Range) -> None:
    found = db.execute(f"SELECT * FROM sessions WHERE ended IS NULL AND {IN_RANGE['sessions']} LIMIT 1", _bounds(wanted)).fetchone()
    if found is not None:
        raise StoreError(f"{StoredSession.of(found).label()} is running: posture stop, then try again; nothing was erased")


def _erase(db: sqlite3.Connection, wanted: Range, spared: str = "0") -> Loss:
    gone = _loss(db, wanted, spared)
    found = db.execute(f"SELECT id FROM sessions WHERE ended IS NOT NULL AND {IN_RANGE['sessions']}", _bounds(wanted)).fetchall()
    for row in found:
        cut(db, row["id"], wanted)
    db.execute(f"DELETE FROM self_reports WHERE {IN_RANGE['self_reports']} AND NOT ({spared})", _bounds(wanted))
    if wanted.whole:
        db.execute("DELETE FROM profiles")
    return gone


def _loss(db: sqlite3.Connection, wanted: Range, spared: str = "0") -> Loss:
    values = _bounds(wanted)
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
    return Loss(
        sessions=whole,
        shortened=parts - whole,
        span_s=float(seconds),
        episodes=count(db, EPISODES, wanted),
        prompts=count(db, PROMPTS, wanted),
        moves=count(db, MOVES, wanted),
        reports=reports[0],
        numb_reports=reports[1],
        profiles=count(db, PROFILES, wanted) if wanted.whole else 0,
    )


def _bounds(wanted: Range) -> dict[str, float]:
    return {"start": wanted.start_utc, "end": wanted.end_utc}


def old_copies(database: Path) -> list[Path]:
    """What lies beside the database of its contents, by name: copies that updates left, and damaged ones that were set aside."""
    return sorted(path for pattern in (".v*.bak", ".damaged-*") for path in database.parent.glob(database.name + pattern))


def remove(paths: list[Path]) -> None:
    """Remove files; one that is gone already is no error. **Writes**.

    Raises:
        PostureError: one cannot be removed.
    """
    for path in paths:
        with writing(path):
            path.unlink(missing_ok=True)
