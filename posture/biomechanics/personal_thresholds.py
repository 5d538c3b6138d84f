"""Limits scaled to the person's own range: pure, derived when a session starts, never stored.

Somebody whose fullest slump reads 30 degrees is nowhere near neutral at 25, so the limits that count from the neutral follow
what the person showed at the calibration. All of it is our judgement:

- A limit is at most ``SHARE`` of the own range: beyond 60 % of the way to the end, passive tissue carries a growing part of the
  load; and a limit at 60 % leaves room for being sure of it.
- Never looser than the settings: a flexible person is flexed where everybody is, and who slumps more than fully at the calibration
  gains nothing by it.
- Never so strict that the noise of the readings alone would reach it: there is a floor, and a range below the floor is not
  used, because it more likely was not shown, or not seen, than is real.
- Trunk flexion stays as it is: its bands (RULA, REBA, ISO 11226) are of load by gravity, not of a person's range.
"""

from __future__ import annotations

from dataclasses import fields, replace

from posture.biomechanics.calibration import Neutral
from posture.settings import BandSettings

SHARE = 0.6
SPINE_FLOOR_DEG = 12.0
_FLOOR_SDS = 1.5
TILT_FLOOR_DEG = 8.0
ARCH_FLOOR_DEG = 6.0


def own_bands(bands: BandSettings, neutral: Neutral | None) -> BandSettings:
    """Return the bands for the person whose neutral this is; `bands` as they are where no range was shown or seen."""
    if neutral is None:
        return bands
    slump, arch = neutral.slump, neutral.arch
    if slump is not None:
        floor = max(SPINE_FLOOR_DEG, _FLOOR_SDS * slump.spine_sd_deg)
        bands = replace(bands, flexed_spine_deg=_scaled(bands.flexed_spine_deg, slump.spine_deg, floor))
    if arch is not None and arch.pelvis_deg is not None:
        bands = replace(
            bands,
            tilt_deg=_scaled(bands.tilt_deg, arch.pelvis_deg, TILT_FLOOR_DEG),
            tilt_arch_deg=_scaled(bands.tilt_arch_deg, -arch.spine_deg, ARCH_FLOOR_DEG),
        )
    return bands


def moved(bands: BandSettings, neutral: Neutral | None) -> dict[str, float]:
    """Return the limits that `own_bands` changes, by their name."""
    own = own_bands(bands, neutral)
    return {f.name: getattr(own, f.name) for f in fields(bands) if getattr(own, f.name) != getattr(bands, f.name)}


def _scaled(limit_deg: float, range_deg: float, floor_deg: float) -> float:
    """Return the share of the range, between floor and limit; the limit itself where the range is below the floor."""
    if range_deg < floor_deg:
        return limit_deg
    return min(limit_deg, max(floor_deg, SHARE * range_deg))
