"""The normal distribution over arrays, and errors that a whole recording has in common."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np

from posture.ergonomics.samples import Floats

_LEAST_SD_DEG = 0.01
_TABLE_TO, _TABLE_STEPS = 8.0, 4000
_COMMON = 400


def below(edge_deg: float, deg: Floats, sd_deg: Floats) -> Floats:
    """Return the probability that an angle is less than `edge_deg`, of its reading and that reading's standard deviation."""
    z, share = _table()
    return np.interp(crossing(edge_deg, deg, sd_deg), z, share)


def crossing(edge_deg: float, deg: Floats, sd_deg: Floats) -> Floats:
    """Return how many standard deviations a reading is below `edge_deg`."""
    return (edge_deg - deg) / np.maximum(sd_deg, _LEAST_SD_DEG)


@cache
def common_errors() -> Floats:
    """Return equally probable errors, in standard deviations, for what a whole recording has in common."""
    return np.array([NormalDist().inv_cdf((k + 0.5) / _COMMON) for k in range(_COMMON)])


def range_95(values: Floats) -> tuple[float, float]:
    """Return between what 95 % of equally probable values lie."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


@cache
def _table() -> tuple[Floats, Floats]:
    z = np.linspace(-_TABLE_TO, _TABLE_TO, _TABLE_STEPS + 1)
    return z, np.array([0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) for x in z])
