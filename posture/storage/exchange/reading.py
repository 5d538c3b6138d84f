"""Ranges of time, and the rows of an export, out of the database, one at a time."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from posture.storage.exchange.tables import EXERCISES, PROFILES, REPORTS, SESSIONS, Row, Table, Type
from posture.storage.records import local_offset_s

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Range:
    """From a moment on until before another one, seconds since the epoch."""

    start_utc: float = -math.inf
    end_utc: float = math.inf

    @property
    def whole(self) -> bool:
        """Whether it is all of time."""
        return math.isinf(self.start_utc) and math.isinf(self.end_utc)

    @property
    def bounds(self) -> dict[str, float]:
        """The values of ``:start`` and ``:end`` in a statement."""
        return {"start": self.start_utc, "end": self.end_utc}


class ProgressCounter:
    """Tells a progress bar about every 500th row."""

    def __init__(self, progress: Callable[[int, int], None], total: int) -> None:
        """Take what is told the number of rows done, and of how many."""
        self._progress, self._total, self._done = progress, total, 0

    def each(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield and count these rows."""
        for row in rows:
            yield row
            self._done += 1
            if self._done % 500 == 0:
                self._progress(self._done, self._total)


# A session belongs to a range that it reaches into, and is cut to it; so are its spans and, in an export, its episodes and exercises, which
# erasing takes away whole. All else belongs to it if its moment lies in it. posture/storage/exchange/erasing.py takes away exactly this.
IN_RANGE = {
    "sessions": "started_utc < :end AND (coalesce(ended_utc, 9e999) > :start OR started_utc >= :start)",
    "spans": "start_utc < :end AND (end_utc > :start OR start_utc >= :start)",
    "episodes": "start_utc < :end AND (end_utc > :start OR start_utc >= :start)",
    "prompts": "at_utc >= :start AND at_utc < :end",
    "held_prompts": "at_utc >= :start AND at_utc < :end",
    "moves": "at_utc >= :start AND at_utc < :end",
    "exercises": "start_utc < :end AND (end_utc > :start OR start_utc >= :start)",
    "self_reports": "at_utc >= :start AND at_utc < :end",
    "profiles": "1",
}
_OF_SUCH = f"session_id IN (SELECT id FROM sessions WHERE {IN_RANGE['sessions']})"
_RUNS_ON = "ended IS NULL AND heartbeat_utc > :end"
_WHAT = {
    "sessions": f"""id AS session, origin, source, max(started_utc, :start) AS started_utc,
        max(min(expected_end_utc, :end), started_utc, :start) AS expected_end_utc,
        CASE WHEN {_RUNS_ON} THEN :end ELSE min(ended_utc, :end) END AS ended_utc,
        CASE WHEN {_RUNS_ON} THEN 'interrupted' ELSE ended END AS ended,
        heartbeat_utc, view, profile, model, app_version, tz_offset_s""",
    "spans": """session_id AS session, max(start_utc, :start) AS start_utc, min(end_utc, :end) AS end_utc,
        posture, seated, reason, open AND end_utc <= :end AS open""",
    "episodes": """session_id AS session, kind, max(start_utc, :start) AS start_utc, min(end_utc, :end) AS end_utc,
        dose_s, angle, peak_deg, mean_deg, in_state_s""",
    "prompts": """session_id AS session, at_utc, prompt_id AS prompt, kind, step, episode_start_utc, answer, answered_utc, outcome, reason,
        after_measured_s, after_flexed_s, after_away_s, after_ended, withheld""",
    "held_prompts": "session_id AS session, at_utc, kind, step, reason, until_utc, detail",
    "moves": "session_id AS session, at_utc, kind",
    "exercises": f"""session_id AS session,
        (SELECT at_utc FROM prompts WHERE prompts.id = prompt_number AND {IN_RANGE["prompts"]}) AS prompt_at_utc,
        exercise, max(start_utc, :start) AS start_utc, min(end_utc, :end) AS end_utc, repetitions, half_repetitions, ended,
        depth_deg, depth_sd_deg, tempo_s, asymmetry_deg""",
    "self_reports": "at_utc, kind, place, note, acknowledged_utc",
    "profiles": "name, created_utc, view, data",
}
_ORDER = {
    "sessions": "id",
    "spans": "session_id, spans.end_utc, id",  # the index has them so: nothing is sorted
    "episodes": "session_id, episodes.start_utc, id",
    "prompts": "session_id, at_utc, id",
    "held_prompts": "session_id, at_utc, id",
    "moves": "session_id, at_utc, id",
    "exercises": "session_id, exercises.start_utc, id",
    "self_reports": "at_utc, id",
    "profiles": "name",
}


def count(connection: sqlite3.Connection, table: Table, wanted: Range) -> int:
    """Return how many rows there are."""
    return int(connection.execute(f"SELECT count(*) FROM {table.name} WHERE {_where(table)}", wanted.bounds).fetchone()[0])


def rows(connection: sqlite3.Connection, table: Table, wanted: Range) -> Iterator[Row]:
    """Yield the rows of one table, in an order that an import keeps."""
    elsewhere = _elsewhere(connection)
    statement = f"SELECT {_WHAT[table.name]} FROM {table.name} WHERE {_where(table)} ORDER BY {_ORDER[table.name]}"
    own = table in (REPORTS, PROFILES)
    first_time = next(c.name for c in table.columns if c.type is Type.TIME)
    for found in connection.execute(statement, wanted.bounds):
        row: dict[str, Any] = {}
        for column in table.columns:
            if column.type is Type.OFFSET:
                away_s = None if own else elsewhere.get(found["session"])
                row[column.name] = offset_text(local_offset_s(found[first_time]) if away_s is None else away_s)
                continue
            value = found[column.name]
            if value is not None and column.type is Type.FLAG:
                value = bool(value)
            elif column.type is Type.VALUES:
                value = json.loads(value)
            row[column.name] = value
        yield row


def _elsewhere(connection: sqlite3.Connection) -> dict[int, float]:
    """Return the offset from UTC of each session that did not begin in this machine's time zone; another zone's changes are not known."""
    found = connection.execute("SELECT id, tz_offset_s, started_utc FROM sessions")
    return {row[0]: row[1] for row in found if local_offset_s(row[2]) != row[1]}


def _where(table: Table) -> str:
    if table in (SESSIONS, REPORTS, PROFILES):
        return IN_RANGE[table.name]
    of_none = "session_id IS NULL OR " if table is EXERCISES else ""
    return f"{IN_RANGE[table.name]} AND ({of_none}{_OF_SUCH})"


def offset_text(seconds: float) -> str:
    """Write local time minus UTC as +01:00; seconds only where there are any."""
    hours, rest = divmod(round(abs(seconds)), 3600)
    minutes, left = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")
