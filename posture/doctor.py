"""What works on this machine, what does not, and how to mend it. Runs whatever is broken; changes nothing."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from posture import __version__, config, paths, weights
from posture.model import PostureError
from posture.store import Store, default_path
from posture.syslibs import missing_library


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    """Something that not everybody needs is not there."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    state: State
    found: str
    mend: str = ""
    """How to mend it; empty if there is nothing to mend."""


_PACKAGES = {
    "numpy": "numpy",
    "opencv-python": "cv2",
    "mediapipe": "mediapipe",
    "av": "av",
    "matplotlib": "matplotlib",
    "pydantic": "pydantic",
    "rich": "rich",
    "typer": "typer",
    "platformdirs": "platformdirs",
    "jinja2": "jinja2",
    "desktop-notifier": "desktop_notifier",
}
_WHEELS = {("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "AMD64")}
_NOT_RUN = "not run on this system by us"


def examine() -> Iterator[Check]:
    """All checks, one by one."""
    checks: list[Callable[[], Iterator[Check]]] = [
        _system,
        _python,
        packages,
        _settings,
        _model,
        _cameras,
        _display,
        _notifications,
        _tray,
        _database,
    ]
    for check in checks:
        yield from check()


def _system() -> Iterator[Check]:
    name = f"{platform.system()} {platform.release()} {platform.machine()}"
    if (platform.system(), platform.machine()) not in _WHEELS:
        yield Check("system", State.BROKEN, name, "MediaPipe 0.10.31 exists for Linux x86_64, macOS arm64 and Windows x64 only")
    elif sys.platform.startswith("linux"):
        yield Check("system", State.OK, name)
    else:
        yield Check("system", State.NOTE, f"{name}: {_NOT_RUN}")


def _python() -> Iterator[Check]:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= (3, 11):  # noqa: UP036 # a copy run by an older Python must still say so
        yield Check("python", State.OK, found)
    else:
        yield Check("python", State.BROKEN, found, "Python 3.11 or later is needed")
    yield Check("posture", State.OK, __version__)


def packages() -> Iterator[Check]:
    """Whether each package that is needed can be loaded, and what is missing if not."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a home that cannot be written makes it talk of its cache
    for package, module in _PACKAGES.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "version unknown"
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 # a broken package may raise anything at its import, and doctor must outlive it
            mend = missing_library(error) or f"pip install --force-reinstall {package}"
            yield Check(package, State.BROKEN, f"{found}, cannot be loaded: {error or type(error).__name__}", mend)
        else:
            yield Check(package, State.OK, found)


def _settings() -> Iterator[Check]:
    file = paths.config_file()
    try:
        config.load(file if file.exists() else None)
    except PostureError as error:
        yield Check("settings", State.BROKEN, str(error), "mend the line, or move the file away; posture config show explains each setting")
    else:
        yield Check("settings", State.OK, str(file) if file.exists() else "the defaults")


def _model() -> Iterator[Check]:
    for found in weights.verify(weights.DEFAULT):
        where = f"{found.name}, {found.state}: {found.path}"
        if found.ok:
            yield Check("pose model", State.OK, where)
        else:
            missing = found.state is weights.State.MISSING
            yield Check("pose model", State.NOTE if missing else State.BROKEN, where, "posture model fetch")


def _cameras() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("cameras", State.NOTE, f"not listed: {_NOT_RUN}")
        return
    found = [f"{_read(p / 'name')} (/dev/{p.name})" for p in sorted(Path("/sys/class/video4linux").glob("video*"))]
    if not found:
        yield Check("cameras", State.NOTE, "none", "plug one in; recordings need none")
        return
    closed = [p for p in Path("/dev").glob("video*") if not os.access(p, os.R_OK | os.W_OK)]
    mend = "no access: sudo usermod -aG video $USER, then log in again" if closed else ""
    yield Check("cameras", State.NOTE if closed else State.OK, ", ".join(found), mend)


def _display() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("display", State.NOTE, _NOT_RUN)
        return
    found = [f"{name}={value}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if (value := os.environ.get(name))]
    if found:
        yield Check("display", State.OK, ", ".join(found))
    else:
        yield Check("display", State.NOTE, "none", "windows and the tray need one; analysing recordings does not")


def _notifications() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("notifications", State.NOTE, _NOT_RUN)
        return
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS") and not Path(f"/run/user/{os.getuid()}/bus").exists():
        yield Check("notifications", State.NOTE, "no session bus", "prompts are shown in the terminal")
        return
    try:
        server = asyncio.run(asyncio.wait_for(_notification_server(), 5.0))
    except (ImportError, OSError, EOFError, ValueError, TimeoutError) as error:
        yield Check(
            "notifications",
            State.NOTE,
            f"the session bus does not answer ({error or type(error).__name__})",
            "prompts are shown in the terminal",
        )
        return
    if server is None:
        yield Check(
            "notifications",
            State.NOTE,
            "no notification service runs",
            "start one (dunst, mako, your desktop's own); until then the terminal is used",
        )
    else:
        yield Check("notifications", State.OK, server)


async def _notification_server() -> str | None:
    from dbus_fast import Message, MessageType  # noqa: PLC0415 # Linux only
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    bus = await MessageBus().connect()
    try:
        name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
        reply = await bus.call(Message(destination=name, path=path, interface=name, member="GetServerInformation"))
        if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
            return None
        return f"{reply.body[0]} {reply.body[2]}"
    finally:
        bus.disconnect()


def _tray() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("tray", State.NOTE, _NOT_RUN)
        return
    try:
        importlib.import_module("gi")
    except ImportError:
        yield Check("tray", State.NOTE, "no PyGObject, so a tray icon has no menu", "pip install 'posture-monitor[tray]'")
    else:
        yield Check("tray", State.OK, "PyGObject")


def _database() -> Iterator[Check]:
    if not default_path().exists():
        yield Check("database", State.OK, f"{default_path()}: not there yet; made on first use")
        return
    try:
        with Store.open() as store:
            store.check()
            where = store.path
    except PostureError as error:
        yield Check("database", State.BROKEN, str(error), "the line says what to do")
    else:
        yield Check("database", State.OK, str(where))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return "unnamed"
