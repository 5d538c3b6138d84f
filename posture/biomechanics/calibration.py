"""The person's neutral: what their cues are when they sit tall but relaxed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics.layout import CHORD, LayoutSeries, track_of
from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.skeleton import KEPT
from posture.errors import InputError
from posture.types import Estimate

_NOT_AVERAGED = ("time_s", "hips_seen", "height_px", "layout")
_FIELDS = [f.name for f in fields(PoseFeatures) if f.name not in _NOT_AVERAGED]
STILL = 0.15
"""Spread of the shoulders' middle, in distances shoulder -> ear, up to which the person was still."""
_UPRIGHT_DEG = 15.0
AUTOMATIC_SD_DEG = 3.0
"""How far the trunk of a neutral that nobody gave may be off, of a recording or of the first seconds of a live session."""
AUTOMATIC_SPINE_SD_DEG = 13.0
"""And its spine and pelvis: people who were told nothing sit slumped as often as not, which the trunk hardly shows; our judgement."""
DOUBTFUL_SD_DEG, DOUBTFUL_SPINE_SD_DEG = 18.0, 15.0
"""And both where the person moved meanwhile or does not look upright: as nobody knows how far from upright that was, who sits in it is not
called neutral before they rise by a few degrees; our judgement."""
_UPRIGHT_WITHIN_DEG, _UPRIGHT_CHANCE = 10.0, 0.2
"""A trunk that lies within this of vertical with less than this probability is not upright. Of neutrals of drawn people who were left out
of the fit none seen from the front, 0.4 % at an angle and 0.6 % from the side look so; of leans of 30 to 45 degrees 58, 77 and 94 %."""
_SLUMPED_DEG = 15.0
"""Nor is a spine that is more likely than not flexed by more than this. Of the same neutrals 1.0 % seen from the front, 2.1 % at an angle
and 0.6 % from the side look so; of slumps of 35 to 50 degrees with the trunk upright 36, 57 and 74 %."""
OTHER_WAY_SD_DEG = 5.0
"""How far a neutral may be off whose landmarks were found anew in each picture, as earlier versions did live: up to 5.4 degrees of trunk
and 7.9 of spine apart on one clip."""
_USUAL_DEG = 30.0
_BIN_S = 2.0
_STANDING_GAP_M = 0.20
_ALWAYS = {"yaw_deg", "px_per_m", "head_y"}
"""Cues that every pose gives."""
_LENGTHS = {"xy": 2 * len(KEPT.all), "left": len(CHORD), "right": len(CHORD), "size": 2}
"""Numbers in each part of the layout."""


def _number(value: Any) -> float:
    """Read a finite number of a profile, which may come from anywhere.

    Raises:
        ValueError, TypeError: it is none.
    """
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError("a number beyond all bounds") from error
    if not math.isfinite(number):
        raise ValueError("no finite number")
    return number


@dataclass(frozen=True, slots=True)
class RangeEnd:
    """How far the person went from the neutral when asked to go as far as comfortable: medians over the seconds of holding it."""

    spine_deg: float
    """Spinal flexion, change from the neutral; a slump +, an arch -."""
    spine_sd_deg: float
    pelvis_deg: float | None = None
    """Pelvic tilt, change from the neutral, anterior +; ``None`` where the view does not show it."""
    pelvis_sd_deg: float | None = None

    @staticmethod
    def from_dict(data: Mapping[str, Any] | None) -> RangeEnd | None:
        """Make one from what ``asdict`` gives; ``None`` where there is none, as in the profiles of earlier versions.

        Raises:
            KeyError, TypeError, ValueError: not what ``asdict`` gives.
        """
        if data is None:
            return None
        pelvis, sd = data["pelvis_deg"], data["pelvis_sd_deg"]
        return RangeEnd(
            spine_deg=_number(data["spine_deg"]),
            spine_sd_deg=_number(data["spine_sd_deg"]),
            pelvis_deg=None if pelvis is None else _number(pelvis),
            pelvis_sd_deg=None if sd is None else _number(sd),
        )


