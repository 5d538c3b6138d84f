"""The words of the bands of trunk flexion."""

from __future__ import annotations

from posture.ergonomics import TrunkBand, TrunkBands
from posture.reports.labels import DASH, MINUS, share_words

LIMITS = "Bands of trunk flexion alone, by the most likely angle of each reading; this is not a RULA or REBA score."
RANGES = (
    "With a probability of 95 % the share lies in the range, by the standard deviations of the readings, if all of them err alike, as "
    "those of one camera, person and neutral mostly do."
)

BAND_WORDS = {
    TrunkBand.EXTENDED: f"below {MINUS}20°",
    TrunkBand.UPRIGHT: f"0{DASH}20°",
    TrunkBand.BENT: f"20{DASH}60°",
    TrunkBand.FAR_BENT: "> 60°",
}


def range_words(bands: TrunkBands, band: TrunkBand) -> str:
    """Return the 95 % range of the share of a band; empty where nothing was measured, or the range is a point."""
    if bands.measured_s <= 0:
        return ""
    low, high = (round(100.0 * seconds / bands.measured_s) for seconds in bands.range_s[band])
    return "" if low == high else f"{low}{DASH}{high} %"


def share_and_range(bands: TrunkBands, band: TrunkBand) -> str:
    """Return the share of a band, and in brackets its 95 % range."""
    reach = range_words(bands, band)
    return share_words(bands.seconds[band], bands.measured_s) + (f" ({reach.removesuffix(' %')})" if reach else "")
