"""A moved camera or chair is noticed; a posture is not taken for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from kept import key_of
from skeleton import Body, Camera, pose_of, sitting

from posture.biomechanics.calibration import Neutral, neutral_of
from posture.biomechanics.drift import NeutralDriftDetector
from posture.biomechanics.pose_features import PoseFeatures, pose_features_of
from posture.capture.video_file import VideoFile
from posture.pose.finder import PoseFinder
from posture.recordings import sample_cache
from posture.types import Frame, Pose

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
FRONT = Camera(distance_m=0.9, height_m=1.15, focal_px=1000.0)
SIDE = Camera(yaw_deg=88.0, distance_m=2.4, height_m=0.9)
OBLIQUE = Camera(yaw_deg=45.0, distance_m=1.6)
DAY: tuple[float, ...] = (0.0, 4.0, 9.0, 18.0, 2.0, -4.0, 0.0, 25.0, 30.0, 1.0)
"""Leans that come and go in an hour of work."""


def shaken(pose: Pose, rng: np.random.Generator, px: float = 1.5) -> Pose:
    """With landmarks that tremble."""
    return replace(pose, image_xyz=pose.image_xyz + rng.normal(0.0, px, pose.image_xyz.shape).astype(np.float32))


def neutral(camera: Camera) -> Neutral:
    """Five seconds of sitting tall."""
    rng = np.random.default_rng(1)
    return neutral_of([pose_features_of(shaken(pose_of(sitting(), camera, i * 0.2), rng)) for i in range(25)])


def life(body: Callable[[float], Body], camera: Camera, minutes: float = 12.0, every_s: float = 4.0) -> Iterable[PoseFeatures]:
    """A person who changes posture by `body` of the minute."""
    rng = np.random.default_rng(2)
    for i in range(int(minutes * 60 / every_s)):
        yield pose_features_of(shaken(pose_of(body(i * every_s / 60.0), camera, i * every_s), rng))


def leaning(minute: float) -> Body:
    """Leans of the day, a minute and a half each."""
    return sitting(DAY[int(minute / 1.5) % len(DAY)])


def slumped(_minute: float = 0.0) -> Body:
    """Head and shoulders sunk, head forward, shoulders a little."""
    points = dict(sitting(3.0).points)
    for i, (x, y, z) in points.items():
        if i in (11, 12):
            points[i] = (x, y - 0.06, z + 0.03)
        elif i < 11:
            points[i] = (x, y - 0.11, z + 0.10)
    return Body(points)


def said(watch: NeutralDriftDetector, seen: Iterable[PoseFeatures]) -> list[str]:
    """All findings."""
    return [words for c in seen if (words := watch.push(c)) is not None]


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (SIDE, replace(SIDE, distance_m=3.1), "smaller"),
        (SIDE, replace(SIDE, distance_m=1.8), "larger"),
        (SIDE, replace(SIDE, focal_px=1500.0), "larger"),
        (SIDE, replace(SIDE, pitch_deg=3.2), "higher"),
        (SIDE, replace(SIDE, pitch_deg=-5.0), "lower"),
        (SIDE, replace(SIDE, yaw_deg=45.0), "turned"),
        (FRONT, replace(FRONT, distance_m=1.25), "smaller"),
        (FRONT, replace(FRONT, distance_m=0.66), "larger"),
        (FRONT, replace(FRONT, focal_px=1350.0), "larger"),
        (FRONT, replace(FRONT, pitch_deg=-10.0), "lower"),
        (FRONT, replace(FRONT, yaw_deg=45.0), "turned"),
        (OBLIQUE, replace(OBLIQUE, distance_m=2.1), "smaller"),
        (OBLIQUE, replace(OBLIQUE, yaw_deg=85.0), "turned"),
    ],
)
def test_a_moved_camera_or_chair_is_said_once(before: Camera, after: Camera, word: str) -> None:
    """Within minutes of ordinary sitting, once, and with what to do about it."""
    found = said(NeutralDriftDetector(neutral(before)), life(leaning, after, minutes=24.0))
    assert len(found) == 1
    assert word in found[0]
    assert found[0].endswith("your calibration no longer fits; recalibrate? (posture calibrate)")


@pytest.mark.parametrize("camera", [FRONT, SIDE, OBLIQUE])
@pytest.mark.parametrize("lean", [-12.0, -6.0, 0.0, 8.0, 15.0, 25.0, 40.0])
def test_a_lean_held_for_long_is_a_posture(camera: Camera, lean: float) -> None:
    """However long it is held."""
    assert said(NeutralDriftDetector(neutral(camera)), life(lambda _: sitting(lean), camera, minutes=15.0)) == []


@pytest.mark.parametrize("camera", [FRONT, SIDE, OBLIQUE])
def test_a_slump_held_for_long_is_a_posture(camera: Camera) -> None:
    """However long it is held."""
    assert said(NeutralDriftDetector(neutral(camera)), life(slumped, camera, minutes=15.0)) == []


@pytest.mark.parametrize("camera", [FRONT, SIDE, OBLIQUE])
def test_ordinary_sitting_fits(camera: Camera) -> None:
    """Leans that come and go, and a lean to the side, say nothing."""
    assert said(NeutralDriftDetector(neutral(camera)), life(leaning, camera, minutes=30.0)) == []
    assert said(NeutralDriftDetector(neutral(camera)), life(lambda _: sitting(0.0, 12.0), camera)) == []


@pytest.mark.parametrize(
    ("camera", "small"),
    [
        (SIDE, replace(SIDE, distance_m=2.55)),
        (SIDE, replace(SIDE, shift_m=0.12)),
        (SIDE, replace(SIDE, yaw_deg=78.0)),
        (FRONT, replace(FRONT, distance_m=0.97)),
        (FRONT, replace(FRONT, shift_m=0.10)),
    ],
)
def test_a_small_move_is_let_pass(camera: Camera, small: Camera) -> None:
    """A few centimetres cost a degree or two, and a nag costs more."""
    assert said(NeutralDriftDetector(neutral(camera)), life(leaning, small, minutes=24.0)) == []


def test_standing_up_is_no_moved_camera() -> None:
    """At a desk that goes up and down the same shape appears much higher."""
    standing = replace(FRONT, height_m=FRONT.height_m - 0.3)
    assert said(NeutralDriftDetector(neutral(FRONT)), life(lambda _: sitting(), standing, minutes=20.0)) == []


def test_a_chair_rolled_away_for_less_than_a_minute_is_let_pass() -> None:
    """Every two minutes, for half of one."""
    watch = NeutralDriftDetector(neutral(FRONT))
    away = replace(FRONT, distance_m=1.3)
    for half in range(40):
        camera = away if half % 4 == 1 else FRONT
        assert said(watch, (replace(c, time_s=c.time_s + 30.0 * half) for c in life(leaning, camera, minutes=0.5))) == []


def test_who_comes_back_is_told_that_the_neutral_fits_again() -> None:
    """A chair rolled away for three minutes is said once, an empty finding takes it back, and that is all, however often it goes on."""
    watch = NeutralDriftDetector(neutral(FRONT))
    away = replace(FRONT, distance_m=1.3)
    found = [
        said(watch, (replace(c, time_s=c.time_s + 180.0 * i) for c in life(lambda _: sitting(), away if i % 2 else FRONT, minutes=3.0)))
        for i in range(6)
    ]
    assert [len(f) for f in found] == [0, 1, 1, 0, 0, 0]
    assert "smaller" in found[1][0]
    assert found[2] == [""]


def test_time_without_the_person_counts_for_nothing() -> None:
    """A window is seconds of seeing: looks an hour apart are no minute."""
    moved = list(life(lambda _: sitting(), replace(SIDE, distance_m=3.2), minutes=0.2))
    assert said(NeutralDriftDetector(neutral(SIDE)), (replace(c, time_s=c.time_s + 3600.0 * i) for i in range(3) for c in moved)) == []


CLIPS = ["side_mixed_male1", "side_tilt_female1", "front_mixed_female1", "front_slump_male1", "diag_flexion_male1"]


@pytest.fixture(scope="module")
def clips(model_file: Path, landmark_cache: Path) -> dict[str, list[PoseFeatures]]:
    """What is seen of each clip, five times a second."""
    found = {}
    for clip in CLIPS:
        measured = sample_cache.load(landmark_cache, key_of(f"{clip}.mp4", model_file), clip, keep_poses=False)
        assert measured is not None
        found[clip] = [PoseFeatures(*(getattr(c, f.name) for f in fields(PoseFeatures))) for c in measured.samples.features()]
    return found


def looped(seen: list[PoseFeatures], every_s: float, until_s: float) -> list[PoseFeatures]:
    """A clip over and over, looked at so often."""
    times = [c.time_s for c in seen]
    length_s = times[-1] + 0.2
    moments = np.arange(0.0, until_s, every_s)
    return [replace(seen[int(np.searchsorted(times, t % length_s, side="right")) - 1], time_s=float(t)) for t in moments]


def moved_in_the_picture(c: PoseFeatures, zoom: float, right_m: float, down_m: float) -> PoseFeatures:
    """As another place or lens of the camera would show it."""
    centre = np.array([c.layout.width / 2.0, c.layout.height / 2.0])
    scale = zoom * c.px_per_m
    xy = centre + zoom * (c.layout.xy - centre) + scale * np.array([right_m, down_m])
    return replace(c, px_per_m=scale, layout=replace(c.layout, xy=xy))


MOVES = {"smaller": (0.75, 0.0, 0.0), "larger": (1.35, 0.0, 0.0), "lower": (1.0, 0.0, 0.14), "higher": (1.0, 0.0, -0.13)}


@pytest.mark.parametrize("every_s", [1.0, 4.0, 8.0])
@pytest.mark.parametrize("word", MOVES)
@pytest.mark.parametrize("clip", CLIPS)
def test_a_camera_moved_in_a_session_is_noticed_in_a_minute(
    clip: str, word: str, every_s: float, clips: dict[str, list[PoseFeatures]]
) -> None:
    """Of somebody who sits in their neutral; what appears larger from the front may be a lean, so that takes five."""
    own = [c for c in clips[clip] if c.time_s < 0.7]
    watch = NeutralDriftDetector(neutral_of(own))
    upright = looped(own, every_s, 120.0 + 330.0)
    assert said(watch, [c for c in upright if c.time_s < 120.0]) == []
    moved = [moved_in_the_picture(c, *MOVES[word]) for c in upright if c.time_s >= 120.0]
    at_s, words = next((c.time_s, found) for c in moved if (found := watch.push(c)))
    assert word in words
    assert at_s - 120.0 <= (310.0 if word == "larger" and clip.startswith("front") else 70.0)


@pytest.mark.parametrize("every_s", [1.0, 8.0])
@pytest.mark.parametrize("slower", [1.0, 10.0])
def test_what_the_clips_do_is_no_moved_camera(slower: float, every_s: float, clips: dict[str, list[PoseFeatures]]) -> None:
    """Over and over for ten minutes, and ten times as slowly."""
    for seen in clips.values():
        watch = NeutralDriftDetector(neutral_of([c for c in seen if c.time_s < 0.7]))
        assert said(watch, looped([replace(c, time_s=slower * c.time_s) for c in seen], every_s, 600.0)) == []


@pytest.mark.parametrize("clip", CLIPS)
def test_no_posture_of_the_clips_held_for_long_is_a_moved_camera(clip: str, clips: dict[str, list[PoseFeatures]]) -> None:
    """Each second of a clip, held for a quarter of an hour, is a posture."""
    seen = clips[clip][::4]
    assert len(seen) >= 18
    for c in seen[1:]:
        assert said(NeutralDriftDetector(neutral_of(seen[:1])), (replace(c, time_s=10.0 * i) for i in range(90))) == []


@pytest.mark.parametrize("day", ["desk_day", pytest.param("desk_day_front", marks=pytest.mark.soak)])
def test_no_day_moves_the_camera(day: str, model_file: Path) -> None:
    """Eleven minutes of leaning and three of slumping, and the neutral fits; once the camera zooms, it does not."""
    with PoseFinder(model_file) as finder, VideoFile(SAMPLES / f"{day}.mp4", rate_hz=1 / 6) as source:
        poses = [finder.find(Frame(f.time_s, f.image)).pose for f in source]
    seen = [pose_features_of(p) for p in poses if p is not None]
    watch = NeutralDriftDetector(neutral_of([c for c in seen if c.time_s < 30.0]))
    assert said(watch, seen) == []
    zoomed = [pose_features_of(_zoomed(p, 1.35)) for p in poses if p is not None]
    later = [replace(c, time_s=c.time_s + 1300.0 * (1 + i)) for i in range(2) for c in zoomed]
    assert len(said(watch, later)) == 1


def _zoomed(pose: Pose, factor: float) -> Pose:
    centre = np.array([pose.width / 2, pose.height / 2, 0.0], np.float32)
    return replace(pose, image_xyz=centre + factor * (pose.image_xyz - centre))
