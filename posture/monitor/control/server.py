"""The monitor's side of the control channel: hands requests of other processes on, and returns the answers.

One thread accepts connections, and each connection has a thread of its own, so a client that hangs holds up no other.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from posture.errors import ControlError
from posture.monitor.control.address import addresses
from posture.monitor.control.channel import Connection, connect, encode, listen

ANSWER_S = 4.0
"""The monitor has this long to answer; otherwise the client gets an error."""
SILENCE_S = 10.0
"""A client that sends no request for this long, and holds no lease, is disconnected."""
MAX_CONNECTIONS = 64
REQUEST_LEASE, RELEASE_LEASE, LEASE_LOST, STOP = "request_lease", "release_lease", "lease_lost", "stop"
SHOW_PICTURES, PICTURES_UNWATCHED = "show_pictures", "pictures_unwatched"
_OWN = (LEASE_LOST, PICTURES_UNWATCHED)
"""What the server alone says to the monitor."""
_NAME_LENGTH = 60
_END_S, _RETRY_S = 0.8, 1.0
_log = logging.getLogger(__name__)
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A request to the monitor, or the news that a lease holder, or one who looked at pictures, is gone."""

    what: str
    """status, pause, resume, stop, request_lease, release_lease, ...; ``_OWN`` come from the server alone."""
    values: Mapping[str, Any]
    """Its parameters, unchecked: any process of the user may have sent it. ``holder`` and ``viewer`` are the server's own, unique names."""
    reply: Callable[[Answer], None]
    """Answers, from any thread; only the first answer counts, and one that comes too late is dropped."""

    def refuse(self, words: str) -> None:
        """Answer with an error, in one plain line."""
        self.reply({"error": words})

    def number(self, name: str) -> float | None:
        """Return the value of `name`; ``None`` if it is missing or null.

        Raises:
            ControlError: it is no number.
        """
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"{name} must be a number")
        return float(value)


class _UnansweredError(ControlError):
    """The monitor gave no answer in time."""


