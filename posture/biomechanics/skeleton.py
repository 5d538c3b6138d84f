"""The landmarks of MediaPipe Pose: their order, their names, which of them are kept, and which are joined when they are drawn.

The only place that knows the order. Indices are of two kinds of arrays: ``POSE`` of those of a ``Pose`` (33), ``KEPT`` of those of a
``Layout`` (15). Left and right are the person's own; of each pair the left comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

LANDMARK_NAMES = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear",
    "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip
"""MediaPipe's names in its order; those that Pose2Sim's BlazePose markers have are spelled alike."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LandmarkIndices:
    """Indices of the landmarks of head, trunk, elbows and knees in an array of landmarks."""

    nose: int
    eyes: Pair
    ears: Pair
    mouth: Pair
    shoulders: Pair
    elbows: Pair
    hips: Pair
    knees: Pair

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs, in order of the indices."""
        return self.eyes, self.ears, self.mouth, self.shoulders, self.elbows, self.hips, self.knees

    @property
    def all(self) -> list[int]:
        """All indices, in order."""
        return [self.nose, *(i for pair in self.pairs for i in pair)]

    @property
    def face(self) -> list[int]:
        """Nose and eyes."""
        return [self.nose, *self.eyes]

    @property
    def head(self) -> list[int]:
        """Nose, eyes and ears."""
        return [*self.face, *self.ears]

    @property
    def upper(self) -> list[int]:
        """Nose, ears and shoulders: what a desk does not hide."""
        return [self.nose, *self.ears, *self.shoulders]

    @property
    def trunk(self) -> list[int]:
        """Head, shoulders and hips."""
        return [*self.head, *self.shoulders, *self.hips]


POSE = LandmarkIndices(nose=0, eyes=(2, 5), ears=(7, 8), mouth=(9, 10), shoulders=(11, 12), elbows=(13, 14), hips=(23, 24), knees=(25, 26))
"""Indices in a ``Pose``."""
KEPT = LandmarkIndices(nose=0, eyes=(1, 2), ears=(3, 4), mouth=(5, 6), shoulders=(7, 8), elbows=(9, 10), hips=(11, 12), knees=(13, 14))
"""Indices in a ``Layout``, which keeps ``POSE.all``."""
WRISTS, FINGERS, ANKLES = (15, 16), (19, 20), (27, 28)
"""Further pairs of a ``Pose``."""
BONES = (
    (11, 12), (11, 13), (13, 15), (12, 14), (14, 16), (11, 23), (12, 24), (23, 24), (23, 25), (25, 27), (24, 26), (26, 28),
)  # fmt: skip
"""Landmarks of a ``Pose`` that a drawing joins by a line."""
FEET = ((27, 31), (28, 32))
"""Likewise, from ankles to toes."""
