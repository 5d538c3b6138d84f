"""What the estimators are fitted on: landmarks of drawn people with known angles, kept small.

    python -m tools.fit_kinematics.rows --shards DIR --out tools/fit_kinematics/rows/people1000.npz --number-from 1000

DIR holds what ``tools.bodies.render`` wrote. Places are kept in units of half of the picture's longer side from its middle.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from posture.biomechanics.layout import Floats, Layout, LayoutSeries, clean_backs, filled
from posture.biomechanics.networks import hands_of
from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.skeleton import KEPT
from posture.types import Pose

ROWS = Path(__file__).parent / "rows"
EXERCISE_ROWS = ROWS / "exercises"
"""People who exercise: postures of ``tools.bodies.exercise_postures``; those below 5000 share movements among their joints more freely."""
PLACES = ("laptop", "monitor", "far", "oblique", "side", "rear")
ABOUT = {
    "clothes": ("close", "loose", "hanging", "unknown"),
    "hair": ("short", "long", "unknown"),
    "back": ("none", "low", "high", "bolsters", "unknown"),
    "arms": ("none", "pads", "posts", "unknown"),
}
"""What is known of a person's looks and chair; posts of arm rests stand before the pelvis.

Of people below 1000 it is unknown: they were drawn by an earlier version of ``tools.bodies``, which drew no deep bends and let half of them
sit through the back of their chair.
"""
TEST_OF = 5
"""Every so manieth person is for the benchmark alone and never fitted on."""
NEUTRALS, AGAIN = 3, 2
"""Pictures of the neutral come first; those of sitting down in it again follow."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """n pictures with the neutral that they are held against; the neutral of one camera and person, or a single picture of it."""

    now: LayoutSeries
    neutral: LayoutSeries
    truth: Floats
    """(n, 5) changes of trunk, pelvis, spine and neck, and the rotation of the shoulders against the hips; degrees."""
    yaw_deg: Floats
    """(n,) of the neutral."""
    hips: np.ndarray
    """(n,) whether the hips are seen in both."""
    outline: np.ndarray
    """(n,) whether the outline is."""
    person: np.ndarray
    place: np.ndarray
    kind: np.ndarray
    rolled: Floats
    """(n,) by how much nearer the chair is, in shares of the distance."""

    def __len__(self) -> int:
        """Pairs."""
        return len(self.person)

    def __getitem__(self, chosen: np.ndarray) -> Pairs:
        """Choose some by an index or a mask."""
        parts = {n: getattr(self, n) for n in self.__slots__}
        return Pairs(**{n: _chosen(p, chosen) if isinstance(p, LayoutSeries) else p[chosen] for n, p in parts.items()})


def reduced(shard: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Reduce the rows of one shard to what is kept of them."""
    width, height = shard["size"].T
    half = np.maximum(width, height)[:, None] / 2.0
    middle = np.stack([width, height], axis=1)[:, None] / 2.0
    features = [
        pose_features_of(Pose(0.0, image, world, seen, seen, int(w), int(h)))
        for image, world, seen, w, h in zip(shard["image"], shard["world"], shard["visibility"], width, height, strict=True)
    ]
    xy = np.stack([f.layout.xy for f in features])
    return {
        "person": shard["body"].astype(np.int32),
        "camera": shard["camera"].astype(np.uint8),
        "q": shard["q"].astype(np.uint8),
        "place": shard["place"].astype(np.uint8),
        "kind": shard["kind"].astype("U12"),
        "size": shard["size"].astype(np.uint16),
        "hidden": shard["hidden"].astype(bool),
        "xy": ((xy - middle) / half[:, :, None]).astype(np.float16),
        "left": (shard["left"] / half).astype(np.float16),
        "right": (shard["right"] / half).astype(np.float16),
        "world_yaw": np.array([f.yaw_deg for f in features], np.float16),
        "lines": np.array([[f.trunk_deg, f.world_trunk_deg, f.neck_deg, f.world_neck_deg] for f in features], float).astype(np.float16),
        "truth": shard["truth"].astype(np.float16),
        "yaw": shard["yaw"].astype(np.float16),
        "lens": shard["lens"].astype(np.float16),
        "moved": shard["moved"].astype(np.float16),
        "phenotype": shard["person"].astype(np.float16),
        "about": shard["about"].astype(np.uint8),
    }


def is_test(person: np.ndarray) -> np.ndarray:
    """Tell which people are for the benchmark alone."""
    return np.asarray(person % TEST_OF == TEST_OF - 1)


