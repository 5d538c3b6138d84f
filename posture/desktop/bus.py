"""A D-Bus connection that comes back: the few calls that watching the desktop takes, and what it means that one fails.

Where the bus of the system and of the login are: by their environment variables, else where systemd puts them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

ANSWER_S = 5.0
"""A service that takes longer than this to answer counts as one that does not."""
_AGAIN_S, _AGAIN_AT_MOST_S = 1.0, 60.0
_DBUS, _DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
Signal = Callable[[Message], None]


def system_address() -> str | None:
    """Where the system's bus is; ``None`` if there is none."""
    named = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    socket = Path("/run/dbus/system_bus_socket")
    return named or (f"unix:path={socket}" if socket.exists() else None)


def session_address() -> str | None:
    """Where the bus of this login is; ``None`` if there is none."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    socket = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    return named or (f"unix:path={socket}" if socket.exists() else None)


class Bus:
    """One connection while it lasts. Calls start no service that does not run."""

    def __init__(self, connection: MessageBus, tasks: asyncio.TaskGroup) -> None:
        """`tasks` runs what signals bring about; a failure there ends the visit."""
        self._connection, self.tasks = connection, tasks

    def on_signal(self, take: Signal) -> None:
        """Give every signal that is matched to `take`."""
        self._connection.add_message_handler(lambda message: take(message) if message.message_type is MessageType.SIGNAL else None)

    async def match(self, **rule: str) -> None:
        """Ask for the signals that `rule` describes, such as ``member="Lock"``."""
        words = ",".join(f"{key}='{value}'" for key, value in {"type": "signal", **rule}.items())
        await self.ask(_DBUS, _DBUS_PATH, _DBUS, "AddMatch", "s", words)

    async def match_owner(self, name: str) -> None:
        """Ask to be told when a service begins or ends; see ``owner_changed``."""
        await self.match(sender=_DBUS, interface=_DBUS, member="NameOwnerChanged", arg0=name)

    async def has(self, name: str) -> bool:
        """Whether a service runs."""
        answer = await self.ask(_DBUS, _DBUS_PATH, _DBUS, "NameHasOwner", "s", name)
        return bool(answer and answer[0])

    async def get(self, service: str, path: str, interface: str, name: str) -> Any | None:
        """A property; ``None`` if there is none to be had."""
        answer = await self.ask(service, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name)
        return answer[0].value if answer and isinstance(answer[0], Variant) else None

    async def ask(self, service: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any] | None:
        """What a method answers; ``None`` if it refuses or is not there. A file descriptor stands in the answer as such.

        Raises:
            TimeoutError: no answer.
            ConnectionError: the bus is gone.
        """
        message = Message(
            destination=service,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NO_AUTOSTART,
        )
        async with asyncio.timeout(ANSWER_S):
            reply = await self._connection.call(message)
        if reply is None:
            raise ConnectionResetError("the bus is gone")
        if reply.message_type is not MessageType.METHOD_RETURN:
            return None
        return [reply.unix_fds[value] for value in reply.body] if reply.signature == "h" else list(reply.body)


def owner_changed(message: Message) -> tuple[str, bool] | None:
    """The service that began (``True``) or ended, if that is what the signal says."""
    if message.member != "NameOwnerChanged" or message.interface != _DBUS:
        return None
    name, _, owner = message.body
    return name, bool(owner)


def changed(message: Message, interface: str, name: str) -> Any | None:
    """The new value of a property, if that is what the signal says."""
    if message.member != "PropertiesChanged" or message.body[0] != interface or name not in message.body[1]:
        return None
    return message.body[1][name].value


async def stay(address: Callable[[], str | None], visit: Callable[[Bus], Awaitable[None]], lost: Callable[[str], None]) -> NoReturn:
    """Be connected, again and again: `visit` each new connection once, and after it is gone call `lost` with why, in words."""
    wait_s = _AGAIN_S
    while True:
        where = address()
        if where is None:
            lost("there is no such bus")
        else:
            visited = False

            async def counted(bus: Bus) -> None:
                nonlocal visited
                await visit(bus)
                visited = True

            try:
                await _visit(where, counted)
            except* (OSError, EOFError, TimeoutError, DBusFastError) as trouble:
                lost(str(trouble.exceptions[0]) or "it is gone")
            wait_s = _AGAIN_S if visited else wait_s
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, _AGAIN_AT_MOST_S)


async def _visit(where: str, visit: Callable[[Bus], Awaitable[None]]) -> None:
    connection = MessageBus(where, BusType.SESSION, negotiate_unix_fd=True, auth_timeout=ANSWER_S)
    await connection.connect()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_until_gone(connection))
            await visit(Bus(connection, tasks))
    finally:
        connection.disconnect()


async def _until_gone(connection: MessageBus) -> NoReturn:
    """Fails when the connection ends, with or without a fault, so that all tasks that use it end with it."""
    await connection.wait_for_disconnect()  # type: ignore[no-untyped-call] # of the library
    raise ConnectionResetError("the bus is gone")
