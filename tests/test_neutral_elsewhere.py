"""A neutral from another file, or from seconds outside the part that is measured."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from conftest import SAMPLES
from skeleton import Camera, pose_of, sitting

from posture.biomechanics import Neutral, PoseSample, neutral_of, sample_of
from posture.cli.analyze_options import neutral_source_of
from posture.cli.app import run
from posture.engine import SampleRows, rows_of
from posture.recordings.notes import elsewhere_notes
from posture.settings import MeasureSettings
from posture.storage import Store
from posture.types import Detection, FoundPose, View

SIDE = SAMPLES / "side_mixed_male1.mp4"
FRONT_CAMERA, SIDE_CAMERA = Camera(distance_m=0.9, height_m=1.15, focal_px=1000.0), Camera(yaw_deg=88.0, distance_m=2.4, height_m=0.9)


def summary(folder: Path) -> dict[str, object]:
    """A recording's summary."""
    found: dict[str, object] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def readings(folder: Path) -> list[dict[str, str]]:
    """A recording's readings."""
    with (folder / "readings.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_neutral_outside_of_what_is_measured_is_measured_by_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """By the pool and by another file alike, with the same readings; a name keeps it; what was done already is known again."""
    videos = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for video in videos:
        video.symlink_to(SIDE)
    part = ["--start", "5", "--end", "6", "--cache", "--out"]
    assert run(["analyze", *map(str, videos), "--jobs", "2", "--neutral", "0-0.7", *part, str(tmp_path / "own")]) == 0
    own, given = tmp_path / "own" / "b.posture", tmp_path / "given"
    other = ["analyze", str(videos[0]), "--neutral-from", f"{SIDE}:0-0.7", "--profile", "desk", "--resume", *part, str(given)]
    assert run(other) == 0
    assert readings(own) == readings(given)
    assert any(r["trunk_flexion_deg"] for r in readings(own))
    ends = {"start_s": 0.0, "end_s": 0.6, "readings": 4}
    assert summary(own)["neutral"] == summary(own)["neutral"] | ends | {"source": "given"}  # type: ignore[operator]
    assert summary(given)["neutral"] == summary(own)["neutral"] | {"source": f"file {SIDE.name}"}  # type: ignore[operator]
    with Store.open() as store:
        assert Neutral.from_dict(store.load_profile("desk").data).count == 4
    capfd.readouterr()
    assert run(other) == 0
    assert "1 of 1 recordings are already complete" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("text", "file", "span"),
    [
        ("up.mp4:0-3", "up.mp4", (0.0, 3.0)),
        ("up.mp4:0:10-0:15", "up.mp4", (10.0, 15.0)),
        ("C:\\clips\\up.mp4:1:00:00-1:00:03", "C:\\clips\\up.mp4", (3600.0, 3603.0)),
    ],
)
def test_a_file_and_its_seconds_are_told_apart(text: str, file: str, span: tuple[float, float]) -> None:
    """Colons stand in both."""
    assert neutral_source_of(text, None) == (Path(file), span)


@pytest.mark.parametrize("text", ["up.mp4", "up.mp4:", "up.mp4:3-1", ":0-3", "up.mp4:0-x"])
def test_what_names_no_seconds_of_a_file_is_refused(text: str) -> None:
    """So is a second neutral."""
    with pytest.raises(typer.BadParameter):
        neutral_source_of(text, None)
    with pytest.raises(typer.BadParameter, match="--neutral"):
        neutral_source_of("up.mp4:0-3", "0-3")


@pytest.mark.parametrize(("span", "words"), [("90-95", "beyond its end"), ("24-90", "past the end")])
def test_a_span_past_the_end_of_the_other_file_is_refused(span: str, words: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Before any recording is begun, in one line that names the file."""
    assert run(["analyze", "x.mp4", "--neutral-from", f"{SIDE}:{span}"]) == 1
    err = capfd.readouterr().err
    assert words in err and SIDE.name in err and "x.mp4" not in err


def seen(camera: Camera) -> list[PoseSample]:
    """Three seconds of sitting tall."""
    poses = [pose_of(sitting(), camera, i * 0.2) for i in range(15)]
    return [sample_of(FoundPose(p.time_s, Detection.PERSON, p)) for p in poses]


@pytest.mark.parametrize(
    ("camera", "view", "words"),
    [
        (FRONT_CAMERA, View.FRONT, None),
        (replace(FRONT_CAMERA, distance_m=1.4), View.FRONT, "looks smaller"),
        (replace(FRONT_CAMERA, height_m=1.29), View.FRONT, "lower in the picture"),
        (SIDE_CAMERA, View.SIDE, "another view (front) than this recording (side)"),
    ],
)
def test_another_view_and_a_moved_camera_are_told(camera: Camera, view: View, words: str | None) -> None:
    """However short the recording is."""
    own = neutral_of([s.features for s in seen(FRONT_CAMERA) if s.features is not None])
    samples = SampleRows()
    samples.extend_rows(rows_of(seen(camera)))
    notes = elsewhere_notes(own, samples, MeasureSettings(), view)
    assert [words in note for note in notes if words] == ([True] if words else [])
    assert len(notes) == (words is not None)
