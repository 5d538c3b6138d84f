"""``posture cameras``: which cameras there are."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from posture.commands.common import JsonOption, out
from posture.sources.names import list_cameras


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cameras", epilog="Examples:  posture cameras   ·   posture cameras --json")(cameras)


def cameras(json_: JsonOption = False) -> None:
    """List the cameras of this machine: number, name, and the path that stays. None of them is opened."""
    found = list_cameras()
    if json_:
        typer.echo(json.dumps([asdict(camera) for camera in found], ensure_ascii=False, indent=2))
        return
    if not found:
        out.print("No camera was found. A stream can be used by its address, such as http://host/stream.mjpg.", soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("No.", justify="right")
    table.add_column("Name", overflow="fold")
    table.add_column("Path that stays", overflow="fold")
    for camera in found:
        table.add_row(str(camera.index), escape(camera.name), escape(camera.path or "-"))
    out.print(table)
