"""The monitor's side of the control channel: takes questions of other processes and hands them on as events."""

from __future__ import annotations

import contextlib
import errno
import logging
import stat
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from posture.control import address as places
from posture.control.channel import Door, Line, dial
from posture.model import ControlError

ANSWER_S = 4.0
"""The monitor has this long to answer; the client is told if it does not."""
SILENCE_S = 10.0
"""A client that asks nothing for this long, and has not borrowed the camera, is hung up on."""
MOST_LINES = 64
LEND, GIVE_BACK, GONE, STOP = "lend", "give_back", "gone", "stop"
_NAME_LENGTH = 60
_END_S, _LAST_WORDS_S, _LOOK_S = 0.4, 0.4, 0.05
_log = logging.getLogger(__name__)
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A question to the monitor, or the news that a borrower is gone."""

    what: str
    """status, pause, resume, stop, lend, give_back, ...; ``gone`` comes from the server alone."""
    values: Mapping[str, Any]
    """What came with it, unchecked: any process of the user may have sent it. ``borrower`` is the server's own, unique name."""
    reply: Callable[[Answer], None]
    """Answers, from any thread; only the first answer counts, and one that comes too late is dropped."""

    def refuse(self, words: str) -> None:
        """Answer that it cannot be, in one plain line."""
        self.reply({"error": words})

    def number(self, name: str) -> float | None:
        """The value of `name`; ``None`` if it is missing or null.

        Raises:
            ControlError: it is no number.
        """
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"{name} has to be a number")
        return float(value)


