"""Calibration and preview in the terminal, where no window can be shown or none is wanted."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from actor import Actor, ended, heard, running
from monitor_state import now

from desktop.screen import until
from posture.cli.preview import leased_neutral
from posture.monitor.control import client
from posture.storage.store import Store


@pytest.fixture
def bare(home: Path) -> dict[str, str]:
    """An environment without a display."""
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}


@contextmanager
def watching(env: dict[str, str], camera: Actor, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A monitor that runs and measures, without a tray."""
    with running(env, "watch", "--camera", camera.url, "--notify", "none", "--no-tray", "--no-setup", *words) as process:
        until(lambda: now().get("mode") == "running", "the monitor runs", 180.0)
        yield process


def test_without_a_display_it_goes_on_in_the_terminal(bare: dict[str, str], model_file: Path) -> None:
    """One line says so, the countdown is in words, and the neutral is kept."""
    with Actor() as camera, running(bare, "calibrate", "--camera", camera.url, "--no-range", "--name", "desk") as process:
        code, said, wrong = ended(process)
    assert (code, wrong) == (0, "")
    lines = said.splitlines()
    assert lines[0] == "No window: there is no display here (over ssh, or a text console). Continuing in the terminal."
    assert any("tall but relaxed" in line and line.endswith("(5 s)") for line in lines)
    assert "Saved as 'desk'." in lines
    with running(bare, "calibrate", "--list") as process:
        assert "desk" in ended(process)[1]
    with running(bare, "calibrate", "--camera", "0", "--name", "desk") as process:
        assert ended(process)[0] == 1  # it is taken, and there is nobody to ask
    with running(bare, "calibrate", "--delete", "desk", "--yes") as process:
        assert ended(process)[0] == 0
    with Store.open() as store:
        assert store.list_profiles() == []


def test_a_calibration_that_is_interrupted_keeps_nothing(bare: dict[str, str], model_file: Path) -> None:
    """Ctrl-C: one clear line, 130, the camera let go, no profile."""
    with Actor() as camera, running(bare, "calibrate", "--camera", camera.url) as process:
        heard(process, "tall but relaxed")
        process.send_signal(signal.SIGINT)
        code, _, wrong = ended(process)
        until(lambda: not camera.watched, "the camera is let go")
    assert code == 130 and "interrupted" in wrong and "Traceback" not in wrong
    with Store.open() as store:
        assert store.list_profiles() == []


def test_a_preview_ends_with_the_monitor_that_lent_the_camera(bare: dict[str, str], model_file: Path) -> None:
    """Its camera is let go, and it says why it ends."""
    with Actor() as camera, watching(bare, camera) as monitor:
        with running(bare, "preview", "--no-window") as process:
            heard(process, "trunk")
            assert client.stop()
            code, said, wrong = ended(process)
            until(lambda: not camera.watched, "the camera is let go")
        assert ended(monitor)[0] == 0
    assert (code, wrong) == (0, "")
    assert "The monitor has stopped, and the preview with it." in said


def test_a_calibration_goes_on_without_the_monitor(bare: dict[str, str], model_file: Path) -> None:
    """It says so once, saves what it takes, and lets the camera go."""
    with Actor() as camera, watching(bare, camera) as monitor:
        with running(bare, "calibrate", "--no-window", "--no-range", "--name", "desk") as process:
            heard(process, "tall but relaxed")
            assert client.stop()
            code, said, wrong = ended(process)
            until(lambda: not camera.watched, "the camera is let go")
        assert ended(monitor)[0] == 0
    assert (code, wrong) == (0, "")
    assert said.count("The monitor has stopped; the calibration continues without it.") == 1 and "Saved as 'desk'." in said


def test_a_preview_measures_against_what_the_monitor_does(bare: dict[str, str], model_file: Path) -> None:
    """The monitor has another calibration than the newest one: the preview takes the monitor's, unless one is named."""
    with Actor() as camera:
        with running(bare, "calibrate", "--camera", camera.url, "--no-window", "--no-range", "--name", "old") as process:
            assert ended(process)[0] == 0
        with Store.open() as store:
            old = store.load_profile("old")
            store.save_profile("new", old.data, old.view)
        with watching(bare, camera, "--profile", "old"):
            for words, told in (
                ((), "as in the monitor, from the calibration 'old'"),
                (("--profile", "new"), "the calibration 'new'"),
            ):
                with running(bare, "preview", "--no-window", *words) as process:
                    assert told in heard(process, "trunk")
                    process.send_signal(signal.SIGINT)
                    assert ended(process)[0] == 0
            assert client.stop()


def test_a_neutral_that_cannot_be_read_is_none() -> None:
    """A monitor of another version may say it otherwise."""
    assert leased_neutral({}) is None and leased_neutral({"neutral": None}) is None
    assert leased_neutral({"neutral": {"cue": {}}}) is None and leased_neutral({"neutral": 3}) is None
