"""Fits the networks on simulated bodies and on clips of known angles, and writes their parameters.

    python -m tools.fit_kinematics.fit --layouts DIR --out models/kinematics.json
    python -m tools.fit_kinematics.fit --layouts DIR --held-out          the figures of people who were left out
    python -m tools.fit_kinematics.fit --layouts DIR --without BODY --out FILE    to measure BODY by people who are not BODY

DIR is what ``clips`` wrote. Reproducible: every random number comes from a fixed seed. The factors on the sds come from people left
out of the fit, so ``--out`` fits everything twice.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from posture.kinematics import changes
from posture.kinematics.layout import Floats, Layout, Track, smoothed, track_of
from posture.kinematics.network import Network
from posture.model import View
from tools.fit_kinematics import generator
from tools.fit_kinematics.training import as_json, train

QUANTITIES = ("trunk", "pelvis", "spine")
SORTS = {View.FRONT: ("front",), View.OBLIQUE: ("outline", "hips", "head"), View.SIDE: ("outline", "hips", "head")}
CLIP_WEIGHT = {View.FRONT: 0.1, View.OBLIQUE: 0.1, View.SIDE: 0.3}
"""Weight of all clips of a view together against the simulated bodies: the clips show two bodies only."""
SIMULATED = 40000
NEUTRAL_END_S = 0.7
SMOOTH_S = 0.25
_VIEWS = {"side": View.SIDE, "front": View.FRONT, "diag": View.OBLIQUE}
Pairs = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip in one variant."""

    name: str
    variant: str
    view: View
    body: str
    layouts: list[Layout]
    truth: Floats
    """(n, 3) trunk, pelvis, spine, degrees."""

    @property
    def start(self) -> np.ndarray:
        """Which frames show the neutral."""
        return np.array([c.time_s <= NEUTRAL_END_S for c in self.layouts])

    @property
    def hand(self) -> float:
        """+1 for a person who faces the picture's right."""
        track = track_of(self.layouts)
        return float(np.sign(np.median(track.xy[:, 0, 0] - track.xy[:, 3:5, 0].mean(1)))) or 1.0


def load(folder: Path) -> list[Clip]:
    """All clips of the folder."""
    out = []
    for path in sorted(folder.glob("*.npz")):
        z = np.load(path)
        name, variant = path.stem.split("__")
        rows = zip(z["t"], z["xy"], z["left"], z["right"], strict=True)
        layouts = [Layout(float(t), 640, 480, xy, left, right) for t, xy, left, right in rows]
        out.append(Clip(name, variant, _VIEWS[name.split("_")[0]], name.split("_")[2], layouts, z["truth"]))
    return out


def pairs_of(clip: Clip, sort: str) -> Pairs:
    """Features of a clip, smoothed as a recording is, and the true changes."""
    base = [c for c, first in zip(clip.layouts, clip.start, strict=True) if first]
    neutral = track_of(base)
    mean = Track(neutral.xy.mean(0)[None], neutral.left.mean(0)[None], neutral.right.mean(0)[None], neutral.half[:1], neutral.middle_y[:1])
    hand = 1.0 if sort == "front" else clip.hand
    f = changes.changes(track_of(smoothed(clip.layouts, SMOOTH_S)), mean, np.array([hand]), sort)
    return np.stack(list(f.values()), axis=1), clip.truth - clip.truth[clip.start].mean(0)


def track_from(part: dict[str, np.ndarray]) -> Track:
    """Simulated landmarks as a track of a 640 x 480 picture."""
    n = len(part["xy"])
    outline = {k: part.get(k, np.zeros((n, len(generator.CHORD)))) for k in ("left", "right")}
    return Track(part["xy"], outline["left"], outline["right"], np.full(n, 320.0), np.full(n, 240.0))


def simulated(view: View, sort: str, n: int = SIMULATED, seed: int = 1) -> tuple[list[str], Floats, Floats]:
    """Names, features (n, k) and true changes (n, 3) of simulated bodies."""
    s = generator.simulate(seed, n, view.value)
    hand = np.ones(n) if sort == "front" else np.where(s["cam"]["yaw"] > 0, -1.0, 1.0)
    f = changes.changes(track_from(s["now"]), track_from(s["neutral"]), hand, sort)
    names = list(f)
    x, y = np.stack(list(f.values()), axis=1), np.stack([s["truth"][k] for k in QUANTITIES], axis=1)
    usable = np.isfinite(x).all(1) & (np.abs(x).max(1) < 500)
    back = [i for i, name in enumerate(names) if name.startswith("back")]
    return names, leaned_on(np.random.default_rng(3), x[usable], y[usable], back), y[usable]


