"""How fast recordings are measured, beside the plain loop and beside what the machine could do at best.

    python benchmarks/file_speed.py [--minutes 10] [--plain-minutes 1] [--heights 480 720 1080] [--codecs h264 hevc vp9]
                                    [--jobs 1 2] [--no-day] [--day-codecs h264 hevc vp9 mjpeg] [--memory-hours 0] [--no-agreement]
                                    [--work DIR]

The recordings are made with ffmpeg of a sample clip: 30 pictures a second, blended from one to the next, some noise, looped to the
length asked for. Per recording it prints, in seconds of wall time for the whole recording (cpu: of processor time):

    ours        posture analyze --no-adaptive at 5 readings a second, from the start of the process to the last report
    plain       read every picture with OpenCV, find the pose in every one (full, VIDEO mode, one pose), no angles; measured on the first
                --plain-minutes and scaled
    decode cpu  decoding what must be decoded for 5 readings a second, alone, one thread
    infer cpu   finding the pose in the measured pictures, alone
    bound       (decode cpu + infer cpu) / cores

    cpu ratio   processor time of the plain loop over ours, which another program on the machine disturbs least
    cpu/bound   ours cpu / cores, over the bound

then the scaling over --jobs; the sampling that adapts on a desk day in miniature at 1080p, beside the plain loop and beside --no-adaptive
(states: share of the seconds in which both give the same; apart: how far an episode's start or end is off at most, "other" where not
the same episodes were found); the most memory that all processes together take for a recording of --memory-hours; and how well the
readings agree with those of the plain loop's landmarks. Times of a busy machine say little: compare ratios, which are taken one right
after the other. What was measured last stands in docs/measurement.md, "How long it takes".
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"
CLIP, DAY = SAMPLES / "side_mixed_male1.mp4", SAMPLES / "desk_day.mp4"
RATE_HZ = 5.0
ENCODERS = {
    "h264": ["-c:v", "libx264", "-preset", "medium", "-crf", "23"],
    "hevc": ["-c:v", "libx265", "-preset", "fast", "-crf", "26", "-x265-params", "log-level=error"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "34", "-b:v", "0"],
    "mjpeg": ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"],
}
TABLE_CODECS = ["h264", "hevc", "vp9"]


def make(clip: Path, codec: str, height: int, minutes: float, work: Path) -> Path:
    """A recording of that length: the clip at 30 pictures a second, scaled with grey at its sides."""
    width = height * 16 // 9 // 2 * 2
    made = work / f"{clip.stem}_{codec}_{height}_{minutes:g}min.mkv"
    if made.exists():
        return made
    once = work / f"{clip.stem}_{codec}_{height}_once.mkv"
    look = f"framerate=30,scale=-2:{height},pad={width}:{height}:-1:0:gray,noise=alls=4:allf=t,format=yuv420p"
    quiet = ["ffmpeg", "-y", "-loglevel", "error"]
    if not once.exists():
        subprocess.run([*quiet, "-i", clip, "-t", f"{60 * minutes:g}", "-vf", look, *ENCODERS[codec], once], check=True)
    subprocess.run([*quiet, "-stream_loop", "-1", "-i", once, "-t", f"{60 * minutes:g}", "-c", "copy", made], check=True)
    return made


@dataclass(frozen=True)
class Took:
    """What a child process took."""

    wall_s: float
    cpu_s: float


def timed(argv: list[str]) -> tuple[Took, str]:
    """Run to its end, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), done.stdout


def ours(video: Path, out: Path, *options: str) -> Took:
    """The whole command."""
    argv = [sys.executable, "-m", "posture", "analyze", str(video), "--out", str(out), "--overwrite", *options]
    return timed(argv)[0]


def child(what: str, video: Path, seconds: float) -> dict[str, float]:
    """One of the measurements below in a process of its own."""
    return {k: float(v) for k, v in json.loads(timed([sys.executable, __file__, "--child", what, str(video), str(seconds)])[1]).items()}


