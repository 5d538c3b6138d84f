"""Features to a reading: every angle against the person's neutral, smoothed, with its sd and how it was seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from posture.biomechanics import geometry
from posture.biomechanics.calibration import Neutral, doubted
from posture.biomechanics.geometry import Lens, torso_ratio, trunk_deg
from posture.biomechanics.layout import Layout, LayoutSeries, levelled, smoothed, track_of
from posture.biomechanics.networks import EXERCISE, NO_CHANGES, Changes, NeutralReference, Parameters, estimates, hands_of, own_angles
from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.quadruped import neither_sits_nor_stands, on_hands_and_knees, quadruped_flexion
from posture.biomechanics.sample import PoseSample
from posture.biomechanics.skeleton import KEPT
from posture.biomechanics.smoothing import Smoother
from posture.biomechanics.view import neutral_yaw, sure_view, trunk_yaws, view_at
from posture.settings import MeasureSettings
from posture.types import Estimate, ExerciseAngles, Reading, View

_STANDING_RISE_M = 0.20
TALL_SD_DEG = 5.0
"""Spread of the trunk flexion of people who sit tall: our judgement, and that of the people whom the networks were fitted on."""
_STRAIGHT_DEG = 35.0
_STRETCH_S = 2.0
_TURNED_DEG, _OTHER_SIDE_DEG = 40.0, 100.0
_TURNED_S = 3.0
"""Turned further than this from the neutral, for longer than this: changes since the neutral are unknown."""


def look_both_ways(seen: Sequence[PoseSample], sd_s: float) -> Iterator[PoseSample]:
    """Smooth a recording's layouts with the future as well as the past, so without delay; never across a cut or a gap."""
    stretch: list[PoseSample] = []
    for s in seen:
        if stretch and (s.cut or s.features is None or s.time_s - stretch[-1].time_s > _STRETCH_S):
            yield from _smooth_stretch(stretch, sd_s)
            stretch = []
        if s.features is None:
            yield s
        else:
            stretch.append(s)
    yield from _smooth_stretch(stretch, sd_s)


def _smooth_stretch(stretch: Sequence[PoseSample], sd_s: float) -> Iterator[PoseSample]:
    layouts = smoothed([s.features.layout for s in stretch if s.features is not None], sd_s)
    for s, calm in zip(stretch, layouts, strict=True):
        assert s.features is not None
        yield replace(s, features=replace(s.features, layout=calm))


