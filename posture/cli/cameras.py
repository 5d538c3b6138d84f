"""``posture cameras``: which cameras there are."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from posture.capture import list_cameras
from posture.cli.console import out, print_json, say
from posture.cli.options import JsonOption, examples

app = typer.Typer()


@app.command("cameras", epilog=examples("posture cameras", "posture cameras --json"))
def cameras(json_: JsonOption = False) -> None:
    """List this machine's cameras: number, name, and a path that stays the same. No camera is opened."""
    found = list_cameras()
    if json_:
        print_json([asdict(camera) for camera in found])
        return
    if not found:
        say("No camera found. You can use a stream by its address, such as http://host/stream.mjpg.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("No.", justify="right")
    table.add_column("Name", overflow="fold")
    table.add_column("Lasting path", overflow="fold")
    for camera in found:
        table.add_row(str(camera.index), escape(camera.name), escape(camera.path or "-"))
    out.print(table)
