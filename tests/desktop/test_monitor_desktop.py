"""The live monitor as a person has it: a camera, a screen with notifications, a terminal."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import people
import pytest
from conftest import SAMPLES
from mjpeg import MjpegCamera

from desktop.fake_logind import FakeLogind, private_bus
from desktop.screen import Desktop
from posture.cli import run
from posture.control import client
from posture.model import Answer, Followed, Kind
from posture.store import Store
from posture.stored import Ended, StoredPrompt

CLIP = SAMPLES / "side_mixed_male1.mp4"
BORROWS = """
import time
from posture.control.client import borrow
with borrow("preview") as loan:
    print(loan.said["camera"], flush=True)
    time.sleep(60)
"""
SOON = ("dose.soft_s=4", "dose.firm_s=600", "dose.episode_floor_s=1", "prompts.patience_s=1")


def until(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    """What the condition gives once it holds."""
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.05)
    return found


class Watch:
    """``posture watch`` in a process of its own."""

    def __init__(self, url: str, log: Path, *more: str) -> None:
        argv = [sys.executable, "-u", "-m", "posture", "watch", "--camera", url, "--no-setup", *more]
        with log.open("a") as file:
            self.process = subprocess.Popen(argv, stdout=file, stderr=subprocess.STDOUT, env=os.environ.copy())
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text()

    def end(self, number: int = signal.SIGTERM) -> float:
        """Seconds that it took to end."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=10.0)
        return time.monotonic() - began


@pytest.fixture
def leaning(home: Path, model_file: Path) -> Iterator[MjpegCamera]:
    """A camera before somebody who leans forward; their neutral is the profile ``desk``."""
    assert run(["analyze", str(CLIP), "--end", "2", "--out", str(home / "o"), "--neutral", "0-0.7", "--profile", "desk", "--no-store"]) == 0
    images = [f.image for f in people.frames_of(CLIP) if 9.6 <= f.time_s <= 12.0]
    with MjpegCamera(images, fps=10.0) as camera:
        yield camera


@pytest.fixture
def watch(leaning: MjpegCamera, home: Path) -> Iterator[Callable[..., Watch]]:
    """Starts a monitor that prompts after four seconds."""
    begun: list[Watch] = []

    def start(*more: str, settings: Sequence[str] = SOON) -> Watch:
        sets = [word for s in settings for word in ("--set", s)]
        begun.append(Watch(leaning.url, home / "said.txt", "--profile", "desk", *sets, *more))
        return begun[-1]

    yield start
    for one in begun:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def prompts() -> list[StoredPrompt]:
    """What is in the database."""
    with Store.open() as store:
        return store.prompts_between(time.time() - 600, time.time() + 60)


def test_a_notification_is_answered_and_written_down(desktop: Desktop, watch: Callable[..., Watch], home: Path) -> None:
    """Flexed sitting: the notice is on the screen; Done is pressed; answer and outcome are stored; SIGTERM ends in 2 s with all kept."""
    live = watch("--notify", "desktop")
    desktop.wait_displayed(1)
    assert "Cat-Cow" in str(desktop.noted())
    desktop.picture(home / "notice.png")
    desktop.press("Done", "Cat-Cow")
    stored = until(lambda: [p for p in prompts() if p.answer], 5.0, "the answer in the database")
    assert [(p.kind, p.answer) for p in stored] == [(Kind.FLEXED, Answer.DONE)]
    until(lambda: prompts()[0].outcome is Followed.DONE, 5.0, "the outcome in the database")
    assert live.end() < 2.0
    assert live.process.returncode == 0
    with Store.open() as store:
        session = store.sessions_between(time.time() - 600, time.time())[-1]
        assert session.ended is Ended.COMPLETE
        spans = store.spans_between(time.time() - 600, time.time())
        assert sum(s.end_utc - s.start_utc for s in spans) == pytest.approx(session.ended_utc - session.started_utc, abs=1.0)


def test_a_kill_loses_ten_seconds_at_most_and_the_next_start_says_so(watch: Callable[..., Watch], home: Path) -> None:
    """After kill -9 the database is sound, a new monitor starts at once, and says that the last one ended without a word."""
    first = watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "running", 20.0, "the monitor runs")
    time.sleep(12.0)
    died = time.time()
    first.end(signal.SIGKILL)
    second = watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "running", 20.0, "the second monitor runs")
    assert "ended without a word" in second.said
    with sqlite3.connect(home / "data" / "posture.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    with Store.open() as store:
        hard = store.hard_ended()
        assert len(hard) == 1
        assert died - hard[0].ended_utc < 10.5
    assert second.end() < 2.0


def test_a_second_monitor_says_where_the_first_is(watch: Callable[..., Watch], home: Path) -> None:
    """One instance; the second names the first one's process and ends with 1."""
    first = watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "running", 20.0, "the monitor runs")
    second = Watch("0", home / "second.txt")
    assert second.process.wait(timeout=20.0) == 1
    assert f"process {first.process.pid}" in second.said
    assert "Traceback" not in second.said


