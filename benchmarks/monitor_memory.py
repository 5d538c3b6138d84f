"""Whether the live monitor's memory stays flat: a day of eight hours through measurement, monitor and database, as fast as it goes.

    python benchmarks/monitor_memory.py [--hours 8] [--real-share 0.1]

The day is made of pictures of a sample clip with a sensor's noise, 4.2 a second on an injected clock: the person sits upright, leans,
slumps, leaves the room and comes back, a few minutes each. Pictures are compared, judged and measured by the real parts, and what comes
of them is written to a real database in a folder for the moment. Only the finding of poses is spared: of the looks that are asked
for, a share goes through MediaPipe, the others get what that found last in the same picture. Notifications are left out.
Linux only.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"
sys.path[:0] = [str(ROOT), str(SAMPLES)]

from make_day import frames_by_state, read_clip  # noqa: E402

from posture._support import catalogue, parameters  # noqa: E402
from posture.engine import session  # noqa: E402
from posture.engine.engine import Engine, EngineOutput  # noqa: E402
from posture.engine.measurement import Measurement  # noqa: E402
from posture.engine.sampling import LIVE, LIVE_RATE_HZ  # noqa: E402
from posture.engine.session_status import SessionStatus  # noqa: E402
from posture.monitor.live_measurement import LiveMeasurement  # noqa: E402
from posture.monitor.session import Monitor  # noqa: E402
from posture.pose import weights  # noqa: E402
from posture.pose.finder import PoseFinder  # noqa: E402
from posture.pose.sampler import PoseSampler  # noqa: E402
from posture.prompts.scheduler import PromptScheduler  # noqa: E402
from posture.settings import Settings  # noqa: E402
from posture.storage.records import Origin  # noqa: E402
from posture.storage.session_writer import SessionWriter  # noqa: E402
from posture.storage.store import Store  # noqa: E402
from posture.types import FoundPose, Frame  # noqa: E402

CLIP = "side_day_male1"
NOISES, NOISE_SD = 6, 4.0
PLAN = (
    ("neutral", 6.0),
    ("lean", 9.0),
    ("neutral", 3.0),
    ("away", 2.0),
    ("slump", 12.0),
    ("neutral", 0.3),
    ("recline", 4.0),
    ("tilt", 5.0),
)
"""State and minutes, over and over."""

Image = NDArray[np.uint8]


@dataclass
class Nobody:
    """Who watches, has the camera, lends it and takes prompts: does nothing, and counts the prompts."""

    prompts: int = 0

    def now(self, now: SessionStatus) -> None:
        """Nothing."""

    def say(self, words: str) -> None:
        """Nothing."""

    def open(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""

    def reopen(self) -> None:
        """Nothing."""

    def lend(self, borrower: str) -> None:
        """Nothing."""

    def refuse(self, borrower: str, words: str) -> None:
        """Nothing."""

    def take(self, out: EngineOutput, time_s: float) -> None:  # noqa: ARG002 # as the protocol names it
        """Count."""
        self.prompts += len(out.shown)

    def withdraw(self) -> None:
        """Nothing."""

    def finish(self, time_s: float) -> None:
        """Nothing."""


class SparingFinder(PoseFinder):
    """Finds poses with MediaPipe in a share of the looks, and repeats what that found in the others."""

    def __init__(self, model: Path, share: float) -> None:
        """Look in that share of the pictures."""
        super().__init__(model)
        self.share, self.looks, self.real = share, 0, 0
        self._known: dict[int, FoundPose] = {}

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> FoundPose:
        """Find a pose, or repeat what was found in this picture before."""
        self.looks += 1
        key = id(frame.image)
        if key in self._known and self.real >= self.share * self.looks:
            found = self._known[key]
            pose = None if found.pose is None else replace(found.pose, time_s=frame.time_s)
            return replace(found, time_s=frame.time_s, pose=pose, cut=False)
        self.real += 1
        self._known[key] = super().find(frame, least_px_per_m)
        return self._known[key]


def pictures() -> dict[str, list[Image]]:
    """For each state one picture with several noises, (H, W, 3) uint8 RGB."""
    rng = np.random.default_rng(8)
    clip, truth = read_clip(SAMPLES / f"{CLIP}.mp4"), frames_by_state(SAMPLES / f"{CLIP}.csv")
    plain = {state: clip[int(np.flatnonzero(truth[state][: len(clip)])[-1])] for state, _ in PLAN if state != "away"}
    plain["away"] = cv2.imread(str(SAMPLES / f"{CLIP}_empty.png"))
    noisy = {}
    for state, bgr in plain.items():
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        noise = (NOISE_SD * rng.standard_normal(rgb.shape, np.float32) for _ in range(NOISES))
        noisy[state] = [np.clip(rgb + n, 0, 255).astype(np.uint8) for n in noise]
    return noisy


def frames(hours: float) -> Iterator[Frame]:
    """The day's frames."""
    shown = pictures()
    time_s, until_s = 0.0, 0.0
    for state, minutes in itertools.cycle(PLAN):
        until_s += 60.0 * minutes
        for image in itertools.cycle(shown[state]):
            if time_s >= hours * 3600.0:
                return
            if time_s >= until_s:
                break
            yield Frame(time_s, image)
            time_s += 1.0 / LIVE_RATE_HZ


def resident_mb() -> float:
    """Memory of this process in RAM, MB."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1]) / 1024.0
    raise SystemExit("no VmRSS in /proc/self/status")


def main() -> None:
    """Run the day and print the memory at each hour."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=8.0, help="of the day that is fed")
    parser.add_argument("--real-share", type=float, default=0.1, help="share of the looks that go through MediaPipe")
    asked = parser.parse_args()
    began_s, now_s, settings, nobody = time.monotonic(), [0.0], Settings(), Nobody()
    points: list[tuple[float, float]] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        finder = stack.enter_context(SparingFinder(weights.resolve("full"), asked.real_share))
        store = stack.enter_context(Store.open(Path(folder, "posture.db")))
        number = store.start_session(origin=Origin.LIVE, started_utc=time.time(), source="memory")
        writer = stack.enter_context(SessionWriter(store, number, clock=lambda: now_s[0]))
        live = LiveMeasurement(PoseSampler(finder, LIVE), Measurement(settings, parameters.load()))
        engine = Engine(settings, PromptScheduler(catalogue.load(), settings.prompts))
        monitor = Monitor(engine, live, nobody, nobody, nobody, nobody, writer)
        monitor.start()
        for count, frame in enumerate(frames(asked.hours)):
            now_s[0] = frame.time_s
            monitor.process(frame)
            if frame.time_s >= 3600.0 * len(points):
                points.append((frame.time_s / 3600.0, resident_mb()))
                print(f"hour {points[-1][0]:4.1f}: {points[-1][1]:7.1f} MB   {finder.looks} looks, {count + 1} pictures", flush=True)
        monitor.stop(now_s[0])
        points.append((asked.hours, resident_mb()))
        print(f"the end  : {points[-1][1]:7.1f} MB   {finder.looks} looks, {finder.real} of them by MediaPipe; {nobody.prompts} prompts")
        print(f"spans {len(monitor.total.spans)}, mode {monitor.state.mode}, {session.Mode.STOPPED} expected")
    later = np.array([p for p in points if p[0] >= 1.0])
    if len(later) >= 2:
        print(f"slope from the first hour on: {np.polyfit(later[:, 0], later[:, 1], 1)[0]:+.2f} MB an hour")
    print(f"took {time.monotonic() - began_s:.0f} s")


if __name__ == "__main__":
    main()
