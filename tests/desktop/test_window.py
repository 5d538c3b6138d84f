"""The live window on a real screen, and the commands that use it, pressed and closed as a person would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from mjpeg import MjpegCamera, _jpeg, pictures_of
from monitor_state import now
from skeleton import Camera, pose_of, sitting

from desktop.screen import Desktop, until
from posture.cli.preview import leased_neutral
from posture.desktop.live_view import drawing
from posture.desktop.live_view.drawing import LEAST_HEIGHT, MOST_HEIGHT, Bar, Panel, blank, draw, wrapped
from posture.desktop.live_view.window import why_none
from posture.monitor.control import client
from posture.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "sample_videos" / "side_day_male1.mp4"
ACTS = {"neutral": (70, 80), "slump": (55, 66), "arch": (84, 94)}
"""Pictures of the clip in which the person keeps one posture."""
COMMAND = """
import os
from posture.cli import calibration_display
from posture.cli.app import main
def noted(display, show, picture, view, shown=calibration_display.WindowDisplay.show):
    asked = "hold" if show.words == "Hold it ..." else "wait" if show.left_s is None else "countdown"
    spine = picture.measured.spinal_flexion if picture is not None and picture.measured is not None else None
    with open(os.environ["SHOWN"], "a") as file:
        file.write(f"{show.title[:1]} {asked} {'nan' if spine is None else round(spine.deg)}\\n")
    return shown(display, show, picture, view)
calibration_display.WindowDisplay.show = noted
main()
"""
RED = (255, 0, 0)


def grey(width: int = 640, height: int = 480) -> np.ndarray:
    """A grey picture."""
    return np.full((height, width, 3), 90, np.uint8)


# --- what is drawn


@pytest.mark.parametrize(("width", "height"), [(640, 480), (320, 240), (1280, 720), (1920, 1080), (480, 640)])
def test_a_picture_keeps_its_proportions_and_has_room_for_words(width: int, height: int) -> None:
    """At least 600 pixels high, so that words are sharp, at most 960."""
    out = draw(grey(width, height), None, Panel())
    assert LEAST_HEIGHT <= out.shape[0] <= MOST_HEIGHT
    assert out.shape[1] / out.shape[0] == pytest.approx(width / height, abs=0.01)


def test_the_picture_is_mirrored_and_words_are_not() -> None:
    """As a mirror shows it; the words read the same either way."""
    image = grey()
    image[:, :64] = RED
    mirrored, plain = (draw(image, None, Panel("Title", "some words", lines=("angles",)), mirrored=m) for m in (True, False))
    middle = mirrored.shape[0] // 2
    assert tuple(mirrored[middle, -5]) == tuple(plain[middle, 5]) == RED
    assert tuple(mirrored[middle, 5]) == (90, 90, 90)
    written = np.s_[: mirrored.shape[0] // 20, 100:700]
    assert (np.abs(mirrored[written].astype(int) - plain[written]) > 60).sum() == 0


def test_the_skeleton_lies_on_the_mirrored_person() -> None:
    """The trunk's line is where the trunk is, on the other side of the picture."""
    pose = pose_of(sitting(), Camera(yaw_deg=90.0, distance_m=2.2, shift_m=0.4))
    image = np.zeros((pose.height, pose.width, 3), np.uint8)
    out = draw(image, pose, Panel(colour=RED))
    rows, columns = np.nonzero((out == RED).all(axis=2))
    scale = out.shape[1] / pose.width
    hip, shoulder = pose.image_xyz[[23, 24], :2].mean(axis=0), pose.image_xyz[[11, 12], :2].mean(axis=0)
    assert abs(columns.mean() - (out.shape[1] - scale * (hip[0] + shoulder[0]) / 2)) < 25
    assert rows.max() == pytest.approx(scale * hip[1], abs=12)


def test_what_is_not_seen_is_not_drawn() -> None:
    """A hip outside of the picture has no line."""
    pose = pose_of(sitting(), Camera(distance_m=0.9, height_m=1.25))
    assert pose.image_xyz[23, 1] > pose.height
    out = draw(np.zeros((pose.height, pose.width, 3), np.uint8), pose, Panel(colour=RED))
    shoulders = pose.image_xyz[11, 1] * out.shape[0] / pose.height
    assert np.nonzero((out == RED).all(axis=2))[0].max() < shoulders + 20


def test_the_bar_is_as_long_as_its_share() -> None:
    """And never longer than its frame."""
    for share, least, most in ((0.0, 0.0, 0.01), (0.25, 0.23, 0.27), (1.0, 0.95, 1.0), (7.0, 0.95, 1.0)):
        out = blank(Panel(bar=Bar("dose", share, RED)))
        filled = (out == RED).all(axis=2).any(axis=0).sum() / out.shape[1]
        assert least <= filled <= most


