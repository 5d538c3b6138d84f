"""What the program keeps is readable by its user alone: from the first byte on, and mended with a word where something opened it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import people
import pytest
from conftest import SAMPLES

from posture._support import private_folder
from posture._support.files import make_folder, whole_file, write_whole
from posture._support.logs import setup
from posture.cli.app import run
from posture.errors import PostureError
from posture.monitor.control.address import run_folder
from posture.monitor.control.server import Server
from posture.storage.privacy import PrivatePlace, places, repair
from posture.storage.records import Origin
from posture.storage.schema import default_path
from posture.storage.store import Store
from posture.types import ReportKind, SelfReport

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


def open_to_others(folder: Path) -> dict[str, str]:
    """Every file, folder and socket under a folder, and it itself, that somebody else could use, with its mode."""
    there = [folder, *folder.rglob("*")]
    return {str(p): oct(stat.S_IMODE(p.lstat().st_mode)) for p in there if p.lstat().st_mode & 0o077 and not p.is_symlink()}


@pytest.fixture
def private_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for everything: data, settings, cache, state, temporary files."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "POSTURE_PAGES_DIR", "POSTURE_LANDMARK_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    return home


USED = """
import os, sys, time
os.umask(0)
from pathlib import Path
from posture.cli.app import run
from posture.monitor.control.address import run_folder
from posture.monitor.control.server import Server
from posture._support.logs import setup
from posture.storage.records import Origin
from posture.storage.store import Store
import logging
with Store.open() as store, setup(run_folder().parent / "logs", most_bytes=300) as log:
    session = store.start_session(origin=Origin.LIVE, started_utc=time.time() - 60, source="cam")
    for i in range(20):
        logging.getLogger("posture.x").info("line %d of the log, which is turned over", i)
    store.end_session(session)
    with Server(lambda _request: None) as server:
        seen = {p for p in Path(os.environ["POSTURE_DATA_DIR"]).rglob("*")}
        bad = [(str(p), oct(p.lstat().st_mode)) for p in seen if p.lstat().st_mode & 0o077]
        names = sorted(p.name for p in seen)
assert not bad, bad
assert {"posture.db", "posture.db-wal", "posture.db-shm", "monitor.log", "monitor.log.1", "control.sock"} <= set(names), names
for argv in (
    ["log", "urge", "--where", "low"],
    ["today", "--html", "today.html"], ["show", "cat_cow_seated", "--no-open"], ["data", "backup", "b.db"],
    ["data", "export", "out"], ["data", "export", "out.json"], ["data", "export", "p", "--format", "parquet"],
    ["data", "export", "--activitywatch", "aw.json"],
):
    code = run(argv)
    assert code == 0, (argv, code)
