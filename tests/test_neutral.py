"""A neutral that nobody gave counts as one only where the person is still and may be upright in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from kept import key_of
from readings import reading
from skeleton import Camera, pose_of, sitting

from posture._support import parameters
from posture.biomechanics import AngleEstimator, PoseSample, automatic_neutral, neutral_of, sample_of
from posture.biomechanics.calibration import AUTOMATIC_SD_DEG, AUTOMATIC_SPINE_SD_DEG, DOUBTFUL_SD_DEG, DOUBTFUL_SPINE_SD_DEG, doubted
from posture.biomechanics.pose_features import PoseFeatures, pose_features_of
from posture.engine import SampleRows
from posture.engine.classifier import PostureClassifier
from posture.engine.measurement import LEARN_PATIENCE_S, LEARN_S, Measurement
from posture.engine.posture_changes import PostureShiftDetector
from posture.monitor.session import MOVED, NOT_CALIBRATED, NOT_UPRIGHT, advice_on
from posture.recordings import sample_cache
from posture.recordings.notes import neutral_notes
from posture.settings import DoseSettings, MeasureSettings, Settings
from posture.types import Detection, Estimate, FoundPose, Posture, Reading

SIDE = Camera(yaw_deg=90.0)
NETWORKS = parameters.load()
STILL = [pose_features_of(pose_of(sitting(), SIDE, 0.2 * i)) for i in range(10)]
MOVING = [pose_features_of(pose_of(sitting(4.0 * i), SIDE, 0.2 * i)) for i in range(10)]


def automatic(seen: list[PoseFeatures]):  # type: ignore[no-untyped-def]
    """The neutral of these moments, that nobody gave."""
    return neutral_of(seen, "automatic", AUTOMATIC_SD_DEG)


@pytest.mark.parametrize(
    ("seen", "trunk", "spine_deg", "doubtful"),
    [
        (STILL, Estimate(2.0, 4.0, ""), 2.0, False),
        (STILL, Estimate(12.0, 6.0, ""), 10.0, False),  # it may be
        (STILL, Estimate(25.0, 11.0, ""), 2.0, True),
        (STILL, Estimate(27.0, 7.0, ""), 2.0, True),
        (STILL, Estimate(-25.0, 6.0, ""), 2.0, True),
        (STILL, Estimate(2.0, 4.0, ""), 20.0, True),
        (MOVING, Estimate(2.0, 4.0, ""), 2.0, True),
    ],
)
def test_a_neutral_must_be_still_and_may_be_upright(seen: list[PoseFeatures], trunk: Estimate, spine_deg: float, doubtful: bool) -> None:
    """Else the trunk is as unsure as spine and pelvis; one that was given is believed."""
    own = trunk, Estimate(spine_deg, 12.0, "")
    found = doubted(automatic(seen), *own)
    assert found.doubtful is doubtful
    assert found.extra_sd_deg("trunk") == (DOUBTFUL_SD_DEG if doubtful else AUTOMATIC_SD_DEG)
    assert found.extra_sd_deg("spine") == (DOUBTFUL_SPINE_SD_DEG if doubtful else AUTOMATIC_SPINE_SD_DEG)
    assert doubted(neutral_of(seen), *own) == neutral_of(seen)


def test_why_is_said() -> None:
    """In the notes of a recording, and in the advice of a session, with what to do about it."""
    plain, moved = automatic(STILL), replace(automatic(MOVING), sd_deg=DOUBTFUL_SD_DEG)
    bent = replace(plain, sd_deg=DOUBTFUL_SD_DEG)
    said = [neutral_notes(n, [])[0] for n in (plain, moved, bent)]
    assert len(set(said)) == 3
    assert all("--neutral" in words for words in said)
    assert [advice_on(n) for n in (plain, moved, bent)] == [NOT_CALIBRATED, MOVED, NOT_UPRIGHT]
    assert all("posture calibrate" in words for words in (NOT_CALIBRATED, MOVED, NOT_UPRIGHT))


def test_the_angle_against_gravity_does_not_share_the_doubt() -> None:
    """What moved since the neutral and where the neutral was are measured; how the person sits upright is not known."""
    r = replace(reading(0.0, 30.0), trunk_flexion=Estimate(30.0, 5.0, ""), trunk_doubt_sd_deg=4.0, trunk_neutral_sd_deg=4.0)
    assert r.trunk_change is not None
    assert r.trunk_absolute is not None
    assert r.trunk_change.sd_deg == 5.0
    assert r.trunk_absolute.sd_deg == pytest.approx(5.0)  # hypot(3, 4)


def test_shifts_are_counted_against_a_doubtful_neutral() -> None:
    """Both moments are held against the same one."""
    watch = PostureShiftDetector(DoseSettings())
    leans = [0.0] * 20 + [12.0] * 40
    found = [
        watch.push(
            replace(reading(float(i)), trunk_flexion=Estimate(d, 18.2, ""), trunk_doubt_sd_deg=18.0, pelvic_tilt=None, spinal_flexion=None)
        )
        for i, d in enumerate(leans)
    ]
    assert sum(f is not None for f in found) == 1


def test_a_mean_over_two_places_is_no_neutral() -> None:
    """Who sat at one place for most of the upright time is measured against that place."""
    places = [Camera(yaw_deg=90.0, shift_m=0.0 if i < 80 else 0.3) for i in range(100)]
    seen = [pose_features_of(pose_of(sitting(), c, 2.0 * i)) for i, c in enumerate(places)]
    n = automatic_neutral(seen)
    assert n.still
    assert n.cue["shoulder_x"] == pytest.approx(seen[0].shoulder_x, abs=0.005)


def live(leans: Iterable[float], rate_hz: float = 2.0) -> tuple[Measurement, float | None]:
    """A session of these leans, seen from the side; when its neutral was learned."""
    measurement, at_s = Measurement(Settings(), NETWORKS), None
    for i, lean in enumerate(leans):
        t = i / rate_hz
        update = measurement.process(sample_of(FoundPose(t, Detection.PERSON, pose_of(sitting(lean), SIDE, t))))
        at_s = t if update.learned is not None else at_s
    return measurement, at_s


def test_a_session_waits_for_the_first_seconds_of_sitting_still() -> None:
    """Who settles for ten seconds is measured against what comes then."""
    measurement, at_s = live([float(6 * (i % 5)) for i in range(20)] + [0.0] * 60)
    assert at_s is not None
    assert LEARN_S + 5.0 <= at_s <= LEARN_S + 11.0
    assert measurement.neutral is not None
    assert not measurement.neutral.doubtful


def test_a_session_does_not_wait_for_ever() -> None:
    """Who never sits still is measured after a minute, unsurely."""
    measurement, at_s = live(float(6 * (i % 5)) for i in range(150))
    assert at_s == pytest.approx(LEARN_PATIENCE_S, abs=1.0)
    assert measurement.neutral is not None
    assert measurement.neutral.doubtful
    assert not measurement.neutral.still
    assert measurement.neutral.end_s - measurement.neutral.start_s == pytest.approx(LEARN_S, abs=1.0)


@pytest.fixture(scope="module")
def day(model_file: Path, landmark_cache: Path) -> SampleRows:
    """A day in miniature, seen from the side."""
    measured = sample_cache.load(landmark_cache, key_of("desk_day.mp4", model_file), "desk_day.mp4", keep_poses=False)
    assert measured is not None
    return measured.samples


def part_of(day: SampleRows, start_s: float, end_s: float) -> SampleRows:
    """As a recording of its own."""
    part = SampleRows()
    for sample in day:
        if start_s <= sample.time_s < end_s:
            part.append(sample)
    return part


def postures(readings: Iterable[Reading]) -> Counter[Posture]:
    """How often each is said."""
    classifier = PostureClassifier(Settings().bands)
    return Counter(classifier.classify(r).posture for r in readings)


def recorded(part: SampleRows) -> tuple[Measurement, list[Reading]]:
    """Its measurement, with the neutral that it has itself."""
    measurement = Measurement(Settings(), NETWORKS)
    measurement.prepare(part)
    return measurement, [u.reading for u in measurement.process_recording(part)]


def test_a_person_who_is_bent_throughout_is_never_neutral(day: SampleRows) -> None:
    """Eleven minutes of leaning alone: what is shown is a lean against gravity, and how far from upright is not known."""
    part = part_of(day, 150.0, 450.0)
    measurement, readings = recorded(part)
    assert measurement.neutral is not None
    assert measurement.neutral.doubtful
    found = postures(readings)
    assert found[Posture.NEUTRAL] <= 0.01 * len(readings)
    assert found[Posture.FLEXED] >= 0.9 * len(readings)
    angles = [r.trunk_change for r in readings if r.trunk_change is not None]
    assert min(e.sd_deg for e in angles) >= DOUBTFUL_SD_DEG


def test_a_person_who_is_bent_from_the_start_of_a_session_is_never_neutral(day: SampleRows) -> None:
    """The same live."""
    part = part_of(day, 150.0, 300.0)
    measurement = Measurement(Settings(), NETWORKS)
    readings = [measurement.process(sample).reading for sample in seldom(part, 0.5)]
    assert measurement.neutral is not None
    assert measurement.neutral.doubtful
    assert postures(readings)[Posture.NEUTRAL] == 0


def test_a_person_who_slumps_throughout_is_mostly_unknown(day: SampleRows) -> None:
    """Though the trunk is nearly upright; from the front that is seldom seen."""
    part = part_of(day, 960.0, 1140.0)
    measurement, readings = recorded(part)
    assert measurement.neutral is not None
    assert measurement.neutral.doubtful
    assert postures(readings)[Posture.UNKNOWN] >= 0.7 * len(readings)


def test_a_person_who_sits_upright_throughout_is_neutral(day: SampleRows) -> None:
    """Nobody has to calibrate for that."""
    measurement, readings = recorded(part_of(day, 0.0, 110.0))
    assert measurement.neutral is not None
    assert not measurement.neutral.doubtful
    assert postures(readings)[Posture.NEUTRAL] >= 0.95 * len(readings)


def seldom(samples: Iterable[PoseSample], every_s: float) -> Iterable[PoseSample]:
    """So often looked at."""
    due_s = 0.0
    for s in samples:
        if s.time_s >= due_s:
            due_s = s.time_s + every_s
            yield s


@pytest.mark.parametrize("roll_deg", [-10.0, 10.0])
@pytest.mark.parametrize("yaw_deg", [-90.0, 90.0])
def test_a_known_roll_of_the_camera_is_no_lean(yaw_deg: float, roll_deg: float) -> None:
    """Of the neutral against gravity; changes from it are level either way."""
    tilted = [pose_features_of(pose_of(sitting(lean), Camera(yaw_deg=yaw_deg, roll_deg=roll_deg), 0.0)) for lean in (0.0, 20.0)]
    level = [pose_features_of(pose_of(sitting(lean), Camera(yaw_deg=yaw_deg), 0.0)) for lean in (0.0, 20.0)]

    def measured(seen: list[PoseFeatures], known_deg: float) -> tuple[float, float]:
        meter = AngleEstimator(MeasureSettings(camera_roll_deg=known_deg), automatic(seen[:1]), NETWORKS, live=False)
        r = meter.measure(PoseSample(0.0, Detection.PERSON, seen[1]))
        assert r.trunk_neutral_deg is not None
        assert r.trunk_change is not None
        return r.trunk_neutral_deg, r.trunk_change.deg

    own, change = measured(level, 0.0)
    unknown, known = measured(tilted, 0.0), measured(tilted, roll_deg)
    assert abs(unknown[0] - own) > 5.0
    assert known[0] == pytest.approx(own, abs=1.0)
    assert unknown[1] == pytest.approx(change, abs=2.0)
    assert known[1] == pytest.approx(change, abs=2.0)
