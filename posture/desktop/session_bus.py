"""Screen savers and do-not-disturb, on the bus of the login.

Do-not-disturb is known where the desktop says it in a way that others can read: KDE and dunst as a property of their
notification service, GNOME as a setting. A screen saver that is on counts as a lock: nobody looks at the screen.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess

from dbus_fast import Message

from posture.desktop.bus import Bus, changed, owner_changed
from posture.desktop.presence import Aspect, Cause, Known, Teller

_SAVERS = {
    "org.freedesktop.ScreenSaver": "/org/freedesktop/ScreenSaver",
    "org.gnome.ScreenSaver": "/org/gnome/ScreenSaver",
    "org.cinnamon.ScreenSaver": "/org/cinnamon/ScreenSaver",
    "org.mate.ScreenSaver": "/org/mate/ScreenSaver",
    "org.xfce.ScreenSaver": "/org/xfce/ScreenSaver",
}
_NOTIFICATIONS, _NOTIFICATIONS_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_PROPERTIES = {"KDE": ("org.freedesktop.Notifications", "Inhibited"), "dunst": ("org.dunstproject.cmd0", "paused")}
_WRITER = "ca.desrt.dconf.Writer"
_GNOME_KEY = "/org/gnome/desktop/notifications/show-banners"
_WORDS = "the desktop is set to do not disturb"


class SessionBus:
    """Watches the bus of the login, in one event loop."""

    def __init__(self, teller: Teller, known: Known) -> None:
        """Facts go to `teller`, and how they are known to `known`."""
        self._teller, self._known = teller, known
        self._gnome = "gnome" in os.environ.get("XDG_CURRENT_DESKTOP", "").lower() and shutil.which("gsettings") is not None

    async def visit(self, bus: Bus) -> None:
        """Watch on this connection; returns when what is the case is told."""
        bus.on_signal(lambda message: self._take(bus, message))
        for name in _SAVERS:
            await bus.match(interface=name, member="ActiveChanged")
        for name in (*_SAVERS, _NOTIFICATIONS):
            await bus.match_owner(name)
        await bus.match(path=_NOTIFICATIONS_PATH, interface="org.freedesktop.DBus.Properties", member="PropertiesChanged")
        if self._gnome:
            await bus.match(interface=_WRITER, member="Notify")
        for name in _SAVERS:
            await self._look_at_saver(bus, name)
        await self._look_at_service(bus)

    def lost(self, why: str) -> None:
        """The bus is gone; a lock that was told stays until there is a bus that says otherwise."""
        self._known.no(Aspect.DO_NOT_DISTURB, f"the session bus: {why}")
        self._teller.quiet(Cause.DO_NOT_DISTURB, None)

    def _take(self, bus: Bus, message: Message) -> None:
        owner = owner_changed(message)
        if owner is not None and owner[0] in _SAVERS:
            bus.tasks.create_task(self._look_at_saver(bus, owner[0]))
        elif owner is not None:
            bus.tasks.create_task(self._look_at_service(bus))
        elif message.member == "ActiveChanged" and message.interface in _SAVERS:
            self._teller.lock(message.interface, bool(message.body[0]))
        elif message.member == "Notify" and message.interface == _WRITER:
            if _GNOME_KEY.startswith(message.body[0]) or message.body[0].startswith(_GNOME_KEY):
                bus.tasks.create_task(self._look_at_gnome())
        else:
            for interface, name in _PROPERTIES.values():
                on = changed(message, interface, name)
                if on is not None:
                    self._quiet(bool(on))

    async def _look_at_saver(self, bus: Bus, name: str) -> None:
        answer = await bus.ask(name, _SAVERS[name], name, "GetActive") if await bus.has(name) else None
        self._teller.lock(name, bool(answer and answer[0]))
        if answer is not None and not self._known[Aspect.LOCK].known:
            self._known.yes(Aspect.LOCK, f"by {name}")

    async def _look_at_service(self, bus: Bus) -> None:
        """Ask the notification service that runs now, whichever it is."""
        if self._gnome:
            await self._look_at_gnome()
            return
        for desktop, (interface, name) in _PROPERTIES.items():
            on = await bus.get(_NOTIFICATIONS, _NOTIFICATIONS_PATH, interface, name)
            if on is not None:
                self._known.yes(Aspect.DO_NOT_DISTURB, f"by the notification service ({desktop})")
                self._quiet(bool(on))
                return
        runs = await bus.has(_NOTIFICATIONS)
        self._known.no(
            Aspect.DO_NOT_DISTURB, "this notification service does not say" if runs else "no notification service runs to be asked"
        )
        self._quiet(False)

    async def _look_at_gnome(self) -> None:
        said = await asyncio.to_thread(_show_banners)
        if said is None:
            self._known.no(Aspect.DO_NOT_DISTURB, "gsettings does not say")
        else:
            self._known.yes(Aspect.DO_NOT_DISTURB, "by GNOME's setting")
        self._quiet(said is False)

    def _quiet(self, on: bool) -> None:
        self._teller.quiet(Cause.DO_NOT_DISTURB, _WORDS if on else None)


def _show_banners() -> bool | None:
    """Whether GNOME shows notifications; ``None`` if that is not to be had."""
    command = ["gsettings", "get", "org.gnome.desktop.notifications", "show-banners"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"true": True, "false": False}.get(said)
