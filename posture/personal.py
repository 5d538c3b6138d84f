"""What the database keeps of the person, apart from any session: self-reports, calibration profiles, and short notes.

The short notes (``keep``) are what must survive a restart: a pause, the camera that was chosen, that the first run is done.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from posture.entries import RED_FLAGS
from posture.model import ReportKind, SelfReport, StoreError, View
from posture.redflags import ANSWERED_BY_REFERRAL, open_red_flags
from posture.schema import MEMORY, MIGRATIONS, SAVE, DamagedError, connect, set_aside, store_errors, transaction
from posture.stored import StoredProfile, StoredReport


class PersonalStore:
    """An open database: a context manager. It belongs to the thread that opened it; another thread opens its own."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Takes over a connection that ``schema.connect`` made; ``Store.open`` is the usual way."""
        self.path = path
        self._db = connection
        self._clock = clock
        with store_errors(path):
            self._file = _file_of(path)

    def close(self) -> None:
        """Closes the database; a second time does nothing."""
        self._db.close()

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes it."""
        self.close()

    def check(self) -> None:
        """Reads the whole file and raises StoreError if it is damaged; seconds for a large one."""
        found = self._read("PRAGMA integrity_check(1)")
        if [row[0] for row in found] != ["ok"]:
            raise DamagedError(f"{self.path}: is damaged ({' '.join(str(found[0][0]).split())}): {SAVE}")

    # When something is wrong with the file

    def wait_at_most(self, busy_s: float) -> None:
        """Waits this many seconds for another process that is writing, from now on; the loop of a session cannot wait long."""
        with store_errors(self.path):
            self._db.execute(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")

    @property
    def in_place(self) -> bool:
        """Whether the open file is still the one at the path; what is written to another one nobody would find again."""
        try:
            return self._file in (_file_of(self.path), _UNKNOWN)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # cannot be told; the file is open all the same
            return self._file != _NO_FILE

    def open_anew(self, busy_s: float) -> None:
        """Opens what lies at the path now, made if nothing does: **writes**. The objects that use this store go on with it.

        Raises:
            StoreError: it cannot be opened; the store is closed and not ``in_place`` then, and may be opened anew later.
        """
        self._db.close()
        self._file = _NO_FILE
        self._db = connect(self.path, migrations=MIGRATIONS, busy_s=busy_s)
        with store_errors(self.path):
            self._file = _file_of(self.path)

    def begin_anew(self, busy_s: float) -> Path:
        """Sets the damaged file aside and goes on with a new one: **writes**. Where it lies now.

        Raises:
            StoreError: it cannot be moved, or no new one made.
        """
        self._db.close()
        self._file = _NO_FILE
        aside = set_aside(self.path)
        self.open_anew(busy_s)
        return aside

    # Self-reports

    def add_report(self, report: SelfReport) -> int:
        """Adds what the person said and returns its number: **writes**."""
        with self._write():
            return self._insert("self_reports", **_report_columns(report))

    def reports(self) -> list[SelfReport]:
        """All reports, by time."""
        return self.reports_between(-math.inf, math.inf)

    def reports_between(self, start_utc: float, end_utc: float) -> list[SelfReport]:
        """Reports of the range, by time."""
        return [stored.report for stored in self.numbered_reports(start_utc, end_utc)]

    def numbered_reports(self, start_utc: float, end_utc: float) -> list[StoredReport]:
        """Reports of the range with their numbers, by time."""
        rows = self._read("SELECT * FROM self_reports WHERE at_utc >= ? AND at_utc < ? ORDER BY at_utc, id", start_utc, end_utc)
        return [StoredReport.of(row) for row in rows]

    def report(self, number: int) -> SelfReport:
        """One report; StoreError if there is none of this number."""
        rows = self._read("SELECT * FROM self_reports WHERE id = ?", number)
        if not rows:
            raise _no_report(number)
        return StoredReport.of(rows[0]).report

    def change_report(self, number: int, report: SelfReport) -> None:
        """Puts a report in the place of the one of this number: **writes**; StoreError if there is none."""
        columns = _report_columns(report)
        with self._write():
            what = ", ".join(f"{name} = ?" for name in columns)
            if not self._db.execute(f"UPDATE self_reports SET {what} WHERE id = ?", (*columns.values(), number)).rowcount:
                raise _no_report(number)

    def delete_report(self, number: int) -> None:
        """Forgets a report: **writes**; StoreError if there is none of this number."""
        with self._write():
            if not self._db.execute("DELETE FROM self_reports WHERE id = ?", (number,)).rowcount:
                raise _no_report(number)

    def acknowledge(self, at_utc: float, kinds: Collection[ReportKind] = RED_FLAGS) -> int:
        """Marks every open report of these kinds as acknowledged and returns how many there were: **writes**."""
        marks = ", ".join("?" * len(kinds))
        with self._write():
            statement = f"UPDATE self_reports SET acknowledged_utc = ? WHERE acknowledged_utc IS NULL AND kind IN ({marks})"
            return self._db.execute(statement, (at_utc, *kinds)).rowcount

    def acknowledge_referral(self, now_utc: float) -> bool:
        """The person has read the referral: marks what it answers as acknowledged, and returns whether any was waiting: **writes**."""
        waits = bool(open_red_flags(self.reports(), now_utc))
        if waits:  # else days of stiffness would be forgotten that nobody answered yet
            self.acknowledge(now_utc, ANSWERED_BY_REFERRAL)
        return waits

    # Profiles

    def save_profile(self, name: str, data: Mapping[str, Any], view: View | None = None) -> None:
        """Keeps a calibration, in place of an earlier one of the same name: **writes**. ``data`` is what JSON can hold."""
        if not (name.strip() and name.isprintable()):
            raise StoreError(f"a profile cannot be named {name!r}: give it a name that can be read and typed")
        try:
            text = json.dumps(data, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise StoreError(f"profile {name!r}: holds a value that cannot be stored ({error})") from error
        with self._write():
            self._db.execute("DELETE FROM profiles WHERE name = ?", (name,))
            self._insert("profiles", name=name, created_utc=self._clock(), view=view, data=text)

    def load_profile(self, name: str) -> StoredProfile:
        """The profile of this name; StoreError, with the names there are, if there is none."""
        rows = self._read("SELECT * FROM profiles WHERE name = ?", storable(name))
        if not rows:
            raise self._no_profile(name)
        return StoredProfile.of(rows[0])

    def list_profiles(self) -> list[StoredProfile]:
        """All profiles, by name."""
        return [StoredProfile.of(row) for row in self._read("SELECT * FROM profiles ORDER BY name")]

    def delete_profile(self, name: str) -> None:
        """Forgets a profile: **writes**; StoreError, with the names there are, if there is none."""
        with self._write():
            gone = self._db.execute("DELETE FROM profiles WHERE name = ?", (storable(name),)).rowcount
        if not gone:
            raise self._no_profile(name)

    # Short notes

    def keep(self, key: str, value: str | None) -> None:
        """Keeps a short text under a name, in place of what was there; ``None`` forgets it: **writes**."""
        with self._write():
            self._db.execute("DELETE FROM kept WHERE key = ?", (storable(key),))
            if value is not None:
                self._insert("kept", key=storable(key), value=storable(value))

    def kept(self, key: str) -> str | None:
        """What is kept under that name; ``None``: nothing."""
        rows = self._read("SELECT value FROM kept WHERE key = ?", storable(key))
        return str(rows[0]["value"]) if rows else None

    # All of it

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The database as it is at one moment, however long the block takes to read it."""
        with store_errors(self.path):
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")  # nothing was written

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: all that the block does, or nothing of it. **Writes**."""
        with self._write():
            yield self._db

    def tidy(self) -> bool:
        """Rewrites the file so that nothing that was deleted stays in it: **writes**; ``False`` if another process reads just now.

        In that case the log beside the file keeps the old pages until that process ends.
        """
        with store_errors(self.path):
            self._db.execute("VACUUM")
            return int(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]) == 0

    # Inside

    def _read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with store_errors(self.path):
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[None]:
        with store_errors(self.path), transaction(self._db):
            yield

    def _insert(self, table: str, **columns: object) -> int:
        """Returns the row's number. Table and columns are names of this module, never a user's words."""
        marks = ", ".join("?" * len(columns))
        return self._db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values())).lastrowid or 0

    def _no_profile(self, name: str) -> StoreError:
        names = ", ".join(profile.name for profile in self.list_profiles())
        return StoreError(f"there is no profile {name!r}; there {'is: ' + names if names else 'is none yet'}")


def _report_columns(report: SelfReport) -> dict[str, object]:
    place, note = (None if text is None else storable(text) for text in (report.where, report.note))
    return {"at_utc": report.time_s, "kind": report.kind, "place": place, "note": note, "acknowledged_utc": report.acknowledged_s}


_NO_FILE, _UNKNOWN = (-1, -1), (-2, -2)


def _file_of(path: Path) -> tuple[int, int]:
    """What tells a file from another of the same name; raises OSError if there is none."""
    if path == MEMORY:
        return _UNKNOWN
    found = path.stat()
    return found.st_dev, found.st_ino


def _no_report(number: int) -> StoreError:
    return StoreError(f"there is no self-report number {number}; see: posture log list")


def storable(text: str) -> str:
    """A file's name may hold bytes that are no text, which SQLite would not take."""
    return text.encode("utf-8", "replace").decode("utf-8")
