"""The trunk steps of RULA (McAtamney & Corlett 1993) and REBA (Hignett & McAtamney 2000), with their probabilities.

RULA: 1 sitting upright and well supported, 2 to 20 degrees, 3 to 60, 4 beyond; one more for a twist, one more for bending sideways.
REBA: 1 upright, 2 to 20 degrees either way, 3 to 60 forward or beyond 20 back, 4 beyond 60; one more for either a twist or a side bend.
Neither says how many degrees are upright, twisted or bent sideways: settings, ours. Leaning back is not in RULA: it counts as upright.

What is not seen makes a range: the least step takes it as absent (no twist, no side bend, a back that is supported), the most as present.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from posture.ergonomics.normal import below
from posture.ergonomics.samples import AngleSamples, Floats
from posture.settings import ErgonomicsSettings

NECK_UNKNOWN = "The neck has no step: its steps need the angle against the trunk itself, and the zero of the measured one isn't known."


class Method(StrEnum):
    """Whose steps."""

    RULA = "rula"
    REBA = "reba"


STEPS = {Method.RULA: 6, Method.REBA: 5}
"""Highest trunk step of each."""
_LEAST = {Method.RULA: (1, 1, 1, 2, 3, 4), Method.REBA: (3, 2, 1, 2, 3, 4)}
_MOST = {Method.RULA: (2, 2, 2, 2, 3, 4), Method.REBA: (3, 2, 1, 2, 3, 4)}
"""By segment: beyond 20 back, back, upright, to 20, to 60, beyond. RULA's upright without a supported back is 2."""


@dataclass(frozen=True, slots=True)
class TrunkSteps:
    """How much of the time the trunk was at each step, of the time in which trunk flexion is known."""

    method: Method
    least: tuple[float, ...]
    """Expected share (0..1) of the time at step 1, 2, ...: the mean of the readings' probabilities, with what is not seen as absent."""
    most: tuple[float, ...]
    """The same with what is not seen as present."""

    @property
    def mean(self) -> tuple[float, float]:
        """Mean step over the time, least and most."""
        low, high = (sum(step * share for step, share in enumerate(shares, 1)) for shares in (self.least, self.most))
        return low, high


@dataclass(frozen=True, slots=True)
class SeenShares:
    """Shares (0..1) of the time with a known trunk in which it was seen whether it was bent sideways, or twisted."""

    sideways: float
    twisted: float


def seen_shares(trunk: AngleSamples, lean: AngleSamples, rotation: AngleSamples) -> SeenShares | None:
    """Return how much of the time lateral lean and axial rotation are known; ``None`` if the trunk never is. All of the same readings."""
    known = _known(trunk)
    if not known.any():
        return None
    weights = trunk.stands_s[known]
    return SeenShares(*(float(np.average(np.isfinite(a.deg[known]), weights=weights)) for a in (lean, rotation)))


def trunk_steps(
    method: Method, trunk: AngleSamples, lean: AngleSamples, rotation: AngleSamples, settings: ErgonomicsSettings
) -> TrunkSteps | None:
    """Return the distribution of the time over the steps; ``None`` if the trunk is never known.

    Args:
        method: RULA or REBA.
        trunk: trunk flexion against gravity, with the sd of that angle.
        lean, rotation: of the same readings. The errors of the three are taken as independent.
        settings: from how many degrees the trunk is bent sideways, twisted, or no longer upright.
    """
    known = _known(trunk)
    if not known.any():
        return None
    weights = trunk.stands_s[known] / trunk.stands_s[known].sum()
    upright = settings.upright_within_deg
    edges = [below(edge, trunk.deg[known], trunk.sd_deg[known]) for edge in (-20.0, -upright, upright, 20.0, 60.0)]
    segments = np.diff(np.array(edges), axis=0, prepend=0.0, append=1.0)
    sideways = _beyond(lean.deg[known], lean.sd_deg[known], settings.sideways_deg)
    twisted = _beyond(rotation.deg[known], rotation.sd_deg[known], settings.twisted_deg)
    least, most = (
        _shares(method, base[method], segments, np.nan_to_num(sideways, nan=unseen), np.nan_to_num(twisted, nan=unseen), weights)
        for base, unseen in ((_LEAST, 0.0), (_MOST, 1.0))
    )
    return TrunkSteps(method, least, most)


def _known(trunk: AngleSamples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.isfinite(trunk.deg) & np.isfinite(trunk.sd_deg) & (trunk.stands_s > 0)
    return known


def _beyond(deg: Floats, sd_deg: Floats, limit_deg: float) -> Floats:
    """Return the probability of more than `limit_deg` to either side; NaN where the angle is unknown."""
    return np.where(np.isfinite(deg), below(-limit_deg, deg, sd_deg) + 1.0 - below(limit_deg, deg, sd_deg), np.nan)


def _shares(method: Method, base: Sequence[int], segments: Floats, sideways: Floats, twisted: Floats, weights: Floats) -> tuple[float, ...]:
    """Add the modifiers to the steps by segment, and average over the time."""
    if method is Method.RULA:
        added = ((1 - sideways) * (1 - twisted), sideways + twisted - 2 * sideways * twisted, sideways * twisted)
    else:
        neither = (1 - sideways) * (1 - twisted)
        added = (neither, 1 - neither, np.zeros_like(neither))
    shares = np.zeros(STEPS[method] + 2)
    for step, segment in zip(base, segments, strict=True):
        for more, probability in enumerate(added):
            shares[step + more] += float(weights @ (segment * probability))
    return tuple(shares[1 : STEPS[method] + 1].clip(0.0).tolist())
