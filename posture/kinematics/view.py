"""How the trunk stands to the camera: its yaw from all cues, and the view that follows from it."""

from __future__ import annotations

import math

from posture.kinematics.cues import Cues
from posture.kinematics.layout import track_of
from posture.kinematics.learned import Parameters, yaw_of
from posture.model import View
from posture.settings import MeasureSettings

_SD_DEG = 5.0
"""Of either way alone, measured on clips of known yaw: 2 to 12 degrees."""


def trunk_yaw(c: Cues, parameters: Parameters) -> tuple[float, float]:
    """Yaw in degrees (0 faces the camera, +90 shows the left side) and its sd.

    The mean of two ways that err differently: the shoulder and hip lines of the world landmarks, and a network that reads the
    arrangement of head, shoulders and hips in the picture. The sd grows where they disagree.
    """
    mean, sd = yaw_of(track_of([c.layout]), parameters)
    apart = (float(mean[0]) - c.yaw_deg + 180.0) % 360.0 - 180.0
    yaw = (c.yaw_deg + 0.5 * apart + 180.0) % 360.0 - 180.0
    return yaw, math.hypot(max(_SD_DEG, float(sd[0])) / math.sqrt(2.0), apart / 2.0)


def view_of(yaw_deg: float, settings: MeasureSettings) -> View:
    """Front, oblique or side; a back to the camera counts as the front does."""
    off_front = min(abs(yaw_deg), 180.0 - abs(yaw_deg))
    if off_front <= settings.front_max_yaw_deg:
        return View.FRONT
    return View.SIDE if off_front >= settings.side_min_yaw_deg else View.OBLIQUE
