"""The loop of a live session on a real stream, and what other processes ask of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import people
import pytest
from conftest import SAMPLES
from finders import live_of
from mjpeg import MjpegCamera, Mood
from skeleton import Camera as View, pose_of, sitting
from test_monitor import Screen

from posture._support import catalogue, clock
from posture.capture.camera import Camera
from posture.capture.camera_list import CameraInfo
from posture.engine.engine import Engine
from posture.engine.sampling import LIVE_RATE_HZ
from posture.engine.session import Mode
from posture.monitor.control.requests import PAUSE_KEY, RequestHandler, SessionFacts, kept_pause
from posture.monitor.control.server import ControlRequest
from posture.monitor.loop import Inbox, run
from posture.monitor.session import Monitor, SessionCamera
from posture.prompts.scheduler import PromptScheduler
from posture.settings import Settings
from posture.types import Answer, Detection, FoundPose, Frame, Posture, ReportKind, Span

SIDE = View(yaw_deg=90.0)
LOST_AFTER_S = 1.0
PATIENCE_S = 60.0


def find(frame: Frame) -> FoundPose:
    """Somebody who sits still."""
    return FoundPose(frame.time_s, Detection.PERSON, pose_of(sitting(0.0), SIDE, frame.time_s))


@dataclass
class Asked:
    """A request that remembers its answer."""

    what: str
    values: Mapping[str, Any] = field(default_factory=dict)
    answers: list[Mapping[str, Any]] = field(default_factory=list)

    def request(self) -> ControlRequest:
        return ControlRequest(self.what, self.values, self.answers.append)


class Session:
    """A live session in a thread, on a stream."""

    def __init__(self, url: str, beneath: Callable[[], float] = time.monotonic) -> None:
        settings, self.screen, self.inbox, self.kept = Settings(), Screen(), Inbox(), dict[str, str | None]()
        self.answers: list[tuple[int | None, Answer]] = []
        self.reports: list[ReportKind | None] = []
        self._url, self._beneath = url, beneath
        self.leap_s = 0.0
        """What the clock is ahead of time; a test moves it."""
        self._began = self._now_s()
        self.stopping = threading.Event()
        self.camera = SessionCamera(self._make_camera)
        facts = SessionFacts(time.time(), "stream", url, None)
        self.requests = RequestHandler(
            facts, lambda: self.camera.released, lambda: self.camera.known, self.kept.__setitem__, self._answered, self._reported
        )
        self.monitor = Monitor(
            engine=Engine(settings, PromptScheduler(catalogue.load(), settings.prompts)),
            live=live_of(find),
            view=self.screen,
            camera=self.camera,
            leases=self.requests,
            prompts=self.screen,
            writer=None,
        )
        self.thread = threading.Thread(target=self._run)

    def _answered(self, number: int | None, answer: Answer, time_s: float) -> str | None:
        self.answers.append((number, answer))
        return None

    def _reported(self, kind: ReportKind | None, flagged: bool, time_s: float) -> None:
        self.reports.append(kind)

    def _run(self) -> None:
        self.monitor.start()
        run(self.monitor, self.camera, self.inbox, self.clock, self.stopping.is_set, lambda _: self.requests.answer_leases())

    def _make_camera(self, known: CameraInfo | None) -> Camera:
        return Camera(self._url, rate_hz=LIVE_RATE_HZ, start_s=self._began, known=known, clock=self._now_s, lost_after_s=LOST_AFTER_S)

    def _now_s(self) -> float:
        return self._beneath() + self.leap_s

    def clock(self) -> float:
        return self._now_s() - self._began

    def ask(self, what: str, **values: Any) -> Mapping[str, Any]:
        asked = Asked(what, values)
        self.inbox.put(lambda t: self.requests.process(asked.request(), self.monitor, t))
        wait_for(lambda: asked.answers)
        return asked.answers[0]

    @property
    def mode(self) -> Mode:
        return self.monitor.state.mode

    def end(self) -> list[Span]:
        self.stopping.set()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
        assert self.camera.released
        return self.monitor.total.spans


def wait_for(condition: Callable[[], Any]) -> None:
    """Until the condition holds; fails if it does not."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def stream() -> Iterator[MjpegCamera]:
    """Somebody at a desk, ten pictures a second."""
    with MjpegCamera([f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=1.0)], fps=10.0) as camera:
        yield camera


