"""``posture model``: the pose weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posture.cli.console import say, warn
from posture.cli.options import examples
from posture.cli.progress import download_bar
from posture.pose import weights

app = typer.Typer(help="The pose model: fetch it, find it, verify it.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="lite, full or heavy.")]


@app.command(
    "fetch",
    epilog=examples("posture model fetch", "posture model fetch lite", "posture model fetch --from pose_landmarker_full.task"),
)
def fetch(
    name: NameArgument = "full",
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Take it from a file you already have: a .task bundle, or the mediapipe 0.10.21 wheel."
        ),
    ] = None,
) -> None:
    """Fetch the model before you first need it; it is verified before it is put in place."""
    with download_bar() as progress:
        path = weights.fetch(name, from_file=from_file, progress=progress, say=warn)
    say(f"{name}: {path}")


@app.command("path", epilog=examples("posture model path", "posture model path lite"))
def path(name: NameArgument = "full") -> None:
    """Print where the verified model is; fails if it isn't there."""
    typer.echo(str(weights.path(name)))


@app.command("verify", epilog=examples("posture model verify", "posture model verify full"))
def verify(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this one.")] = None) -> None:
    """Check the models on this machine against their known sha256."""
    bad = False
    for result in weights.verify(name):
        say(describe(result))
        bad = bad or result.state is weights.WeightsState.DAMAGED or (name is not None and not result.ok)
    if bad:
        raise typer.Exit(1)


_WORDS = {
    weights.WeightsState.OFFICIAL: "verified: the official file",
    weights.WeightsState.ASSEMBLED: "verified: built from the official weights",
    weights.WeightsState.DAMAGED: "DAMAGED; posture model fetch {name} replaces it",
    weights.WeightsState.MISSING: "not fetched yet; posture model fetch {name} does it",
}


def describe(check: weights.WeightsCheck) -> str:
    """Describe one model in one line."""
    return f"{check.name}: {_WORDS[check.state].format(name=check.name)} ({check.path})"
