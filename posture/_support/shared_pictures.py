"""The newest picture, shared by one process that writes it and others that read it, in memory that no file system holds.

On Linux a memfd, whose descriptor goes to the readers over a socket or by inheritance; when both ends are gone, so is the memory. The
writer seals it: readers can neither change nor resize it. Elsewhere a shared memory segment, known by its name (not run by us).

The memory holds a number that says which picture is the newest, and two slots that are written in turn. A slot's own number is 0 while
it is written; a reader that finds another number after copying than before drops what it copied.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

MOST_PX = 640
"""The longest side of a picture; a larger one is reduced before it is written."""
_PIXELS, _WORDS = MOST_PX * MOST_PX * 3, 1 << 15
_NUMBER, _SLOT = struct.Struct("<Q"), struct.Struct("<QIII4x")
_SLOT_BYTES = _SLOT.size + _WORDS + _PIXELS
BYTES = _NUMBER.size + 2 * _SLOT_BYTES
_TRIES = 3


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """A picture with what was said of it."""

    number: int
    """Rises by one with each picture."""
    width: int
    height: int
    """Pixels; 0 where there are words only."""
    rgb: bytes
    """Rows from top to bottom, three bytes a pixel, without padding."""
    words: Mapping[str, Any]
    """As written: what was measured in it, as JSON holds it."""


class PictureWriter:
    """Writes pictures for others to read. For one thread."""

    def __init__(self, descriptor: int | None = None) -> None:
        """Make the memory, or write into that of an inherited `descriptor`.

        Raises:
            OSError: there is no memory to be had.
        """
        self.descriptor: int | None = None
        """Of the memfd, to be passed on; ``None`` where there is none."""
        self.name: str | None = None
        """Of the segment, where there is no memfd."""
        self._segment: SharedMemory | None = None
        self._number = 0
        if sys.platform == "linux":
            self.descriptor = memory_for_pictures() if descriptor is None else descriptor
            self._map: mmap.mmap | memoryview = mmap.mmap(self.descriptor, BYTES)
            _seal(self.descriptor)
        else:
            self._segment = SharedMemory(create=True, size=BYTES)
            self.name, self._map = self._segment.name, memoryview(self._segment.buf or b"")

    def write(self, rgb: bytes, width: int, height: int, words: Mapping[str, Any]) -> None:
        """Replace the newest picture.

        Raises:
            ValueError: the picture, or its words, are too large.
        """
        text = json.dumps(words, allow_nan=False, ensure_ascii=False).encode()
        if width * height * 3 != len(rgb) or len(rgb) > _PIXELS or len(text) > _WORDS:
            raise ValueError(f"a picture of {width} by {height} pixels with {len(text)} bytes of words does not fit")
        self._number += 1
        at = _NUMBER.size + self._number % 2 * _SLOT_BYTES
        self._map[at : at + _SLOT.size] = _SLOT.pack(0, 0, 0, 0)
        start = at + _SLOT.size
        self._map[start : start + len(text)] = text
        self._map[start + _WORDS : start + _WORDS + len(rgb)] = rgb
        self._map[at : at + _SLOT.size] = _SLOT.pack(self._number, width, height, len(text))
        self._map[: _NUMBER.size] = _NUMBER.pack(self._number)

    def close(self) -> None:
        """Give the memory back; readers keep theirs until they close it."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
        if self._segment is not None:
            self._segment.close()
            with suppress(FileNotFoundError):
                self._segment.unlink()


class PictureReader:
    """Reads the newest picture. For one thread."""

    def __init__(self, descriptor: int | None = None, name: str | None = None) -> None:
        """Map the memory of a writer; a `descriptor` is the reader's to keep.

        Raises:
            OSError: it cannot be mapped.
        """
        self._segment: SharedMemory | None = None
        self._descriptor = descriptor
        self._last = 0
        if descriptor is not None:
            if os.fstat(descriptor).st_size < BYTES:
                raise OSError("the memory is too small for pictures")
            self._map: mmap.mmap | memoryview = mmap.mmap(descriptor, BYTES, prot=mmap.PROT_READ)
        else:
            self._segment = SharedMemory(name=name)
            self._map = memoryview(self._segment.buf or b"")

    def newest(self) -> SharedPicture | None:
        """Return the newest picture; ``None`` if there is none that was not returned before."""
        for _ in range(_TRIES):
            number = _NUMBER.unpack(self._map[: _NUMBER.size])[0]
            if number == self._last:
                return None
            at = _NUMBER.size + number % 2 * _SLOT_BYTES
            head = bytes(self._map[at : at + _SLOT.size])
            found, width, height, length = _SLOT.unpack(head)
            if found != number or width * height * 3 > _PIXELS or length > _WORDS:
                continue
            start = at + _SLOT.size
            text = bytes(self._map[start : start + length])
            rgb = bytes(self._map[start + _WORDS : start + _WORDS + width * height * 3])
            if bytes(self._map[at : at + _SLOT.size]) == head:
                self._last = number
                return SharedPicture(number, width, height, rgb, json.loads(text))
        return None

    def close(self) -> None:
        """Give the memory back."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._segment is not None:
            self._segment.close()


def memory_for_pictures() -> int:
    """Make the memory that a ``PictureWriter`` of another process is to write into; return its descriptor (Linux alone).

    Raises:
        OSError: there is none to be had.
    """
    assert sys.platform == "linux"
    descriptor = os.memfd_create("posture-pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, BYTES)
    return descriptor


def _seal(descriptor: int) -> None:
    """Keep readers from resizing the memory, which would kill the writer, and from writing into it."""
    assert sys.platform == "linux"
    import fcntl  # noqa: PLC0415 # Windows has none

    future_write = 0x0010  # F_SEAL_FUTURE_WRITE, Linux 5.1; Python has no name for it
    size = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
    for seals in (size | future_write, size):
        with suppress(OSError):  # an older kernel, or sealed by the one who made it
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
            return
