"""A live session, from events of a camera to prompts and the store; and the command on a real stream."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import mjpeg
import people
import pytest
from conftest import SAMPLES
from finders import live_of
from skeleton import Camera as View
from skeleton import pose_of, sitting

from posture import catalogue
from posture.cli import run
from posture.delivery import Delivery
from posture.desktop.notices import NoNotifier
from posture.engine.engine import Engine, EngineOutput
from posture.engine.measurement import LEARN_S
from posture.model import Frame, Kind, Observation, Posture, ShownPrompt, Sight
from posture.monitor import Monitor, Now
from posture.prompts import PromptDesk
from posture.session import Mode
from posture.session_writer import SessionWriter
from posture.settings import PromptSettings, Settings
from posture.sources.camera import Back, Lost
from posture.store import Store
from posture.stored import Origin

SIDE = View(yaw_deg=90.0)
LIT = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.5)[0].image


@dataclass
class Screen:
    """A face, a shutter, a lender and a deliverer that remember."""

    prompts: list[ShownPrompt] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    last: Now | None = None

    def now(self, now: Now) -> None:
        self.last = now

    def say(self, words: str) -> None:
        self.said.append(words)

    def open(self) -> None:
        self.did.append("open")

    def close(self) -> None:
        self.did.append("close")

    def reopen(self) -> None:
        self.did.append("reopen")

    def lend(self, borrower: str) -> None:
        self.did.append(f"lend {borrower}")

    def refuse(self, borrower: str, words: str) -> None:
        self.did.append(f"refuse {borrower}")

    def take(self, out: EngineOutput, time_s: float) -> None:
        self.prompts += out.shown

    def withdraw(self) -> None:
        self.did.append("withdraw")

    def finish(self, time_s: float) -> None:
        self.did.append("finish")


def seen(lean_at: float = 1e9, gone: tuple[float, float] = (1e9, 1e9)):  # type: ignore[no-untyped-def]
    """A finder of a person who leans from a moment on and is gone for a while."""

    def find(frame: Frame) -> Observation:
        t = frame.time_s
        if gone[0] <= t < gone[1]:
            return Observation(t, Sight.NOBODY)
        return Observation(t, Sight.PERSON, pose_of(sitting(32.0 if t >= lean_at else 0.0), SIDE, t))

    return find


def monitor(find, keeper: SessionWriter | None = None) -> tuple[Monitor, Screen]:  # type: ignore[no-untyped-def]
    """A monitor with the shipped settings."""
    screen, settings = Screen(), Settings()
    desk = PromptDesk(catalogue.load(), settings.prompts)
    prompts = screen if keeper is None else Delivery(catalogue.load(), desk, NoNotifier(), keeper, lambda _id: None)
    return Monitor(Engine(settings, desk), live_of(find), screen, screen, screen, prompts, keeper), screen


def frames(start: float, end: float, changes: Sequence[float] = ()) -> Iterator[Frame]:
    """Pictures of a sensor, one a second; another one from each change on."""
    for i in range(int(end - start)):
        image = LIT[:, ::-1] if sum(start + i >= t for t in changes) % 2 else LIT
        yield Frame(start + i, people.noisy(image, i))


def test_a_session_learns_the_neutral_and_prompts_after_ten_flexed_minutes() -> None:
    """15 s of neutral, upright to the first minute, then a lean: the prompt comes at the eleventh minute, once, or a little later if
    nobody moves."""
    live, screen = monitor(seen(lean_at=60.0))
    live.start()
    for f in frames(0.0, 760.0, [60.0]):
        live.take(f)
    live.stop(760.0)
    assert live.live.measurement.neutral is not None
    assert live.live.measurement.neutral.source == "automatic"
    assert [p.kind for p in screen.prompts] == [Kind.FLEXED]
    assert 657.0 <= screen.prompts[0].time_s <= 663.0 + PromptSettings().patience_s
    assert live.state.mode is Mode.STOPPED
    assert any("calibrat" in s for s in screen.said)


def test_a_lost_camera_is_unknown_time_and_starts_the_dose_anew() -> None:
    """Two minutes without a camera are unknown, said in words, and the dose before them is gone."""
    live, screen = monitor(seen(lean_at=LEARN_S + 5))
    live.start()
    for f in frames(0.0, 500.0, [LEARN_S + 5]):
        live.take(f)
    live.take(Lost(504.0, "The camera was unplugged.", 499.0))
    live.idle(600.0)
    live.take(Back(624.0))
    for f in frames(624.0, 1100.0):
        live.take(f)
    live.stop(1100.0)
    assert screen.prompts == []
    lost = [s for s in live.total.spans if s.reason == "camera_lost"]
    assert [(s.start_s, s.end_s) for s in lost] == [(499.0, 624.0)]
    assert all(a.end_s == b.start_s for a, b in pairwise(live.total.spans))
    assert any("unplugged" in s for s in screen.said)


def test_a_dark_picture_is_unknown_and_not_away() -> None:
    """Black pictures say so in words; the time is unknown."""
    live, screen = monitor(seen())
    live.start()
    for f in frames(0.0, 30.0):
        live.take(f)
    for i in range(60):
        live.take(Frame(30.0 + i, LIT * 0))
    live.stop(90.0)
    unknown = [s for s in live.total.spans if s.posture is Posture.UNKNOWN and s.reason == "too_dark"]
    assert sum(s.duration_s for s in unknown) == pytest.approx(60.0)
    assert not [s for s in live.total.spans if s.posture is Posture.AWAY]
    assert "The picture is too dark to measure." in screen.said


def test_what_was_measured_is_in_the_store(tmp_path: Path) -> None:
    """Spans, episodes, breaks and prompts of a live session are one's own day."""
    with Store.open(tmp_path / "p.db") as store:
        began = time.time() - 2000
        number = store.start_session(origin=Origin.LIVE, started_utc=began, source="0")
        with SessionWriter(store, number) as writer:
            live, _ = monitor(seen(lean_at=60.0, gone=(900.0, 1000.0)), writer)
            live.start()
            for f in frames(0.0, 1100.0, [60.0, 900.0, 1000.0]):
                live.take(f)
            live.stop(1100.0)
        spans = store.spans_between(began, began + 1100)
        assert sum(s.end_utc - s.start_utc for s in spans) == pytest.approx(1100.0, abs=0.01)
        assert [p.kind for p in store.prompts_between(began, began + 1100)] == [Kind.FLEXED]
        assert len(store.moves_between(began, began + 1100)) >= 1
        assert any(e.kind is Kind.FLEXED for e in store.episodes_between(began, began + 1100))


