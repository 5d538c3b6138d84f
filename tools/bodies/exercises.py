"""Draws people doing exercises at their desk, step by step, and keeps what the product sees of each step.

    python -m tools.bodies.exercises --first 0 --bodies 2 --out FOLDER              one file a body
    python -m tools.bodies.exercises --first 7 --bodies 1 --pictures DIR            some of its pictures, to look at

Every movement is a path from one end of the body's own range through the neutral to the other, drawn at even steps and seen twice, back and
forth, so ``benchmarks.exercises`` can play it at any tempo, depth and rhythm. Needs what ``tools.bodies.render`` needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["LP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.exercise_plays import VIEWS
from posture.pose import PoseFinder
from tools.bodies import postures, scene
from tools.bodies.body import UP, Array, Body, rotation
from tools.bodies.looks import Looks, dress, meshes_of
from tools.bodies.painter import Mesh, Painter
from tools.bodies.render import phenotype
from tools.bodies.steps import Cards, Rng, command

SEED = 20261201
"""Another one than that of the bodies that the networks were fitted on."""
HABITS_FROM = 30
"""Number of the first drawn person with habits of their own."""
Change = postures.Change
Hands = dict[str, tuple[str, Array]]


@dataclass(frozen=True, slots=True)
class Movement:
    """One path: `change` of the share of the range, -1 to 1, or 0 to 1 if `one_sided`; and where the hands are."""

    name: str
    steps: int
    change: Callable[[float], Change]
    hands: Callable[[float], Hands]
    one_sided: bool = False

    def shares(self) -> list[float]:
        """Return the drawn shares of the range, in order."""
        return np.linspace(0.0 if self.one_sided else -1.0, 1.0, self.steps).tolist()


@dataclass(frozen=True, slots=True)
class Habits:
    """How one person shares a movement among the joints: parts of what most do, and what goes along with it."""

    pelvis: float = 1.0
    lumbar: float = 1.0
    thoracic: float = 1.0
    sway_deg: float = 0.0
    """By how much all of the trunk leans forward at the round end, and backward at the arched one."""
    chest: float = 1.0
    """The share of a pelvic tilt that the lumbar spine takes back, so that the chest stays upright."""

    @staticmethod
    def of(number: int) -> Habits:
        """Return those of a drawn person; people before `HABITS_FROM` all move alike."""
        if number < HABITS_FROM:
            return Habits()
        r = np.random.default_rng([SEED, number, 1])
        return Habits(*r.uniform(0.75, 1.25, 3), r.uniform(-4.0, 4.0), r.uniform(0.7, 1.1))


def movements(r: Rng, body: Body, desk_z: float, own: Habits) -> list[Movement]:
    """Return a body's movements, each with a range of its own."""
    size = r.uniform(0.75, 1.2)
    lap, desk = _at(r, body, 0.13, 0.38, body.hip[2] + 0.11), _at(r, body, 0.17, 0.36, desk_z + 0.04)
    nod, turn, swivel, tilt, hinge = r.uniform(26, 34), r.uniform(25, 42), r.uniform(22, 38), r.uniform(12, 19), r.uniform(20, 32)
    gaze = r.uniform(0.0, 0.35)

    def cat_cow(s: float) -> Change:
        pelvis, lumbar, thoracic, neck, head = (-20, 26, 16, 11, 14) if s >= 0 else (-15, 18, 9, 8, 10)
        a = s * size
        spine = {
            "pelvis": pelvis * own.pelvis * a + own.sway_deg * s,
            "lumbar": lumbar * own.lumbar * a,
            "thoracic": thoracic * own.thoracic * a,
        }
        bent = spine | {"neck": neck * a, "head": head * a}
        return bent | {"protraction": 6 * max(a, 0.0)}

    def level(s: float) -> Change:
        bent = cat_cow(s)
        return bent | {"neck": 0.0, "head": -(bent["pelvis"] + bent["lumbar"] + bent["thoracic"]) * (1.0 - 0.2 * gaze)}

    def nodding(s: float) -> Change:
        far = (1.4 if s > 0 else 1.0) * nod * s
        return {"head": 0.75 * far, "neck": 0.25 * far}

    def standing(s: float) -> Change:
        return {"rise": 0.36 * s, "thigh": -80.0 * s, "pelvis": 20 * np.sin(np.pi * s)}

    def reaching(s: float) -> Change:
        return {"pelvis": 14 * s, "lumbar": 6 * s, "axial": -9 * s, "reach_L": 15 * s}

    def slump(s: float) -> Change:
        return {"pelvis": -14 * s, "lumbar": 22 * s, "thoracic": 14 * s, "neck": 10 * s, "head": -30 * s}

    def typing(s: float) -> Change:
        return {"pelvis": 2 * s, "head_ax": 14 * s, "head": 10 * s, "shrug": 2 * s}

    def on_lap(_: float) -> Hands:
        return lap

    return [
        Movement("cat_cow", 21, cat_cow, on_lap),
        Movement("cat_cow_level", 15, level, on_lap),
        Movement("nod", 11, nodding, on_lap),
        Movement("pelvic_tilt", 15, lambda s: {"pelvis": -tilt * s, "lumbar": own.chest * tilt * s}, on_lap),
        Movement("lean", 11, lambda s: {"pelvis": hinge * s, "head": -0.6 * hinge * s}, on_lap),
        Movement("rotation", 15, lambda s: {"axial": turn * s, "head_ax": 0.5 * turn * s}, on_lap),
        Movement("swivel", 11, lambda s: {"yaw": swivel * s}, on_lap),
        Movement("stand", 7, standing, on_lap, True),
        Movement("reach", 6, reaching, _moving(desk, "L", [0.2, -0.4, 0.12]), True),
        Movement("phone", 6, lambda s: {"head": 24 * s, "neck": 12 * s, "thoracic": 4 * s}, _moving(desk, "R", [0.1, 0.05, 0.2]), True),
        Movement("drink", 6, lambda s: {"head": -8 * s, "neck": -4 * s}, _moving(desk, "R", [0.1, 0.24, 0.36]), True),
        Movement("slump", 8, slump, lambda _: desk, True),
        Movement("type", 5, typing, _moving(desk, "L", [0.05, -0.05, 0.02])),
    ]


