"""A live session with all that belongs to it talks to the camera that was named, and to nothing else on any network."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import people
import pytest
from conftest import SAMPLES
from mjpeg import MjpegCamera
from monitor_state import now

from desktop.screen import Desktop, until
from posture.storage.store import Store

SETS = ("dose.soft_s=4", "dose.episode_floor_s=1", "prompts.patience_s=1")


def test_watch_reaches_the_named_stream_and_nothing_else(desktop: Desktop, home: Path, model_file: Path, tmp_path: Path) -> None:
    """With tray, notifications and presence, a prompt shown and answered: every Internet socket goes to the stream's own address."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    images = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4") if 9.6 <= f.time_s <= 12.0]
    log, said = tmp_path / "trace", tmp_path / "said"
    with MjpegCamera(images, fps=10.0) as camera, said.open("w") as out:
        sets = [word for s in SETS for word in ("--set", s)]
        argv = [sys.executable, "-m", "posture", "watch", "--camera", camera.url, "--no-setup", "--notify", "desktop", *sets]
        watch = subprocess.Popen(
            [strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=socket,connect,sendto", "-o", str(log), *argv],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ.copy(),
        )
        try:
            desktop.wait_displayed(1, 60.0)
            desktop.press("Done", "")
            until(_answered, "the answer in the database")
            pid = now()["pid"]
            os.kill(pid, signal.SIGTERM)
            assert watch.wait(timeout=20.0) == 0, said.read_text()
        finally:
            if watch.poll() is None:
                watch.kill()
                watch.wait()
        port = camera.url.rsplit(":", 1)[1].split("/")[0]
    lines = log.read_text().splitlines()
    reached = [line for line in lines if re.search(r"\b(connect|sendto)\(.*\bAF_INET6?\b", line)]
    assert reached
    for line in reached:
        assert f"sin_port=htons({port})" in line, line
        assert 'inet_addr("127.0.0.1")' in line, line
    assert not [line for line in lines if "SOCK_DGRAM" in line and re.search(r"\bAF_INET6?\b", line)]


def _answered() -> bool:
    """Whether the answer to a prompt is written."""
    with Store.open() as store:
        return any(prompt.answer for prompt in store.prompts_between(time.time() - 600, time.time()))
