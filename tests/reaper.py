"""Ends whatever a test run has left behind: `python reaper.py MARK`, started by ``conftest.py`` with a pipe to its standard input.

The pipe closes when the run ends, however it ends, kill -9 included. Then every process that carries the run's mark in its environment,
as all that the tests start inherit it, is killed. Linux only: reads /proc.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

NAME = "POSTURE_TEST_RUN"
"""Variable of the environment that carries the mark."""


def marked(mark: str) -> list[int]:
    """Ids of the processes of a run, without this one."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with suppress(OSError):  # it has ended, or is somebody else's
                if f"{NAME}={mark}".encode() in (place / "environ").read_bytes().split(b"\0"):
                    found.append(int(place.name))
    return found


def main() -> None:
    """Wait for the end of the run, then kill what is left of it, three times, as what is killed may be starting something."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    for _ in range(3):
        for pid in marked(sys.argv[1]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)


if __name__ == "__main__":
    main()
