"""The course of a calibration: what is asked, what is taken, what is refused and in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import beside, frames_of
from skeleton import HEIGHT, Body, Camera, pose_of, sitting

from posture import calibration_checks as checks
from posture.calibrate import Key, Phase, Press, State, Step, Take, done_words, show, step
from posture.kinematics.calibration import Neutral, Reach, neutral_of
from posture.kinematics.cues import cues
from posture.kinematics.sample import PoseSample
from posture.landmarks import PoseFinder
from posture.model import Estimate, Frame, Pose, Reading, Sight, View
from posture.own_bands import ARCH_FLOOR_DEG, SPINE_FLOOR_DEG, TILT_FLOOR_DEG, own_bands
from posture.settings import BandSettings

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
SIDE = Camera(yaw_deg=88.0, distance_m=2.4, height_m=0.9)
RATE_HZ = 8.0
Look = Callable[[float], Take]


def angles(spine: float, pelvis: float | None, *, seated: bool | None = True) -> Reading:
    """A reading with these changes since the neutral."""
    return Reading(
        0.0,
        Sight.PERSON,
        View.SIDE,
        88.0,
        Estimate(2.0, 2.0, "x"),
        0.0,
        None if pelvis is None else Estimate(pelvis, 3.0, "x"),
        Estimate(spine, 3.0, "x"),
        seated=seated,
    )


def sits(
    body: Body | None = None, camera: Camera = SIDE, reading: Reading | None = None, change: Callable[[Pose, float], Pose] | None = None
) -> Look:
    """Somebody who sits like this."""

    def look(time_s: float) -> Take:
        pose = pose_of(body or sitting(), camera, time_s)
        pose = change(pose, time_s) if change else pose
        return Take(time_s, PoseSample(time_s, Sight.PERSON, cues(pose)), reading)

    return look


def unseen(sight: Sight, hinder: str = "") -> Look:
    """Nobody that can be measured."""
    return lambda time_s: Take(time_s, PoseSample(time_s, sight), None, hinder)


def play(state: State, look: Look, seconds: float) -> State:
    """Some seconds of one look."""
    start = state.time_s
    for i in range(1, int(seconds * RATE_HZ) + 1):
        state = step(state, look(start + i / RATE_HZ))
    return state


def until(state: State, look: Look, *phases: Phase, limit_s: float = 60.0) -> State:
    """Until one of these phases is reached."""
    end = state.time_s + limit_s
    while state.phase not in phases:
        state = step(state, look(state.time_s + 1 / RATE_HZ))
        assert state.time_s < end, f"still {state.phase} of {state.step}"
    return state


def held(state: State, look: Look) -> State:
    """After the next holding."""
    state = until(state, look, Phase.HOLD)
    while state.phase is Phase.HOLD:
        state = step(state, look(state.time_s + 1 / RATE_HZ))
    return state


TALL = sits()
SLUMP, ARCH = sits(reading=angles(40.0, -12.0)), sits(reading=angles(-18.0, 15.0))


def test_the_whole_course_takes_neutral_slump_and_arch() -> None:
    """Countdown, hold, and on to the next; in the end a neutral with the person's range, and words that say what it changes."""
    state = play(State(), TALL, 0.5)
    assert (state.step, state.phase) == (Step.NEUTRAL, Phase.COUNTDOWN)
    assert "tall but relaxed" in show(state).words
    assert 4.0 < (show(state).left_s or 0.0) <= 5.0
    state = held(state, TALL)
    assert (state.step, state.phase) == (Step.SLUMP, Phase.COUNTDOWN)
    state = held(held(state, SLUMP), ARCH)
    assert state.phase is Phase.DONE
    assert state.neutral is not None
    assert state.neutral.slump == Reach(40.0, 3.0, -12.0, 3.0)
    assert state.neutral.arch == Reach(-18.0, 3.0, 15.0, 3.0)
    assert "a slump counts from 24° on instead of 25°" in state.words
    assert "an anterior tilt counts from 9° on instead of 10°" in state.words
    assert 5.0 + 5.0 + 2 * (4.0 + 3.0) <= state.time_s <= 26.0


