"""A library of the system that is missing is named with the package that has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("gcc") is None, reason="makes libraries of Linux with gcc")
def test_a_window_that_qt_could_not_show_is_one_line(tmp_path: Path) -> None:
    """A Qt that lacks two libraries, one of them known: Qt itself would end the process by a signal."""
    plugins = tmp_path / "PySide6" / "Qt" / "plugins" / "platforms"
    plugins.mkdir(parents=True)
    (tmp_path / "PySide6" / "__init__.py").touch()
    needed = [tmp_path / "libxcb-cursor.so.99", tmp_path / "libnobody-knows.so.7"]
    for library in needed:
        subprocess.run(["gcc", "-shared", "-x", "c", os.devnull, f"-Wl,-soname,{library.name}", "-o", str(library)], check=True)
    plugin = ["gcc", "-shared", "-x", "c", os.devnull, "-x", "none", "-Wl,--no-as-needed", *map(str, needed)]
    subprocess.run([*plugin, "-o", str(plugins / "libqxcb.so")], check=True)
    for library in needed:
        library.unlink()
    env = {k: v for k, v in os.environ.items() if k not in {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    env |= {"PYTHONPATH": str(tmp_path), "DISPLAY": ":1"}
    done = subprocess.run([sys.executable, "-m", "posture.window"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "apt-get install libxcb-cursor0)" in done.stderr and "contains libnobody-knows.so" in done.stderr
