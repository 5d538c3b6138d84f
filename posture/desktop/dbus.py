"""The D-Bus client: a connection that reconnects, calls, properties and signals.

Where the bus of the system and of the login are: by their environment variables, else where systemd puts them.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from dbus_fast.service import ServiceInterface

from posture.desktop.reconnecting import reconnecting

ANSWER_S = 5.0
"""A service that takes longer than this counts as one that does not answer."""
_DBUS, _DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_DO_NOT_QUEUE, _PRIMARY_OWNER = 4, 1
Signal = Callable[[Message], None]


def system_address() -> str | None:
    """Return the address of the system bus; ``None`` if there is none."""
    named = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    socket = Path("/run/dbus/system_bus_socket")
    return named or (f"unix:path={socket}" if socket.exists() else None)


def session_address() -> str | None:
    """Return the address of the session bus; ``None`` if there is none."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    socket = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    return named or (f"unix:path={socket}" if socket.exists() else None)


class Bus:
    """One connection while it lasts. Calls do not start services."""

    def __init__(self, connection: MessageBus, tasks: asyncio.TaskGroup) -> None:
        """`tasks` runs what signals trigger; an error there ends the connection."""
        self._connection, self.tasks = connection, tasks

    def on_signal(self, take: Signal) -> None:
        """Call `take` with every signal that is matched."""
        self._connection.add_message_handler(lambda message: take(message) if message.message_type is MessageType.SIGNAL else None)

    async def match(self, **rule: str) -> None:
        """Subscribe to the signals that `rule` describes, such as ``member="Lock"``."""
        words = ",".join(f"{key}='{value}'" for key, value in {"type": "signal", **rule}.items())
        await self.ask(_DBUS, _DBUS_PATH, _DBUS, "AddMatch", "s", words)

    async def match_owner(self, name: str) -> None:
        """Subscribe to the start and end of a service; see ``owner_changed``."""
        await self.match(sender=_DBUS, interface=_DBUS, member="NameOwnerChanged", arg0=name)

    def export(self, path: str, interface: ServiceInterface) -> None:
        """Offer an object to others, as long as the connection lasts."""
        self._connection.export(path, interface)

    async def own(self, name: str) -> bool:
        """Ask for a name on the bus; return whether it is ours now."""
        return await self.ask(_DBUS, _DBUS_PATH, _DBUS, "RequestName", "su", name, _DO_NOT_QUEUE) == [_PRIMARY_OWNER]

    async def has(self, name: str) -> bool:
        """Whether a service runs."""
        answer = await self.ask(_DBUS, _DBUS_PATH, _DBUS, "NameHasOwner", "s", name)
        return bool(answer and answer[0])

    async def get(self, service: str, path: str, interface: str, name: str) -> Any | None:
        """Return a property; ``None`` if it cannot be had."""
        answer = await self.ask(service, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name)
        return answer[0].value if answer and isinstance(answer[0], Variant) else None

    async def ask(self, service: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any] | None:
        """Call a method and return its answer; ``None`` on an error reply. File descriptors stand in the answer as such.

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
    """Return the service that started (``True``) or ended, if the signal says so."""
    if message.member != "NameOwnerChanged" or message.interface != _DBUS:
        return None
    name, _, owner = message.body
    return name, bool(owner)


def changed(message: Message, interface: str, name: str) -> Any | None:
    """Return the new value of a property, if the signal says so."""
    if message.member != "PropertiesChanged" or message.body[0] != interface or name not in message.body[1]:
        return None
    return message.body[1][name].value


async def stay(address: Callable[[], str | None], visit: Callable[[Bus], Awaitable[None]], lost: Callable[[str], None]) -> NoReturn:
    """Stay connected: call `visit` once for each new connection, and `lost` with the reason, in words, when it is gone."""

    async def connect() -> bool:
        where = address()
        if where is None:
            lost("there is no such bus")
            return False
        visited = False

        async def counted(bus: Bus) -> None:
            nonlocal visited
            await visit(bus)
            visited = True

        try:
            await _visit(where, counted)
        except* (OSError, EOFError, TimeoutError, DBusFastError) as trouble:
            lost(str(trouble.exceptions[0]) or "it is gone")
        return visited

    await reconnecting(connect)


async def read_property(service: str, path: str, interface: str, name: str) -> Any | None:
    """Return a property of a service on the session bus, by a connection of its own; ``None`` if it cannot be had.

    Raises:
        OSError, EOFError, ValueError: there is no bus, or none that answers.
    """
    where = session_address()
    if where is None:
        return None
    async with _connected(where) as connection:
        return await Bus(connection, asyncio.TaskGroup()).get(service, path, interface, name)


async def _visit(where: str, visit: Callable[[Bus], Awaitable[None]]) -> None:
    async with _connected(where) as connection, asyncio.TaskGroup() as tasks:
        tasks.create_task(_until_gone(connection))
        await visit(Bus(connection, tasks))


@asynccontextmanager
async def _connected(where: str) -> AsyncIterator[MessageBus]:
    connection = MessageBus(where, BusType.SESSION, negotiate_unix_fd=True, auth_timeout=ANSWER_S)
    await connection.connect()
    writer = connection._writer
    if writer is not None and writer.sock is not None:
        writer.sock = _PatientSocket(writer.sock)  # type: ignore[assignment]
    try:
        yield connection
    finally:
        connection.disconnect()


class _PatientSocket:
    """Writes nothing while its buffer is full; dbus-fast waits then, but gives the connection up on the error that says so."""

    def __init__(self, wrapped: socket.socket) -> None:
        self._wrapped = wrapped
        self.sendmsg = wrapped.sendmsg

    def send(self, data: memoryview) -> int:
        """Return how many bytes were written."""
        try:
            return self._wrapped.send(data)
        except BlockingIOError:
            return 0


async def _until_gone(connection: MessageBus) -> NoReturn:
    """Raise when the connection ends, with or without an error, so that all tasks that use it end with it."""
    await connection.wait_for_disconnect()  # type: ignore[no-untyped-call] # of the library
    raise ConnectionResetError("the bus is gone")
