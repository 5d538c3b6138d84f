"""The disk is full, may not be written to, or another program holds the database: said in words, and nothing of it ends a session."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from faults.fast import Fast, environment
from faults.figures import note
from posture.errors import StoreError
from posture.storage.records import SessionEnd
from posture.storage.store import Store

START = 1_767_600_000.0
FILLS = """
import errno, json, os, sys
from itertools import pairwise
from pathlib import Path
from faults.fast import Fast
from posture.storage.store import Store

folder, began = Path(sys.argv[1]), 1_767_600_000.0

def fill():
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096, 256, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC

with Store.open(folder / "data" / "posture.db") as store:
    session = Fast(store, began)
    session.run(120.0)
    fill()
    session.run(600.0)
    waiting, trouble, shown = session.backlog.waiting, session.backlog.trouble, session.watcher.last.words
    (folder / "filler").unlink()
    session.run(60.0)
    again = session.backlog.trouble
    session.end()
    store.check()
    spans = store.spans_between(began, began + 1e6)
    print(json.dumps({
        "said": session.watcher.said, "waiting": waiting, "trouble": trouble, "shown": shown, "again": again,
        "tiled": all(a.end_utc == b.start_utc for a, b in pairwise(spans)), "end_s": spans[-1].end_utc - began, "now_s": session.now_s,
        "spans": len(spans), "expected": len(session.monitor.total.spans),
        "prompts": len(store.prompts_between(began, began + 1e6)), "shown_prompts": len(session.monitor.total.shown),
    }))
"""


def on_a_small_disk(folder: Path, code: str, size: str = "12m", after: str = ":") -> subprocess.CompletedProcess[str]:
    """Run a program with a real file system of its own, of that size, mounted at `folder`; `after` runs in the shell before it."""
    folder.mkdir()
    shell = f'mount -t tmpfs -o size={size},mode=0700 none "$1" && {after} && exec "$2" -c "$3" "$1"'
    argv = ["unshare", *(["-m"] if os.geteuid() == 0 else ["-rm"]), "sh", "-c", shell, "sh", str(folder), sys.executable, code]
    try:
        ran = subprocess.run(argv, env=environment(), text=True, capture_output=True, timeout=300, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if ran.returncode and ("unshare:" in ran.stderr or "mount:" in ran.stderr):
        pytest.skip(f"no mounts of one's own here: {ran.stderr.strip()}")
    return ran


def result(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What the program printed."""
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def test_a_disk_that_fills_in_mid_session(tmp_path: Path) -> None:
    """10 min on a full disk: said once, shown, kept in memory; with room again all is written, in place, and that is said."""
    found = result(on_a_small_disk(tmp_path / "disk", FILLS))
    told = [words for words in found["said"] if words.startswith("Measurements")]
    assert len(told) == 2, told
    assert "the disk is full" in told[0]
    assert "\n" not in told[0]
    assert "being saved again" in told[1]
    assert found["waiting"] > 5
    assert "the disk is full" in found["trouble"]
    assert "the disk is full" in found["shown"]
    assert found["again"] == ""
    assert found["tiled"]
    assert found["end_s"] == pytest.approx(found["now_s"])
    assert found["spans"] == found["expected"]
    assert found["prompts"] == found["shown_prompts"] > 0
    note("full disk in mid-session", full_s=600, writes_that_waited=found["waiting"], lost=0)


WATCHES = """
import os, subprocess, sys
folder = sys.argv[1]
env = os.environ | {"POSTURE_DATA_DIR": folder + "/data", "POSTURE_CONFIG": folder + "/config.toml"}
argv = [sys.executable, "-m", "posture", "watch", "--no-setup", "--no-tray", "--camera", "http://127.0.0.1:9/x"]
ran = subprocess.run(argv, env=env, text=True, capture_output=True, timeout=100)
print(ran.returncode)
print(ran.stderr + ran.stdout)
"""


@pytest.mark.parametrize(
    ("after", "says"),
    [('head -c 20000000 /dev/zero > "$1"/filler 2>/dev/null; true', "space|full"), ('mount -o remount,ro none "$1"', "[Rr]ead-only")],
)
def test_a_start_where_nothing_can_be_written(tmp_path: Path, model_file: Path, after: str, says: str) -> None:
    """A disk that is full, or may only be read, when the monitor starts: one line that says so, exit code 1, no traceback."""
    import re  # noqa: PLC0415

    ran = on_a_small_disk(tmp_path / "disk", WATCHES, after=after)
    assert ran.returncode == 0, ran.stderr
    code, _, said = ran.stdout.partition("\n")
    assert code == "1"
    assert "Traceback" not in said
    assert re.search(says, said), said
    assert str(tmp_path / "disk") in said.replace("\n", "")


def test_a_folder_that_becomes_read_only_in_mid_session(tmp_path: Path) -> None:
    """An unprivileged user's data folder loses its right to be written: what is open goes on being written, nothing is lost."""
    code = """
import json, os, sys
from pathlib import Path
folder = Path(sys.argv[1]) / "data"
from faults.fast import Fast
from posture.storage.store import Store
with Store.open(folder / "posture.db") as store:
    session = Fast(store, 1_767_600_000.0)
    session.run(150.0)
    folder.chmod(0o500)
    if os.geteuid() == 0:
        for path in (folder.parent, folder, *folder.iterdir()):
            os.chown(path, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)
    try:
        (folder / "x").touch()
    except PermissionError:
        session.run(150.0)
    session.end()
    print(json.dumps({"end_s": store.spans_between(0, 1e11)[-1].end_utc - 1_767_600_000.0, "said": session.watcher.said}))
"""
    ran = on_a_small_disk(tmp_path / "disk", code)
    assert result(ran)["end_s"] == 300.0


