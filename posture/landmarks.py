"""MediaPipe Pose: Frame -> Observation. One finder per source, used and closed by the thread that made it.

The Tasks PoseLandmarker runs in IMAGE mode with two poses: every frame stands for itself. VIDEO mode is cheaper (20 against
35 ms a frame, one core), but its own smoothing lags by seconds when the person keeps still, which at a few frames a second
costs more accuracy than it saves time; and with two poses in every frame the measured person is told from a passer-by.
"""

from __future__ import annotations

import copy
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
from posture.person import Choice, PersonLock, Place, place_of, same_person

_POSES = 2
SUSPICIOUS_M = 0.15
"""Who is found further than this from where the person was, in body scale, may be somebody else while the person was overlooked."""
_CUT_LEVEL = 18.0
_CUT_SIDE = 24
_stderr_lock = threading.Lock()


class PoseFinder:
    """Finds the measured person's landmarks in each frame."""

    def __init__(self, model: Path, *, masks: bool = True, person: Choice = Choice.MAIN) -> None:
        """Nothing is loaded before the first frame.

        Args:
            model: a verified ``.task`` bundle.
            masks: whether poses carry the segmentation mask.
            person: whom to measure of several people.
        """
        self._model = model
        self._masks = masks
        self._landmarker: Any = None
        self._thumb: ByteArray | None = None
        self._person = person
        self._lock = PersonLock(person)
        self._owner = threading.get_ident()
        self._closed = False

    def __enter__(self) -> Self:
        """Use as a context manager: closing MediaPipe late can hang."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Free the native graph; the finder cannot be used afterwards."""
        self._closed = True
        if self._landmarker is not None:
            with native_stderr_muted():
                self._landmarker.close()
            self._landmarker = None

    def find(self, frame: Frame) -> Observation:
        """Landmarks of the measured person in `frame`.

        Raises:
            ModelError: the weights cannot be loaded.
            RuntimeError: called after close, or from another thread.
        """
        cut = self._begin(frame)
        people = self._everybody(frame)
        return self._observed(frame, people, cut)

    @property
    def lock(self) -> PersonLock:
        """Who is measured, as far as is known now; a copy."""
        return copy.deepcopy(self._lock)

    @lock.setter
    def lock(self, lock: PersonLock) -> None:
        self._lock = copy.deepcopy(lock)

    @property
    def thumb(self) -> ByteArray | None:
        """The last picture, very small, by which a cut is told; ``None`` before the first."""
        return self._thumb

    def renew(self) -> None:
        """Forget everything that was seen, as if the finder were new."""
        self._lock, self._thumb = PersonLock(self._person), None

    def _begin(self, frame: Frame) -> bool:
        """Check that the finder can be used; whether there is a cut before this frame."""
        if self._closed or threading.get_ident() != self._owner:
            raise RuntimeError("a PoseFinder is used by the thread that made it, before it is closed")
        before, self._thumb = self._thumb, _thumb(frame.image)
        cut = is_cut(before, self._thumb)
        if cut:
            self._lock.forget()
        return cut

    def _everybody(self, frame: Frame) -> list[Pose]:
        """Everybody in the picture, with a closer look around where the person was if nobody is found there."""
        people = self._look(frame)
        last = self._lock.place
        if people and last is not None and min(place_of(p).distance_m(last) for p in people) > SUSPICIOUS_M:
            people += self._look_closer(frame, last, people)
        return people

    def _observed(self, frame: Frame, people: Sequence[Pose], cut: bool) -> Observation:
        if not people:
            return Observation(frame.time_s, Sight.NOBODY, None, cut)
        pose = self._lock.choose(people, frame.time_s)
        return Observation(frame.time_s, Sight.UNCLEAR if pose is None else Sight.PERSON, pose, cut)

    def _look_closer(self, frame: Frame, place: Place, people: Sequence[Pose]) -> list[Pose]:
        """Who is found with all but the surroundings of the measured person's last place greyed out, and was not found before."""
        alone = Frame(frame.time_s, _only_around(frame.image, place))
        return [p for p in self._look(alone) if not any(same_person(p, other) for other in people)]

    def _look(self, frame: Frame) -> list[Pose]:
        """Everybody in the picture, each once."""
        if self._landmarker is not None:
            found = poses_of(self._landmarker.detect(mp_image(frame.image)), frame)
        else:
            with native_stderr_muted():
                self._landmarker = create_landmarker(self._model, self._masks)
                found = poses_of(self._landmarker.detect(mp_image(frame.image)), frame)
        people: list[Pose] = []
        for pose in found:
            if not any(same_person(pose, other) for other in people):
                people.append(pose)
        return people


def _thumb(image: ByteArray) -> ByteArray:
    """The picture as 24 x 24 grey cells of four pixels each."""
    h, w = image.shape[:2]
    rows = np.linspace(0, h - 1, _CUT_SIDE * 2).astype(int)
    columns = np.linspace(0, w - 1, _CUT_SIDE * 2).astype(int)
    fine = image[np.ix_(rows, columns)].mean(axis=2)
    cells: ByteArray = fine.reshape(_CUT_SIDE, 2, _CUT_SIDE, 2).mean(axis=(1, 3)).astype(np.uint8)
    return cells


def is_cut(before: ByteArray | None, now: ByteArray | None) -> bool:
    """Whether most of the picture changed at once, which a person at a desk does not do; by what ``PoseFinder.thumb`` gives."""
    if before is None or now is None:
        return False
    # The median ignores a person who moves; a change of light moves every cell by about the same.
    change = now.astype(float) - before
    return float(np.median(np.abs(change - np.median(change)))) > _CUT_LEVEL


def create_landmarker(model: Path, masks: bool, *, video: bool = False, poses: int = _POSES) -> Any:
    """MediaPipe's landmarker; make and first use it inside `native_stderr_muted`.

    Args:
        model: a verified ``.task`` bundle.
        masks: whether poses carry the segmentation mask.
        video: in VIDEO mode, in which the person is followed from frame to frame; otherwise every frame stands for itself.
        poses: how many people at most.

    Raises:
        ModelError: it cannot be loaded.
    """
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


def mp_image(image: ByteArray) -> Any:
    """The picture as MediaPipe takes it."""
    import mediapipe as mp  # noqa: PLC0415

    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))


def poses_of(result: Any, frame: Frame) -> list[Pose]:
    """Everybody whom a landmarker found in `frame`."""
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


def _only_around(image: ByteArray, place: Place) -> ByteArray:
    """The picture with everything but a sitting person's reach around `place` (head and shoulders) greyed out."""
    reach = place.px_per_m
    x0, x1 = int(max(0.0, place.x - 0.8 * reach)), int(place.x + 0.8 * reach)
    y0, y1 = int(max(0.0, place.y - 0.6 * reach)), int(place.y + 1.3 * reach)
    alone = np.full_like(image, 128)
    alone[y0:y1, x0:x1] = image[y0:y1, x0:x1]
    return alone


@contextmanager
def native_stderr_muted() -> Iterator[None]:
    """Send what native code writes to stderr to nowhere for a moment; MediaPipe's greetings concern nobody."""
    with _stderr_lock:
        if sys.stderr is not None:  # closed from the start, as under pythonw
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