def cpu_s() -> float:
    """Processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def plain(video: Path, seconds: float) -> dict[str, float]:
    """The plain loop over the first seconds."""
    import cv2  # noqa: PLC0415
    import mediapipe as mp  # noqa: PLC0415

    from posture.pose import weights  # noqa: PLC0415
    from posture.pose.landmarker import _create  # noqa: PLC0415

    capture, count = cv2.VideoCapture(str(video)), 0
    landmarker = _create(weights.resolve("full"), True, 1, False)
    began, used = time.perf_counter(), cpu_s()
    while count < 30 * seconds:
        there, picture = capture.read()
        if not there:
            break
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        landmarker.detect_for_video(image, round(count / 30 * 1000))
        count += 1
    took, used = time.perf_counter() - began, cpu_s() - used
    landmarker.close()
    return {"wall_s": took, "cpu_s": used, "seconds": count / 30}


def decode(video: Path, seconds: float) -> dict[str, float]:
    """Decoding what must be decoded, one thread."""
    from posture.capture.video_file import VideoFile  # noqa: PLC0415

    began = cpu_s()
    with VideoFile(video, RATE_HZ, end_s=seconds, threads=1) as source:
        count = sum(1 for _ in source.picked())
    return {"cpu_s": cpu_s() - began, "count": count}


def infer(video: Path, seconds: float) -> dict[str, float]:
    """Finding the pose in the measured pictures."""
    from posture.capture.video_file import VideoFile  # noqa: PLC0415
    from posture.pose import weights  # noqa: PLC0415
    from posture.pose.finder import PoseFinder  # noqa: PLC0415

    with VideoFile(video, RATE_HZ, end_s=min(seconds, 20.0), max_side=640) as source:
        frames = list(source)
    with PoseFinder(weights.resolve("full")) as finder:
        finder.find(frames[0])
        began = cpu_s()
        for frame in frames[1:]:
            finder.find(frame)
        each_s = (cpu_s() - began) / (len(frames) - 1)
    return {"each_s": each_s}


def agreement(video: Path, seconds: float) -> dict[str, float]:
    """Our angles against those of the landmarks of the plain loop (every picture, smoothed by MediaPipe) at the measured pictures."""
    import mediapipe as mp  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from posture._support import catalogue, parameters  # noqa: PLC0415
    from posture.biomechanics.sample import sample_of  # noqa: PLC0415
    from posture.capture.video_file import VideoFile  # noqa: PLC0415
    from posture.engine.engine import Engine, run  # noqa: PLC0415
    from posture.engine.measurement import Measurement  # noqa: PLC0415
    from posture.engine.sample_rows import SampleRows  # noqa: PLC0415
    from posture.pose import weights  # noqa: PLC0415
    from posture.pose.landmarker import _create, _padded, _poses_of  # noqa: PLC0415
    from posture.prompts.scheduler import PromptScheduler  # noqa: PLC0415
    from posture.recordings.analysis import analyze  # noqa: PLC0415
    from posture.recordings.job import Job  # noqa: PLC0415
    from posture.settings import Settings  # noqa: PLC0415
    from posture.types import Detection, FoundPose  # noqa: PLC0415

    settings, model = Settings(), weights.resolve("full")
    neutral_span = (0.0, 0.7)
    mine = analyze(video, Job(settings, model, {}, catalogue.load(), neutral_span=neutral_span, end_s=seconds))
    landmarker = _create(model, True, 1, True)
    samples = SampleRows()
    with VideoFile(video, 240.0, end_s=seconds) as source:
        for frame in source:
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=_padded(frame.image))
            found = _poses_of(landmarker.detect_for_video(image, round(frame.time_s * 1000)), frame)
            samples.append(sample_of(FoundPose(frame.time_s, Detection.PERSON if found else Detection.NOBODY, found[0] if found else None)))
    landmarker.close()
    measurement = Measurement(settings, parameters.load(), neutral_span=neutral_span)
    measurement.prepare(samples)
    readings = [update.reading for update in measurement.process_recording(samples)]
    theirs = run(readings, Engine(settings, PromptScheduler(catalogue.load(), settings.prompts)), seconds)
    times = np.array([r.time_s for r in readings])
    apart: dict[str, list[float]] = {"trunk_flexion": [], "neck_flexion": [], "spinal_flexion": []}
    for j in mine.judged:
        other = readings[int(np.argmin(np.abs(times - j.reading.time_s)))]
        for name, values in apart.items():
            a, b = getattr(j.reading, name), getattr(other, name)
            if a is not None and b is not None:
                values.append(abs(a.deg - b.deg))
    agreed = sum(
        any(e.kind is o.kind and abs(e.start_s - o.start_s) <= 1 and abs(e.end_s - o.end_s) <= 1 for o in theirs.episodes)
        for e in mine.episodes
    )
    medians = {f"{name}_deg": float(np.median(v)) for name, v in apart.items() if v}
    return {**medians, "episodes": len(mine.episodes), "their_episodes": len(theirs.episodes), "agreed": agreed}


CHILDREN = {"plain": plain, "decode": decode, "infer": infer, "agreement": agreement}


def compare(video: Path, minutes: float, plain_minutes: float, out: Path) -> str:
    """One line of the first table."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    seconds = 60.0 * minutes
    slow = child("plain", video, 60.0 * min(minutes, plain_minutes))
    fast = ours(video, out, "--no-adaptive")
    decoded, inferred = child("decode", video, seconds), child("infer", video, seconds)
    slow_s = slow["wall_s"] / slow["seconds"] * seconds
    infer_s = inferred["each_s"] * decoded["count"]
    bound_s = (decoded["cpu_s"] + infer_s) / cores
    return (
        f"{fast.wall_s:8.1f} {fast.cpu_s:9.1f} {slow_s:8.1f} {decoded['cpu_s']:11.1f} {infer_s:10.1f} {bound_s:8.1f}"
        f" {slow_s / fast.wall_s:13.1f} {fast.wall_s / bound_s:13.2f} {seconds / fast.wall_s:12.0f}"
        f" {slow['cpu_s'] / slow['seconds'] * seconds / fast.cpu_s:11.2f} {fast.cpu_s / cores / bound_s:10.2f}"
    )


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    """A table of a result."""
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def apart(found: Path, exact: Path) -> tuple[float, str]:
    """Share of the seconds with the same state, and by how many seconds episodes are apart."""
    states = [{int(float(row["time_s"])): row["posture"] for row in rows(folder, "readings")} for folder in (found, exact)]
    same = [states[0].get(second) == posture for second, posture in states[1].items()]
    episodes = [sorted((e["kind"], float(e["start_s"]), float(e["end_s"])) for e in rows(folder, "episodes")) for folder in (found, exact)]
    if [kind for kind, *_ in episodes[0]] != [kind for kind, *_ in episodes[1]]:
        return sum(same) / len(same), "other"
    off_s = [max(abs(a[1] - b[1]), abs(a[2] - b[2])) for a, b in zip(*episodes, strict=True)]
    return sum(same) / len(same), f"{max(off_s, default=0.0):.1f} s"


