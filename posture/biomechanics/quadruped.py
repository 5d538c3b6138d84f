"""On hands and knees, or lying down: no angle that is measured of people who sit or stand holds there; from the side, the outline of the
back shows how the spine bends on hands and knees."""

from __future__ import annotations

import numpy as np

from posture.biomechanics.layout import CHORD, is_propped
from posture.biomechanics.pose_features import PoseFeatures
from posture.types import Estimate

_LEVEL_DEG = 60.0
"""Trunks further than this from upright are of people who bend far down, or who neither sit nor stand."""
_OPEN_DEG, _FOLDED_DEG = 60.0, 125.0
"""Between trunk and thighs: who bends so far down on a chair closes it further, or sits on their heels: the bend of the knees then."""
_STRAIGHT_DEG, _HANGING_DEG = 35.0, 55.0
"""Bend of the knees of who stands at most, and slope of the thighs at least."""
_KNEELING_DEG = 45.0
"""Bend of the knees of who kneels at least."""
_MIDDLE = [i for i, share in enumerate(CHORD) if 0.3 < share < 0.8]
"""Samples of the outline between hip and shoulder, clear of the buttocks and of the shoulder blades."""
_FEWEST = 3
_DEG_PER_PCT, _FLAT_PCT = 4.0, 22.0
"""Of the spine's bend, for each per cent of the trunk's length by which the outline rises; and how high it lies over a back at rest, from
drawn people (18 to 25)."""
_SD_DEG = 12.0


def neither_sits_nor_stands(c: PoseFeatures) -> bool:
    """Tell whether the trunk lies level without being folded over the thighs: on hands and knees, or lying down.

    Where the hips are not seen, that is not known, and ``False``; without the knees, it is known of who lies back, or head down.
    """
    trunk, thigh = c.trunk_deg, c.thigh_deg
    if trunk is None or abs(trunk) < _LEVEL_DEG:
        return False
    if thigh is None:
        return not -_LEVEL_DEG < trunk < 180.0 - _LEVEL_DEG
    stands = c.knee_deg is not None and c.knee_deg < _STRAIGHT_DEG and abs(trunk) < 180.0 - _LEVEL_DEG and abs(thigh + 90.0) < _HANGING_DEG
    opened = abs((90.0 - trunk - thigh + 180.0) % 360.0 - 180.0)
    on_heels = c.knee_deg is not None and c.knee_deg > _FOLDED_DEG
    return (opened > _OPEN_DEG or on_heels) and not stands


def on_hands_and_knees(c: PoseFeatures) -> bool:
    """Tell whether upper arms and thighs hold up a level trunk, on bent knees."""
    return neither_sits_nor_stands(c) and c.knee_deg is not None and c.knee_deg > _KNEELING_DEG and is_propped(c.layout.xy)


def quadruped_flexion(c: PoseFeatures) -> Estimate | None:
    """Estimate the bend of the spine on hands and knees by how high the outline of the back lies over the line from hip to shoulder."""
    if not on_hands_and_knees(c):
        return None
    (hip_x, hip_y), (shoulder_x, shoulder_y) = c.layout.hip_and_shoulder
    heights = (c.layout.right if shoulder_x < hip_x else c.layout.left)[_MIDDLE]  # the upper side of the picture
    if np.isfinite(heights).sum() < _FEWEST:
        return None
    share_pct = 100.0 * float(np.nanmean(heights)) / float(np.hypot(shoulder_x - hip_x, shoulder_y - hip_y))
    return Estimate(_DEG_PER_PCT * (share_pct - _FLAT_PCT), _SD_DEG, "outline")
