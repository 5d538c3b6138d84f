"""How well methods measure people at desks whom they were never fitted on, from what MediaPipe saw of them. See README.md.

python -m benchmarks.seated.score [--rows DIR] [--parameters FILE] [--by place,age,weight,clothes,hair,back,arms] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.truth import states_of
from posture._support import parameters as shipped
from posture.biomechanics.angles import TALL_SD_DEG, own_trunk
from posture.biomechanics.layout import Floats, Layout, LayoutSeries, track_of
from posture.biomechanics.networks import QUANTITIES, NeutralReference, Parameters, estimates, yaw_of
from posture.biomechanics.skeleton import KEPT
from posture.biomechanics.view import fused_yaw, sure_view, view_at
from posture.engine.classifier import probabilities
from posture.engine.measurement import MOST_SD_DEG
from posture.settings import BandSettings, MeasureSettings
from posture.types import Detection, Estimate, Posture, Reading
from tools.fit_kinematics import rows as kept


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """One person before one camera: the neutral and n other pictures."""

    person: int
    place: str
    yaw_deg: float
    age: float
    weight: float
    about: Mapping[str, str]
    """Clothes, hair, back and arms of the chair, by the names of ``rows``."""
    kinds: np.ndarray
    nearer: Floats
    """(n,) by how much nearer the chair is rolled than in the neutral, in shares of the distance."""
    neutral: LayoutSeries
    """One frame, the mean of the neutral."""
    neutral_layouts: list[Layout]
    layouts: list[Layout]
    world_yaw_deg: float
    lines: Floats
    """(n, 4) degrees: changes of the lines of ``rows.load``."""
    truth: Floats
    """(n, 3) changes of trunk, pelvis, spine, degrees."""
    trunk_neutral_deg: float


ROLLED = 0.10, 0.33
"""By which shares of the distance a chair is nearer that counts as rolled."""
_CHANCES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)
ABSOLUTE = "trunk against gravity"
SCORED = (*QUANTITIES, ABSOLUTE)
"""Changes from neutral, and the trunk with the neutral's own angle."""
Prediction = dict[str, tuple[Floats, Floats]]
"""Degrees and sds (n,) by quantity, NaN where nothing is said; sds NaN where the method has none."""


def stretches(rows: Mapping[str, np.ndarray]) -> Iterator[Stretch]:
    """Yield the test people before each of their cameras."""
    rows = {name: values[kept.is_test(rows["person"])] for name, values in rows.items()}
    key = rows["person"].astype(np.int64) * 10 + rows["camera"]
    for k in np.unique(key):
        own = {name: values[key == k] for name, values in rows.items()}
        layouts = kept.layouts(own)
        whole = np.array([c.head_inside for c in layouts])
        base, rest = np.flatnonzero((own["q"] < kept.NEUTRALS) & whole), np.flatnonzero((own["q"] >= kept.NEUTRALS) & whole)
        if not len(base) or not len(rest):
            continue
        first = [layouts[i] for i in base]
        series = track_of(first)
        yield Stretch(
            person=int(own["person"][0]),
            place=kept.PLACES[int(own["place"][0])],
            yaw_deg=float(own["yaw"][base].mean()),
            age=float(own["phenotype"][0, 1]),
            weight=float(own["phenotype"][0, 3]),
            about={name: names[int(i)] for (name, names), i in zip(kept.ABOUT.items(), own["about"][0], strict=True)},
            kinds=own["kind"][rest],
            nearer=kept.nearer(own)[rest],
            neutral=LayoutSeries(
                series.xy.mean(0)[None], series.left.mean(0)[None], series.right.mean(0)[None], series.half[:1], series.middle_y[:1]
            ),
            neutral_layouts=first,
            layouts=[layouts[i] for i in rest],
            world_yaw_deg=float(np.median(own["world_yaw"][base])),
            lines=own["lines"][rest] - own["lines"][base].mean(axis=0),
            truth=own["truth"][rest][:, :3] - own["truth"][base][:, :3].mean(axis=0),
            trunk_neutral_deg=float(own["truth"][base, 0].mean()),
        )


def by_line(s: Stretch) -> Prediction:
    """MediaPipe's hip-shoulder line in the picture."""
    return {"trunk": (s.lines[:, 0], np.full(len(s.lines), np.nan))}


def by_world(s: Stretch) -> Prediction:
    """MediaPipe's hip-shoulder line by its world landmarks."""
    return {"trunk": (s.lines[:, 1], np.full(len(s.lines), np.nan))}


def by_ratio(s: Stretch) -> Prediction:
    """The height of the ears over the shoulders in shoulder widths; degrees by one factor, read off people who were not scored."""

    def ratio(xy: Floats) -> Floats:
        ears, shoulders = xy[:, list(KEPT.ears)], xy[:, list(KEPT.shoulders)]
        return np.asarray(
            (shoulders.mean(1) - ears.mean(1))[:, 1] / np.maximum(1.0, np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1))
        )

    if true_view(s.yaw_deg) != "front":
        return {}
    change = ratio(track_of(s.layouts).xy) - ratio(s.neutral.xy)
    return {"spine": (-90.0 * change, np.full(len(change), np.nan))}


