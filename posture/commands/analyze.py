"""``posture analyze``: measure recordings."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from posture.catalogue import drawing
from posture.commands.common import (
    ConfigOption,
    JsonOption,
    SetOption,
    catalogue_of,
    err,
    model_file,
    out,
    seconds,
    settings_of,
    span,
    user_catalogue,
)
from posture.model import ConfigError, Posture, PostureError, View
from posture.settings import Settings

if TYPE_CHECKING:
    from posture.analyze import Job, Result
    from posture.recording import Analysis


class ViewChoice(StrEnum):
    """The camera's view as the user gives it."""

    AUTO = "auto"
    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "analyze",
        epilog="Examples:  posture analyze desk.mp4 --neutral 0-3   ·   posture analyze *.mp4 --out results   ·   "
        "posture analyze me.mp4 --as-day '2026-03-02 09:00'",
    )(analyze)


def analyze(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO...", help="One or more recordings.")],
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the results. Default: VIDEO.posture/ beside each video.")
    ] = None,
    neutral: Annotated[
        str | None, typer.Option("--neutral", metavar="A-B", help="Seconds in which the person sits tall but relaxed, e.g. 0-3.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Saved neutral to use; with --neutral: the name to save it under.")
    ] = None,
    view: Annotated[ViewChoice, typer.Option("--view", help="The camera's view of the person.")] = ViewChoice.AUTO,
    rate: Annotated[float | None, typer.Option("--rate", metavar="HZ", help="Frames measured per second. Default: 5.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="T", help="Where to begin: 90, 1:30 or 1:02:03.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="T", help="Where to stop.")] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    annotate: Annotated[bool, typer.Option("--annotate", help="Also write annotated.mp4: skeleton, angles, state, dose.")] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="Do not enter the recording into your database.")] = False,
    as_day: Annotated[
        str | None, typer.Option("--as-day", metavar="DATETIME", help="It is your own day, and began then: today and trends show it.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="With --as-day: replace an earlier entry of the same recording.")] = False,
    json_: JsonOption = False,
) -> None:
    """Measure recordings: angles, sustained postures, the prompts that they call for, and an honest summary.

    Writes readings.csv, episodes.csv, summary.json, timeline.png and report.html for each. Ctrl-C keeps what was measured.
    """
    overrides = [*(set_ or []), *([f"measure.rate_hz={rate}"] if rate is not None else [])]
    settings = settings_of(config, overrides)
    from posture.recordings import Entry, enter, profile_of  # noqa: PLC0415 # what follows loads MediaPipe and PyAV

    entry = Entry(store=not no_store, as_day=_moment(as_day), replace=replace, profile=profile)
    job = _job(settings, neutral, view, start, end, model, annotate, profile_of(profile, neutral is None))
    targets = output_folders(videos, out_dir)
    results: list[dict[str, object]] = []
    failed = 0
    for video, folder in zip(videos, targets, strict=True):
        try:
            result = _one(video, job, folder, annotate, results, quiet=json_, brief=len(videos) > 1)
            enter(result, video, job, entry)
        except PostureError as error:
            if isinstance(error, ConfigError):
                raise
            failed += 1
            err.print(f"posture: {error}", markup=False, soft_wrap=True)
            results.append({"video": str(video), "error": str(error)})
            continue
        if not result.analysis.complete:
            _print_json(results, json_)
            err.print(f"stopped; what was measured of {video.name} is complete in {folder}", markup=False, soft_wrap=True)
            raise KeyboardInterrupt
    _print_json(results, json_)
    if failed:
        if len(videos) > 1:
            err.print(f"{failed} of {len(videos)} recordings failed", markup=False)
        raise typer.Exit(1)


def output_folders(videos: Sequence[Path], out_dir: Path | None) -> list[Path]:
    """Where the results of each video go: DIR itself for one, ``STEM.posture`` for several; equal names get ``-2``."""
    if out_dir is not None and len(videos) == 1:
        return [out_dir]
    taken: set[Path] = set()
    folders = []
    for video in videos:
        parent = out_dir if out_dir is not None else video.parent
        folder, n = parent / f"{video.stem}.posture", 1
        while folder in taken:
            n += 1
            folder = parent / f"{video.stem}-{n}.posture"
        taken.add(folder)
        folders.append(folder)
    return folders


def _job(
    settings: Settings,
    neutral: str | None,
    view: ViewChoice,
    start: str | None,
    end: str | None,
    model: str | None,
    annotate: bool,
    profile: object,
) -> Job:
    from posture import analyze as work  # noqa: PLC0415 # loads PyAV
    from posture.kinematics.calibration import Neutral  # noqa: PLC0415

    start_s = seconds(start, "--start") if start is not None else None
    end_s = seconds(end, "--end") if end is not None else None
    if end_s is not None and end_s <= (start_s or 0.0):
        raise typer.BadParameter("ends before it begins", param_hint="--end")
    name = model or settings.measure.model
    file = model_file(name)
    return work.Job(
        settings=settings,
        model=file,
        model_facts={"name": name, "file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        catalogue=catalogue_of(settings),
        neutral_span=span(neutral, "--neutral") if neutral is not None else None,
        profile=profile if isinstance(profile, Neutral) else None,
        view=None if view is ViewChoice.AUTO else View(view.value),
        start_s=start_s,
        end_s=end_s,
        keep_poses=annotate,
    )


def _one(video: Path, job: Job, folder: Path, annotate: bool, results: list[dict[str, object]], *, quiet: bool, brief: bool) -> Result:
    from posture import analyze as work  # noqa: PLC0415
    from posture.recordings import annotate_video  # noqa: PLC0415
    from posture.reports import terminal, write_all  # noqa: PLC0415
    from posture.reports.summary_json import as_dict, plain  # noqa: PLC0415

    with _bar(video.name) as progress:
        result = work.analyze(video, job, progress)
    with err.status("writing the results", spinner="dots"):
        written = write_all(result.analysis, folder, job.catalogue, partial(drawing, user_file=user_catalogue(job.settings)))
    if annotate and result.analysis.complete:
        with _bar(f"{video.name}: annotating") as progress:
            written.append(annotate_video(video, result, job, folder, progress))
    results.append(plain(as_dict(result.analysis, job.catalogue)))
    if not quiet and brief:
        out.print(_one_line(result.analysis, folder), markup=False, soft_wrap=True)
    elif not quiet:
        terminal.print_analysis(out, result.analysis, job.catalogue)
        out.print(f"\nwritten to {folder}: {', '.join(p.name for p in written)}", markup=False, soft_wrap=True)
    return result


@contextlib.contextmanager
def _bar(label: str) -> Iterator[Callable[[float, float | None], None]]:
    """A bar with speed in times real time and the time left; silent where stderr is no terminal."""
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    ]
    began = time.monotonic()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None, speed="")
        first: list[float] = []

        def progress(done_s: float, total_s: float | None) -> None:
            if not first:
                first.append(done_s)
            took = max(1e-3, time.monotonic() - began)
            bar.update(task, completed=done_s, total=total_s, speed=f"{(done_s - first[0]) / took:.1f} x real time")

        yield progress


def _one_line(analysis: Analysis, folder: Path) -> str:
    """One recording of several, in one line."""
    s = analysis.summary
    coverage = "nobody in it" if s.coverage is None else f"{100 * s.coverage:.0f} % measured"
    flexed = s.seconds[Posture.FLEXED] / 60.0
    return f"{analysis.video.name}: {s.total_s / 60.0:.1f} min, {coverage}, {flexed:.1f} min flexed, {len(s.prompts)} prompts -> {folder}"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date and time; write for instance 2026-03-02 09:00", param_hint="--as-day") from None


def _print_json(results: list[dict[str, object]], wanted: bool) -> None:
    if wanted:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))
