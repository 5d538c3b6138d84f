"""A live session, from events of a camera to prompts and the store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from finders import live_of
from skeleton import Camera as View, pose_of, sitting

from posture._support import catalogue
from posture.capture.camera import CameraInterrupted, CameraRestored
from posture.desktop.notifications.notice import Notifier
from posture.engine.engine import Engine, EngineOutput
from posture.engine.measurement import LEARN_S
from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.monitor.notifier import PromptNotifier
from posture.monitor.session import NOT_CALIBRATED, Monitor
from posture.prompts.scheduler import PromptScheduler
from posture.settings import PromptSettings, Settings
from posture.storage.records import Origin
from posture.storage.session_writer import SessionWriter
from posture.storage.store import Store
from posture.types import Detection, EpisodeKind, FoundPose, Frame, Posture, ShownPrompt

SIDE = View(yaw_deg=90.0)
LIT = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.5)[0].image[::4, ::4]


@dataclass
class Screen:
    """View, camera, leases and notifier of a session, which remember what they were told."""

    prompts: list[ShownPrompt] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    last: SessionStatus | None = None

    def show(self, now: SessionStatus) -> None:
        self.last = now

    def say(self, words: str) -> None:
        self.said.append(words)

    def open(self) -> None:
        self.did.append("open")

    def close(self) -> None:
        self.did.append("close")

    def reopen(self) -> None:
        self.did.append("reopen")

    def grant_lease(self, holder: str) -> None:
        self.did.append(f"lend {holder}")

    def refuse_lease(self, holder: str, words: str) -> None:
        self.did.append(f"refuse {holder}")

    def process(self, out: EngineOutput, time_s: float) -> None:
        self.prompts += out.shown

    def withdraw(self) -> None:
        self.did.append("withdraw")

    def finish(self, out: EngineOutput, time_s: float) -> None:
        self.process(out, time_s)
        self.did.append("finish")


def seen(lean_at: float = 1e9, gone: tuple[float, float] = (1e9, 1e9)):  # type: ignore[no-untyped-def]
    """A finder of a person who leans from a moment on and is gone for a while."""

    def find(frame: Frame) -> FoundPose:
        t = frame.time_s
        if gone[0] <= t < gone[1]:
            return FoundPose(t, Detection.NOBODY)
        return FoundPose(t, Detection.PERSON, pose_of(sitting(32.0 if t >= lean_at else 0.0), SIDE, t))

    return find


def monitor(find, keeper: SessionWriter | None = None) -> tuple[Monitor, Screen]:  # type: ignore[no-untyped-def]
    """A monitor with the shipped settings."""
    screen, settings = Screen(), Settings()
    desk = PromptScheduler(catalogue.load(), settings.prompts)
    prompts = screen if keeper is None else PromptNotifier(catalogue.load(), desk, Notifier(), keeper, lambda _id: None)
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
        live.process(f)
    live.stop(760.0)
    assert live.live.measurement.neutral is not None
    assert live.live.measurement.neutral.source == "automatic"
    assert live.status.advice == NOT_CALIBRATED
    assert [p.kind for p in screen.prompts] == [EpisodeKind.FLEXED]
    assert 657.0 <= screen.prompts[0].time_s <= 663.0 + PromptSettings().patience_s
    assert live.state.mode is Mode.STOPPED
    assert any("calibrat" in s for s in screen.said)


def test_a_lost_camera_is_unknown_time_and_starts_the_dose_anew() -> None:
    """Two minutes without a camera are unknown, said in words, and the dose before them is gone."""
    live, screen = monitor(seen(lean_at=LEARN_S + 5))
    live.start()
    for f in frames(0.0, 500.0, [LEARN_S + 5]):
        live.process(f)
    live.process(CameraInterrupted(504.0, "The camera was unplugged.", 499.0))
    live.idle(600.0)
    live.process(CameraRestored(624.0))
    for f in frames(624.0, 1100.0):
        live.process(f)
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
        live.process(f)
    for i in range(60):
        live.process(Frame(30.0 + i, LIT * 0))
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
                live.process(f)
            live.stop(1100.0)
        spans = store.spans_between(began, began + 1100)
        assert sum(s.end_utc - s.start_utc for s in spans) == pytest.approx(1100.0, abs=0.01)
        assert [p.kind for p in store.prompts_between(began, began + 1100)] == [EpisodeKind.FLEXED]
        assert len(store.moves_between(began, began + 1100)) >= 1
        assert any(e.kind is EpisodeKind.FLEXED for e in store.episodes_between(began, began + 1100))
