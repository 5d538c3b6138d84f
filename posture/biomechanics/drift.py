"""Whether the neutral still fits what is seen: a moved camera or chair is noticed, a posture is not taken for one. Pure.

A posture changes the shape of head and shoulders in the picture: a slump shortens the neck, a lean to the camera enlarges the head more
than the shoulders, a lean seen from the side turns them. Where the shape is the neutral's own, but elsewhere or of another size for
a minute, and never where the neutral was, the camera or the chair was moved, and no reading against that neutral means much any more.
Sitting turned away for long, and in a side view another size whatever the shape, say the same. Once the neutral's shape is back in its
place, that is said too.

All limits are our judgement, set so that the leans, slumps and tilts of the sample clips stay well inside of them. To be wrong here
is to nag, so small moves are let pass: they cost a degree or two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

import numpy as np

from posture.biomechanics.calibration import Neutral
from posture.biomechanics.layout import Floats
from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.skeleton import KEPT
from posture.biomechanics.view import view_at
from posture.settings import MeasureSettings
from posture.types import View, Wording

WINDOW_S = 60.0
"""Seconds of seeing the person that a finding rests on."""
_LEAN_WINDOW_S = 300.0
"""Longer for a neutral that is larger from the front: a lean to a camera near by and low keeps the shape within 8 mm. Also for who moves so
much, or is looked at so seldom, that a minute shows too little."""
_YAW_WINDOW_S = 600.0
"""Longer for a turn once the neutral's own yaw was seen: a talk with somebody at one's side may take minutes."""
_HOLD_S = 12.0
"""One look stands for at most so long."""
_LEAST = 6
_MOST = 0.9
"""Share of the looks that must agree."""
_SHAPE_M = {View.FRONT: 0.010, View.OBLIQUE: 0.015, View.SIDE: 0.020}
"""Up to this spread, on the body's scale, a shape is the neutral's. From the side the hips count too, and a lean makes 5 cm and more."""
_SMALLER, _LARGER = 0.80, 1.22
"""From the front a recline of 12 degrees makes 0.87 and a lean of 13 degrees 1.16 without much change of shape."""
_SMALLER_SIDE, _LARGER_SIDE = 0.86, 1.16
_ANY_SHAPE_SIDE = (0.80, 1.22)
_UP_M, _DOWN_M, _ASIDE_M = 0.10, 0.10, 0.30
_STANDING_M = 0.17
"""Risen by more than this is standing up, or near it, and says nothing of the neutral."""
_TURNED_DEG, _FACING_DEG = 30.0, 15.0
_NEAR = 0.5
"""Within this share of every limit is where the neutral was."""
_NO_LONGER = Wording(": your calibration no longer fits; recalibrate? (posture calibrate)", ": the calibration no longer fits")


class Misfit(StrEnum):
    """How the person is elsewhere in the picture than in the neutral, in the neutral's own posture."""

    SMALL = "small"
    LARGE = "large"
    HIGH = "high"
    LOW = "low"
    ASIDE = "aside"


_WORDS = {
    Misfit.SMALL: Wording(
        "You look smaller than when you calibrated, so the camera or the chair has moved away",
        "The person looks smaller than at the calibration, so the camera or the chair has moved away",
    ),
    Misfit.LARGE: Wording(
        "You look larger than when you calibrated, so the camera or the chair has moved closer",
        "The person looks larger than at the calibration, so the camera or the chair has moved closer",
    ),
    Misfit.HIGH: Wording(
        "You're higher in the picture than when you calibrated", "The person is higher in the picture than at the calibration"
    ),
    Misfit.LOW: Wording(
        "You're lower in the picture than when you calibrated", "The person is lower in the picture than at the calibration"
    ),
    Misfit.ASIDE: Wording(
        "You're in another part of the picture than when you calibrated",
        "The person is in another part of the picture than at the calibration",
    ),
}


@dataclass(frozen=True, slots=True)
class _Look:
    """One look against the neutral."""

    at_s: float
    """Seconds of seeing."""
    scale: float
    """Of the shape of head and shoulders, 1: as in the neutral."""
    right_m: float
    down_m: float
    """How far they went in the picture, on the body's scale."""
    shape_m: float
    """How far their shape is from the neutral's."""
    px_per_m: float
    """As a ratio to the neutral's."""
    turn_deg: float


