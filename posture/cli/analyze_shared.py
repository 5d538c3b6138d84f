"""``posture analyze`` with several recordings at a time: by the workers of a cluster, or by processes of this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import typer
from rich.progress import TimeElapsedColumn

from posture._support import make_folder, write_whole
from posture.capture import Streamed, VideoFile, check_is_file, try_opening
from posture.cli.analyze_console import AnalyzedRecording
from posture.cli.analyze_many import FinishedRecording
from posture.cli.analyze_options import check_writable
from posture.cli.console import err, warn
from posture.cli.interrupts import held_interrupts
from posture.cli.progress import counting_bar
from posture.errors import InputError, PostureError
from posture.recordings import (
    InputFile,
    InputKind,
    Job,
    JobResult,
    StoreOptions,
    analyze_in_processes,
    analyze_on_cluster,
    check_replaceable,
    connected,
    dask_pool as cluster,
    default_jobs,
    enter,
    neutral_in,
)
from posture.reports import Format, past_of
from posture.storage import Store


def check_scheduler(
    recordings: Sequence[InputFile], address: str | None, *, as_day: bool, twice: str | None, jobs: bool, cache_here: bool
) -> None:
    """Check that ``--scheduler`` goes together with the other options, and with what is to be analysed.

    Raises:
        PostureError: the address is none, or Dask is missing.
    """
    if address is None:
        return
    cluster.check_address(address)
    once = next((r for r in recordings if not r.repeatable), None)
    why = {
        "your own day is measured on this machine": as_day,
        f"{twice} reads the recording a second time, on this machine": twice is not None,
        "--jobs is for this machine; each worker takes one recording per thread": jobs,
        "--cache keeps landmarks on this machine; name a shared folder with --cache-dir": cache_here,
        f"the workers cannot read {once.label if once else ''}": once is not None,
    }
    for words, wrong in why.items():
        if wrong:
            raise typer.BadParameter(f"can't be combined with the rest: {words}", param_hint="--scheduler")
    cluster.distributed()


def with_neutral(job: Job, file: Path, span: tuple[float, float]) -> Job:
    """Return the job with the neutral that seconds of another recording show, measured in the same way.

    Raises:
        PostureError: the recording cannot be read, or is too short, or nobody was seen then.
        KeyboardInterrupt: Ctrl-C.
    """
    check_is_file(file)
    try_opening(file)
    with err.status(f"{file.name}: upright reference", spinner="dots"), held_interrupts() as held:
        try:
            neutral = neutral_in(file, span, replace(job, stopped=held))
        except InputError as error:
            words = str(error)
            raise InputError(words if words.startswith(file.name) else f"{file.name}: {words}") from None
    return replace(job, profile=replace(neutral, source=f"file {file.name}"))


def own_day(job: Job, began: datetime) -> Job:
    """Return the job with the user's own past: prompts shown before, self-reports, an open red flag."""
    with Store.open() as store:
        past = past_of(store, began.timestamp(), time.time())
    return replace(job, own_day=True, history=past.history, reports=past.reports, flagged=past.flagged, start_epoch_s=began.timestamp())


def with_source(recording: InputFile, job: Job) -> Job:
    """Return the job, reading from the pipe or stream if the recording comes from one."""
    if recording.repeatable:
        return job
    piped = recording.kind is InputKind.PIPE
    origin = sys.stdin.buffer if piped else recording.address or ""
    name = recording.path.name if piped else recording.label
    rate_hz, turned = job.settings.measure.rate_hz, job.rotate_deg
    source = Streamed(name, origin, rate_hz, job.start_s, job.end_s, stopped=job.stopped, fps=job.fps, rotate_deg=turned, crop=job.crop)
    return replace(job, source=source)


@dataclass(frozen=True, slots=True)
class Shared:
    """What is to be done with each recording."""

    job: Job
    entry: StoreOptions
    formats: frozenset[Format]
    names: Sequence[str]
    """The files that each gives."""
    overwrite: bool


