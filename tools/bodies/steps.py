"""Looks at drawn steps of movements as the product does, and keeps what it sees as one file a body."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.exercise_plays import VIEWS, packed
from posture.engine.sample_rows import row_of
from posture.pose import FramePicture, PoseFinder, PoseSampler, weights
from posture.types import Frame
from tools.bodies import scene
from tools.bodies.painter import Light, Mesh, Painter

Rng = np.random.Generator
Steps = Sequence[tuple[float, dict[str, Any]]]
"""Of each step of a movement the share of the range, and its ``meshes`` and true angles, ``truth``."""
Drawn = Callable[[int, Painter, Path, Path | None], dict[str, Any]]
"""Draws the body of a number; the last two are the pose model and a folder for some pictures."""


class Cards:
    """Rows of ``engine.row_of`` of one body, and of each its view, movement, share of the range, visit and true angles."""

    def __init__(self, body: int, movements: Sequence[str], pictures: Path | None) -> None:
        """Begin; `movements`: their names, in order."""
        self._body, self._movements, self._pictures = body, movements, pictures
        self._columns: dict[str, list[Any]] = {name: [] for name in ("rows", "view", "movement", "share", "visit", "truth")}

    def look(
        self,
        r: Rng,
        painter: Painter,
        finder: PoseFinder,
        view: str,
        camera: scene.Camera,
        light: Light,
        things: Sequence[Mesh],
        drawn: Sequence[Steps],
    ) -> None:
        """Look at every step of every movement twice, back and forth, through one camera; `things` stand around."""
        wall, gain = scene.room(r, painter.width, painter.height)
        cut = (painter.height - camera.height) // 2
        noise, blur, quality = r.uniform(1, 7), r.uniform(0.4, 1.1), int(r.integers(45, 96))
        sampler, now_s = PoseSampler(finder, None), 0.0
        for m, steps in enumerate(drawn):
            plain = [
                painter.draw([*p["meshes"], *things], camera.turn, camera.shift, camera.focal_px, wall, light)[cut : cut + camera.height]
                for _, p in steps
            ]
            for visit, k in back_and_forth(len(steps)):
                image = scene.develop(r, plain[k], gain, noise, blur, quality)
                if self._pictures is not None and visit == 0 and k in (0, len(steps) // 2, len(steps) - 1):
                    name = f"{self._body:03d}_{view}_{self._movements[m]}_{k:02d}.jpg"
                    cv2.imwrite(str(self._pictures / name), image[:, :, ::-1])
                sample = sampler.sample(FramePicture(Frame(now_s, image)))
                now_s += 0.12
                assert sample is not None
                values = (row_of(sample), VIEWS.index(view), m, steps[k][0], visit, steps[k][1]["truth"])
                for column, value in zip(self._columns.values(), values, strict=True):
                    column.append(value)

    def drop(self, at: int) -> None:
        """Leave out one row."""
        for column in self._columns.values():
            del column[at]

    def finished(self) -> dict[str, Any]:
        """Return what is kept."""
        small = ("view", "movement", "visit")
        kept = {k: np.array(v, np.uint8) if k in small else np.array(v) for k, v in self._columns.items()}
        return kept | {"names": np.array(self._movements), "body": self._body}


def back_and_forth(count: int) -> Iterator[tuple[int, int]]:
    """Yield each visit and step: from the middle to one end, all along to the other, and back, so that every step is seen twice."""
    middle = count // 2
    order = [*range(middle, count), *range(count - 1, -1, -1), *range(middle)]
    seen: dict[int, int] = {}
    for k in order:
        visit = seen[k] = seen.get(k, -1) + 1
        yield visit, k


def command(about: str | None, drawn: Drawn) -> None:
    """Draw the bodies that the command line names, and write a file of each."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bodies", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    for folder in (args.out, args.pictures):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    painter, model = Painter(scene.WIDTH, scene.HEIGHT), weights.resolve("full")
    for number in range(args.first, args.first + args.bodies):
        began = time.monotonic()
        found = drawn(number, painter, model, args.pictures)
        if args.out:
            numbers, places = packed(found.pop("rows"))
            small = {k: v.astype(np.float16) if k in ("share", "truth") else v for k, v in found.items()}
            np.savez_compressed(args.out / f"{number:03d}.npz", numbers=numbers, places=places, **small)
        print(f"body {number}: {len(found['share'])} rows, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