def ours(networks: Parameters) -> Callable[[Stretch], Prediction]:
    """What the program measures, from the same functions, without smoothing."""

    def predict(s: Stretch) -> Prediction:
        base = reference(s, networks)
        found = estimates(s.layouts, base, networks)
        out = {}
        for q in QUANTITIES:
            e = [f.angles.get(q) for f in found]
            sure = [x is not None and x.sd_deg <= MOST_SD_DEG for x in e]
            values = [(x.deg, x.sd_deg) if x is not None and ok else (np.nan, np.nan) for x, ok in zip(e, sure, strict=True)]
            out[q] = tuple(np.array(values).reshape(-1, 2).T)
        own = own_trunk(base, MeasureSettings(), networks, sits_tall=True)
        out[ABSOLUTE] = out["trunk"][0] + own.deg, np.hypot(out["trunk"][1], own.sd_deg)
        return out

    return predict


def reference(s: Stretch, networks: Parameters) -> NeutralReference:
    """Return the neutral as the program takes it: yaw and view are estimated, too."""
    yaw, sd = yaw_of(s.neutral, networks)
    fused, fused_sd = fused_yaw(s.world_yaw_deg, float(yaw[0]), float(sd[0]))
    hips = np.mean([c.hips_inside and not c.ends_at_hips for c in s.neutral_layouts]) > 0.5
    outline = np.mean([c.has_outline for c in s.neutral_layouts]) > 0.5
    return NeutralReference(s.neutral, sure_view(fused, fused_sd, MeasureSettings()), fused, bool(hips), bool(outline))


def true_view(yaw_deg: float) -> str:
    """Name the view by the true yaw."""
    return str(view_at(yaw_deg, MeasureSettings()))


def true_states(s: Stretch, bands: BandSettings) -> np.ndarray:
    """Name the state of each picture; empty near a threshold."""
    change, pelvis, spine = s.truth.T
    return np.array([state or "" for state in states_of(change + s.trunk_neutral_deg, change, spine, pelvis, bands)], dtype="U16")


def said_states(p: Prediction, bands: BandSettings) -> np.ndarray:
    """Name what the program would say of each picture alone; empty where it says nothing."""
    likeliest = [max(c.items(), key=lambda item: item[1]) if c else ("", 0.0) for c in chances_of(p, bands)]
    return np.array([str(state) if chance >= bands.enter_at else "" for state, chance in likeliest], dtype="U16")


def chances_of(p: Prediction, bands: BandSettings) -> list[dict[Posture, float]]:
    """Return the probabilities of the states that the program finds in each picture alone."""
    out = []
    for i in range(len(p["trunk"][0])):
        e = {q: None if np.isnan(p[q][0][i]) else Estimate(float(p[q][0][i]), float(p[q][1][i]), "") for q in QUANTITIES}
        reading = Reading(
            0.0,
            Detection.PERSON,
            trunk_flexion=e["trunk"],
            trunk_neutral_deg=0.0,
            trunk_neutral_sd_deg=TALL_SD_DEG,
            pelvic_tilt=e["pelvis"],
            spinal_flexion=e["spine"],
            seated=True,
        )
        out.append(probabilities(reading, bands))
    return out


def bent(s: Stretch, bands: BandSettings) -> np.ndarray:
    """Tell which pictures are truly flexed, to the degree."""
    change, _, spine = s.truth.T
    trunk = (change + s.trunk_neutral_deg >= bands.flexed_trunk_deg) | (change >= bands.flexed_beyond_neutral_deg)
    return np.asarray(trunk | (spine >= bands.flexed_spine_deg))


def table(title: str, cells: Mapping[str, list[tuple[int, Prediction, Floats]]]) -> dict[str, dict[str, float]]:
    """Print one method's figures per cell, and return them."""
    print(f"\n{title}")
    out: dict[str, dict[str, float]] = {}
    for cell, found in sorted(cells.items()):
        for q in SCORED:
            have = [(person, p[q], truth[:, SCORED.index(q)]) for person, p, truth in found if q in p]
            if not have:
                continue
            person = np.concatenate([np.full(len(t), n) for n, _, t in have])
            deg, sd, truth = (np.concatenate([x[i] for x in ((d, s, t) for _, (d, s), t in have)]) for i in range(3))
            seen = np.isfinite(deg)
            if seen.sum() < 20:
                continue
            size = np.abs(deg - truth)[seen]
            each = np.array([size[person[seen] == n].mean() for n in np.unique(person[seen])])
            figures = {
                "said": float(seen.mean()),
                "mean": float(size.mean()),
                "p50": float(np.median(each)),
                "p90": float(np.quantile(each, 0.9)),
                "in_2sd": float((size <= 2 * sd[seen]).mean()) if np.isfinite(sd[seen]).all() else float("nan"),
                "sd_over_rms": float(np.nanmedian(sd[seen]) / np.sqrt((size**2).mean())) if np.isfinite(sd[seen]).all() else float("nan"),
            }
            out[f"{cell}/{q}"] = figures
            print(f"{cell:22s} {q:21s} {len(np.unique(person)):4d} people " + "  ".join(f"{k} {v:5.2f}" for k, v in figures.items()))
    return out


