"""The counter of exercises: the same movement at any rate, nothing out of noise, nothing twice, and why something did not count."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from posture._support.catalogue import load, movements
from posture.engine import (
    CounterState,
    CounterUpdate,
    ExerciseCounter,
    ExerciseSpec,
    OwnRange,
    PresenceCounter,
    Rejection,
    bouts_of,
    find_bouts,
)
from posture.types import Detection, Estimate, ExerciseAngles, Reading, View

CAT_COW, TILTS, TURNS, UP = (movements(every_view=True)[k] for k in ("cat_cow_seated", "pelvic_tilts_seated", "rotation_seated", "get_up"))
RATES = st.sampled_from([2.0, 3.0, 5.0, 8.0, 12.5, 30.0])
Motion = Callable[[float], float]


def cycles(count: int, period_s: float, *, first: float = 30.0, second: float = 14.0, rest_s: float = 3.0) -> tuple[Motion, float]:
    """Return `count` repetitions after a rest as the angle over time, and how long all of it takes."""

    def deg(t: float) -> float:
        inside = 0.0 <= t - rest_s < count * period_s
        wave = math.sin(2.0 * math.pi * (t - rest_s) / period_s) if inside else 0.0
        return first * wave if wave > 0 else second * wave

    return deg, 2.0 * rest_s + count * period_s


def at(t: float, spine: float | None, **more: float) -> Reading:
    """Return a reading from the side; `more`: degrees of other angles, or ``sd``."""
    sd = more.get("sd", 8.0)

    def angle(deg: float, share: float = 1.0) -> Estimate:
        return Estimate(deg, share * sd, "test")

    trunk, pelvis = angle(more.get("trunk", 0.0), 0.3), angle(more.get("pelvis", 0.0))  # of drawn people: 1.9 deg where the spine has 6.6
    exercise = None if spine is None else ExerciseAngles(View.SIDE, trunk, pelvis, angle(spine))
    return Reading(
        t,
        Detection.PERSON,
        view=View.SIDE,
        yaw_deg=-more.get("turn", 0.0) - 90.0,
        yaw_sd_deg=4.0,
        trunk_flexion=trunk,
        trunk_neutral_deg=0.0,
        spinal_flexion=None if spine is None else angle(spine),
        pelvic_tilt=pelvis,
        neck_flexion=angle(more.get("neck", 0.0)),
        knees_cm=more.get("knees", 0.0),
        face_down_deg=more.get("face"),
        seated=True,
        exercise=exercise,
    )


def seen_from(view: View, reading: Reading) -> Reading:
    """Return the reading as of somebody who is seen from `view`."""
    return replace(reading, view=view, exercise=None if reading.exercise is None else replace(reading.exercise, view=view))


def times(end_s: float, rate_hz: float) -> Iterator[float]:
    """Yield the times of readings."""
    return (k / rate_hz for k in range(int(end_s * rate_hz)))


def run(counter: ExerciseCounter, readings: Iterator[Reading]) -> list[CounterUpdate]:
    """Count readings."""
    return [counter.process(r) for r in readings]


@settings(deadline=None, max_examples=15)
@given(count=st.integers(1, 6), period_s=st.floats(3.0, 8.0), scale=st.floats(0.4, 1.5), rate_hz=RATES)
def test_the_rate_of_readings_changes_no_count(count: int, period_s: float, scale: float, rate_hz: float) -> None:
    """Two readings a second count what thirty do."""
    deg, end_s = cycles(count, period_s, first=30.0 * scale, second=18.0 * scale)
    counter = ExerciseCounter(CAT_COW)
    run(counter, (at(t, deg(t), sd=2.0) for t in times(end_s, rate_hz)))
    result = counter.finish()
    assert (result.repetitions, result.half_repetitions) == (count, 0)
    assert result.tempo_s == pytest.approx(period_s, abs=1.0)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), sd=st.floats(0.5, 15.0), rate_hz=RATES, kind=st.sampled_from(["uniform", "normal", "ends"]))
def test_noise_within_two_sds_is_never_counted(seed: int, sd: float, rate_hz: float, kind: str) -> None:
    """Noise is what differs from look to look: each reading by up to two of its sds, by itself."""
    r = np.random.default_rng(seed)
    draw = {
        "uniform": lambda n: r.uniform(-2.0, 2.0, n),
        "normal": lambda n: np.clip(r.normal(0.0, 1.0, n), -2.0, 2.0),
        "ends": lambda n: r.choice([-2.0, 2.0], n),
    }[kind]
    noise = sd * draw(int(60 * rate_hz))
    counter = ExerciseCounter(CAT_COW)
    run(counter, (at(t, float(x), sd=sd) for t, x in zip(times(60.0, rate_hz), noise, strict=True)))
    assert counter.finish().repetitions == 0


@settings(deadline=None, max_examples=15)
@given(
    gaps=st.lists(st.tuples(st.floats(0.0, 40.0), st.floats(0.2, 9.0)), max_size=4),
    rate_hz=RATES,
    nobody=st.booleans(),
)
def test_gaps_never_count_twice(gaps: list[tuple[float, float]], rate_hz: float, nobody: bool) -> None:
    """Whatever is not seen is at most missing."""
    deg, end_s = cycles(6, 5.0)
    counter = ExerciseCounter(CAT_COW)
    for t in times(end_s, rate_hz):
        if any(start <= t < start + length for start, length in gaps):
            if nobody:
                counter.process(Reading(t, Detection.NOBODY))
            continue
        counter.process(at(t, deg(t)))
    assert counter.finish().repetitions <= 6
    assert all(b.start_s >= a.end_s - 1.0 / rate_hz for a, b in pairwise(counter.repetitions))


def test_a_repetition_is_told_within_half_a_second() -> None:
    """Live, the count rises when the person is back."""
    deg, end_s = cycles(3, 4.0)
    counter = ExerciseCounter(CAT_COW)
    told = [u.time_s for u in run(counter, (at(t, deg(t)) for t in times(end_s, 8.0))) if u.counted]
    assert [t - true for t, true in zip(told, (7.0, 11.0, 15.0), strict=True)] == pytest.approx([0.0] * 3, abs=0.5)


def test_half_repetitions_are_counted_apart() -> None:
    """One end without the other is half a repetition."""

    def deg(t: float) -> float:  # round, round, arched, round
        phase = (t - 3.0) / 2.5
        k = int(phase)
        return 0.0 if not 0 <= phase < 4 else (30.0, 30.0, -15.0, 30.0)[k] * math.sin(math.pi * (phase - k))

    counter = ExerciseCounter(CAT_COW)
    run(counter, (at(t, deg(t)) for t in times(30.0, 8.0)))
    result = counter.finish()
    assert (result.repetitions, result.half_repetitions) == (1, 2)


def wave(t: float, size: float) -> float:
    """A movement of 4 s after 3 s of rest."""
    return size * math.sin(2.0 * math.pi * (t - 3.0) / 4.0) if 3.0 <= t < 19.0 else 0.0


@pytest.mark.parametrize(
    ("spec", "move", "why", "words"),
    [
        (CAT_COW, {"spine": 8.0, "trunk": 25.0}, Rejection.LEAN, "That was a lean, not a bend of the back."),
        (TILTS, {"pelvis": 18.0, "trunk": 20.0}, Rejection.LEAN, "That was a lean, not a tilt."),
        (CAT_COW, {"spine": 6.0, "face": 25.0}, Rejection.HEAD_ALONE, "Let the low back move, not the neck."),
        (CAT_COW, {"spine": 0.0, "face": 25.0}, Rejection.HEAD_ALONE, "Let the low back move, not the neck."),
        (CAT_COW, {"spine": 9.0, "pelvis": -14.0, "trunk": -2.0}, Rejection.OTHER_MOVEMENT, "That was another movement."),
        (TILTS, {"pelvis": 8.0, "spine": -30.0}, Rejection.OTHER_MOVEMENT, "That was another movement."),
        (TURNS, {"turn": 30.0, "knees": 25.0}, Rejection.TURNED_CHAIR, "That was the chair. Keep your knees forward and turn your chest."),
    ],
)
def test_another_movement_is_told_and_not_counted(spec: object, move: dict[str, float], why: Rejection, words: str) -> None:
    """A lean, a nod and a turned chair have their own words."""
    counter = ExerciseCounter(spec)  # type: ignore[arg-type]
    readings = (at(t, **({"spine": 0.0} | {k: wave(t, v) for k, v in move.items()})) for t in times(25.0, 8.0))
    updates = run(counter, readings)
    assert counter.finish().repetitions == 0
    assert words in {u.cue for u in updates if u.rejected and u.rejected.why is why}


def test_too_fast_is_not_counted_and_quick_is_asked_to_slow_down() -> None:
    """A jerk is no repetition."""
    for period_s, done in ((1.2, 0), (3.0, 4)):
        deg, end_s = cycles(4, period_s)
        counter = ExerciseCounter(CAT_COW)
        updates = run(counter, (at(t, deg(t)) for t in times(end_s, 12.0)))
        assert counter.finish().repetitions == done
        assert "A little slower." in {u.cue for u in updates}


def test_ends_follow_the_own_range() -> None:
    """A fifth of somebody's range is no end, and the same movement is one for somebody stiff."""
    deg, end_s = cycles(3, 4.0, first=10.0, second=6.0)
    for own, done in ((OwnRange(50.0, 30.0), 0), (OwnRange(15.0, 9.0), 3), (None, 3)):
        counter = ExerciseCounter(CAT_COW, own)
        run(counter, (at(t, deg(t)) for t in times(end_s, 8.0)))
        assert counter.finish().repetitions == done


