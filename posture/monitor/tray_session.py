"""A session with a tray icon: the icon on the main thread, as macOS demands, the session on another one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from posture.desktop import Tray, TrayAction, TrayCommand, TrayUnavailable
from posture.time_parsing import until
from posture.types import ReportKind

_log = logging.getLogger(__name__)
Ask = Callable[[str, Mapping[str, Any]], None]
_COMMANDS = {
    TrayCommand.TODAY: ("today", "--open"),
    TrayCommand.CALIBRATE: ("calibrate",),
    TrayCommand.PREVIEW: ("preview",),
}
"""Those that are commands of ours."""


class Opener(Protocol):
    """Opens things for the person beside the session; nothing here waits."""

    def command(self, *words: str) -> None:
        """Run one of our own commands in a process of its own."""

    def window(self) -> None:
        """Open the window."""

    def exercise(self, prompt_id: str) -> None:
        """Show how the exercise is done."""

    def report(self, kind: ReportKind) -> bool:
        """Store a self-report, and show the advice; return whether a red flag is up now."""

    def acknowledge(self) -> None:
        """Store that the person has read the referral."""

    def settings(self) -> None:
        """Open the settings file."""

    def doctor(self) -> None:
        """Show what works here and what does not."""


class TrayActions:
    """Carries out the commands of the tray, on the tray's own thread."""

    def __init__(self, ask: Ask, opener: Opener, end: Callable[[], None]) -> None:
        """`ask`: the session; `opener`: what else is opened; `end`: ends the session."""
        self._ask, self._opener, self._end = ask, opener, end

    def __call__(self, action: TrayAction) -> None:
        """Carry out one command."""
        match action.command:
            case TrayCommand.PAUSE_FOR | TrayCommand.PAUSE_UNTIL_TOMORROW | TrayCommand.PAUSE_UNTIL_RESUMED:
                self._ask("pause", {"until_utc": _pause_end(action)})
            case TrayCommand.RESUME:
                self._ask("resume", {})
            case TrayCommand.QUIT:
                self._end()
            case TrayCommand.EXERCISE:
                self._opener.exercise(action.prompt_id or "")
            case TrayCommand.REPORT if action.report is not None:
                flagged = self._opener.report(action.report)
                self._ask("report", {"kind": action.report.value, "flagged": flagged})
            case TrayCommand.ANSWER if action.answer is not None:
                self._ask("answer", {"answer": action.answer.value, "number": action.number})
            case TrayCommand.AGAIN:
                self._ask("again", {})
            case TrayCommand.ACKNOWLEDGE:
                self._opener.acknowledge()
                self._ask("acknowledge", {})
            case command if command in _COMMANDS:
                self._opener.command(*_COMMANDS[command])
            case TrayCommand.OPEN:
                self._opener.window()
            case TrayCommand.SETTINGS:
                self._opener.settings()
            case _:
                self._opener.doctor()


def _pause_end(action: TrayAction) -> float | None:
    """Return when the pause ends, seconds since the epoch; ``None``: when it is resumed."""
    if action.command is TrayCommand.PAUSE_FOR:
        return time.time() + (action.seconds or 0.0)
    return until("tomorrow", datetime.now()) if action.command is TrayCommand.PAUSE_UNTIL_TOMORROW else None


def run(tray: Tray, session: Callable[[], None], stop: Callable[[], None], say: Callable[[str], None]) -> None:
    """Run `session` in a thread and `tray` on this one, until the session is over.

    Args:
        tray: stopped when the session ends.
        session: what to run; its error is raised here, afterwards.
        stop: asks the session to end; called if the tray ends with an error.
        say: told once why there is no icon, if there can be none.
    """
    failed: list[BaseException] = []

    def work() -> None:
        try:
            session()
        except BaseException as error:  # noqa: BLE001 # carried to the main thread, which knows what to make of it
            failed.append(error)
        finally:
            tray.stop()

    worker = threading.Thread(target=work, name="session")
    worker.start()
    try:
        tray.run()
    except TrayUnavailable as error:
        say(f"No tray icon: {error}")
    except BaseException:
        stop()
        raise
    finally:
        _joined(worker)
    if failed:
        raise failed[0]


def _joined(worker: threading.Thread) -> None:
    """Wait for the session; in pieces, so that a signal is handled meanwhile."""
    while worker.is_alive():
        worker.join(0.2)
