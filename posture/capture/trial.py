"""Tries a recording in a process of its own before this one opens it: a damaged file may end the process that decodes it.

Opening a file and decoding its first picture does the same in every process, so what a trial survived, its parent survives. The whole of
a recording is measured in worker processes anyway (posture/recordings/local_pool.py).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from posture._support import ProcessEnd, child_environment, own_module
from posture.errors import InputError, PostureError

WITHIN_S = 120.0
"""Seconds that the opening may take: a disk may have to wake up, a network share to answer."""


def try_opening(path: Path, *, whole: bool = False, within_s: float = WITHIN_S, command: Callable[[str], list[str]] = own_module) -> None:
    """Open a recording, and decode its first picture, in another process. What is wrong with it in words is left to who opens it next.

    Args:
        path: The recording.
        whole: Decode it to its end; there is no limit of time then.
        within_s: Seconds that it may take.
        command: Gives what starts a module of this package in another process.

    Raises:
        InputError: the process died of it, or came to no end.
    """
    call = [*command(__name__), str(path), *(["whole"] if whole else [])]
    nothing = subprocess.DEVNULL
    try:
        done = subprocess.run(
            call,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            env=child_environment(),
            timeout=None if whole else within_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{path.name}: cannot be opened: reading its first frame took more than {within_s:g} s") from error
    except OSError as error:
        raise PostureError(f"no process could be started to read {path.name}: {error.strerror or error}") from error
    if done.returncode != 0:
        raise InputError(f"{path.name}: is damaged: the process that tried to read it {ProcessEnd(done.returncode).words()}")


def main(path: str, whole: str = "") -> None:
    """What the other process does."""
    from posture.capture.video_file import VideoFile  # loads PyAV, which who asks for a trial may not want  # noqa: PLC0415

    try:
        with VideoFile(path) as video:
            if whole:
                for _ in video.picked():
                    pass
    except PostureError:
        return  # who opens it next says so


if __name__ == "__main__":
    main(*sys.argv[1:3])