def test_where_it_cannot_be_judged_it_says_which_view_would() -> None:
    """From the front no tilt is counted; without knees no turn."""
    deg, end_s = cycles(3, 4.0)
    counter = ExerciseCounter(TILTS)
    front = (seen_from(View.FRONT, at(t, 0.0, pelvis=deg(t))) for t in times(end_s, 8.0))
    updates = run(counter, front)
    assert {u.state for u in updates} == {CounterState.WRONG_VIEW}
    assert "side" in (updates[-1].cue or "")
    assert counter.finish().repetitions == 0
    unseen_knees = ExerciseCounter(TURNS)
    run(unseen_knees, (replace(at(t, 0.0, turn=deg(t)), knees_cm=None) for t in times(end_s, 8.0)))
    assert unseen_knees.finish().repetitions == 0


@pytest.mark.parametrize(("every", "done"), [(4, 3), (100, 0)])
def test_between_two_views_it_is_judged_by_the_one_that_allows_it(every: int, done: int) -> None:
    """Whoever reads as seen at an angle, and now and then from the side, may be side-on; once in a hundred looks is chance."""
    deg, end_s = cycles(3, 4.0, rest_s=15.0)
    counter = ExerciseCounter(movements()["cat_cow_floor"])
    for k, t in enumerate(times(end_s, 8.0), 1):
        view = View.OBLIQUE if k % every else View.SIDE
        counter.process(Reading(t, Detection.PERSON, view=view, quadruped_flexion=Estimate(deg(t), 4.0, "test")))
    assert counter.finish().repetitions == done