@dataclass(frozen=True, slots=True)
class Neutral:
    """Means and medians of the cues in the person's neutral."""

    source: str
    """``given``, ``profile NAME`` or ``automatic``."""
    start_s: float
    end_s: float
    count: int
    sd_deg: float
    """How far the neutral itself may be off, degrees."""
    still: bool
    cue: Mapping[str, float]
    """Median of every cue that was seen in at least half of the readings."""
    layout: Mapping[str, tuple[float, ...]]
    """Means of the layouts: ``xy`` (30 px, x and y in turn), ``left`` and ``right`` (12 px each), ``size`` (width, height)."""
    has_outline: bool
    hips_inside: bool
    slump: RangeEnd | None = None
    """The person's own full slump, as it reads against this neutral; ``None`` if it was not shown, or is not seen from here."""
    arch: RangeEnd | None = None
    """Likewise the full arch of the low back."""
    tracked: bool = True
    """Whether the person was tracked from frame to frame; False in profiles of earlier versions, where the key is ``followed``."""

    @property
    def doubtful(self) -> bool:
        """Whether nobody gave it, and the person moved meanwhile or does not look upright."""
        return self.source == "automatic" and self.sd_deg > AUTOMATIC_SD_DEG

    def doubt_sd_deg(self, quantity: str) -> float:
        """Tell how far the ``trunk``, ``pelvis`` or ``spine`` of a neutral that nobody gave may be off the person's own, degrees."""
        if self.source != "automatic":
            return 0.0
        if quantity == "trunk":
            return self.sd_deg
        return DOUBTFUL_SPINE_SD_DEG if self.doubtful else AUTOMATIC_SPINE_SD_DEG

    def extra_sd_deg(self, quantity: str) -> float:
        """Tell by how much the change of ``trunk``, ``pelvis`` or ``spine`` is less sure than the networks know, degrees."""
        return math.hypot(self.doubt_sd_deg(quantity), 0.0 if self.tracked else OTHER_WAY_SD_DEG)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as a profile stores them."""
        data = {**asdict(self), "cue": dict(self.cue), "layout": {k: list(v) for k, v in self.layout.items()}}
        data["followed"] = data.pop("tracked")
        return data

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Neutral:
        """Return the inverse of ``as_dict``.

        Raises:
            KeyError, TypeError, ValueError: not what ``as_dict`` gives.
        """
        if not isinstance(data, Mapping):
            raise TypeError("expected named values")
        cue = {str(k): _number(v) for k, v in dict(data["cue"]).items() if k in _FIELDS}
        if missing := _ALWAYS - cue.keys():
            raise KeyError(*missing)
        layout = {k: tuple(_number(x) for x in data["layout"][k]) for k in _LENGTHS}
        if any(len(layout[k]) != length for k, length in _LENGTHS.items()) or min(layout["size"]) <= 0:
            raise ValueError("the layout is none")
        return Neutral(
            source=str(data["source"]),
            start_s=_number(data["start_s"]),
            end_s=_number(data["end_s"]),
            count=int(_number(data["count"])),
            sd_deg=_number(data["sd_deg"]),
            still=bool(data["still"]),
            cue=cue,
            layout=layout,
            has_outline=bool(data["has_outline"]),
            hips_inside=bool(data["hips_inside"]),
            slump=RangeEnd.from_dict(data.get("slump")),
            arch=RangeEnd.from_dict(data.get("arch")),
            tracked=bool(data.get("followed", False)),
        )

    def track(self) -> LayoutSeries:
        """Return the layout as one frame."""
        width, height = self.layout["size"]
        return LayoutSeries(
            xy=np.array(self.layout["xy"]).reshape(1, -1, 2),
            left=np.array([self.layout["left"]]),
            right=np.array([self.layout["right"]]),
            half=np.array([max(width, height) / 2.0]),
            middle_y=np.array([height / 2.0]),
        )


def neutral_of(seen: Sequence[PoseFeatures], source: str = "given", sd_deg: float = 0.5) -> Neutral:
    """Return the neutral that these cues show.

    Raises:
        InputError: nobody was seen.
    """
    if not seen:
        raise InputError("nobody was seen during the upright span")
    cue: dict[str, float] = {}
    for name in _FIELDS:
        values = [v for c in seen if (v := getattr(c, name)) is not None]
        if len(values) * 2 >= len(seen):
            cue[name] = _median_angle(values) if name == "yaw_deg" else float(np.median(values))
    track = track_of([c.layout for c in seen])
    first = seen[0].layout
    return Neutral(
        source=source,
        start_s=seen[0].time_s,
        end_s=seen[-1].time_s,
        count=len(seen),
        sd_deg=sd_deg,
        still=spread(track) <= STILL,
        cue=cue,
        layout={
            "xy": tuple(track.xy.mean(axis=0).ravel().round(3).tolist()),
            "left": tuple(track.left.mean(axis=0).round(3).tolist()),
            "right": tuple(track.right.mean(axis=0).round(3).tolist()),
            "size": (float(first.width), float(first.height)),
        },
        has_outline=sum(c.layout.has_outline for c in seen) * 2 > len(seen),
        hips_inside=sum(c.layout.hips_inside and not c.layout.ends_at_hips for c in seen) * 2 > len(seen),
    )


def doubted(neutral: Neutral, own_trunk: Estimate, own_spine: Estimate) -> Neutral:
    """Return an automatic neutral with the sd that it deserves: a wide one unless the person was still, and may well be upright.

    Args:
        neutral: of any source; one that was given stays as it is.
        own_trunk: its trunk flexion against gravity, from its picture alone.
        own_spine: likewise its spinal flexion.
    """
    if neutral.source != "automatic" or (neutral.still and _may_be_upright(own_trunk) and own_spine.deg < _SLUMPED_DEG):
        return neutral
    return replace(neutral, sd_deg=DOUBTFUL_SD_DEG)


def _may_be_upright(trunk: Estimate) -> bool:
    above, below = ((limit - trunk.deg) / trunk.sd_deg / math.sqrt(2.0) for limit in (_UPRIGHT_WITHIN_DEG, -_UPRIGHT_WITHIN_DEG))
    return 0.5 * (math.erf(above) - math.erf(below)) >= _UPRIGHT_CHANCE


def upright(neutral: Neutral) -> bool:
    """Tell whether the neutral looks like sitting upright, as far as the view shows it: the trunk within 15 degrees of vertical."""
    trunk = neutral.cue.get("trunk_deg", neutral.cue.get("world_trunk_deg"))
    if trunk is None or abs(math.sin(math.radians(neutral.cue["yaw_deg"]))) < 0.7:
        return True
    return -_UPRIGHT_DEG - 5.0 <= trunk <= _UPRIGHT_DEG  # the raw line leans back by about 5 degrees


def automatic_neutral(seen: Sequence[PoseFeatures]) -> Neutral:
    """Return a robust guess from a whole recording: the upright end of how the person mostly sat.

    What shows the person turned away from how they mostly faced is left out. The rest is cut into pieces of 2 s, and of those in which the
    person sat the tallest fifth (head and shoulders highest) is taken for neutral. Standing is recognised by its gap of 20 cm or more.
    A person who never sat upright has no upright neutral here, hence the wider sd.

    Raises:
        InputError: nobody was seen.
    """
    if not seen:
        raise InputError("nobody was seen, so there is no upright reference")
    usual_deg = _median_angle([c.yaw_deg for c in seen])
    facing = [c for c in seen if abs((c.yaw_deg - usual_deg + 180.0) % 360.0 - 180.0) <= _USUAL_DEG] or seen
    pieces: dict[int, list[PoseFeatures]] = {}
    for c in facing:
        pieces.setdefault(math.floor(c.time_s / _BIN_S), []).append(c)
    # Metres of body scale by which head and shoulders are below the picture's top, on average.
    metre = float(np.median([c.px_per_m for c in seen])) / seen[0].height_px
    depth = np.array([float(np.median([c.shoulder_y + c.head_y for c in p])) / 2.0 / metre for p in pieces.values()])
    sat = depth >= _seat_level(depth)
    limit = float(np.percentile(depth[sat], 20))
    tall = [p for p, d in zip(pieces.values(), depth, strict=True) if _seat_level(depth) <= d <= limit]
    return neutral_of([c for p in _together(tall) for c in p], "automatic", AUTOMATIC_SD_DEG)


def _together(pieces: Sequence[list[PoseFeatures]]) -> Sequence[list[PoseFeatures]]:
    """Leave out the pieces of one who sat elsewhere meanwhile, if most are at one place: a mean over places is a blur."""
    track = track_of([c.layout for p in pieces for c in p])
    if spread(track) <= STILL:
        return pieces
    places = np.array([np.median([c.layout.xy[list(KEPT.shoulders)].mean(axis=0) for c in p], axis=0) for p in pieces])
    off = np.linalg.norm(places - np.median(places, axis=0), axis=1) / _neck_px(track)
    near = [p for p, d in zip(pieces, off, strict=True) if d <= STILL / 2.0]
    return near if 2 * len(near) >= len(pieces) else pieces


def _seat_level(depth: NDArray[np.float64]) -> float:
    """Return the depth from which on pieces are taken for sitting: below a gap of 20 cm, if there is one with a third of the time below
    it."""
    steps = np.sort(depth)
    gaps = np.flatnonzero(np.diff(steps) >= _STANDING_GAP_M)
    for i in gaps[::-1]:
        if (len(steps) - i - 1) * 3 >= len(steps):
            return float(steps[i + 1])
    return float(steps[0])


def spread(track: LayoutSeries) -> float:
    """Tell how far the shoulders' middle wandered, 90 less 10 per cent, in distances shoulder -> ear."""
    middle = track.xy[:, list(KEPT.shoulders)].mean(axis=1)
    low, high = np.quantile(middle, [0.1, 0.9], axis=0)
    return float(np.max(high - low)) / _neck_px(track)


def _neck_px(track: LayoutSeries) -> float:
    """Return the mean distance shoulder -> ear."""
    necks = track.xy[:, list(KEPT.shoulders)].mean(axis=1) - track.xy[:, list(KEPT.ears)].mean(axis=1)
    return max(1.0, float(np.linalg.norm(necks.mean(axis=0))))


def _median_angle(values: Sequence[float]) -> float:
    """Return the median of headings, which wrap at 180 degrees."""
    mean = math.atan2(sum(math.sin(math.radians(v)) for v in values), sum(math.cos(math.radians(v)) for v in values))
    centre = math.degrees(mean)
    return centre + float(np.median([(v - centre + 180.0) % 360.0 - 180.0 for v in values]))
