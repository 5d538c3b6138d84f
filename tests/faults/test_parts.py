"""Parts that fail in ways nobody foresaw, and clocks that leap: measuring goes on."""

from __future__ import annotations

import logging
import time
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import SAMPLES
from holdings import hard_ended
from mjpeg import MjpegCamera, pictures_of
from test_live import Asked, Session, tiled, wait_for

from faults.fast import Fast, Watcher
from posture._support import clock
from posture.engine.engine import EngineOutput
from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.errors import PostureError, StoreError
from posture.monitor.isolation import ErrorIsolation
from posture.monitor.loop import Inbox
from posture.storage.records import Origin
from posture.storage.session_writer import hard_end
from posture.storage.store import Store

START = 1_767_600_000.0


class Broken:
    """Fails in everything it is asked to do."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def show(self, now: SessionStatus) -> None:
        raise self.error

    def say(self, words: str) -> None:
        raise self.error

    def process(self, out: EngineOutput, time_s: float) -> None:
        raise self.error

    def withdraw(self) -> None:
        raise self.error

    def finish(self, time_s: float) -> None:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("boom"), OSError(28, "no space"), StoreError("the book cannot be read")])
def test_a_face_and_a_deliverer_that_always_fail_lose_no_second(error: Exception, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Terminal, tray, notifications: every call raises; the session is measured and written whole, each failure is said once."""
    watcher = Watcher()
    isolation = ErrorIsolation(watcher.say)
    with Store.open(tmp_path / "posture.db") as store:
        session = Fast(store, START)
        session.monitor.view = isolation.wrap(Broken(error), show="Showing the status", say="Showing a message")
        session.monitor.prompts = isolation.wrap(
            Broken(error),
            process="Showing a reminder",
            withdraw="Taking reminders off the screen",
            finish="Taking reminders off the screen",
        )
        session.run(80.0)
        session.end()
        spans = store.spans_between(START, START + 1e6)
    assert spans[-1].end_utc - START == 80.0
    assert len(spans) >= 3
    assert len(watcher.said) == len(set(watcher.said)) == 4
    assert all("Measuring continues." in words for words in watcher.said)
    assert (str(error) in watcher.said[0]) == isinstance(error, PostureError)
    assert any(record.exc_info for record in caplog.records)


def test_one_who_cannot_even_be_told(caplog: pytest.LogCaptureFixture) -> None:
    """A face whose own failure is to be said on itself: it is in the log, and that is all."""
    broken = Broken(RuntimeError("boom"))
    view = ErrorIsolation(broken.say).wrap(broken, say="Showing a message")
    view.say("something")
    assert [r.levelno for r in caplog.records] == [logging.ERROR, logging.ERROR]


def test_a_happening_that_fails_does_not_take_the_next_with_it(caplog: pytest.LogCaptureFixture) -> None:
    """Of three things in the inbox the second raises: the third is done all the same, the failure is in the log."""
    inbox, done = Inbox(), list[float]()

    def fail(_time_s: float) -> None:
        raise ZeroDivisionError

    for happening in (done.append, fail, done.append):
        inbox.put(happening)
    inbox.drain(lambda: 5.0)
    assert done == [5.0, 5.0]
    assert any(record.exc_info for record in caplog.records)


def test_a_live_session_outlives_answers_and_changes_that_fail(caplog: pytest.LogCaptureFixture) -> None:
    """On a real stream, running and paused: a request, a change at the desk and what is done each round raise; it measures on."""
    with MjpegCamera(pictures_of(SAMPLES / "side_mixed_male1.mp4")[:10], fps=10.0) as stream:
        session = Session(stream.url)
        session.thread.start()
        wait_for(lambda: session.mode is Mode.RUNNING)

        def fail(_time_s: float) -> None:
            raise KeyError("unforeseen")

        session.inbox.put(fail)
        session.requests.keep = lambda _key, _value: (_ for _ in ()).throw(StoreError("can't be made private"))
        asked = Asked("pause", {"until_utc": None})
        session.inbox.put(lambda t: session.requests.process(asked.request(), session.monitor, t))
        wait_for(lambda: sum(1 for r in caplog.records if r.exc_info) >= 2)
        session.requests.keep = session.kept.__setitem__
        assert session.ask("pause", until_utc=None)["mode"] == "paused"
        session.inbox.put(fail)
        wait_for(lambda: sum(1 for r in caplog.records if r.exc_info) >= 3)
        assert session.ask("resume")["mode"] == "opening"
        wait_for(lambda: session.mode is Mode.RUNNING)
        assert tiled(session.end())


