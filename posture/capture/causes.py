"""Why a webcam could not be opened: none there, gone, not allowed, in use, or there and without a picture; and what to do about each."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from posture.capture.camera_list import DEV, Target

NONE = "no camera was found: plug one in, or name the address of a stream"
GONE = "not connected"
NOT_ALLOWED = "you are not allowed to use it: add yourself to the group 'video' (sudo usermod -aG video \"$USER\"), then log in again"
IN_USE = "another program is using it: close that one"
NO_PICTURE = "it gives no picture: unplug it and plug it in again, or try another camera"
_ELSEWHERE = {
    "darwin": "allow it in System Settings, Privacy & Security, Camera, and close other programs that use it",
    "win32": "allow it in Settings, Privacy & security, Camera, and close other programs that use it",
}
_WORDS = {
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EBUSY: IN_USE,
    errno.ENOENT: GONE,
    errno.ENODEV: GONE,
    errno.ENXIO: GONE,
}
_REQBUFS = 0xC0145608
"""VIDIOC_REQBUFS of linux/videodev2.h: asks for picture buffers, which a camera gives to one program at a time."""
_ONE_BUFFER = struct.pack("5I", 1, 1, 1, 0, 0)
"""count, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP."""


def ask_device(node: Path) -> None:
    """Ask a video device of Linux for a buffer, and give it back.

    Raises:
        OSError: It refuses; the number says why.
    """
    import fcntl  # of POSIX alone  # noqa: PLC0415

    file = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(file, _REQBUFS, _ONE_BUFFER)
    finally:
        os.close(file)


def cause(target: Target, *, platform: str = sys.platform, dev: Path = DEV, ask: Callable[[Path], None] = ask_device) -> str:
    """Return in words why a webcam was not opened, and what to do.

    Args:
        target: What was to be opened; no stream.
        platform: As ``sys.platform``; elsewhere than on Linux the causes cannot be told from each other.
        dev: The folder of device files.
        ask: Asks a device for a picture buffer.
    """
    if platform != "linux":
        return _ELSEWHERE.get(platform, NO_PICTURE)
    if not any(dev.glob("video*")):
        return NONE
    try:
        ask(Path(target.source) if isinstance(target.source, str) else dev / f"video{target.source}")
    except OSError as error:
        return _WORDS.get(error.errno or 0, NO_PICTURE)
    return NO_PICTURE
