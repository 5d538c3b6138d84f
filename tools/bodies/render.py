"""Draws people at desks, lets the product's own landmarker see them, and keeps landmarks and truth.

    python -m tools.bodies.render --first 0 --bodies 50 --out SHARDS        one shard of 50 people; resumes where it was stopped
    python -m tools.bodies.render --first 7 --bodies 1 --pictures DIR       their pictures, to look at

Needs tools/requirements-fit.txt, libegl1 and libgl1-mesa-dri. Each person comes from a seed of their own: shards do not depend on each
other.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["LP_NUM_THREADS"] = "1"

import cv2
import numpy as np

from posture.biomechanics.layout import layout
from posture.pose import weights
from posture.pose.landmarker import Landmarker
from posture.types import Frame, Pose
from tools.bodies import exercise_postures, postures, scene
from tools.bodies.body import PHENOTYPE, UP, Array, Body, rotation
from tools.bodies.looks import Looks, dress, meshes_of
from tools.bodies.painter import Mesh, Painter
from tools.fit_kinematics.rows import ABOUT, AGAIN, NEUTRALS, PLACES

POSTURES, EXERCISES = 17, 40
"""Pictures of other postures, or of those out of exercises, after those of the neutral."""
Row = dict[str, Any]


def phenotype(r: np.random.Generator) -> dict[str, float]:
    """Draw an adult."""
    values = (r.uniform(), r.uniform(0.45, 1), r.uniform(0.1, 0.9), r.beta(1.5, 1.5), r.uniform(0.15, 0.95), r.uniform(0.1, 0.9))
    return dict(zip(PHENOTYPE, values, strict=True))


def cameras_of(r: np.random.Generator, *, exercises: bool) -> list[str]:
    """Draw where one person's cameras stand; nobody exercises with the back to it."""
    front = [str(r.choice(["laptop", "laptop", "monitor", "monitor", "far"])) for _ in range(2)]
    return [*front, "oblique", "side" if exercises else str(r.choice(["side", "side", "side", "rear"]))]


def rows_of(number: int, painter: Painter, landmarker: Landmarker, pictures: Path | None, *, exercises: bool = False) -> list[Row]:
    """All rows of one person, who exercises or is at work."""
    r = np.random.default_rng([20261129, number])
    person = phenotype(r)
    body = Body(person)
    looks, light, desk_z = dress(r, body), scene.light_up(r), body.hip[2] + r.uniform(0.10, 0.28)
    rest, reach = postures.resting(r), r.uniform(0.25, 0.48)
    count = NEUTRALS + AGAIN + (EXERCISES if exercises else POSTURES)
    posed = [_posed(r, q, body, looks, desk_z, rest, reach, exercises=exercises) for q in range(count)]
    furniture = scene.furnish(r, body, desk_z, _back_y(body, posed))
    worn = (looks.clothes, "short" if looks.hair is None else "long", furniture.back, furniture.arms)
    about = [names.index(name) for names, name in zip(ABOUT.values(), worn, strict=True)]
    rows: list[Row] = []
    for index, place in enumerate(cameras_of(r, exercises=exercises)):
        camera = scene.place_camera(r, place, body, posed[0]["meshes"][0].vertices, posed[0]["joints"], furniture)
        wall, gain = scene.room(r, painter.width, painter.height)
        cut = (painter.height - camera.height) // 2
        noise, blur, quality = r.uniform(1, 9), r.uniform(0.4, 1.3), int(r.integers(35, 96))
        landmarker.forget()
        for q, p in enumerate(posed):
            around = [*furniture.desk, *(_moved(m, p["change"]) for m in furniture.chair)]
            if place not in ("laptop", "monitor"):
                around += furniture.screen
            image = painter.draw([*p["meshes"], *around], camera.turn, camera.shift, camera.focal_px, wall, light)
            image = scene.develop(r, image[cut : cut + camera.height], gain, noise, blur, quality)
            if pictures is not None:
                cv2.imwrite(str(pictures / f"{number:05d}_{index}{place}_{q:02d}{p['kind']}.jpg"), image[:, :, ::-1])
            pose = _seen(landmarker, image)
            if pose is not None:
                rows.append(_row(number, index, q, camera, pose, p, body, person) | {"about": about})
    return rows


