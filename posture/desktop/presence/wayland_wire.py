"""Wayland's wire protocol: a Unix socket and messages of 32-bit words, as far as a client without windows needs it.

Facts: a message is the id of an object, then its size in bytes (upper half of a word) and the number of the request or event (lower
half), then the arguments. Numbers are in the byte order of the machine; texts and arrays begin with their length and are padded to
whole words. Ids that a client gives begin at 2, those of the compositor at 0xff000000. No event for the objects used here carries a file.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from posture.desktop.graphical_session import listener_of

_DISPLAY, _REGISTRY = 1, 2
_SYNC, _GET_REGISTRY = 0, 1
_ERROR = 0
_BIND = 0
_GLOBAL, _GLOBAL_REMOVE = 0, 1


class Arguments:
    """The arguments of an event, read one after the other."""

    def __init__(self, data: bytes) -> None:
        """`data`: what follows the head of the message."""
        self._data, self._at = data, 0

    def uint(self) -> int:
        """Return a number or an object's id."""
        number: int = struct.unpack("=I", self._cut(4))[0]
        return number

    def array(self) -> bytes:
        """Return an array's content."""
        length = self.uint()
        content = self._cut(length)
        self._cut(-length % 4)
        return content

    def text(self) -> str:
        """Return a text."""
        return self.array()[:-1].decode("utf-8", errors="replace")

    def uints(self) -> tuple[int, ...]:
        """Return an array of numbers."""
        content = self.array()
        return struct.unpack(f"={len(content) // 4}I", content[: len(content) // 4 * 4])

    def _cut(self, length: int) -> bytes:
        if self._at + length > len(self._data):
            raise ConnectionError("the compositor sends a message that is cut short")
        self._at += length
        return self._data[self._at - length : self._at]


Handler = Callable[[int, Arguments], None]
"""Receives the number of an event, and its arguments."""


class WaylandConnection:
    """A connection to a compositor, for one event loop: its registry, and objects whose events go to handlers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask for the registry; `offered` fills as ``run`` goes."""
        self._reader, self._writer = reader, writer
        self._handlers: dict[int, Handler] = {_DISPLAY: self._handle_display, _REGISTRY: self._handle_registry}
        self._next_id = _REGISTRY + 1
        self.offered: dict[int, tuple[str, int]] = {}
        """By number: the interface and its version."""
        self.on_offer: Callable[[str], None] = lambda _interface: None
        """Called with the interface of what is offered anew or withdrawn."""
        self.request(_DISPLAY, _GET_REGISTRY, _REGISTRY)

    @property
    def compositor(self) -> str:
        """Name of the program at the other end."""
        return listener_of(self._writer.get_extra_info("socket"))

    def request(self, target: int, opcode: int, *arguments: int | str) -> None:
        """Send a request to an object; numbers, ids and texts are its arguments.

        Raises:
            ConnectionError: the compositor is gone.
        """
        body = b"".join(_text(one) if isinstance(one, str) else struct.pack("=I", one) for one in arguments)
        self._writer.write(struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body)

    def add(self, handler: Handler) -> int:
        """Return the id for a new object, whose events go to `handler`."""
        self._next_id += 1
        self._handlers[self._next_id - 1] = handler
        return self._next_id - 1

    def adopt(self, object_id: int, handler: Handler | None) -> None:
        """Send the events of an object that the compositor made to `handler`; ``None``: it is gone."""
        if handler is None:
            self._handlers.pop(object_id, None)
        else:
            self._handlers[object_id] = handler

    def bind(self, interface: str, version: int, handler: Handler = lambda _opcode, _arguments: None) -> int | None:
        """Bind the first object offered of `interface`, at most in `version`, and return its id; ``None`` if there is none."""
        for number, (name, offered) in self.offered.items():
            if name == interface:
                new = self.add(handler)
                self.request(_REGISTRY, _BIND, number, name, min(version, offered), new)
                return new
        return None

    async def settle(self) -> None:
        """Wait until the compositor has answered everything asked so far; ``run`` must be running."""
        done = asyncio.Event()
        self.request(_DISPLAY, _SYNC, self.add(lambda _opcode, _arguments: done.set()))
        await done.wait()

    async def run(self) -> NoReturn:
        """Hand events to their handlers, until the connection ends.

        Raises:
            ConnectionError, EOFError: the compositor is gone, or has refused something.
        """
        while True:
            target, size_and_opcode = struct.unpack("=II", await self._reader.readexactly(8))
            size = size_and_opcode >> 16
            if size < 8:
                raise ConnectionError("the compositor sends a message without a head")
            arguments = Arguments(await self._reader.readexactly(size - 8))
            handler = self._handlers.get(target)
            if handler is not None:
                handler(size_and_opcode & 0xFFFF, arguments)

    def _handle_display(self, opcode: int, arguments: Arguments) -> None:
        if opcode == _ERROR:
            arguments.uint(), arguments.uint()
            raise ConnectionError(f"the compositor refuses: {arguments.text()}")
        self._handlers.pop(arguments.uint(), None)  # the only other event: an id of ours that is free again

    def _handle_registry(self, opcode: int, arguments: Arguments) -> None:
        number = arguments.uint()
        if opcode == _GLOBAL:
            self.offered[number] = (arguments.text(), arguments.uint())
            self.on_offer(self.offered[number][0])
        elif opcode == _GLOBAL_REMOVE and number in self.offered:
            self.on_offer(self.offered.pop(number)[0])


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[WaylandConnection]:
    """Connect to the compositor at a socket, while the block runs.

    Raises:
        OSError: nothing listens there.
    """
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        yield WaylandConnection(reader, writer)
    finally:
        writer.close()


def _text(text: str) -> bytes:
    data = text.encode() + b"\0"
    return struct.pack("=I", len(data)) + data + b"\0" * (-len(data) % 4)
