"""``posture desktop-entry``: the program in the menus of a Linux desktop."""

from __future__ import annotations

from dataclasses import asdict

import typer

from posture.cli.console import print_json, say
from posture.cli.options import JsonOption, examples
from posture.desktop import MenuEntry, MenuEntryState

OFF_CODE, BROKEN_CODE = 3, 1

app = typer.Typer(help="Put the program into the desktop's menus, or take it out.", no_args_is_help=True)


@app.command("install", epilog=examples("posture desktop-entry install"))
def install() -> None:
    """Put the window into your menus, with its icon, and say what was written. Running it again changes nothing."""
    for line in MenuEntry().install():
        say(line)


@app.command("remove", epilog=examples("posture desktop-entry remove"))
def remove() -> None:
    """Take it out of your menus again, and remove everything that was written."""
    for line in MenuEntry().remove() or ["it was not in your own menus"]:
        say(line)


@app.command("status", epilog=examples("posture desktop-entry status", "posture desktop-entry status --json"))
def status(json_: JsonOption = False) -> None:
    """Say whether it is in the menus. Exit code: 0 yes, 3 no, 1 if the program it would start is gone."""
    found = MenuEntry().status()
    if json_:
        print_json(asdict(found))
    else:
        say(found.words)
    if found.state is not MenuEntryState.ON:
        raise typer.Exit(OFF_CODE if found.state is MenuEntryState.OFF else BROKEN_CODE)
