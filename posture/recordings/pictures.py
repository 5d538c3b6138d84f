"""The pictures of a recording's report: read a second time at the moments that are worth one, with nobody's head in them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from posture._support import load_cv2
from posture.capture import VideoFile, try_opening
from posture.engine import RecordingResult
from posture.errors import InputError, PostureError
from posture.pose import HeadFinder, coarsened, head_of, without_heads
from posture.recordings.job import Job
from posture.reports import Moment, Picture, Pictures, moments_of
from posture.types import ByteArray

LONGEST_SIDE_PX = 640
_QUALITY = 80
_EARLIER_S = 1e-3
"""So much before a moment the reading begins, that rounding loses no picture."""


@dataclass(slots=True)
class _Count:
    unsure: int = 0
    unread: int = 0


def take_pictures(video: Path, result: RecordingResult, job: Job, progress: Callable[[float, float | None], None]) -> Pictures:
    """Read a recording at the moments that are worth a picture; nothing is written.

    Heads are made unrecognisable unless ``job.show_faces`` says otherwise; a picture in which they cannot all be located is left out.

    Raises:
        PostureError: the recording cannot be read again, or OpenCV is missing.
        KeyboardInterrupt: ``job.stopped`` said so, or Ctrl-C.
    """
    try_opening(video, whole=True)  # it is decoded in this process now, so first in one that may die
    moments, count, shown = moments_of(result), _Count(), list[Picture]()
    with ExitStack() as stack:
        finder = None if job.show_faces else stack.enter_context(HeadFinder(job.model))
        for number, moment in enumerate(moments):
            progress(float(number), float(len(moments)))
            if job.stopped():
                raise KeyboardInterrupt
            image = _image_at(video, moment, job)
            if image is None:
                count.unread += 1
            elif finder is None or (image := _hidden(image, moment, result, finder)) is not None:
                shown.append(Picture(moment, _jpeg(image)))
            else:
                count.unsure += 1
    return Pictures(tuple(shown), count.unsure, count.unread, job.show_faces)


def _hidden(image: ByteArray, moment: Moment, result: RecordingResult, finder: HeadFinder) -> ByteArray | None:
    """Return the picture without heads; ``None`` where it is not certain that all were located."""
    pose = result.poses.get(moment.time_s)
    known = [] if pose is None or (pose.height, pose.width) != image.shape[:2] else [head_of(pose)]
    found = finder.find(image, known)
    if found is None or not found.heads:  # somebody was seen then, so there is a head
        return None
    return without_heads(coarsened(image, found.person), found.heads)


def _image_at(video: Path, moment: Moment, job: Job) -> ByteArray | None:
    """Return the picture of a moment, as it was measured; ``None`` if it is damaged or cannot be read there."""
    start_s, rate_hz = max(job.start_s or 0.0, moment.time_s - _EARLIER_S), job.settings.measure.rate_hz
    try:
        with VideoFile(video, rate_hz, start_s, fps=job.fps, rotate_deg=job.rotate_deg, crop=job.crop) as source:
            picked = next(source.picked(), None)
            return None if picked is None or picked.damaged or abs(picked.time_s - moment.time_s) > 1.0 / rate_hz else picked.image()
    except InputError:
        return None


def _jpeg(image: ByteArray) -> bytes:
    """Encode an (H, W, 3) RGB picture, scaled down to at most ``LONGEST_SIDE_PX``; no metadata is in it.

    Raises:
        PostureError: OpenCV is missing, or fails.
    """
    cv2 = load_cv2()
    height, width = image.shape[:2]
    scale = min(1.0, LONGEST_SIDE_PX / max(height, width))
    small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    done, coded = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise PostureError("a picture of the report cannot be encoded")
    return bytes(coded.tobytes())