# Clocks


def test_a_clock_beneath_that_falls_and_leaps() -> None:
    """What falls beneath stands still above, and goes on from there; a leap ahead is passed on, and found as time asleep."""
    beneath = [100.0, 101.0, 40.0, 41.0, 41.0, 7241.0, 0.0, 1.0]
    shown = iter(beneath)
    rising = clock.MonotonicClock(lambda: next(shown))
    seen = [rising() for _ in beneath[1:]]
    assert seen == [101.0, 101.0, 102.0, 102.0, 7302.0, 7302.0, 7303.0]
    gap = clock.SuspendDetector(100.0)
    assert [gap.look(s) for s in seen] == [None, None, None, None, (102.0, 7302.0), None, None]


def test_a_monotonic_clock_that_falls_in_a_live_session() -> None:
    """The machine's clock falls by an hour, as after a restore of a virtual machine: pictures go on being measured at once."""
    leap = 0.0
    steady = clock.MonotonicClock(lambda: time.monotonic() + leap)
    with MjpegCamera(pictures_of(SAMPLES / "side_mixed_male1.mp4")[:10], fps=10.0) as stream:
        session = Session(stream.url, steady)
        session.thread.start()
        wait_for(lambda: session.mode is Mode.RUNNING and session.monitor.status.judged is not None)
        leap = -3600.0
        before_s = session.monitor.status.time_s
        wait_for(lambda: session.monitor.status.time_s > before_s + 1.0)
        leap = +3600.0
        wait_for(lambda: session.mode is Mode.RUNNING and session.monitor.status.time_s > 7000)
        spans = session.end()
    assert tiled(spans)
    assert sum(s.duration_s for s in spans if s.reason == "suspended") == pytest.approx(7200.0, abs=3.0)


@pytest.mark.parametrize("step_s", [-7200.0, -60.0, 60.0, 7200.0])
def test_a_wall_clock_that_is_set_in_mid_session(step_s: float, tmp_path: Path) -> None:
    """Set back or forth while a session runs: its spans keep their length and order, another process that opens the database does
    not take it for ended for longer than until its next write, and a kill is still found by the next start."""
    wall = [START]
    path = tmp_path / "posture.db"
    with Store.open(path, clock=lambda: wall[0]) as store:
        session = Fast(store, START)
        for _ in range(2):
            session.run(30.0)
            wall[0] += 30.0
        wall[0] += step_s
        for _ in range(3):
            session.run(30.0)
            wall[0] += 30.0
            with Store.open(path, clock=lambda: wall[0]) as other:
                assert other.session(1).ended is None or step_s > 0
        session.end()
        spans = store.spans_between(0, 1e11)
        assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
        assert (spans[0].start_utc, spans[-1].end_utc) == (START, START + session.now_s)
        assert store.session(1).ended == "complete"


def test_a_start_after_the_clock_was_set_back(tmp_path: Path) -> None:
    """The last session was killed in what is the future now: the next one starts, says so, and no second of the day counts twice."""
    path = tmp_path / "posture.db"
    with Store.open(path, clock=lambda: START + 200.0) as store:
        dead = store.start_session(origin=Origin.LIVE, started_utc=START + 200.0, source="camera 0")
        store._db.execute("UPDATE sessions SET pid = 1, process = 'gone', heartbeat_utc = ? WHERE id = ?", (START + 200.0, dead))
    now = START + 320.0
    with Store.open(path, clock=lambda: now) as store:
        assert [s.id for s in hard_ended(store)] == [dead]
    with Store.open(path, clock=lambda: START) as store:
        assert hard_end(store, START - 86400.0) == START + 200.0
        session = Fast(store, START)
        session.run(300.0)
        session.end()
        spans = store.spans_between(START, START + 1e6)
    assert sum(s.end_utc - s.start_utc for s in spans) == pytest.approx(300.0)
