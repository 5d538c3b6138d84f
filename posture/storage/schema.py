"""The database file: where it lies, its tables, how an older one is brought up to date, and what its errors mean.

A file is examined through a read-only connection before anything may change it, so that a database of a newer version, of
another program, or a damaged one stays as it is.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from posture._support import make_folders, paths, private_opener, replacing
from posture.errors import StoreError
from posture.storage.log_owner import log_belongs


class DamagedError(StoreError):
    """The file is no database, or a damaged one; posture/storage/backups.py says what then happens."""


class UnavailableError(StoreError):
    """Nothing is wrong with what was to be written: the disk is full, another program is writing, the file cannot be reached."""


MEMORY = Path(":memory:")
"""Given as a path: a database that lives as long as its connection."""
DATA_DIR_VARIABLE = "POSTURE_DATA_DIR"
_APPLICATION_ID = 0x506F7374  # "Post": SQLite keeps it in the header, so that another program's database is not taken for ours

Migration = Sequence[str]
"""The SQL statements that lead from one version to the next."""
MIGRATIONS: tuple[Migration, ...] = tuple(
    tuple(Path(__file__).with_name("migrations").joinpath(f"{version}.sql").read_text(encoding="utf-8").split(";\n")[:-1])
    for version in (1, 2, 3, 4, 5, 6, 7)
)
"""Step n leads from version n to n + 1; a database's version stands in its ``user_version``. What was published is not edited any more:
a change is a new file."""


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the database lies: ``posture.db`` in the folder that POSTURE_DATA_DIR names, else in the user's data folder."""
    named = paths.named_folder(DATA_DIR_VARIABLE, os.environ if environ is None else environ)
    return (named or paths.own_data()) / "posture.db"


def connect(path: Path, *, migrations: Sequence[Migration], busy_s: float) -> sqlite3.Connection:
    """Open the database at ``path`` at its newest version: **writes** (folder and file where missing, migrations).

    The connection commits every statement by itself unless a transaction was begun; foreign keys are on.

    Args:
        path: The file, or ``MEMORY``.
        migrations: The steps of all versions, oldest first.
        busy_s: Seconds to wait for another process that is writing.

    Raises:
        StoreError: Newer, of another program, damaged, locked, or not to be written.
    """
    with store_errors(path):
        if path != MEMORY:
            _create(path)
            part_from_foreign_log(path)
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


def copy_in_memory(path: Path) -> sqlite3.Connection:
    """Return a copy of a database, with what its log holds, that is made without writing anything to the disk.

    Raises:
        StoreError: Newer, of another program, damaged, or locked.
    """
    copy = sqlite3.connect(MEMORY, isolation_level=None)
    try:
        with store_errors(path):
            try:
                _copy(read_only(path), path, copy)
            except sqlite3.OperationalError as error:
                if _primary_code(error) in _HELD or sys.platform == "win32":
                    raise
                # The index beside the log can be neither made nor changed: SQLite makes one in memory for who has the file to itself.
                _copy(f"{path.absolute().as_uri()}?mode=ro&vfs=unix-none", path, copy)
            copy.row_factory = sqlite3.Row
            _migrate(copy, MEMORY, MIGRATIONS, 0.0)
    except BaseException:
        copy.close()
        raise
    return copy


