"""``posture autostart``: start the monitor at login, or no longer."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from posture._support import word_without_credentials
from posture.cli import watch
from posture.cli.console import print_json, say
from posture.cli.loading import settings_of
from posture.cli.options import JsonOption, UsageError, examples
from posture.desktop import AutostartState, autostart_here, found_at_login, watch_command

OFF_CODE, BROKEN_CODE = 3, 1

app = typer.Typer(help="Start the monitor at login, or stop doing so.", no_args_is_help=True)


@app.command("on", epilog=examples("posture autostart on", "posture autostart on -- --camera 1 --profile desk"))
def on(
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[-- WATCH-OPTIONS]", help="Options for posture watch, after two hyphens.")
    ] = None,
) -> None:
    """Start the monitor each time you log in, and say what was written. Running it again changes nothing."""
    check(options or ())
    command = watch_command(options or ())
    way = autostart_here()
    for line in way.on(command):
        say(word_without_credentials(line))
    shown = [word_without_credentials(word) for word in command]
    say(f"starts at the next login: {shlex.join(shown)}")
    if shown != command:
        say(
            f"careful: {way.status().where} contains the password, or whatever is shown here as ...; only you can read that file, but "
            "others can see the command line while the monitor runs. Set watch.camera in the settings file instead, and it is in neither"
        )
    if not found_at_login():
        say(f"careful: {sys.executable} finds this program only from this terminal (through PYTHONPATH or the folder); install it first")


def check(options: Sequence[str]) -> None:
    """Refuse now what ``posture watch`` would refuse at the next login, where its error is not seen.

    Raises:
        typer.BadParameter, or another error of use: an option is not known, has no such value, or means a file by its folder.
        ConfigError: of the settings that are given.
    """
    try:
        with typer.main.get_command(watch.app).make_context("posture watch", list(options)) as context:
            given = dict(context.params)
    except UsageError as error:
        if hasattr(error, "message"):
            error.message = " ".join(word_without_credentials(word) for word in str(error.message).split())
        raise
    if given["notify"] is not None and given["notify"] not in watch.CHOICES:
        raise typer.BadParameter(f"{given['notify']!r}: expected one of {', '.join(watch.CHOICES)}", param_hint="--notify")
    for name in ("config", "model"):
        file = Path(given[name] or "/")
        if not file.is_absolute() and (name == "config" or file.exists()):
            raise typer.BadParameter(f"at login, the current folder is a different one; write {file.absolute()}", param_hint=f"--{name}")
    settings_of(given["config"], given["set_"])


@app.command("off", epilog=examples("posture autostart off"))
def off() -> None:
    """Stop starting the monitor at login, and remove everything that was written. A running monitor keeps running."""
    for line in autostart_here().off() or ["it was off already"]:
        say(line)


@app.command("status", epilog=examples("posture autostart status", "posture autostart status --json"))
def status(json_: JsonOption = False) -> None:
    """Say whether the monitor starts at login. Exit code: 0 on, 3 off, 1 if the program it would start is gone."""
    found = autostart_here().status()
    if json_:
        command = [word_without_credentials(word) for word in found.command]
        print_json(asdict(found) | {"words": word_without_credentials(found.words), "command": command})
    else:
        say(word_without_credentials(found.words))
    if found.state is not AutostartState.ON:
        raise typer.Exit(OFF_CODE if found.state is AutostartState.OFF else BROKEN_CODE)
