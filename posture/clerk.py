"""Answers what other processes of ours ask of a running monitor: how it is, a pause, an end, the camera for a while."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from posture import __version__, session
from posture.model import Answer, Kind, ReportKind
from posture.monitor import Monitor
from posture.sources.names import CameraInfo

PAUSE_KEY = "pause_until_utc"
"""Under which a pause is kept, so that a restart does not end it: seconds since the epoch, or ``open``."""
OPEN_END = "open"
LONGEST_PAUSE_S = 7 * 86400.0 + 3600.0
"""A week, and an hour for a change of the clocks."""


class Request(Protocol):
    """Something that was asked; see ``control.Request``."""

    @property
    def what(self) -> str:
        """What is wanted."""

    @property
    def values(self) -> Mapping[str, Any]:
        """With which particulars."""

    def reply(self, answer: Mapping[str, Any]) -> None:
        """Say so, once."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while the monitor runs."""

    began_utc: float
    camera: str
    """What to call it before the user."""
    address: str
    """How it is opened; for a borrower of our own, and nowhere else."""
    profile: str | None
    soft_s: float


@dataclass(slots=True)
class Clerk:
    """Carries requests out on a monitor; a ``Lender`` too. For the monitor's own thread."""

    facts: Facts
    let_go: Callable[[], bool]
    """Whether nothing holds the camera."""
    known: Callable[[], CameraInfo | None]
    """The camera that was opened."""
    keep: Callable[[str, str | None], None]
    """Keeps a value over restarts."""
    answered: Callable[[int | None, Answer, float], str | None]
    """Takes the answer to a prompt (``None``: the last one); why it cannot, in words."""
    reported: Callable[[ReportKind | None, bool, float], None]
    """The person said something of their back (and whether it raised the red flag), or (``None``) acknowledged the referral."""
    neutral: Callable[[], Mapping[str, Any] | None] = lambda: None
    """What the monitor measures against, as ``Neutral.as_dict``."""
    given_back: Callable[[], str | None] = lambda: None
    """Called when the camera is back; the profile that is measured against from now on."""
    borrowers: dict[str, int] = field(default_factory=dict)
    """The process of each borrower, where it told; read by other threads."""
    utc: Callable[[], float] = time.time
    """The clock on the wall, seconds since the epoch. It may be set at any time, so it is only asked how far away a moment is."""
    _asked: dict[str, Request] = field(default_factory=dict)
    _promised: list[str] = field(default_factory=list)

    def take(self, request: Request, monitor: Monitor, time_s: float) -> None:
        """Carry one request out, at `time_s` seconds since the session's start."""
        values = request.values
        match request.what:
            case "status":
                request.reply(self.status(monitor))
            case "pause":
                self._pause(request, monitor, time_s)
            case "resume":
                self.resume(monitor, time_s)
                request.reply(self.status(monitor))
            case "stop":
                request.reply({"stopping": True, "pid": os.getpid()})
                monitor.happen(session.Stop(time_s))
            case "lend":
                borrower = str(values.get("borrower", ""))
                self._asked[borrower] = request
                if isinstance(values.get("pid"), int):
                    self.borrowers[borrower] = values["pid"]
                monitor.happen(session.Lend(time_s, borrower))
            case "give_back" | "gone":
                self._given_back(request, monitor, time_s)
            case "answer":
                self._answer(request, time_s)
            case "report" | "acknowledge":
                self._report(request, time_s)
            case other:
                request.reply({"error": f"the running monitor (version {__version__}) does not know {other!r}"})

    def pause(self, monitor: Monitor, until_utc: float | None, time_s: float) -> None:
        """Pause until then (seconds since the epoch), or until resumed; holds over a restart."""
        until_s = None if until_utc is None else time_s + until_utc - self.utc()
        self.keep(PAUSE_KEY, OPEN_END if until_utc is None else repr(until_utc))
        monitor.happen(session.Pause(time_s, session.By.USER, until_s))

    def resume(self, monitor: Monitor, time_s: float) -> None:
        """End the user's pause."""
        self.keep(PAUSE_KEY, None)
        monitor.happen(session.Resume(time_s, session.By.USER))

    def lend(self, borrower: str) -> None:
        """The camera is theirs as soon as nothing holds it any more."""
        self._promised.append(borrower)
        self.serve()

    def refuse(self, borrower: str, words: str) -> None:
        """They do not get it, and why."""
        self.borrowers.pop(borrower, None)
        request = self._asked.pop(borrower, None)
        if request is not None:
            request.reply({"error": words})

    def serve(self) -> None:
        """Tell those who wait for the camera that it is free, once it is; call it often."""
        if not self._promised or not self.let_go():
            return
        for borrower in self._promised:
            request = self._asked.pop(borrower, None)
            if request is not None:
                request.reply(self._loan())
        self._promised.clear()

    def status(self, monitor: Monitor) -> dict[str, Any]:
        """How the monitor is, as JSON holds it; times are seconds, ``*_utc`` since the epoch."""
        state, now = monitor.state, monitor.now
        judged = now.judged if state.measures else None
        trunk = judged.reading.trunk_flexion if judged is not None else None
        until_s = next((p.until_s for p in state.pauses if p.by is session.By.USER), None)
        return {
            "pid": os.getpid(),
            "version": __version__,
            "since_utc": self.facts.began_utc,
            "mode": state.mode.value,
            "reason": state.reason,
            "words": now.words,
            "prompts_held": now.held,
            "advice": monitor.advice,
            "posture": None if judged is None else judged.posture.value,
            "reason_unknown": None if judged is None else judged.reason,
            "trunk_flexion_deg": None if trunk is None else round(trunk.deg, 1),
            "dose_s": {kind.value: round(monitor.total.dose_s.get(kind, 0.0), 1) for kind in Kind},
            "soft_s": self.facts.soft_s,
            "paused_by": [str(p.by) for p in state.pauses],
            "paused_until_utc": None if until_s is None else self.utc() + until_s - state.time_s,
            "camera": self.facts.camera,
            "profile": self.facts.profile,
            "prompts": len(monitor.total.shown),
        }

    def _pause(self, request: Request, monitor: Monitor, time_s: float) -> None:
        until_utc = request.values.get("until_utc")
        if until_utc is not None:
            if isinstance(until_utc, bool) or not isinstance(until_utc, int | float):
                request.reply({"error": "until_utc has to be a number"})
                return
            if not 0.0 < until_utc - self.utc() <= LONGEST_PAUSE_S:
                request.reply({"error": "a pause ends within the next seven days"})
                return
        self.pause(monitor, until_utc, time_s)
        request.reply(self.status(monitor))

    def _loan(self) -> dict[str, Any]:
        known = self.known()
        return {
            "camera": self.facts.address,
            "known": None if known is None else asdict(known),
            "profile": self.facts.profile,
            "neutral": self.neutral(),
        }

    def _given_back(self, request: Request, monitor: Monitor, time_s: float) -> None:
        borrower = str(request.values.get("borrower", ""))
        self._asked.pop(borrower, None)
        self.borrowers.pop(borrower, None)
        if borrower in self._promised:
            self._promised.remove(borrower)
        died = request.what == "gone"
        self.facts = replace(self.facts, profile=self.given_back() or self.facts.profile)
        monitor.happen(session.BorrowerDied(time_s, borrower) if died else session.GiveBack(time_s, borrower))
        request.reply({"given_back": True})

    def _answer(self, request: Request, time_s: float) -> None:
        try:
            answer = Answer(request.values.get("answer", ""))
        except ValueError:
            request.reply({"error": f"an answer is one of: {', '.join(Answer)}"})
            return
        number = request.values.get("number")
        words = self.answered(number if isinstance(number, int) else None, answer, time_s)
        request.reply({"answered": answer.value} if words is None else {"error": words})

    def _report(self, request: Request, time_s: float) -> None:
        kind = None
        if request.what == "report":
            try:
                kind = ReportKind(request.values.get("kind", ""))
            except ValueError:
                request.reply({"error": f"a report is one of: {', '.join(ReportKind)}"})
                return
        self.reported(kind, request.values.get("flagged") is True, time_s)
        request.reply({"noted": True})


def kept_pause(kept: str | None, now_utc: float) -> session.Pause | None:
    """The pause that was kept under ``PAUSE_KEY``, for a session that begins at `now_utc`; ``None`` if there is none or it is over."""
    if kept is None:
        return None
    if kept == OPEN_END:
        return session.Pause(0.0)
    try:
        until_s = json.loads(kept) - now_utc
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return session.Pause(0.0, until_s=until_s) if 0 < until_s <= LONGEST_PAUSE_S else None
