"""Rows at a fixed rate, as ``.trc``, ``.c3d``, ``.mot`` and NetCDF have them; which reading stands in which.

A row holds the reading nearest to its time, at most half a step away. Nothing is put in between, so a row may hold none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.types import ClassifiedReading

_DRIFT = 0.25
"""How far the last row may be moved, in steps, for a rate with fewer decimals."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Times at a fixed rate from the first reading to the last one."""

    start_s: float
    """Time of the first row: the first reading's."""
    rate_hz: float
    reading_of: NDArray[np.int64]
    """(rows,) place of each row's reading among all of them; -1 where there is none."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.reading_of)

    def time_s(self, row: int) -> float:
        """Return the time of a row, seconds of the recording."""
        return self.start_s + row / self.rate_hz

    def rows(self, judged: Sequence[ClassifiedReading]) -> Iterator[tuple[float, ClassifiedReading | None]]:
        """Yield time and reading of each row; ``None`` where nothing was measured within half a step."""
        for row, index in enumerate(self.reading_of.tolist()):
            yield self.time_s(row), None if index < 0 else judged[index]


def grid_of(judged: Sequence[ClassifiedReading]) -> Grid:
    """Return the rows of these readings, which are in order of time; no row if there is no reading, and 1 Hz for a single one.

    Where two readings are nearest to the same row, it holds the nearer one.
    """
    times = np.array([j.reading.time_s for j in judged], np.float64)
    if not times.size:
        return Grid(0.0, 1.0, np.empty(0, np.int64))
    rate_hz = _rate_hz(times)
    exact = (times - times[0]) * rate_hz
    rows = np.rint(exact).astype(np.int64)
    reading_of = np.full(rows.max() + 1, -1, np.int64)
    nearest_last = np.argsort(-np.abs(exact - rows), kind="stable")
    reading_of[rows[nearest_last]] = nearest_last
    return Grid(float(times[0]), rate_hz, reading_of)


def _rate_hz(times: NDArray[np.float64]) -> float:
    """Return how many readings a second there are where none is missing, with as few decimals as that takes."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not steps.size:
        return 1.0
    short = steps[steps <= 1.5 * np.quantile(steps, 0.1)]  # the others skip readings
    step_s = float(np.median(short))
    for _ in range(3):  # frames lie beside the grid, so the first guess counts a long gap wrongly
        step_s = float(steps.sum() / np.maximum(1, np.rint(steps / step_s)).sum())
    exact = 1.0 / step_s
    last = float(times[-1] - times[0]) * exact
    return next((r for r in (round(exact, n) for n in range(9)) if r > 0 and abs(r / exact - 1) * last <= _DRIFT), exact)