def test_words_are_wrapped_and_special_characters_have_glyphs() -> None:
    """No line is wider than the picture; degrees, plus-minus, a true minus and accents are in the font."""
    font = drawing._font(22)
    lines = wrapped("Sit tall but relaxed, as you could for ten minutes. " * 3, font, 400)
    assert len(lines) > 3
    assert all(font.getlength(line) <= 400 for line in lines)
    missing = bytes(font.getmask("\uffff"))
    assert all(bytes(font.getmask(c)) != missing for c in "°±\N{MINUS SIGN}éüßñčĐøŁЖΩ·")


def test_the_callers_picture_is_left_alone() -> None:
    """What was seen is measured, not what was drawn."""
    image = grey(1280, 700)
    draw(image, None, Panel("a", "b", "3", ("c",), Bar("d", 0.5, RED), "e"))
    assert (image == 90).all()


# --- whether there can be a window


def test_no_display_is_told_before_qt_ends_the_process() -> None:
    """Over ssh, on Wayland alone, and on a display that does not exist."""
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    assert "no display here" in (why_none(bare, "linux") or "")
    assert "XWayland" in (why_none({**bare, "WAYLAND_DISPLAY": "wayland-0"}, "linux") or "")
    assert "cannot be used" in (why_none({**bare, "DISPLAY": ":987"}, "linux") or "")


def test_a_display_that_works_is_found(bare_desktop: Desktop) -> None:
    """Also where the user's environment asks Qt for Wayland, which the wheels lack."""
    assert why_none(bare_desktop.env) is None
    assert why_none({**bare_desktop.env, "QT_QPA_PLATFORM": "wayland"}) is None


# --- the window and the commands


needs_xdotool = pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool (Debian: xdotool)")


def find_window(desk: Desktop, title: str, within_s: float = 90.0) -> str:
    """Wait for the window of that title; its X11 id."""
    found: list[str] = []

    def there() -> bool:
        said = subprocess.run(["xdotool", "search", "--name", title], env=desk.env, capture_output=True, text=True, check=False)
        found[:] = said.stdout.split()
        return bool(found)

    until(there, f"a window {title!r}", within_s)
    return found[0]


def press(desk: Desktop, window: str, *keys: str) -> None:
    """Press keys in a window."""
    for key in keys:
        subprocess.run(["xdotool", "key", "--window", window, key], env=desk.env, capture_output=True, check=True)
        time.sleep(0.15)  # as fast as a person; OpenCV keeps one key at a time


def click_close(desk: Desktop, window: str) -> None:
    """What a window manager does when its closing button is clicked."""
    from Xlib import X  # comes with pystray  # noqa: PLC0415
    from Xlib.display import Display  # noqa: PLC0415
    from Xlib.protocol.event import ClientMessage  # noqa: PLC0415

    display = Display(desk.env["DISPLAY"])
    target = display.create_resource_object("window", int(window))
    protocols, delete = display.intern_atom("WM_PROTOCOLS"), display.intern_atom("WM_DELETE_WINDOW")
    target.send_event(ClientMessage(window=target, client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0])))
    display.sync()
    display.close()


KEYS = {"space": "space", "Return": "enter", "s": "s", "r": "r", "q": "q", "Escape": "escape"}
SHOW = """
import time
import numpy as np
from posture.desktop.live_view.window import Window
end = time.monotonic() + 120
with Window("A test") as window:
    picture, begins = np.full((480, 640, 3), 90, np.uint8), True
    while time.monotonic() < end:
        window.show(picture)
        pressed = window.pressed()
        if begins:
            print("shown", flush=True)
        begins = False
        for name in pressed:
            print(name, flush=True)
            if name == "closed":
                end = time.monotonic() + 1
        time.sleep(0.02)
"""
"""In a process of its own: Qt ends the process with its display."""


@needs_xdotool
def test_keys_and_the_closing_button_reach_the_program(bare_desktop: Desktop) -> None:
    """Each key by its name, once; the closing button as ``closed``, and no window comes back after it."""
    env = {**bare_desktop.env, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SHOW], env=env, stdout=subprocess.PIPE, text=True) as process:
        number = find_window(bare_desktop, "A test")
        said = heard(process, "shown")
        for key, name in KEYS.items():
            press(bare_desktop, number, key)
            said += heard(process, name)
        click_close(bare_desktop, number)
        said += heard(process, "closed")
        words = ["xdotool", "search", "--onlyvisible", "--name", "A test"]
        left = subprocess.run(words, env=bare_desktop.env, capture_output=True, text=True, check=False).stdout
        said += process.communicate(timeout=60)[0]
    assert said.split() == ["shown", *KEYS.values(), "closed"]
    assert left == ""


@cache
def acts() -> dict[str, list[bytes]]:
    """The pictures of each act, as they are sent."""
    pictures = pictures_of(CLIP)
    return {act: [_jpeg(p) for p in [*pictures[a:b], *pictures[a:b][::-1]]] for act, (a, b) in ACTS.items()}


