"""How long a pause is to last, in people's words, and when it ends, in words again."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

MORNING = time(4)
"""On the next day from this hour on, a pause "until tomorrow" is over: after the night, before anybody's work."""
LONGEST_S = 7 * 86400.0
EXPECTED = "write for instance 15m, 1h, 1h30m, 90s, 17:30 or tomorrow"
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_PART = r"(\d{1,6}(?:\.\d{1,3})?)\s*(min|d|h|m|s)\s*"
_LENGTH = re.compile(f"(?:{_PART})+")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def until(text: str | None, now: datetime) -> float | None:
    """The moment that ``15m``, ``1h30m``, ``17:30`` or ``tomorrow`` (the next day at 4 in the morning) means.

    A length is time that passes; a time of the day is what the clocks on the wall will show, also where they are changed in between.

    Args:
        text: the user's words; ``None``: no end.
        now: local time without a zone, or in a zone that knows when its clocks are changed.

    Returns:
        Seconds since the epoch (UTC), after `now`; ``None``: no end.

    Raises:
        ValueError: it cannot be understood, is no time at all, or is longer than a week.
    """
    if text is None:
        return None
    words = text.strip().lower()
    if words == "tomorrow":
        return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo).timestamp()
    clock = _CLOCK.fullmatch(words)
    if clock is not None:
        return _next(time(int(clock[1]), int(clock[2])), now)
    if _LENGTH.fullmatch(words) is None:
        raise ValueError(f"{text!r} is no time; {EXPECTED}")
    length = sum(float(number) * _SECONDS[unit] for number, unit in re.findall(_PART, words))
    if not 0.0 < length <= LONGEST_S:
        raise ValueError(f"{text!r}: a pause lasts more than nothing and at most 7 days; {EXPECTED}")
    return now.timestamp() + length


def _next(clock: time, now: datetime) -> float:
    """When the clocks on the wall show `clock` next."""
    at = now.timestamp()
    moments = (
        datetime.combine(now.date() + timedelta(days=days), clock.replace(fold=fold), now.tzinfo).timestamp()
        for days in (0, 1)
        for fold in (0, 1)  # the hour that comes twice when the clocks are set back
    )
    return min(moment for moment in moments if moment > at)


def moment_words(at_utc: float, now: datetime) -> str:
    """``17:30``; with ``tomorrow`` or the date before it where it is not today. `now` as in ``until``."""
    at = datetime.fromtimestamp(at_utc, now.tzinfo)
    clock = f"{at:%H:%M}"
    days = (at.date() - now.date()).days
    if days == 0:
        return clock
    return f"tomorrow {clock}" if days == 1 else f"{at:%A} {at.day} {at:%B} {clock}"
