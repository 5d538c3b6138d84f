"""A back end of pystray for Linux panels: ``org.kde.StatusNotifierItem`` with its menu, over D-Bus and nothing else.

Imported late, by ``backends``. The loop of the bus runs in ``run``; changes from other threads are passed to it and return at once.
Annotations are not postponed here: dbus-fast reads the signatures from them, and ``None`` only as such.
"""

import asyncio
import itertools
import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any

from dbus_fast import Message, PropertyAccess
from dbus_fast.annotations import DBusBool, DBusInt32, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from PIL import Image
from pystray._base import Icon as BaseIcon

from posture.desktop.dbus import Bus, owner_changed, session_address, stay
from posture.desktop.reconnecting import end_tasks
from posture.desktop.tray import hosts
from posture.desktop.tray.dbusmenu import MenuInterface
from posture.desktop.tray.hosts import WATCHER, WATCHER_PATH

ITEM = "org.kde.StatusNotifierItem"
_ITEM_PATH, _MENU_PATH = "/StatusNotifierItem", "/StatusNotifierItem/Menu"
_counter = itertools.count(1)
_log = logging.getLogger(__name__)
Pixmap = tuple[int, int, bytes]
"""Width, height and ARGB32 in network byte order: the bytes A, R, G, B of each pixel, not premultiplied."""
Pixmaps = Annotated[list[Pixmap], DBusSignature("a(iiay)")]


class ItemInterface(ServiceInterface):
    """What a panel reads and calls of an icon."""

    def __init__(self, icon: "Icon") -> None:
        """For one connection; the icon outlives it."""
        super().__init__(ITEM)
        self._icon = icon

    @dbus_method()
    def Activate(self, x: DBusInt32, y: DBusInt32) -> None:
        """Do the default action: a left click."""
        self._icon()

    @dbus_method()
    def SecondaryActivate(self, x: DBusInt32, y: DBusInt32) -> None:
        """Do the default action: a middle click."""
        self._icon()

    @dbus_method()
    def ContextMenu(self, x: DBusInt32, y: DBusInt32) -> None:
        """Do the default action: only panels that can't show the menu call this."""
        self._icon()

    @dbus_method()
    def Scroll(self, delta: DBusInt32, orientation: DBusStr) -> None:
        """No-op: there is nothing to turn up or down."""

    @dbus_property(PropertyAccess.READ)
    def Category(self) -> DBusStr:
        """One of the four that there are."""
        return "ApplicationStatus"

    @dbus_property(PropertyAccess.READ)
    def Id(self) -> DBusStr:
        """The same in every session."""
        return str(self._icon.name)

    @dbus_property(PropertyAccess.READ)
    def Title(self) -> DBusStr:
        """The status in one line."""
        return str(self._icon.title)

    @dbus_property(PropertyAccess.READ)
    def ToolTip(self) -> Annotated[list[Any], DBusSignature("(sa(iiay)ss)")]:
        """The same line, without an icon or a second line."""
        return ["", [], str(self._icon.title), ""]

    @dbus_property(PropertyAccess.READ)
    def Status(self) -> DBusStr:
        """Passive: the panel may hide it; NeedsAttention: it brings it to the front."""
        return self._icon.status

    @dbus_property(PropertyAccess.READ)
    def WindowId(self) -> DBusInt32:
        """No window."""
        return 0

    @dbus_property(PropertyAccess.READ)
    def ItemIsMenu(self) -> DBusBool:
        """A click is not for the menu alone."""
        return False

    @dbus_property(PropertyAccess.READ)
    def Menu(self) -> DBusObjectPath:
        """Where the menu is."""
        return _MENU_PATH

    @dbus_property(PropertyAccess.READ)
    def IconName(self) -> DBusStr:
        """Not from the icon theme."""
        return ""

    @dbus_property(PropertyAccess.READ)
    def IconThemePath(self) -> DBusStr:
        """No theme of our own."""
        return ""

    @dbus_property(PropertyAccess.READ)
    def IconPixmap(self) -> Pixmaps:
        """In several sizes."""
        return self._icon.pixmaps

    @dbus_property(PropertyAccess.READ)
    def AttentionIconName(self) -> DBusStr:
        """As IconName."""
        return ""

    @dbus_property(PropertyAccess.READ)
    def AttentionIconPixmap(self) -> Pixmaps:
        """The same icon, as it says what is seen, and only while it counts: Xfce's panel draws the icon anew whenever it reads this."""
        return self._icon.pixmaps if self._icon.attention else []

    @dbus_property(PropertyAccess.READ)
    def OverlayIconName(self) -> DBusStr:
        """None."""
        return ""

    @dbus_property(PropertyAccess.READ)
    def OverlayIconPixmap(self) -> Pixmaps:
        """None."""
        return []

    @dbus_signal()
    def NewTitle(self) -> None:
        """Announce another title."""

    @dbus_signal()
    def NewToolTip(self) -> None:
        """Announce another tooltip."""

    @dbus_signal()
    def NewIcon(self) -> None:
        """Announce another icon."""

    @dbus_signal()
    def NewAttentionIcon(self) -> None:
        """Announce another icon of NeedsAttention."""

    @dbus_signal()
    def NewStatus(self) -> DBusStr:
        """Announce another status."""
        return self._icon.status


