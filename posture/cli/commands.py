"""The table of commands: what the top-level help says of each, and the file that is imported when it is called."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand

from posture._support import limits

_TABLE = {
    "While you work": {
        "watch": {"watch": "Watch your posture through a camera until Ctrl-C (or posture stop), and remind you when to move."},
        "window": {"window": "Open the window: the live picture, your days, the exercises and the settings. The monitor runs without it."},
        "calibrate": {
            "calibrate": "Calibrate: sit tall but relaxed for five seconds; then, if you like, show your fullest slump and arch."
        },
        "preview": {"preview": "Show what the camera sees and what is measured, until you end it. Nothing is kept."},
        "status": {"status": "What the monitor is doing, how you are sitting now, and how close the next reminder is."},
        "control": {
            "pause": "Release the camera for a while; that time counts as not known. A new pause replaces the one before.",
            "resume": "Resume after a pause.",
            "stop": "Stop the monitor, and wait until everything is saved (5 seconds at most).",
        },
        "cameras": {"cameras": "List this machine's cameras: number, name, and a path that stays the same. No camera is opened."},
        "autostart": {"autostart": "Start the monitor at login, or stop doing so."},
        "desktop_entry": {"desktop-entry": "Put the program into the desktop's menus, or take it out."},
    },
    "Recordings": {
        "analyze": {"analyze": "Measure recordings: angles, postures held for long, the reminders they would have brought, and a summary."},
        "report": {"report": "Report on all recordings in a folder: a table here, archive.csv, and a page, archive.html, in the folder."},
        "compare": {
            "compare": "Compare two recordings, or two sets of them: figures side by side, and their differences with 95 % intervals."
        },
        "demo": {"demo": "Analyse the sample recording that comes with the program: someone at a desk who leans, leaves, and slumps."},
    },
    "Your day": {
        "day": {
            "today": "Your day: how you sat, the reminders you got, and what stands out. Recordings of other people are left out.",
            "week": "Your last seven days side by side.",
            "trend": "Hours spent leaning or slumped, and coverage, over many days, one column a week. Default: twelve weeks.",
        },
        "log": {"log": "Log how your back feels, and see what helps."},
        "data": {"data": "Your data: export it, import it, back it up, erase it."},
    },
    "Exercises": {
        "prompts": {"prompts": "List every exercise and tip, or show one in full, with where it comes from."},
        "exercise": {"exercise": "Do an exercise with the camera: it counts, keeps the pace, and says what it can't see."},
        "simulate": {"simulate": "Print which reminders would come, when and why, if you sat like PLAN. Nothing is measured or stored."},
        "show": {
            "show": "Show how to do it, with drawings and a timer: a page in your browser, made here, with no connection to anything.",
            "done": "Tell the monitor that you've done what its last reminder suggested.",
            "snooze": "Have the monitor's last reminder come back later.",
            "not-now": "Tell the monitor that its last reminder doesn't suit you right now.",
            "again": "Have the monitor show its last reminder once more, quietly. It counts toward no limit, and you can answer it again.",
        },
    },
    "The program itself": {
        "doctor": {
            "doctor": "Check what works on this machine, what doesn't, and how to fix it. Exits with 1 if something essential is broken."
        },
        "models": {"model": "The pose model: fetch it, find it, verify it."},
        "configure": {"config": "Settings: where they are, what they are, and whether they are valid."},
    },
}
"""Panel of the help, file in this folder, command or group of commands, and the first paragraph of its own help."""


_RECORDED = {"analyze", "demo"}
_MEASURE = {"watch", "calibrate", "preview", "exercise"} | _RECORDED
"""Commands that load MediaPipe."""


class CommandEntry(NamedTuple):
    """A row of the table."""

    panel: str
    module: str
    name: str
    help: str


COMMANDS = {
    name: CommandEntry(panel, module, name, text)
    for panel, modules in _TABLE.items()
    for module, commands in modules.items()
    for name, text in commands.items()
}


def load(name: str) -> Any:
    """Import the file of a command and return the command or group, as Click's class or the copy of it that newer Typers carry."""
    group = typer.main.get_group(_imported(f"posture.cli.{COMMANDS[name].module}").app)
    return group.commands.get(name, group)


def _imported(name: str) -> Any:
    """Import a module. Nothing that it loads is garbage: looking through all that, now and later, costs a tenth of a short analysis."""
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


class LazyCommand(TyperCommand):
    """Stands for a command in help and completion, and imports the command when it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse the arguments of the real command."""
        assert self.name is not None
        if self.name in _MEASURE and not {"--help", "-h"} & set(args):
            limits.check(live=self.name not in _RECORDED)
        return load(self.name).make_context(info_name, args, parent=parent, **extra)


def register(app: typer.Typer) -> None:
    """Add all commands to `app`, none of them imported."""
    for entry in COMMANDS.values():
        app.command(entry.name, cls=LazyCommand, help=entry.help, rich_help_panel=entry.panel)(lambda: None)
