"""Services on the bus of the login that a test can switch: a screen saver, a notification service as KDE's, Mutter's idle monitor."""

# No `from __future__ import annotations` here: dbus-fast reads the annotations as they are.
import asyncio
import contextlib
import threading
from collections.abc import Iterator

from dbus_fast import BusType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusUInt32, DBusUInt64
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal


class Saver(ServiceInterface):
    """A screen saver."""

    name, path = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"

    def __init__(self) -> None:
        super().__init__(self.name)
        self.active = False

    @dbus_method()
    def GetActive(self) -> DBusBool:
        return self.active

    @dbus_signal()
    def ActiveChanged(self) -> DBusBool:
        return self.active

    def switch(self, on: bool) -> None:
        self.active = on
        self.ActiveChanged()


class Kde(ServiceInterface):
    """The one property of Plasma's notification service that matters here."""

    name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

    def __init__(self) -> None:
        super().__init__(self.name)
        self.inhibited = False

    @dbus_property(access=PropertyAccess.READ)
    def Inhibited(self) -> DBusBool:
        return self.inhibited

    def switch(self, on: bool) -> None:
        self.inhibited = on
        self.emit_properties_changed({"Inhibited": on})


class Mutter(ServiceInterface):
    """Mutter's idle monitor, for one client: switched on, nothing was touched for the length of each idle watch."""

    name, path = "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core"

    def __init__(self) -> None:
        super().__init__(self.name)
        self.idle = False
        self.watches: dict[int, int] = {}
        """Those not fired for good: their lengths in ms; 0: until somebody is active."""
        self._last = 0

    @dbus_method()
    def GetIdletime(self) -> DBusUInt64:
        return max(self.watches.values(), default=0) if self.idle else 0

    @dbus_method()
    def AddIdleWatch(self, interval: DBusUInt64) -> DBusUInt32:
        return self._add(interval)

    @dbus_method()
    def AddUserActiveWatch(self) -> DBusUInt32:
        return self._add(0)

    @dbus_signal()
    def WatchFired(self, watch: DBusUInt32) -> DBusUInt32:
        return watch

    def switch(self, on: bool) -> None:
        self.idle = on
        for watch, interval in list(self.watches.items()):
            if (interval > 0) == on:
                self.WatchFired(watch)
            if interval == 0 and not on:
                del self.watches[watch]

    def _add(self, interval: int) -> int:
        self._last += 1
        self.watches[self._last] = interval
        return self._last


class Served:
    """A service on a bus, run in a thread of its own."""

    def __init__(self, service: Saver | Kde | Mutter, loop: asyncio.AbstractEventLoop) -> None:
        self._service, self._loop = service, loop

    def switch(self, on: bool) -> None:
        """Have it on or off, and say so on the bus."""

        async def switch() -> None:
            self._service.switch(on)

        asyncio.run_coroutine_threadsafe(switch(), self._loop).result(10)


@contextlib.contextmanager
def served(address: str, service: Saver | Kde | Mutter) -> Iterator[Served]:
    """The service, while the block runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> MessageBus:
        bus = await MessageBus(address, BusType.SESSION).connect()
        bus.export(service.path, service)
        await bus.request_name(service.name)
        return bus

    async def end(bus: MessageBus) -> None:
        bus.disconnect()
        await bus.wait_for_disconnect()

    bus = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield Served(service, loop)
    finally:
        asyncio.run_coroutine_threadsafe(end(bus), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
