"""An angle over time as arrays: each reading, for how long it stands, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.types import Estimate, Reading

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AngleSamples:
    """One angle of n readings in order of time; NaN where it is unknown."""

    start_s: Floats
    """(n,) seconds."""
    stands_s: Floats
    """(n,) seconds for which each reading stands; 0 or more."""
    deg: Floats
    """(n,) degrees."""
    sd_deg: Floats
    """(n,) standard deviation of deg."""
    moved_sd_deg: Floats
    """(n,) standard deviation of deg without what two readings of the recording have in common."""

    @property
    def known(self) -> AngleSamples:
        """Return those readings alone in which the angle is known and that stand for some time."""
        seen = np.isfinite(self.deg) & np.isfinite(self.sd_deg) & (self.stands_s > 0)
        return AngleSamples(self.start_s[seen], self.stands_s[seen], self.deg[seen], self.sd_deg[seen], self.moved_sd_deg[seen])

    @property
    def known_s(self) -> float:
        """Seconds in which the angle is known."""
        return float(self.known.stands_s.sum())


def standing_s(time_s: Floats, end_s: float, max_gap_s: float) -> Floats:
    """Return for how long each reading stands: until the next one, the last until `end_s`, none for longer than `max_gap_s`.

    Args:
        time_s: (n,) seconds, in order.
        end_s: of the recording.
        max_gap_s: the setting ``bands.max_gap_s``.
    """
    return np.clip(np.diff(time_s, append=end_s), 0.0, max_gap_s)


def samples_of(
    readings: Sequence[Reading],
    start_s: Floats,
    stands_s: Floats,
    shown: Callable[[Reading], Estimate | None],
    moved: Callable[[Reading], Estimate | None] | None = None,
) -> AngleSamples:
    """Return one angle of the readings.

    Args:
        readings: in order of time.
        start_s, stands_s: (n,) their times, and `standing_s` of them.
        shown: reads the angle with the sd of the number itself.
        moved: reads it with the sd of what moved between two readings alone; by default the same.
    """
    values = _values(readings, shown)
    moved_sd = values[:, 1] if moved is None else _values(readings, moved)[:, 1]
    return AngleSamples(start_s, stands_s, values[:, 0], values[:, 1], moved_sd)


def _values(readings: Sequence[Reading], angle: Callable[[Reading], Estimate | None]) -> Floats:
    nothing = (np.nan, np.nan)
    pairs = (nothing if (e := angle(r)) is None else (e.deg, e.sd_deg) for r in readings)
    return np.fromiter(pairs, np.dtype((np.float64, 2)), len(readings))
