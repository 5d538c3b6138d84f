"""Progress bars on stderr; nothing is shown where that is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from posture.cli.console import err
from posture.pose import Progress as FetchProgress


def _bars(*columns: ProgressColumn) -> Progress:
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


@contextmanager
def counting_bar(what: str, total: int | None = None, clock: ProgressColumn | None = None) -> Iterator[Callable[..., None]]:
    """Show how many are done; yields what takes that number, and of how many if `total` does not say; `clock`: instead of the time left."""
    with _bars(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), clock or TimeRemainingColumn()) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done, of=total: bars.update(task, completed=done, total=of)


@contextmanager
def media_bar(label: str) -> Iterator[Callable[[float, float | None], None]]:
    """Show the seconds of a recording that are done, the speed in times real time and the time left."""
    speed = TextColumn("{task.fields[speed]}")
    began, first = time.monotonic(), list[float]()
    with _bars(TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), speed, TimeRemainingColumn()) as bars:
        task = bars.add_task(label, total=None, speed="")

        def progress(done_s: float, total_s: float | None) -> None:
            first.extend([done_s] if not first else [])
            took = max(1e-3, time.monotonic() - began)
            bars.update(task, completed=done_s, total=total_s, speed=f"{(done_s - first[0]) / took:.1f} x real time")

        yield progress


@contextmanager
def download_bar() -> Iterator[FetchProgress]:
    """Show downloads once they begin; yields what is called with name, bytes done and bytes in all."""
    with _bars(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bars:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
                if not err.is_terminal:
                    err.print(label, markup=False, soft_wrap=True)
            bars.update(tasks[label], completed=done, total=total)

        yield show
