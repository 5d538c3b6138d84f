"""Fits the networks by which exercises are counted, on drawn people in postures out of exercises and at work, and writes them.

    python -m tools.fit_kinematics.fit_exercises --into models/kinematics.json

What else FILE holds stays as it is. They know extended spines, heads that move alone and turned shoulders, of which people at work show
little. The rows lie in tools/fit_kinematics/rows/exercises (``rows``), those at work beside them. Reproducible: every random number comes
from a fixed seed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from posture.biomechanics.layout import Floats
from posture.biomechanics.networks import EXERCISE, QUANTITIES, Network, hands_of
from tools.fit_kinematics import rows as kept
from tools.fit_kinematics.fit import FOLDS, SORTS, features_of, figures, left_out, scaled, usable, write_into
from tools.fit_kinematics.rows import Pairs
from tools.fit_kinematics.training import train

_TRUTHS = [0, 1, 2, 4]
"""Trunk, pelvis, spine and rotation in ``Pairs.truth``; the rotation is fitted along and then left out, as no exercise is counted by it."""
FIRST = 3000
"""Number of the first of the people who exercise."""
AT_WORK = 0.1
"""The share of the pictures of people at work that is fitted on."""
MOVEMENTS = ("cat_cow", "pelvic_tilt", "rotation", "nod", "hip_lean", "swivel")
"""Those of which errors are printed."""


def inputs(pairs: Pairs, sort: str, *, mirror: bool = False) -> tuple[list[str], Floats, Floats]:
    """Return names, (n, k) features and (n, 4) angles; the rotation as it shows in the picture that the features are of."""
    names, x = features_of(pairs, sort, mirror=mirror)
    y = pairs.truth[:, _TRUTHS].copy()
    if sort != "front":
        y[:, 3] *= hands_of(pairs.yaw_deg)
    if mirror:
        y[:, 3] *= -1.0
    return names, x, y


def fit_one(pairs: Pairs, sort: str) -> Network:
    """Fit one network on `pairs`; from the front on their mirror images too."""
    names, x, y = inputs(pairs, sort)
    if sort == "front":
        _, x2, y2 = inputs(pairs, sort, mirror=True)
        x, y = np.vstack([x, x2]), np.vstack([y, y2])
    return train(names, x, y, members=2, epochs=40, jitter=0.05)


def without_rotation(network: Network) -> Network:
    """Return the network with the first three of its four angles."""
    q = len(QUANTITIES)
    outputs = [*range(q), *range(q + 1, 2 * q + 1)]  # means, then logarithms of the sds
    parts = {name: getattr(network, name)[..., outputs] for name in ("w2", "b2", "w0")}
    return replace(network, **parts, y_scale=network.y_scale[:q], sd_scale=network.sd_scale[:q])


def cross_validated(pairs: Pairs, sort: str) -> tuple[Floats, list[str]]:
    """Return the errors in sds of exercising people who were left out, and a line of figures per movement."""
    error, in_sds, i = left_out(pairs, lambda p: fit_one(p, sort), lambda p: inputs(p, sort)[1:], pairs.person >= FIRST, FOLDS)
    names = (*QUANTITIES, "rotation")
    lines = [f"{sort:8s} {kind:12s} {figures(error[k], pairs.person[i][k], names)}" for kind, k in _by_kind(pairs.kind[i])]
    return in_sds, lines


def _by_kind(kinds: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [("all", np.ones(len(kinds), bool)), *((kind, kinds == kind) for kind in MOVEMENTS)]


def all_pairs() -> Pairs:
    """Return those of people who exercise, and some of those of people at work who may be fitted on."""
    work = kept.load()
    work = {name: values[~kept.is_test(work["person"])] for name, values in work.items()}
    exercise = kept.load(kept.EXERCISE_ROWS)
    pairs = kept.pairs({name: np.concatenate([work[name], exercise[name]]) for name in work})
    return pairs[(pairs.person >= FIRST) | (np.random.default_rng(0).random(len(pairs)) < AT_WORK)]


def main() -> None:
    """Fit, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path)
    args = parser.parse_args()
    pairs, nets = all_pairs(), {}
    print(f"{len(np.unique(pairs.person[pairs.person >= FIRST]))} people who exercise, {len(pairs)} pairs", flush=True)
    for view, sorts in SORTS.items():
        for sort in sorts:
            own = usable(pairs, view, sort)
            errors, lines = cross_validated(own, sort)
            net = nets[f"{EXERCISE}{view}/{sort}"] = without_rotation(scaled(fit_one(own, sort), errors))
            print(f"{view}: {len(own)} pairs, factors on the sds {net.sd_scale.round(2).tolist()}", *lines, sep="\n", flush=True)
    if args.into:
        write_into(args.into, nets)


if __name__ == "__main__":
    main()
