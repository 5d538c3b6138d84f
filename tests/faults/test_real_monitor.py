"""``posture watch`` itself, while its database is held by another program and then taken away."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from mjpeg import MjpegCamera
from monitor_state import now

from faults.figures import note
from faults.test_kills import until_running
from posture.monitor.control import client
from posture.storage.schema import default_path
from posture.storage.store import Store


def until(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Wait for something."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.1)


@pytest.mark.skipif(os.name != "posix", reason="an open file can be deleted on POSIX alone")
def test_a_database_that_is_held_and_then_deleted(home: Path, model_file: Path) -> None:
    """Held: said once, shown by ``posture status``, and said when it is over. Deleted: the whole session is in the new file."""
    log, path = home / "said.txt", default_path()
    argv = [sys.executable, "-u", "-m", "posture", "watch", "--notify", "none", "--no-tray", "--no-setup", "--camera"]
    images = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=2.0)]
    with MjpegCamera(images, fps=10.0) as camera, log.open("wb") as said:
        child = subprocess.Popen([*argv, camera.url], stdout=said, stderr=said, env=os.environ.copy())
        try:
            until_running(child)
            with closing(sqlite3.connect(path, isolation_level=None, timeout=10.0)) as other:
                other.execute("BEGIN EXCLUSIVE")
                until(lambda: "can't be saved just now" in log.read_text(), 60.0, "the trouble is said")
                until(lambda: "another program is writing" in str(now().get("words")), 60.0, "status says so too")
                assert client.ask("pause", until_utc=None)["mode"] == "paused"
                assert client.ask("resume")["mode"] == "opening"
                until_running(child)
                other.execute("ROLLBACK")
            until(lambda: "are being saved again" in log.read_text(), 60.0, "the end of it is said")
            until(lambda: "not saved" not in str(now().get("words")), 20.0, "status says so too")
            for end in ("-wal", "-shm", ""):
                Path(f"{path}{end}").unlink()
            until(path.exists, 60.0, "a new file is there")
            time.sleep(1.0)
            child.send_signal(signal.SIGTERM)
            assert child.wait(15.0) == 0
        finally:
            child.kill()
            child.wait()
    words = log.read_text()
    assert words.count("can't be saved just now") == 1
    assert "Traceback" not in words
    with Store.open() as store:
        store.check()
        (session,) = store.sessions_between(0, 1e11)
        spans = store.spans_between(0, 1e11)
    assert session.ended == "complete"
    assert spans[0].start_utc == session.started_utc
    assert spans[-1].end_utc == session.ended_utc
    assert all(a.end_utc == b.start_utc for a, b in pairwise(spans))
    assert any(s.reason == "paused" for s in spans)
    note("database held, then deleted, posture watch", lost=0)
