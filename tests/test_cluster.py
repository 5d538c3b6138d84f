"""Recordings analysed by a real scheduler and real workers on this machine, some of which are lost, late, blind or of another version."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import people
import psutil
import pytest
from conftest import ROOT, SAMPLES
from jobs import job_of, same_result, summary_of, table
from test_no_socket import internet_sockets

pytest.importorskip("distributed", reason="Dask (extra cluster) is not installed")

from posture.cli.app import run
from posture.errors import PostureError
from posture.pose import weights
from posture.recordings import dask_pool as cluster, work_items, worker
from posture.recordings.analysis import analyze
from posture.reports import write_all
from posture.settings import MeasureSettings, Settings

SIDE = SAMPLES / "side_mixed_male1.mp4"
DASK = [sys.executable, "-m", "dask", "{}", "--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1"]


@dataclass(slots=True)
class Dask:
    """A scheduler, and workers that come and go."""

    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, what: str, *more: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a scheduler or a worker."""
        command = [part.format(what) for part in DASK]
        path = os.pathsep.join(p for p in (environ.pop("first", ""), str(ROOT), os.environ.get("PYTHONPATH", "")) if p)
        with (self.folder / f"{what}-{len(self.processes)}.log").open("wb") as log:
            env = {**os.environ, **environ, "PYTHONPATH": path}
            self.processes.append(subprocess.Popen([*command, *more], stdout=log, stderr=log, env=env, cwd=self.folder))
        return self.processes[-1]

    def worker(self, *more: str, **environ: str) -> subprocess.Popen[bytes]:
        """A worker for one recording at a time; it needs a moment to come."""
        kind = more or ("--no-nanny",)
        return self.start("worker", self.address, "--nthreads", "1", "--local-directory", str(self.folder), *kind, **environ)

    def end(self) -> None:
        """End them all."""
        for process in reversed(self.processes):
            if process.poll() is None:
                family = [*psutil.Process(process.pid).children(recursive=True), process]
                process.kill()  # a nanny first: it would start its worker anew
                for member in family:
                    with suppress(psutil.NoSuchProcess):
                        member.kill()
            process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[Dask]:
    """A scheduler without workers; it and all that is started with it ends."""
    found = Dask(folder)
    found.folder.mkdir()
    file = found.folder / "scheduler.json"
    try:
        found.start("scheduler", "--port", "0", "--scheduler-file", str(file))
        wait_for(file.exists)
        wait_for(lambda: "tcp://" in file.read_text(encoding="utf-8"))
        found.address = "tcp://" + file.read_text(encoding="utf-8").split('"tcp://')[1].split('"')[0]
        yield found
    finally:
        found.end()


@pytest.fixture
def dask(tmp_path: Path, home: Path, model_file: Path) -> Iterator[Dask]:
    """A scheduler of the test's own, without workers."""
    with scheduler(tmp_path / "dask") as found:
        yield found


@pytest.fixture(scope="module")
def at_hand(tmp_path_factory: pytest.TempPathFactory, model_file: Path) -> Iterator[Dask]:
    """A scheduler with one worker, for all tests after which both are as before."""
    folder = tmp_path_factory.mktemp("dask")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTURE_CONFIG", str(folder / "config.toml"))
        patch.setenv("POSTURE_DATA_DIR", str(folder / "data"))
        with scheduler(folder / "dask") as found:
            found.worker()
            yield found


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small recordings."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(3):
        people.changed(SIDE, folder / f"{i}.mp4", people.resized(320, 240), end_s=2.0 + i)
    return folder


