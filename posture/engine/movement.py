"""Movement where nobody was found: somebody may sit there with their head out of the picture, so nobody can be said to be away."""

from __future__ import annotations

import numpy as np

from posture.engine.sampling import PictureChange, Region
from posture.types import FloatArray

STIRS_FOR_S = 5.0
"""After a movement, somebody may be there for so long."""
_APART_S = 1.0
"""Pictures that are compared lie this far apart, so that a slow movement shows."""
_LEAST_SHARE = 0.03
"""Of the region: so many cells must differ. A person at a desk fills a third of it, and an arm a tenth."""


class MovementMonitor:
    """Watches pictures in which nobody was found."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self.reset()

    def reset(self) -> None:
        """Begin again: somebody was seen, or the camera was opened anew."""
        self._change = PictureChange()
        self._before: tuple[float, FloatArray] | None = None
        self._reference: tuple[float, FloatArray] | None = None
        self._stirred_s: float | None = None

    def stirs(self, time_s: float, grey: FloatArray, box: tuple[float, float, float, float] | None) -> bool:
        """Tell whether something has moved within the last seconds.

        Args:
            time_s: seconds; in order.
            grey: the picture in means of square cells, ``sampling.small``.
            box: left, top, right, bottom of where the person was last, shares of the picture; ``None``: all of it.
        """
        if self._before is not None and self._before[1].shape != grey.shape:
            self.reset()
        if self._before is None or self._reference is None:
            self._before = self._reference = (time_s, grey)
            return False
        self._change.listen(grey, self._before[1])
        restless = self._change.restless(time_s - self._before[0])
        region = _region(grey.shape, box)
        if restless is not None:
            region = Region(region.cells & ~restless, 0.0, region.least)
        if self._change.between(grey, self._reference[1], region):
            self._stirred_s = time_s
        self._before = (time_s, grey)
        if time_s - self._reference[0] >= _APART_S:
            self._reference = self._before
        return self.stirred(time_s)

    def stirred(self, time_s: float) -> bool:
        """Tell whether something has moved within the last seconds, in the pictures so far."""
        return self._stirred_s is not None and time_s - self._stirred_s < STIRS_FOR_S


def _region(shape: tuple[int, ...], box: tuple[float, float, float, float] | None) -> Region:
    rows, columns = shape
    cells = np.zeros((rows, columns), bool)
    left, top, right, bottom = (0.0, 0.0, 1.0, 1.0) if box is None else box
    cells[
        int(max(0.0, top) * rows) : int(max(0.0, bottom) * rows) + 1, int(max(0.0, left) * columns) : int(max(0.0, right) * columns) + 1
    ] = True
    return Region(cells, 0.0, max(6, round(_LEAST_SHARE * np.count_nonzero(cells))))
