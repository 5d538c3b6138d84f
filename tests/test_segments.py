"""A long recording in parts: the same readings however many processes share it, and through whatever happens to them."""

from __future__ import annotations

import csv
import os
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import people
import psutil
import pytest
from conftest import SAMPLES
from jobs import answer_of
from PIL import Image

from posture._support.catalogue import load as load_catalogue
from posture.capture.read_ahead import ahead
from posture.capture.video_file import VideoFile
from posture.cli.app import run
from posture.engine.recording import RecordingResult
from posture.errors import InputError, PostureError
from posture.pose.finder import PoseFinder
from posture.pose.person_tracker import Choice
from posture.recordings import sample_cache
from posture.recordings.analysis import analyze
from posture.recordings.job import Job
from posture.recordings.local_pool import LocalPool, measure_parts, measured_there
from posture.recordings.merging import PartMerger
from posture.recordings.parts import Task, cuts, parts_of
from posture.reports.recording.tables import episodes_csv, readings_csv
from posture.settings import MeasureSettings, Settings

SIDE = SAMPLES / "side_mixed_male1.mp4"
DAY = SAMPLES / "desk_day.mp4"


def facts_of(video: Path) -> object:
    """What is known of a recording."""
    with VideoFile(video) as source:
        return source.facts


def job_of(model_file: Path, **changes: object) -> Job:
    """Measure at the default rate."""
    return replace(Job(Settings(), model_file, {"name": "full"}, load_catalogue()), **changes)  # type: ignore[arg-type]


def tables(video: Path, job: Job) -> tuple[bytes, bytes]:
    """The two tables of a recording, as they would be written."""
    return tables_of(analyze(video, job))


def tables_of(found: RecordingResult) -> tuple[bytes, bytes]:
    """Those of one that is analysed."""
    return readings_csv(found), episodes_csv(found)


@cache
def alone(video: Path, model_file: Path, part_s: float, adaptive: bool = False) -> RecordingResult:
    """What one process finds in parts of this length."""
    return analyze(video, job_of(model_file, part_s=part_s, jobs=1, adaptive=adaptive))


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory, model_file: Path) -> Path:
    """Twenty-four seconds with a key picture every second or two: a person, who leaves and comes back elsewhere."""
    frames = people.frames_of(SIDE)
    room = people.room()
    parts = [(f.time_s, f.image) for f in frames if f.time_s < 10]
    parts += [(10 + 0.2 * i, people.noisy(room, i)) for i in range(20)]
    parts += [(14 + f.time_s, np.roll(f.image, 60, axis=1)) for f in frames if f.time_s < 10]
    return people.write(tmp_path_factory.mktemp("long") / "long.mp4", parts, key_every=10)


@pytest.mark.parametrize("adaptive", [pytest.param(False, marks=pytest.mark.soak), True])
def test_any_number_of_processes_gives_the_same_tables(long_clip: Path, model_file: Path, adaptive: bool) -> None:
    """Byte for byte, with one process and with two, at a fixed rate and at one that adapts."""
    job = job_of(model_file, part_s=5.0, adaptive=adaptive)
    assert cuts(long_clip, facts_of(long_clip), None, None, 5.0)  # type: ignore[arg-type]
    assert tables_of(alone(long_clip, model_file, 5.0, adaptive)) == tables(long_clip, replace(job, jobs=2))


def test_parts_are_nearly_the_whole(long_clip: Path, model_file: Path) -> None:
    """Following begins anew in every part: half of the angles agree within 0.2 degrees, nine of ten within 1.5, and so do the episodes."""
    one, many = (alone(long_clip, model_file, s) for s in (1000.0, 5.0))
    pairs = [
        (a.reading.trunk_flexion.deg, b.reading.trunk_flexion.deg)
        for a, b in zip(one.judged, many.judged, strict=True)
        if a.reading.trunk_flexion and b.reading.trunk_flexion
    ]
    apart = np.abs(np.diff(np.array(pairs), axis=1))
    assert np.median(apart) <= 0.2
    assert np.quantile(apart, 0.9) <= 1.5
    assert [(e.kind, pytest.approx(e.start_s, abs=1.0)) for e in one.episodes] == [(e.kind, e.start_s) for e in many.episodes]


