"""Unbroken sits out of stored spans, by the rules of ``posture.exposure.SittingTracker`` and ``BreakClock``, for many days at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posture.days.ledger import Floats, Ledger
from posture.days.model import Sit
from posture.exposure import BACK_S


def sits_of(ledger: Ledger, clear_s: float) -> list[Sit]:
    """All sits, by start.

    Args:
        ledger: spans of whole sessions, or at least of some hours more than what is asked of the sits.
        clear_s: seconds of being away or standing, of a pause or a lost camera, that break a sit; the end of a session does too.
    """
    if not len(ledger):
        return []
    piece = _pieces(ledger, clear_s)
    seated = np.flatnonzero(ledger.seated & (piece >= 0))
    if not seated.size:
        return []
    first = seated[np.concatenate(([True], np.diff(piece[seated]) != 0))]
    last = seated[np.concatenate((np.diff(piece[seated]) != 0, [True]))]
    starts, ends = ledger.start_s[first], ledger.end_s[last]
    sat = ledger.within(~ledger.interrupts, starts, ends)
    return [Sit(*values) for values in zip(starts.tolist(), ends.tolist(), sat.tolist(), strict=True)]


def longest(sits: Sequence[Sit], start_s: float, end_s: float) -> Sit | None:
    """The longest of those that reach into the range, whole; the first of several; ``None`` if there is none."""
    return max((s for s in sits if s.start_s < end_s and s.end_s > start_s), key=lambda s: s.sat_s, default=None)


def longest_within(sits: Sequence[Sit], start_s: Floats, end_s: Floats) -> Floats:
    """The longest part of a sit in each of m ranges, in seconds: (m,); 0 where there is none."""
    starts, ends = np.array([s.start_s for s in sits]), np.array([s.end_s for s in sits])
    part = np.minimum(ends, end_s[:, None]) - np.maximum(starts, start_s[:, None])
    found: Floats = part.max(axis=1, initial=0.0)
    return found


def _pieces(ledger: Ledger, clear_s: float) -> NDArray[np.int64]:
    """To which unbroken piece of time each span belongs, (n,); -1 for those of a break."""
    cuts = np.concatenate(([0], np.cumsum(np.diff(ledger.session) != 0)))  # a new session starts anew
    away = np.flatnonzero(ledger.interrupts)
    if not away.size:
        return cuts
    # Interruptions between which the person was not really back are one: seen for a moment is a false find, or a look in.
    back = ledger.within(ledger.seen & ~ledger.interrupts, ledger.end_s[away[:-1]], ledger.start_s[away[1:]])
    new = np.concatenate(([True], (back >= BACK_S) | (np.diff(cuts[away]) != 0)))
    group = np.cumsum(new) - 1
    length = np.bincount(group, weights=ledger.end_s[away] - ledger.start_s[away])
    breaks = np.flatnonzero(length >= clear_s)
    first, last = away[np.flatnonzero(new)][breaks], away[np.concatenate((np.flatnonzero(new)[1:] - 1, [len(away) - 1]))][breaks]
    step = np.zeros(len(ledger) + 1, dtype=np.int64)
    step[first] += 1
    inside = np.zeros(len(ledger) + 1, dtype=np.int64)
    inside[first] += 1
    inside[last + 1] -= 1
    piece = cuts + np.cumsum(step)[:-1]
    return np.where(np.cumsum(inside)[:-1] > 0, -1, piece)
