"""Exercises in recordings: found where there are some, not found in desk work, and what is written of them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from conftest import SAMPLES
from kept import LANDMARKS
from rich.console import Console
from sample_table import rendered_clips
from typer.main import get_command

from benchmarks.exercise_plays import CARDS, Body, at_rate, rhythm
from posture._support.catalogue import load, movements
from posture.capture import VideoFacts
from posture.cli.analyze import app
from posture.cli.analyze_options import OptionalExercise, check_exercise
from posture.recordings import sample_cache
from posture.recordings.analysis import analyze, analyze_measured
from posture.recordings.job import EXERCISE_RATE_HZ, Job
from posture.recordings.merging import Measured
from posture.recordings.run_record import ALL_EXERCISES
from posture.reports import as_dict
from posture.reports.recording.exercises import exercise_rows
from posture.reports.recording.page import page_html
from posture.reports.recording.terminal import print_analysis
from posture.settings import Settings

CATALOGUE = load()
JOB = Job(Settings(), Path("model"), {"name": "full"}, CATALOGUE, neutral_span=(0.0, 0.7), exercises=ALL_EXERCISES)


def drawn(movement: str, count: int) -> Measured:
    """Return what was seen of a drawn person from the side who does something `count` times."""
    r = np.random.default_rng(1)
    times, shares = rhythm(r, count, 5.0, 0.9, rest_s=0.0, hold_s=0.0)
    samples, _ = Body(CARDS / "010.npz").samples(r, "side", movement, *at_rate(r, times, shares, 8.0))
    measured = Measured(VideoFacts.bare("drawn", 640, 360), complete=True)
    for sample in samples:
        measured.samples.append(sample)
    return measured


@pytest.mark.parametrize("given", [True, False])
def test_a_drawn_exercise_is_found_and_written(given: bool) -> None:
    """With an upright reference or without one."""
    result = analyze_measured(drawn("cat_cow", 5), replace(JOB, neutral_span=(0.0, 2.0) if given else None))
    (entry,) = as_dict(result, CATALOGUE)["exercises"]
    assert entry["exercise"] == "cat_cow_seated"
    off = 0 if given else 1
    assert abs(entry["repetitions"] - 5) <= off
    assert entry["half_repetitions"] <= off
    assert entry["tempo_s"] == pytest.approx(5.0, abs=1.0)
    assert entry["depth_sd_deg"] > 0
    out = Console(file=io.StringIO(), width=100)
    print_analysis(out, result, CATALOGUE)
    assert "Cat-Cow on your chair" in out.file.getvalue()  # type: ignore[attr-defined]
    (row,) = exercise_rows(result, CATALOGUE)
    page = page_html(result, CATALOGUE).decode()
    assert all(f">{cell}<" in page for cell in row)


def test_a_sample_recording_is_counted_as_its_table_says(model_file: Path, one_process: None) -> None:
    """Five tilts and half a one, of somebody whose trunk reads as turned a little from the side."""
    settings = replace(Settings(), measure=replace(Settings().measure, rate_hz=EXERCISE_RATE_HZ))
    job = replace(JOB, settings=settings, model=model_file, neutral_span=(0.0, 2.0))
    (bout,) = analyze(SAMPLES / "exercise_tilts_side.mp4", job).exercises or ()
    assert (bout.result.exercise, bout.result.repetitions, bout.result.half_repetitions) == ("pelvic_tilts_seated", 5, 1)
    assert bout.result.tempo_s == pytest.approx(4.0, abs=0.3)
    assert bout.result.depth_deg == pytest.approx(24.0, abs=2.0 * (bout.result.depth_sd_deg or 0.0))


def test_a_named_exercise_is_counted_alone() -> None:
    """A tilt is no Cat-Cow, whatever one asks for."""
    for name, found in (("pelvic_tilts_seated", 4), ("cat_cow_seated", 0)):
        result = analyze_measured(drawn("pelvic_tilt", 4), replace(JOB, neutral_span=(0.0, 2.0), exercises=name))
        assert sum(b.result.repetitions for b in result.exercises or ()) == found


@pytest.mark.parametrize("clip", rendered_clips())
def test_desk_work_is_no_exercise(clip: str) -> None:
    """Leans, slumps and tilts of people at work."""
    measured = sample_cache.load(LANDMARKS, clip, clip, keep_poses=False)
    assert measured is not None
    assert analyze_measured(measured, JOB).exercises == ()


def test_nothing_is_looked_for_unasked() -> None:
    """The key is there all the same."""
    result = analyze_measured(drawn("nod", 1), replace(JOB, exercises=None))
    assert as_dict(result, CATALOGUE)["exercises"] is None
    assert 'id="exercises"' not in page_html(result, CATALOGUE).decode()


def test_the_id_may_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is an exercise if it looks like one and is no file."""
    monkeypatch.chdir(tmp_path)
    Path("recordings").mkdir()
    seen: list[list[str]] = []
    monkeypatch.setattr("typer.core.TyperCommand.parse_args", lambda _self, _ctx, args: seen.append(args) or [])
    command = OptionalExercise("analyze")
    for args in (["a.mp4", "--exercises"], ["--exercises", "recordings"], ["--exercises", "get_up", "a.mp4"], ["--exercises=x"]):
        command.parse_args(SimpleNamespace(meta={}), args)
    assert seen == [["a.mp4", "--exercises=all"], ["--exercises=all", "recordings"], ["--exercises=get_up", "a.mp4"], ["--exercises=x"]]
    check_exercise("all")
    with pytest.raises(typer.BadParameter, match="cat_cow_seated"):
        check_exercise("catcow")
    help_ = next(p.help for p in get_command(app).params if p.name == "exercises")  # type: ignore[attr-defined]
    assert set(re.findall(r"[a-z]+_[a-z_]+", help_)) == set(movements())
