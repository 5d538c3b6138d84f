"""Ranges of local days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from posture.exchange.reading import Range


def days(first: date | None, last: date | None) -> Range:
    """From the local midnight that begins the first day to the one that ends the last; ``None``: without that bound.

    Raises:
        ValueError: the last day comes before the first, or lies beyond what a calendar holds.
    """
    if first is not None and last is not None and last < first:
        raise ValueError(f"{last} comes before {first}")
    whole = Range()
    try:
        start = whole.start_utc if first is None else midnight(first)
        return Range(start, whole.end_utc if last is None else midnight(last + timedelta(days=1)))
    except (OverflowError, OSError, ValueError):
        raise ValueError("that day is too far away") from None


def midnight(day: date) -> float:
    """Seconds since the epoch of the moment at which a local day begins."""
    return datetime.combine(day, time()).astimezone().timestamp()
