"""Ctrl-C that waits: what was measured is never lost because somebody was impatient."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Held:
    """Whether Ctrl-C was pressed meanwhile."""

    pressed: bool = False

    def __call__(self) -> bool:
        """As a question, for who has to stop by themselves."""
        return self.pressed


@contextmanager
def held_interrupts() -> Iterator[Held]:
    """While the block runs, Ctrl-C is noted and raises nothing; it is raised when the block ends well, unless the block took it back.

    An error of the block goes before: its handler asks ``pressed``. Outside the main thread, and where Ctrl-C is ignored
    (a job in the background), nothing changes.

    Raises:
        KeyboardInterrupt: it was pressed, after the block.
    """
    held = Held()

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
