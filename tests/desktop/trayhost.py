"""`Program`: the tray in a process of its own, told what to show and listened to; and the states that it can show."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from datetime import datetime, time as time_of_day
from queue import Empty, SimpleQueue
from typing import Any

from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.types import ClassifiedReading, Detection, EpisodeKind, Posture, Reading
from tests.desktop.screen import PATIENCE_S

STATES: dict[str, dict[str, Any]] = {
    "neutral": {"mode": "running", "posture": "neutral", "sitting_s": 1500.0, "flexed_s": 130.0},
    "flexed": {"mode": "running", "posture": "flexed", "sitting_s": 1500.0, "flexed_s": 250.0},
    "anterior tilt": {"mode": "running", "posture": "anterior_tilt"},
    "away": {"mode": "running", "posture": "away"},
    "unknown": {"mode": "running", "posture": "unknown"},
    "dark": {"mode": "running", "words": "The picture is too dark to measure."},
    "held": {"mode": "running", "posture": "neutral", "words": "A call is on.", "prompts_held": True},
    "held, flexed": {"mode": "running", "posture": "flexed", "words": "A call is on.", "prompts_held": True},
    "opening": {"mode": "opening"},
    "paused": {"mode": "paused", "paused_until": "14:30"},
    "locked": {"mode": "locked"},
    "suspended": {"mode": "suspended"},
    "camera lost": {"mode": "camera_lost"},
    "lent": {"mode": "lent"},
    "stopping": {"mode": "stopping"},
}
"""One of each that the tray tells apart, as ``tray_status`` takes them."""


def tray_status(
    mode: str,
    posture: str | None = None,
    flexed_s: float = 0.0,
    soft_s: float = 600.0,
    sitting_s: float = 0.0,
    words: str = "",
    paused_until: str | None = None,
    prompts_held: bool = False,
    **more: Any,
) -> SessionStatus:
    """A status of the session from plain values; `words` hinder measuring, or say why prompts are held."""
    return SessionStatus(
        Mode(mode),
        judged=None if posture is None else ClassifiedReading(Reading(0.0, Detection.PERSON), Posture(posture)),
        dose_s={EpisodeKind.FLEXED: flexed_s, EpisodeKind.SITTING: sitting_s},
        soft_s=soft_s,
        words="" if prompts_held else words,
        held=(words or "A call is on.") if prompts_held else "",
        paused_until_utc=None
        if paused_until is None
        else datetime.combine(datetime.now(), time_of_day.fromisoformat(paused_until)).timestamp(),
        **more,
    )


class Program:
    """The tray in a process of its own."""

    def __init__(self, env: dict[str, str], *words: str) -> None:
        """`words`: for the program's command line."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.tray_program", *words],
            env={**env, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.heard: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._listen_for_errors)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Program:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """It has ended, by itself or not."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def order(self, **what: Any) -> None:
        """``state={...}`` or ``stop=True``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def next(self, key: str, within_s: float = PATIENCE_S) -> Any:
        """The value of the next thing told that has `key`; what else is told goes to ``heard``."""
        end = time.monotonic() + within_s
        while True:
            try:
                told = self._told.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise AssertionError(f"not told within {within_s:g} s: {key}; heard {self.heard}, {self.errors}") from None
            self.heard.append(told)
            if key in told:
                return told[key]

    def signal(self, number: int) -> None:
        """Send it that signal."""
        self._process.send_signal(number)

    def wait(self, within_s: float) -> int:
        """The exit code; fails if it does not end in time."""
        return self._process.wait(within_s)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))

    def _listen_for_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.errors.append(line)
