"""The person's neutral: what their cues are when they sit tall but relaxed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from posture.kinematics.cues import Cues
from posture.model import InputError

_FIELDS = [f.name for f in fields(Cues) if f.name not in ("time_s", "hips_seen", "legs_seen", "height_px")]
_STILL_DEG = 4.0
_AUTOMATIC_SD_DEG = 3.0
_BIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Neutral:
    """Medians of the cues in the person's neutral."""

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

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a profile."""
        return {**asdict(self), "cue": dict(self.cue)}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Neutral:
        """The inverse of ``as_dict``.

        Raises:
            KeyError, TypeError, ValueError: not what ``as_dict`` gives.
        """
        cue = {str(k): float(v) for k, v in dict(data["cue"]).items() if k in _FIELDS}
        return Neutral(
            str(data["source"]),
            float(data["start_s"]),
            float(data["end_s"]),
            int(data["count"]),
            float(data["sd_deg"]),
            bool(data["still"]),
            cue,
        )


def neutral_of(seen: Sequence[Cues], source: str = "given") -> Neutral:
    """The neutral that these cues show.

    Raises:
        InputError: nobody was seen.
    """
    if not seen:
        raise InputError("nobody was seen in the span given as neutral")
    cue: dict[str, float] = {}
    for name in _FIELDS:
        values = [v for c in seen if (v := getattr(c, name)) is not None]
        if len(values) * 2 >= len(seen):
            cue[name] = _median_angle(values) if name == "yaw_deg" else float(np.median(values))
    trunk = [c.trunk_deg for c in seen if c.trunk_deg is not None] or [c.world_neck_deg or 0.0 for c in seen]
    spread = float(np.percentile(trunk, 90) - np.percentile(trunk, 10)) if len(trunk) > 1 else 0.0
    return Neutral(source, seen[0].time_s, seen[-1].time_s, len(seen), max(0.5, spread / 2.0), spread <= _STILL_DEG, cue)


def automatic_neutral(seen: Sequence[Cues]) -> Neutral:
    """A robust guess from a whole recording: the upright end of how the person mostly sat.

    The recording is cut into pieces of 2 s; of those in which the person kept still, the tallest fifth (head and shoulders
    highest) is taken for neutral. A person who never sat upright has no upright neutral here, hence the wider sd.

    Raises:
        InputError: nobody was seen.
    """
    if not seen:
        raise InputError("nobody was seen, so no neutral can be found")
    pieces: dict[int, list[Cues]] = {}
    for c in seen:
        pieces.setdefault(math.floor(c.time_s / _BIN_S), []).append(c)
    height = [float(np.median([c.shoulder_y + c.head_y for c in p])) for p in pieces.values()]
    limit = float(np.percentile(height, 20))
    tall = [c for p, h in zip(pieces.values(), height, strict=True) if h <= limit for c in p]
    found = neutral_of(tall, "automatic")
    return Neutral("automatic", seen[0].time_s, seen[-1].time_s, found.count, max(_AUTOMATIC_SD_DEG, found.sd_deg), True, found.cue)


def _median_angle(values: Sequence[float]) -> float:
    """Median of headings, which wrap at 180 degrees."""
    mean = math.atan2(sum(math.sin(math.radians(v)) for v in values), sum(math.cos(math.radians(v)) for v in values))
    centre = math.degrees(mean)
    return centre + float(np.median([(v - centre + 180.0) % 360.0 - 180.0 for v in values]))
