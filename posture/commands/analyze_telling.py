"""What ``posture analyze`` says: progress, results, what went wrong, in words or as JSON."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from posture.commands.common import err, out
from posture.faults import fault_of
from posture.inputs import Recording
from posture.model import InputError, Posture, PostureError
from posture.reports.words import printable

if TYPE_CHECKING:
    from posture.analysis import Job, Result
    from posture.recording import Analysis


@dataclass(slots=True)
class Done:
    """What became of one recording."""

    recording: Recording
    folder: Path
    result: Result | None = None
    written: list[Path] = field(default_factory=list)
    errors: list[PostureError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Lines for the user that are no errors."""

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """An error, whichever, is kept for later, and what follows goes on: it is this recording's, and no other's."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 # see above
            self.errors.append(fault_of(error, self.recording.path.name or str(self.recording.path)))

    def problem(self) -> str:
        """What went wrong, in one line that names the recording as the user did; empty if nothing did."""
        return "; ".join(_as_typed(e, self.recording) for e in self.errors)


def result_of(done: Done, job: Job) -> list[dict[str, object]]:
    """The one entry of a recording for a program: its result, what went wrong, or both; none if it was not begun."""
    from posture.reports.summary_json import as_dict, plain  # noqa: PLC0415 # loads NumPy

    found: dict[str, object] = {}
    if done.result is not None:
        with done.kept():
            found = plain(as_dict(done.result.analysis, job.catalogue))
    if done.errors:
        found = {"video": done.recording.label, **found, "error": done.problem()}
    return [found] if found else []


def tell(done: Done, job: Job, *, quiet: bool, brief: bool) -> None:
    """Print the result unless `quiet`, in one line if `brief`; then what went wrong."""
    from posture.reports import terminal  # noqa: PLC0415

    if done.result is not None and not quiet:
        if brief:
            out.print(printable(_one_line(done.result.analysis, done.folder)), markup=False, soft_wrap=True)
        else:
            terminal.print_analysis(out, done.result.analysis, job.catalogue)
        if done.written and not brief:
            out.print(f"\nwritten to {done.folder}: {', '.join(p.name for p in done.written)}", markup=False, soft_wrap=True)
    for line in (*done.notes, *(_named(e, done.recording, several=brief) for e in done.errors)):
        err.print(f"posture: {printable(line)}", markup=False, soft_wrap=True)


def tell_stopped(done: Done, annotate: bool) -> None:
    """After Ctrl-C: what there is."""
    if done.result is None or not done.written:
        return
    part = "" if done.result.analysis.complete else "what was measured of "
    without = "" if not annotate or done.written[-1].suffix == ".mp4" else "; annotated.mp4 was not made"
    err.print(f"stopped; {part}{done.recording.label} is complete in {done.folder}{without}", markup=False, soft_wrap=True)


def tell_failed(failed: Sequence[Done], total: int) -> None:
    """At the end of several recordings: how many failed, and a line for each."""
    if total < 2 or not failed:
        return
    err.print(f"{len(failed)} of {total} recordings failed:", markup=False)
    for done in failed:
        line = "; ".join(_named(e, done.recording, several=True) for e in done.errors)
        err.print(f"  {printable(line)}", markup=False, soft_wrap=True)


def print_json(results: Sequence[dict[str, object]], wanted: bool) -> None:
    """Print all results as one JSON list, if that is wanted."""
    if wanted:
        text = json.dumps(results, ensure_ascii=False, indent=2)
        typer.echo(text.encode("utf-8", "backslashreplace").decode())  # half a surrogate in a file name stays as JSON's own escape


@contextlib.contextmanager
def bar(label: str) -> Iterator[Callable[[float, float | None], None]]:
    """A bar with speed in times real time and the time left; silent where stderr is no terminal."""
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    ]
    began = time.monotonic()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        task = shown.add_task(label, total=None, speed="")
        first: list[float] = []

        def progress(done_s: float, total_s: float | None) -> None:
            if not first:
                first.append(done_s)
            took = max(1e-3, time.monotonic() - began)
            shown.update(task, completed=done_s, total=total_s, speed=f"{(done_s - first[0]) / took:.1f} x real time")

        yield progress


def _one_line(analysis: Analysis, folder: Path) -> str:
    """One recording of several, in one line."""
    s = analysis.summary
    coverage = "nobody in it" if s.coverage is None else f"{100 * s.coverage:.0f} % measured"
    flexed = s.seconds[Posture.FLEXED] / 60.0
    partial = f"partial ({analysis.partial}), " if analysis.partial else ""
    length = f"{partial}{s.total_s / 60.0:.1f} min"
    return f"{analysis.video.name}: {length}, {coverage}, {flexed:.1f} min flexed, {len(s.prompts)} prompts -> {folder}"


def _as_typed(error: PostureError, recording: Recording) -> str:
    """The error's line; one about the recording names it as the user did."""
    text, name, label = " ".join(str(error).splitlines()), recording.path.name or str(recording.path), recording.label
    if text.startswith(f"{label}:"):
        return text
    if text.startswith((f"{name}:", f"{name} (")):
        return f"{label}{text.removeprefix(name)}"
    return f"{label}: {text}" if isinstance(error, InputError) else text


def _named(error: PostureError, recording: Recording, *, several: bool) -> str:
    """As `_as_typed`; where there are `several` recordings, every line says whose it is."""
    text = _as_typed(error, recording)
    return text if not several or text.startswith(recording.label) else f"{recording.label}: {text}"
