"""What could show a tray icon on a Linux desktop: a display, an indicator host on the bus, an XEMBED tray. Asks, changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass

from posture.desktop.x11 import probe

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
"""Where indicators register, on the session bus; its interface has the same name."""
GRACE_S, BETTER_S = 10.0, 30.0
"""How long a panel may be gone before an X11 tray gets the icon (one that restarts is back by then), and how often a panel that
shows the menu too is looked for while an X11 tray has it."""
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
    """Return the hosts that are there now."""
    return Hosts(indicator=indicator(), xembed=xembed_owner() is not None)


def no_display(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return why no icon can ever be shown in this session, in plain words; ``None`` if one can."""
    if environment.get("WAYLAND_DISPLAY"):
        return None
    name = environment.get("DISPLAY")
    if not name:
        return "No tray icon over ssh." if environment.get("SSH_CONNECTION") else "No tray icon without a display."
    return None if _opens(name) else f"No tray icon: the display {name} can't be opened."


def no_host(environment: Mapping[str, str] = os.environ) -> str:
    """Return the message for a desktop without a host."""
    desktop = environment.get("XDG_CURRENT_DESKTOP", "")
    if "GNOME" in desktop.upper():
        return "No tray icon: GNOME shows them only with its AppIndicator extension."
    return "No tray icon: no panel on this desktop shows them."


def xembed_owner() -> int | None:
    """Return the number of the X window that hosts tray icons; ``None`` if there is none, or no X display."""
    from Xlib import X, display  # Linux only  # noqa: PLC0415
    from Xlib.error import DisplayError  # noqa: PLC0415

    name = os.environ.get("DISPLAY", "")
    if not name:
        return None
    try:
        probe(name)
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

    try:
        probe(name)
        display.Display(name).close()
    except (DisplayError, OSError):
        return False
    return True


def indicator() -> bool:
    """Whether a panel on the session bus shows indicators."""
    try:
        from posture.desktop.dbus import read_property  # Linux only  # noqa: PLC0415

        asked = read_property(WATCHER, WATCHER_PATH, WATCHER, "IsStatusNotifierHostRegistered")
        return bool(asyncio.run(asyncio.wait_for(asked, _BUS_S)))
    except (ImportError, OSError, EOFError, ValueError, TimeoutError):  # no bus, or none that answers
        return False
