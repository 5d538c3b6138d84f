"""The angles of a reading: one row each, which tables, charts, pages, OpenSim files, subtitles and the live view read.

A new angle is a field of ``Reading``, a row here and its estimate in ``angles.AngleEstimator``.
"""

from __future__ import annotations

from dataclasses import dataclass

from posture.types import Estimate, Reading


@dataclass(frozen=True, slots=True)
class Angle:
    """One angle: how it is named, and when it counts."""

    name: str
    """Field of ``Reading``; its columns are ``NAME_deg``, ``NAME_sd_deg`` and ``NAME_peak_deg``."""
    label: str
    short: str
    """One word, for a picture."""
    positive: str
    """What is positive."""
    threshold: str | None = None
    """Field of ``BandSettings`` from which it makes a posture; ``None``: it makes none, and is in no chart."""
    threshold_label: str = ""
    """What begins there."""
    shown_as: str = ""
    """Property of ``Reading`` that is the same angle with the sd of that very number; empty where the field itself is."""

    def of(self, reading: Reading) -> Estimate | None:
        """Read the angle from `reading`, with the sd of its change from neutral where it has one: for columns and further reckoning."""
        found: Estimate | None = getattr(reading, self.name)
        return found

    def shown(self, reading: Reading) -> Estimate | None:
        """Read the angle from `reading` with the sd of the number itself: wherever an angle is shown beside its ±."""
        found: Estimate | None = getattr(reading, self.shown_as or self.name)
        return found


TRUNK_FLEXION = Angle(
    "trunk_flexion",
    "Trunk flexion",
    "trunk",
    "forward is positive, against gravity",
    "flexed_trunk_deg",
    "counts from",
    shown_as="trunk_absolute",
)
SPINAL_FLEXION = Angle(
    "spinal_flexion", "Spinal flexion", "spine", "slump is positive, change from upright", "flexed_spine_deg", "counts from"
)
PELVIC_TILT = Angle("pelvic_tilt", "Pelvic tilt", "pelvis", "anterior is positive, change from upright", "tilt_deg", "counts from")
NECK_FLEXION = Angle("neck_flexion", "Neck flexion", "neck", "forward is positive, against the trunk")
LATERAL_LEAN = Angle("lateral_lean", "Lateral lean", "lean", "to the person's right is positive")
AXIAL_ROTATION = Angle("axial_rotation", "Axial rotation", "rotation", "shoulders to the person's left is positive")

ANGLES: tuple[Angle, ...] = (TRUNK_FLEXION, SPINAL_FLEXION, PELVIC_TILT, NECK_FLEXION, LATERAL_LEAN, AXIAL_ROTATION)
"""All angles, in the order of OpenSim's file."""
POSTURE_ANGLES = tuple(a for a in ANGLES if a.threshold is not None)
"""Those that make a posture: in charts, pages and archives, in this order."""
