"""What several commands share: options, consoles, and the objects that they build."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from posture import catalogue, config, paths, weights
from posture.bundle import Progress as FetchProgress
from posture.prompts import Catalogue
from posture.settings import Settings

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file to use instead of your own.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Override one setting; may be given several times.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")


def settings_of(file: Path | None, sets: Sequence[str] | None) -> Settings:
    """Settings by the given file, else by the user's own if there is one, else the defaults; then the overrides.

    Raises:
        ConfigError: as ``config.load``.
    """
    own = paths.config_file()
    return config.load(file or (own if own.exists() else None), sets or ())


def catalogue_of(settings: Settings) -> Catalogue:
    """The catalogue with the user's own prompts, if settings name any.

    Raises:
        CatalogueError: as ``catalogue.load``.
    """
    return catalogue.load(catalogue.own_file(settings))


def seconds(text: str, option: str) -> float:
    """``90``, ``1:30`` or ``1:02:03`` in seconds.

    Raises:
        typer.BadParameter: anything else.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a time; write seconds (90), minutes (1:30) or hours (1:02:03)", param_hint=option)
    hours, minutes, rest = match.groups()
    return int(hours or 0) * 3600.0 + int(minutes or 0) * 60.0 + float(rest)


def span(text: str, option: str) -> tuple[float, float]:
    """``A-B`` in seconds.

    Raises:
        typer.BadParameter: not two times, or the second not after the first.
    """
    first, dash, second = text.partition("-")
    if not dash:
        raise typer.BadParameter(f"{text!r} is not a span; write for instance 0-3 or 0:10-0:15", param_hint=option)
    low, high = seconds(first, option), seconds(second, option)
    if high <= low:
        raise typer.BadParameter(f"{text!r} ends before it begins", param_hint=option)
    return low, high


@contextmanager
def download_bar() -> Iterator[FetchProgress]:
    """A progress bar on stderr for a download that may or may not happen."""
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()]
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = bar.add_task(label, total=total)
                if not err.is_terminal:
                    err.print(label, markup=False, soft_wrap=True)
            bar.update(tasks[label], completed=done, total=total)

        yield show


def model_file(name: str) -> Path:
    """The verified pose model, fetched with a progress bar on first use.

    Raises:
        ModelError: not to be had.
    """
    with download_bar() as progress:
        return weights.resolve(name, progress=progress)
