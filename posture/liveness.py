"""Whether the process that began a session still runs, without a library and without a lock that a kill could leave behind."""

from __future__ import annotations

import os
import sys
import uuid

PROCESS = uuid.uuid4().hex
"""Tells this process from an earlier one that had the same number."""
STALE_S = 60.0
"""A process that has not written for this long is taken for dead whatever has its number now; it writes every 10 s at least."""


def alive(pid: int, process: str, silent_s: float) -> bool:
    """Whether a process that wrote ``silent_s`` seconds ago runs; a wrong "no" is put right when it writes again.

    Args:
        pid: its number.
        process: its ``PROCESS``.
        silent_s: seconds.
    """
    if pid == os.getpid():
        # Another one with our number is an earlier one: usual in a container, where each start has the same.
        return process == PROCESS
    return silent_s < STALE_S and _exists(pid)


if sys.platform == "win32":

    def _exists(pid: int) -> bool:
        # os.kill(pid, 0) would send Ctrl-C here.
        import ctypes  # noqa: PLC0415 - its windll exists on Windows alone

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return bool(kernel.GetLastError() == 5)  # ERROR_ACCESS_DENIED: it is there, and is not ours
        code = ctypes.c_ulong()
        known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return not known or code.value == 259  # STILL_ACTIVE

else:

    def _exists(pid: int) -> bool:
        try:
            os.kill(pid, 0)  # no signal; only asks
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # it is there, and is not ours
        return True
