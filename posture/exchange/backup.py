"""A copy of the whole database in one file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from posture.exchange.private import private_file
from posture.model import PostureError
from posture.schema import store_errors
from posture.store import Store


def backup(store: Store, target: Path, *, force: bool = False) -> int:
    """Copy the database as it is at one moment, while others may write to it; the size in bytes. **Writes** a file of mode 0600.

    Args:
        store: the database.
        target: the file.
        force: replace a file that is there.

    Raises:
        PostureError: the file is there, is the database itself, or cannot be written.
    """
    if target.resolve() == store.path.resolve():
        raise PostureError(f"{target}: is the database itself: name another file")
    with private_file(target, force=force) as part, store_errors(target):
        with store.reading() as connection, closing(sqlite3.connect(part, isolation_level=None)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file that is whole by itself
        return part.stat().st_size
