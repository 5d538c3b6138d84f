"""Policy: when to release the camera and when to mute prompts.

``step(policy, change, time_s) -> (policy, events)`` is pure. The events are those of ``session``; muting holds the prompts only
(``InterruptionPolicy.muted``): measuring goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from posture.desktop import Aspect, PresenceChange
from posture.engine import session
from posture.settings import PresenceSettings

_PAUSING = {
    Aspect.LID: "pause_on_lid",
    Aspect.CAMERA: "pause_for_camera",
    Aspect.BATTERY: "pause_on_battery",
    Aspect.IDLE: "pause_when_idle_s",
}
_MUTING = {
    Aspect.CALL: "quiet_in_calls",
    Aspect.FULL_SCREEN: "quiet_in_full_screen",
    Aspect.DO_NOT_DISTURB: "quiet_on_do_not_disturb",
}
"""The setting that heeds each aspect; of several aspects that hold, the first is shown."""


@dataclass(frozen=True, slots=True)
class InterruptionPolicy:
    """What is the case on the desktop and heeded by the settings; at first nothing."""

    settings: PresenceSettings = field(default_factory=PresenceSettings)
    reasons: Mapping[Aspect, str] = field(default_factory=dict)
    """In words."""

    @property
    def paused(self) -> str | None:
        """Why the camera is released, in words; ``None`` if it is not, as far as is known here (lock and sleep are the session's)."""
        return next((self.reasons[aspect] for aspect in _PAUSING if aspect in self.reasons), None)

    @property
    def muted(self) -> str | None:
        """Why prompts are held, in words; ``None``: they may be shown."""
        return next((self.reasons[aspect] for aspect in _MUTING if aspect in self.reasons), None)


def step(policy: InterruptionPolicy, change: PresenceChange, time_s: float) -> tuple[InterruptionPolicy, tuple[session.Event, ...]]:
    """Return the policy after `change`, and the events for the session, in order.

    `time_s`: the moment of the change in seconds since the session's start, by a clock that counts sleep.
    """
    on = change.why is not None
    if change.aspect is Aspect.SLEEP:
        return policy, (session.Suspend(time_s) if on else session.Wake(time_s),)
    if change.aspect is Aspect.LOCK:
        return policy, (session.Lock(time_s) if on else session.Unlock(time_s),) if policy.settings.pause_on_lock else ()
    reasons = {aspect: why for aspect, why in policy.reasons.items() if aspect is not change.aspect}
    if change.why is not None and getattr(policy.settings, (_PAUSING | _MUTING)[change.aspect]):
        reasons[change.aspect] = change.why
    after = replace(policy, reasons=reasons)
    if (after.paused is None) == (policy.paused is None):
        return after, ()
    by = session.PausedBy.PRESENCE  # one pause for all reasons: it begins with the first and ends with the last
    return after, (session.Resume(time_s, by=by) if after.paused is None else session.Pause(time_s, by=by),)
