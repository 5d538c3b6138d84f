"""Several recordings at a time on this machine, long ones shared between the processes: the same results, whoever is lost."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import people
import psutil
import pytest
from conftest import ROOT, SAMPLES
from jobs import job_of, table
from PIL import Image

from posture import crew
from posture.analysis import Job, analyze
from posture.cli import run
from posture.kinematics.sample import PoseSample
from posture.model import InputError, PostureError, Sight
from posture.orders import Do, Outcome, PartsMeasured, Planned, unpacked
from posture.person import PersonLock, Place
from posture.reports import RENDERERS, write_all
from posture.resuming import Stamp
from posture.sample_rows import rows_of
from posture.segments import Batch, Ended, Entered, Message, Met, Survey, Task
from posture.shares import Agenda, Ending
from posture.sources.video_file import VideoFacts
from posture.workers import Pool, surveyed

SIDE = SAMPLES / "side_mixed_male1.mp4"
LONG_S = 50.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four small recordings, and one that is none."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(4):
        people.changed(SIDE, folder / f"{i}.mp4", people.resized(320, 240), end_s=2.0 + i)
    (folder / "none.mp4").write_bytes(b"no video" * 100)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a hundred seconds, with a key picture every five."""
    return people.looped(SIDE, tmp_path_factory.mktemp("long") / "long.mp4", 4, people.resized(480, 360), key_every=25)


def long_job(model_file: Path) -> Job:
    """Parts of ten seconds."""
    return replace(job_of(model_file), part_s=10.0, keep_poses=True)


def pids_of(module: str, above: int | None = None) -> list[int]:
    """Processes below one that run a module."""
    found = []
    for child in psutil.Process(above).children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            found += [child.pid] if module in child.cmdline() else []
    return found


def plan_of(count: int) -> Planned:
    """So many parts of twenty seconds."""
    facts = VideoFacts("a.mp4", 20.0 * count, 640, 480, 30.0, "h264", 0, None, None)
    parts = tuple(Task(Path("a.mp4"), Path("m"), 5.0, 20.0 * i, 20.0 * i + 20.0) for i in range(count))
    return Planned(Stamp("", 0, 0), facts, parts)


def same_as_alone(ending: Ending, video: Path, job: Job, folder: Path) -> None:
    """What came of it is, byte for byte, what one process alone finds."""

    assert ending.outcome is not None
    assert ending.outcome.error is None
    alone = analyze(video, replace(job, jobs=1))
    for file in write_all(alone.analysis, folder, job.catalogue):
        if file.suffix in {".csv", ".json"}:
            assert ending.outcome.files[file.name] == file.read_bytes(), file.name


def test_a_folder_is_analysed_side_by_side_with_the_results_of_one_after_the_other(clips: Path, home: Path, tmp_path: Path) -> None:
    """Two jobs or one: the same files, the same table, and the same exit code for the one that is no recording."""
    side, alone = tmp_path / "side", tmp_path / "alone"
    assert run(["analyze", str(clips), "--out", str(side), "--no-store", "--jobs", "2", "--format", "srt"]) == 1
    assert run(["analyze", str(clips), "--out", str(alone), "--no-store", "--jobs", "1", "--format", "srt"]) == 1
    for i in range(4):
        for name in (*RENDERERS, "subtitles.srt"):
            if Path(name).suffix in {".csv", ".json", ".srt"}:
                assert (side / f"{i}.posture" / name).read_bytes() == (alone / f"{i}.posture" / name).read_bytes()
        assert (side / f"{i}.posture" / "report.html").is_file()
    kept = ("path", "status", "error", "coverage", "sha256", "how", "analysed_s")
    one, other = table(side), table(alone)
    assert {n: [r[k] for k in kept] for n, r in one.items()} == {n: [r[k] for k in kept] for n, r in other.items()}
    assert [r["status"] for r in one.values()].count("complete") == 4
    assert run(["analyze", str(clips), "--out", str(side), "--no-store", "--jobs", "2", "--format", "srt", "--resume"]) == 1


def test_a_long_recording_is_shared_and_comes_out_as_from_one_process(long: Path, home: Path, model_file: Path, tmp_path: Path) -> None:
    """Its parts are orders of their own; the landmarks are kept if they are asked for, and are used the next time."""
    job = replace(long_job(model_file), cache=tmp_path / "cache")
    done: list[float] = []
    (ending,) = crew.carry_out([long], job, frozenset(), 2, moved=done.append, long_s=LONG_S)
    same_as_alone(ending, long, replace(job, cache=None), tmp_path)
    assert done == sorted(done)
    assert {0 < d < 1 for d in done} == {True, False}
    assert done[-1] == 1.0
    assert len(list((tmp_path / "cache").iterdir())) == 1
    began = time.monotonic()
    (again,) = crew.carry_out([long], job, frozenset(), 2, long_s=LONG_S)
    assert again.outcome is not None
    assert ending.outcome is not None
    assert again.outcome.files["readings.csv"] == ending.outcome.files["readings.csv"]
    assert time.monotonic() - began < 60.0


