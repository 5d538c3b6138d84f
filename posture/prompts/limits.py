"""Quiet time and the limit an hour: how soon one first prompt may follow another. Pure."""

from __future__ import annotations

from posture.settings import PromptSettings
from posture.types import HoldBack, HoldReason

HOUR_S = 3600.0
LIMITS = (HoldReason.QUIET, HoldReason.CAP)
"""What `Limits` hold back with."""


class Limits:
    """First prompts that were shown, and what they hold back; times in seconds on one clock.

    A prompt that waited for a moment at which the person moves must not make the next one late in turn. So what is said to be held
    back goes by when each could have been shown; that none is shown too soon, by when it was.
    """

    def __init__(self, settings: PromptSettings) -> None:
        """Nothing was shown."""
        self._set = settings
        self._ready_s: list[float] = []
        self._shown_s: list[float] = []

    def note(self, shown_s: float, ready_s: float) -> None:
        """Note a first prompt that was shown, and when it could have been."""
        self._shown_s.append(shown_s)
        self._ready_s.append(max(ready_s, shown_s - self._set.patience_s))

    def hold_back(self, time_s: float) -> HoldBack | None:
        """Return what holds a first prompt back at `time_s`."""
        if self._ready_s and time_s < self._ready_s[-1] + self._set.quiet_s:
            return HoldBack(HoldReason.QUIET, self._shown_s[-1] + self._set.quiet_s)
        most = self._set.per_hour
        if _count_since(self._ready_s, time_s - HOUR_S) >= most:
            return HoldBack(HoldReason.CAP, self._shown_s[-most] + HOUR_S if most else None, str(most))
        return None

    def allow(self, time_s: float) -> bool:
        """Tell whether a first prompt may be shown at `time_s`."""
        if self._shown_s and time_s < self._shown_s[-1] + self._set.quiet_s:
            return False
        return _count_since(self._shown_s, time_s - HOUR_S) < self._set.per_hour


def _count_since(times: list[float], since_s: float) -> int:
    """Count those after `since_s`, of times in order."""
    count = 0
    for at in reversed(times):
        if at <= since_s:
            break
        count += 1
    return count
