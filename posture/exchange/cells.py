"""Single values on their way out and back: times, offsets, and what a cell of CSV or a value of JSON stands for. Pure."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from posture.exchange.shape import Column, Row, Table, Type, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})")
_BILLION = 1_000_000_000
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


class WrongValueError(ValueError):
    """A value that cannot be, in words without where it stands."""


def nanoseconds(time_s: float) -> int:
    """Seconds since the epoch in whole nanoseconds. From May 1970 on, `of_nanoseconds` gives the very same number back."""
    whole = math.floor(time_s)
    return whole * _BILLION + round((time_s - whole) * _BILLION)


def of_nanoseconds(count: int) -> float:
    """Nanoseconds since the epoch in seconds."""
    whole, rest = divmod(count, _BILLION)
    return whole + rest / _BILLION


def iso(time_s: float) -> str:
    """Seconds since the epoch as a UTC time of ISO 8601 with as many digits as it needs, nine at most.

    Raises:
        OverflowError: no year of four digits.
    """
    whole, rest = divmod(nanoseconds(time_s), _BILLION)
    text = (_EPOCH + timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{rest:09d}".rstrip("0") + "Z" if rest else f"{text}Z"


def of_iso(text: str) -> float:
    """The inverse of `iso`; takes any offset.

    Raises:
        ValueError: it is no such time.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(text)
    since = datetime.fromisoformat(f"{found[1]}T{found[2]}{'+00:00' if found[4] == 'Z' else found[4]}") - _EPOCH
    return of_nanoseconds((since.days * 86400 + since.seconds) * _BILLION + int((found[3] or "").ljust(9, "0")))


def offset_text(seconds: float) -> str:
    """Local time minus UTC as +01:00; seconds only where there are any."""
    hours, rest = divmod(round(abs(seconds)), 3600)
    minutes, left = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")


def local_offset_s(time_s: float) -> float:
    """Local time minus UTC in this machine's time zone at a moment, seconds."""
    return _quarter_offset_s(math.floor(time_s / 900))


@lru_cache(maxsize=4096)
def _quarter_offset_s(quarter: int) -> float:
    """Of a quarter of an hour: no clock changes inside of one."""
    try:
        offset = datetime.fromtimestamp(quarter * 900.0).astimezone().utcoffset()
    except (ValueError, OverflowError, OSError):
        offset = None
    return 0.0 if offset is None else offset.total_seconds()


def to_text(column: Column, value: Value) -> str | None:
    """A value as the text of a cell; ``None``: the cell is empty."""
    if value is None:
        return None
    if column.type is Type.TIME:
        assert isinstance(value, int | float)
        return iso(value)
    if column.type is Type.VALUES:
        return json.dumps(value, allow_nan=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def of_text(column: Column, text: str | None) -> Value:
    """The inverse of `to_text`.

    Raises:
        WrongValueError: it is not what the column holds.
    """
    if text is None or (text == "" and column.type is not Type.TEXT):
        return check(column, None)
    value: Value = text
    try:
        if column.type is Type.NUMBER:
            value = int(text)
        elif column.type is Type.REAL:
            value = float(text)
        elif column.type is Type.FLAG:
            value = _FLAGS[text.lower()]
        elif column.type is Type.TIME:
            value = of_iso(text)
        elif column.type is Type.VALUES:
            value = json.loads(text)
    except (ValueError, KeyError, OverflowError, RecursionError):
        raise _wrong(column, text) from None
    return check(column, value)


def to_json(column: Column, value: Value) -> Value:
    """A value as JSON holds it: times are texts."""
    return to_text(column, value) if column.type is Type.TIME else value


def of_json(column: Column, value: object) -> Value:
    """The inverse of `to_json`.

    Raises:
        WrongValueError: it is not what the column holds.
    """
    if column.type is Type.TIME and isinstance(value, str):
        return of_text(column, value)
    fitting: dict[Type, tuple[type, ...]] = {
        Type.NUMBER: (int,),
        Type.REAL: (int, float),
        Type.TEXT: (str,),
        Type.FLAG: (bool,),
        Type.VALUES: (dict,),
    }
    if value is not None:
        right = isinstance(value, fitting.get(column.type, ()))
        if not right or (isinstance(value, bool) and column.type is not Type.FLAG):
            raise _wrong(column, value)
        if column.type is Type.REAL:
            try:
                value = float(value)  # type: ignore[arg-type] # int or float, as was just seen
            except OverflowError:
                raise _wrong(column, value) from None
    return check(column, value)  # type: ignore[arg-type] # of the column's own type, as was just seen


def check(column: Column, value: Value) -> Value:
    """The value, if the column can hold it.

    Raises:
        WrongValueError: it cannot.
    """
    if value is None:
        if column.needed:
            raise WrongValueError(f"{column.name} is empty: expected {column.expected}")
        return None
    if column.words and value not in column.words:
        raise _wrong(column, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _wrong(column, value)
    if column.type is Type.NUMBER and not 0 < int(value) < 2**63:  # type: ignore[arg-type] # a whole number
        raise _wrong(column, value)
    if column.least is not None and isinstance(value, int | float) and value < column.least:
        raise _wrong(column, value)
    if column.type is Type.VALUES and not (isinstance(value, dict) and _can_be_kept(value)):
        raise _wrong(column, value)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _wrong(column, value) from None
    return value


def _can_be_kept(value: dict[str, object]) -> bool:
    """Whether JSON can hold all of it: Python reads numbers that are none, and would write what no other program reads."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return True


def check_row(table: Table, row: Row) -> None:
    """What the values of a row must be together.

    Raises:
        WrongValueError: they are not.
    """
    for first, second in table.ranges:
        low, high = row[first], row[second]
        if isinstance(low, float) and isinstance(high, float) and high < low:
            raise WrongValueError(f"{second} lies before {first}")
    for one, other in (("ended", "ended_utc"), ("answer", "answered_utc")):
        if one in row and (row[one] is None) != (row[other] is None):
            raise WrongValueError(f"{one} and {other}: expected both or neither")
    offset = row.get("tz_offset_s")
    if isinstance(offset, float) and offset > 86400:
        raise WrongValueError(f"tz_offset_s = {offset!r}: expected a number of at most 86400")
    name = row.get("name")
    if isinstance(name, str) and not (name.strip() and name.isprintable()):
        raise WrongValueError(f"name = {name!r}: expected a name that can be read and typed")


def _wrong(column: Column, value: object) -> WrongValueError:
    shown = repr(value)
    return WrongValueError(f"{column.name} = {shown if len(shown) <= 60 else shown[:57] + '...'}: expected {column.expected}")
