"""Automatic backups: one a day, the last ones kept, private, whole; and what is erased is in none of them."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from faults.fast import environment
from faults.test_replaced import a_day

from posture.cli.app import run
from posture.errors import StoreError
from posture.storage.backups import back_up, due
from posture.storage.exchange.erasing import apply_retention, set_retention
from posture.storage.records import Origin
from posture.storage.restoring import restore
from posture.storage.schema import MIGRATIONS, backups_of, default_path
from posture.storage.store import Store
from posture.types import Posture, ReportKind, SelfReport, Span

DAY = date(2026, 3, 2)
MARKER = "marmoset-7c1e"


def at(days: float) -> float:
    """Nine in the morning, so many days after the 2nd of March."""
    return (datetime(2026, 3, 2, 9) + timedelta(days=days)).timestamp()


def marked(path: Path, days: float, marker: str) -> None:
    """A session and a report that hold a marker."""
    with Store.open(path) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=at(days), source=f"camera {marker}")
        store.add_span(number, Span(0, 60, Posture.UNKNOWN, None, marker))
        store.end_session(number)
        store.add_report(SelfReport(at(days), ReportKind.URGE, None, marker))


def holding(folder: Path, marker: str) -> list[str]:
    """Files anywhere in the folder in which it stands."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and marker.encode() in p.read_bytes())


def test_one_a_day_the_last_ones_private_and_whole(tmp_path: Path) -> None:
    """A later one of the day takes the place of the earlier; older ones go; each opens by itself; none with 0."""
    path = tmp_path / "data" / "posture.db"
    a_day(path, 0, 10)
    with Store.open(path) as store:
        assert due(path, 3, DAY)
        assert not due(path, 0, DAY)
        back_up(store, 0, DAY)
        assert backups_of(path) == []
        for day in range(5):
            back_up(store, 3, DAY + timedelta(days=day))
            store.add_report(SelfReport(float(day), ReportKind.URGE))
        back_up(store, 3, DAY + timedelta(days=4))
        assert not due(path, 3, DAY + timedelta(days=4))
    names = [p.name for p in backups_of(path)]
    assert names == [f"posture.db.backup-2026-03-0{n}" for n in (4, 5, 6)]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in path.parent.iterdir())
    for backup, reports in zip(backups_of(path), (2, 3, 5), strict=True):
        with Store.open(backup) as store:
            store.check()
            assert len(store.reports()) == reports


def test_a_damaged_database_takes_no_good_backups_place(tmp_path: Path) -> None:
    """What was written is checked before it takes the earlier one's place."""
    path = tmp_path / "posture.db"
    a_day(path, 0, 2000)
    with Store.open(path) as store:
        back_up(store, 7, DAY)
        good = backups_of(path)[0].read_bytes()
        data = path.read_bytes()
        path.write_bytes(data[: len(data) - 8192] + os.urandom(8192))
        with pytest.raises(StoreError, match="damaged"):
            back_up(store, 7, DAY)
    assert backups_of(path)[0].read_bytes() == good
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_while_it_is_written(tmp_path: Path) -> None:
    """The earlier backup of the day is as it was, and what was left of the new one goes with the next."""
    path = tmp_path / "posture.db"
    marked(path, 0, MARKER)
    with Store.open(path) as store:
        back_up(store, 7, DAY)
    good = backups_of(path)[0].read_bytes()
    code = """
import os, signal, sys
from datetime import date
from posture.storage import backups
whole = backups.copy_whole
backups.copy_whole = lambda *args: (whole(*args), os.kill(os.getpid(), signal.SIGKILL))
with backups.Store.open(sys.argv[1]) as store:
    backups.back_up(store, 7, date(2026, 3, 2))
"""
    ran = subprocess.run([sys.executable, "-c", code, str(path)], env=environment(), check=False)
    assert ran.returncode == -signal.SIGKILL
    assert backups_of(path)[0].read_bytes() == good
    assert len(list(tmp_path.glob(".posture.db.backup-*"))) == 1
    with Store.open(path) as store:
        back_up(store, 7, DAY)
    assert not list(tmp_path.glob(".*"))


