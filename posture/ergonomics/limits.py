"""Acceptable holding times of the trunk, as far as its angle alone allows, and which static postures were longer.

ISO 11226 as remembered, not as read (its text is not free): an unsupported trunk at 0-20 degrees is acceptable; from 20 to 60 degrees the
acceptable holding time falls from 4 min to 1 min, taken as a straight line; more than 60 degrees is not recommended. The standard also asks
for recovery between, symmetry and a supported or upright neck, none of which is judged here. The user's own table takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posture.ergonomics.holding import StaticPosture
from posture.ergonomics.normal import common_errors
from posture.ergonomics.samples import Floats

ISO_11226 = ((20.0, 240.0), (60.0, 60.0))
"""From memory."""


@dataclass(frozen=True, slots=True)
class HoldingLimits:
    """Acceptable holding times by angle: a straight line between two of them, none stated before the first, 0 after the last."""

    pairs: tuple[tuple[float, float], ...] = ISO_11226
    """Degrees and seconds, by rising degrees."""

    @property
    def own(self) -> bool:
        """Whether they are the user's own."""
        return self.pairs != ISO_11226

    def acceptable_s(self, trunk_flexion_deg: Floats) -> Floats:
        """Return the acceptable holding times, seconds; infinite where no limit is stated. Takes any shape."""
        angles, seconds = zip(*self.pairs, strict=True)
        between = np.interp(trunk_flexion_deg, angles, seconds)
        return np.where(trunk_flexion_deg < angles[0], np.inf, np.where(trunk_flexion_deg > angles[-1], 0.0, between))


@dataclass(frozen=True, slots=True)
class HeldAgainstLimit:
    """A static posture of the trunk, and how it stands to its acceptable holding time."""

    posture: StaticPosture
    acceptable_s: float | None
    """At its mean angle, seconds; ``None`` where no limit is stated."""
    longer_probability: float
    """Probability (0..1) that it was held for longer than is acceptable at its true angle, by the sd of its mean angle."""


def against_limits(postures: Sequence[StaticPosture], limits: HoldingLimits) -> list[HeldAgainstLimit]:
    """Hold each static posture of the trunk against its acceptable holding time."""
    if not postures:
        return []
    mean, sd, held = (np.array([getattr(p, name) for p in postures]) for name in ("mean_deg", "sd_deg", "held_s"))
    stated = limits.acceptable_s(mean)
    longer = (held[:, None] > limits.acceptable_s(mean[:, None] + sd[:, None] * common_errors())).mean(axis=1)
    return [
        HeldAgainstLimit(p, float(s) if np.isfinite(s) else None, float(probability))
        for p, s, probability in zip(postures, stated, longer, strict=True)
    ]
