"""The program in the menus: what is written, that desktops take it, and that nothing of it is left."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from posture._support import data_file
from posture._version import __version__
from posture.desktop.menu_entry import FILES, MenuEntry, MenuEntryState

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="menu entries are of Linux")


def entry(home: Path, shared: Path) -> MenuEntry:
    """The entry of a person with these folders."""
    return MenuEntry({"XDG_DATA_HOME": str(home), "XDG_DATA_DIRS": str(shared)})


def checked(*words: str) -> None:
    """Run a checker, if it is here, and hold that it has nothing to say against a file."""
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "hint" not in done.stdout and "W:" not in done.stdout, done.stdout + done.stderr


def files(folder: Path) -> set[str]:
    """All files below a folder."""
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_installed_and_removed_without_a_trace(tmp_path: Path) -> None:
    """What others have there stays; a second install changes nothing; a program that is gone is said."""
    home, program = tmp_path / "share", tmp_path / "an odd $(folder) 100%" / "posture-window"
    program.parent.mkdir()
    program.touch()
    other = home / "applications" / "other.desktop"
    other.parent.mkdir(parents=True)
    other.touch()
    menu = entry(home, tmp_path / "usr")
    assert menu.status().state is MenuEntryState.OFF
    assert len(menu.install([str(program)])) == len(FILES)
    assert files(home) == {*FILES, "applications/other.desktop"}
    assert menu.install([str(program)]) == [f"already there: {home}/applications/posture-monitor.desktop"]
    assert menu.status().state is MenuEntryState.ON
    program.unlink()
    assert menu.status().state is MenuEntryState.BROKEN
    menu.remove()
    assert files(home) == {"applications/other.desktop"} and list(home.iterdir()) == [other.parent]
    assert menu.remove() == []


def test_by_the_command(tmp_path: Path) -> None:
    """The command's lines and exit codes; what it writes starts this installation's window, and desktops take it."""
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "share"), "XDG_DATA_DIRS": str(tmp_path / "usr")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "posture", "desktop-entry", *words]
        return subprocess.run(call, env=env, capture_output=True, text=True, check=False)

    assert run("status").returncode == 3
    assert "posture-monitor.desktop" in run("install").stdout
    assert run("status").returncode == 0
    written = tmp_path / "share" / "applications" / "posture-monitor.desktop"
    starts = next(line for line in written.read_text().splitlines() if line.startswith("Exec="))
    done = subprocess.run([*shlex.split(starts.removeprefix("Exec=")), "--help"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--page" in done.stdout
    assert "removed" in run("remove").stdout
    checked("desktop-file-validate", str(data_file("desktop/posture-monitor.desktop")))


def test_the_packages_entry_is_left_to_the_package(tmp_path: Path) -> None:
    """Where a package of the system brought one, nothing is written."""
    system = tmp_path / "usr" / "applications" / "posture-monitor.desktop"
    system.parent.mkdir(parents=True)
    system.touch()
    menu = entry(tmp_path / "share", tmp_path / "usr")
    assert menu.status().state is MenuEntryState.ON and str(system) in menu.install()[0]
    assert not (tmp_path / "share").exists()


def test_an_entry_that_was_written_is_valid(tmp_path: Path) -> None:
    """With a program in a folder of an odd name."""
    entry(tmp_path, tmp_path).install(['/opt/a "b" $c `d` 100%/posture-window'])
    checked("desktop-file-validate", str(tmp_path / "applications" / "posture-monitor.desktop"))


def test_what_software_centres_show() -> None:
    """Valid, of this version, and every file of the entry is there."""
    file = data_file("desktop/posture-monitor.metainfo.xml")
    assert next(release.get("version") for release in ET.parse(file).iter("release")) == __version__
    assert all(data_file(source).is_file() for source in FILES.values())
    checked("appstreamcli", "validate", "--no-net", str(file))
