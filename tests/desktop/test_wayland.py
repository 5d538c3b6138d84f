"""Idle and full screen as real compositors say it, and as Mutter and the X server do."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from desktop.screen import Desktop, until

if sys.platform != "linux":
    pytest.skip("Linux's own parts", allow_module_level=True)

from desktop.fake_session import Mutter, served
from desktop.watching import Filled, Idle, InUse, NotFilled, Told, cut_off, kinds_of, watching
from posture.desktop.graphical_session import session_kind
from posture.desktop.presence.changes import Aspect

NOBODY = 65534
SWAY = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
needs_sway = pytest.mark.skipif(
    not all(map(shutil.which, ("sway", "foot", "wtype"))), reason="needs sway, foot and wtype (Debian: the same names)"
)
needs_kwin = pytest.mark.skipif(not shutil.which("kwin_wayland"), reason="needs kwin_wayland (Debian: kwin-wayland)")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No bus and no display but those of the test."""
    cut_off(monkeypatch, tmp_path)


@pytest.fixture
def told() -> Told:
    """An empty list that takes changes."""
    return Told()


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder for sockets, of a user who may run a compositor: sway refuses to serve root."""
    with TemporaryDirectory(prefix="way") as folder:
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-1")
        yield Path(folder)


@contextmanager
def program(*words: str, runtime: Path, more: Mapping[str, str] = {}) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the session, while the block runs."""
    env = {**os.environ, "HOME": str(runtime), "XDG_RUNTIME_DIR": str(runtime), **more}
    owner = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **owner) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def sway(runtime: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real sway without a screen, at the socket that the session names."""
    (runtime / "config").write_text("output * resolution 640x480\n")
    with program("sway", "--config", str(runtime / "config"), runtime=runtime, more=SWAY) as process:
        until(lambda: session_kind().compositor == "sway", "sway answers")
        yield process


@needs_sway
def test_a_compositor_says_when_nothing_is_touched_and_when_a_window_fills_the_screen(runtime: Path, told: Told) -> None:
    """A real sway, a key pressed by wtype, and foot in full screen; the compositor is killed under it and comes back."""
    with sway(runtime) as compositor, watching(told, idle_s=1.0) as watched:
        assert session_kind().words == "Wayland, compositor sway"
        assert "sway" in watched.known[Aspect.IDLE].words
        assert "sway" in watched.known[Aspect.FULL_SCREEN].words
        assert told.wait(Idle).why == "keyboard and mouse haven't been used for 1 s"
        subprocess.run(["wtype", "a"], check=True)
        told.wait(Idle, InUse, Idle)
        told.clear()
        with program("foot", "--fullscreen", "sleep", "60", runtime=runtime):
            told.wait(Filled)
        told.wait(Filled, NotFilled)
        told.clear()
        with program("foot", "--fullscreen", "sleep", "60", runtime=runtime):
            told.wait(Filled)
            compositor.kill()
            until(lambda: len(told) == 3, "what is no longer known is taken back")
        assert {*kinds_of(told)} == {Filled, NotFilled, InUse}
        assert not watched.known[Aspect.FULL_SCREEN].known
        assert not watched.known[Aspect.IDLE].known
        told.clear()
        with sway(runtime):
            told.wait(Idle)
            assert watched.known[Aspect.FULL_SCREEN].known


@needs_kwin
def test_kwin_says_when_nothing_is_touched_and_nothing_of_windows(runtime: Path, told: Told, desktop: Desktop) -> None:
    """By the newer protocol; that full screen cannot be known there is said, with what helps."""
    words = ("kwin_wayland", "--virtual", "--no-lockscreen", "--socket", "wayland-1")
    with program(*words, runtime=runtime, more=desktop.env):
        until(lambda: session_kind().compositor == "kwin_wayland", "KWin answers")
        with watching(told, idle_s=0.5) as watched:
            told.wait(Idle)
            assert "ext-idle-notify" in watched.known[Aspect.IDLE].words
            assert not watched.known[Aspect.FULL_SCREEN].known
            assert "do not disturb" in watched.known[Aspect.FULL_SCREEN].fix


def test_mutter_says_when_nothing_is_touched(bare_desktop: Desktop, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for GNOME's Mutter, which is asked on the bus; idle already at first, left, and there again."""
    monkeypatch.delenv("DISPLAY")
    address, mutter = bare_desktop.env["DBUS_SESSION_BUS_ADDRESS"], Mutter()
    mutter.idle = True
    with served(address, mutter) as switched, watching(told) as watched:
        told.wait(Idle)
        assert "Mutter" in watched.known[Aspect.IDLE].words
        until(lambda: 0 in mutter.watches.values(), "it waits for somebody to be active")
        switched.switch(False)
        told.wait(Idle, InUse)
        switched.switch(True)
        told.wait(Idle, InUse, Idle)
    told.clear()
    with watching(told) as watched:
        assert not watched.known[Aspect.IDLE].known
        with served(address, Mutter()) as switched:
            until(lambda: watched.known[Aspect.IDLE].known, "the new Mutter is asked")
            switched.switch(True)
            told.wait(Idle)
        told.wait(Idle, InUse)  # Mutter is gone: unknown is not idle
        assert not watched.known[Aspect.IDLE].known


@pytest.mark.skipif(not shutil.which("xdotool"), reason="needs xdotool (Debian: the same name)")
def test_an_x_server_says_when_nothing_is_touched(desktop: Desktop, told: Told) -> None:
    """Real keys on a real X server."""
    with watching(told, idle_s=1.0) as watched:
        assert watched.known[Aspect.IDLE].known
        told.wait(Idle)
        subprocess.run(["xdotool", "key", "a"], env=desktop.env, check=True)
        told.wait(Idle, InUse, Idle)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        struct.pack("=II", 2, 4 << 16),  # a message shorter than its head
        struct.pack("=III", 2, 12 << 16, 1),  # a global without a name
        struct.pack("=IIIII", 1, 24 << 16, 1, 0, 4) + b"no!\0",  # an error
    ],
    ids=["silence", "no head", "cut short", "error"],
)
def test_what_is_no_good_compositor_is_not_believed(said: bytes, told: Told, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that nothing is known, and nothing hangs."""
    monkeypatch.setattr("posture.desktop.presence.wayland._ANSWER_S", 0.3)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(runtime / "wayland-1"))
        server.listen()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(said)
                connection.recv(1 << 16)
                connection.recv(1)

        Thread(target=answer, daemon=True).start()
        with watching(told) as watched:
            for aspect in (Aspect.IDLE, Aspect.FULL_SCREEN):
                until(lambda aspect=aspect: "isn't answering" in watched.known[aspect].words, "it is said")  # type: ignore[misc]
                assert not watched.known[aspect].known
        assert not told


def test_the_kind_of_session_is_named(tmp_path: Path) -> None:
    """Also where the variable is missing, and where nothing answers."""
    env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert session_kind(env).words.startswith("console")
    assert session_kind({**env, "DISPLAY": ":0"}).words == "X11, display :0"
    words = session_kind({**env, "DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}).words
    assert words == f"Wayland, but no compositor answers at {tmp_path / 'wayland-0'}"
