"""Recorded files: measure, find the neutral, classify, and put together what every report is written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from posture._support import config, parameters
from posture._support.catalogue import movements
from posture.biomechanics import Neutral, Parameters, moved
from posture.capture import Crop, Streamed, VideoFacts
from posture.engine import (
    Bout,
    DaySummary,
    Engine,
    EngineOutput,
    Measurement,
    RecordingResult,
    agreeing,
    bouts_of,
    dominant,
    find_bouts,
    own_ranges,
    run,
    summarise,
    view_of,
)
from posture.errors import InputError
from posture.pose import Choice
from posture.prompts import Catalogue, PromptScheduler, finding_of, heat_allowed, held_line, prompt_line
from posture.recordings import run_record, sample_cache
from posture.recordings.local_pool import Progress, default_jobs, measure_here, measure_parts
from posture.recordings.merging import Measured, PartMerger, PartSink
from posture.recordings.notes import elsewhere_notes, file_notes, neutral_notes, rotation_to_upright, sample_notes, time_notes
from posture.recordings.parts import Task, measure_stream, parts_of, survey
from posture.recordings.run_record import SECTIONS, labelled, neutral_facts, python_and_opencv, record_of, with_file, with_stream
from posture.recordings.sample_cache import versions
from posture.recordings.stamps import BackgroundStamp
from posture.reports import clock
from posture.settings import Settings
from posture.types import EpisodeKind, Reading, SelfReport, ShownPrompt, View

EXERCISE_RATE_HZ = 8.0
"""Readings a second where exercises are counted and nobody said another rate."""
_TOLERANCE_S = 1.0
"""The length that a file announces is off by this at most."""


@dataclass(frozen=True, slots=True)
class Job:
    """How one recording is to be analysed."""

    settings: Settings
    model: Path
    model_facts: Mapping[str, object]
    catalogue: Catalogue
    neutral_span: tuple[float, float] | None = None
    """Seconds in which the person sits in their neutral; ``None``: the profile, or an automatic choice."""
    profile: Neutral | None = None
    view: View | None = None
    """``None``: found from the pose."""
    start_s: float | None = None
    end_s: float | None = None
    keep_poses: bool = False
    exercises: str | None = None
    """Count this exercise, by its id, or look for all (`ALL_EXERCISES`); ``None``: neither."""
    parameters: Parameters | None = None
    """Fitted networks to use instead of the shipped ones."""
    own_day: bool = False
    """It is the reader's own day."""
    pictures: bool = False
    """The page shows pictures."""
    show_faces: bool = False
    """Hide nothing in them."""
    history: Sequence[ShownPrompt] = ()
    """For one's own day: prompts shown before, in seconds since the recording's start."""
    reports: Sequence[SelfReport] = ()
    """For one's own day: all self-reports."""
    flagged: bool = False
    """For one's own day: a red flag is up, also one that no single report raises (stiffness on days running)."""
    start_epoch_s: float = 0.0
    """What second 0 of the recording is in seconds since the epoch, for one's own day."""
    person: Choice = Choice.MAIN
    """Whom to measure of several people."""
    source: Streamed | None = None
    """Read once instead of the file: a pipe or stream."""
    stopped: Callable[[], bool] = lambda: False
    """Asked after every frame: whether to end the measuring here."""
    jobs: int | None = None
    """How many processes share the parts of a long recording; ``None``: as many as there are cores. The readings do not depend on it."""
    adaptive: bool = False
    """Measure less often while nothing changes; a frame that is not measured repeats the last reading, and is marked as held."""
    cache: Path | None = None
    """Folder of the landmark cache."""
    part_s: float | None = None
    """Length of the parts of a long recording, seconds; ``None``: by its length."""
    fps: float | None = None
    """Pictures per second of a recording that carries no times; ``None``: by its own account, else 25."""
    rotate_deg: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves."""
    about: Mapping[str, str] = field(default_factory=dict)
    """What the user says of the recordings, see `RecordingResult`."""
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The groups of each recording, by its absolute path."""
    media: Mapping[str, str] = field(default_factory=dict)
    """The path of each recording from the folder of its results, by its absolute path; see `RecordingResult`."""
    command: tuple[str, ...] | None = None
    """The command line, without credentials, for the record; ``None``: it was no command."""
    crop: Crop | None = None
    """The part of the upright picture that is measured; ``None``: all of it."""


def no_progress(_done_s: float, _total_s: float | None) -> None:
    """Ignore progress."""


