"""Recorded files: measure, find the neutral, walk, and put together what every report is written from."""

from __future__ import annotations

import platform
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from posture import __version__, config, landmark_cache, parameters
from posture.engine.engine import Engine, EngineOutput, run
from posture.engine.measurement import Measurement
from posture.findings import finding_of, held_line, prompt_line
from posture.kinematics.calibration import Neutral
from posture.kinematics.learned import Parameters
from posture.measuring import Joiner, Measured, Part, Watch, measure_parts, measure_stream, parts_of
from posture.model import InputError, Judged, Kind, Pose, Reading, SelfReport, ShownPrompt, Sight, Span, View
from posture.own_bands import moved
from posture.person import Choice
from posture.prompts import Catalogue, PromptDesk, heat_allowed
from posture.recording import Analysis, VideoFactsLine
from posture.recording_notes import neutral_notes, rotation_to_upright, sample_notes, time_notes
from posture.redflags import last_numb_s
from posture.reports.words import clock
from posture.sample_rows import SampleRows
from posture.segments import Survey, Surveyed, Task, survey
from posture.settings import Settings
from posture.sources.streamed import Streamed
from posture.sources.video_file import VideoFacts
from posture.summary import DaySummary, dominant, summarise
from posture.workers import Pool, default_jobs

_TOLERANCE_S = 1.0
"""The length that a file announces is off by this at most."""

Progress = Callable[[float, float | None], None]
"""Told the seconds of the recording that are done, and how many there are (``None``: unknown)."""


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
    """``None``: told from the pose."""
    start_s: float | None = None
    end_s: float | None = None
    keep_poses: bool = False
    parameters: Parameters | None = None
    """Fitted networks to use instead of the shipped ones."""
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
    """Look less often while nothing changes; what was not looked at repeats the last reading, and is marked as held."""
    cache: Path | None = None
    """Folder in which landmarks are kept, and looked for before measuring."""
    part_s: float | None = None
    """Length of the parts of a long recording, seconds; ``None``: by its length."""
    fps: float | None = None
    """Pictures per second of a recording that carries no times; ``None``: by its own account, else 25."""
    rotate_deg: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """An analysis, with what only an annotated video and the profile need."""

    analysis: Analysis
    neutral: Neutral | None
    poses: Mapping[float, Pose]
    doses: Sequence[DosesAt]


@dataclass(frozen=True, slots=True)
class DosesAt:
    """The doses after one reading."""

    dose_s: Mapping[Kind, float]
    """Sitting is seconds of unbroken sitting."""


def no_progress(_done_s: float, _total_s: float | None) -> None:
    """Nobody asks."""


def analyze(video: Path, job: Job, progress: Progress = no_progress) -> Result:
    """Analyse one recording. Ctrl-C (or ``job.stopped``) ends the measuring; what was measured by then is analysed, and marked incomplete.

    Args:
        video: the file.
        job: how.
        progress: is told how far it is.

    Raises:
        InputError: the file cannot be read, or nobody was seen in the span given as neutral.
        ModelError: the pose weights cannot be loaded.
        KeyboardInterrupt: it was stopped before the end of the span given as neutral.
    """
    if job.source is not None:
        watch = Watch(progress, job.stopped, job.start_s or 0.0, job.end_s)
        task = replace(task_of(video, job), keep_poses=job.keep_poses)
        return analyze_measured(measure_stream(job.source, task, Joiner(None, keep_poses=job.keep_poses), watch), job)
    key = cache_key(video, job)
    measured = cached(job, key) or measure(video, job, survey(survey_of(video, job)), progress, key=key)
    if not neutral_reached(measured, job):
        raise KeyboardInterrupt
    return analyze_measured(measured, job)


def neutral_reached(measured: Measured, job: Job) -> bool:
    """Whether it was not stopped before the end of the span given as neutral."""
    if measured.complete or job.neutral_span is None:
        return True
    return len(measured.samples) > 0 and measured.samples.time_s(len(measured.samples) - 1) >= job.neutral_span[1]


def worth_it(measured: Measured, job: Job) -> bool:
    """Whether there is something to analyse: not if it was stopped before anything was seen, or before the end of the neutral."""
    return measured.complete or (len(measured.samples) > 0 and neutral_reached(measured, job))