def a_folder_with_all(path: Path) -> None:
    """A database, backups of this version and the first, one that replaced it, set aside, a part that a killed process left."""
    marked(path, 0, MARKER)
    marked(path, 5, "stays")
    with Store.open(path) as store:
        for day in range(3):
            back_up(store, 7, DAY + timedelta(days=day))
    with Store.open(path.with_name("posture.db.backup-2026-03-09"), migrations=MIGRATIONS[:1]) as old:
        old.add_report(SelfReport(at(0), ReportKind.URGE, None, MARKER))
        number = old.start_session(origin=Origin.LIVE, started_utc=at(0), source=MARKER)
        old.add_span(number, Span(0, 60, Posture.UNKNOWN, None, MARKER))
    restore(backups_of(path)[0], path)
    path.with_name("posture.db.backup-2026-03-08").write_bytes(b"damaged " + MARKER.encode())


def test_what_is_erased_is_nowhere_in_the_folder(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A day: gone from the database, from every backup, and with what was set aside; another day stays in the backups."""
    path = default_path()
    a_folder_with_all(path)
    path.with_name("posture.db.damaged-2026-03-01-090000").write_bytes(MARKER.encode())
    path.with_name(".posture.db.abc.part").write_bytes(MARKER.encode())
    assert len(holding(path.parent, MARKER)) >= 7
    assert run(["data", "erase", "--day", "2026-03-02", "--yes"]) == 0
    assert "automatic backups" in capfd.readouterr().out
    assert holding(path.parent, MARKER) == []
    assert holding(path.parent, "stays") == ["posture.db", *(f"posture.db.backup-2026-03-0{n}" for n in (2, 3, 4))]
    for backup in backups_of(path):
        with Store.open(backup) as store:
            store.check()


def test_what_only_a_backup_holds_is_erased(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A report that was taken back, and is in yesterday's backup."""
    path = default_path()
    marked(path, 0, MARKER)
    with Store.open() as store:
        back_up(store, 7, DAY)
        store.delete_report(1)
        store._db.execute("DELETE FROM sessions")
        store.vacuum()
    assert holding(path.parent, MARKER) == ["posture.db.backup-2026-03-02"]
    assert run(["data", "erase", "--day", "2026-03-02", "--yes"]) == 0
    assert holding(path.parent, MARKER) == []
    assert run(["data", "erase", "--day", "2026-03-02", "--yes"]) == 0
    assert "nothing to erase" in capfd.readouterr().out


def test_all_takes_the_backups(home: Path) -> None:
    """With everything else; nothing of the database is left."""
    path = default_path()
    a_folder_with_all(path)
    assert run(["data", "erase", "--all", "--yes"]) == 0
    assert holding(path.parent, MARKER) == []
    assert not [p for p in path.parent.rglob("*") if "posture.db" in p.name]


def test_retention_reaches_the_backups(home: Path) -> None:
    """What is too old goes from them, and from a database that a restored one replaced; a damaged one goes once all of it is too old."""
    path = default_path()
    a_folder_with_all(path)
    aside = path.with_name("posture.db.damaged-2026-03-01-090000")
    aside.write_bytes(b"")
    with Store.open() as store:
        set_retention(store, 7)
        apply_retention(store, at(8))
        assert aside.exists()
        os.utime(aside, (at(0), at(0)))
        apply_retention(store, at(8))
    assert not aside.exists()
    assert holding(path.parent, MARKER) == []
    assert "posture.db.backup-2026-03-04" in holding(path.parent, "stays")


def test_a_setting_says_how_many(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Seven by default; 0 is none."""
    assert run(["config", "show"]) == 0
    assert "backups" in capfd.readouterr().out


def test_a_backup_waits_for_no_reader_and_no_writer_slips_in(tmp_path: Path) -> None:
    """While it is made another program may read; nobody writes, so that nothing that is erased meanwhile is in it."""
    path = tmp_path / "posture.db"
    a_day(path, 0, 10)
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None, timeout=0.0)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM spans").fetchone()
        began_s = time.monotonic()
        back_up(store, 7, DAY)
        assert time.monotonic() - began_s < 5.0
        other.execute("COMMIT")
