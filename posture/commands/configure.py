"""``posture config``: where the settings are, what they are, whether they are right."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from posture import config as config_module
from posture import paths
from posture.commands.common import ConfigOption, JsonOption, SetOption, catalogue_of, out, settings_of

config_app = typer.Typer(help="Settings: where they are, what they are, whether they are right.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(config_app, name="config")


@config_app.command("path", epilog='Examples:  posture config path   ·   ${EDITOR:-nano} "$(posture config path)"')
def path() -> None:
    """Print where your settings file is, or would be."""
    typer.echo(str(paths.config_file()))


@config_app.command("show", epilog='A new settings file with everything explained:  posture config show > "$(posture config path)"')
def show(config: ConfigOption = None, set_: SetOption = None, json_: JsonOption = False) -> None:
    """Print all settings that are in force, as a settings file with the meaning, range and source of each."""
    settings = settings_of(config, set_)
    typer.echo(json.dumps(asdict(settings), indent=2) if json_ else config_module.describe(settings))


@config_app.command("check", epilog="Examples:  posture config check   ·   posture config check --config other.toml --set dose.soft_s=900")
def check(config: ConfigOption = None, set_: SetOption = None) -> None:
    """Check the settings file and your own prompts; says what differs from the defaults."""
    settings = settings_of(config, set_)
    catalogue_of(settings)
    file = config or paths.config_file()
    out.print(f"{file}: fine" if file.exists() else f"{file}: not there, so the defaults hold", markup=False, soft_wrap=True)
    for name, value in config_module.changed(settings).items():
        out.print(f"{name} = {value!r}", markup=False, soft_wrap=True)
