"""Cues -> Reading: every angle against the person's neutral, smoothed, with its sd and how it was seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from posture.kinematics import geometry
from posture.kinematics.calibration import Neutral
from posture.kinematics.cues import Cues
from posture.kinematics.layout import Layout, smoothed
from posture.kinematics.learned import Base, Parameters, estimates, own_trunk
from posture.kinematics.pinhole import Lens, torso_ratio, trunk_deg
from posture.kinematics.sample import PoseSample
from posture.kinematics.smoothing import Smoother
from posture.kinematics.view import trunk_yaws, view_of
from posture.model import Estimate, Reading, View
from posture.settings import MeasureSettings

_STANDING_RISE_M = 0.20
_STRAIGHT_DEG = 35.0
_STRETCH_S = 2.0
_TURNED_DEG, _OTHER_SIDE_DEG = 40.0, 100.0
_TURNED_S = 3.0
"""Turned further than this from the neutral, for longer than this: changes since the neutral are unknown."""


def look_both_ways(seen: Sequence[PoseSample], sd_s: float) -> Iterator[PoseSample]:
    """A recording's layouts smoothed with the future as well as the past, so without delay; never across a cut or a gap."""
    stretch: list[PoseSample] = []
    for s in seen:
        if stretch and (s.cut or s.cues is None or s.time_s - stretch[-1].time_s > _STRETCH_S):
            yield from _smooth_stretch(stretch, sd_s)
            stretch = []
        if s.cues is None:
            yield s
        else:
            stretch.append(s)
    yield from _smooth_stretch(stretch, sd_s)


def _smooth_stretch(stretch: Sequence[PoseSample], sd_s: float) -> Iterator[PoseSample]:
    layouts = smoothed([s.cues.layout for s in stretch if s.cues is not None], sd_s)
    for s, calm in zip(stretch, layouts, strict=True):
        assert s.cues is not None
        yield replace(s, cues=replace(s.cues, layout=calm))


