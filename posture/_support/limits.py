"""The limits that the system sets to a process: told in one line before a library fails in words of its own, or ends it without any."""

from __future__ import annotations

import errno
import os
import sys

from posture._support.processes import reports_no_memory
from posture.errors import PostureError

FILES = 32
"""Open at a time: the monitor has 17 with a stream, without tray and bus."""
_BASE_BYTES = {"live": 1_600_000_000, "recorded": 900_000_000}
_CORE_BYTES = {"live": 100_000_000, "recorded": 50_000_000}
"""Address space, measured on Linux: MediaPipe, OpenCV and their buffers, and the threads that each core adds."""


def check(*, live: bool) -> None:
    """Refuse to measure where the limits of this process are too low; the number of open files is raised as far as it may be.

    Args:
        live: With a camera; else recordings, which other processes decode.

    Raises:
        PostureError: One line that names the limit.
    """
    if sys.platform == "win32":
        return
    import resource  # not on Windows  # noqa: PLC0415

    kind = "live" if live else "recorded"
    needed = _BASE_BYTES[kind] + _CORE_BYTES[kind] * (os.cpu_count() or 1)
    space = resource.getrlimit(resource.RLIMIT_AS)[0]
    if space != resource.RLIM_INFINITY and space < needed:
        raise PostureError(
            f"there is not enough memory: this process may take {space / 1e9:.1f} GB, and {needed / 1e9:.1f} GB are needed; "
            "raise the limit (ulimit -v)"
        )
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (files, most) and files < FILES <= most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, most))
    elif files != resource.RLIM_INFINITY and files < FILES:
        raise PostureError(f"this process may open {files} files at a time, and {FILES} are needed; raise the limit (ulimit -n)")


def no_memory(error: BaseException) -> bool:
    """Return whether memory ran out, whoever says so."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (isinstance(error, ImportError | OSError | RuntimeError) and reports_no_memory(_bytes(error)))


def shortage(error: BaseException) -> str | None:
    """Return one line if `error` comes from memory or open files that ran out; ``None`` otherwise."""
    if no_memory(error):
        return "not enough memory; try fewer --jobs"
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many files open at once; raise the limit (ulimit -n)"
    return None


def _bytes(error: BaseException) -> bytes:
    return str(error).encode(errors="replace")
