"""Fits one small network: Adam on the Gaussian likelihood, each sample weighted by its variance to the power of ``BETA``.

The plain likelihood lets go of samples that are hard; so weighted, it does so half as much (Seitzer et al. 2022, "On the pitfalls of
heteroscedastic uncertainty estimation with probabilistic neural networks").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from posture.biomechanics.layout import Floats
from posture.biomechanics.networks import LARGEST, Network

BETA = 0.5


def train(
    names: list[str],
    x: Floats,
    y: Floats,
    *,
    members: int = 4,
    hidden: int = 64,
    epochs: int = 60,
    batch: int = 256,
    rate: float = 3e-3,
    decay: float = 1e-4,
    jitter: float = 0.15,
) -> Network:
    """Fit a network, the mean of several from different seeds, which is one with the hidden units of all.

    Args:
        names: of the features.
        x: (n, k) features.
        y: (n, q) angles, degrees.
        members: how many are averaged.
        hidden: units of each.
        epochs, batch, rate, decay: of Adam with a cosine rate.
        jitter: sd of the noise on the scaled features, so that no single one is trusted too much.
    """
    x_scale, y_scale = np.quantile(np.abs(x), 0.7, axis=0) + 1e-3, np.sqrt((y**2).mean(0)) + 1e-9
    z = np.clip(x / x_scale, -LARGEST, LARGEST)
    fitted = [_member(z, y / y_scale, seed, hidden, epochs, batch, rate, decay, jitter) for seed in range(members)]
    w1, b1, w2, b2, w0 = ([p[i] for p in fitted] for i in range(5))
    return Network(
        tuple(names),
        x_scale,
        y_scale,
        np.concatenate(w1, axis=1),
        np.concatenate(b1),
        np.concatenate(w2) / members,
        np.mean(b2, axis=0),
        np.mean(w0, axis=0),
        np.ones(y.shape[1]),
    )


def _member(
    x: Floats, y: Floats, seed: int, hidden: int, epochs: int, batch: int, rate: float, decay: float, jitter: float
) -> list[Floats]:
    """Fit the weights of one network to scaled features and angles."""
    rng = np.random.default_rng(seed)
    (n, k), q = x.shape, y.shape[1]
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
            z = x[b] + rng.normal(0, 1, (len(b), k)) * jitter
            t += 1
            for j, g in enumerate(_gradients(p, z, y[b], decay)):
                m[j] = 0.9 * m[j] + 0.1 * g
                v[j] = 0.999 * v[j] + 0.001 * g**2
                p[j] -= step * (m[j] / (1 - 0.9**t)) / (np.sqrt(v[j] / (1 - 0.999**t)) + 1e-8)
    return p


def _gradients(p: list[Floats], z: Floats, y: Floats, decay: float) -> list[Floats]:
    q = y.shape[1]
    h = np.tanh(z @ p[0] + p[1])
    o = h @ p[2] + p[3] + z @ p[4]
    r, log_sd = o[:, :q] - y, np.clip(o[:, q:], -4, 2)
    weight = np.exp(2 * BETA * log_sd) / len(z)
    inverse = np.exp(-2 * log_sd)
    g = np.hstack([weight * r * inverse, weight * (1 - r**2 * inverse)])
    back = g @ p[2].T * (1 - h**2)
    return [z.T @ back + decay * p[0], back.sum(0), h.T @ g + decay * p[2], g.sum(0), z.T @ g + decay * p[4]]


def as_json(net: Network, digits: int = 4) -> dict[str, Any]:
    """The network as plain values of `digits` significant digits."""

    def short(value: Any) -> Any:
        return [short(a) for a in value] if isinstance(value, list) else float(f"{value:.{digits}g}")

    arrays = ("x_scale", "y_scale", "w1", "b1", "w2", "b2", "w0", "sd_scale")
    return {"names": list(net.names)} | {k: short(getattr(net, k).tolist()) for k in arrays}
