"""Differences between recordings and between groups of them: on series and samples whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from posture.ergonomics import (
    AngleSamples,
    Drawn,
    Resampling,
    difference_of,
    mean_of,
    paired_difference,
    percentile_of,
    percentiles,
    resampling_of,
    share_from,
    share_of,
    spread_of,
    unpaired_difference,
)
from posture.ergonomics.comparing import ANGLES_ALONE, ANGLES_AND_TIME, NO_TIME, TIME_ALONE, block_length
from posture.ergonomics.groups import t_quantile

RANDOM = np.random.default_rng(3)


def samples(deg: np.ndarray, sd: float = 0.001) -> AngleSamples:
    """An angle each second."""
    n = len(deg)
    return AngleSamples(np.arange(float(n)), np.ones(n), deg, np.full(n, sd), np.full(n, sd))


def drawn_anew(s: AngleSamples, seed: int = 1) -> Resampling:
    """Its draws."""
    found = resampling_of(s.start_s, s.stands_s, [s.deg], seed)
    assert found is not None
    return found


def wandering(n: int, follows: float, spread: float, mean: float = 10.0) -> np.ndarray:
    """A series of which each value follows the one before by this much."""
    noise = RANDOM.standard_normal(n) * spread * math.sqrt(1.0 - follows**2)
    out = np.empty(n)
    value = RANDOM.standard_normal() * spread
    for i in range(n):
        value = follows * value + noise[i]
        out[i] = mean + value
    return out


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (9, 2.2622), (30, 2.0423), (1000, 1.9623)])
def test_student(freedom: int, t: float) -> None:
    """As tables have it."""
    assert t_quantile(freedom) == pytest.approx(t, abs=1e-4)


def test_a_paired_difference_by_hand() -> None:
    """Differences 1, 2, 3: mean 2, sd 1, t of two degrees of freedom 4.3027, so 2 ± 4.3027/√3."""
    found = paired_difference([(1.0, 2.0), (5.0, 7.0), (0.0, 3.0)])
    assert found.value == pytest.approx(2.0)
    assert (found.low, found.high) == (pytest.approx(2.0 - 4.3027 / math.sqrt(3.0), abs=1e-3), pytest.approx(4.4841, abs=1e-3))
    assert "paired" in found.method


def test_an_unpaired_difference_by_hand() -> None:
    """1, 2, 3 and 11, 12, 13: Welch has four degrees of freedom, half = 2.7764 · √(2/3)."""
    found = unpaired_difference([1.0, 2.0, 3.0], [11.0, 12.0, 13.0], "recordings")
    assert found.value == pytest.approx(10.0)
    assert found.high == pytest.approx(10.0 + 2.7764 * math.sqrt(2.0 / 3.0), abs=1e-3)


def test_of_one_recording_each_no_interval_is_invented() -> None:
    """Nor of one subject, nor of groups without spread."""
    for found in (
        unpaired_difference([1.0], [2.0, 3.0], "recordings"),
        paired_difference([(1.0, 2.0)]),
        unpaired_difference([1.0, 1.0], [2.0, 2.0], "recordings"),
    ):
        assert (found.low, found.high) == (None, None)
        assert found.value >= 1.0


def test_what_is_not_known_counts_in_no_spread() -> None:
    """None and NaN are left out, and one value has no sd."""
    found = spread_of([1.0, None, 3.0, math.nan])
    assert found is not None
    assert (found.count, found.mean, found.median, found.low, found.high) == (2, 2.0, 2.0, 1.0, 3.0)
    one = spread_of([1.0])
    assert one is not None
    assert one.sd is None
    assert spread_of([None]) is None


def test_a_series_that_wanders_slowly_needs_long_blocks() -> None:
    """White noise short ones; and blocks never take more than a third."""
    assert block_length(wandering(2000, 0.0, 5.0)) < 20
    assert 30 < block_length(wandering(2000, 0.97, 5.0)) <= 135
    assert block_length(np.full(500, 3.0)) == 1
    assert block_length(np.full(500, math.nan)) == 1
    assert block_length(np.repeat([0.0, 30.0], 15)) <= 10


def test_two_recordings_of_the_same_are_mostly_told_to_be_the_same() -> None:
    """The interval of 95 % misses 0 in few of 12 pairs, and is not absurdly wide."""
    missed, widths = 0, []
    for n in range(12):
        pair = [samples(wandering(600, 0.9, 8.0)) for _ in range(2)]
        drawn = [mean_of(s, drawn_anew(s, 2 * n + k)) for k, s in enumerate(pair)]
        found = difference_of(*drawn)  # type: ignore[arg-type]
        assert found.low is not None and found.high is not None
        missed += not found.low <= 0.0 <= found.high
        widths.append(found.high - found.low)
    assert missed <= 3
    assert 4.0 < np.median(widths) < 11.0  # 2 · 1.96 · √2 · 8 · √(19/600) = 7.9


def test_the_error_of_the_angles_is_common_to_a_recording() -> None:
    """A constant angle of sd 3 in both: the difference has sd 3·√2, however many readings there are."""
    drawn = [mean_of(s, drawn_anew(s, k)) for k, s in enumerate([samples(np.full(900, 10.0), 3.0), samples(np.full(900, 14.0), 3.0)])]
    found = difference_of(*drawn)  # type: ignore[arg-type]
    assert found.value == pytest.approx(4.0)
    assert found.low == pytest.approx(4.0 - 1.96 * 3.0 * math.sqrt(2.0), abs=0.6)
    assert found.high == pytest.approx(4.0 + 1.96 * 3.0 * math.sqrt(2.0), abs=0.6)
    assert found.method == ANGLES_AND_TIME


def test_a_short_recording_has_the_error_of_the_angles_alone() -> None:
    """And a share that knows of no error has no interval at all."""
    s = samples(np.repeat([0.0, 30.0], 5), 2.0)
    r = drawn_anew(s)
    mean, share = mean_of(s, r), share_of(s.deg > 20.0, s.stands_s, r)
    assert mean is not None and share is not None
    assert mean.method == ANGLES_ALONE
    assert (share.value, share.draws, share.method) == (0.5, None, NO_TIME)
    assert difference_of(share, share).low is None


def test_the_share_from_an_edge_on() -> None:
    """19° with sd 2 reaches 20° in 31 % of the draws; 10° never; the share itself is by the most likely angle."""
    s = samples(np.tile([19.0, 10.0], 300), 2.0)
    found = share_from(s, 20.0, drawn_anew(s))
    assert found is not None and found.draws is not None
    assert found.value == 0.0
    assert np.mean(found.draws > 0.0) == pytest.approx(0.31, abs=0.05)
    assert found.draws.max() < 0.8
    plain = share_of(s.deg > 15.0, s.stands_s, drawn_anew(s))
    assert plain is not None
    assert (plain.value, plain.method) == (0.5, TIME_ALONE)


def test_what_is_not_known_is_not_drawn() -> None:
    """An angle that was never seen gives nothing; time in which it is unknown counts not at all."""
    s = samples(np.full(100, math.nan))
    r = drawn_anew(s)
    assert mean_of(s, r) is None and share_from(s, 20.0, r) is None and percentile_of(s, 0.5, 0.0, r) is None
    assert share_of(np.zeros(100, bool), np.zeros(100), r) is None
    assert resampling_of(np.zeros(0), np.zeros(0), [], 1) is None
    half = samples(np.where(np.arange(400) % 2, 12.0, math.nan))
    found = mean_of(half, drawn_anew(half))
    assert found is not None
    assert found.value == pytest.approx(12.0)


@settings(max_examples=10)
@given(st.integers(30, 400), st.floats(0.0, 0.95), st.floats(0.01, 0.99))
def test_draws_lie_about_the_value(n: int, follows: float, share: float) -> None:
    """Whatever the series: a percentile's draws are of angles that were there, and equal seeds draw equally."""
    s = samples(wandering(n, follows, 6.0))
    value = percentiles(s.deg, s.stands_s, (share,))[0]
    found = percentile_of(s, share, value, drawn_anew(s))
    assert found is not None and found.draws is not None
    assert s.deg.min() - 1.0 <= found.draws.min() and found.draws.max() <= s.deg.max() + 1.0
    again = percentile_of(s, share, value, drawn_anew(s))
    assert again is not None and np.array_equal(found.draws, again.draws)  # type: ignore[arg-type]
    difference = difference_of(found, found)
    assert difference.value == 0.0
    assert difference.low is not None and difference.low <= 0.0


def test_ten_hours_take_a_moment() -> None:
    """180,000 readings: at most as many slots as are worth it."""
    n = 180_000
    s = AngleSamples(np.arange(n) * 0.2, np.full(n, 0.2), np.sin(np.arange(n) / 3000.0) * 20.0, np.full(n, 3.0), np.full(n, 3.0))
    r = drawn_anew(s)
    assert r.counts.shape[1] <= 1500
    assert isinstance(share_from(s, 10.0, r), Drawn)
