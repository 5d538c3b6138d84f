"""Messages of the control channel: JSON objects, one a line, limited in size and in time; and the two ways to carry them.

A Unix socket, or on Windows a named pipe, whose default rights keep other users from writing to it. What opens a pipe by its name
follows the documentation and was not run on Windows; what goes through it was run on pipes of other systems.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture._support import private_folder
from posture.errors import ControlError

if TYPE_CHECKING:
    from multiprocessing.connection import _ConnectionBase

MAX_BYTES = 1 << 16
"""A longer message is refused."""
STALL_S = 2.0
"""A client that does not read its answer for this long is disconnected."""
BACKLOG = 64
_LONGEST_NUMBER = 1e16
_TICK_S = 0.2


def encode(message: Mapping[str, Any]) -> bytes:
    """Write a message as one line.

    Raises:
        ValueError: it cannot be written as JSON, or is too long.
    """
    try:
        data = json.dumps(message, allow_nan=False, ensure_ascii=False).encode()
    except TypeError as error:
        raise ValueError(str(error)) from error
    if len(data) > MAX_BYTES:
        raise ValueError(f"a message of {len(data)} bytes is too long, {MAX_BYTES} is the most")
    return data + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read a message.

    Raises:
        ValueError: it is no JSON object, or holds a number that is not finite or has more than 16 digits.
    """
    try:
        message = json.loads(line.decode(), parse_float=_number, parse_int=_number, parse_constant=_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("not a JSON object")
    return message


def _number(text: str) -> float:
    value = float(text)
    if not abs(value) < _LONGEST_NUMBER:  # not a number is not less either
        raise ValueError(f"{text[:20]} is no number that can be used")
    return int(text) if text.lstrip("-").isdigit() else value


class SocketConnection:
    """One end of the channel, on a Unix socket. For one thread, but for ``hang_up``."""

    def __init__(self, sock: socket.socket) -> None:
        """Take over a connected socket; ``pid``: the process at the other end, where known; ``own``: whether it is the same user's."""
        self._socket, self._file = sock, sock.makefile("rb")
        self.pid: int | None = None
        self.own = True  # elsewhere the folder of the socket keeps other users out
        if sys.platform == "linux":
            pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
            self.pid, self.own = pid or None, uid == os.geteuid()  # pid 0: in another container

    def send(self, line: bytes, descriptor: int | None = None) -> None:
        """Send an encoded message, with a file descriptor if one goes with it; OSError if the other end is gone, or does not read."""
        self._socket.settimeout(STALL_S)
        if descriptor is not None:
            sent = socket.send_fds(self._socket, [line], [descriptor])
            line = line[sent:]
        self._socket.sendall(line)

    def receive_descriptor(self, timeout_s: float) -> tuple[dict[str, Any], int | None]:
        """Return the next message and the file descriptor that came with it; to be used on a connection that received nothing before.

        Raises:
            TimeoutError, ValueError, EOFError, OSError: as ``receive``.
        """
        self._socket.settimeout(timeout_s)
        line, descriptors, _, _ = socket.recv_fds(self._socket, MAX_BYTES + 1, 1, socket.MSG_CMSG_CLOEXEC)
        try:
            if not line.endswith(b"\n"):
                line += self._file.readline(MAX_BYTES + 1)
            if not line.endswith(b"\n"):
                raise EOFError
            return decode(line), descriptors[0] if descriptors else None
        except BaseException:
            for descriptor in descriptors:
                os.close(descriptor)
            raise

    def receive(self, timeout_s: float | None) -> dict[str, Any]:
        """Return the next message.

        Raises:
            TimeoutError: nothing came for `timeout_s` seconds.
            ValueError: it is too long or no JSON object.
            EOFError: the other end has closed the connection.
            OSError: the connection broke.
        """
        self._socket.settimeout(timeout_s)
        line = self._file.readline(MAX_BYTES + 1)
        if not line.endswith(b"\n"):
            if len(line) <= MAX_BYTES:
                raise EOFError
            raise ValueError(f"longer than {MAX_BYTES} bytes")
        return decode(line)

    def ended(self) -> bool:
        """Whether the other end has closed the connection; only while no answer is awaited."""
        return bool(select.select([self._socket], [], [], 0.0)[0])

    def hang_up(self) -> None:
        """Receive nothing more, from any thread; what is being sent is sent."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


class PipeConnection:
    """The same on a pipe of ``multiprocessing``, whose messages come whole."""

    pid, own = None, True

    def __init__(self, pipe: _ConnectionBase[Any, Any]) -> None:
        """Take over a connected pipe."""
        self._pipe, self._hung_up = pipe, False
        self.close = pipe.close

    def send(self, line: bytes, descriptor: int | None = None) -> None:  # noqa: ARG002 # a pipe passes none: the memory has a name
        """As on a socket."""
        self._pipe.send_bytes(line)

    def receive_descriptor(self, timeout_s: float) -> tuple[dict[str, Any], int | None]:
        """As on a socket; there is never one."""
        return self.receive(timeout_s), None

    def receive(self, timeout_s: float | None) -> dict[str, Any]:
        """As on a socket."""
        end_s = math.inf if timeout_s is None else time.monotonic() + timeout_s
        while not self._pipe.poll(_TICK_S):
            if self._hung_up:
                raise EOFError
            if time.monotonic() >= end_s:
                raise TimeoutError
        return decode(self._pipe.recv_bytes(MAX_BYTES + 1))

    def ended(self) -> bool:
        """As on a socket."""
        try:
            return self._pipe.poll(0.0)
        except (OSError, EOFError):
            return True

    def hang_up(self) -> None:
        """As on a socket, a moment later."""
        self._hung_up = True


Connection = SocketConnection | PipeConnection


def connect(address: str, timeout_s: float) -> Connection:
    """Connect to the process that listens at `address`.

    Raises:
        OSError: none does, or it does not accept within `timeout_s` seconds.
    """
    if sys.platform == "win32":
        from multiprocessing.connection import Client  # noqa: PLC0415

        return PipeConnection(Client(address, "AF_PIPE"))
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Limits connecting too, where Python's own timeout fails at once on a full queue.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(timeout_s), int(timeout_s % 1 * 1e6)))
        sock.connect(address)
        return SocketConnection(sock)
    except OSError:
        sock.close()
        raise


def listen(address: str) -> tuple[Callable[[], Connection], Callable[[], None]]:
    """Listen at `address`; return what waits for the next client, and what ends it.

    Raises:
        FileExistsError: a process listens there.
        ControlError, OSError: the place cannot be used.
    """
    if sys.platform == "win32":
        from multiprocessing.connection import Listener  # noqa: PLC0415

        try:
            pipe = Listener(address, "AF_PIPE")
        except PermissionError as there:
            raise FileExistsError from there
        return lambda: PipeConnection(pipe.accept()), pipe.close
    path = Path(address)
    private_folder(path.parent)
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ControlError(f"{path}: is not a socket; remove it")
        if is_listening(address):
            raise FileExistsError
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(address)
        path.chmod(0o600)
        sock.listen(BACKLOG)  # from here on one can connect
        file = path.stat()
    except OSError:
        sock.close()
        raise

    def end() -> None:
        sock.close()
        with contextlib.suppress(OSError):
            if os.path.samestat(file, path.lstat()):
                path.unlink()

    return lambda: SocketConnection(sock.accept()[0]), end


def is_listening(address: str) -> bool:
    """Return whether a process listens there; one that is too busy to answer counts."""
    try:
        connect(address, 0.5).close()
    except OSError as error:
        return not isinstance(error, ConnectionRefusedError | FileNotFoundError)
    return True
