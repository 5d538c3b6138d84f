"""``posture analyze``: measure recordings."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
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
from posture.interrupts import held_interrupts
from posture.model import ConfigError, InputError, Posture, PostureError, View
from posture.settings import MeasureSettings, Settings
from posture.store import Store

if TYPE_CHECKING:
    from posture.analyze import Job, Result
    from posture.kinematics.calibration import Neutral
    from posture.recording import Analysis
    from posture.recordings import Entry


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
    settings = _at_rate(settings_of(config, set_), rate)
    moment = _moment(as_day)
    window = _window(start, end)
    _check_use(videos, moment, replace=replace, no_store=no_store, profile=profile)
    neutral_span = _neutral_span(neutral, window)
    _check_writable(out_dir, f"--out {out_dir}")
    from posture.recordings import Entry, check_before, profile_of  # noqa: PLC0415 # what follows loads MediaPipe and PyAV

    entry = Entry(store=not no_store, as_day=moment, replace=replace, profile=profile)
    job = _job(settings, neutral_span, view, window, model, annotate, profile_of(profile, neutral is None))
    job = job if moment is None else _own_day(job, moment)
    results: list[dict[str, object]] = []
    failed = 0
    for video, folder in zip(videos, output_folders(videos, out_dir), strict=True):
        done = _Done(folder)
        stopped = False
        try:
            check_before(video, job, entry, neutral)
            _check_writable(folder, str(folder))
            with held_interrupts() as held:
                _measure(video, dataclasses.replace(job, stopped=held), entry, done, annotate)
        except KeyboardInterrupt:
            stopped = True
        except ConfigError:
            raise
        except PostureError as error:
            done.errors.append(error)
        results += _result_of(video, done, job)
        _tell(video, done, job, quiet=json_, brief=len(videos) > 1)
        failed += bool(done.errors)
        if stopped:
            _print_json(results, json_)
            _tell_stopped(video, done, annotate)
            raise KeyboardInterrupt
    _print_json(results, json_)
    if failed:
        if len(videos) > 1:
            err.print(f"{failed} of {len(videos)} recordings failed", markup=False)
        raise typer.Exit(1)


@dataclass(slots=True)
class _Done:
    """What became of one recording."""

    folder: Path
    result: Result | None = None
    written: list[Path] = field(default_factory=list)
    errors: list[PostureError] = field(default_factory=list)


def _at_rate(settings: Settings, rate: float | None) -> Settings:
    """The settings with the rate of the command line."""
    if rate is None:
        return settings
    limits = next(f.metadata for f in dataclasses.fields(MeasureSettings) if f.name == "rate_hz")
    if not limits["ge"] <= rate <= limits["le"]:
        raise typer.BadParameter(f"{rate:g}: expected a number from {limits['ge']:g} to {limits['le']:g}", param_hint="--rate")
    return dataclasses.replace(settings, measure=dataclasses.replace(settings.measure, rate_hz=rate))


def _check_use(videos: Sequence[Path], moment: datetime | None, *, replace: bool, no_store: bool, profile: str | None) -> None:
    """That the options go together."""
    if moment is None:
        if replace:
            raise typer.BadParameter("only goes with --as-day", param_hint="--replace")
    elif no_store:
        raise typer.BadParameter("does not go with --no-store: your own day is what is stored", param_hint="--as-day")
    elif len(videos) > 1:
        raise typer.BadParameter(
            f"takes one recording, and there are {len(videos)}: each began at a time of its own", param_hint="--as-day"
        )
    elif moment.timestamp() > time.time():
        raise typer.BadParameter(f"{moment:%Y-%m-%d %H:%M} is in the future", param_hint="--as-day")
    if profile is not None and not (profile.strip() and profile.isprintable()):
        raise typer.BadParameter(f"{profile!r} is no name that can be read and typed", param_hint="--profile")


def _window(start: str | None, end: str | None) -> tuple[float | None, float | None]:
    """Seconds of the part that is to be measured."""
    start_s = seconds(start, "--start") if start is not None else None
    end_s = seconds(end, "--end") if end is not None else None
    if end_s is not None and end_s <= (start_s or 0.0):
        raise typer.BadParameter(f"{end!r} ends before it begins", param_hint="--end")
    return start_s, end_s


def _neutral_span(text: str | None, window: tuple[float | None, float | None]) -> tuple[float, float] | None:
    """Seconds of the neutral, which must lie in the part that is measured."""
    if text is None:
        return None
    low, high = span(text, "--neutral")
    if low < (window[0] or 0.0) or (window[1] is not None and high > window[1]):
        raise typer.BadParameter(f"{text!r} reaches out of the part that --start and --end choose", param_hint="--neutral")
    return low, high


def _check_writable(folder: Path | None, typed: str) -> None:
    """That the folder can be made or written to; makes nothing.

    Raises:
        PostureError: it cannot.
    """
    if folder is None:
        return
    try:
        there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
        why = "it is a file" if there == folder.absolute() else f"{there} is a file"
        if there.is_dir():
            why = "" if os.access(there, os.W_OK | os.X_OK) else "no permission to write there"
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise PostureError(f"{typed}: cannot be used as output folder: {why}")


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
    neutral_span: tuple[float, float] | None,
    view: ViewChoice,
    window: tuple[float | None, float | None],
    model: str | None,
    annotate: bool,
    profile: Neutral | None,
) -> Job:
    from posture import analyze as work  # noqa: PLC0415 # loads PyAV

    name = model or settings.measure.model
    file = model_file(name)
    return work.Job(
        settings=settings,
        model=file,
        model_facts={"name": name, "file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        catalogue=catalogue_of(settings),
        neutral_span=neutral_span,
        profile=profile,
        view=None if view is ViewChoice.AUTO else View(view.value),
        start_s=window[0],
        end_s=window[1],
        keep_poses=annotate,
    )


def _own_day(job: Job, began: datetime) -> Job:
    """The job with what the user's own past has to say: prompts shown before, self-reports, an open red flag."""
    from posture.day import past_of  # noqa: PLC0415 # loads NumPy

    with Store.open() as store:
        past = past_of(store, began.timestamp(), time.time())
    return dataclasses.replace(job, history=past.history, reports=past.reports, flagged=past.flagged, start_epoch_s=began.timestamp())


