"""Frame to pose: the measured person's landmarks, followed from picture to picture.

One way for every source, camera and recording alike. Landmarks depend a little on the region of the picture in which the network
looks: found anew in each picture they tremble and differ by some degrees from those of a person who is followed. So the person
is always followed. MediaPipe's follower knows one person only; in between, everybody in the picture is found: at first, after a cut,
every 10 s, when the followed person jumps or is lost, and all the time while somebody else is there.
"""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from posture.pose.landmarker import Landmarker
from posture.pose.person_tracker import Choice, PersonLock, PersonPlace, looks_like_person, place_of, same_person, shows_head
from posture.types import ByteArray, Detection, FoundPose, Frame, Pose

SUSPICIOUS_M = 0.15
"""Who is found further than this from where the person was, in body scale, may be somebody else while the person was overlooked."""
SEARCH_EVERY_S = 10.0
"""Between two searches of the whole picture while one person is followed."""
_SETTLED_M = 0.05
"""After a move by more than this the follower looks again, centred on where the person is now."""
_CUT_LEVEL = 18.0
_CUT_SIDE = 24


class PoseFinder:
    """Finds the measured person's landmarks in each frame, in order of time. Used and closed by the thread that made it."""

    def __init__(self, model: Path, *, person: Choice = Choice.MAIN, search_every_s: float = SEARCH_EVERY_S) -> None:
        """Nothing is loaded before the first frame.

        Args:
            model: a verified ``.task`` bundle.
            person: whom to measure of several people.
            search_every_s: seconds between two searches for others while one person is followed.
        """
        self._search_every_s = search_every_s
        self._searcher, self._follower = Landmarker(model), Landmarker(model, follow=True, poses=1)
        self._person = person
        self._owner = threading.get_ident()
        self._closed = self._following = False
        self.renew()

    def __enter__(self) -> Self:
        """Use as a context manager: closing MediaPipe late can hang."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Free the native graphs; the finder cannot be used afterwards."""
        self._closed = True
        self._searcher.close()
        self._follower.close()

    def renew(self) -> None:
        """Forget everything that was seen, as if the finder were new."""
        self._lock = PersonLock(self._person)
        self._thumbnail: ByteArray | None = None
        self._size: tuple[int, int] | None = None
        self._searched_s, self._people = -math.inf, 0
        self._alone = False
        """Whether the last search found one person at most."""
        self._lose()

    @property
    def lock(self) -> PersonLock:
        """Who is measured, as far as is known now; a copy."""
        return copy.deepcopy(self._lock)

    @lock.setter
    def lock(self, lock: PersonLock) -> None:
        self._lock = copy.deepcopy(lock)

    @property
    def place(self) -> PersonPlace | None:
        """Where the measured person was last; ``None`` if nobody is remembered."""
        return self._lock.place

    @property
    def thumbnail(self) -> ByteArray | None:
        """The last picture, very small, by which a cut is told; ``None`` before the first."""
        return self._thumbnail

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> FoundPose:
        """Find the measured person in `frame`.

        Args:
            frame: the picture.
            least_px_per_m: who appears smaller than this is no person: an icon, a face on a poster.

        Raises:
            ModelError: the weights cannot be loaded.
            RuntimeError: called after close, or from another thread.
        """
        cut = self._begin(frame)
        knew = self._following
        followed = self._follow(frame) if knew or (self._alone and not cut) else None
        if followed is not None and not (looks_like_person(followed, least_px_per_m) and shows_head(followed)):
            followed = None
        if not cut and self._alone and frame.time_s - self._searched_s < self._search_every_s:
            if followed is not None and self._is_near(followed):
                return self._observed(frame, [followed], cut)
            if followed is None and not knew:  # the follower, who knew of nobody, has just searched the whole picture
                return FoundPose(frame.time_s, Detection.NOBODY, None, cut)
        people = [p for p in self._everybody(frame) if looks_like_person(p, least_px_per_m)]
        self._searched_s, self._alone, self._people = frame.time_s, len(people) <= 1, len(people)
        whole = [p for p in people if shows_head(p)]
        if people and not whole:
            return FoundPose(frame.time_s, Detection.UNCLEAR, None, cut, self._people)
        seen = self._observed(frame, whole, cut)
        if seen.pose is None:
            return seen
        if followed is None or not same_person(followed, seen.pose):
            followed = self._acquire(frame, seen.pose)
        return seen if followed is None else replace(seen, pose=followed)

    def _begin(self, frame: Frame) -> bool:
        """Check that the finder can be used; whether there is a cut before this frame."""
        if self._closed or threading.get_ident() != self._owner:
            raise RuntimeError("a PoseFinder is used by the thread that made it, before it is closed")
        before, self._thumbnail = self._thumbnail, _thumbnail(frame.image)
        cut = is_cut(before, self._thumbnail)
        size = frame.image.shape[1], frame.image.shape[0]
        if cut:
            self._lock.forget()
        if cut or size != self._size:  # the follower's region lies elsewhere in a picture of another shape
            self._lose()
            self._searched_s = -math.inf
        self._size = size
        return cut

    def _everybody(self, frame: Frame) -> list[Pose]:
        """Find everybody in the picture, with a closer look around where the person was if nobody is found there."""
        people = self._detect(frame)
        last = self._lock.place
        if people and last is not None and min(place_of(p).distance_m(last) for p in people) > SUSPICIOUS_M:
            alone = Frame(frame.time_s, _only_around(frame.image, last))
            people += [p for p in self._detect(alone) if not any(same_person(p, other) for other in people)]
        return people

    def _detect(self, frame: Frame) -> list[Pose]:
        """Find everybody in the picture, each once."""
        people: list[Pose] = []
        for pose in self._searcher.detect(frame):
            if not any(same_person(pose, other) for other in people):
                people.append(pose)
        return people

    def _observed(self, frame: Frame, people: Sequence[Pose], cut: bool) -> FoundPose:
        if not people:
            return FoundPose(frame.time_s, Detection.NOBODY, None, cut)
        pose = self._lock.choose(people, frame.time_s)
        return FoundPose(frame.time_s, Detection.UNCLEAR if pose is None else Detection.PERSON, pose, cut, self._people)

    def _acquire(self, frame: Frame, person: Pose) -> Pose | None:
        """Point the follower at `person`; their landmarks as it gives them, ``None`` if it finds somebody else."""
        self._lose()
        self._follow(frame if self._alone else Frame(frame.time_s, _only_around(frame.image, place_of(person))))
        settled = self._follow(frame)
        if settled is not None and same_person(settled, person):
            return settled
        self._lose()
        self._alone = False
        return None

    def _is_near(self, pose: Pose) -> bool:
        """Tell whether it is where the measured person was."""
        last = self._lock.place
        return last is not None and place_of(pose).distance_m(last) <= SUSPICIOUS_M

    def _follow(self, frame: Frame) -> Pose | None:
        """Find the followed person; where nobody is followed, whoever is found first, to be followed from then on."""
        found = self._follower.detect(frame)
        last = self._lock.place
        if found and self._following and last is not None and place_of(found[0]).distance_m(last) > _SETTLED_M:
            found = self._follower.detect(frame)
        self._following = bool(found)
        return found[0] if found else None

    def _lose(self) -> None:
        """Follow nobody any more."""
        if self._following:
            self._follower.forget()
        self._following = False


