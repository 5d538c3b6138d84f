"""Prompts on composed days with known states: false ones per hour, missed ones, and how late they come.

    python benchmarks/prompts.py [--clips DIR] [--plan PLAN] [--fps 2]

A day is composed by sample_videos/make_day.py (needs the ffmpeg program) from NAME_day_*.mp4 with its _empty.png, one per view.
What is due follows from the plan by the dose model alone; the delay is against that.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from posture._support import catalogue
from posture.engine.engine import Engine, run
from posture.pose import weights
from posture.prompts.scheduler import PromptScheduler
from posture.recordings.analysis import analyze
from posture.recordings.job import Job
from posture.settings import Settings
from posture.types import Detection, EpisodeKind, Estimate, Reading, ShownPrompt

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
PLAN = "neutral:6,lean:13,neutral:0.1,lean:9,away:4,slump:14,away:2,hinge:6,away:2,tilt:18,neutral:3,lean:0.3,neutral:2"
LATE_S = 90.0
ANGLES = {
    "neutral": (0, 0, 0),
    "lean": (30, 5, 25),
    "slump": (5, 45, -20),
    "hinge": (12, 0, 12),
    "tilt": (2, -18, 17),
    "recline": (-10, 0, -8),
}
"""Trunk, spine and pelvis of each state, degrees, far from every threshold."""


def due(states: list[tuple[float, float, str]], with_tilt: bool) -> list[ShownPrompt]:
    """The prompts that perfect readings of the states would bring about."""
    readings = []
    for start, end, state in states:
        for i in range(int(end - start)):
            if state == "away":
                readings.append(Reading(start + i, Detection.NOBODY))
                continue
            trunk, spine, pelvis = ANGLES[state]
            readings.append(
                Reading(
                    start + i,
                    Detection.PERSON,
                    trunk_flexion=Estimate(trunk, 1.0, "plan"),
                    trunk_neutral_deg=0.0,
                    spinal_flexion=Estimate(spine, 1.0, "plan"),
                    pelvic_tilt=Estimate(pelvis, 1.0, "plan") if with_tilt else None,
                    seated=True,
                )
            )
    desk = PromptScheduler(catalogue.load(), Settings().prompts)
    return run(readings, Engine(Settings(), desk), states[-1][1]).shown


def compose(clip: Path, plan: str, fps: float, out: Path) -> list[tuple[float, float, str]]:
    """Make the day and read its states."""
    empty = clip.with_name(f"{clip.stem}_empty.png")
    subprocess.run([sys.executable, str(SAMPLES / "make_day.py"), str(clip), str(empty), str(out), plan, "--fps", str(fps)], check=True)
    with out.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return [(float(r["start_s"]), float(r["end_s"]), r["state"]) for r in csv.DictReader(file)]


def compare(shown: list[ShownPrompt], wanted: list[ShownPrompt]) -> tuple[list[ShownPrompt], list[ShownPrompt], list[float]]:
    """False prompts, missed ones, and the delays of the others in seconds."""
    left, delays = list(shown), []
    missed = []
    for w in wanted:
        match = next((p for p in left if (p.kind, p.step) == (w.kind, w.step) and abs(p.time_s - w.time_s) <= LATE_S), None)
        if match is None:
            missed.append(w)
        else:
            left.remove(match)
            delays.append(match.time_s - w.time_s)
    return left, missed, delays


def main() -> None:
    """Print a line per view, and every prompt."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=SAMPLES)
    parser.add_argument("--plan", default=PLAN)
    parser.add_argument("--fps", type=float, default=2.0)
    args = parser.parse_args()
    job = Job(Settings(), weights.resolve("full"), {}, catalogue.load(), neutral_span=(0.0, 60.0))
    with tempfile.TemporaryDirectory() as folder:
        days = [c for c in sorted(args.clips.glob("*_day_*.mp4")) if c.with_name(f"{c.stem}_empty.png").exists()]
        for clip in days:
            day = Path(folder) / clip.name
            states = compose(clip, args.plan, args.fps, day)
            analysis = analyze(day, job)
            wanted = due(states, with_tilt=clip.name.startswith("side"))
            false, missed, delays = compare(list(analysis.shown), wanted)
            hours = states[-1][1] / 3600.0
            late = [round(d) for d in delays]
            print(f"{clip.stem}: {len(false) / hours:.2f} false an hour, {len(missed)} of {len(wanted)} missed, delays s {late}")
            for p in analysis.shown:
                print(
                    f"   shown {p.time_s / 60:6.1f} min  {p.kind or EpisodeKind.SITTING} {p.step} {p.prompt_id}",
                    "  FALSE" if p in false else "",
                )
            for p in missed:
                print(f"   MISSED {p.time_s / 60:6.1f} min  {p.kind} {p.step}")


if __name__ == "__main__":
    main()
