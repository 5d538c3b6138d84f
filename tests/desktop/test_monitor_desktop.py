"""The live monitor as a person has it: a camera, a screen with notifications, a terminal."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import people
import pytest
from conftest import SAMPLES
from holdings import hard_ended
from mjpeg import MjpegCamera
from monitor_state import now

from desktop.fake_logind import FakeLogind, private_bus
from desktop.screen import PATIENCE_S, Desktop
from posture.cli.app import run
from posture.monitor.control import client
from posture.storage.records import SessionEnd, StoredPrompt
from posture.storage.store import Store
from posture.types import Answer, EpisodeKind, PromptOutcome

CLIP = SAMPLES / "side_mixed_male1.mp4"
BORROWS = """
import time
from posture.monitor.control.client import request_lease
with request_lease("preview") as loan:
    print(loan.said["camera"], flush=True)
    time.sleep(60)
"""
SOON = ("dose.soft_s=2", "dose.firm_s=600", "dose.episode_floor_s=1", "prompts.patience_s=1")


def until(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    """What the condition gives once it holds."""
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.2)
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

    def end(self, number: int = signal.SIGTERM) -> int:
        """Exit code with which a signal ends it."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def calibrated(landmark_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the neutral of the person in the clip is the profile ``desk``."""
    folder = tmp_path_factory.mktemp("calibrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTURE_CONFIG", str(folder / "config.toml"))
        patch.setenv("POSTURE_DATA_DIR", str(folder / "data"))
        patch.setenv("POSTURE_LANDMARK_DIR", str(landmark_cache))
        words = ["--cache", "--neutral", "0-0.7", "--profile", "desk"]
        assert run(["analyze", str(CLIP), "--out", str(folder / "o"), *words]) == 0
    return folder / "data"


@pytest.fixture
def leaning(home: Path, calibrated: Path) -> Iterator[MjpegCamera]:
    """A camera before somebody who leans forward; their neutral is the profile ``desk``."""
    shutil.copytree(calibrated, home / "data")
    images = [f.image for f in people.frames_of(CLIP) if 9.6 <= f.time_s <= 12.0]
    with MjpegCamera(images, fps=10.0) as camera:
        yield camera


@pytest.fixture
def watch(leaning: MjpegCamera, home: Path) -> Iterator[Callable[..., Watch]]:
    """Starts a monitor that prompts after two seconds."""
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


def test_a_prompt_in_the_terminal_and_an_end_by_ctrl_c(watch: Callable[..., Watch]) -> None:
    """Flexed sitting: the prompt is in the terminal, Ctrl-C ends it well, the day has it."""
    live = watch("--notify", "terminal")
    until(lambda: "Cat-Cow" in live.said, PATIENCE_S, "the prompt in the terminal")
    assert live.end(signal.SIGINT) == 0
    assert [p.kind for p in prompts()] == [EpisodeKind.FLEXED]
    with Store.open() as store:
        (session,) = store.sessions_between(time.time() - 600, time.time() + 10)
    assert session.source.rpartition(":")[0] == "http://127.0.0.1"


def test_a_notification_is_answered_and_written_down(desktop: Desktop, watch: Callable[..., Watch], home: Path) -> None:
    """Flexed sitting: the notice is on the screen; Done is pressed; answer and outcome are stored; SIGTERM ends it with all kept."""
    live = watch("--notify", "desktop")
    desktop.wait_displayed(1)
    assert "Cat-Cow" in str(desktop.wait_noted(1))
    desktop.picture(home / "notice.png")
    desktop.press("Done")
    stored = until(lambda: [p for p in prompts() if p.answer], PATIENCE_S, "the answer in the database")
    assert [(p.kind, p.answer) for p in stored] == [(EpisodeKind.FLEXED, Answer.DONE)]
    until(lambda: prompts()[0].outcome is PromptOutcome.DONE, PATIENCE_S, "the outcome in the database")
    assert live.end() == 0
    with Store.open() as store:
        session = store.sessions_between(time.time() - 600, time.time())[-1]
        assert session.ended is SessionEnd.COMPLETE
        spans = store.spans_between(time.time() - 600, time.time())
        assert sum(s.end_utc - s.start_utc for s in spans) == pytest.approx(session.ended_utc - session.started_utc, abs=1.0)


