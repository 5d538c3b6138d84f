"""The database file: where it lies, its tables, how an older one is brought up to date, and what its errors mean.

A file is examined through a read-only connection before anything may change it, so that a database of a newer version, of
another program, or a damaged one stays as it is.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import platformdirs

from posture.model import StoreError


class DamagedError(StoreError):
    """The file is no database, or not a sound one; what can be read of it is saved by posture/recovering.py."""


class UnavailableError(StoreError):
    """Nothing is wrong with what was to be written: the disk is full, another program is writing, the file cannot be reached."""


MEMORY = Path(":memory:")
"""Given as a path: a database that lives as long as its connection."""
DATA_DIR_VARIABLE = "POSTURE_DATA_DIR"
_APPLICATION_ID = 0x506F7374  # "Post": SQLite keeps it in the header, so that another program's database is not taken for ours

Migration = Sequence[str]
"""The SQL statements that lead from one version to the next. What was published is not edited any more: a change is a new one."""

_VERSION_1: Migration = (
    """CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        origin TEXT NOT NULL CHECK (origin IN ('live', 'file')),
        source TEXT NOT NULL,
        started_utc REAL NOT NULL,
        expected_end_utc REAL CHECK (expected_end_utc >= started_utc),
        ended_utc REAL CHECK (ended_utc >= started_utc),
        ended TEXT CHECK (ended IN ('complete', 'interrupted', 'failed', 'hard')),
        heartbeat_utc REAL NOT NULL,
        pid INTEGER NOT NULL,
        process TEXT NOT NULL,
        view TEXT CHECK (view IN ('auto', 'front', 'oblique', 'side')),
        profile TEXT,
        model TEXT,
        app_version TEXT NOT NULL,
        tz_offset_s REAL NOT NULL CHECK (abs(tz_offset_s) <= 86400),
        CHECK ((ended IS NULL) = (ended_utc IS NULL))
    )""",
    "CREATE INDEX sessions_by_time ON sessions (origin, started_utc)",
    "CREATE INDEX sessions_not_ended ON sessions (id) WHERE ended_utc IS NULL",
    """CREATE TABLE spans (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        start_utc REAL NOT NULL,
        end_utc REAL NOT NULL,
        posture TEXT NOT NULL CHECK (posture IN ('neutral', 'flexed', 'anterior_tilt', 'away', 'unknown')),
        seated INTEGER CHECK (seated IN (0, 1)),
        reason TEXT,
        open INTEGER NOT NULL CHECK (open IN (0, 1)),
        CHECK (end_utc >= start_utc)
    )""",
    "CREATE INDEX spans_by_time ON spans (session_id, end_utc)",
    "CREATE UNIQUE INDEX spans_one_open ON spans (session_id) WHERE open = 1",
    """CREATE TABLE episodes (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
        start_utc REAL NOT NULL,
        end_utc REAL NOT NULL,
        dose_s REAL NOT NULL CHECK (dose_s >= 0),
        angle TEXT,
        peak_deg REAL,
        mean_deg REAL,
        in_state_s REAL NOT NULL CHECK (in_state_s >= 0),
        CHECK (end_utc >= start_utc)
    )""",
    "CREATE INDEX episodes_by_start ON episodes (start_utc)",
    "CREATE INDEX episodes_by_session ON episodes (session_id)",
    """CREATE TABLE prompts (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        at_utc REAL NOT NULL,
        prompt_id TEXT NOT NULL,
        kind TEXT CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
        step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
        episode_start_utc REAL,
        outcome TEXT
    )""",
    "CREATE INDEX prompts_by_time ON prompts (at_utc)",
    "CREATE INDEX prompts_by_session ON prompts (session_id)",
    """CREATE TABLE moves (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        at_utc REAL NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('break', 'shift'))
    )""",
    "CREATE INDEX moves_by_time ON moves (at_utc)",
    "CREATE INDEX moves_by_session ON moves (session_id)",
    """CREATE TABLE profiles (
        name TEXT PRIMARY KEY CHECK (length(trim(name)) > 0),
        created_utc REAL NOT NULL,
        view TEXT CHECK (view IN ('front', 'oblique', 'side')),
        data TEXT NOT NULL
    )""",
    """CREATE TABLE self_reports (
        id INTEGER PRIMARY KEY,
        at_utc REAL NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('urge', 'cracked', 'stiff', 'pain', 'numb', 'weak')),
        place TEXT,
        note TEXT,
        acknowledged_utc REAL
    )""",
    "CREATE INDEX self_reports_by_time ON self_reports (at_utc)",
)

# Made anew, as SQLite adds no check to a column that is there. No table refers to it; version 1 never wrote an outcome.
_VERSION_2: Migration = (
    """CREATE TABLE prompts_2 (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        at_utc REAL NOT NULL,
        prompt_id TEXT NOT NULL,
        kind TEXT CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
        step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
        episode_start_utc REAL,
        answer TEXT CHECK (answer IN ('show', 'done', 'snooze', 'not_now')),
        answered_utc REAL,
        outcome TEXT CHECK (outcome IN ('done', 'moved', 'snoozed', 'ignored')),
        CHECK ((answer IS NULL) = (answered_utc IS NULL))
    )""",
    """INSERT INTO prompts_2 (id, session_id, at_utc, prompt_id, kind, step, episode_start_utc, outcome)
        SELECT id, session_id, at_utc, prompt_id, kind, step, episode_start_utc,
            CASE WHEN outcome IN ('done', 'moved', 'snoozed', 'ignored') THEN outcome END
        FROM prompts""",
    "DROP TABLE prompts",
    "ALTER TABLE prompts_2 RENAME TO prompts",
    "CREATE INDEX prompts_by_time ON prompts (at_utc)",
    "CREATE INDEX prompts_by_session ON prompts (session_id)",
    """CREATE TABLE kept (
        key TEXT PRIMARY KEY CHECK (length(trim(key)) > 0),
        value TEXT NOT NULL
    )""",
)

# Made anew for the sake of its check, which knows one word more. No table refers to it.
_VERSION_3: Migration = (
    """CREATE TABLE self_reports_3 (
        id INTEGER PRIMARY KEY,
        at_utc REAL NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('urge', 'cracked', 'stiff', 'pain', 'numb', 'weak', 'stress')),
        place TEXT,
        note TEXT,
        acknowledged_utc REAL
    )""",
    """INSERT INTO self_reports_3 (id, at_utc, kind, place, note, acknowledged_utc)
        SELECT id, at_utc, kind, place, note, acknowledged_utc FROM self_reports""",
    "DROP TABLE self_reports",
    "ALTER TABLE self_reports_3 RENAME TO self_reports",
    "CREATE INDEX self_reports_by_time ON self_reports (at_utc)",
)

MIGRATIONS: tuple[Migration, ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
"""Step n leads from version n to n + 1; a database's version stands in its ``user_version``."""


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the database lies: ``posture.db`` in the folder that POSTURE_DATA_DIR names, else in the user's data folder."""
    named = (os.environ if environ is None else environ).get(DATA_DIR_VARIABLE, "")
    folder = Path(named).expanduser() if named else Path(platformdirs.user_data_dir("posture-monitor", appauthor=False))
    return folder / "posture.db"


