"""Starting at login on macOS: a launch agent of the person. Not run on this system by us.

launchd reads the folder at login, so a file there is enough; loading it by hand would start a second monitor now.
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

from posture.desktop.autostart import Entry, State, Status, status_of

LABEL = "posture-monitor"


class MacAutostart:
    """Writes a property list."""

    def __init__(self, home: Path | None = None) -> None:
        """`home`: the person's, if not given."""
        self._entry = Entry((home or Path.home()) / "Library" / "LaunchAgents" / f"{LABEL}.plist", plist_text)

    def on(self, command: Sequence[str]) -> list[str]:
        """As ``Autostart``."""
        return [f"{'wrote' if self._entry.write(command) else 'already there:'} {self._entry.path}"]

    def off(self) -> list[str]:
        """As ``Autostart``; a monitor that runs now goes on until it is ended."""
        return self._entry.remove()

    def status(self) -> Status:
        """As ``Autostart``."""
        noted = self._entry.noted()
        return Status(State.OFF, "off") if noted is None else status_of(noted, str(self._entry.path), "a launch agent")


def plist_text(command: Sequence[str], note: str) -> str:
    """A launch agent that starts once at login."""
    agent = {"Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True, "ProcessType": "Interactive"}
    text = plistlib.dumps(agent, sort_keys=False).decode("utf-8")
    return text.replace("<dict>", f"<!-- {note} -->\n<dict>", 1)
