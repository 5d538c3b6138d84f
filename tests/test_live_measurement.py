"""From frames to readings: what is looked at, what is carried forward, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from finders import live_of
from numpy.typing import NDArray
from skeleton import Camera, pose_of, sitting

from posture._support import parameters
from posture.biomechanics.calibration import neutral_of
from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.sample import sample_of
from posture.engine.classifier import PostureClassifier
from posture.engine.image_quality import FROZEN_AFTER_S
from posture.engine.measurement import LEARN_S, Measurement
from posture.engine.sampling import LIVE, LIVE_RATE_HZ, SamplingPlan
from posture.monitor.live_measurement import QUALITY_WORDS, UNCLEAR_WORDS, LiveMeasurement, LiveUpdate
from posture.pose.finder import PoseFinder
from posture.pose.sampler import PoseSampler
from posture.settings import BandSettings, Settings
from posture.types import Detection, FoundPose, Frame, ImageQuality

SIDE = Camera(yaw_deg=90.0)
LIT = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.1)[0].image
GIVEN = neutral_of([pose_features_of(pose_of(sitting(), SIDE))])


@dataclass
class Finder:
    """Finds the same person, or nobody, and remembers when it was asked."""

    sight: Detection = Detection.PERSON
    asked: list[float] = field(default_factory=list)

    def find(self, frame: Frame) -> FoundPose:
        """What is there."""
        self.asked.append(frame.time_s)
        pose = pose_of(sitting(), SIDE, frame.time_s) if self.sight is Detection.PERSON else None
        return FoundPose(frame.time_s, self.sight, pose)


def show(live: LiveMeasurement, from_s: float, to_s: float, image: NDArray[np.uint8] = LIT) -> list[LiveUpdate]:
    """What is said of the picture with a sensor's noise, at the rate that a camera is asked for."""
    count = round((to_s - from_s) * LIVE_RATE_HZ)
    updates = [live.process(Frame(from_s + i / LIVE_RATE_HZ, people.noisy(image, i))) for i in range(count)]
    return [u for u in updates if u is not None]


def test_the_neutral_is_learned_from_the_first_seconds_at_two_looks_a_second() -> None:
    """Though nothing moves; then the looks grow rare, and no pelvic tilt is said."""
    finder = Finder()
    live = live_of(finder.find)
    updates = show(live, 0.0, 60.0)
    learned = [u for u in updates if u.learned is not None]
    assert [u.sample.time_s for u in learned] == [pytest.approx(LEARN_S, abs=0.6)]
    assert sum(t < LEARN_S for t in finder.asked) >= 2 * LEARN_S * 0.9
    assert sum(t > LEARN_S + 1 for t in finder.asked) <= 9
    assert live.measurement.neutral is not None
    assert not live.measurement.calibrated
    assert all(u.reading.pelvic_tilt is None for u in updates)


def test_who_leaves_while_the_neutral_is_learned_begins_anew() -> None:
    """A minute away is no part of fifteen seconds."""
    finder = Finder()
    live = live_of(finder.find)
    show(live, 0.0, 5.0)
    finder.sight = Detection.NOBODY
    show(live, 5.0, 60.0, LIT[:, ::-1])
    finder.sight = Detection.PERSON
    learned = [u.sample.time_s for u in show(live, 60.0, 90.0) if u.learned is not None]
    assert learned == [pytest.approx(60.0 + LEARN_S, abs=1.0)]


def test_between_looks_the_last_sample_is_carried_forward() -> None:
    """About once a second, with the time of the picture, marked as carried and its reading as held."""
    updates = show(live_of(Finder().find, GIVEN), 0.0, 40.0)
    assert np.diff([u.sample.time_s for u in updates]).max() < 1.3
    assert sum(u.sample.carried_forward for u in updates) > 20
    for u in updates:
        assert u.reading.time_s == u.sample.time_s
        assert u.reading.carried_forward == u.sample.carried_forward


def test_what_is_carried_forward_does_not_outlive_a_change() -> None:
    """The first picture of something else is looked at, on that very picture."""
    finder = Finder()
    live = live_of(finder.find, GIVEN)
    show(live, 0.0, 30.0)
    first = show(live, 30.0, 30.5, LIT[:, ::-1])[0]
    assert finder.asked[-1] >= 30.0
    assert not first.sample.carried_forward
    assert not first.reading.carried_forward
    assert first.sample.moving


