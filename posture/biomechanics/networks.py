"""Trunk, pelvis and spine against the person's neutral by small networks, fitted on drawn people of known angles.

One set for each view; within a view the richest that can be seen is used: ``outline`` (head, shoulders, hips, contour of
the back), ``hips`` (without the contour), ``head`` (head and shoulders alone). From the front head and shoulders alone are used:
a desk hides the rest. A second set, fitted on people who exercise, serves to count exercises alone. The features have a geometric
meaning (``features``); the parameters lie in ``models/kinematics.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from posture.biomechanics.features import Features, change_features, frame_features, own_features
from posture.biomechanics.layout import Floats, Layout, LayoutSeries, clean_backs, track_of
from posture.types import MEASURED_VIEWS, Estimate, View

QUANTITIES = ("trunk", "pelvis", "spine")
EXERCISE = "exercise/"
"""Before the names of the networks that were fitted on people who exercise."""
LARGEST = 8.0
"""No feature counts for more than so many of its usual sizes: what is larger comes of landmarks that mean nothing."""
_EXTRAPOLATION = 7.0
"""Size of the largest features, in units of what was fitted on, from which the sd grows in proportion."""


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
        """Make one from a parsed JSON object.

        Raises:
            KeyError, ValueError: not a network.
        """
        arrays = {f: np.array(data[f], np.float64) for f in ("x_scale", "y_scale", "w1", "b1", "w2", "b2", "w0", "sd_scale")}
        return Network(tuple(str(n) for n in data["names"]), **arrays)

    def forward(self, x: Floats) -> tuple[Floats, Floats]:
        """Evaluate (n, k) features: means (n, q) and sds (n, q), degrees."""
        z = np.clip(x / self.x_scale, -LARGEST, LARGEST)
        o = np.tanh(z @ self.w1 + self.b1) @ self.w2 + self.b2 + z @ self.w0
        q = o.shape[1] // 2
        return o[:, :q] * self.y_scale, np.exp(np.clip(o[:, q:], -4.0, 2.0)) * self.y_scale * self.sd_scale


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """All fitted networks by name: ``yaw``, ``own_trunk`` and VIEW/SORT."""

    networks: Mapping[str, Network]

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Parameters:
        """Make them from the parsed file.

        Raises:
            KeyError, ValueError, TypeError: not such a file.
        """
        return Parameters({str(name): Network.from_dict(net) for name, net in data["nets"].items()})


@dataclass(frozen=True, eq=False)
class NeutralReference:
    """The neutral as the networks take it."""

    track: LayoutSeries
    """One frame: the mean of the neutral."""
    view: View | None
    """``None`` where it is too unsure to be told."""
    yaw_deg: float
    hips_inside: bool
    has_outline: bool

    @property
    def hand(self) -> float:
        """+1 for a person who faces the picture's right and so shows the right side, else -1."""
        return float(hands_of(self.yaw_deg))

    @cached_property
    def back_is_clean(self) -> bool:
        """Whether the outline of the back can be believed."""
        return bool(clean_backs(self.track.left, self.track.right, self.track.xy, np.array([self.hand]))[0])


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of one frame since the neutral, by name of the angle."""

    angles: Mapping[str, Estimate | None]
    """``None`` where the view cannot show it."""
    exercise: Mapping[str, Estimate]
    """To count exercises by: the mean of both sets of networks, which err differently."""


NO_CHANGES = Changes({}, {})


def yaw_of(track: LayoutSeries, parameters: Parameters) -> tuple[Floats, Floats]:
    """Return the yaw of the trunk to the camera, (n,) degrees: 0 faces it, + shows the left side; and its sd.

    The network gives cosine and sine, which know no border between left and right behind the person; the shorter the arrow, the less
    sure is its direction.
    """
    mean, sd = _run(parameters.networks["yaw"], frame_features(track))
    length = np.maximum(np.hypot(mean[:, 0], mean[:, 1]), 0.2)
    return np.degrees(np.arctan2(mean[:, 1], mean[:, 0])), np.degrees(np.sqrt((sd**2).mean(axis=1)) / length)


def hands_of(yaw_deg: float | Floats) -> Floats:
    """Return +1 for each person who faces the picture's right and so shows the right side, else -1."""
    return np.where(np.asarray(yaw_deg) > 0, -1.0, 1.0)


def own_angles(track: LayoutSeries, hands: Floats, parameters: Parameters) -> tuple[Floats, Floats]:
    """Return trunk and spinal flexion without a neutral, (n, 2) degrees, and their sds; `hands`: (n,) of ``hands_of``."""
    return _run(parameters.networks["own_trunk"], own_features(track, hands))


def sort_of(now: Layout, base: NeutralReference) -> str:
    """Return the richest set of features that both the frame and the neutral show."""
    if base.view is View.FRONT:
        return "front"
    if not (now.hips_inside and base.hips_inside):
        return "head"
    if not (base.has_outline and base.back_is_clean):
        return "hips"
    clean = clean_backs(now.left[None], now.right[None], now.xy[None], np.array([base.hand]))[0]
    return "outline" if clean else "hips"


def estimates(nows: Sequence[Layout], base: NeutralReference, parameters: Parameters) -> list[Changes]:
    """Return changes since the neutral of trunk, pelvis and spine for each frame; none at all where it is seen from behind or an unknown
    view.

    Many frames at once cost a fraction of what one after the other does.
    """
    found = [NO_CHANGES for _ in nows]
    if base.view not in MEASURED_VIEWS:
        return found
    places: dict[str, list[int]] = {}
    for i, now in enumerate(nows):
        places.setdefault(sort_of(now, base), []).append(i)
    for sort, chosen in places.items():
        hand = 1.0 if sort == "front" else base.hand
        features = change_features(track_of([nows[i] for i in chosen]), base.track, np.full(len(chosen), hand), sort)
        angles = _evaluated(parameters.networks[f"{base.view}/{sort}"], features, f"{base.view} {sort}")
        exercise = _evaluated(parameters.networks[f"{EXERCISE}{base.view}/{sort}"], features, f"{EXERCISE}{base.view} {sort}")
        for i, at_work, exercising in zip(chosen, angles, exercise, strict=True):
            known: dict[str, Estimate | None] = {**at_work}
            if base.view is View.FRONT:
                known["pelvis"] = None  # with the hips unseen, a tilt of the pelvis alone moves nothing in the picture
            found[i] = Changes(known, {q: _mean(e, known[q]) for q, e in exercising.items()})
    return found


def _mean(e: Estimate, other: Estimate | None) -> Estimate:
    return e if other is None else Estimate((e.deg + other.deg) / 2.0, (e.sd_deg + other.sd_deg) / 2.0, e.method)


def _evaluated(network: Network, features: Features, how: str) -> list[dict[str, Estimate]]:
    """Return the changes of each frame since the neutral by one network; `how`: its name for people."""
    x = np.stack([features[name] for name in network.names], axis=1)
    mean, sd = network.forward(x)
    # Far outside of what it was fitted on, a network knows less than it says.
    largest = np.sort((x / network.x_scale) ** 2, axis=1)[:, -3:].mean(axis=1)
    sd = sd * np.maximum(1.0, np.sqrt(largest) / _EXTRAPOLATION)[:, None]
    return [{q: Estimate(m[k], d[k], how) for k, q in enumerate(QUANTITIES)} for m, d in zip(mean.tolist(), sd.tolist(), strict=True)]


def _run(network: Network, features: Features) -> tuple[Floats, Floats]:
    return network.forward(np.stack([features[name] for name in network.names], axis=1))
