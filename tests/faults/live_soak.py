"""Whether the live monitor stays as it is while it runs: memory, open files and threads, and whether it is right about when things happen.

    python tests/faults/live_soak.py [--seconds 1200] [--turn 185]

``posture watch`` runs in a process of its own, in real time, before a Motion JPEG stream of 10 pictures a second: somebody who sits
upright, leans forward, sits up, leaves and comes back, over and over, with a sensor's noise. When each of these began is known to a
tenth of a second. Every five seconds /proc is asked for the resident memory, the open files and the threads; at the end the changes of
posture in the database are compared with the truth. Ends with 1 if a limit does not hold. Linux only.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from mjpeg import MjpegCamera  # noqa: E402
from monitor_memory import pictures  # noqa: E402

from faults.figures import note  # noqa: E402

FPS, SAMPLE_S, LEARN_S = 10.0, 5.0, 22.0
PLAN = (("neutral", 45.0), ("lean", 40.0), ("neutral", 30.0), ("away", 70.0))
"""State and seconds of one turn, after the first seconds, from which the neutral is learnt."""
POSTURE = {"neutral": "neutral", "lean": "flexed", "away": "away"}
LATE_S, SLOPE_MB_H, SETTLED_S = 2.0, 10.0, 120.0
"""An event is dated within this of the truth; memory grows less than this once that much time has passed."""


@dataclass
class Sample:
    """What /proc says of the monitor."""

    time_s: float
    memory_mb: float
    files: int
    threads: int


class Room(MjpegCamera):
    """A camera before somebody whose changes of posture are known."""

    def __init__(self, turn_s: float) -> None:
        """A round of the plan takes `turn_s` seconds."""
        shown = pictures()
        super().__init__([image for images in shown.values() for image in images], FPS)
        self._of_state, at = {}, 0
        for state, images in shown.items():
            self._of_state[state] = self._jpegs[at : at + len(images)]
            at += len(images)
        self._scale = turn_s / sum(s for _, s in PLAN)
        self._until_utc, self._turn, self._number = 0.0, -1, 0
        self.changes: list[tuple[float, str]] = []

    def jpeg(self) -> bytes:
        """The picture of the moment; there is one watcher, who gets each. The plan begins with the first."""
        now_utc = time.time()
        if not self.changes:
            self.changes, self._until_utc = [(now_utc, "neutral")], now_utc + LEARN_S
        elif now_utc >= self._until_utc:
            self._turn += 1
            state, seconds = PLAN[(self._turn + 1) % len(PLAN)]  # the first seconds were neutral
            self._until_utc += seconds * self._scale
            self.changes.append((now_utc, state))
        self._number += 1
        same = self._of_state[self.changes[-1][1]]
        return same[self._number % len(same)]


def sample(pid: int, began_s: float) -> Sample:
    """Now."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Sample(time.monotonic() - began_s, float(status["VmRSS"].split()[0]) / 1024, files, int(status["Threads"]))


def late(room: Room, folder: Path) -> tuple[list[float], int]:
    """By how much each change of posture in the database misses the truth, seconds, and how many it has missed or made up."""
    with closing(sqlite3.connect(folder / "posture.db")) as db:
        spans = db.execute("SELECT start_utc, end_utc, posture FROM spans ORDER BY start_utc").fetchall()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert all(abs(a[1] - b[0]) < 1e-6 for a, b in pairwise(spans)), "spans have gaps or overlap"
    known = [s for s in spans if s[2] != "unknown"]
    stored = [(b[0], b[2]) for a, b in pairwise(known) if a[2] != b[2]]
    end_utc = spans[-1][1]
    truth = [(at, POSTURE[state]) for at, state in room.changes[1:] if at < end_utc - LATE_S]
    off, missed = [], 0
    for at, posture in truth:
        same = [abs(t - at) for t, p in stored if p == posture]
        nearest = min(same, default=1e9)
        if nearest > 15.0:
            missed += 1
        else:
            off.append(nearest)
    times = [at for at, _ in room.changes]
    made_up = sum(1 for t, p in stored if POSTURE[room.changes[max(0, bisect_right(times, t + LATE_S) - 1)][1]] != p)
    return off, missed + made_up


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1200.0)
    parser.add_argument("--turn", type=float, default=sum(s for _, s in PLAN), help="seconds of one round of the plan")
    asked = parser.parse_args()
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = os.environ | {"POSTURE_DATA_DIR": name, "POSTURE_CONFIG": f"{name}/config.toml", "PYTHONPATH": str(ROOT)}
        argv = [sys.executable, "-m", "posture", "watch", "--notify", "none", "--no-tray", "--no-setup", "--camera"]
        with Room(asked.turn) as room:
            with Path(folder, "said.txt").open("wb") as said:
                child = subprocess.Popen([*argv, room.url], env=env, stdout=said, stderr=said)
            try:
                while not room.changes and child.poll() is None:
                    time.sleep(0.1)
                began_s = time.monotonic()
                while time.monotonic() - began_s < asked.seconds:
                    time.sleep(SAMPLE_S)
                    assert child.poll() is None, Path(folder, "said.txt").read_text()
                    samples.append(sample(child.pid, began_s))
                child.terminate()
                code = child.wait(20.0)
            finally:
                child.kill()
                child.wait()
        off, wrong = late(room, folder)
    settled = [s for s in samples if s.time_s >= min(SETTLED_S, asked.seconds / 2)]
    hours, memory = np.array([s.time_s / 3600 for s in settled]), np.array([s.memory_mb for s in settled])
    slope = float(np.polyfit(hours, memory, 1)[0])
    half = len(settled) // 2
    files, threads = ([max(getattr(s, what) for s in part) for part in (settled[:half], settled[half:])] for what in ("files", "threads"))
    figures = {
        "seconds": round(asked.seconds),
        "exit_code": code,
        "memory_mb_first": round(memory[0], 1),
        "memory_mb_last": round(memory[-1], 1),
        "slope_mb_an_hour": round(slope, 2),
        "files": f"{files[0]} then {files[1]}",
        "threads": f"{threads[0]} then {threads[1]}",
        "changes": len(off),
        "latest_s": round(max(off), 2),
        "mean_late_s": round(float(np.mean(off)), 2),
        "missed_or_made_up": wrong,
    }
    print(", ".join(f"{key} {value}" for key, value in figures.items()))
    note("live soak", **figures)
    long = asked.seconds >= 600.0  # in a minute a slope says nothing
    fine = code == 0 and files[1] <= files[0] and threads[1] <= threads[0] and max(off) <= LATE_S and not wrong
    return 0 if fine and (not long or slope < SLOPE_MB_H) else 1


if __name__ == "__main__":
    sys.exit(main())
