"""The life of a live session as one pure function: what has happened in, what is to be done out.

``step(state, event) -> (state, effects)`` reads no clock and does nothing by itself. Whoever drives it stamps the events,
carries out the effects in their order, and gives readings to ``engine.Engine`` only while ``State.measures``.

Several holds may be on at once (paused, locked, asleep, lent out). The camera is on only while none is, and nothing starts
again once a stop was asked for. Time without a picture is unknown, for the reason that comes first in ``ORDER``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, pairwise

from posture.timeline import GAP, NOT_STARTED


class Mode(StrEnum):
    """What a session is doing, in one word."""

    READY = "ready"
    """Not begun."""
    OPENING = "opening"
    """The camera is on and has given no picture yet."""
    RUNNING = "running"
    CAMERA_LOST = "camera_lost"
    """The camera is wanted and gives no picture; whoever has it goes on trying."""
    LENT = "lent"
    LOCKED = "locked"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    STOPPING = "stopping"
    """The camera is off; what was measured is being written."""
    STOPPED = "stopped"


ORDER = (Mode.SUSPENDED, Mode.PAUSED, Mode.LOCKED, Mode.LENT)
"""Holds, the most important first: a computer that sleeps does nothing else, and a pause is the person's own word, which a
locked screen or a borrower do not take back. Then comes the camera's own state, which only counts while no hold is on."""
REASONS = {
    Mode.READY: NOT_STARTED,
    Mode.OPENING: GAP,
    Mode.CAMERA_LOST: "camera_lost",
    Mode.LENT: "preview",
    Mode.LOCKED: "locked",
    Mode.PAUSED: "paused",
    Mode.SUSPENDED: "suspended",
    Mode.STOPPING: GAP,
    Mode.STOPPED: GAP,
}
"""Why nothing is known in a mode, as the spans say it; not in here: running, and opening for the first time."""


class By(StrEnum):
    """Who paused; each lifts only what is their own."""

    USER = "user"
    PRESENCE = "presence"
    """The program's own manners: on battery, or another program wants the camera."""


class Picture(StrEnum):
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
    """Somebody wants a pause; another one by the same takes its place."""

    by: By = By.USER
    until_s: float | None = None
    """Seconds since the session's start at which it runs out by itself; ``None``: when it is resumed."""


@dataclass(frozen=True, slots=True)
class Resume(Event):
    """Who paused lifts that pause."""

    by: By = By.USER


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

    words: str = "The camera gives no picture; looking for it."
    """What the person is told."""


class CameraBack(Event):
    """The camera gives pictures: the first since it was opened or lost."""


@dataclass(frozen=True, slots=True)
class Lend(Event):
    """Another process of ours asks for the camera."""

    borrower: str
    """Tells one borrower from another."""


@dataclass(frozen=True, slots=True)
class GiveBack(Event):
    """The borrower is done; ignored from whoever is not the borrower."""

    borrower: str


@dataclass(frozen=True, slots=True)
class BorrowerDied(GiveBack):
    """The borrower is gone without a word."""


class Stop(Event):
    """The session is to end."""


class Stopped(Event):
    """All is written."""


# --- effects: what is to be done, in this order


@dataclass(frozen=True, slots=True)
class HoldPrompts:
    """Show nothing from now on, and take back what waits to be shown."""


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Let the camera go, or stop looking for it."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """For ``Walk.interrupt``: from `time_s` on nothing is known, because of `reason`."""

    time_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class EndSession:
    """For ``Walk.finish``: write what there is and say ``Stopped``."""

    time_s: float


@dataclass(frozen=True, slots=True)
class LendCamera:
    """Tell the borrower that the camera is theirs; it is off by now."""

    borrower: str


@dataclass(frozen=True, slots=True)
class RefuseCamera:
    """Tell who asked that the camera is not to be had, and why."""

    borrower: str
    words: str


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Have the camera on until ``CloseCamera``: open it, say ``CameraBack`` or ``CameraLost``, and when lost go on trying."""


@dataclass(frozen=True, slots=True)
class ReleasePrompts:
    """Prompts may be shown."""


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person, in plain words."""

    words: str


Effect = HoldPrompts | CloseCamera | Interrupt | EndSession | LendCamera | RefuseCamera | OpenCamera | ReleasePrompts | Say

_TOLD = {Mode.PAUSED: "Paused; the camera is off.", Mode.LENT: "The camera is lent out; this time is not measured."}
_AGAIN = "Measuring again."
_STOPPING = "The monitor is stopping."


class Phase(StrEnum):
    """How far the session has come."""

    READY = "ready"
    LIVE = "live"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class State:
    """All that is known of the session; a new one is ready, with nothing on hold, the camera off and prompts held."""

    time_s: float = 0.0
    """Seconds since the session's start, of the last event."""
    phase: Phase = Phase.READY
    pauses: tuple[Pause, ...] = ()
    """At most one by each: who paused, since when, until when."""
    suspended: bool = False
    locked: bool = False
    borrower: str | None = None
    picture: Picture = Picture.AWAITED
    """Awaited whenever the camera is off."""
    untouched: bool = True
    """Whether there was neither a picture nor a hold since the session began."""
    told: Mode = Mode.RUNNING
    """The last mode that the person was told of."""

    @property
    def mode(self) -> Mode:
        """What the session is doing: of several holds the first of ``ORDER``."""
        if self.phase is not Phase.LIVE:
            return Mode(self.phase.value)
        holds = {
            Mode.SUSPENDED: self.suspended,
            Mode.PAUSED: bool(self.pauses),
            Mode.LOCKED: self.locked,
            Mode.LENT: self.borrower is not None,
        }
        of_camera = {Picture.AWAITED: Mode.OPENING, Picture.THERE: Mode.RUNNING, Picture.LOST: Mode.CAMERA_LOST}
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


