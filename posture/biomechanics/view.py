"""How the trunk stands to the camera: its yaw from all features, and the view that follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from posture.biomechanics.calibration import Neutral
from posture.biomechanics.layout import track_of
from posture.biomechanics.networks import Parameters, yaw_of
from posture.biomechanics.pose_features import PoseFeatures
from posture.settings import MeasureSettings
from posture.types import View

_SD_DEG = 5.0
"""Of either way alone, measured on clips of known yaw: 2 to 12 degrees."""
_MOST_SD_DEG = 30.0
"""A yaw that is less sure than this tells no view."""


def trunk_yaws(cues: Sequence[PoseFeatures], parameters: Parameters) -> list[tuple[float, float]]:
    """Return the yaw in degrees (0 faces the camera, +90 shows the left side) and its sd, of each frame.

    The mean of two ways that err differently: the shoulder and hip lines of the world landmarks, and a network that reads the
    arrangement of head, shoulders and hips in the picture. The sd grows where they disagree.
    """
    if not cues:
        return []
    mean, sd = yaw_of(track_of([c.layout for c in cues]), parameters)
    return [fused_yaw(c.yaw_deg, m, d) for c, m, d in zip(cues, mean.tolist(), sd.tolist(), strict=True)]


def neutral_yaw(neutral: Neutral, parameters: Parameters) -> tuple[float, float]:
    """Return the yaw of a neutral and its sd, found in the same two ways as those of the frames that are held against it."""
    mean, sd = yaw_of(neutral.track(), parameters)
    return fused_yaw(neutral.cue["yaw_deg"], float(mean[0]), float(sd[0]))


def fused_yaw(world_deg: float, network_deg: float, network_sd_deg: float) -> tuple[float, float]:
    """Return the mean of both ways and its sd, which grows where they disagree."""
    apart = (network_deg - world_deg + 180.0) % 360.0 - 180.0
    yaw = (world_deg + 0.5 * apart + 180.0) % 360.0 - 180.0
    return yaw, math.hypot(max(_SD_DEG, network_sd_deg) / math.sqrt(2.0), apart / 2.0)


def sure_view(yaw_deg: float, yaw_sd_deg: float, settings: MeasureSettings) -> View | None:
    """Classify a yaw as ``view_at`` does; ``None`` where it is too unsure."""
    return view_at(yaw_deg, settings) if yaw_sd_deg <= _MOST_SD_DEG else None


def view_at(yaw_deg: float, settings: MeasureSettings) -> View:
    """Classify a yaw as front, oblique, side or rear."""
    off_front = abs(yaw_deg)
    if off_front <= settings.front_max_yaw_deg:
        return View.FRONT
    if off_front > settings.rear_min_yaw_deg:
        return View.REAR
    return View.SIDE if off_front >= settings.side_min_yaw_deg else View.OBLIQUE
