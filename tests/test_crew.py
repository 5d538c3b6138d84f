"""Several recordings at a time on this machine, long ones shared between the processes: the same results, whoever is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import people
import psutil
import pytest
from conftest import ROOT, SAMPLES
from jobs import answer_of, in_one_process, job_of, same_result, summary_of, table
from PIL import Image

from posture.biomechanics.sample import PoseSample
from posture.capture.video_file import VideoFacts
from posture.cli.app import run
from posture.engine.recording import RecordingResult
from posture.engine.sample_rows import rows_of
from posture.errors import InputError, PostureError
from posture.pose.person_tracker import PersonLock, PersonPlace
from posture.recordings.analysis import analyze
from posture.recordings.distribution import Distribution, analyze_in_processes
from posture.recordings.job import Job
from posture.recordings.local_pool import LocalPool
from posture.recordings.merging import Measured
from posture.recordings.parts import MeasuredPart, PartEnd, Task
from posture.recordings.stamps import FileStamp
from posture.recordings.work_items import Action, Answer, JobResult, Plan, WorkItem
from posture.recordings.worker import unpacked
from posture.reports import write_all
from posture.settings import MeasureSettings, Settings
from posture.types import Detection

SIDE = SAMPLES / "side_mixed_male1.mp4"
_ALONE: dict[Path, RecordingResult] = {}
"""What one process alone finds, by recording; each is analysed with one job in this file."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small recordings, and one that is none."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(3):
        people.changed(SIDE, folder / f"{i}.mp4", people.resized(320, 240), end_s=2.0 + i)
    (folder / "none.mp4").write_bytes(b"no video" * 100)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of fifty seconds, with a key picture every five."""
    return people.looped(SIDE, tmp_path_factory.mktemp("long") / "long.mp4", 2, people.resized(480, 360), key_every=25)


def long_job(model_file: Path) -> Job:
    """Parts of five seconds, a reading a second."""
    return replace(job_of(model_file), settings=Settings(measure=MeasureSettings(rate_hz=1.0)), part_s=5.0, keep_poses=True)


@pytest.fixture(scope="module")
def one_by_one(clips: Path, model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes of the small recordings one after the other, in this process."""
    out = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        in_one_process(patch)
        assert run(["analyze", str(clips), "--out", str(out), "--jobs", "1", "--format", "srt"]) == 1
    return out


def pids_of(module: str, above: int | None = None) -> list[int]:
    """Processes below one that run a module."""
    found = []
    for child in psutil.Process(above).children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            found += [child.pid] if module in child.cmdline() else []
    return found


def plan_of(count: int) -> Plan:
    """So many parts of twenty seconds."""
    facts = VideoFacts("a.mp4", 20.0 * count, 640, 480, 30.0, "h264")
    parts = tuple(Task(Path("a.mp4"), Path("m"), 5.0, 20.0 * i, 20.0 * i + 20.0) for i in range(count))
    return Plan(FileStamp("", 0, 0), facts, parts)


def same_as_alone(found: JobResult, video: Path, job: Job, folder: Path) -> None:
    """What came of it is, byte for byte, what one process alone finds."""
    assert found.error is None
    if video not in _ALONE:
        with pytest.MonkeyPatch.context() as patch:
            in_one_process(patch)
            _ALONE[video] = analyze(video, replace(job, jobs=1))
    for file in write_all(_ALONE[video], folder, job.catalogue):
        if file.suffix == ".csv":
            assert found.files[file.name] == file.read_bytes(), file.name
    assert summary_of(found.files["summary.json"]) == summary_of((folder / "summary.json").read_bytes())


def test_a_folder_is_analysed_side_by_side_with_the_results_of_one_after_the_other(
    clips: Path, one_by_one: Path, home: Path, tmp_path: Path
) -> None:
    """Two jobs or one: the same files, the same table, and the same exit code for the one that is no recording."""
    side, alone = tmp_path / "side", one_by_one
    assert run(["analyze", str(clips), "--out", str(side), "--jobs", "2", "--format", "srt"]) == 1
    for i in range(3):
        one_folder, other_folder = (folder / f"{i}.posture" for folder in (side, alone))
        assert same_result(one_folder, other_folder)
        assert (one_folder / "subtitles.srt").read_bytes() == (other_folder / "subtitles.srt").read_bytes()
        assert (side / f"{i}.posture" / "report.html").is_file()
    kept = ("path", "status", "error", "coverage", "sha256", "how", "analysed_s")
    one, other = table(side), table(alone)
    assert {n: [r[k] for k in kept] for n, r in one.items()} == {n: [r[k] for k in kept] for n, r in other.items()}
    assert [r["status"] for r in one.values()].count("complete") == 3
    assert run(["analyze", str(clips), "--out", str(side), "--jobs", "2", "--format", "srt", "--resume"]) == 1


