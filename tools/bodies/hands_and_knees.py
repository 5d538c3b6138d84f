"""Draws people on hands and knees, step by step, and keeps what the product sees of each step.

    python -m tools.bodies.hands_and_knees --first 0 --bodies 2 --out FOLDER        one file a body, as of ``tools.bodies.exercises``
    python -m tools.bodies.hands_and_knees --first 7 --bodies 1 --pictures DIR      some of its pictures, to look at

Hands and knees stay where they are on the floor and the arms straight: the pelvis turns as far as that asks for. The world is that of
``tools.bodies.body``, with the floor at z = 0 and the knees at y = 0.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["LP_NUM_THREADS"] = "1"

import numpy as np

from posture.pose import PoseFinder
from tools.bodies import postures, scene
from tools.bodies.body import FORWARD, LEFT, UP, Array, Body, rotation
from tools.bodies.exercises import Change, Hands
from tools.bodies.looks import Looks, dress, meshes_of
from tools.bodies.painter import Mesh, Painter, box
from tools.bodies.render import phenotype
from tools.bodies.steps import Cards, Rng, command

SEED = 20261303
"""Another one than that of any other bodies."""
_KNEE_M, _WRIST_M = 0.055, 0.055
"""Of the joints over the floor."""
_STRAIGHT = 0.965
"""Of the length of an arm, from shoulder to wrist."""
_STEPS = 14
"""Halvings of the range in which the pelvis is sought."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One path: the change at a share of the range, -1 to 1, or 0 to 1 if `one_sided`; ``rock``: degrees of the thighs from upright,
    hips back +; ``lift``: metres of the left hand."""

    name: str
    steps: int
    change: Callable[[float], Change]
    level: bool = False
    """Whether the head stays level, whatever the trunk does."""
    one_sided: bool = False

    def shares(self) -> list[float]:
        """Return the drawn shares of the range, in order."""
        return np.linspace(0.0 if self.one_sided else -1.0, 1.0, self.steps).tolist()


def movements(r: Rng) -> list[Movement]:
    """Return a body's movements, each with a range of its own."""
    size, nod, back, ahead = r.uniform(0.75, 1.2), r.uniform(26, 34), r.uniform(20, 38), r.uniform(8, 16)
    sits = r.uniform(0.1, 0.4)

    def cat_cow(s: float) -> Change:
        lumbar, thoracic, neck, head = (26, 16, 11, 14) if s >= 0 else (18, 9, 8, 10)
        a = s * size
        return {"lumbar": lumbar * a, "thoracic": thoracic * a, "neck": neck * a, "head": head * a, "protraction": 6 * max(a, 0.0)}

    def level(s: float) -> Change:
        return {k: v for k, v in cat_cow(s).items() if k not in ("neck", "head")}

    def nodding(s: float) -> Change:
        far = (1.4 if s > 0 else 1.0) * nod * s
        return {"head": 0.75 * far, "neck": 0.25 * far}

    return [
        Movement("cat_cow", 21, cat_cow),
        Movement("cat_cow_level", 15, level, level=True),
        Movement("nod", 11, nodding),
        Movement("rock", 11, lambda s: {"rock": (back if s > 0 else ahead) * s, "lumbar": sits * back * max(s, 0.0)}, level=True),
        Movement("reach", 6, lambda s: {"lift": 0.5 * s}, one_sided=True),
        Movement("still", 3, lambda s: {"thoracic": 0.6 * s, "head": 2.0 * s}),
    ]


