"""Angles of one moment with how sure they are, and the posture that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from posture.types.frames import Detection, ImageQuality


class View(StrEnum):
    """How the trunk stands to the camera."""

    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"
    REAR = "rear"
    """From behind: nothing is measured."""


MEASURED_VIEWS = (View.FRONT, View.OBLIQUE, View.SIDE)
"""Those that can be given, and kept with a calibration or a recording."""


class Posture(StrEnum):
    """What a stretch of time was spent in."""

    NEUTRAL = "neutral"
    FLEXED = "flexed"
    ANTERIOR_TILT = "anterior_tilt"
    AWAY = "away"
    UNKNOWN = "unknown"


MEASURED = (Posture.NEUTRAL, Posture.FLEXED, Posture.ANTERIOR_TILT)
"""The postures that are told by a measurement; the others are where there is none."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An angle, how sure it is, and how it was seen."""

    deg: float
    """Degrees."""
    sd_deg: float
    """Standard deviation in degrees of the change since the person's neutral."""
    method: str
    """Name of the estimator, or of the ones that were fused."""


@dataclass(frozen=True, slots=True)
class ExerciseAngles:
    """Changes from neutral by what was fitted on people who exercise: for counting alone, for between exercises they mean less."""

    view: View
    """Of the neutral: from where they are judged."""
    trunk: Estimate
    """Mid-hip to mid-shoulder in the sagittal plane, forward +."""
    pelvis: Estimate
    """Anterior +."""
    spine: Estimate
    """Thorax against pelvis, flexion +."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of the person at one moment."""

    time_s: float
    sight: Detection
    view: View | None = None
    yaw_deg: float | None = None
    """Turn of the trunk to the camera: 0 faces it, +90 shows its left side, -90 its right side."""
    trunk_flexion: Estimate | None = None
    """Mid-hip to mid-shoulder against gravity in the sagittal plane, forward +."""
    trunk_neutral_deg: float | None = None
    """The neutral's own trunk flexion that trunk_flexion contains; ``None`` while uncalibrated."""
    pelvic_tilt: Estimate | None = None
    """Change from neutral, anterior +."""
    spinal_flexion: Estimate | None = None
    """Thorax against pelvis, change from neutral, flexion +."""
    neck_flexion: Estimate | None = None
    """Mid-shoulder to mid-ear against the trunk line, forward +."""
    lateral_lean: Estimate | None = None
    """Trunk in the frontal plane, to the person's right +."""
    axial_rotation: Estimate | None = None
    """Shoulder line against hip line, shoulders to the person's left +."""
    seated: bool | None = None
    """``None`` where it cannot be told."""
    place_cm: tuple[float, float] | None = None
    """Where the seat of the body is in the picture plane, in cm of body scale (right, down); for shifts only."""
    shoulders_cm: tuple[float, float] | None = None
    """How far the middle of the shoulders is from where it was in the neutral, in cm of body scale (right, down); ``None`` without one."""
    knees_cm: float | None = None
    """How far the knees are from where they were in the neutral, root mean square in the picture plane; ``None`` unless they are seen."""
    yaw_sd_deg: float | None = None
    """Standard deviation of yaw_deg."""
    carried_forward: bool = False
    """Not measured anew: the picture has not changed since the reading that this one repeats."""
    quality: ImageQuality = ImageQuality.OK
    """Of the picture; of anything but ``OK`` nothing is known of who is there."""
    trunk_neutral_sd_deg: float = 0.0
    """Standard deviation of trunk_neutral_deg."""
    trunk_doubt_sd_deg: float = 0.0
    """Part of the standard deviation of trunk_flexion that comes of a neutral that may be another than the person's own: of the change
    alone, not of the angle against gravity."""
    face_down_deg: float | None = None
    """How far the face has turned down since the neutral, as it shows in the picture, ``None`` without one; of somebody on hands and
    knees or lying down, from level."""
    shoulder_growth_pct: float | None = None
    """How much wider the shoulders are in the picture than in the neutral, per cent."""
    quadruped_flexion: Estimate | None = None
    """Bend of the spine on hands and knees by the outline of the back, flexion +, from about a flat back: only changes of it mean
    something. ``None`` in any other position."""
    exercise: ExerciseAngles | None = None
    """``None`` without a neutral."""
    thigh_deg: float | None = None
    """Hip to knee from the horizontal in the picture, knee higher +; on hands and knees or lying down alone."""

    @property
    def present(self) -> bool:
        """Whether somebody was seen at all."""
        return self.sight is not Detection.NOBODY and self.quality is ImageQuality.OK

    @property
    def trunk_change(self) -> Estimate | None:
        """Trunk flexion as the change from neutral; ``None`` while uncalibrated."""
        trunk, own = self.trunk_flexion, self.trunk_neutral_deg
        return None if trunk is None or own is None else replace(trunk, deg=trunk.deg - own)

    @property
    def trunk_absolute(self) -> Estimate | None:
        """Trunk flexion against gravity, with the standard deviations of what moved since the neutral and of the neutral's own angle."""
        trunk = self.trunk_moved
        return None if trunk is None else Estimate(trunk.deg, math.hypot(trunk.sd_deg, self.trunk_neutral_sd_deg), trunk.method)

    @property
    def trunk_moved(self) -> Estimate | None:
        """Trunk flexion with the standard deviation of what moved since the neutral alone: to hold two moments of a session together."""
        trunk = self.trunk_flexion
        if trunk is None:
            return None
        return Estimate(trunk.deg, math.sqrt(max(0.0, trunk.sd_deg**2 - self.trunk_doubt_sd_deg**2)), trunk.method)


@dataclass(frozen=True, slots=True)
class ClassifiedReading:
    """A reading and the posture it was taken for."""

    reading: Reading
    posture: Posture
    reason: str | None = None
    """Why the posture is unknown; ``None`` otherwise."""
