"""What becomes of an analysed recording: entered into the database, its neutral kept as a profile, its video annotated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from posture.biomechanics import Neutral
from posture.capture import VideoFacts, VideoFile, check_is_file, try_opening
from posture.engine import RecordingResult, view_of
from posture.recordings.job import Job
from posture.recordings.measuring import check_neutral
from posture.reports import AnnotatedWriter
from posture.storage import Origin, SessionEnd, Store, profiles
from posture.types import MEASURED_VIEWS, EpisodeKind, Pose


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How a recording is entered into the database."""

    store: bool
    as_day: datetime | None
    """It is the user's own day and began then; ``None``: it is somebody's recording."""
    replace: bool
    profile: str | None
    """Name under which a neutral taken from the recording is kept."""


def profile_of(name: str | None, wanted: bool) -> Neutral | None:
    """Load the saved neutral of that name.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if name is None or not wanted:
        return None
    with Store.open() as store:
        return profiles.named(store, name, f"posture analyze VIDEO --neutral A-B --profile {name}")


def check_before(video: Path, job: Job, entry: StoreOptions, neutral_typed: str | None = None) -> VideoFacts:
    """Find out, before anything is measured, what is bound to fail afterwards.

    Returns:
        What is known of the recording before it is read.

    Raises:
        InputError: the recording cannot be read, or ends before the neutral does.
        StoreError: its time is taken by another session of one's own day.
    """
    check_is_file(video)
    try_opening(video)
    with _opened(video, job) as source:
        facts = source.facts
    length_s = facts.duration_s
    check_neutral(facts, job, neutral_typed)
    if length_s is not None and entry.as_day is not None:
        with Store.open() as store:
            store.check_room(entry.as_day.timestamp(), min(length_s, job.end_s or length_s), video.name, replace=entry.replace)
    return facts


def _opened(video: Path, job: Job) -> VideoFile:
    """Return the recording as it is measured; it is opened by ``with``."""
    rate_hz = job.settings.measure.rate_hz
    return VideoFile(video, rate_hz, job.start_s, job.end_s, fps=job.fps, rotate_deg=job.rotate_deg, crop=job.crop)


def keep_profile(result: RecordingResult, job: Job, entry: StoreOptions) -> None:
    """Keep the neutral that was taken from the recording under its name, whether or not the recording itself is stored.

    Raises:
        StoreError: it cannot be written.
    """
    given = job.neutral_span is not None or (job.profile is not None and job.profile.source != f"profile {entry.profile}")
    if entry.profile is not None and given and result.reference is not None:
        with Store.open() as store:
            store.save_profile(entry.profile, result.reference.as_dict())


def enter(result: RecordingResult, video: Path, job: Job, entry: StoreOptions) -> None:
    """Keep the neutral as a profile if it has a name, and write the recording into the database, unless it is not to be stored.

    Raises:
        StoreError: it cannot be written, or its time is taken by another session of one's own day.
    """
    keep_profile(result, job, entry)
    if not entry.store:
        return
    length = result.spans[-1].end_s if result.spans else 0.0
    view = view_of([j.reading for j in result.judged])
    with Store.open() as store:
        session = store.start_session(
            origin=Origin.LIVE if entry.as_day is not None else Origin.FILE,
            started_utc=entry.as_day.timestamp() if entry.as_day is not None else _modified_s(video) - length,
            source=video.name,
            expected_s=length,
            view=view if view in MEASURED_VIEWS else None,
            profile=entry.profile,
            model=str(result.model.get("name", "")),
            replace=entry.replace,
        )
        store.write_spans(session, result.spans)
        for episode in result.episodes:
            store.add_episode(session, episode)
        for prompt in result.shown:
            store.add_prompt(session, prompt)
        for move in result.moves:
            store.add_move(session, move)
        for held in result.held:
            store.add_held_prompt(session, held)
        store.end_session(session, SessionEnd.COMPLETE if result.complete else SessionEnd.INTERRUPTED)


def _modified_s(video: Path) -> float:
    """Return when the file was last written, seconds since the epoch: about when the recording ended."""
    try:
        return video.stat().st_mtime
    except OSError:  # gone since it was measured
        return time.time()


def annotate_video(video: Path, result: RecordingResult, job: Job, folder: Path, progress: Callable[[float, float | None], None]) -> Path:
    """Read the recording a second time and write ``annotated.mp4``: its pictures with the results drawn in.

    Raises:
        PostureError: the recording cannot be read again, or the file not written.
        KeyboardInterrupt: ``job.stopped`` said so, or Ctrl-C; then there is no ``annotated.mp4``.
    """
    try_opening(video, whole=True)  # it is decoded in this process now, so first in one that may die
    target = folder / "annotated.mp4"
    judged = {j.reading.time_s: (j, dose_s) for j, dose_s in zip(result.judged, result.doses, strict=True)}
    nothing: Mapping[EpisodeKind, float] = {}
    source = _opened(video, job)
    whole = False
    try:
        with source, ExitStack() as stack:
            writer: AnnotatedWriter | None = None
            pose: Pose | None = None
            for frame in source:
                if writer is None:
                    height, width = frame.image.shape[:2]
                    writer = stack.enter_context(AnnotatedWriter(target, width, height, analysis=result))
                line, dose = judged.get(frame.time_s, (None, nothing))
                if line is not None:
                    if not line.reading.carried_forward:  # carried forward: the picture has not changed, and the skeleton stays where it is
                        pose = result.poses.get(frame.time_s)
                    writer.write(frame, pose, line, dose, job.settings.dose.soft_s)
                progress(frame.time_s, source.facts.duration_s)
                if job.stopped():
                    raise KeyboardInterrupt
        whole = True
    finally:
        if not whole:  # the writer makes a playable file of what it has, which would pass for the whole
            target.unlink(missing_ok=True)
    return target