def _at(r: Rng, body: Body, x: float, ahead: float, z: float) -> Hands:
    return {s: ("world", np.array([sign * x, body.hip[1] - ahead, z]) + r.normal(0, 0.015, 3)) for s, sign in (("L", 1.0), ("R", -1.0))}


def _moving(hands: Hands, side: str, by: list[float]) -> Callable[[float], Hands]:
    sign = 1.0 if side == "L" else -1.0
    far = np.array(by) * np.array([sign, 1.0, 1.0])
    return lambda s: hands | {side: ("world", hands[side][1] + far * s)}


def drawn(number: int, painter: Painter, model: Path, pictures: Path | None) -> dict[str, Any]:
    """Return all of one body: rows of ``engine.row_of``, and of each its view, movement, share and true angles."""
    r = np.random.default_rng([SEED, number])
    body = Body(phenotype(r))
    looks, light, desk_z = dress(r, body), scene.light_up(r), body.hip[2] + r.uniform(0.10, 0.24)
    rest = postures.resting(r) | {"cross": 0.0}
    paths = movements(r, body, desk_z, Habits.of(number))
    upright = posed(r, body, looks, rest, {}, paths[0].hands(0.0))
    drawn_of = [[(s, posed(r, body, looks, rest, path.change(s), path.hands(s))) for s in path.shares()] for path in paths]
    furniture = scene.furnish(r, body, desk_z, float(np.quantile(upright["meshes"][0].vertices[:, 1], 0.98)) + 0.06)
    cards = Cards(number, [p.name for p in paths], pictures)
    for name in VIEWS:
        place = str(r.choice(["laptop", "monitor", "far"])) if name == "front" else name
        camera = scene.place_camera(r, place, body, upright["meshes"][0].vertices, upright["joints"], furniture)
        chair = [*furniture.desk, *furniture.chair] + ([] if place in ("laptop", "monitor") else furniture.screen)
        with PoseFinder(model, person="main") as finder:
            cards.look(r, painter, finder, name, camera, light, chair, drawn_of)
    return cards.finished()


def posed(r: Rng, body: Body, looks: Looks, rest: Change, change: Change, hands: Hands) -> dict[str, Any]:
    """Pose a body: its meshes, joints and true angles (trunk, spine, pelvis, neck line, axial rotation, turn of the chair)."""
    p = postures.together(rest, change, {k: r.normal(0, 0.3) for k in ("pelvis", "lumbar", "thoracic", "neck", "head")})
    vertices, joints, turns = body.pose(p, hands, looks.vertices + looks.folds(r))
    angles = body.truth(p, joints, vertices)
    meshes = meshes_of(body, looks, vertices, joints, turns)
    if yaw := p.get("yaw", 0.0):
        turn = rotation(UP, yaw)
        meshes = [Mesh((m.vertices - body.hip) @ turn.T + body.hip, m.normals @ turn.T, m.colours, m.faces) for m in meshes]
        joints = (joints - body.hip) @ turn.T + body.hip
    truth = [angles["trunk"], angles["spine"], angles["pelvis"], angles["neck"], p.get("axial", 0.0), p.get("yaw", 0.0)]
    return {"joints": joints, "meshes": meshes, "truth": truth}


if __name__ == "__main__":
    command(__doc__, drawn)
