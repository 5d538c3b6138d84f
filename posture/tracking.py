"""The pose finder for recordings: follows the person from frame to frame, at two thirds of the cost of looking at every frame anew.

MediaPipe's VIDEO mode saves the person detector by looking where the person was, but smooths with a lag of seconds. Its filter
weighs a new frame by the time since the last one; so frames are told to be a day apart, and nothing is smoothed. As it knows one
person only, a full look (two poses, every frame for itself) is taken in between: at the start and after a cut, every 10 s, when the
followed person jumps or is lost, and all the time while somebody else is in the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from posture.landmarks import SUSPICIOUS_M, PoseFinder, create_landmarker, mp_image, native_stderr_muted, poses_of
from posture.model import Frame, Observation, Pose, Sight
from posture.person import Choice, place_of, same_person

_APART_MS = 86_400_000
_FULL_LOOK_S = 10.0
_NOBODY = Frame(0.0, np.full((64, 64, 3), 128, np.uint8))


class TrackingFinder(PoseFinder):
    """Finds the measured person's landmarks in each frame of a recording, in order of time."""

    def __init__(self, model: Path, *, person: Choice = Choice.MAIN) -> None:
        """Nothing is loaded before the first frame; `model` and `person` as for `posture.landmarks.PoseFinder`."""
        super().__init__(model, person=person)
        self._follower: Any = None
        self._ticks = 0
        self._following = False
        """Whether the last frame was followed: the follower knows where the person is."""
        self._alone = False
        """Whether the last full look found one person at most."""
        self._full_s = -np.inf

    def close(self) -> None:
        """Free the native graphs."""
        if self._follower is not None:
            with native_stderr_muted():
                self._follower.close()
            self._follower = None
        super().close()

    def renew(self) -> None:
        """Forget everything that was seen, as if the finder were new."""
        super().renew()
        self._lose()
        self._alone, self._full_s = False, -np.inf

    def find(self, frame: Frame) -> Observation:
        """Landmarks of the measured person in `frame`.

        Raises:
            ModelError: the weights cannot be loaded.
            RuntimeError: called after close, or from another thread.
        """
        cut = self._begin(frame)
        fresh = cut or not self._alone or frame.time_s - self._full_s >= _FULL_LOOK_S
        tried = self._alone and not cut
        knew, followed = self._following, self._follow(frame) if tried else None
        if not fresh:
            if followed is not None and self._is_near(followed):
                return self._observed(frame, [followed], cut)
            if followed is None and not knew:  # then it looked everywhere, as a full look does
                return Observation(frame.time_s, Sight.NOBODY, None, cut)
        return self._look_fully(frame, cut, followed)

    def _look_fully(self, frame: Frame, cut: bool, followed: Pose | None) -> Observation:
        people = self._everybody(frame)
        self._full_s, self._alone = frame.time_s, len(people) <= 1
        seen = self._observed(frame, people, cut)
        if seen.pose is None:
            return seen
        if self._alone and followed is None:  # found anew: from now on it is followed, so its landmarks are to be of one kind
            self._lose()
            self._follow(frame)
            followed = self._follow(frame)
        if followed is not None and same_person(followed, seen.pose):
            return Observation(frame.time_s, seen.sight, followed, cut)
        self._alone = False  # the follower is after somebody else
        return seen

    def _is_near(self, pose: Pose) -> bool:
        """Whether it is where the measured person was."""
        last = self._lock.place
        return last is not None and place_of(pose).distance_m(last) <= SUSPICIOUS_M

    def _follow(self, frame: Frame) -> Pose | None:
        """The followed person; where nobody is followed, who is found first, to be followed from then on."""
        if self._follower is None:
            with native_stderr_muted():
                self._follower = create_landmarker(self._model, self._masks, video=True, poses=1)
                found = self._detect(frame)
        else:
            found = self._detect(frame)
        self._following = bool(found)
        return found[0] if found else None

    def _lose(self) -> None:
        """Follow nobody any more: with nobody in the picture MediaPipe forgets where the person was, and what it smoothed."""
        if self._following:
            self._detect(_NOBODY)
            self._following = False

    def _detect(self, frame: Frame) -> list[Pose]:
        self._ticks += 1
        return poses_of(self._follower.detect_for_video(mp_image(frame.image), self._ticks * _APART_MS), frame)
