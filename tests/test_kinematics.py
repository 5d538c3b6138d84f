"""Angles of a skeleton that is known exactly, and what happens to those that cannot be seen."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from skeleton import HEIGHT, WIDTH, Camera, pose_of, sitting

from posture._support import parameters
from posture.biomechanics import geometry
from posture.biomechanics.angles import AngleEstimator, look_both_ways, seated
from posture.biomechanics.calibration import Neutral, automatic_neutral, neutral_of
from posture.biomechanics.layout import edge_distances, layout
from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.sample import PoseSample, sample_of
from posture.biomechanics.smoothing import Smoother
from posture.errors import InputError
from posture.settings import MeasureSettings
from posture.types import Detection, FoundPose, Pose, Reading, View

RAW = MeasureSettings(smooth_s=0.0)


def meter_of(neutral: Neutral | None, settings: MeasureSettings = RAW) -> AngleEstimator:
    """A meter with the shipped parameters."""
    return AngleEstimator(settings, neutral, parameters.load())


def measure(lean: float, camera: Camera, *, side: float = 0.0, calibrated: bool = True) -> Reading:
    """The reading of a lean after a neutral of 0 degrees."""
    neutral = neutral_of([pose_features_of(pose_of(sitting(), camera))]) if calibrated else None
    return meter_of(neutral).measure(PoseSample(1.0, Detection.PERSON, pose_features_of(pose_of(sitting(lean, side), camera))))


@pytest.mark.parametrize("yaw", [90.0, -90.0, 75.0, -75.0])
@pytest.mark.parametrize("lean", [-15.0, 0.0, 10.0, 20.0, 35.0])
def test_a_lean_from_the_side_reads_forward_positive(yaw: float, lean: float) -> None:
    """From either side a lean reads as what it is, within its own sd, and forward is positive."""
    r = measure(lean, Camera(yaw_deg=yaw))
    assert r.trunk_flexion is not None
    assert r.trunk_neutral_deg is not None
    assert abs(r.trunk_flexion.deg - r.trunk_neutral_deg - lean) <= 2.0 * r.trunk_flexion.sd_deg
    assert r.view is View.SIDE


@pytest.mark.parametrize(
    ("yaw", "view"), [(0, View.FRONT), (20, View.FRONT), (-45, View.OBLIQUE), (50, View.OBLIQUE), (80, View.SIDE), (-88, View.SIDE)]
)
def test_the_view_follows_the_turn_of_the_trunk(yaw: float, view: View) -> None:
    """Front to 25 degrees, side from 65 degrees on."""
    r = measure(0.0, Camera(yaw_deg=yaw))
    assert r.view is view
    assert r.yaw_deg is not None
    assert r.yaw_sd_deg is not None
    assert abs(r.yaw_deg - yaw) <= 2.0 * r.yaw_sd_deg


@pytest.mark.parametrize("off_deg", [0, 10, 20, 30, 45, 60])
@pytest.mark.parametrize("side", [1, -1])
def test_geometry_alone_is_exact(off_deg: int, side: int) -> None:
    """Lean x yaw x pitch x roll x distance through a known pinhole camera: within 0.6 degrees, whatever the yaw up to 60 off the side."""
    for lean, pitch, roll, distance in itertools.product((-10, 10, 20, 35), (-10, 0, 10), (-5, 0, 5), (1.2, 2.0, 3.0)):
        camera = Camera(side * (90.0 - off_deg), distance, pitch_deg=pitch, roll_deg=roll, focal_px=700.0)
        lens = geometry.Lens((WIDTH / 2, HEIGHT / 2), 700.0, pitch, roll)
        before, after = (layout(pose_of(sitting(x), camera)).hip_and_shoulder for x in (0, lean))
        ratio = geometry.torso_ratio(*before, lens)
        zero, angle = (geometry.trunk_deg(*at, ratio, camera.yaw_deg, lens) for at in (before, after))
        assert zero is not None
        assert angle is not None
        assert angle - zero == pytest.approx(lean, abs=0.6)


@pytest.mark.parametrize("roll", [-5.0, 5.0])
def test_a_roll_that_nobody_gave_is_levelled_by_the_neutral(roll: float) -> None:
    """From the side the neutral takes the camera's roll away: within half a degree without knowing it."""
    for lean in (-10, 10, 20, 35):
        camera = Camera(90.0, 2.0, roll_deg=roll, focal_px=700.0)
        lens = geometry.Lens((WIDTH / 2, HEIGHT / 2), 700.0)
        before, after = (layout(pose_of(sitting(x), camera)).hip_and_shoulder for x in (0, lean))
        ratio = geometry.torso_ratio(*before, lens)
        zero, angle = (geometry.trunk_deg(*at, ratio, 90.0, lens) for at in (before, after))
        assert zero is not None
        assert angle is not None
        assert angle - zero == pytest.approx(lean, abs=0.5)


