"""How long the trunk was in each of the bands that RULA and REBA sort its flexion into: 0-20, 20-60 and more than 60 degrees.

Bands: McAtamney & Corlett 1993 (RULA), Hignett & McAtamney 2000 (REBA), which also puts an extension of more than 20 degrees
with the second band; it is kept apart here. Trunk flexion alone makes neither a RULA nor a REBA score: both also take twist,
side bending, neck, arms, legs, load and repetition, and a trained observer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from posture.engine import RecordingResult
from posture.reports.labels import DASH, MINUS, effective
from posture.types import Posture

LIMITS = "Bands of trunk flexion alone, by the most likely angle of each reading; this is not a RULA or REBA score."


class TrunkBand(StrEnum):
    """A band of trunk flexion."""

    EXTENDED = "extended_over_20"
    """Leaning back by more than 20 degrees."""
    UPRIGHT = "up_to_20"
    """Less than 20 degrees forward, at most 20 back."""
    BENT = "from_20_to_60"
    FAR_BENT = "over_60"


BAND_WORDS = {
    TrunkBand.EXTENDED: f"below {MINUS}20°",
    TrunkBand.UPRIGHT: f"0{DASH}20°",
    TrunkBand.BENT: f"20{DASH}60°",
    TrunkBand.FAR_BENT: "> 60°",
}


@dataclass(frozen=True, slots=True)
class TrunkBands:
    """Seconds in each band, and seconds in which somebody was there but the trunk could not be measured."""

    seconds: dict[TrunkBand, float]
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
    """Return the band of an angle in degrees, forward +; 20 belongs to the second band, where this program's flexed begins, 60 too."""
    if trunk_flexion_deg < -20.0:
        return TrunkBand.EXTENDED
    if trunk_flexion_deg < 20.0:
        return TrunkBand.UPRIGHT
    return TrunkBand.BENT if trunk_flexion_deg <= 60.0 else TrunkBand.FAR_BENT


def trunk_bands(analysis: RecordingResult) -> TrunkBands:
    """Return the distribution of time over the bands. A reading stands until the next one, as long as the setting ``bands.max_gap_s``
    allows."""
    longest_s = effective(analysis, "bands.max_gap_s")
    readings = [j.reading for j in analysis.judged]
    end_s = analysis.spans[-1].end_s if analysis.spans else (readings[-1].time_s if readings else 0.0)
    seconds = dict.fromkeys(TrunkBand, 0.0)
    for reading, (start, end) in zip(readings, pairwise([*(r.time_s for r in readings), end_s]), strict=True):
        if reading.trunk_flexion is not None and math.isfinite(reading.trunk_flexion.deg):
            seconds[band_of(reading.trunk_flexion.deg)] += min(max(0.0, end - start), longest_s)
    there_s = analysis.summary.total_s - analysis.summary.seconds.get(Posture.AWAY, 0.0)
    return TrunkBands(seconds, max(0.0, there_s - sum(seconds.values())))
