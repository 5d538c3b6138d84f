"""A session with an icon in the tray: the icon on the main thread, as macOS wants it, the session in another one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from posture.control.until import moment_words, until
from posture.desktop.tray import Tray, TrayUnavailable
from posture.desktop.tray_menu import Action, Do, TrayState
from posture.model import Kind, Posture, ReportKind
from posture.monitor import Now

_log = logging.getLogger(__name__)
Ask = Callable[[str, Mapping[str, Any]], None]


class Opener(Protocol):
    """What is opened for the person beside the session, each in its own way; none of it waits."""

    def command(self, *words: str) -> None:
        """Run one of our own commands in a process of its own."""

    def exercise(self, prompt_id: str) -> None:
        """Show how it is done."""

    def report(self, kind: ReportKind) -> bool:
        """Write down what the person feels, and show the answer; whether a red flag is up now."""

    def acknowledge(self) -> None:
        """Write down that the person has read the referral."""

    def settings(self) -> None:
        """Open the settings file."""

    def doctor(self) -> None:
        """Show what works here and what does not."""


class TrayFace:
    """Turns what a session shows into states of the tray."""

    def __init__(self, tray: Tray, soft_s: float) -> None:
        """`soft_s`: seconds of flexed dose that call for a prompt."""
        self._tray, self._soft_s = tray, soft_s

    def now(self, now: Now) -> None:
        """The state of the moment."""
        self._tray.update(state_of(now, self._soft_s))

    def say(self, words: str) -> None:
        """Nothing: the icon and its words say it."""


def state_of(now: Now, soft_s: float) -> TrayState:
    """What the tray shows of a session; `soft_s` as for `TrayFace`."""
    seen = now.judged is not None and now.judged.posture is not Posture.UNKNOWN
    until_utc = None if now.paused_until_s is None else time.time() + now.paused_until_s - now.time_s
    return TrayState(
        mode=now.mode.value,
        posture=now.judged.posture.value if now.judged is not None and seen else None,
        flexed_s=now.dose_s.get(Kind.FLEXED, 0.0),
        soft_s=soft_s,
        sitting_s=now.dose_s.get(Kind.SITTING, 0.0),
        words=now.words or now.held,
        paused_until=None if until_utc is None else moment_words(until_utc, datetime.now()),
        prompts_held=bool(now.held),
        flagged=now.flagged,
        prompt=now.prompt,
        advice=now.advice,
    )


class Actions:
    """Carries out what is asked for in the tray; on the tray's own thread."""

    def __init__(self, ask: Ask, opener: Opener, end: Callable[[], None]) -> None:
        """`ask`: the session; `opener`: what else is opened; `end`: ends the session."""
        self._ask, self._opener, self._end = ask, opener, end

    def __call__(self, action: Action) -> None:
        """Carry out one."""
        match action.do:
            case Do.PAUSE_FOR | Do.PAUSE_UNTIL_TOMORROW | Do.PAUSE_UNTIL_RESUMED:
                self._ask("pause", {"until_utc": _pause_end(action)})
            case Do.RESUME:
                self._ask("resume", {})
            case Do.QUIT:
                self._end()
            case Do.EXERCISE:
                self._opener.exercise(action.prompt_id or "")
            case Do.REPORT if action.report is not None:
                flagged = self._opener.report(action.report)
                self._ask("report", {"kind": action.report.value, "flagged": flagged})
            case Do.ANSWER if action.answer is not None:
                self._ask("answer", {"answer": action.answer.value, "number": action.number})
            case Do.ACKNOWLEDGE:
                self._opener.acknowledge()
                self._ask("acknowledge", {})
            case Do.CALIBRATE | Do.PREVIEW:
                self._opener.command(action.do.value)
            case Do.TODAY:
                self._opener.command("today", "--open")
            case Do.SETTINGS:
                self._opener.settings()
            case _:
                self._opener.doctor()


def _pause_end(action: Action) -> float | None:
    """When that pause ends, seconds since the epoch; ``None``: when it is resumed."""
    if action.do is Do.PAUSE_FOR:
        return time.time() + (action.seconds or 0.0)
    return until("tomorrow", datetime.now()) if action.do is Do.PAUSE_UNTIL_TOMORROW else None


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
        say(f"No icon in the tray: {error}")
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
