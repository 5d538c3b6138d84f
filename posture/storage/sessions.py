"""The sessions in the database: when each began and ended, whether its process still runs, and which may run beside another.

`posture.storage.store` adds what happened in them. Every public method may raise StoreError; its docstring says so if it **writes**.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psutil

from posture._support import process_start
from posture._version import __version__
from posture.errors import StoreError
from posture.storage.personal import PersonalStore, storable
from posture.storage.records import Origin, SessionEnd, StoredSession, local_offset_s
from posture.storage.schema import MIGRATIONS, Migration, UnavailableError, connect, copy_in_memory, default_path

PROCESS = uuid.uuid4().hex
"""Tells this process from an earlier one of the same number."""
STALE_S = 60.0
"""A process that has not written for this long is dead, whatever has its number now; it writes every 10 s at least."""
TOUCH_S = 1.0
"""Recordings may follow each other this closely: the last picture of one and the first of the next."""


class SessionStore(PersonalStore):
    """What the database knows of sessions themselves, on top of what belongs to the person."""

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_s: float = 10.0,
    ) -> Self:
        """Open the database, make or update it where needed, and end the sessions of processes that died: **writes**.

        Args:
            path: The file; ``None``: ``default_path()``; ``MEMORY``: none.
            clock: Seconds since the epoch.
            migrations: For tests of them.
            busy_s: Seconds to wait for another process that is writing.

        Raises:
            StoreError: Newer, damaged, locked, of another program, or not to be written; the file is as it was.
        """
        where = default_path() if path is None else Path(path)
        store = cls(connect(where, migrations=migrations, busy_s=busy_s), where, clock)
        try:
            store._close_dead_sessions()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open_to_read(cls, path: Path | str | None = None) -> Self:
        """Open the database to read it; where nothing can be written, a copy in memory, to which writes are lost.

        Raises:
            StoreError: As `open`, also where there is none yet and none can be made.
        """
        where = default_path() if path is None else Path(path)
        try:
            return cls.open(where)
        except UnavailableError:
            if not where.is_file():
                raise
            store = cls(copy_in_memory(where), where)
            store._close_dead_sessions()
            return store

    def start_session(
        self,
        *,
        origin: Origin,
        started_utc: float,
        source: str,
        expected_s: float | None = None,
        view: str | None = None,
        profile: str | None = None,
        model: str | None = None,
        app_version: str = __version__,
        tz_offset_s: float | None = None,
        replace: bool = False,
    ) -> int:
        """Start a session and return its number: **writes**.

        A second of the user's own day is entered once: a live recording may not overlap any live session, and a camera may
        not start while another one runs. (After a clock was set back, an ended session may reach past now; the monitor starts
        all the same, and ``spans_between`` counts each second once.)

        Args:
            origin: Live for the user's own day, also for a recording that is entered as such.
            started_utc: The moment of session second 0, seconds since the epoch.
            source: Label of the camera (no address with a password in it) or name of the file.
            expected_s: For a recording its length in seconds; ``None`` for a camera.
            view: Auto, front, oblique or side.
            profile: Name of the calibration.
            model: Name of the pose model.
            app_version: Version of this program.
            tz_offset_s: Local time minus UTC, seconds; ``None``: what this machine's time zone had at that moment.
            replace: Delete earlier recordings of the same source that overlap, with all that belongs to them.

        Raises:
            StoreError: Overlaps a live session; the line names it and says how to replace it.
        """
        self._close_dead_sessions()
        if tz_offset_s is None:
            tz_offset_s = local_offset_s(started_utc)
        expected_end_utc = None if expected_s is None else started_utc + expected_s
        with self._write():
            if origin == Origin.LIVE:
                self._make_room(started_utc, expected_end_utc, storable(source), replace)
            return self._insert(
                "sessions",
                origin=origin,
                source=storable(source),
                started_utc=started_utc,
                expected_end_utc=expected_end_utc,
                heartbeat_utc=self._clock(),
                pid=os.getpid(),
                process=f"{PROCESS} {process_start(os.getpid()) or ''}".strip(),
                view=view,
                profile=profile,
                model=model,
                app_version=app_version,
                tz_offset_s=tz_offset_s,
            )

    def check_room(self, started_utc: float, expected_s: float, source: str, *, replace: bool = False) -> None:
        """Raise StoreError if ``start_session`` would refuse such a live recording now. **Writes** the ends of dead sessions only."""
        self._close_dead_sessions()
        with self._write():
            self._in_the_way(started_utc, started_utc + expected_s, storable(source), replace)

    def end_session(self, session_id: int, ended: SessionEnd = SessionEnd.COMPLETE, ended_utc: float | None = None) -> None:
        """End a session and make its open span final: **writes**. It ends with its last span, or at ``ended_utc`` if that is later."""
        with self._write():
            self._anchor(session_id, None)
            self._db.execute("UPDATE spans SET open = 0 WHERE session_id = ? AND open = 1", (session_id,))
            self._db.execute(
                f"UPDATE sessions SET ended = ?, ended_utc = max(started_utc, {LAST_SEEN}, coalesce(?, started_utc)) WHERE id = ?",
                (ended, ended_utc, session_id),
            )

    def delete_own_session(self, started_utc: float) -> None:
        """Delete what this process wrote of the camera session that began then, to write it again from its start: **writes**."""
        with self._write():
            statement = "DELETE FROM sessions WHERE process LIKE ? AND origin = ? AND expected_end_utc IS NULL AND started_utc = ?"
            self._db.execute(statement, (f"{PROCESS}%", Origin.LIVE, started_utc))

    def session(self, session_id: int) -> StoredSession:
        """Return one session; StoreError if there is none of this number."""
        found = self._records(StoredSession, "SELECT * FROM sessions WHERE id = ?", session_id)
        if not found:
            raise self._no_session(session_id)
        return found[0]

    def sessions_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredSession]:
        """Return sessions that reach into the range, by start; one that runs reaches to its expected end, a camera's without end."""
        return self._records(StoredSession, OVERLAPPING, origin, end_utc, start_utc)

    # Inside

    def _anchor(self, session_id: int, origin_utc: float | None) -> float:
        """Return the moment of session second 0 and update the heartbeat. Inside a transaction."""
        # One that was taken for dead (its machine slept) and writes again is not dead.
        known = self._db.execute(
            """UPDATE sessions SET heartbeat_utc = ?, ended = NULL, ended_utc = NULL
               WHERE id = ? AND (ended IS NULL OR ended = 'hard')""",
            (self._clock(), session_id),
        ).rowcount
        row = self._db.execute("SELECT started_utc, ended FROM sessions WHERE id = ?", (session_id,)).fetchone()
        if row is None:
            raise self._no_session(session_id)
        if not known:
            raise StoreError(f"{self.path}: session number {session_id} has ended ({row['ended']}); nothing can be added to it")
        return float(row["started_utc"]) if origin_utc is None else origin_utc

    def _close_dead_sessions(self) -> None:
        """End the sessions of processes that are gone where their last span ends (its open flag stays: nobody saw it end)."""
        running = self._read("SELECT id, pid, process, heartbeat_utc FROM sessions WHERE ended_utc IS NULL")
        now = self._clock()
        dead = [row for row in running if not alive(row["pid"], row["process"], now - row["heartbeat_utc"])]
        if dead:
            with self._write():
                for row in dead:
                    # The condition on the heartbeat spares one that has written since.
                    self._db.execute(
                        f"""UPDATE sessions SET ended = 'hard', ended_utc = max(started_utc, {LAST_SEEN})
                            WHERE id = ? AND ended IS NULL AND heartbeat_utc = ?""",
                        (row["id"], row["heartbeat_utc"]),
                    )

    def _make_room(self, started_utc: float, expected_end_utc: float | None, source: str, replace: bool) -> None:
        """Raise StoreError if a live session may not start then; delete what it replaces. Inside a transaction."""
        for other in self._in_the_way(started_utc, expected_end_utc, source, replace):
            self._db.execute("DELETE FROM sessions WHERE id = ?", (other.id,))

    def _in_the_way(self, started_utc: float, expected_end_utc: float | None, source: str, replace: bool) -> list[StoredSession]:
        """Return the live sessions that a new one would replace; StoreError if there is one that it may not."""
        is_camera = expected_end_utc is None
        end_utc = math.inf if expected_end_utc is None else expected_end_utc
        found = []
        for other in self.sessions_between(started_utc + TOUCH_S, end_utc - TOUCH_S):
            if is_camera and (other.ended is not None or other.expected_end_utc is not None):
                continue
            replaceable = other.source == source and other.ended is not None and other.expected_end_utc is not None and not is_camera
            if not (replace and replaceable):
                raise StoreError(_overlap(other, is_camera, replaceable))
            found.append(other)
        return found

    def _no_session(self, session_id: int) -> StoreError:
        return StoreError(f"{self.path}: has no session number {session_id}")


