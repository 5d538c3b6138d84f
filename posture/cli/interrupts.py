"""Ctrl-C that is raised only after what was measured is written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class InterruptFlag:
    """Tells whether Ctrl-C was pressed."""

    pressed: bool = False

    def __call__(self) -> bool:
        """Return `pressed`: a callable for code that polls whether to stop."""
        return self.pressed


@contextmanager
def held_interrupts() -> Iterator[InterruptFlag]:
    """Note Ctrl-C while the block runs; raise it when the block ends well, unless the block took it back.

    An error of the block goes before: its handler asks ``pressed``. Outside the main thread, and where Ctrl-C is ignored
    (a job in the background), nothing changes.

    Raises:
        KeyboardInterrupt: it was pressed, after the block.
    """
    held = InterruptFlag()

    def note(_number: int, _frame: FrameType | None) -> None:
        held.pressed = True

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in (signal.SIG_IGN, None):
        yield held
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)
    if held.pressed:
        raise KeyboardInterrupt
