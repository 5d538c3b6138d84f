"""``posture demo``: analyse the recording that comes with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posture._support import DiagnosticLevel, data_file
from posture.cli.console import say, warn
from posture.cli.doctor_checks import packages
from posture.cli.options import examples
from posture.errors import InputError

CLIP = "desk_day.mp4"


app = typer.Typer()


@app.command("demo", epilog=examples("posture demo", "posture demo --out demo-results"))
def demo(
    ctx: typer.Context,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")] = Path("posture-demo"),
) -> None:
    """Analyse the sample recording that comes with the program: someone at a desk who leans, leaves, and slumps."""
    from posture.cli.analyze import analyze  # PyAV, after what is broken was said  # noqa: PLC0415

    for check in packages():
        if check.state is DiagnosticLevel.BROKEN:
            warn(f"{check.name} cannot be loaded: {check.fix}")
    video = clip()
    say(f"a desk day in miniature, with the default settings: {CLIP}\n")
    analyze(ctx, [str(video)], out_dir=out_dir)
    say(f"open {out_dir / 'report.html'} in a browser for the page")


def clip() -> Path:
    """Return the sample recording.

    Raises:
        InputError: It is missing.
    """
    video = data_file(CLIP)
    if not video.is_file():
        raise InputError(f"{CLIP} is missing from this installation; reinstall it")
    return video
