"""From pictures to readings: what is looked at, what is said again, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from numpy.typing import NDArray
from skeleton import Camera, pose_of, sitting

from posture import parameters
from posture.eye import LEARN_S, LOOK_WORDS, UNCLEAR_WORDS, Eye, Glance
from posture.kinematics.calibration import Neutral, neutral_of
from posture.kinematics.cues import cues
from posture.kinematics.meter import Meter, reduce
from posture.landmarks import PoseFinder
from posture.model import Frame, Observation, Sight
from posture.pacing import RATE_HZ
from posture.settings import BandSettings, MeasureSettings
from posture.sources.looks import FROZEN_AFTER_S, Look
from posture.timeline import PostureJudge

SIDE = Camera(yaw_deg=90.0)
RNG = np.random.default_rng(5)
LIT = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.1)[0].image
NOISE = [(4.0 * RNG.standard_normal(LIT.shape, np.float32)).astype(np.int16) for _ in range(4)]
GIVEN = neutral_of([cues(pose_of(sitting(), SIDE))])


def noisy(image: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """The picture as a sensor gives it."""
    return np.clip(image.astype(np.int16) + NOISE[number % len(NOISE)], 0, 255).astype(np.uint8)


def meter_of(neutral: Neutral | None) -> Meter:
    """As the program makes it."""
    return Meter(MeasureSettings(), neutral, parameters.load())


@dataclass
class Finder:
    """Finds the same person, or nobody, and remembers when it was asked."""

    sight: Sight = Sight.PERSON
    asked: list[float] = field(default_factory=list)

    def find(self, frame: Frame) -> Observation:
        """What is there."""
        self.asked.append(frame.time_s)
        pose = pose_of(sitting(), SIDE, frame.time_s) if self.sight is Sight.PERSON else None
        return Observation(frame.time_s, self.sight, pose)


def show(eye: Eye, from_s: float, to_s: float, image: NDArray[np.uint8] = LIT) -> list[Glance]:
    """The picture with a sensor's noise at the rate that the eye asks for."""
    count = round((to_s - from_s) * eye.rate_hz)
    return [eye.see(Frame(from_s + i / eye.rate_hz, noisy(image, i))) for i in range(count)]


def test_the_neutral_is_learnt_from_the_first_seconds_at_two_looks_a_second() -> None:
    """Though nothing moves; then the looks grow rare, and no pelvic tilt is said."""
    finder = Finder()
    eye = Eye(finder.find, meter_of)
    glances = show(eye, 0.0, 60.0)
    learnt = [g for g in glances if g.learnt is not None]
    assert [g.time_s for g in learnt] == [pytest.approx(LEARN_S, abs=0.6)]
    assert sum(t < LEARN_S for t in finder.asked) >= 2 * LEARN_S * 0.9
    assert sum(t > LEARN_S + 1 for t in finder.asked) <= 9
    assert eye.neutral is not None
    assert not eye.calibrated
    assert all(g.reading.pelvic_tilt is None for g in glances if g.reading is not None)


def test_who_leaves_while_the_neutral_is_learnt_begins_anew() -> None:
    """A minute away is no part of fifteen seconds."""
    finder = Finder()
    eye = Eye(finder.find, meter_of)
    show(eye, 0.0, 5.0)
    finder.sight = Sight.NOBODY
    show(eye, 5.0, 60.0, LIT[:, ::-1])
    finder.sight = Sight.PERSON
    learnt = [g.time_s for g in show(eye, 60.0, 90.0) if g.learnt is not None]
    assert learnt == [pytest.approx(60.0 + LEARN_S, abs=1.0)]


def test_between_looks_the_last_reading_is_said_again() -> None:
    """About once a second, with the time of the picture and marked as held."""
    eye = Eye(Finder().find, meter_of, GIVEN)
    glances = [g for g in show(eye, 0.0, 40.0) if g.reading is not None]
    assert np.diff([g.time_s for g in glances]).max() < 1.3
    held = [g for g in glances if g.observation is None]
    assert len(held) > 20
    for g in glances:
        assert g.reading is not None
        assert g.reading.time_s == g.time_s
        assert g.reading.held == (g.observation is None)


