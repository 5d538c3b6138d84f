"""A small panel of the tests' own for indicators: the watcher and host on a bus, with a menu that is used over it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import numpy as np
from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from numpy.typing import NDArray

from tests.desktop.screen import PATIENCE_S, until

WATCHER, WATCHER_PATH, ITEM = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"


class IndicatorHost:
    """Takes items in, reads them, and uses their menus as a panel does."""

    def __init__(self, address: str) -> None:
        """`address`: of the session bus."""
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bus: MessageBus | None = None
        self.items: list[tuple[str, str]] = []
        """(bus name, object path) of each that has come."""
        self.signals: list[tuple[str, list[Any]]] = []
        """Name and content of what items and menus announced."""

    def __enter__(self) -> IndicatorHost:
        """It is on the bus."""
        self._thread.start()
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        """It is gone."""
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def come(self) -> None:
        """Be on the bus."""
        self._do(self._come())

    def leave(self) -> None:
        """Be gone, as a panel that crashed."""
        self._do(self._leave())

    def wait_item(self, status: str = "Active") -> None:
        """Wait until an icon has come in and is to be seen."""
        until(lambda: bool(self.items) and self.get("Status") == status, f"an item that is {status}")

    def get(self, name: str) -> Any:
        """A property of the last item."""
        return self.ask("org.freedesktop.DBus.Properties", "Get", "ss", ITEM, name)[0].value

    def icon(self, size: int = 64) -> NDArray[np.uint8]:
        """(size, size, 4) uint8 RGBA: the picture of that size."""
        data = next(data for width, height, data in self.get("IconPixmap") if (width, height) == (size, size))
        return np.frombuffer(data, np.uint8).reshape(size, size, 4)[..., [1, 2, 3, 0]]

    def announced(self, name: str) -> int:
        """How often there was such a signal."""
        return sum(name == member for member, _ in self.signals)

    def labels(self) -> list[str]:
        """The lines of the menu, those of a submenu as ``Pause/For 1 hour``; one that cannot be chosen stands in brackets."""
        return [label for label, _ in self._lines()]

    def choose(self, label: str) -> None:
        """Click that line."""
        self.event(self.number(label), "clicked")

    def number(self, label: str) -> int:
        """The number of a line."""
        return dict(self._lines())[label]

    def event(self, number: int, name: str) -> None:
        """Say what happened to a line."""
        self.menu("Event", "isvu", number, name, Variant("i", 0), 0)

    def menu(self, member: str, signature: str, *body: Any) -> list[Any]:
        """Call a method of the menu and return its answer."""
        return self.ask(MENU, member, signature, *body)

    def ask(self, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
        """Call a method of the last item, or of its menu, and return its answer; an error is raised as `DBusError`."""
        return self.ask_often(1, interface, member, signature, *body)[0]

    def ask_often(self, times: int, interface: str, member: str, signature: str, *body: Any) -> list[list[Any]]:
        """Call a method so many times at once."""
        path = self.get("Menu") if interface == MENU else self.items[-1][1]
        item = self.items[-1][0]

        async def call() -> list[Any]:
            assert self._bus is not None
            called = [
                Message(destination=item, path=path, interface=interface, member=member, signature=signature, body=list(body))
                for _ in range(times)
            ]
            return await asyncio.gather(*(self._bus.call(message) for message in called))

        replies = self._do(call())
        for reply in replies:
            if reply.message_type is not MessageType.METHOD_RETURN:
                raise DBusError(reply.error_name, str(reply.body))
        return [list(reply.body) for reply in replies]

    def _lines(self) -> list[tuple[str, int]]:
        return list(_walk(self.menu("GetLayout", "iias", 0, -1, [])[1], ""))

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE_S)

    async def _come(self) -> None:
        self._bus = await MessageBus(self._address).connect()
        self._bus.add_message_handler(self._handle)
        for interface in (MENU, ITEM):
            await self._bus.call(
                Message(
                    destination="org.freedesktop.DBus",
                    path="/org/freedesktop/DBus",
                    interface="org.freedesktop.DBus",
                    member="AddMatch",
                    signature="s",
                    body=[f"type='signal',interface='{interface}'"],
                )
            )
        await self._bus.request_name(WATCHER)

    async def _leave(self) -> None:
        self.items.clear()
        if self._bus is not None:
            self._bus.disconnect()
            with contextlib.suppress(EOFError, OSError):
                await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self._bus = None

    def _handle(self, message: Message) -> Message | bool:
        if message.message_type is MessageType.SIGNAL and message.interface in (MENU, ITEM):
            self.signals.append((message.member or "", message.body))
            return False
        if message.message_type is not MessageType.METHOD_CALL or message.path != WATCHER_PATH:
            return False
        known = {"IsStatusNotifierHostRegistered": Variant("b", True), "ProtocolVersion": Variant("i", 0)}
        answers: dict[str, Callable[[], Message]] = {
            "RegisterStatusNotifierItem": lambda: self._register(message),
            "Get": lambda: Message.new_method_return(message, "v", [known[message.body[1]]]),
            "GetAll": lambda: Message.new_method_return(message, "a{sv}", [known]),
        }
        answer = answers.get(message.member or "")
        return answer() if answer is not None else False

    def _register(self, message: Message) -> Message:
        given = message.body[0]
        self.items.append((message.sender or "", given) if given.startswith("/") else (given, "/StatusNotifierItem"))
        return Message.new_method_return(message)


def _walk(node: Any, above: str) -> Iterator[tuple[str, int]]:
    for child in node[2]:
        number, properties, _ = child.value
        if "label" not in properties:
            continue
        label = above + properties["label"].value
        yield (label if properties.get("enabled", Variant("b", True)).value else f"[{label}]"), number
        yield from _walk(child.value, f"{label}/")
