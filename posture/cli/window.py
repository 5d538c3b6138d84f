"""``posture window``: the program's window, in a process of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from posture.cli.options import ConfigOption
from posture.window.__main__ import open_window
from posture.window.names import PAGES

app = typer.Typer()


@app.command("window", epilog="Examples:  posture window   ·   posture window --page today")
def window(
    page: Annotated[str | None, typer.Option("--page", metavar="|".join(PAGES), help="What it opens with.")] = None,
    config: ConfigOption = None,
) -> None:
    """Open the window: the live picture, your days, the exercises and the settings. The monitor runs without it."""
    if page is not None and page not in PAGES:
        raise typer.BadParameter(f"{page!r}: expected one of {', '.join(PAGES)}", param_hint="--page")
    raise typer.Exit(open_window(page, config))
