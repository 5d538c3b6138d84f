"""``posture analyze``: measure recordings."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import time
from collections.abc import Collection, Generator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posture import weights
from posture.catalogue import drawing, own_file
from posture.commands import analyze_many as many
from posture.commands import analyze_options as options
from posture.commands import analyze_shared as shared
from posture.commands.analyze_telling import Done, bar
from posture.commands.common import (
    ConfigOption,
    JsonOption,
    SetOption,
    catalogue_of,
    err,
    model_file,
    settings_of,
)
from posture.inputs import Kind, Recording, gather, output_folders
from posture.interrupts import held_interrupts
from posture.model import InputError, View
from posture.opencv import load_cv2
from posture.person import Choice
from posture.reports.formats import Format, needs_poses, write_formats
from posture.reports.formats import check as check_formats
from posture.settings import Settings
from posture.store import Store

if TYPE_CHECKING:
    from posture.analysis import Job
    from posture.kinematics.calibration import Neutral
    from posture.recordings import Entry
    from posture.sources.video_file import VideoFacts


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
        epilog="Examples:  posture analyze desk.mp4 --neutral 0-3   ·   posture analyze recordings/ --out results --format srt   ·   "
        "ffmpeg … -f matroska - | posture analyze -   ·   posture analyze rtsp://camera/1 --for 10m   ·   "
        "posture analyze me.mp4 --as-day '2026-03-02 09:00'",
    )(analyze)


def analyze(
    videos: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VIDEO...",
            help="Recordings: files, folders (searched to their depths), patterns in quotes ('**/*.mp4'), @LIST, - for a video from a "
            "pipe, or the address of a stream (rtsp://…, http://…).",
        ),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the results. Default: VIDEO.posture/ beside each video.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results of another recording that lie in the folder; those of the same always are.")
    ] = False,
    lists: Annotated[
        list[Path] | None,
        typer.Option("--list", metavar="FILE", help="A file with one recording a line (from the file's own folder on); like @FILE."),
    ] = None,
    neutral: Annotated[
        str | None, typer.Option("--neutral", metavar="A-B", help="Seconds in which the person sits tall but relaxed, e.g. 0-3.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Saved neutral to use; with --neutral: the name to save it under.")
    ] = None,
    view: Annotated[ViewChoice, typer.Option("--view", help="The camera's view of the person.")] = ViewChoice.AUTO,
    person: Annotated[
        Choice,
        typer.Option(
            "--person",
            help="Whom to measure of several people: main (large and in the middle), largest (fills most of the picture), nearest (to the "
            "camera), first (in the picture). Once chosen, the person is kept to.",
        ),
    ] = Choice.MAIN,
    rate: Annotated[float | None, typer.Option("--rate", metavar="HZ", help="Frames measured per second. Default: 5.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="T", help="Where to begin: 90, 1:30 or 1:02:03.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="T", help="Where to stop.")] = None,
    length: Annotated[
        str | None, typer.Option("--for", metavar="LENGTH", help="How long to measure, e.g. 10m, 90s or 1h30m; a stream may have no end.")
    ] = None,
    rotate: Annotated[
        int | None,
        typer.Option("--rotate", metavar="DEGREES", help="Turn the pictures clockwise by 90, 180 or 270, if they lie on their side."),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            metavar="N",
            help="Pictures per second of recordings that carry no times (raw H.264, HEVC, MJPEG). Default: what they say, or 25.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|FILE", help="lite, full, heavy or a .task file.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAMES",
            help="Write these too, separated by commas: parquet (tables), trc (landmarks) and mot (angles) for OpenSim, srt and vtt "
            "(subtitles), svg (timeline); or all.",
        ),
    ] = None,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Also write annotated.mp4: skeleton, angles, state, dose, and a plot beside the picture.")
    ] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="Do not enter the recording into your database.")] = False,
    as_day: Annotated[
        str | None, typer.Option("--as-day", metavar="DATETIME", help="It is your own day, and began then: today and trends show it.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="With --as-day: replace an earlier entry of the same recording.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", min=1, help="Processes at work, on one long recording or on several. Default: one per core."),
    ] = None,
    follow: Annotated[bool | None, typer.Option("--follow/--no-follow", hidden=True)] = None,
    adaptive: Annotated[
        bool | None,
        typer.Option(
            "--adaptive/--no-adaptive",
            help="Look less often while nothing changes in the picture; such readings are marked as held. Default: on, off with --rate.",
        ),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache", help="Keep the landmarks (no pictures), so that other settings need no second look at the video.")
    ] = False,
    cache_dir: Annotated[
        Path | None, typer.Option("--cache-dir", metavar="DIR", help="Keep them there instead of in your cache folder.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="tcp://HOST:PORT", help="Have the workers of this Dask scheduler measure; they must see the same paths."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out what is complete in --out: same content, same settings, all files there.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Measure recordings: angles, sustained postures, the prompts that they call for, and an honest summary.

    Writes readings.csv, episodes.csv, summary.json, timeline.png and report.html for each, and for several with --out one table of
    all, archive.csv. Ctrl-C keeps what was measured.
    """
    settings = options.at_rate(settings_of(config, set_), rate)
    moment = options.moment_of(as_day)
    window = options.window_of(start, end, length)
    options.check_fps(fps)
    rotate_deg = options.check_rotation(rotate)
    wanted = options.formats_of(formats or ())
    recordings = gather(videos or (), lists or ())
    options.check_use(recordings, moment, replace=replace, no_store=no_store, profile=profile, annotate=annotate)
    neutral_span = options.neutral_span_of(neutral, window)
    if follow is not None:
        err.print("posture: --follow and --no-follow have no effect any more: the person is always followed", markup=False, soft_wrap=True)
    options.check_writable(out_dir, f"--out {out_dir}")
    check_formats(wanted)
    shared.check_scheduler(
        recordings, scheduler, as_day=moment is not None, annotate=annotate, jobs=jobs is not None, cache_here=cache and cache_dir is None
    )
    from posture.recordings import Entry, profile_of  # noqa: PLC0415 # what follows loads MediaPipe and PyAV

    entry = Entry(store=not no_store, as_day=moment, replace=replace, profile=profile)
    job = _job(settings, neutral_span, view, window, model, annotate or needs_poses(wanted), profile_of(profile, neutral is None))
    job = dataclasses.replace(job, person=person, fps=fps, rotate_deg=rotate_deg)
    job = _paced(job, jobs, rate is None if adaptive is None else adaptive, cache_dir, cache=cache)
    job = job if moment is None else _own_day(job, moment)
    names = many.result_names(wanted, annotate=annotate)
    book = many.book_of(out_dir, recordings, job, names, resume=resume, cluster=scheduler is not None)
    run = many.Run(recordings, output_folders(recordings, out_dir), job, book, quiet=json_, annotate=annotate)
    todo = run.todo(resume=resume)
    what = shared.Shared(job, entry, wanted, names, overwrite)
    side_by_side = shared.side_by_side([r for r, _ in todo], jobs, annotate=annotate)
    if scheduler is not None:
        steps = shared.over_cluster(scheduler, todo, what)
    elif side_by_side > 1:
        steps = shared.over_crew(side_by_side, todo, what)
    else:
        steps = _here(todo, job, entry, neutral, wanted, book, annotate=annotate, overwrite=overwrite)
    run.through(steps)


