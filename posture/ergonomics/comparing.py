"""By how much a figure differs between two recordings, and how sure that is.

Two things make it unsure, and both are drawn at once, many times. The angles: readings of one recording err alike (its neutral, its view,
the person's build), so each draw moves all of them by the same number of their standard deviations. The time: had it been recorded a little
earlier or later, the person would have sat in another way; so each draw puts the recording together anew of blocks of it (circular block
bootstrap, Politis & Romano 1992), long enough that what follows a block hardly depends on it (length: Politis & White 2004, corrected by
Patton, Politis & White 2009). What no bootstrap knows is another day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.ergonomics.groups import Difference
from posture.ergonomics.normal import crossing, range_95
from posture.ergonomics.samples import AngleSamples, Floats

DRAWS = 1000
_LEAST_SLOT_S, _MOST_SLOTS = 1.0, 1500
_LEAST_SLOTS, _LEAST_BLOCKS = 60, 5
"""A recording of fewer is too short to tell from it how much it varies."""
_SHARES_SD = np.arange(-6.0, 6.05, 0.1)
"""Edges of the histogram of crossings, in standard deviations."""
_BIN_DEG = 0.5
ANGLES_AND_TIME = "error of the angles and sampling of time"
ANGLES_ALONE = "error of the angles alone: too short to tell how it varies over time"
TIME_ALONE = "sampling of time alone, without the error of the angles"
NO_TIME = "none: too short to tell how it varies over time"


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """A recording cut into m equal slots of time, and how often each slot is in each draw."""

    slot: NDArray[np.intp]
    """(n,) the slot in which each reading begins."""
    counts: Floats
    """(DRAWS, m); (1, m) of ones where the recording is too short to be resampled."""
    errors: Floats
    """(DRAWS,) common error of the angles in standard deviations."""

    @property
    def over_time(self) -> bool:
        """Whether it is resampled over time."""
        return len(self.counts) > 1

    def sums(self, values: Floats) -> Floats:
        """Return the sum of values of the readings in each draw, (DRAWS,), or (1,) where it is not resampled."""
        total: Floats = self.counts @ np.bincount(self.slot, values, minlength=self.counts.shape[1])
        return total

    def histograms(self, bins: NDArray[np.intp], weights: Floats, size: int) -> Floats:
        """Return the weight of each of `size` bins in each draw: (DRAWS, size), or (1, size)."""
        m = self.counts.shape[1]
        each = np.bincount(self.slot * size + bins, weights, minlength=m * size).reshape(m, size)
        total: Floats = self.counts @ each
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A figure of a recording, and what it came to in the draws."""

    value: float
    draws: Floats | None
    """(DRAWS,); ``None`` where nothing could be drawn."""
    method: str


def resampling_of(start_s: Floats, stands_s: Floats, series: Sequence[Floats], seed: int) -> Resampling | None:
    """Cut a recording into slots and draw; ``None`` of one without time.

    Args:
        start_s: (n,) when each reading begins, seconds.
        stands_s: (n,) for how long it stands.
        series: (n,) figures over time, NaN where unknown; the one that varies most slowly says how long blocks are.
        seed: of the draws; the two recordings that are compared need two.
    """
    if not stands_s.any():
        return None
    length_s = float(start_s[-1] + stands_s[-1] - start_s[0])
    slot_s = max(_LEAST_SLOT_S, length_s / _MOST_SLOTS)
    m = max(1, math.ceil(length_s / slot_s))
    slot = np.clip(((start_s - start_s[0]) / slot_s).astype(np.intp), 0, m - 1)
    block = max((block_length(_by_slot(values, stands_s, slot, m)) for values in series), default=1)
    random = np.random.default_rng(seed)
    errors = random.standard_normal(DRAWS)
    counts = _counts(random, m, block) if m >= max(_LEAST_SLOTS, _LEAST_BLOCKS * block) else np.ones((1, m))
    return Resampling(slot, counts, errors)


def undrawn(count: int) -> Resampling:
    """Return what takes `count` readings as they are: the figures alone, without draws."""
    return Resampling(np.zeros(count, np.intp), np.ones((1, 1)), np.zeros(1))


def _by_slot(values: Floats, stands_s: Floats, slot: NDArray[np.intp], m: int) -> Floats:
    known = np.isfinite(values)
    weight = np.bincount(slot[known], stands_s[known], minlength=m)
    total = np.bincount(slot[known], (values * stands_s)[known], minlength=m)
    mean: Floats = np.divide(total, weight, out=np.full(m, np.nan), where=weight > 0)
    return mean


def _counts(random: np.random.Generator, m: int, block: int) -> Floats:
    """Return how often each of m slots is in each draw, of blocks that go on at the start after the end."""
    width = m + block
    starts = random.integers(0, m, (DRAWS, math.ceil(m / block))) + np.arange(DRAWS)[:, None] * width
    begun = np.bincount(starts.ravel(), minlength=DRAWS * width).reshape(DRAWS, width)
    begun[:, block:] -= begun[:, :-block].copy()
    counts = np.cumsum(begun, axis=1).astype(np.float64)
    counts[:, :block] += counts[:, m:]
    return np.ascontiguousarray(counts[:, :m])


