"""Autostart: on and off in a home of the test's own, and what real programs make of what was written."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, given, settings, strategies as st
from typer.testing import CliRunner

from posture.cli import app as cli, commands
from posture.desktop.autostart.linux import LinuxAutostart, config_home, desktop_text, systemctl, unit_text
from posture.desktop.autostart.macos import MacAutostart
from posture.desktop.autostart.start import Autostart, AutostartState, watch_command
from posture.desktop.autostart.windows import WindowsAutostart
from posture.errors import PostureError

COMMAND = [sys.executable, "-P", "-m", "posture", "watch"]
ODD = ["--camera", 'the "big" one', "100 %", "$HOME", "back\\slash", "`tick`", "it's; #1"]
FAKE_SYSTEMCTL = """#!/bin/sh
# Answers as the user's systemd does where a desktop runs under it; enabling and disabling are links, as there.
echo "$*" >> "$FAKE_LOG"
units="$XDG_CONFIG_HOME/systemd/user"
wants="$units/graphical-session.target.wants"
case "$2" in
  is-active|daemon-reload) exit "${FAKE_CODE:-0}" ;;
  enable) mkdir -p "$wants" && ln -sf "$units/$3" "$wants/$3" ;;
  disable) rm -f "$wants/$3" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private home, with a space in its name, and no systemctl."""
    home = tmp_path / "a home"
    (tmp_path / "bin").mkdir()
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return home


@pytest.fixture
def systemd(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl on the path that does what the user's systemd would; its log."""
    program = tmp_path / "bin" / "systemctl"
    program.write_text(FAKE_SYSTEMCTL)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "my config"))
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


class FakeRun:
    """The Run key."""

    def __init__(self) -> None:
        self.value: str | None = None

    def get(self) -> str | None:
        return self.value

    def set(self, value: str) -> None:
        self.value = value

    def delete(self) -> None:
        self.value = None


def tree(folder: Path) -> dict[str, str]:
    """All below a folder, with what it holds."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else "" if path.is_dir() else path.read_text()
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("way", ["linux", "macos", "windows"])
def test_every_way_goes_on_and_off(way: str, place: Path) -> None:
    """On is on, doing it again changes nothing, off is off and leaves the home as it was."""
    ways = {"linux": LinuxAutostart, "macos": MacAutostart, "windows": lambda: WindowsAutostart(FakeRun())}
    auto: Autostart = ways[way]()
    assert auto.status().state is AutostartState.OFF
    assert auto.off() == []
    assert auto.on(COMMAND)[0].startswith("wrote ")
    written = tree(place)
    assert auto.status().state is AutostartState.ON
    assert auto.on(COMMAND)[0].startswith("already there")
    assert tree(place) == written
    assert auto.on([*COMMAND, "--camera", "1"])[0].startswith("wrote ")
    assert auto.off()
    assert auto.status().state is AutostartState.OFF
    assert tree(place) == {}
    assert auto.off() == []


@pytest.mark.parametrize("way", ["linux", "macos", "windows"])
def test_a_python_that_is_gone_is_said(way: str, place: Path) -> None:
    """An environment that was deleted or moved starts nothing, and the status says so."""
    ways = {"linux": LinuxAutostart, "macos": MacAutostart, "windows": lambda: WindowsAutostart(FakeRun())}
    auto: Autostart = ways[way]()
    auto.on([str(place / "gone" / "python"), *COMMAND[1:]])
    assert auto.status().state is AutostartState.BROKEN
    assert "run posture autostart on again" in auto.status().words


# --- Linux


def test_where_the_desktop_runs_under_systemd_it_is_a_unit(place: Path, systemd: Path) -> None:
    """Unit and link are there, systemd was told, and all of it goes again, folders included."""
    auto = LinuxAutostart()
    auto.on(COMMAND)
    units = "my config/systemd/user"
    assert f"{units}/posture-monitor.service" in tree(place)
    assert f"{units}/graphical-session.target.wants/posture-monitor.service" in tree(place)
    assert auto.status().command == tuple(COMMAND)
    auto.off()
    assert tree(place) == {}
    said = systemd.read_text().splitlines()
    assert [line.split()[1] for line in said] == ["is-active", "daemon-reload", "enable", "disable", "daemon-reload"]


@pytest.mark.parametrize("code", ["1", "3"])
def test_where_it_does_not_it_is_an_autostart_file(place: Path, systemd: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A systemd without a graphical session, or that is not reachable, would never start a unit."""
    monkeypatch.setenv("FAKE_CODE", code)
    LinuxAutostart().on(COMMAND)
    assert [path for path in tree(place) if path.startswith("my config/autostart/")]
    assert not [path for path in tree(place) if "systemd" in path]