def test_the_range_can_be_left_out() -> None:
    """From the start, or step by step."""
    state = held(State(with_range=False), TALL)
    assert (state.phase, state.neutral and state.neutral.slump) == (Phase.DONE, None)
    state = held(State(), TALL)
    state = step(state, Press(state.time_s, Key.SKIP))
    assert state.step is Step.ARCH
    state = step(state, Press(state.time_s, Key.SKIP))
    assert state.phase is Phase.DONE
    assert state.neutral is not None
    assert (state.neutral.slump, state.neutral.arch) == (None, None)


def test_the_countdown_waits_for_somebody_and_starts_anew_when_they_leave() -> None:
    """An empty chair is not calibrated."""
    state = play(State(), unseen(Sight.NOBODY), 20.0)
    assert (state.phase, state.words) == (Phase.WAIT, checks.NOBODY)
    state = play(state, TALL, 3.0)
    assert state.phase is Phase.COUNTDOWN
    state = play(state, unseen(Sight.NOBODY), 2.0)
    assert state.phase is Phase.WAIT
    state = play(state, TALL, 0.2)
    assert (show(state).left_s or 0.0) > 4.5


def test_a_blink_of_the_pose_model_does_not_start_the_countdown_anew() -> None:
    """Half a second without a person is no leaving."""
    state = play(play(State(), TALL, 3.0), unseen(Sight.NOBODY), 0.5)
    assert state.phase is Phase.COUNTDOWN


def jumping(pose: Pose, time_s: float) -> Pose:
    """Half of the time 12 cm to the side."""
    return replace(pose, image_xyz=pose.image_xyz + np.array([55.0 if time_s % 2 > 1 else 0.0, 0.0, 0.0], np.float32))


def hips_at_the_edge(pose: Pose, time_s: float) -> Pose:
    """The picture ends now below, now above the hips."""
    xyz = pose.image_xyz.copy()
    xyz[[23, 24], 1] = HEIGHT * (1.05 if time_s % 1 > 0.5 else 0.9)
    return replace(pose, image_xyz=xyz)


def two(time_s: float) -> Take:
    """A second person is in the picture."""
    take = TALL(time_s)
    return replace(take, sample=replace(take.sample, people=2))


def cutting(time_s: float) -> Take:
    """The picture jumps all the time."""
    take = TALL(time_s)
    return replace(take, sample=replace(take.sample, cut=True))


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (sits(change=jumping), checks.MOVED),
        (sits(change=hips_at_the_edge), checks.HIPS),
        (sits(reading=angles(0.0, 0.0, seated=False)), checks.STANDING),
        (sits(sitting(28.0)), checks.LEANING),
        (two, checks.TWO),
        (cutting, checks.CUT),
        (unseen(Sight.NOBODY), checks.NOBODY),
        (unseen(Sight.UNCLEAR), checks.UNCLEAR),
        (unseen(Sight.UNCLEAR, "The picture is too dark to measure."), "The picture is too dark to measure."),
    ],
)
def test_a_neutral_that_will_not_do_is_refused_in_words_and_tried_again(look: Look, words: str) -> None:
    """Said for long enough to be read; then the countdown begins by itself, and a good one is taken."""
    state = held(until(State(with_range=False), TALL, Phase.HOLD), look)
    assert (state.phase, state.words, state.neutral) == (Phase.REFUSED, words, None)
    assert "Once more" in show(state).words
    state = play(state, TALL, 5.0)
    assert state.phase is Phase.REFUSED
    state = held(state, TALL)
    assert state.phase is Phase.DONE


def test_few_pictures_are_no_neutral() -> None:
    """A camera of one picture a second shows no five seconds."""
    state = until(State(with_range=False), TALL, Phase.HOLD)
    for i in range(1, 7):
        state = step(state, TALL(state.time_s + 1.0 if i else 0.0))
    assert (state.phase, state.words) == (Phase.REFUSED, checks.TOO_FEW)


def test_who_never_keeps_still_is_let_go_without_a_profile() -> None:
    """After four refusals it ends by itself."""
    state = until(State(), sits(change=jumping), Phase.GIVEN_UP, limit_s=120.0)
    assert state.neutral is None
    assert "nothing was saved" in show(state).words