class NeutralDriftDetector:
    """Watches over one session whether its neutral still fits; says so once."""

    def __init__(self, neutral: Neutral, settings: MeasureSettings | None = None, *, own: bool = True) -> None:
        """Watch against `neutral`; `own`: what is found is said to the person themself, else about the person in a recording."""
        self._own_words = own
        self._neutral = neutral
        self._view = view_at(neutral.cue["yaw_deg"], settings or MeasureSettings())
        self._xy = neutral.track().xy[0]
        self._looks: deque[_Look] = deque()
        self._seen_s = 0.0
        self._last_s: float | None = None
        self._faced = self._said = self._over = False

    def push(self, cues: PoseFeatures) -> str | None:
        """Add features in order of time; return a finding in plain words, at most once per session, and an empty one once it is over."""
        if self._over:
            return None
        look = self._look(cues)
        self._faced = self._faced or abs(look.turn_deg) < _FACING_DEG
        self._looks.append(look)
        while self._looks and self._looks[0].at_s < self._seen_s - _YAW_WINDOW_S:
            self._looks.popleft()
        if self._said:
            self._over = self._fits()
            return "" if self._over else None
        found = self._found()
        if found is None:
            return None
        self._said = True
        return f"{found.to(own=self._own_words)}{_NO_LONGER.to(own=self._own_words)}"

    def throughout(self, seen: Sequence[PoseFeatures]) -> Misfit | None:
        """Tell how the person is elsewhere than in the neutral in all of a recording, however short, by features in order of time."""
        looks = [self._look(c) for c in seen]
        return self._moved(looks) or self._resized(looks)

    def _look(self, c: PoseFeatures) -> _Look:
        if self._last_s is not None:
            self._seen_s += min(_HOLD_S, max(0.0, c.time_s - self._last_s))
        self._last_s = c.time_s
        marks = KEPT.upper
        if self._view is not View.FRONT and self._neutral.hips_inside and c.layout.hips_inside:
            marks += KEPT.hips
        scale, move, shape = _similar(self._xy[marks], c.layout.xy[marks])
        unit = max(1.0, self._neutral.cue["px_per_m"])
        turn = (c.yaw_deg - self._neutral.cue["yaw_deg"] + 180.0) % 360.0 - 180.0
        return _Look(self._seen_s, scale, move[0] / unit, move[1] / unit, shape / max(0.2, scale) / unit, c.px_per_m / unit, turn)

    def _found(self) -> Wording | None:
        for window_s in (WINDOW_S, _LEAN_WINDOW_S):
            recent = self._since(window_s)
            found = self._moved(recent) or self._resized(recent)
            if found and not (found is Misfit.LARGE and self._view is View.FRONT and window_s < _LEAN_WINDOW_S):
                return _WORDS[found]
        turns = [k.turn_deg for k in self._since(_YAW_WINDOW_S if self._faced else WINDOW_S)]
        if _agree([abs(turn) > _TURNED_DEG for turn in turns]):
            turned = f"turned about {abs(median(turns)):.0f}°"
            return Wording(f"You're {turned} from where you calibrated", f"The person is {turned} from the calibration")
        return None

    def _fits(self) -> bool:
        """Tell whether the neutral's own shape is where the neutral was, whenever it was shown of late."""
        own = self._own(self._since(WINDOW_S))
        return _agree([self._off(k, _NEAR) is None for k in own])

    def _own(self, looks: Sequence[_Look]) -> list[_Look]:
        """Return those that show the neutral's own shape, wherever; none if they fill less than half of the time."""
        limit = _SHAPE_M.get(self._view, 0.0)
        own = [k for k in looks if k.shape_m <= limit and k.down_m > -_STANDING_M and abs(k.turn_deg) < _TURNED_DEG]
        return own if own and own[-1].at_s - own[0].at_s >= 0.5 * (looks[-1].at_s - looks[0].at_s) else []

    def _since(self, window_s: float) -> list[_Look]:
        """Return the looks of the last seconds of seeing; empty while there are not so many seconds yet."""
        if self._seen_s < window_s:
            return []
        return [k for k in self._looks if k.at_s > self._seen_s - window_s]

    def _moved(self, looks: Sequence[_Look]) -> Misfit | None:
        """Find the neutral's own shape at another place or of another size, whenever it is shown."""
        own = self._own(looks)
        if any(self._off(k, _NEAR) is None for k in own) or not _agree([self._off(k, 1.0) is not None for k in own]):
            return None
        named = [off for k in own if (off := self._off(k, 1.0)) is not None]
        return max(set(named), key=named.count)

    def _resized(self, looks: Sequence[_Look]) -> Misfit | None:
        """Find a change of size, in a side view: no posture makes one there."""
        low, high = _ANY_SHAPE_SIDE
        if self._view is not View.SIDE or len(looks) < _LEAST:
            return None
        if _agree([k.px_per_m < low and k.down_m > -_STANDING_M for k in looks]):
            return Misfit.SMALL
        return Misfit.LARGE if _agree([k.px_per_m > high for k in looks]) else None

    def _off(self, k: _Look, share: float) -> Misfit | None:
        """Tell how a look differs from the neutral by more than this share of the limits; ``None`` if it does not."""
        low, high = (_SMALLER, _LARGER) if self._view is View.FRONT else (_SMALLER_SIDE, _LARGER_SIDE)
        if k.scale < 1.0 - share * (1.0 - low):
            return Misfit.SMALL
        if k.scale > 1.0 + share * (high - 1.0):
            return Misfit.LARGE
        if -k.down_m > share * _UP_M:
            return Misfit.HIGH
        if k.down_m > share * _DOWN_M:
            return Misfit.LOW
        if abs(k.right_m) > share * _ASIDE_M:
            return Misfit.ASIDE
        return None


def _similar(before: Floats, after: Floats) -> tuple[float, tuple[float, float], float]:
    """Return the scale and move in pixels, without turning, that take one set of points nearest to the other; and what is left, root mean
    square."""
    centre, now = before.mean(axis=0), after.mean(axis=0)
    a, b = before - centre, after - now
    scale = float((a * b).sum() / max(1e-9, float((a * a).sum())))
    left = float(np.sqrt(((b - scale * a) ** 2).sum(axis=1).mean()))
    return scale, (float(now[0] - centre[0]), float(now[1] - centre[1])), left


def _agree(said: Sequence[bool]) -> bool:
    return len(said) >= _LEAST and sum(said) >= _MOST * len(said)
