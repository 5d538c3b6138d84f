"""Exposure variation analysis, EVA (Mathiassen & Winkel 1991): how long an angle stayed at each level, and for how long at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posture.ergonomics.samples import AngleSamples, Floats

LEVELS_DEG = (-20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 45.0, 60.0)
"""Where the next level begins; ours, with the borders 20 and 60 of RULA and REBA among them."""
PERIODS_S = (1.0, 3.0, 7.0, 15.0, 31.0, 60.0, 240.0)
"""Where the next class of uninterrupted time begins; each about twice the last, as is usual in EVA; the last two are ours."""
_JOINED_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ExposureVariation:
    """Seconds at each level of an angle (rows) by how long it stayed there without interruption (columns)."""

    seconds: Floats
    """(levels, periods): ``len(LEVELS_DEG) + 1`` rows, lowest first, ``len(PERIODS_S) + 1`` columns, shortest first."""

    @property
    def known_s(self) -> float:
        """Seconds in which the angle is known."""
        return float(self.seconds.sum())


def exposure_variation(samples: AngleSamples) -> ExposureVariation:
    """Return the table; a stay ends where the level changes and where the angle becomes unknown."""
    known = samples.known
    table = np.zeros((len(LEVELS_DEG) + 1, len(PERIODS_S) + 1))
    if known.deg.size:
        level = np.searchsorted(LEVELS_DEG, known.deg, side="right")
        ends = known.start_s + known.stands_s
        new = np.concatenate([[True], (np.diff(level) != 0) | (known.start_s[1:] - ends[:-1] > _JOINED_S)])
        first = np.flatnonzero(new)
        stay_s = np.add.reduceat(known.stands_s, first)
        np.add.at(table, (level[first], np.searchsorted(PERIODS_S, stay_s + _JOINED_S, side="right")), stay_s)
    return ExposureVariation(table)