def test_a_held_reading_does_not_outlive_a_change() -> None:
    """The first picture of something else is looked at, on that very picture."""
    finder = Finder()
    eye = Eye(finder.find, meter_of, GIVEN)
    show(eye, 0.0, 30.0)
    first = show(eye, 30.0, 30.5, LIT[:, ::-1])[0]
    assert finder.asked[-1] >= 30.0
    assert first.observation is not None
    assert first.reading is not None
    assert not first.reading.held
    assert first.moving


@pytest.mark.parametrize(("shown", "look"), [(LIT * 0, Look.TOO_DARK), (np.full_like(LIT, 90), Look.COVERED)])
def test_a_picture_that_says_nothing_ends_what_was_held(shown: NDArray[np.uint8], look: Look) -> None:
    """No reading while it lasts, the words say why, and the next good picture is looked at."""
    finder = Finder()
    eye = Eye(finder.find, meter_of, GIVEN)
    show(eye, 0.0, 30.0)
    blind = eye.see(Frame(30.0, shown))
    assert (blind.look, blind.reading, blind.words) == (look, None, LOOK_WORDS[look])
    again = show(eye, 30.3, 31.0)[0]
    assert again.look is Look.OK
    assert again.observation is not None


def test_a_frozen_picture_ends_what_was_held() -> None:
    """The same bytes for five seconds are no picture of anybody."""
    eye = Eye(Finder().find, meter_of, GIVEN)
    show(eye, 0.0, 10.0)
    glances = [eye.see(Frame(10.0 + i / RATE_HZ, LIT)) for i in range(40)]
    frozen = [g for g in glances if g.look is Look.FROZEN]
    assert frozen[0].time_s == pytest.approx(10.0 + FROZEN_AFTER_S, abs=0.5)
    assert all(g.reading is None for g in frozen)


@pytest.mark.parametrize("what", ["use", "reset"])
def test_another_neutral_or_a_new_camera_is_looked_at_at_once(what: str) -> None:
    """Nothing that was measured before holds any more."""
    finder = Finder()
    eye = Eye(finder.find, meter_of, GIVEN)
    show(eye, 0.0, 30.0)
    if what == "use":
        eye.use(None)
    else:
        eye.reset()
    assert show(eye, 30.0, 30.5)[0].observation is not None
    assert finder.asked[-1] >= 30.0


def test_it_is_said_when_it_is_not_clear_who_is_who() -> None:
    """In plain words, also while that is only held."""
    assert {g.words for g in show(Eye(Finder(Sight.UNCLEAR).find, meter_of, GIVEN), 0.0, 5.0)} == {UNCLEAR_WORDS}


def test_every_picture_is_looked_at_if_asked_for() -> None:
    """For a recording, or to compare."""
    finder = Finder()
    show(Eye(finder.find, meter_of, GIVEN, thrifty=False), 0.0, 5.0)
    assert len(finder.asked) == round(5.0 * RATE_HZ)


@pytest.mark.parametrize("clip", ["front_slump_male1", "diag_flexion_male1"])
def test_few_looks_give_the_postures_of_many(clip: str, model_file: Path) -> None:
    """A slow movement, a quarter as fast as in the clip: fewer looks, and the same posture nearly all of the time."""
    slower = 4.0
    shown = people.frames_of(SAMPLES / f"{clip}.mp4", rate_hz=10.0, end_s=9.0)
    with PoseFinder(model_file) as few, PoseFinder(model_file) as many:
        start = [reduce(many.find(Frame(0.1 * i, noisy(shown[0].image, i)))).cues for i in range(4)]
        neutral = neutral_of([c for c in start if c is not None])
        looks, postures = [0, 0], []
        eyes = [Eye(few.find, meter_of, neutral), Eye(many.find, meter_of, neutral, thrifty=False)]
        judges = [PostureJudge(BandSettings()), PostureJudge(BandSettings())]
        last = [None, None]
        for i in range(int(shown[-1].time_s * slower * RATE_HZ)):
            time_s = 1.0 + i / RATE_HZ
            frame = Frame(time_s, noisy(shown[int((time_s - 1.0) / slower * 10.0)].image, i))
            for k in (0, 1) if i % 2 == 0 else (0,):
                glance = eyes[k].see(frame)
                looks[k] += glance.observation is not None
                if glance.reading is not None:
                    last[k] = judges[k].judge(glance.reading).posture  # type: ignore[call-overload]
            postures.append(last.copy())
    assert looks[0] <= 0.8 * looks[1]
    assert sum(a is b for a, b in postures) >= 0.95 * len(postures)
    assert len({b for _, b in postures}) > 1