class Kneeling:
    """One body on hands and knees."""

    def __init__(self, r: Rng, body: Body) -> None:
        """Draw how the person holds themself at rest."""
        self._body = body
        self._rest: Change = {
            "lumbar": r.normal(-6, 5),
            "thoracic": r.normal(0, 4),
            "neck": r.normal(-4, 5),
            "head": r.uniform(-30, 2),
            "spread": r.uniform(-4, 6),
            "rock": r.normal(0, 4),
            "foot": 90.0 if r.random() < 0.3 else r.uniform(150, 168),
            "head_lat": r.normal(0, 2),
            "axial": r.normal(0, 1.5),
        }
        arm = [body.at(f"{bone}.L") for bone in ("upperarm01", "lowerarm01", "wrist")]
        self._arm_m = _STRAIGHT * float(np.linalg.norm(arm[1] - arm[0]) + np.linalg.norm(arm[2] - arm[1]))
        self._thigh_m = float(np.linalg.norm(body.at("lowerleg01.L") - body.at("upperleg01.L")))
        wide = float(body.at("upperarm01.L")[0]) * r.uniform(0.85, 1.15)
        self._hands: Hands = {}
        self._hands = self._under_shoulders(r, wide)

    def posture(self, change: Change, *, level: bool = False) -> tuple[Change, Hands]:
        """Return the posture, with the pelvis as far as it turns for the hands to stay on the floor, and where the hands are."""
        lift = change.get("lift", 0.0)
        p = self._placed({k: v for k, v in change.items() if k != "lift"}, lambda q: self._reach(q) - self._arm_m)
        if level:
            before = self._placed({}, lambda q: self._reach(q) - self._arm_m)
            down = [sum(q.get(k, 0.0) for k in ("pelvis", "lumbar", "thoracic", "neck")) for q in (p, before)]
            p["head"] = before["head"] - (down[0] - down[1]) + change.get("head", 0.0)
        hands = dict(self._hands)
        if lift:
            hands["L"] = "world", hands["L"][1] + np.array([0.0, -0.7, 1.0]) * lift
        return p, hands

    def _under_shoulders(self, r: Rng, wide: float) -> Hands:
        far = {s: ("world", np.array([sign * wide, -2.0, _WRIST_M])) for s, sign in (("L", 1.0), ("R", -1.0))}
        self._hands = far
        p = self._placed({}, lambda q: self._shoulder(q)[2] - _WRIST_M - self._arm_m)
        ahead = float(self._shoulder(p)[1]) + r.normal(0, 0.04)
        return {s: ("world", np.array([place[0], ahead + r.normal(0, 0.01), _WRIST_M])) for s, (_, place) in far.items()}

    def _placed(self, change: Change, miss: Callable[[Change], float]) -> Change:
        """Return a posture whose pelvis makes `miss`, which falls as it turns forward, 0."""
        low, high = 40.0, 140.0
        p: Change = {}
        for _ in range(_STEPS):
            pelvis = (low + high) / 2.0
            p = self._on_knees(postures.together(self._rest, change, {"pelvis": pelvis}))
            low, high = (pelvis, high) if miss(p) > 0 else (low, pelvis)
        return p

    def _on_knees(self, p: Change) -> Change:
        rock = p.pop("rock", 0.0)
        down = FORWARD * np.sin(np.radians(rock)) - UP * np.cos(np.radians(rock))
        hip = UP * _KNEE_M - down * self._thigh_m
        p |= {"thigh": rock - 90.0, "shank": -90.0, "palms": 1.0, "seat_y": 0.0, "rise": 0.0}
        places, _ = self._body.skeleton(p, self._hands)
        now = self._middle(places, "upperleg01")
        return p | {"seat_y": float(hip[1] - now[1]), "rise": float(hip[2] - now[2])}

    def _middle(self, places: Array, bone: str) -> Array:
        index = self._body.index
        return np.asarray((places[index[f"{bone}.L"]] + places[index[f"{bone}.R"]]) / 2.0)

    def _shoulder(self, p: Change) -> Array:
        return self._middle(self._body.skeleton(p, self._hands)[0], "upperarm01")

    def _reach(self, p: Change) -> float:
        hands = (self._hands["L"][1] + self._hands["R"][1]) / 2.0
        off = self._shoulder(p) - hands
        return float(np.hypot(off[1], off[2]))


