"""Start at login on Windows: a value under the user's Run key. Not run on this system by us."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from posture.desktop.autostart.start import AutostartState, AutostartStatus
from posture.errors import PostureError

KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "PostureMonitor"
_WHERE = rf"HKEY_CURRENT_USER\{KEY}\{NAME}"


class WindowsAutostart:
    """Writes one value."""

    def __init__(self, values: Registry) -> None:
        """`values`: the registry."""
        self._values = values

    def on(self, command: Sequence[str]) -> list[str]:
        """As ``Autostart``; by the Python without a console window, if it lies beside this one."""
        quiet = Path(command[0]).with_name("pythonw.exe")
        value = subprocess.list2cmdline([str(quiet) if quiet.exists() else command[0], *command[1:]])
        try:
            if self._values.get() == value:
                return [f"already there: {_WHERE}"]
            self._values.set(value)
        except OSError as error:
            raise PostureError(f"{_WHERE} cannot be written: {error}") from error
        return [f"wrote {_WHERE} = {value}"]

    def off(self) -> list[str]:
        """As ``Autostart``."""
        try:
            if self._values.get() is None:
                return []
            self._values.delete()
        except OSError as error:
            raise PostureError(f"{_WHERE} cannot be removed: {error}") from error
        return [f"removed {_WHERE}"]

    def status(self) -> AutostartStatus:
        """As ``Autostart``."""
        try:
            value = self._values.get()
        except OSError as error:
            raise PostureError(f"{_WHERE} cannot be read: {error}") from error
        if value is None:
            return AutostartStatus(AutostartState.OFF, "off")
        program = value[1:].partition('"')[0] if value.startswith('"') else value.partition(" ")[0]
        if not Path(program).exists():
            return AutostartStatus(
                AutostartState.BROKEN, f"on by {_WHERE}, but {program} is gone; run posture autostart on again", _WHERE, (value,)
            )
        return AutostartStatus(AutostartState.ON, f"on, by {_WHERE}", _WHERE, (value,))


class Registry:
    """Our value under the Run key; each method may raise ``OSError``."""

    def get(self) -> str | None:
        """Return it; ``None`` if there is none."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415

            with suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY) as key:
                return str(winreg.QueryValueEx(key, NAME)[0])
        return None

    def set(self, value: str) -> None:
        """Write it."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
                winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, value)

    def delete(self) -> None:
        """Remove it."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415

            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY, 0, winreg.KEY_SET_VALUE) as key:
                winreg.DeleteValue(key, NAME)
