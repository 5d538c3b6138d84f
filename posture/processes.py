"""How a process that was started here ended, in words for the user: what is known of it, and no guess."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_CRASHES = {
    0xC0000005: "access violation",
    0xC0000017: "out of memory",
    0xC000001D: "illegal instruction",
    0xC0000094: "division by zero",
    0xC00000FD: "stack overflow",
    0xC0000135: "a DLL is missing",
    0xC0000374: "damaged heap",
    0xC0000409: "fail-fast",
}
"""Exit codes that Windows gives a process that crashed (NTSTATUS)."""
_FIRST_CRASH = 0xC0000000
_LAST_SIGNAL = 64
_NO_MEMORY = re.compile(
    rb"MemoryError|bad_alloc|cannot allocate memory|memory allocation|failed to map segment|out of memory", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended."""

    code: int | None
    """As ``subprocess`` gives it; ``None`` if it had not ended by itself, but made no sense any more."""
    no_memory: bool = False
    """Whether it said that it had not enough memory."""

    def words(self, times: int = 1) -> str:
        """What goes after "the process", for an end that was met so many times."""
        more = "" if times == 1 else f", {times} times"
        code = self.code
        if code is None:
            return f"gave answers that make no sense{more}"
        if -_LAST_SIGNAL <= code < 0:
            why = " (the system does this when memory runs out)" if _signal(-code) == "SIGKILL" else ""
            return f"was ended by {_signal(-code)}{more}{' (it ran out of memory)' if self.no_memory else why}"
        if self.no_memory:
            return f"ran out of memory{more}"
        if (code := code & 0xFFFFFFFF) >= _FIRST_CRASH:
            what = f"{_CRASHES[code]}, " if code in _CRASHES else ""
            return f"crashed ({what}0x{code:08X}){more}"
        return f"ended with an error ({code})" if times == 1 else f"ended by itself {times} times, with exit code {code}"


def told(ends: Sequence[End]) -> str:
    """All the ends of processes that were started one after the other for the same thing."""
    return " and ".join(end.words(times) for end, times in Counter(ends).items())


def said_no_memory(said: bytes) -> bool:
    """Whether the last words of a process, on its standard error, are of memory that it did not get."""
    return _NO_MEMORY.search(said) is not None


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
