"""Times, dates and lengths of time as people and files write them. Pure: "now" is an argument."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

DASH = "\N{EN DASH}"
EXAMPLES = "14:05, 'yesterday 14:05' or 2026-03-02T14:05"
_WRITTEN = re.compile(
    r"(?:(?P<word>today|yesterday)[ T,]+|(?P<date>\d{4}-\d{2}-\d{2})[ T]+)?"
    r"(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_EARLIEST = 2000
"""A year before this one is a typing error."""
_MORNING = time(4)
"""On the next day from this hour on, a pause "until tomorrow" is over: after the night, before work."""
_LONGEST_PAUSE_S = 7 * 86400.0
PAUSE_EXAMPLES = "write for instance 15m, 1h, 1h30m, 90s, 17:30 or tomorrow"
_SECONDS_OF = {"d": 86400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_PAUSE_PART = r"(\d{1,6}(?:\.\d{1,3})?)\s*(min|d|h|m|s)\s*"
_PAUSE = re.compile(f"(?:{_PAUSE_PART})+")
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
_LENGTH = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})")
_BILLION = 1_000_000_000


class _TooEarlyError(Exception):
    """A day too far back, as opposed to one that does not exist."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as it was read."""

    time_s: float
    """Seconds since the epoch."""
    remark: str | None = None
    """A hint for the person on how it was read; ``None``: none is needed."""


def moment(text: str, now: datetime) -> Moment:
    """Return the moment of the past that `text` (14:05, yesterday 14:05, 2026-03-02T14:05) means.

    A time of day without an offset is the local one. Where the clocks went back and it came twice, it is the earlier one, and
    the remark says so. `now` has its time zone, or is naive for the machine's own.

    Raises:
        ValueError: It is no moment, never was (the clocks went forward over it), or is still to come; one plain line.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r}: expected {EXAMPLES}")
    zone = now.tzinfo
    try:
        day = _day(found["word"], found["date"], now.date())
        if day.year < _EARLIEST:
            raise _TooEarlyError
        clock = time.fromisoformat(found["time"].rjust(len(found["time"]) + (found["time"].index(":") == 1), "0"))
        if found["zone"]:
            offset = found["zone"] if ":" in found["zone"] or found["zone"] in "zZ" else f"{found['zone'][:3]}:{found['zone'][3:]}"
            naive = datetime.combine(day, clock)
            moments = [datetime.fromisoformat(f"{naive.isoformat()}{offset.upper()}").timestamp()]
        else:
            local = datetime.combine(day, clock, zone)
            moments = sorted({local.replace(fold=fold).timestamp() for fold in (0, 1)})
    except _TooEarlyError:
        raise ValueError(f"{text!r}: is too far back") from None
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r}: there is no such day or time; expected {EXAMPLES}") from None
    back = datetime.fromtimestamp(moments[0], zone).replace(tzinfo=None)
    if not found["zone"] and back != datetime.combine(day, clock):
        raise ValueError(f"{text!r}: that time did not exist on that day: the clocks went forward over it")
    if moments[0] > now.timestamp():
        hint = f"; for yesterday: 'yesterday {found['time']}'" if not (found["word"] or found["date"]) else ""
        raise ValueError(f"{text!r}: is still to come{hint}")
    return Moment(moments[0], _twice(moments, now) if len(moments) > 1 else None)


def _day(word: str | None, written: str | None, today: date) -> date:
    if written is not None:
        return date.fromisoformat(written)
    return today - timedelta(days=1) if word is not None and word.lower() == "yesterday" else today


def _twice(moments: list[float], now: datetime) -> str | None:
    """Return how a time that came twice was read, and how to name the other; ``None`` if the other is still to come."""
    if moments[1] > now.timestamp():
        return None
    first, second = (datetime.fromtimestamp(m, now.tzinfo).astimezone(now.tzinfo) for m in moments)
    return (
        f"{first:%H:%M} came twice on {first:%Y-%m-%d}, when the clocks went back; taken as the first. "
        f"For the second: {second.isoformat(timespec='minutes')}"
    )


# The end of a pause


def until(text: str | None, now: datetime) -> float | None:
    """Return the moment that ``15m``, ``1h30m``, ``17:30`` or ``tomorrow`` (the next day at 4 in the morning) means.

    A length is time that passes; a time of the day is what the clocks on the wall will show, also where they are changed in between.

    Args:
        text: The user's words; ``None``: no end.
        now: Local time without a zone, or in a zone that knows when its clocks are changed.

    Returns:
        Seconds since the epoch (UTC), after `now`; ``None``: no end.

    Raises:
        ValueError: It cannot be understood, is too short, or is longer than a week.
    """
    if text is None:
        return None
    words = text.strip().lower()
    if words == "tomorrow":
        return datetime.combine(now.date() + timedelta(days=1), _MORNING, now.tzinfo).timestamp()
    clock = _TIME_OF_DAY.fullmatch(words)
    if clock is not None:
        return _next_time(time(int(clock[1]), int(clock[2])), now)
    if _PAUSE.fullmatch(words) is None:
        raise ValueError(f"{text!r} is no time; {PAUSE_EXAMPLES}")
    length = sum(float(number) * _SECONDS_OF[unit] for number, unit in re.findall(_PAUSE_PART, words))
    if not 0.0 < length <= _LONGEST_PAUSE_S:
        raise ValueError(f"{text!r}: a pause lasts more than nothing and at most 7 days; {PAUSE_EXAMPLES}")
    return now.timestamp() + length


def _next_time(clock: time, now: datetime) -> float:
    """Return when the clocks on the wall show `clock` next."""
    at = now.timestamp()
    moments = (
        datetime.combine(now.date() + timedelta(days=days), clock.replace(fold=fold), now.tzinfo).timestamp()
        for days in (0, 1)
        for fold in (0, 1)  # the hour that comes twice when the clocks are set back
    )
    return min(moment for moment in moments if moment > at)


def moment_words(at_utc: float, now: datetime) -> str:
    """Write a moment as ``17:30``; with ``tomorrow`` or the date before it where it is not today. `now` as in ``until``."""
    at = datetime.fromtimestamp(at_utc, now.tzinfo)
    clock = f"{at:%H:%M}"
    days = (at.date() - now.date()).days
    if days == 0:
        return clock
    return f"tomorrow {clock}" if days == 1 else f"{at:%A} {at.day} {at:%B} {clock}"


# Lengths, and places in a recording


def span_words(seconds: float | None) -> str:
    """Return a length of time in words: ``45 s``, ``7 min 5 s``, ``1 h 7 min``; a dash for ``None``."""
    if seconds is None:
        return DASH
    total = math.floor(max(0.0, seconds) + 0.5)
    if total < 60:
        return f"{total} s"
    minutes, rest = divmod(total, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{math.floor(total / 60 + 0.5)} min"
    hours, minutes = divmod(math.floor(total / 60 + 0.5), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(time_s: float) -> str:
    """Return seconds as ``7:05``, from an hour on as ``1:07:05``."""
    total = math.floor(abs(time_s) + 0.5)
    sign = "-" if time_s < 0 and total else ""
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{sign}{minutes}:{seconds:02d}"


def clock_s(text: str) -> float:
    """Return ``90``, ``1:30`` or ``1:02:03`` in seconds.

    Raises:
        ValueError: It is anything else.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time; write seconds (90), minutes (1:30) or hours (1:02:03)")
    return _seconds(*match.groups())