def test_a_snooze_survives_a_restart(desktop: Desktop, watch: Callable[..., Watch]) -> None:
    """Snoozed for 15 s and restarted meanwhile: silent until then, though the dose is reached anew; then it comes back."""
    settings = (*SOON, "prompts.snooze_s=25", "prompts.quiet_s=0")
    first = watch("--notify", "desktop", settings=settings)
    desktop.wait_displayed(1)
    desktop.press("Snooze", "Cat-Cow")
    until(lambda: [p for p in prompts() if p.answer is Answer.SNOOZE], 5.0, "the snooze in the database")
    snoozed = time.time()
    assert first.end() < 2.0
    watch("--notify", "desktop", settings=settings)
    until(lambda: (client.running() or {}).get("dose_s", {}).get("flexed", 0) > 5, 20.0, "the dose is reached anew")
    assert len(prompts()) == 1
    until(lambda: len(prompts()) == 2, 40.0, "it comes back")
    assert prompts()[1].at_utc - snoozed >= 24.0


def test_a_pause_survives_a_restart_and_lets_the_camera_go(watch: Callable[..., Watch], leaning: MjpegCamera) -> None:
    """Paused without an end, stopped, started: still paused and the camera is not even opened; resume opens it."""
    first = watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "running", 20.0, "the monitor runs")
    assert run(["pause"]) == 0
    assert run(["stop"]) == 0
    first.process.wait(timeout=5.0)
    opened = leaning.connections
    watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "paused", 20.0, "the monitor is paused")
    time.sleep(1.0)
    assert leaning.connections == opened
    assert run(["resume"]) == 0
    until(lambda: (client.running() or {}).get("mode") == "running", 10.0, "the monitor runs again")


def test_a_dead_borrower_gives_the_camera_back(watch: Callable[..., Watch]) -> None:
    """Somebody of ours borrows the camera and is killed: within two seconds it is the monitor's again."""
    watch("--notify", "none")
    until(lambda: (client.running() or {}).get("mode") == "running", 20.0, "the monitor runs")
    borrower = subprocess.Popen([sys.executable, "-c", BORROWS], stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    assert borrower.stdout is not None
    with borrower.stdout:
        assert borrower.stdout.readline().startswith("http://127.0.0.1")
        assert client.running()["mode"] == "lent"  # type: ignore[index]
        borrower.kill()
        borrower.wait()
        until(lambda: client.running()["mode"] == "running", 2.0, "the camera is back")  # type: ignore[index]


def test_lock_sleep_and_do_not_disturb(desktop: Desktop, watch: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Locked: the camera is let go and taken again; asleep: it is let go before the computer sleeps; do not disturb: prompts wait."""
    with TemporaryDirectory(prefix="bus") as folder, private_bus(Path(folder)) as bus, FakeLogind(bus.address) as logind:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        subprocess.run(["dunstctl", "set-paused", "true"], env=desktop.env, check=True)
        watch("--notify", "desktop")
        mode = lambda wanted: lambda: (client.running() or {}).get("mode") == wanted  # noqa: E731
        until(mode("running"), 20.0, "the monitor runs")
        until(lambda: (client.running() or {}).get("dose_s", {}).get("flexed", 0) > 6, 20.0, "a dose that calls for a prompt")
        assert "do not disturb" in (client.running() or {})["prompts_held"]
        assert prompts() == []
        subprocess.run(["dunstctl", "set-paused", "false"], env=desktop.env, check=True)
        desktop.wait_displayed(1, 15.0)
        logind.lock()
        until(mode("locked"), 5.0, "locked")
        assert desktop.displayed() == 0
        logind.unlock()
        until(mode("running"), 5.0, "unlocked")
        logind.sleep(True)
        until(mode("suspended"), 5.0, "asleep")
        logind.sleep(False)
        until(mode("running"), 5.0, "awake")
    with Store.open() as store:
        reasons = [s.reason for s in store.spans_between(time.time() - 600, time.time() + 60)]
    assert {"locked", "suspended"} <= set(reasons)
