"""Fits the networks on drawn people of known angles, and writes their parameters.

    python -m tools.fit_kinematics.fit --out models/kinematics.json      fit; the sds from people who were left out in turn
    python -m tools.fit_kinematics.fit --curve 50,100,200,400            errors on people who were left out, by how many were fitted on

The rows lie in tools/fit_kinematics/rows (``rows``); people who are kept for benchmarks/seated are left out.
Reproducible: every random number comes from a fixed seed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from posture.biomechanics.features import change_features, frame_features, own_features
from posture.biomechanics.layout import Floats
from posture.biomechanics.networks import QUANTITIES, Network, hands_of
from posture.types import View
from tools.fit_kinematics import rows as kept
from tools.fit_kinematics.rows import Pairs, mirrored
from tools.fit_kinematics.training import as_json, train

SORTS = {View.FRONT: ("front",), View.OBLIQUE: ("outline", "hips", "head"), View.SIDE: ("outline", "hips", "head")}
YAW_DEG = {View.FRONT: (0.0, 38.0), View.OBLIQUE: (17.0, 74.0), View.SIDE: (56.0, 124.0)}
"""Yaws of the neutral that a view's networks are fitted on; they overlap, as a yaw is not known to the degree."""
EMPHASIS = {View.FRONT: 3.0, View.OBLIQUE: 1.0, View.SIDE: 0.0}
"""By how much more often large changes are fitted on than they were drawn, per threshold of a posture. From the front a slump shows so
little that else it is read as half of what it is."""
_THRESHOLDS_DEG = np.array([15.0, 12.0, 25.0])
"""Of trunk, pelvis and spine."""
FOLDS = 4
_MOST = 500.0
"""Features larger than this come of landmarks that mean nothing."""


def usable(pairs: Pairs, view: View, sort: str) -> Pairs:
    """Choose the pairs that show what `sort` needs, from `view`."""
    low, high = YAW_DEG[view]
    yaw = np.abs(pairs.yaw_deg)
    ok = (yaw >= low) & (yaw <= high)
    if sort in ("hips", "outline"):
        ok &= pairs.hips
    if sort == "outline":
        ok &= pairs.outline
    chosen = pairs[ok]
    _, x = features_of(chosen, sort)
    return chosen[np.isfinite(x).all(axis=1) & (np.abs(x).max(axis=1) < _MOST)]


def features_of(pairs: Pairs, sort: str, *, mirror: bool = False) -> tuple[list[str], Floats]:
    """Return names and (n, k) features."""
    now, neutral = (mirrored(pairs.now), mirrored(pairs.neutral)) if mirror else (pairs.now, pairs.neutral)
    hand = np.ones(len(pairs)) if sort == "front" else hands_of(pairs.yaw_deg) * (-1.0 if mirror else 1.0)
    f = change_features(now, neutral, hand, sort)
    return list(f), np.stack(list(f.values()), axis=1)


def fit_one(pairs: Pairs, sort: str, emphasis: float) -> Network:
    """Fit one network on `pairs`; from the front on their mirror images too. `emphasis`: see ``EMPHASIS``."""
    names, x = features_of(pairs, sort)
    y = pairs.truth[:, :3]
    if sort == "front":
        x, y = np.vstack([x, features_of(pairs, sort, mirror=True)[1]]), np.vstack([y, y])
    if emphasis:
        weight = 1.0 + emphasis * np.max(np.abs(y) / _THRESHOLDS_DEG, axis=1)
        drawn = np.random.default_rng(0).choice(len(y), len(y), p=weight / weight.sum())
        x, y = x[drawn], y[drawn]
    return train(names, x, y)


def fit_yaw(rows: dict[str, np.ndarray]) -> Network:
    """Fit cosine and sine of the yaw of the trunk to the arrangement of one picture."""
    own = kept.series(rows)
    xs, ys = [], []
    for layouts, sign in ((own, 1.0), (mirrored(own), -1.0)):
        f = frame_features(layouts)
        names = list(f)
        xs.append(np.stack(list(f.values()), axis=1))
        turn = np.radians(sign * rows["yaw"])
        ys.append(np.stack([np.cos(turn), np.sin(turn)], axis=1))
    return train(names, np.vstack(xs), np.vstack(ys))


def fit_own_angles(rows: dict[str, np.ndarray]) -> Network:
    """Fit the own angles of trunk and spine without a neutral, from all views but the rear."""
    chosen = (np.abs(rows["yaw"]) < YAW_DEG[View.SIDE][1]) & np.array([c.head_inside for c in kept.layouts(rows)])
    own = {name: values[chosen] for name, values in rows.items()}
    f = own_features(kept.series(own), hands_of(own["yaw"]))
    return train(list(f), np.clip(np.stack(list(f.values()), axis=1), -_MOST, _MOST), own["truth"][:, [0, 2]])


def scaled(network: Network, errors: Floats) -> Network:
    """Return the network with its sds scaled so that 95 % of `errors`, (n, q) in sds, of people left out are within two."""
    return replace(network, sd_scale=np.clip(np.quantile(errors, 0.95, axis=0) / 2, 0.6, 2.5))