class Icon(BaseIcon):  # type: ignore[misc] # of a library without types
    """An icon in the panel of the session bus: comes back when panel or bus do."""

    HAS_MENU_RADIO = False
    HAS_NOTIFICATION = False

    def __init__(self, *args: Any, **more: Any) -> None:
        """As pystray's, but with a sequence of pictures for `icon`, each in another size."""
        super().__init__(*args, **more)
        self.pixmaps: list[Pixmap] = []
        self._attention, self._shown = False, False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping, self._showing = asyncio.Event(), asyncio.Event()
        self._offered: tuple[ItemInterface, MenuInterface] | None = None
        self._registered, self._lost_s = False, time.monotonic()

    def __call__(self) -> None:
        """Do the default action of the menu; pystray's own builds the menu anew after it."""
        self._menu(self)

    @property
    def status(self) -> str:
        """What a panel is to do with the icon."""
        return ("NeedsAttention" if self._attention else "Active") if self._shown else "Passive"

    @property
    def attention(self) -> bool:
        """Whether something waits for the person."""
        return self._attention

    @attention.setter
    def attention(self, value: bool) -> None:
        if value != self._attention:
            self._attention = value
            self._announce("NewAttentionIcon", "NewStatus")

    def docked(self) -> bool:
        """Whether a panel has the icon; also while none has, but nothing else would show it."""
        if self._registered or time.monotonic() - self._lost_s < hosts.GRACE_S:
            return True
        self._lost_s = time.monotonic()  # the next look is as far away
        return hosts.xembed_owner() is None

    # what pystray calls

    def _run(self) -> None:
        asyncio.run(self._serve())

    def _stop(self) -> None:
        self._post(self._stopping.set)

    def _show(self) -> None:
        self._shown = True
        self._announce("NewStatus")
        self._post(self._showing.set)

    def _hide(self) -> None:
        self._shown = False
        self._announce("NewStatus")

    def _update_icon(self) -> None:
        self.pixmaps = [_pixmap(picture) for picture in self._pictures()]
        self._icon_valid = True
        self._announce("NewIcon", *["NewAttentionIcon"] * self._attention)

    def _update_title(self) -> None:
        self._announce("NewTitle", "NewToolTip")

    def _update_menu(self) -> None:
        self._post(lambda: self._offered and self._offered[1].update())

    # on the loop

    async def _serve(self) -> None:
        """Stay on the bus until stopped."""
        self._loop = asyncio.get_running_loop()
        self._mark_ready()
        stopping = asyncio.create_task(self._stopping.wait())
        staying = asyncio.create_task(stay(session_address, self._connect, self._disconnected))
        try:
            await asyncio.wait({stopping, staying}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop = None
            await end_tasks(stopping, staying)
            if not staying.cancelled():
                _log.error("the tray icon failed", exc_info=staying.exception())

    async def _connect(self, bus: Bus) -> None:
        """Offer icon and menu on a new connection, and register now and whenever a panel comes."""
        await self._showing.wait()
        item, menu = ItemInterface(self), MenuInterface(lambda: self.menu.items)
        bus.export(_ITEM_PATH, item)
        bus.export(_MENU_PATH, menu)
        name = f"{ITEM}-{os.getpid()}-{next(_counter)}"
        mine = name if await bus.own(name) else _ITEM_PATH  # a path: the object at the caller's own address
        self._offered = item, menu
        await bus.match_owner(WATCHER)

        def watch(message: Message) -> None:
            if (change := owner_changed(message)) is not None and change[0] == WATCHER:
                if change[1]:
                    bus.tasks.create_task(self._register(bus, mine))
                else:
                    self._lost("the panel is gone")

        bus.on_signal(watch)
        if await bus.has(WATCHER):
            await self._register(bus, mine)

    async def _register(self, bus: Bus, mine: str) -> None:
        with suppress(TimeoutError):  # a busy panel reads it later
            await bus.ask(WATCHER, WATCHER_PATH, WATCHER, "RegisterStatusNotifierItem", "s", mine)
        self._registered = True

    def _disconnected(self, why: str) -> None:
        self._offered = None
        self._lost(why)

    def _lost(self, why: str) -> None:
        _log.debug("no panel: %s", why)
        if self._registered:
            self._registered, self._lost_s = False, time.monotonic()

    def _announce(self, *signals: str) -> None:
        """Announce changes, if there is a connection; without one a panel reads how things are when it is back."""

        def announce() -> None:
            if self._offered is not None:
                for name in signals:
                    getattr(self._offered[0], name)()

        self._post(announce)

    def _post(self, change: Callable[[], object]) -> None:
        """Run `change` on the loop, if there is one."""
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(change)

    def _pictures(self) -> Sequence[Image.Image]:
        return [self._icon] if isinstance(self._icon, Image.Image) else self._icon


def _pixmap(picture: Image.Image) -> Pixmap:
    red, green, blue, alpha = picture.convert("RGBA").split()
    return *picture.size, Image.merge("RGBA", (alpha, red, green, blue)).tobytes()
