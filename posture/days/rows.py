"""Reads what a summary of many days needs out of the store: few columns of many rows, fast enough for a year of days."""

from __future__ import annotations

import sqlite3
from typing import Any

from posture.days.ledger import Ledger
from posture.model import Followed, Kind, MoveKind
from posture.stored import Origin

# Sessions first: they are few, and their spans lie close together. A look through the spans alone would begin with the oldest.
_SPANS = """SELECT e.start_utc, e.end_utc, e.session_id, e.posture, e.seated, e.reason
    FROM sessions s CROSS JOIN spans e ON e.session_id = s.id
    WHERE s.origin = ? AND s.started_utc < ? AND coalesce(s.ended_utc, 9e999) > ? AND e.start_utc < ? AND e.end_utc > ?"""
_PROMPTS = """SELECT e.at_utc, e.kind, e.outcome FROM prompts e JOIN sessions s ON s.id = e.session_id
    WHERE s.origin = ? AND e.at_utc >= ? AND e.at_utc < ? ORDER BY e.at_utc, e.id"""
_MOVES = """SELECT e.at_utc, e.kind FROM moves e JOIN sessions s ON s.id = e.session_id
    WHERE s.origin = ? AND e.at_utc >= ? AND e.at_utc < ? ORDER BY e.at_utc, e.id"""


def ledger_between(db: sqlite3.Connection, start_s: float, end_s: float) -> Ledger:
    """The spans of one's own days that reach into the range (seconds since the epoch), whole; `db` is of ``Store.reading``."""
    return Ledger(_rows(db, _SPANS, (Origin.LIVE, end_s, start_s, end_s, start_s)))


def moves_between(db: sqlite3.Connection, start_s: float, end_s: float) -> list[tuple[float, MoveKind]]:
    """Breaks and shifts that began in the range, by time; `db` is of ``Store.reading``."""
    kinds = {str(kind): kind for kind in MoveKind}
    return [(at, kinds[kind]) for at, kind in _rows(db, _MOVES, (Origin.LIVE, start_s, end_s))]


def prompts_between(db: sqlite3.Connection, start_s: float, end_s: float) -> list[tuple[float, Kind | None, Followed | None]]:
    """Prompts shown in the range, by time: when, for what, and what followed; `db` is of ``Store.reading``."""
    rows = _rows(db, _PROMPTS, (Origin.LIVE, start_s, end_s))
    return [(at, Kind(kind) if kind else None, Followed(outcome) if outcome else None) for at, kind, outcome in rows]


def _rows(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> list[Any]:
    """Rows as plain tuples, which are made in half the time of rows with names."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(statement, values).fetchall()
