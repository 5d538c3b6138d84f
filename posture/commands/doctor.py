"""``posture doctor``: what works here, what does not, how to mend it."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.table import Table

from posture.commands.common import JsonOption, out

_MARK = {"ok": ("green", "ok"), "note": ("yellow", "note"), "broken": ("red", "BROKEN")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", epilog="Examples:  posture doctor   ·   posture doctor --json")(doctor)


def doctor(json_: JsonOption = False) -> None:
    """Say what works on this machine, what does not, and how to mend it. Ends with 1 if something needed is broken."""
    from posture.checks import State  # noqa: PLC0415
    from posture.doctor import examine  # noqa: PLC0415 # reads the database and the model's file

    checks = list(examine())
    if json_:
        typer.echo(json.dumps([asdict(c) for c in checks], ensure_ascii=False, indent=2))
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for c in checks:
            colour, word = _MARK[c.state]
            table.add_row(f"[{colour}]{word}[/]", c.name, _text(c.found, c.mend))
        out.print(table)
    if any(c.state is State.BROKEN for c in checks):
        raise typer.Exit(1)


def _text(found: str, mend: str) -> str:
    text = f"{found}\n-> {mend}" if mend else found
    return text.replace("[", r"\[")