def block_length(series: Floats) -> int:
    """Return how many slots a block needs, by Politis & White 2004 for the circular bootstrap.

    Args:
        series: (m,) equally spaced; NaN where unknown, which counts as the mean.
    """
    m = len(series)
    known = np.isfinite(series)
    if m < 4 or known.sum() < 2:
        return 1
    x = np.where(known, series - series[known].mean(), 0.0)
    longest = max(1, math.ceil(min(3.0 * math.sqrt(m), m / 3.0)))
    if x.std() < 1e-9:
        return 1
    quiet = max(5, math.ceil(math.log10(m)))
    most = min(m - 1, math.ceil(math.sqrt(m)) + quiet)
    covariance = np.array([float(x[: m - k] @ x[k:]) / m for k in range(most + 1)])
    small = np.abs(covariance / covariance[0]) < 2.0 * math.sqrt(math.log10(m) / m)
    first = next((k for k in range(1, most - quiet + 2) if small[k : k + quiet].all()), most)
    reach = min(2 * max(1, first - 1), most)
    lags = np.arange(1, reach + 1)
    window = np.clip(2.0 * (1.0 - lags / reach), 0.0, 1.0)
    g = 2.0 * float(np.sum(window * lags * covariance[lags]))
    d = 4.0 / 3.0 * float(covariance[0] + 2.0 * np.sum(window * covariance[lags])) ** 2
    if d <= 0.0:
        return longest
    return int(np.clip(math.ceil((2.0 * g * g / d) ** (1.0 / 3.0) * m ** (1.0 / 3.0)), 1, longest))


def mean_of(samples: AngleSamples, resampling: Resampling) -> Drawn | None:
    """Return the mean angle over the time in which it is known; ``None`` if it is not."""
    known, weights = _known(samples)
    if not known.any():
        return None
    total, sums = resampling.sums(weights), resampling.sums(weights * np.nan_to_num(samples.deg))
    error = float(np.average(samples.sd_deg[known], weights=weights[known]))
    draws = np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0) + resampling.errors * error
    return Drawn(float(np.average(samples.deg[known], weights=weights[known])), draws, _angles(resampling))


def percentile_of(samples: AngleSamples, share: float, value: float, resampling: Resampling) -> Drawn | None:
    """Return a percentile of an angle; ``None`` if it is not known.

    Args:
        samples: of the angle.
        share: 0..1.
        value: the percentile itself, degrees, as `posture.ergonomics.percentiles` gives it.
        resampling: of the recording.
    """
    known, weights = _known(samples)
    if not known.any():
        return None
    low = math.floor(float(samples.deg[known].min()) / _BIN_DEG) * _BIN_DEG
    bins = np.where(known, (np.nan_to_num(samples.deg, nan=low) - low) / _BIN_DEG, 0.0).astype(np.intp)
    up_to = np.cumsum(resampling.histograms(bins, weights, int(bins.max()) + 1), axis=1)
    place = (up_to < share * up_to[:, -1:]).sum(axis=1)
    error = float(np.average(samples.sd_deg[known], weights=weights[known]))
    return Drawn(value, low + (place + 0.5) * _BIN_DEG + resampling.errors * error, _angles(resampling))


def share_from(samples: AngleSamples, edge_deg: float, resampling: Resampling) -> Drawn | None:
    """Return the share (0..1) of the time in which an angle is known that it is `edge_deg` or more; ``None`` if it is not known."""
    known, weights = _known(samples)
    if not known.any():
        return None
    z = np.where(known, crossing(edge_deg, np.nan_to_num(samples.deg), np.nan_to_num(samples.sd_deg, nan=1.0)), 0.0)
    bins = np.searchsorted(_SHARES_SD, z)
    up_to = np.cumsum(resampling.histograms(bins, weights, len(_SHARES_SD) + 1), axis=1)
    at = np.searchsorted(_SHARES_SD, resampling.errors)
    above = up_to[np.arange(len(at)) if resampling.over_time else np.zeros(len(at), np.intp), at]
    total = up_to[:, -1]
    value = float(weights[known & (np.nan_to_num(samples.deg) >= edge_deg)].sum() / weights.sum())
    draws = np.divide(above, total, out=np.full(at.shape, np.nan), where=total > 0)
    return Drawn(value, draws, _angles(resampling))


def share_of(inside: NDArray[np.bool_], stands_s: Floats, resampling: Resampling) -> Drawn | None:
    """Return the share (0..1) of some time that is `inside`; ``None`` if there is no such time.

    Args:
        inside: (n,) of the readings.
        stands_s: (n,) seconds, 0 for readings that do not count.
        resampling: of the recording; of the angles' errors nothing is drawn.
    """
    if not stands_s.any():
        return None
    value = float(stands_s[inside].sum() / stands_s.sum())
    if not resampling.over_time:
        return Drawn(value, None, NO_TIME)
    total, sums = resampling.sums(stands_s), resampling.sums(stands_s * inside)
    return Drawn(value, np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0), TIME_ALONE)


def _known(samples: AngleSamples) -> tuple[NDArray[np.bool_], Floats]:
    known = np.isfinite(samples.deg) & np.isfinite(samples.sd_deg) & (samples.stands_s > 0)
    return known, np.where(known, samples.stands_s, 0.0)


def _angles(resampling: Resampling) -> str:
    return ANGLES_AND_TIME if resampling.over_time else ANGLES_ALONE


def difference_of(first: Drawn, second: Drawn) -> Difference:
    """Return by how much the second recording differs from the first, with 95 % of the differences of their draws."""
    value = second.value - first.value
    method = first.method if first.method == second.method else "; ".join(sorted({first.method, second.method}))
    if first.draws is None or second.draws is None:
        return Difference(value, None, None, NO_TIME)
    draws = second.draws - first.draws
    low, high = range_95(draws[np.isfinite(draws)])
    return Difference(value, min(low, value), max(high, value), method)
