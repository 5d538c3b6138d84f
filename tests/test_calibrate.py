"""The course of a calibration: what is asked, what is taken, what is refused and in which words."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from people import beside, frames_of
from skeleton import HEIGHT, Body, Camera, pose_of, sitting

from posture.biomechanics import calibration_checks as checks
from posture.biomechanics.calibration import Neutral, RangeEnd, neutral_of
from posture.biomechanics.calibration_checks import CalibrationSample
from posture.biomechanics.calibration_steps import (
    CalibrationPhase,
    CalibrationState,
    CalibrationStep,
    Key,
    KeyPress,
    done_words,
    show,
    step,
)
from posture.biomechanics.personal_thresholds import ARCH_FLOOR_DEG, SPINE_FLOOR_DEG, TILT_FLOOR_DEG, own_bands
from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.sample import PoseSample
from posture.cli.calibration_display import typed
from posture.pose.finder import PoseFinder
from posture.settings import BandSettings
from posture.types import Detection, Estimate, Frame, Pose, Reading, View

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
SIDE = Camera(yaw_deg=88.0, distance_m=2.4, height_m=0.9)
RATE_HZ = 8.0
Look = Callable[[float], CalibrationSample]


def angles(spine: float, pelvis: float | None, *, seated: bool | None = True) -> Reading:
    """A reading with these changes since the neutral."""
    return Reading(
        0.0,
        Detection.PERSON,
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

    def look(time_s: float) -> CalibrationSample:
        pose = pose_of(body or sitting(), camera, time_s)
        pose = change(pose, time_s) if change else pose
        return CalibrationSample(time_s, PoseSample(time_s, Detection.PERSON, pose_features_of(pose)), reading)

    return look


def unseen(sight: Detection, hinder: str = "") -> Look:
    """Nobody that can be measured."""
    return lambda time_s: CalibrationSample(time_s, PoseSample(time_s, sight), None, hinder)


def play(state: CalibrationState, look: Look, seconds: float) -> CalibrationState:
    """Some seconds of one look."""
    start = state.time_s
    for i in range(1, int(seconds * RATE_HZ) + 1):
        state = step(state, look(start + i / RATE_HZ))
    return state


def until(state: CalibrationState, look: Look, *phases: CalibrationPhase, limit_s: float = 60.0) -> CalibrationState:
    """Until one of these phases is reached."""
    end = state.time_s + limit_s
    while state.phase not in phases:
        state = step(state, look(state.time_s + 1 / RATE_HZ))
        assert state.time_s < end, f"still {state.phase} of {state.step}"
    return state


def held(state: CalibrationState, look: Look) -> CalibrationState:
    """After the next holding."""
    state = until(state, look, CalibrationPhase.HOLD)
    while state.phase is CalibrationPhase.HOLD:
        state = step(state, look(state.time_s + 1 / RATE_HZ))
    return state


TALL = sits()
SLUMP, ARCH = sits(reading=angles(40.0, -12.0)), sits(reading=angles(-18.0, 15.0))


def test_the_whole_course_takes_neutral_slump_and_arch() -> None:
    """Countdown, hold, and on to the next; in the end a neutral with the person's range, and words that say what it changes."""
    state = play(CalibrationState(), TALL, 0.5)
    assert (state.step, state.phase) == (CalibrationStep.NEUTRAL, CalibrationPhase.COUNTDOWN)
    assert "tall but relaxed" in show(state).words
    assert 4.0 < (show(state).left_s or 0.0) <= 5.0
    state = held(state, TALL)
    assert (state.step, state.phase) == (CalibrationStep.SLUMP, CalibrationPhase.COUNTDOWN)
    state = held(held(state, SLUMP), ARCH)
    assert state.phase is CalibrationPhase.DONE
    assert state.neutral is not None
    assert state.neutral.slump == RangeEnd(40.0, 3.0, -12.0, 3.0)
    assert state.neutral.arch == RangeEnd(-18.0, 3.0, 15.0, 3.0)
    assert "Your slump limit is now 24° (was 25°)" in state.words
    assert "Your limit for forward pelvic tilt is now 9° (was 10°)" in state.words
    assert 5.0 + 5.0 + 2 * (4.0 + 3.0) <= state.time_s <= 26.0


