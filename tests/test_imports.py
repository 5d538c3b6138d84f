"""What is loaded when: what the import contract of pyproject.toml cannot see."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

from posture.cli.commands import COMMANDS

HEAVY = ("cv2", "mediapipe", "av", "matplotlib")
LIGHT = (*HEAVY, "numpy", "rich", "posture.types", "posture.reports.labels")
EDGE = ("sqlite3", "pystray", "pydantic", "typer", "rich", "desktop_notifier", "platformdirs")


def loaded(modules: Iterable[str], names: tuple[str, ...]) -> list[str]:
    """Which of `names` a fresh Python loads that imports `modules` in turn, and by which: what all together do not load, none does."""
    code = f"""
import importlib, sys
for module in {list(modules)!r}:
    before = set(sys.modules)
    importlib.import_module(module)
    for name in {names!r}:
        if name in sys.modules and name not in before:
            print(module, "loads", name)
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_pure_rooms_load_no_input_and_no_output() -> None:
    """They load the standard library and NumPy, and nothing that reads, writes or shows."""
    assert (
        loaded(["posture", "posture.prompts", "posture.days", "posture.ergonomics", "posture.engine", "posture.biomechanics"], HEAVY + EDGE)
        == []
    )


def test_help_and_status_load_next_to_nothing() -> None:
    """Help and doctor come up whatever is broken: no OpenCV, MediaPipe or PyAV. benchmarks/cli_start.py measures what it costs."""
    assert loaded(["posture.cli.app", "posture.cli.status"], LIGHT) == []


def test_no_command_loads_what_may_be_broken() -> None:
    """A missing or broken OpenCV or MediaPipe is said in one line by what uses it; only analysing needs PyAV from the start."""
    modules = {f"posture.cli.{entry.module}" for entry in COMMANDS.values()}
    assert "posture.cli.analyze" in modules
    assert loaded([*sorted(modules - {"posture.cli.analyze"}), "posture.cli.analyze"], HEAVY) == ["posture.cli.analyze loads av"]
