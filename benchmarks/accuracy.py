"""How well the angles agree with clips of known truth, beside the naive ways to measure them, in one run.

    python benchmarks/accuracy.py [--clips DIR] [--only WORD] [--parameters FILE] [--set section.key=value] [--json FILE]

DIR holds NAME.mp4 with NAME.csv (per picture: time_s, trunk_flexion_deg, pelvic_tilt_deg, lumbar_lordosis_deg,
thoracic_flexion_deg); sample_videos/ by default. Per clip and per view it prints for trunk, spine and pelvis: coverage, mean
absolute error, error of the change since neutral, bias, correlation, share of errors within 2 sd, median sd over RMS error,
and how often a state was said and right. None of these clips was fitted on. The naive ways: MediaPipe's hip-shoulder line in the picture,
and by its world landmarks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from truth import Floats, Score, Truth, read_truth, score, true_states

from posture._support import catalogue, config
from posture.biomechanics.networks import Parameters
from posture.engine import RecordingResult
from posture.pose import weights
from posture.recordings.analysis import analyze
from posture.recordings.job import Job
from posture.settings import Settings
from posture.types import Pose

QUANTITIES = {"trunk": "trunk_flexion", "spine": "spinal_flexion", "pelvis": "pelvic_tilt"}
SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"


def measure(clip: Path, settings: Settings, fitted: Parameters | None) -> RecordingResult:
    """Analyse one clip with its own neutral, and keep the landmarks."""
    model = weights.resolve(settings.measure.model)
    return analyze(clip, Job(settings, model, {}, catalogue.load(), neutral_span=(0.0, 0.7), keep_poses=True, parameters=fitted))


def series(result: RecordingResult, name: str) -> tuple[Floats, Floats, Floats]:
    """Times, degrees and sds of one quantity; NaN where there is no reading."""
    found = [(j.reading.time_s, getattr(j.reading, name)) for j in result.judged]
    t = np.array([x for x, _ in found])
    deg = np.array([np.nan if e is None else e.deg for _, e in found])
    sd = np.array([np.nan if e is None else e.sd_deg for _, e in found])
    return t, deg, sd


def naive(poses: Mapping[float, Pose]) -> dict[str, tuple[Floats, Floats]]:
    """Trunk flexion the naive ways: the line in the picture, towards where the nose points, and the world landmarks' line."""
    t = np.array(sorted(poses))
    flat, deep = [], []
    for p in (poses[x] for x in t):
        up = p.image_xyz[[11, 12], :2].mean(0) - p.image_xyz[[23, 24], :2].mean(0)
        facing = np.sign(p.image_xyz[0, 0] - p.image_xyz[[7, 8], 0].mean()) or 1.0
        flat.append(facing * np.degrees(np.arctan2(up[0], -up[1])))
        rise = p.world_xyz[[11, 12]].mean(0) - p.world_xyz[[23, 24]].mean(0)
        across = p.world_xyz[11] - p.world_xyz[12]
        ahead = np.array([across[2], 0.0, -across[0]]) / max(1e-6, float(np.hypot(across[0], across[2])))
        deep.append(np.degrees(np.arctan2(rise @ ahead, -rise[1])))
    return {"2D line": (t, np.array(flat)), "world": (t, np.array(deep))}


def states(result: RecordingResult, truth: Truth, settings: Settings) -> dict[str, tuple[int, int, int, int]]:
    """Per true state: pictures, said, right, and anterior tilt said."""
    t = np.array([j.reading.time_s for j in result.judged])
    said = [str(j.posture) for j in result.judged]
    out: dict[str, tuple[int, int, int, int]] = {}
    for x, state in zip(truth.time_s, true_states(truth, settings.bands), strict=True):
        if state is None:
            continue
        word = said[int(np.argmin(np.abs(t - x)))]
        n, spoke, right, tilt = out.get(state, (0, 0, 0, 0))
        out[state] = n + 1, spoke + (word not in ("unknown", "away")), right + (word == state), tilt + (word == "anterior_tilt")
    return out


def row(name: str, what: str, s: Score) -> str:
    """One line of the table."""
    values = (s.coverage, s.mae, s.mae_change, s.bias, s.r, s.in_2sd, s.sd_ratio)
    return f"{name:30s} {what:17s}" + "".join(f"{'-':>8s}" if np.isnan(v) else f"{v:8.2f}" for v in values)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=SAMPLES)
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--parameters", type=Path, help="fitted networks to use instead of the shipped ones")
    parser.add_argument("--only", default="", help="part of the clips' names, such as _male1_")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = config.load(None, args.set)
    fitted = Parameters.from_dict(json.loads(args.parameters.read_text(encoding="utf-8"))) if args.parameters else None
    clips = [
        t
        for t in sorted(args.clips.glob("*.csv"))
        if args.only in t.stem and t.with_suffix(".mp4").exists() and "thoracic_flexion_deg" in t.read_text()[:4000]
    ]
    print(f"{'clip':30s} {'quantity':17s}" + "".join(f"{h:>8s}" for h in ("cover", "MAE", "MAEchg", "bias", "r", "in 2sd", "sd/rms")))
    pooled: dict[tuple[str, str], list[Score]] = {}
    agreed: dict[tuple[str, str], list[int]] = {}
    for table in clips:
        truth, result = read_truth(table), measure(table.with_suffix(".mp4"), settings, fitted)
        views = [j.reading.view for j in result.judged if j.reading.view]
        view = max(set(views), key=views.count) if views else "none"
        lines = {what: score(truth, what, *series(result, name)) for what, name in QUANTITIES.items()}
        lines |= {f"trunk, {how}": score(truth, "trunk", t, deg, None) for how, (t, deg) in naive(result.poses).items()}
        for what, s in lines.items():
            print(row(table.stem, what, s), flush=True)
            pooled.setdefault((view, what), []).append(s)
        for state, counts in states(result, truth, settings).items():
            total = agreed.setdefault((view, state), [0, 0, 0, 0])
            agreed[view, state] = [a + b for a, b in zip(total, counts, strict=True)]
    print("\nmean over the clips of a view")
    for (view, what), scores in sorted(pooled.items()):
        fields = list(asdict(scores[0]))
        table_of = np.array([[getattr(s, f) for f in fields] for s in scores])
        known = np.isfinite(table_of)
        mean = np.where(known.any(0), np.where(known, table_of, 0.0).sum(0) / np.maximum(1, known.sum(0)), np.nan)
        print(row(view, what, Score(*mean)))
    print("\nstates outside the guard band: pictures, said, right of those, anterior tilt said")
    for (view, state), (n, spoke, right, tilt) in sorted(agreed.items()):
        print(f"{view:10s} {state:14s} {n:5d}  {spoke / n:5.2f}  {right / max(1, spoke):5.2f}  {tilt / n:5.2f}")
    if args.json:
        args.json.write_text(json.dumps({f"{v}/{w}": [asdict(s) for s in ss] for (v, w), ss in pooled.items()}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
