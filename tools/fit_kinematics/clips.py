"""Clips of known angles as layouts: each as it is, mirrored, and twice as another camera would have seen it.

    python -m tools.fit_kinematics.clips --clips DIR --out DIR

DIR holds NAME.mp4, NAME.csv (truth per picture) and NAME.json (with the camera matrix ``K``). The other cameras are turned and zoomed
(exact: a homography), darker, and noisy.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from posture import weights
from posture.kinematics.layout import Floats, layout
from posture.landmarks import PoseFinder
from posture.model import Frame
from posture.sources.video_file import VideoFile

RATE_HZ = 5.0
VARIANTS = ("orig", "flip", "aug1", "aug2")


def other_camera(name: str, variant: str, k: Floats) -> tuple[Floats, float, float, np.random.Generator]:
    """Homography of a turned and zoomed camera, gain, noise sd, and the clip's own random numbers."""
    rng = np.random.default_rng(sum(map(ord, name + variant)))
    roll, pitch, yaw = np.radians([rng.normal(0, 4), rng.normal(0, 3), rng.normal(0, 2)])
    zoom = rng.uniform(0.85, 1.08)
    rz = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    rx = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    ry = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    zoomed = k * np.array([[zoom, 1, 1], [1, zoom, 1], [1, 1, 1]])
    return zoomed @ rz @ rx @ ry @ np.linalg.inv(k), float(rng.uniform(0.45, 1.1)), float(rng.uniform(2, 12)), rng


def measure(video: Path, model: Path, variant: str) -> dict[str, Floats]:
    """Layouts and truth of one clip: t, xy, left, right, truth (trunk, pelvis, spine in degrees)."""
    with video.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    column = {name: np.array([float(r[name]) for r in rows]) for name in rows[0]}
    known = np.stack(
        [column["trunk_flexion_deg"], column["pelvic_tilt_deg"], column["thoracic_flexion_deg"] - column["lumbar_lordosis_deg"]], axis=1
    )
    k = np.array(json.loads(video.with_suffix(".json").read_text(encoding="utf-8"))["K"])
    h, gain, noise, rng = other_camera(video.stem, variant, k)
    kept: list[Any] = []
    with VideoFile(video, rate_hz=RATE_HZ) as source, PoseFinder(model) as finder:
        for frame in source:
            image = frame.image
            if variant == "flip":
                image = np.ascontiguousarray(image[:, ::-1])
            elif variant != "orig":
                seen = cv2.warpPerspective(image, h, image.shape[1::-1], flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
                image = np.clip(seen.astype(np.float32) * gain + rng.normal(0, noise, seen.shape), 0, 255).astype(np.uint8)
            pose = finder.find(Frame(frame.time_s, image)).pose
            if pose is not None:
                kept.append(layout(pose))
    t = np.array([c.time_s for c in kept])
    truth = np.stack([np.interp(t, column["time_s"], known[:, i]) for i in range(3)], axis=1)
    return {
        "t": t,
        "xy": np.stack([c.xy for c in kept]),
        "left": np.stack([c.left for c in kept]),
        "right": np.stack([c.right for c in kept]),
        "truth": truth,
    }


def main() -> None:
    """Measure every clip in every variant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    model = weights.resolve("full")
    for video in sorted(args.clips.glob("*.mp4")):
        for variant in VARIANTS:
            measured: dict[str, Any] = {**measure(video, model, variant)}
            np.savez_compressed(args.out / f"{video.stem}__{variant}.npz", **measured)
            print(video.stem, variant, flush=True)


if __name__ == "__main__":
    main()