@pytest.mark.parametrize(("shown", "quality"), [(LIT * 0, ImageQuality.TOO_DARK), (np.full_like(LIT, 90), ImageQuality.COVERED)])
def test_a_picture_that_says_nothing_ends_what_was_carried(shown: NDArray[np.uint8], quality: ImageQuality) -> None:
    """Nothing is measured while it lasts, the words say why, and the next good picture is looked at."""
    finder = Finder()
    live = live_of(finder.find, GIVEN)
    show(live, 0.0, 30.0)
    blind = live.process(Frame(30.0, shown))
    assert blind is not None
    assert (blind.reading.quality, blind.reading.sight, blind.words) == (quality, Detection.UNCLEAR, QUALITY_WORDS[quality])
    assert blind.reading.trunk_flexion is None
    again = show(live, 30.3, 31.0)[0]
    assert again.reading.quality is ImageQuality.OK
    assert not again.sample.carried_forward
    assert finder.asked[-1] >= 30.3


def test_a_frozen_picture_ends_what_was_carried() -> None:
    """The same bytes for five seconds, or for most of them, are no picture of anybody."""
    live = live_of(Finder().find, GIVEN)
    show(live, 0.0, 10.0)
    updates = [live.process(Frame(10.0 + i / LIVE_RATE_HZ, LIT)) for i in range(40)]
    frozen = [u for u in updates if u is not None and u.reading.quality is ImageQuality.FROZEN]
    assert 0.7 * FROZEN_AFTER_S <= frozen[0].sample.time_s - 10.0 <= FROZEN_AFTER_S + 0.5
    assert all(u.reading.sight is Detection.UNCLEAR and u.reading.trunk_flexion is None for u in frozen)
    assert updates[-1] is frozen[-1]


@pytest.mark.parametrize("what", ["use", "reset"])
def test_another_neutral_or_a_new_camera_is_looked_at_at_once(what: str) -> None:
    """Nothing that was measured before holds any more."""
    finder = Finder()
    live = live_of(finder.find, GIVEN)
    show(live, 0.0, 30.0)
    if what == "use":
        live.use(None)
    else:
        live.reset()
    assert not show(live, 30.0, 30.5)[0].sample.carried_forward
    assert finder.asked[-1] >= 30.0


def test_it_is_said_when_it_is_not_clear_who_is_who() -> None:
    """In plain words, also while that is only carried forward."""
    assert {u.words for u in show(live_of(Finder(Detection.UNCLEAR).find, GIVEN), 0.0, 5.0)} == {UNCLEAR_WORDS}


def test_every_picture_is_looked_at_without_a_plan() -> None:
    """For a caller's own frames, or to compare."""
    finder = Finder()
    show(live_of(finder.find, GIVEN, plan=None), 0.0, 5.0)
    assert len(finder.asked) == round(5.0 * LIVE_RATE_HZ)


@pytest.mark.parametrize("clip", ["front_slump_male1", "diag_flexion_male1"])
def test_few_looks_give_the_postures_of_many(clip: str, model_file: Path) -> None:
    """A slow movement, a quarter as fast as in the clip: fewer looks, and the same posture nearly all of the time."""
    slower = 4.0
    shown = people.frames_of(SAMPLES / f"{clip}.mp4", rate_hz=10.0, end_s=9.0)
    with PoseFinder(model_file) as few, PoseFinder(model_file) as many:
        start = [sample_of(many.find(Frame(0.1 * i, people.noisy(shown[0].image, i)))).features for i in range(4)]
        neutral = neutral_of([c for c in start if c is not None])

        def measuring(finder: PoseFinder, plan: SamplingPlan | None) -> LiveMeasurement:
            return LiveMeasurement(PoseSampler(finder, plan), Measurement(Settings(), parameters.load(), neutral))

        looks, postures = [0, 0], []
        lives = [measuring(few, LIVE), measuring(many, None)]
        judges = [PostureClassifier(BandSettings()), PostureClassifier(BandSettings())]
        last = [None, None]
        for i in range(int(shown[-1].time_s * slower * LIVE_RATE_HZ)):
            time_s = 1.0 + i / LIVE_RATE_HZ
            frame = Frame(time_s, people.noisy(shown[int((time_s - 1.0) / slower * 10.0)].image, i))
            for k in (0, 1) if i % 2 == 0 else (0,):
                update = lives[k].process(frame)
                if update is not None:
                    looks[k] += not update.sample.carried_forward
                    last[k] = judges[k].classify(update.reading).posture  # type: ignore[call-overload]
            postures.append(last.copy())
    assert looks[0] <= 0.8 * looks[1]
    assert sum(a is b for a, b in postures) >= 0.95 * len(postures)
    assert len({b for _, b in postures}) > 1