def analyze_measured(measured: Measured, job: Job) -> Result:
    """Analyse what was seen in a recording, all of it or as much as there is.

    Raises:
        InputError: nobody was seen in the span given as neutral.
    """
    networks = job.parameters or parameters.load()
    measurement = Measurement(job.settings, networks, job.profile, view=job.view, neutral_span=job.neutral_span)
    measurement.prepare(measured.samples)
    desk = PromptDesk(job.catalogue, job.settings.prompts, history=job.history, reports=job.reports, start_epoch_s=job.start_epoch_s)
    start = job.start_s or 0.0
    if job.flagged:
        desk.keep_flag_up(start)
    engine = Engine(measurement.settings, desk, start)
    end_s = _end_of(measured.samples, measured.facts, job, measured.complete)
    each: list[DosesAt] = []
    drifts: list[str] = []

    def readings() -> Iterator[Reading]:
        for update in measurement.process_recording(measured.samples):
            if update.drift is not None:
                drifts.append(f"Noticed at {clock(update.reading.time_s)}: {update.drift}")
            yield update.reading

    total = run(readings(), engine, end_s, lambda out: each.append(DosesAt(out.dose_s)))
    notes = _notes(measured, measurement, total, job) + drifts
    found = analysis_of(total, measured.facts, job, measurement.neutral, notes, complete=measured.complete, flagged=desk.flagged)
    return Result(found, measurement.neutral, measured.poses, each)


def analysis_of(
    total: EngineOutput,
    facts: VideoFacts,
    job: Job,
    neutral: Neutral | None,
    notes: Sequence[str],
    *,
    complete: bool,
    flagged: bool = False,
) -> Analysis:
    """What every report is written from, of all that came of the readings of a recording."""
    total.judged = _relabelled(total.judged, total.spans)
    total.episodes.sort(key=lambda e: (e.start_s, e.kind))
    total.moves.sort(key=lambda m: m.time_s)
    return Analysis(
        video=facts_line(facts),
        judged=tuple(total.judged),
        spans=tuple(total.spans),
        episodes=tuple(total.episodes),
        moves=tuple(total.moves),
        shown=tuple(total.shown),
        held=tuple(total.held),
        summary=summary_of(total, job, flagged, notes),
        neutral=_neutral_facts(neutral),
        model=job.model_facts,
        versions={p: version(p) for p in ("mediapipe", "numpy", "av")} | {"posture": __version__, "python": platform.python_version()},
        changed_settings=config.changed(job.settings),
        own_thresholds={f"bands.{name}": deg for name, deg in moved(job.settings.bands, neutral).items()},
        complete=complete,
    )


def summary_of(total: EngineOutput, job: Job, flagged: bool, notes: Sequence[str]) -> DaySummary:
    """The summary of everything that came of a recording."""
    kind = dominant(total.episodes, job.settings.dose)
    finding = None
    if kind is not None:
        heat = heat_allowed(last_numb_s(job.reports))
        finding = finding_of(kind, job.catalogue, flagged=flagged, heat=heat)
    return summarise(
        total.spans,
        total.moves,
        total.episodes,
        prompts=[prompt_line(p, job.catalogue) for p in total.shown],
        held=[held_line(h) for h in total.held],
        finding=finding,
        notes=notes,
    )


def task_of(video: Path, job: Job, facts: VideoFacts | None = None) -> Task:
    """What is to be measured, in one piece; `facts`: what is known of it."""
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
        size=None if facts is None else (facts.width, facts.height),
    )


def survey_of(video: Path, job: Job) -> Survey:
    """What is to be found out before it is measured."""
    return Survey(video, job.settings.measure.rate_hz, job.start_s, job.end_s, job.part_s, job.fps, job.rotate_deg)


def check_neutral(facts: VideoFacts, job: Job, typed: str | None = None) -> None:
    """That the span given as neutral (`typed` so by the user) lies within the recording, as far as its length is known.

    Raises:
        InputError: it does not.
    """
    if job.neutral_span is None or facts.duration_s is None:
        return
    low_s, high_s = job.neutral_span
    if low_s >= facts.duration_s or high_s > facts.duration_s + _TOLERANCE_S:
        words = f"--neutral {typed}" if typed else f"the neutral, {low_s:g}-{high_s:g} s,"
        raise InputError(f"{facts.name}: {words} reaches beyond the end of the recording at {facts.duration_s:.1f} s")


def cache_key(video: Path, job: Job) -> str | None:
    """Under which name what is seen of a recording is kept; ``None`` if it is not to be. Reads the whole file."""
    return None if job.cache is None else landmark_cache.key_of(task_of(video, job), job.part_s)


def cached(job: Job, key: str | None) -> Measured | None:
    """What was seen before, if that is kept."""
    return None if job.cache is None or key is None else landmark_cache.load(job.cache, key, keep_poses=job.keep_poses)