def step(state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """What `event` makes of `state`, and what is to be done about it, in order.

    A pause that ran out before the event ends at its own moment in the spans; what follows from that for the camera is
    judged after the event, so that the camera does not blink for a lock that comes late.
    """
    at = max(state.time_s, event.time_s)
    stages = [state]
    if state.phase in (Phase.READY, Phase.LIVE):
        stages += _run_out(state, at)
        stages.append(_settled(_happened(stages[-1], event, state.camera_on), at))
    elif isinstance(event, Stopped):
        stages.append(replace(state, phase=Phase.STOPPED, time_s=at))
    else:
        stages.append(replace(state, time_s=at))
    interrupts = list(chain.from_iterable(_interrupt(a, b) for a, b in pairwise(stages)))
    say, after = _tell(stages[-1], event)
    return after, (*_let_go(state, after), *interrupts, *_answer(state, after, event), *_take_up(state, after), *say)


def _run_out(state: State, at: float) -> Iterator[State]:
    """The states in which pauses left that ran out by `at`, each at its own moment."""
    due = sorted((p for p in state.pauses if p.until_s is not None and p.until_s <= at), key=lambda p: p.until_s or 0.0)
    for pause in due:
        state = _settled(_without(state, pause.by), max(state.time_s, pause.until_s or 0.0))
        yield state


def _happened(state: State, event: Event, camera_was_on: bool) -> State:
    """The state with the event in it; `camera_was_on`: what the camera says of itself is stale if it was not."""
    match event:
        case Start() | Stop():
            return replace(state, phase=Phase.LIVE if isinstance(event, Start) else Phase.STOPPING)
        case CameraLost() | CameraBack() if camera_was_on:
            return replace(state, picture=Picture.LOST if isinstance(event, CameraLost) else Picture.THERE)
        case Lend(borrower=borrower):
            return replace(state, borrower=state.borrower or borrower)
        case GiveBack(borrower=borrower) if borrower == state.borrower:
            return replace(state, borrower=None)
        case _:
            return _held(state, event)


def _held(state: State, event: Event) -> State:
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


def _without(state: State, by: By) -> State:
    return replace(state, pauses=tuple(p for p in state.pauses if p.by is not by))


def _settled(state: State, at: float) -> State:
    """`state` at `at` seconds; a camera that is off has no picture, and is not known to be lost either."""
    picture = state.picture if state.camera_on else Picture.AWAITED
    untouched = state.untouched and state.mode in (Mode.READY, Mode.OPENING)
    return replace(state, time_s=at, picture=picture, untouched=untouched)


def _interrupt(before: State, after: State) -> Iterator[Interrupt]:
    # Before the first picture the spans say by themselves that nothing has begun.
    if after.reason not in (None, NOT_STARTED, before.reason):
        yield Interrupt(after.time_s, str(after.reason))


def _let_go(before: State, after: State) -> Iterator[Effect]:
    if before.measures and not after.measures:
        yield HoldPrompts()
    if before.camera_on and not after.camera_on:
        yield CloseCamera()


def _answer(before: State, after: State, event: Event) -> Iterator[Effect]:
    if after.phase is Phase.STOPPING and before.phase is not Phase.STOPPING:
        yield EndSession(after.time_s)
    if isinstance(event, Lend):
        if before.phase in (Phase.STOPPING, Phase.STOPPED):
            yield RefuseCamera(event.borrower, _STOPPING)
        elif after.borrower == event.borrower:
            yield LendCamera(event.borrower)
        else:
            yield RefuseCamera(event.borrower, f"The camera is lent to {after.borrower}.")


def _take_up(before: State, after: State) -> Iterator[Effect]:
    if after.camera_on and not before.camera_on:
        yield OpenCamera()
    if after.measures and not before.measures:
        yield ReleasePrompts()


def _tell(state: State, event: Event) -> tuple[list[Say], State]:
    """What the person is told, once for each change that matters to somebody who is there: not of a locked screen."""
    mode = state.mode
    words = {**_TOLD, Mode.RUNNING: _AGAIN}
    if isinstance(event, CameraLost):
        words[Mode.CAMERA_LOST] = event.words
    if mode is state.told or mode not in words:
        return [], state
    return [Say(words[mode])], replace(state, told=mode)