def test_after_a_kill_the_next_start_says_so(watch: Callable[..., Watch], home: Path) -> None:
    """After kill -9 the database is sound, a new monitor starts at once, and says that the last one stopped unexpectedly."""
    first = watch("--notify", "none")
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the monitor runs")
    first.end(signal.SIGKILL)
    second = watch("--notify", "none")
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the second monitor runs")
    until(lambda: "stopped unexpectedly" in second.said, PATIENCE_S, "it says how the last one ended")
    with closing(sqlite3.connect(home / "data" / "posture.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Store.open() as store:
        assert len(hard_ended(store)) == 1


def test_a_second_monitor_says_where_the_first_is(watch: Callable[..., Watch], home: Path) -> None:
    """One instance; the second names the first one's process and ends with 1."""
    first = watch("--notify", "none")
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the monitor runs")
    second = Watch("0", home / "second.txt")
    assert second.process.wait(timeout=PATIENCE_S) == 1
    assert f"process {first.process.pid}" in second.said
    assert "Traceback" not in second.said


def test_a_snooze_survives_a_restart(desktop: Desktop, watch: Callable[..., Watch]) -> None:
    """Snoozed for an hour and restarted: silent though the dose is reached anew. (That it comes back: ``test_day``.)"""
    settings = (*SOON, "prompts.snooze_s=3600", "prompts.quiet_s=0")
    first = watch("--notify", "desktop", settings=settings)
    desktop.wait_displayed(1)
    desktop.press("Snooze")
    until(lambda: [p for p in prompts() if p.answer is Answer.SNOOZE], PATIENCE_S, "the snooze in the database")
    first.end()
    watch("--notify", "desktop", settings=settings)
    until(lambda: now().get("dose_s", {}).get("flexed", 0) > 4, PATIENCE_S, "the dose is reached anew")
    assert len(prompts()) == 1


def test_a_pause_survives_a_restart_and_lets_the_camera_go(watch: Callable[..., Watch], leaning: MjpegCamera) -> None:
    """Paused without an end, stopped, started: still paused and the camera is not even opened; resume opens it."""
    first = watch("--notify", "none")
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the monitor runs")
    assert run(["pause"]) == 0
    assert run(["stop"]) == 0
    first.process.wait(timeout=PATIENCE_S)
    opened = leaning.connections
    watch("--notify", "none")
    until(lambda: now().get("mode") == "paused", PATIENCE_S, "the monitor is paused")
    assert leaning.connections == opened
    assert run(["resume"]) == 0
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the monitor runs again")


def test_a_dead_borrower_gives_the_camera_back(watch: Callable[..., Watch]) -> None:
    """Somebody of ours borrows the camera and is killed: it is the monitor's again."""
    watch("--notify", "none")
    until(lambda: now().get("mode") == "running", PATIENCE_S, "the monitor runs")
    borrower = subprocess.Popen([sys.executable, "-c", BORROWS], stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    assert borrower.stdout is not None
    with borrower.stdout:
        assert borrower.stdout.readline().startswith("http://127.0.0.1")
        assert client.running()["mode"] == "lent"  # type: ignore[index]
        borrower.kill()
        borrower.wait()
        until(lambda: now().get("mode") == "running", PATIENCE_S, "the camera is back")


def test_lock_sleep_and_do_not_disturb(desktop: Desktop, watch: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Locked: the camera is let go and taken again; asleep: it is let go before the computer sleeps; do not disturb: prompts wait."""
    with TemporaryDirectory(prefix="bus") as folder, private_bus(Path(folder)) as bus, FakeLogind(bus.address) as logind:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        subprocess.run(["dunstctl", "set-paused", "true"], env=desktop.env, check=True)
        watch("--notify", "desktop")
        mode = lambda wanted: lambda: now().get("mode") == wanted  # noqa: E731
        until(mode("running"), PATIENCE_S, "the monitor runs")
        until(lambda: now().get("dose_s", {}).get("flexed", 0) > 4, PATIENCE_S, "a dose that calls for a prompt")
        until(lambda: "do not disturb" in now().get("prompts_held", ""), PATIENCE_S, "why prompts wait")
        assert prompts() == []
        subprocess.run(["dunstctl", "set-paused", "false"], env=desktop.env, check=True)
        desktop.wait_displayed(1)
        logind.lock()
        until(mode("locked"), PATIENCE_S, "locked")
        desktop.wait_displayed(0)
        logind.unlock()
        until(mode("running"), PATIENCE_S, "unlocked")
        logind.sleep(True)
        until(mode("suspended"), PATIENCE_S, "asleep")
        logind.sleep(False)
        until(mode("running"), PATIENCE_S, "awake")
    with Store.open() as store:
        reasons = lambda: {s.reason for s in store.spans_between(time.time() - 600, time.time() + 60)}  # noqa: E731
        until(lambda: reasons() >= {"locked", "suspended"}, PATIENCE_S, "both are in the database")
