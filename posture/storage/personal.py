"""The part of the database that belongs to the person and not to a session: self-reports, calibration profiles, and metadata.

Metadata (``set_meta``) is what must survive a restart: a pause, the camera that was chosen, that the first run is done.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from posture.errors import StoreError
from posture.prompts import ANSWERED_BY_REFERRAL, RED_FLAGS, open_red_flags
from posture.storage.log_owner import log_belongs, stamp
from posture.storage.records import StoredProfile, StoredReport, T, records
from posture.storage.schema import (
    MEMORY,
    MIGRATIONS,
    DamagedError,
    being_written,
    connect,
    damaged_words,
    insert,
    part_from_foreign_log,
    set_aside,
    store_errors,
    transaction,
)
from posture.types import ReportKind, SelfReport, View


class PersonalStore:
    """An open database: a context manager. It belongs to the thread that opened it; another thread opens its own."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Take over a connection that ``schema.connect`` made; ``Store.open`` is the usual way."""
        self.path = path
        self._db = connection
        self._clock = clock
        with store_errors(path):
            self._file = _file_of(path)

    def close(self) -> None:
        """Close the database; a second time does nothing."""
        self._db.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def check(self) -> None:
        """Read the whole file and raise StoreError if it is damaged; seconds for a large one."""
        found = self._read("PRAGMA integrity_check(1)")
        if [row[0] for row in found] != ["ok"]:
            what = f"is damaged ({' '.join(str(found[0][0]).split())})"
            raise DamagedError(f"{self.path}: {damaged_words(self.path, what)}")

    # When something is wrong with the file

    def set_busy_timeout(self, busy_s: float) -> None:
        """Wait this many seconds for another process that is writing, from now on."""
        with store_errors(self.path):
            self._db.execute(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")

    @property
    def in_place(self) -> bool:
        """Return whether the open file is still the one at the path, and its content what this program left in it."""
        try:
            return self._file == _UNKNOWN or (self._file == _file_of(self.path) and log_belongs(self.path))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # cannot be told; the file is open all the same
            return self._file != _NO_FILE

    @property
    def being_written(self) -> bool:
        """Return whether the file was written to just now, by this program or by another."""
        with store_errors(self.path):
            return self.path.exists() and being_written(self.path)

    def reopen(self, busy_s: float) -> None:
        """Open what lies at the path now, made if nothing does: **writes**. Objects that use this store go on with it.

        Raises:
            StoreError: It cannot be opened; the store is closed and not ``in_place`` then, and may be reopened later.
        """
        if self._file != _NO_FILE:
            with store_errors(self.path), suppress(FileNotFoundError):
                part_from_foreign_log(self.path)  # before it is closed: closing would copy the log into what lies there now
        self._db.close()
        self._file = _NO_FILE
        self._db = connect(self.path, migrations=MIGRATIONS, busy_s=busy_s)
        with store_errors(self.path):
            self._file = _file_of(self.path)

    def replace_file(self, busy_s: float, fill: Callable[[], object]) -> Path:
        """Set the damaged file aside, go on with what `fill` puts there or a new one, and return where the old one lies: **writes**.

        Raises:
            StoreError: It cannot be moved, or no new one made.
        """
        self._db.close()
        self._file = _NO_FILE
        aside = set_aside(self.path)
        fill()
        self.reopen(busy_s)
        return aside

    # Self-reports

    def add_report(self, report: SelfReport) -> int:
        """Add what the person said and return its number: **writes**."""
        with self._write():
            return self._insert("self_reports", **_report_columns(report))

    def reports(self) -> list[SelfReport]:
        """Return all reports, by time."""
        return [stored.report for stored in self.numbered_reports(-math.inf, math.inf)]

    def numbered_reports(self, start_utc: float, end_utc: float) -> list[StoredReport]:
        """Return the reports of a range with their numbers, by time."""
        rows = self._read("SELECT * FROM self_reports WHERE at_utc >= ? AND at_utc < ? ORDER BY at_utc, id", start_utc, end_utc)
        return [StoredReport.of(row) for row in rows]

    def report(self, number: int) -> SelfReport:
        """Return one report; StoreError if there is none of this number."""
        rows = self._read("SELECT * FROM self_reports WHERE id = ?", number)
        if not rows:
            raise _no_report(number)
        return StoredReport.of(rows[0]).report

    def change_report(self, number: int, report: SelfReport) -> None:
        """Put a report in the place of the one of this number: **writes**; StoreError if there is none."""
        columns = _report_columns(report)
        with self._write():
            what = ", ".join(f"{name} = ?" for name in columns)
            if not self._db.execute(f"UPDATE self_reports SET {what} WHERE id = ?", (*columns.values(), number)).rowcount:
                raise _no_report(number)

    def delete_report(self, number: int) -> None:
        """Delete a report: **writes**; StoreError if there is none of this number."""
        with self._write():
            if not self._db.execute("DELETE FROM self_reports WHERE id = ?", (number,)).rowcount:
                raise _no_report(number)

    def acknowledge(self, at_utc: float, kinds: Collection[ReportKind] = RED_FLAGS) -> int:
        """Mark every open report of these kinds as acknowledged and return how many there were: **writes**."""
        marks = ", ".join("?" * len(kinds))
        with self._write():
            statement = f"UPDATE self_reports SET acknowledged_utc = ? WHERE acknowledged_utc IS NULL AND kind IN ({marks})"
            return self._db.execute(statement, (at_utc, *kinds)).rowcount

    def acknowledge_referral(self, now_utc: float) -> bool:
        """Mark what the referral answers as acknowledged, and return whether any report was waiting: **writes**."""
        waits = bool(open_red_flags(self.reports(), now_utc))
        if waits:  # else days of stiffness would be forgotten that nobody answered yet
            self.acknowledge(now_utc, ANSWERED_BY_REFERRAL)
        return waits

    # Profiles

    def save_profile(self, name: str, data: Mapping[str, Any], view: View | None = None) -> None:
        """Store a calibration, in place of an earlier one of the same name: **writes**. ``data`` is what JSON can hold."""
        if not (name.strip() and name.isprintable()):
            raise StoreError(f"a calibration can't be named {name!r}: choose a name that can be read and typed")
        try:
            text = json.dumps(data, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise StoreError(f"profile {name!r}: holds a value that cannot be stored ({error})") from error
        with self._write():
            self._db.execute("DELETE FROM profiles WHERE name = ?", (name,))
            self._insert("profiles", name=name, created_utc=self._clock(), view=view, data=text)

    def load_profile(self, name: str) -> StoredProfile:
        """Return the profile of this name; StoreError, with the names there are, if there is none."""
        found = self._records(StoredProfile, "SELECT * FROM profiles WHERE name = ?", storable(name))
        if not found:
            raise self._no_profile(name)
        return found[0]

    def list_profiles(self) -> list[StoredProfile]:
        """Return all profiles, by name."""
        return self._records(StoredProfile, "SELECT * FROM profiles ORDER BY name")

    def delete_profile(self, name: str) -> None:
        """Delete a profile: **writes**; StoreError, with the names there are, if there is none."""
        with self._write():
            gone = self._db.execute("DELETE FROM profiles WHERE name = ?", (storable(name),)).rowcount
        if not gone:
            raise self._no_profile(name)

    # Metadata

    def set_meta(self, key: str, value: str | None) -> None:
        """Store a short text under a key, in place of what was there; ``None`` deletes it: **writes**."""
        with self._write():
            self._db.execute("DELETE FROM kept WHERE key = ?", (storable(key),))
            if value is not None:
                self._insert("kept", key=storable(key), value=storable(value))

    def get_meta(self, key: str) -> str | None:
        """Return what is stored under that key; ``None``: nothing."""
        rows = self._read("SELECT value FROM kept WHERE key = ?", storable(key))
        return str(rows[0]["value"]) if rows else None

    # All of it

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the block the database as it is at one moment, however long it reads."""
        with store_errors(self.path):
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")  # nothing was written

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the block a write transaction: all that it does, or nothing of it. **Writes**."""
        with self._write():
            yield self._db

    def vacuum(self) -> bool:
        """Rewrite the file so that nothing that was deleted stays in it: **writes**; ``False`` if another process reads just now.

        In that case the log beside the file keeps the old pages until that process ends.
        """
        with store_errors(self.path):
            self._db.execute("VACUUM")
            return int(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]) == 0

    # Inside

    def _records(self, kind: type[T], statement: str, *values: object) -> list[T]:
        try:
            return records(kind, self._read(statement, *values))
        except ValueError as error:
            raise DamagedError(f"{self.path}: {damaged_words(self.path)}") from error

    def _read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with store_errors(self.path):
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[None]:
        outermost = not self._db.in_transaction
        with store_errors(self.path), transaction(self._db):
            if outermost:
                stamp(self._db)  # once: the log has the last state of each page of a transaction alone
            yield

    def _insert(self, table: str, **columns: object) -> int:
        return insert(self._db, table, columns)

    def _no_profile(self, name: str) -> StoreError:
        names = ", ".join(profile.name for profile in self.list_profiles())
        return StoreError(f"there is no profile {name!r}; there {'is: ' + names if names else 'is none yet'}")


def _report_columns(report: SelfReport) -> dict[str, object]:
    place, note = (None if text is None else storable(text) for text in (report.where, report.note))
    return {"at_utc": report.time_s, "kind": report.kind, "place": place, "note": note, "acknowledged_utc": report.acknowledged_s}


_NO_FILE, _UNKNOWN = (-1, -1), (-2, -2)


def _file_of(path: Path) -> tuple[int, int]:
    """Return what tells a file from another of the same name; raise OSError if there is none."""
    if path == MEMORY:
        return _UNKNOWN
    found = path.stat()
    return found.st_dev, found.st_ino


def _no_report(number: int) -> StoreError:
    return StoreError(f"there is no report number {number}; see: posture log list")


def storable(text: str) -> str:
    """Return `text` as SQLite takes it: a file's name may hold bytes that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")