def test_one_way_takes_the_place_of_the_other(place: Path, systemd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of desktop the monitor must not start twice."""
    auto = LinuxAutostart()
    auto.on(COMMAND)
    monkeypatch.setenv("FAKE_CODE", "1")
    auto.on(COMMAND)
    assert {path for path in tree(place) if path.endswith(("service", "desktop"))} == {"my config/autostart/posture-monitor.desktop"}
    monkeypatch.delenv("FAKE_CODE")
    auto.on(COMMAND)
    assert not [path for path in tree(place) if path.endswith("desktop")]
    auto.off()
    assert tree(place) == {}


def test_a_systemd_that_refuses_leaves_it_to_the_autostart_file(place: Path, tmp_path: Path) -> None:
    """No unit stays behind that nothing starts."""
    auto = LinuxAutostart(systemctl=lambda *words: words[0] != "enable")
    auto.on(COMMAND)
    assert auto.status().state is AutostartState.ON
    assert not [path for path in tree(place) if "systemd" in path]
    auto.off()
    assert tree(place) == {}


def test_what_was_there_before_stays(place: Path, systemd: Path) -> None:
    """Other people's units, and folders that were there empty, are left as they were."""
    other = place / "my config/systemd/user/graphical-session.target.wants/other.service"
    other.parent.mkdir(parents=True)
    other.symlink_to("/nowhere")
    (place / "my config/autostart").mkdir()
    before = tree(place)
    auto = LinuxAutostart()
    auto.on(COMMAND)
    auto.off()
    assert tree(place) == before


def test_folders_that_others_use_by_now_stay(place: Path) -> None:
    """A folder that we made and another program uses is not ours alone any more."""
    auto = LinuxAutostart()
    auto.on(COMMAND)
    other = place / ".config/autostart/other.desktop"
    other.touch()
    auto.off()
    assert set(tree(place)) == {".config", ".config/autostart", ".config/autostart/other.desktop"}


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktops_settings_switched_off_is_off(place: Path, line: str) -> None:
    """And is put on again by on."""
    auto = LinuxAutostart()
    auto.on(COMMAND)
    file = place / ".config/autostart/posture-monitor.desktop"
    file.write_text(file.read_text() + line + "\n")
    assert auto.status().state is AutostartState.OFF
    assert "switched off" in auto.status().words
    auto.on(COMMAND)
    assert auto.status().state is AutostartState.ON
    auto.off()
    assert tree(place) == {}


def test_a_unit_that_was_disabled_by_hand_is_off(place: Path, systemd: Path) -> None:
    """``systemctl --user disable`` takes the link and leaves the unit."""
    auto = LinuxAutostart()
    auto.on(COMMAND)
    systemctl("disable", "posture-monitor.service")
    assert auto.status().state is AutostartState.OFF


def test_a_unit_is_undone_where_systemd_is_gone(place: Path, systemd: Path, tmp_path: Path) -> None:
    """The links are files like others."""
    LinuxAutostart().on(COMMAND)
    (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\nexit 1\n")
    LinuxAutostart().off()
    assert tree(place) == {}


def test_a_file_of_somebody_else_is_said_to_be_one(place: Path) -> None:
    """A file by our name that we did not write is in force, and said not to be ours."""
    file = place / ".config/autostart/posture-monitor.desktop"
    file.parent.mkdir(parents=True)
    file.write_text("[Desktop Entry]\nExec=posture watch\n")
    status = LinuxAutostart().status()
    assert status.state is AutostartState.ON
    assert "that this program did not write" in status.words


def test_a_home_that_cannot_be_written_is_one_plain_line(place: Path) -> None:
    """A file stands where a folder has to be."""
    (place / ".config").touch()
    with pytest.raises(PostureError, match="cannot be written"):
        LinuxAutostart().on(COMMAND)


def test_a_config_home_that_is_no_path_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the specification says, a relative one is ignored."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert config_home() == place / ".config"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there (Debian: systemd)")
def test_the_real_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    """With a space in the program's path and odd options; and it does find a fault where there is one."""
    program = tmp_path / "my python"
    unit = tmp_path / "posture-monitor.service"
    env = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemd-analyze", "--user", "verify", str(unit)], env=env, capture_output=True, text=True, timeout=60, check=False
        )

    unit.write_text(unit_text([str(tmp_path / "100 % $odd"), *ODD], "a note"))
    assert verify().returncode == 0  # such a program is left to env
    unit.write_text(unit_text([str(program), *ODD], "a note"))
    assert "not executable" in verify().stderr
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    found = verify()
    assert found.returncode == 0
    assert "posture-monitor" not in found.stderr


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl is not there (Debian: systemd)")
def test_the_real_systemctl_enables_and_disables_it(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes its link without a running systemd, too; nothing is left afterwards."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("SYSTEMD_OFFLINE", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "config"))
    auto = LinuxAutostart(systemctl=lambda *words: words[0] in ("is-active", "daemon-reload") or systemctl(*words))
    auto.on(COMMAND)
    assert auto.status().state is AutostartState.ON
    assert "config/systemd/user/graphical-session.target.wants/posture-monitor.service" in tree(place)
    auto.off()
    assert tree(place) == {}


@pytest.mark.skipif(shutil.which("gio") is None, reason="gio is not there (Debian: libglib2.0-bin)")
@pytest.mark.parametrize("name", ["my python", "100 % of $HOME", "'its' \"python\" \\ `x`"])
def test_the_real_launcher_of_a_desktop_starts_the_command_as_it_is(tmp_path: Path, name: str) -> None:
    """Program and options arrive as they were, whatever stands in them."""
    program, said = tmp_path / name, tmp_path / "said"
    program.write_text(f"#!/bin/sh\nfor word in \"$@\"; do printf '%s\\n' \"$word\"; done > '{said}.new' && mv '{said}.new' '{said}'\n")
    program.chmod(0o755)
    file = tmp_path / "posture-monitor.desktop"
    file.write_text(desktop_text([str(program), *ODD], "a note"))
    subprocess.run(["gio", "launch", str(file)], check=True, capture_output=True, timeout=30)
    for _ in range(100):
        if said.exists():
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert said.read_text().splitlines() == ODD


GENERATOR = Path("/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator")


@pytest.mark.skipif(not GENERATOR.exists(), reason="systemd's generator is not there (Debian: systemd)")
def test_the_real_systemd_takes_the_autostart_file(tmp_path: Path) -> None:
    """Desktops that leave autostart files to systemd get a unit of it for the same program."""
    program = tmp_path / "my python"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    auto = LinuxAutostart(tmp_path / "config", systemctl=lambda *_: False)
    auto.on([str(program), "-m", "posture", "watch", "--camera", "2"])
    units = [tmp_path / name for name in ("normal", "early", "late")]
    for folder in units:
        folder.mkdir()
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CONFIG_DIRS": str(tmp_path / "none"), "HOME": str(tmp_path)}
    subprocess.run([GENERATOR, *units], env=env, check=True, capture_output=True, timeout=30)
    made = next(file for folder in units for file in folder.glob("app-posture*@autostart.service") if file.is_file())
    line = next(line for line in made.read_text().splitlines() if line.startswith("ExecStart="))
    assert shlex.split(line.removeprefix("ExecStart=").lstrip(":")) == [str(program), "-m", "posture", "watch", "--camera", "2"]


# --- macOS and Windows


def test_the_property_list_says_the_command(place: Path) -> None:
    """As launchd would read it, odd options, hyphens and all."""
    MacAutostart().on([*COMMAND, *ODD])
    agent = plistlib.loads((place / "Library/LaunchAgents/posture-monitor.plist").read_bytes())
    assert agent["ProgramArguments"] == [*COMMAND, *ODD]
    assert agent["RunAtLoad"] is True
    assert MacAutostart().status().command == (*COMMAND, *ODD)


def test_windows_starts_without_a_console_where_it_can(tmp_path: Path) -> None:
    """By pythonw.exe if it lies beside; quoted as Windows reads it."""
    folder = tmp_path / "my python"
    folder.mkdir()
    (folder / "pythonw.exe").touch()
    run = FakeRun()
    WindowsAutostart(run).on([str(folder / "python.exe"), "-m", "posture", "watch"])
    assert run.value == f'"{folder / "pythonw.exe"}" -m posture watch'
    assert WindowsAutostart(run).status().state is AutostartState.ON


# --- the command

PASSWORDS = ["http://joe:s3cret@cam/x", "rtsp://joe:s3'c@ret ?/s3cret@cam:554/x", "http://cam/x?user=joe&password=s3cret"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at files of Linux")
@pytest.mark.parametrize("unit", [False, True], ids=["file", "unit"])
@pytest.mark.parametrize("address", PASSWORDS)
def test_a_password_is_kept_to_the_person_and_never_printed(
    place: Path, systemd: Path, monkeypatch: pytest.MonkeyPatch, address: str, unit: bool
) -> None:
    """The file is closed to others, whatever the mask, also one that was open; one line warns; no command prints the password."""
    monkeypatch.setenv("FAKE_CODE", "0" if unit else "1")
    app = typer.Typer()
    commands.register(app)
    before = os.umask(0)
    try:
        for options in ([], ["--camera", address], ["--camera", address]):
            done = CliRunner().invoke(app, ["autostart", "on", "--", *options])
            (file,) = [f for f in place.rglob("posture-monitor.*") if not f.is_symlink()]
            assert done.exit_code == 0 and file.stat().st_mode & 0o777 == 0o600
            warned = [line for line in done.output.splitlines() if line.startswith(f"careful: {file} ")]
            assert len(warned) == len(options) // 2 and "s3c" not in done.output and "s3'c" not in done.output
            file.chmod(0o644)
    finally:
        os.umask(before)
    assert address in LinuxAutostart().status().command
    for words in ([], ["--json"]):
        done = CliRunner().invoke(app, ["autostart", "status", *words])
        assert done.exit_code == 0 and "s3c" not in done.output and "s3'c" not in done.output and "joe" not in done.output


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--nonsense"], "No such option: --nonsense"),
        (["--camera"], "requires an argument"),
        (["http://joe:s3cret@cam/x"], "unexpected extra argument"),
        (["--notify", "loud"], "auto, desktop, terminal, none"),
        (["--set", "dose.nonsense=1"], "there is no such setting"),
        (["--config", "mine.toml"], "at login, the current folder is a different one"),
    ],
)
def test_options_that_watch_would_refuse_are_refused_now(
    place: Path, home: Path, capsys: pytest.CaptureFixture[str], options: list[str], why: str
) -> None:
    """One line and exit code 2; nothing is written."""
    assert cli.run(["autostart", "on", "--", *options]) == cli.USAGE
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and why in said.err and "s3cret" not in said.err and said.out == ""
    assert tree(place) == {}


