"""Local days in seconds since the epoch: 23 or 25 hours where the clocks change."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta


def bounds(day: date) -> tuple[float, float]:
    """Return local midnight to local midnight in seconds since the epoch; 23 or 25 hours where the clocks change."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def range_of(first: date | None, last: date | None) -> tuple[float, float]:
    """Return the local midnight that begins the first day and the one that ends the last, seconds since the epoch; ``None``: infinite.

    Raises:
        ValueError: The last day comes before the first, or lies beyond what a calendar holds.
    """
    if first is not None and last is not None and last < first:
        raise ValueError(f"{last} comes before {first}")
    try:
        return -math.inf if first is None else _midnight(first), math.inf if last is None else _midnight(last + timedelta(days=1))
    except (OverflowError, OSError, ValueError):
        raise ValueError("that day is too far away") from None


def last_days(day: date, number: int) -> list[date]:
    """Return the `number` local days that end with `day`, oldest first."""
    return [day - timedelta(days=back) for back in range(number - 1, -1, -1)]


def local_day(time_s: float) -> date:
    """Return the local day that a moment (seconds since the epoch) is on."""
    return datetime.fromtimestamp(time_s).date()


def _midnight(day: date) -> float:
    # Where the clocks skip midnight itself this is the moment at which they do; where it comes twice, the first.
    return datetime.combine(day, time()).astimezone().timestamp()
