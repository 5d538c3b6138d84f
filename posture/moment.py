"""A moment of the past as a person writes it: 14:05, yesterday 14:05, 2026-03-02T14:05. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

EXAMPLES = "14:05, 'yesterday 14:05' or 2026-03-02T14:05"
_WRITTEN = re.compile(
    r"(?:(?P<word>today|yesterday)[ T,]+|(?P<date>\d{4}-\d{2}-\d{2})[ T]+)?"
    r"(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_EARLIEST = 2000
"""A year before this one is a slip of the finger."""


class _TooEarlyError(Exception):
    """Told apart from a day that is none."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was meant."""

    time_s: float
    """Seconds since the epoch."""
    remark: str | None = None
    """What the person has to know of how it was read; ``None``: nothing."""


def moment(text: str, now: datetime) -> Moment:
    """What `text` means at `now` (with its time zone, or naive for the machine's own zone).

    A time of day without an offset is the local one. Where the clocks went back and it came twice, it is the earlier one, and
    the remark says so.

    Raises:
        ValueError: it is no moment, never was (the clocks went forward over it), or is still to come; one plain line.
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
        raise ValueError(f"{text!r}: lies too far back") from None
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
    """How a time that came twice was read, and how to name the other; ``None`` if the other is still to come."""
    if moments[1] > now.timestamp():
        return None
    first, second = (datetime.fromtimestamp(m, now.tzinfo).astimezone(now.tzinfo) for m in moments)
    return (
        f"{first:%H:%M} came twice on {first:%Y-%m-%d}, when the clocks went back; taken as the first. "
        f"For the second: {second.isoformat(timespec='minutes')}"
    )
