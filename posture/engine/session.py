"""The state machine of a live session, as one pure function: events in, effects out.

``step(state, event) -> (state, effects)`` reads no clock and has no side effects. The caller stamps the events, carries out
the effects in their order, and gives readings to ``engine.Engine`` only while ``SessionState.measures``.

Several holds may be on at once (paused, locked, asleep, leased). The camera is on only while none is, and nothing starts
again once a stop was asked for. Time without a picture is unknown, for the reason that comes first in ``ORDER``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, pairwise

from posture.engine.spans import GAP, NOT_STARTED
from posture.types import Mode

ORDER = (Mode.SUSPENDED, Mode.PAUSED, Mode.LOCKED, Mode.LENT)
"""Holds, the most important first: a computer that sleeps does nothing else, and a pause is the person's own decision, which a
locked screen or a lease do not end. Then comes the camera's own state, which only counts while no hold is on."""
REASONS = {
    Mode.READY: NOT_STARTED,
    **dict.fromkeys((Mode.OPENING, Mode.STOPPING, Mode.STOPPED), GAP),
    Mode.LENT: "preview",
    **{mode: mode.value for mode in (Mode.CAMERA_LOST, Mode.LOCKED, Mode.PAUSED, Mode.SUSPENDED)},
}
"""Why nothing is known in a mode, as the spans say it; not in here: running, and opening for the first time."""


class PausedBy(StrEnum):
    """Who paused; each ends only its own pause."""

    USER = "user"
    PRESENCE = "presence"
    """The interruption policy: on battery, lid closed, or another program wants the camera."""


class PictureStatus(StrEnum):
    """What the camera gives while it is on."""

    AWAITED = "awaited"
    THERE = "there"
    LOST = "lost"


# --- events: what has happened, at `time_s` seconds of the session's clock


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    time_s: float
    """Seconds since the session's start. An event dated before an earlier one counts as of the same moment as that one."""


class Start(Event):
    """The session begins."""


class Tick(Event):
    """Time passes: send one a second, for pauses that run out, and one with each reading, so that no event is dated before it."""


@dataclass(frozen=True, slots=True)
class Pause(Event):
    """A pause begins; another one by the same takes its place."""

    by: PausedBy = PausedBy.USER
    until_s: float | None = None
    """Seconds since the session's start at which it runs out by itself; ``None``: when it is resumed."""


@dataclass(frozen=True, slots=True)
class Resume(Event):
    """The pause by `by` ends."""

    by: PausedBy = PausedBy.USER


class Lock(Event):
    """The screen was locked."""


class Unlock(Event):
    """The screen was unlocked."""


class Suspend(Event):
    """The computer goes to sleep, or is found to have done so."""


class Wake(Event):
    """The computer is awake again."""


@dataclass(frozen=True, slots=True)
class CameraLost(Event):
    """The camera cannot be opened, hangs or gives no picture; ignored while it is to be off."""

    words: str = "The camera has stopped sending pictures; trying to get it back."
    """The message to the person."""


class CameraBack(Event):
    """The camera gives pictures: the first since it was opened or lost."""


@dataclass(frozen=True, slots=True)
class LeaseRequested(Event):
    """Another process of ours requests a lease of the camera."""

    holder: str
    """Who asks; unique."""


@dataclass(frozen=True, slots=True)
class LeaseReturned(Event):
    """The lease holder is done or dead; ignored from any other process."""

    holder: str


class Stop(Event):
    """The session is to end."""


class Stopped(Event):
    """Everything is stored."""


# --- effects: what is to be done, in this order


@dataclass(frozen=True, slots=True)
class HoldPrompts:
    """Show nothing from now on, and withdraw what is shown."""


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Close the camera, or stop looking for it."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """For ``Engine.interrupt``: from `time_s` on nothing is known, because of `reason`."""

    time_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class EndSession:
    """For ``Engine.finish``: store what there is and send ``Stopped``."""

    time_s: float


@dataclass(frozen=True, slots=True)
class GrantLease:
    """Grant the lease; the camera is off by now."""

    holder: str


@dataclass(frozen=True, slots=True)
class RefuseLease:
    """Refuse the lease, with the reason."""

    holder: str
    words: str


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Keep the camera on until ``CloseCamera``: open it, send ``CameraBack`` or ``CameraLost``, and when lost try again."""


