"""Which frames of a recording are measured: chosen by time, never by count."""

from __future__ import annotations

import math


class FramePicker:
    """Chooses about ``rate_hz`` frames per second of media time, whatever the recording's own rate, steady or not.

    The wanted moments lie on a grid of 1 / rate_hz seconds from media time 0, so that a part of a recording picks the frames that the
    whole would. A frame is taken if it is the first at a wanted moment or within half a frame before it (at most a quarter of the grid).
    A recording slower than the rate has every frame taken.

    Args:
        rate_hz: Frames wanted per second.
        start_s: Nothing is wanted before this; the first frame from here on is taken.
        until_s: Moments from here on are left to somebody else, so that a frame just before is not taken in their place.
    """

    def __init__(self, rate_hz: float, start_s: float = 0.0, until_s: float = math.inf) -> None:
        """Begin at start_s."""
        self._step_s = 1.0 / rate_hz
        self._until_s = until_s
        self._due_s = start_s
        self._last_s: float | None = None

    @classmethod
    def continued(cls, rate_hz: float, from_s: float, usual_s: float, until_s: float = math.inf) -> FramePicker:
        """Return one that goes on at `from_s` as if it had been asked of a steady recording from its beginning.

        Args:
            rate_hz: frames wanted per second.
            from_s: time of the next frame, seconds.
            usual_s: seconds from frame to frame.
            until_s: as for a new one.
        """
        picker = cls(rate_hz, until_s=until_s)
        early_s = min(usual_s / 2, picker._step_s / 4)
        cell_s = math.floor((from_s + early_s) / picker._step_s) * picker._step_s
        first_of_cell = from_s - usual_s < cell_s - early_s
        picker._due_s = cell_s if first_of_cell else cell_s + picker._step_s
        picker._last_s = from_s - usual_s
        return picker

    def wants(self, time_s: float) -> bool:
        """Tell whether the frame at this time, seconds, is to be measured; call it for every frame, in order of time."""
        early_s = 1e-6 if self._last_s is None else min((time_s - self._last_s) / 2, self._step_s / 4)
        self._last_s = time_s
        if time_s < self._due_s - early_s or self._due_s >= self._until_s:
            return False
        next_on_grid_s = (math.floor((time_s + early_s) / self._step_s) + 1) * self._step_s
        self._due_s = max(next_on_grid_s, time_s + self._step_s / 2)  # a late frame and the next one are not taken side by side
        return True
