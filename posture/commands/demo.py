"""``posture demo``: the whole program on a recording that comes with it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posture.checks import State
from posture.commands.analyze import analyze
from posture.commands.common import err, out
from posture.doctor import packages
from posture.model import InputError

if TYPE_CHECKING:
    from importlib.abc import Traversable

CLIP = "desk_day.mp4"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog="Examples:  posture demo   ·   posture demo --out demo-results")(demo)


def demo(
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")] = Path("posture-demo"),
) -> None:
    """Analyse the sample recording that comes with the program: a person at a desk who leans, leaves, and slumps."""
    for check in packages():
        if check.state is State.BROKEN:
            err.print(f"posture: {check.name} cannot be loaded: {check.mend}", markup=False, soft_wrap=True)
    with resources.as_file(clip()) as video:
        out.print(f"a desk day in miniature, with the default settings: {CLIP}\n", markup=False)
        analyze([str(video)], out_dir=out_dir, no_store=True)
    out.print(f"open {out_dir / 'report.html'} in a browser for the page", markup=False, soft_wrap=True)


def clip() -> Traversable:
    """The sample recording: in an installed package, else in the checkout's sample_videos.

    Raises:
        InputError: neither is there.
    """
    packaged: Traversable = resources.files("posture") / "data" / CLIP
    if packaged.is_file():
        return packaged
    beside = Path(__file__).resolve().parents[2] / "sample_videos" / CLIP
    if beside.is_file():
        return beside
    raise InputError(f"{CLIP} does not come with this installation; install again")