def test_a_turn_is_counted_with_its_asymmetry() -> None:
    """Less to the right than to the left is negative."""
    deg, end_s = cycles(3, 5.0, first=20.0, second=30.0)
    counter = ExerciseCounter(TURNS)
    run(counter, (at(t, 0.0, turn=-deg(t)) for t in times(end_s, 8.0)))
    result = counter.finish()
    assert result.repetitions == 3
    assert result.asymmetry_deg is not None and result.asymmetry_deg < -5.0


@pytest.mark.parametrize(
    ("view", "more", "why"),
    [
        (View.SIDE, {"face_down_deg": 3.0}, Rejection.HEAD_ALONE),
        (View.SIDE, {"face_down_deg": 1.0}, None),
        (View.OBLIQUE, {"face_down_deg": 3.0}, Rejection.HEAD_ALONE),
        (View.OBLIQUE, {"face_down_deg": 1.0}, None),
    ],
)
def test_a_face_that_turns_further_than_the_back_bends_is_a_nod(view: View, more: dict[str, float], why: Rejection | None) -> None:
    """`more`: per degree of the back; the pelvis and the shoulders go along with a back that bends."""
    deg, end_s = cycles(4, 5.0)
    counter = ExerciseCounter(CAT_COW)
    for t in times(end_s, 8.0):
        shape = {k: v * deg(t) for k, v in more.items()} | ({} if why else {"shoulders_cm": (0.0, 0.08 * deg(t))})
        pelvis = 0.0 if why else -0.45 * deg(t)
        counter.process(seen_from(view, replace(at(t, deg(t), pelvis=pelvis), **shape)))  # type: ignore[arg-type]
    assert counter.finish().repetitions == (0 if why else 4)
    assert why is None or why in {r.why for r in counter.rejections}