def test_options_that_watch_takes_are_taken(place: Path, home: Path) -> None:
    """Each of them, with a settings file by its full name."""
    (home / "mine.toml").write_text("[dose]\nsoft_s = 700.0\n")
    options = ["--camera", "1", "--profile", "desk", "--notify", "desktop", "--model", "lite", "--config", str(home / "mine.toml")]
    assert cli.run(["autostart", "on", "--", *options, "--set", "dose.soft_s=650", "--no-tray", "--no-store", "--no-setup"]) == 0
    assert LinuxAutostart().status().command[5:] == (*options, "--set", "dose.soft_s=650", "--no-tray", "--no-store", "--no-setup")


def test_a_line_break_is_refused() -> None:
    """No file could hold it on one line."""
    with pytest.raises(PostureError, match="line break"):
        watch_command(["--profile", "a\nb"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(words=st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1), min_size=1, max_size=4))
def test_whatever_the_command_the_file_remembers_it(tmp_path: Path, words: list[str]) -> None:
    """What was started and what was made can be read back from each kind of file."""
    ways: list[Autostart] = [
        LinuxAutostart(tmp_path / "a", systemctl=lambda *_: False),
        LinuxAutostart(tmp_path / "b", systemctl=_links(tmp_path / "b")),
        MacAutostart(tmp_path / "c"),
    ]
    for auto in ways:
        auto.on([sys.executable, *words])
        assert auto.status().command == (sys.executable, *words)
        auto.off()
    assert tree(tmp_path) == {}