def test_a_long_recording_is_shared_and_comes_out_as_from_one_process(long: Path, home: Path, model_file: Path, tmp_path: Path) -> None:
    """Its parts are orders of their own; the landmarks are kept if they are asked for, and are used the next time."""
    job = replace(long_job(model_file), cache=tmp_path / "cache")
    done: list[float] = []
    (found,) = analyze_in_processes([long], job, frozenset(), 2, moved=done.append)
    same_as_alone(found, long, replace(job, cache=None), tmp_path)
    assert done == sorted(done)
    assert {0 < d < 1 for d in done} == {True, False}
    assert done[-1] == 1.0
    assert len(list((tmp_path / "cache").iterdir())) == 1
    began = time.monotonic()
    (again,) = analyze_in_processes([long], job, frozenset(), 2)
    assert again.files["readings.csv"] == found.files["readings.csv"]
    assert time.monotonic() - began < 60.0


def test_a_process_that_is_killed_costs_a_new_try_of_its_order(long: Path, home: Path, model_file: Path, tmp_path: Path) -> None:
    """All of the pool, in the middle: what was being done is begun anew, and the result is the same; its landmarks are kept."""
    job = replace(long_job(model_file), cache=tmp_path / "cache")
    done: list[float] = []
    killed: list[int] = []

    def kill(share: float) -> None:
        done.append(share)
        for pid in pids_of("--multiprocessing-fork") if 0.0 < share < 1.0 and not killed else []:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    (found,) = analyze_in_processes([long], job, frozenset(), 2, moved=kill)
    assert killed
    same_as_alone(found, long, replace(job, cache=None), tmp_path)
    assert found.tries > 1
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_stopping_keeps_what_was_measured(long: Path, home: Path, model_file: Path) -> None:
    """A long recording and a short one: nothing more is begun, and what there is is analysed, marked incomplete."""
    job = replace(job_of(model_file), part_s=5.0, adaptive=False)
    done, stopped_s = [0.0], list[float]()

    def stopped() -> bool:
        if done[-1] > 0.08 and not stopped_s:
            stopped_s.append(time.monotonic())
        return bool(stopped_s)

    recordings = [long, SIDE, long, SIDE]
    results = list(analyze_in_processes(recordings, job, frozenset(), 1, stopped=stopped, moved=done.append))
    assert time.monotonic() < stopped_s[0] + 30.0
    (found,) = results
    assert found.number == 0
    assert found.result is not None
    assert not found.result.complete
    assert 4.0 < found.result.judged[-1].reading.time_s < 45.0


