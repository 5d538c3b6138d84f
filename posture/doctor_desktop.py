"""What of the desktop works on this machine: display, notifications, tray, what is known of the person's presence, start at login."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from posture.checks import NOT_RUN, Check, State
from posture.model import PostureError


def _display() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("display", State.NOTE, NOT_RUN)
        return
    found = [f"{name}={value}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if (value := os.environ.get(name))]
    if found:
        yield Check("display", State.OK, ", ".join(found))
    else:
        yield Check("display", State.NOTE, "none", "windows and the tray need one; analysing recordings does not")


def _notifications() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("notifications", State.NOTE, NOT_RUN)
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
    from posture.desktop import tray  # noqa: PLC0415 # loads Pillow, which may be what is broken

    note = "" if sys.platform.startswith("linux") else f"; {NOT_RUN}"
    why = tray.available()
    if why is not None:
        yield Check("tray", State.NOTE, f"{why}{note}", "notifications and the terminal do without")
        return
    if not sys.platform.startswith("linux"):
        yield Check("tray", State.NOTE, f"an icon with a menu{note}")
        return
    try:
        importlib.import_module("gi")
    except ImportError:
        mend = "sudo apt-get install libgirepository1.0-dev libcairo2-dev pkg-config gcc gir1.2-gtk-3.0 gir1.2-ayatanaappindicator3-0.1; "
        mend += "pip install 'posture-monitor[tray]'"
        yield Check("tray", State.NOTE, "an icon without a menu, as PyGObject is missing; a click opens today's page", mend)
    else:
        yield Check("tray", State.OK, "an icon with a menu")


def _presence() -> Iterator[Check]:
    from posture.desktop.presence import presence  # noqa: PLC0415

    note = "" if sys.platform.startswith("linux") else f"; {NOT_RUN}"
    with presence(lambda _change: None) as here:
        for aspect, knowledge in here.known.items():
            yield Check(aspect.value, State.OK if knowledge.known else State.NOTE, knowledge.words + note)


def _autostart() -> Iterator[Check]:
    from posture.desktop.autostart import autostart  # noqa: PLC0415

    try:
        status = autostart().status()
    except PostureError as error:
        yield Check("start at login", State.NOTE, str(error))
    else:
        yield Check("start at login", State.OK, status.words)


def _monitor() -> Iterator[Check]:
    from posture.control import client  # noqa: PLC0415

    try:
        running = client.running()
    except PostureError as error:
        yield Check("monitor", State.BROKEN, str(error), "end that process")
    else:
        found = "not running" if running is None else f"process {running.get('pid')}, {running.get('mode')}"
        yield Check("monitor", State.OK, found)


CHECKS: tuple[Callable[[], Iterator[Check]], ...] = (_display, _notifications, _tray, _presence, _autostart, _monitor)
