"""MediaPipe Pose: Frame -> Observation. One finder per source, used and closed by the thread that made it.

The Tasks PoseLandmarker runs in VIDEO mode with one pose, which tracks cheaply. A second landmarker (IMAGE mode, two
poses) looks for other people at the start, every few seconds and after any jump, so that the person measured stays the same.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from posture.model import ByteArray, Frame, ModelError, Observation, Pose, Sight
from posture.person import PersonLock

_LOOK_AROUND_S = 5.0
_CROWD_S = 1.0
_CUT_LEVEL = 18.0
_CUT_SIDE = 24
_LOOK_AGAIN_PX = 0.08
_stderr_lock = threading.Lock()


class PoseFinder:
    """Finds the measured person's landmarks in each frame."""

    def __init__(self, model: Path, *, masks: bool = True, one_person: bool = False) -> None:
        """Nothing is loaded before the first frame.

        Args:
            model: a verified ``.task`` bundle.
            masks: whether poses carry the segmentation mask.
            one_person: skip the search for other people (a picture known to show one person only).
        """
        self._model = model
        self._masks = masks
        self._search = not one_person
        self._tracker: Any = None
        self._looker: Any = None
        self._last_ms = -1
        self._looked_s = -np.inf
        self._crowd = False
        self._thumb: ByteArray | None = None
        self._lock = PersonLock()
        self._owner = threading.get_ident()
        self._closed = False

    def __enter__(self) -> Self:
        """Use as a context manager: closing MediaPipe late can hang."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Free the native graphs; the finder cannot be used afterwards."""
        self._closed = True
        self._restart()
        if self._looker is not None:
            with _native_stderr_muted():
                self._looker.close()
            self._looker = None

    def find(self, frame: Frame) -> Observation:
        """Landmarks of the measured person in `frame`.

        Raises:
            ModelError: the weights cannot be loaded.
            RuntimeError: called after close, or from another thread.
        """
        if self._closed or threading.get_ident() != self._owner:
            raise RuntimeError("a PoseFinder is used by the thread that made it, before it is closed")
        cut = self._is_cut(frame.image)
        if cut:
            self._restart()
            self._lock.forget()
            self._looked_s = -np.inf
        pose = self._track(frame, frame.image)
        if pose is None:
            return Observation(frame.time_s, Sight.NOBODY, None, cut)
        if self._search and self._must_look(pose):
            pose = self._look_around(frame, pose)
        elif self._lock.held or not self._search:
            self._lock.keep(pose)
        if pose is None:
            return Observation(frame.time_s, Sight.UNCLEAR, None, cut)
        return Observation(frame.time_s, Sight.PERSON, pose, cut)

    def _must_look(self, pose: Pose) -> bool:
        wait = _CROWD_S if self._crowd else _LOOK_AROUND_S
        return not self._lock.held or not self._lock.is_same(pose) or pose.time_s - self._looked_s >= wait

    def _look_around(self, frame: Frame, tracked: Pose) -> Pose | None:
        """Who of those in the picture is the measured person; the tracker is put back on that one if it strayed."""
        self._looked_s = frame.time_s
        others = [p for p in self._look(frame) if _apart(p, tracked)]
        self._crowd = bool(others)
        chosen = self._lock.choose([tracked, *others], frame.time_s)
        if chosen is None or chosen is tracked:
            return chosen
        self._restart()
        return self._track(frame, _only_around(frame.image, chosen)) or chosen

    def _track(self, frame: Frame, image: ByteArray) -> Pose | None:
        self._last_ms = max(self._last_ms + 1, round(frame.time_s * 1000.0))
        if self._tracker is not None:
            result = self._tracker.detect_for_video(_mp_image(image), self._last_ms)
        else:
            with _native_stderr_muted():
                self._tracker = _create(self._model, video=True, poses=1, masks=self._masks)
                result = self._tracker.detect_for_video(_mp_image(image), self._last_ms)
        poses = _poses(result, frame)
        return poses[0] if poses else None

    def _look(self, frame: Frame) -> list[Pose]:
        if self._looker is not None:
            return _poses(self._looker.detect(_mp_image(frame.image)), frame)
        with _native_stderr_muted():
            self._looker = _create(self._model, video=False, poses=2, masks=False)
            return _poses(self._looker.detect(_mp_image(frame.image)), frame)

    def _restart(self) -> None:
        """Drop the tracker and with it all that its filters remember."""
        if self._tracker is not None:
            with _native_stderr_muted():
                self._tracker.close()
            self._tracker = None

    def _is_cut(self, image: ByteArray) -> bool:
        """Whether most of the picture changed at once, which a person at a desk does not do."""
        h, w = image.shape[:2]
        rows = np.linspace(0, h - 1, _CUT_SIDE * 2).astype(int)
        columns = np.linspace(0, w - 1, _CUT_SIDE * 2).astype(int)
        fine = image[np.ix_(rows, columns)].mean(axis=2)
        thumb = fine.reshape(_CUT_SIDE, 2, _CUT_SIDE, 2).mean(axis=(1, 3)).astype(np.uint8)
        last, self._thumb = self._thumb, thumb
        if last is None:
            return False
        # The median ignores a person who moves; a change of light moves every cell by about the same.
        change = thumb.astype(float) - last
        return float(np.median(np.abs(change - np.median(change)))) > _CUT_LEVEL


