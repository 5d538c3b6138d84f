"""Trunk, pelvis and spine against the person's neutral by small networks, fitted on simulated bodies and on clips of known angles.

One set for each view; within a view the richest whose cues can be seen is used: ``outline`` (head, shoulders, hips, contour of
the back), ``hips`` (without the contour), ``head`` (head and shoulders alone). From the front head and shoulders alone are used:
a desk hides the rest. The features have a geometric meaning (``changes``); the parameters lie in ``models/kinematics.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from posture.kinematics import changes
from posture.kinematics.layout import Floats, Layout, Track, track_of
from posture.kinematics.network import Network
from posture.model import Estimate, View

QUANTITIES = ("trunk", "pelvis", "spine")
_EXTRAPOLATION = 4.0
"""Size of the largest features, in units of what was fitted on, from which the sd grows in proportion."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """All fitted networks by name: ``yaw``, ``own_trunk`` and VIEW/SORT."""

    networks: Mapping[str, Network]

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Parameters:
        """From the parsed file.

        Raises:
            KeyError, ValueError, TypeError: not such a file.
        """
        return Parameters({str(name): Network.from_dict(net) for name, net in data["nets"].items()})


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The neutral as the networks take it."""

    track: Track
    """One frame: the mean of the neutral."""
    view: View
    yaw_deg: float
    hips_inside: bool
    has_outline: bool

    @property
    def hand(self) -> float:
        """+1 for a person who faces the picture's right and so shows the right side, else -1."""
        return -1.0 if self.yaw_deg > 0 else 1.0


def yaw_of(track: Track, parameters: Parameters) -> tuple[Floats, Floats]:
    """Yaw of the trunk to the camera, (n,) degrees: 0 faces it, + shows the left side; and its sd."""
    mean, sd = _run(parameters.networks["yaw"], changes.frame(track))
    return mean[:, 0], sd[:, 0]


def own_trunk(track: Track, hand: float, parameters: Parameters) -> tuple[Floats, Floats]:
    """Trunk flexion without a neutral, (n,) degrees, and its sd; for side and oblique views."""
    mean, sd = _run(parameters.networks["own_trunk"], changes.own(track, np.array([hand])))
    return mean[:, 0], sd[:, 0]


def sort_of(now: Layout, base: Base) -> str:
    """The richest set of features that both the frame and the neutral show."""
    if base.view is View.FRONT:
        return "front"
    if not (now.hips_inside and base.hips_inside):
        return "head"
    return "outline" if now.has_outline and base.has_outline else "hips"


def estimates(nows: Sequence[Layout], base: Base, parameters: Parameters) -> list[dict[str, Estimate | None]]:
    """Changes since the neutral of trunk, pelvis and spine, degrees, for each frame; ``None`` where the view cannot show it.

    Many frames at once cost a fraction of what one after the other does.
    """
    found: list[dict[str, Estimate | None]] = [{} for _ in nows]
    places: dict[str, list[int]] = {}
    for i, now in enumerate(nows):
        places.setdefault(sort_of(now, base), []).append(i)
    for sort, chosen in places.items():
        mean, sd = _changes(track_of([nows[i] for i in chosen]), sort, base, parameters)
        how = f"{base.view} {sort}"
        for i, m, d in zip(chosen, mean.tolist(), sd.tolist(), strict=True):
            found[i] = {q: Estimate(m[k], d[k], how) for k, q in enumerate(QUANTITIES)}
            if base.view is View.FRONT:
                found[i]["pelvis"] = None  # with the hips unseen, a tilt of the pelvis alone moves nothing in the picture
    return found


def _changes(now: Track, sort: str, base: Base, parameters: Parameters) -> tuple[Floats, Floats]:
    """(n, 3) changes since the neutral, and their sds."""
    network = parameters.networks[f"{base.view}/{sort}"]
    hand = 1.0 if sort == "front" else base.hand
    features = changes.changes(now, base.track, np.full(len(now), hand), sort)
    x = np.stack([features[name] for name in network.names], axis=1)
    mean, sd = network.forward(x)
    # Far outside of what it was fitted on, a network knows less than it says.
    largest = np.sort((x / network.x_scale) ** 2, axis=1)[:, -3:].mean(axis=1)
    return mean, sd * np.maximum(1.0, np.sqrt(largest) / _EXTRAPOLATION)[:, None]


def _run(network: Network, features: changes.Features) -> tuple[Floats, Floats]:
    return network.forward(np.stack([features[name] for name in network.names], axis=1))
