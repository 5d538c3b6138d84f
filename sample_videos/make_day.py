#!/usr/bin/env python3
"""Compose a long video of known states from a short clip, its truth table and the picture of its empty room.

    python make_day.py CLIP.mp4 EMPTY.png OUT.mp4 "neutral:2,lean:11.5,away:1.5,slump:3" --fps 1

The plan is minutes per state: neutral, lean, slump, tilt, hinge, recline or away. The frames of a state are picked by the clip's truth
(``CLIP.csv``) and played to and fro, each shown twice in a row. Writes OUT.mp4 and OUT.csv (``start_s,end_s,state``).
Needs numpy, OpenCV and the ffmpeg program with libx264.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np

NEUTRAL_END_S = 0.7  # every clip starts in the person's own neutral


def frames_by_state(truth_csv: Path) -> dict[str, Any]:
    """Which frames of the clip show which state: a boolean array per state, by the truth alone."""
    with truth_csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    column = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    trunk, pelvis = column["trunk_flexion_deg"], column["pelvic_tilt_deg"]
    spine = column["thoracic_flexion_deg"] - column["lumbar_lordosis_deg"]
    base = column["time_s"] <= NEUTRAL_END_S
    d_trunk, d_spine, d_pelvis = (x - x[base].mean() for x in (trunk, spine, pelvis))
    return {
        "neutral": (np.abs(d_trunk) < 5) & (np.abs(d_spine) < 8) & (np.abs(d_pelvis) < 5),
        "lean": (trunk >= 25) | (d_trunk >= 21),
        "slump": (d_spine >= 31) & (d_trunk < 21),
        "tilt": (d_pelvis >= 15) & (d_trunk < 10) & (d_spine <= -13),
        "hinge": (d_pelvis >= 8) & (d_trunk >= 8) & (d_trunk < 15) & (np.abs(d_spine) < 6),
        "recline": d_trunk < -7,
    }


def read_clip(path: Path) -> list[Any]:
    """Every picture of a clip, BGR."""
    frames: list[Any] = []
    capture = cv2.VideoCapture(str(path))
    while True:
        more, frame = capture.read()
        if not more:
            return frames
        frames.append(frame)


def to_and_fro(frames: list[Any], chosen: Any, state: str) -> list[Any]:
    """The longest unbroken run of chosen frames, forwards and then backwards."""
    indices = np.flatnonzero(chosen[: len(frames)])
    if len(indices) < 2:
        raise SystemExit(f"the clip shows no {state}")
    run = max(np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1), key=len)
    return [frames[i] for i in run] + [frames[i] for i in run[-2:0:-1]]


def encoder(out: Path, width: int, height: int, args: argparse.Namespace) -> subprocess.Popen[bytes]:
    """An ffmpeg that takes raw BGR pictures on its standard input."""
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(args.fps), "-i", "-"]
    coded = ["-c:v", "libx264", "-preset", args.preset, "-pix_fmt", "yuv420p", "-crf", args.crf, "-g", args.gop, "-movflags", "+faststart"]
    return subprocess.Popen(["ffmpeg", "-y", "-loglevel", "error", *raw, *coded, str(out)], stdin=subprocess.PIPE)


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("clip", "empty", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("plan", help="comma-separated state:minutes")
    parser.add_argument("--fps", type=float, default=5)
    parser.add_argument("--crf", default="30", help="quality: lower is better and larger")
    parser.add_argument("--gop", default="50", help="pictures from one key picture to the next")
    parser.add_argument("--preset", default="medium", help="x264 preset")
    return parser.parse_args()


def main() -> None:
    """Compose the video and its table."""
    args = parse_args()
    chosen, frames = frames_by_state(args.clip.with_suffix(".csv")), read_clip(args.clip)
    empty: Any = cv2.imread(str(args.empty))
    rng = np.random.default_rng(7)
    height, width = frames[0].shape[:2]
    ffmpeg = encoder(args.out, width, height, args)
    assert ffmpeg.stdin is not None
    now_s, table = 0.0, []
    for part in args.plan.split(","):
        state, minutes = part.split(":")
        count = round(float(minutes) * 60 * args.fps)
        if state == "away":  # a little sensor noise, so that the empty room is not one frozen picture
            sequence = [cv2.add(empty, rng.integers(0, 6, empty.shape, np.uint8)) for _ in range(10)]
        else:
            sequence = to_and_fro(frames, chosen[state], state)
        for i in range(count):
            ffmpeg.stdin.write(sequence[(i // 2) % len(sequence)].tobytes())
        end_s = now_s + count / args.fps
        table.append((round(now_s, 2), round(end_s, 2), state))
        now_s = end_s
    ffmpeg.stdin.close()
    if ffmpeg.wait():
        raise SystemExit("ffmpeg failed")
    with args.out.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["start_s", "end_s", "state"])
        writer.writerows(table)


if __name__ == "__main__":
    main()