def test_the_range_can_be_left_out() -> None:
    """From the start, or step by step."""
    state = held(CalibrationState(with_range=False), TALL)
    assert (state.phase, state.neutral and state.neutral.slump) == (CalibrationPhase.DONE, None)
    state = held(CalibrationState(), TALL)
    state = step(state, KeyPress(state.time_s, Key.SKIP))
    assert state.step is CalibrationStep.ARCH
    state = step(state, KeyPress(state.time_s, Key.SKIP))
    assert state.phase is CalibrationPhase.DONE
    assert state.neutral is not None
    assert (state.neutral.slump, state.neutral.arch) == (None, None)


def test_the_countdown_waits_for_somebody_and_starts_anew_when_they_leave() -> None:
    """An empty chair is not calibrated."""
    state = play(CalibrationState(), unseen(Detection.NOBODY), 20.0)
    assert (state.phase, state.words) == (CalibrationPhase.WAIT, checks.NOBODY)
    state = play(state, TALL, 3.0)
    assert state.phase is CalibrationPhase.COUNTDOWN
    state = play(state, unseen(Detection.NOBODY), 2.0)
    assert state.phase is CalibrationPhase.WAIT
    state = play(state, TALL, 0.2)
    assert (show(state).left_s or 0.0) > 4.5


def test_a_blink_of_the_pose_model_does_not_start_the_countdown_anew() -> None:
    """Half a second without a person is no leaving."""
    state = play(play(CalibrationState(), TALL, 3.0), unseen(Detection.NOBODY), 0.5)
    assert state.phase is CalibrationPhase.COUNTDOWN


def jumping(pose: Pose, time_s: float) -> Pose:
    """Half of the time 12 cm to the side."""
    return replace(pose, image_xyz=pose.image_xyz + np.array([55.0 if time_s % 2 > 1 else 0.0, 0.0, 0.0], np.float32))


def hips_at_the_edge(pose: Pose, time_s: float) -> Pose:
    """The picture ends now below, now above the hips."""
    xyz = pose.image_xyz.copy()
    xyz[[23, 24], 1] = HEIGHT * (1.05 if time_s % 1 > 0.5 else 0.9)
    return replace(pose, image_xyz=xyz)


def two(time_s: float) -> CalibrationSample:
    """A second person is in the picture."""
    take = TALL(time_s)
    return replace(take, sample=replace(take.sample, people=2))


def cutting(time_s: float) -> CalibrationSample:
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
        (unseen(Detection.NOBODY), checks.NOBODY),
        (unseen(Detection.UNCLEAR), checks.UNCLEAR),
        (unseen(Detection.UNCLEAR, "The picture is too dark to measure."), "The picture is too dark to measure."),
    ],
)
def test_a_neutral_that_will_not_do_is_refused_in_words_and_tried_again(look: Look, words: str) -> None:
    """Said for long enough to be read; then the countdown begins by itself, and a good one is taken."""
    state = held(until(CalibrationState(with_range=False), TALL, CalibrationPhase.HOLD), look)
    assert (state.phase, state.words, state.neutral) == (CalibrationPhase.REFUSED, words, None)
    assert "Trying again" in show(state).words
    state = play(state, TALL, 5.0)
    assert state.phase is CalibrationPhase.REFUSED
    state = held(state, TALL)
    assert state.phase is CalibrationPhase.DONE


def test_few_pictures_are_no_neutral() -> None:
    """A camera of one picture a second shows no five seconds."""
    state = until(CalibrationState(with_range=False), TALL, CalibrationPhase.HOLD)
    for i in range(1, 7):
        state = step(state, TALL(state.time_s + 1.0 if i else 0.0))
    assert (state.phase, state.words) == (CalibrationPhase.REFUSED, checks.TOO_FEW)


def test_who_never_keeps_still_is_let_go_without_a_profile() -> None:
    """After four refusals it ends by itself."""
    state = until(CalibrationState(), sits(change=jumping), CalibrationPhase.GIVEN_UP, limit_s=120.0)
    assert state.neutral is None
    assert "Nothing was saved" in show(state).words


