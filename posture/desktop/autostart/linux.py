"""Start at login on Linux: a systemd user unit where the desktop runs under systemd, else an XDG autostart file.

The unit hangs on ``graphical-session.target``, which GNOME, KDE and others reach with the display's address known to systemd;
where that target is not active while a person is logged in, a unit would never start, and the autostart file does.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from posture._support import os_errors
from posture.desktop.autostart.start import AutostartFile, AutostartNote, AutostartState, AutostartStatus, status_of
from posture.desktop.desktop_file import by_env, exec_line

UNIT = "posture-monitor.service"
DESKTOP_FILE = "posture-monitor.desktop"
_TARGET = "graphical-session.target"


def config_home() -> Path:
    """Return the folder of the user's settings."""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(named) if Path(named).is_absolute() else Path.home() / ".config"


def systemctl(*words: str) -> bool:
    """Run ``systemctl --user``; return whether it succeeded; not if there is none or no user manager."""
    try:
        return subprocess.run(["systemctl", "--user", *words], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class LinuxAutostart:
    """Writes one of the two, and never leaves both."""

    def __init__(self, config: Path | None = None, systemctl: Callable[..., bool] = systemctl) -> None:
        """`config`: the folder of settings, this person's if not given; `systemctl` talks to the user's systemd."""
        self._config = config or config_home()
        self._systemctl = systemctl
        units = self._config / "systemd" / "user"
        self._wants = units / f"{_TARGET}.wants"
        self._unit = AutostartFile(units / UNIT, unit_text, (self._wants,))
        self._desktop = AutostartFile(self._config / "autostart" / DESKTOP_FILE, desktop_text)

    def on(self, command: Sequence[str]) -> list[str]:
        """As ``Autostart``."""
        if self._systemctl("is-active", "--quiet", _TARGET):
            gone = self._desktop.remove()  # first, so that folders made for the one are made anew, and noted, for the other
            wrote = self._unit.write(command)
            if self._systemctl("daemon-reload") and self._systemctl("enable", UNIT):
                return [*gone, wrote]
        return [*self._remove_unit(), self._desktop.write(command)]

    def off(self) -> list[str]:
        """As ``Autostart``."""
        return [*self._desktop.remove(), *self._remove_unit()]

    def status(self) -> AutostartStatus:
        """As ``Autostart``, by the files alone."""
        noted = self._desktop.noted()
        if noted is not None and not _switched_off(self._desktop.path):
            return status_of(noted, str(self._desktop.path), "an autostart file")
        unit = self._unit.noted()
        if unit is not None and self._links():
            return status_of(unit, str(self._unit.path), "a systemd unit")
        if noted is not None or unit is not None:
            where = str(self._unit.path if noted is None else self._desktop.path)
            return AutostartStatus(AutostartState.OFF, f"off: {where} is there but switched off", where)
        return AutostartStatus(AutostartState.OFF, "off")

    def _links(self) -> list[Path]:
        return [link for link in self._unit.path.parent.glob(f"*.wants/{UNIT}") if link.is_symlink()]

    def _remove_unit(self) -> list[str]:
        """Remove the unit; a monitor that systemd runs now goes on until it is ended."""
        noted: AutostartNote | None = self._unit.noted()
        if noted is None and not self._links():
            return []
        self._systemctl("disable", UNIT)
        for link in self._links():  # where systemd does not run, its links are files like others
            with os_errors(f"{link} cannot be removed"):
                link.unlink()
        gone = self._unit.remove(noted)
        self._systemctl("daemon-reload")
        return gone


def _switched_off(file: Path) -> bool:
    """Whether the desktop's own settings have switched an autostart file off."""
    lines = {line.replace(" ", "").lower() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()}
    return bool(lines & {"hidden=true", "x-gnome-autostart-enabled=false"})


def unit_text(command: Sequence[str], note: str) -> str:
    """Return a systemd unit. A wrong setting (exit code 2) is not tried again; other failures are, five times in five minutes."""
    return "\n".join(
        (
            f"# {note}",
            "[Unit]",
            "Description=Posture monitor",
            f"PartOf={_TARGET}",
            f"After={_TARGET}",
            "StartLimitIntervalSec=300",
            "StartLimitBurst=5",
            "",
            "[Service]",
            f"ExecStart={' '.join(_for_systemd(word) for word in by_env(command))}",
            "Restart=on-failure",
            "RestartSec=10",
            "RestartPreventExitStatus=2",
            "",
            "[Install]",
            f"WantedBy={_TARGET}",
            "",
        )
    )


def desktop_text(command: Sequence[str], note: str) -> str:
    """Return an XDG autostart file."""
    return "\n".join(
        (
            f"# {note}",
            "[Desktop Entry]",
            "Type=Application",
            "Name=Posture monitor",
            "Comment=Reminds you to move when you lean or slump for too long",
            f"Exec={exec_line(command)}",
            "Terminal=false",
            "",
        )
    )


def _for_systemd(word: str) -> str:
    """Quote for ``ExecStart``: backslash and quote escaped, ``%`` and ``$`` doubled so that nothing is put in their place."""
    quoted = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{quoted}"'