@dataclass(frozen=True, slots=True)
class ReleasePrompts:
    """Prompts may be shown."""


@dataclass(frozen=True, slots=True)
class Say:
    """Show the person a message."""

    words: str


Effect = HoldPrompts | CloseCamera | Interrupt | EndSession | GrantLease | RefuseLease | OpenCamera | ReleasePrompts | Say

_ANNOUNCED = {Mode.PAUSED: "Paused; the camera is off.", Mode.LENT: "The camera is in use by another command; this time isn't measured."}
_AGAIN = "Measuring again."
_STOPPING = "The monitor is stopping."


class SessionPhase(StrEnum):
    """How far the session has come."""

    READY = "ready"
    LIVE = "live"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SessionState:
    """The state of a session; a new one is ready, with no hold, the camera off and prompts held."""

    time_s: float = 0.0
    """Seconds since the session's start, of the last event."""
    phase: SessionPhase = SessionPhase.READY
    pauses: tuple[Pause, ...] = ()
    """At most one by each: who paused, since when, until when."""
    suspended: bool = False
    locked: bool = False
    lease_holder: str | None = None
    picture: PictureStatus = PictureStatus.AWAITED
    """Awaited whenever the camera is off."""
    untouched: bool = True
    """Whether there was neither a picture nor a hold since the session began."""
    announced: Mode = Mode.RUNNING
    """The last mode that was announced to the person."""

    @property
    def mode(self) -> Mode:
        """What the session is doing: of several holds the first of ``ORDER``."""
        if self.phase is not SessionPhase.LIVE:
            return Mode(self.phase.value)
        holds = {
            Mode.SUSPENDED: self.suspended,
            Mode.PAUSED: bool(self.pauses),
            Mode.LOCKED: self.locked,
            Mode.LENT: self.lease_holder is not None,
        }
        of_camera = {PictureStatus.AWAITED: Mode.OPENING, PictureStatus.THERE: Mode.RUNNING, PictureStatus.LOST: Mode.CAMERA_LOST}
        return next((hold for hold in ORDER if holds[hold]), of_camera[self.picture])

    @property
    def camera_on(self) -> bool:
        """Whether the camera is to be open, or looked for if it is lost."""
        return self.mode in (Mode.OPENING, Mode.RUNNING, Mode.CAMERA_LOST)

    @property
    def measures(self) -> bool:
        """Whether readings count and prompts may be shown; readings that come at another time are to be dropped."""
        return self.mode is Mode.RUNNING

    @property
    def reason(self) -> str | None:
        """Why nothing is known now; ``None`` while running."""
        return NOT_STARTED if self.mode is Mode.OPENING and self.untouched else REASONS.get(self.mode)


def step(state: SessionState, event: Event) -> tuple[SessionState, tuple[Effect, ...]]:
    """Return the state after `event`, and the effects to carry out, in order.

    A pause that ran out before the event ends at its own moment in the spans; what follows from that for the camera is
    judged after the event, so that the camera does not blink for a lock that comes late.
    """
    at = max(state.time_s, event.time_s)
    stages = [state]
    if state.phase in (SessionPhase.READY, SessionPhase.LIVE):
        stages += _run_out(state, at)
        stages.append(_settled(_applied(stages[-1], event, state.camera_on), at))
    elif isinstance(event, Stopped):
        stages.append(replace(state, phase=SessionPhase.STOPPED, time_s=at))
    else:
        stages.append(replace(state, time_s=at))
    interrupts = list(chain.from_iterable(_interrupt(a, b) for a, b in pairwise(stages)))
    say, after = _announce(stages[-1], event)
    return after, (*_let_go(state, after), *interrupts, *_answer(state, after, event), *_take_up(state, after), *say)