def analyze(video: Path, job: Job, progress: Progress = no_progress) -> RecordingResult:
    """Analyse one recording. Ctrl-C (or ``job.stopped``) ends the measuring; what was measured by then is analysed, and marked incomplete.

    Args:
        video: the file.
        job: how.
        progress: receives how far it is.

    Raises:
        InputError: the file cannot be read, or nobody was seen during the upright span.
        ModelError: the pose weights cannot be loaded.
        KeyboardInterrupt: it was stopped before the end of the span given as neutral.
    """
    if job.source is not None:
        found = analyze_measured(_of_stream(job.source, video, job, progress), job)
        return labelled(with_stream(found, job.source.address), video, job)
    with BackgroundStamp(video) as stamp:
        neutral = neutral_outside(video, job)
        key = cache_key(video, job)
        measured = cached(job, key, video.name) or _measure(video, job, progress, key)
        if not neutral_reached(measured, job):
            raise KeyboardInterrupt
        measured.neutral = neutral
        found = analyze_measured(measured, job)
        return labelled(with_file(found, video, stamp.result(None if measured.complete else _TOLERANCE_S)), video, job)


def neutral_reached(measured: Measured, job: Job) -> bool:
    """Return whether the measuring came to the end of the span given as neutral."""
    if measured.complete or job.neutral_span is None or is_outside(job.neutral_span, job):
        return True
    return len(measured.samples) > 0 and measured.samples.time_s(len(measured.samples) - 1) >= job.neutral_span[1]


def is_outside(span: tuple[float, float], job: Job) -> bool:
    """Return whether a span, seconds, reaches outside the part of the recording that is measured."""
    return span[0] < (job.start_s or 0.0) or (job.end_s is not None and span[1] > job.end_s)


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
    measured = cached(alone, key, video.name) or _measure(video, alone, no_progress, key, here=here)
    if not measured.complete:
        raise KeyboardInterrupt
    measurement = Measurement(job.settings, job.parameters or parameters.load(), view=job.view, neutral_span=span)
    measurement.prepare(measured.samples)
    assert measurement.neutral is not None  # or it would have been an error
    return measurement.neutral


def worth_it(measured: Measured, job: Job) -> bool:
    """Return whether there is anything to analyse: not if it was stopped before the first sample, or before the end of the neutral."""
    return measured.complete or (len(measured.samples) > 0 and neutral_reached(measured, job))


def analyze_measured(measured: Measured, job: Job) -> RecordingResult:
    """Analyse the samples of a recording, all of them or as many as there are.

    Raises:
        InputError: nobody was seen during the upright span.
    """
    networks = job.parameters or parameters.load()
    elsewhere = measured.neutral or job.profile
    measurement = Measurement(job.settings, networks, elsewhere, view=job.view, neutral_span=job.neutral_span, own=job.own_day)
    measurement.prepare(measured.samples)
    prompter = PromptScheduler(
        job.catalogue,
        job.settings.prompts,
        dose=job.settings.dose,
        history=job.history,
        reports=job.reports,
        start_epoch_s=job.start_epoch_s,
    )
    start = job.start_s or 0.0
    if job.flagged:
        prompter.keep_flag_up(start)
    engine = Engine(measurement.settings, prompter, start)
    end_s = measured.end_s(start, job.end_s, 1.0 / job.settings.measure.rate_hz)
    doses: list[Mapping[EpisodeKind, float]] = []
    drifts: list[str] = []
    relative: list[Reading] = []

    def readings() -> Iterator[Reading]:
        for update in measurement.process_recording(measured.samples):
            if update.drift:
                drifts.append(f"Noticed at {clock(update.reading.time_s)}: {update.drift}")
            if job.exercises is not None:
                relative.append(update.relative or update.reading)
            yield update.reading

    total = run(readings(), engine, end_s, lambda out: doses.append(out.dose_s))
    notes = _notes(measured, measurement, total, job, drifts)
    found = analysis_of(total, measured.facts, job, measurement.neutral, notes, complete=measured.complete, flagged=prompter.flagged)
    bouts = None if job.exercises is None else exercises_in(relative, measurement.neutral, job.exercises, job.settings)
    return replace(found, poses=measured.poses, doses=doses, exercises=bouts)


def exercises_in(readings: Sequence[Reading], neutral: Neutral | None, which: str, settings: Settings) -> tuple[Bout, ...]:
    """Return the bouts of the exercise `which`, or of any, in readings that were smoothed both ways."""
    specs = movements()
    own, smooth_s = own_ranges(neutral, specs.values()), settings.measure.recorded_smooth_s
    known = neutral is not None and neutral.source != "automatic"
    if which == run_record.ALL_EXERCISES:
        return tuple(find_bouts(readings, specs.values(), own, smooth_s=smooth_s, neutral_known=known))
    return tuple(bouts_of(readings, specs[which], own.get(which), smooth_s=smooth_s, neutral_known=known))


