"""MediaPipe's pose landmarker: the only place where pictures are handed to it and results are read.

Reading a mask whose width is no multiple of 4 ends the process inside MediaPipe (google-ai-edge/mediapipe#6331): pictures are
padded before they are handed over, and landmarks and masks are put right afterwards.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from posture._support import limits
from posture.errors import ModelError
from posture.types import ByteArray, FloatArray, Frame, Pose

_ALIGN_PX = 4
"""Widths handed to MediaPipe are multiples of this."""
_APART_MS = 86_400_000
"""VIDEO mode weighs a new picture by the time since the last one; told that they are a day apart, it does not smooth."""
_KEPT = 0.9
"""In VIDEO mode MediaPipe also smooths visibility, by a low-pass filter of this memory from picture to picture, whatever lies between
them and whoever is followed (pose_landmark_filtering.pbtxt: alpha 0.1); it is taken out again."""
_EMPTY = np.full((64, 64, 3), 128, np.uint8)
_stderr_lock = threading.Lock()


class Landmarker:
    """One landmarker of MediaPipe. Made, used and closed by one thread; nothing is loaded before the first picture."""

    def __init__(self, model: Path, *, follow: bool = False, poses: int = 2, masks: bool = True) -> None:
        """Prepare.

        Args:
            model: a verified ``.task`` bundle.
            follow: look for the person where they were in the picture before (VIDEO mode); otherwise everywhere (IMAGE mode).
            poses: how many people at most.
            masks: whether poses carry the segmentation mask.
        """
        self._model, self._follow, self._poses, self._masks = model, follow, poses, masks
        self._native: Any = None
        self._ticks = 0
        self._visibility: FloatArray | None = None
        """As MediaPipe gave it last, smoothed."""

    def __enter__(self) -> Self:
        """Use as a context manager: closing MediaPipe late can hang."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Free the native graph."""
        if self._native is not None:
            with native_stderr_muted():
                self._native.close()
            self._native = None

    def detect(self, frame: Frame) -> list[Pose]:
        """Find people in `frame`; landmarks and masks are in pixels of `frame`.

        Raises:
            ModelError: the weights cannot be loaded.
        """
        if self._native is not None:
            return self._detect(frame)
        with native_stderr_muted():
            self._native = _create(self._model, self._follow, self._poses, self._masks)
            return self._detect(frame)

    def forget(self) -> None:
        """Forget where the followed person was: an empty picture resets MediaPipe's tracking."""
        if self._native is not None and self._follow:
            self._detect(Frame(0.0, _EMPTY))

    def _detect(self, frame: Frame) -> list[Pose]:
        # Imported here: loading MediaPipe takes a while, and help texts need none of it.
        import mediapipe as mp  # noqa: PLC0415

        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=_padded(frame.image))
        if self._follow:
            self._ticks += 1
            found = _poses_of(self._native.detect_for_video(image, self._ticks * _APART_MS), frame)
            return [self._unsmoothed(pose) for pose in found]
        return _poses_of(self._native.detect(image), frame)

    def _unsmoothed(self, pose: Pose) -> Pose:
        before, self._visibility = self._visibility, pose.visibility
        if before is None:
            return pose
        own = (pose.visibility - _KEPT * before) / (1.0 - _KEPT)
        return replace(pose, visibility=np.clip(own, 0.0, 1.0).round(3).astype(np.float32))


def _create(model: Path, follow: bool, poses: int, masks: bool) -> Any:
    from mediapipe.tasks import python as tasks  # noqa: PLC0415
    from mediapipe.tasks.python import vision  # noqa: PLC0415

    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(model), delegate=tasks.BaseOptions.Delegate.CPU),
        running_mode=vision.RunningMode.VIDEO if follow else vision.RunningMode.IMAGE,
        num_poses=poses,
        output_segmentation_masks=masks,
    )
    try:
        return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        if (line := limits.shortage(error)) is not None:
            raise ModelError(f"{model}: cannot be loaded: {line}") from error
        raise ModelError(f"{model}: not a pose model that MediaPipe can load; run: posture model verify") from error


def _padded(image: ByteArray) -> ByteArray:
    """Repeat the last column of an (H, W, 3) picture until its width is a multiple of 4; contiguous."""
    missing = -image.shape[1] % _ALIGN_PX
    return np.pad(image, ((0, 0), (0, missing), (0, 0)), mode="edge") if missing else np.ascontiguousarray(image)


def _poses_of(result: Any, frame: Frame) -> list[Pose]:
    """Everybody in a result for a padded picture, in pixels of the picture itself."""
    height, width = frame.image.shape[:2]
    padded = width + -width % _ALIGN_PX
    masks: Sequence[Any] = result.segmentation_masks or []
    return [
        Pose(
            time_s=frame.time_s,
            image_xyz=np.array([(m.x * padded, m.y * height, m.z * padded) for m in marks], np.float32),
            world_xyz=np.array([(m.x, m.y, m.z) for m in world], np.float32),
            visibility=np.array([m.visibility for m in marks], np.float32),
            presence=np.array([m.presence for m in marks], np.float32),
            width=width,
            height=height,
            mask=_mask(masks[i], width) if i < len(masks) else None,
        )
        for i, (marks, world) in enumerate(zip(result.pose_landmarks, result.pose_world_landmarks, strict=True))
    ]


def _mask(mask: Any, width: int) -> ByteArray:
    probability = mask.numpy_view().reshape(mask.height, mask.width)[:, :width]
    scaled: ByteArray = (probability * 255.0).astype(np.uint8)
    return scaled


@contextmanager
def native_stderr_muted() -> Iterator[None]:
    """Send what native code writes to stderr to nowhere for a moment: MediaPipe logs its own start."""
    with _stderr_lock:
        if sys.stderr is not None:  # closed from the start, as under pythonw
            sys.stderr.flush()
        try:
            saved = os.dup(2)
        except OSError:  # no stderr at all, as under pythonw
            yield
            return
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            os.close(null)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