class Server:
    """Listens while the block runs.

    Requests are handed to `handle` on the server's threads, so it should put them in a queue. Every ``request_lease`` that was not
    refused is followed by one ``release_lease`` or one ``lease_lost`` with the same ``holder``, and every ``show_pictures`` by one
    ``pictures_unwatched`` with the same ``viewer`` when its connection ends, unless the server ends before. Hold
    ``Instance.claim`` around it: that is what makes it safe to remove a dead monitor's socket.
    """

    def __init__(
        self,
        handle: Callable[[ControlRequest], None],
        *,
        folder: Path | None = None,
        answer_s: float = ANSWER_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """Prepare; nothing listens yet.

        Args:
            handle: receives every request.
            folder: that of the database, by default the user's own.
            answer_s: seconds that `handle` has to answer.
            silence_s: seconds after which a client that sends no request is disconnected.
        """
        self._handle, self._folder, self._answer_s, self._silence_s = handle, folder, answer_s, silence_s
        self.address = ""
        """Where it listens."""
        self._closing = threading.Event()
        self._threads: dict[Connection, threading.Thread] = {}
        self._holders: dict[Connection, str] = {}
        """Their names while they hold a lease of the camera, or ask for one."""
        self._viewers: dict[Connection, str] = {}
        """Their names while they look at pictures."""
        self._naming = threading.Lock()
        self._numbers = itertools.count(1)
        self._pending: list[ControlRequest] = []

    def __enter__(self) -> Server:
        """Listen.

        Raises:
            ControlError: another monitor listens already, or no place can be used.
        """
        self.address, self._next, self._end = self._listen()
        self._acceptor = threading.Thread(target=self._accept, name="control", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop listening, send the answers that were given, and close all connections, within a second."""
        end_s = time.monotonic() + _END_S
        self._closing.set()
        with contextlib.suppress(OSError):
            connect(self.address, _END_S).close()  # wakes the acceptor
        self._acceptor.join(_END_S)
        self._end()
        for request in self._pending.copy():
            _answer_last(request)
        threads = self._threads.copy()
        for connection in threads:
            connection.hang_up()
        for thread in threads.values():
            thread.join(max(end_s - time.monotonic(), 0.0))  # one whose client does not read ends a little later by itself

    def _listen(self) -> tuple[str, Callable[[], Connection], Callable[[], None]]:
        """Listen at the first place that works."""
        failure: Exception | None = None
        for place in addresses(self._folder):
            try:
                return place, *listen(place)
            except FileExistsError:
                raise ControlError(f"a monitor is already listening at {place}; see: posture status") from None
            except (ControlError, OSError) as error:
                failure = error
        raise ControlError(f"the control channel cannot be opened: {failure or 'the path of the data folder is too long'}") from failure

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._next()
            except OSError as error:  # no file is left
                _log.warning("the control channel cannot accept: %s", error)
                self._closing.wait(_RETRY_S)
                continue
            full = len(self._threads) >= MAX_CONNECTIONS
            if full or not connection.own:
                _log.warning("%s at the control channel", "too many connections" if full else "a process of another user was refused")
                connection.close()
            else:
                self._threads[connection] = threading.Thread(target=self._serve, args=(connection,), name="control client", daemon=True)
                self._threads[connection].start()

    def _serve(self, connection: Connection) -> None:
        """Serve one client until it is gone, silent for too long, or sends nonsense."""
        try:
            while not self._closing.is_set():
                stays = connection in self._holders or connection in self._viewers
                what, values = _parsed(connection.receive(None if stays else self._silence_s))
                connection.send(*self._response(connection, what, values))
        except ValueError as error:
            with contextlib.suppress(OSError):
                connection.send(encode({"error": f"this is not a request: {error}"}))
        except (EOFError, OSError):
            pass  # gone, or silent for too long
        finally:
            del self._threads[connection]
            self._lose(connection)
            if (viewer := self._viewers.pop(connection, None)) is not None and not self._closing.is_set():
                self._handle(ControlRequest(PICTURES_UNWATCHED, {"viewer": viewer}, lambda _: None))
            connection.close()

    def _response(self, connection: Connection, what: str, values: Mapping[str, Any]) -> tuple[bytes, int | None]:
        """Return the answer to one request, and the file descriptor that goes with it."""
        try:
            answer = dict(self._answer(connection, what, values))
            descriptor = answer.pop("descriptor", None)
            return encode({"answer": answer}), descriptor
        except ControlError as error:
            return encode({"error": str(error)}), None
        except ValueError as error:
            _log.error("an answer to %s cannot be sent: %s", what, error)
            return encode({"error": "the monitor's answer can't be sent"}), None

    def _answer(self, connection: Connection, what: str, values: Mapping[str, Any]) -> Answer:
        """Return the answer to one request; ControlError if it is refused."""
        if what in _OWN:
            raise ControlError("there is no such request")
        if what == SHOW_PICTURES:
            viewer = self._viewers[connection] = f"viewer {next(self._numbers)}"
            return self._ask(what, {"viewer": viewer})
        if what == REQUEST_LEASE:
            return self._request_lease(connection, values)
        if what == RELEASE_LEASE:
            holder = self._holders.pop(connection, None)
            if holder is None:
                raise ControlError("you haven't borrowed the camera")
            values = {"holder": holder}
        return self._ask(what, values)

    def _request_lease(self, connection: Connection, values: Mapping[str, Any]) -> Answer:
        if connection in self._holders:
            raise ControlError("you already have the camera")
        with self._naming:
            holder = self._holders[connection] = self._name(values.get("holder"), connection.pid or values.get("pid"))
        try:
            return {**self._ask(REQUEST_LEASE, {**values, "holder": holder}), "holder": holder}
        except _UnansweredError:
            self._lose(connection)  # the monitor may still grant what nobody waits for any more
            raise
        except ControlError:
            del self._holders[connection]
            raise

    def _ask(self, what: str, values: Mapping[str, Any]) -> Answer:
        """Return the monitor's answer; ControlError if it refuses or gives none in time."""
        if what != "status":  # a tray may ask for that all day
            _log.info("asked for: %s", what)
        answers: SimpleQueue[Answer] = SimpleQueue()
        request = ControlRequest(what, values, answers.put)
        self._pending.append(request)
        try:
            if self._closing.is_set():
                _answer_last(request)
            self._handle(request)
            answer = answers.get(timeout=self._answer_s)
        except Empty:
            raise _UnansweredError(f"the monitor hasn't answered for {self._answer_s:.0f} seconds") from None
        finally:
            self._pending.remove(request)
        if "error" in answer:
            raise ControlError(str(answer["error"]))
        return answer

    def _lose(self, connection: Connection) -> None:
        """Tell the monitor that a lease holder, if it is one, is gone without releasing the lease."""
        holder = self._holders.pop(connection, None)
        if holder is not None and not self._closing.is_set():
            self._handle(ControlRequest(LEASE_LOST, {"holder": holder}, lambda _: None))

    def _name(self, label: object, pid: object) -> str:
        """Return a name for a lease holder that no other has."""
        words = "".join(c for c in str(label or "another program") if c.isprintable())[:_NAME_LENGTH]
        base = f"{words} (process {pid})" if isinstance(pid, int) else words
        taken = set(self._holders.values())
        return next(name for name in (base, *(f"{base} no. {n}" for n in range(2, MAX_CONNECTIONS + 2))) if name not in taken)


def _answer_last(request: ControlRequest) -> None:
    """Answer for a monitor that has ended, unless it has answered itself."""
    request.reply({} if request.what == STOP else {"error": "the monitor is stopping"})


def _parsed(message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    what, values = message.get("ask"), message.get("values", {})
    if not isinstance(what, str) or not what.isidentifier() or len(what) > _NAME_LENGTH:
        raise ValueError('"ask" must be the name of a request')
    if not isinstance(values, dict):
        raise ValueError('"values" must be an object')
    return what, values
