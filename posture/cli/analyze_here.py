"""Measures recordings on this machine, one after the other, and writes, stores, pictures and annotates each."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path

from posture._support import load_cv2
from posture.capture import VideoFacts
from posture.cli import analyze_many as many, analyze_options as options, analyze_shared as shared
from posture.cli.analyze_console import AnalyzedRecording
from posture.cli.console import err
from posture.cli.interrupts import held_interrupts
from posture.cli.loading import drawing_of
from posture.cli.progress import media_bar
from posture.errors import InputError
from posture.recordings import InputFile, Job, analysis as work, annotate_video, check_before, check_replaceable, enter, take_pictures
from posture.reports import encoder_note, write_all, write_formats, write_page


def measured_here(
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