def _run_out(state: SessionState, at: float) -> Iterator[SessionState]:
    """Yield the states after each pause that ran out by `at`, at its own moment."""
    due = sorted((p for p in state.pauses if p.until_s is not None and p.until_s <= at), key=lambda p: p.until_s or 0.0)
    for pause in due:
        state = _settled(_without(state, pause.by), max(state.time_s, pause.until_s or 0.0))
        yield state


def _applied(state: SessionState, event: Event, camera_was_on: bool) -> SessionState:
    """Apply the event; `camera_was_on`: events of the camera are stale if it was not."""
    match event:
        case Start() | Stop():
            return replace(state, phase=SessionPhase.LIVE if isinstance(event, Start) else SessionPhase.STOPPING)
        case CameraLost() | CameraBack() if camera_was_on:
            return replace(state, picture=PictureStatus.LOST if isinstance(event, CameraLost) else PictureStatus.THERE)
        case LeaseRequested(holder=holder):
            return replace(state, lease_holder=state.lease_holder or holder)
        case LeaseReturned(holder=holder) if holder == state.lease_holder:
            return replace(state, lease_holder=None)
        case _:
            return _held(state, event)


def _held(state: SessionState, event: Event) -> SessionState:
    match event:
        case Pause(by=by, until_s=until_s):
            rest = _without(state, by)
            over = until_s is not None and until_s <= max(state.time_s, event.time_s)
            return rest if over else replace(rest, pauses=(*rest.pauses, event))
        case Resume(by=by):
            return _without(state, by)
        case Lock() | Unlock():
            return replace(state, locked=isinstance(event, Lock))
        case Suspend() | Wake():
            return replace(state, suspended=isinstance(event, Suspend))
        case _:
            return state


def _without(state: SessionState, by: PausedBy) -> SessionState:
    return replace(state, pauses=tuple(p for p in state.pauses if p.by is not by))


def _settled(state: SessionState, at: float) -> SessionState:
    """Return `state` at `at` seconds; a camera that is off has no picture, and is not known to be lost either."""
    picture = state.picture if state.camera_on else PictureStatus.AWAITED
    untouched = state.untouched and state.mode in (Mode.READY, Mode.OPENING)
    return replace(state, time_s=at, picture=picture, untouched=untouched)


def _interrupt(before: SessionState, after: SessionState) -> Iterator[Interrupt]:
    # Before the first picture the spans say by themselves that nothing has begun.
    if after.reason not in (None, NOT_STARTED, before.reason):
        yield Interrupt(after.time_s, str(after.reason))


def _let_go(before: SessionState, after: SessionState) -> Iterator[Effect]:
    if before.measures and not after.measures:
        yield HoldPrompts()
    if before.camera_on and not after.camera_on:
        yield CloseCamera()


def _answer(before: SessionState, after: SessionState, event: Event) -> Iterator[Effect]:
    if after.phase is SessionPhase.STOPPING and before.phase is not SessionPhase.STOPPING:
        yield EndSession(after.time_s)
    if isinstance(event, LeaseRequested):
        if before.phase in (SessionPhase.STOPPING, SessionPhase.STOPPED):
            yield RefuseLease(event.holder, _STOPPING)
        elif after.lease_holder == event.holder:
            yield GrantLease(event.holder)
        else:
            yield RefuseLease(event.holder, f"The camera is in use by {after.lease_holder}.")


def _take_up(before: SessionState, after: SessionState) -> Iterator[Effect]:
    if after.camera_on and not before.camera_on:
        yield OpenCamera()
    if after.measures and not before.measures:
        yield ReleasePrompts()


def _announce(state: SessionState, event: Event) -> tuple[list[Say], SessionState]:
    """Say each change once that matters to a person who is there: not a locked screen."""
    mode = state.mode
    words = {**_ANNOUNCED, Mode.RUNNING: _AGAIN}
    if isinstance(event, CameraLost):
        words[Mode.CAMERA_LOST] = event.words
    if mode is state.announced or mode not in words:
        return [], state
    return [Say(words[mode])], replace(state, announced=mode)