def _copy(address: str, path: Path, copy: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as reader:
        if "vfs=" in address:
            reader.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
        refuse_unusable(reader, path, len(MIGRATIONS))
        reader.backup(copy)


def set_aside(path: Path) -> Path:
    """Move a damaged database, and its log, to ``posture.db.damaged-DATE-TIME`` beside it, and return that: **writes**.

    Raises:
        UnavailableError: It cannot be moved.
    """
    with store_errors(path):
        # The log first: were it left behind, SQLite would take it for the log of the new file.
        return _move_aside(path, *LOGS, "")


def part_from_foreign_log(path: Path) -> None:
    """Set a log aside that is not of the database beside it, which another file was put in the place of: **writes**.

    Raises:
        UnavailableError: That file is being written just now.
        OSError: It cannot be done.
    """
    path = path.resolve()
    if log_belongs(path):
        return
    if being_written(path):
        raise UnavailableError(f"{path}: is being replaced just now: try again in a few seconds")
    with replacing(path) as part:  # a new file: a process that has the old one open finds that it is not at the path any more
        shutil.copyfile(path, part)
        sync(part)
    _log.warning("%s: is another file than before; the log of the one before is kept as %s-wal", path, _move_aside(path, *LOGS))


def being_written(path: Path) -> bool:
    """Return whether the file was written to within the last two seconds: it may be a copy that is still being made."""
    return abs(time.time() - path.stat().st_mtime) < QUIET_S


def sync(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so."""
    if sys.platform != "win32":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def aside_name(path: Path, why: str) -> Path:
    """Return a name beside `path`, with the present moment in it, under which neither a database nor a log lies yet."""
    stem = f"{path.name}{why}{datetime.now():%Y-%m-%d-%H%M%S}"
    aside, number = path.with_name(stem), 1
    while any(aside.with_name(f"{aside.name}{end}").exists() for end in ("", *LOGS)):
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    return aside


def _move_aside(path: Path, *ends: str) -> Path:
    aside = aside_name(path, _ASIDE)
    for end in ends:
        whole = path.with_name(f"{path.name}{end}")
        if whole.exists():
            whole.replace(aside.with_name(f"{aside.name}{end}"))
    return aside


def kept_aside(path: Path) -> list[Path]:
    """Return the databases that were set aside from `path`, the oldest first; without their logs."""
    found = path.parent.glob(f"{path.name}{_ASIDE}*")
    return sorted((f for f in found if not f.name.endswith(LOGS)), key=lambda f: (f.stat().st_mtime, f.name))


_ASIDE = ".damaged-"
BACKUP = ".backup-"
LOGS = ("-wal", "-shm")
QUIET_S = 2.0
_log = logging.getLogger(__name__)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in a write transaction, or in a part of the one that is under way: all of it or nothing."""
    if connection.in_transaction:
        begin, end, undo = "SAVEPOINT inner", "RELEASE inner", "ROLLBACK TO inner"
    else:
        begin, end, undo = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
    # IMMEDIATE waits for the other writer here; a later upgrade from reading to writing would fail without waiting.
    connection.execute(begin)
    try:
        yield
        connection.execute(end)
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself after a full disk
            connection.execute(undo)
        raise


def insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, object]) -> int:
    """Insert a row and return its number. Table and columns are names of this program, never a user's words."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    return connection.execute(statement, tuple(columns.values())).lastrowid or 0


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into a StoreError of one line that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _kind_of(error)(f"{path}: {_explain(error, path)}") from error
    except UnicodeDecodeError as error:  # a text that is none; or SQLite's own words on what is damaged quote such
        raise DamagedError(f"{path}: {damaged_words(path)}") from error
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be opened or created ({error.strerror or error}): {_ELSEWHERE}") from error


_ELSEWHERE = f"check the permissions, or name another folder in {DATA_DIR_VARIABLE}"
_DAMAGED = "is damaged or not a database; nothing in it was changed"
_BUSY = "another program is writing to it and does not let go: close that one, then try again"
_MEANING = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: f"cannot be written to: {_ELSEWHERE}",
    sqlite3.SQLITE_CANTOPEN: f"cannot be opened or created: {_ELSEWHERE}",
    sqlite3.SQLITE_PERM: f"cannot be opened: {_ELSEWHERE}",
    sqlite3.SQLITE_FULL: "the disk is full: free some space, then try again; what was stored before is safe",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written: check that it is there, sound and not full",
}


def damaged_words(path: Path, found: str = _DAMAGED) -> str:
    """Return what to do about a damaged database, after what is wrong with it."""
    there = backups_of(path)
    return f"{found}: put a backup in its place with: posture data restore {there[-1] if there else 'FILE'}; or move it away"


def backups_of(path: Path) -> list[Path]:
    """Return the automatic backups of the database at `path`, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}{BACKUP}????-??-??"))


