"""``posture analyze``: measure recordings."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posture._support import load_cv2, paths
from posture.capture import VideoFacts
from posture.cli import analyze_many as many, analyze_options as options, analyze_repeat as repeating, analyze_shared as shared, study
from posture.cli.analyze_console import AnalyzedRecording
from posture.cli.console import err, warn
from posture.cli.interrupts import held_interrupts
from posture.cli.loading import catalogue_of, drawing_of, model_file, settings_of
from posture.cli.options import ConfigOption, JsonOption, ModelOption, SetOption, examples
from posture.cli.progress import media_bar
from posture.errors import InputError
from posture.pose import Choice, weights
from posture.recordings import (
    InputFile,
    Job,
    StoreOptions,
    analysis as work,
    annotate_video,
    check_before,
    check_replaceable,
    enter,
    gather,
    media_paths,
    output_folders,
    profile_of,
    take_pictures,
)
from posture.reports import check as check_formats, encoder_note, needs_poses, write_all, write_formats, write_page
from posture.setting_texts import RULA_EXAMPLE
from posture.types import View


class ViewChoice(StrEnum):
    """The camera's view as the user gives it."""

    AUTO = "auto"
    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"


app = typer.Typer()


@app.command(
    "analyze",
    cls=options.OptionalExercise,
    epilog=examples(
        "posture analyze desk.mp4 --neutral 0-3",
        "posture analyze recordings/ --out results --format srt",
        "posture analyze '**/*.mp4' --out results --resume",
        "ffmpeg -i desk.avi -f matroska - | posture analyze - --out desk",
        "posture analyze rtsp://camera.local/1 --for 10m",
        "posture analyze me.mp4 --as-day '2026-03-02 09:00'",
    ),
)
def analyze(
    ctx: typer.Context,
    videos: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VIDEO...",
            help="Recordings: files, folders (with everything in them), patterns in quotes ('**/*.mp4'), @LIST, - for a video from a "
            "pipe, or the address of a stream (rtsp://…, http://…). A password in an address can be read by every user "
            "of this computer (ps): write the address into a file, and name that as @FILE.",
        ),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the results. Default: VIDEO.posture/ beside each video.")
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace results of another recording in that folder; those of the same recording are always replaced."
        ),
    ] = False,
    lists: Annotated[
        list[Path] | None,
        typer.Option("--list", metavar="FILE", help="A file with one recording per line, relative to the file's own folder; like @FILE."),
    ] = None,
    neutral: Annotated[
        str | None,
        typer.Option(
            "--neutral", metavar="A-B", help="Seconds in which the person sits tall but relaxed, e.g. 0-3: the upright reference."
        ),
    ] = None,
    neutral_from: Annotated[
        str | None,
        typer.Option(
            "--neutral-from",
            metavar="FILE:A-B",
            help="Take the upright reference from another recording of the same person and camera, e.g. upright.mp4:0-3; for all.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", help="Saved calibration to use; with --neutral or --neutral-from: the name to save it under."
        ),
    ] = None,
    view: Annotated[ViewChoice, typer.Option("--view", help="The camera's view of the person.")] = ViewChoice.AUTO,
    person: Annotated[
        Choice,
        typer.Option(
            "--person",
            help="Who to measure if there are several people: main (large and central), largest (fills most of the picture), nearest (to "
            "the camera), first (in the picture). The choice is kept throughout.",
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
        typer.Option("--rotate", metavar="DEGREES", help="Turn the picture clockwise by 90, 180 or 270 degrees, if it is on its side."),
    ] = None,
    crop: Annotated[
        str | None,
        typer.Option(
            "--crop",
            metavar="X,Y,W,H",
            help="Measure this part of the picture alone, once it is upright: left, top, width, height in pixels, or in per cent "
            "(50%,0%,50%,100% is the right half). Landmarks then are pixels of that part.",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            metavar="N",
            help="Frames per second of recordings without timestamps (raw H.264, HEVC, MJPEG). Default: what they say, or 25.",
        ),
    ] = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    rula: Annotated[
        str | None,
        typer.Option(
            "--rula",
            metavar="SCORES",
            help=f"Give a RULA score: your scores of all but the trunk, for the whole recording, e.g. {RULA_EXAMPLE}.",
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAMES",
            help="Write these too, separated by commas: parquet (tables), trc (landmarks) and mot (angles) for OpenSim, c3d (motion "
            "capture), netcdf (landmarks for movement and xarray), eaf (ELAN), boris, srt and vtt (subtitles), svg (timeline); or all.",
        ),
    ] = None,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Also write annotated.mp4: skeleton, angles, posture, bent time, and a plot beside the picture."),
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures",
            help="Put pictures of the recording into report.html: peaks, reminders, postures held for long. Heads are hidden in them.",
        ),
    ] = False,
    show_faces: Annotated[bool, typer.Option("--show-faces", help="With --pictures: hide nothing.")] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Also store the recording in your database, where it is part of no day; posture data export has it."),
    ] = False,
    no_store: Annotated[bool, typer.Option("--no-store", hidden=True)] = False,
    as_day: Annotated[
        str | None,
        typer.Option(
            "--as-day", metavar="DATETIME", help="The recording is of your own day and began at this time: it appears in today and trend."
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="With --as-day: replace an earlier entry of the same recording.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", min=1, help="Processes to use, for one long recording or for several. Default: one per core."),
    ] = None,
    follow: Annotated[bool | None, typer.Option("--follow/--no-follow", hidden=True)] = None,
    adaptive: Annotated[
        bool | None,
        typer.Option(
            "--adaptive/--no-adaptive",
            help="Measure less often while nothing in the picture changes; such readings are marked as held. Default: on; off with --rate.",
        ),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache", help="Keep the landmarks (no pictures), so that you can try other settings without reading the video again."
        ),
    ] = False,
    cache_dir: Annotated[
        Path | None, typer.Option("--cache-dir", metavar="DIR", help="Keep them there instead of in your cache folder.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="tcp://HOST:PORT", help="Measure on the workers of this Dask scheduler; they must see the same paths."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Skip what is already complete in --out: same content, same settings, all files there.")
    ] = False,
    exercises: Annotated[
        str | None,
        typer.Option(
            "--exercises",
            metavar="[ID]",
            help="Also look for exercises: how often, how deep, at what pace. With an id, count that one alone: "
            "cat_cow_seated, pelvic_tilts_seated, rotation_seated or get_up.",
        ),
    ] = None,
    group: study.GroupOption = None,
    subject: study.SubjectOption = None,
    analyst: study.AnalystOption = None,
    date: study.DateOption = None,
    note: study.NoteOption = None,
    shard: study.ShardOption = None,
    repeat: Annotated[
        Path | None,
        typer.Option(
            "--repeat",
            metavar="FILE",
            help="Measure again, just as the summary.json of an earlier run says, and compare the tables. VIDEO: where the recording is "
            "now, if it was moved.",
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Measure recordings: angles, postures held for long, the reminders they would have brought, and a summary.

    Writes readings.csv, episodes.csv, summary.json, timeline.png and report.html for each, and for several with --out one table of
    all, archive.csv. Ctrl-C keeps what has been measured.
    """
    if repeat is not None:
        repeating.check_alone(ctx)
        asked = repeating.Asked(
            command=options.typed_in(ctx),
            out_dir=out_dir,
            formats=options.formats_of(formats or ()),
            model=model,
            jobs=jobs,
            cache=_cache_folder(cache_dir, cache),
            cache_here=cache and cache_dir is None,
            scheduler=scheduler,
            overwrite=overwrite,
            annotate=annotate,
            quiet=json_,
        )
        repeating.run_again(repeat, videos or (), asked, lambda todo, what: _here(todo, what, None, None, annotate=annotate))
        return
    options.check_exercise(exercises)
    settings = options.with_rula(settings_of(config, set_), rula)
    settings = options.at_rate(settings, work.EXERCISE_RATE_HZ if exercises and rate is None else rate)
    moment = options.moment_of(as_day)
    window = options.window_of(start, end, length)
    options.check_fps(fps)
    rotate_deg = options.check_rotation(rotate)
    cropped = options.crop_of(crop)
    wanted = options.formats_of(formats or ())
    recordings = gather(videos or (), lists or ())
    share = study.share(shard)
    twice = options.second_reading(annotate=annotate, pictures=pictures, show_faces=show_faces)
    options.check_use(recordings, moment, replace=replace, keep=keep, no_store=no_store, profile=profile, twice=twice)
    neutral_span = options.neutral_span_of(neutral, window, recordings)
    elsewhere = options.neutral_source_of(neutral_from, neutral)
    if follow is not None:
        warn("--follow and --no-follow no longer do anything: the person is always followed")
    if no_store:
        warn("--no-store no longer does anything: a recording is stored only with --keep or --as-day")
    options.check_writable(out_dir, f"--out {out_dir}")
    check_formats(wanted)
    shared.check_scheduler(
        recordings, scheduler, as_day=moment is not None, twice=twice, jobs=jobs is not None, cache_here=cache and cache_dir is None
    )
    about = study.about(subject, analyst, date, note)
    groups = study.groups_of(group, recordings, about)
    entry = StoreOptions(store=keep or moment is not None, as_day=moment, replace=replace, profile=profile)
    own_neutral = profile_of(profile, neutral is None and elsewhere is None)
    file = model_file(model_name := model or settings.measure.model)
    job = work.Job(
        settings=settings,
        model=file,
        model_facts=weights.facts_of(model_name, file),
        catalogue=catalogue_of(settings),
        neutral_span=neutral_span,
        profile=own_neutral,
        view=None if view is ViewChoice.AUTO else View(view.value),
        person=person,
        start_s=window[0],
        end_s=window[1],
        fps=fps,
        rotate_deg=rotate_deg,
        crop=cropped,
        keep_poses=twice is not None or needs_poses(wanted),
        pictures=pictures,
        show_faces=show_faces,
        jobs=jobs,
        exercises=exercises,
        adaptive=rate is None and exercises is None if adaptive is None else adaptive,
        cache=_cache_folder(cache_dir, cache),
        command=options.typed_in(ctx),
        about=about,
        groups=groups,
    )
    job = job if elsewhere is None else shared.with_neutral(job, *elsewhere)
    job = job if moment is None else shared.own_day(job, moment)
    names = many.result_names(wanted, annotate=annotate)
    book = many.book_of(out_dir, recordings, job, names, share, resume=resume, cluster=scheduler is not None)
    folders = output_folders(recordings, out_dir)
    recordings, folders = study.shared_out(recordings, folders, share)
    run = many.ArchiveRun(recordings, folders, job, book, quiet=json_, annotate=annotate)
    todo = run.todo(resume=resume)
    what = shared.Shared(dataclasses.replace(job, media=media_paths(recordings, folders)), entry, wanted, names, overwrite)
    side_by_side = shared.side_by_side([r for r, _ in todo], jobs, twice=twice is not None)
    if scheduler is not None:
        steps = shared.over_cluster(scheduler, todo, what)
    elif side_by_side > 1:
        steps = shared.over_processes(side_by_side, todo, what)
    else:
        steps = _here(todo, what, neutral, book, annotate=annotate)
    run.through(steps)


def _cache_folder(named: Path | None, wanted: bool) -> Path | None:
    return named or (paths.cache_folder(paths.LANDMARKS) if wanted else None)


def _here(
    todo: Sequence[tuple[InputFile, Path]], what: shared.Shared, neutral: str | None, book: many.ArchiveBook | None, *, annotate: bool
) -> Generator[many.FinishedRecording, None, None]:
    """Measure on this machine, one recording after the other, each by as many processes as it is worth."""
    for number, (recording, folder) in enumerate(todo, 1):
        done = AnalyzedRecording(recording, folder)
        stopped = False
        stamp = None
        place = f"{number}/{len(todo)} " if len(todo) > 1 else ""
        try:
            with done.collect_errors():
                _check(done, what, neutral, annotate=annotate)
                stamp = book.stamp(recording) if book is not None else None
            if not done.errors:
                with held_interrupts() as held, done.collect_errors():
                    _measure(done, dataclasses.replace(what.job, stopped=held), what, f"{place}{recording.path.name}", annotate=annotate)
        except KeyboardInterrupt:
            stopped = True
        yield many.FinishedRecording(done, stamp, stopped=stopped)
        if stopped:
            return


def _check(done: AnalyzedRecording, what: shared.Shared, neutral: str | None, *, annotate: bool) -> None:
    """Refuse, before anything is measured, what is bound to fail afterwards.

    Raises:
        PostureError: as its message says.
    """
    recording = done.recording
    if annotate or what.job.pictures:
        load_cv2()
    if recording.error is not None:
        raise InputError(f"{recording.label}: {recording.error}")
    facts: VideoFacts | None = check_before(recording.path, what.job, what.entry, neutral) if recording.repeatable else None
    options.check_writable(done.folder, str(done.folder))
    if not what.overwrite:
        check_replaceable(done.folder, what.names, facts)


def _measure(done: AnalyzedRecording, job: Job, what: shared.Shared, label: str, *, annotate: bool) -> None:
    """Measure, write, store, take pictures, annotate, in this order; an error of one step leaves the later ones what was measured."""
    video, folder = done.recording.path, done.folder
    with media_bar(label) as progress:
        result = done.result = work.analyze(video, shared.with_source(done.recording, job), progress)
    with err.status("writing the results", spinner="dots"):
        with done.collect_errors():
            done.written += write_all(result, folder, job.catalogue, drawing_of(job.settings))
        with done.collect_errors():
            done.written += write_formats(what.formats, result, result.poses, folder, job.catalogue)
        with done.collect_errors():
            enter(result, video, job, what.entry)
    if job.pictures and not job.stopped():
        with media_bar(f"{label}: pictures") as progress, done.collect_errors(), contextlib.suppress(KeyboardInterrupt):
            write_page(result, folder, job.catalogue, drawing_of(job.settings), take_pictures(video, result, job, progress))
    if annotate and result.complete and not job.stopped():
        with media_bar(f"{label}: annotating") as progress, done.collect_errors(), contextlib.suppress(KeyboardInterrupt):
            done.written.append(annotate_video(video, result, job, folder, progress))
            done.notes += [note] if (note := encoder_note()) else []
