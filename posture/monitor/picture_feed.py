"""Shows a session's pictures, with what was measured in them, to other processes of the user, while any of them looks.

The pictures lie in memory alone (``_support.shared_pictures``); nobody looks, nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from posture._support import MOST_PX, PictureWriter
from posture.biomechanics import ANKLES, BONES, POSE, POSTURE_ANGLES, angle_line
from posture.engine import GuidedView
from posture.monitor.live_measurement import LiveUpdate
from posture.pose import FramePicture
from posture.types import ClassifiedReading, Frame, ImageQuality, Pose, Reading

WATCHED_RATE_HZ = 8.0
"""Pictures a second while somebody looks; each is measured."""
_DOTS = (POSE.nose, *POSE.ears, *POSE.shoulders, *POSE.elbows, *POSE.hips, *POSE.knees, *ANKLES)


class PictureFeed:
    """The pictures of one session, for whoever looks. For one thread."""

    def __init__(self) -> None:
        """Start with nobody looking."""
        self._viewers: set[str] = set()
        self._writer: PictureWriter | None = None

    @property
    def watched(self) -> bool:
        """Whether anybody looks."""
        return bool(self._viewers)

    def add(self, viewer: str) -> Mapping[str, Any]:
        """Let `viewer` look; return where the pictures are: ``descriptor`` or ``name``.

        Raises:
            OSError: there is no memory for pictures.
        """
        if self._writer is None:
            self._writer = PictureWriter()
        self._viewers.add(viewer)
        return {"descriptor": self._writer.descriptor, "name": self._writer.name}

    def remove(self, viewer: str) -> None:
        """`viewer` looks no more; the memory is given back with the last one."""
        self._viewers.discard(viewer)
        if not self._viewers:
            self.close()

    def close(self) -> None:
        """Give the memory back."""
        writer, self._writer = self._writer, None
        self._viewers.clear()
        if writer is not None:
            writer.close()

    def publish(self, frame: Frame, words: Mapping[str, Any]) -> None:
        """Show a picture with its `words`, if anybody looks."""
        if self._writer is not None:
            write_picture(self._writer, frame, words)


def write_picture(writer: PictureWriter, frame: Frame, words: Mapping[str, Any]) -> None:
    """Write a picture, reduced to at most ``MOST_PX`` pixels, with its `words`."""
    image = np.ascontiguousarray(FramePicture(frame).image(MOST_PX))
    writer.write(image.tobytes(), image.shape[1], image.shape[0], words)


def picture_words(update: LiveUpdate, pose: Pose | None, judged: ClassifiedReading | None, *, calibrated: bool = True) -> dict[str, Any]:
    """Return what was measured in a picture, as JSON holds it.

    Lengths are shares of the picture's width and height, from its upper left corner; the picture is not mirrored.

    Args:
        update: the measurement.
        pose: the landmarks of the measured person, if one was found.
        judged: the posture; ``None`` if it was not judged.
        calibrated: whether the neutral was given; against one that was not, no pelvic tilt is shown.
    """
    reading = update.reading if update.reading.quality is ImageQuality.OK else None
    return {
        "time_s": round(update.reading.time_s, 3),
        "posture": None if judged is None else judged.posture.value,
        "reason": None if judged is None else judged.reason,
        "trouble": update.words,
        "view": None if reading is None or reading.view is None else reading.view.value,
        "angles": [] if reading is None else _angles(reading, calibrated=calibrated),
        **({} if pose is None or reading is None else skeleton_words(pose)),
    }


def exercise_words(view: GuidedView) -> dict[str, Any]:
    """Return what is shown of a guided exercise, as JSON holds it."""
    return {
        **asdict(view),
        "state": view.state.value,
        "done": None if view.done is None else {**asdict(view.done), "ended": view.done.ended.value},
        "angle": None if view.angle is None else {"deg": round(view.angle.deg, 1), "sd_deg": round(view.angle.sd_deg, 1)},
    }


def _angles(reading: Reading, *, calibrated: bool) -> list[dict[str, Any]]:
    """Return trunk, spine and pelvis: each with the standard deviation of that very number, or the words for why it is not known."""
    found = []
    for angle in POSTURE_ANGLES:
        estimate = angle.shown(reading)
        if angle.name == "pelvic_tilt" and not calibrated:
            estimate = None
        line = angle_line(angle.short, estimate, reading.view)
        if estimate is None and reading.view is not None and not calibrated and angle.name != "trunk_flexion":
            line = f"{angle.short}: once you calibrate"
        found.append(
            {
                "name": angle.name,
                "deg": None if estimate is None else round(estimate.deg, 1),
                "sd_deg": None if estimate is None else round(estimate.sd_deg, 1),
                "words": line,
            }
        )
    return found


def skeleton_words(pose: Pose) -> dict[str, Any]:
    """Return the lines and dots of a drawing: ``bones`` (two ends each), ``dots``, and the ``trunk`` from hip over neck to head."""
    at = (pose.image_xyz[:, :2] / np.array((pose.width, pose.height))).round(4).tolist()
    seen = pose.seen
    trunk = []
    for pair in (POSE.hips, POSE.shoulders, POSE.ears):  # of a pair, one alone stands for both: from the side they coincide
        there = [at[i] for i in pair if seen[i]]
        trunk.append([sum(xy[k] for xy in there) / len(there) for k in (0, 1)] if there else None)
    return {
        "bones": [[*at[a], *at[b]] for a, b in BONES if seen[a] and seen[b]],
        "dots": [at[i] for i in _DOTS if seen[i]],
        "trunk": trunk,
    }
