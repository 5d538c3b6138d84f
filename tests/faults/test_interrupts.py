"""Ctrl-C at any stage, from the first moments on: no traceback, and whatever lies there afterwards can be used."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from holdings import hard_ended
from mjpeg import MjpegCamera

from faults.figures import note, times
from posture.storage.schema import default_path
from posture.storage.store import Store

CLIP = SAMPLES / "side_mixed_male1.mp4"
LEFT_OVERS = (".part", ".tmp", ".partial")
FINE = (0, 130, -signal.SIGINT)
"""The last: Python was on its way out already, or saw it inside of an ``exec`` of a library; a shell says 130 for it as well."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal of POSIX")


def interrupted(argv: list[str], after_s: float, log: Path) -> tuple[int, str]:
    """Exit code and words of a command that gets Ctrl-C after some seconds."""
    with log.open("wb") as said:
        child = subprocess.Popen([sys.executable, "-m", "posture", *argv], stdout=said, stderr=said, env=os.environ.copy())
    try:
        time.sleep(after_s)
        child.send_signal(signal.SIGINT)
        code = child.wait(30.0)
    finally:
        child.kill()
        child.wait()
    return code, log.read_text()


def usable(folder: Path) -> int:
    """How many files there are; fails if one of them is half written."""
    files = [p for p in folder.rglob("*") if p.is_file()]
    for path in files:
        assert not path.name.endswith(LEFT_OVERS), path
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8") as file:
                assert len({len(row) for row in csv.reader(file)}) == 1, path
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path
    return len(files)


def test_ctrl_c_while_analysing(home: Path, model_file: Path) -> None:
    """At random moments of a run: interrupted or done, complete files or none, a sound database."""
    chance, codes = random.Random(3), []
    for turn in range(times("INTERRUPTS", 3)):
        out = home / f"out{turn}"
        argv = ["analyze", str(CLIP), "--end", "8", "--out", str(out)]
        code, said = interrupted(argv, chance.uniform(0.15, 6.0), home / "said.txt")
        assert code in FINE, said
        assert "Traceback" not in said
        usable(out)
        codes.append(code)
        if default_path().exists():
            with Store.open() as store:
                store.check()
    note("Ctrl-C while analysing", times=len(codes), ended_early=len(codes) - codes.count(0))


def test_ctrl_c_while_watching(home: Path, model_file: Path) -> None:
    """At random moments of starting and running: it ends, the camera is let go, no session is left open, the database is sound."""
    chance, images = random.Random(4), [f.image for f in people.frames_of(CLIP, end_s=1.0)]
    with MjpegCamera(images, fps=10.0) as camera:
        for _ in range(times("INTERRUPTS", 3)):
            argv = ["watch", "--no-setup", "--no-tray", "--notify", "none", "--camera", camera.url]
            code, said = interrupted(argv, chance.uniform(0.15, 6.0), home / "said.txt")
            assert code in FINE, said
            assert "Traceback" not in said
            if default_path().exists():
                with Store.open() as store:
                    store.check()
                    assert not hard_ended(store)
                    assert all(s.ended is not None for s in store.sessions_between(0, 1e11))