def test_keys() -> None:
    """Next cuts a countdown or a refusal short, again begins the step anew, quit ends without a profile."""
    state = play(CalibrationState(), TALL, 1.0)
    assert step(state, KeyPress(1.0, Key.SKIP)) == replace(state, time_s=1.0)
    holding = step(state, KeyPress(1.0, Key.NEXT))
    assert holding.phase is CalibrationPhase.HOLD
    assert step(holding, KeyPress(1.5, Key.RETRY)).phase is CalibrationPhase.COUNTDOWN
    ended = step(holding, KeyPress(1.5, Key.QUIT))
    assert (ended.phase, ended.neutral) == (CalibrationPhase.QUIT, None)
    assert step(ended, KeyPress(2.0, Key.RETRY)).phase is CalibrationPhase.QUIT


def refused(times: int) -> CalibrationState:
    """A calibration whose neutral was refused so often."""
    state = CalibrationState()
    for _ in range(times):
        state = held(until(state, TALL, CalibrationPhase.HOLD), sits(change=jumping))
    return state


@pytest.mark.parametrize(("times", "offered"), [(0, False), (1, False), (2, True), (3, True), (4, False)])
def test_after_two_failed_tries_one_may_go_on_without(times: int, offered: bool) -> None:
    """It is said with the keys, and nothing is saved; before, and after the end, the key does nothing."""
    state = refused(times)
    assert (show(state).offer, "go on without" in show(state).keys) == (offered, offered)
    after = step(state, KeyPress(state.time_s, Key.WITHOUT))
    assert after.phase is (CalibrationPhase.WITHOUT if offered else state.phase)
    assert after.neutral is None and after.ended is (offered or times == 4)
    good = held(refused(min(times, 3)), TALL)
    assert (good.step, show(good).offer) == (CalibrationStep.SLUMP, False), "slump and arch can be skipped instead"


def test_coming_and_going_does_not_go_round_for_ever() -> None:
    """Who is seen for a moment and gone again, eight times, is let go; a range that is interrupted so often is left out."""
    state, rounds = CalibrationState(), 0
    while not state.ended:
        state = play(play(state, TALL, 3.0), unseen(Detection.NOBODY), 2.0)
        rounds += 1
        assert rounds <= 8
    assert (rounds, state.phase) == (8, CalibrationPhase.GIVEN_UP)
    state = held(CalibrationState(), TALL)
    for _ in range(12):
        state = state if state.ended else play(play(state, TALL, 1.5), unseen(Detection.NOBODY), 2.0)
    assert (state.phase, len(state.notes)) == (CalibrationPhase.DONE, 2)


def after_neutral() -> CalibrationState:
    """With the neutral taken."""
    return held(CalibrationState(), TALL)


def test_a_slump_that_is_none_is_asked_for_again() -> None:
    """Once; the second time the neutral itself was the slump, and is asked for again."""
    state = held(after_neutral(), sits(reading=angles(3.0, -1.0)))
    assert (state.phase, state.step) == (CalibrationPhase.REFUSED, CalibrationStep.SLUMP)
    assert "only 3° of slump" in state.words
    good = held(state, SLUMP)
    assert good.step is CalibrationStep.ARCH
    bad = held(state, sits(reading=angles(4.0, -1.0)))
    assert (bad.step, bad.phase, bad.neutral) == (CalibrationStep.NEUTRAL, CalibrationPhase.REFUSED, None)
    assert "sit taller" in bad.words


def test_a_neutral_at_the_arched_end_is_refused() -> None:
    """Who could hardly arch any further sat with effort, which nobody does for ten minutes."""
    state = held(held(after_neutral(), SLUMP), sits(reading=angles(-1.0, 1.0)))
    assert "only 1° of arch" in state.words
    state = held(state, sits(reading=angles(-1.0, 1.0)))
    assert (state.step, state.phase) == (CalibrationStep.NEUTRAL, CalibrationPhase.REFUSED)
    assert "but relax" in state.words


def test_a_neutral_at_the_slumped_end_is_refused() -> None:
    """A small slump and a large arch: the neutral was a slump already."""
    state = held(held(after_neutral(), sits(reading=angles(9.0, -3.0))), sits(reading=angles(-60.0, 30.0)))
    assert (state.step, state.phase) == (CalibrationStep.NEUTRAL, CalibrationPhase.REFUSED)
    assert "close to your slump" in state.words