def test_ctrl_c_ends_everything_and_resume_goes_on(clips: Path, long: Path, home: Path, tmp_path: Path) -> None:
    """Exit 130 within seconds, no process left, nothing half written; the same command with --resume completes it."""
    argv = ["analyze", *map(str, sorted(clips.glob("?.mp4"))), str(long), "--out", str(tmp_path / "out"), "--jobs", "2"]
    argv += ["--rate", "1"]
    command = [sys.executable, "-m", "posture", *argv]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split(":")[0].endswith(".mp4")
        family = [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "to continue, add --resume" in err
    assert "Traceback" not in err
    psutil.wait_procs([psutil.Process(p) for p in family if psutil.pid_exists(p)], timeout=5)
    assert not [p for p in family if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE]
    assert run([*argv, "--resume"]) == 0
    assert {r["status"] for r in table(tmp_path / "out").values()} == {"complete"}


class Scripted:
    """A pool whose answers are given here, part by part; it keeps what it was asked for."""

    def __init__(self, answers: dict[str, list[Answer]], on: Callable[[str], None] = lambda _name: None) -> None:
        self.answers, self.on = answers, on
        self.asked: list[str] = []
        self.waiting: list[tuple[str, Future[Answer]]] = []
        self.measured: list[Measured] = []
        self.tasks: list[Task] = []
        self.stops = 0

    def capacity(self) -> int:
        return 1

    def stop(self) -> bool:
        self.stops += 1
        return True

    def ask(self, item: WorkItem, name: str, lost: Callable[[], None]) -> Future[Answer]:
        key = f"{item['action']} {name}"
        self.asked.append(key)
        about, future = unpacked(item["about"]), Future[Answer]()
        if item["action"] == Action.MEASURE:
            self.tasks.append(about)
        elif item["action"] == Action.FINISH:
            self.measured.append(about[0])
        self.waiting.append((key, future))
        return future

    def step(self) -> None:
        for key, future in self.waiting:
            if self.answers.get(key) and not future.done():
                self.on(key)
                future.set_result(self.answers[key].pop(0))


def results_of(pool: Scripted, names: Sequence[str], job: Job, stopped: Callable[[], bool] = lambda: False) -> list[JobResult]:
    """What comes of recordings."""
    return list(Distribution([Path(name) for name in names], job, {}, pool).results(stopped, lambda _done: None))


def part_of(plan: Plan, number: int, sight: Detection = Detection.NOBODY, lock: PersonLock | None = None) -> MeasuredPart:
    """A part that was measured: a hundred readings; `lock`: who was met in it."""
    start_s, thumb = 20.0 * number, np.zeros((24, 24), np.uint8)
    return MeasuredPart(
        plan.parts[number],
        thumb,
        None if lock is None else (lock, start_s),
        [rows_of(PoseSample(start_s + 0.2 * i, sight) for i in range(100))],
        end=PartEnd(lock or PersonLock(), False, thumb, plan.facts, None),
        machine="here",
    )


ONE, TWO, THREE = "measure a.mp4 from 0:00 to 0:20", "measure a.mp4 from 0:20 to 0:40", "measure a.mp4 from 0:40 to 1:00"


def test_an_error_in_a_part_ends_its_recording_alone(model_file: Path) -> None:
    """The other parts are asked for no more, one that is measured meanwhile counts for nothing, and the next recording is begun."""
    error, done = JobResult("here", error=InputError("a.mp4: broken")), JobResult("here")
    pool = Scripted({"begin a.mp4": [plan_of(3)], ONE: [error], "begin b.mp4": [done]})
    first, second = results_of(pool, ["a.mp4", "b.mp4"], job_of(model_file))
    assert (first.number, str(first.error)) == (0, "a.mp4: broken")
    assert (second.number, second.error) == (1, None)
    assert pool.asked == ["begin a.mp4", ONE, TWO, "begin b.mp4"]


def test_after_a_stop_nothing_more_is_begun(model_file: Path) -> None:
    """Neither the parts of a recording whose plan comes late, nor the next recording."""
    pool = Scripted({"begin a.mp4": [plan_of(3)]})
    distribution = Distribution([Path("a.mp4"), Path("b.mp4")], job_of(model_file), {}, pool)
    assert list(distribution.results(lambda: True, lambda _done: None)) == []
    assert pool.asked == []
    distribution = Distribution([Path("a.mp4")], job_of(model_file), {}, pool)
    pool.on = lambda _key: setattr(distribution, "stopping", True)
    assert list(distribution.results(lambda: False, lambda _done: None)) == []
    assert pool.asked == ["begin a.mp4"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("from posture.recordings import worker; import time\nwith worker.limited(1.0): time.sleep(60)", "frame took more than"),
        ("import os; os._exit(9)", "ended by itself 3 times"),
    ],
)
def test_a_recording_that_cannot_be_opened_ends_by_itself(code: str, words: str) -> None:
    """Whether its decoder hangs or dies: one line, and no process is left."""
    with LocalPool(1) as pool, pytest.raises(PostureError, match=words) as caught:
        answer_of(pool, pool.submit(exec, code, name=SIDE.name))
    assert str(caught.value).startswith(SIDE.name)
    assert not pids_of("--multiprocessing-fork")


def test_with_two_people_a_shared_recording_measures_the_same_one(home: Path, model_file: Path, tmp_path: Path) -> None:
    """Somebody larger sits down beside the measured person: parts that would take the other one are measured again, as by one process."""
    room = np.asarray(Image.open(SAMPLES / "front_day_female1_empty.png").convert("RGB"), np.uint8)
    mine, other = people.frames_of(SIDE, end_s=12.0), people.frames_of(SAMPLES / "front_day_female1.mp4", end_s=12.0)
    pictures = [(f.time_s, people.beside(room if f.time_s < 5 else o.image, f.image)) for f, o in zip(mine, other, strict=False)]
    clip = people.write(tmp_path / "two.mp4", pictures, key_every=5)
    job = replace(job_of(model_file), part_s=4.0, adaptive=False)
    (found,) = analyze_in_processes([clip], job, frozenset(), 2)
    same_as_alone(found, clip, job, tmp_path)


def lock_at(x: float) -> PersonLock:
    """Somebody is measured whose head and shoulders are so far from the picture's middle, in heights of it."""
    lock = PersonLock()
    lock._place = PersonPlace(x, 0.4, 0.4)
    return lock


