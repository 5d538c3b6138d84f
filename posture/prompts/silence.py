"""Why no prompt comes at this moment, in one sentence: the same in the terminal, the tray, JSON and on the page of the day. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from posture.engine import SessionStatus
from posture.prompts.hold_backs import hold_words
from posture.prompts.limits import LIMITS
from posture.time_parsing import moment_words, span_words
from posture.types import KIND_WORDS, MODE_WORDS, EpisodeKind, HoldBack, HoldReason, Mode, NextPrompt, Posture

LEAST_UNKNOWN_S = 60.0
"""Shorter than this an unknown posture is not worth a word: every turn of the body makes some."""
_FIRST_ONLY = {HoldReason.QUIET, HoldReason.CAP, HoldReason.UNANSWERED}
"""These hold no firm step back."""


class SilenceReason(StrEnum):
    """Why no prompt comes, beside the `Mode` of a session that does not measure and the `HoldReason` of a prompt."""

    NOT_RUNNING = "not_running"
    AWAY = "away"
    UNKNOWN = "unknown"
    """The posture has not been known for a minute or more."""
    NOT_CALIBRATED = "not_calibrated"
    NOT_DUE = "not_due"
    """Nothing hinders; when the next one comes at the earliest is known."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Why no prompt comes."""

    reason: str
    """A `Mode`, `HoldReason` or `SilenceReason`."""
    words: str
    """One sentence."""
    until_utc: float | None = None
    """When it ends, if that is known, seconds since the epoch."""
    detail: str = ""
    """Of a hold, what it is; of a cap, how many."""

    @classmethod
    def of_status(cls, status: Mapping[str, Any]) -> Silence | None:
        """Return what the status of a running monitor says of it; ``None``: nothing."""
        said = status.get("silence")
        if not isinstance(said, dict) or not isinstance(said.get("words"), str):
            return None
        until_utc = said.get("until_utc")
        end_utc = float(until_utc) if isinstance(until_utc, int | float) else None
        return cls(str(said.get("reason")), said["words"], end_utc, str(said.get("detail", "")))

    @property
    def hinders(self) -> bool:
        """Whether it keeps prompts from coming, instead of saying when one comes or how well is measured."""
        return self.reason not in (SilenceReason.NOT_DUE, SilenceReason.NOT_CALIBRATED)


NOT_RUNNING = Silence(SilenceReason.NOT_RUNNING, "No reminders: the monitor isn't running.")


def silence_of(status: SessionStatus) -> Silence | None:
    """Return why no prompt comes; of several reasons the one that holds most back. ``None``: nothing hinders, and no time can be given.

    That a prompt is withheld is not told: the scheduler leaves it out of what it gives to the status.
    """
    return _not_measured(status) or _held(status) or _nobody_known(status) or _limited(status) or _not_due(status) or _rough(status)


def _not_measured(status: SessionStatus) -> Silence | None:
    if status.mode is Mode.RUNNING:
        return None
    until_utc = status.paused_until_utc if status.mode is Mode.PAUSED else None
    until = "" if until_utc is None else f" until {_moment(until_utc, status)}"
    return Silence(status.mode, f"No reminders: {MODE_WORDS[status.mode]}{until}.", until_utc)


def _held(status: SessionStatus) -> Silence | None:
    """Return what holds every prompt back, a firm step too."""
    hold = HoldBack(HoldReason.HOLD, detail=status.held) if status.held else status.silence
    return None if hold is None or hold.reason in _FIRST_ONLY else _of(hold, status)


def _nobody_known(status: SessionStatus) -> Silence | None:
    if status.posture is Posture.AWAY:
        return Silence(SilenceReason.AWAY, "No reminders: there's nobody in the picture.")
    unknown_s = 0.0 if status.unknown_since_s is None else status.time_s - status.unknown_since_s
    if unknown_s < LEAST_UNKNOWN_S:
        return None
    long = span_words(60.0 * (unknown_s // 60.0))
    if status.calibrated:
        return Silence(SilenceReason.UNKNOWN, f"No reminders: your posture hasn't been known for {long}.")
    return Silence(SilenceReason.UNKNOWN, f"No reminders: you haven't calibrated, and your posture hasn't been known for {long}.")


def _limited(status: SessionStatus) -> Silence | None:
    """Return what holds back a new prompt, or what it may be."""
    if status.flagged:
        return Silence(HoldReason.REFERRAL, "Exercises wait until you've read the advice to see a professional.")
    if status.silence is not None:
        return _of(status.silence, status)
    if status.held_back:
        return _of(status.held_back[0].hold, status, status.held_back[0].kind)
    return None


def _not_due(status: SessionStatus) -> Silence | None:
    due = _next(status)
    if due is None:
        return None
    if due.unanswered:
        return _of(HoldBack(HoldReason.UNANSWERED, due.time_s), status, due.kind)
    utc, about = _utc(due.time_s, status), KIND_WORDS[due.kind]
    return Silence(SilenceReason.NOT_DUE, f"The next reminder about {about} comes at {_moment(utc, status)} at the earliest.", utc)


def _rough(status: SessionStatus) -> Silence | None:
    words = "You haven't calibrated, so slumping is measured only roughly, and forward pelvic tilt isn't reported."
    return None if status.calibrated else Silence(SilenceReason.NOT_CALIBRATED, words)


def _next(status: SessionStatus) -> NextPrompt | None:
    """Return the prompt that comes next if all goes on as now: about what is full, or about a lean or slump that is not so long yet."""
    dose_s, next_due = status.dose_s.get(EpisodeKind.FLEXED, 0.0), status.next_due
    if status.posture is not Posture.FLEXED or dose_s >= status.soft_s:
        return next_due
    full = NextPrompt(status.time_s + status.soft_s - dose_s, EpisodeKind.FLEXED, unanswered=False)
    return full if next_due is None or full.time_s < next_due.time_s else next_due


def _of(hold: HoldBack, status: SessionStatus, kind: EpisodeKind | None = None) -> Silence:
    """Return what a hold says; `kind`: what alone it holds back."""
    words = hold_words(hold, lambda time_s: _moment(_utc(time_s, status), status)).strip().rstrip(".")
    words = words if words[1:2].isupper() else words[:1].lower() + words[1:]
    what = "new reminder" if hold.reason in _FIRST_ONLY else "reminders"
    about = "" if kind is None or hold.reason in LIMITS else f" about {KIND_WORDS[kind]}"
    until_utc = None if hold.until_s is None else _utc(hold.until_s, status)
    return Silence(hold.reason, f"No {what}{about}: {words}.", until_utc, hold.detail)


def _utc(time_s: float, status: SessionStatus) -> float:
    return status.at_utc + time_s - status.time_s


def _moment(utc: float, status: SessionStatus) -> str:
    """Write a moment; in the minute that it falls in it has not come, so the next one is written."""
    return moment_words(60.0 * math.ceil((utc - 1.0) / 60.0), datetime.fromtimestamp(status.at_utc))
