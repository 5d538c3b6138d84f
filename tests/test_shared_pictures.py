"""Pictures in memory that two processes share: the newest one whole, read-only for the reader, gone with both ends."""

from __future__ import annotations

import mmap
import os
import sys
import threading
from itertools import cycle, islice

import pytest

from posture._support import PictureReader, PictureWriter, memory_for_pictures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memfd is of Linux")


def handed(writer: PictureWriter) -> PictureReader:
    """A reader of a writer's memory, as a socket would hand it over."""
    assert writer.descriptor is not None
    return PictureReader(os.dup(writer.descriptor))


def test_the_newest_picture_comes_once() -> None:
    """Only what was not read before, with its words."""
    writer = PictureWriter()
    reader = handed(writer)
    assert reader.newest() is None
    for value in (1, 2):
        writer.write(bytes([value]) * 24, 4, 2, {"n": value, "word": "straße"})
    found = reader.newest()
    assert found is not None and (found.rgb, found.width, found.height, found.words) == (b"\x02" * 24, 4, 2, {"n": 2, "word": "straße"})
    assert reader.newest() is None
    writer.write(b"", 0, 0, {"trouble": "no picture"})
    last = reader.newest()
    assert last is not None and last.width == 0 and last.words["trouble"]
    writer.close()
    reader.close()


def test_a_reader_can_neither_write_nor_resize() -> None:
    """A window that goes wrong must not take the monitor with it."""
    writer = PictureWriter()
    assert writer.descriptor is not None
    with pytest.raises(PermissionError):
        os.ftruncate(writer.descriptor, 16)
    with pytest.raises(PermissionError):
        mmap.mmap(writer.descriptor, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    writer.close()


def test_no_picture_is_torn() -> None:
    """Whoever reads while another writes gets whole pictures, or none."""
    memory = memory_for_pictures()
    writer, reader = PictureWriter(os.dup(memory)), PictureReader(memory)
    over = threading.Event()

    def write() -> None:
        for value in cycle(range(251)):
            if over.is_set():
                return
            writer.write(bytes([value]) * (64 * 48 * 3), 64, 48, {"value": value})

    thread = threading.Thread(target=write)
    thread.start()
    pictures = (found for found in iter(reader.newest, over) if found is not None)
    read = list(islice(pictures, 50))
    over.set()
    thread.join()
    assert all(set(found.rgb) == {found.words["value"]} for found in read)
    writer.close()
    reader.close()


def test_what_does_not_fit_is_refused() -> None:
    """Too large, or not as large as it is said to be."""
    writer = PictureWriter()
    with pytest.raises(ValueError, match="does not fit"):
        writer.write(b"1234", 1, 1, {})
    with pytest.raises(ValueError, match="does not fit"):
        writer.write(b"123", 1, 1, {"long": "x" * 40_000})
    writer.close()
