"""How one recording is to be analysed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from posture.biomechanics import Neutral, Parameters
from posture.capture import Crop, Streamed
from posture.pose import Choice
from posture.prompts import Catalogue
from posture.settings import Settings
from posture.types import SelfReport, ShownPrompt, View

EXERCISE_RATE_HZ = 8.0
"""Readings a second where exercises are counted and nobody said another rate."""


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


def is_outside(span: tuple[float, float], job: Job) -> bool:
    """Return whether a span, seconds, reaches outside the part of the recording that is measured."""
    return span[0] < (job.start_s or 0.0) or (job.end_s is not None and span[1] > job.end_s)
