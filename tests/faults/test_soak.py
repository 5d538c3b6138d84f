"""The soak in short: a minute of the real monitor in real time, a quarter of an hour in fast motion. ``make soak`` runs them in full."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT

from faults.fast import AWAY_S, TURN_S, UPRIGHT_S, Fast, environment
from faults.figures import note, times
from posture.storage.store import Store
from posture.types import Posture

START = 1_767_600_000.0
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
def test_a_minute_in_real_time(model_file: Path) -> None:
    """``posture watch`` before a stream: files and threads stay as many, every change of posture is dated within 2 s, none is made up."""
    argv = [sys.executable, "tests/faults/live_soak.py", "--seconds", str(times("SOAK_S", 55)), "--turn", str(times("TURN_S", 37))]
    ran = subprocess.run(argv, cwd=ROOT, env=environment(), text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@linux_only
def test_hours_in_fast_motion_keep_memory_and_files(tmp_path: Path) -> None:
    """A quarter of an hour (eight hours in full) of readings, spans, prompts and checkpoints: no thread and no file more, memory as before
    but for the day's own record; every posture of the plan is dated as it was."""
    length_s = 60.0 * times("SOAK_MIN", 15)
    hours = length_s / 3600.0
    with Store.open(tmp_path / "posture.db") as store:
        session = Fast(store, START)
        session.run(5 * TURN_S)
        gc.collect()
        files, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
        tracemalloc.start()
        try:
            session.run(length_s - 5 * TURN_S)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == (files, threads)
        session.end()
        spans = store.spans_between(START, START + 1e6)
    assert grown < 1e6 * hours  # bytes
    assert spans[-1].end_utc - START == length_s
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    changes = [(b.posture, b.start_utc - START) for a, b in pairwise(spans) if Posture.UNKNOWN not in (a.posture, b.posture)]
    plan = ((Posture.NEUTRAL, 0.0), (Posture.FLEXED, UPRIGHT_S), (Posture.AWAY, AWAY_S))
    truth = [
        (posture, turn * TURN_S + at)
        for turn in range(int(length_s / TURN_S) + 1)
        for posture, at in plan
        if 0.0 < turn * TURN_S + at < length_s - 1.0
    ]
    assert [posture for posture, _ in changes] == [posture for posture, _ in truth]
    latest_s = max(abs(found - true) for (_, found), (_, true) in zip(changes, truth, strict=True))
    assert latest_s <= 2.0
    note(
        "fast soak",
        hours=hours,
        grown_kb_an_hour=round(grown / 1e3 / hours),
        changes=len(changes),
        latest_s=latest_s,
        files=files,
        threads=threads,
    )