def length_s(text: str) -> float:
    """Return ``10m``, ``90s``, ``1h30m``, or as a clock shows it (``1:30``), in seconds.

    Raises:
        ValueError: It is anything else, or no time at all.
    """
    word = text.strip().lower().replace(" ", "")
    match = _LENGTH.fullmatch(word)
    if ":" in word:
        found = clock_s(word)
    elif match is not None and word:
        found = _seconds(*match.groups())
    else:
        raise ValueError(f"{text!r} is not a length of time; write for instance 10m, 90s or 1h30m")
    if found <= 0:
        raise ValueError(f"{text!r} is too short")
    return found


def _seconds(hours: str | None, minutes: str | None, rest: str | None) -> float:
    return float(hours or 0) * 3600.0 + float(minutes or 0) * 60.0 + float(rest or 0)


# Moments in files


def iso(time_s: float) -> str:
    """Write seconds since the epoch as a UTC time of ISO 8601 with as many digits as it needs, nine at most.

    Raises:
        OverflowError: No year of four digits.
    """
    whole, rest = divmod(nanoseconds(time_s), _BILLION)
    text = (_EPOCH + timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{rest:09d}".rstrip("0") + "Z" if rest else f"{text}Z"


def of_iso(text: str) -> float:
    """Do the inverse of `iso`; takes any offset.

    Raises:
        ValueError: It is no such time.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(text)
    since = datetime.fromisoformat(f"{found[1]}T{found[2]}{'+00:00' if found[4] == 'Z' else found[4]}") - _EPOCH
    return of_nanoseconds((since.days * 86400 + since.seconds) * _BILLION + int((found[3] or "").ljust(9, "0")))


def nanoseconds(time_s: float) -> int:
    """Return seconds since the epoch in whole nanoseconds. From May 1970 on, `of_nanoseconds` gives the very same number back."""
    whole = math.floor(time_s)
    return whole * _BILLION + round((time_s - whole) * _BILLION)


def of_nanoseconds(count: int) -> float:
    """Return nanoseconds since the epoch in seconds."""
    whole, rest = divmod(count, _BILLION)
    return whole + rest / _BILLION
