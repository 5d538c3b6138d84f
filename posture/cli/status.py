"""``posture status``: what the monitor that runs is doing."""

from __future__ import annotations

import typer

from posture._support import printable_json
from posture.cli.options import JsonOption, examples
from posture.monitor.control import client

NOT_RUNNING = 3
"""Exit code of ``posture status`` where there is no monitor."""
app = typer.Typer()


@app.command("status", epilog=examples("posture status", "posture status --json", "posture status || echo $?  # 3: not running"))
def status(json_: JsonOption = False) -> None:
    """What the monitor is doing, how you are sitting now, and how close the next reminder is.

    Exit code: 0 if a monitor is running, 3 if not, 1 if there is one that doesn't answer.
    """
    found = client.running()
    if json_:
        typer.echo(printable_json({"running": found is not None, **(found or {})}))
    elif found is None:
        typer.echo("not running; to start it: posture watch")
    else:
        from posture.cli.status_table import print_status  # Rich and reports, for an answer alone  # noqa: PLC0415

        print_status(found)
    if found is None:
        raise typer.Exit(NOT_RUNNING)
