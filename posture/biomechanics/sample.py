"""What one picture showed of the measured person: the value that every source yields and all measuring begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from posture.biomechanics.pose_features import PoseFeatures, pose_features_of
from posture.types import Detection, FoundPose, ImageQuality

DIM = 70.0
"""Brightness of the brightest twentieth, of 255, below which the outline gets unsure; at 40 nothing is measured at all."""


@dataclass(frozen=True, slots=True)
class PoseSample:
    """One moment, whether it comes from a camera, a file, a stream, a cache or a caller."""

    time_s: float
    sight: Detection
    features: PoseFeatures | None = None
    """``None`` unless the measured person was found."""
    cut: bool = False
    """The picture has no continuity with the one before: nothing may be carried over."""
    quality: ImageQuality = ImageQuality.OK
    carried_forward: bool = False
    """Not looked at: the picture has not changed since the sample that this one repeats."""
    people: int = 0
    """How many people the last search of the whole picture found; 0 if that is not known."""
    moving: bool = False
    """The picture changes where the person is, at this moment."""
    brightness: float | None = None
    """Of the brightest twentieth of the picture, 0 to 255; ``None`` if there was no picture."""


def sample_of(observation: FoundPose, *, hips_hidden: bool = False) -> PoseSample:
    """Reduce an observation to what has to be kept of it; `hips_hidden`: the picture shows that the hips are hidden."""
    pose = observation.pose
    seen = None if pose is None else pose_features_of(pose, hips_hidden=hips_hidden)
    return PoseSample(observation.time_s, observation.sight, seen, observation.cut, people=observation.people)


def repeated(sample: PoseSample, time_s: float) -> PoseSample:
    """Carry a sample forward to `time_s`: nothing has changed since."""
    c = sample.features
    again = None if c is None else replace(c, time_s=time_s, layout=replace(c.layout, time_s=time_s))
    return replace(sample, time_s=time_s, features=again, cut=False, carried_forward=True)


def resized(sample: PoseSample, width: int, height: int) -> PoseSample:
    """Express a sample in pixels of a picture of another size: heights correspond, and so do the middles across."""
    c = sample.features
    if c is None or (c.layout.width, c.layout.height) == (width, height):
        return sample
    own, factor = c.layout, height / c.layout.height
    xy = own.xy * factor
    xy[:, 0] += (width - own.width * factor) / 2.0
    layout = replace(own, width=width, height=height, xy=xy, left=own.left * factor, right=own.right * factor)
    shift = (width / height - own.width / own.height) / 2.0
    moved = replace(
        c,
        px_per_m=c.px_per_m * factor,
        height_px=height,
        shoulder_x=c.shoulder_x + shift,
        hip_x=None if c.hip_x is None else c.hip_x + shift,
        layout=layout,
    )
    return replace(sample, features=moved)