def _posed(
    r: np.random.Generator,
    q: int,
    body: Body,
    looks: Looks,
    desk_z: float,
    rest: postures.Change,
    reach: float,
    *,
    exercises: bool,
) -> dict[str, Any]:
    kind, change, hands = (exercise_postures if exercises else postures).sample(r, body, desk_z, reach)
    if q < NEUTRALS + AGAIN:
        again_sd_deg = 0.8 if exercises else 3.0  # who exercises stays where they are
        kind, change = ("neutral", postures.still(r)) if q < NEUTRALS else ("again", postures.still(r, again_sd_deg))
        hands = postures.desk_hands(r, body, desk_z, reach)
    p = postures.together(rest, change)
    vertices, joints, turns = body.pose(p, hands, looks.vertices + looks.folds(r))
    truth = body.truth(p, joints, vertices)
    meshes = meshes_of(body, looks, vertices, joints, turns)
    if yaw := p.get("yaw", 0.0):  # on a chair that swivels
        about = body.hip + np.array([p.get("seat_x", 0.0), p.get("seat_y", 0.0), 0.0])
        turn = rotation(UP, yaw)
        meshes = [Mesh((m.vertices - about) @ turn.T + about, m.normals @ turn.T, m.colours, m.faces) for m in meshes]
        joints = (joints - about) @ turn.T + about
    return {"kind": kind, "change": p, "joints": joints, "meshes": meshes, "truth": truth}


def _back_y(body: Body, posed: list[dict[str, Any]]) -> float:
    """How far back the person's back comes in all but a few postures, on a chair that has not rolled."""
    low, high = body.hip[2] + 0.05, body.hip[2] + 0.4
    found = []
    for p in posed:
        v = p["meshes"][0].vertices
        found.append(v[(v[:, 2] > low) & (v[:, 2] < high), 1].max() - p["change"].get("seat_y", 0.0))
    return float(np.quantile(found, 0.85))


def _moved(mesh: Mesh, p: postures.Change) -> Mesh:
    """A part of the chair where the person sits now."""
    return Mesh(mesh.vertices + np.array([p.get("seat_x", 0.0), p.get("seat_y", 0.0), 0.0]), mesh.normals, mesh.colours, mesh.faces)


def _seen(landmarker: Landmarker, image: Array) -> Pose | None:
    """What the follower sees once it has settled on the person."""
    landmarker.detect(Frame(0.0, image))
    found = landmarker.detect(Frame(0.0, image))
    return found[0] if found else None


_BONES = ("upperleg01.L", "upperleg01.R", "upperarm01.L", "upperarm01.R", "neck01", "head", "eye.L", "eye.R", "spine01", "spine05")


def _row(number: int, index: int, q: int, camera: scene.Camera, pose: Pose, p: dict[str, Any], body: Body, person: dict[str, float]) -> Row:
    own = layout(pose)
    change, truth = p["change"], p["truth"]
    joints = np.array([p["joints"][body.index[b]] for b in _BONES]) @ camera.turn.T + camera.shift
    return {
        "body": number,
        "camera": index,
        "place": PLACES.index(camera.place),
        "q": q,
        "kind": p["kind"],
        "image": pose.image_xyz,
        "world": pose.world_xyz,
        "visibility": pose.visibility,
        "left": own.left,
        "right": own.right,
        "hidden": own.hips_hidden,
        "size": (camera.width, camera.height),
        "truth": [truth[k] for k in ("trunk", "pelvis", "spine", "neck", "head")],
        "yaw": camera.yaw_deg - change.get("yaw", 0.0) - 0.5 * change.get("axial", 0.0),
        "lens": [camera.focal_px, camera.yaw_deg, camera.pitch_deg, camera.roll_deg, camera.distance_m],
        "moved": [change.get(k, 0.0) for k in ("lat", "axial", "head_ax", "seat_x", "seat_y", "yaw", "rise")],
        "joints": joints,
        "person": [person[k] for k in PHENOTYPE],
    }


def main() -> None:
    """Draw shards, or pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bodies", type=int, default=50)
    parser.add_argument("--exercises", action="store_true", help="postures out of exercises")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
    painter = Painter(scene.WIDTH, scene.HEIGHT)
    rows: list[Row] = []
    target = args.out / f"{args.first:06d}.npz" if args.out else None
    done = args.first
    if target is not None and target.exists():
        kept = np.load(target)
        rows = [{k: kept[k][i] for k in kept.files if k != "next"} for i in range(len(kept["body"]))]
        done = int(kept["next"])
    began = time.monotonic()
    with Landmarker(weights.resolve("full"), follow=True, poses=1) as landmarker:
        for number in range(done, args.first + args.bodies):
            rows += rows_of(number, painter, landmarker, args.pictures, exercises=args.exercises)
            if target is not None and (number % 10 == 9 or number == args.first + args.bodies - 1):
                _write(target, rows, number + 1)
                each = (time.monotonic() - began) / (number + 1 - done)
                print(f"{number + 1} people, {len(rows)} rows, {each:.1f} s a person", file=sys.stderr, flush=True)


def _write(target: Path, rows: list[Row], following: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.stem}.part.npz")
    np.savez_compressed(part, next=following, **{k: np.array([r[k] for r in rows]) for k in rows[0]})
    part.replace(target)


if __name__ == "__main__":
    main()
