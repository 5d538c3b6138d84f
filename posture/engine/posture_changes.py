"""Shifts: held changes of posture, the small movements that a back lives on (Davidson & Callaghan count about 9 in 15 min)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from posture.settings import DoseSettings
from posture.types import PostureChange, PostureChangeKind, Reading

_STEADY_S = 2.0
_MOST_SHARE = 0.5  # of one reading in the present posture: two at least are averaged, however rare they are
_HELD_S = 60.0  # the posture held so far is the mean of its first so many seconds
_DEGREES = ("trunk_moved", "lateral_lean", "pelvic_tilt")
_SURE_SD = 2.0
"""A change of an angle counts from this many sds of the difference on: less may be the measurement's own."""


@dataclass(frozen=True, slots=True)
class _Stance:
    """Degrees and centimetres by name, and the sds of the degrees."""

    at: dict[str, float]
    sd: dict[str, float]


class PostureShiftDetector:
    """Finds moments from which trunk, lean, tilt or the place of the hips differ from before, and stay so."""

    def __init__(self, dose: DoseSettings) -> None:
        """`dose`: how large a change must be, and how long held."""
        self._set = dose
        self._held: dict[str, float] | None = None
        self._held_sd: dict[str, float] = {}
        self._held_s = 0.0
        self._now: dict[str, float] = {}
        self._new: dict[str, float] = {}
        self._last_s = 0.0
        self._since: float | None = None

    def reset(self) -> None:
        """Forget the posture held so far: after a break everything is new."""
        self._held, self._since = None, None

    def push(self, reading: Reading) -> PostureChange | None:
        """Return a shift that is now certain, dated to when the new posture was reached; ``None`` otherwise."""
        stance = _stance(reading)
        if stance is None:
            return None
        gap, self._last_s = reading.time_s - self._last_s, reading.time_s
        if self._held is None:
            self._now = stance.at
            self._hold(stance, 0.0)
            return None
        self._now = _towards(self._now, stance.at, min(_MOST_SHARE, gap / _STEADY_S))
        sd = {k: math.hypot(v, self._held_sd.get(k, v)) for k, v in stance.sd.items()}
        if not self._differs(self._now, self._held, sd):
            self._since = None
            self._held_s += gap
            self._held = _towards(self._held, self._now, gap / self._held_s if 0.0 < self._held_s <= _HELD_S else 0.0)
            self._held_sd = {**stance.sd, **{k: v for k, v in self._held_sd.items() if k in stance.sd}}
            return None
        if self._since is None or self._differs(self._now, self._new, sd, 0.5):
            self._since, self._new = reading.time_s, self._now  # still on the way
        if reading.carried_forward or reading.time_s - self._since < self._set.shift_hold_s:
            return None  # what is carried forward is no second look
        began, self._since = self._since, None
        self._hold(stance, reading.time_s - began)
        return PostureChange(PostureChangeKind.SHIFT, began)

    def _hold(self, stance: _Stance, held_s: float) -> None:
        self._held, self._held_sd, self._held_s = self._now, dict(stance.sd), held_s

    def _differs(self, a: dict[str, float], b: dict[str, float], sd: dict[str, float], share: float = 1.0) -> bool:
        moved_cm = sum((a[k] - b[k]) ** 2 for k in ("right_cm", "down_cm") if k in a and k in b) ** 0.5
        deg, cm = share * self._set.shift_deg, share * self._set.shift_cm
        turned = any(abs(a[k] - b[k]) >= max(deg, share * _SURE_SD * sd[k]) for k in _DEGREES if k in a and k in b and k in sd)
        return turned or moved_cm >= cm


def _towards(a: dict[str, float], b: dict[str, float], share: float) -> dict[str, float]:
    """Return `b`'s values, of which those that `a` has too are moved from there by `share` alone."""
    return {k: a[k] + share * (v - a[k]) if k in a else v for k, v in b.items()}


def _stance(r: Reading) -> _Stance | None:
    seen = {k: e for k in _DEGREES if (e := getattr(r, k)) is not None}
    if not seen:
        return None
    at = {k: e.deg for k, e in seen.items()}
    if r.place_cm is not None:
        at["right_cm"], at["down_cm"] = r.place_cm
    return _Stance(at, {k: e.sd_deg for k, e in seen.items()})
