"""``python -m posture.worker``: one worker process; see `posture.workers`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from posture.workers import serve as measure


def main(serve: Callable[[IO[bytes], IO[bytes]], None]) -> None:
    """Serve the parent until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What native code prints must not get among the answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers, open(os.devnull, "wb") as nowhere:  # noqa: PTH123 # a device
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        with suppress(BrokenPipeError):
            serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(measure)
