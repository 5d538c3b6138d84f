"""Pictures of any size, with somebody in them, whichever way they come: none ends the program.

MediaPipe ends the process where a mask's width is no multiple of 4 and it was not padded; so everything runs in processes of its own.
"""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from mjpeg import MjpegCamera
from monitor_state import now
from numpy.typing import NDArray

SIDE = SAMPLES / "side_mixed_male1.mp4"
FILES = [(426, 240), (478, 478), (638, 480), (854, 480), (404, 720), (886, 1920)]
CAMERAS = [(854, 480), (358, 640)]
FRAMES = people.frames_of(SIDE, end_s=3.0)


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


TRUTH = [row for row in table(SAMPLES / "side_mixed_male1.csv") if float(row["time_s"]) < 3.0]


def fitted(width: int, height: int) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    """A change to a picture of that size that keeps its proportions; the room goes on at the edges."""

    def change(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        scale = min(width / image.shape[1], height / image.shape[0])
        small = people.resized(round(image.shape[1] * scale), round(image.shape[0] * scale))(image)
        down, right = height - small.shape[0], width - small.shape[1]
        edges = ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0))
        return np.asarray(np.pad(small, edges, mode="edge"), np.uint8)

    return change


def posture(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """The command, in a process of its own."""
    return subprocess.run([sys.executable, "-m", "posture", *words], input=stdin, capture_output=True, timeout=120, check=False)


def trunk_error_deg(folder: Path) -> float:
    """Mean error of the change of the trunk's angle since the neutral, degrees."""
    rows = table(folder / "readings.csv")
    assert len(rows) == 15
    times = np.array([float(r["time_s"]) for r in rows])
    angles = np.array([float(r["trunk_flexion_deg"]) for r in rows])
    known = np.interp(times, [float(r["time_s"]) for r in TRUTH], [float(r["trunk_flexion_deg"]) for r in TRUTH])
    still = times <= 0.7
    return float(np.abs((angles - angles[still].mean()) - (known - known[still].mean())).mean())


@pytest.mark.parametrize("size", FILES, ids=str)
def test_a_file_of_any_size_is_measured(size: tuple[int, int], model_file: Path, home: Path) -> None:
    """All of its readings are there, and the trunk is right within 2.5 degrees."""
    even = (size[0] // 2 * 2, size[1] // 2 * 2)  # what H.264 can hold
    clip = people.changed(SIDE, home / "clip.mp4", fitted(*even), end_s=3.0)
    done = posture("analyze", str(clip), "--neutral", "0-0.7", "--out", str(home / "out"))
    assert done.returncode == 0, done.stderr
    assert trunk_error_deg(home / "out") < 2.5


def test_a_pipe_of_an_odd_size_is_measured(model_file: Path, home: Path) -> None:
    """854 x 480 is shrunk to 640 x 360, and 404 x 720 to 359 x 640."""
    clip = people.changed(SIDE, home / "clip.mkv", fitted(404, 720), end_s=3.0)
    done = posture("analyze", "-", "--neutral", "0-0.7", "--out", str(home / "out"), stdin=clip.read_bytes())
    assert done.returncode == 0, done.stderr
    assert trunk_error_deg(home / "out") < 2.5


def test_frames_of_any_size_are_measured(model_file: Path, home: Path) -> None:
    """By the library, odd widths and heights too, and one after the other in one recording."""
    code = f"""
import sys, numpy as np
sys.path.insert(0, {str(Path(__file__).parent)!r})
import people, posture
frames = people.frames_of(__import__("pathlib").Path({str(SIDE)!r}), end_s=1.0)
sizes = [(854, 480), (637, 480), (639, 480), (641, 480), (481, 641)]
for size in sizes:
    made = [(f.time_s, np.asarray(people.resized(*size)(f.image))) for f in frames]
    recording = posture.analyze_frames(made, neutral=(0, 0.7))
    assert np.isfinite(recording.readings["trunk_flexion_deg"]).all() and len(recording.readings) == 5, size
made = [(f.time_s, np.asarray(people.resized(*sizes[i])(f.image))) for i, f in enumerate(frames)]
recording = posture.analyze_frames(made, neutral=(0, 0.7))
print(int(np.isfinite(recording.readings["trunk_flexion_deg"]).sum()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 4


@pytest.mark.skipif(sys.platform == "win32", reason="ends the monitor by a signal")
@pytest.mark.parametrize("size", CAMERAS, ids=str)
def test_a_camera_of_any_size_is_watched(size: tuple[int, int], model_file: Path, home: Path) -> None:
    """The monitor measures it, and ends well when it is told to."""
    images = [fitted(*size)(f.image) for f in FRAMES]
    with MjpegCamera(images, fps=5.0) as camera:
        argv = [sys.executable, "-m", "posture", "watch", "--camera", camera.url, "--no-setup", "--notify", "none", "--no-tray"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as watch:
            status, until_s = "", time.monotonic() + 40.0
            while '"trunk_flexion_deg": ' not in status and time.monotonic() < until_s:
                assert watch.poll() is None, watch.communicate()[0]
                time.sleep(0.1)
                status = json.dumps(now())
            watch.send_signal(signal.SIGINT)
            out, _ = watch.communicate(timeout=30)
    assert (size, watch.returncode) == (size, 0), out
    assert '"trunk_flexion_deg": ' in status, (size, status)
