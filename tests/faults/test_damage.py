"""A damaged database: the file is kept aside, and the newest sound backup takes its place."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from faults.fast import Fast
from faults.test_replaced import quiet
from posture.cli.app import run
from posture.storage.backups import back_up, open_whole
from posture.storage.records import Origin
from posture.storage.schema import default_path, kept_aside
from posture.storage.store import Store
from posture.types import Answer, Posture, PromptLevel, ReportKind, SelfReport, ShownPrompt, Span

START = 1_767_600_000.0
DAY_S = 86400.0
PAGE = 4096
DAY = date(2026, 3, 2)


def fill(path: Path, days: int = 6, spans: int = 600, ended: bool = True) -> None:
    """A database with some of everything."""
    with Store.open(path, clock=lambda: START) as store:
        store.save_profile("desk", {"angles": list(range(1500))})  # longer than a page
        store.save_profile("sofa", {"a": 1})
        store.set_meta("pause_until_utc", "open")
        store.add_report(SelfReport(START, ReportKind.NUMB, "leg", "since Monday"))
        store.add_report(SelfReport(START + 1, ReportKind.STRESS))
        for day in range(days):
            number = store.start_session(origin=Origin.LIVE, started_utc=START + day * DAY_S, source="camera 0")
            store.write_spans(number, [span(at) for at in range(spans)])
            prompt = store.add_prompt(number, ShownPrompt(50.0, "cat_cow", None, PromptLevel.SOFT, None))
            store.answer_prompt(prompt, Answer.DONE, START + day * DAY_S + 60)
            if ended or day < days - 1:
                store.end_session(number)


def span(at: int) -> Span:
    """One of ten seconds."""
    posture = (Posture.NEUTRAL, Posture.FLEXED, Posture.UNKNOWN)[at % 3]
    return Span(at * 10.0, at * 10.0 + 10.0, posture, None, "gap" if at % 3 == 2 else None)


def flip(seed: int, share: float) -> Callable[[Path], None]:
    """Turns bits over, in a share of the pages."""

    def damage(path: Path) -> None:
        chance, data = random.Random(seed), bytearray(path.read_bytes())
        for page in chance.sample(range(len(data) // PAGE), max(1, int(share * len(data) // PAGE))):
            for _ in range(60):
                data[page * PAGE + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)
        path.write_bytes(data)

    return damage


def zero_first_page(path: Path) -> None:
    """The head and the list of tables are gone."""
    data = path.read_bytes()
    path.write_bytes(bytes(PAGE) + data[PAGE:])


def truncate(path: Path) -> None:
    """The last third is gone."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3 // PAGE * PAGE + 100])


def no_database(path: Path) -> None:
    """Something else under that name."""
    path.write_bytes(b"this is no database, but a long enough text. " * 300)


# In a session


@pytest.mark.parametrize("backed_up", [True, False], ids=["a backup", "no backup"])
@pytest.mark.parametrize(
    "damage", [flip(1, 0.6), truncate, no_database, zero_first_page], ids=["flipped", "truncated", "no database", "zeros"]
)
def test_damage_in_mid_session(damage: Callable[[Path], None], backed_up: bool, tmp_path: Path) -> None:
    """The file turns out damaged while a session runs: kept aside, the newest backup or a new one has the whole session, it is said
    in one line, and monitoring goes on."""
    path = tmp_path / "data" / "posture.db"
    fill(path, days=3)
    with Store.open(path) as store:
        session = Fast(store, START + 100 * DAY_S)
        session.run(40.0)
        if backed_up:
            back_up(store, 7, DAY)
        session.run(40.0)
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        damage(path)
        quiet(path)
        store._db.execute("PRAGMA cache_size = 0")
        session.run(100.0)
        session.end()
        if not kept_aside(path):
            pytest.skip("SQLite wrote over the damage before it met it")
        store.check()
        spans = store.spans_between(START + 100 * DAY_S, START + 101 * DAY_S)
        raw = store._db.execute("SELECT sum(end_utc - start_utc) FROM spans WHERE start_utc >= ?", (START + 100 * DAY_S,)).fetchone()[0]
        before = store.spans_between(START, START + 10 * DAY_S)
        kept = [p.name for p in store.list_profiles()]
    aside = kept_aside(path)
    assert len(aside) == 1
    assert aside[0].name.startswith("posture.db.damaged-")
    said = [words for words in session.watcher.said if "damaged" in words]
    assert len(said) == 1
    assert str(aside[0]) in said[0]
    assert ("posture.db.backup-2026-03-02" in said[0]) == backed_up
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    assert spans[0].start_utc == START + 100 * DAY_S
    assert spans[-1].end_utc - spans[0].start_utc == session.now_s == pytest.approx(raw)
    assert len(before) == (1800 if backed_up else 0)
    assert kept == (["desk", "sofa"] if backed_up else [])


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_is_taken_away_in_mid_session(how: str, tmp_path: Path) -> None:
    """Deleted, or a backup put in its place, while it is open: the session is written to what lies there now, whole."""
    path, copy = tmp_path / "data" / "posture.db", tmp_path / "backup.db"
    fill(copy, days=2)
    with Store.open(path) as store:
        session = Fast(store, START + 100 * DAY_S)
        session.run(80.0)
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink()
        path.unlink()
        if how == "replaced":
            copy.replace(path)
        session.run(100.0)
        session.end()
    with Store.open(path) as store:
        store.check()
        spans = store.spans_between(START + 100 * DAY_S, START + 101 * DAY_S)
        assert len(store.list_profiles()) == (2 if how == "replaced" else 0)
    assert spans[0].start_utc == START + 100 * DAY_S
    assert spans[-1].end_utc - START - 100 * DAY_S == session.now_s
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))