def state_table(cells: Mapping[str, list[tuple[np.ndarray, np.ndarray]]]) -> None:
    """Print how often a state was said and right, and what was said wrongly."""
    print("\nstates: pictures, said, right of those, anterior tilt said, neutral said, flexed said")
    for cell, found in sorted(cells.items()):
        true, said = (np.concatenate([x[i] for x in found]) for i in range(2))
        for state in ("neutral", "flexed", "anterior_tilt"):
            m = true == state
            if m.sum() >= 10:
                spoke = m & (said != "")
                right = (said[spoke] == state).mean() if spoke.any() else float("nan")
                shares = "  ".join(f"{(said[m] == name).mean():6.3f}" for name in ("anterior_tilt", "neutral", "flexed"))
                print(f"{cell:22s} {state:14s} {m.sum():5d}  {spoke.sum() / m.sum():5.2f}  {right:5.2f}  {shares}")


def honesty_table(cells: Mapping[str, list[tuple[Floats, np.ndarray]]]) -> None:
    """Print which share of the pictures that got a probability of flexed is flexed."""
    print("\nflexed: of the pictures with a probability from .. to, how many are (pictures)")
    for cell, found in sorted(cells.items()):
        chance, true = (np.concatenate([x[i] for x in found]) for i in range(2))
        line = []
        for low, high in pairwise(_CHANCES):
            m = (chance >= low) & (chance < high)
            line.append(f"{low:.2f} {true[m].mean():.2f} ({m.sum()})" if m.sum() >= 20 else f"{low:.2f} -")
        print(f"{cell:22s} " + "  ".join(line))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, default=kept.ROWS)
    parser.add_argument("--parameters", type=Path, help="fitted networks to use instead of the shipped ones")
    parser.add_argument("--by", default="", help="also by: place, age, weight, clothes, hair, back, arms")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    networks = Parameters.from_dict(json.loads(args.parameters.read_text(encoding="utf-8"))) if args.parameters else shipped.load()
    methods = {
        "MediaPipe, line in the picture": by_line,
        "MediaPipe, world landmarks": by_world,
        "ear-shoulder ratio": by_ratio,
        "ours": ours(networks),
    }
    by = args.by.split(",")
    all_of = list(stretches(kept.load(args.rows)))
    result = {}
    for name, method in methods.items():
        cells: dict[str, list[tuple[int, Prediction, Floats]]] = {}
        states: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        honest: dict[str, list[tuple[Floats, np.ndarray]]] = {}
        for s in all_of:
            p = method(s)
            for cell in cells_of(s, by):
                cells.setdefault(cell, []).append((s.person, p, np.column_stack([s.truth, s.truth[:, 0] + s.trunk_neutral_deg])))
            if name == "ours":
                said, true = said_states(p, BandSettings()), true_states(s, BandSettings())
                view = true_view(s.yaw_deg)
                chance = np.array([c.get(Posture.FLEXED, np.nan) for c in chances_of(p, BandSettings())])
                honest.setdefault(view, []).append((chance, bent(s, BandSettings())))
                states.setdefault(view, []).append((true, said))
                rolled = (s.nearer >= ROLLED[0]) & (s.nearer <= ROLLED[1])
                for name_of, chosen in [("rolled nearer", rolled)] + [(str(kind), s.kinds == kind) for kind in np.unique(s.kinds)]:
                    states.setdefault(f"{view} {name_of}", []).append((true[chosen], said[chosen]))
        result[name] = table(name, cells)
        if states:
            state_table(states)
            honesty_table(honest)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def cells_of(s: Stretch, by: list[str]) -> Iterator[str]:
    """Yield the cells of the table that a stretch belongs to."""
    view = true_view(s.yaw_deg)
    yield view
    thirds = ("low", "middle", "high")
    if "place" in by:
        yield f"{view} {s.place}"
    if "age" in by:
        yield f"{view} age {thirds[min(2, int((s.age - 0.45) / 0.55 * 3))]}"
    if "weight" in by:
        yield f"{view} weight {thirds[min(2, int(s.weight * 3))]}"
    for name, value in s.about.items():
        if name in by:
            yield f"{view} {name} {value}"


if __name__ == "__main__":
    main()
