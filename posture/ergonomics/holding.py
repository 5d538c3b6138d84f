"""Static postures: stretches of 4 s and more in which an angle stayed within a tolerance.

A posture that is kept for longer than 4 s is static in ISO 11226 and EN 1005-4 (from memory). How much an angle may move meanwhile is
ours: to either side of its middle by the setting ``ergonomics.still_within_deg``, or by two standard deviations of what one reading differs
from another by, whichever is more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posture.ergonomics.samples import AngleSamples

STATIC_S = 4.0
LENGTHS_S = (10.0, 30.0, 60.0, 120.0, 240.0)
"""Where the next class of holding times begins, seconds; the first begins at ``STATIC_S``. Ours."""
_SURE_SD = 2.0
_JOINED_S = 1e-6


@dataclass(frozen=True, slots=True)
class StaticPosture:
    """An angle that was held."""

    start_s: float
    held_s: float
    """Seconds."""
    mean_deg: float
    sd_deg: float
    """Standard deviation of mean_deg, if all of its readings err alike."""


@dataclass(frozen=True, slots=True)
class HoldingTimes:
    """The static postures of one angle, in order of time."""

    postures: tuple[StaticPosture, ...]
    known_s: float
    """Seconds in which the angle is known."""
    within_deg: float
    """How far from its middle the readings of a static posture may lie, mean over the time, degrees."""

    @property
    def static_share(self) -> float | None:
        """Share (0..1) of the known time that was static; ``None`` if none is known."""
        return min(1.0, sum(p.held_s for p in self.postures) / self.known_s) if self.known_s > 0 else None

    @property
    def longest(self) -> StaticPosture | None:
        """The one that was held longest."""
        return max(self.postures, key=lambda p: p.held_s, default=None)

    def histogram(self) -> tuple[list[int], list[float]]:
        """Return how many were held for how long, and the seconds in them, by the classes of ``LENGTHS_S``."""
        held = np.array([p.held_s for p in self.postures])
        index = np.searchsorted(LENGTHS_S, held + _JOINED_S, side="right")
        classes = len(LENGTHS_S) + 1
        return np.bincount(index, minlength=classes).tolist(), np.bincount(index, held, minlength=classes).tolist()


def holding_times(samples: AngleSamples, within_deg: float) -> HoldingTimes | None:
    """Find the static postures of an angle; ``None`` if it was never known.

    Each begins as early and lasts as long as it can: the first stretch of `STATIC_S` or more that holds, as far as it holds, and then the
    next one. What lies between two is movement. Two readings of one stretch are never further apart than twice the tolerance.

    Args:
        samples: of the angle.
        within_deg: tolerance in degrees, to either side.
    """
    known = samples.known
    if not known.deg.size:
        return None
    tolerance = np.maximum(within_deg, _SURE_SD * np.nan_to_num(known.moved_sd_deg))
    ends = known.start_s + known.stands_s
    broken = np.concatenate([[True], known.start_s[1:] - ends[:-1] > _JOINED_S])
    spans = _stretches(known.deg.tolist(), tolerance.tolist(), broken.tolist(), known.start_s.tolist(), ends.tolist())
    postures = []
    for first, after in spans:
        weights = known.stands_s[first:after]
        mean = float(np.average(known.deg[first:after], weights=weights))
        sd = float(np.average(known.sd_deg[first:after], weights=weights))
        start = float(known.start_s[first])
        postures.append(StaticPosture(start, float(ends[after - 1]) - start, mean, sd))
    return HoldingTimes(tuple(postures), float(known.stands_s.sum()), float(np.average(tolerance, weights=known.stands_s)))


def _stretches(
    deg: Sequence[float], tolerance: Sequence[float], broken: Sequence[bool], start_s: Sequence[float], end_s: Sequence[float]
) -> list[tuple[int, int]]:
    """Return first reading, and the one after the last, of each static stretch; one pass with a sliding minimum and maximum."""
    found: list[tuple[int, int]] = []
    lows: deque[int] = deque()
    highs: deque[int] = deque()
    first = 0

    def ended(at: int) -> bool:
        """Enter the stretch before reading `at`, if it is long enough."""
        whole = at > first and end_s[at - 1] - start_s[first] >= STATIC_S - _JOINED_S
        if whole:
            found.append((first, at))
        return whole

    for i, x in enumerate(deg):
        if broken[i]:
            ended(i)
            first = i
            lows.clear()
            highs.clear()
        while lows and max(deg[highs[0]], x) - min(deg[lows[0]], x) > 2.0 * tolerance[i]:
            if ended(i):
                first = i
                lows.clear()
                highs.clear()
                break
            first += 1
            if lows[0] < first:
                lows.popleft()
            if highs[0] < first:
                highs.popleft()
        while lows and deg[lows[-1]] >= x:
            lows.pop()
        while highs and deg[highs[-1]] <= x:
            highs.pop()
        lows.append(i)
        highs.append(i)
    ended(len(deg))
    return found
