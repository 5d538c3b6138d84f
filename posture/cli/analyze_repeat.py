"""``posture analyze --repeat``: which options go with it, what it measures, and whether the tables came out the same."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from posture.cli import analyze_many as many, analyze_options as options, analyze_shared as shared
from posture.cli.console import say, warn
from posture.cli.loading import catalogue_of, model_file
from posture.pose import weights
from posture.recordings import RESULTS, EarlierRun, InputFile, Job, StoreOptions, gather, media_paths, read_run
from posture.reports import REPEATED, Format, check as check_formats, needs_poses

WITH_REPEAT = frozenset({
    *("repeat", "videos", "out_dir", "overwrite", "jobs", "formats", "annotate", "cache", "cache_dir", "scheduler", "json_", "model"),
    "no_store",
})  # fmt: skip
"""Parameters that change no number, by their names in the command's function."""
Here = Callable[[Sequence[tuple[InputFile, Path]], shared.Shared], Generator[many.FinishedRecording, None, None]]
"""Measures recordings on this machine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be asked for beside ``--repeat``."""

    command: tuple[str, ...]
    out_dir: Path | None
    formats: frozenset[Format]
    model: str | None
    """Where the pose model is now."""
    jobs: int | None
    cache: Path | None
    cache_here: bool
    """The cache is this machine's own."""
    scheduler: str | None
    overwrite: bool
    annotate: bool
    quiet: bool


def check_alone(ctx: Any) -> None:
    """Check that nothing beside ``--repeat`` says how to measure: the record says that.

    Raises:
        typer.BadParameter: something does.
    """
    for parameter in ctx.command.params:
        given = ctx.get_parameter_source(parameter.name)
        if given is not None and given.name == "COMMANDLINE" and parameter.name not in WITH_REPEAT:
            raise typer.BadParameter(f"can't be combined with {parameter.opts[0]}: the record says how to measure", param_hint="--repeat")


def recording_of(earlier: EarlierRun, videos: Sequence[str]) -> InputFile:
    """Return the recording of the run, from where it was or from its new place.

    Raises:
        typer.BadParameter: several are named.
        InputError: it is not there, or is another one.
    """
    if len(videos) > 1:
        raise typer.BadParameter("takes one VIDEO at most, the new place of its recording", param_hint="--repeat")
    return gather([earlier.recording(Path(videos[0]) if videos else None)])[0]


def folder_of(earlier: EarlierRun, out_dir: Path | None) -> Path:
    """Return where the results go: by default beside those of the run, which stay."""
    if out_dir is not None:
        return out_dir
    first = earlier.file.parent if earlier.file.parent.name not in ("", "..") else earlier.file.absolute().parent.resolve()
    return first.with_name(first.name.removesuffix(RESULTS) + REPEATED)


def job_of(earlier: EarlierRun, recording: InputFile, asked: Asked) -> Job:
    """Return how to measure: as the record says.

    Raises:
        InputError: pose model or fitted parameters are not those of the run.
        ModelError: the pose model is not to be had.
        CatalogueError: so are the prompts.
    """
    name = asked.model or earlier.model
    file = model_file(name)
    facts = weights.facts_of(name, file)
    earlier.check_numbers(facts["sha256"])
    return Job(
        settings=earlier.settings,
        model=file,
        model_facts=facts,
        catalogue=catalogue_of(earlier.settings),
        keep_poses=asked.annotate or needs_poses(asked.formats),
        jobs=asked.jobs,
        cache=asked.cache,
        command=asked.command,
        about=earlier.about,
        groups={str(recording.path.absolute()): earlier.groups},
        **earlier.options,
    )


def compare(earlier: EarlierRun, folder: Path, *, quiet: bool) -> None:
    """Say whether the tables are those of the run.

    Raises:
        InputError: a table cannot be read.
        typer.Exit: they are not.
    """
    there = earlier.file.parent
    for name in earlier.missing:
        warn(f"{name}: is not in {there}, so it can't be compared")
    if not earlier.tables:
        return
    if differing := earlier.differing(folder):
        warn(f"{', '.join(differing)}: not the same as in {there}")
        raise typer.Exit(1)
    if not quiet:
        say(f"{' and '.join(earlier.tables)}: the same as in {there}, byte for byte")


def run_again(file: Path, videos: Sequence[str], asked: Asked, here: Here) -> None:
    """Measure a recording as the record of an earlier run says; nothing is stored. `here` does so on this machine.

    Raises:
        PostureError: it cannot be repeated.
        typer.Exit: the tables are not those of the run.
    """
    earlier = read_run(file)
    recording, folder = recording_of(earlier, videos), folder_of(earlier, asked.out_dir)
    options.check_writable(folder, str(folder))
    check_formats(asked.formats)
    twice = "--annotate" if asked.annotate else None
    shared.check_scheduler(
        [recording], asked.scheduler, as_day=False, twice=twice, jobs=asked.jobs is not None, cache_here=asked.cache_here
    )
    job = replace(job_of(earlier, recording, asked), media=media_paths([recording], [folder]))
    job = job if earlier.as_day is None else shared.own_day(job, earlier.as_day)
    for line in earlier.warnings(job.catalogue):
        warn(line)
    run = many.ArchiveRun([recording], [folder], job, None, quiet=asked.quiet, annotate=asked.annotate)
    names = many.result_names(asked.formats, annotate=asked.annotate)
    entry = StoreOptions(store=False, as_day=None, replace=False, profile=None)
    what, todo = shared.Shared(job, entry, asked.formats, names, asked.overwrite), run.todo(resume=False)
    if asked.scheduler is not None:
        run.through(shared.over_cluster(asked.scheduler, todo, what))
    else:
        run.through(here(todo, what))
    compare(earlier, folder, quiet=asked.quiet)