class AngleEstimator:
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
        """Prepare for one session.

        Args:
            settings: limits of the views, smoothing.
            neutral: ``None`` if uncalibrated.
            parameters: the fitted networks.
            view: given by the user; ``None``: from the pose.
            live: smooth the angles causally; off for a recording whose layouts were smoothed both ways.
        """
        self._set, self._neutral, self._parameters, self._view = settings, neutral, parameters, view
        self._smoother = Smoother(settings.smooth_s)
        self._live = live
        self._base: NeutralReference | None = None
        self._trunk0: Estimate | None = None
        self._lines: dict[tuple[int, int], tuple[Lens, float, float | None]] = {}
        self._turned_s = self._last_s = 0.0
        if neutral is not None:
            self._base = base_of(neutral, settings, view, parameters)
            self._trunk0 = own_trunk(self._base, settings, parameters, sits_tall=neutral.source != "automatic")

    def measure(self, seen: PoseSample) -> Reading:
        """Return the reading for one moment. Smoothing starts anew after a cut or when nobody was seen."""
        return self.measure_all((seen,))[0]

    def measure_all(self, many: Sequence[PoseSample]) -> list[Reading]:
        """Return the readings for moments in order of time; many at once cost less than one after the other."""
        seen = [s.features for s in many if s.features is not None]
        yaws = iter(trunk_yaws(seen, self._parameters))
        found = iter([] if self._base is None else estimates([c.layout for c in seen], self._base, self._parameters))
        return [self._blank(s) if s.features is None else self._reading(s, s.features, *next(yaws), next(found, NO_CHANGES)) for s in many]

    def _blank(self, seen: PoseSample) -> Reading:
        self._smoother.reset()
        return Reading(seen.time_s, seen.sight)

    def _reading(self, seen: PoseSample, c: PoseFeatures, yaw: float, yaw_sd: float, found: Changes) -> Reading:
        if seen.cut:
            self._smoother.reset()
        n = self._neutral
        smooth = self._smoother.at(seen.time_s)
        yaw = smooth.heading("yaw", yaw)
        self._watch_turn(seen.time_s, yaw)
        if neither_sits_nor_stands(c):
            return self._on_the_floor(seen, c)
        angles = self._angles(c, found.angles, yaw)
        base = {} if n is None else n.cue
        shoulders_cm, knees_cm = self._moved(c)
        face_deg, growth_pct = self._reshaped(c.layout)
        return Reading(
            time_s=seen.time_s,
            sight=seen.sight,
            view=self._view or sure_view(yaw, yaw_sd, self._set),
            yaw_deg=yaw,
            yaw_sd_deg=yaw_sd,
            trunk_flexion=self._calm("trunk", angles.get("trunk")),
            trunk_neutral_deg=None if self._trunk0 is None else self._trunk0.deg,
            trunk_neutral_sd_deg=0.0 if self._trunk0 is None else self._trunk0.sd_deg,
            trunk_doubt_sd_deg=0.0 if n is None else n.doubt_sd_deg("trunk"),
            pelvic_tilt=self._calm("pelvis", angles.get("pelvis")),
            spinal_flexion=self._calm("spine", angles.get("spine")),
            neck_flexion=smooth.estimate("neck", geometry.neck(c)),
            lateral_lean=smooth.estimate("lean", geometry.lateral_lean(c, base.get("side_lean_deg", 0.0))),
            axial_rotation=smooth.estimate("rotation", geometry.axial_rotation(c, base.get("rotation_deg", 0.0))),
            seated=seated(c, n),
            place_cm=_place(c),
            shoulders_cm=shoulders_cm,
            knees_cm=knees_cm,
            face_down_deg=face_deg,
            shoulder_growth_pct=growth_pct,
            exercise=self._exercise(found.exercise),
        )

    def _exercise(self, found: Mapping[str, Estimate]) -> ExerciseAngles | None:
        """Return the angles to count exercises by; what a neutral may be wrong by is in none of their sds, as only movements count."""
        base = self._base
        if base is None or base.view is None or not found or self._turned_s > _TURNED_S:
            return None
        calm = {q: e for q, raw in found.items() if (e := self._calm(EXERCISE + q, raw)) is not None}
        return ExerciseAngles(base.view, **calm)

    def _on_the_floor(self, seen: PoseSample, c: PoseFeatures) -> Reading:
        """Return what can be said of somebody on hands and knees, or lying down: no angle that is measured of people who sit or stand, and
        the view by the world landmarks alone, for the network knows such people's heads above their shoulders."""
        thigh = geometry.thigh_deg(c)
        return Reading(
            time_s=seen.time_s,
            sight=seen.sight,
            view=self._view or view_at(c.yaw_deg, self._set),
            seated=seated(c, self._neutral),
            place_cm=_place(c),
            face_down_deg=geometry.face_down_deg(c.layout.xy, 1.0 if c.yaw_deg <= 0.0 else -1.0),
            quadruped_flexion=self._calm("quadruped", quadruped_flexion(c)),
            thigh_deg=self._smoother.heading("thigh", thigh) if self._live else thigh,
        )

    def _moved(self, c: PoseFeatures) -> tuple[tuple[float, float] | None, float | None]:
        """Tell how far shoulders (right, down) and knees are from the neutral's, in cm by its scale, which no bend changes."""
        if self._base is None or self._neutral is None:
            return None, None
        before = self._base.track.xy[0]
        off = (c.layout.xy - before) * 100.0 / max(1.0, self._neutral.cue["px_per_m"])
        right, down = off[list(KEPT.shoulders)].mean(axis=0).tolist()
        seen = c.thigh_deg is not None and "thigh_deg" in self._neutral.cue
        return (right, down), float(np.sqrt((off[list(KEPT.knees)] ** 2).sum(axis=1).mean())) if seen else None

    def _reshaped(self, now: Layout) -> tuple[float | None, float | None]:
        """Tell how far the face has turned down since the neutral, degrees, and how much wider the shoulders have become, per cent."""
        if self._base is None:
            return None, None
        before, hand = self._base.track.xy[0], None if self._base.view is View.FRONT else self._base.hand
        down = geometry.face_down_deg(now.xy, hand) - geometry.face_down_deg(before, hand)
        return (down + 180.0) % 360.0 - 180.0, geometry.shoulder_growth_pct(now.xy, before)

    def _watch_turn(self, time_s: float, yaw_deg: float) -> None:
        """Count for how long the trunk has been turned so far from the neutral that changes since then mean nothing."""
        if self._base is None:
            return
        off = abs((yaw_deg - self._base.yaw_deg + 180.0) % 360.0 - 180.0)
        self._turned_s = self._turned_s + min(_STRETCH_S, time_s - self._last_s) if off > _TURNED_DEG else 0.0
        if off > _OTHER_SIDE_DEG:  # nobody turns so far while they sit: another side is shown, or another person
            self._turned_s = max(self._turned_s, 2.0 * _TURNED_S)
        self._last_s = time_s

    def _angles(self, c: PoseFeatures, found: Mapping[str, Estimate | None], yaw_deg: float) -> dict[str, Estimate | None]:
        """Return the trunk (with the neutral's own angle), pelvis and spine, from what the networks found; without a neutral the trunk
        alone."""
        if self._base is None or self._neutral is None or self._trunk0 is None:
            rear = view_at(yaw_deg, self._set) is View.REAR
            return {} if rear else {"trunk": _alone(track_of([c.layout]), yaw_deg, self._set, self._parameters)[0]}
        if not found or self._turned_s > _TURNED_S:
            return {}
        trunk = geometry.fuse((found["trunk"], self._line(c.layout)))
        known = found if trunk is None else {**found, "trunk": replace(trunk, deg=trunk.deg + self._trunk0.deg)}
        extra = self._neutral.extra_sd_deg
        return {k: None if e is None else replace(e, sd_deg=math.hypot(e.sd_deg, extra(k))) for k, e in known.items()}

    def _line(self, now: Layout) -> Estimate | None:
        """Estimate the trunk's change by plain geometry on the hip-shoulder line: weak where the networks know much, and what is left
        where they know little."""
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

    def _line_before(self, base: NeutralReference, width: int, height: int) -> tuple[Lens, float, float | None]:
        """Return the lens of pictures of this size, and the neutral's torso ratio and trunk angle in it; worked out once."""
        if (width, height) not in self._lines:
            lens = Lens((width / 2.0, height / 2.0), 2.0 * float(base.track.half[0]), self._set.camera_pitch_deg, self._set.camera_roll_deg)
            hip, shoulder = base.track.hip_and_shoulder(0)
            ratio = torso_ratio(hip, shoulder, lens)
            self._lines[width, height] = lens, ratio, trunk_deg(hip, shoulder, ratio, base.yaw_deg, lens)
        return self._lines[width, height]

    def _calm(self, name: str, e: Estimate | None) -> Estimate | None:
        return self._smoother.estimate(name, e) if self._live else e


