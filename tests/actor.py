"""A camera on which a rendered person sits upright, slumps or arches, as the test wants; and our own commands beside it."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from mjpeg import MjpegCamera, _jpeg, pictures_of

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_videos" / "side_day_male1.mp4"
ACTS = {"neutral": (70, 80), "slump": (55, 66), "arch": (84, 94)}
"""Pictures of the clip in which the person keeps one posture."""


@cache
def acts() -> dict[str, list[bytes]]:
    """The pictures of each act, as they are sent."""
    pictures = pictures_of(CLIP)
    return {act: [_jpeg(p) for p in [*pictures[a:b], *pictures[a:b][::-1]]] for act, (a, b) in ACTS.items()}


class Actor(MjpegCamera):
    """Plays one act of the clip to and fro, until another is wanted."""

    def __init__(self) -> None:
        """Sit upright."""
        super().__init__([np.full((480, 640, 3), 90, np.uint8)], fps=8.0)
        self._acts = acts()
        self.act = "neutral"

    def jpeg(self) -> bytes:
        """The picture of the moment, as it is sent."""
        shown = self._acts[self.act]
        return shown[int((time.monotonic() - self._began_s) * self.fps) % len(shown)]

    @property
    def watched(self) -> bool:
        """Whether anybody is connected and has not hung up."""
        assert self._server is not None
        return any(c.fileno() != -1 for c in self._server._open)


class Exerciser(MjpegCamera):
    """A person who rests as a clip begins, holds the posture in which its back is roundest, or does what the clip shows, once."""

    def __init__(self, clip: Path) -> None:
        """Rest; `clip` has its truth beside it."""
        pictures = pictures_of(clip)
        super().__init__(pictures[:1], fps=8.0)
        self._played = [_jpeg(p) for p in pictures]
        with clip.with_suffix(".csv").open(encoding="utf-8") as file:
            spine = [float(row["spinal_flexion_deg"]) for row in csv.DictReader(file)]
        self._roundest = max(range(len(spine)), key=spine.__getitem__)
        self.act = "rest"
        """``rest``, ``round`` or ``play``."""
        self._since_s = 0.0

    def play(self) -> None:
        """Do what the clip shows, from its beginning."""
        self._since_s, self.act = time.monotonic(), "play"

    def jpeg(self) -> bytes:
        """The picture of the moment, as it is sent."""
        turn = int((time.monotonic() - self._began_s) * self.fps) % 6
        if self.act == "round":
            return self._played[self._roundest + turn % 2]
        if self.act == "rest":
            return self._played[turn]
        return self._played[min(len(self._played) - 1, int((time.monotonic() - self._since_s) * self.fps))]


@contextmanager
def running(env: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """One of our own commands, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "posture", *words],
        env={**env, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], within_s: float = 180.0) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    said, wrong = process.communicate(timeout=within_s)
    return process.returncode, said, wrong


def heard(process: subprocess.Popen[str], words: str) -> str:
    """Read lines until one has these words; what was read."""
    assert process.stdout is not None
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, f"it ended without {words!r}: {said}"
        said += line
    return said