def test_from_the_front_plain_geometry_says_nothing() -> None:
    """The line in the picture is blind to a lean towards the camera, and says so."""
    lens = geometry.Lens((WIDTH / 2, HEIGHT / 2), 700.0)
    assert geometry.trunk_deg((640.0, 700.0), (640.0, 400.0), 0.3, 0.0, lens) is None


def test_the_outline_is_found_between_pixels() -> None:
    """The edge of a mask is found to a fraction of a pixel; outside of the person there is none."""
    mask = np.zeros((40, 60), np.uint8)
    mask[:, :30] = 255
    across = np.array([1.0, 0.0])
    assert edge_distances(mask, np.array([[10.0, 20.0]]), across, 50.0) == pytest.approx(19.5)
    assert np.isnan(edge_distances(mask, np.array([[40.0, 20.0]]), across, 50.0))
    assert np.isnan(edge_distances(mask, np.array([[10.0, 20.0]]), across, 5.0))


def test_looking_both_ways_has_no_delay_and_stops_at_a_cut() -> None:
    """A ramp stays where it is, noise gets less, and nothing leaks over a cut or out of an empty stretch."""
    camera = Camera(yaw_deg=90.0)
    ramp = [
        PoseSample(0.2 * i, Detection.PERSON, pose_features_of(pose_of(sitting(float(i)), camera, 0.2 * i)), cut=i == 20) for i in range(40)
    ]
    calm = list(look_both_ways(ramp, 0.25))
    assert [s.time_s for s in calm] == [s.time_s for s in ramp]
    inner = range(5, 15)
    for i in inner:
        a, b = ramp[i].features, calm[i].features
        assert a is not None
        assert b is not None
        assert np.abs(a.layout.xy - b.layout.xy).max() < 0.5
    alone = list(look_both_ways(ramp[20:], 0.25))
    assert calm[20].features is not None
    assert alone[0].features is not None
    assert np.array_equal(calm[20].features.layout.xy, alone[0].features.layout.xy)


def test_leaning_to_the_own_right_is_positive() -> None:
    """A lean to the person's right, which is the picture's left, reads as positive."""
    r = measure(0.0, Camera(), side=12.0)
    assert r.lateral_lean is not None
    assert r.lateral_lean.deg == pytest.approx(12.0, abs=1.0)


def test_without_a_neutral_the_sd_says_so() -> None:
    """Uncalibrated, the sd is 5 degrees or more, and change-from-neutral angles are unknown."""
    r = measure(10.0, Camera(yaw_deg=90.0), calibrated=False)
    assert r.trunk_flexion is not None
    assert r.trunk_flexion.sd_deg >= 5.0
    assert r.pelvic_tilt is None
    assert r.spinal_flexion is None
    assert r.trunk_neutral_deg is None


def below_the_picture(pose: Pose) -> Pose:
    """The same pose with hips and legs below the picture's edge, visible with 0.99 as MediaPipe would have it."""
    xyz = pose.image_xyz.copy()
    xyz[23:29, 1] = HEIGHT * 1.2
    return replace(pose, image_xyz=xyz)


def test_hips_outside_the_picture_are_unseen() -> None:
    """Hips below the edge are unseen whatever their visibility says, and the pelvis is unknown; the trunk is told by what else is seen."""
    c = pose_features_of(below_the_picture(pose_of(sitting(), Camera(yaw_deg=90.0))))
    assert not c.hips_seen
    assert c.trunk_deg is None
    r = meter_of(None).measure(PoseSample(0.0, Detection.PERSON, c))
    assert r.trunk_flexion is not None
    assert r.trunk_flexion.sd_deg > 3.0
    assert r.pelvic_tilt is None


def test_a_yaw_off_the_side_is_corrected() -> None:
    """The apparent lean atan(tan t cos p) is turned back: 60 degrees of yaw do not halve a lean any more than the sd admits."""
    r = measure(20.0, Camera(yaw_deg=60.0))
    assert r.trunk_flexion is not None
    assert abs(r.trunk_flexion.deg - 20.0) <= 2.0 * r.trunk_flexion.sd_deg