def test_from_the_front_an_arch_is_left_out_and_said_so() -> None:
    """What the view does not show refuses no neutral."""
    state = held(held(after_neutral(), sits(reading=angles(40.0, None))), sits(reading=angles(1.0, None)))
    assert state.phase is CalibrationPhase.DONE
    assert state.neutral is not None
    assert state.neutral.slump is not None
    assert state.neutral.arch is None
    assert "doesn't show from this camera" in show(state).words


def test_a_neutral_refused_again_and_again_by_the_range_ends() -> None:
    """Nobody is held in a circle."""
    state = CalibrationState()
    for _ in range(20):
        if state.ended:
            break
        state = held(state, TALL) if state.step is CalibrationStep.NEUTRAL else held(state, sits(reading=angles(2.0, 0.0)))
    assert state.phase is CalibrationPhase.GIVEN_UP


def neutral(slump: RangeEnd | None = None, arch: RangeEnd | None = None) -> Neutral:
    """With this range."""
    return replace(neutral_of([pose_features_of(pose_of(sitting(), SIDE))]), slump=slump, arch=arch)


def test_a_profile_keeps_the_range_and_earlier_ones_are_read() -> None:
    """What is written is read again, and a profile without a range has none."""
    whole = neutral(RangeEnd(30.0, 4.0), RangeEnd(-12.0, 3.0, 11.0, 2.5))
    assert Neutral.from_dict(whole.as_dict()) == whole
    earlier = {k: v for k, v in whole.as_dict().items() if k not in ("slump", "arch")}
    assert (Neutral.from_dict(earlier).slump, Neutral.from_dict(earlier).arch) == (None, None)


def test_own_bands_of_a_stiff_person_are_nearer() -> None:
    """A full slump of 30 degrees is flexed at 18, a full arch of 14 degrees of pelvis is tilt at 8.4."""
    own = own_bands(BandSettings(), neutral(RangeEnd(30.0, 4.0, -8.0, 3.0), RangeEnd(-11.0, 3.0, 14.0, 3.0)))
    assert own.flexed_spine_deg == pytest.approx(18.0)
    assert own.tilt_deg == pytest.approx(8.4)
    assert own.tilt_arch_deg == pytest.approx(6.6)
    assert own.flexed_trunk_deg == BandSettings().flexed_trunk_deg


def test_without_a_range_the_bands_stay() -> None:
    """No neutral, no range, or one below what can be told from noise."""
    bands = BandSettings()
    tiny = neutral(RangeEnd(9.0, 3.0, 1.0, 3.0), RangeEnd(-3.0, 3.0, 4.0, 3.0))
    assert own_bands(bands, None) == own_bands(bands, neutral()) == own_bands(bands, tiny) == bands
    assert own_bands(bands, neutral(RangeEnd(20.0, 15.0))) == bands
    assert done_words(neutral()) == "Your upright position is saved."


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
    own = own_bands(bands, neutral(RangeEnd(slump, sd), RangeEnd(arch, sd, tilt, sd)))
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
    """Any order of keys and looks: it ends only in one of four ways, done means a still neutral, and every state can be shown."""
    looks = {
        "tall": TALL,
        "slump": SLUMP,
        "arch": ARCH,
        "nobody": unseen(Detection.NOBODY),
        "moves": sits(change=jumping),
        "unclear": unseen(Detection.UNCLEAR),
    }
    state = CalibrationState()
    for happening in happenings:
        if isinstance(happening, Key):
            state = step(state, KeyPress(state.time_s, happening))
        else:
            state = step(state, looks[happening](state.time_s + 0.7))
        assert show(state).words
        assert 0.0 <= show(state).share <= 1.0
        if state.phase is CalibrationPhase.DONE:
            assert state.neutral is not None
            assert state.neutral.still
        if state.step is not CalibrationStep.NEUTRAL:
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
    state = until(CalibrationState(), unseen(Detection.NOBODY), CalibrationPhase.GIVEN_UP, limit_s=200.0)
    assert state.time_s > 180.0
    assert state.words.startswith(checks.NOBODY)


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_a_letter_and_enter_in_the_terminal_are_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for while nothing was typed; where nobody can type, nothing is read."""
    master, slave = os.openpty()
    with os.fdopen(master, "wb", buffering=0) as keyboard, os.fdopen(slave, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        assert typed() == []
        keyboard.write(b"C\n")
        assert typed() == ["c"]
        assert typed() == []
    monkeypatch.setattr(sys, "stdin", io.StringIO("c\n"))
    assert typed() == []
