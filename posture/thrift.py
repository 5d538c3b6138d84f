"""Which readings of a recording need a look, and which may repeat the last one because nothing has changed.

While something changes where the person is, every picture that is due is looked at. While nothing does, the last look stands for
0.2, 0.4, 0.8, ... seconds at 5 Hz, at most 4; it is taken anew at once when something changes. Whether it does is told by small
grey pictures, as for the live monitor.
"""

from __future__ import annotations

from posture.kinematics.meter import Seen
from posture.model import FloatArray, Pose, Sight
from posture.pacing import Change, Region, around, everywhere

CELLS = 80
"""Of the small grey picture, along its longer side."""
LONGEST_S = 4.0
"""Between two looks while nothing changes: less than the shortest thing that is told apart, which lasts 5 s."""
_NEWS_SHARE = 0.015
"""Of the picture's height: a landmark that moved by this from one look to the next is news, however little the grey picture does."""


class Thrift:
    """Ask `due` of every picture in order of time, and tell `looked` what a look gave."""

    def __init__(self) -> None:
        """The first picture is looked at."""
        self._change = Change()
        self._before: FloatArray | None = None
        self._looked: FloatArray | None = None
        self._looked_s = self._before_s = 0.0
        self._region: Region | None = None
        self._wait_s = 0.0
        self._last: Seen | None = None
        self._nobody = False

    def due(self, time_s: float, grey: FloatArray) -> bool:
        """Whether this picture is to be looked at; `grey`: its brightness in means of cells, 0 to 255."""
        before, looked = self._before, self._looked
        step_s, self._before, self._before_s = time_s - self._before_s, grey, time_s
        if before is None or looked is None or before.shape != grey.shape:
            return self._look(time_s, grey)
        self._change.listen(grey, before)
        region = self._where(grey, step_s)
        if self._change.between(grey, before, region) or self._change.between(grey, looked, region):
            self._wait_s = 0.0
            return self._look(time_s, grey)
        if time_s - self._looked_s < self._wait_s + step_s / 2:
            return False
        self._wait_s = min(LONGEST_S, max(step_s, 2.0 * self._wait_s))
        return self._look(time_s, grey)

    def looked(self, seen: Seen, pose: Pose | None) -> None:
        """What the look that was due gave."""
        if self._last is None or _news(seen, self._last):
            self._wait_s = 0.0
        self._last, self._nobody = seen, seen.sight is Sight.NOBODY
        if pose is not None and self._looked is not None:
            self._region = around(pose, self._looked.shape)

    def _look(self, time_s: float, grey: FloatArray) -> bool:
        self._looked, self._looked_s = grey, time_s
        self._region = None
        return True

    def _where(self, grey: FloatArray, step_s: float) -> Region:
        """Where a change counts; with nobody there, wherever it is not always restless."""
        region = self._region or everywhere(grey.shape)
        if not self._nobody:
            self._change.forget()
            return region
        restless = self._change.restless(step_s)
        return region if restless is None else Region(region.cells & ~restless, region.sway, region.least)


def _news(now: Seen, before: Seen) -> bool:
    if now.sight is not before.sight or now.sight is Sight.UNCLEAR or now.cut:
        return True
    if now.cues is None or before.cues is None:
        return (now.cues is None) != (before.cues is None)
    a, b = now.cues, before.cues
    return max(abs(a.head_y - b.head_y), abs(a.shoulder_x - b.shoulder_x), abs(a.shoulder_y - b.shoulder_y)) > _NEWS_SHARE