# At the start, and by command


@pytest.mark.parametrize("damage", [truncate, no_database, zero_first_page], ids=["truncated", "no database", "zeros"])
@pytest.mark.parametrize("backups", [0, 1, 2])
def test_a_damaged_database_at_the_start(damage: Callable[[Path], None], backups: int, home: Path) -> None:
    """The monitor sets it aside, says so in one line, and goes on with the newest backup that is sound; a damaged one is passed over."""
    path = default_path()
    fill(path)
    with Store.open() as store:
        for day in range(backups):
            back_up(store, 7, DAY + timedelta(days=day))
    if backups == 2:
        truncate(path.with_name("posture.db.backup-2026-03-03"))
    damage(path)
    content = path.read_bytes()
    said: list[str] = []
    with open_whole(said.append) as store:
        store.check()
        flags = [r.kind for r in store.reports()]
        spans = store.spans_between(0, 1e11)
    (aside,) = kept_aside(path)
    assert aside.read_bytes() == content
    assert len(said) == 1
    assert "\n" not in said[0]
    assert str(aside) in said[0]
    if backups:
        assert "posture.db.backup-2026-03-02 has taken its place" in said[0]
        assert ReportKind.NUMB in flags  # a referral that waits is not lost
        assert len(spans) == 3600
    else:
        assert "There is no backup" in said[0]
        assert spans == []
        assert "please log again" in said[0] or ReportKind.NUMB in flags


def test_reports_after_the_backup_come_over_and_commands_name_it(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A span's page is damaged: a command says with which words the backup is put back; the monitor does, and saves later reports."""
    path = default_path()
    fill(path)
    with Store.open() as store:
        back_up(store, 7, DAY)
        store.add_report(SelfReport(START + 9, ReportKind.WEAK, None, "after the backup"))
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'spans'").fetchone()[0]
    data = path.read_bytes()
    path.write_bytes(data[: (root - 1) * PAGE] + bytes(PAGE) + data[root * PAGE :])
    assert run(["data", "export", str(home / "out.json")]) == 1
    assert f"posture data restore {path}.backup-2026-03-02" in "".join(capfd.readouterr().err.split("\n"))
    said: list[str] = []
    with open_whole(said.append) as store:
        assert [r.kind for r in store.reports()] == [ReportKind.NUMB, ReportKind.STRESS, ReportKind.WEAK]
        assert len(store.spans_between(0, 1e11)) == 3600
    assert "1 of your reports were recovered" in said[0]


def test_the_real_monitor_starts_on_a_damaged_database(home: Path, model_file: Path) -> None:
    """``posture watch`` with a text in the database's place: said, set aside, and it goes on as far as the missing camera."""
    path = default_path()
    path.parent.mkdir(mode=0o700, parents=True)
    no_database(path)
    argv = [
        sys.executable,
        "-u",
        "-m",
        "posture",
        "watch",
        "--no-setup",
        "--no-tray",
        "--notify",
        "none",
        "--camera",
        "http://127.0.0.1:9/x",
    ]
    with subprocess.Popen(argv, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout is not None
        said = ""
        while "cannot be opened" not in said:
            line = child.stdout.readline()
            assert line, said
            said += line
        child.terminate()
        said += child.stdout.read()
    assert child.returncode == 0
    assert "The database was damaged. It is kept as" in said
    assert "Traceback" not in said
    assert len(kept_aside(path)) == 1
