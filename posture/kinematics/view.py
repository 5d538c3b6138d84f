"""How the trunk stands to the camera: its yaw from all cues, and the view that follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from posture.kinematics.cues import Cues
from posture.kinematics.layout import track_of
from posture.kinematics.learned import Parameters, yaw_of
from posture.model import View
from posture.settings import MeasureSettings

_SD_DEG = 5.0
"""Of either way alone, measured on clips of known yaw: 2 to 12 degrees."""


def trunk_yaws(cues: Sequence[Cues], parameters: Parameters) -> list[tuple[float, float]]:
    """Yaw in degrees (0 faces the camera, +90 shows the left side) and its sd, of each frame.

    The mean of two ways that err differently: the shoulder and hip lines of the world landmarks, and a network that reads the
    arrangement of head, shoulders and hips in the picture. The sd grows where they disagree.
    """
    if not cues:
        return []
    mean, sd = yaw_of(track_of([c.layout for c in cues]), parameters)
    return [_fused(c.yaw_deg, m, d) for c, m, d in zip(cues, mean.tolist(), sd.tolist(), strict=True)]


def _fused(world_deg: float, network_deg: float, network_sd_deg: float) -> tuple[float, float]:
    apart = (network_deg - world_deg + 180.0) % 360.0 - 180.0
    yaw = (world_deg + 0.5 * apart + 180.0) % 360.0 - 180.0
    return yaw, math.hypot(max(_SD_DEG, network_sd_deg) / math.sqrt(2.0), apart / 2.0)


def view_of(yaw_deg: float, settings: MeasureSettings) -> View:
    """Front, oblique or side; a back to the camera counts as the front does."""
    off_front = min(abs(yaw_deg), 180.0 - abs(yaw_deg))
    if off_front <= settings.front_max_yaw_deg:
        return View.FRONT
    return View.SIDE if off_front >= settings.side_min_yaw_deg else View.OBLIQUE
