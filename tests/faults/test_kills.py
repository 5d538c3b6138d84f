"""kill -9 at any moment: nothing but the last seconds is lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from holdings import hard_ended
from mjpeg import MjpegCamera
from monitor_state import now

from faults.fast import environment
from faults.figures import note, times
from posture.monitor.control import client
from posture.storage.schema import backups_of, default_path
from posture.storage.session_writer import hard_end
from posture.storage.store import Store
from posture.time_parsing import moment_words

START = 1_767_600_000.0
APART_S = 1e6
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")


def test_kills_at_random_moments_lose_ten_seconds_at_most(tmp_path: Path) -> None:
    """Killed while it measures and writes, over and over into one database: that opens, is sound, spans tile, at most 10 s are lost,
    and the next start knows that the last session ended hard, and when."""
    kills, chance = times("KILLS", 6), random.Random(7)
    path, lost, seen = tmp_path / "data" / "posture.db", [], 0.0
    for turn in range(kills):
        progress, began_utc = tmp_path / f"progress{turn}", START + turn * APART_S
        child = subprocess.Popen([sys.executable, "-m", "faults.fast", path, progress, str(began_utc)], env=environment())
        end_s = chance.uniform(0.0, 260.0)  # two turns of the plan at most
        while not progress.exists() or float(progress.read_text() or "-1") < end_s:
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen_s = float(progress.read_text())
        with Store.open(path) as store:
            store.check()
            spans = store.spans_between(began_utc, began_utc + APART_S)
            assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
            ended_utc = spans[-1].end_utc if spans else began_utc
            assert hard_end(store, began_utc - 1.0) == pytest.approx(ended_utc)
            assert len(hard_ended(store)) == turn + 1
        lost.append(seen_s - (ended_utc - began_utc))
        seen += seen_s
    assert max(lost) <= 10.0
    assert not list(path.parent.glob("*.damaged-*"))  # each log was its database's own
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(OVERLAPS).fetchone() == (0,)
        written = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("spans", "episodes", "prompts", "moves")}
    assert all(written.values()) or kills < 10
    note("kills, fast motion", kills=kills, monitored_s=round(seen), most_lost_s=round(max(lost), 1), **written)


OVERLAPS = """SELECT count(*) FROM spans a JOIN spans b ON a.session_id = b.session_id AND a.id < b.id
    WHERE a.start_utc < b.end_utc - 1e-6 AND b.start_utc < a.end_utc - 1e-6"""


def until_running(child: subprocess.Popen[bytes], within_s: float = 120.0) -> None:
    """Wait until a monitor measures."""
    end = time.monotonic() + within_s
    while now().get("mode") != "running":
        assert child.poll() is None
        assert time.monotonic() < end, "does not run in time"
        time.sleep(0.05)


def test_kills_of_the_real_monitor(home: Path, model_file: Path) -> None:
    """``posture watch`` on a real stream, killed after some seconds: the same, and the next start says so in words."""
    kills, chance, lost = times("REAL_KILLS", 2), random.Random(11), []
    images = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=2.0)]
    argv = [sys.executable, "-u", "-m", "posture", "watch", "--notify", "none", "--no-tray", "--no-setup"]
    ended_utc: float | None = None
    with MjpegCamera(images, fps=10.0) as camera:
        for turn in range(kills + 1):
            log = home / f"said{turn}.txt"
            with log.open("wb") as said:
                child = subprocess.Popen([*argv, "--camera", camera.url], stdout=said, stderr=said, env=os.environ.copy())
            try:
                until_running(child)
                if turn == kills:
                    assert client.ask("stop")["stopping"] is True
                    assert child.wait(10.0) == 0
                    assert [p.name for p in backups_of(default_path())] == [f"posture.db.backup-{datetime.now():%Y-%m-%d}"]
                else:
                    time.sleep(12.0 if turn == 0 else chance.uniform(1.0, 14.0))
            finally:
                died_utc = time.time()
                child.kill()
                child.wait()
            if ended_utc is not None:
                assert f"stopped unexpectedly at {moment_words(ended_utc, datetime.now())}" in log.read_text()
            if turn < kills:
                with Store.open() as store:
                    store.check()
                    last = hard_ended(store)[-1]
                    spans = store.spans_between(last.started_utc, died_utc)
                assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
                assert len(spans) > 0
                ended_utc = last.ended_utc
                assert ended_utc is not None
                lost.append(died_utc - ended_utc)
    assert max(lost) <= 10.5
    note("kills, posture watch", kills=kills, most_lost_s=round(max(lost), 1))