def test_a_database_that_another_program_holds_in_mid_session(tmp_path: Path) -> None:
    """Held for five minutes of the session: said once, and all is there afterwards; held at the end, the last try is patient."""
    path = tmp_path / "data" / "posture.db"
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        session = Fast(store, START)
        session.run(60.0)
        store.set_busy_timeout(0.1)  # each try would take seconds
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(5):
            session.run(60.0)
        assert session.backlog.waiting > 2
        other.execute("ROLLBACK")
        session.run(30.0)
        assert session.backlog.waiting == 0
        other.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(3.0, other.execute, ["ROLLBACK"])
        release.start()
        session.end()
        release.join()
        spans = store.spans_between(START, START + 1e6)
        assert store.session(1).ended is SessionEnd.COMPLETE
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    assert spans[-1].end_utc - START == session.now_s
    assert [words.count("another program") for words in session.watcher.said if words.startswith("Measurements")][:2] == [1, 0]
    note("database locked in mid-session", held_s=300, lost=0)


def test_a_database_that_is_held_at_the_start(home: Path, model_file: Path) -> None:
    """A monitor that starts meanwhile waits ten seconds, and then says in one line what is in the way."""
    with Store.open() as store:
        path = store.path
    env = os.environ | {"POSTURE_DATA_DIR": str(path.parent)}
    argv = [sys.executable, "-m", "posture", "watch", "--no-setup", "--no-tray", "--camera", "http://127.0.0.1:9/x"]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began_s = time.monotonic()
        ran = subprocess.run(argv, env=env, text=True, capture_output=True, timeout=60, check=False)
        took_s = time.monotonic() - began_s
    assert ran.returncode == 1
    assert "another program is writing to it" in " ".join((ran.stderr + ran.stdout).split())
    assert "Traceback" not in ran.stderr
    assert took_s < 40.0


def test_what_could_not_be_written_to_the_end_is_said(tmp_path: Path) -> None:
    """A database that is still held when the session has ended: an error in words, not silence."""
    path = tmp_path / "data" / "posture.db"
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        session = Fast(store, START)
        session.run(30.0)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="the last of what was measured could not be written"):
            session.end()
        other.execute("ROLLBACK")


def test_memory_is_bounded_while_nothing_can_be_written(tmp_path: Path) -> None:
    """Beyond the limit the oldest are lost, and how many is said; what is left is written."""
    path = tmp_path / "data" / "posture.db"
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        session = Fast(store, START, most=15)
        store.set_busy_timeout(0.0)
        session.run(60.0)
        other.execute("BEGIN EXCLUSIVE")
        session.run(500.0)
        assert 10 <= session.backlog.waiting <= 15  # what depends on a lost entry has nothing left to write
        other.execute("ROLLBACK")
        session.run(20.0)
        session.end()
        assert any("oldest" in words and "are lost" in words for words in session.watcher.said)
        store.check()


READS = """
import io, json, os, subprocess, sys, time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from faults.test_replaced import a_day, killed
from posture.cli.app import run
folder, elsewhere, how = Path(sys.argv[1]), Path(sys.argv[1] + "-elsewhere"), os.environ["HOW"]
began = time.time() - 7200.0
path = folder / "data" / "posture.db"
path.parent.mkdir(mode=0o700)
a_day(path, 0, 20)
if how != "whole":
    killed(path, began, 600)
os.environ |= {"POSTURE_DATA_DIR": str(path.parent), "POSTURE_CONFIG": str(elsewhere / "config.toml")}
def said(*words):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(out):
        code = run(list(words))
    return code, out.getvalue()
assert said("log", "numb", "--note", "marker")[0] == 0
if how != "whole":
    killed(path, began - 3600.0, 300)
if how == "no index":
    Path(f"{path}-shm").unlink()
if os.environ["FULL"]:
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096, 256, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
else:
    subprocess.run(["mount", "-o", "remount,ro", "none", str(folder)], check=True)
before = {p.name: p.read_bytes() for p in path.parent.glob("posture.db*") if not p.name.endswith("-shm")}
found = {}
for name, argv in {
    "today": ["today", "--json"], "list": ["log", "list"], "retention": ["data", "retention"],
    "export": ["data", "export", str(elsewhere / "out.json")], "backup": ["data", "backup", str(elsewhere / "b.db")],
}.items():
    found[name] = said(*argv)
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("full", "how"),
    [
        ("full", "killed"),
        ("full", "no index"),
        ("", "no index"),
        ("", "whole"),
        pytest.param("full", "whole", marks=pytest.mark.soak),
        pytest.param("", "killed", marks=pytest.mark.soak),
    ],
)
def test_what_only_reads_works_where_nothing_can_be_written(full: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk and one that may only be read, also with the log of a killed process: the day, reports, export and backup elsewhere."""
    elsewhere = tmp_path / "disk-elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("FULL", full)
    monkeypatch.setenv("HOW", how)
    found = result(on_a_small_disk(tmp_path / "disk", READS))
    for name in ("today", "list", "retention", "export", "backup"):
        assert found[name][0] == 0, (name, found[name][1])
    assert "marker" in found["list"][1]
    spans = json.loads((elsewhere / "out.json").read_text())["tables"]["spans"]
    assert len(spans) == (20 if how == "whole" else 920)
    with Store.open(elsewhere / "b.db") as store:
        assert len(store.spans_between(0, 1e11)) == len(spans)
        assert len(store.reports()) == 1