def _links(config: Path):
    def fake(*words: str) -> bool:
        wants = config / "systemd/user/graphical-session.target.wants"
        if words[0] == "enable":
            wants.mkdir(parents=True, exist_ok=True)
            (wants / words[1]).symlink_to(wants.parent / words[1])
        return True

    return fake


@pytest.mark.skipif(sys.platform != "linux", reason="looks at files of Linux")
def test_the_commands_say_what_they_do(place: Path) -> None:
    """On, status and off by their words and exit codes: 0 on, 3 off, 1 if what would be started is gone."""
    app = typer.Typer()
    commands.register(app)
    run = CliRunner().invoke

    def posture(*words: str) -> tuple[int, str]:
        done = run(app, ["autostart", *words])
        return done.exit_code, done.output

    assert posture("status") == (3, "off\n")
    code, said = posture("on", "--", "--camera", "the big one")
    assert code == 0
    assert f"wrote {place}/.config/autostart/posture-monitor.desktop" in said
    assert "starts at the next login:" in said
    assert "watch --camera 'the big one'" in said
    code, said = posture("status", "--json")
    assert code == 0
    assert '"state": "on"' in said
    file = place / ".config/autostart/posture-monitor.desktop"
    file.write_text(file.read_text().replace(sys.executable, "/gone/python"))
    assert posture("status")[0] == 1
    assert "careful: " not in "".join(line for line in said.splitlines() if "PYTHONPATH" not in line)
    code, said = posture("off")
    assert code == 0
    assert "removed" in said
    assert posture("off") == (0, "it was off already\n")
    assert tree(place) == {}