def test_keys() -> None:
    """Next cuts a countdown or a refusal short, again begins the step anew, quit ends without a profile."""
    state = play(State(), TALL, 1.0)
    assert step(state, Press(1.0, Key.SKIP)) == replace(state, time_s=1.0)
    holding = step(state, Press(1.0, Key.NEXT))
    assert holding.phase is Phase.HOLD
    assert step(holding, Press(1.5, Key.RETRY)).phase is Phase.COUNTDOWN
    ended = step(holding, Press(1.5, Key.QUIT))
    assert (ended.phase, ended.neutral) == (Phase.QUIT, None)
    assert step(ended, Press(2.0, Key.RETRY)).phase is Phase.QUIT


def after_neutral() -> State:
    """With the neutral taken."""
    return held(State(), TALL)


def test_a_slump_that_is_none_is_asked_for_again() -> None:
    """Once; the second time the neutral itself was the slump, and is asked for again."""
    state = held(after_neutral(), sits(reading=angles(3.0, -1.0)))
    assert (state.phase, state.step) == (Phase.REFUSED, Step.SLUMP)
    assert "only 3° of slump" in state.words
    good = held(state, SLUMP)
    assert good.step is Step.ARCH
    bad = held(state, sits(reading=angles(4.0, -1.0)))
    assert (bad.step, bad.phase, bad.neutral) == (Step.NEUTRAL, Phase.REFUSED, None)
    assert "sit taller" in bad.words


def test_a_neutral_at_the_arched_end_is_refused() -> None:
    """Who could hardly arch any further sat with effort, which nobody does for ten minutes."""
    state = held(held(after_neutral(), SLUMP), sits(reading=angles(-1.0, 1.0)))
    assert "only 1° of arch" in state.words
    state = held(state, sits(reading=angles(-1.0, 1.0)))
    assert (state.step, state.phase) == (Step.NEUTRAL, Phase.REFUSED)
    assert "let go of the effort" in state.words


def test_a_neutral_at_the_slumped_end_is_refused() -> None:
    """A small slump and a large arch: the neutral was a slump already."""
    state = held(held(after_neutral(), sits(reading=angles(9.0, -3.0))), sits(reading=angles(-60.0, 30.0)))
    assert (state.step, state.phase) == (Step.NEUTRAL, Phase.REFUSED)
    assert "slumped end" in state.words


def test_from_the_front_an_arch_is_left_out_and_said_so() -> None:
    """What the view does not show refuses no neutral."""
    state = held(held(after_neutral(), sits(reading=angles(40.0, None))), sits(reading=angles(1.0, None)))
    assert state.phase is Phase.DONE
    assert state.neutral is not None
    assert state.neutral.slump is not None
    assert state.neutral.arch is None
    assert "does not show from here" in show(state).words


def test_a_neutral_refused_again_and_again_by_the_range_ends() -> None:
    """Nobody is held in a circle."""
    state = State()
    for _ in range(20):
        if state.ended:
            break
        state = held(state, TALL) if state.step is Step.NEUTRAL else held(state, sits(reading=angles(2.0, 0.0)))
    assert state.phase is Phase.GIVEN_UP


def neutral(slump: Reach | None = None, arch: Reach | None = None) -> Neutral:
    """With this range."""
    return replace(neutral_of([cues(pose_of(sitting(), SIDE))]), slump=slump, arch=arch)


def test_a_profile_keeps_the_range_and_earlier_ones_are_read() -> None:
    """What is written is read again, and a profile without a range has none."""
    whole = neutral(Reach(30.0, 4.0), Reach(-12.0, 3.0, 11.0, 2.5))
    assert Neutral.from_dict(whole.as_dict()) == whole
    earlier = {k: v for k, v in whole.as_dict().items() if k not in ("slump", "arch")}
    assert (Neutral.from_dict(earlier).slump, Neutral.from_dict(earlier).arch) == (None, None)


