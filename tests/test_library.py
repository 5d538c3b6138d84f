"""The program used as a library: recordings, frames and landmarks of the caller's own, step by step."""

from __future__ import annotations

import csv
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from jobs import in_one_process, same_result

import posture
from posture import InputError, Pose, PostureError, Recording
from posture.cli.app import run
from posture.pose.finder import PoseFinder
from posture.reports import Format
from posture.types import EpisodeKind, Posture

SIDE = SAMPLES / "side_mixed_male1.mp4"
NEUTRAL = (0.0, 0.7)


@pytest.fixture(scope="module", autouse=True)
def _one_process() -> Iterator[None]:
    """What is measured here is measured by this process."""
    with pytest.MonkeyPatch.context() as patch:
        in_one_process(patch)
        yield


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the landmarks of the sample recording are kept."""
    return tmp_path_factory.mktemp("library") / "cache"


@pytest.fixture(scope="module")
def recording(model_file: Path, cache: Path) -> Recording:
    """A sample recording, with its landmarks."""
    return posture.analyze(SIDE, neutral=NEUTRAL, keep_landmarks=True, cache=cache)


@pytest.fixture(scope="module")
def frames() -> list[tuple[float, people.Image]]:
    """Its frames, five a second."""
    return [(f.time_s, f.image) for f in people.frames_of(SIDE)]


def test_importing_the_package_is_light_and_asking_for_a_name_is_not() -> None:
    """``import posture`` loads nothing; every name that is offered is there; another one is an AttributeError."""
    code = "import sys, posture; print([m for m in ('numpy', 'cv2', 'mediapipe') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    for name in posture.__all__:
        assert getattr(posture, name) is not None
        assert name in dir(posture)
    assert (Path(posture.__file__).parent / "py.typed").is_file()  # type checkers of other programs read the annotations
    with pytest.raises(AttributeError, match="nonsense"):
        posture.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_a_recording_says_what_the_command_writes(recording: Recording, cache: Path, home: Path, tmp_path: Path) -> None:
    """Every file of the command, byte for byte in the tables, and columns that hold the same numbers."""
    kept = ["--cache-dir", str(cache)]
    argv = ["analyze", str(SIDE), "--neutral", "0-0.7", "--out", str(tmp_path / "command"), "--format", "all", *kept]
    assert run(argv) == 0
    written = recording.write(tmp_path / "library", formats=tuple(Format))
    assert {p.name for p in written} == {p.name for p in (tmp_path / "command").iterdir()}
    assert same_result(tmp_path / "library", tmp_path / "command")
    for name in ("landmarks.trc", "angles.mot", "subtitles.srt"):
        assert (tmp_path / "library" / name).read_bytes() == (tmp_path / "command" / name).read_bytes(), name
    with (tmp_path / "library" / "readings.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    readings = recording.readings
    assert len(readings) == len(rows)
    for name in ("time_s", "trunk_flexion_deg", "pelvic_tilt_sd_deg"):
        said = np.array([float(r[name]) if r[name] else np.nan for r in rows])
        np.testing.assert_allclose(readings[name], said, atol=0.006)
    assert readings["posture"].tolist() == [r["posture"] for r in rows]
    assert readings["present"].dtype == bool
    assert readings["held"].sum() == sum(r["held"] == "1" for r in rows)
    assert list(dict(readings)) == list(readings.columns) == list(rows[0])
    with pytest.raises(KeyError, match="trunk_flexion_deg"):
        readings["trunk"]


def test_what_is_known_of_a_recording_is_typed(recording: Recording) -> None:
    """Spans tile it, episodes and summary agree with them, landmarks have their shapes, and it says so in words."""
    spans = recording.spans
    assert all(a.end_s == b.start_s for a, b in pairwise(spans))
    assert sum(s.duration_s for s in spans if s.posture is Posture.FLEXED) == pytest.approx(recording.summary.seconds[Posture.FLEXED])
    assert {e.kind for e in recording.episodes} >= {EpisodeKind.SITTING, EpisodeKind.FLEXED}
    assert recording.video.name == SIDE.name
    assert recording.complete
    assert recording.neutral is not None
    assert recording.prompts == ()
    marks = recording.landmarks
    assert marks is not None
    m = len(marks.time_s)
    assert m == len(recording.readings)
    assert (marks.image_px.shape, marks.world_m.shape, marks.visibility.shape) == ((m, 33, 3), (m, 33, 3), (m, 33))
    text = repr(recording)
    assert SIDE.name in text
    assert "leaning or slumped" in text
    assert len(text.splitlines()) <= 6 + len(recording.notes)
    shown = recording._repr_html_()
    drawn = ET.fromstring(b64decode(shown.split("base64,")[1].split('"')[0]))
    assert drawn.tag.endswith("svg")
    assert "http" not in shown.split("base64,")[0]
    assert "not a medical device" in "".join(drawn.itertext())


def test_settings_and_neutral_of_another_recording(recording: Recording, cache: Path) -> None:
    """Thresholds change what is flexed; the cache makes it quick; a neutral of an earlier version, found in another way, is less sure."""
    again = posture.analyze(SIDE, neutral=recording.neutral, cache=cache)
    both = np.nanmax(np.abs(again.readings["trunk_flexion_deg"] - recording.readings["trunk_flexion_deg"]))
    assert both < 0.01
    mild = {"bands.flexed_trunk_deg": 60.0, "bands.flexed_beyond_neutral_deg": 60.0, "bands.flexed_spine_deg": 60.0}
    bold = posture.analyze(SIDE, neutral=recording.neutral, cache=cache, settings=mild)
    with pytest.warns(DeprecationWarning, match=r"Recording\.analysis is deprecated"):
        assert bold.analysis.changed_settings == mild
    assert bold.summary.seconds[Posture.FLEXED] == 0.0 < again.summary.seconds[Posture.FLEXED]
    assert recording.neutral is not None
    assert recording.neutral.tracked
    earlier = posture.analyze(SIDE, neutral=replace(recording.neutral, tracked=False), cache=cache)
    np.testing.assert_array_equal(earlier.readings["spinal_flexion_deg"], again.readings["spinal_flexion_deg"])
    assert np.nanmin(earlier.readings["trunk_flexion_sd_deg"] - again.readings["trunk_flexion_sd_deg"]) > 1.0
    assert any("earlier version" in note for note in earlier.notes)


def test_following_can_no_longer_be_left_out(frames: list[tuple[float, people.Image]]) -> None:
    """The argument is still taken, has no effect, and says so."""
    with pytest.warns(DeprecationWarning, match="follow no longer does anything"):
        anew = posture.analyze_frames(frames[:20], neutral=NEUTRAL, follow=False)
    np.testing.assert_array_equal(
        anew.readings["trunk_flexion_deg"], posture.analyze_frames(frames[:20], neutral=NEUTRAL).readings["trunk_flexion_deg"]
    )


def test_frames_of_your_own_give_what_the_file_gives(recording: Recording, frames: list[tuple[float, people.Image]]) -> None:
    """The same pictures by hand: the same episodes within half a second, angles within a degree."""
    own = posture.analyze_frames(frames, name="mine", neutral=NEUTRAL, keep_landmarks=True)
    assert own.video.name == "mine"
    assert len(own.readings) == len(frames)
    apart = np.abs(own.readings["trunk_flexion_deg"] - recording.readings["trunk_flexion_deg"])
    assert np.nanmedian(apart) < 1.0
    lasting = [e for e in recording.episodes if e.in_state_s > 2.5]
    for e in lasting:
        assert any(o.kind is e.kind and abs(o.start_s - e.start_s) <= 0.5 and abs(o.end_s - e.end_s) <= 0.5 for o in own.episodes)
    assert own.landmarks is not None
    slow = posture.analyze_frames(frames[:50], rate_hz=1.0)
    assert len(slow.readings) == 10


def test_landmarks_of_your_own(recording: Recording, frames: list[tuple[float, people.Image]], model_file: Path) -> None:
    """Poses with their outline give the angles of the pictures; nobody is away; without the outline the spine is less sure."""
    from posture.types import Frame  # noqa: PLC0415

    frames = frames[:60]
    found: list[Pose | tuple[float, None]] = []
    with PoseFinder(model_file) as finder:
        for time_s, image in frames:
            pose = finder.find(Frame(time_s, image)).pose
            found.append((time_s, None) if pose is None else pose)
    by_frames = posture.analyze_frames(frames, neutral=NEUTRAL, adaptive=False)
    whole = posture.analyze_landmarks(found, neutral=NEUTRAL)
    np.testing.assert_allclose(whole.readings["spinal_flexion_deg"], by_frames.readings["spinal_flexion_deg"], atol=0.5)
    bare = posture.analyze_landmarks([replace(p, mask=None) if isinstance(p, Pose) else p for p in found], neutral=NEUTRAL)
    assert np.nanmedian(bare.readings["spinal_flexion_sd_deg"]) > np.nanmedian(whole.readings["spinal_flexion_sd_deg"])
    gone = posture.analyze_landmarks([*found, *((12.0 + 0.2 * i, None) for i in range(100))], neutral=NEUTRAL)
    assert gone.summary.seconds[Posture.AWAY] > 15.0
    assert not gone.readings["present"][-1]


def test_step_by_step(frames: list[tuple[float, people.Image]], recording: Recording) -> None:
    """Live: uncalibrated until the neutral is known, then angles without a look ahead; the end is a recording like any other."""
    with posture.Pipeline(neutral=NEUTRAL) as pipeline:
        steps = [pipeline.frame(time_s, image) for time_s, image in frames]
        assert not steps[0].calibrated
        assert steps[-1].calibrated
        assert steps[-1].dose_s[EpisodeKind.SITTING] > 20.0
        live = pipeline.finish()
        with pytest.raises(PostureError, match="over"):
            pipeline.nobody(99.0)
    agree = np.mean([s.posture is Posture(p) for s, p in zip(steps[10:], recording.readings["posture"][10:], strict=True)])
    assert agree > 0.8
    assert len(live.readings) == len(frames)
    assert live.summary.total_s == pytest.approx(25.0, abs=0.3)
    with posture.Pipeline(neutral=recording.neutral) as pipeline:
        assert pipeline.frame(*frames[0]).calibrated
    with posture.Pipeline() as pipeline:
        assert pipeline.nobody(0.0).posture is not Posture.FLEXED
        assert pipeline.neutral is None
        nobody = pipeline.finish()
    assert nobody.summary.coverage is None


def test_prompts_come_with_the_step_that_calls_for_them(frames: list[tuple[float, people.Image]], model_file: Path) -> None:
    """Somebody who stays flexed is spoken to once the dose is reached: the same pose, again and again."""
    from posture.types import Frame  # noqa: PLC0415

    poses = []
    for image in (frames[0][1], next(i for t, i in frames if t >= 11.0)):
        with PoseFinder(model_file) as finder:
            poses.append(finder.find(Frame(0.0, image)).pose)
    neutral, flexed = poses
    assert neutral is not None
    assert flexed is not None
    with posture.Pipeline(neutral=(0.0, 2.0), settings={"dose.soft_s": 120.0, "dose.firm_s": 240.0}) as pipeline:
        said = []
        for i in range(900):
            time_s = 0.2 * i
            said += [(time_s, p) for p in pipeline.pose(replace(neutral if time_s < 5.0 else flexed, time_s=time_s)).prompts]
        assert pipeline.finish().prompts == tuple(p for _, p in said)
    assert said
    assert all(abs(time_s - p.time_s) < 0.3 for time_s, p in said)
    assert 120.0 < said[0][0] < 130.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: posture.analyze("gone.mp4"), "gone.mp4"),
        (lambda: posture.analyze(SIDE, neutral=(3, 1)), "neutral: expected"),
        (lambda: posture.analyze(SIDE, neutral="0-3"), "neutral: expected"),  # type: ignore[arg-type]
        (lambda: posture.analyze(SIDE, neutral=(90, 91)), "goes past the end"),
        (lambda: posture.analyze(SIDE, view="back"), "there are front, oblique, side"),
        (lambda: posture.analyze(SIDE, person="tallest"), "there are main"),
        (lambda: posture.analyze(SIDE, settings={"dose.soft": 1}), "dose.soft"),
        (lambda: posture.analyze(SIDE, settings={"soft_s": 1}), "expected section.key"),
        (lambda: posture.analyze(SIDE, rate_hz=0), "rate_hz"),
        (lambda: posture.analyze(SIDE, jobs=-1), "jobs: expected 1 or more"),
        (lambda: posture.analyze_frames([(0.0, np.zeros((4, 4), np.uint8))]), "frame 0: expected a picture"),
        (lambda: posture.analyze_frames([(0.0, [[1]])]), "got list"),
        (lambda: posture.analyze_frames([("a", np.zeros((4, 4, 3), np.uint8))]), "number of seconds"),  # type: ignore[list-item]
        (lambda: posture.analyze_landmarks([(1.0, None), (0.5, None)]), "is not after"),
        (lambda: posture.analyze_landmarks([(1.0, 2)]), "expected a posture.Pose"),  # type: ignore[list-item]
        (lambda: posture.analyze_landmarks([pose_of((32, 3))]), "shape"),
        (lambda: posture.analyze_landmarks([pose_of((33, 3), np.nan)]), "finite"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call: object, words: str, model_file: Path) -> None:
    """Before anything is measured, as an error of the program's own."""
    with pytest.raises(PostureError, match=words) as caught:
        call()  # type: ignore[operator]
    assert len(str(caught.value).splitlines()) == 1


def pose_of(shape: tuple[int, ...], value: float = 1.0) -> Pose:
    """A pose of some shape."""
    marks = np.full(shape, value, np.float32)
    return Pose(0.0, marks, marks, np.ones(shape[0], np.float32), np.ones(shape[0], np.float32), 640, 480)


def test_no_frames_and_a_missing_library(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to measure is a recording of no length; pandas is asked for only where it is used."""
    empty = posture.analyze_frames([])
    assert len(empty.readings) == 0
    assert empty.readings["time_s"].shape == (0,)
    assert empty.summary.total_s < 1.0
    assert "Nobody was seen" in repr(empty)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PostureError, match="pip install pandas"):
        recording.readings.to_pandas()
    with pytest.raises(PostureError, match="keep_landmarks"):
        empty.write("nowhere", formats=("trc",))
    with pytest.raises(PostureError, match="no format 'doc'"):
        empty.write("nowhere", formats=("doc",))
    with pytest.raises(InputError):
        posture.analyze_frames([(0.0, None)])