def left_out(
    pairs: Pairs, fitted: Callable[[Pairs], Network], inputs: Callable[[Pairs], tuple[Floats, Floats]], tested: np.ndarray, folds: int
) -> tuple[Floats, Floats, np.ndarray]:
    """Fit without a share of the people, in turn, and tell how well those are read.

    Args:
        pairs: all of them.
        fitted: fits a network.
        inputs: returns features and true angles.
        tested: (n,) which pairs are read; all are fitted on.
        folds: how many shares.

    Returns:
        The errors (m, q), degrees; their sizes in sds; and the index of each pair.
    """
    errors, in_sds, held = [], [], []
    for fold in range(folds):
        out = pairs.person % folds == fold
        network = fitted(pairs[~out])
        x, y = inputs(pairs[out & tested])
        mean, sd = network.forward(x)
        errors.append(mean - y)
        in_sds.append(np.abs(errors[-1]) / sd)
        held.append(np.flatnonzero(out & tested))
    return np.vstack(errors), np.vstack(in_sds), np.concatenate(held)


def cross_validated(pairs: Pairs, sort: str, emphasis: float, folds: int = FOLDS) -> tuple[Floats, list[str]]:
    """Return the errors in sds of people who were left out, and a line of figures per place of the camera."""
    everybody = np.ones(len(pairs), bool)
    error, in_sds, i = left_out(
        pairs, lambda p: fit_one(p, sort, emphasis), lambda p: (features_of(p, sort)[1], p.truth[:, :3]), everybody, folds
    )
    lines = [f"{sort:8s} all      {figures(error, pairs.person[i])}"]
    lines += [
        f"{sort:8s} {kept.PLACES[p]:8s} {figures(error[pairs.place[i] == p], pairs.person[i][pairs.place[i] == p])}"
        for p in np.unique(pairs.place)
    ]
    return in_sds, lines


def figures(error: Floats, person: np.ndarray, quantities: Sequence[str] = QUANTITIES) -> str:
    """Return mean absolute errors, and their median and 90th percentile over people."""
    size = np.abs(error)
    each = np.stack([size[person == p].mean(axis=0) for p in np.unique(person)])
    middle, worse = np.median(each, axis=0), np.quantile(each, 0.9, axis=0)
    return "  ".join(
        f"{q} {m:5.2f} (p50 {a:5.2f}, p90 {b:5.2f})" for q, m, a, b in zip(quantities, size.mean(0), middle, worse, strict=True)
    )


def curve(pairs: Pairs, sizes: Sequence[int]) -> None:
    """Print the errors on the last fifth of the people by how many of the others were fitted on."""
    people = np.unique(pairs.person)
    test = people[-len(people) // 5 :]
    for view, sorts in SORTS.items():
        for sort in sorts[:1]:
            own = usable(pairs, view, sort)
            out = own[np.isin(own.person, test)]
            for n in sizes:
                few = own[np.isin(own.person, people[: min(n, len(people) - len(test))])]
                network = fit_one(few, sort, EMPHASIS[view])
                mean, _ = network.forward(features_of(out, sort)[1])
                print(f"{view}/{sort} {n:5d} people: {figures(mean - out.truth[:, :3], out.person)}", flush=True)


def write_into(file: Path, nets: Mapping[str, Network]) -> None:
    """Write networks to a file of parameters; others that are in it stay."""
    there = json.loads(file.read_text("utf-8"))["nets"] if file.exists() else {}
    about = "parameters of the posture estimators; written by tools/fit_kinematics"
    text = json.dumps({"about": about, "nets": there | {k: as_json(v) for k, v in nets.items()}}, separators=(",", ":"))
    file.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")


def main() -> None:
    """Fit, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, default=kept.ROWS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--curve", help="numbers of people, by commas")
    args = parser.parse_args()
    rows = kept.load(args.rows)
    fitted = ~kept.is_test(rows["person"])
    rows = {name: values[fitted] for name, values in rows.items()}
    pairs = kept.pairs(rows)
    print(f"{len(np.unique(pairs.person))} people, {len(pairs)} pairs")
    if args.curve:
        curve(pairs, [int(n) for n in args.curve.split(",")])
        return
    nets = {"yaw": fit_yaw(rows), "own_trunk": fit_own_angles(rows)}
    for view, sorts in SORTS.items():
        for sort in sorts:
            own = usable(pairs, view, sort)
            errors, lines = cross_validated(own, sort, EMPHASIS[view])
            nets[f"{view}/{sort}"] = scaled(fit_one(own, sort, EMPHASIS[view]), errors)
            print(
                f"{view}: {len(own)} pairs, factors on the sds {nets[f'{view}/{sort}'].sd_scale.round(2).tolist()}",
                *lines,
                sep="\n",
                flush=True,
            )
    if args.out:
        write_into(args.out, nets)


if __name__ == "__main__":
    main()