class Server:
    """Listens while the block runs.

    Requests are handed to `handle` in threads of the server, so it should put them in a queue. Every borrower that was handed
    on as ``lend`` and not refused is followed by one ``give_back`` or one ``gone``, unless the server ends before. Hold
    ``Instance.claim`` around it: that is what makes it safe to take a dead monitor's socket away.
    """

    def __init__(
        self,
        handle: Callable[[Request], None],
        address: str | None = None,
        *,
        folder: Path | None = None,
        answer_s: float = ANSWER_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """Prepare; nothing listens yet.

        Args:
            handle: is given every request.
            address: where to listen, by default the first place of ``address.addresses(folder)`` that works.
            folder: that of the database, by default the user's own.
            answer_s: seconds that `handle` has to answer.
            silence_s: seconds after which a client that asks nothing is hung up on.
        """
        self._handle, self._answer_s = handle, answer_s
        self.silence_s = silence_s
        """Seconds after which a client that asks nothing is hung up on."""
        self._places = places.addresses(folder) if address is None else [address]
        self.address = ""
        """Where it listens."""
        self._door: Door | None = None
        self._listener = threading.Thread(target=self._listen, name="control", daemon=True)
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._talks: dict[_Talk, threading.Thread] = {}
        self._names: set[str] = set()

    def __enter__(self) -> Server:
        """Listen.

        Raises:
            ControlError: another monitor listens already, or no place can be used.
        """
        failure: Exception | None = None
        for place in self._places:
            try:
                self._door = _opened(place)
            except _InUseError as error:
                raise ControlError(str(error)) from None
            except (ControlError, OSError) as error:
                failure = error
                continue
            self.address = place
            self._listener.start()
            return self
        raise ControlError(f"the control channel cannot be opened: {failure or 'the path of the data folder is too long'}") from failure

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Listen no more, send answers that were given, and hang up on everybody, within a second."""
        assert self._door is not None
        self._closing.set()
        self._door.close()
        with self._changed:
            self._changed.wait_for(lambda: not any(t.busy for t in self._talks), _LAST_WORDS_S)
            talks = dict(self._talks)
        for talk in talks:
            talk.line.hang_up()
        end = time.monotonic() + _END_S
        for thread in (self._listener, *talks.values()):
            thread.join(max(0.0, end - time.monotonic()))
        if not self._listener.is_alive():
            self._door.release()

    def _listen(self) -> None:
        assert self._door is not None
        while (line := self._door.accept()) is not None:
            if not line.own:
                _log.warning("a process of another user was refused at the control channel")
                line.close()
                continue
            talk = _Talk(self, line)
            thread = threading.Thread(target=talk.run, name="control-line", daemon=True)
            with self._changed:
                full = len(self._talks) >= MOST_LINES or self._closing.is_set()
                if not full:
                    self._talks[talk] = thread
            if full:
                if not self._closing.is_set():
                    _log.warning("too many connections to the control channel")
                line.close()
            else:
                thread.start()

    # what a talk needs

    def asked(self, what: str, values: Mapping[str, Any]) -> tuple[Answer, bool]:
        """The monitor's answer, and whether it gave one."""
        if what != "status":  # a tray may ask for that all day
            _log.info("asked for: %s", what)
        box = _Box()
        self._handle(Request(what, values, box.put))
        end = time.monotonic() + self._answer_s
        while not box.full.wait(_LOOK_S):
            if self._closing.is_set():
                return {} if what == STOP else {"error": "the monitor is stopping"}, False
            if time.monotonic() >= end:
                return {"error": f"the monitor has not answered for {self._answer_s:.0f} seconds"}, False
        return box.answer, True

    def tell_gone(self, borrower: str) -> None:
        """The borrower is gone without a word."""
        if not self._closing.is_set():
            self._handle(Request(GONE, {"borrower": borrower}, lambda _: None))
        self.free_name(borrower)

    def name_of(self, label: object, pid: object) -> str:
        """A name for a borrower that no other has."""
        words = "".join(c for c in str(label or "another program") if c.isprintable())[:_NAME_LENGTH]
        base = f"{words} (process {pid})" if isinstance(pid, int) else words
        with self._changed:
            name, number = base, 1
            while name in self._names:
                number += 1
                name = f"{base} no. {number}"
            self._names.add(name)
        return name

    def free_name(self, name: str) -> None:
        """The name may be used again."""
        with self._changed:
            self._names.discard(name)

    def set_busy(self, talk: _Talk, busy: bool) -> None:
        """Whether an answer is under way in `talk`."""
        with self._changed:
            talk.busy = busy
            self._changed.notify_all()

    def done(self, talk: _Talk) -> None:
        """`talk` is over."""
        with self._changed:
            talk.busy = False
            self._talks.pop(talk, None)
            self._changed.notify_all()


class _Box:
    """Holds the first answer."""

    def __init__(self) -> None:
        self.full = threading.Event()
        self.answer: Answer = {}
        self._lock = threading.Lock()

    def put(self, answer: Answer) -> None:
        with self._lock:
            if not self.full.is_set():
                self.answer = dict(answer)
                self.full.set()


class _Talk:
    """One client, from its connection to its end."""

    def __init__(self, server: Server, line: Line) -> None:
        self.line = line
        self.busy = False
        self._server = server
        self._loan: str | None = None

    def run(self) -> None:
        try:
            while self._turn():
                pass
        except (EOFError, OSError):
            pass  # gone, or silent for too long: nothing is owed to it
        finally:
            try:
                if self._loan is not None:
                    self._server.tell_gone(self._loan)
            finally:
                self._server.done(self)
                self.line.close()

    def _turn(self) -> bool:
        """One question and its answer; whether there may be another."""
        try:
            what, values = _asked(self.line.receive(None if self._loan else self._server.silence_s))
        except ValueError as error:
            self.line.send({"error": f"this is no request: {error}"})
            return False
        self._server.set_busy(self, True)
        try:
            answer = self._answer(what, values)
            try:
                self.line.send(answer if "error" in answer else {"answer": answer})
            except ValueError as error:
                _log.error("an answer to %s cannot be sent: %s", what, error)
                self.line.send({"error": "the monitor's answer cannot be sent"})
        finally:
            self._server.set_busy(self, False)
        return True

    def _answer(self, what: str, values: Mapping[str, Any]) -> Answer:
        if what == LEND:
            return self._lend(values)
        if what == GIVE_BACK:
            return self._give_back()
        if what == GONE:
            return {"error": "that cannot be asked"}
        return self._server.asked(what, values)[0]

    def _lend(self, values: Mapping[str, Any]) -> Answer:
        if self._loan is not None:
            return {"error": "the camera is lent to you already"}
        name = self._server.name_of(values.get("borrower"), self.line.pid or values.get("pid"))
        self._loan = name
        answer, given = self._server.asked(LEND, {**values, "borrower": name})
        if "error" not in answer:
            return {**answer, "borrower": name}
        self._loan = None
        if given:
            self._server.free_name(name)
        else:
            self._server.tell_gone(name)  # it may still lend what nobody waits for any more
        return answer

    def _give_back(self) -> Answer:
        if self._loan is None:
            return {"error": "nothing is lent to you"}
        name, self._loan = self._loan, None
        try:
            return self._server.asked(GIVE_BACK, {"borrower": name})[0]
        finally:
            self._server.free_name(name)


def _asked(message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    what, values = message.get("ask"), message.get("values", {})
    if not isinstance(what, str) or not what.isidentifier() or len(what) > _NAME_LENGTH:
        raise ValueError('"ask" has to be the name of a request')
    if not isinstance(values, dict):
        raise ValueError('"values" has to be an object')
    return what, values


class _InUseError(Exception):
    """Somebody listens there."""


def _opened(place: str) -> Door:
    """A door at `place`; what a dead process left there is taken away."""
    path = Path(place)
    if not place.startswith("\\\\"):
        places.private_folder(path.parent)
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise ControlError(f"{path}: is no socket; remove it")
            if _listened(place):
                raise _InUseError(f"a monitor is already listening at {place}; see: posture status")
            path.unlink(missing_ok=True)
    try:
        return Door(place)
    except PermissionError as error:
        if place.startswith("\\\\"):
            raise _InUseError(f"a monitor is already listening at {place}; see: posture status") from error
        raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _InUseError(f"a monitor is already listening at {place}; see: posture status") from error
        raise


def _listened(place: str) -> bool:
    try:
        dial(place, 0.5).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True  # there, but too busy to answer
    return True
