"""What a well-behaved monitor makes of a change at the desk: when it lets the camera go, and when it holds its tongue.

``step(manners, change, seconds) -> (manners, events)`` is pure. The events are those of ``session``; quiet is a hold of the
prompts only (``Manners.quiet``): measuring goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posture import session
from posture.desktop.presence import (
    Awake,
    CameraFree,
    CameraWanted,
    Cause,
    Change,
    LidClosed,
    LidOpened,
    Locked,
    Loud,
    Moment,
    OnBattery,
    Quiet,
    Sleeping,
    Unlocked,
)
from posture.settings import PresenceSettings


class Need(StrEnum):
    """Why the camera is let go; of several, the first is told."""

    LID = "lid"
    CAMERA = "camera"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class Manners:
    """What is the case at the desk; at first nothing that would matter."""

    settings: PresenceSettings = field(default_factory=PresenceSettings)
    needs: Mapping[Need, str] = field(default_factory=dict)
    """Why the camera is let go now, in words."""
    quiets: Mapping[Cause, str] = field(default_factory=dict)
    """Why prompts are held now, in words."""

    @property
    def paused(self) -> str | None:
        """Why the camera is let go, in words; ``None`` if it is not, by what is known here (a lock and sleep are the session's)."""
        return next((self.needs[need] for need in Need if need in self.needs), None)

    @property
    def quiet(self) -> str | None:
        """Why prompts are to be held, in words; ``None``: they may be shown."""
        return next((self.quiets[cause] for cause in Cause if cause in self.quiets), None)


Step = tuple[Manners, tuple[session.Event, ...]]


def step(manners: Manners, change: Change, seconds: Callable[[Moment], float]) -> Step:
    """What `change` makes of `manners`, and what the session is to be told, in order.

    `seconds` turns a moment into seconds since the session's start. Let it count ``Moment.going_s``: on a clock that stands still
    in sleep, everything after a sleep would be dated too early by its length.
    """
    settings, at = manners.settings, seconds(change.at)
    match change:
        case Locked() | Unlocked():
            event: session.Event = session.Lock(at) if isinstance(change, Locked) else session.Unlock(at)
            return manners, (event,) if settings.pause_on_lock else ()
        case Sleeping():
            return manners, (session.Suspend(at),)
        case Awake():
            return manners, (session.Wake(at),)
        case Quiet(cause=cause, why=why):
            return replace(manners, quiets={**manners.quiets, cause: why}) if _minds(settings, cause) else manners, ()
        case Loud(cause=cause):
            return replace(manners, quiets={c: w for c, w in manners.quiets.items() if c is not cause}), ()
        case _:
            return _paused(manners, change, at)


def _minds(settings: PresenceSettings, cause: Cause) -> bool:
    return {
        Cause.CALL: settings.quiet_in_calls,
        Cause.FULL_SCREEN: settings.quiet_in_full_screen,
        Cause.DO_NOT_DISTURB: settings.quiet_on_do_not_disturb,
    }[cause]


def _paused(manners: Manners, change: Change, at: float) -> Step:
    """One hold for all needs: it begins with the first and ends with the last."""
    settings = manners.settings
    match change:
        case LidClosed() | LidOpened():
            need, words = Need.LID, "the lid is closed" if isinstance(change, LidClosed) and settings.pause_on_lid else None
        case OnBattery(battery=battery):
            need, words = Need.BATTERY, "on battery" if battery and settings.pause_on_battery else None
        case CameraWanted(by=by):
            need, words = Need.CAMERA, f"{by} uses the camera" if settings.pause_for_camera else None
        case CameraFree():
            need, words = Need.CAMERA, None
        case _:
            return manners, ()
    needs = {n: w for n, w in manners.needs.items() if n is not need} | ({} if words is None else {need: words})
    after = replace(manners, needs=needs)
    if bool(needs) == bool(manners.needs):
        return after, ()
    return after, (session.Pause(at, by=session.By.PRESENCE) if needs else session.Resume(at, by=session.By.PRESENCE),)
