"""``posture autostart``: start the monitor at login, or no longer."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from posture.commands.common import JsonOption, out

OFF_CODE, BROKEN_CODE = 3, 1

autostart_app = typer.Typer(help="Start the monitor at login, or no longer.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(autostart_app, name="autostart")


@autostart_app.command("on", epilog="Examples:  posture autostart on   ·   posture autostart on -- --camera 1 --profile desk")
def on(
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[-- WATCH-OPTIONS]", help="Options for posture watch, after two hyphens.")
    ] = None,
) -> None:
    """Start the monitor at each login from the next on, and say what was written. Doing it again changes nothing."""
    from posture.desktop.autostart import autostart, found_at_login, watch_command  # noqa: PLC0415

    command = watch_command(options or ())
    for line in autostart().on(command):
        out.print(line, markup=False, soft_wrap=True)
    out.print(f"starts at the next login: {shlex.join(command)}", markup=False, soft_wrap=True)
    if not found_at_login():
        out.print(
            f"careful: {sys.executable} finds this program only by help of this terminal (PYTHONPATH or the folder); install it first",
            markup=False,
            soft_wrap=True,
        )


@autostart_app.command("off", epilog="Example:  posture autostart off")
def off() -> None:
    """Start it at login no longer; removes all that was written. A monitor that runs now goes on."""
    from posture.desktop.autostart import autostart  # noqa: PLC0415

    for line in autostart().off() or ["it was off already"]:
        out.print(line, markup=False, soft_wrap=True)


@autostart_app.command("status", epilog="Examples:  posture autostart status   ·   posture autostart status --json")
def status(json_: JsonOption = False) -> None:
    """Say whether the monitor starts at login. Exit code: 0 on, 3 off, 1 if what would be started is gone."""
    from posture.desktop.autostart import State, autostart  # noqa: PLC0415

    found = autostart().status()
    if json_:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        out.print(found.words, markup=False, soft_wrap=True)
    if found.state is not State.ON:
        raise typer.Exit(OFF_CODE if found.state is State.OFF else BROKEN_CODE)
