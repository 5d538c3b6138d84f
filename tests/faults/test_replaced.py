"""Another file in the database's place, with a log left there or a session running: no mix, nothing lost, no second twice."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from faults.fast import Fast, environment
from faults.figures import times
from posture.storage.exchange.exporting import backup
from posture.storage.log_owner import log_belongs
from posture.storage.records import Origin
from posture.storage.schema import kept_aside
from posture.storage.store import Store
from posture.types import Posture, Span

START = 1_767_600_000.0
DAY_S = 86400.0
KILLED = """
import os, signal, sys
from posture.storage.store import Store
from posture.storage.records import Origin
from posture.types import Posture, Span
path, began, spans = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
store = Store.open(path)
store._db.execute("PRAGMA synchronous = OFF")
number = store.start_session(origin=Origin.LIVE, started_utc=began, source="camera 0")
for at in range(spans):
    store.add_span(number, Span(at * 1.0, at + 1.0, Posture.FLEXED))
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(path: Path, began_utc: float, spans: int) -> None:
    """A process that wrote so many spans of a second and was killed; its log lies there."""
    ran = subprocess.run([sys.executable, "-c", KILLED, str(path), str(began_utc), str(spans)], env=environment(), check=False)
    assert ran.returncode == -signal.SIGKILL
    assert Path(f"{path}-wal").stat().st_size > 0


def a_day(path: Path, day: int, spans: int) -> None:
    """A whole session."""
    with Store.open(path) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START + day * DAY_S, source="camera 0")
        store.write_spans(number, [Span(at * 1.0, at + 1.0, Posture.NEUTRAL) for at in range(spans)])
        store.end_session(number)


def quiet(path: Path) -> None:
    """As if it was copied some seconds ago."""
    os.utime(path, (time.time() - 60,) * 2)


def copied(source: Path, path: Path) -> None:
    """Over the same file."""
    shutil.copyfile(source, path)
    quiet(path)


def moved(source: Path, path: Path) -> None:
    """Another file of that name."""
    part = path.with_name("part")
    shutil.copyfile(source, part)
    part.replace(path)
    quiet(path)


@pytest.mark.parametrize("put", [copied, moved])
@pytest.mark.parametrize("seed", range(times("RESTORES", 3)))
def test_a_backup_put_in_place_by_hand_beside_the_log_of_a_killed_process(
    put: Callable[[Path, Path], None], seed: int, tmp_path: Path
) -> None:
    """The log of the file before is not applied to it: what is read is the backup, sound and whole, and the log is kept aside."""
    path, copy = tmp_path / "posture.db", tmp_path / "backup.db"
    a_day(path, 0, 300)
    with Store.open(path) as store:
        backup(store, copy)
    a_day(path, 1, 200 * (1 + seed % 3))
    killed(path, START + 2 * DAY_S, 150 + 700 * (seed % 3))
    put(copy, path)
    with Store.open(path) as store:
        store.check()
        assert [len(store.spans_between(START + d * DAY_S, START + (d + 1) * DAY_S)) for d in range(3)] == [300, 0, 0]
    assert len(list(tmp_path.glob("posture.db.damaged-*-wal"))) == 1
    assert not kept_aside(path)


def test_a_backup_made_while_the_log_was_written_is_what_is_read(tmp_path: Path) -> None:
    """Its state is one of those in the log; it is a copy all the same, not what the log goes on from."""
    path, copy = tmp_path / "posture.db", tmp_path / "backup.db"
    with Store.open(path) as store:
        number = store.start_session(origin=Origin.LIVE, started_utc=START, source="camera 0")
        store.add_span(number, Span(0.0, 10.0, Posture.NEUTRAL))
        backup(store, copy)
        store.add_span(number, Span(10.0, 20.0, Posture.NEUTRAL))
        left = tmp_path / "left"
        left.mkdir()
        for end in ("", "-wal"):
            shutil.copyfile(f"{path}{end}", left / f"posture.db{end}")
    copied(copy, left / "posture.db")
    with Store.open(left / "posture.db") as store:
        assert len(store.spans_between(0, 1e11)) == 1


@pytest.mark.parametrize("spans", [1, 40, 1500])
def test_the_log_of_a_killed_process_is_its_databases_own(spans: int, tmp_path: Path) -> None:
    """Killed before, and long after, the log was first copied into the file: all that was written is there."""
    path = tmp_path / "posture.db"
    a_day(path, 0, 50)
    killed(path, START + DAY_S, spans)
    assert log_belongs(path)
    with Store.open(path) as store:
        assert len(store.spans_between(START + DAY_S, START + 2 * DAY_S)) == spans
    assert not list(tmp_path.glob("*damaged*"))


