"""Cameras and microphones in use through a real PipeWire, with sources and programs made by GStreamer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from desktop.screen import Desktop, until

if sys.platform != "linux":
    pytest.skip("Linux's own parts", allow_module_level=True)

from desktop.watching import QUICK, CameraFree, CameraWanted, HandClock, Told, cut_off, quiet, watching
from posture.desktop.presence.changes import Aspect

PROGRAMS = ("pipewire", "wireplumber", "pw-dump", "gst-launch-1.0")
PACKAGES = "pipewire, pipewire-bin, wireplumber, gstreamer1.0-tools, gstreamer1.0-pipewire"
pytestmark = pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason=f"needs a PipeWire and GStreamer (Debian: {PACKAGES})")

VIDEO = "video/x-raw,format=YUY2,width=160,height=120,framerate=5/1"
AUDIO = "audio/x-raw,format=S16LE,rate=48000,channels=1"


class Pipes:
    """A PipeWire of the test's own."""

    def __init__(self, folder: Path, env: dict[str, str], stack: ExitStack) -> None:
        self.env = {**env, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        self._stack, self._socket = stack, folder / "pipewire-0"
        self.daemon: subprocess.Popen[bytes]

    def start(self) -> None:
        """Have it run, with its session manager."""
        self.daemon = self.run("pipewire")
        until(self._socket.exists, "PipeWire listens")
        self.run("wireplumber")

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program of the session; it ends with the test."""
        process = subprocess.Popen(words, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def offer(self, name: str, kind: str, role: str = "") -> None:
        """Have a source of ``Video`` or ``Audio``; a camera has the role ``Camera``."""
        props = f"props,media.class={kind}/Source,node.name={name}" + (f",media.role={role}" if role else "")
        made = ("videotestsrc", "is-live=true", "!", VIDEO) if kind == "Video" else ("audiotestsrc", "is-live=true", "!", AUDIO)
        self.run("gst-launch-1.0", *made, "!", "pipewiresink", "mode=provide", f"stream-properties={props}")
        until(lambda: name in self._dump(), f"there is {name}", every_s=0.2)

    @contextmanager
    def using(self, name: str, kind: str) -> Iterator[int]:
        """A program that uses a source, and is no child of ours; its id."""
        props = f"props,media.type={kind},media.category=Capture"
        ends = (f"{VIDEO if kind == 'Video' else AUDIO}", "!", "fakesink")
        words = ("gst-launch-1.0", "pipewiresrc", f"target-object={name}", f"stream-properties={props}", "!", *ends)
        # The shell in between ends at once, so that the process goes to whoever takes orphans.
        script = ["sh", "-c", '"$@" >/dev/null 2>&1 & echo $!', "sh", *words]
        pid = int(subprocess.run(script, env=self.env, capture_output=True, text=True, check=True).stdout)
        try:
            until(
                lambda: f'"application.process.id": {pid}' in (dump := self._dump()) and '"active"' in dump, f"{name} is used", every_s=0.2
            )
            yield pid
        finally:
            os.kill(pid, signal.SIGKILL)

    def _dump(self) -> str:
        return subprocess.run(["pw-dump"], env=self.env, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def pipes(bare_desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Pipes]:
    """A PipeWire that runs, at the place where the presence looks for it."""
    cut_off(monkeypatch, tmp_path)
    with TemporaryDirectory(prefix="pipe", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        made = Pipes(Path(folder), bare_desktop.env, stack)
        made.start()
        yield made


def test_cameras_and_microphones_in_use_through_pipewire(pipes: Pipes) -> None:
    """Another program's use counts, ours and that of a shared screen don't; a PipeWire that dies has no users, and a new one is found."""
    pipes.offer("camera", "Video", "Camera")
    pipes.offer("screen", "Video")
    pipes.offer("microphone", "Audio")
    told, clock, ours = Told(), HandClock(), set[int]()
    with watching(told, clock=clock, ours=lambda: tuple(ours)) as watched:
        assert "PipeWire" in watched.known[Aspect.CAMERA].words
        assert "PipeWire" in watched.known[Aspect.CALL].words
        with pipes.using("screen", "Video"):
            clock.pass_(60.0)
            assert not told
        with pipes.using("camera", "Video") as pid:
            assert told.wait(CameraWanted).why == "gst-launch-1.0 is using the camera"
            ours.add(pid)
            clock.pass_(QUICK.camera_free_s)
            told.wait(CameraWanted, CameraFree)
        told.clear()
        with pipes.using("microphone", "Audio"):
            clock.pass_(QUICK.microphone_s)
            told.wait(*quiet(Aspect.CALL, True))
        clock.pass_(QUICK.microphone_s)
        told.wait(*quiet(Aspect.CALL, True, False))
        told.clear()
        with pipes.using("camera", "Video"):
            told.wait(CameraWanted)
            pipes.daemon.kill()
            pipes.daemon.wait()
            until(lambda: "not through PipeWire" in watched.known[Aspect.CAMERA].words, "it is said that it is gone")
            clock.pass_(QUICK.camera_free_s)
            told.wait(CameraWanted, CameraFree)
        pipes.start()
        until(lambda: "and by PipeWire" in watched.known[Aspect.CAMERA].words, "the new one is found")
