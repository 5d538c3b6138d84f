"""The program as a library: recordings, your own frames or your own landmarks to angles, sustained postures and a summary.

All of it is reached from the package: ``import posture; posture.analyze("desk.mp4")``. Nothing is stored, nothing is sent anywhere, and the
user's own settings file is not read, so that a script gives the same everywhere.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from posture._support import catalogue, config
from posture.biomechanics import Neutral, sample_of
from posture.capture import FramePicker, VideoFacts, check_is_file, try_opening
from posture.engine import RecordingResult
from posture.errors import PostureError
from posture.pose import Choice, FramePicture, PoseFinder, PoseSampler, weights
from posture.recordings import analysis
from posture.recordings.analysis import analyze_measured
from posture.recordings.job import Job, no_progress
from posture.recordings.merging import Measured
from posture.recordings.parts import plan_of
from posture.recordings.result import Recording
from posture.recordings.validation import NeutralLike, checked_frames, checked_pose, crop_of, one_of, rising, span_of
from posture.settings import Settings
from posture.types import MEASURED_VIEWS, Pose

Progress = Callable[[float, float | None], None]
"""Receives the seconds that are done, and how many there are (``None``: unknown)."""


def analyze(
    video: str | os.PathLike[str],
    *,
    neutral: NeutralLike = None,
    view: str | None = None,
    person: str = "main",
    rate_hz: float | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    settings: Settings | Mapping[str, object] | None = None,
    model: str | os.PathLike[str] | None = None,
    adaptive: bool | None = None,
    follow: bool | None = None,
    jobs: int | None = None,
    cache: str | os.PathLike[str] | None = None,
    keep_landmarks: bool = False,
    fps: float | None = None,
    rotate_deg: int = 0,
    crop: str | None = None,
    progress: Progress | None = None,
) -> Recording:
    """Analyse a recorded video, as the command ``posture analyze`` does.

    Args:
        video: the file.
        neutral: see `posture.recordings.validation.NeutralLike`. Changes are measured from it; give it where you can.
        view: ``front``, ``oblique`` or ``side``; ``None``: found from the pose.
        person: whom of several people to measure: ``main``, ``largest``, ``nearest`` or ``first``.
        rate_hz: readings per second; ``None``: that of the settings, 5.
        start_s: where to begin, seconds.
        end_s: where to stop, seconds.
        settings: those that differ from the defaults, for instance ``{"dose.soft_s": 600}``; ``posture config show`` lists all.
        model: ``lite``, ``full``, ``heavy`` or a ``.task`` file; ``None``: that of the settings. It is fetched at its first use.
        adaptive: measure less often while nothing changes, and mark the readings between as held; ``None``: unless ``rate_hz`` is given.
        follow: has no effect any more: the person is always followed from picture to picture.
        jobs: processes that share a long recording; ``None``: one per core. The result does not depend on it.
        cache: folder in which landmarks are kept, so that other settings do not measure the video again.
        keep_landmarks: whether the recording has `posture.recordings.result.Recording.landmarks`.
        fps: pictures per second of a recording that carries no times; ``None``: by its own account, else 25.
        rotate_deg: 90, 180 or 270 degrees clockwise by which a recording that lies on its side is turned.
        crop: the part of the upright picture that is measured, ``X,Y,WIDTH,HEIGHT`` in pixels (``"0,0,960,1080"``) or in per cent of it
            (``"50%,0%,50%,100%"``); ``None``: all of it. Landmarks are pixels of that part.
        progress: receives how far it is.

    Returns:
        The recording.

    Raises:
        InputError: the file cannot be read, or nobody was seen during the upright span.
        ConfigError: a setting is not what it should be.
        ModelError: the pose model cannot be had.
        PostureError: another value is not what it should be.
        KeyboardInterrupt: Ctrl-C.
    """
    if jobs is not None and jobs < 1:
        raise PostureError(f"jobs: expected 1 or more, or None for one per core; got {jobs}")
    path = Path(video)
    _check_follow(follow)
    job = _job(neutral, view, person, rate_hz, settings, model, adaptive, keep_landmarks)
    job = replace(
        job,
        start_s=start_s,
        end_s=end_s,
        jobs=jobs,
        cache=None if cache is None else Path(cache),
        fps=fps,
        rotate_deg=rotate_deg,
        crop=None if crop is None else crop_of(crop),
    )
    check_is_file(path)
    try_opening(path)
    result = analysis.analyze(path, job, progress or no_progress)
    if not result.complete:
        raise KeyboardInterrupt
    return _recording(result, job)


def analyze_frames(
    frames: Iterable[tuple[float, Any]],
    *,
    name: str = "frames",
    neutral: NeutralLike = None,
    view: str | None = None,
    person: str = "main",
    rate_hz: float | None = None,
    settings: Settings | Mapping[str, object] | None = None,
    model: str | os.PathLike[str] | None = None,
    adaptive: bool | None = None,
    follow: bool | None = None,
    keep_landmarks: bool = False,
) -> Recording:
    """Analyse frames of your own, one after the other, in this process; none is kept.

    Args:
        frames: seconds, strictly rising, and a picture for each: (H, W, 3) uint8 RGB, upright, square pixels. (OpenCV gives BGR: turn it
            round with ``picture[:, :, ::-1]``.)
        name: of the recording.
        neutral: as for `analyze`, as are all the others.
        view: as for `analyze`.
        person: as for `analyze`.
        rate_hz: readings per second; ``None``: one for every frame.
        settings: as for `analyze`.
        model: as for `analyze`.
        adaptive: as for `analyze`.
        follow: as for `analyze`.
        keep_landmarks: as for `analyze`.

    Raises:
        InputError: a frame is none, or times do not rise, or nobody was seen during the upright span.
        PostureError: as for `analyze`.
    """
    _check_follow(follow)
    job = _job(neutral, view, person, rate_hz, settings, model, adaptive, keep_landmarks)
    picker = None if rate_hz is None else FramePicker(rate_hz)
    measured = Measured(VideoFacts.bare(name))
    with PoseFinder(job.model, person=job.person) as finder:
        sampler = PoseSampler(finder, plan_of(job.adaptive))
        wanted = (f for f in checked_frames(frames, name) if picker is None or picker.wants(f.time_s))
        pictures = (FramePicture(f) for f in wanted)
        for sample, pose in sampler.samples(_noting_size(pictures, measured)):
            measured.samples.append(sample)
            if keep_landmarks and pose is not None:
                measured.poses[sample.time_s] = pose
    measured.complete = True
    return _recording(analyze_measured(measured, job), job)


def _noting_size(pictures: Iterable[FramePicture], measured: Measured) -> Iterator[FramePicture]:
    for picture in pictures:
        measured.facts = VideoFacts.bare(measured.facts.name, *picture.size)
        yield picture


def analyze_landmarks(
    poses: Iterable[Pose | tuple[float, None]],
    *,
    name: str = "landmarks",
    neutral: NeutralLike = None,
    view: str | None = None,
    settings: Settings | Mapping[str, object] | None = None,
    keep_landmarks: bool = False,
) -> Recording:
    """Analyse landmarks of your own: of the 33 points of MediaPipe Pose, in its order, from whatever found them.

    The networks are fitted on the landmarks of MediaPipe's ``full`` model and on the outline of the person (``Pose.mask``); without a mask
    the outline counts as not found, which makes spine and pelvis less sure.

    Args:
        poses: in order of time; ``(time_s, None)`` where nobody was seen.
        name: of the recording.
        neutral: as for `analyze`.
        view: as for `analyze`.
        settings: as for `analyze`.
        keep_landmarks: as for `analyze`.

    Raises:
        InputError: a pose has another shape, or times do not rise, or nobody was seen during the upright span.
        PostureError: as for `analyze`.
    """
    job = _job(neutral, view, "main", None, settings, None, False, keep_landmarks, landmarks_only=True)
    measured = Measured(VideoFacts.bare(name))
    last_s: float | None = None
    for number, item in enumerate(poses):
        observation = checked_pose(item, f"{name}, pose {number}")
        last_s = rising(observation.time_s, last_s, f"{name}, pose {number}")
        measured.samples.append(sample_of(observation))
        if observation.pose is not None:
            measured.facts = VideoFacts.bare(name, observation.pose.width, observation.pose.height)
            if keep_landmarks:
                measured.poses[observation.time_s] = replace(observation.pose, mask=None)
    measured.complete = True
    return _recording(analyze_measured(measured, job), job)


def settings_from(settings: Settings | Mapping[str, object] | None) -> Settings:
    """Return the settings that a caller gives, over the defaults.

    Raises:
        ConfigError: a key, type or range is wrong.
    """
    return settings if isinstance(settings, Settings) else config.of(settings or {})


def model_of(name: str | os.PathLike[str]) -> tuple[Path, dict[str, object]]:
    """Return the pose model and what results say of it; it is fetched at its first use.

    Raises:
        ModelError: it cannot be had.
    """
    file = weights.resolve(os.fspath(name))
    return file, weights.facts_of(os.fspath(name), file)


def _job(
    neutral: NeutralLike,
    view: str | None,
    person: str,
    rate_hz: float | None,
    settings: Settings | Mapping[str, object] | None,
    model: str | os.PathLike[str] | None,
    adaptive: bool | None,
    keep_landmarks: bool,
    *,
    landmarks_only: bool = False,
) -> Job:
    s = settings_from(settings)
    if rate_hz is not None:
        s = config.of({**config.changed(s), "measure.rate_hz": rate_hz})
    file, facts = (Path(), {"name": "the caller's own landmarks"}) if landmarks_only else model_of(model or s.measure.model)
    given = neutral if isinstance(neutral, Neutral) else None
    return Job(
        settings=s,
        model=file,
        model_facts=facts,
        catalogue=catalogue.load(catalogue.own_file(s)),
        neutral_span=None if given is not None else span_of(neutral),
        profile=given if given is None else replace(given, source="another recording"),
        view=None if view is None else one_of(MEASURED_VIEWS, view, "view"),
        person=one_of(tuple(Choice), person, "person"),
        adaptive=rate_hz is None if adaptive is None else adaptive,
        keep_poses=keep_landmarks,
    )


def _check_follow(follow: bool | None) -> None:
    if follow is not None:
        warnings.warn("follow no longer does anything: the person is always followed", DeprecationWarning, stacklevel=3)


def _recording(result: RecordingResult, job: Job) -> Recording:
    poses = result.poses if job.keep_poses else None
    return Recording(result, job.catalogue, poses, catalogue.own_file(job.settings))
