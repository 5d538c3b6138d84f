"""Runs an iterator in a thread of its own, a few values ahead of who uses them: decoding goes on while poses are found."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_POLL_S = 0.05


class _End:
    """What follows the last value: the error that ended the iterator, or ``None``."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


@contextmanager
def ahead(values: Iterator[T], depth: int = 4) -> Iterator[Iterator[T]]:
    """Yield the same values in the same order, at most `depth` of them fetched before they are asked for.

    Leaving the block ends the thread, wherever it is, before anything else happens: what the iterator reads from may be closed then.
    An error of the iterator is raised where its value would have come. The iterator is used by that thread alone.

    Args:
        values: what to fetch from.
        depth: how many values may wait; so memory is bounded.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(depth)
    over = threading.Event()

    def put(value: T | _End) -> bool:
        while not over.is_set():
            try:
                waiting.put(value, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def fetch() -> None:
        try:
            for value in values:
                if not put(value):
                    return
            put(_End(None))
        except BaseException as error:  # noqa: BLE001 # raised again in the thread that uses the values
            put(_End(error))

    def given() -> Iterator[T]:
        while True:
            value = waiting.get()
            if isinstance(value, _End):
                if value.error is not None:
                    raise value.error
                return
            yield value

    thread = threading.Thread(target=fetch, name="ahead", daemon=True)
    thread.start()
    try:
        yield given()
    finally:
        over.set()
        thread.join()
