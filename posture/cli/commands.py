"""The table of commands: what the top-level help says of each, and the file that is imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand

from posture._support import limits

_TABLE = {
    "Beside your work": {
        "watch": {"watch": "Watch your posture through a camera until Ctrl-C (or: posture stop), and show a prompt when one is due."},
        "calibrate": {
            "calibrate": "Take your neutral: sit tall but relaxed for five seconds; then, if you like, your fullest slump and arch."
        },
        "preview": {"preview": "Show what the camera sees and what is measured, until q or Ctrl-C. Nothing is kept."},
        "status": {"status": "What the monitor is doing, what it makes of your posture now, and how much of a dose has come together."},
        "control": {
            "pause": "Let go of the camera for a while; the time counts as not known. Another pause takes the place of the one before.",
            "resume": "Go on after a pause.",
            "stop": "End the monitor, and wait until what it measured is written (5 seconds at most).",
        },
        "cameras": {"cameras": "List the cameras of this machine: number, name, and the path that stays. None of them is opened."},
        "autostart": {"autostart": "Start the monitor at login, or no longer."},
    },
    "Recordings": {
        "analyze": {"analyze": "Measure recordings: angles, sustained postures, the prompts that they call for, and an honest summary."},
        "report": {"report": "Report on all the recordings of a folder: a table here, and a page, archive.html, in the folder."},
        "demo": {"demo": "Analyse the sample recording that comes with the program: a person at a desk who leans, leaves, and slumps."},
    },
    "Your day": {
        "day": {
            "today": "Your day: what the sitting was spent in, what was prompted, what stands out. Recordings of others are not in it.",
            "week": "Your last seven days side by side.",
            "trend": "Flexed hours and coverage of many days, a column a week; twelve weeks unless you say otherwise.",
        },
        "log": {"log": "Say what you feel, and read what helps."},
        "data": {"data": "Your data: take it out, bring it back, copy it, erase it."},
    },
    "Prompts": {
        "prompts": {"prompts": "List every prompt of the catalogue, or show one in full with its reasons."},
        "simulate": {"simulate": "Print which reminders would come, when and why, if you sat like PLAN. Nothing is measured or stored."},
        "show": {
            "show": "How it is done, with drawings and a timer: one page in your browser, made here, with no connection to anything.",
            "done": "Tell the monitor that you have done what its last prompt asked for.",
            "snooze": "Let the monitor's last prompt come back in a while.",
            "not-now": "Tell the monitor that its last prompt does not suit you now.",
        },
    },
    "The program itself": {
        "doctor": {
            "doctor": "Say what works on this machine, what does not, and how to mend it. Ends with 1 if something needed is broken."
        },
        "models": {"model": "The pose model's weights: fetch, find and verify them."},
        "configure": {"config": "Settings: where they are, what they are, whether they are right."},
    },
}
"""Panel of the help, file in this folder, command or group of commands, and the first paragraph of its own help."""


_RECORDED = {"analyze", "demo"}
_MEASURE = {"watch", "calibrate", "preview"} | _RECORDED
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
    group = typer.main.get_group(importlib.import_module(f"posture.cli.{COMMANDS[name].module}").app)
    return group.commands.get(name, group)


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
