"""How long the trunk was in each of the bands that RULA and REBA sort its flexion into: 0-20, 20-60 and more than 60 degrees.

Bands: McAtamney & Corlett 1993 (RULA), Hignett & McAtamney 2000 (REBA), which also puts an extension of more than 20 degrees
with the second band; it is kept apart here. Trunk flexion alone makes neither a RULA nor a REBA score: both also take twist,
side bending, neck, arms, legs, load and repetition, and a trained observer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from posture.ergonomics.normal import below, common_errors, crossing, range_95
from posture.ergonomics.samples import AngleSamples


class TrunkBand(StrEnum):
    """A band of trunk flexion."""

    EXTENDED = "extended_over_20"
    """Leaning back by more than 20 degrees."""
    UPRIGHT = "up_to_20"
    """Less than 20 degrees forward, at most 20 back."""
    BENT = "from_20_to_60"
    FAR_BENT = "over_60"


EDGES_DEG = (-20.0, 20.0, float(np.nextafter(60.0, 61.0)))
"""Where the next band begins: 20 belongs to the third, where this program's flexed begins, and so does 60."""


@dataclass(frozen=True, slots=True)
class TrunkBands:
    """Seconds in each band, and seconds in which somebody was there but the trunk could not be measured."""

    seconds: dict[TrunkBand, float]
    """By the most likely angle of each reading."""
    expected_s: dict[TrunkBand, float]
    """The sum over all readings of the time that each stands for, times its probability of being in the band."""
    range_s: dict[TrunkBand, tuple[float, float]]
    """95 % range if all readings of the recording err alike, by as many of their own standard deviations: the widest that the sds imply."""
    unmeasured_s: float

    @property
    def measured_s(self) -> float:
        """Seconds in which trunk flexion was known."""
        return sum(self.seconds.values())

    def share(self, band: TrunkBand) -> float | None:
        """Return the share (0..1) of the measured time; ``None`` if none was measured."""
        return self.seconds[band] / self.measured_s if self.measured_s > 0 else None

    def shown(self) -> list[TrunkBand]:
        """Return the bands that a reader wants to see: the three of forward flexion, and leaning far back if it happened."""
        return [b for b in TrunkBand if b is not TrunkBand.EXTENDED or self.seconds[b] > 0]


def band_of(trunk_flexion_deg: float) -> TrunkBand:
    """Return the band of an angle in degrees, forward +."""
    return tuple(TrunkBand)[int(np.searchsorted(EDGES_DEG, trunk_flexion_deg, side="right"))]


def trunk_bands_of(trunk: AngleSamples, there_s: float) -> TrunkBands:
    """Return the distribution of time over the bands.

    Args:
        trunk: trunk flexion against gravity, with the sd of that angle.
        there_s: seconds in which somebody was there.
    """
    known = trunk.known
    weights, last = known.stands_s, len(TrunkBand)
    index = np.searchsorted(EDGES_DEG, known.deg, side="right")
    seconds = np.bincount(index, weights, minlength=last)
    up_to = [0.0, *(float(weights @ below(edge, known.deg, known.sd_deg)) for edge in EDGES_DEG), float(weights.sum())]
    by_error = [np.zeros_like(common_errors()), *(_seconds_below(edge, known) for edge in EDGES_DEG)]
    by_error.append(np.full_like(common_errors(), weights.sum()))
    return TrunkBands(
        {band: float(s) for band, s in zip(TrunkBand, seconds, strict=True)},
        {band: max(0.0, b - a) for band, (a, b) in zip(TrunkBand, pairwise(up_to), strict=True)},
        {band: range_95(np.maximum(b - a, 0.0)) for band, (a, b) in zip(TrunkBand, pairwise(by_error), strict=True)},
        max(0.0, there_s - float(weights.sum())),
    )


def _seconds_below(edge_deg: float, known: AngleSamples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the seconds below an edge for each of the common errors: a reading is below it for errors that are less than its crossing."""
    z = crossing(edge_deg, known.deg, known.sd_deg)
    order = np.argsort(z)
    up_to = np.concatenate([[0.0], np.cumsum(known.stands_s[order])])
    passed: np.ndarray[tuple[int], np.dtype[np.float64]] = up_to[-1] - up_to[np.searchsorted(z[order], common_errors(), side="right")]
    return passed
