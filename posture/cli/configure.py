"""``posture config``: where the settings are, what they are, whether they are right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from posture._support import config as config_module, config_edit, paths
from posture.cli.console import print_json, say
from posture.cli.loading import catalogue_of, settings_of
from posture.cli.options import ConfigOption, JsonOption, SetOption, examples
from posture.errors import ConfigError, ControlError
from posture.monitor.control import client

app = typer.Typer(help="Settings: where they are, what they are, and whether they are valid.", no_args_is_help=True)


@app.command("path", epilog=examples("posture config path", '${EDITOR:-nano} "$(posture config path)"'))
def path() -> None:
    """Print the path of your settings file, whether or not it exists."""
    typer.echo(str(paths.config_file()))


@app.command("show", epilog=examples('posture config show > "$(posture config path)"  # all settings'))
def show(config: ConfigOption = None, set_: SetOption = None, json_: JsonOption = False) -> None:
    """Print all current settings as a settings file, with the meaning, range and source of each."""
    settings = settings_of(config, set_)
    if json_:
        print_json(asdict(settings))
    else:
        typer.echo(config_module.describe(settings))


@app.command("check", epilog=examples("posture config check", "posture config check --config other.toml --set dose.soft_s=900"))
def check(config: ConfigOption = None, set_: SetOption = None) -> None:
    """Check your settings file and your own exercises, and say what differs from the defaults."""
    settings = settings_of(config, set_)
    catalogue_of(settings)
    file = config or paths.config_file()
    say(f"{file}: fine" if file.exists() else f"{file}: not there, so the defaults apply")
    for name, value in config_module.changed(settings).items():
        say(f"{name} = {value!r}")


@app.command("set", epilog=examples("posture config set dose.soft_s=900", "posture config set watch.sound=true prompts.per_hour=2"))
def set_values(
    changes: Annotated[list[str], typer.Argument(metavar="SECTION.KEY=VALUE...", help="What to change.")],
    config: ConfigOption = None,
) -> None:
    """Change settings in your settings file; its comments and its order stay. Nothing is written unless all of it is valid."""
    values: dict[str, Any] = {}
    for text in changes:
        section, key, value = config_module.parse_set(text, "")
        values[f"{section}.{key}"] = _absolute(value) if (section, key) == ("prompts", "catalogue") else value
    _change(values, config)


@app.command("unset", epilog=examples("posture config unset dose.soft_s"))
def unset(
    names: Annotated[list[str], typer.Argument(metavar="SECTION.KEY...", help="What to take out of the file.")],
    config: ConfigOption = None,
) -> None:
    """Take settings out of your settings file, so that their defaults apply again."""
    _change(dict.fromkeys(names), config)


def _change(values: Mapping[str, Any], config: Path | None) -> None:
    file = config or paths.config_file()
    done = config_edit.change(file, values)
    before = config_module.of_text(done.before, file) if done.before and _is_valid(done.before, file) else None
    after = config_module.of_text(done.after or "", file)
    say(f"{file}: {'changed' if done.before != done.after else 'nothing to change'}")
    for name in values:
        was = f" (was {config_module.value_of(before, name)!r})" if before is not None else ""
        say(f"{name} = {config_module.value_of(after, name)!r}{was}")
    if done.before != done.after and _runs():
        say("the monitor keeps its settings until it is started again: posture stop, then posture watch")


def _is_valid(text: str, file: Path) -> bool:
    try:
        config_module.of_text(text, file)
    except ConfigError:
        return False
    return True


def _runs() -> bool:
    try:
        return client.running() is not None
    except ControlError:
        return True


def _absolute(value: Any) -> Any:
    return str(Path(value).expanduser().absolute()) if isinstance(value, str) and value else value