@pytest.fixture
def live(stream: MjpegCamera) -> Iterator[Session]:
    """A session that measures."""
    session = Session(stream.url)
    session.thread.start()
    wait_for(lambda: session.mode is Mode.RUNNING)
    yield session
    session.end()


def tiled(spans: list[Span]) -> bool:
    """Whether spans have neither gap nor overlap."""
    return all(a.end_s == b.start_s for a, b in pairwise(spans))


def test_a_pause_lets_the_camera_go_and_resuming_takes_it_again(live: Session, stream: MjpegCamera) -> None:
    """Paused: the camera is let go within a second, the time is unknown for that reason; resumed: measured again."""
    said = live.ask("pause", until_utc=None)
    assert said["mode"] == "paused"
    assert live.kept[PAUSE_KEY] == "open"
    wait_for(lambda: live.camera.released)
    assert live.ask("resume")["mode"] == "opening"
    assert live.kept[PAUSE_KEY] is None
    wait_for(lambda: live.mode is Mode.RUNNING)
    spans = live.end()
    assert tiled(spans)
    assert [s.reason for s in spans if s.reason == "paused"] == ["paused"]


def test_a_pause_with_an_end_ends_by_itself(live: Session) -> None:
    """A pause of five seconds is over after five seconds."""
    until_utc = time.time() + 5.0
    assert live.ask("pause", until_utc=until_utc)["paused_until_utc"] == pytest.approx(until_utc, abs=0.5)
    assert live.mode is Mode.PAUSED
    live.leap_s = 5.0
    wait_for(lambda: live.mode is Mode.RUNNING)


def test_the_camera_is_lent_and_taken_back_from_one_who_died(live: Session) -> None:
    """The borrower is told when nothing holds the camera; after its death it is taken back within two seconds."""
    loan = live.ask("request_lease", holder="preview 1")
    assert live.camera.released
    assert loan["camera"].startswith("http://127.0.0.1")
    assert live.mode is Mode.LENT
    assert "error" in live.ask("request_lease", holder="preview 2")
    live.ask("lease_lost", holder="preview 1")
    assert live.mode is not Mode.LENT
    wait_for(lambda: live.mode is Mode.RUNNING)
    spans = live.end()
    assert tiled(spans)
    assert {s.reason for s in spans if s.posture is Posture.UNKNOWN} >= {"preview"}


def test_a_pause_lasts_as_long_as_it_says_whatever_the_clock_on_the_wall_does(live: Session) -> None:
    """The clock was set back by an hour since the start: fifteen minutes are fifteen minutes, and the end is told by the clock of now."""
    live.requests.utc = lambda: time.time() - 3600.0
    said = live.ask("pause", until_utc=time.time() - 3600.0 + 900.0)
    assert said["mode"] == "paused"
    assert said["paused_by"] == ["user"]
    assert said["paused_until_utc"] == pytest.approx(time.time() - 2700.0, abs=2.0)
    (pause,) = live.monitor.state.pauses
    assert pause.until_s == pytest.approx(live.clock() + 900.0, abs=2.0)


@pytest.mark.parametrize("until_utc", [1e15, -1.0, "soon", True])
def test_a_pause_without_sense_is_refused(live: Session, until_utc: object) -> None:
    """Longer than a week, over already, no number: words, and nothing is kept."""
    assert "error" in live.ask("pause", until_utc=until_utc)
    assert live.mode is Mode.RUNNING
    assert PAUSE_KEY not in live.kept
    assert kept_pause("1e15", 0.0) is None


