"""The other processes' side of the control channel: ask the monitor, stop it, or lease its camera."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture._support import PictureReader, SharedPicture, is_trusted
from posture.errors import ControlError
from posture.monitor.control.address import addresses
from posture.monitor.control.channel import Connection, connect, encode, is_listening

TIMEOUT_S = 5.0
"""How long to wait for a monitor that hangs."""
_POLL_S = 0.05


class NotRunningError(ControlError):
    """There is no monitor to talk to."""

    def __init__(self) -> None:
        """With the line that the user reads."""
        super().__init__("no monitor is running; to start it: posture watch")


class _EndedError(ControlError):
    """The monitor closed the connection."""


@dataclass(frozen=True, slots=True)
class CameraLease:
    """The camera is free, and ours until the block of ``request_lease`` ends."""

    said: Mapping[str, Any]
    """The monitor's answer: which camera, and what else is of use to the holder."""
    _connection: Connection

    def ended(self) -> bool:
        """Whether the monitor is gone meanwhile."""
        return self._connection.ended()


def ask(what: str, /, *, folder: Path | None = None, timeout_s: float = TIMEOUT_S, **values: Any) -> dict[str, Any]:
    """Return the monitor's answer to one request.

    Args:
        what: status, pause, resume, ...
        folder: that of the monitor's database, by default the user's own.
        timeout_s: seconds to wait for the answer.
        values: its parameters; must fit into JSON.

    Raises:
        NotRunningError: there is no monitor.
        ControlError: it refuses (with its words), does not answer, or cannot be reached.
    """
    with contextlib.closing(_connect(folder, timeout_s)) as connection:
        return _exchange(connection, what, values, timeout_s)


def running(folder: Path | None = None) -> dict[str, Any] | None:
    """Return the status of the monitor; ``None`` if there is none.

    Raises:
        ControlError: there is one, and it does not answer.
    """
    try:
        return ask("status", folder=folder)
    except NotRunningError:
        return None


def stop(folder: Path | None = None, timeout_s: float = TIMEOUT_S) -> bool:
    """Ask the monitor to stop and wait until it has; return whether there was one.

    Raises:
        ControlError: it refuses, or has not stopped within `timeout_s` seconds.
    """
    end_s, process = time.monotonic() + timeout_s, ""
    try:
        process = _process(ask("stop", folder=folder, timeout_s=timeout_s).get("pid"))
    except NotRunningError:
        return False
    except _EndedError:
        pass  # as was wanted
    while any(map(is_listening, _places(folder))):
        if time.monotonic() >= end_s:
            raise ControlError(f"the monitor{process} was asked to stop but is still running after {timeout_s:.0f} seconds")
        time.sleep(_POLL_S)
    return True


@contextmanager
def request_lease(holder: str, folder: Path | None = None) -> Iterator[CameraLease | None]:
    """Lease the monitor's camera for the block; ``None`` where no monitor runs, so that the camera is free anyway.

    Should this process die, the monitor takes the camera back by itself.

    Args:
        holder: who asks, in a word that the user knows; others are told it.
        folder: that of the monitor's database, by default the user's own.

    Raises:
        ControlError: the monitor refuses (with its words), or does not answer.
    """
    try:
        connection = _connect(folder, TIMEOUT_S)
    except NotRunningError:
        yield None
        return
    with contextlib.closing(connection):
        said = _exchange(connection, "request_lease", {"holder": holder, "pid": os.getpid()}, TIMEOUT_S)
        try:
            yield CameraLease(said, connection)
        finally:
            with contextlib.suppress(ControlError):  # closing the connection says the same
                _exchange(connection, "release_lease", {}, TIMEOUT_S)


class Pictures:
    """The pictures of the running monitor, while this is open. For one thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """Begin to look.

        Args:
            folder: that of the monitor's database, by default the user's own.

        Raises:
            NotRunningError: there is no monitor.
            ControlError: it refuses, does not answer, or is of a version that shows none.
        """
        self._connection = _connect(folder, TIMEOUT_S)
        try:
            self._connection.send(encode({"ask": "show_pictures", "values": {}}))
            message, descriptor = self._connection.receive_descriptor(TIMEOUT_S)
            answer = _answer_of(message, "the monitor")
            self._reader = PictureReader(descriptor, answer.get("name"))
        except (OSError, EOFError, ValueError) as error:
            self._connection.close()
            raise ControlError(f"the monitor's pictures can't be shown: {error or 'it stopped'}") from error
        except ControlError:
            self._connection.close()
            raise

    def newest(self) -> SharedPicture | None:
        """Return the newest picture; ``None`` if there is none that was not returned before."""
        return self._reader.newest()

    def ended(self) -> bool:
        """Whether the monitor is gone."""
        return self._connection.ended()

    def close(self) -> None:
        """Look no more."""
        self._reader.close()
        self._connection.close()


def _exchange(connection: Connection, what: str, values: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
    monitor = f"the monitor{_process(connection.pid)}"
    try:
        connection.send(encode({"ask": what, "values": values}))
        message = connection.receive(timeout_s)
    except (TimeoutError, BlockingIOError):
        raise ControlError(f"{monitor} isn't answering") from None
    except ValueError as wrong:
        raise ControlError(f"what was asked of {monitor}, or its answer, can't be read: {wrong}") from None
    except (EOFError, OSError):
        raise _EndedError(f"{monitor} stopped before it answered") from None
    return _answer_of(message, monitor)


def _answer_of(message: Mapping[str, Any], monitor: str) -> dict[str, Any]:
    answer, error = message.get("answer"), message.get("error")
    if isinstance(answer, dict):
        return answer
    raise ControlError(error if isinstance(error, str) else f"the answer from {monitor} can't be understood")


def _connect(folder: Path | None, timeout_s: float) -> Connection:
    """Connect to the monitor, which must belong to the same user."""
    for place in _places(folder):
        try:
            connection = connect(place, timeout_s)
        except (FileNotFoundError, ConnectionRefusedError):
            continue  # nobody there, or left by one that is dead
        except (TimeoutError, BlockingIOError):
            raise ControlError("a monitor is running, but isn't answering") from None
        except OSError as error:
            raise ControlError(f"{place}: the monitor cannot be reached: {error.strerror}") from error
        if not connection.own:
            connection.close()
            raise ControlError(f"{place}: another user's process is listening there, so it isn't trusted")
        return connection
    raise NotRunningError


def _places(folder: Path | None) -> Iterator[str]:
    """Yield where a monitor of ours may listen: in no folder that others can write in."""
    for place in addresses(folder):
        with contextlib.suppress(ControlError):
            if sys.platform == "win32" or is_trusted(Path(place).parent):
                yield place


def _process(pid: object) -> str:
    return f" (process {pid})" if isinstance(pid, int) else ""
