"""Draws short clips of exercises, with tables of what was done in them: ``sample_videos/exercise_*``.

    python -m tools.bodies.exercise_clips --out sample_videos

Needs what ``tools.bodies.render`` needs.
"""

from __future__ import annotations

import argparse
import csv
import os
from fractions import Fraction
from pathlib import Path

os.environ["LP_NUM_THREADS"] = "1"

import av
import numpy as np

from benchmarks.exercise_plays import at_rate, rhythm
from tools.bodies import postures, scene
from tools.bodies.body import Body
from tools.bodies.exercises import SEED, movements, posed
from tools.bodies.looks import dress
from tools.bodies.painter import Painter
from tools.bodies.render import phenotype

FPS = 8
CLIPS = {
    # name: number of the body, movement, view, repetitions, seconds each, share of the range, half ones before
    "exercise_cat_cow_side": (101, "cat_cow", "side", 5, 5.0, 0.9, ()),
    "exercise_cat_cow_front": (102, "cat_cow", "laptop", 4, 5.0, 0.9, ()),
    "exercise_tilts_side": (103, "pelvic_tilt", "side", 5, 4.0, 1.0, (2,)),
    "exercise_nod_front": (102, "nod", "laptop", 4, 4.0, 0.9, ()),
}
_COLUMNS = ("trunk_flexion_deg", "spinal_flexion_deg", "pelvic_tilt_deg", "neck_line_deg", "axial_rotation_deg", "chair_turn_deg")


def draw(name: str, folder: Path, painter: Painter) -> None:
    """Draw one clip and its table."""
    number, movement, place, count, tempo_s, depth, halves = CLIPS[name]
    r = np.random.default_rng([SEED, number])
    body = Body(phenotype(r))
    looks, light, desk_z = dress(r, body), scene.light_up(r), body.hip[2] + r.uniform(0.10, 0.24)
    rest = postures.resting(r) | {"cross": 0.0}
    path = next(m for m in movements(r, body, desk_z) if m.name == movement)
    upright = posed(r, body, looks, rest, {}, path.hands(0.0))
    furniture = scene.furnish(r, body, desk_z, float(np.quantile(upright["meshes"][0].vertices[:, 1], 0.98)) + 0.06)
    camera = scene.place_camera(r, place, body, upright["meshes"][0].vertices, upright["joints"], furniture)
    wall, _ = scene.room(r, painter.width, painter.height)
    cut = (painter.height - camera.height) // 2
    around = [*furniture.desk, *furniture.chair]
    times, shares = rhythm(r, count, tempo_s, depth, rest_s=0.0, hold_s=0.0, halves=halves)
    _, share = at_rate(r, times, shares, FPS)
    rows = []
    with av.open(str(folder / f"{name}.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"crf": "28", "preset": "slow"})
        stream.width, stream.height, stream.pix_fmt = camera.width, camera.height, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for k, s in enumerate(share.tolist()):
            p = posed(r, body, looks, rest, path.change(s), path.hands(s))
            image = painter.draw([*p["meshes"], *around], camera.turn, camera.shift, camera.focal_px, wall, light)
            frame = av.VideoFrame.from_ndarray(scene.develop(r, image[cut : cut + camera.height], 1.0, 1.5, 0.6, 90), "rgb24")
            frame.pts = k
            for packet in stream.encode(frame):
                file.mux(packet)
            rows.append([f"{k / FPS:.3f}", f"{s:.3f}", *(f"{x:.2f}" for x in p["truth"])])
        for packet in stream.encode():
            file.mux(packet)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["time_s", "share_of_range", *_COLUMNS])
        writer.writerows(rows)
    print(name, len(rows), "pictures", flush=True)


def main() -> None:
    """Draw all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("names", nargs="*", default=list(CLIPS))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    painter = Painter(scene.WIDTH, scene.HEIGHT)
    for name in args.names:
        draw(name, args.out, painter)


if __name__ == "__main__":
    main()
