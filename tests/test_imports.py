"""What may be loaded by what."""

from __future__ import annotations

import subprocess
import sys

import pytest

CORE = (
    "posture",
    "posture.model",
    "posture.settings",
    "posture.kinematics.meter",
    "posture.exposure",
    "posture.prompts",
    "posture.summary",
    *(f"posture.engine.{name}" for name in ("engine", "image_quality", "measurement", "movement", "sampling")),
    "posture.kinematics.sample",
    "posture.sample_rows",
    "posture.recording_notes",
    "posture.recording",
    "posture.redflags",
    "posture.session",
    "posture.findings",
    "posture.entries",
    "posture.choice",
    "posture.snooze",
    "posture.followup",
    "posture.fit",
    "posture.own_bands",
    "posture.calibrate",
    "posture.calibration_checks",
    "posture.placement",
    "posture.moment",
    *(f"posture.days.{name}" for name in ("model", "clock", "ledger", "strip", "sits", "dose", "totals", "together")),
)
HEAVY = ("cv2", "mediapipe", "av", "matplotlib")
EDGE = ("sqlite3", "pystray", "pydantic", "typer", "rich", "desktop_notifier", "platformdirs")


def loaded(module: str, names: tuple[str, ...]) -> str:
    """Which of `names` a fresh Python has loaded after importing `module`."""
    code = f"import sys, {module}; print(' '.join(n for n in {names!r} if n in sys.modules))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_no_input_and_no_output(module: str) -> None:
    """The core loads the standard library and NumPy, and nothing that reads, writes or shows."""
    assert loaded(module, HEAVY + EDGE) == ""


def test_the_command_line_loads_nothing_heavy() -> None:
    """Help and doctor come up whatever is broken, so the command line itself loads no OpenCV, MediaPipe or PyAV."""
    assert loaded("posture.cli", HEAVY) == ""