class Actor(MjpegCamera):
    """Plays one act of the clip to and fro, until another is wanted."""

    def __init__(self) -> None:
        super().__init__([grey()], fps=6.0)
        self._acts = acts()
        self.act = "neutral"

    def jpeg(self) -> bytes:
        shown = self._acts[self.act]
        return shown[int((time.monotonic() - self._began_s) * self.fps) % len(shown)]

    @property
    def watched(self) -> bool:
        """Whether anybody is connected and has not hung up."""
        assert self._server is not None
        return any(c.fileno() != -1 for c in self._server._open)


@contextmanager
def running(desk_env: dict[str, str], home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command of the program, in a process of its own."""
    own = {"POSTURE_CONFIG": "config.toml", "POSTURE_DATA_DIR": "data", "SHOWN": "shown"}
    env = {**desk_env, **{name: str(home / file) for name, file in own.items()}, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until_shown(home: Path, what: str, spine: Callable[[float], bool] = lambda _: True) -> None:
    """Wait until the window has shown a step (its number, or C at the end; what is asked), with a fitting angle of the spine, degrees."""
    file = home / "shown"

    def there() -> bool:
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        return any(line.startswith(what) and spine(float(line.split()[-1])) for line in lines)

    until(there, f"{what} is shown", 120.0)


def ended(process: subprocess.Popen[str], within_s: float = 180.0) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    said, wrong = process.communicate(timeout=within_s)
    return process.returncode, said, wrong


@needs_xdotool
def test_a_calibration_from_the_window_to_the_store(bare_desktop: Desktop, home: Path, model_file: Path, tmp_path: Path) -> None:
    """Keys cut the countdowns short; neutral, slump and arch are measured and kept; what is on the screen is the live picture."""
    with Actor() as camera, running(bare_desktop.env, home, "calibrate", "--camera", camera.url, "--place", "my desk") as process:
        window = find_window(bare_desktop, "Posture calibration")
        until_shown(home, "1 countdown")
        press(bare_desktop, window, "space")
        until_shown(home, "1 hold")
        shots = []
        for step, act, seen in (("2", "slump", lambda spine: spine > 30.0), ("3", "arch", lambda spine: spine < -8.0)):
            until_shown(home, f"{step} countdown")
            camera.act = act
            until_shown(home, f"{step} countdown", seen)
            shots.append(bare_desktop.picture(tmp_path / f"{step}.png").stat().st_size)
            press(bare_desktop, window, "space")
            until_shown(home, f"{step} hold")
        until_shown(home, "C ")
        press(bare_desktop, window, "q")
        code, said, wrong = ended(process)
        until(lambda: not camera.watched, "the camera is let go")
    assert code == 0, said + wrong
    assert wrong == ""
    assert max(shots) > 100_000, "a person in a room, not an empty window"
    assert "Saved as 'my desk'." in said
    assert "The camera sees your right side" in said
    with Store.open() as store:
        (profile,) = store.list_profiles()
    assert profile.data["slump"]["spine_deg"] == pytest.approx(46.0, abs=10.0)
    assert profile.data["arch"]["pelvis_deg"] == pytest.approx(11.0, abs=6.0)  # of 18: what little is seen of it is read as half
    assert profile.data["camera"] == f"stream:{camera.url}"


@needs_xdotool
@pytest.mark.parametrize("how", ["button", "escape", "interrupt"])
def test_a_calibration_that_is_left_keeps_nothing(how: str, bare_desktop: Desktop, home: Path, model_file: Path) -> None:
    """The closing button, Escape and Ctrl-C: one clear line, 130, the camera let go, no profile."""
    with Actor() as camera, running(bare_desktop.env, home, "calibrate", "--camera", camera.url) as process:
        window = find_window(bare_desktop, "Posture calibration")
        until_shown(home, "1 ")
        if how == "button":
            click_close(bare_desktop, window)
        elif how == "escape":
            press(bare_desktop, window, "Escape")
        else:
            process.send_signal(signal.SIGINT)
        code, said, wrong = ended(process)
        until(lambda: not camera.watched, "the camera is let go")
    assert code == 130, said + wrong
    assert ("interrupted" in wrong) if how == "interrupt" else ("nothing was saved" in said)
    assert "Traceback" not in wrong
    with Store.open() as store:
        assert store.list_profiles() == []


def test_without_a_display_it_goes_on_in_the_terminal(home: Path, model_file: Path) -> None:
    """One line says so, the countdown is in words, and the neutral is kept."""
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with Actor() as camera, running(bare, home, "calibrate", "--camera", camera.url, "--no-range", "--name", "desk") as process:
        code, said, wrong = ended(process)
    assert (code, wrong) == (0, "")
    lines = said.splitlines()
    assert lines[0] == "No window: there is no display here (over ssh, or a text console). Continuing in the terminal."
    assert any("tall but relaxed" in line and line.endswith("(5 s)") for line in lines)
    assert "Saved as 'desk'." in lines
    with running(bare, home, "calibrate", "--list") as process:
        assert "desk" in ended(process)[1]
    with running(bare, home, "calibrate", "--camera", "0", "--name", "desk") as process:
        assert ended(process)[0] == 1  # it is taken, and there is nobody to ask
    with running(bare, home, "calibrate", "--delete", "desk", "--yes") as process:
        assert ended(process)[0] == 0
    with Store.open() as store:
        assert store.list_profiles() == []


@contextmanager
def watching(env: dict[str, str], home: Path, camera: Actor, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A monitor that runs and measures, without a tray."""
    with running(env, home, "watch", "--camera", camera.url, "--notify", "none", "--no-tray", "--no-setup", *words) as process:
        until(lambda: now().get("mode") == "running", "the monitor runs", 180.0)
        yield process


def heard(process: subprocess.Popen[str], words: str) -> str:
    """Read lines until one has these words; what was read."""
    assert process.stdout is not None
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, f"it ended without {words!r}: {said}"
        said += line
    return said


def test_a_preview_ends_with_the_monitor_that_lent_the_camera(home: Path, model_file: Path) -> None:
    """Its camera is let go, and it says why it ends."""
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | {"PYTHONUNBUFFERED": "1"}
    with Actor() as camera, watching(bare, home, camera) as monitor:
        with running(bare, home, "preview", "--no-window") as process:
            heard(process, "trunk")
            assert client.stop()
            code, said, wrong = ended(process)
            until(lambda: not camera.watched, "the camera is let go")
        assert ended(monitor)[0] == 0
    assert (code, wrong) == (0, "")
    assert "The monitor has stopped, and the preview with it." in said


def test_a_calibration_goes_on_without_the_monitor(home: Path, model_file: Path) -> None:
    """It says so once, saves what it takes, and lets the camera go."""
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | {"PYTHONUNBUFFERED": "1"}
    with Actor() as camera, watching(bare, home, camera) as monitor:
        with running(bare, home, "calibrate", "--no-window", "--no-range", "--name", "desk") as process:
            heard(process, "tall but relaxed")
            assert client.stop()
            code, said, wrong = ended(process)
            until(lambda: not camera.watched, "the camera is let go")
        assert ended(monitor)[0] == 0
    assert (code, wrong) == (0, "")
    assert said.count("The monitor has stopped; the calibration continues without it.") == 1 and "Saved as 'desk'." in said


def test_a_preview_measures_against_what_the_monitor_does(home: Path, model_file: Path) -> None:
    """The monitor has another calibration than the newest one: the preview takes the monitor's, unless one is named."""
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | {"PYTHONUNBUFFERED": "1"}
    with Actor() as camera:
        with running(bare, home, "calibrate", "--camera", camera.url, "--no-window", "--no-range", "--name", "old") as process:
            assert ended(process)[0] == 0
        with Store.open() as store:
            old = store.load_profile("old")
            store.save_profile("new", old.data, old.view)
        with watching(bare, home, camera, "--profile", "old"):
            for words, told in (
                ((), "as in the monitor, from the calibration 'old'"),
                (("--profile", "new"), "the calibration 'new'"),
            ):
                with running(bare, home, "preview", "--no-window", *words) as process:
                    assert told in heard(process, "trunk")
                    process.send_signal(signal.SIGINT)
                    assert ended(process)[0] == 0
            assert client.stop()


def test_a_neutral_that_cannot_be_read_is_none() -> None:
    """A monitor of another version may say it otherwise."""
    assert leased_neutral({}) is None and leased_neutral({"neutral": None}) is None
    assert leased_neutral({"neutral": {"cue": {}}}) is None and leased_neutral({"neutral": 3}) is None


@needs_xdotool
def test_the_preview_shows_and_measures(bare_desktop: Desktop, home: Path, model_file: Path, tmp_path: Path) -> None:
    """A live window, closed by q; what the placement measures is said at the end; nothing is kept."""
    with Actor() as camera, running(bare_desktop.env, home, "preview", "--camera", camera.url) as process:
        window = find_window(bare_desktop, "Posture preview")
        time.sleep(2.5)
        shot = tmp_path / "preview.png"
        until(lambda: bare_desktop.picture(shot).stat().st_size > 100_000, "a person in a room on the screen", 60.0)
        press(bare_desktop, window, "q")
        code, said, wrong = ended(process)
        until(lambda: not camera.watched, "the camera is let go")
    assert (code, wrong) == (0, ""), said + wrong
    assert "Not calibrated" in said
    assert "Trunk flexion (leaning): yes" in said
