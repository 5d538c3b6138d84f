"""A run is repeated from its summary: the same tables byte for byte, or one line that says why not."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES
from jobs import job_of
from typer.main import get_command

from posture._support import config
from posture._support.catalogue import load
from posture.capture import Crop, VideoFacts
from posture.cli import analyze_options, analyze_repeat
from posture.cli.analyze import app
from posture.cli.app import run
from posture.errors import InputError
from posture.pose import Choice
from posture.recordings import repeating, run_record, stamps
from posture.recordings.analysis import analyze_measured
from posture.recordings.job import Job
from posture.recordings.merging import Measured
from posture.reports.recording.summary_json import summary_json
from posture.settings import BandSettings, Settings
from posture.storage.store import Store
from posture.types import View

SIDE = SAMPLES / "side_mixed_male1.mp4"
NO_NUMBER = frozenset({
    *("settings", "model", "model_facts", "catalogue", "parameters"),  # recorded by value or by hash
    *("history", "reports", "flagged", "start_epoch_s"),  # of one's own day: from the database
    *("keep_poses", "source", "stopped", "jobs", "cache", "command", "about", "groups", "media", "own_day", "pictures", "show_faces"),
})  # fmt: skip
"""Fields of a job that are no options on which numbers depend."""


@pytest.fixture(autouse=True)
def _own_home(home: Path, model_file: Path, kept_landmarks: Path, one_process: None) -> None:
    """Every test has a database of its own, and the landmarks of the clips."""


def analyzed(folder: Path, *options: str, video: Path = SIDE) -> Path:
    """The summary of a run."""
    assert run(["analyze", str(video), "--out", str(folder), *options]) == 0
    return folder / "summary.json"


def repeated(summary: Path, folder: Path, *options: str) -> int:
    """The exit code of repeating it."""
    return run(["analyze", *options, "--repeat", str(summary), "--out", str(folder)])


def changed(summary: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The summary, with something changed in it."""
    data = json.loads(summary.read_text(encoding="utf-8"))
    change(data)
    summary.write_text(json.dumps(data), encoding="utf-8")
    return summary


