"""``posture data restore``: the backup or what was there before, whole, whenever it is killed; what is no backup is refused."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from mjpeg import MjpegCamera

from faults.fast import environment
from faults.figures import note, times
from faults.test_kills import until_running
from faults.test_replaced import START, a_day, killed
from posture.cli.app import run
from posture.errors import StoreError
from posture.monitor.control.server import Server
from posture.monitor.instance import Instance
from posture.storage.exchange.exporting import backup
from posture.storage.records import SessionEnd
from posture.storage.restoring import restore
from posture.storage.schema import MIGRATIONS, default_path
from posture.storage.store import Store
from posture.types import ReportKind, SelfReport

DAY_S = 86400.0


def days_in(path: Path) -> list[int]:
    """Spans of each of the first three days; the file must be sound."""
    with Store.open(path) as store:
        store.check()
        return [len(store.spans_between(START + d * DAY_S, START + (d + 1) * DAY_S)) for d in range(3)]


def prepared(folder: Path) -> tuple[Path, Path]:
    """A database with three days, the last in the log of a killed process, and a backup with the first."""
    path, copy = folder / "posture.db", folder / "backup.db"
    a_day(path, 0, 300)
    with Store.open(path) as store:
        backup(store, copy)
    a_day(path, 1, 200)
    killed(path, START + 2 * DAY_S, 100)
    return path, copy


def test_a_backup_is_put_in_place_and_what_was_there_is_kept_whole(tmp_path: Path) -> None:
    """Beside the log of a killed process: the backup is in use, and the database before, with its log, is whole under its new name."""
    path, copy = prepared(tmp_path)
    aside = restore(copy, path)
    assert aside is not None
    assert days_in(path) == [300, 0, 0]
    assert days_in(aside) == [300, 200, 100]
    restore(aside, path)
    assert days_in(path) == [300, 200, 100]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_database_behind_a_link(tmp_path: Path) -> None:
    """The file that the link names is replaced, with its log; the link stays."""
    real, copy = prepared(tmp_path)
    path = tmp_path / "elsewhere" / "posture.db"
    path.parent.mkdir()
    path.symlink_to(real)
    aside = restore(copy, path)
    assert path.is_symlink()
    assert days_in(path) == [300, 0, 0]
    assert aside is not None
    assert days_in(aside) == [300, 200, 100]


@pytest.mark.parametrize("there", [False, True])
def test_over_a_damaged_database_and_over_none(there: bool, tmp_path: Path) -> None:
    """What is no database is kept as it is; where there is none, nothing is kept."""
    path, copy = prepared(tmp_path)
    for end in ("-wal", "-shm", ""):
        Path(f"{path}{end}").unlink()
    if there:
        path.write_bytes(b"no database" * 1000)
    aside = restore(copy, path)
    assert (aside is not None) == there
    if aside is not None:
        assert aside.read_bytes() == b"no database" * 1000
    assert days_in(path) == [300, 0, 0]


RESTORES = """
import sys
from pathlib import Path
from posture.storage.records import SessionEnd
from posture.storage.restoring import restore
print("begins", flush=True)
restore(Path(sys.argv[1]), Path(sys.argv[2]))
print("done", flush=True)
"""


def test_killed_while_it_is_restored(tmp_path: Path) -> None:
    """SIGKILL at random moments: what lies there is all of the old or all of the new."""
    made = tmp_path / "made"
    made.mkdir()
    prepared(made)
    chance, found = random.Random(5), {"old": 0, "new": 0}
    longest_s = 0.05
    for turn in range(times("RESTORE_KILLS", 8)):
        folder = tmp_path / str(turn)
        shutil.copytree(made, folder)
        argv = [sys.executable, "-c", RESTORES, str(folder / "backup.db"), str(folder / "posture.db")]
        with subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            began_s = time.monotonic()
            if turn == 0:
                child.stdout.readline()
                longest_s = time.monotonic() - began_s
            else:
                time.sleep(chance.uniform(0.0, longest_s * 1.1))
            child.send_signal(signal.SIGKILL)
        days = days_in(folder / "posture.db")
        assert days in ([300, 200, 100], [300, 0, 0])
        found["new" if days[1] == 0 else "old"] += 1
    note("kills, data restore", **found)


@pytest.mark.parametrize(
    "step",
    ["copy_whole", "_keep", "_put_log_in", "aside_name", "sync_folder"],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_each_step(step: str, when: str, tmp_path: Path) -> None:
    """The same, right before and right after each of them."""
    path, copy = prepared(tmp_path)
    code = f"""
