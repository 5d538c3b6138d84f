"""Whether the seconds that somebody held a posture will do for a calibration, and if not, why, in words that say what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from posture.biomechanics.calibration import STILL, Neutral, RangeEnd, neutral_of, spread, upright
from posture.biomechanics.layout import track_of
from posture.biomechanics.sample import PoseSample
from posture.types import Detection, Estimate, Reading

_ENOUGH = 0.8
"""Share of the pictures in which the person must be measured."""
_LEAST = 8
"""Pictures of the person for a neutral; three seconds of a range need half of them."""
_UNSURE = (0.15, 0.85)
_BACK_DEG = 110.0
_STILL_RANGE = 2.0 * STILL
"""Nobody is as still at the end of the range as in the middle."""
NOBODY = "The camera can't see anyone: get your head and both shoulders into the picture."
UNCLEAR = "There are several people in the picture: ask the others to step out for a moment."
TWO = "There's someone else in the picture: ask them to step out for a moment."
MOVED = "You moved. Sit still during the countdown."
STANDING = "You seem to be standing. Sit down as you do for work."
TOO_FEW = "The camera is too slow to measure with. Close other programs that use it, or choose another camera."
CUT = "The camera moved: keep it still during the countdown."
HIPS = "Your hips keep leaving the picture: move back or tilt the camera until they are well inside or well outside it."
LEANING = "You're leaning forward or back: sit upright."
BACK = "The camera sees your back: put it in front of you or beside you."
UNMEASURED = "That couldn't be measured: keep facing the way you did when sitting upright."


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSample:
    """One picture of the person, and what was made of it."""

    time_s: float
    sample: PoseSample
    reading: Reading | None = None
    """Against the neutral that was just taken; ``None`` or without a neutral before there is one."""
    hinder: str = ""
    """Why the picture cannot be used, in plain words: too dark, covered, camera lost; empty if it can."""

    @property
    def hinder_words(self) -> str:
        """Why nobody can be measured in it; empty if somebody can."""
        if self.hinder:
            return self.hinder
        if self.sample.sight is Detection.NOBODY:
            return NOBODY
        return UNCLEAR if self.sample.sight is Detection.UNCLEAR or self.sample.features is None else ""


def neutral_from(taken: Sequence[CalibrationSample]) -> Neutral | str:
    """Return the neutral that these pictures show, or why they will not do."""
    refusal = _usable(taken, _LEAST)
    if refusal:
        return refusal
    seen = [t.sample.features for t in taken if t.sample.features is not None and not t.hinder_words]
    inside = sum(c.layout.hips_inside for c in seen) / len(seen)
    if _UNSURE[0] < inside < _UNSURE[1]:
        return HIPS
    if sum(t.reading is not None and t.reading.seated is False for t in taken) * 2 > len(taken):
        return STANDING
    neutral = neutral_of(seen)
    if not neutral.still:
        return MOVED
    if abs(neutral.cue["yaw_deg"]) > _BACK_DEG:
        return BACK
    return neutral if upright(neutral) else LEANING


def reach_from(taken: Sequence[CalibrationSample]) -> RangeEnd | str:
    """Tell how far these pictures lie from the neutral that their readings refer to, or why they will not do."""
    refusal = _usable(taken, _LEAST // 2)
    if refusal:
        return refusal
    clear = [t for t in taken if not t.hinder_words]
    spine = [t.reading.spinal_flexion for t in clear if t.reading is not None and t.reading.spinal_flexion is not None]
    pelvis = [t.reading.pelvic_tilt for t in clear if t.reading is not None and t.reading.pelvic_tilt is not None]
    if len(spine) < _ENOUGH * len(clear):
        return UNMEASURED
    if spread(track_of([t.sample.features.layout for t in clear if t.sample.features is not None])) > _STILL_RANGE:
        return MOVED
    shown = len(pelvis) >= _ENOUGH * len(clear)
    spine_deg, spine_sd_deg = _middle(spine)
    pelvis_deg, pelvis_sd_deg = _middle(pelvis) if shown else (None, None)
    return RangeEnd(spine_deg, spine_sd_deg, pelvis_deg, pelvis_sd_deg)


def _usable(taken: Sequence[CalibrationSample], least: int) -> str:
    """Tell why these pictures cannot be used at all; empty if they can."""
    hindered = [words for t in taken if (words := t.hinder_words)]
    if len(hindered) > (1.0 - _ENOUGH) * len(taken):
        return max(set(hindered), key=hindered.count)
    if sum(t.sample.people > 1 for t in taken) > (1.0 - _ENOUGH) * len(taken):
        return TWO
    if any(t.sample.cut for t in taken[1:]):
        return CUT
    return TOO_FEW if len(taken) - len(hindered) < least else ""


def _middle(estimates: Sequence[Estimate]) -> tuple[float, float]:
    return median(e.deg for e in estimates), median(e.sd_deg for e in estimates)