def lines_of(stream) -> tuple[queue.Queue[str], threading.Thread]:  # type: ignore[no-untyped-def, type-arg]
    """Lines of a process as they come, and who reads them; the stream is closed at its end."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        with stream:
            for line in stream:
                lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return lines, reader


def test_watch_prompts_on_a_real_stream_and_ends_well_on_ctrl_c(model_file: Path, home: Path) -> None:
    """A leaning person on an MJPEG stream: the prompt is shown in the terminal, Ctrl-C ends within seconds, the day has it."""
    clip = str(SAMPLES / "side_mixed_male1.mp4")
    assert run(["analyze", clip, "--end", "2", "--out", str(home / "o"), "--neutral", "0-0.7", "--profile", "desk", "--no-store"]) == 0
    leaning = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4") if 9.6 <= f.time_s <= 12.0]
    argv = [sys.executable, "-u", "-m", "posture", "watch", "--profile", "desk", "--notify", "terminal", "--no-setup"]
    for setting in ("dose.episode_floor_s=1", "dose.soft_s=3", "dose.firm_s=600"):
        argv += ["--set", setting]
    with mjpeg.MjpegCamera(leaning, fps=10.0) as camera:
        child = subprocess.Popen(
            [*argv, "--camera", camera.url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ.copy()
        )
        lines, reader = lines_of(child.stdout)
        said, until = "", time.monotonic() + 60.0
        while "Cat-Cow" not in said and time.monotonic() < until:
            try:
                said += lines.get(timeout=1.0)
            except queue.Empty:
                continue
        assert "Cat-Cow" in said, said
        asked = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10.0) == 0
        assert time.monotonic() - asked < 5.0
        reader.join(timeout=5.0)
        assert not reader.is_alive()
    with Store.open() as store:
        session = store.sessions_between(time.time() - 300, time.time() + 10)
        assert [s.source.rpartition(":")[0] for s in session] == ["http://127.0.0.1"]
        assert [p.kind for p in store.prompts_between(time.time() - 300, time.time() + 10)] == [Kind.FLEXED]