"""


def test_nothing_is_open_to_others_whatever_the_umask(private_home: Path, tmp_path: Path) -> None:
    """With umask 0: database with -wal and -shm, rotated logs, socket, pages, exports, backup are 0600, their folders 0700."""
    work = tmp_path / "work"
    work.mkdir(mode=0o700)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run([sys.executable, "-c", USED], cwd=work, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    ours = [private_home / "data", private_home / ".cache" / "posture-monitor" / "pages", work]
    assert {p.name for p in work.iterdir()} >= {"b.db", "out", "out.json", "p", "aw.json"}
    assert [open_to_others(p) for p in ours if p.exists()] == [{}] * sum(p.exists() for p in ours)


ANALYSED = """
import os, sys
os.umask(0)
from posture.cli.app import run
names = ["clips", "--out", "a/b/out", "--cache-dir", "c/d", "--annotate", "--format", "trc,mot,srt,vtt,svg", "--rate", "2"]
sys.exit(run(["analyze", *names]))
"""


def test_all_that_analyze_writes_is_its_owners(private_home: Path, model_file: Path, tmp_path: Path) -> None:
    """With umask 0: the table of several recordings, their results and the cache of landmarks, and every folder made for them."""
    work = tmp_path / "work"
    (work / "clips").mkdir(mode=0o700, parents=True)
    work.chmod(0o700)
    for name in ("one.mp4", "two.mp4"):
        people.changed(SAMPLES / "side_mixed_male1.mp4", work / "clips" / name, people.resized(320, 240), end_s=1.0)
        (work / "clips" / name).chmod(0o600)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), "POSTURE_MODEL_DIR": str(model_file.parent)}
    done = subprocess.run([sys.executable, "-c", ANALYSED], cwd=work, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    names = {p.name for p in work.rglob("*")}
    assert names >= {"archive.jsonl", "archive.csv", "annotated.mp4", "summary.json", "readings.csv", "report.html", "recording.json"}
    assert open_to_others(work) == {}


def test_folders_of_the_program_are_its_owners_with_their_parents(tmp_path: Path) -> None:
    """Whatever the umask, nobody else can put anything into a folder above one of ours that was made for it."""
    before = os.umask(0)
    try:
        private_folder(tmp_path / "a" / "b" / "run")
        Store.open(tmp_path / "c" / "d" / "posture.db").close()
        make_folder(tmp_path / "e" / "f")
        make_folder(tmp_path / "e" / "f")
    finally:
        os.umask(before)
    assert {p for p in tmp_path.iterdir() if open_to_others(p)} == set()
    (tmp_path / "file").touch()
    with pytest.raises(PostureError, match="File exists"):
        make_folder(tmp_path / "file")


def test_a_data_folder_that_is_a_link_is_closed_where_it_leads(private_home: Path) -> None:
    """The folder behind the link is closed if it holds nothing else; the database in it is closed in any case."""
    data = filled(private_home)
    data.rename(private_home / "real")
    data.symlink_to(private_home / "real")
    (private_home / "real" / "holiday.txt").touch(mode=0o600)
    assert private_home / "real" not in repair().closed
    assert set(open_to_others(private_home / "real")) == {str(private_home / "real")}
    (private_home / "real" / "holiday.txt").unlink()
    assert repair().closed == (private_home / "real",)
    assert open_to_others(private_home / "real") == {}


def test_results_of_an_analysis_are_their_owners(tmp_path: Path) -> None:
    """Annotated video, landmarks, reports: written through the one place that makes them 0600, also over an older one that was not."""
    before = os.umask(0)
    try:
        (tmp_path / "a.csv").touch(mode=0o666)
        write_whole(tmp_path / "a.csv", b"1")
        with whole_file(tmp_path / "b.mp4") as part:
            assert part.stat().st_mode & 0o077 == 0
            part.write_bytes(b"2")
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.csv", "b.mp4")] == [0o600, 0o600]


def filled(home: Path) -> Path:
    """A data folder as a program that ran leaves it, and then opened to all, as a restored backup is."""
    with Store.open() as store, setup(default_path().parent / "logs"):
        store.end_session(store.start_session(origin=Origin.LIVE, started_utc=1.0, source="cam"))
        store.add_report(SelfReport(2.0, ReportKind.URGE))
    data = default_path().parent
    (data / "posture.db.v1.bak").touch()
    for path in [data, *data.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    return data


def test_a_restored_backup_is_closed_again_with_one_line(private_home: Path) -> None:
    """Folder, database, logs and copies that others could read are closed, and one line names them; a second time nothing is said."""
    data = filled(private_home)
    mended = repair()
    assert open_to_others(data) == {}
    assert data in mended.closed and data / "posture.db" in mended.closed and data / "posture.db.v1.bak" in mended.closed
    assert len(mended.words()) == 1 and "others could read" in mended.words()[0] and "\n" not in mended.words()[0]
    assert repair().words() == []
    with Store.open() as store:  # and it still works
        assert len(store.sessions_between(0.0, 10.0)) == 1


def test_the_command_line_mends_at_its_start(private_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Any command that runs says so on stderr, and does what it was asked; what it prints for programs is untouched."""
    data = filled(private_home)
    assert run(["data", "path"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(data)
    assert said.err.count("closed to them now") == 1
    assert open_to_others(data) == {}
    assert run(["data", "path"]) == 0
    assert capsys.readouterr().err == ""


def test_settings_with_a_password_are_closed(private_home: Path) -> None:
    """The settings file may name a camera's stream with its password."""
    file = private_home / "config.toml"
    file.write_text('[watch]\ncamera = "rtsp://me:secret@host/1"\n')
    file.chmod(0o644)
    assert repair().closed == (file,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_with_other_things_stays_as_it_is(private_home: Path) -> None:
    """A folder that the user named and shares keeps its mode, and so do the files of others in it; only ours are closed."""
    data = filled(private_home)
    (data / "holiday.txt").touch()
    (data / "holiday.txt").chmod(0o644)
    assert data not in repair().closed
    assert sorted(open_to_others(data)) == [str(data), str(data / "holiday.txt")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link that stands where a file of ours could be changes nothing elsewhere."""
    other = tmp_path / "other.txt"
    other.touch()
    other.chmod(0o644)
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "posture.db").symlink_to(other)
    mended = repair([PrivatePlace(folder, True, ("posture.db*",))], tmp_path / "none.toml")
    assert mended.closed == mended.failed == ()
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


def test_what_belongs_to_another_user_is_told(tmp_path: Path) -> None:
    """A file of another user among ours cannot be closed, and that is said."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "posture.db").touch(mode=0o644)
    os.chown(folder / "posture.db", 12345, 12345)
    mended = repair([PrivatePlace(folder, True, ("posture.db*",))], tmp_path / "none.toml")
    assert mended.failed == (folder / "posture.db",)
    assert "could not be changed" in mended.words()[0]


def test_every_place_of_ours_is_known(private_home: Path) -> None:
    """Data, settings, pages, landmarks, and the folders that the environment names; the socket's folder lies in the data."""
    environ = {"POSTURE_PAGES_DIR": str(private_home / "p"), "POSTURE_LANDMARK_DIR": str(private_home / "l")}
    found = [p.folder for p in places(environ)]
    assert {default_path().parent, private_home, private_home / "p", private_home / "l"} <= set(found)
    assert run_folder().parent == default_path().parent


def test_a_running_monitors_files_can_be_mended(private_home: Path) -> None:
    """While a database is open and a server listens, closing modes breaks neither."""
    with Store.open() as store, Server(lambda _request: None) as server:
        data = default_path().parent
        (data / "posture.db").chmod(0o644)
        Path(server.address).chmod(0o666)
        assert repair().words() != []
        session = store.start_session(origin=Origin.FILE, started_utc=1.0, source="x")
        store.end_session(session)
        assert open_to_others(data) == {}