def test_a_frozen_camera_is_opened_anew_again_and_again(live: Session, stream: MjpegCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same picture for ever: said once, opened anew every while, and measured again when it lives."""
    monkeypatch.setattr("posture.engine.image_quality.FROZEN_AFTER_S", 1.0)
    monkeypatch.setattr("posture.monitor.session.REOPEN_S", 0.5)
    before = stream.connections
    stream.mood = Mood.FROZEN
    wait_for(lambda: stream.connections >= before + 2)
    stream.mood = Mood.PLAY
    wait_for(lambda: "Measuring again." in live.screen.said)
    assert sum("same picture" in s for s in live.screen.said) == 1


def test_a_stop_that_is_asked_for_ends_the_session(live: Session) -> None:
    """The loop ends by itself and the camera is let go, within two seconds."""
    assert live.ask("stop")["stopping"] is True
    live.thread.join(PATIENCE_S)
    assert not live.thread.is_alive()
    assert live.mode is Mode.STOPPED
    assert live.screen.did[-1] == "finish"


def test_answers_and_nonsense_from_outside(live: Session) -> None:
    """An answer reaches the prompts; what is not known gets words."""
    assert live.ask("answer", answer="done", number=7) == {"answered": "done"}
    assert live.answers == [(7, Answer.DONE)]
    assert "one of" in live.ask("answer", answer="perhaps")["error"]
    assert live.ask("report", kind="numb") == {"noted": True}
    assert live.ask("acknowledge") == {"noted": True}
    assert live.reports == [ReportKind.NUMB, None]
    assert "one of" in live.ask("report", kind="grand")["error"]
    assert "does not know" in live.ask("dance")["error"]
    assert live.ask("status")["posture"] in {"neutral", "flexed", "unknown"}


def test_time_asleep_is_unknown_and_no_sitting(live: Session) -> None:
    """A clock that leaps by two hours between two pictures: the time is suspended, not sat, and measuring goes on."""
    wait_for(lambda: live.monitor.status.judged is not None)
    live.leap_s = 7200.0
    wait_for(lambda: live.mode is Mode.RUNNING and live.monitor.status.time_s > 7200)
    spans = live.end()
    assert tiled(spans)
    asleep = sum(s.duration_s for s in spans if s.reason == "suspended")
    assert asleep == pytest.approx(7200.0, abs=3.0)


def test_black_pictures_are_said_and_a_hang_is_a_lost_camera(live: Session, stream: MjpegCamera) -> None:
    """Dark: words, unknown time, no session lost. Then the stream hangs: it is lost, and comes back within 5 s."""
    stream.mood = Mood.BLACK
    wait_for(lambda: "The picture is too dark to measure." in live.screen.said)
    stream.mood = Mood.MUTE
    wait_for(lambda: live.mode is Mode.CAMERA_LOST)
    stream.mood = Mood.PLAY
    stream.kill()
    stream.start()
    wait_for(lambda: live.mode is Mode.RUNNING)


def test_a_pause_survives_a_restart() -> None:
    """What was kept is a pause of the next session, unless it is over or unreadable."""
    assert kept_pause(None, 100.0) is None
    assert kept_pause("open", 100.0) is not None
    assert kept_pause("160.5", 100.0).until_s == pytest.approx(60.5)  # type: ignore[union-attr]
    assert kept_pause("90.0", 100.0) is None
    assert kept_pause("nonsense", 100.0) is None


def test_the_clock_counts() -> None:
    """The session's clock never falls, and a gap is found once."""
    first = clock.now_s()
    assert clock.now_s() >= first
    gap = clock.SuspendDetector(0.0)
    assert gap.look(1.0) is None
    assert gap.look(1.0 + clock.GAP_S) == (1.0, 1.0 + clock.GAP_S)
    assert gap.look(2.0 + clock.GAP_S) is None
