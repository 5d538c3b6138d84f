"""The other processes' side of the control channel: ask the monitor, stop it, or borrow its camera."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.control.address import addresses, own
from posture.control.channel import Line, dial
from posture.model import ControlError

TIMEOUT_S = 5.0
"""How long a monitor that hangs is waited for."""
_LOOK_S = 0.05


class NotRunningError(ControlError):
    """There is no monitor to talk to."""

    def __init__(self) -> None:
        """With the line that the user reads."""
        super().__init__("no monitor is running; start it: posture watch")


class _EndedError(ControlError):
    """The monitor hung up."""


@dataclass(frozen=True, slots=True)
class Loan:
    """The camera is free, and ours until the block of ``borrow`` ends."""

    said: Mapping[str, Any]
    """What the monitor said: which camera, and whatever else it knows that is of use to the borrower."""
    _line: Line

    def ended(self) -> bool:
        """Whether the monitor is gone meanwhile."""
        return self._line.ended()


def ask(what: str, /, *, folder: Path | None = None, timeout_s: float = TIMEOUT_S, **values: Any) -> dict[str, Any]:
    """The monitor's answer to one request.

    Args:
        what: status, pause, resume, ...
        folder: that of the monitor's database, by default the user's own.
        timeout_s: seconds to wait for the answer.
        values: what goes with it; has to fit into JSON.

    Raises:
        NotRunningError: there is no monitor.
        ControlError: it refuses (with its words), does not answer, or cannot be reached.
    """
    line = _reach(folder, timeout_s)
    try:
        return _exchange(line, what, values, timeout_s)
    finally:
        line.close()


def running(folder: Path | None = None) -> dict[str, Any] | None:
    """What the monitor says of itself; ``None`` if there is none.

    Raises:
        ControlError: there is one, and it does not answer.
    """
    try:
        return ask("status", folder=folder)
    except NotRunningError:
        return None


def stop(folder: Path | None = None, timeout_s: float = TIMEOUT_S) -> bool:
    """Ask the monitor to stop and wait until it has; whether there was one.

    Raises:
        ControlError: it refuses, or has not stopped within `timeout_s` seconds.
    """
    try:
        line = _reach(folder, timeout_s)
    except NotRunningError:
        return False
    process = _process(line)
    end = time.monotonic() + timeout_s
    try:
        with contextlib.suppress(_EndedError):  # as was wanted
            _exchange(line, "stop", {}, timeout_s)
        while not line.ended() and time.monotonic() < end:
            time.sleep(_LOOK_S)
    finally:
        line.close()
    while _listens(folder):
        if time.monotonic() >= end:
            raise ControlError(f"the monitor{process} was asked to stop and still runs after {timeout_s:.0f} seconds")
        time.sleep(_LOOK_S)
    return True


@contextmanager
def borrow(borrower: str, folder: Path | None = None) -> Iterator[Loan | None]:
    """The monitor's camera for as long as the block runs; ``None`` where no monitor runs, so that the camera is free anyway.

    Should this process die, the monitor takes the camera back by itself.

    Args:
        borrower: who asks, in a word that the user knows; others are told it.
        folder: that of the monitor's database, by default the user's own.

    Raises:
        ControlError: the monitor refuses (with its words), or does not answer.
    """
    try:
        line = _reach(folder, TIMEOUT_S)
    except NotRunningError:
        yield None
        return
    try:
        said = _exchange(line, "lend", {"borrower": borrower, "pid": os.getpid()}, TIMEOUT_S)
        try:
            yield Loan(said, line)
        finally:
            with contextlib.suppress(ControlError):  # hanging up says the same
                _exchange(line, "give_back", {}, TIMEOUT_S)
    finally:
        line.close()


def _exchange(line: Line, what: str, values: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
    process = _process(line)
    try:
        line.send({"ask": what, "values": values})
        message = line.receive(timeout_s)
    except (TimeoutError, BlockingIOError):
        raise ControlError(f"the monitor{process} does not answer") from None
    except ValueError as wrong:
        raise ControlError(f"what was asked of the monitor{process}, or its answer, cannot be read: {wrong}") from None
    except (EOFError, OSError):
        raise _EndedError(f"the monitor{process} ended while it was asked") from None
    answer, error = message.get("answer"), message.get("error")
    if isinstance(answer, dict):
        return answer
    raise ControlError(error if isinstance(error, str) else f"the answer of the monitor{process} cannot be understood")


def _reach(folder: Path | None, timeout_s: float) -> Line:
    """A line to the monitor, which is made sure to be the same user's."""
    for place in addresses(folder):
        if not _trusted(place):
            continue  # no monitor of ours would listen there either
        try:
            line = dial(place, timeout_s)
        except (FileNotFoundError, ConnectionRefusedError):
            continue  # nobody there, or left by one that is dead
        except (TimeoutError, BlockingIOError):
            raise ControlError("a monitor is running, but does not answer") from None
        except OSError as error:
            raise ControlError(f"{place}: the monitor cannot be reached: {error.strerror}") from error
        if not line.own:
            line.close()
            raise ControlError(f"{place}: a process of another user listens there, so it is not trusted")
        return line
    raise NotRunningError


def _trusted(place: str) -> bool:
    if place.startswith("\\\\"):
        return True
    try:
        return own(Path(place).parent)
    except ControlError:
        return False


def _listens(folder: Path | None) -> bool:
    """Whether there still is a monitor; one that is too busy to answer counts."""
    try:
        _reach(folder, 0.5).close()
    except NotRunningError:
        return False
    except ControlError:
        return True
    return True


def _process(line: Line) -> str:
    return "" if line.pid is None else f" (process {line.pid})"