def test_own_bands_of_a_stiff_person_are_nearer() -> None:
    """A full slump of 30 degrees is flexed at 18, a full arch of 14 degrees of pelvis is tilt at 8.4."""
    own = own_bands(BandSettings(), neutral(Reach(30.0, 4.0, -8.0, 3.0), Reach(-11.0, 3.0, 14.0, 3.0)))
    assert own.flexed_spine_deg == pytest.approx(18.0)
    assert own.tilt_deg == pytest.approx(8.4)
    assert own.tilt_arch_deg == pytest.approx(6.6)
    assert own.flexed_trunk_deg == BandSettings().flexed_trunk_deg


def test_without_a_range_the_bands_stay() -> None:
    """No neutral, no range, or one below what can be told from noise."""
    bands = BandSettings()
    tiny = neutral(Reach(9.0, 3.0, 1.0, 3.0), Reach(-3.0, 3.0, 4.0, 3.0))
    assert own_bands(bands, None) == own_bands(bands, neutral()) == own_bands(bands, tiny) == bands
    assert own_bands(bands, neutral(Reach(20.0, 15.0))) == bands
    assert done_words(neutral()) == "Your neutral was taken."


@given(
    st.floats(-20, 120),
    st.floats(0.5, 30),
    st.floats(-60, 30),
    st.one_of(st.none(), st.floats(-20, 60)),
    st.floats(1, 120),
    st.floats(1, 60),
    st.floats(0, 60),
)
def test_own_bands_are_never_looser_and_never_below_the_floor(
    slump: float, sd: float, arch: float, tilt: float | None, spine_limit: float, tilt_limit: float, arch_limit: float
) -> None:
    """Whatever was shown: at most the settings', at least the floor or the settings' own lower limit."""
    bands = BandSettings(flexed_spine_deg=spine_limit, tilt_deg=tilt_limit, tilt_arch_deg=arch_limit)
    own = own_bands(bands, neutral(Reach(slump, sd), Reach(arch, sd, tilt, sd)))
    for now, before, floor in (
        (own.flexed_spine_deg, spine_limit, SPINE_FLOOR_DEG),
        (own.tilt_deg, tilt_limit, TILT_FLOOR_DEG),
        (own.tilt_arch_deg, arch_limit, ARCH_FLOOR_DEG),
    ):
        assert min(before, floor) <= now <= before


@given(
    st.lists(st.one_of(st.sampled_from(list(Key)), st.sampled_from(["tall", "slump", "arch", "nobody", "moves", "unclear"])), max_size=60)
)
def test_whatever_happens_nothing_half_done_is_kept(happenings: list[Key | str]) -> None:
    """Any order of keys and looks: it ends only in one of three ways, done means a still neutral, and every state can be shown."""
    looks = {
        "tall": TALL,
        "slump": SLUMP,
        "arch": ARCH,
        "nobody": unseen(Sight.NOBODY),
        "moves": sits(change=jumping),
        "unclear": unseen(Sight.UNCLEAR),
    }
    state = State()
    for happening in happenings:
        if isinstance(happening, Key):
            state = step(state, Press(state.time_s, happening))
        else:
            state = step(state, looks[happening](state.time_s + 0.7))
        assert show(state).words
        assert 0.0 <= show(state).share <= 1.0
        if state.phase is Phase.DONE:
            assert state.neutral is not None
            assert state.neutral.still
        if state.step is not Step.NEUTRAL:
            assert state.neutral is not None


def test_a_second_person_is_counted(model_file: Path) -> None:
    """Beside the measured one, and nobody is counted twice."""
    alone = frames_of(SAMPLES / "side_day_male1.mp4", end_s=0.2)[0]
    other = frames_of(SAMPLES / "front_day_female1.mp4", end_s=0.2)[0]
    with PoseFinder(model_file) as finder:
        assert finder.find(alone).people == 1
        assert finder.find(Frame(1.0, beside(alone.image, other.image))).people == 2
        assert finder.find(Frame(2.0, np.full_like(alone.image, 120))).people == 0


def test_nobody_is_waited_for_without_end() -> None:
    """After three minutes without anybody it ends, and says why."""
    state = until(State(), unseen(Sight.NOBODY), Phase.GIVEN_UP, limit_s=200.0)
    assert state.time_s > 180.0
    assert state.words.startswith(checks.NOBODY)
