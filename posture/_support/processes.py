"""How our own commands are started, which process has a number now, and how a child process ended, in words for the user."""

from __future__ import annotations

import re
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
_NO_THREAD = 127
"""With which the C library ends a process that has no memory left for the data of a thread."""
_NO_MEMORY = re.compile(
    rb"MemoryError|bad_alloc|cannot allocate memory|memory allocation|failed to map segment|out of memory", re.IGNORECASE
)


def process_start(pid: int) -> str | None:
    """Return when a process started, which tells it from a later one of its number; ``None``: there is none, or it cannot be told.

    On Linux in clock ticks since the machine started, which setting the clock does not move.
    """
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            return None
    import psutil  # costs posture status a quarter of its time  # noqa: PLC0415

    try:
        return repr(psutil.Process(pid).create_time())
    except (OSError, psutil.Error):
        return None


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """The end of a process."""

    code: int | None
    """As ``subprocess`` gives it; ``None`` if it was ended here because its answers made no sense."""
    no_memory: bool = False
    """Whether it reported that memory ran out."""

    def words(self, times: int = 1) -> str:
        """Return what follows "the process" for an end that occurred so many times."""
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
        why = " (the C library does this when memory runs out)" if code == _NO_THREAD else ""
        return f"ended with an error ({code}){why}" if times == 1 else f"ended by itself {times} times, with exit code {code}{why}"


def describe_ends(ends: Sequence[ProcessEnd]) -> str:
    """Describe the ends of processes that were started one after the other for the same work."""
    return " and ".join(end.words(times) for end, times in Counter(ends).items())


def reports_no_memory(stderr: bytes) -> bool:
    """Return whether the standard error of a process reports a failed allocation."""
    return _NO_MEMORY.search(stderr) is not None


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def is_bundled() -> bool:
    """Return whether this is the program that brings its own Python, and not a package of somebody else's Python."""
    return bool(getattr(sys, "frozen", False))


def own_command(*words: str) -> list[str]:
    """Return the command line that runs one of our own commands, such as ``status``, as this program was installed."""
    return [*own_program(), *words]


def own_program() -> list[str]:
    """Return what all of our own command lines begin with; in the bundle, whichever of its programs this is, the one for terminals."""
    if is_bundled():
        return [str(_beside_python("posture"))]
    return [sys.executable, "-m", "posture"]


def own_window() -> list[str]:
    """Return the command line that opens the window, without a terminal on systems that would show one."""
    script = _beside_python("posture-window")
    return [str(script)] if is_bundled() or script.exists() else [sys.executable, "-P", "-m", "posture.window"]


def _beside_python(name: str) -> Path:
    return Path(sys.executable).with_name(f"{name}.exe" if sys.platform == "win32" else name)


def own_module(name: str) -> list[str]:
    """Return the command line that runs a module of this package as a script; the bundle's program knows which (``RUN_AS_SCRIPTS``)."""
    return [*own_program(), "-m", name] if is_bundled() else [sys.executable, "-m", name]


RUN_AS_SCRIPTS = frozenset({"posture.capture.trial"})
"""Modules that the bundle's program runs as scripts."""
