"""Saves what can be read of a damaged database, row by row, into the one that is in use.

The damaged file is never written to: a copy of it is read. SQLite reads each table as far as it can; what it cannot reach is looked for
page by page (posture/salvage_pages.py), which also works where the list of tables itself is gone.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from posture.model import StoreError
from posture.salvage_pages import rows_of_pages
from posture.schema import DamagedError, UnavailableError, default_path, kept_aside, set_aside
from posture.store import Store

PERSONAL = ("self_reports", "profiles", "kept")
"""What is of the person and not of a session: little, and carried over at once, as a referral that waits is in it."""
OF_SESSION = ("spans", "episodes", "prompts", "moves")
TABLES = (*PERSONAL, "sessions", *OF_SESSION)
SUBSTITUTE = "recovered"
"""Source of a session that stands for one whose own row could not be read."""
_LATEST_UTC = 1e11
_KEYS = {"profiles": "name", "kept": "key"}
_log = logging.getLogger(__name__)
Row = dict[str, object]


@dataclass(slots=True)
class Recovered:
    """What was saved, by table."""

    added: dict[str, int] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    """Were in the database already."""
    refused: dict[str, int] = field(default_factory=dict)
    """Could be read, but hold what cannot be."""
    gaps: dict[str, int] = field(default_factory=dict)
    """Places at which rows may be missing, as something there could not be read."""

    def count(self, what: dict[str, int], table: str, number: int = 1) -> None:
        """Count `number` more of a table."""
        what[table] = what.get(table, 0) + number


def open_whole(say: Callable[[str], None]) -> Store:
    """The database for a session: a damaged one is set aside and a new one begun: **writes**.

    Raises:
        StoreError: it is not to be had for another reason.
    """
    try:
        store = Store.open()
        try:
            store.check()
        except BaseException:
            store.close()
            raise
    except DamagedError as error:
        aside = set_aside(default_path())
        store = Store.open()
        words = _carried_over(aside, store)
        _log.error("%s; %s", error, words)
        say(words)
    return store


def begin_anew(store: Store, busy_s: float) -> str:
    """Set the damaged file of an open store aside and go on with a new one: **writes**. What was done, in plain words.

    Raises:
        StoreError: it cannot be moved, or no new one made.
    """
    return _carried_over(store.begin_anew(busy_s), store)


def _carried_over(aside: Path, store: Store) -> str:
    words = f"The database was damaged. It is kept as {aside}, and what is measured from now on goes into a new one. "
    try:
        done = recover(aside, store, tables=PERSONAL)
    except StoreError as error:
        return words + f"Nothing could be carried over yet ({error}); try: posture data recover"
    number = sum(done.added.values())
    return words + f"Of your reports, calibrations and notes {number} could be carried over; the rest may come with: posture data recover"


def source_of(named: Path | None, path: Path) -> Path:
    """The damaged file to recover from: the one that was named, else the one in use if it is damaged, else the last one set aside.

    One in use that is damaged is set aside first: **writes**.

    Raises:
        StoreError: there is none.
    """
    if named is not None:
        if not named.is_file():
            raise StoreError(f"{named}: there is no such file")
        if named.resolve() == path.resolve() and sound(path):
            raise StoreError(f"{named}: is the database in use, and sound; there is nothing to recover from it")
        if named.resolve() != path.resolve():
            return named
    elif path.exists() and sound(path):
        aside = kept_aside(path)
        if not aside:
            raise StoreError(f"{path}: is sound, and no damaged one was set aside; to recover from another file, name it")
        return aside[-1]
    elif not path.exists():
        aside = kept_aside(path)
        if not aside:
            raise StoreError(f"{path}: there is no database and none was set aside; to recover from another file, name it")
        return aside[-1]
    return set_aside(path)


def sound(path: Path) -> bool:
    """Whether the database at `path` can be used; other reasons than damage are raised as StoreError."""
    try:
        with Store.open(path) as store:
            store.check()
    except DamagedError:
        return False
    return True


def recover(
    source: Path,
    store: Store,
    *,
    tables: tuple[str, ...] = TABLES,
    progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> Recovered:
    """Save what can be read of `source` into `store`; what is there already is left alone: **writes**.

    A span or prompt whose session cannot be read gets a substitute for it.

    Args:
        source: a damaged database, with its log beside it; it is not changed.
        store: the one in use.
        tables: which ones.
        progress: told of each table how many rows were read so far.

    Raises:
        StoreError: `store` cannot be written to, or `source` cannot be copied.
    """
    done = Recovered()
    with _copied(source) as copies, closing(_Reader(copies, done)) as reader, store.writing() as db:
        saving = _Saving(db, done)
        for table in tables:
            for number, row in enumerate(reader.rows(table)):
                saving.save(table, row)
                if number % 1000 == 0:
                    progress(table, number)
        saving.finish()
    return done


class _copied:
    """A copy of a database and its log, in a folder that is gone after the block."""

    def __init__(self, source: Path) -> None:
        self._source = source

    def __enter__(self) -> Path:
        try:
            # Beside the source, where the user's data lies already; a folder for all programs would be no place for it.
            self._folder = Path(tempfile.mkdtemp(prefix=".recover-", dir=self._source.parent))
            copy = self._folder / "copy.db"
            shutil.copyfile(self._source, copy)
            log = self._source.with_name(f"{self._source.name}-wal")
            if log.exists():
                shutil.copyfile(log, self._folder / "copy.db-wal")
        except OSError as error:
            self.__exit__()
            raise UnavailableError(f"{self._source}: cannot be copied to be read: {error.strerror or error}") from error
        return copy

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(getattr(self, "_folder", Path("/nonexistent")), ignore_errors=True)


class _Reader:
    """Rows of a database that may be damaged anywhere."""

    def __init__(self, path: Path, done: Recovered) -> None:
        self._path, self._done = path, done
        self._db: sqlite3.Connection | None = None
        self._pages: Mapping[str, list[Row]] | None = None
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.text_factory = lambda text: text.decode("utf-8", "replace")
            found = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "sessions" not in found:
                raise sqlite3.DatabaseError("its list of tables is not ours")
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite's words may quote what is no text
            self.close()
            done.count(done.gaps, "sessions")

    def close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()

    def rows(self, table: str) -> Iterator[Row]:
        """In the order of their numbers as far as SQLite can read them, then what else is found on pages of rows."""
        seen: set[object] = set()
        key = _KEYS.get(table, "id")
        if self._db is not None:
            try:
                for row in self._db.execute(f"SELECT * FROM {table} ORDER BY rowid"):
                    if row[key] in seen:
                        raise sqlite3.DatabaseError("it goes round in circles")
                    seen.add(row[key])
                    yield {name: row[name] for name in row.keys()}  # noqa: SIM118 # a Row is no dict
                return
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if "no such table" in str(error):  # an older version has it not
                    return
                self._done.count(self._done.gaps, table)
        if self._pages is None:
            self._pages = rows_of_pages(self._path)
        yield from (row for row in self._pages.get(table, ()) if row[key] not in seen)


class _Saving:
    """Puts rows into the database in use, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, done: Recovered) -> None:
        self._db, self._done = db, done
        self._types = {table: {c[1]: str(c[2]) for c in db.execute(f"PRAGMA table_info({table})")} for table in TABLES}
        self._sessions: dict[object, int] = {}
        self._taken: set[object] = set()
        """Old numbers of sessions that are there already, with all that is in them."""
        self._new: set[int] = set()

    def save(self, table: str, row: Row) -> None:
        known = {name: value for name, value in row.items() if name in self._types[table]}
        if not all(_possible(name, value, self._types[table][name]) for name, value in known.items()):
            self._done.count(self._done.refused, table)
            return
        try:
            self._db.execute("SAVEPOINT one")
            try:
                there = self._save(table, known)
            except BaseException:
                self._db.execute("ROLLBACK TO one")
                raise
            finally:
                self._db.execute("RELEASE one")
        except (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.DataError, KeyError, TypeError, ValueError, OverflowError):
            self._done.count(self._done.refused, table)  # damage that could be read
            return
        self._done.count(self._done.there if there else self._done.added, table)

    def _save(self, table: str, row: Row) -> bool:
        """Whether it was there already."""
        if table in ("profiles", "kept"):
            return self._insert_new(table, row, {_KEYS[table]: row[_KEYS[table]]})
        number = row.pop("id")
        if table == "self_reports":
            return self._insert_new(table, row, {name: row[name] for name in ("at_utc", "kind", "place", "note")})
        if table == "sessions":
            return self._session(number, row)
        session = row["session_id"]
        if session in self._taken:
            return True
        row["session_id"] = self._sessions[session] if session in self._sessions else self._substitute(session, row)
        if session in self._taken:
            return True
        self._insert(table, row)
        return False

    def _session(self, number: object, row: Row) -> bool:
        if self._there("sessions", {name: row[name] for name in ("origin", "source", "started_utc")}):
            self._taken.add(number)
            return True
        self._sessions[number] = self._insert("sessions", row)
        self._new.add(self._sessions[number])
        return False

    def _substitute(self, number: object, row: Row) -> int:
        began = row.get("start_utc", row.get("at_utc"))
        if not isinstance(began, int | float) or not 0 <= began < _LATEST_UTC:
            raise ValueError("no moment")
        offset = datetime.fromtimestamp(began, UTC).astimezone().utcoffset()
        values: Row = {
            "origin": "live",
            "source": SUBSTITUTE,
            "started_utc": began,
            "heartbeat_utc": began,
            "pid": 0,
            "process": "",
            "app_version": "",
            "tz_offset_s": 0.0 if offset is None else offset.total_seconds(),
        }
        if self._session(number, values):
            return 0
        self._done.count(self._done.added, "sessions")
        return self._sessions[number]

    def finish(self) -> None:
        """Sessions that were never ended end where the last of them was written."""
        for number in self._new:
            last = "coalesce((SELECT max(end_utc) FROM spans WHERE session_id = sessions.id), started_utc)"
            self._db.execute(
                f"UPDATE sessions SET ended = 'hard', ended_utc = max(started_utc, {last}) WHERE id = ? AND ended IS NULL",
                (number,),
            )

    def _insert_new(self, table: str, row: Row, key: Row) -> bool:
        if self._there(table, key):
            return True
        self._insert(table, row)
        return False

    def _there(self, table: str, key: Row) -> bool:
        where = " AND ".join(f"{name} IS ?" for name in key)
        return self._db.execute(f"SELECT 1 FROM {table} WHERE {where}", tuple(key.values())).fetchone() is not None

    def _insert(self, table: str, row: Row) -> int:
        marks = ", ".join("?" * len(row))
        return self._db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())).lastrowid or 0


def _possible(name: str, value: object, type_: str) -> bool:
    """Whether a column can hold this; SQLite itself takes a text for a number."""
    if value is None:
        return True
    if type_ == "TEXT":
        return isinstance(value, str) and (name != "data" or _is_json(value))
    if type_ == "INTEGER":
        return isinstance(value, int)
    return isinstance(value, int | float) and math.isfinite(value) and (not name.endswith("_utc") or 0 <= value < _LATEST_UTC)


def _is_json(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(text), dict)
    return False


__all__ = ["PERSONAL", "TABLES", "Recovered", "begin_anew", "open_whole", "recover", "sound", "source_of"]