def leaned_on(rng: np.random.Generator, x: Floats, y: Floats, columns: list[int]) -> Floats:
    """Outline spoilt by a chair back that the mask took for the person: often when reclined, now and then otherwise."""
    if not columns:
        return x
    x, n, k = x.copy(), len(x), len(columns)
    hit = rng.random(n) < np.where(y[:, 0] < -4, 0.6, 0.1)
    centre, width = rng.uniform(0, k - 1, n)[:, None], rng.uniform(0.8, 4, n)[:, None]
    size = rng.uniform(3, 20, n)[:, None] * hit[:, None]
    g = np.abs(np.arange(k)[None] - centre) / width
    shape = np.where((rng.random(n) < 0.5)[:, None], (g < 1) * 1.0, np.exp(-0.5 * g**2))
    x[:, columns] += size * shape * rng.uniform(0.5, 1, (n, k))
    return x


def fit_one(view: View, sort: str, clips: list[Clip]) -> Network:
    """One network on simulated bodies and the given clips."""
    names, x, y = simulated(view, sort)
    w = np.ones(len(x))
    pairs = [pairs_of(c, sort) for c in clips]
    if pairs:
        each = [np.full(len(a), CLIP_WEIGHT[view] * len(x) / len(pairs) / len(a)) for a, _ in pairs]
        w = np.concatenate([w, *each])
        x, y = np.vstack([x, *(a for a, _ in pairs)]), np.vstack([y, *(b for _, b in pairs)])
    return train(names, x, y, w)


def fit_yaw() -> Network:
    """Yaw from the arrangement of one frame, over all views."""
    xs, ys = [], []
    names: list[str] = []
    for i, view in enumerate(SORTS):
        s = generator.simulate(11 + i, 15000, view.value)
        for j, part in enumerate(("neutral", "now")):
            f = changes.frame(track_from({"xy": s[part]["xy"]}))
            names = list(f)
            xs.append(np.stack(list(f.values()), axis=1))
            ys.append(s["own_yaw"][:, j : j + 1])
    return train(names, np.vstack(xs), np.vstack(ys), epochs=15)


def fit_own_trunk() -> Network:
    """The trunk's own angle without a neutral, from side and oblique."""
    xs, ys = [], []
    names: list[str] = []
    for i, view in enumerate((View.SIDE, View.OBLIQUE)):
        s = generator.simulate(21 + i, 15000, view.value)
        hand = np.where(s["cam"]["yaw"] > 0, -1.0, 1.0)
        for j, part in enumerate(("neutral", "now")):
            f = changes.own(track_from({"xy": s[part]["xy"]}), hand)
            names = list(f)
            xs.append(np.stack(list(f.values()), axis=1))
            ys.append(s["own_trunk"][:, j : j + 1])
    return train(names, np.vstack(xs), np.vstack(ys), hidden=16, epochs=10)


def held_out(view: View, sort: str, clips: list[Clip]) -> tuple[Floats, list[str]]:
    """Factors on the sds (3,) from bodies left out of the fit, and a line of figures per clip."""
    errors, lines = [], []
    for body in sorted({c.body for c in clips}):
        net = fit_one(view, sort, [c for c in clips if c.body != body])
        for clip in (c for c in clips if c.body == body):
            x, y = pairs_of(clip, sort)
            mean, sd = net.forward(x)
            errors.append(np.abs(mean - y) / sd)
            if clip.variant == "orig":
                e = (mean - y) - (mean - y)[clip.start].mean(0)
                figures = " ".join(
                    f"{q} {np.abs(e[:, i]).mean():5.2f} in2sd {(np.abs(e[:, i]) <= 2 * sd[:, i]).mean():.2f}"
                    for i, q in enumerate(QUANTITIES)
                )
                lines.append(f"{view}/{sort} without {body}: {clip.name:40s} {figures}")
    return np.clip(np.quantile(np.vstack(errors), 0.95, axis=0) / 2, 0.6, 1.8), lines


def main() -> None:
    """Fit, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--held-out", action="store_true", help="only print the figures of people who were left out")
    parser.add_argument("--without", metavar="BODY", help="leave this body out; its sds get no factor")
    args = parser.parse_args()
    clips = [c for c in load(args.layouts) if c.body != args.without]
    nets = {} if args.held_out else {"yaw": fit_yaw(), "own_trunk": fit_own_trunk()}
    for view, sorts in SORTS.items():
        own = [c for c in clips if c.view is view]
        for sort in sorts:
            factor = np.ones(len(QUANTITIES))
            if args.without is None:
                factor, lines = held_out(view, sort, own)
                print("\n".join(lines), f"\n   factors on the sds {factor.round(2).tolist()}", flush=True)
            if not args.held_out:
                nets[f"{view}/{sort}"] = replace(fit_one(view, sort, own), sd_scale=factor)
    if args.out:
        about = "parameters of the posture estimators; written by tools/fit_kinematics/fit.py"
        text = json.dumps({"about": about, "nets": {k: as_json(v) for k, v in nets.items()}}, separators=(",", ":"))
        args.out.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
