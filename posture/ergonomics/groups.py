"""What a number comes to over the recordings, or the subjects, of a group. Each of them weighs the same, however long it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

INTERVAL = 0.95
"""Probability with which an interval holds what it is of."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One number over several recordings or subjects."""

    count: int
    """Those of which it is known."""
    mean: float
    sd: float | None
    """Between them, n - 1 in the denominator; ``None`` of fewer than two."""
    median: float
    low: float
    high: float


def spread_of(values: Iterable[float | None]) -> Spread | None:
    """Return mean, sd, median and range of the values that are known; ``None`` if none is."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return None
    sd = stdev(known) if len(known) > 1 else None
    return Spread(len(known), fmean(known), sd, median(known), min(known), max(known))


def t_quantile(freedom: int, probability: float = INTERVAL) -> float:
    """Return the t that lies within ±t with this probability, by bisection of Student's distribution.

    For whole degrees of freedom it has a closed form: Abramowitz & Stegun 1964, 26.7.3 and 26.7.4.

    Raises:
        ValueError: there is no degree of freedom.
    """
    if freedom < 1:
        raise ValueError("needs a degree of freedom")
    low, high = 0.0, 1.0
    while _within(high, freedom) < probability:
        high *= 2.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _within(middle, freedom) < probability else (low, middle)
    return (low + high) / 2.0


def _within(t: float, freedom: int) -> float:
    """Return the probability that Student's t lies within ±t."""
    angle = math.atan(t / math.sqrt(freedom))
    cos2 = math.cos(angle) ** 2
    odd = freedom % 2
    term = total = math.cos(angle) if odd else 1.0
    for n in range(2 + odd, freedom - 1, 2):
        term *= (n - 1) / n * cos2
        total += term
    if not odd:
        return math.sin(angle) * total
    return 2.0 / math.pi * (angle + (math.sin(angle) * total if freedom > 1 else 0.0))


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much a number differs between two groups: the second minus the first."""

    value: float
    low: float | None
    """Ends of the interval of 95 %; ``None`` where too little is known for one."""
    high: float | None
    method: str
    """What the interval is made of, in words; why there is none."""


def paired_difference(pairs: Sequence[tuple[float, float]]) -> Difference:
    """Return the mean difference of the same subjects, with Student's interval of their differences.

    Raises:
        ValueError: there is no pair.
    """
    differences = [b - a for a, b in pairs]
    value, n = fmean(differences), len(pairs)
    if n < 2:
        return Difference(value, None, None, "one subject: nothing is known of others")
    half = t_quantile(n - 1) * stdev(differences) / math.sqrt(n)
    return Difference(value, value - half, value + half, f"paired t, {n} subjects")


def unpaired_difference(first: Sequence[float], second: Sequence[float], unit: str) -> Difference:
    """Return the difference of the means of two groups, with Welch's interval (1947); degrees of freedom are rounded down.

    Args:
        first: a value for each recording or subject.
        second: likewise.
        unit: what they are, in the plural.

    Raises:
        ValueError: a group is empty.
    """
    value = fmean(second) - fmean(first)
    counts = f"{len(first)} and {len(second)} {unit}"
    if min(len(first), len(second)) < 2:
        return Difference(value, None, None, f"none between {unit}: {counts}")
    a, b = stdev(first) ** 2 / len(first), stdev(second) ** 2 / len(second)
    if a + b <= 0.0:
        return Difference(value, None, None, f"none: no spread within either group, {counts}")
    freedom = (a + b) ** 2 / (a**2 / (len(first) - 1) + b**2 / (len(second) - 1))
    half = t_quantile(max(1, math.floor(freedom))) * math.sqrt(a + b)
    return Difference(value, value - half, value + half, f"Welch's t, {counts}")
