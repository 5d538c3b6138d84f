"""Recorded files: measure, find the neutral, classify, and put together what every report is written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from posture._support import config, parameters
from posture._support.catalogue import movements
from posture.biomechanics import Neutral, moved
from posture.capture import VideoFacts
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
from posture.prompts import PromptScheduler, finding_of, heat_allowed, held_line, prompt_line
from posture.recordings import run_record
from posture.recordings.job import Job, no_progress
from posture.recordings.local_pool import Progress
from posture.recordings.measuring import TOLERANCE_S, cache_key, cached, measured_file, measured_stream, neutral_outside, neutral_reached
from posture.recordings.merging import Measured
from posture.recordings.notes import elsewhere_notes, file_notes, neutral_notes, rotation_to_upright, sample_notes, time_notes
from posture.recordings.run_record import SECTIONS, labelled, neutral_facts, python_and_opencv, record_of, with_file, with_stream
from posture.recordings.sample_cache import versions
from posture.recordings.stamps import BackgroundStamp
from posture.reports import clock
from posture.settings import Settings
from posture.types import EpisodeKind, Reading


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
        found = analyze_measured(measured_stream(job.source, video, job, progress), job)
        return labelled(with_stream(found, job.source.address), video, job)
    with BackgroundStamp(video) as stamp:
        neutral = neutral_outside(video, job)
        key = cache_key(video, job)
        measured = cached(job, key, video.name) or measured_file(video, job, progress, key)
        if not neutral_reached(measured, job):
            raise KeyboardInterrupt
        measured.neutral = neutral
        found = analyze_measured(measured, job)
        return labelled(with_file(found, video, stamp.result(None if measured.complete else TOLERANCE_S)), video, job)


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
    kept: list[Reading] = []

    def readings() -> Iterator[Reading]:
        for update in measurement.process_recording(measured.samples):
            if update.drift:
                drifts.append(f"Noticed at {clock(update.reading.time_s)}: {update.drift}")
            if job.exercises is not None:
                kept.append(update.reading)
            yield update.reading

    total = run(readings(), engine, end_s, lambda out: doses.append(out.dose_s))
    notes = _notes(measured, measurement, total, job, drifts)
    found = analysis_of(total, measured.facts, job, measurement.neutral, notes, complete=measured.complete, flagged=prompter.flagged)
    bouts = None if job.exercises is None else exercises_in(kept, measurement.neutral, job.exercises, job.settings)
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
