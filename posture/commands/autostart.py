"""``posture autostart``: start the monitor at login, or no longer."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from posture.commands.common import JsonOption, out, settings_of

OFF_CODE, BROKEN_CODE = 3, 1
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # of Click, or of the copy of it that newer Typers carry

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
    from posture.desktop.autostart import autostart, found_at_login, hidden, watch_command  # noqa: PLC0415

    check(options or ())
    command = watch_command(options or ())
    way = autostart()
    for line in way.on(command):
        out.print(hidden(line), markup=False, soft_wrap=True)
    shown = [hidden(word) for word in command]
    out.print(f"starts at the next login: {shlex.join(shown)}", markup=False, soft_wrap=True)
    if shown != command:
        out.print(
            f"careful: {way.status().where} holds the password, or whatever is hidden here as ...; only you can read it, but while the "
            "monitor runs its command line is seen by others; named as watch.camera in the settings file, the camera is in neither",
            markup=False,
            soft_wrap=True,
        )
    if not found_at_login():
        out.print(
            f"careful: {sys.executable} finds this program only by help of this terminal (PYTHONPATH or the folder); install it first",
            markup=False,
            soft_wrap=True,
        )


def check(options: Sequence[str]) -> None:
    """Refuse now what ``posture watch`` would refuse at the next login, where nobody reads it.

    Raises:
        typer.BadParameter, or another error of use: an option is not known, has no such value, or means a file by its folder.
        ConfigError: of the settings that are given.
    """
    from posture.commands import watch  # noqa: PLC0415
    from posture.desktop.autostart import hidden  # noqa: PLC0415

    app = typer.Typer()
    watch.register(app)
    try:
        with typer.main.get_command(app).make_context("posture watch", list(options)) as context:
            given = dict(context.params)
    except _UsageError as error:
        if hasattr(error, "message"):
            error.message = " ".join(hidden(word) for word in str(error.message).split())
        raise
    if given["notify"] is not None and given["notify"] not in watch.CHOICES:
        raise typer.BadParameter(f"{given['notify']!r}: it is one of {', '.join(watch.CHOICES)}", param_hint="--notify")
    for name in ("config", "model"):
        file = Path(given[name] or "/")
        if not file.is_absolute() and (name == "config" or file.exists()):
            raise typer.BadParameter(f"at login another folder is the current one; write {file.absolute()}", param_hint=f"--{name}")
    settings_of(given["config"], given["set_"])


@autostart_app.command("off", epilog="Example:  posture autostart off")
def off() -> None:
    """Start it at login no longer; removes all that was written. A monitor that runs now goes on."""
    from posture.desktop.autostart import autostart  # noqa: PLC0415

    for line in autostart().off() or ["it was off already"]:
        out.print(line, markup=False, soft_wrap=True)


@autostart_app.command("status", epilog="Examples:  posture autostart status   ·   posture autostart status --json")
def status(json_: JsonOption = False) -> None:
    """Say whether the monitor starts at login. Exit code: 0 on, 3 off, 1 if what would be started is gone."""
    from posture.desktop.autostart import State, autostart, hidden  # noqa: PLC0415

    found = autostart().status()
    if json_:
        command = [hidden(word) for word in found.command]
        typer.echo(json.dumps(asdict(found) | {"words": hidden(found.words), "command": command}, ensure_ascii=False))
    else:
        out.print(hidden(found.words), markup=False, soft_wrap=True)
    if found.state is not State.ON:
        raise typer.Exit(OFF_CODE if found.state is State.OFF else BROKEN_CODE)