def base_of(neutral: Neutral, settings: MeasureSettings, view: View | None, parameters: Parameters) -> NeutralReference:
    """Return the neutral as the networks take it."""
    yaw, sd = neutral_yaw(neutral, parameters)
    return NeutralReference(neutral.track(), view or sure_view(yaw, sd, settings), yaw, neutral.hips_inside, neutral.has_outline)


def trust(neutral: Neutral, settings: MeasureSettings, view: View | None, parameters: Parameters) -> Neutral:
    """Return a neutral as far as it can be trusted: an automatic one by whether the person was still and looks upright in it."""
    base = base_of(neutral, settings, view, parameters)
    return doubted(neutral, *_alone(base.track, base.yaw_deg, settings, parameters))


def _alone(track: LayoutSeries, yaw_deg: float, settings: MeasureSettings, parameters: Parameters) -> tuple[Estimate, Estimate]:
    """Estimate the trunk flexion against gravity and the spinal flexion from one picture alone.

    A roll of the camera up to 5 degrees is in the sd; one that is known is taken out. Its pitch is not: known to 2 degrees, and fitted on,
    it made the mean error of drawn people who were left out smaller by 0.0 from the side, 0.3 at an angle and 0.5 degrees from the front.
    """
    deg, sd = own_angles(levelled(track, settings.camera_roll_deg), hands_of(np.array([yaw_deg])), parameters)
    trunk, spine = (Estimate(d, s, "alone") for d, s in zip(deg[0].tolist(), sd[0].tolist(), strict=True))
    return trunk, spine


def own_trunk(base: NeutralReference, settings: MeasureSettings, parameters: Parameters, *, sits_tall: bool) -> Estimate:
    """Estimate the neutral's own trunk flexion from its picture; of somebody who was asked to sit tall, about 0 is known beforehand."""
    alone, _ = _alone(base.track, base.yaw_deg, settings, parameters)
    if not sits_tall:
        return alone
    tall = Estimate(0.0, TALL_SD_DEG, "sits tall")
    if base.view is not View.SIDE or not base.hips_inside:
        return tall
    weights = tall.sd_deg**-2, alone.sd_deg**-2
    return Estimate(alone.deg * weights[1] / sum(weights), sum(weights) ** -0.5, "sits tall+alone")


def seated(c: PoseFeatures, neutral: Neutral | None) -> bool | None:
    """Tell whether the person sits: unless the head rose by 20 cm or more over the neutral, or hips and knees are straight where seen, or
    they are on hands and knees; of somebody who lies it is not told, for a picture that lies on its side looks alike."""
    if neither_sits_nor_stands(c):
        return False if on_hands_and_knees(c) else None
    if c.knee_deg is not None and c.thigh_deg is not None and c.knee_deg < _STRAIGHT_DEG and c.thigh_deg < -55.0:
        return False
    if neutral is None:
        return None if c.thigh_deg is None else True
    risen_px = (neutral.cue["head_y"] - c.head_y) * c.height_px
    return risen_px / max(1.0, neutral.cue["px_per_m"]) < _STANDING_RISE_M


def _place(c: PoseFeatures) -> tuple[float, float]:
    """Tell where the hips are, or the shoulders if the hips are unseen, in cm of body scale."""
    x, y = (c.hip_x, c.hip_y) if c.hip_x is not None and c.hip_y is not None else (c.shoulder_x, c.shoulder_y)
    scale = 100.0 * c.height_px / c.px_per_m
    return x * scale, y * scale
