"""Idle on GNOME: Mutter's IdleMonitor on the session bus, since Mutter offers no Wayland protocol for it.

Facts: an idle watch fires each time that nothing was touched for its length, a user-active watch fires once and is gone. Watches
belong to the connection that asked for them.
"""

from __future__ import annotations

import asyncio

from dbus_fast import Message

from posture.desktop.dbus import Bus, owner_changed
from posture.desktop.presence.idle import IdleSources

SOURCE = "Mutter"
"""Its name among the sources of idleness."""
_NAME, _PATH = "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core"


class MutterIdle:
    """Watches Mutter's core idle monitor, in one event loop."""

    def __init__(self, idle: IdleSources) -> None:
        """Facts go to `idle`, and how they are known."""
        self._idle = idle
        self._idle_ms = round(1000 * idle.idle_s)
        self._found = False
        self._one_check = asyncio.Lock()

    async def visit(self, bus: Bus) -> None:
        """Watch on this connection; return when the current state is published."""
        bus.on_signal(lambda message: self._handle_signal(bus, message))
        await bus.match_owner(_NAME)
        await bus.match(sender=_NAME, interface=_NAME, path=_PATH, member="WatchFired")
        await self._begin(bus)

    def lost(self, why: str) -> None:
        """Bus lost: nothing is known by it. Where Mutter was never there, it has no part in this."""
        self._idle.no(SOURCE, f"GNOME's Mutter isn't answering ({why})" if self._found else "")

    async def _begin(self, bus: Bus) -> None:
        if not await bus.has(_NAME):
            self.lost("it isn't running")
        elif await bus.ask(_NAME, _PATH, _NAME, "AddIdleWatch", "t", self._idle_ms) is None:
            self.lost("it refuses")
        else:
            self._found = True
            self._idle.yes(SOURCE, "by GNOME's Mutter; a film that keeps the screen on doesn't count as use")
            await self._check(bus)

    async def _check(self, bus: Bus) -> None:
        async with self._one_check:
            idle = await self._untouched(bus)
            if idle:
                await bus.ask(_NAME, _PATH, _NAME, "AddUserActiveWatch")
                idle = await self._untouched(bus)  # somebody may have come before the watch was there
            self._idle.say(SOURCE, idle)

    async def _untouched(self, bus: Bus) -> bool:
        answer = await bus.ask(_NAME, _PATH, _NAME, "GetIdletime")
        return bool(answer and answer[0] >= self._idle_ms)

    def _handle_signal(self, bus: Bus, message: Message) -> None:
        if (owner := owner_changed(message)) is not None and owner[0] == _NAME:
            bus.tasks.create_task(self._begin(bus))
        elif message.member == "WatchFired" and message.interface == _NAME:
            bus.tasks.create_task(self._check(bus))
