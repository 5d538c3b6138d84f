"""The parameter section of a C3D file: groups of named values. Layout: the C3D user guide (c3d.org)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

BLOCK = 512
"""Bytes; sections of the file begin at multiples of it."""
Groups = dict[str, dict[str, object]]
"""Values by group and name: text, whole number (16 bits, unsigned), number, a list of one of them, or a table of numbers."""


def parameter_section(groups: Mapping[str, Mapping[str, object]]) -> bytes:
    """Return the section, a multiple of `BLOCK` long.

    Raises:
        ValueError: the parameters do not fit 255 blocks, or a list has more than 255 entries.
    """
    records = list(_records(groups))
    ends = [*(struct.pack("<H", len(rest) + 2) for _, rest in records[:-1]), b"\0\0"]
    body = b"".join(name + end + rest for (name, rest), end in zip(records, ends, strict=True))
    blocks = -(-(4 + len(body)) // BLOCK)
    if blocks > 255:
        raise ValueError("parameters of more than 255 blocks")
    return (bytes((1, 0x50, blocks, 84)) + body).ljust(blocks * BLOCK, b"\0")  # 84: little-endian IEEE floating point


def _records(groups: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each record in two parts; between them belongs the distance to the next one, 0 after the last."""
    for number, (group, values) in enumerate(groups.items(), 1):
        yield struct.pack("<bb", len(group), -number) + group.encode("ascii"), b"\0"
        for name, value in values.items():
            yield struct.pack("<bb", len(name), number) + name.encode("ascii"), _content(value) + b"\0"


def _content(value: object) -> bytes:
    """Return type, dimensions and data; C3D counts the fastest dimension first. A single number has no dimension."""
    if isinstance(value, str):
        data = _ascii(value)
        return struct.pack("<bBB", -1, 1, len(data)) + data
    if isinstance(value, Sequence) and all(isinstance(v, str) for v in value):
        rows = [_ascii(v) for v in value]
        width = max(map(len, rows), default=0)
        return struct.pack("<bBBB", -1, 2, width, len(rows)) + b"".join(row.ljust(width) for row in rows)
    numbers = np.asarray(value)
    whole = np.issubdtype(numbers.dtype, np.integer)
    dimensions = bytes(reversed(numbers.shape))
    return struct.pack("<bB", 2 if whole else 4, numbers.ndim) + dimensions + numbers.astype("<u2" if whole else "<f4").tobytes()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")[:255]