def _create(model: Path, *, video: bool, poses: int, masks: bool) -> Any:
    # Imported here: loading MediaPipe takes a while, and help texts need none of it.
    from mediapipe.tasks import python as tasks  # noqa: PLC0415
    from mediapipe.tasks.python import vision  # noqa: PLC0415

    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(model), delegate=tasks.BaseOptions.Delegate.CPU),
        running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
        num_poses=poses,
        output_segmentation_masks=masks,
    )
    try:
        return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelError(f"{model}: not a pose model that MediaPipe can load; run: posture model verify") from error


def _mp_image(image: ByteArray) -> Any:
    import mediapipe as mp  # noqa: PLC0415

    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))


def _poses(result: Any, frame: Frame) -> list[Pose]:
    height, width = frame.image.shape[:2]
    masks: Sequence[Any] = result.segmentation_masks or []
    found = []
    for i, (marks, world) in enumerate(zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)):
        xyz = np.array([(m.x * width, m.y * height, m.z * width) for m in marks], np.float32)
        found.append(
            Pose(
                time_s=frame.time_s,
                image_xyz=xyz,
                world_xyz=np.array([(m.x, m.y, m.z) for m in world], np.float32),
                visibility=np.array([m.visibility for m in marks], np.float32),
                presence=np.array([m.presence for m in marks], np.float32),
                width=width,
                height=height,
                mask=_mask(masks[i]) if i < len(masks) else None,
            )
        )
    return found


def _mask(mask: Any) -> ByteArray:
    probability = np.squeeze(mask.numpy_view())
    scaled: ByteArray = (probability * 255.0).astype(np.uint8)
    return scaled


def _apart(a: Pose, b: Pose) -> bool:
    """Whether two poses are of two people: head and shoulders far apart for their size."""
    marks = [0, 7, 8, 11, 12]
    gap = np.linalg.norm(a.image_xyz[marks, :2] - b.image_xyz[marks, :2], axis=1).mean()
    size = float(np.ptp(a.image_xyz[:25, 1]))
    return bool(gap > 0.25 * max(size, _LOOK_AGAIN_PX * a.height))


def _only_around(image: ByteArray, pose: Pose) -> ByteArray:
    """The picture with everything but the person's surroundings greyed out, for the detector to find the right one."""
    xy = pose.image_xyz[:, :2]
    low, high = np.min(xy, axis=0), np.max(xy, axis=0)
    margin = 0.15 * float(np.max(high - low))
    x0, y0 = np.maximum(0, low - margin).astype(int)
    x1, y1 = (high + margin).astype(int)
    alone = np.full_like(image, 128)
    alone[y0:y1, x0:x1] = image[y0:y1, x0:x1]
    return alone


@contextmanager
def _native_stderr_muted() -> Iterator[None]:
    """Send what native code writes to stderr to nowhere for a moment; MediaPipe's greetings concern nobody."""
    with _stderr_lock:
        sys.stderr.flush()
        try:
            saved = os.dup(2)
        except OSError:  # no stderr at all, as under pythonw
            yield
            return
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)