def analysis_of(
    total: EngineOutput,
    facts: VideoFacts,
    job: Job,
    neutral: Neutral | None,
    notes: Sequence[str],
    *,
    complete: bool,
    flagged: bool = False,
) -> RecordingResult:
    """Put together what every report is written from; `total`: all that came of the readings."""
    total.judged = agreeing(total.judged, total.spans)
    total.episodes.sort(key=lambda e: (e.start_s, e.kind))
    total.moves.sort(key=lambda m: m.time_s)
    return RecordingResult(
        video=facts.summary,
        judged=tuple(total.judged),
        spans=tuple(total.spans),
        episodes=tuple(total.episodes),
        moves=tuple(total.moves),
        shown=tuple(total.shown),
        held=tuple(total.held),
        summary=summary_of(total, job, flagged, notes),
        neutral=neutral_facts(neutral),
        model=job.model_facts,
        versions=versions() | python_and_opencv(),
        changed_settings={k: v for k, v in config.changed(job.settings).items() if k.partition(".")[0] in SECTIONS},
        own_thresholds={f"bands.{name}": deg for name, deg in moved(job.settings.bands, neutral).items()},
        complete=complete,
        run=record_of(job, own_parameters=job.parameters is not None),
        reference=neutral,
        own_day=job.own_day,
    )


def summary_of(total: EngineOutput, job: Job, flagged: bool, notes: Sequence[str]) -> DaySummary:
    """Summarise everything that came of a recording."""
    kind = dominant(total.episodes, job.settings.dose)
    finding = None
    if kind is not None:
        heat = heat_allowed(job.reports)
        finding = finding_of(kind, job.catalogue, flagged=flagged, heat=heat, own=job.own_day)
    return summarise(
        total.spans,
        total.moves,
        total.episodes,
        prompts=[prompt_line(p, job.catalogue) for p in total.shown],
        held=[held_line(h, own=job.own_day) for h in total.held],
        finding=finding,
        notes=notes,
    )


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
    if low_s >= facts.duration_s or high_s > facts.duration_s + _TOLERANCE_S:
        words = f"--neutral {typed}" if typed else f"the upright span, {low_s:g}-{high_s:g} s,"
        raise InputError(f"{facts.name}: {words} goes past the end of the recording at {facts.duration_s:.1f} s")


def cache_key(video: Path, job: Job) -> str | None:
    """Return the key of a recording in the landmark cache; ``None`` without a cache. Reads the whole file."""
    return None if job.cache is None else sample_cache.key_of(task_of(video, job), job.part_s)


def cached(job: Job, key: str | None, name: str) -> Measured | None:
    """Return what the landmark cache holds under `key`, if it does, as measured from a file of this name."""
    return None if job.cache is None or key is None else sample_cache.load(job.cache, key, name, keep_poses=job.keep_poses)


def _measure(video: Path, job: Job, progress: Progress, key: str | None, *, here: bool = False) -> Measured:
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


def _of_stream(source: Streamed, video: Path, job: Job, progress: Progress) -> Measured:
    merger = PartMerger(None, keep_poses=job.keep_poses)
    task = replace(task_of(video, job), keep_poses=job.keep_poses)
    start_s = job.start_s or 0.0
    part = measure_stream(source, task, lambda done_s: progress(start_s + done_s, job.end_s), job.stopped)
    merger.add(part)
    merger.measured.facts = source.facts
    return merger.finish() if part.end is not None else merger.measured


def _notes(measured: Measured, measurement: Measurement, total: EngineOutput, job: Job, drifts: Sequence[str]) -> list[str]:
    """Return what a reader of the figures must know; `drifts`: noticed on the way."""
    notes = file_notes(measured.facts)
    if not measured.complete:
        notes.insert(0, "The analysis was stopped before the end of the recording; this is the part it measured.")
    readings = [j.reading for j in total.judged]
    rotate = rotation_to_upright(measured.samples)
    neutral, view = measurement.neutral, view_of(readings)
    if not rotate:  # else the neutral lies on its side too, which is said
        notes += neutral_notes(neutral, readings, moved(job.settings.bands, neutral))
    if elsewhere := measured.neutral or job.profile:
        unfit = elsewhere_notes(elsewhere, measured.samples, job.settings.measure, view)
        notes, drifts = notes + unfit, () if unfit else drifts
    return [*notes, *sample_notes(measured.samples, rotate, job.person, view), *time_notes(total), *drifts]
