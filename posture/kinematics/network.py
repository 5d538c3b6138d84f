"""A small perceptron with a linear path beside it: means and standard deviations of several angles. Evaluation only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Fitted parameters; k features, h hidden units, q angles."""

    names: tuple[str, ...]
    """Names of the features, in order."""
    x_scale: Floats
    """(k,) size of each feature in what it was fitted on."""
    y_scale: Floats
    """(q,) size of each angle there, degrees."""
    w1: Floats
    """(k, h)"""
    b1: Floats
    w2: Floats
    """(h, 2 q): means, then logarithms of the sds."""
    b2: Floats
    w0: Floats
    """(k, 2 q), the linear path."""
    sd_scale: Floats
    """(q,) factor on the sds, from people who were left out of the fit."""

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Network:
        """From a parsed JSON object.

        Raises:
            KeyError, ValueError: not a network.
        """
        arrays = {f: np.array(data[f], np.float64) for f in ("x_scale", "y_scale", "w1", "b1", "w2", "b2", "w0", "sd_scale")}
        return Network(tuple(str(n) for n in data["names"]), **arrays)

    def forward(self, x: Floats) -> tuple[Floats, Floats]:
        """(n, k) features -> means (n, q) and sds (n, q), degrees."""
        z = x / self.x_scale
        o = np.tanh(z @ self.w1 + self.b1) @ self.w2 + self.b2 + z @ self.w0
        q = o.shape[1] // 2
        return o[:, :q] * self.y_scale, np.exp(np.clip(o[:, q:], -4.0, 2.0)) * self.y_scale * self.sd_scale
