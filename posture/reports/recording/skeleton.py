"""Draws a pose into a picture of an annotated video."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from posture._support import load_cv2
from posture.biomechanics import BONES, POSE
from posture.types import ByteArray, FloatArray, Pose

Colour = tuple[int, int, int]
WHITE: Colour = (245, 245, 240)
DARK: Colour = (22, 26, 30)


def draw_skeleton(
    out: ByteArray,
    pose: Pose,
    colour: Colour,
    thin: int,
    radius: int,
    *,
    dots: Collection[int],
    bones: Sequence[tuple[int, int]] = BONES,
    mirrored: bool = False,
) -> None:
    """Draw what is seen of a pose into `out`, and the lines that the angles are measured on.

    Args:
        out: (H, W, 3) uint8 RGB, contiguous; the picture that the pose is of, in any size.
        pose: the landmarks.
        colour: of the trunk.
        thin: width of a bone, pixels.
        radius: of a dot, pixels.
        dots: landmarks that are marked.
        bones: landmarks that are joined.
        mirrored: the picture is mirrored, the pose is not.
    """
    cv2 = load_cv2()
    height, width = out.shape[:2]
    at: FloatArray = pose.image_xyz[:, :2] * np.array((width / pose.width, height / pose.height), np.float32)
    if mirrored:
        at[:, 0] = width - 1 - at[:, 0]
    seen = pose.seen

    def line(low: FloatArray, high: FloatArray, ink: Colour, wide: int) -> None:
        cv2.line(out, _point(low), _point(high), ink, wide, cv2.LINE_AA)

    for a, b in bones:
        if seen[a] and seen[b]:
            line(at[a], at[b], WHITE, thin)
    for i in dots:
        if seen[i]:
            cv2.circle(out, _point(at[i]), radius, WHITE, -1, cv2.LINE_AA)
    # Of a pair, one alone stands for both: from the side they coincide.
    hip, neck, head = ([at[i] for i in pair if seen[i]] for pair in (POSE.hips, POSE.shoulders, POSE.ears))
    for low, high in ((hip, neck), (neck, head)):
        if low and high:
            line(np.mean(low, axis=0), np.mean(high, axis=0), DARK, 3 * thin + 3)
            line(np.mean(low, axis=0), np.mean(high, axis=0), colour, 3 * thin)


def _point(xy: FloatArray) -> tuple[int, int]:
    return round(float(xy[0])), round(float(xy[1]))
