"""Measures what a job names: a file by parts, a stream, or the seconds that show the neutral; or finds it in the landmark cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from posture._support import parameters
from posture.biomechanics import Neutral
from posture.capture import Streamed, VideoFacts
from posture.engine import Measurement
from posture.errors import InputError
from posture.recordings import sample_cache
from posture.recordings.job import Job, is_outside, no_progress
from posture.recordings.local_pool import Progress, default_jobs, measure_here, measure_parts
from posture.recordings.merging import Measured, PartMerger, PartSink
from posture.recordings.parts import Task, measure_stream, parts_of, survey

TOLERANCE_S = 1.0
"""The length that a file announces is off by this at most."""


def neutral_reached(measured: Measured, job: Job) -> bool:
    """Return whether the measuring came to the end of the span given as neutral."""
    if measured.complete or job.neutral_span is None or is_outside(job.neutral_span, job):
        return True
    return len(measured.samples) > 0 and measured.samples.time_s(len(measured.samples) - 1) >= job.neutral_span[1]


def neutral_outside(video: Path, job: Job, *, here: bool = False) -> Neutral | None:
    """Return the neutral of a span outside the part that is measured, measured by itself; ``None`` if it lies inside. See `neutral_in`."""
    if job.neutral_span is None or not is_outside(job.neutral_span, job):
        return None
    return neutral_in(video, job.neutral_span, job, here=here)


def neutral_in(video: Path, span: tuple[float, float], job: Job, *, here: bool = False) -> Neutral:
    """Return the neutral that a span of a recording shows, measured as `job` measures.

    Args:
        video: the file.
        span: from and to, seconds.
        job: how; its own part and neutral count not.
        here: measure in this process, whatever ``job.stopped`` says.

    Raises:
        InputError: the file cannot be read, or ends before the span does, or nobody was seen in it.
        ModelError: the pose weights cannot be loaded.
        KeyboardInterrupt: it was stopped.
    """
    alone = replace(job, start_s=span[0], end_s=span[1], neutral_span=span, profile=None, keep_poses=False)
    key = cache_key(video, alone)
    measured = cached(alone, key, video.name) or measured_file(video, alone, no_progress, key, here=here)
    if not measured.complete:
        raise KeyboardInterrupt
    measurement = Measurement(job.settings, job.parameters or parameters.load(), view=job.view, neutral_span=span)
    measurement.prepare(measured.samples)
    assert measurement.neutral is not None  # or it would have been an error
    return measurement.neutral


def worth_it(measured: Measured, job: Job) -> bool:
    """Return whether there is anything to analyse: not if it was stopped before the first sample, or before the end of the neutral."""
    return measured.complete or (len(measured.samples) > 0 and neutral_reached(measured, job))


def task_of(video: Path, job: Job, facts: VideoFacts | None = None) -> Task:
    """Return the task that measures a recording in one piece; `facts`: what is known of it."""
    return Task(
        video=video,
        model=job.model,
        rate_hz=job.settings.measure.rate_hz,
        start_s=job.start_s,
        end_s=job.end_s,
        person=job.person,
        adaptive=job.adaptive,
        keep_poses=job.keep_poses or job.cache is not None,
        fps=job.fps,
        rotate_deg=job.rotate_deg,
        crop=job.crop,
        size=None if facts is None else (facts.width, facts.height),
    )


def check_neutral(facts: VideoFacts, job: Job, typed: str | None = None) -> None:
    """Check that the span given as neutral (`typed` so by the user) lies within the recording, as far as its length is known.

    Raises:
        InputError: it does not.
    """
    if job.neutral_span is None or facts.duration_s is None:
        return
    low_s, high_s = job.neutral_span
    if low_s >= facts.duration_s or high_s > facts.duration_s + TOLERANCE_S:
        words = f"--neutral {typed}" if typed else f"the upright span, {low_s:g}-{high_s:g} s,"
        raise InputError(f"{facts.name}: {words} goes past the end of the recording at {facts.duration_s:.1f} s")


def cache_key(video: Path, job: Job) -> str | None:
    """Return the key of a recording in the landmark cache; ``None`` without a cache. Reads the whole file."""
    return None if job.cache is None else sample_cache.key_of(task_of(video, job), job.part_s)


def cached(job: Job, key: str | None, name: str) -> Measured | None:
    """Return what the landmark cache holds under `key`, if it does, as measured from a file of this name."""
    return None if job.cache is None or key is None else sample_cache.load(job.cache, key, name, keep_poses=job.keep_poses)


def measured_file(video: Path, job: Job, progress: Progress, key: str | None, *, here: bool = False) -> Measured:
    """Measure a recording in as many parts and by as many processes as are worth it, and keep it under `key`; no picture is kept.

    With `here` by this process.

    Raises:
        InputError: it cannot be read, or ends before the neutral does.
        ModelError: the pose weights cannot be loaded.
    """
    facts, cuts = survey(task_of(video, job), job.part_s)
    check_neutral(facts, job)
    parts = parts_of(task_of(video, job, facts), cuts)
    if job.cache is None or key is None:
        return _by_parts(parts, facts, job, progress, here=here)
    with sample_cache.CacheWriter(job.cache, key) as keeper:
        measured = _by_parts(parts, facts, job, progress, keeper.add, here=here)
        if measured.complete:
            keeper.finish(measured.facts)
    return measured


def _by_parts(
    parts: Sequence[Task], facts: VideoFacts, job: Job, progress: Progress, each: PartSink | None = None, *, here: bool
) -> Measured:
    merger = PartMerger(facts, keep_poses=job.keep_poses, each=each)
    if here:
        measure_here(parts, merger)
        return merger.measured
    start_s, end_s = job.start_s or 0.0, job.end_s if job.end_s is not None else facts.duration_s or facts.guess_s
    measure_parts(parts, job.jobs or default_jobs(), merger, lambda done_s: progress(start_s + done_s, end_s), job.stopped)
    return merger.measured


def measured_stream(source: Streamed, video: Path, job: Job, progress: Progress) -> Measured:
    """Measure a pipe or stream, which is read once; `video`: the name that it goes by.

    Raises:
        InputError: it cannot be read.
        ModelError: the pose weights cannot be loaded.
    """
    merger = PartMerger(None, keep_poses=job.keep_poses)
    task = replace(task_of(video, job), keep_poses=job.keep_poses)
    start_s = job.start_s or 0.0
    part = measure_stream(source, task, lambda done_s: progress(start_s + done_s, job.end_s), job.stopped)
    merger.add(part)
    merger.measured.facts = source.facts
    return merger.finish() if part.end is not None else merger.measured
