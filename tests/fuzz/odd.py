"""Values that nobody expects, and texts that are almost right: what the files of settings, data and models are broken with."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 1e308, -1e308, 5e-324, float("inf"), float("-inf"),
    float("nan"), "", " ", "0", "x" * 5000, "nichts\x00", "\u2028", "\ud800", "../../etc/passwd", "~nobody-of-this-name/x", "file:///",
    "1e999", "9" * 5000, "2026-02-30T25:61:61Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", [], {}, [[]], [None], {"": {}},
    {"a": float("nan")}, [1, "2", {}],
)  # fmt: skip
"""Plain values as JSON and TOML hold them, more or less."""

_BITS = (b"[" * 3000, b'{"a":' * 3000, b"\x00", b"\xff\xfe", b'"', b"\n", b"'''", b"= 1e400", b"\r", b",", b"9" * 5000)

values = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in nested lists and dictionaries."""
    found: list[tuple[Any, ...]] = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found += places(item, (*path, i))
    return found


@st.composite
def almost(draw: st.DrawFn, sound: Any) -> Any:
    """A sound value with up to three places changed: another value, gone, or another name."""
    value = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        there = places(value)
        if not there:
            break
        *way, last = draw(st.sampled_from(there))
        holder = value
        for step in way:
            holder = holder[step]
        what = draw(st.integers(0, 4))
        if what == 0:
            del holder[last]
        elif what == 1 and isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = holder.pop(last)
        else:
            holder[last] = copy.deepcopy(draw(values))
    return value


@st.composite
def broken_bytes(draw: st.DrawFn, sound: Sequence[bytes]) -> bytes:
    """Sound bytes, cut, overwritten, doubled or nested too deeply somewhere."""
    data = bytearray(draw(st.sampled_from(list(sound))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        twice = bytes(data[at : at + draw(st.integers(0, 60))])
        data[at : at + draw(st.integers(0, 12))] = draw(st.binary(max_size=6) | st.sampled_from(_BITS) | st.just(twice))
    return bytes(data)
