"""``posture config``: where the settings are, what they are, whether they are right."""

from __future__ import annotations

from dataclasses import asdict

import typer

from posture._support import config as config_module, paths
from posture.cli.console import print_json, say
from posture.cli.loading import catalogue_of, settings_of
from posture.cli.options import ConfigOption, JsonOption, SetOption

app = typer.Typer(help="Settings: where they are, what they are, and whether they are valid.", no_args_is_help=True)


@app.command("path", epilog='Examples:  posture config path   ·   ${EDITOR:-nano} "$(posture config path)"')
def path() -> None:
    """Print the path of your settings file, whether or not it exists."""
    typer.echo(str(paths.config_file()))


@app.command("show", epilog='A new settings file with everything explained:  posture config show > "$(posture config path)"')
def show(config: ConfigOption = None, set_: SetOption = None, json_: JsonOption = False) -> None:
    """Print all current settings as a settings file, with the meaning, range and source of each."""
    settings = settings_of(config, set_)
    if json_:
        print_json(asdict(settings))
    else:
        typer.echo(config_module.describe(settings))


@app.command("check", epilog="Examples:  posture config check   ·   posture config check --config other.toml --set dose.soft_s=900")
def check(config: ConfigOption = None, set_: SetOption = None) -> None:
    """Check your settings file and your own exercises, and say what differs from the defaults."""
    settings = settings_of(config, set_)
    catalogue_of(settings)
    file = config or paths.config_file()
    say(f"{file}: fine" if file.exists() else f"{file}: not there, so the defaults apply")
    for name, value in config_module.changed(settings).items():
        say(f"{name} = {value!r}")