def test_pictures_of_parts_are_those_of_the_whole(tmp_path: Path) -> None:
    """At any rate, with pictures that no other needs, every moment is picked once, by the same picture as without parts or the next."""
    import media  # noqa: PLC0415

    for fps, rate, b_frames in ((30, 5.0, 3), (25, 7.0, 2), (1, 5.0, 0), (12, 5.0, 0)):
        clip = media.write_video(tmp_path / f"{fps}.mp4", media.every(fps, 24), b_frames=b_frames, key_every=2 * fps)
        task = Task(clip, Path(), rate)
        inner = cuts(clip, facts_of(clip), None, None, 4.0)  # type: ignore[arg-type]
        assert len(inner) >= 3
        times = []
        for part in parts_of(task, inner):
            ends = {"continued": part.continued, "followed": part.followed}
            with VideoFile(clip, rate, part.start_s, part.end_s, threads=1, **ends) as source:
                times += [p.time_s for p in source.picked()]
        with VideoFile(clip, rate) as source:
            whole = [f.time_s for f in source]
        assert len(times) == len(whole)
        assert np.abs(np.array(times) - whole).max() < 1.5 / fps
        assert np.diff(times).min() > 0


def test_short_recordings_and_such_without_an_index_are_left_whole(tmp_path: Path) -> None:
    """Half a minute has no parts; neither has a file that cannot be wound."""
    import media  # noqa: PLC0415

    assert cuts(SIDE, facts_of(SIDE), None, None) == []  # type: ignore[arg-type]
    stream = media.write_video(tmp_path / "a.ts", media.every(10, 30))
    assert cuts(stream, facts_of(stream), None, None, 5.0) == []  # type: ignore[arg-type]


def workers_of_this_process() -> list[psutil.Process]:
    """Those that live, the oldest first."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # one that has ended in the meantime
            found += [child] if "--multiprocessing-fork" in child.cmdline() else []
    return sorted(found, key=psutil.Process.create_time)


def measured_by(pool_kills: int, clip: Path, model: Path) -> tuple[bytes, int]:
    """The readings of a clip while workers are killed, and how many were."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05) and len(killed) < pool_kills:
            for worker in workers_of_this_process():
                if worker.pid not in killed and time.time() - worker.create_time() > 1.5:
                    with suppress(psutil.NoSuchProcess):
                        worker.kill()
                        killed.append(worker.pid)
                    break

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        return tables(clip, job_of(model, part_s=10.0, jobs=2))[0], len(killed)
    finally:
        over.set()
        thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_killed_worker_costs_a_new_try_and_nothing_else(long_clip: Path, model_file: Path) -> None:
    """With two workers killed in the middle, the readings are those of an undisturbed run."""
    again, killed = measured_by(2, long_clip, model_file)
    assert killed >= 1
    assert again == tables_of(alone(long_clip, model_file, 10.0))[0]


def test_a_part_that_kills_every_worker_is_given_up_in_one_line() -> None:
    """After three tries the run ends with a plain line instead of trying for ever."""
    lost: list[None] = []
    with LocalPool(1) as pool, pytest.raises(PostureError, match=r"clip\.mp4: the process that measured it ended by itself 3 times"):
        answer_of(pool, pool.submit(os._exit, 9, name="clip.mp4", lost=lambda: lost.append(None)))
    assert len(lost) == 2


def test_what_a_worker_cannot_read_is_told_as_by_one_process(tmp_path: Path, model_file: Path) -> None:
    """An error of a worker is raised with its own words."""
    with LocalPool(1) as pool, pytest.raises(InputError) as caught:
        answer_of(pool, pool.submit(measured_there, Task(tmp_path / "gone.mp4", model_file, 5.0), name="gone.mp4"))
    assert str(caught.value) == "gone.mp4: no such file"


def test_stopping_ends_all_workers_at_once_and_keeps_what_was_measured(long_clip: Path, model_file: Path) -> None:
    """What was measured without a gap from the beginning on is kept; no process is left within three seconds."""
    asked_s: list[float] = []
    joiner = PartMerger(facts_of(long_clip), keep_poses=False)  # type: ignore[arg-type]

    def stopped() -> bool:
        if len(joiner.measured.samples) >= 10:
            asked_s.append(time.monotonic())
        return bool(asked_s)

    tasks = parts_of(Task(long_clip, model_file, 5.0), cuts(long_clip, facts_of(long_clip), None, None, 5.0))  # type: ignore[arg-type]
    measure_parts(tasks, 2, joiner, lambda _done: None, stopped)
    done = joiner.measured
    assert time.monotonic() - asked_s[0] < 3.0
    assert not done.complete
    assert not workers_of_this_process()
    times = [s.time_s for s in done.samples]
    assert np.diff(times).max() == pytest.approx(0.2, abs=0.05)


def test_the_bar_goes_over_all_workers(long_clip: Path, model_file: Path) -> None:
    """Seconds done never exceed the recording, and reach nearly its length."""
    told: list[tuple[float, float | None]] = []
    analyze(long_clip, job_of(model_file, part_s=5.0, jobs=2), lambda done, total: told.append((done, total)))
    assert max(done for done, _ in told) == pytest.approx(24.0, abs=1.5)
    assert {round(total or 0.0) for _, total in told} == {24}


