"""Shifts: held changes of posture, the small movements that a back lives on (Davidson & Callaghan count about 9 in 15 min)."""

from __future__ import annotations

from posture.model import Move, MoveKind, Reading
from posture.settings import DoseSettings

_STEADY_S = 2.0
_DEGREES = ("trunk_flexion", "lateral_lean", "pelvic_tilt")

Stance = dict[str, float]


class ShiftDetector:
    """Finds moments from which trunk, lean, tilt or the place of the hips differ from before, and stay so."""

    def __init__(self, dose: DoseSettings) -> None:
        """`dose`: how large a change must be, and how long held."""
        self._set = dose
        self._held: Stance | None = None
        self._now: Stance | None = None
        self._last_s = 0.0
        self._since: float | None = None

    def reset(self) -> None:
        """Forget the posture held so far: after a break everything is new."""
        self._held = self._now = self._since = None

    def push(self, reading: Reading) -> Move | None:
        """A shift that is now certain, dated to when it began; ``None`` otherwise."""
        stance = _stance(reading)
        if not stance:
            return None
        gap = reading.time_s - self._last_s
        self._last_s = reading.time_s
        if self._held is None or self._now is None:
            self._held = self._now = stance
            return None
        share = min(1.0, gap / _STEADY_S)
        self._now = {k: self._now.get(k, v) + share * (v - self._now.get(k, v)) for k, v in stance.items()}
        if not self._differs(self._now, self._held):
            self._since = None
            self._held = {**self._now, **{k: v for k, v in self._held.items() if k in self._now}}
            return None
        if self._since is None:
            self._since = reading.time_s
        if reading.time_s - self._since < self._set.shift_hold_s:
            return None
        began, self._since, self._held = self._since, None, self._now
        return Move(MoveKind.SHIFT, began)

    def _differs(self, a: Stance, b: Stance) -> bool:
        moved_cm = sum((a[k] - b[k]) ** 2 for k in ("right_cm", "down_cm") if k in a and k in b) ** 0.5
        turned = any(abs(a[k] - b[k]) >= self._set.shift_deg for k in _DEGREES if k in a and k in b)
        return turned or moved_cm >= self._set.shift_cm


def _stance(r: Reading) -> Stance:
    stance = {k: e.deg for k in _DEGREES if (e := getattr(r, k)) is not None}
    if stance and r.place_cm is not None:
        stance["right_cm"], stance["down_cm"] = r.place_cm
    return stance
