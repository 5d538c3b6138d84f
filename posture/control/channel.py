"""One line between two processes of the same user: a JSON object at a time, limited in size and in time.

The framing is that of ``multiprocessing.connection``, used for bytes alone. Its ``Listener`` is not used for Unix sockets: it
listens before the mode of the file can be set and cannot be woken up, and its ``Client`` waits without an end for a process
that hangs. Windows has only those two; its branch was not run on Windows. There the pipe's own default rights keep other
users from opening it for writing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import socket
import struct
import sys
import time
from collections.abc import Mapping
from multiprocessing import connection as mp
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 16
"""A longer message is refused."""
STALL_S = 2.0
"""A message that was begun and does not go on for this long ends the line."""
_BACKLOG = 64
_log = logging.getLogger(__name__)


class Line:
    """One end of a line. One thread reads and writes; any may hang up."""

    def __init__(self, connection: mp.Connection, sock: socket.socket | None = None) -> None:
        """`sock`: the socket that `connection` has a copy of, on systems with Unix sockets."""
        self._connection = connection
        self._socket = sock
        self.pid: int | None = None
        """Number of the other process, where the system tells."""
        self.own = True
        """Whether the other process belongs to the same user."""
        if sys.platform == "linux" and sock is not None:
            size = struct.calcsize("3i")
            pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
            self.pid, self.own = pid or None, uid == os.geteuid()  # 0: in another container

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one object.

        Raises:
            ValueError: it cannot be written as JSON, or is too long.
            OSError: the other end is gone, or does not read.
        """
        try:
            data = json.dumps(message, allow_nan=False, ensure_ascii=False).encode()
        except TypeError as error:
            raise ValueError(str(error)) from error
        if len(data) > MOST_BYTES:
            raise ValueError(f"a message of {len(data)} bytes is too long, {MOST_BYTES} is the most")
        self._connection.send_bytes(data)

    def receive(self, timeout_s: float | None) -> dict[str, Any]:
        """The next object; waits at most `timeout_s` seconds for it to begin (``None``: as long as it takes).

        Raises:
            TimeoutError: nothing came.
            ValueError: it is too long or no JSON object; the line is of no use for reading then.
            EOFError: the other end has hung up.
            OSError: the line broke.
        """
        if not self._connection.poll(timeout_s):
            raise TimeoutError
        try:
            data = self._connection.recv_bytes(MOST_BYTES)
        except OSError:
            if self._connection.closed or self._connection.readable:
                raise
            raise ValueError(f"longer than {MOST_BYTES} bytes") from None  # how the library tells it: it will not read on
        return _decoded(data)

    def ended(self) -> bool:
        """Whether the other end has hung up; only while no message is awaited."""
        try:
            return self._connection.poll(0.0)
        except (OSError, EOFError):
            return True

    def hang_up(self) -> None:
        """End the line for both; who waits in ``receive`` wakes up."""
        if self._socket is None:
            with contextlib.suppress(OSError):
                self._connection.close()
            return
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()
        if self._socket is not None:
            self._socket.close()


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        message = json.loads(data, parse_float=_finite, parse_int=_small, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("not a JSON object")
    return message


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _small(text: str) -> int:
    return int(text) if len(text) <= 16 else int(_no_number(text))


def _no_number(text: str) -> float:
    raise ValueError(f"{text[:20]} is no number that can be used")


if sys.platform == "win32":

    class Door:
        """Where lines come in."""

        def __init__(self, address: str) -> None:
            """Listen at `address`; OSError if another process does."""
            self._address = address
            self._listener = mp.Listener(address, "AF_PIPE")
            self._closed = False

        def accept(self) -> Line | None:
            """The next line, as soon as there is one; ``None`` once the door is closed."""
            while not self._closed:
                with contextlib.suppress(OSError):
                    line = self._listener.accept()
                    if not self._closed:
                        return Line(line)
                    line.close()
            return None

        def close(self) -> None:
            """Listen no more."""
            self._closed = True
            with contextlib.suppress(OSError):
                mp.Client(self._address, "AF_PIPE").close()  # wakes up who waits in accept

        def release(self) -> None:
            """Close the pipe, after ``accept`` has returned."""
            self._listener.close()

    def dial(address: str, timeout_s: float) -> Line:  # noqa: ARG001 # pipes wait by themselves for a second
        """A line to whoever listens at `address`; OSError if nobody does."""
        return Line(mp.Client(address, "AF_PIPE"))

else:

    class Door:
        """Where lines come in. The socket cannot be connected to before its mode is 0600."""

        def __init__(self, address: str) -> None:
            """Listen at `address`, in a folder that is closed to others; OSError if it cannot be."""
            self._closed = False
            self._path = Path(address)
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._socket.bind(address)
                self._path.chmod(0o600)
                self._socket.listen(_BACKLOG)
                self._socket.setblocking(False)
                self._file = self._identity()
            except OSError:
                self._socket.close()
                raise
            self._woken, self._waker = socket.socketpair()

        def accept(self) -> Line | None:
            """The next line, as soon as there is one; ``None`` once the door is closed."""
            while not self._closed:
                try:
                    if self._woken in mp.wait([self._socket, self._woken]):
                        break
                    return _line(self._socket.accept()[0])
                except (BlockingIOError, ConnectionError):
                    continue  # who knocked is gone already
                except OSError as error:
                    _log.warning("a connection could not be taken: %s", error)
                    time.sleep(0.1)  # out of files, for instance: they come back
            return None

        def close(self) -> None:
            """Listen no more; who waits in ``accept`` wakes up. Takes the socket's file away if it is still this one's."""
            self._closed = True
            self._waker.close()
            if self._identity() == self._file:
                self._path.unlink(missing_ok=True)

        def release(self) -> None:
            """Close what ``accept`` waited on, after it has returned."""
            self._socket.close()
            self._woken.close()

        def _identity(self) -> tuple[int, int] | None:
            try:
                found = self._path.lstat()
            except OSError:
                return None
            return found.st_dev, found.st_ino

    def dial(address: str, timeout_s: float) -> Line:
        """A line to whoever listens at `address`; OSError if nobody does, or does not take it within `timeout_s` seconds."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _limit(sock, socket.SO_SNDTIMEO, timeout_s)  # holds for connecting too; Python's own limit fails at once on a full queue
            sock.connect(address)
            return _line(sock)
        except OSError:
            sock.close()
            raise

    def _line(sock: socket.socket) -> Line:
        try:
            sock.setblocking(True)
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                _limit(sock, option, STALL_S)
            return Line(mp.Connection(sock.dup().detach()), sock)
        except OSError:
            sock.close()
            raise

    def _limit(sock: socket.socket, option: int, limit_s: float) -> None:
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(limit_s), int(limit_s % 1 * 1e6)))