def _here(
    todo: Sequence[tuple[Recording, Path]],
    job: Job,
    entry: Entry,
    neutral: str | None,
    formats: Collection[Format],
    book: many.Book | None,
    *,
    annotate: bool,
    overwrite: bool,
) -> Generator[many.Carried, None, None]:
    """Measure on this machine, one recording after the other, each by as many processes as it is worth."""
    for number, (recording, folder) in enumerate(todo, 1):
        done = Done(recording, folder)
        stopped = False
        stamp = None
        place = f"{number}/{len(todo)} " if len(todo) > 1 else ""
        try:
            with done.kept():
                _check(done, job, entry, neutral, formats, annotate=annotate, overwrite=overwrite)
                stamp = book.stamp(recording) if book is not None else None
            if not done.errors:
                with held_interrupts() as held, done.kept():
                    _measure(done, dataclasses.replace(job, stopped=held), entry, formats, f"{place}{recording.path.name}", annotate)
        except KeyboardInterrupt:
            stopped = True
        yield many.Carried(done, stamp, stopped=stopped)
        if stopped:
            return


def _job(
    settings: Settings,
    neutral_span: tuple[float, float] | None,
    view: ViewChoice,
    window: options.Window,
    model: str | None,
    keep_poses: bool,
    profile: Neutral | None,
) -> Job:
    from posture import analysis as work  # noqa: PLC0415 # loads PyAV

    name = model or settings.measure.model
    file = model_file(name)
    return work.Job(
        settings=settings,
        model=file,
        model_facts=weights.facts_of(name, file),
        catalogue=catalogue_of(settings),
        neutral_span=neutral_span,
        profile=profile,
        view=None if view is ViewChoice.AUTO else View(view.value),
        start_s=window[0],
        end_s=window[1],
        keep_poses=keep_poses,
    )


