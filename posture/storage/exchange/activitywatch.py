"""The person's own days as buckets that an ActivityWatch server imports, beside its other watchers.

The file is ``{"buckets": {id: bucket}}``; a bucket and its events have the fields of aw-core's ``bucket.json`` and ``event.json``.
(``export.json`` there calls the buckets a list; both servers write and read them by their ids, and so does this.)
"""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from posture.errors import PostureError
from posture.storage.exchange.private import new_file
from posture.storage.exchange.reading import IN_RANGE, ProgressCounter, Range
from posture.storage.store import Store

CLIENT = "posture-monitor"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Event = dict[str, Any]
_OWN = "session_id IN (SELECT id FROM sessions WHERE origin = 'live')"
_SPANS = f"""SELECT max(start_utc, :start) AS begin, min(end_utc, :end) AS finish, posture, seated, reason
    FROM spans WHERE {IN_RANGE["spans"]} AND {_OWN} ORDER BY start_utc, id"""
_PROMPTS = f"""SELECT at_utc, prompt_id, kind, step, answer, outcome
    FROM prompts WHERE {IN_RANGE["prompts"]} AND {_OWN} AND withheld IS NOT 1 ORDER BY at_utc, id"""
_EXERCISES = f"""SELECT max(start_utc, :start) AS begin, min(end_utc, :end) AS finish,
    exercise, repetitions, half_repetitions, ended, depth_deg, depth_sd_deg, tempo_s, asymmetry_deg
    FROM exercises WHERE {IN_RANGE["exercises"]} AND (session_id IS NULL OR {_OWN}) ORDER BY start_utc, id"""
_REPORTS = f"SELECT at_utc, kind, place FROM self_reports WHERE {IN_RANGE['self_reports']} ORDER BY at_utc, id"


def export_activitywatch(
    store: Store,
    target: Path,
    now_utc: float,
    *,
    wanted: Range | None = None,
    hostname: str | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, int]:
    """Write the buckets, and return how many events each has. Without recordings of others, without notes. **Writes** a private file.

    Args:
        store: The database.
        target: The file.
        now_utc: When the buckets were made, seconds since the epoch.
        wanted: Only what belongs to this range.
        hostname: Of this machine, by default as it calls itself.
        force: Replace a file that is there.
        progress: Is told how many events are done, of how many.

    Raises:
        PostureError: The file cannot be written.
        StoreError: The database cannot be read.
    """
    values = (wanted or Range()).bounds
    host = hostname or socket.gethostname() or "unknown"
    events = {
        "posture": (_SPANS, _span),
        "posture.prompt": (_PROMPTS, _prompt),
        "posture.exercise": (_EXERCISES, _exercise),
        "posture.report": (_REPORTS, _report),
    }
    counts: dict[str, int] = {}
    try:
        with store.reading() as db, new_file(target, force=force) as part, part.open("w", encoding="utf-8", newline="\n") as file:
            total = sum(db.execute(f"SELECT count(*) FROM ({statement})", values).fetchone()[0] for statement, _ in events.values())
            counter = ProgressCounter(progress, total)
            file.write('{"buckets": {')
            for kind, (statement, event) in events.items():
                name = f"{CLIENT}-{kind.rpartition('.')[2]}_{host}"
                file.write(("," if counts else "") + f"\n {json.dumps(name)}: {_head(name, kind, host, now_utc)}")
                counts[name] = 0
                for row in counter.each(db.execute(statement, values)):
                    file.write(("," if counts[name] else "") + "\n  " + json.dumps(event(row), allow_nan=False))
                    counts[name] += 1
                file.write("]}")
            file.write("\n}}\n")
            progress(total, total)
    except (OverflowError, ValueError) as error:
        raise PostureError(f"{store.path}: holds a time that no export can hold: {error}") from error
    return counts


def _head(name: str, kind: str, host: str, now_utc: float) -> str:
    """Write a bucket up to its events."""
    about = {"id": name, "type": kind, "client": CLIENT, "hostname": host, "created": timestamp(now_utc)}
    return json.dumps(about)[:-1] + ', "events": ['


def _span(row: sqlite3.Row) -> Event:
    data: dict[str, Any] = {"title": str(row["posture"]).replace("_", " "), "posture": row["posture"]}
    if row["seated"] is not None:
        data["seated"] = bool(row["seated"])
    if row["reason"] is not None:
        data["reason"] = row["reason"]
    return {"timestamp": timestamp(row["begin"]), "duration": round(row["finish"] - row["begin"], 6), "data": data}


def _prompt(row: sqlite3.Row) -> Event:
    data = {"title": row["prompt_id"], **{name: row[name] for name in ("kind", "step", "answer", "outcome") if row[name] is not None}}
    return {"timestamp": timestamp(row["at_utc"]), "duration": 0.0, "data": data}


def _exercise(row: sqlite3.Row) -> Event:
    data = {"title": row["exercise"], **{name: row[name] for name in row.keys()[2:] if row[name] is not None}}
    return {"timestamp": timestamp(row["begin"]), "duration": round(row["finish"] - row["begin"], 6), "data": data}


def _report(row: sqlite3.Row) -> Event:
    data = {"title": row["kind"], "kind": row["kind"], **({"where": row["place"]} if row["place"] is not None else {})}
    return {"timestamp": timestamp(row["at_utc"]), "duration": 0.0, "data": data}


def timestamp(time_s: float) -> str:
    """Write seconds since the epoch as RFC 3339 writes them, UTC, to the microsecond (ActivityWatch keeps a thousandth of a second)."""
    return (_EPOCH + timedelta(seconds=time_s)).isoformat(timespec="microseconds")
