"""The whole of it as a person meets it: first run, calibration, work, a prompt, an answer, an icon, the evening."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from actor import Actor

from desktop.screen import PATIENCE_S, Desktop, until
from posture.cli.app import run
from posture.storage.records import SessionEnd
from posture.storage.store import Store
from posture.types import Answer, EpisodeKind, PromptOutcome

SETS = ("dose.soft_s=5", "dose.episode_floor_s=1", "prompts.patience_s=2")


class Terminal:
    """A program in a terminal of its own; remembers all that it shows."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
        os.close(theirs)
        self._shown = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, 4096)
            except OSError:  # the program is gone
                return
            if not piece:
                return
            self._shown += piece

    @property
    def shown(self) -> str:
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._shown.decode(errors="replace"))
        return " ".join(text.split())

    def wait(self, words: str, within_s: float = 90.0) -> None:
        until(lambda: words in self.shown, f"the terminal shows {words!r}; it shows: {self.shown[-600:]}", within_s)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode() + b"\n")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5.0)
        os.close(self._ours)


def test_from_the_first_run_to_the_evening(desktop: Desktop, home: Path, model_file: Path) -> None:
    """Four steps, a calibration, a slump, the notification, Done, Ctrl-C, the day."""
    sets = [word for s in SETS for word in ("--set", s)]
    env = {**os.environ, **desktop.env, "TERM": "xterm-256color", "COLUMNS": "200"}
    env |= {name: os.environ[name] for name in ("POSTURE_DATA_DIR", "POSTURE_CONFIG")}
    with Actor() as camera:
        terminal = Terminal([sys.executable, "-m", "posture", "watch", "--notify", "desktop", *sets], env)
        try:
            terminal.wait("1 of 4", 60.0)
            terminal.type("")
            terminal.wait("2 of 4")
            terminal.type("")
            terminal.wait("Which camera?")
            terminal.type(camera.url)
            terminal.wait("See what it measures first?")
            terminal.type("n")
            terminal.wait("Calibrate now?")
            terminal.type("y")

            def saved() -> bool:
                if "Saved as" not in terminal.shown:
                    terminal.type("s")  # does nothing before the neutral is taken; then it skips slump and arch
                return "Saved as" in terminal.shown

            until(saved, "the neutral is saved", 90.0, every_s=1.0)
            terminal.wait("Watching through", 60.0)
            terminal.wait("with the calibration")
            camera.act = "slump"
            desktop.wait_displayed(1)
            desktop.picture(home / "story.png")
            camera.act = "neutral"
            desktop.press("Done", "")
            with Store.open() as store:

                def answered() -> bool:
                    (prompt,) = store.recent_prompts(1)
                    return (prompt.kind, prompt.answer, prompt.outcome) == (EpisodeKind.FLEXED, Answer.DONE, PromptOutcome.DONE)

                until(answered, "answer and outcome are stored")
            os.killpg(terminal.process.pid, signal.SIGINT)
            assert terminal.process.wait(timeout=PATIENCE_S) == 0
            assert "Traceback" not in terminal.shown
        finally:
            terminal.end()
    assert run(["today"]) == 0


def test_a_second_watch_asks_nothing(desktop: Desktop, home: Path, model_file: Path) -> None:
    """Whoever went through the four steps is not asked again."""
    from posture.monitor import first_run  # noqa: PLC0415

    with Store.open() as store:
        first_run.done(store)
    env = {**os.environ, **desktop.env, "TERM": "xterm-256color", "COLUMNS": "200"}
    with Actor() as camera:
        terminal = Terminal([sys.executable, "-m", "posture", "watch", "--camera", camera.url, "--notify", "none"], env)
        try:
            terminal.wait("Watching through", 60.0)
            assert "1 of 4" not in terminal.shown
            terminal.wait("sitting 0:0", 60.0)
        finally:
            terminal.end()


def test_a_closed_terminal_ends_the_session_well(home: Path, model_file: Path) -> None:
    """Its window is closed while it measures: the session ends, complete, and nothing is left running."""
    env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}} | {"TERM": "xterm-256color"}
    with Actor() as camera:
        terminal = Terminal([sys.executable, "-m", "posture", "watch", "--camera", camera.url, "--no-setup"], env)
        try:
            terminal.wait("sitting 0:0", 60.0)
            os.killpg(terminal.process.pid, signal.SIGHUP)  # as the system does when the terminal goes
            assert terminal.process.wait(timeout=PATIENCE_S) == 0
        finally:
            terminal.end()
    with Store.open() as store:
        assert store.sessions_between(time.time() - 600, time.time() + 60)[-1].ended is SessionEnd.COMPLETE