def test_a_part_that_took_somebody_else_is_void_as_a_whole(model_file: Path) -> None:
    """Nothing of it is merged, not even what came after the one it met; it is measured again with who it has to be."""
    plan = plan_of(2)
    wrong, right = part_of(plan, 1, Detection.UNCLEAR, lock_at(0.6)), part_of(plan, 1, lock=lock_at(-0.4))
    pool = Scripted(
        {
            "begin a.mp4": [plan],
            ONE: [part_of(plan, 0, lock=lock_at(-0.4))],
            TWO: [wrong, right],
            "finish a.mp4": [JobResult("here")],
        }
    )
    assert [r.error for r in results_of(pool, ["a.mp4"], job_of(model_file))] == [None]
    assert pool.asked == ["begin a.mp4", ONE, TWO, TWO, "finish a.mp4"]
    assert pool.tasks[2].lock is not None
    (measured,) = pool.measured
    assert measured.complete
    assert [s.sight for s in measured.samples] == [Detection.NOBODY] * 200


def test_a_stop_waits_for_what_is_being_measured(model_file: Path) -> None:
    """What was given out is merged when it comes, and then there is something to finish; what was stopped ends it."""
    plan = plan_of(3)
    pool = Scripted(
        {
            "begin a.mp4": [plan],
            ONE: [part_of(plan, 0)],
            TWO: [JobResult("here", stopped=True)],
            "finish a.mp4": [JobResult("here", result=None)],
        },
    )
    distribution = Distribution([Path("a.mp4")], job_of(model_file), {}, pool)
    pool.on = lambda key: setattr(distribution, "stopping", key == ONE or distribution.stopping)
    assert len(list(distribution.results(lambda: False, lambda _done: None))) == 1
    assert pool.asked == ["begin a.mp4", ONE, TWO, "finish a.mp4"]
    (measured,) = pool.measured
    assert len(measured.samples) == 100
    assert not measured.complete


KILLED = """
import os, signal, sys
if any("posture" in word or "multiprocessing" in word for word in sys.orig_argv):
    from posture.recordings import local_pool
    measure = local_pool.measure
    def measured(task, *more):
        if task.video.name == "1.mp4":
            os.kill(os.getpid(), signal.SIGKILL)
        return measure(task, *more)
    local_pool.measure = measured
"""
"""Whatever decodes one recording of three is killed, each time."""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_decoder_that_is_killed_each_time_ends_its_recording_alone(clips: Path, one_by_one: Path, home: Path, tmp_path: Path) -> None:
    """One line for it; the two others are complete, and byte for byte what one process alone finds."""
    (tmp_path / "sitecustomize.py").write_text(KILLED, encoding="utf-8")
    out = tmp_path / "out"
    argv = ["analyze", *(str(clips / f"{i}.mp4") for i in range(3)), "--out", str(out), "--jobs", "2"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))}
    ran = subprocess.run([sys.executable, "-m", "posture", *argv], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    rows = table(out)
    assert {n: r["status"] for n, r in rows.items()} == {f"{i}.mp4": "error" if i == 1 else "complete" for i in range(3)}
    assert "the process that measured it was ended by SIGKILL, 3 times" in rows["1.mp4"]["error"]
    for i in (0, 2):
        assert same_result(out / f"{i}.posture", one_by_one / f"{i}.posture")


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_nothing_is_left_when_the_program_is_killed(clips: Path, home: Path, tmp_path: Path) -> None:
    """The processes of the pool, and what multiprocessing starts beside them, end by themselves."""
    slow = ((4.0 * f.time_s, people.resized(320, 240)(f.image)) for f in people.frames_of(SIDE))
    shared = people.write(tmp_path / "slow.mp4", slow, key_every=5)
    argv = ["analyze", str(clips / "0.mp4"), str(shared), "--out", str(tmp_path / "out"), "--jobs", "2", "--no-adaptive"]
    with subprocess.Popen([sys.executable, "-m", "posture", *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert len(family) >= 3
    _gone, left = psutil.wait_procs(family, timeout=20)
    assert not [p for p in left if p.status() != psutil.STATUS_ZOMBIE]


def test_a_missing_file_among_several_is_named_as_on_its_own(
    clips: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No word of workers and shared folders."""
    argv = ["analyze", str(clips / "0.mp4"), str(tmp_path / "typo.mp4"), "--jobs", "2"]
    assert run([*argv, "--out", str(tmp_path / "out")]) == 1
    err = capfd.readouterr().err
    assert "typo.mp4: no such file" in err
    assert "worker" not in err
