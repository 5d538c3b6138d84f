"""Every command that looks at a camera or at one's own data stays on the machine, the processes it starts included."""

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
from conftest import ROOT, SAMPLES
from mjpeg import MjpegCamera
from test_no_socket import internet_sockets

from posture.storage.records import Origin
from posture.storage.store import Store


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that only notes what it was given."""
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    program.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(program))
    monkeypatch.setenv("POSTURE_PAGES_DIR", str(tmp_path / "pages"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "none")  # as if there were a screen: a browser is asked only then
    return tmp_path / "opened"


@pytest.mark.parametrize(
    "words",
    [
        ["today", "--open"],
        ["week", "--open"],
        ["trend", "--open"],
        ["show", "cat_cow_seated"],
        ["log", "urge"],
        ["status"],
        ["data", "export", "out.json"],
        ["data", "backup", "b.db"],
        ["cameras"],
        ["doctor"],
    ],
    ids=" ".join,
)
def test_commands_on_ones_own_data(words: list[str], home: Path, browser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, exports, logs and looking around open no Internet socket."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with Store.open() as store:
        store.end_session(store.start_session(origin=Origin.LIVE, started_utc=time.time() - 60, source="cam"))
    argv = [sys.executable, "-c", f"import sys\nfrom posture.cli.app import run\nsys.exit(0 if run({words!r}) in (0, 1, 3) else 9)"]
    assert internet_sockets(argv, tmp_path / "trace") == []
    if "--open" in words or words[0] == "show":
        assert "file://" in browser.read_text()


@pytest.mark.parametrize(
    ("words", "last"),
    [("preview --no-window", "trunk"), ("calibrate --no-window --no-range --name desk", "Saved as 'desk'")],
    ids=["preview", "calibrate"],
)
def test_preview_and_calibration_reach_the_named_stream_and_nothing_else(
    words: str, last: str, home: Path, model_file: Path, tmp_path: Path
) -> None:
    """Every Internet socket goes to the stream's own address, until five readings are shown or the calibration is saved."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    images = [f.image for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=1.0)]
    log, shown = tmp_path / "trace", tmp_path / "said"
    with MjpegCamera(images, fps=6.0) as camera, shown.open("w") as said:
        argv = [strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=socket,connect,sendto", "-o", str(log), sys.executable, "-m", "posture"]
        argv += [*words.split(), "--camera", camera.url]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(argv, env=env, stdout=said, stderr=subprocess.STDOUT, process_group=0)
        try:
            end = time.monotonic() + 90.0
            while process.poll() is None and shown.read_text().count(last) < 5:
                assert time.monotonic() < end, shown.read_text()
                time.sleep(0.2)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=15.0)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        port = camera.url.rsplit(":", 1)[1].split("/")[0]
    lines = log.read_text().splitlines()
    reached = [line for line in lines if re.search(r"\b(connect|sendto)\(.*\bAF_INET6?\b", line)]
    assert last in shown.read_text()
    assert reached
    assert [line for line in reached if f"sin_port=htons({port})" not in line or 'inet_addr("127.0.0.1")' not in line] == []
    assert not [line for line in lines if "SOCK_DGRAM" in line and re.search(r"\bAF_INET6?\b", line)]


def test_worker_processes_open_no_internet_socket(home: Path, model_file: Path, tmp_path: Path) -> None:
    """A recording that is long enough to be shared by several processes: none of them, nor the one that they serve."""
    pictures = [f.image for f in people.frames_of(SAMPLES / "front_mixed_female1.mp4", rate_hz=1.0, end_s=6.0)]
    long = people.write(tmp_path / "long.mp4", ((float(i), pictures[i % len(pictures)]) for i in range(100)), key_every=10)
    argv = [
        sys.executable,
        "-m",
        "posture",
        "analyze",
        str(long),
        "--rate",
        "0.2",
        "--jobs",
        "2",
        "--out",
        str(tmp_path / "out"),
    ]
    assert internet_sockets(argv, tmp_path / "trace") == []
    assert "--multiprocessing-fork" in (tmp_path / "trace").read_text() or _started_workers(long)


def _started_workers(video: Path) -> bool:
    """Whether such a recording is shared by several processes at all."""
    from posture.capture.video_file import VideoFile  # noqa: PLC0415
    from posture.recordings.parts import cuts  # loads PyAV  # noqa: PLC0415

    with VideoFile(video) as source:
        return len(cuts(video, source.facts, None, None)) >= 2
