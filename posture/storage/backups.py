"""Automatic backups beside the database, one for each day on which the monitor ran; and the rule when the database is damaged.

A damaged database is set aside and the newest sound backup takes its place, or a new database where there is none. Self-reports can
call for a referral, so those that were made after the backup are carried over from the damaged file as far as SQLite reads them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from posture._support import replacing
from posture.errors import StoreError
from posture.storage.records import StoredReport
from posture.storage.restoring import BEFORE_RESTORE, copy_whole
from posture.storage.schema import BACKUP, LOGS, DamagedError, backups_of, default_path, read_only, set_aside, store_errors, sync_folder
from posture.storage.sessions import end_hard
from posture.storage.store import Store
from posture.types import SelfReport

_LATEST_UTC = 1e11
_log = logging.getLogger(__name__)


def back_up(store: Store, most: int, today: date) -> None:
    """Write the backup of the day, in the place of an earlier one of it, and keep the last `most`: **writes**; 0: writes none.

    Raises:
        StoreError: It cannot be written, or the database is damaged; the backups there were stay.
    """
    if most <= 0:
        return
    target = _of_day(store.path, today)
    # Nobody may write meanwhile: what is erased after this is erased from a backup that lies there under its name.
    with store.writing(), store_errors(target):
        for left in store.path.parent.glob(f".{store.path.name}{BACKUP}*.part*"):
            left.unlink(missing_ok=True)  # of a process that was killed
        with replacing(target) as part:
            copy_whole(store.path, part)
        sync_folder(target.parent)
        for old in backups_of(store.path)[:-most]:
            for end in ("", *LOGS):
                old.with_name(f"{old.name}{end}").unlink(missing_ok=True)


def due(path: Path, most: int, today: date) -> bool:
    """Return whether there is no backup of the day yet, and one is wanted."""
    return most > 0 and not _of_day(path, today).exists()


def _of_day(path: Path, day: date) -> Path:
    return path.with_name(f"{path.name}{BACKUP}{day:%Y-%m-%d}")


def open_whole(say: Callable[[str], None]) -> Store:
    """Open the database for a session; a damaged one is set aside and the newest backup takes its place: **writes**.

    Raises:
        StoreError: It cannot be opened for another reason.
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
        backup = _newest_into(default_path())
        store = Store.open()
        words = _words(aside, backup, _carry_reports(aside, store))
        _log.error("%s; %s", error, words)
        say(words)
    return store


def begin_anew(store: Store, busy_s: float) -> str:
    """Set the damaged file of an open store aside, go on with the newest backup, and return what was done, in plain words: **writes**.

    Raises:
        StoreError: It cannot be moved, or no new one made.
    """
    backup: list[Path | None] = []
    aside = store.replace_file(busy_s, lambda: backup.append(_newest_into(store.path)))
    return _words(aside, backup[0], _carry_reports(aside, store))


def _newest_into(path: Path) -> Path | None:
    """Put the newest sound backup in the place of a database that was set aside, and return it; ``None``: there is none. **Writes**."""
    for backup in reversed(backups_of(path)):
        try:
            with store_errors(backup), replacing(path) as part:
                copy_whole(backup, part)
        except StoreError as error:
            _log.warning("a backup cannot be used: %s", error)
        else:
            return backup
    return None


def _words(aside: Path, backup: Path | None, carried: int | None) -> str:
    words = f"The database was damaged. It is kept as {aside}. "
    if backup is not None:
        words += f"The backup {backup.name} has taken its place; anything measured since is only in the damaged file. "
    else:
        words += "There is no backup, so a new database has been started. "
    if carried is None:
        return words + "Not all of your reports could be read from the damaged file: please log again what is missing in posture log list."
    return words + (f"{carried} of your reports were recovered from the damaged file." if carried else "None of your reports are missing.")


def _carry_reports(aside: Path, store: Store) -> int | None:
    """Add the reports of a damaged file that are not there, and return how many; ``None``: not all of them could be read. **Writes**."""
    there = {_key(report) for report in store.reports()}
    added, whole = 0, True
    try:
        with closing(sqlite3.connect(read_only(aside), uri=True)) as db:
            db.row_factory = sqlite3.Row
            for row in db.execute("SELECT * FROM self_reports"):
                try:
                    report = StoredReport.of(row).report
                    if _key(report) not in there and _possible(report):
                        store.add_report(report)
                        added += 1
                except (StoreError, ValueError, TypeError):
                    whole = False  # a row that holds what cannot be
    except (sqlite3.Error, UnicodeDecodeError, OSError):
        whole = False
    return added if whole else None


def _key(report: SelfReport) -> tuple[object, ...]:
    return report.time_s, report.kind, report.where, report.note


def _possible(report: SelfReport) -> bool:
    """Return whether a report is one; raise TypeError or ValueError if damage made it."""
    moments = [at for at in (report.time_s, report.acknowledged_s) if at is not None]
    texts = [text for text in (report.where, report.note) if text is not None]
    if not all(0 <= at < _LATEST_UTC for at in moments) or not all(isinstance(text, str) for text in texts):
        raise ValueError("no report")
    return bool(moments)


def in_backups(path: Path, act: Callable[[Store], object]) -> None:
    """Do to every automatic backup, and every database that a restored one replaced, what is done to the database: **writes**.

    A session that ran when one was made ends in it where it was last written. A backup that is damaged is removed.

    Raises:
        StoreError: One cannot be written.
    """
    replaced = [p for p in path.parent.glob(f"{path.name}{BEFORE_RESTORE}*") if not p.name.endswith(LOGS)]
    for backup in [*backups_of(path), *replaced]:
        try:
            with Store.open(backup) as store:
                with store.writing() as db:
                    for (number,) in db.execute("SELECT id FROM sessions WHERE ended IS NULL").fetchall():
                        end_hard(db, number)
                act(store)
        except StoreError as error:
            if backup in replaced:
                _log.warning("what a restored backup replaced cannot be changed: %s", error)
            elif isinstance(error, DamagedError):
                backup.unlink(missing_ok=True)
            else:
                raise
        for older in backup.parent.glob(f"{backup.name}.*"):
            older.unlink(missing_ok=True)  # what bringing it up to date left
