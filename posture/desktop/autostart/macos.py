"""Start at login on macOS: a launch agent of the user. Not run on this system by us.

launchd reads the folder at login, so a file there is enough; loading it by hand would start a second monitor now.
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

from posture.desktop.autostart.start import AutostartFile, AutostartState, AutostartStatus, status_of

LABEL = "posture-monitor"


class MacAutostart:
    """Writes a property list."""

    def __init__(self, home: Path | None = None) -> None:
        """`home`: the person's, if not given."""
        self._entry = AutostartFile((home or Path.home()) / "Library" / "LaunchAgents" / f"{LABEL}.plist", plist_text)

    def on(self, command: Sequence[str]) -> list[str]:
        """As ``Autostart``."""
        return [self._entry.write(command)]

    def off(self) -> list[str]:
        """As ``Autostart``; a monitor that runs now goes on until it is ended."""
        return self._entry.remove()

    def status(self) -> AutostartStatus:
        """As ``Autostart``."""
        noted = self._entry.noted()
        return AutostartStatus(AutostartState.OFF, "off") if noted is None else status_of(noted, str(self._entry.path), "a launch agent")


def plist_text(command: Sequence[str], note: str) -> str:
    """Return a launch agent that starts once at login."""
    agent = {"Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True, "ProcessType": "Interactive"}
    text = plistlib.dumps(agent, sort_keys=False).decode("utf-8")
    return text.replace("<dict>", f"<!-- {note} -->\n<dict>", 1)
