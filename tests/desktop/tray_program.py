"""A tray in a program of its own, as ``posture watch`` has it: the icon on the main thread, orders from another one.

Orders come on stdin, one JSON object a line: ``{"state": {...}}``, or ``{"stop": true}``. What happens is told
on stdout the same way. SIGTERM and SIGINT stop it from within the signal handler. ``--stopped``: it is told to stop before it
runs; ``--impatient``: a session that is silent for 1 s is stale; ``--hasty``: a better panel is looked
for, and a lost one given up, at once. GTK cannot be had in it, and whoever asks for it is told of as of a warning.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import warnings
from dataclasses import asdict

from posture.desktop.tray import hosts
from posture.desktop.tray.icon import STALE_S, Tray, TrayUnavailable, available
from posture.desktop.tray.menu import Exercises, TrayAction, TrayCommand
from posture.errors import ControlError
from tests.desktop.trayhost import tray_status

FIRST = tray_status("opening")
EXERCISES = Exercises((("seated_cat_cow", "Cat-Cow on your chair"), ("get_up", "Stand up and walk a little")))


def main() -> None:
    """Run the tray until it is told to stop."""
    warnings_are_told()
    sys.meta_path.insert(0, NoGtk())
    if "--hasty" in sys.argv:
        hosts.GRACE_S = hosts.BETTER_S = 0.5
    tray = Tray(act, FIRST, EXERCISES, lambda words: tell(said=words), 1.0 if "--impatient" in sys.argv else STALE_S)
    signal.signal(signal.SIGTERM, lambda *_: tray.stop())
    signal.signal(signal.SIGINT, lambda *_: tray.stop())
    threading.Thread(target=obey, args=(tray,), daemon=True).start()
    tell(available=available())
    if "--stopped" in sys.argv:
        tray.stop()
    try:
        tray.run()
    except TrayUnavailable as error:
        tell(unavailable=str(error))
    else:
        tell(ended=True)


def warnings_are_told() -> None:
    """So that a test can see that nothing is complained of."""
    warnings.showwarning = lambda message, kind, *_: tell(warning=f"{kind.__name__}: {message}")


class NoGtk:
    """Refuses PyGObject."""

    def find_spec(self, name: str, *_: object) -> None:
        """Let everything else be found by the others."""
        if name.partition(".")[0] == "gi":
            tell(warning="PyGObject was asked for")
            raise ModuleNotFoundError(name=name)


def obey(tray: Tray) -> None:
    """Do what stdin says."""
    for line in sys.stdin:
        order = json.loads(line)
        if "stop" in order:
            tray.stop()
        else:
            tray.show(tray_status(**order["state"]))


def act(action: TrayAction) -> None:
    """Tell what was asked for; two of the actions fail, each in its way."""
    tell(action={key: value for key, value in asdict(action).items() if value is not None})
    if action.command is TrayCommand.DOCTOR:
        raise ControlError("The doctor is out.")
    if action.command is TrayCommand.SETTINGS:
        raise RuntimeError("a fault")


def tell(**what: object) -> None:
    """One line on stdout."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