@pytest.mark.parametrize("module", ["posture.crew_worker", "posture.worker"])
def test_a_process_that_is_killed_costs_a_new_try_of_its_order(
    module: str, long: Path, home: Path, model_file: Path, tmp_path: Path
) -> None:
    """Those of the crew, or those that measure for it, in the middle: the one at work begins its order anew, and the result is the same."""
    job = long_job(model_file)
    killed: list[int] = []

    def kill(done: float) -> None:
        for pid in pids_of(module) if 0.0 < done < 1.0 and not killed else []:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    (ending,) = crew.carry_out([long], job, frozenset(), 2, moved=kill, long_s=LONG_S)
    assert killed
    same_as_alone(ending, long, job, tmp_path)
    assert ending.tries in ({2, 3} if module == "posture.crew_worker" else {1})


def test_stopping_keeps_what_was_measured(long: Path, home: Path, model_file: Path) -> None:
    """A long recording and a short one: nothing more is begun, and what there is is analysed, marked incomplete."""
    job = replace(job_of(model_file), part_s=10.0, adaptive=False)
    until_s = time.monotonic() + 8.0
    endings = list(crew.carry_out([long, SIDE, long, SIDE], job, frozenset(), 1, stopped=lambda: time.monotonic() > until_s, long_s=LONG_S))
    assert time.monotonic() < until_s + 20.0
    (ending,) = endings
    assert ending.number == 0
    assert ending.outcome is not None
    assert ending.outcome.result is not None
    analysis = ending.outcome.result.analysis
    assert not analysis.complete
    assert 5.0 < analysis.judged[-1].reading.time_s < 95.0


def test_ctrl_c_ends_everything_and_resume_goes_on(clips: Path, long: Path, home: Path, tmp_path: Path) -> None:
    """Exit 130 within seconds, no process left, nothing half written; the same command with --resume completes it."""
    argv = ["analyze", *map(str, sorted(clips.glob("?.mp4"))), str(long), "--out", str(tmp_path / "out"), "--no-store", "--jobs", "2"]
    command = [sys.executable, "-m", "posture", *argv, "--no-adaptive"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split(":")[0].endswith(".mp4")
        family = [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "with --resume the same command goes on" in err
    assert "Traceback" not in err
    psutil.wait_procs([psutil.Process(p) for p in family if psutil.pid_exists(p)], timeout=5)
    assert not [p for p in family if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE]
    assert run([*argv, "--no-adaptive", "--resume"]) == 0
    assert {r["status"] for r in table(tmp_path / "out").values()} == {"complete"}


def test_an_error_in_a_part_ends_its_recording_alone(model_file: Path) -> None:
    """The other parts are asked for no more, late answers count for nothing, and the next recording is begun."""
    plan = plan_of(3)
    agenda = Agenda([Path("a.mp4"), Path("b.mp4")], job_of(model_file), long_s=50.0)
    begin = agenda.next()
    assert begin is not None
    assert agenda.answered(begin, plan) is None
    one, two = agenda.next(), agenda.next()
    assert one is not None
    assert two is not None
    assert (one.do, one.name, two.name) == (Do.MEASURE, "a.mp4 from 0:00 to 0:20", "a.mp4 from 0:20 to 0:40")
    assert agenda.answered(two, PartsMeasured("here", ())) is None
    ending = agenda.answered(one, Outcome("here", error=InputError("a.mp4: broken")))
    assert ending is not None
    assert ending.outcome is not None
    assert str(ending.outcome.error) == "a.mp4: broken"
    assert agenda.answered(two, PartsMeasured("late", ())) is None
    last = agenda.next()
    assert last is not None
    assert last.share.video == Path("b.mp4")
    assert agenda.next() is None


def test_after_a_stop_nothing_more_is_begun(model_file: Path) -> None:
    """Not the parts of a recording whose plan comes late, and not what a lost process had."""
    plan = plan_of(3)
    agenda = Agenda([Path("a.mp4"), Path("b.mp4")], job_of(model_file), long_s=50.0)
    first, second = agenda.next(), agenda.next()
    assert first is not None
    assert second is not None
    agenda.stop()
    assert agenda.answered(first, plan) is None
    agenda.put_back(second)
    assert agenda.next() is None


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        ("import time; time.sleep(60)", "reading its first picture came to no end within 1 s"),
        ("import sys; sys.stdin.buffer.read(1); sys.exit(9)", "ended by itself 3 times"),
    ],
)
def test_a_recording_that_cannot_be_opened_ends_by_itself(worker: str, words: str) -> None:
    """Whether its decoder hangs or dies: one line, and no process is left."""
    with Pool(1, lambda: [sys.executable, "-c", worker]) as pool:
        with pytest.raises(PostureError, match=words) as caught:
            surveyed(pool, Survey(SIDE, 5.0, None, None, None), within_s=1.0 if "sleep" in worker else 30.0)
        pids = pool.pids
    assert str(caught.value).startswith(SIDE.name)
    assert not [p for p in pids if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE]


