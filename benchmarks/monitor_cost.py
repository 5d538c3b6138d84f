"""What the live monitor costs, beside bare capture and beside a landmark loop of ten a second, on one stream in one run.

    python benchmarks/monitor_cost.py [--seconds 60] [--scene still|moving]

A 640 x 480 Motion JPEG stream of 30 pictures a second is served on this machine by a process of its own, with pictures encoded ahead.
At the same time it is watched by

- ``bare``: ``cv2.VideoCapture.read()`` of every picture, and nothing else;
- ``posture``: the real ``posture watch --no-store``, not on a terminal, with and without its notifications where that can be chosen;
- ``loop``: the same reading, and MediaPipe's PoseLandmarker (full, VIDEO mode, one pose) on a picture every 100 ms.

The scenes come from the sample clips: *still* is one picture of a person, breathing by a pixel or so, *moving* a clip played to and fro;
both with a sensor's noise, anew in every picture of the loop. CPU is what /proc says of all threads, after a warm-up that goes beyond
the first seconds from which the neutral is learned. How often the pose was looked for is counted on the same pictures after the run.
Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

FPS = 30.0
WARM_UP_S = 30.0
LOOP_S = 10.0
NOISE_SD = 4.0
BREATHING_PX, BREATH_S = 1.0, 5.0
LANDMARKS_EVERY_S = 0.1
STILL_ABOVE_BARE, STILL_SHARE, MOVING_ABOVE_BARE = 1.5, 0.1, 6.0  # % of a core, share of the loop, % of a core

Image = NDArray[np.uint8]


def scene(name: str) -> list[Image]:
    """The pictures of a loop, (480, 640, 3) uint8 RGB, with noise."""
    from mjpeg import pictures_of  # noqa: PLC0415

    rng = np.random.default_rng(4)
    if name == "still":
        first = pictures_of(SAMPLES / "front_slump_male1.mp4")[0]
        shown = [_breathing(first, i / FPS) for i in range(int(LOOP_S * FPS))]
    else:
        clip = pictures_of(SAMPLES / "side_mixed_male1.mp4")[: int(LOOP_S * 5)]  # 5 pictures a second
        forth = [clip[int(i / FPS * 5)] for i in range(int(LOOP_S * FPS))]
        shown = forth + forth[::-1]
    return [np.clip(p + NOISE_SD * rng.standard_normal(p.shape, np.float32), 0, 255).astype(np.uint8) for p in shown]


def _breathing(image: Image, time_s: float) -> Image:
    """The picture with its middle, chest and shoulders of somebody near, moved up and down a little."""
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    near = np.exp(-(((x - 0.5 * width) / (0.3 * width)) ** 2) - ((y - 0.75 * height) / (0.3 * height)) ** 2)
    moved = y + BREATHING_PX * np.sin(2 * np.pi * time_s / BREATH_S) * near
    return np.asarray(cv2.remap(image, x, moved.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def serve(name: str) -> None:
    """Serve a scene until standard input ends; its address is the first line written."""
    from mjpeg import MjpegCamera  # noqa: PLC0415

    with MjpegCamera(scene(name), fps=FPS) as camera:
        print(camera.url, flush=True)
        sys.stdin.read()


def watch_bare(url: str) -> None:
    """Read every picture."""
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    while capture.read()[0]:
        pass


def watch_loop(url: str) -> None:
    """Read every picture and find landmarks in one every 100 ms."""
    import mediapipe as mp  # noqa: PLC0415
    from mediapipe.tasks import python as tasks  # noqa: PLC0415
    from mediapipe.tasks.python import vision  # noqa: PLC0415

    from posture.pose import weights  # noqa: PLC0415

    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(weights.resolve("full")), delegate=tasks.BaseOptions.Delegate.CPU),
        running_mode=vision.RunningMode.VIDEO,
    )
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        due_s = time.monotonic()
        while True:
            fine, image = capture.read()
            if not fine:
                return
            now_s = time.monotonic()
            if now_s < due_s:
                continue
            due_s = max(due_s + LANDMARKS_EVERY_S, now_s - LANDMARKS_EVERY_S)
            picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            landmarker.detect_for_video(picture, int(now_s * 1000))


def cpu_s(pid: int) -> float:
    """Seconds of CPU, user and system, that all threads of a process have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(argv: list[str], home: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block; its settings and database are its own, and it is on no terminal."""
    own = {"POSTURE_CONFIG": f"{home}/config.toml", "POSTURE_DATA_DIR": home}
    child = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **own}
    )
    try:
        yield child
    finally:
        child.terminate()
        child.communicate()


def _drain(child: subprocess.Popen[str], said: list[str]) -> None:
    """Keep the last lines of a child, so that it never waits for us."""
    assert child.stdout is not None
    for line in child.stdout:
        said[:] = [*said[-4:], line.strip()]


def measure(name: str, seconds: float) -> dict[str, float]:
    """CPU of each watcher on the scene, % of one core."""
    python, me = sys.executable, str(Path(__file__).resolve())
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(running([python, me, "--serve", name], home))
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        command = [python, "-m", "posture", "watch", "--no-store", "--camera", url]
        who = {"bare": [python, me, "--bare", url], "posture": command, "loop": [python, me, "--loop", url]}
        if "--notify" in subprocess.run([python, "-m", "posture", "watch", "--help"], capture_output=True, text=True, check=True).stdout:
            who["posture, notify none"] = [*command, "--notify", "none"]
        children: dict[str, subprocess.Popen[str]] = {}
        said: dict[str, list[str]] = {}
        for i, (label, argv) in enumerate(who.items()):
            own = Path(home, str(i))
            own.mkdir()
            children[label], said[label] = stack.enter_context(running(argv, str(own))), []
            threading.Thread(target=_drain, args=(children[label], said[label]), daemon=True).start()
        time.sleep(WARM_UP_S)
        before, began_s = {label: cpu_s(c.pid) for label, c in children.items()}, time.monotonic()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        used = {}
        for label, child in children.items():
            if child.poll() is not None:
                raise SystemExit(f"{label} ended by itself: {said[label]}")
            used[label] = 100.0 * (cpu_s(child.pid) - before[label]) / took_s
    return used


def looks_per_minute(name: str, seconds: float) -> float:
    """How often the pose is looked for in the scene, after the first seconds."""
    from posture._support import parameters  # noqa: PLC0415
    from posture.engine.measurement import LEARN_S, Measurement  # noqa: PLC0415
    from posture.engine.sampling import LIVE, LIVE_RATE_HZ  # noqa: PLC0415
    from posture.monitor.live_measurement import LiveMeasurement  # noqa: PLC0415
    from posture.pose import weights  # noqa: PLC0415
    from posture.pose.finder import PoseFinder  # noqa: PLC0415
    from posture.pose.sampler import PoseSampler  # noqa: PLC0415
    from posture.settings import Settings  # noqa: PLC0415
    from posture.types import Frame  # noqa: PLC0415

    looks: list[float] = []
    pictures = scene(name)
    with PoseFinder(weights.resolve("full")) as finder:
        live = LiveMeasurement(PoseSampler(finder, LIVE), Measurement(Settings(), parameters.load()))
        skipped_s = LEARN_S + 5.0
        for i in range(int((seconds + skipped_s) * LIVE_RATE_HZ)):
            time_s = i / LIVE_RATE_HZ
            update = live.process(Frame(time_s, pictures[int(time_s * FPS) % len(pictures)]))
            if update is not None and not update.sample.carried_forward:
                looks.append(time_s)
    return 60.0 * sum(t > skipped_s for t in looks) / seconds


def report(name: str, used: dict[str, float], looks: float) -> None:
    """Print the table of a scene, and what was to be reached."""
    print(f"\n{name}: looks for a pose {looks:.1f} a minute")
    print(f"{'':24s}{'CPU, % of a core':>18s}{'above bare':>12s}{'of the loop':>13s}")
    for label, percent in used.items():
        print(f"{label:24s}{percent:18.2f}{percent - used['bare']:12.2f}{percent / used['loop']:13.3f}")
    for label in (x for x in used if x.startswith("posture")):
        above, share = used[label] - used["bare"], used[label] / used["loop"]
        limit = STILL_ABOVE_BARE if name == "still" else MOVING_ABOVE_BARE
        print(f"{label}: {'met' if above <= limit else 'MISSED'}: {above:.2f} above bare, to be at most {limit}", end="")
        if name == "still":
            print(f"; {'met' if share <= STILL_SHARE else 'MISSED'}: {share:.3f} of the loop, to be at most {STILL_SHARE}", end="")
        print(flush=True)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to measure each scene, after the warm-up")
    parser.add_argument("--scene", choices=("still", "moving"), action="append", help="default: both")
    for role in ("--serve", "--bare", "--loop"):
        parser.add_argument(role, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
    elif asked.bare:
        watch_bare(asked.bare)
    elif asked.loop:
        watch_loop(asked.loop)
    else:
        for name in asked.scene or ("still", "moving"):
            report(name, measure(name, asked.seconds), looks_per_minute(name, asked.seconds))


if __name__ == "__main__":
    main()
