"""Shares, means and differences with an interval of 95 %. Pure.

Sources: Wilson 1927 (a share); Student 1908 (a mean), with the quantile by Abramowitz & Stegun 26.7.5; Newcombe 1998, method 10
(a difference of shares); Welch 1947 with the degrees of freedom of Satterthwaite 1946 (a difference of means).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

Z = 1.959964
"""97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A value, and the interval of 95 % around it."""

    value: float
    low: float
    high: float

    @property
    def beyond_zero(self) -> bool:
        """Whether zero lies outside of the interval."""
        return self.low > 0.0 or self.high < 0.0


def share_of(count: int, of: int) -> IntervalEstimate:
    """Estimate a share (0..1) from `count` of `of` (at least 1), with Wilson's score interval."""
    p = count / of
    spread = 1.0 + Z * Z / of
    middle = (p + Z * Z / (2 * of)) / spread
    half = Z * math.sqrt(p * (1.0 - p) / of + Z * Z / (4 * of * of)) / spread
    return IntervalEstimate(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))


def mean_of(values: Sequence[float]) -> IntervalEstimate:
    """Estimate the mean of at least two values, with Student's interval."""
    mean, n = fmean(values), len(values)
    half = t_quantile(n - 1) * math.sqrt(variance(values, mean) / n)
    return IntervalEstimate(mean, mean - half, mean + half)


def difference_of_shares(a: tuple[int, int], b: tuple[int, int]) -> IntervalEstimate:
    """Estimate by how much the share of `a` is larger than that of `b`, each ``(count, of)``, with Newcombe's hybrid score interval."""
    one, two = share_of(*a), share_of(*b)
    value = one.value - two.value
    low = math.hypot(one.value - one.low, two.high - two.value)
    high = math.hypot(one.high - one.value, two.value - two.low)
    return IntervalEstimate(value, value - low, value + high)


def difference_of_means(a: Sequence[float], b: Sequence[float]) -> IntervalEstimate:
    """Estimate by how much the mean of `a` is larger than that of `b`, each of at least two values, with Welch's interval."""
    value = fmean(a) - fmean(b)
    parts = [(variance(x) / len(x), len(x) - 1) for x in (a, b)]
    error = sum(part for part, _ in parts)
    if error == 0.0:
        return IntervalEstimate(value, value, value)
    freedom = 1.0 / sum((part / error) ** 2 / n for part, n in parts)
    half = t_quantile(freedom) * math.sqrt(error)
    return IntervalEstimate(value, value - half, value + half)


def t_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t; off by less than 0.005 from 5 degrees of `freedom` on."""
    x = Z
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + sum(term / freedom**power for power, term in enumerate(terms, 1))