def _paced(job: Job, jobs: int | None, adaptive: bool, cache_dir: Path | None, *, cache: bool) -> Job:
    """The job with how fast it is done."""
    from posture.landmark_cache import cache_folder  # noqa: PLC0415 # loads NumPy

    folder = cache_dir or (cache_folder() if cache else None)
    return dataclasses.replace(job, jobs=jobs, adaptive=adaptive, cache=folder)


def _own_day(job: Job, began: datetime) -> Job:
    """The job with what the user's own past has to say: prompts shown before, self-reports, an open red flag."""
    from posture.day import past_of  # noqa: PLC0415 # loads NumPy

    with Store.open() as store:
        past = past_of(store, began.timestamp(), time.time())
    return dataclasses.replace(job, history=past.history, reports=past.reports, flagged=past.flagged, start_epoch_s=began.timestamp())


def _check(
    done: Done, job: Job, entry: Entry, neutral: str | None, formats: Collection[Format], *, annotate: bool, overwrite: bool
) -> None:
    """Find out, before anything is measured, what is bound to fail afterwards.

    Raises:
        PostureError: as its message says.
    """
    from posture.analysis import facts_line  # noqa: PLC0415 # loads PyAV
    from posture.recordings import check_before  # noqa: PLC0415
    from posture.reports.earlier import check_replaceable  # noqa: PLC0415

    recording = done.recording
    if annotate:
        load_cv2()
    if recording.error is not None:
        raise InputError(f"{recording.label}: {recording.error}")
    facts: VideoFacts | None = check_before(recording.path, job, entry, neutral) if recording.repeatable else None
    options.check_writable(done.folder, str(done.folder))
    if not overwrite:
        check_replaceable(done.folder, many.result_names(formats, annotate=annotate), None if facts is None else facts_line(facts))


def _measure(done: Done, job: Job, entry: Entry, formats: Collection[Format], label: str, annotate: bool) -> None:
    """Measure, write, store, annotate, in this order: what one step cannot do keeps no later one from what was measured."""
    from posture import analysis as work  # noqa: PLC0415
    from posture.recordings import annotate_video, enter  # noqa: PLC0415
    from posture.reports import write_all  # noqa: PLC0415
    from posture.reports.annotate import encoder_note  # noqa: PLC0415

    video, folder = done.recording.path, done.folder
    with bar(label) as progress:
        result = done.result = work.analyze(video, _with_source(done.recording, job), progress)
    with err.status("writing the results", spinner="dots"):
        with done.kept():
            done.written += write_all(result.analysis, folder, job.catalogue, partial(drawing, user_file=own_file(job.settings)))
        with done.kept():
            done.written += write_formats(formats, result.analysis, result.poses, folder, job.catalogue)
        with done.kept():
            enter(result, video, job, entry)
    if annotate and result.analysis.complete and not job.stopped():
        with bar(f"{label}: annotating") as progress, done.kept(), contextlib.suppress(KeyboardInterrupt):
            done.written.append(annotate_video(video, result, job, folder, progress))
            done.notes += [note] if (note := encoder_note()) else []


def _with_source(recording: Recording, job: Job) -> Job:
    """The job, reading from the pipe or stream if that is where the recording comes from."""
    if recording.repeatable:
        return job
    from posture.sources.streamed import Streamed  # noqa: PLC0415 # loads PyAV

    piped = recording.kind is Kind.PIPE
    origin = sys.stdin.buffer if piped else recording.address or ""
    name = recording.path.name if piped else recording.label
    rate_hz = job.settings.measure.rate_hz
    source = Streamed(name, origin, rate_hz, job.start_s, job.end_s, stopped=job.stopped, fps=job.fps, rotate_deg=job.rotate_deg)
    return dataclasses.replace(job, source=source)
