"""Local days in seconds since the epoch: 23 or 25 hours where the clocks change."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta


def bounds(day: date) -> tuple[float, float]:
    """Local midnight to local midnight in seconds since the epoch; 23 or 25 hours where the clocks change."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def last_days(day: date, number: int) -> list[date]:
    """The `number` local days that end with `day`, oldest first."""
    return [day - timedelta(days=back) for back in range(number - 1, -1, -1)]


def local_day(time_s: float) -> date:
    """The local day that a moment (seconds since the epoch) is on."""
    return datetime.fromtimestamp(time_s).date()


def _midnight(day: date) -> float:
    # Where the clocks skip midnight itself this is the moment at which they do; where it comes twice, the first.
    return datetime.combine(day, time()).astimezone().timestamp()
