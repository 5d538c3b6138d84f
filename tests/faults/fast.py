"""A monitoring session in fast motion: the real monitor, writer and database, with a camera, a person and a clock of the test's own.

python -m faults.fast DATABASE PROGRESS STARTED_UTC     runs until it is killed; what it has seen stands in PROGRESS
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from finders import live_of
from skeleton import Camera as View, pose_of, sitting

from posture._support import catalogue
from posture.desktop.notifications.notice import Notifier
from posture.engine.engine import Engine
from posture.engine.session_status import SessionStatus
from posture.monitor.notifier import PromptNotifier
from posture.monitor.session import Monitor
from posture.prompts.scheduler import PromptScheduler
from posture.settings import DoseSettings, PromptSettings, Settings
from posture.storage.records import Origin
from posture.storage.session_writer import LastingWriter
from posture.storage.store import Store
from posture.storage.write_queue import WriteQueue
from posture.types import Detection, FoundPose, Frame

STEP_S = 0.5
SIDE = View(yaw_deg=90.0)
SETTINGS = Settings(
    dose=replace(DoseSettings(), soft_s=20.0, episode_floor_s=5.0),
    prompts=replace(PromptSettings(), quiet_s=0.0, patience_s=1.0, per_hour=60),
)
TURN_S, UPRIGHT_S, AWAY_S = 130.0, 25.0, 60.0
"""Of a turn: first upright, then leaning, then away."""
_RNG = np.random.default_rng(3)
_SCENES = [_RNG.integers(60, 190, (60, 80, 3)) for _ in range(3)]
PICTURES = [[(scene + _RNG.integers(0, 4, scene.shape)).astype(np.uint8) for _ in range(4)] for scene in _SCENES]
"""Of somebody upright, leaning, away; a sensor's noise makes four of each."""


def scene_at(time_s: float) -> int:
    """0: upright, 1: leaning, 2: away."""
    at = time_s % TURN_S
    return 0 if at < UPRIGHT_S else 1 if at < AWAY_S else 2


def find(frame: Frame) -> FoundPose:
    """Somebody who sits upright, leans and goes away, over and over."""
    t = frame.time_s
    scene = scene_at(t)
    if scene == 2:
        return FoundPose(t, Detection.NOBODY)
    return FoundPose(t, Detection.PERSON, pose_of(sitting(32.0 * scene), SIDE, t))


@dataclass
class Watcher:
    """Who sees the session and has its camera: remembers what was said, does nothing."""

    said: list[str] = field(default_factory=list)
    last: SessionStatus | None = None

    def show(self, now: SessionStatus) -> None:
        self.last = now

    def say(self, words: str) -> None:
        self.said.append(words)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def reopen(self) -> None: ...

    def grant_lease(self, holder: str) -> None: ...

    def refuse_lease(self, holder: str, words: str) -> None: ...


class Fast:
    """One session that goes on as fast as it can."""

    def __init__(self, store: Store, began_utc: float, most: int = 20_000) -> None:
        self.store, self.began_utc, self.now_s, self.watcher = store, began_utc, 0.0, Watcher()
        self.backlog = WriteQueue(store, self.watcher.say, clock=lambda: self.now_s, most=most)
        self.writer = LastingWriter(store, self.backlog, self._begin, clock=lambda: self.now_s)
        desk = PromptScheduler(catalogue.load(), SETTINGS.prompts)
        self.monitor = Monitor(
            engine=Engine(SETTINGS, desk),
            live=live_of(find, settings=SETTINGS),
            view=self.watcher,
            camera=self.watcher,
            leases=self.watcher,
            prompts=PromptNotifier(catalogue.load(), desk, Notifier(), self.writer, lambda _id: None),
            writer=self.writer,
            trouble=lambda: self.backlog.trouble,
        )
        self.monitor.start()

    def _begin(self) -> int:
        return self.store.start_session(origin=Origin.LIVE, started_utc=self.began_utc, source="camera 0")

    def step(self) -> None:
        """One picture more."""
        self.monitor.process(Frame(self.now_s, PICTURES[scene_at(self.now_s)][int(self.now_s / STEP_S) % 4]))
        self.backlog.flush()
        self.now_s += STEP_S

    def run(self, seconds: float) -> None:
        """This much of its time."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.step()

    def end(self) -> None:
        """End the session well."""
        with self.writer:
            self.monitor.stop(self.now_s)


def environment() -> dict[str, str]:
    """For programs of this folder in a process of their own."""
    tests = Path(__file__).resolve().parents[1]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}


def main() -> None:
    """Run until killed."""
    path, progress, began_utc = sys.argv[1], os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY), float(sys.argv[3])
    with Store.open(path) as store:
        session = Fast(store, began_utc)
        while True:
            os.pwrite(progress, f"{session.now_s:20.3f}".encode(), 0)  # what is seen, before anything of it is written
            session.step()


if __name__ == "__main__":
    main()