def test_with_two_people_the_same_one_is_measured_in_every_part(tmp_path: Path, model_file: Path) -> None:
    """Somebody larger sits down beside the measured person: parts that begin after that, and would take the other one, do not."""
    room = np.asarray(Image.open(SAMPLES / "front_day_female1_empty.png").convert("RGB"), np.uint8)
    mine, other = people.frames_of(SIDE, end_s=10.0), people.frames_of(SAMPLES / "front_day_female1.mp4", end_s=10.0)
    pictures = [(f.time_s, people.beside(room if f.time_s < 5 else o.image, f.image)) for f, o in zip(mine, other, strict=False)]
    clip = people.write(tmp_path / "two.mp4", pictures, key_every=5)
    job = job_of(model_file, keep_poses=True)
    for result in (analyze(clip, replace(job, part_s=1000.0)), analyze(clip, replace(job, part_s=4.0, jobs=2))):
        assert len(result.poses) >= 0.9 * len(pictures)
        assert all(p.image_xyz[0, 0] > 640 for p in result.poses.values())


def test_somebody_walking_by_is_not_followed(model_file: Path) -> None:
    """Behind the person who is followed somebody crosses the picture: the person's head stays where it is without them."""
    alone = people.frames_of(SIDE, end_s=12.0)
    other = people.frames_of(SAMPLES / "front_slump_male1.mp4", end_s=1.0)[0].image[:, 140:500]
    small = np.asarray(people.resized(150, 200)(other))
    heads: list[dict[float, np.ndarray]] = []
    for walking in (False, True):
        heads.append({})
        with PoseFinder(model_file) as finder:
            for i, f in enumerate(alone):
                image = f.image.copy()
                if walking and 10 <= i < 50:
                    x = 2 + (i - 10) * 4
                    image[20:220, x : x + 150] = small
                pose = finder.find(replace(f, image=image)).pose
                if pose is not None:
                    heads[-1][f.time_s] = pose.image_xyz[0, :2]
    clean, disturbed = heads
    assert len(disturbed) >= 0.9 * len(alone)
    apart = [float(np.linalg.norm(disturbed[t] - clean[t])) for t in disturbed if t in clean]
    assert np.quantile(apart, 0.9) < 40.0


# --- readings that are not measured anew


def test_held_readings_repeat_and_time_stays_exact(model_file: Path, one_process: None) -> None:
    """A person who hardly moves is looked at seldom; every reading is there, the held ones marked, and postures last as long."""
    clip = SAMPLES / "desk_day.mp4"
    slow, quick = (analyze(clip, job_of(model_file, adaptive=a, start_s=95.0, end_s=135.0)) for a in (False, True))
    held = [j.reading.carried_forward for j in quick.judged]
    assert [j.reading.time_s for j in quick.judged] == [j.reading.time_s for j in slow.judged]
    assert not any(j.reading.carried_forward for j in slow.judged)
    assert sum(held) >= 0.3 * len(held)
    for posture, seconds in slow.summary.seconds.items():
        assert quick.summary.seconds[posture] == pytest.approx(seconds, abs=2.0)


def test_a_movement_is_looked_at_at_once(model_file: Path) -> None:
    """In a clip of nine postures in random order none of two seconds, at a fixed rate or not, is missed by the other: starts and ends agree
    within a second."""
    slow, quick = (analyze(SIDE, job_of(model_file, adaptive=a, neutral_span=(0.0, 0.7))).episodes for a in (False, True))
    for episodes, others in ((slow, quick), (quick, slow)):
        lasting = [e for e in episodes if e.in_state_s >= 2.0]
        assert len(lasting) >= 4
        for e in lasting:
            assert any(o.kind is e.kind and abs(o.start_s - e.start_s) <= 1.0 and abs(o.end_s - e.end_s) <= 1.0 for o in others), e


# --- what is in memory


def test_pictures_do_not_pile_up(tmp_path: Path) -> None:
    """Two hundred pictures of half a megabyte each, looked at as small grey ones, leave no more than a few behind."""
    import media  # noqa: PLC0415

    clip = media.write_video(tmp_path / "a.mp4", media.every(10, 20), (640, 480))
    process = psutil.Process()
    with VideoFile(clip, 10.0) as source, closing(source.picked()) as picked:
        next(picked)
        before = process.memory_info().rss
        for picture in picked:
            picture.grey(80)
            picture.image(64)
        grown = process.memory_info().rss - before
    assert grown < 40e6


def test_values_that_come_ahead_are_bounded_and_end_with_their_error() -> None:
    """No more than the depth is fetched before it is asked for; an error comes in its place; leaving early ends the thread."""
    fetched: list[int] = []

    def values() -> object:
        for i in range(100):
            fetched.append(i)
            yield i
            if i == 20:
                raise ValueError("here")

    with ahead(values(), 3) as given:  # type: ignore[arg-type, var-annotated]
        assert next(given) == 0
        time.sleep(0.2)
        assert len(fetched) <= 6
        with pytest.raises(ValueError, match="here"):
            list(given)
    with ahead(iter(range(10)), 2) as numbers:
        next(numbers)
    assert not [t for t in threading.enumerate() if t.name == "ahead"]


