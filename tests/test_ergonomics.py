"""The tables for ergonomists, on series whose figures are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from readings import angle, reading

from posture.biomechanics import NECK_FLEXION, TRUNK_FLEXION
from posture.ergonomics import (
    ISO_11226,
    LEVELS_DEG,
    PERIODS_S,
    AngleSamples,
    HoldingLimits,
    Method,
    StaticPosture,
    TrunkBand,
    against_limits,
    exposure_variation,
    holding_times,
    percentiles,
    rula_score,
    seen_shares,
    standing_s,
    statistics_of,
    tables_of,
    trunk_bands_of,
    trunk_steps,
)
from posture.setting_texts import RULA_EXAMPLE, holding_limits, rula_scores
from posture.settings import ErgonomicsSettings
from posture.types import Reading

NAN = math.nan
SETTINGS = ErgonomicsSettings()


def samples(deg: list[float], stands: float | list[float] = 1.0, sd: float = 0.0, moved_sd: float = 0.0) -> AngleSamples:
    """An angle from 0 s on, without gaps."""
    stands_s = np.broadcast_to(np.asarray(stands, np.float64), len(deg)).copy()
    start_s = np.concatenate([[0.0], np.cumsum(stands_s)[:-1]]) if deg else np.zeros(0)
    return AngleSamples(start_s, stands_s, np.array(deg, np.float64), np.full(len(deg), sd), np.full(len(deg), moved_sd))


series = st.lists(st.tuples(st.floats(-60, 100) | st.just(NAN), st.floats(0.05, 20)), min_size=1, max_size=60)


def test_a_reading_stands_until_the_next_and_no_longer_than_is_allowed() -> None:
    """The last stands until the end; what goes back in time stands for nothing."""
    assert standing_s(np.array([0.0, 1.0, 40.0, 39.0]), 45.0, 12.0).tolist() == [1.0, 12.0, 0.0, 6.0]
    assert standing_s(np.zeros(0), 5.0, 12.0).tolist() == []


# --- series whose every figure was worked out by hand

Series = tuple[list[float], list[float], list[float]]
"""Degrees, for how long each stands, sds."""
Figures = tuple[tuple[float, float, float, float], list[tuple[float, float]], list[tuple[float, float, float]]]
"""Known seconds, mean, median, 90 %; start and length of static postures; exposure variation: where level and period begin, seconds."""


@pytest.mark.parametrize(
    ("series_", "figures"),
    [
        (([20.0], [5.0], [0.0]), ((5.0, 20.0, 20.0, 20.0), [(0.0, 5.0)], [(20.0, 3.0, 5.0)])),  # one reading, sd 0
        (([20.0], [3.9], [2.0]), ((3.9, 20.0, 20.0, 20.0), [], [(20.0, 3.0, 3.9)])),  # one reading, too short to be static
        (([NAN, NAN, *[12.0] * 5, NAN], [1.0] * 8, [2.0] * 8), ((5.0, 12.0, 12.0, 12.0), [(2.0, 5.0)], [(10.0, 3.0, 5.0)])),
        (([0.0, 10.0, 0.0, 0.0], [1.0, 9.0, 0.5, 12.0], [0.0] * 4),  # unequal steps
         ((22.5, 4.0, 0.0, 10.0), [(0.0, 22.5)], [(0.0, 1.0, 1.0), (0.0, 7.0, 12.5), (10.0, 7.0, 9.0)])),
        (([5.0] * 9, [1.0] * 9, [*[1.0] * 4, NAN, *[1.0] * 4]), ((8.0, 5.0, 5.0, 5.0), [(0.0, 4.0), (5.0, 4.0)], [(0.0, 3.0, 8.0)])),
        (([-25.0, 61.0] * 4, [2.0] * 8, [3.0] * 8), ((16.0, 18.0, -25.0, 61.0), [], [(-math.inf, 1.0, 8.0), (60.0, 1.0, 8.0)])),
    ],
)  # fmt: skip
def test_series_by_hand(series_: Series, figures: Figures) -> None:
    """Unknown at the ends and in the middle, one reading, unequal steps, no sd: every table says what was worked out, of the same time."""
    (deg, stands, sd), ((known_s, mean, median, p90), static, variation) = series_, figures
    of = samples(deg, stands)
    of = replace(of, sd_deg=np.array(sd), moved_sd_deg=np.zeros(len(deg)))
    found, held, bands, cells = statistics_of(of), holding_times(of, 5.0), trunk_bands_of(of, 100.0), exposure_variation(of)
    assert found is not None
    assert held is not None
    assert (found.known_s, found.mean_deg, found.p50_deg, found.p90_deg) == (known_s, pytest.approx(mean), median, p90)
    assert [(p.start_s, p.held_s) for p in held.postures] == static
    levels, periods = (-math.inf, *LEVELS_DEG), (0.0, *PERIODS_S)
    there = zip(*np.nonzero(cells.seconds), strict=True)
    assert [(levels[i], periods[j], pytest.approx(cells.seconds[i, j])) for i, j in there] == variation
    assert held.known_s == bands.measured_s == cells.known_s == pytest.approx(known_s)
    assert sum(bands.expected_s.values()) == pytest.approx(known_s)
    for method in Method:
        step = trunk_steps(method, of, samples([NAN] * len(deg), stands), samples([NAN] * len(deg), stands), SETTINGS)
        assert step is not None
        assert sum(step.least) == pytest.approx(1.0)
        assert sum(step.most) == pytest.approx(1.0)


# --- statistics


def test_figures_are_weighted_by_time_and_leave_out_what_is_unknown() -> None:
    """Ten seconds at 0, eighty at 20, ten at 50, and an hour unknown."""
    found = statistics_of(samples([0.0, NAN, 20.0, 50.0], [10.0, 3600.0, 80.0, 10.0], sd=3.0))
    assert found is not None
    assert (found.known_s, found.mean_deg) == (100.0, pytest.approx(21.0))
    assert (found.p10_deg, found.p50_deg, found.p90_deg) == (0.0, 20.0, 20.0)
    assert found.sd_deg == pytest.approx(math.sqrt(0.1 * 21**2 + 0.8 * 1 + 0.1 * 29**2))
    assert found.error_sd_deg == pytest.approx(3.0)
    assert statistics_of(samples([NAN, NAN])) is None
    assert statistics_of(samples([])) is None


def test_percentiles_of_a_ramp() -> None:
    """Of 1 to 100, each for as long: the tenth, fiftieth and ninetieth."""
    assert percentiles(np.arange(1.0, 101.0), np.ones(100), (0.1, 0.5, 0.9)) == [10.0, 50.0, 90.0]


@hypothesis_settings(max_examples=30)
@given(series)
def test_percentiles_are_ordered_readings_that_split_the_time(parts: list[tuple[float, float]]) -> None:
    """Each is a reading; at least its share of the time is not above it, and less than its share is below it."""
    angle_samples = samples([d for d, _ in parts], [s for _, s in parts])
    found = statistics_of(angle_samples)
    if found is None:
        assert all(math.isnan(d) for d, _ in parts)
        return
    known = angle_samples.known
    for share, value in ((0.1, found.p10_deg), (0.5, found.p50_deg), (0.9, found.p90_deg)):
        assert value in known.deg
        assert known.stands_s[known.deg <= value].sum() >= share * found.known_s * (1 - 1e-6)
        assert known.stands_s[known.deg < value].sum() < share * found.known_s
    assert found.p10_deg <= found.p50_deg <= found.p90_deg


# --- bands


def test_sure_readings_make_bands_without_a_range() -> None:
    """20 and 60 belong to the middle band."""
    bands = trunk_bands_of(samples([-25.0, 10.0, 20.0, 60.0, 61.0], 2.0), 12.0)
    assert list(bands.seconds.values()) == [2.0, 2.0, 4.0, 2.0]
    assert bands.unmeasured_s == pytest.approx(2.0)
    sure = trunk_bands_of(samples([10.0, 30.0, 30.0], 2.0, sd=0.1), 6.0)
    assert sure.expected_s[TrunkBand.BENT] == pytest.approx(4.0)
    assert sure.range_s[TrunkBand.BENT] == (4.0, 4.0)


def test_an_angle_on_a_border_is_as_likely_on_either_side() -> None:
    """Half of the time is expected in each; if all err alike, it may be all of it or none."""
    bands = trunk_bands_of(samples([20.0] * 10, sd=4.0), 10.0)
    assert bands.seconds[TrunkBand.BENT] == 10.0
    assert bands.expected_s[TrunkBand.BENT] == pytest.approx(5.0, abs=0.01)
    assert bands.range_s[TrunkBand.BENT] == (0.0, 10.0)


def test_the_range_is_that_of_an_error_common_to_all() -> None:
    """Of angles spread evenly over 0 to 40 with an sd of 2, an error of 1.96 sd moves a tenth of the time over the border."""
    bands = trunk_bands_of(samples(np.linspace(0.0, 40.0, 4001).tolist(), 0.01, sd=2.0), 40.01)
    low, high = bands.range_s[TrunkBand.BENT]
    assert (low, high) == (pytest.approx(20 - 3.92, abs=0.1), pytest.approx(20 + 3.92, abs=0.1))
    assert bands.expected_s[TrunkBand.BENT] == pytest.approx(20.0, abs=0.1)


@given(series, st.floats(0, 15))
def test_bands_add_up(parts: list[tuple[float, float]], sd: float) -> None:
    """Most likely and expected seconds add up to the known time, and every range lies within it."""
    angle_samples = samples([d for d, _ in parts], [s for _, s in parts], sd)
    known_s = angle_samples.known_s
    bands = trunk_bands_of(angle_samples, known_s)
    assert sum(bands.seconds.values()) == pytest.approx(known_s)
    assert sum(bands.expected_s.values()) == pytest.approx(known_s, abs=1e-6)
    assert all(-1e-6 <= low <= high <= known_s + 1e-6 for low, high in bands.range_s.values())


# --- static postures


def test_static_postures_are_found_where_they_are() -> None:
    """Six seconds at 0, a movement of three readings, ten at 30; three seconds at 60 are too short."""
    deg = [0.0] * 6 + [10.0, 18.0, 24.0] + [30.0, 33.0] * 5 + [60.0] * 3
    found = holding_times(samples(deg, sd=2.0), 2.0)
    assert found is not None
    assert [(p.start_s, p.held_s, p.mean_deg, p.sd_deg) for p in found.postures] == [(0.0, 6.0, 0.0, 2.0), (9.0, 10.0, 31.5, 2.0)]
    assert found.static_share == pytest.approx(16 / 22)
    assert found.longest == found.postures[1]
    assert found.histogram() == ([1, 1, 0, 0, 0, 0], [6.0, 10.0, 0.0, 0.0, 0.0, 0.0])


def test_a_tolerance_is_no_less_than_two_standard_deviations() -> None:
    """What moves by less than can be told is held."""
    deg = [0.0, 11.0] * 10
    assert holding_times(samples(deg), 5.0).postures == ()  # type: ignore[union-attr]
    held = holding_times(samples(deg, moved_sd=3.0), 5.0)
    assert held is not None
    assert [(p.start_s, p.held_s) for p in held.postures] == [(0.0, 20.0)]
    assert held.within_deg == pytest.approx(6.0)


def test_what_is_unknown_ends_a_static_posture() -> None:
    """Before and after it are two, and a gap between readings does the same."""
    found = holding_times(samples([5.0] * 5 + [NAN] + [5.0] * 5), 5.0)
    assert found is not None
    assert [(p.start_s, p.held_s) for p in found.postures] == [(0.0, 5.0), (6.0, 5.0)]
    apart = samples([5.0] * 10)
    apart.start_s[5:] += 100.0
    assert [p.start_s for p in holding_times(apart, 5.0).postures] == [0.0, 105.0]  # type: ignore[union-attr]


@given(series, st.floats(0.5, 20), st.floats(-30, 30))
def test_static_postures_keep_their_promise(parts: list[tuple[float, float]], within: float, moved: float) -> None:
    """In order, without overlap, 4 s or more, never wider than twice the tolerance; the same wherever zero is."""
    deg, stands = [round(d, 3) for d, _ in parts], [round(s, 3) for _, s in parts]
    angle_samples = samples(deg, stands)
    found = holding_times(angle_samples, within)
    if found is None:
        return
    ends = [p.start_s + p.held_s for p in found.postures]
    assert all(b.start_s >= end - 1e-9 for end, b in zip(ends, found.postures[1:], strict=False))
    for p, end in zip(found.postures, ends, strict=True):
        inside = (angle_samples.start_s >= p.start_s - 1e-9) & (angle_samples.start_s < end - 1e-9)
        assert p.held_s >= 4.0 - 1e-6
        assert np.ptp(angle_samples.deg[inside]) <= 2 * within + 1e-9
    elsewhere = holding_times(samples([d + round(moved) for d in deg], stands), within + 1e-7)
    assert elsewhere is not None
    assert sum(p.held_s for p in elsewhere.postures) >= 4.0 * (len(found.postures) > 0)


def test_against_acceptable_holding_times() -> None:
    """As remembered of ISO 11226: none stated below 20, 4 min at 20, 1 min at 60, nothing beyond; the sd makes a probability."""
    limits = HoldingLimits()
    stated = limits.acceptable_s(np.array([-5.0, 19.9, 20.0, 40.0, 60.0, 60.1]))
    assert stated.tolist() == [math.inf, math.inf, 240.0, 150.0, 60.0, 0.0]

    def held(seconds: float, deg: float, sd: float) -> tuple[float | None, float]:
        found = against_limits([StaticPosture(0.0, seconds, deg, sd)], limits)[0]
        return found.acceptable_s, found.longer_probability

    assert held(160.0, 40.0, 0.1) == (150.0, 1.0)
    assert held(140.0, 40.0, 0.1) == (150.0, 0.0)
    assert held(150.0, 40.0, 5.0) == (150.0, pytest.approx(0.5, abs=0.01))
    assert held(3600.0, 5.0, 1.0) == (None, 0.0)
    assert held(3600.0, 20.0, 4.0) == (240.0, pytest.approx(0.5, abs=0.01))
    assert held(5.0, 70.0, 1.0) == (0.0, 1.0)
    assert against_limits([], limits) == []


# --- exposure variation


def test_exposure_variation_of_known_stays() -> None:
    """Two seconds at 15, twenty at 25 in one piece, then 25 again after a gap: three stays."""
    table = exposure_variation(samples([15.0] * 2 + [25.0] * 20 + [NAN] + [25.0] * 4)).seconds
    low, high = (LEVELS_DEG.index(level) + 1 for level in (10.0, 20.0))
    short, middle, long = (PERIODS_S.index(period) + 1 for period in (1.0, 3.0, 15.0))
    assert table[low, short] == 2.0
    assert table[high, long] == 20.0
    assert table[high, middle] == 4.0
    assert table.sum() == 26.0


@given(series)
def test_exposure_variation_adds_up(parts: list[tuple[float, float]]) -> None:
    """Its cells are the known time."""
    angle_samples = samples([d for d, _ in parts], [s for _, s in parts])
    assert exposure_variation(angle_samples).known_s == pytest.approx(angle_samples.known_s)


# --- steps


def steps(method: Method, trunk: float, lean: float = 0.0, rotation: float = 0.0) -> tuple[list[float], list[float]]:
    """Shares by step, least and most, of one sure reading."""
    found = trunk_steps(method, samples([trunk]), samples([lean]), samples([rotation]), SETTINGS)
    assert found is not None
    return [round(s, 6) for s in found.least], [round(s, 6) for s in found.most]


@pytest.mark.parametrize(
    ("trunk", "lean", "rotation", "rula", "reba"),
    [
        (0, 0, 0, (1, 2), 1),
        (10, 0, 0, (2, 2), 2),
        (-10, 0, 0, (1, 2), 2),
        (-30, 0, 0, (1, 2), 3),
        (40, 0, 0, (3, 3), 3),
        (70, 0, 0, (4, 4), 4),
        (40, 15, 0, (4, 4), 4),
        (40, 0, -30, (4, 4), 4),
        (70, -15, 30, (6, 6), 5),
    ],
)
def test_steps_of_sure_angles(trunk: float, lean: float, rotation: float, rula: tuple[int, int], reba: int) -> None:
    """RULA adds a twist and a side bend, REBA one of them; whether an upright back is supported is not seen."""
    least, most = steps(Method.RULA, trunk, lean, rotation)
    assert (least.index(1.0) + 1, most.index(1.0) + 1) == rula
    least, most = steps(Method.REBA, trunk, lean, rotation)
    assert (least.index(1.0) + 1, most.index(1.0) + 1) == (reba, reba)


def test_what_is_not_seen_makes_a_range() -> None:
    """A side bend and a twist that nobody saw: absent at the least, present at the most."""
    least, most = steps(Method.RULA, 40, NAN, NAN)
    assert (least.index(1.0) + 1, most.index(1.0) + 1) == (3, 5)
    least, most = steps(Method.REBA, 40, NAN, NAN)
    assert (least.index(1.0) + 1, most.index(1.0) + 1) == (3, 4)
    assert trunk_steps(Method.REBA, samples([NAN]), samples([0.0]), samples([0.0]), SETTINGS) is None
    seen = seen_shares(samples([0.0, 0.0, NAN]), samples([1.0, NAN, 1.0]), samples([NAN] * 3))
    assert seen is not None
    assert (seen.sideways, seen.twisted) == (0.5, 0.0)


@given(series, st.floats(0, 15), st.floats(-40, 40) | st.just(NAN), st.floats(-60, 60) | st.just(NAN))
@hypothesis_settings(max_examples=50)
def test_steps_add_up(parts: list[tuple[float, float]], sd: float, lean: float, rotation: float) -> None:
    """The shares of each way add up to 1, and the least mean is not above the most."""
    trunk = samples([d for d, _ in parts], [s for _, s in parts], sd)
    for method in Method:
        found = trunk_steps(method, trunk, samples([lean] * len(parts), sd=3.0), samples([rotation] * len(parts), sd=12.0), SETTINGS)
        if found is not None:
            assert sum(found.least) == pytest.approx(1.0, abs=1e-6)
            assert sum(found.most) == pytest.approx(1.0, abs=1e-6)
            assert found.mean[0] <= found.mean[1] + 1e-9


# --- RULA


@pytest.mark.parametrize(
    ("given_text", "trunk", "score"),
    [  # worked by hand from the published tables A, B and C
        ("arm=1,forearm=1,wrist=1,wrist_twist=1,neck=1,legs=1,muscle=0,load=0", 1, 1),
        ("arm=2,forearm=1,wrist=2,wrist_twist=1,neck=2,legs=1,muscle=0,load=0", 2, 3),  # A 3, B 2
        ("arm=2,forearm=1,wrist=2,wrist_twist=1,neck=2,legs=1,muscle=0,load=0", 3, 4),  # A 3, B 4
        ("arm=3,forearm=2,wrist=3,wrist_twist=1,neck=3,legs=1,muscle=1,load=0", 3, 6),  # A 4 + 1, B 4 + 1
        ("arm=4,forearm=3,wrist=4,wrist_twist=2,neck=1,legs=2,muscle=0,load=0", 4, 6),  # A 6, B 5
        ("arm=6,forearm=3,wrist=4,wrist_twist=2,neck=6,legs=2,muscle=1,load=3", 6, 7),
    ],
)
def test_rula_scores_by_the_published_tables(given_text: str, trunk: int, score: int) -> None:
    """Table A gives arm and wrist, table B neck, trunk and legs, table C the score."""
    assert rula_score(rula_scores(given_text), trunk) == score


def test_rula_never_falls_with_a_higher_step() -> None:
    """A slip in a table would show: no score falls where one of its parts rises."""
    low = rula_scores(RULA_EXAMPLE)
    for name, most in (("arm", 6), ("forearm", 3), ("wrist", 4), ("wrist_twist", 2), ("neck", 6), ("legs", 2), ("load", 3)):
        scores = [rula_score({**low, name: value}, 3) for value in range(low[name], most + 1)]
        assert scores == sorted(scores)


@pytest.mark.parametrize("text", ["arm=2", "leg=1", "arm=7," + RULA_EXAMPLE[6:], RULA_EXAMPLE + ",arm=1", "arm", "arm=two", ","])
def test_rula_scores_that_cannot_be_used_say_what_is_expected(text: str) -> None:
    """One missing, unknown, out of range, or twice."""
    with pytest.raises(ValueError, match="all RULA scores but the trunk's"):
        rula_scores(text)


def test_tables_of_limits() -> None:
    """Rising angles with their seconds; an empty text is none."""
    assert holding_limits("20:240, 60:60") == ISO_11226
    assert holding_limits(" ") == ()
    for text in ("20", "20:x", "60:60,20:240", "20:-1", "20:nan", "20:1,"):
        with pytest.raises(ValueError, match="rising angles"):
            holding_limits(text)


# --- together


def minutes(deg: float | None, count: int, start_s: float, neck: float | None = None) -> list[Reading]:
    """Readings of `count` minutes, one a second."""
    readings = [reading(start_s + s, deg, spine=None, pelvis=None) for s in range(60 * count)]
    return [
        r if neck is None else Reading(r.time_s, r.sight, trunk_flexion=r.trunk_flexion, neck_flexion=angle(neck, 12.0)) for r in readings
    ]


def test_the_tables_of_a_recording() -> None:
    """Ten minutes at 40, five not seen, five upright: one static posture too long, and a RULA score for what was seen."""
    made = minutes(40.0, 10, 0.0, neck=20.0) + minutes(None, 5, 600.0) + minutes(0.0, 5, 900.0)
    tables = tables_of(made, 1200.0, 1200.0, 12.0, ErgonomicsSettings(rula=RULA_EXAMPLE))
    trunk = tables.of(TRUNK_FLEXION)
    assert trunk is not None
    assert tables.of(NECK_FLEXION) is not None
    assert len(tables.angles) == 2
    assert trunk.statistics.known_s == 900.0
    assert [(h.posture.held_s, h.acceptable_s) for h in tables.trunk_held] == [(600.0, 150.0), (300.0, None)]
    assert tables.probably_longer(0.8) == 1
    assert tables.bands.unmeasured_s == 300.0
    assert tables.rula is not None
    assert sum(tables.rula.least) == pytest.approx(1.0)
    assert [s.method for s in tables.steps] == [Method.RULA, Method.REBA]


def test_nothing_seen_gives_no_tables() -> None:
    """No angle, no step, no score: nothing is made up."""
    for readings in ([], minutes(None, 1, 0.0)):
        tables = tables_of(readings, 60.0, 60.0, 12.0, ErgonomicsSettings(rula=RULA_EXAMPLE))
        assert (tables.angles, tables.trunk_held, tables.steps, tables.seen, tables.rula) == ((), (), (), None, None)
        assert tables.bands.measured_s == 0.0


def test_carried_forward_readings_count_by_their_time() -> None:
    """A reading that repeats the last stands for its own time like any other."""
    made = [reading(0.0, 10.0), reading(1.0, 10.0), reading(2.0, 50.0)]
    held = Reading(made[1].time_s, made[1].sight, trunk_flexion=made[1].trunk_flexion, carried_forward=True)
    tables = tables_of([made[0], held, made[2]], 3.0, 3.0, 12.0, SETTINGS)
    trunk = tables.of(TRUNK_FLEXION)
    assert trunk is not None
    assert trunk.statistics.known_s == 3.0
    assert trunk.statistics.mean_deg == pytest.approx((10 + 10 + 50) / 3)
