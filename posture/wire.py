"""What a worker process and its parent say to each other, as bytes: JSON and plain arrays, so that nothing in them can be run.

A worker reads files that anybody may have made. Were one to take a worker over, what it says could still only become the few kinds of
values that are named here: pickle would let it run code in its parent.

A message is a line of ``LENGTH COUNT``, LENGTH bytes of JSON, then the bytes of COUNT arrays in the order in which the JSON names them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

MOST_JSON = 64 << 20
"""Bytes of JSON in one message; half a second of work takes some kilobytes."""
MOST_ARRAY = 256 << 20
"""Bytes of one array."""
_NUMBERS = ("|u1", "<f4", "<f8", "<i8")
_KIND = "!"


class WireError(ValueError):
    """What came is not a message, or holds what is not expected."""


class Wire:
    """Writes and reads messages made of plain values, paths, times, arrays of numbers, and the classes that are named."""

    def __init__(self, *known: type[Any]) -> None:
        """`known`: dataclasses, string enums, and classes whose attributes are all of these kinds."""
        self._known = {k.__name__: k for k in known}

    def write(self, file: IO[bytes], value: object) -> None:
        """Write one message and see that it leaves.

        Raises:
            WireError: a value of a kind that is not known.
            OSError: the other side is gone.
        """
        arrays: list[bytes] = []
        text = json.dumps(self._out(value, arrays)).encode()
        file.write(b"%d %d\n" % (len(text), len(arrays)) + text)
        for data in arrays:
            file.write(data)
        file.flush()

    def read(self, file: IO[bytes]) -> Any:
        """The next message.

        Raises:
            EOFError: there is none any more.
            WireError: it is none.
        """
        head = file.readline(64)
        if not head:
            raise EOFError
        try:
            length, count = (int(word) for word in head.split())
            if not 0 <= length <= MOST_JSON or count < 0:
                raise WireError("the message is too long")
            found = json.loads(_exactly(file, length))
            taken: list[int] = []

            def array(about: dict[str, Any]) -> NDArray[Any]:
                taken.append(1)
                return _array(file, about)

            value = self._in(found, array)
        except WireError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise WireError(f"not a message: {error}") from error
        if len(taken) != count:
            raise WireError("the message has other arrays than it says")
        return value

    def _out(self, value: Any, arrays: list[bytes]) -> Any:  # noqa: PLR0911 # one for each kind
        name = type(value).__name__
        if self._known.get(name) is type(value):
            if isinstance(value, str):
                return {_KIND: name, "v": str(value)}
            return {_KIND: name, **{k: self._out(v, arrays) for k, v in _attributes(value).items()}}
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.ndarray):
            plain = np.ascontiguousarray(value)
            if plain.dtype.str not in _NUMBERS:
                raise WireError(f"an array of {plain.dtype}")
            arrays.append(plain.tobytes())
            return {_KIND: "array", "dtype": plain.dtype.str, "shape": list(value.shape)}
        if isinstance(value, np.integer | np.floating):
            return value.item()
        if isinstance(value, list):
            return [self._out(v, arrays) for v in value]
        if isinstance(value, tuple):
            return {_KIND: "tuple", "v": [self._out(v, arrays) for v in value]}
        if isinstance(value, Path):
            return {_KIND: "path", "v": str(value)}
        if isinstance(value, datetime):
            return {_KIND: "time", "v": value.isoformat()}
        raise WireError(f"a value of the kind {name}")

    def _in(self, found: Any, array: Callable[[dict[str, Any]], NDArray[Any]]) -> Any:  # noqa: PLR0911 # one for each kind
        if isinstance(found, list):
            return [self._in(v, array) for v in found]
        if not isinstance(found, dict):
            return found
        kind = found.pop(_KIND)
        if kind == "array":
            return array(found)
        if kind == "tuple":
            return tuple(self._in(v, array) for v in found["v"])
        if kind == "path":
            return Path(found["v"])
        if kind == "time":
            return datetime.fromisoformat(found["v"])
        known = self._known[kind]
        if issubclass(known, str):
            return known(found["v"])
        values = {str(k): self._in(v, array) for k, v in found.items()}
        if is_dataclass(known):
            return known(**values)
        made = known()
        if vars(made).keys() != values.keys():
            raise WireError(f"a {kind} with other attributes")
        vars(made).update(values)
        return made


def _attributes(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    return dict(vars(value))


def _array(file: IO[bytes], about: dict[str, Any]) -> NDArray[Any]:
    dtype, shape = about["dtype"], about["shape"]
    if dtype not in _NUMBERS or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("an array that is not one")
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > MOST_ARRAY:
        raise WireError("an array that is too large")
    return np.frombuffer(bytearray(_exactly(file, size)), dtype).reshape(shape)


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise EOFError
    return data