def connect(path: Path, *, migrations: Sequence[Migration], busy_s: float) -> sqlite3.Connection:
    """Opens the database at ``path`` at its newest version: **writes** (folder and file where missing, migrations).

    The connection commits every statement by itself unless a transaction was begun; foreign keys are on.

    Args:
        path: the file, or ``MEMORY``.
        migrations: the steps of all versions, oldest first.
        busy_s: seconds to wait for another process that is writing.

    Raises:
        StoreError: newer, of another program, damaged, locked, or not to be written.
    """
    with store_errors(path):
        if path != MEMORY:
            _create(path)
            _examine(path, len(migrations), busy_s)
        connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            _use_wal(connection, busy_s)
            # A checkpoint comes once in ten seconds, so syncing each one costs nothing, and a power cut then loses no more than a kill.
            connection.execute("PRAGMA synchronous = FULL")
            _migrate(connection, path, migrations, busy_s)
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def set_aside(path: Path) -> Path:
    """Moves a damaged database, and its log, to ``posture.db.damaged-DATE-TIME`` beside it, and returns that: **writes**.

    Raises:
        UnavailableError: it cannot be moved.
    """
    stem = f"{path.name}{_ASIDE}{datetime.now():%Y-%m-%d-%H%M%S}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    with store_errors(path):
        # The log first: were it left behind, SQLite would take it for the log of the new file.
        for end in ("-wal", "-shm", ""):
            whole = path.with_name(f"{path.name}{end}")
            if whole.exists():
                whole.replace(aside.with_name(f"{aside.name}{end}"))
    return aside


def kept_aside(path: Path) -> list[Path]:
    """The databases that were set aside from `path`, the oldest first; without their logs."""
    found = path.parent.glob(f"{path.name}{_ASIDE}*")
    return sorted((f for f in found if not f.name.endswith(("-wal", "-shm"))), key=lambda f: (f.stat().st_mtime, f.name))


