"""Carries out what other processes ask of a running monitor: its status, a pause, the end, a lease of the camera."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from posture._version import __version__
from posture.capture import CameraInfo
from posture.engine import ExerciseSpec, GuidedExercise, session
from posture.errors import ControlError, PostureError
from posture.monitor.control.server import ControlRequest
from posture.monitor.picture_feed import exercise_words
from posture.monitor.session import Monitor
from posture.prompts import silence_of
from posture.types import Answer, EpisodeKind, ExerciseEnd, HoldBack, ReportKind

E = TypeVar("E", bound=StrEnum)
PAUSE_KEY = "pause_until_utc"
"""The key of a pause in the database, so that a restart does not end it: seconds since the epoch, or ``open``."""
OPEN_END = "open"
LONGEST_PAUSE_S = 7 * 86400.0 + 3600.0
"""A week, and an hour for a change of the clocks."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What does not change while the monitor runs."""

    began_utc: float
    camera: str
    """Its name for the user."""
    address: str
    """How it is opened; for lease holders, and nowhere else."""
    profile: str | None
    options: tuple[str, ...] = ()
    """Of ``posture watch``, as it was started, but for the camera, which is remembered."""


@dataclass(slots=True)
class RequestHandler:
    """Carries requests out on a monitor, and answers those who wait for a lease. For the monitor's own thread."""

    facts: SessionFacts
    released: Callable[[], bool]
    """Whether nothing holds the camera open."""
    known: Callable[[], CameraInfo | None]
    """The camera that was opened."""
    keep: Callable[[str, str | None], None]
    """Stores a value under a key over restarts."""
    answered: Callable[[int | None, Answer, float], str | None]
    """Handles the answer to a prompt (``None``: the last one); returns why it cannot, in words."""
    reported: Callable[[ReportKind | None, bool, float], None]
    """Handles a self-report (and whether it raised a red flag), or (``None``) the acknowledgement of the referral."""
    neutral: Callable[[], Mapping[str, Any] | None] = lambda: None
    """The neutral in use, as ``Neutral.as_dict``."""
    again: Callable[[], tuple[int, str] | None] = lambda: None
    """Shows the last prompt once more; returns its number and title, ``None`` if there was none, or raises ``ControlError``."""
    movements: Callable[[], Mapping[str, ExerciseSpec]] = dict
    """What can be counted, by the id of its entry."""
    why_no_exercise: Callable[[], str] = lambda: ""
    """Why no exercise is to be done now, in words; empty if nothing hinders."""
    tray: Callable[[], bool] = lambda: False
    """Whether an icon is shown in the tray."""
    lease_ended: Callable[[], str | None] = lambda: None
    """Called when a lease ends; returns the profile that is used from now on."""
    holders: dict[str, int] = field(default_factory=dict)
    """The process of each lease holder, where known; read by other threads."""
    utc: Callable[[], float] = time.time
    """The wall clock, seconds since the epoch. It may be set at any time, so it is only used for how far away a moment is."""
    _lease_requests: dict[str, ControlRequest] = field(default_factory=dict)
    _granted: str | None = None
    """Who waits for the camera to be released."""

    def process(self, request: ControlRequest, monitor: Monitor, time_s: float) -> None:
        """Carry out one request at `time_s` seconds since the session's start; errors other than wrong values are raised too."""
        try:
            self._process(request, monitor, time_s)
        except ControlError as error:
            request.refuse(str(error))
        except Exception as error:
            request.refuse(str(error) if isinstance(error, PostureError) else "that failed in the running monitor; its log says why")
            raise

    def _process(self, request: ControlRequest, monitor: Monitor, time_s: float) -> None:
        match request.what:
            case "status":
                request.reply(self.status(monitor))
            case "pause":
                self._pause(request.number("until_utc"), monitor, time_s)
                request.reply(self.status(monitor))
            case "resume":
                self.keep(PAUSE_KEY, None)
                monitor.handle_event(session.Resume(time_s, session.PausedBy.USER))
                request.reply(self.status(monitor))
            case "stop":
                request.reply({"stopping": True, "pid": os.getpid()})
                monitor.handle_event(session.Stop(time_s))
            case "request_lease":
                self._request_lease(request, monitor, time_s)
            case "release_lease" | "lease_lost":
                self._release_lease(request, monitor, time_s)
            case "show_pictures" | "pictures_unwatched":
                self._pictures(request, monitor)
            case "exercise" | "exercise_stop":
                self._exercise(request, monitor, time_s)
            case "answer":
                self._answer(request, time_s)
            case "again":
                request.reply(self._again())
            case "report" | "acknowledge":
                self._report(request, time_s)
            case other:
                request.refuse(f"the running monitor (version {__version__}) does not know {other!r}")

    def grant_lease(self, holder: str) -> None:
        """Lease the camera to `holder` as soon as nothing holds it open."""
        self._granted = holder
        self.answer_leases()

    def refuse_lease(self, holder: str, words: str) -> None:
        """Refuse the lease, with the reason in words."""
        if (request := self._forget(holder)) is not None:
            request.refuse(words)

    def answer_leases(self) -> None:
        """Tell the one who waits for the camera that it is free, once it is; call it often."""
        if self._granted is None or not self.released():
            return
        holder, self._granted = self._granted, None
        if (request := self._lease_requests.pop(holder, None)) is not None:
            request.reply(self._lease())

    def _forget(self, holder: str) -> ControlRequest | None:
        """Forget a lease holder; return its request if that was not answered."""
        self.holders.pop(holder, None)
        if self._granted == holder:
            self._granted = None
        return self._lease_requests.pop(holder, None)

    def status(self, monitor: Monitor) -> dict[str, Any]:
        """Return the status as JSON holds it; times are seconds, ``*_utc`` since the epoch."""
        state, shown = monitor.state, monitor.status
        judged = shown.judged if state.measures else None
        trunk = judged.reading.trunk_flexion if judged is not None else None
        until_s = next((p.until_s for p in state.pauses if p.by is session.PausedBy.USER), None)
        return {
            "pid": os.getpid(),
            "version": __version__,
            "since_utc": self.facts.began_utc,
            "mode": state.mode.value,
            "reason": state.reason,
            "words": shown.words,
            "prompts_held": shown.held,
            "held_back": [
                {"kind": h.kind.value, "step": h.step.value, "since_utc": self._utc_of(h.time_s, state), **self._hold(h.hold, state)}
                for h in shown.held_back
            ],
            "silence": None if (silence := silence_of(shown)) is None else asdict(silence),
            "advice": monitor.advice,
            "posture": None if judged is None else judged.posture.value,
            "reason_unknown": None if judged is None else judged.reason,
            "trunk_flexion_deg": None if trunk is None else round(trunk.deg, 1),
            "dose_s": {kind.value: round(monitor.total.dose_s.get(kind, 0.0), 1) for kind in EpisodeKind},
            "soft_s": monitor.live.measurement.settings.dose.soft_s,
            "limits_s": _limits(monitor),
            "snooze_s": shown.snooze_s,
            "paused_by": [str(p.by) for p in state.pauses],
            "paused_until_utc": None if until_s is None else self.utc() + until_s - state.time_s,
            "camera": self.facts.camera,
            "profile": self.facts.profile,
            "options": list(self.facts.options),
            "prompts": len(monitor.total.shown),
            "waiting": None if shown.prompt is None else {"number": shown.prompt[0], "title": shown.prompt[1]},
            "last": shown.last,
            "flagged": shown.flagged,
            "calibrated": shown.calibrated,
            "next_due": None if shown.next_due is None else asdict(shown.next_due),
            "tray": self.tray(),
            "exercise": None if monitor.guided_view is None else exercise_words(monitor.guided_view),
        }

    def _hold(self, hold: HoldBack, state: session.SessionState) -> dict[str, Any]:
        until_utc = None if hold.until_s is None else self._utc_of(hold.until_s, state)
        return {"reason": hold.reason.value, "until_utc": until_utc, "detail": hold.detail}

    def _utc_of(self, time_s: float, state: session.SessionState) -> float:
        return self.utc() + time_s - state.time_s

    def _pause(self, until_utc: float | None, monitor: Monitor, time_s: float) -> None:
        """Pause until `until_utc` (seconds since the epoch; ``None``: until resumed); holds over a restart."""
        if until_utc is not None and not 0.0 < until_utc - self.utc() <= LONGEST_PAUSE_S:
            raise ControlError("a pause can last at most seven days")
        until_s = None if until_utc is None else time_s + until_utc - self.utc()
        self.keep(PAUSE_KEY, OPEN_END if until_utc is None else repr(until_utc))
        monitor.handle_event(session.Pause(time_s, session.PausedBy.USER, until_s))

    def _lease(self) -> dict[str, Any]:
        known = self.known()
        return {
            "camera": self.facts.address,
            "known": None if known is None else asdict(known),
            "profile": self.facts.profile,
            "neutral": self.neutral(),
        }

    def _request_lease(self, request: ControlRequest, monitor: Monitor, time_s: float) -> None:
        holder, pid = str(request.values.get("holder", "")), request.values.get("pid")
        self._lease_requests[holder] = request
        if isinstance(pid, int):
            self.holders[holder] = pid
        monitor.handle_event(session.LeaseRequested(time_s, holder))

    def _release_lease(self, request: ControlRequest, monitor: Monitor, time_s: float) -> None:
        holder = str(request.values.get("holder", ""))
        self._forget(holder)
        self.facts = replace(self.facts, profile=self.lease_ended() or self.facts.profile)
        monitor.handle_event(session.LeaseReturned(time_s, holder))
        request.reply({"released": True})

    def _exercise(self, request: ControlRequest, monitor: Monitor, time_s: float) -> None:
        """Begin a guided exercise, or end it: ``hurt`` says that it hurt."""
        values = request.values
        if request.what == "exercise_stop":
            if monitor.guided is None:
                raise ControlError("no exercise is being done")
            monitor.end_exercise(ExerciseEnd.HURT if values.get("hurt") is True else ExerciseEnd.STOPPED, time_s)
        else:
            spec = self.movements().get(str(values.get("id")))
            if spec is None:
                raise ControlError(f"{values.get('id')!r} is none of the exercises that can be counted: {', '.join(self.movements())}")
            if (why := self.why_no_exercise()) or not monitor.state.measures:
                raise ControlError(why or "the camera is off just now")
            number = values.get("prompt")
            neutral = monitor.live.measurement.neutral
            monitor.begin_exercise(GuidedExercise(spec, neutral, time_s, number if isinstance(number, int) else None), time_s)
        request.reply(self.status(monitor))

    @staticmethod
    def _pictures(request: ControlRequest, monitor: Monitor) -> None:
        """Show pictures to one who wants to look, or no more to one who is gone."""
        viewer = str(request.values.get("viewer", ""))
        if request.what == "show_pictures":
            request.reply(monitor.watch_pictures(viewer))
        else:
            monitor.unwatch_pictures(viewer)
            request.reply({})

    def _answer(self, request: ControlRequest, time_s: float) -> None:
        answer = _one_of(Answer, request.values.get("answer"), "an answer")
        number = request.values.get("number")
        words = self.answered(number if isinstance(number, int) else None, answer, time_s)
        request.reply({"answered": answer.value} if words is None else {"error": words})

    def _again(self) -> dict[str, Any]:
        shown = self.again()
        if shown is None:
            raise ControlError("there has been no reminder since the monitor started")
        return {"number": shown[0], "title": shown[1]}

    def _report(self, request: ControlRequest, time_s: float) -> None:
        kind = _one_of(ReportKind, request.values.get("kind"), "a report") if request.what == "report" else None
        self.reported(kind, request.values.get("flagged") is True, time_s)
        request.reply({"noted": True})


def _limits(monitor: Monitor) -> dict[str, float]:
    """Return the dose of each kind that brings its first prompt, seconds."""
    dose = monitor.live.measurement.settings.dose
    limits = (dose.soft_s, dose.tilt_s, dose.sitting_s, dose.still_s)
    kinds = (EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT, EpisodeKind.SITTING, EpisodeKind.STILLNESS)
    return {kind.value: limit for kind, limit in zip(kinds, limits, strict=True)}


def _one_of(kind: type[E], value: Any, noun: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise ControlError(f"{noun} must be one of: {', '.join(kind)}") from None


def kept_pause(kept: str | None, now_utc: float) -> session.Pause | None:
    """Return the pause stored under ``PAUSE_KEY`` for a session that begins at `now_utc`; ``None`` if there is none or it is over."""
    if kept is None:
        return None
    if kept == OPEN_END:
        return session.Pause(0.0)
    try:
        until_s = float(kept) - now_utc
    except ValueError:
        return None
    return session.Pause(0.0, until_s=until_s) if 0 < until_s <= LONGEST_PAUSE_S else None