_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_LATER = {*_MEANING, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL} - _DAMAGE
"""What may be over when it is tried again."""
_NO_TEXT = "Could not decode to UTF-8"  # Python's own error, without a code


def _kind_of(error: sqlite3.Error) -> type[StoreError]:
    if is_damage(error):
        return DamagedError
    return UnavailableError if _primary_code(error) in _LATER else StoreError


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means that the file is damaged, or no database."""
    return _primary_code(error) in _DAMAGE or _NO_TEXT in str(error)


def _primary_code(error: sqlite3.Error) -> int | None:
    """Return the error's kind; SQLite puts the details into the bits above the lowest eight."""
    code = getattr(error, "sqlite_errorcode", None)  # errors of the Python module itself have none
    return None if code is None else int(code) & 0xFF


def _explain(error: sqlite3.Error, path: Path) -> str:
    code = _primary_code(error)
    if is_damage(error):
        return damaged_words(path)
    if code == sqlite3.SQLITE_CONSTRAINT:
        return f"refused a value that cannot be ({error}); nothing was changed"
    detail = " ".join(str(error).split())
    return _MEANING.get(-1 if code is None else code, f"cannot be used ({detail}): 'posture doctor' examines it")


def _create(path: Path) -> None:
    """Make folder and file, for this user alone, where they are missing (the mode binds on POSIX alone)."""
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a database: name the file in it")
    make_folders(path.parent)
    if not path.exists():
        open(path, "ab", opener=private_opener).close()  # SQLite gives its -wal and -shm files the same mode


def _examine(path: Path, newest: int, busy_s: float) -> None:
    """Raise StoreError for a database that is not ours to change; writes nothing to it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_s, isolation_level=None)) as reader:
        reader.execute("BEGIN")  # one moment for all three questions: another process may be creating the tables right now
        refuse_unusable(reader, path, newest)


def refuse_unusable(reader: sqlite3.Connection, path: Path, newest: int) -> None:
    """Raise StoreError for a database of another program, or of a newer version of this one."""
    version = _pragma(reader, "user_version")
    tables = reader.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (tables or version) and _pragma(reader, "application_id") != _APPLICATION_ID:
        raise StoreError(f"{path}: is a database of another program: name another folder in {DATA_DIR_VARIABLE}")
    _refuse_newer(path, version, newest)


def read_only(path: Path) -> str:
    """Return the address by which a database that nobody writes to is read without a trace, with what its own log holds."""
    path = path.resolve()
    log = path.with_name(f"{path.name}-wal")
    alone = not log.exists() or not log.stat().st_size or not log_belongs(path)
    return f"{path.absolute().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"


def _refuse_newer(path: Path, version: int, newest: int) -> None:
    if version > newest:
        raise StoreError(
            f"{path}: was written by a newer posture monitor (database version {version}, this one knows up to {newest}): "
            "update the program; nothing was changed"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _use_wal(connection: sqlite3.Connection, busy_s: float) -> None:
    """Set write-ahead logging, which lets one process read while another writes (in memory and on some networks there is none)."""
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
                what = f"its tables do not fit together, so it stays at version {version}"
                raise StoreError(f"{path}: {damaged_words(path, what)}")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # from here on the file itself has a stamp
    except BaseException:
        if copy is not None:
            copy.unlink()  # the database is as it was, and a copy per failed start would fill the disk
        raise


def _back_up(path: Path, version: int, busy_s: float) -> Path:
    """Copy the database as it is to ``posture.db.v1.bak`` (``.v1-2.bak``, ... where taken), through a connection of its own."""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.v{version}{'' if number == 1 else f'-{number}'}.bak")
        try:
            open(copy, "xb", opener=private_opener).close()
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