def test_the_processes_of_the_crew_decode_nothing() -> None:
    """What they say may be a pickle, so no decoder is to run in them: planning and measuring are left to the worker of each."""
    tree = ast.parse((ROOT / "posture" / "orders.py").read_text(encoding="utf-8"))
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert called & {"VideoFile", "Decoder", "survey", "cuts", "analyze"} == set()
    assert {"surveyed", "measure"} <= called


def test_with_two_people_a_shared_recording_measures_the_same_one(home: Path, model_file: Path, tmp_path: Path) -> None:
    """Somebody larger sits down beside the measured person: parts that would take the other one are measured again, as by one process."""
    room = np.asarray(Image.open(SAMPLES / "front_day_female1_empty.png").convert("RGB"), np.uint8)
    mine, other = people.frames_of(SIDE, end_s=16.0), people.frames_of(SAMPLES / "front_day_female1.mp4", end_s=16.0)
    pictures = [(f.time_s, people.beside(room if f.time_s < 5 else o.image, f.image)) for f, o in zip(mine, other, strict=False)]
    clip = people.write(tmp_path / "two.mp4", pictures, key_every=5)
    job = replace(job_of(model_file), part_s=4.0, adaptive=False)
    (ending,) = crew.carry_out([clip], job, frozenset(), 2, long_s=10.0)
    same_as_alone(ending, clip, job, tmp_path)


def lock_at(x: float) -> PersonLock:
    """Somebody is measured whose head and shoulders are so far from the picture's middle, in heights of it."""
    lock = PersonLock()
    lock._place = Place(x, 0.4, 0.4)
    return lock


def test_a_part_that_took_somebody_else_is_void_as_a_whole(model_file: Path) -> None:
    """Nothing that was said of it is joined, not even what came after the one it met; it is measured again with who it has to be."""
    plan = plan_of(2)
    thumb = np.zeros((24, 24), np.uint8)

    def said(part: int, x: float) -> tuple[Message, ...]:
        lock, start_s = lock_at(x), 20.0 * part
        rows = rows_of(PoseSample(start_s + 0.2 * i, Sight.NOBODY if x < 0.0 else Sight.UNCLEAR) for i in range(100))
        return Entered(thumb), Met(lock, start_s), Batch(rows, (), 100), Ended(lock, False, thumb, plan.facts, None)

    agenda = Agenda([Path("a.mp4")], job_of(model_file), long_s=50.0)
    begin = agenda.next()
    assert begin is not None
    agenda.answered(begin, plan)
    one, two = agenda.next(), agenda.next()
    assert one is not None
    assert two is not None
    agenda.answered(one, PartsMeasured("here", (said(0, -0.4),)))
    agenda.answered(two, PartsMeasured("here", (said(1, 0.6),)))
    again = agenda.next()
    assert again is not None
    assert (again.do, again.first) == (Do.MEASURE, 1)
    assert again.parts[0].lock is not None
    agenda.answered(again, PartsMeasured("here", (said(1, -0.4),)))
    finish = agenda.next()
    assert finish is not None
    assert finish.do is Do.FINISH
    measured, _stamp = unpacked(finish.about)
    assert measured.complete
    assert [s.sight for s in measured.samples] == [Sight.NOBODY] * 200


def test_a_stop_waits_for_what_is_being_measured(model_file: Path) -> None:
    """What was given out is joined when it comes, and then there is something to finish; a lost order is not waited for."""
    plan = plan_of(3)
    agenda = Agenda([Path("a.mp4")], job_of(model_file), long_s=50.0)
    begin = agenda.next()
    assert begin is not None
    agenda.answered(begin, plan)
    one, two = agenda.next(), agenda.next()
    assert one is not None
    assert two is not None
    agenda.stop()
    assert agenda.next() is None
    rows = rows_of(PoseSample(0.2 * i, Sight.NOBODY) for i in range(100))
    said = (Entered(None), Batch(rows, (), 100), Ended(PersonLock(), False, None, plan.facts, None))
    assert agenda.answered(one, PartsMeasured("here", (said,))) is None
    assert agenda.next() is None
    agenda.put_back(two)
    finish = agenda.next()
    assert finish is not None
    assert finish.do is Do.FINISH
    measured, _stamp = unpacked(finish.about)
    assert len(measured.samples) == 100
    assert not measured.complete


def test_a_missing_file_among_several_is_named_as_on_its_own(
    clips: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No word of workers and shared folders."""
    argv = ["analyze", str(clips / "0.mp4"), str(clips / "1.mp4"), str(tmp_path / "typo.mp4"), "--no-store", "--jobs", "2"]
    assert run([*argv, "--out", str(tmp_path / "out")]) == 1
    err = capfd.readouterr().err
    assert "typo.mp4: no such file" in err
    assert "worker" not in err