import os, signal, sys
from pathlib import Path
from posture.storage import restoring
step = restoring.{step}
def killed(*args):
    if {when == "after"}:
        step(*args)
    os.kill(os.getpid(), signal.SIGKILL)
restoring.{step} = killed
restoring.restore(Path(sys.argv[1]), Path(sys.argv[2]))
"""
    ran = subprocess.run([sys.executable, "-c", code, str(copy), str(path)], env=environment(), check=False)
    assert ran.returncode == -signal.SIGKILL
    assert days_in(path) == ([300, 0, 0] if step == "sync_folder" else [300, 200, 100])


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """Damaged, another program's, newer, empty, missing, the database itself: one line, and not a byte is changed."""
    path, copy = prepared(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.glob("posture.db*")}
    data = copy.read_bytes()
    bad = tmp_path / "bad.db"
    for content, says in (
        (data[: len(data) // 2], "is damaged"),
        (b"text" * 5000, "is damaged or not a database"),
        (b"", "is empty"),
        (bytes(data[:4096]) + os.urandom(4096 * 3) + data[16384:], "is damaged"),
    ):
        bad.write_bytes(content)
        with pytest.raises(StoreError, match=says):
            restore(bad, path)
    bad.unlink()
    for statement, says in (("PRAGMA application_id = 5", "another program"), (f"PRAGMA user_version = {len(MIGRATIONS) + 1}", "newer")):
        shutil.copyfile(copy, bad)
        with closing(sqlite3.connect(bad)) as db:
            db.execute(statement)
            db.commit()
        with pytest.raises(StoreError, match=says):
            restore(bad, path)
    for none in (tmp_path / "none.db", path):
        with pytest.raises(StoreError, match=r"no such file|in use"):
            restore(none, path)
    assert {p.name: p.read_bytes() for p in tmp_path.glob("posture.db*") if not p.name.endswith("-shm")} == {
        name: content for name, content in before.items() if not name.endswith("-shm")
    }


def test_a_database_that_another_program_has_open_is_not_replaced(tmp_path: Path) -> None:
    """It would go on writing to what is not in use any more."""
    path, copy = prepared(tmp_path)
    with Store.open(path), pytest.raises(StoreError, match="another program"):
        restore(copy, path)
    assert days_in(path) == [300, 200, 100]


def test_by_command(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What backup writes, restore takes; where the other one lies is said; its own report is back."""
    with Store.open() as store:
        store.add_report(SelfReport(START, ReportKind.NUMB))
    copy = home / "b.db"
    assert run(["data", "backup", str(copy)]) == 0
    assert f"to put it back: posture data restore {copy}" in " ".join(capfd.readouterr().out.split())
    with Store.open() as store:
        store.delete_report(1)
    assert run(["data", "restore", str(copy)]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert "restored:" in said
    assert ".before-restore-" in said
    with Store.open() as store:
        assert [r.kind for r in store.reports()] == [ReportKind.NUMB]


def test_a_monitor_that_does_not_stop_is_refused(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One that runs is asked to stop; if it goes on, nothing is touched."""
    with Store.open() as store:
        backup(store, home / "b.db")
    with Instance.claim(), Server(lambda request: request.reply({"pid": 1})):
        assert run(["data", "restore", str(home / "b.db")]) == 1
    assert "still running" in " ".join(capfd.readouterr().err.split())
    assert not list(default_path().parent.glob("*before-restore*"))


def test_under_the_real_monitor(home: Path, model_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """``posture watch`` on a stream: asked to stop, its session is in what is kept, whole; the backup is in use."""
    with Store.open() as store:
        store.add_report(SelfReport(START, ReportKind.NUMB))
        backup(store, home / "b.db")
    images = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=2.0)]
    argv = [sys.executable, "-m", "posture", "watch", "--notify", "none", "--no-tray", "--no-setup"]
    with MjpegCamera(images, fps=10.0) as camera:
        child = subprocess.Popen(
            [*argv, "--camera", camera.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ.copy()
        )
        try:
            until_running(child)
            time.sleep(2.0)
            assert run(["data", "restore", str(home / "b.db")]) == 0
            assert child.wait(10.0) == 0
        finally:
            child.kill()
            child.wait()
    assert "the monitor was stopped for this" in " ".join(capfd.readouterr().out.split())
    with Store.open() as store:
        assert len(store.reports()) == 1
        assert store.sessions_between(0, 1e11) == []
    (aside,) = default_path().parent.glob("*.before-restore-*")
    with Store.open(aside) as store:
        store.check()
        (session,) = store.sessions_between(0, 1e11)
        assert session.ended is SessionEnd.COMPLETE