def posed(r: Rng, body: Body, looks: Looks, p: Change, hands: Hands) -> dict[str, Any]:
    """Pose a body: its meshes, joints and true angles (trunk, spine, pelvis, neck line, axial rotation, turn of the chair)."""
    p = postures.together(p, {k: r.normal(0, 0.3) for k in ("lumbar", "thoracic", "neck", "head")})
    vertices, joints, turns = body.pose(p, hands, looks.vertices + looks.folds(r))
    angles = body.truth(p, joints, vertices)
    truth = [angles["trunk"], angles["spine"], angles["pelvis"], angles["neck"], p.get("axial", 0.0), 0.0]
    return {"joints": joints, "meshes": meshes_of(body, looks, vertices, joints, turns), "truth": truth}


def camera_of(r: Rng, name: str, mesh: Array) -> scene.Camera:
    """Put a camera where it sees the whole of `mesh`, from the side or at an angle."""
    low, high = mesh.min(axis=0), mesh.max(axis=0)
    middle = (low + high) / 2.0
    width, height = scene.WIDTH, scene.WIDE_HEIGHT if r.random() < 0.5 else scene.HEIGHT
    focal = width / 2 / np.tan(np.radians(r.uniform(50, 80)) / 2)
    side, off = float(r.choice([-1, 1])), r.normal(0, 12) if name == "side" else -r.uniform(28, 60)
    yaw, at_z, far = side * (90.0 + off), r.uniform(0.25, 1.3), r.uniform(1.3, 2.2)
    while True:
        position = np.array([*(middle + rotation(UP, yaw) @ (FORWARD * far))[:2], at_z])
        ahead = middle + LEFT * r.normal(0, 0.03) * far + UP * r.normal(0, 0.03) * far - position
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, UP)
        right /= np.linalg.norm(right)
        turn = rotation(np.array([0.0, 0.0, 1.0]), r.normal(0, 1.5)) @ np.stack([right, np.cross(ahead, right), ahead])
        x, y, z = ((mesh - position) @ turn.T).T
        u, v = focal * x / z + width / 2, focal * y / z + height / 2
        if min(u.min(), v.min()) > 6 and u.max() < width - 6 and v.max() < height - 6 and z.min() > 0.2:
            break
        far += 0.1
    pitch = float(np.degrees(np.arcsin(-ahead[2])))
    return scene.Camera(name, width, height, float(focal), yaw, pitch, 0.0, far, turn, -turn @ position)


def around(r: Rng, mesh: Array) -> list[Mesh]:
    """Draw the floor, with a mat on it or not, and something that stands behind."""
    low, high = mesh.min(axis=0), mesh.max(axis=0)
    things = [box([-6.0, -6.0, -0.06], [6.0, 6.0, -0.012], r.uniform(0.05, 0.6, 3))]
    if r.random() < 0.6:
        things.append(box([-0.32, low[1] - 0.15, -0.012], [0.32, high[1] + 0.15, -0.004], r.uniform(0.03, 0.8, 3)))
    return things


def drawn(number: int, painter: Painter, model: Path, pictures: Path | None) -> dict[str, Any]:
    """Return all of one body: rows of ``engine.row_of``, and of each its view, movement, share and true angles."""
    r = np.random.default_rng([SEED, number])
    body = Body(phenotype(r))
    looks, light, kneeling = dress(r, body), scene.light_up(r), Kneeling(r, body)
    paths = movements(r)
    drawn_of = [[(s, posed(r, body, looks, *kneeling.posture(path.change(s), level=path.level))) for s in path.shares()] for path in paths]
    every = np.vstack([p["meshes"][0].vertices for steps in drawn_of for _, p in steps[:: len(steps) - 1]])
    room = around(r, every)
    cards = Cards(number, [p.name for p in paths], pictures)
    camera = camera_of(r, "side", every)
    with PoseFinder(model) as finder:
        cards.look(r, painter, finder, "side", camera, light, room, drawn_of)
    cards.drop(0)  # the follower has not settled on the person in the first picture
    return cards.finished()


if __name__ == "__main__":
    command(__doc__, drawn)