def _thumbnail(image: ByteArray) -> ByteArray:
    """Shrink a picture to 24 x 24 grey cells of four pixels each."""
    h, w = image.shape[:2]
    rows = np.linspace(0, h - 1, _CUT_SIDE * 2).astype(int)
    columns = np.linspace(0, w - 1, _CUT_SIDE * 2).astype(int)
    fine = image[np.ix_(rows, columns)].mean(axis=2)
    cells: ByteArray = fine.reshape(_CUT_SIDE, 2, _CUT_SIDE, 2).mean(axis=(1, 3)).astype(np.uint8)
    return cells


def is_cut(before: ByteArray | None, now: ByteArray | None) -> bool:
    """Tell whether most of the picture changed at once, which a person at a desk does not do; by ``PoseFinder.thumbnail``."""
    if before is None or now is None:
        return False
    # The median ignores a person who moves; a change of light moves every cell by about the same.
    change = now.astype(float) - before
    return float(np.median(np.abs(change - np.median(change)))) > _CUT_LEVEL


def _only_around(image: ByteArray, place: PersonPlace) -> ByteArray:
    """Grey out everything but a sitting person's reach around `place` (head and shoulders)."""
    height, width = image.shape[:2]
    x, y, reach = place.x * height + width / 2.0, place.y * height, place.scale * height
    x0, x1 = int(max(0.0, x - 0.8 * reach)), int(x + 0.8 * reach)
    y0, y1 = int(max(0.0, y - 0.6 * reach)), int(y + 1.3 * reach)
    alone = np.full_like(image, 128)
    alone[y0:y1, x0:x1] = image[y0:y1, x0:x1]
    return alone