def over_cluster(address: str, todo: Sequence[tuple[InputFile, Path]], what: Shared) -> Generator[FinishedRecording, None, None]:
    """Have the workers of a cluster analyse the recordings, and write the results here.

    Raises:
        PostureError: no worker, none that is fit, or no scheduler.
        KeyboardInterrupt: Ctrl-C; what is done by then is written.
    """
    sent: list[AnalyzedRecording] = []
    yield from _ready(todo, what, sent, here=False)
    if not sent:
        return
    with held_interrupts() as held, connected(address) as client, counting_bar("recordings", len(sent), TimeElapsedColumn()) as moved:
        results = analyze_on_cluster(client, _videos(sent), what.job, what.formats, stopped=held, say=warn, moved=moved)
        yield from _received(results, sent, what)


def side_by_side(recordings: Sequence[InputFile], jobs: int | None, *, twice: bool) -> int:
    """Return how many recordings to analyse at the same time without a cluster: one if they cannot be, or there is only one."""
    if twice or sum(r.error is None for r in recordings) < 2 or not all(r.repeatable for r in recordings):
        return 1
    return jobs or default_jobs()


def over_processes(jobs: int, todo: Sequence[tuple[InputFile, Path]], what: Shared) -> Generator[FinishedRecording, None, None]:
    """Have processes of this machine analyse the recordings, as many at a time as `jobs` says.

    Raises:
        KeyboardInterrupt: Ctrl-C; what was measured by then is written.
    """
    sent: list[AnalyzedRecording] = []
    yield from _ready(todo, what, sent, here=True)
    if not sent:
        return
    with held_interrupts() as held, counting_bar("recordings", len(sent), TimeElapsedColumn()) as moved:
        results = analyze_in_processes(_videos(sent), what.job, what.formats, jobs, stopped=held, moved=moved)
        yield from _received(results, sent, what)


def _ready(
    todo: Sequence[tuple[InputFile, Path]], what: Shared, ready: list[AnalyzedRecording], *, here: bool
) -> Iterator[FinishedRecording]:
    """Add the recordings that can be begun to `ready`, and yield the others as failed; `here`: this machine has to see them."""
    for recording, folder in todo:
        done = AnalyzedRecording(recording, folder)
        with done.collect_errors():
            if here and recording.error is None:
                check_is_file(recording.path)
            _check(done, what)
        if done.errors:
            yield FinishedRecording(done)
        else:
            ready.append(done)


def _videos(ready: Sequence[AnalyzedRecording]) -> list[Path]:
    return [d.recording.path.absolute() for d in ready]


def _received(results: Iterator[JobResult], sent: Sequence[AnalyzedRecording], what: Shared) -> Iterator[FinishedRecording]:
    for found in results:
        done = sent[found.number]
        _receive(done, found, what)
        yield FinishedRecording(done, found.stamp, found.machine or None, found.tries)
        done.result = None  # it has been printed, and all of an archive would fill the memory


def _check(done: AnalyzedRecording, what: Shared) -> None:
    """Check what can be known beforehand; whether the recording can be read, the worker finds out."""
    if done.recording.error is not None:
        raise InputError(f"{done.recording.label}: {done.recording.error}")
    check_writable(done.folder, str(done.folder))
    if what.overwrite or not any((done.folder / name).exists() for name in what.names) or not done.recording.path.exists():
        return
    try_opening(done.recording.path)
    job = what.job
    with VideoFile(done.recording.path, job.settings.measure.rate_hz, rotate_deg=job.rotate_deg, crop=job.crop) as source:
        check_replaceable(done.folder, what.names, source.facts)


def _receive(done: AnalyzedRecording, found: JobResult, what: Shared) -> None:
    """Write what came of a recording, and enter it into the database."""
    if found.error is not None or found.result is None:
        done.errors.append(found.error or PostureError(f"{done.recording.label}: no result"))
        return
    result = done.result = found.result
    with done.collect_errors():
        if not what.overwrite:
            check_replaceable(done.folder, what.names, result.video)
        make_folder(done.folder)
        for name, content in found.files.items():
            write_whole(done.folder / name, content)
            done.written.append(done.folder / name)
    with done.collect_errors():
        enter(result, done.recording.path, what.job, what.entry)
