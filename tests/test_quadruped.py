"""On hands and knees, and lying down: no posture of people who sit is said, and Cat-Cow is counted by the outline of the back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import hands_and_knees
from benchmarks.exercise_plays import CARDS, Body, readings_of
from posture._support import parameters
from posture._support.catalogue import movements
from posture.biomechanics import PoseFeatures, is_sideways, neither_sits_nor_stands, on_hands_and_knees
from posture.engine import CounterState, ExerciseCounter, GuidedExercise, Measurement, find_bouts
from posture.engine.classifier import PostureClassifier
from posture.settings import Settings
from posture.types import MEASURED, Detection, Estimate, Reading, View

FLOOR = movements()["cat_cow_floor"]


@pytest.fixture(scope="module")
def kneeling() -> Body:
    """One drawn person on hands and knees."""
    return next(b for b in hands_and_knees.cards() if b.number == 1)


@pytest.fixture(scope="module")
def features(kneeling: Body) -> PoseFeatures:
    """That person at rest."""
    r = np.random.default_rng(1)
    found = kneeling.samples(r, "side", "still", np.zeros(1), np.zeros(1))[0][0].features
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("trunk", "thigh", "knee", "told"),
    [
        pytest.param(85.0, -92.0, 80.0, True, id="hands and knees"),
        pytest.param(86.0, -60.0, 109.0, True, id="rocked back"),
        pytest.param(88.0, -25.0, 140.0, True, id="on the heels"),
        pytest.param(-97.0, 45.0, 120.0, True, id="on the back, knees bent"),
        pytest.param(-92.0, 2.0, 8.0, True, id="on the back"),
        pytest.param(89.0, -178.0, 9.0, True, id="on the front"),
        pytest.param(-95.0, None, None, True, id="on the back, knees not seen"),
        pytest.param(0.0, -5.0, 80.0, False, id="sits"),
        pytest.param(-45.0, 5.0, 40.0, False, id="leans back"),
        pytest.param(85.0, -15.0, 65.0, False, id="bends to the floor on a chair"),
        pytest.param(85.0, None, None, False, id="bends over the desk that hides the knees"),
        pytest.param(0.0, -88.0, 5.0, False, id="stands"),
        pytest.param(88.0, -85.0, 8.0, False, id="bends down, standing"),
        pytest.param(None, None, None, False, id="hips not seen"),
    ],
)
def test_who_lies_or_is_on_hands_and_knees_neither_sits_nor_stands(
    features: PoseFeatures, trunk: float | None, thigh: float | None, knee: float | None, told: bool
) -> None:
    """The trunk against gravity, the thighs against the trunk, and the knees tell them apart."""
    assert neither_sits_nor_stands(replace(features, trunk_deg=trunk, thigh_deg=thigh, knee_deg=knee)) is told


def test_a_level_trunk_on_arms_and_thighs_is_no_picture_that_lies_on_its_side(features: PoseFeatures) -> None:
    """A picture of somebody on a chair, turned by 90 degrees, has the arms along the trunk."""
    assert on_hands_and_knees(features)
    assert not is_sideways(features.layout.xy)
    sits = Body(CARDS / "000.npz").samples(np.random.default_rng(1), "side", "nod", np.zeros(1), np.zeros(1))[0][0].features
    assert sits is not None
    assert not is_sideways(sits.layout.xy)
    for turn in (1.0, -1.0):
        assert is_sideways(np.stack([-turn * sits.layout.xy[:, 1], turn * sits.layout.xy[:, 0]], axis=1))


@pytest.mark.parametrize("given", [True, False], ids=["calibrated", "no neutral"])
def test_no_posture_of_people_who_sit_is_said(kneeling: Body, given: bool) -> None:
    """Whatever the neutral: neither flexed nor neutral, and nothing is learned from it."""
    r = np.random.default_rng(2)
    networks = parameters.load()
    time_s = np.arange(60) * 0.5
    samples = kneeling.samples(r, "side", "cat_cow", time_s, np.sin(time_s))[0]
    measurement = Measurement(Settings(), networks, Body(CARDS / "000.npz").neutral("side") if given else None)
    classifier = PostureClassifier(Settings().bands)
    readings = [measurement.process(s).reading for s in samples]
    told = [classifier.classify(reading) for reading in readings]
    assert not [c for c in told if c.posture in MEASURED]
    assert {c.reason for c in told} == {"on_the_floor"}
    assert {reading.seated for reading in readings} == {False}
    assert (measurement.neutral is not None) == given
    if not given:
        whole = readings_of(samples, None, networks, live=False)
        assert {(reading.trunk_flexion, reading.seated) for reading in whole} == {(None, False)}


@pytest.mark.parametrize("live", [True, False], ids=["live", "recorded"])
def test_cat_cow_is_counted_and_a_rocking_trunk_is_not(kneeling: Body, live: bool) -> None:
    """From the side, of somebody who was never seen sitting."""
    networks = parameters.load()
    cat_cow = next(hands_and_knees.plays(kneeling, networks, "cat_cow", 1, live=live))
    counter = ExerciseCounter(FLOOR, smooth_s=0.0 if live else 0.25)
    judged = [counter.process(reading).state is not CounterState.WRONG_VIEW for reading in cat_cow.readings]
    done = counter.finish()
    assert np.mean(judged) > 0.9
    assert (done.repetitions, done.half_repetitions) == (cat_cow.repetitions, cat_cow.halves)
    assert done.depth_deg is not None
    assert done.depth_deg == pytest.approx(cat_cow.depths_deg["spine"], abs=12.0)
    if live:
        return
    assert [b.result.exercise for b in find_bouts(cat_cow.readings, movements().values(), neutral_known=False)] == ["cat_cow_floor"]
    for other in ("rock", "nod"):
        play = next(hands_and_knees.plays(kneeling, networks, other, 1))
        assert not find_bouts(play.readings, movements().values(), neutral_known=False)


def test_a_guided_one_is_done_off_the_chair_and_says_what_it_needs() -> None:
    """Whoever still sits hears how to begin; on hands and knees the count begins."""
    guided = GuidedExercise(FLOOR, None, 0.0)
    assert not guided.seated
    sits = Reading(0.0, Detection.PERSON, view=View.SIDE, spinal_flexion=Estimate(0.0, 5.0, "test"), seated=True)
    assert guided.process(sits).words == FLOOR.unseen
    kneels = Reading(0.5, Detection.PERSON, view=View.SIDE, quadruped_flexion=Estimate(2.0, 12.0, "test"), seated=False)
    assert guided.process(kneels).state is CounterState.REST