def measure(
    video: Path, job: Job, found: Surveyed, progress: Progress = no_progress, pool: Pool | None = None, key: str | None = None
) -> Measured:
    """What the pictures show, in as many parts and by as many processes as are worth it; each is looked at once, and none is kept.

    Args:
        video: the file.
        job: how.
        found: what is known of it.
        progress: is told how far it is.
        pool: processes that measure, instead of new ones.
        key: under which it is kept, if it is.

    Raises:
        InputError: it cannot be read, or ends before the neutral does.
        ModelError: the pose weights cannot be loaded.
    """
    check_neutral(found.facts, job)
    if job.cache is None or key is None:
        return _by_parts(video, job, found, progress, pool)
    with landmark_cache.Keeper(job.cache, key) as keeper:
        measured = _by_parts(video, job, found, progress, pool, keeper.add)
        if measured.complete:
            keeper.finish(measured.facts)
    return measured


def _by_parts(video: Path, job: Job, found: Surveyed, progress: Progress, pool: Pool | None, each: Part | None = None) -> Measured:
    joiner = Joiner(found.facts, keep_poses=job.keep_poses, each=each)
    watch = Watch(
        progress, job.stopped, job.start_s or 0.0, job.end_s if job.end_s is not None else found.facts.duration_s or found.facts.guess_s
    )
    return measure_parts(parts_of(task_of(video, job, found.facts), found.cuts), job.jobs or default_jobs(), joiner, watch, pool)


def _end_of(samples: SampleRows, facts: VideoFacts, job: Job, complete: bool) -> float:
    """The last measured frame stands until the recording's end, as far as that is known."""
    last = samples.time_s(-1) if samples else job.start_s or 0.0
    step = last - samples.time_s(-2) if len(samples) > 1 else 1.0 / job.settings.measure.rate_hz
    if not complete or facts.problem or facts.duration_s is None:
        return last + step if facts.duration_s is None else max(last, min(last + step, facts.duration_s))
    end = facts.duration_s if job.end_s is None else min(job.end_s, facts.duration_s)
    return max(last, end)


def _relabelled(judged: Sequence[Judged], spans: Sequence[Span]) -> list[Judged]:
    """Frames with nobody are judged before it is known how long that lasts; the spans know."""
    starts = [s.start_s for s in spans]
    out = []
    for j in judged:
        if j.reading.sight is Sight.NOBODY and spans:
            span = spans[max(0, bisect_right(starts, j.reading.time_s) - 1)]
            out.append(Judged(j.reading, span.posture, span.reason))
        else:
            out.append(j)
    return out


def _notes(measured: Measured, measurement: Measurement, total: EngineOutput, job: Job) -> list[str]:
    """What the reader of the figures must know."""
    notes, facts = [], measured.facts
    if not measured.complete:
        notes.append("The analysis was stopped before the end of the recording; this is the part that was measured.")
    if facts.problem:
        verb = "" if facts.problem.startswith("breaks") else "is "  # "breaks off at ...", "damaged at ..."
        notes.append(f"The file {verb}{facts.problem}.")
    notes += facts.notes
    readings = [j.reading for j in total.judged]
    rotate = rotation_to_upright(measured.samples)
    if not rotate:  # else the neutral lies on its side too, which is said
        notes += neutral_notes(measurement.neutral, readings, moved(job.settings.bands, measurement.neutral))
    return [*notes, *sample_notes(measured.samples, rotate, job.person, view_of(readings)), *time_notes(total)]


def _neutral_facts(neutral: Neutral | None) -> dict[str, object]:
    if neutral is None:
        return {"source": "none"}
    return {
        "source": neutral.source,
        "start_s": neutral.start_s,
        "end_s": neutral.end_s,
        "readings": neutral.count,
        "sd_deg": round(neutral.sd_deg, 2),
        "still": neutral.still,
    }


def facts_line(facts: VideoFacts) -> VideoFactsLine:
    """What a reader of the results wants to know of the file."""
    return VideoFactsLine(
        name=facts.name,
        duration_s=facts.duration_s,
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        codec=facts.codec,
        rotation_deg=facts.rotation_deg,
        problem=facts.problem,
        truncated=facts.truncated,
        notes=facts.notes,
    )


def view_of(readings: Sequence[Reading]) -> View | None:
    """The view in which most readings were taken."""
    views = [r.view for r in readings if r.view is not None]
    return max(set(views), key=views.count) if views else None
