"""Which cameras there are, what they are called, and how one is known again.

An index is a place in a queue: it changes when a camera is unplugged, and after a restart. So a camera that was opened once is known
by its stable path, or by its name where the system has no such path, and another one is never taken for it.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from posture._support import bare_address
from posture.errors import InputError

SYSFS = Path("/sys/class/video4linux")
DEV = Path("/dev")
_LISTING_S = 10.0  # system_profiler takes a second or two


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine."""

    index: int
    """As OpenCV counts; may be another one tomorrow."""
    name: str
    path: str | None = None
    """A path or id that stays; ``None`` if the system gives none."""
    node: str | None = None
    """The device file, on Linux."""


Listing = Callable[[], Sequence[CameraInfo]]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be opened."""

    source: str | int
    """A stream's address, a device file, or an index."""
    label: str
    """What to call it before the user; a stream's password is not in it."""
    stream: bool = False
    info: CameraInfo | None = None
    """The camera that it is, if the system tells; ``None`` for a stream."""


def list_cameras(platform: str = sys.platform, sysfs: Path = SYSFS, dev: Path = DEV) -> list[CameraInfo]:
    """Return the cameras of this machine, by index; empty if there are none or the system does not tell.

    Linux is what we run and test; Windows and macOS follow their documentation and were not run by us.

    Args:
        platform: As ``sys.platform``.
        sysfs: The kernel's folder of video devices.
        dev: The folder of device files.
    """
    if platform == "linux":
        return _linux(sysfs, dev)
    if platform == "win32":
        return _windows()
    return _macos() if platform == "darwin" else []


def _linux(sysfs: Path, dev: Path) -> list[CameraInfo]:
    """From sysfs alone: no device is opened, so that a broken one cannot hang the list and a camera's light stays off."""
    found: list[tuple[int, str]] = []
    for folder in sysfs.glob("video*"):
        number = folder.name.removeprefix("video")
        # uvcvideo gives every camera a second node for metadata, of the same name and with index 1, that yields no pictures
        if number.isdecimal() and _line(folder / "index", "0") == "0":
            found.append((int(number), _line(folder / "name", folder.name)))
    names = [name for _, name in found]
    return [
        CameraInfo(number, name, _stable(dev, number, twins=names.count(name) > 1), str(dev / f"video{number}"))
        for number, name in sorted(found)
    ]


def _line(file: Path, default: str) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip() or default
    except OSError:  # unplugged meanwhile
        return default


def _stable(dev: Path, number: int, *, twins: bool) -> str | None:
    """Return the link that udev keeps for a device: by its id, but by its socket where two are of one make and may have no serial
    number."""
    for folder in ("by-path", "by-id") if twins else ("by-id", "by-path"):
        for link in sorted((dev / "v4l" / folder).glob("*")):
            if link.resolve().name == f"video{number}":
                return str(link)
    return None


def _windows() -> list[CameraInfo]:
    """Not run by us. In DirectShow's order, which is OpenCV's with CAP_DSHOW; the device's own path stays with it."""
    av = importlib.import_module("av")
    enumerate_devices = getattr(av, "enumerate_input_devices", None)  # from PyAV 17 on
    if enumerate_devices is None:
        return []
    try:
        devices = [d for d in enumerate_devices("dshow") if "video" in d.media_types]
    except (ValueError, OSError):
        return []
    return [CameraInfo(i, d.description or d.name, d.name) for i, d in enumerate(devices)]


def _macos() -> list[CameraInfo]:
    """Not run by us. Sorted by unique id, as OpenCV sorts them (its pull request 22946); the id stays with the camera."""
    call = ["/usr/sbin/system_profiler", "-json", "SPCameraDataType"]
    try:
        told = subprocess.run(call, capture_output=True, text=True, check=True, timeout=_LISTING_S).stdout
        items = json.loads(told).get("SPCameraDataType", [])
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    items.sort(key=lambda item: item.get("spcamera_unique-id", ""))
    return [CameraInfo(i, item.get("_name", f"camera {i}"), item.get("spcamera_unique-id")) for i, item in enumerate(items)]


def is_stream(address: str) -> bool:
    """Tell whether it is the address of a stream: ``http://…``, ``rtsp://…`` and their like."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", address) is not None


def find(address: str, cameras: Sequence[CameraInfo], known: CameraInfo | None = None) -> Target:
    """Tell what `address` means now.

    Args:
        address: A stream's address, an index, a device file or stable path, or a camera's name (or a part of it that only one has).
        cameras: As `list_cameras` gives them.
        known: The camera that it meant before; it alone will do.

    Raises:
        InputError: The camera is not there, or it cannot be told which is meant.
    """
    if is_stream(address):
        return Target(address, bare_address(address), stream=True)
    if known is not None:
        return _target(_again(known, cameras))
    if address.isdecimal():
        return _by_index(int(address), cameras)
    if address.startswith("/"):
        return _by_path(address, cameras)
    return _target(_by_name(address, cameras))


def _target(info: CameraInfo) -> Target:
    return Target(info.node or info.index, info.name, info=info)


def _again(known: CameraInfo, cameras: Sequence[CameraInfo]) -> CameraInfo:
    if known.path is not None:
        same = [c for c in cameras if c.path == known.path or (c.name == known.name and _resolves_to(known.path, c))]
    else:
        same = [c for c in cameras if c.name == known.name]
    if not same:
        raise InputError(f"{known.name}: not connected")
    if len(same) > 1:
        raise InputError(f"{known.name}: there are {len(same)} cameras of this name now, and no way to tell them apart")
    return same[0]


def _resolves_to(path: str, camera: CameraInfo) -> bool:
    """Resolve a link of udev: a second camera of one make changes which link is preferred, not where the old one leads."""
    return camera.node is not None and path.startswith("/") and Path(path).resolve().name == Path(camera.node).name


def _by_index(index: int, cameras: Sequence[CameraInfo]) -> Target:
    for camera in cameras:
        if camera.index == index:
            return _target(camera)
    if cameras:
        raise InputError(f"camera {index}: not connected; there {_there(cameras)}")
    return Target(index, f"camera {index}")


def _by_path(path: str, cameras: Sequence[CameraInfo]) -> Target:
    device = Path(path)
    for camera in cameras:
        if path in (camera.path, camera.node) or _resolves_to(path, camera):
            # The path that the user chose is what it is known by, be it a socket or an id; a plain number is not.
            own = path if not re.fullmatch(r"video\d+", device.name) else camera.path
            return _target(CameraInfo(camera.index, camera.name, own, camera.node))
    if not device.exists():
        raise InputError(f"{path}: not connected" + (f"; there {_there(cameras)}" if cameras else ""))
    return Target(path, path)


def _by_name(name: str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    wanted = name.casefold()
    same = [c for c in cameras if c.name.casefold() == wanted] or [c for c in cameras if wanted in c.name.casefold()]
    if len(same) > 1:
        raise InputError(
            f"{name}: there are {len(same)} such cameras; name one by its path: {', '.join(c.path or str(c.index) for c in same)}"
        )
    if not same:
        raise InputError(f"{name}: not connected" + (f"; there {_there(cameras)}" if cameras else ""))
    return same[0]


def _there(cameras: Sequence[CameraInfo]) -> str:
    return "is " * (len(cameras) == 1) + "are " * (len(cameras) > 1) + ", ".join(f"{c.index} {c.name}" for c in cameras)
