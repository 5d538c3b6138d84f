"""Fits one small network: Adam on squared error plus the Gaussian likelihood of the sd."""

from __future__ import annotations

from typing import Any

import numpy as np

from posture.kinematics.layout import Floats
from posture.kinematics.network import Network

SD_SHARE = 0.3
"""Weight of the sd's part of the likelihood; more of it makes the means worse."""


def train(
    names: list[str],
    x: Floats,
    y: Floats,
    weight: Floats | None = None,
    *,
    hidden: int = 32,
    epochs: int = 20,
    batch: int = 256,
    rate: float = 3e-3,
    decay: float = 1e-4,
    jitter: float = 0.08,
    seed: int = 0,
) -> Network:
    """Fit a network.

    Args:
        names: of the features.
        x: (n, k) features.
        y: (n, q) angles, degrees.
        weight: (n,) of the samples; ``None``: all the same.
        hidden, epochs, batch, rate, decay, seed: of Adam with a cosine rate.
        jitter: sd of the noise on the scaled features, so that no single one is trusted too much.
    """
    rng = np.random.default_rng(seed)
    (n, k), q = x.shape, y.shape[1]
    x_scale, y_scale = np.sqrt((x**2).mean(0)) + 1e-9, np.sqrt((y**2).mean(0)) + 1e-9
    xs, ys = x / x_scale, y / y_scale
    w = np.ones(n) if weight is None else weight / weight.mean()
    p = [
        rng.normal(0, 1 / np.sqrt(k), (k, hidden)),
        np.zeros(hidden),
        rng.normal(0, 0.05, (hidden, 2 * q)),
        np.zeros(2 * q),
        rng.normal(0, 0.02, (k, 2 * q)),
    ]
    p[3][q:] = -1.0
    m, v = [np.zeros_like(a) for a in p], [np.zeros_like(a) for a in p]
    t = 0
    for epoch in range(epochs):
        order = rng.permutation(n)
        step = rate * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-5
        for i in range(0, n - batch + 1, batch):
            b = order[i : i + batch]
            z = xs[b] + rng.normal(0, 1, (batch, k)) * jitter
            t += 1
            for j, g in enumerate(_gradients(p, z, ys[b], w[b] / batch, decay)):
                m[j] = 0.9 * m[j] + 0.1 * g
                v[j] = 0.999 * v[j] + 0.001 * g**2
                p[j] -= step * (m[j] / (1 - 0.9**t)) / (np.sqrt(v[j] / (1 - 0.999**t)) + 1e-8)
    return Network(tuple(names), x_scale, y_scale, p[0], p[1], p[2], p[3], p[4], np.ones(q))


def _gradients(p: list[Floats], z: Floats, y: Floats, w: Floats, decay: float) -> list[Floats]:
    q = y.shape[1]
    h = np.tanh(z @ p[0] + p[1])
    o = h @ p[2] + p[3] + z @ p[4]
    r, inverse = o[:, :q] - y, np.exp(-2 * np.clip(o[:, q:], -4, 2))
    to_mean = (r + 0.5 * r * np.minimum(inverse, 25)) * w[:, None]
    to_sd = SD_SHARE * (1 - r**2 * inverse) * w[:, None]
    g = np.hstack([to_mean, to_sd])
    back = g @ p[2].T * (1 - h**2)
    return [z.T @ back + decay * p[0], back.sum(0), h.T @ g + decay * p[2], g.sum(0), z.T @ g + decay * p[4]]


def as_json(net: Network, digits: int = 4) -> dict[str, Any]:
    """The network as plain values of `digits` significant digits."""

    def short(value: Any) -> Any:
        return [short(a) for a in value] if isinstance(value, list) else float(f"{value:.{digits}g}")

    arrays = ("x_scale", "y_scale", "w1", "b1", "w2", "b2", "w0", "sd_scale")
    return {"names": list(net.names)} | {k: short(getattr(net, k).tolist()) for k in arrays}
