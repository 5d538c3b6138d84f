"""What becomes of an analysed recording: entered into the database, its neutral kept as a profile, its video annotated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from posture.analyze import Job, Result, view_of
from posture.kinematics.calibration import Neutral
from posture.model import Kind, StoreError
from posture.reports.annotate import AnnotatedWriter
from posture.sources.video_file import VideoFile
from posture.store import Store
from posture.stored import Ended, Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """How a recording is entered into the database."""

    store: bool
    as_day: datetime | None
    """It is the user's own day and began then; ``None``: it is somebody's recording."""
    replace: bool
    profile: str | None
    """Name under which a neutral taken from the recording is kept."""


def profile_of(name: str | None, wanted: bool) -> Neutral | None:
    """The saved neutral of that name.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if name is None or not wanted:
        return None
    with Store.open() as store:
        stored = store.load_profile(name)
    try:
        return replace(Neutral.from_dict(stored.data), source=f"profile {name}")
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"the profile {name!r} cannot be read; calibrate again ({error!r})") from error


def enter(result: Result, video: Path, job: Job, entry: Entry) -> None:
    """Write an analysed recording into the database, unless it is not to be stored.

    Raises:
        StoreError: it cannot be written, or its time is taken by another session of one's own day.
    """
    if not entry.store:
        return
    analysis = result.analysis
    length = analysis.spans[-1].end_s if analysis.spans else 0.0
    began = entry.as_day.timestamp() if entry.as_day is not None else video.stat().st_mtime - length
    with Store.open() as store:
        session = store.start_session(
            origin=Origin.LIVE if entry.as_day is not None else Origin.FILE,
            started_utc=began,
            source=video.name,
            expected_s=length,
            view=view_of([j.reading for j in analysis.judged]),
            profile=entry.profile,
            model=str(analysis.model.get("name", "")),
            replace=entry.replace,
        )
        for span in analysis.spans:
            store.add_span(session, span)
        for episode in analysis.episodes:
            store.add_episode(session, episode)
        for prompt in analysis.shown:
            store.add_prompt(session, prompt)
        for move in analysis.moves:
            store.add_move(session, move)
        store.end_session(session, Ended.COMPLETE if analysis.complete else Ended.INTERRUPTED)
        if entry.profile is not None and job.neutral_span is not None and result.neutral is not None:
            store.save_profile(entry.profile, result.neutral.as_dict())


def annotate_video(video: Path, result: Result, job: Job, folder: Path, progress: Callable[[float, float | None], None]) -> Path:
    """Write ``annotated.mp4``: a second look at the pictures with what the first one found drawn in."""
    target = folder / "annotated.mp4"
    judged = {j.reading.time_s: (j, o.dose_s) for j, o in zip(result.analysis.judged, result.doses, strict=True)}
    nothing: dict[Kind, float] = {}
    source = VideoFile(video, rate_hz=job.settings.measure.rate_hz, start_s=job.start_s, end_s=job.end_s)
    with source:
        writer: AnnotatedWriter | None = None
        try:
            for frame in source:
                if writer is None:
                    writer = AnnotatedWriter(target, frame.image.shape[1], frame.image.shape[0])
                    writer.__enter__()
                line, dose = judged.get(frame.time_s, (None, nothing))
                if line is not None:
                    writer.write(frame, result.poses.get(frame.time_s), line, dose, job.settings.dose.soft_s)
                progress(frame.time_s, source.facts.duration_s)
        finally:
            if writer is not None:
                writer.__exit__(None, None, None)
    return target
