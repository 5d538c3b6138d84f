"""Causal smoothing by time: an exponential mean whose time constant is in seconds, whatever the rate of readings.

Its delay on a steady movement is the time constant itself (0.3 s by default); at readings further apart than that it does
next to nothing. MediaPipe smooths by itself, so no heavier filter stands here.
"""

from __future__ import annotations

import math
from typing import Self

from posture.types import Estimate

_FORGET_S = 2.0


class Smoother:
    """Smooths named series of angles."""

    def __init__(self, tau_s: float) -> None:
        """`tau_s`: time constant in seconds; 0 smooths nothing."""
        self._tau = tau_s
        self._value: dict[str, tuple[float, float]] = {}
        self._now = 0.0

    def reset(self) -> None:
        """Forget everything."""
        self._value.clear()

    def at(self, time_s: float) -> Self:
        """Set the time of the values that follow."""
        self._now = time_s
        return self

    def estimate(self, name: str, e: Estimate | None) -> Estimate | None:
        """Smooth `e` with what came before under this name; ``None`` stays so, and is forgotten with the past."""
        if e is None:
            self._value.pop(name, None)
            return None
        return Estimate(self._smooth(name, e.deg), e.sd_deg, e.method)

    def heading(self, name: str, deg: float) -> float:
        """Smooth a heading, which wraps at 180 degrees."""
        last = self._value.get(name)
        near = deg if last is None else last[1] + (deg - last[1] + 180.0) % 360.0 - 180.0
        smooth = self._smooth(name, near)
        return (smooth + 180.0) % 360.0 - 180.0

    def _smooth(self, name: str, x: float) -> float:
        last = self._value.get(name)
        if last is not None and self._tau > 0.0 and 0.0 <= self._now - last[0] <= _FORGET_S:
            share = 1.0 - math.exp(-(self._now - last[0]) / self._tau)
            x = last[1] + share * (x - last[1])
        self._value[name] = (self._now, x)
        return x
