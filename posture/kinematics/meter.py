"""Cues -> Reading: all estimators, fused, smoothed and named."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from posture.kinematics import estimators as est
from posture.kinematics.calibration import Neutral
from posture.kinematics.cues import Cues, cues
from posture.kinematics.smoothing import Smoother
from posture.model import Estimate, Observation, Reading, Sight, View
from posture.settings import MeasureSettings

_STANDING_RISE_M = 0.20
_STRAIGHT_DEG = 35.0


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation reduced to what has to be kept of it."""

    time_s: float
    sight: Sight
    cues: Cues | None = None
    cut: bool = False


def reduce(observation: Observation) -> Seen:
    """Keep the cues of an observation and let its pictures go."""
    pose = observation.pose
    return Seen(observation.time_s, observation.sight, cues(pose) if pose is not None else None, observation.cut)


class Meter:
    """Measures one person against their neutral."""

    def __init__(self, settings: MeasureSettings, neutral: Neutral | None, view: View | None = None) -> None:
        """`neutral`: ``None`` if uncalibrated; `view`: given by the user, ``None`` to tell it from the pose."""
        self._set, self._neutral, self._view = settings, neutral, view
        self._smoother = Smoother(settings.smooth_s)

    def measure(self, seen: Seen) -> Reading:
        """The reading for one moment. Smoothing is causal, and starts anew after a cut or when nobody was seen."""
        if seen.cut or seen.cues is None:
            self._smoother.reset()
        if seen.cues is None:
            return Reading(seen.time_s, seen.sight)
        c, n = seen.cues, self._neutral
        smooth = self._smoother.at(seen.time_s)
        yaw = smooth.heading("yaw", c.yaw_deg)
        trunk = est.fuse(e(c, n) for e in est.TRUNK)
        if trunk is not None and n is None:
            trunk = replace(trunk, sd_deg=max(trunk.sd_deg, est.UNCALIBRATED_SD_DEG))
        return Reading(
            time_s=seen.time_s,
            sight=seen.sight,
            view=self._view or self.view_of(yaw),
            yaw_deg=yaw,
            trunk_flexion=smooth.estimate("trunk", trunk),
            trunk_neutral_deg=est.neutral_trunk_deg(n) if n is not None else None,
            pelvic_tilt=smooth.estimate("pelvis", self._widened(est.fuse(e(c, n) for e in est.PELVIS))),
            spinal_flexion=smooth.estimate("spine", self._widened(est.fuse(e(c, n) for e in est.SPINE))),
            neck_flexion=smooth.estimate("neck", est.neck(c, n)),
            lateral_lean=smooth.estimate("lean", est.lateral_lean(c, n)),
            axial_rotation=smooth.estimate("rotation", est.axial_rotation(c, n)),
            seated=seated(c, n),
            place_cm=_place(c),
        )

    def view_of(self, yaw_deg: float) -> View:
        """Front, oblique or side by the turn of the trunk; a back to the camera counts as the front does."""
        off_front = min(abs(yaw_deg), 180.0 - abs(yaw_deg))
        if off_front <= self._set.front_max_yaw_deg:
            return View.FRONT
        return View.SIDE if off_front >= self._set.side_min_yaw_deg else View.OBLIQUE

    def _widened(self, e: Estimate | None) -> Estimate | None:
        """An automatic neutral may be off by more than a given one."""
        if e is None or self._neutral is None or self._neutral.source != "automatic":
            return e
        return Estimate(e.deg, math.hypot(e.sd_deg, self._neutral.sd_deg), e.method)


def seated(c: Cues, neutral: Neutral | None) -> bool | None:
    """Seated unless the head rose by 20 cm or more over the neutral, or hips and knees are straight where seen."""
    if (
        c.knee_deg is not None
        and c.thigh_deg is not None
        and c.trunk_deg is not None
        and c.knee_deg < _STRAIGHT_DEG
        and c.thigh_deg < -55.0
    ):
        return False
    if neutral is None:
        return None if c.thigh_deg is None else True
    risen_px = (neutral.cue["head_y"] - c.head_y) * c.height_px
    return risen_px / max(1.0, neutral.cue["px_per_m"]) < _STANDING_RISE_M


def _place(c: Cues) -> tuple[float, float]:
    """Where the hips are, or the shoulders if the hips are unseen, in cm of body scale."""
    x, y = (c.hip_x, c.hip_y) if c.hip_x is not None and c.hip_y is not None else (c.shoulder_x, c.shoulder_y)
    scale = 100.0 * c.height_px / c.px_per_m
    return x * scale, y * scale
