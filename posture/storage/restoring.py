"""Puts a backup in the place of the database: the backup or what was there before, whole, whenever it is killed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from posture._support import make_folders, replacing
from posture.errors import StoreError
from posture.storage.log_owner import log_belongs, stamp
from posture.storage.schema import (
    LOGS,
    MIGRATIONS,
    DamagedError,
    aside_name,
    is_damage,
    read_only,
    refuse_unusable,
    store_errors,
    sync,
    sync_folder,
)

BEFORE_RESTORE = ".before-restore-"


def restore(source: Path, path: Path) -> Path | None:
    """Put a backup in the place of the database and return where that one lies now, with its log; ``None``: there was none. **Writes**.

    No monitor may run, nor start meanwhile.

    Args:
        source: A backup; it is not changed.
        path: The database.

    Raises:
        StoreError: The backup is damaged, none of ours, or of a newer version; another program has the database open; it
            cannot be written. The database is as it was.
    """
    check(source)
    path = path.resolve()
    if path.exists() and source.samefile(path):
        raise StoreError(f"{source}: is the database in use: name a backup instead")
    with store_errors(path):
        make_folders(path.parent)
        with replacing(path) as part:
            copy_whole(source, part)
            aside = _keep(path) if path.exists() else None
            for end in LOGS:
                path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
        sync_folder(path.parent)
    return aside


def check(source: Path) -> None:
    """Read a whole backup and raise StoreError if it cannot be put in the place of the database; nothing is changed."""
    if not source.is_file():
        raise StoreError(f"{source}: there is no such file")
    with store_errors(source), closing(sqlite3.connect(read_only(source), uri=True)) as db:
        try:
            refuse_unusable(db, source, len(MIGRATIONS))
            if not db.execute("PRAGMA user_version").fetchone()[0]:
                raise StoreError(f"{source}: is empty, so it is not a backup")
            _refuse_damaged(db, source)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise _damaged(source, "or not a database") from error
            raise


def copy_whole(source: Path, target: Path) -> None:
    """Copy a database, with what its log holds, into one file that is whole by itself, and wait until it is on the disk: **writes**.

    Raises:
        DamagedError: What was copied is damaged.
        sqlite3.Error, OSError: It cannot be copied.
    """
    with closing(sqlite3.connect(read_only(source), uri=True)) as reader, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()
        stamp(copy)  # a state of its own: no log goes on from it
        _refuse_damaged(copy, source)
    sync(target)


def _refuse_damaged(db: sqlite3.Connection, path: Path) -> None:
    found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if found != "ok":
        raise _damaged(path, f"({' '.join(found.split())})")


def _damaged(path: Path, why: str) -> DamagedError:
    return DamagedError(f"{path}: is damaged {why}, so it can't be used as a backup; nothing was changed")


def _keep(path: Path) -> Path:
    """Keep the database under another name as well, with its log, and return that: **writes**."""
    if log_belongs(path):
        try:
            _put_log_in(path)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
    aside = aside_name(path, BEFORE_RESTORE)
    for end in ("", *LOGS):
        whole, kept = path.with_name(f"{path.name}{end}"), aside.with_name(f"{aside.name}{end}")
        if whole.exists():
            try:
                kept.hardlink_to(whole)
            except OSError:  # a file system without links
                with replacing(kept) as part:
                    shutil.copyfile(whole, part)
                    sync(part)
    return aside


def _put_log_in(path: Path) -> None:
    """Copy the log into its database, so that the file alone is the whole of it: **writes**; fails while another program has it open."""
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
        db.execute("BEGIN IMMEDIATE")
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
