"""What could show a tray icon on a Linux desktop: a display, an indicator host on the bus, an XEMBED tray. Asks, changes nothing."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_WATCHER, _WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
_BUS_S = 3.0


@dataclass(frozen=True, slots=True)
class Hosts:
    """What there is to show an icon in."""

    indicator: bool = False
    """A StatusNotifierWatcher with a host: KDE, Xfce, LXQt, GNOME with its extension."""
    xembed: bool = False
    """An owner of the system tray selection on the X display: the older way."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.indicator or self.xembed


def look() -> Hosts:
    """What is there now."""
    return Hosts(indicator=_indicator(), xembed=xembed_owner() is not None)


def no_display(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no icon can ever be shown in this session, in plain words; ``None`` if one can."""
    if environment.get("WAYLAND_DISPLAY"):
        return None
    name = environment.get("DISPLAY")
    if not name:
        return "No tray icon over ssh." if environment.get("SSH_CONNECTION") else "No tray icon without a display."
    return None if _opens(name) else f"No tray icon: the display {name} cannot be opened."


def no_host(environment: Mapping[str, str] = os.environ) -> str:
    """What to say when no host is there."""
    desktop = environment.get("XDG_CURRENT_DESKTOP", "")
    if "GNOME" in desktop.upper():
        return "No tray icon: GNOME shows them only with its AppIndicator extension."
    return "No tray icon: no panel on this desktop shows them."


def xembed_owner() -> int | None:
    """The X window that takes tray icons in, as its number; ``None`` if there is none, or no X display."""
    from Xlib import X, display  # noqa: PLC0415 # Linux only
    from Xlib.error import DisplayError  # noqa: PLC0415

    if not _answers(os.environ.get("DISPLAY", "")):
        return None
    try:
        connection = display.Display()
    except (DisplayError, OSError):
        return None
    try:
        atom = connection.intern_atom(f"_NET_SYSTEM_TRAY_S{connection.get_default_screen()}")
        owner = connection.get_selection_owner(atom)
        return None if owner == X.NONE else int(owner.id)
    finally:
        connection.close()


def _opens(name: str) -> bool:
    from Xlib import display  # noqa: PLC0415
    from Xlib.error import DisplayError  # noqa: PLC0415

    if not _answers(name):
        return False
    try:
        display.Display(name).close()
    except (DisplayError, OSError):
        return False
    return True


def _answers(name: str) -> bool:
    """Whether anybody listens at a display of this machine; python-xlib would go on and try the Internet protocol.

    A display of another machine (``ssh -X``) was named by the person and is taken to be there.
    """
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", name)
    if local is None:
        return bool(name)
    path = f"/tmp/.X11-unix/X{local[1]}"
    for address in (path, f"\0{path}"):
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(address)
            except OSError:
                continue
            return True
    return False


def _indicator() -> bool:
    try:
        return asyncio.run(asyncio.wait_for(_has_indicator_host(), _BUS_S))
    except (ImportError, OSError, EOFError, ValueError, TimeoutError):  # no bus, or none that answers
        return False


async def _has_indicator_host() -> bool:
    from dbus_fast import Message, MessageType  # noqa: PLC0415 # Linux only
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    bus = await MessageBus().connect()
    try:
        reply = await bus.call(
            Message(
                destination=_WATCHER,
                path=_WATCHER_PATH,
                interface="org.freedesktop.DBus.Properties",
                member="Get",
                signature="ss",
                body=[_WATCHER, "IsStatusNotifierHostRegistered"],
            )
        )
        return reply is not None and reply.message_type is MessageType.METHOD_RETURN and bool(reply.body[0].value)
    finally:
        bus.disconnect()