def test_a_log_that_was_partly_copied_or_rewritten_is_its_own(tmp_path: Path) -> None:
    """Checkpoints that a reader holds up, begun logs, and a rewritten file: never taken for another's."""
    path = tmp_path / "posture.db"
    a_day(path, 0, 5)
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        number = store.start_session(origin=Origin.LIVE, started_utc=START + DAY_S, source="camera 0")
        for turn in range(60):
            store.add_span(number, Span(turn * 1.0, turn + 1.0, Posture.NEUTRAL))
            if turn % 7 == 0:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM spans").fetchone()
            if turn % 7 == 4:
                reader.execute("COMMIT")
            if turn % 3 == 0:
                store._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if turn == 30:
                store._db.execute("VACUUM")
            assert log_belongs(path)
            assert store.in_place


@pytest.mark.parametrize("put", [copied, moved])
@pytest.mark.parametrize("when", ["of an earlier day", "of this session"])
def test_a_backup_is_put_in_place_under_a_running_session(put: Callable[[Path, Path], None], when: str, tmp_path: Path) -> None:
    """What it holds stays, the session is in it once and whole, nothing is set aside as damaged."""
    path, copy = tmp_path / "posture.db", tmp_path / "backup.db"
    a_day(path, 0, 300)
    with Store.open(path) as store:
        backup(store, copy)
        session = Fast(store, START + 100 * DAY_S)
        session.run(60.0)
        if when == "of this session":
            backup(store, copy, force=True)
        session.run(40.0)
        put(copy, path)
        session.run(60.0)
        session.end()
    with Store.open(path) as store:
        store.check()
        spans = store.spans_between(START + 100 * DAY_S, START + 101 * DAY_S)
        sessions = store.sessions_between(START, START + 200 * DAY_S)
        assert len(store.spans_between(START, START + DAY_S)) == 300
        raw = store._db.execute("SELECT sum(end_utc - start_utc) FROM spans WHERE start_utc >= ?", (START + 100 * DAY_S,)).fetchone()[0]
    assert len(sessions) == 2
    assert spans[0].start_utc == START + 100 * DAY_S
    assert spans[-1].end_utc - spans[0].start_utc == session.now_s
    assert raw == pytest.approx(session.now_s)
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    assert not kept_aside(path)
    assert len(list(tmp_path.glob("posture.db.damaged-*-wal"))) == 1
    assert not [words for words in session.watcher.said if "damaged" in words]


def test_a_copy_that_is_still_being_made_is_not_set_aside(tmp_path: Path) -> None:
    """Half of a backup lies in the database's place while the session writes: it waits until the copy is whole."""
    path, copy = tmp_path / "posture.db", tmp_path / "backup.db"
    a_day(path, 0, 2000)
    with Store.open(path) as store:
        backup(store, copy)
        session = Fast(store, START + 100 * DAY_S)
        session.run(100.0)
        content = copy.read_bytes()
        with path.open("r+b") as file:
            file.truncate(0)
            file.write(content[: len(content) // 2])
            file.flush()
            session.run(15.0)
            file.write(content[len(content) // 2 :])
        session.run(1.0)
        quiet(path)
        session.run(60.0)
        session.end()
    with Store.open(path) as store:
        store.check()
        assert len(store.spans_between(START, START + DAY_S)) == 2000
        spans = store.spans_between(START + 100 * DAY_S, START + 101 * DAY_S)
    assert spans[-1].end_utc - spans[0].start_utc == session.now_s
    assert not kept_aside(path)


WRITES = """
import sys, time
from posture.storage.records import Origin
from posture.storage.store import Store
from posture.types import Posture, Span
with Store.open(sys.argv[1]) as store:
    store._db.execute("PRAGMA wal_autocheckpoint = 5")
    store._db.execute("PRAGMA synchronous = OFF")
    number = store.start_session(origin=Origin.LIVE, started_utc=1e9, source="camera 0")
    print("writes", flush=True)
    began_s, at = time.monotonic(), 0
    while time.monotonic() - began_s < 4.0:
        store.add_span(number, Span(at * 1.0, at + 1.0, Posture.NEUTRAL))
        at += 1
    print(at)
"""


def test_a_log_that_is_written_and_copied_while_it_is_looked_at_is_its_own(tmp_path: Path) -> None:
    """Thousands of writes and checkpoints in another process: the log is never taken for another's, and all can be opened meanwhile."""
    path = tmp_path / "posture.db"
    with subprocess.Popen([sys.executable, "-c", WRITES, str(path)], env=environment(), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        looks = 0
        while child.poll() is None:
            assert log_belongs(path)
            looks += 1
            if looks % 50 == 0:
                Store.open(path).close()
        written = int(child.stdout.read())
    assert looks > 20
    with Store.open(path) as store:
        assert len(store.spans_between(0, 1e11)) == written
    assert not list(tmp_path.glob("*damaged*"))
