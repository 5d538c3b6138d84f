"""Clips with known truth, and how well readings agree with it. Angles are degrees, times seconds."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posture.settings import BandSettings

Floats = NDArray[np.float64]

NEUTRAL_END_S = 0.7
"""Every clip starts in the person's own neutral, this long."""
REACH_S = 0.3
"""A reading speaks for the pictures this near to it."""
GUARD_DEG = 5.0
"""States are compared where the truth is at least this far from every threshold."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The known angles of one clip."""

    time_s: Floats
    trunk: Floats
    spine: Floats
    pelvis: Floats

    def change(self, name: str) -> Floats:
        """An angle minus its mean over the neutral."""
        values: Floats = getattr(self, name)
        return np.asarray(values - values[self.time_s <= NEUTRAL_END_S].mean())


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement of one quantity on one clip; NaN where too little was read."""

    coverage: float
    mae: float = float("nan")
    mae_change: float = float("nan")
    bias: float = float("nan")
    r: float = float("nan")
    in_2sd: float = float("nan")
    sd_ratio: float = float("nan")
    """Median sd over the RMS error."""


def read_truth(table: Path) -> Truth:
    """The truth beside a clip."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    column = {k: np.array([float(r[k]) for r in rows]) for k in rows[0]}
    spine = column["thoracic_flexion_deg"] - column["lumbar_lordosis_deg"]
    return Truth(column["time_s"], column["trunk_flexion_deg"], spine, column["pelvic_tilt_deg"])


def score(truth: Truth, name: str, time_s: Floats, deg: Floats, sd: Floats | None) -> Score:
    """Compare readings (NaN where there is none) with the truth's pictures."""
    t, true = truth.time_s, getattr(truth, name)
    got, spread = _at(t, time_s, deg), None if sd is None else _at(t, time_s, sd)
    seen = np.isfinite(got)
    if seen.sum() < 5:
        return Score(float(seen.mean()))
    error = (got - true)[seen]
    start = seen & (t <= NEUTRAL_END_S)
    change = error - ((got - true)[start].mean() if start.any() else 0.0)
    rms = max(1e-9, float(np.sqrt((change**2).mean())))
    r = float(np.corrcoef(got[seen], true[seen])[0, 1]) if np.ptp(true[seen]) >= 8 and np.std(got[seen]) > 1e-9 else float("nan")
    inside = ratio = float("nan")
    if spread is not None and np.isfinite(spread[seen]).all():
        inside = float((np.abs(change) <= 2 * spread[seen]).mean())
        ratio = float(np.median(spread[seen])) / rms
    return Score(float(seen.mean()), float(np.abs(error).mean()), float(np.abs(change).mean()), float(error.mean()), r, inside, ratio)


def true_states(truth: Truth, bands: BandSettings) -> list[str | None]:
    """The state of every picture; ``None`` within the guard band around a threshold."""
    return states_of(truth.trunk, truth.change("trunk"), truth.change("spine"), truth.change("pelvis"), bands)


def states_of(own_trunk: Floats, trunk: Floats, spine: Floats, pelvis: Floats, bands: BandSettings) -> list[str | None]:
    """Likewise, by the trunk's own angle and the changes from neutral of trunk, spine and pelvis."""
    over = np.max(
        [own_trunk - bands.flexed_trunk_deg, trunk - bands.flexed_beyond_neutral_deg, spine - bands.flexed_spine_deg],
        axis=0,
    )
    tilt = np.min([pelvis - bands.tilt_deg, -spine - bands.tilt_arch_deg], axis=0)
    states: list[str | None] = []
    for o, a in zip(over, tilt, strict=True):
        if abs(o) < GUARD_DEG or (o < 0 and abs(a) < GUARD_DEG):
            states.append(None)
        else:
            states.append("flexed" if o >= 0 else "anterior_tilt" if a >= 0 else "neutral")
    return states


def _at(t: Floats, time_s: Floats, values: Floats) -> Floats:
    ok = np.isfinite(values)
    if ok.sum() < 2:
        return np.full(t.shape, np.nan)
    near = np.min(np.abs(t[:, None] - time_s[ok][None, :]), axis=1) <= REACH_S
    return np.where(near, np.interp(t, time_s[ok], values[ok]), np.nan)