def wait_for(happened: Callable[[], bool], seconds: float = 120.0) -> None:
    """Until it has."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.1)


@contextmanager
def command(*words: str) -> Iterator[subprocess.Popen[str]]:
    """``posture analyze`` in a process of its own."""
    argv = [sys.executable, "-m", "posture", "analyze", *words]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ.copy()) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def bystander(address: str) -> Iterator[Any]:
    """A second client that looks on."""
    with cluster.connected(address) as client:
        yield client


def at_work(client: Any) -> dict[str, str]:
    """The workers that have a recording at the moment, by the keys of their orders."""
    return {key: worker for worker, keys in client.processing().items() for key in keys if key.startswith("work-")}


def busy_pid(client: Any, pids: dict[str, int]) -> int:
    """The process of a worker that is at work on a recording."""
    wait_for(lambda: bool(at_work(client)))
    return pids[next(iter(at_work(client).values()))]


def test_a_worker_that_is_killed_costs_a_new_try_and_not_the_run(dask: Dask, clips: Path, tmp_path: Path) -> None:
    """Two workers, one killed while it works: every recording is complete, one took two tries, and all are what this machine finds."""
    dask.worker()
    dask.worker()
    out = tmp_path / "out"
    with bystander(dask.address) as client:
        client.wait_for_workers(2, timeout=30)
        pids = client.run(os.getpid)
        with command(str(clips), "--out", str(out), "--scheduler", dask.address) as process:
            os.kill(busy_pid(client, pids), signal.SIGKILL)
            said, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "was lost; another one starts it again (1 of 3)" in err
    assert "Traceback" not in err
    rows = table(out)
    assert {r["status"] for r in rows.values()} == {"complete"}
    assert sorted(r["tries"] for r in rows.values()) == ["1", "1", "2"]
    assert "table of all: archive.csv" in said
    assert run(["analyze", str(clips / "0.mp4"), "--out", str(tmp_path / "here")]) == 0
    assert same_result(tmp_path / "here", out / "0.posture")


def test_a_long_recording_is_shared_between_workers_and_a_killed_one_costs_a_part(dask: Dask, model_file: Path, tmp_path: Path) -> None:
    """Two workers measure its parts, one is killed: no more than its order is done again, and the result is that of one process."""
    video = people.looped(SIDE, tmp_path / "long.mp4", 2, people.resized(480, 360), key_every=25)
    job = replace(job_of(model_file), settings=Settings(measure=MeasureSettings(rate_hz=2.0)), part_s=5.0)
    dask.worker()
    dask.worker()
    said: list[str] = []
    carried: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        with bystander(dask.address) as client:
            pids = client.run(os.getpid)
            while not over.wait(0.1):
                carried.update(at_work(client))
                if len(at_work(client)) == 2 and len(carried) >= 4 and len(pids) == 2:
                    os.kill(pids.pop(at_work(client).popitem()[1]), signal.SIGKILL)

    with cluster.connected(dask.address) as client:
        client.wait_for_workers(2, timeout=30)
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            (found,) = cluster.analyze_on_cluster(client, [video], job, say=said.append)
        finally:
            over.set()
            watcher.join()
    assert len(carried) >= 8  # it is begun, ten parts, one of them twice, and it is finished
    assert [re.sub(r"tcp://\S+", "W", line) for line in said if "lost" in line] == said_of_a_loss(said)
    assert found.tries == 2
    alone = analyze(video, job)
    for file in write_all(alone, tmp_path, job.catalogue):
        if file.suffix == ".csv":
            assert found.files[file.name] == file.read_bytes()
    assert summary_of(found.files["summary.json"]) == summary_of((tmp_path / "summary.json").read_bytes())


def said_of_a_loss(said: list[str]) -> list[str]:
    """The one line that is to be said of a part that is measured anew, with its times as they are."""
    (times,) = [found[0] for line in said if (found := re.search(r"from \d:\d\d (to \d:\d\d|on)", line))]
    return [f"long.mp4 {times}: the worker at W was lost; another one starts it again (1 of 3)"]


def test_a_recording_that_takes_three_workers_with_it_is_given_up(dask: Dask, model_file: Path) -> None:
    """A worker that its nanny starts anew is killed whenever it begins: after the third time the recording is an error."""
    nanny = psutil.Process(dask.worker("--nanny").pid)
    over = threading.Event()
    said: list[str] = []
    killed: set[str] = set()

    def kill() -> None:
        with bystander(dask.address) as client:
            while not over.wait(0.1):
                if new := at_work(client).keys() - killed:
                    killed.update(new)
                    for child in nanny.children():
                        child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with cluster.connected(dask.address) as client:
            answers = list(cluster.analyze_on_cluster(client, [SAMPLES / "desk_day.mp4"], job_of(model_file), say=said.append))
    finally:
        over.set()
        killer.join()
    assert [a.result for a in answers] == [None]
    assert str(answers[0].error) == "desk_day.mp4: 3 workers were lost while working on it"
    assert len(killed) == 3
    assert len([line for line in said if "was lost" in line]) == 2


def test_a_worker_of_another_version_is_given_no_work(dask: Dask, clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It alone: one plain line and exit 1. Beside one that fits: the other does everything."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text("import posture._version\nposture._version.__version__ = '0.0.7'\n", encoding="utf-8")
    dask.worker(first=str(other))
    words = [
        "analyze",
        str(clips / "0.mp4"),
        str(clips / "1.mp4"),
        "--out",
        str(tmp_path / "out"),
        "--scheduler",
        dask.address,
    ]
    assert run(words) == 1
    err = capfd.readouterr().err
    assert "no worker can take work:  tcp://127.0.0.1:" in err
    assert "has posture 0.0.7, and here it is posture" in err
    assert {r["status"] for r in table(tmp_path / "out").values()} == {"not begun"}
    dask.worker()
    with bystander(dask.address) as client:
        client.wait_for_workers(2, timeout=30)
    assert run(words) == 0
    assert {r["status"] for r in table(tmp_path / "out").values()} == {"complete"}
    assert "it gets no work" in capfd.readouterr().err


def test_a_worker_that_cannot_see_a_recording_says_so_in_its_row(
    at_hand: Dask, home: Path, clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The others are analysed, by the way, and can be repeated there; the path and the machine stand in the row."""
    out = tmp_path / "out"
    gone = "/proc/self/cwd/README.md" if Path("/proc/self/cwd").exists() else str(tmp_path / "gone.mp4")
    assert run(["analyze", gone, str(clips / "0.mp4"), "--out", str(out), "--scheduler", at_hand.address]) == 1
    rows = table(out)
    assert rows["0.mp4"]["status"] == "complete"
    assert rows["0.mp4"]["machine"]
    row = rows[Path(gone).name]
    assert row["status"] == "error"
    assert f"sees no file {gone}; its folder must be shared under the same path" in row["error"]
    assert run(["analyze", "--repeat", str(out / "0.posture"), "--scheduler", at_hand.address]) == 0
    assert "readings.csv and episodes.csv: the same" in capfd.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="signals, and names that are no text")
