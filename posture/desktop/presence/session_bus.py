"""Screen savers and do-not-disturb, on the session bus.

Do-not-disturb is known where other programs can read it: KDE and dunst as a property of their
notification service, GNOME as a setting. A screen saver that is on counts as a lock: nobody looks at the screen.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections import Counter

from dbus_fast import Message

from posture.desktop.dbus import Bus, changed, owner_changed
from posture.desktop.presence.changes import Aspect, Capabilities, Publisher

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
    """Watches the session bus, in one event loop."""

    def __init__(self, publisher: Publisher, known: Capabilities) -> None:
        """Facts go to `publisher`, and how they are known to `known`."""
        self._publisher, self._known = publisher, known
        self._savers_said = Counter[str]()
        self._gnome = "gnome" in os.environ.get("XDG_CURRENT_DESKTOP", "").lower() and shutil.which("gsettings") is not None

    async def visit(self, bus: Bus) -> None:
        """Watch on this connection; return when the current state is published."""
        bus.on_signal(lambda message: self._handle_signal(bus, message))
        for name in _SAVERS:
            await bus.match(interface=name, member="ActiveChanged")
        for name in (*_SAVERS, _NOTIFICATIONS):
            await bus.match_owner(name)
        await bus.match(path=_NOTIFICATIONS_PATH, interface="org.freedesktop.DBus.Properties", member="PropertiesChanged")
        if self._gnome:
            await bus.match(interface=_WRITER, member="Notify")
        for name in _SAVERS:
            await self._check_saver(bus, name)
        await self._check_service(bus)

    def lost(self, why: str) -> None:
        """Bus lost: keep the last known lock state, so that the camera stays off."""
        self._known.no(Aspect.DO_NOT_DISTURB, f"the session bus: {why}", "start the monitor from your desktop's session")
        self._publisher.publish(Aspect.DO_NOT_DISTURB, None)

    def _handle_signal(self, bus: Bus, message: Message) -> None:
        owner = owner_changed(message)
        if owner is not None and owner[0] in _SAVERS:
            bus.tasks.create_task(self._check_saver(bus, owner[0]))
        elif owner is not None and owner[0] == _NOTIFICATIONS:
            bus.tasks.create_task(self._check_service(bus))
        elif message.member == "ActiveChanged" and message.interface in _SAVERS:
            self._savers_said[message.interface] += 1
            self._publisher.lock(message.interface, bool(message.body[0]))
        elif message.member == "Notify" and message.interface == _WRITER:
            if _GNOME_KEY.startswith(message.body[0]) or message.body[0].startswith(_GNOME_KEY):
                bus.tasks.create_task(self._check_gnome())
        else:
            for interface, name in _PROPERTIES.values():
                on = changed(message, interface, name)
                if on is not None:
                    self._publish(bool(on))

    async def _check_saver(self, bus: Bus, name: str) -> None:
        said = self._savers_said[name]
        answer = await bus.ask(name, _SAVERS[name], name, "GetActive") if await bus.has(name) else None
        if answer is None or self._savers_said[name] == said:  # else a signal came meanwhile, and knows better
            self._publisher.lock(name, bool(answer and answer[0]))
        if answer is not None and not self._known[Aspect.LOCK].known:
            self._known.yes(Aspect.LOCK, f"by {name}")

    async def _check_service(self, bus: Bus) -> None:
        """Ask the running notification service for do-not-disturb."""
        if self._gnome:
            await self._check_gnome()
            return
        for desktop, (interface, name) in _PROPERTIES.items():
            on = await bus.get(_NOTIFICATIONS, _NOTIFICATIONS_PATH, interface, name)
            if on is not None:
                self._known.yes(Aspect.DO_NOT_DISTURB, f"by the notification service ({desktop})")
                self._publish(bool(on))
                return
        if await bus.has(_NOTIFICATIONS):
            self._known.no(Aspect.DO_NOT_DISTURB, "this notification service doesn't say", "those of KDE and GNOME do, and dunst")
        else:
            self._known.no(Aspect.DO_NOT_DISTURB, "no notification service is running to ask", "start one, such as dunst")
        self._publish(False)

    async def _check_gnome(self) -> None:
        said = await asyncio.to_thread(_show_banners)
        if said is None:
            self._known.no(Aspect.DO_NOT_DISTURB, "gsettings doesn't say")
        else:
            self._known.yes(Aspect.DO_NOT_DISTURB, "by GNOME's setting")
        self._publish(said is False)

    def _publish(self, on: bool) -> None:
        self._publisher.publish(Aspect.DO_NOT_DISTURB, _WORDS if on else None)


def _show_banners() -> bool | None:
    """Whether GNOME shows notifications; ``None`` if that is not to be had."""
    command = ["gsettings", "get", "org.gnome.desktop.notifications", "show-banners"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"true": True, "false": False}.get(said)