def day(work: Path, codec: str, minutes: float, plain_minutes: float) -> str:
    """One line of the sampling that adapts, on a desk day in miniature at 1080p30."""
    video = make(DAY, codec, 1080, minutes, work)
    slow = child("plain", video, 60.0 * min(minutes, plain_minutes))
    fast, exact = ours(video, work / "out", "--adaptive"), ours(video, work / "exact", "--no-adaptive")
    held = [row["held"] == "1" for row in rows(work / "out", "readings")]
    states, episodes = apart(work / "out", work / "exact")
    scale = 60.0 * minutes / slow["seconds"]
    return (
        f"{codec:6s} {fast.wall_s:8.1f} {fast.cpu_s:9.1f} {exact.wall_s:8.1f} {slow['wall_s'] * scale:8.1f}"
        f" {slow['wall_s'] * scale / fast.wall_s:13.1f} {slow['cpu_s'] * scale / fast.cpu_s:10.1f} {100 * sum(held) / len(held):6.0f} %"
        f" {100 * states:7.1f} % {episodes:>8s}"
    )


def memory(work: Path, hours: float) -> str:
    """The most memory that the command and its processes take together for a long recording."""
    import psutil  # noqa: PLC0415

    video = make(DAY, "h264", 1080, 60.0 * hours, work)
    argv = [sys.executable, "-m", "posture", "analyze", str(video), "--out", str(work / "out"), "--no-store", "--overwrite"]
    most, began = 0, time.perf_counter()
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}) as running:
        while running.poll() is None:
            family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
            sizes = []
            for process in family:
                try:
                    sizes.append(process.memory_full_info().pss)
                except psutil.Error:
                    continue
            most = max(most, sum(sizes))
            time.sleep(0.5)
    return (
        f"{hours:g} h, 1080p30 h264, adaptive: at most {most / 1e6:.0f} MB in all processes together, {time.perf_counter() - began:.0f} s"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--plain-minutes", type=float, default=1.0)
    parser.add_argument("--heights", type=int, nargs="*", default=[480, 720, 1080])
    parser.add_argument("--codecs", nargs="*", choices=list(ENCODERS), default=TABLE_CODECS)
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--no-day", action="store_true")
    parser.add_argument("--day-codecs", nargs="*", choices=list(ENCODERS), default=list(ENCODERS))
    parser.add_argument("--memory-hours", type=float, default=0.0)
    parser.add_argument("--no-agreement", action="store_true")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        what, video, seconds = args.child
        print(json.dumps(CHILDREN[what](Path(video), float(seconds))))
        return
    with tempfile.TemporaryDirectory() as folder:
        work = args.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        print(f"{os.cpu_count()} processors, {args.minutes:g} min at 30 pictures a second, {RATE_HZ:g} readings a second; seconds")
        print(
            f"{'':10s} {'ours':>8s} {'ours cpu':>9s} {'plain':>8s} {'decode cpu':>11s} {'infer cpu':>10s} {'bound':>8s}"
            f" {'plain / ours':>13s} {'ours / bound':>13s} {'x real time':>12s}"
            f" {'cpu ratio':>11s} {'cpu/bound':>10s}"
        )
        for codec in args.codecs:
            for height in args.heights:
                video = make(CLIP, codec, height, args.minutes, work)
                print(f"{codec:5s}{height:5d} {compare(video, args.minutes, args.plain_minutes, work / 'out')}", flush=True)
        for jobs in args.jobs:
            video = make(CLIP, "h264", 1080, args.minutes, work)
            took = ours(video, work / "out", "--no-adaptive", "--jobs", str(jobs))
            print(
                f"{'' if jobs != args.jobs[0] else 'scaling, 1080p h264:':22s} jobs {jobs}: {took.wall_s:.1f} s, cpu {took.cpu_s:.1f} s",
                flush=True,
            )
        if not args.no_day:
            print(f"\nadaptive, a desk day in miniature, 1080p30, {args.minutes:g} min; seconds")
            print(
                f"{'':6s} {'ours':>8s} {'ours cpu':>9s} {'exact':>8s} {'plain':>8s} {'plain / ours':>13s} {'cpu ratio':>10s} {'held':>8s}"
                f" {'states':>9s} {'apart':>8s}"
            )
            for codec in args.day_codecs:
                print(day(work, codec, args.minutes, args.plain_minutes), flush=True)
        if args.memory_hours:
            print(f"\n{memory(work, args.memory_hours)}", flush=True)
        if not args.no_agreement:
            said = child("agreement", video, 25.0)
            print("\nagainst the plain loop's landmarks, first 25 s: " + ", ".join(f"{k} {v:.2f}" for k, v in said.items()))


if __name__ == "__main__":
    main()