def test_what_is_wrong_with_one_recording_is_its_own(
    dask: Dask, clips: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leaves no room for the results, one that is no UTF-8, a mistake of the program, a native end, a result that
    cannot be stored: a line each, and the other one is done."""
    folder, out, patch = tmp_path / "clips", tmp_path / "out", tmp_path / "patch"
    folder.mkdir()
    patch.mkdir()
    long, odd = "x" * 250 + ".mp4", os.fsdecode(b"caf\xe9.mp4")
    for name in ("a.mp4", odd, long, "bug.mp4", "native.mp4", "stored.mp4"):
        shutil.copy(clips / "0.mp4", folder / name)
    (patch / "sitecustomize.py").write_text(FAULTS, encoding="utf-8")
    dask.worker(first=str(patch))

    def enter(_result: object, video: Path, *_more: object) -> None:
        if video.name == "stored.mp4":
            raise RuntimeError("unforeseen")

    monkeypatch.setattr("posture.cli.analyze_shared.enter", enter)
    assert run(["analyze", str(folder), "--out", str(out), "--scheduler", dask.address]) == 1
    err, rows = capfd.readouterr().err, table(out)
    assert "Traceback" not in err
    errors = {name: row["error"] for name, row in rows.items()}
    assert {n for n, e in errors.items() if not e} == {"a.mp4", "caf\\udce9.mp4"}
    assert "its name is too long" in errors[long]
    assert "bug.mp4: a bug in this program: ZeroDivisionError" in errors["bug.mp4"]
    assert (
        "native.mp4 (320 \N{MULTIPLICATION SIGN} 240): the process that measured it was ended by SIGABRT, 3 times" in errors["native.mp4"]
    )
    assert "stored.mp4: a bug in this program: RuntimeError: unforeseen" in errors["stored.mp4"]
    assert "4 of 6 recordings failed:" in err


FAULTS = """
import os, sys
if any("posture" in word or "dask" in word or "multiprocessing" in word for word in sys.orig_argv):
    from posture.recordings import local_pool, work_items
    analyzed, measure = work_items.analyze_measured, local_pool.measure
    def analyze_measured(measured, job):
        if measured.facts.name == "bug.mp4":
            1 / 0
        return analyzed(measured, job)
    def measured(task, *more):
        if task.video.name == "native.mp4":
            os.abort()
        return measure(task, *more)
    work_items.analyze_measured, local_pool.measure = analyze_measured, measured
"""
"""Mistakes of the program in a worker and in the processes that it starts."""


def test_an_interrupted_run_goes_on_where_it_was(at_hand: Dask, home: Path, clips: Path, tmp_path: Path) -> None:
    """Ctrl-C after the first result: exit 130, it is usable, and --resume measures only the others."""
    out = tmp_path / "out"
    words = (str(clips), "--out", str(out), "--scheduler", at_hand.address)
    with command(*words) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("0.mp4: ")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "to continue, add --resume" in err
    first = table(out)
    assert first["0.mp4"]["status"] == "complete"
    assert {r["status"] for r in first.values()} == {"complete", "not begun"}
    before = (out / "0.posture" / "summary.json").stat().st_mtime_ns
    with command(*words, "--resume") as process:
        said, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "of 3 recordings are already complete" in said
    assert {r["status"] for r in table(out).values()} == {"complete"}
    assert (out / "0.posture" / "summary.json").stat().st_mtime_ns == before


def test_the_command_connects_to_the_scheduler_and_to_nothing_else(at_hand: Dask, home: Path, clips: Path, tmp_path: Path) -> None:
    """Every Internet address that it connects to is the one that was named, workers included: they are reached through it."""
    argv = [sys.executable, "-m", "posture", "analyze", str(clips / "0.mp4"), "--out", str(tmp_path / "out")]
    used = internet_sockets([*argv, "--scheduler", at_hand.address], tmp_path / "trace")
    connected = [line for line in used if re.search(r"\b(connect|sendto|sendmsg|bind)\(", line)]
    port = at_hand.address.rpartition(":")[2]
    assert connected
    assert all(f"htons({port})" in line and '"127.0.0.1"' in line for line in connected), connected


def test_a_scheduler_that_is_lost_ends_the_run_in_one_line(dask: Dask, clips: Path, tmp_path: Path) -> None:
    """Exit 1 soon, and what to do about it; there are recordings enough that it is in the middle of its work."""
    dask.worker()
    with command(str(clips), str(SAMPLES), "--out", str(tmp_path / "out"), "--scheduler", dask.address) as process:
        assert process.stdout is not None
        process.stdout.readline()
        dask.processes[0].kill()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "posture: the scheduler is gone" in err
    assert "--resume" in err
    assert "Traceback" not in err


def test_no_worker_at_all_is_said_and_ends(dask: Dask, model_file: Path) -> None:
    """It is not waited for ever."""
    said: list[str] = []
    with cluster.connected(dask.address) as client, pytest.raises(PostureError, match="no worker has been there for 3 s"):
        list(cluster.analyze_on_cluster(client, [SIDE], job_of(model_file), say=said.append, patience=cluster.Patience(3.0, 3.0)))
    assert said == ["there is no worker; waiting for one"]


def test_what_does_not_go_with_a_scheduler_is_said_before_anything_is_done(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Addresses that are none, nobody there, and options that need this machine."""
    for words, code, line in (
        (["--scheduler", "localhost:8786"], 1, "expected tcp://HOST:PORT"),
        (["--scheduler", "tcp://127.0.0.1:0"], 1, "expected tcp://HOST:PORT"),
        (["--scheduler", "tcp://127.0.0.1:1", "--annotate"], 2, "--annotate reads the recording a second time"),
        (["--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"], 2, "--jobs is for this machine"),
        (["--scheduler", "tcp://127.0.0.1:1", "--cache"], 2, "--cache-dir"),
        (["--scheduler", "tcp://127.0.0.1:1", "--as-day", "2026-03-02 09:00"], 2, "your own day"),
        (["--resume"], 2, "needs --out"),
    ):
        assert run(["analyze", str(SIDE), *words]) == code
        err = capfd.readouterr().err
        assert line in err
        assert len(err.splitlines()) == 1
    assert run(["analyze", "rtsp://nowhere/1", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "the workers cannot read rtsp://nowhere/1" in capfd.readouterr().err


def test_who_a_worker_has_to_be(model_file: Path) -> None:
    """Same program, same landmark library, same Python, same pose model; what differs is named."""
    me = work_items.identity("full")
    assert work_items.unfit(me, me) is None
    assert "posture 9.9" in str(work_items.unfit(me, me | {"posture": "9.9"}))
    assert "mediapipe 1.2" in str(work_items.unfit(me, me | {"mediapipe": "1.2"}))
    assert "Python 3.9" in str(work_items.unfit(me, me | {"python": "3.9"}))
    assert "a different pose model" in str(work_items.unfit(me, me | {"model_sha256": "0"}))
    assert "model fetch" in str(
        work_items.unfit(me, {k: v for k, v in me.items() if k != "model_sha256"} | {"no_model": "run: model fetch"})
    )
    assert weights.path("full") == model_file


def test_a_job_survives_the_way_to_a_worker(model_file: Path) -> None:
    """Settings and catalogue arrive as they were sent."""
    job = job_of(model_file)
    there, _formats = worker.unpacked(work_items.common(job, frozenset())["payload"])
    assert (there.settings, there.catalogue, there.jobs) == (job.settings, job.catalogue, 1)


def test_without_dask_the_option_says_what_to_install() -> None:
    """One line with the extra."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(PostureError, match=r"pip install distributed"):
        cluster.distributed(missing)