_ASIDE = ".damaged-"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A write transaction: all of the block or nothing of it."""
    # IMMEDIATE waits for the other writer here; a later upgrade from reading to writing would fail without waiting.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself after a full disk
            connection.execute("ROLLBACK")
        raise


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns the errors of SQLite and of the file system into a StoreError of one line that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _kind_of(error)(f"{path}: {_explain(error)}") from error
    except UnicodeDecodeError as error:  # a text that is none; or SQLite's own words on what is damaged quote such
        raise DamagedError(f"{path}: {_DAMAGED}") from error
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be opened or created ({error.strerror or error}): {_ELSEWHERE}") from error


_ELSEWHERE = f"check the permissions, or name another folder in {DATA_DIR_VARIABLE}"
SAVE = "save what can be read of it with: posture data recover; or move it away, or put a backup in its place"
_DAMAGED = f"is damaged or not a database; nothing in it was changed: {SAVE}"
_BUSY = "another program is writing to it and does not let go: close that one, then try again"
_MEANING = {
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: f"cannot be written to: {_ELSEWHERE}",
    sqlite3.SQLITE_CANTOPEN: f"cannot be opened or created: {_ELSEWHERE}",
    sqlite3.SQLITE_PERM: f"cannot be opened: {_ELSEWHERE}",
    sqlite3.SQLITE_FULL: "the disk is full: free some space, then try again; what was stored before is safe",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written: check that it is there, sound and not full",
}


_LATER = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""What may be over when it is tried again."""


_NO_TEXT = "Could not decode to UTF-8"  # Python's own error, without a code


def _kind_of(error: sqlite3.Error) -> type[StoreError]:
    code = _primary_code(error)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or _NO_TEXT in str(error):
        return DamagedError
    return UnavailableError if code in _LATER else StoreError


def _primary_code(error: sqlite3.Error) -> int | None:
    """The error's kind; SQLite puts the details into the bits above the lowest eight."""
    code = getattr(error, "sqlite_errorcode", None)  # errors of the Python module itself have none
    return None if code is None else int(code) & 0xFF


def _explain(error: sqlite3.Error) -> str:
    code = _primary_code(error)
    if _NO_TEXT in str(error):
        return _DAMAGED
    if code == sqlite3.SQLITE_CONSTRAINT:
        return f"refused a value that cannot be ({error}); nothing was changed"
    detail = " ".join(str(error).split())
    return _MEANING.get(-1 if code is None else code, f"cannot be used ({detail}): 'posture doctor' examines it")


def _create(path: Path) -> None:
    """Makes folder and file, for this user's eyes only, where they are missing (the mode binds on POSIX alone)."""
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a database: name the file in it")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its -wal and -shm files the same mode


def _examine(path: Path, newest: int, busy_s: float) -> None:
    """Raises StoreError for a database that is not ours to change; writes nothing to it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_s, isolation_level=None)) as reader:
        reader.execute("BEGIN")  # one moment for all three questions: another process may be creating the tables right now
        version = _pragma(reader, "user_version")
        application = _pragma(reader, "application_id")
        tables = reader.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (tables or version) and application != _APPLICATION_ID:
        raise StoreError(f"{path}: is a database of another program: name another folder in {DATA_DIR_VARIABLE}")
    _refuse_newer(path, version, newest)


def _refuse_newer(path: Path, version: int, newest: int) -> None:
    if version > newest:
        raise StoreError(
            f"{path}: was written by a newer posture monitor (database version {version}, this one knows up to {newest}): "
            "update the program; nothing was changed"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _use_wal(connection: sqlite3.Connection, busy_s: float) -> None:
    """Sets write-ahead logging, which lets one process read while another writes (in memory and on some networks there is none)."""
    deadline = time.monotonic() + busy_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:  # SQLite's own waiting does not cover the change of the journal's mode
            if _primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration], busy_s: float) -> None:
    newest = len(migrations)
    if _pragma(connection, "user_version") == newest:
        return
    copy: Path | None = None
    try:
        with transaction(connection):
            version = _pragma(connection, "user_version")  # again: another process may have been faster
            _refuse_newer(path, version, newest)
            if 0 < version < newest and path != MEMORY:
                copy = _back_up(path, version, busy_s)
            for statement in (statement for step in migrations[version:] for statement in step):
                connection.execute(statement)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise StoreError(f"{path}: its tables do not fit together, so it stays at version {version}: put a backup in its place")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {newest}")
    except BaseException:
        if copy is not None:
            copy.unlink()  # the database is as it was, and a copy per failed start would fill the disk
        raise


def _back_up(path: Path, version: int, busy_s: float) -> Path:
    """Copies the database as it is to ``posture.db.v1.bak`` (``.v1-2.bak``, ... where taken), through a connection of its own."""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.v{version}{'' if number == 1 else f'-{number}'}.bak")
        try:
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            break
        except FileExistsError:
            number += 1
    try:
        with closing(sqlite3.connect(path, timeout=busy_s)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except BaseException:
        copy.unlink()
        raise
    return copy
