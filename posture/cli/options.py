"""Options that several commands share."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import Annotated

import typer

UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # of Click, or of the copy of it that newer Typers carry
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file to use instead of your own.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Override one setting; can be repeated.")]
CAMERA_VARIABLE = "POSTURE_CAMERA"
CAMERA_PASSWORD = (
    "A password in its address can be read by every user of this computer (ps); one that stands in the variable "
    f"{CAMERA_VARIABLE}, or as watch.camera in your settings file, cannot."
)
CameraOption = Annotated[
    str | None,
    typer.Option(
        "--camera",
        envvar=CAMERA_VARIABLE,
        metavar="INDEX|NAME|URL",
        help=f"Which camera. Default: the monitor's, or that of last time. {CAMERA_PASSWORD}",
    ),
]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")]
FeedOption = Annotated[int | None, typer.Option("--feed", hidden=True, help="Show it in the window that started this.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def examples(*lines: str) -> str:
    """Return the examples of a command's help, each on a line of its own that can be pasted into a shell."""
    return "\n\n".join(["Example:" if len(lines) == 1 else "Examples:", *lines])


def check_name(name: str | None, option: str) -> None:
    """Refuse the name of a calibration that cannot be read or typed."""
    if name is not None and not (name.strip() and name.isprintable()):
        raise typer.BadParameter(f"{name!r} is not a name that can be read and typed", param_hint=option)


def day_of(text: str | None, option: str) -> Date | None:
    """Return the day that an option names; ``None`` without one."""
    try:
        return None if text is None else Date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write for instance 2026-03-02", param_hint=option) from None
