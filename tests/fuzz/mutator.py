"""Breaks files, in ways that accidents and attackers do; the same seed and number always break the same file in the same way."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

WAYS = ("header", "truncated", "bits", "spliced", "blocks", "dimensions", "rates")
"""What is done, in turn; ``made`` takes the next for each number."""
_ABSURD = (0, 1, 2, 7, 0x7F, 0xFF, 0x4001, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_CLOCKS = (
    (b"mvhd", 32), (b"mdhd", 28), (b"tkhd", 40), (b"stts", 40), (b"ctts", 40), (b"elst", 28), (b"stsc", 32), (b"stsz", 40),
    (b"stco", 32), (b"stss", 24),  # MP4 and QuickTime: clocks, durations, tables of samples
    (b"avih", 44), (b"strh", 56), (b"idx1", 48),  # AVI: microseconds per picture, rate over scale, index
    (b"\x2a\xd7\xb1", 8), (b"\x44\x89", 10), (b"\x23\xe3\x83", 8), (b"\xe7", 6), (b"\xa3", 8),  # Matroska: scale, duration, cluster times
    (b"\x00\x00\x01\xb3", 8), (b"\x00\x00\x01\xba", 12), (b"\x47", 12),  # MPEG: sequence, pack, transport packet
)  # fmt: skip


def made(seeds: Sequence[bytes], size: tuple[int, int], seed: int, number: int) -> tuple[str, int, bytes]:
    """Mutated file `number` of a run.

    Args:
        seeds: Contents of sound files.
        size: Their width and height, as they stand in their headers.
        seed: Of the run.
        number: 0, 1, 2, ...

    Returns:
        What was done, to which of the seeds, and the contents.
    """
    rng = random.Random(f"{seed}/{number}")
    way, which = WAYS[number % len(WAYS)], number // len(WAYS) % len(seeds)
    data = bytearray(seeds[which])
    if way == "spliced":
        return way, which, bytes(_spliced(data, seeds[rng.randrange(len(seeds))], rng))
    if way == "dimensions":
        return way, which, bytes(_resized(data, size, rng))
    simple: dict[str, Callable[[bytearray, random.Random], bytearray]] = {
        "header": _header,
        "truncated": _truncated,
        "bits": _bits,
        "blocks": _blocks,
        "rates": _clocks,
    }
    return way, which, bytes(simple[way](data, rng))


def _header(data: bytearray, rng: random.Random) -> bytearray:
    """Some bytes of the first or, where the index is there, the last kilobyte."""
    from_s = 0 if rng.random() < 0.6 else max(0, len(data) - 2048)
    for _ in range(rng.choice((1, 2, 4, 16, 64))):
        data[min(len(data) - 1, from_s + rng.randrange(1024))] = rng.choice((0, 0xFF, 0x7F, 0x80, rng.randrange(256)))
    return data


def _truncated(data: bytearray, rng: random.Random) -> bytearray:
    """Ends somewhere, also within the first bytes; sometimes padded to its length again, as by a copy that broke off."""
    length = rng.randrange(1, 64) if rng.random() < 0.1 else rng.randrange(1, len(data))
    return data[:length] + bytes(len(data) - length) if rng.random() < 0.3 else data[:length]


def _bits(data: bytearray, rng: random.Random) -> bytearray:
    """Single bits, anywhere."""
    for _ in range(rng.choice((1, 1, 3, 10, 50, 400))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _spliced(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    """The beginning of one and the end of another."""
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def _blocks(data: bytearray, rng: random.Random) -> bytearray:
    """Stretches that are missing, twice there, filled with one byte or with noise."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.randrange(len(data)), rng.choice((1, 4, 64, 512, 4096))
        what = rng.randrange(4)
        if what == 0 and len(data) > length + 64:
            del data[at : at + length]
        elif what == 1:
            data[at:at] = data[at : at + length]
        elif what == 2:
            data[at : at + length] = bytes([rng.choice((0, 0xFF, 0x41))]) * len(data[at : at + length])
        else:
            data[at : at + length] = rng.randbytes(len(data[at : at + length]))
    return data


def _resized(data: bytearray, size: tuple[int, int], rng: random.Random) -> bytearray:
    """Width and height, wherever they stand in a header, become absurd."""
    for length in size:
        new = rng.choice((*_ABSURD, rng.randrange(1 << 16)))
        for form, most in ((">H", 0xFFFF), ("<H", 0xFFFF), (">I", 0xFFFFFFFF), ("<I", 0xFFFFFFFF), (">H", 0xFFFF)):
            found = _all(data, struct.pack(form, length))
            if found and rng.random() < 0.7:
                at = rng.choice(found[:12])
                data[at : at + struct.calcsize(form)] = struct.pack(form, min(new, most))
        for tag in (b"\xb0\x81", b"\xba\x81"):  # Matroska: one byte each
            for at in _all(data, tag + bytes([length]))[:1]:
                data[at : at + 3] = tag[:1] + b"\x84" + struct.pack(">I", new)
    return data


def _clocks(data: bytearray, rng: random.Random) -> bytearray:
    """Rates, durations, tables of times: numbers near their tags become absurd."""
    there = [(at, reach) for tag, reach in _CLOCKS for at in _all(data, tag)[:6]]
    for _ in range(rng.choice((1, 2, 4))):
        at, reach = rng.choice(there) if there else (0, 64)
        at += rng.randrange(1, reach)
        number = struct.pack(rng.choice((">I", "<I")), rng.choice((*_ABSURD, rng.randrange(1 << 32))))
        data[at : at + 4] = number
    return data


def _all(data: bytearray, what: bytes) -> list[int]:
    found, at = [], data.find(what)
    while at >= 0 and len(found) < 64:
        found.append(at)
        at = data.find(what, at + 1)
    return found