@pytest.mark.parametrize(
    ("spec", "angle", "trunk", "done"), [(CAT_COW, "spine", 0.15, 4), (CAT_COW, "spine", 0.0, 0), (TILTS, "pelvis", 0.3, 4)]
)
def test_an_end_that_hardly_shows_in_the_angle_shows_in_what_moves_along(spec: ExerciseSpec, angle: str, trunk: float, done: int) -> None:
    """The second end reads a twentieth of the first one, within noise; the trunk moves along, `trunk` degrees per true degree."""
    r, sign = np.random.default_rng(3), spec.first_sign
    counter = ExerciseCounter(spec)
    for t in times(28.0, 8.0):
        true = wave(t, 20.0)
        read = sign * (true if true > 0 else true / 20.0) + float(r.normal(0.0, 0.4))
        counter.process(at(t, **({"spine": 0.45 * true} | {angle: read}), trunk=sign * trunk * true, sd=7.0))
    assert counter.finish().repetitions == done


def test_a_slow_small_movement_leaves_the_place_of_rest_where_it_was() -> None:
    """An end that is held and left slowly is not taken for rest, so the ends that follow count."""
    deg, end_s = cycles(5, 7.5, first=2.6, second=1.6)
    counter = ExerciseCounter(TILTS)
    noise = np.random.default_rng(1).normal(0.0, 0.25, int(end_s * 7.0))
    run(counter, (at(t, deg(t), pelvis=-deg(t) + float(x), sd=9.8) for t, x in zip(times(end_s, 7.0), noise, strict=True)))
    result = counter.finish()
    assert (result.repetitions, result.half_repetitions) == (5, 0)


def test_bouts_are_found_only_where_somebody_exercises() -> None:
    """One movement alone is no exercise, unless somebody asks for it."""
    deg, end_s = cycles(5, 5.0)
    quiet = [at(t, 0.0) for t in times(60.0, 5.0)]
    once, once_s = cycles(1, 5.0)
    readings = [*quiet]
    for motion, length_s in ((once, once_s), (deg, end_s)):
        start_s = readings[-1].time_s + 0.2
        readings += [at(start_s + t, motion(t), pelvis=-0.4 * motion(t)) for t in times(length_s, 5.0)]
        readings += [replace(r, time_s=r.time_s + readings[-1].time_s + 0.2) for r in quiet]
    (bout,) = find_bouts(readings, movements(every_view=True).values())
    assert (bout.result.exercise, bout.result.repetitions) == ("cat_cow_seated", 5)
    assert 130.0 < bout.start_s < bout.end_s < 165.0
    assert sum(b.result.repetitions for b in bouts_of(readings, CAT_COW)) == 6


def test_getting_up_is_counted_by_presence() -> None:
    """Five seconds away are not."""
    counter = PresenceCounter(UP)
    for t in range(300):
        away = 30 <= t < 100 or 150 <= t < 155 or 200 <= t < 290
        counter.process(Reading(float(t), Detection.NOBODY) if away else at(float(t), 0.0))
    assert counter.finish().repetitions == 2
    assert [round(b - a) for a, b in counter.times_up] == [69, 89]


def test_every_movement_is_an_entry_of_the_catalogue() -> None:
    """What is counted can be prompted."""
    catalogue = load()
    for key, spec in movements(every_view=True).items():
        assert catalogue.get(key) is not None
        assert spec.fastest_s < spec.tempo_s
        assert spec.views or spec.angle == "presence"