def load(folder: Path = ROWS) -> dict[str, np.ndarray]:
    """Return all rows, places in pixels again.

    ``about`` has places in the lists of `ABOUT`. ``lines`` are degrees of the hip-shoulder line in the picture and by the world
    landmarks, and of the shoulder-ear line in both.

    Raises:
        FileNotFoundError: there are none.
    """
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise FileNotFoundError(f"{folder}: no rows")
    parts = [dict(np.load(f)) for f in files]
    rows = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    rows = {name: a.astype(np.float64) if a.dtype == np.float16 else a for name, a in rows.items()}
    half, middle = rows["size"].max(axis=1)[:, None] / 2.0, rows["size"][:, None] / 2.0
    rows["xy"] = rows["xy"] * half[:, :, None] + middle
    rows["left"], rows["right"] = rows["left"] * half, rows["right"] * half
    return rows


def series(rows: dict[str, np.ndarray]) -> LayoutSeries:
    """Return the layouts of rows."""
    half, middle_y = rows["size"].max(axis=1) / 2.0, rows["size"][:, 1] / 2.0
    return LayoutSeries(rows["xy"], filled(rows["left"]), filled(rows["right"]), half, middle_y)


def layouts(rows: Mapping[str, np.ndarray]) -> list[Layout]:
    """Return the layouts of rows, one by one."""
    parts = zip(rows["size"], rows["xy"], rows["left"], rows["right"], rows["hidden"], strict=True)
    return [Layout(float(i), int(w), int(h), xy, left, right, bool(hidden)) for i, ((w, h), xy, left, right, hidden) in enumerate(parts)]


def pairs(rows: dict[str, np.ndarray]) -> Pairs:
    """Hold each picture against its person's neutral, and against one of sitting down in it again; heads outside are left out."""
    all_of, each = series(rows), layouts(rows)
    whole, inside, outline = (np.array([getattr(c, name) for c in each]) for name in ("head_inside", "hips_inside", "has_outline"))
    ends = np.array([c.ends_at_hips for c in each])
    key = rows["person"].astype(np.int64) * 10 + rows["camera"]
    order = np.argsort(key, kind="stable")
    now, neutral = [], []
    for group in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        seen = group[whole[group]]
        q = rows["q"][seen]
        for base in (seen[q < NEUTRALS], seen[(q >= NEUTRALS) & (q < NEUTRALS + AGAIN)][:1]):
            others = seen[~np.isin(seen, base) & (q >= NEUTRALS)]
            if len(base) and len(others):
                now.append(others)
                neutral.append((base, len(others)))
    i = np.concatenate(now)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.concatenate([np.repeat(values[base].mean(axis=0)[None], n, axis=0) for base, n in neutral])

    def mostly(values: np.ndarray) -> np.ndarray:
        return np.concatenate([np.repeat(values[base].mean() > 0.5, n) for base, n in neutral])

    truths = np.column_stack([rows["truth"][:, :4], rows["moved"][:, 1]])
    yaw = mean(rows["yaw"])
    hands = hands_of(yaw)
    base = LayoutSeries(mean(all_of.xy), mean(all_of.left), mean(all_of.right), all_of.half[i], all_of.middle_y[i])
    return Pairs(
        now=_chosen(all_of, i),
        neutral=base,
        truth=truths[i] - mean(truths),
        yaw_deg=yaw,
        hips=inside[i] & mostly(inside & ~ends),
        outline=outline[i]
        & mostly(outline)
        & clean_backs(rows["left"][i], rows["right"][i], rows["xy"][i], hands)
        & clean_backs(base.left, base.right, base.xy, hands),
        person=rows["person"][i],
        place=rows["place"][i],
        kind=rows["kind"][i],
        rolled=nearer(rows)[i],
    )


def nearer(rows: Mapping[str, np.ndarray]) -> Floats:
    """Tell by how much nearer to the camera the chair is in each row than in the neutral, in shares of the distance."""
    return np.asarray(-rows["moved"][:, 4] * np.cos(np.radians(rows["lens"][:, 1])) / rows["lens"][:, 4])


def mirrored(s: LayoutSeries) -> LayoutSeries:
    """Return the layouts as in a mirror."""
    xy = s.xy.copy()
    xy[..., 0] = 2.0 * s.half[:, None] - xy[..., 0]
    left_right = xy.copy()
    for first, second in KEPT.pairs:
        left_right[:, first], left_right[:, second] = xy[:, second], xy[:, first]
    return LayoutSeries(left_right, s.right, s.left, s.half, s.middle_y)


def _chosen(s: LayoutSeries, i: np.ndarray) -> LayoutSeries:
    return LayoutSeries(s.xy[i], s.left[i], s.right[i], s.half[i], s.middle_y[i])


def main() -> None:
    """Reduce shards to a file that is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--number-from", type=int, default=0, help="what is added to the numbers of the people: a multiple of five")
    args = parser.parse_args()
    files = sorted(f for f in args.shards.glob("*.npz") if "part" not in f.name)
    parts = [reduced({k: v for k, v in np.load(f).items() if k != "next"}) for f in files]
    rows = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    rows["person"] += args.number_from
    np.savez_compressed(args.out, **rows)
    print(f"{len(np.unique(rows['person']))} people, {len(rows['person'])} pictures")


if __name__ == "__main__":
    main()
