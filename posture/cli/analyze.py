"""``posture analyze``: measure recordings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import typer

from posture._support import paths
from posture.cli import (
    analyze_many as many,
    analyze_options as options,
    analyze_parameters as parameters,
    analyze_repeat as repeating,
    analyze_shared as shared,
    study,
)
from posture.cli.analyze_here import measured_here
from posture.cli.console import warn
from posture.cli.loading import catalogue_of, model_file, settings_of
from posture.cli.options import ConfigOption, JsonOption, ModelOption, SetOption, examples
from posture.pose import Choice, weights
from posture.recordings import (
    EXERCISE_RATE_HZ,
    Job,
    StoreOptions,
    gather,
    media_paths,
    output_folders,
    profile_of,
)
from posture.reports import check as check_formats, needs_poses
from posture.types import View

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
    videos: parameters.VideosArgument = None,
    out_dir: parameters.OutOption = None,
    overwrite: parameters.OverwriteOption = False,
    lists: parameters.ListOption = None,
    neutral: parameters.NeutralOption = None,
    neutral_from: parameters.NeutralFromOption = None,
    profile: parameters.ProfileOption = None,
    view: parameters.ViewOption = parameters.ViewChoice.AUTO,
    person: parameters.PersonOption = Choice.MAIN,
    rate: parameters.RateOption = None,
    start: parameters.StartOption = None,
    end: parameters.EndOption = None,
    length: parameters.ForOption = None,
    rotate: parameters.RotateOption = None,
    crop: parameters.CropOption = None,
    fps: parameters.FpsOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    rula: parameters.RulaOption = None,
    formats: parameters.FormatOption = None,
    annotate: parameters.AnnotateOption = False,
    pictures: parameters.PicturesOption = False,
    show_faces: parameters.ShowFacesOption = False,
    keep: parameters.KeepOption = False,
    no_store: parameters.NoStoreOption = False,
    as_day: parameters.AsDayOption = None,
    replace: parameters.ReplaceOption = False,
    jobs: parameters.JobsOption = None,
    follow: parameters.FollowOption = None,
    adaptive: parameters.AdaptiveOption = None,
    cache: parameters.CacheOption = False,
    cache_dir: parameters.CacheDirOption = None,
    scheduler: parameters.SchedulerOption = None,
    resume: parameters.ResumeOption = False,
    exercises: parameters.ExercisesOption = None,
    group: study.GroupOption = None,
    subject: study.SubjectOption = None,
    analyst: study.AnalystOption = None,
    date: study.DateOption = None,
    note: study.NoteOption = None,
    shard: study.ShardOption = None,
    repeat: parameters.RepeatOption = None,
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
        repeating.run_again(repeat, videos or (), asked, lambda todo, what: measured_here(todo, what, None, None, annotate=annotate))
        return
    options.check_exercise(exercises)
    settings = options.with_rula(settings_of(config, set_), rula)
    settings = options.at_rate(settings, EXERCISE_RATE_HZ if exercises and rate is None else rate)
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
    job = Job(
        settings=settings,
        model=file,
        model_facts=weights.facts_of(model_name, file),
        catalogue=catalogue_of(settings),
        neutral_span=neutral_span,
        profile=own_neutral,
        view=None if view is parameters.ViewChoice.AUTO else View(view.value),
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
        steps = measured_here(todo, what, neutral, book, annotate=annotate)
    run.through(steps)


def _cache_folder(named: Path | None, wanted: bool) -> Path | None:
    return named or (paths.cache_folder(paths.LANDMARKS) if wanted else None)
