"""How one angle was distributed over the time in which it is known.

The distribution is the amplitude probability distribution function, APDF (Jonsson 1982, introduced for muscle load; used for angles
since): its value at p is the angle below which the person was for p of the time. 10, 50 and 90 % are the ones reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posture.ergonomics.samples import AngleSamples, Floats

_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class AngleStatistics:
    """One angle over a recording, weighted by time; degrees."""

    known_s: float
    """Seconds in which it is known; the figures are of these alone."""
    mean_deg: float
    sd_deg: float
    """Standard deviation of the readings over time: how much the angle varied, with the measurement's own scatter in it."""
    p10_deg: float
    p50_deg: float
    p90_deg: float
    error_sd_deg: float
    """Standard deviation of the error of the mean and of the percentiles, if all readings err alike: the mean of the readings' own. Errors
    of one recording (its neutral, its view, the person's build) mostly do, so that more readings make it no smaller."""


def statistics_of(samples: AngleSamples) -> AngleStatistics | None:
    """Return how the angle was distributed; ``None`` if it was never known."""
    known = samples.known
    weights = known.stands_s
    if not weights.size:
        return None
    mean = float(np.average(known.deg, weights=weights))
    spread = float(np.sqrt(np.average((known.deg - mean) ** 2, weights=weights)))
    p10, p50, p90 = percentiles(known.deg, weights, (0.1, 0.5, 0.9))
    error = float(np.average(known.sd_deg, weights=weights))
    return AngleStatistics(float(weights.sum()), mean, spread, p10, p50, p90, error)


def percentiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> list[float]:
    """Return the least of the values up to which `shares` of the weight lie (inverse of the distribution function).

    Args:
        values: (n,), n at least 1.
        weights: (n,), more than 0.
        shares: 0..1.
    """
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(weights[order])
    places = np.searchsorted(up_to, [share * up_to[-1] * (1.0 - _NOISE) for share in shares])
    return [float(v) for v in values[order][places]]