def _measure(video: Path, job: Job, entry: Entry, done: _Done, annotate: bool) -> None:
    """Measure, write, store, annotate, in this order: what one step cannot do keeps no later one from what was measured."""
    from posture import analyze as work  # noqa: PLC0415
    from posture.recordings import annotate_video, enter  # noqa: PLC0415
    from posture.reports import write_all  # noqa: PLC0415

    with _bar(video.name) as progress:
        result = done.result = work.analyze(video, job, progress)
    with err.status("writing the results", spinner="dots"):
        with _kept(done.errors):
            done.written += write_all(result.analysis, done.folder, job.catalogue, partial(drawing, user_file=user_catalogue(job.settings)))
        with _kept(done.errors):
            enter(result, video, job, entry)
    if annotate and result.analysis.complete and not job.stopped():
        with _bar(f"{video.name}: annotating") as progress, _kept(done.errors), contextlib.suppress(KeyboardInterrupt):
            done.written.append(annotate_video(video, result, job, done.folder, progress))


@contextlib.contextmanager
def _kept(errors: list[PostureError]) -> Iterator[None]:
    """An error is kept for later, and what follows goes on."""
    try:
        yield
    except PostureError as error:
        errors.append(error)


def _result_of(video: Path, done: _Done, job: Job) -> list[dict[str, object]]:
    """The one entry of a recording for a program: its result, what went wrong, or both; none if it was not begun."""
    from posture.reports.summary_json import as_dict, plain  # noqa: PLC0415

    error = {"error": "; ".join(_as_typed(e, video) for e in done.errors)} if done.errors else {}
    if done.result is not None:
        return [{**plain(as_dict(done.result.analysis, job.catalogue)), **error}]
    return [{"video": str(video), **error}] if error else []


def _tell(video: Path, done: _Done, job: Job, *, quiet: bool, brief: bool) -> None:
    """Print the result unless `quiet`, in one line if `brief`; then what went wrong."""
    from posture.reports import terminal  # noqa: PLC0415

    if done.result is not None and not quiet:
        if brief:
            out.print(_one_line(done.result.analysis, done.folder), markup=False, soft_wrap=True)
        else:
            terminal.print_analysis(out, done.result.analysis, job.catalogue)
        if done.written and not brief:
            out.print(f"\nwritten to {done.folder}: {', '.join(p.name for p in done.written)}", markup=False, soft_wrap=True)
    for error in done.errors:
        err.print(f"posture: {_as_typed(error, video)}", markup=False, soft_wrap=True)


def _tell_stopped(video: Path, done: _Done, annotate: bool) -> None:
    """After Ctrl-C: what there is."""
    if done.result is None or not done.written:
        return
    part = "" if done.result.analysis.complete else "what was measured of "
    without = "" if not annotate or done.written[-1].suffix == ".mp4" else "; annotated.mp4 was not made"
    err.print(f"stopped; {part}{video} is complete in {done.folder}{without}", markup=False, soft_wrap=True)


def _as_typed(error: PostureError, video: Path) -> str:
    """The error's line; one about the recording names it as the user did."""
    text, name = str(error), video.name or str(video)
    if not isinstance(error, InputError):
        return text
    return f"{video}{text.removeprefix(name)}" if text.startswith(f"{name}:") else f"{video}: {text}"


@contextlib.contextmanager
def _bar(label: str) -> Iterator[Callable[[float, float | None], None]]:
    """A bar with speed in times real time and the time left; silent where stderr is no terminal."""
    columns = [
        TextColumn("{task.description}", markup=False),
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
    except (ValueError, OverflowError, OSError):  # the latter two: years that a clock does not know
        raise typer.BadParameter(f"{text!r} is not a date and time; write for instance 2026-03-02 09:00", param_hint="--as-day") from None


def _print_json(results: list[dict[str, object]], wanted: bool) -> None:
    if wanted:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))