# --- the landmark cache


def test_the_cache_gives_the_same_tables_without_looking_again(
    long_clip: Path, model_file: Path, one_process: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The second run needs no model, and other thresholds, smoothing and neutral work on it as on a fresh look."""
    folder = tmp_path / "cache"
    job = job_of(model_file, part_s=5.0, jobs=1, adaptive=True)
    fresh = tables(long_clip, replace(job, cache=folder))
    assert fresh == tables_of(alone(long_clip, model_file, 5.0, adaptive=True))
    same = tmp_path / "same.task"
    same.write_bytes(model_file.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("posture.recordings.measuring.measure_parts", pytest.fail)
        assert tables(long_clip, replace(job, cache=folder, model=same)) == fresh
    other = Settings(measure=MeasureSettings(recorded_smooth_s=0.0))
    changed = replace(job, settings=other, neutral_span=(0.0, 0.7), end_s=4.0)
    tables(long_clip, replace(job, cache=folder, end_s=4.0))
    assert tables(long_clip, replace(changed, cache=folder)) == tables(long_clip, changed)


def test_the_options_of_the_command(home: Path, model_file: Path, one_process: None, tmp_path: Path) -> None:
    """Readings adapt by default and not with --rate; --cache-dir names the folder; --jobs is at least 1."""
    base = ["analyze", str(SIDE), "--end", "4", "--overwrite", "--out", str(tmp_path / "out")]

    def held() -> int:
        with (tmp_path / "out" / "readings.csv").open(newline="", encoding="utf-8") as file:
            return sum(row["held"] == "1" for row in csv.DictReader(file))

    assert run([*base, "--cache-dir", str(tmp_path / "cache"), "--jobs", "2"]) == 0
    assert held() > 0
    assert len(list((tmp_path / "cache").glob("*/part-*.npz"))) == 1
    for options in (["--rate", "5"], ["--no-adaptive"]):
        assert run([*base, *options]) == 0
        assert held() == 0
    assert run([*base, "--rate", "5", "--adaptive"]) == 0
    assert held() > 0
    assert run([*base, "--jobs", "0"]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_only_its_owner_can_read_the_cache(model_file: Path, one_process: None, tmp_path: Path) -> None:
    """0700 for folders, 0600 for files; nothing is written unless asked for, or when the measuring was stopped."""
    folder = tmp_path / "cache"
    analyze(SIDE, job_of(model_file, end_s=1.0))
    analyze(SIDE, job_of(model_file, end_s=1.0, cache=folder, stopped=lambda: True))
    assert not list(folder.rglob("*.npz"))
    analyze(SIDE, job_of(model_file, end_s=1.0, cache=folder))
    assert [oct(p.stat().st_mode & 0o777) for p in folder.rglob("*") if p.is_file()] == ["0o600", "0o600"]
    assert {oct(p.stat().st_mode & 0o777) for p in (folder, *folder.iterdir())} == {"0o700"}


def test_the_key_is_of_the_content_and_of_how_it_is_measured(model_file: Path, tmp_path: Path) -> None:
    """The name of a file does not matter; its content, rate, part, person and pace do."""
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(SIDE.read_bytes())
    task = Task(SIDE, model_file, 5.0)
    assert sample_cache.key_of(task) == sample_cache.key_of(replace(task, video=copy, keep_poses=True))
    others = [replace(task, rate_hz=2.0), replace(task, end_s=3.0), replace(task, adaptive=True), replace(task, person=Choice.NEAREST)]
    assert len({sample_cache.key_of(t) for t in [task, *others, replace(task, video=DAY)]}) == 6


def test_a_result_from_the_cache_has_the_name_of_the_file_that_was_named(model_file: Path, one_process: None, tmp_path: Path) -> None:
    """Of two copies the second is not called by the name of the first, which the cache was written from."""
    job = job_of(model_file, end_s=1.0, cache=tmp_path / "cache")
    for name in ("first.mp4", "second.mp4"):
        copy = tmp_path / name
        copy.write_bytes(SIDE.read_bytes())
        assert analyze(copy, job).video.name == name
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_damaged_entry_is_measured_anew(model_file: Path, one_process: None, tmp_path: Path) -> None:
    """Bytes that are no longer what was written cost a second look, not the run."""
    job = job_of(model_file, end_s=1.0, cache=tmp_path)
    fresh = tables(SIDE, job)
    for part in tmp_path.rglob("*.npz"):
        part.write_bytes(part.read_bytes()[:200])
    assert tables(SIDE, job) == fresh
