"""Nothing leaves the machine: no Internet socket while measuring, in any thread or child, native code included."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SAMPLES

CODE = """
import sys, time
from pathlib import Path
from posture.pose.finder import PoseFinder
from posture.capture.video_file import VideoFile
until = time.monotonic() + float(sys.argv[3])
with PoseFinder(Path(sys.argv[1])) as finder, VideoFile(Path(sys.argv[2]), end_s=12.0) as video:
    found = sum(finder.find(frame).pose is not None for frame in video)
    assert found > 50, found
    while time.monotonic() < until:
        time.sleep(0.2)
print("found", found)
"""


def internet_sockets(argv: list[str], log: Path) -> list[str]:
    """Run `argv` under strace and give every call that made or used an Internet socket."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    done = subprocess.run(
        [strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=network", "-o", str(log), *argv],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ.copy(),
    )
    if "ptrace" in done.stderr and "Operation not permitted" in done.stderr:
        pytest.skip("this machine does not allow tracing")
    assert done.returncode == 0, done.stderr
    return [line for line in log.read_text().splitlines() if re.search(r"\bAF_INET6?\b", line)]


def test_the_trace_would_see_a_socket(tmp_path: Path) -> None:
    """The method itself works: a socket that Python opens is found."""
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    assert internet_sockets([sys.executable, "-c", code], tmp_path / "trace")


@pytest.mark.parametrize("alive_s", [15.0, pytest.param(60.0, marks=pytest.mark.soak)])
def test_a_landmarker_opens_no_internet_socket(alive_s: float, model_file: Path, tmp_path: Path) -> None:
    """MediaPipe, alive and working, looks nothing up and reports nothing; a version that did began within seconds."""
    argv = [sys.executable, "-c", CODE, str(model_file), str(SAMPLES / "side_mixed_male1.mp4"), str(alive_s)]
    assert internet_sockets(argv, tmp_path / "trace") == []


def test_analyze_opens_no_internet_socket(model_file: Path, home: Path, tmp_path: Path) -> None:
    """A whole analysis with all its reports stays on the machine."""
    clip = str(SAMPLES / "front_mixed_female1.mp4")
    argv = [sys.executable, "-m", "posture", "analyze", clip, "--end", "2", "--out", str(tmp_path / "out"), "--annotate"]
    assert internet_sockets(argv, tmp_path / "trace") == []