class Meter:
    """Measures one person against their neutral."""

    def __init__(
        self,
        settings: MeasureSettings,
        neutral: Neutral | None,
        parameters: Parameters,
        view: View | None = None,
        *,
        live: bool = True,
    ) -> None:
        """A meter for one session.

        Args:
            settings: limits of the views, smoothing.
            neutral: ``None`` if uncalibrated.
            parameters: the fitted networks.
            view: given by the user; ``None`` to tell it from the pose.
            live: smooth the angles causally; off for a recording whose layouts were smoothed both ways.
        """
        self._set, self._neutral, self._parameters, self._view = settings, neutral, parameters, view
        self._smoother = Smoother(settings.smooth_s)
        self._live = live
        self._base = self._trunk0 = None
        self._lines: dict[tuple[int, int], tuple[Lens, float, float | None]] = {}
        self._turned_s = self._last_s = 0.0
        if neutral is not None:
            self._base = base_of(neutral, settings, view)
            self._trunk0 = _own_trunk_deg(self._base, parameters)

    def measure(self, seen: PoseSample) -> Reading:
        """The reading for one moment. Smoothing starts anew after a cut or when nobody was seen."""
        return self.measure_all((seen,))[0]

    def measure_all(self, many: Sequence[PoseSample]) -> list[Reading]:
        """The readings for moments in order of time; many at once cost less than one after the other."""
        seen = [s.cues for s in many if s.cues is not None]
        yaws = iter(trunk_yaws(seen, self._parameters))
        found = iter([] if self._base is None else estimates([c.layout for c in seen], self._base, self._parameters))
        return [self._blank(s) if s.cues is None else self._reading(s, s.cues, *next(yaws), next(found, {})) for s in many]

    def _blank(self, seen: PoseSample) -> Reading:
        self._smoother.reset()
        return Reading(seen.time_s, seen.sight)

    def _reading(self, seen: PoseSample, c: Cues, yaw: float, yaw_sd: float, found: Mapping[str, Estimate | None]) -> Reading:
        if seen.cut:
            self._smoother.reset()
        n = self._neutral
        smooth = self._smoother.at(seen.time_s)
        yaw = smooth.heading("yaw", yaw)
        self._watch_turn(seen.time_s, yaw)
        angles = self._angles(c, found)
        base = {} if n is None else n.cue
        return Reading(
            time_s=seen.time_s,
            sight=seen.sight,
            view=self._view or view_of(yaw, self._set),
            yaw_deg=yaw,
            yaw_sd_deg=yaw_sd,
            trunk_flexion=self._calm("trunk", angles.get("trunk")),
            trunk_neutral_deg=self._trunk0,
            pelvic_tilt=self._calm("pelvis", angles.get("pelvis")),
            spinal_flexion=self._calm("spine", angles.get("spine")),
            neck_flexion=smooth.estimate("neck", geometry.neck(c)),
            lateral_lean=smooth.estimate("lean", geometry.lateral_lean(c, base.get("side_lean_deg", 0.0))),
            axial_rotation=smooth.estimate("rotation", geometry.axial_rotation(c, base.get("rotation_deg", 0.0))),
            seated=seated(c, n),
            place_cm=_place(c),
        )

    def _watch_turn(self, time_s: float, yaw_deg: float) -> None:
        """For how long the trunk has been turned so far from the neutral that changes since then mean nothing."""
        if self._base is None:
            return
        off = abs((yaw_deg - self._base.yaw_deg + 180.0) % 360.0 - 180.0)
        self._turned_s = self._turned_s + min(_STRETCH_S, time_s - self._last_s) if off > _TURNED_DEG else 0.0
        if off > _OTHER_SIDE_DEG:  # nobody turns so far while they sit: another side is shown, or another person
            self._turned_s = max(self._turned_s, 2.0 * _TURNED_S)
        self._last_s = time_s

    def _angles(self, c: Cues, found: Mapping[str, Estimate | None]) -> dict[str, Estimate | None]:
        """Trunk (with the neutral's own angle), pelvis and spine, from what the networks found; without a neutral the trunk alone."""
        if self._base is None or self._neutral is None or self._trunk0 is None:
            return {"trunk": geometry.trunk(c)}
        if self._turned_s > _TURNED_S:
            return {}
        extra = self._neutral.extra_sd_deg
        wide = {k: None if e is None else replace(e, sd_deg=math.hypot(e.sd_deg, extra)) for k, e in found.items()}
        trunk = geometry.fuse((wide["trunk"], self._line(c.layout)))
        return wide if trunk is None else {**wide, "trunk": replace(trunk, deg=trunk.deg + self._trunk0)}

    def _line(self, now: Layout) -> Estimate | None:
        """A second opinion on the trunk's change: plain geometry on the hip-shoulder line. Weak where the networks are at home,
        and what is left where they are not."""
        base = self._base
        if base is None or base.view is View.FRONT or not (base.hips_inside and now.hips_inside):
            return None
        lens, ratio, before = self._line_before(base, now.width, now.height)
        after = trunk_deg(*now.hip_and_shoulder, ratio, base.yaw_deg, lens)
        if before is None or after is None:
            return None
        change = (after - before) / geometry.LINE_SLOPE
        turn = max(0.4, abs(math.sin(math.radians(base.yaw_deg))))
        return Estimate(change, (5.0 + 0.25 * abs(change)) / turn, "line")

    def _line_before(self, base: Base, width: int, height: int) -> tuple[Lens, float, float | None]:
        """The lens of pictures of this size, and the neutral's torso ratio and trunk angle in it; worked out once."""
        if (width, height) not in self._lines:
            lens = Lens((width / 2.0, height / 2.0), 2.0 * float(base.track.half[0]), self._set.camera_pitch_deg, self._set.camera_roll_deg)
            hip, shoulder = base.track.hip_and_shoulder(0)
            ratio = torso_ratio(hip, shoulder, lens)
            self._lines[width, height] = lens, ratio, trunk_deg(hip, shoulder, ratio, base.yaw_deg, lens)
        return self._lines[width, height]

    def _calm(self, name: str, e: Estimate | None) -> Estimate | None:
        return self._smoother.estimate(name, e) if self._live else e


def base_of(neutral: Neutral, settings: MeasureSettings, view: View | None) -> Base:
    """The neutral as the networks take it."""
    yaw = neutral.cue["yaw_deg"]
    return Base(neutral.track(), view or view_of(yaw, settings), yaw, neutral.hips_inside, neutral.has_outline)


def _own_trunk_deg(base: Base, parameters: Parameters) -> float:
    """The neutral's own trunk flexion: measured from the side, where it can be seen, and taken as 0 elsewhere."""
    if base.view is not View.SIDE or not base.hips_inside:
        return 0.0
    return float(own_trunk(base.track, base.hand, parameters)[0][0])


def seated(c: Cues, neutral: Neutral | None) -> bool | None:
    """Seated unless the head rose by 20 cm or more over the neutral, or hips and knees are straight where seen."""
    if c.knee_deg is not None and c.thigh_deg is not None and c.knee_deg < _STRAIGHT_DEG and c.thigh_deg < -55.0:
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
