"""A damaged database: the file is kept aside, a new one takes its place, and what can be read of it is saved."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from faults.fast import Fast
from faults.figures import note, times
from posture import recovering
from posture.cli import run
from posture.model import Answer, Posture, ReportKind, SelfReport, ShownPrompt, Span, Step, StoreError
from posture.recovering import TABLES, recover
from posture.schema import DamagedError, default_path, kept_aside
from posture.store import Origin, Store
from posture.stored import Ended

START = 1_767_600_000.0
DAY_S = 86400.0
PAGE = 4096
COLUMNS = {"sessions": "source, started_utc, ended_utc, ended", "spans": "start_utc, end_utc, posture, reason"}


def fill(path: Path, days: int = 6, spans: int = 600, ended: bool = True) -> None:
    """A database with some of everything."""
    with Store.open(path, clock=lambda: START) as store:
        store.save_profile("desk", {"angles": list(range(1500))})  # longer than a page
        store.save_profile("sofa", {"a": 1})
        store.keep("pause_until_utc", "open")
        store.add_report(SelfReport(START, ReportKind.NUMB, "leg", "since Monday"))
        store.add_report(SelfReport(START + 1, ReportKind.STRESS))
        for day in range(days):
            number = store.start_session(origin=Origin.LIVE, started_utc=START + day * DAY_S, source="camera 0")
            store.write_spans(number, [span(at) for at in range(spans)])
            prompt = store.add_prompt(number, ShownPrompt(50.0, "cat_cow", None, Step.SOFT, None))
            store.answer_prompt(prompt, Answer.DONE, START + day * DAY_S + 60)
            if ended or day < days - 1:
                store.end_session(number)


def span(at: int) -> Span:
    """One of ten seconds."""
    posture = (Posture.NEUTRAL, Posture.FLEXED, Posture.UNKNOWN)[at % 3]
    return Span(at * 10.0, at * 10.0 + 10.0, posture, None, "gap" if at % 3 == 2 else None)


def rows(path: Path, table: str) -> set[tuple[object, ...]]:
    """What a table holds, without numbers."""
    columns = COLUMNS.get(table, "*")
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute(f"SELECT {columns} FROM {table}"))


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound database."""
    path = tmp_path_factory.mktemp("whole") / "posture.db"
    fill(path, ended=False)
    return path


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copy(whole, tmp_path / "broken.db"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The one in use."""
    with Store.open(tmp_path / "new" / "posture.db", clock=lambda: START) as one:
        yield one


def test_all_of_a_sound_database_is_recovered_and_only_once(damaged: Path, store: Store) -> None:
    """Every row of every table comes over, an unended session as ended hard where it was last written; again: all is there."""
    before = damaged.read_bytes()
    done = recover(damaged, store)
    assert done.added == {"self_reports": 2, "profiles": 2, "kept": 1, "sessions": 6, "spans": 3600, "prompts": 6}
    assert not done.gaps
    assert not done.refused
    for table in ("profiles", "kept", "spans"):
        assert rows(damaged, table) == rows(store.path, table)
    last = store.sessions_between(START + 5 * DAY_S, START + 6 * DAY_S)[-1]
    assert (last.ended, last.ended_utc) == (Ended.HARD, START + 5 * DAY_S + 6000.0)
    again = recover(damaged, store)
    assert not again.added
    assert again.there == done.added
    assert damaged.read_bytes() == before
    assert not [p for p in damaged.parent.iterdir() if p.name.startswith(".recover")]


def test_what_stands_in_the_log_alone_is_recovered(tmp_path: Path, store: Store) -> None:
    """A damaged file's log holds the newest rows; they come over, also where the first page of the file is gone."""
    path = tmp_path / "old" / "posture.db"
    with Store.open(path) as old:
        old._db.execute("PRAGMA wal_autocheckpoint = 0")
        number = old.start_session(origin=Origin.LIVE, started_utc=START, source="camera 0")
        old.add_span(number, Span(0.0, 77.0, Posture.FLEXED))
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", tmp_path / f"broken.db{end}")
    broken = tmp_path / "broken.db"
    assert recover(broken, store).added["spans"] == 1
    assert store.spans_between(START, START + 100)[0].end_utc == START + 77.0


def test_without_its_first_page_the_rows_are_read_from_the_others(damaged: Path, store: Store) -> None:
    """Head and list of tables are zeros: all that stands on other pages comes over, long texts too."""
    zero_first_page(damaged)
    done = recover(damaged, store)
    assert done.added == {"self_reports": 2, "profiles": 2, "kept": 1, "sessions": 6, "spans": 3600, "prompts": 6}
    assert len(store.load_profile("desk").data["angles"]) == 1500
    assert done.gaps
    store.check()


@pytest.mark.parametrize("seed", range(times("DAMAGES", 12)))
def test_flipped_bits_cost_the_pages_they_are_on(seed: int, damaged: Path, whole: Path, store: Store) -> None:
    """Bits flipped in a tenth of the pages: recovering ends, invents no row of undamaged pages, and most rows come over."""
    flip(seed, 0.1)(damaged)
    done = recover(damaged, store)
    store.check()
    saved = rows(store.path, "spans")
    assert len(saved & rows(whole, "spans")) >= 2400
    assert len(saved - rows(whole, "spans")) <= 400
    for session in store.sessions_between(0, 1e11):
        assert session.ended is not None
    note("recover after flipped bits", seed=seed, spans_of_3600=len(saved & rows(whole, "spans")), gaps=sum(done.gaps.values()))


def test_a_truncated_file_gives_what_is_left(damaged: Path, whole: Path, store: Store) -> None:
    """The last third is gone: the rest comes over, and it is said that some may be missing."""
    truncate(damaged)
    done = recover(damaged, store)
    saved = rows(store.path, "spans")
    assert 1000 <= len(saved & rows(whole, "spans")) < 3600
    assert saved <= rows(whole, "spans")
    assert done.gaps


@pytest.mark.parametrize(
    "content", [b"", b"no", b"this is no database. " * 2000, os.urandom(100_000)], ids=["empty", "short", "text", "noise"]
)
def test_nothing_comes_of_what_never_was_a_database(content: bytes, tmp_path: Path, store: Store) -> None:
    """No row is made up."""
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    assert not recover(path, store).added
    assert not any(rows(store.path, table) for table in TABLES)


def test_spans_without_their_session_get_a_substitute(damaged: Path, store: Store) -> None:
    """A session whose row cannot be read does not take its spans along."""
    with closing(sqlite3.connect(damaged)) as db:
        db.execute("DELETE FROM sessions WHERE id = 2")
        db.commit()
    recover(damaged, store)
    found = store.sessions_between(START + DAY_S, START + 1.5 * DAY_S)
    assert [s.source for s in found] == [recovering.SUBSTITUTE]
    assert found[0].ended_utc == START + DAY_S + 6000.0
    assert len(store.spans_between(START + DAY_S, START + 1.5 * DAY_S)) == 600


# In a session


@pytest.mark.parametrize(
    "damage", [flip(1, 0.6), truncate, no_database, zero_first_page], ids=["flipped", "truncated", "no database", "zeros"]
)
def test_damage_in_mid_session(damage: Callable[[Path], None], tmp_path: Path) -> None:
    """The file turns out damaged while a session runs: kept aside, a new one has the whole session, reports and calibrations
    are carried over as far as they can be read, it is said in one line, and monitoring goes on."""
    path = tmp_path / "data" / "posture.db"
    fill(path, days=3)
    with Store.open(path) as store:
        session = Fast(store, START + 100 * DAY_S)
        session.run(200.0)
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        damage(path)
        store._db.execute("PRAGMA cache_size = 0")
        session.run(600.0)
        session.end()
        if not kept_aside(path):
            pytest.skip("SQLite wrote over the damage before it met it")
        store.check()
        spans = store.spans_between(START + 100 * DAY_S, START + 101 * DAY_S)
        kept = [p.name for p in store.list_profiles()]
    aside = kept_aside(path)
    assert len(aside) == 1
    assert aside[0].name.startswith("posture.db.damaged-")
    said = [words for words in session.watcher.said if "damaged" in words]
    assert len(said) == 1
    assert str(aside[0]) in said[0]
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    assert spans[0].start_utc == START + 100 * DAY_S
    assert spans[-1].end_utc - spans[0].start_utc == session.now_s
    assert set(kept) <= {"desk", "sofa"}


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_is_taken_away_in_mid_session(how: str, tmp_path: Path) -> None:
    """Deleted, or a backup put in its place, while it is open: the session is written to what lies there now, whole."""
    path, copy = tmp_path / "data" / "posture.db", tmp_path / "backup.db"
    fill(copy, days=2)
    with Store.open(path) as store:
        session = Fast(store, START + 100 * DAY_S)
        session.run(200.0)
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink()
        path.unlink()
        if how == "replaced":
            copy.replace(path)
        session.run(300.0)
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
def test_a_damaged_database_at_the_start(damage: Callable[[Path], None], home: Path) -> None:
    """The monitor sets it aside, says so in one line, begins a new one, and carries reports over; recover then saves the rest."""
    path = default_path()
    fill(path)
    damage(path)
    content = path.read_bytes()
    said: list[str] = []
    with recovering.open_whole(said.append) as store:
        store.check()
        flags = [r.kind for r in store.reports()]
    (aside,) = kept_aside(path)
    assert aside.read_bytes() == content
    assert len(said) == 1
    assert "\n" not in said[0]
    assert str(aside) in said[0]
    if damage is zero_first_page:
        assert ReportKind.NUMB in flags  # a referral that waits is not lost
    assert run(["data", "recover"]) == 0
    if damage is not no_database:
        with Store.open() as store:
            assert len(store.spans_between(0, 1e11)) >= 1000


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


def test_recover_by_command(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A damaged database in use is set aside by the command itself; counts are said; with nothing to recover that is said."""
    path = default_path()
    assert run(["data", "recover"]) == 1
    fill(path)
    assert run(["data", "recover"]) == 1
    assert "is sound" in " ".join(capfd.readouterr().err.split())
    truncate(path)
    with pytest.raises(DamagedError), Store.open(path) as store:
        store.check()
    assert run(["data", "recover"]) == 0
    told = " ".join(capfd.readouterr().out.split())
    assert "recovered from" in told
    assert "spans" in told
    assert "not all could be read" in told
    with Store.open() as store:
        store.check()
    assert run(["data", "recover", str(home / "nothing.db")]) == 1
    with pytest.raises(StoreError, match="in use, and sound"):
        recovering.source_of(path, path)
