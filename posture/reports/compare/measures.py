"""What is compared: figures of a recording, read from its results, and how they are said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from posture.biomechanics import NECK_FLEXION, PELVIC_TILT, SPINAL_FLEXION, TRUNK_FLEXION, Angle
from posture.ergonomics import Drawn, Resampling, mean_of, percentile_of, percentiles, resampling_of, share_from, share_of
from posture.reports.labels import DASH, MINUS, share_words
from posture.reports.results.folder import ResultFolder
from posture.types import MEASURED, Posture

COMPARED_ANGLES = (TRUNK_FLEXION, SPINAL_FLEXION, PELVIC_TILT, NECK_FLEXION)
"""Those whose standard deviation is known."""
_EDGE_DEG = 20.0

Figure = Callable[[ResultFolder, Resampling], Drawn | None]


@dataclass(frozen=True, slots=True)
class ComparedMeasure:
    """One figure of a recording."""

    name: str
    """In JSON."""
    label: str
    unit: str
    """``share``, ``deg`` or ``per_h``."""
    of: Figure

    def words(self, value: float | None) -> str:
        """Say a value."""
        if value is None:
            return DASH
        if self.unit == "share":
            return share_words(value)
        return _signed(f"{value + 0.0:.1f}") + ("°" if self.unit == "deg" else "")

    def difference_words(self, value: float | None) -> str:
        """Say a difference: shares in percentage points."""
        if value is None:
            return DASH
        scaled, unit = (100.0 * value, " points") if self.unit == "share" else (value, "°" if self.unit == "deg" else "")
        text = f"{scaled:.0f}" if self.unit == "share" else f"{scaled:.1f}"
        text = f"{float(text) + 0.0:+.{0 if self.unit == 'share' else 1}f}"
        return _signed("0" + unit if float(text) == 0.0 else text + unit)

    def interval_words(self, low: float | None, high: float | None, *, unit: bool = True) -> str:
        """Say the ends of an interval of a difference."""
        if low is None or high is None:
            return DASH
        ending = " points" if self.unit == "share" else "°" if self.unit == "deg" else ""
        first, second = (self.difference_words(v).removesuffix(ending) for v in (low, high))
        return f"{first} to {second}{ending if unit else ''}"


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def resampled(found: ResultFolder, seed: int) -> Resampling | None:
    """Draw a recording anew over time; ``None`` if it has no readings."""
    flexed = np.array([float(p is Posture.FLEXED) if p in MEASURED else np.nan for p in found.postures])
    series = [flexed, *(found.numbers(f"{angle.name}_deg") for angle in COMPARED_ANGLES)]
    return resampling_of(found.numbers("time_s"), found.stands_s, series, seed)


def _flexed(found: ResultFolder, resampling: Resampling) -> Drawn | None:
    postures = np.array(found.postures, str)
    measured = np.where(np.isin(postures, [p.value for p in MEASURED]), found.stands_s, 0.0)
    return share_of(postures == Posture.FLEXED.value, measured, resampling)


def _trunk_from_20(found: ResultFolder, resampling: Resampling) -> Drawn | None:
    return share_from(found.samples(TRUNK_FLEXION), _EDGE_DEG, resampling)


def _mean(angle: Angle) -> Figure:
    return lambda found, resampling: mean_of(found.samples(angle), resampling)


def _percentile(angle: Angle, share: float) -> Figure:
    def figure(found: ResultFolder, resampling: Resampling) -> Drawn | None:
        known = found.samples(angle).known
        if not known.deg.size:
            return None
        return percentile_of(found.samples(angle), share, percentiles(known.deg, known.stands_s, (share,))[0], resampling)

    return figure


def _counted(value: float | None) -> Drawn | None:
    return None if value is None else Drawn(value, None, "")


COMPARED = (
    ComparedMeasure("flexed_share", "Leaning or slumped", "share", _flexed),
    ComparedMeasure("trunk_over_20_share", "Trunk 20° forward or more", "share", _trunk_from_20),
    ComparedMeasure("trunk_flexion_mean_deg", "Trunk flexion, mean", "deg", _mean(TRUNK_FLEXION)),
    ComparedMeasure("trunk_flexion_p50_deg", "Trunk flexion, median", "deg", _percentile(TRUNK_FLEXION, 0.5)),
    ComparedMeasure("trunk_flexion_p90_deg", "Trunk flexion, 90th percentile", "deg", _percentile(TRUNK_FLEXION, 0.9)),
    ComparedMeasure("spinal_flexion_mean_deg", "Spinal flexion, mean", "deg", _mean(SPINAL_FLEXION)),
    ComparedMeasure("pelvic_tilt_mean_deg", "Pelvic tilt, mean", "deg", _mean(PELVIC_TILT)),
    ComparedMeasure("neck_flexion_mean_deg", "Neck flexion, mean", "deg", _mean(NECK_FLEXION)),
    ComparedMeasure("trunk_static_share", "Trunk held still", "share", lambda found, _r: _counted(found.static_share(TRUNK_FLEXION))),
    ComparedMeasure("shifts_per_h", "Changes of posture an hour", "per_h", lambda found, _r: _counted(found.shifts_per_h)),
)
"""In the order in which they are shown."""
