"""``posture window``: the program's window, in a process of its own; and whether a command can be shown there."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from posture._support import own_command
from posture.cli.console import say
from posture.cli.options import ConfigOption, examples
from posture.window.__main__ import open_window, why_none
from posture.window.names import PAGES

app = typer.Typer()


@app.command("window", epilog=examples("posture window", "posture window --page today"))
def window(
    page: Annotated[str | None, typer.Option("--page", metavar="|".join(PAGES), help="What it opens with.")] = None,
    config: ConfigOption = None,
    words: Annotated[list[str] | None, typer.Argument(hidden=True, help="Options for the command that the page runs.")] = None,
) -> None:
    """Open the window: the live picture, your days, the exercises and the settings. The monitor runs without it."""
    if page is not None and page not in PAGES:
        raise typer.BadParameter(f"{page!r}: expected one of {', '.join(PAGES)}", param_hint="--page")
    raise typer.Exit(open_window(page, config, words or ()))


def in_window(page: str, config: Path | None, given: Mapping[str, Any]) -> int:
    """Show a page of the window in a process of its own, which loads no OpenCV; return its exit code when it is closed.

    Args:
        page: its name.
        config: the settings file; ``None``: the user's own.
        given: options for the command that the page runs, by their names.
    """
    file = () if config is None else ("--config", str(config))
    return subprocess.call(own_command("window", "--page", page, *file, "--", *option_words(given)))


def has_window() -> bool:
    """Tell whether a command can be shown in the window, and print why not."""
    why = why_none()
    if why is not None:
        say(f"{why} Continuing in the terminal.", "dim")
    return why is None


def option_words(given: Mapping[str, Any]) -> list[str]:
    """Return options as they are typed: flags that are set, texts, and lists of texts."""
    words: list[str] = []
    for name, value in given.items():
        if isinstance(value, list):
            words += [word for one in value for word in (name, str(one))]
        elif value is True:
            words.append(name)
        elif value:
            words += [name, str(value)]
    return words