LAST_SEEN = "coalesce((SELECT max(end_utc) FROM spans WHERE session_id = sessions.id), started_utc)"
"""The end of what a session last wrote, in a statement on sessions."""
OVERLAPPING = """SELECT * FROM sessions
    WHERE origin = ? AND started_utc < ? AND coalesce(ended_utc, expected_end_utc, 9e999) > ?
    ORDER BY started_utc, id"""
"""Sessions of an origin that begin before the first moment and end after the second."""


def _overlap(other: StoredSession, is_camera: bool, replaceable: bool) -> str:
    if is_camera:
        return f"the monitor is running already: {other.label()}; stop that one first (if it was killed, try again in a minute)"
    if replaceable:
        return f"this time is already taken by {other.label()}: add --replace to replace it with the recording"
    advice = (
        "enter the recording at another time" if other.ended is not None else "stop that one first, or enter the recording at another time"
    )
    return f"this time of your day is taken by {other.label()}: {advice}"


def end_hard(db: sqlite3.Connection, session_id: int) -> None:
    """End a session that was never ended where the last of it was written. Inside a transaction."""
    statement = f"UPDATE sessions SET ended = 'hard', ended_utc = max(started_utc, {LAST_SEEN}) WHERE id = ? AND ended IS NULL"
    db.execute(statement, (session_id,))


def alive(pid: int, process: str, silent_s: float) -> bool:
    """Return whether a process that wrote ``silent_s`` seconds ago runs; a wrong "no" is put right when it writes again.

    Args:
        pid: Its number.
        process: Its ``PROCESS`` and, except in rows of earlier versions, its ``process_start``.
        silent_s: Seconds; negative if the clock was set back since.
    """
    known, _, start = process.partition(" ")
    if pid == os.getpid():
        return known == PROCESS  # an earlier one may have had our number: usual in a container, where each start has the same
    # One that lives has written again within 10 s of a clock that was set back.
    return abs(silent_s) < STALE_S and psutil.pid_exists(pid) and (not start or process_start(pid) in (None, start))