def test_with_a_profile_and_settings_of_then(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The saved neutral, the settings file and the recording's old place are gone, and the tables are the same."""
    clip = Path(shutil.copy(SIDE, tmp_path / SIDE.name))
    own = tmp_path / "own.toml"
    own.write_text("[bands]\nenter_at = 0.81234\n", encoding="utf-8")
    analyzed(tmp_path / "first", "--neutral", "0-0.7", "--profile", "desk", "--cache", video=clip)
    first = analyzed(tmp_path / "a", "--profile", "desk", "--config", str(own), "--set", "dose.soft_s=601.23456", "--cache", video=clip)
    with Store.open() as store:
        store.delete_profile("desk")
    own.unlink()
    moved = clip.rename(tmp_path / "elsewhere.mp4")
    capsys.readouterr()
    assert repeated(first, tmp_path / "b", str(moved), "--cache") == 0
    assert "readings.csv and episodes.csv: the same" in capsys.readouterr().out
    assert (tmp_path / "b" / "readings.csv").read_bytes() == (tmp_path / "a" / "readings.csv").read_bytes()
    told = json.loads((tmp_path / "b" / "summary.json").read_text(encoding="utf-8"))
    assert told["neutral"]["source"] == "profile desk"
    assert told["changed_settings"] == {"bands.enter_at": 0.812, "dose.soft_s": 601.235}  # as they are shown
    assert (told["run"]["settings"]["bands.enter_at"], told["run"]["settings"]["dose.soft_s"]) == (0.81234, 601.23456)


def test_a_part_measured_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every picture is looked at again; beside the first results, which stay."""
    analyzed(tmp_path / "a.posture", "--start", "2", "--end", "3", "--rate", "2.5", "--exercises", "cat_cow_seated", "--person", "largest")
    assert run(["analyze", "--repeat", str(tmp_path / "a.posture")]) == 0
    assert "the same as in" in capsys.readouterr().out
    for name in ("readings.csv", "episodes.csv"):
        assert (tmp_path / "a.repeat.posture" / name).read_bytes() == (tmp_path / "a.posture" / name).read_bytes()


def test_what_differs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another version is a warning, another recording, model or set of parameters an error; another table is found."""
    first = analyzed(tmp_path / "a", "--neutral", "0-0.7", "--cache")
    kept = first.read_text(encoding="utf-8")
    capsys.readouterr()
    changed(first, lambda d: d["versions"].update(numpy="1.0"))
    assert repeated(first, tmp_path / "b", "--cache") == 0
    assert "not the same versions as then, so figures may differ: numpy" in capsys.readouterr().err

    other = str(SAMPLES / "side_tilt_female1.mp4")
    cases: dict[str, tuple[Callable[[dict[str, Any]], None], list[str]]] = {
        "is not the recording of": (lambda d: None, [other]),
        "is no longer at": (lambda d: d["run"]["recording"].update(path="/nowhere/x.mp4"), []),
        "with another pose model": (lambda d: d["model"].update(sha256="0" * 64), []),
        "with other fitted parameters; to repeat it, install posture": (lambda d: d["run"]["parameters"].update(sha256="0" * 64), []),
        "was a stream and can't be read again": (lambda d: d["run"]["recording"].update(kind="stream", path=None, sha256=None), []),
        "an earlier version, which kept no record": (lambda d: d.pop("run"), []),
        "written by a newer version": (lambda d: d.update(schema=2), []),
        "is no summary.json of": (lambda d: d.update(schema=0), []),
        "its record of the run is damaged": (lambda d: d["run"]["recording"].update(kind="dream"), []),
    }
    for line, (change, video) in cases.items():
        first.write_text(kept, encoding="utf-8")
        changed(first, change)
        assert repeated(first, tmp_path / "c", *video) == 1, line
        said = capsys.readouterr().err
        assert line in said
        assert len(said.splitlines()) == 1
    first.write_text(kept, encoding="utf-8")
    (tmp_path / "a" / "episodes.csv").unlink()
    (tmp_path / "a" / "readings.csv").write_text("edited\n", encoding="utf-8")
    assert repeated(first, tmp_path / "b", "--cache") == 1
    said = capsys.readouterr().err
    assert "readings.csv: not the same as in" in said
    assert "episodes.csv: is not in" in said


@pytest.mark.parametrize("option", [["--rate", "5"], ["--neutral", "0-1"], ["--set", "dose.soft_s=600"], ["--no-adaptive"], ["--resume"]])
def test_what_the_record_says_is_not_said_again(option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and nothing is read."""
    assert run(["analyze", "--repeat", str(tmp_path / "missing.json"), *option]) == 2
    assert f"can't be combined with {option[0].replace('no-', '')}" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, '{"schema": 1, "run": []}', '{"schema": 1, "run": {"settings": {}}}'])
def test_what_is_no_summary(content: str, tmp_path: Path) -> None:
    """Named, in one line."""
    file = tmp_path / "summary.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"is no summary\.json|is damaged"):
        repeating.read_run(file)


def test_a_record_that_lacks_something_is_damaged(tmp_path: Path, model_file: Path) -> None:
    """Whichever of its keys is gone, or is something else."""
    first = tmp_path / "summary.json"
    result = analyze_measured(Measured(VideoFacts.bare("none")), job_of(model_file))
    first.write_bytes(summary_json(run_record.with_file(result, SIDE, stamps.stamp_of(SIDE)), load()))
    kept = first.read_text(encoding="utf-8")
    run_ = json.loads(kept)["run"]
    for path in [(k,) for k in run_ if k not in ("command", "analyzed_utc")] + [("options", k) for k in run_["options"] if k != "tracking"]:
        for wrong in ({}, [object]):
            data = json.loads(kept)
            place = data["run"] if len(path) == 1 else data["run"][path[0]]
            if wrong == {} and len(path) == 1:
                del place[path[-1]]
            elif wrong == {}:
                place[f"{path[-1]}_of_tomorrow"] = place.pop(path[-1])
            elif path[-1] in ("adaptive", "catalogue_sha256", "system"):
                continue  # anything is read as one
            else:
                place[path[-1]] = "?"
            first.write_text(json.dumps(data), encoding="utf-8")
            with pytest.raises((InputError, config.ConfigError)):
                repeating.read_run(first)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rotate_deg", 45),
        ("part_s", 0.0),
        ("fps", -1.0),
        ("exercises", "yoga"),
        ("neutral_span_s", [3, 1]),
        ("neutral_span_s", [math.nan, 1]),
    ],
)
def test_an_option_that_the_command_would_refuse_is_damaged(key: str, value: object) -> None:
    """Somebody edited the record, or it is of a version that knew more."""
    with pytest.raises(ValueError, match=re.escape(str(value))):
        run_record.fields_from({key: value})


def test_an_option_that_there_was_not_yet(model_file: Path) -> None:
    """Records of earlier versions lack what is newer: it keeps its default."""
    options = run_record.options_of(job_of(model_file))
    del options["crop"]
    assert "crop" not in run_record.fields_from(options)


# --- what is recorded


def test_every_option_of_a_job_is_recorded(model_file: Path) -> None:
    """A field that is new has its row in the table, or is one on which no number depends; and it is read back as it was."""
    fields = {f.name for f in dataclasses.fields(Job)}
    assert {o.field for o in run_record.OPTIONS.values()} == fields - NO_NUMBER
    job = replace(
        job_of(model_file), neutral_span=(0.1, 0.7), view=View.FRONT, person=Choice.NEAREST, start_s=1 / 3, end_s=2.0, rotate_deg=90,
        fps=29.97, part_s=7.0, exercises="cat_cow_seated", crop=Crop.parse("33.33333333%,0%,1234567e-5%,100%"),
    )  # fmt: skip
    back = run_record.fields_from(json.loads(json.dumps(run_record.options_of(job))))
    assert back == {name: getattr(job, name) for name in fields - NO_NUMBER}


def test_every_section_of_the_settings_is_recorded_or_counts_for_nothing() -> None:
    """And what is recorded gives the same settings."""
    assert set(config.SECTIONS) == {*run_record.SECTIONS, "watch", "presence", "storage", "window"}
    settings = Settings(bands=BandSettings(enter_at=0.8 + 1e-9))
    assert config.of(json.loads(json.dumps(run_record.settings_of(settings)))) == settings


def test_no_credentials_are_recorded(tmp_path: Path) -> None:
    """Neither those that were typed, nor those of the user's own camera."""
    command = get_command(app)
    words = ["rtsp://me:hush@camera/1", "--for", "10m", "--set", "watch.camera=http://me:hush@x/", "--exercises"]
    with command.make_context("analyze", list(words)) as ctx:
        typed = analyze_options.typed_in(ctx)
    assert typed == ("analyze", "rtsp://...@camera/1", "--for", "10m", "--set", "watch.camera=http://...@x/", "--exercises")
    first = analyzed(tmp_path / "a", "--cache", "--set", "watch.camera=rtsp://me:hush@camera/1")
    assert b"hush" not in first.read_bytes()
    assert b"hush" not in (tmp_path / "a" / "report.html").read_bytes()


def test_parameters_that_go_with_repeat_are_there() -> None:
    """They are named by the function's parameters."""
    assert {p.name for p in get_command(app).params} >= analyze_repeat.WITH_REPEAT


# --- the stamp of a file


def test_a_file_is_read_once_for_all_who_ask(tmp_path: Path) -> None:
    """In a thread or not; a file that has changed is read again."""
    file = tmp_path / "a.bin"
    file.write_bytes(b"1" * 3_000_000)
    with stamps.BackgroundStamp(file) as stamp:
        found = stamp.result()
    assert found == stamps.stamp_of(file)
    assert found is stamps.stamp_of(file)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    time.sleep(0.01)
    file.write_bytes(b"2" * 3_000_000)
    assert stamps.stamp_of(file).sha256 == hashlib.sha256(file.read_bytes()).hexdigest() != found.sha256


def test_a_stamp_that_is_not_waited_for(tmp_path: Path) -> None:
    """The end of the block ends the reading; a file that is gone has no stamp."""
    file = tmp_path / "large.bin"
    with file.open("wb") as opened:
        opened.truncate(4_000_000_000)  # a hole: takes no room
    began_s = time.monotonic()
    with stamps.BackgroundStamp(file) as stamp:
        assert stamp.result(0.01) is None
    assert time.monotonic() - began_s < 1.0
    with stamps.BackgroundStamp(tmp_path / "missing") as stamp:
        assert stamp.result() is None