def test_rising_by_more_than_20_cm_is_standing() -> None:
    """The head over neutral by 20 cm or more is standing; by 10 cm it is not."""
    neutral = neutral_of([pose_features_of(pose_of(sitting(), Camera()))])
    for up_m, sits in ((0.1, True), (0.35, False)):
        camera = Camera(height_m=0.85 - up_m)
        assert meter_of(neutral).measure(PoseSample(0.0, Detection.PERSON, pose_features_of(pose_of(sitting(), camera)))).seated is sits


def test_a_neutral_survives_being_stored() -> None:
    """A neutral and its dictionary are the same."""
    n = neutral_of([pose_features_of(pose_of(sitting(), Camera(yaw_deg=70.0)))])
    assert Neutral.from_dict(n.as_dict()) == n


def test_a_neutral_of_nobody_is_refused() -> None:
    """Nobody in the span given as neutral is an error, not a guess."""
    with pytest.raises(InputError):
        neutral_of([])
    with pytest.raises(InputError):
        automatic_neutral([])


def test_moving_in_the_neutral_is_told() -> None:
    """A span in which the person leans by ten degrees was not still."""
    poses = [pose_of(sitting(float(x)), Camera(yaw_deg=90.0), time_s=float(x)) for x in range(11)]
    assert not neutral_of([pose_features_of(p) for p in poses]).still
    assert neutral_of([pose_features_of(poses[0])] * 5).still


def test_the_automatic_neutral_finds_the_upright_sitting() -> None:
    """Of a recording that is leaned through for two thirds, the upright third is the neutral."""
    leans = [0.0] * 40 + [30.0] * 80
    seen = [pose_features_of(pose_of(sitting(x), Camera(yaw_deg=90.0), time_s=0.5 * i)) for i, x in enumerate(leans)]
    n = automatic_neutral(seen)
    assert n.source == "automatic"
    assert n.cue["trunk_deg"] == pytest.approx(0.0, abs=1.0)


def test_the_automatic_neutral_is_not_the_standing_one() -> None:
    """A person who stands for a quarter of the recording still has the neutral of their sitting."""
    seen = [pose_features_of(pose_of(sitting(), Camera(height_m=0.85 - (0.45 if i < 30 else 0.0)), time_s=0.5 * i)) for i in range(120)]
    n = automatic_neutral(seen)
    assert n.cue["head_y"] == pytest.approx(seen[-1].head_y, abs=0.01)
    assert seated(seen[0], n) is False
    assert seated(seen[-1], n) is True


def test_nothing_is_carried_over_a_cut() -> None:
    """After a cut the first reading is that of its own frame alone."""
    camera = Camera(yaw_deg=90.0)
    n = neutral_of([pose_features_of(pose_of(sitting(), camera))])
    meter = meter_of(n, MeasureSettings(smooth_s=5.0))
    meter.measure(PoseSample(0.0, Detection.PERSON, pose_features_of(pose_of(sitting(40.0), camera))))
    smooth = meter.measure(PoseSample(0.2, Detection.PERSON, pose_features_of(pose_of(sitting(0.0), camera)))).trunk_flexion
    fresh = meter.measure(PoseSample(0.4, Detection.PERSON, pose_features_of(pose_of(sitting(0.0), camera)), cut=True)).trunk_flexion
    assert smooth is not None
    assert fresh is not None
    alone = meter_of(n).measure(PoseSample(0.0, Detection.PERSON, pose_features_of(pose_of(sitting(0.0), camera)))).trunk_flexion
    assert smooth.deg > 20.0
    assert fresh == alone


@given(st.floats(1.0, 30.0), st.floats(0.0, 2.0))
def test_smoothing_goes_by_time_not_by_readings(rate_hz: float, tau: float) -> None:
    """A step is followed to the same share after one second, whatever the rate of readings."""
    s = Smoother(tau)
    s.at(0.0).heading("x", 0.0)
    last = 0.0
    steps = int(rate_hz)
    for i in range(1, steps + 1):
        last = s.at(i / steps).heading("x", 10.0)
    assert last == pytest.approx(10.0 * (1.0 - np.exp(-1.0 / tau)) if tau > 0 else 10.0, abs=1e-6)


def test_nobody_is_no_reading() -> None:
    """An observation of nobody has no angle at all."""
    r = meter_of(None).measure(sample_of(FoundPose(3.0, Detection.NOBODY)))
    assert not r.present
    assert r.trunk_flexion is None
    assert r.view is None
