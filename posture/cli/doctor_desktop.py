"""The checks of ``posture doctor`` on the desktop: session, notifications, tray, presence, start at login, monitor."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from posture._support import NOT_RUN, Diagnostic, DiagnosticLevel, how_to_add, missing_for_qt
from posture.errors import PostureError


def _session() -> Iterator[Diagnostic]:
    if not sys.platform.startswith("linux"):
        yield Diagnostic.note("session", NOT_RUN)
        return
    from posture.desktop import session_kind

    kind = session_kind()
    desktop = f", desktop {kind.desktop}" if kind.desktop else ""
    if kind.compositor or (kind.display and kind.wayland is None):
        yield Diagnostic.ok("session", f"{kind.words}{desktop}")
    elif kind.wayland is None:
        yield Diagnostic.note("session", kind.words, "windows and the tray need one; analysing recordings doesn't")
    else:
        yield Diagnostic.note("session", f"{kind.words}{desktop}", "start posture from a terminal or menu of that session")


def _window() -> Iterator[Diagnostic]:
    if importlib.util.find_spec("PySide6") is None:
        yield Diagnostic.note("window", "there is none without PySide6", how_to_add("PySide6-Essentials tomlkit"))
    elif (missing := missing_for_qt()) is not None:
        yield Diagnostic.note("window", "Qt cannot show one on an X11 screen", missing)
    else:
        yield Diagnostic.ok("window", "Qt has all that it needs" if sys.platform.startswith("linux") else NOT_RUN)


def _notifications() -> Iterator[Diagnostic]:
    if not sys.platform.startswith("linux"):
        yield Diagnostic.note("notifications", NOT_RUN)
        return
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS") and not Path(f"/run/user/{os.getuid()}/bus").exists():
        yield Diagnostic.note("notifications", "no session bus", "reminders appear in the terminal")
        return
    try:
        server = asyncio.run(asyncio.wait_for(_notification_server(), 5.0))
    except (ImportError, OSError, EOFError, ValueError, TimeoutError) as error:
        yield Diagnostic.note(
            "notifications", f"the session bus isn't answering ({error or type(error).__name__})", "reminders appear in the terminal"
        )
        return
    if server is None:
        yield Diagnostic.note(
            "notifications",
            "no notification service is running",
            "start one (dunst, mako or your desktop's own); until then reminders appear in the terminal",
        )
    else:
        yield Diagnostic.ok("notifications", server)


async def _notification_server() -> str | None:
    from dbus_fast import Message, MessageType  # Linux only
    from dbus_fast.aio import MessageBus

    bus = await MessageBus().connect()
    try:
        name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
        reply = await bus.call(Message(destination=name, path=path, interface=name, member="GetServerInformation"))
        if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
            return None
        return f"{reply.body[0]} {reply.body[2]}"
    finally:
        bus.disconnect()


def _tray() -> Iterator[Diagnostic]:
    from posture.desktop.tray import icon as tray

    note = "" if sys.platform.startswith("linux") else f"; {NOT_RUN}"
    why = tray.available()
    if why is not None:
        yield Diagnostic.note("tray", f"{why}{note}", "notifications and the terminal work without it")
        return
    if not sys.platform.startswith("linux"):
        yield Diagnostic.note("tray", f"an icon with a menu{note}")
        return
    yield Diagnostic.ok("tray", "an icon with a menu" if tray.has_menu() else tray.NO_MENU)


def _presence() -> Iterator[Diagnostic]:
    from posture.desktop import presence_here

    note = "" if sys.platform.startswith("linux") else f"; {NOT_RUN}"
    with presence_here(lambda _change: None) as here:
        for aspect, knowledge in here.known.items():
            level = DiagnosticLevel.OK if knowledge.known else DiagnosticLevel.NOTE
            yield Diagnostic(aspect.value, level, knowledge.words + note, knowledge.fix)


def _autostart() -> Iterator[Diagnostic]:
    from posture.desktop import autostart_here

    try:
        status = autostart_here().status()
    except PostureError as error:
        yield Diagnostic.note("start at login", str(error))
    else:
        yield Diagnostic.ok("start at login", status.words)


def _monitor() -> Iterator[Diagnostic]:
    from posture.monitor.control import client

    try:
        running = client.running()
    except PostureError as error:
        yield Diagnostic.broken("monitor", str(error), "stop that process")
    else:
        found = "not running" if running is None else f"process {running.get('pid')}, {running.get('mode')}"
        yield Diagnostic.ok("monitor", found)


CHECKS: tuple[Callable[[], Iterator[Diagnostic]], ...] = (_session, _window, _notifications, _tray, _presence, _autostart, _monitor)
