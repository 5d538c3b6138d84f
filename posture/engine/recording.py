"""What is known of a recording once it is analysed; every report is written from this."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from posture.biomechanics import Neutral
from posture.engine.exercise.bouts import Bout
from posture.engine.summary import DaySummary
from posture.types import (
    ClassifiedReading,
    Detection,
    Episode,
    EpisodeKind,
    HeldPrompt,
    Pose,
    PostureChange,
    Reading,
    ShownPrompt,
    Span,
    View,
)

LISTED_S = 60.0
"""Dose in seconds from which an episode is listed in pages, pictures and terminal; a shorter one is a movement."""


@dataclass(frozen=True, slots=True)
class VideoSummary:
    """What a reader wants to know of the file itself."""

    name: str
    """File name without folder."""
    duration_s: float | None
    """Seconds from the first picture on; ``None`` until it was read to its end, if the file does not say in a way to be believed."""
    width: int
    """Pixels across, as a player shows it: upright, square pixels, full size."""
    height: int
    fps: float | None
    """Pictures per second on average; ``None`` if the file does not say, or only what cannot be."""
    codec: str
    rotation_deg: int = 0
    """Degrees clockwise that the stored pictures were turned by to be upright: 0, 90, 180 or 270."""
    problem: str | None = None
    """One plain line on what could not be read; ``None`` if all could."""
    truncated: bool = False
    """Whether the file ends before the end that it announces."""
    crop_px: tuple[int, int, int, int] | None = None
    """Left, top, width and height of the part of the upright picture that is measured, pixels; ``None``: all of it."""
    notes: tuple[str, ...] = ()
    """Sentences on what had to be assumed or mended to read it; its length may then differ from what it announces."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RecordingResult:
    """One analysed recording."""

    video: VideoSummary
    judged: tuple[ClassifiedReading, ...]
    """One per measured frame, in order; postures agree with the spans."""
    spans: tuple[Span, ...]
    episodes: tuple[Episode, ...]
    """In order of start."""
    moves: tuple[PostureChange, ...]
    shown: tuple[ShownPrompt, ...]
    held: tuple[HeldPrompt, ...]
    summary: DaySummary
    neutral: Mapping[str, object]
    """How the neutral was found: source (given span, profile NAME, automatic), span, sd, ..."""
    model: Mapping[str, object]
    """Name and sha256 of the pose weights."""
    versions: Mapping[str, str]
    changed_settings: Mapping[str, object]
    """Settings that differ from the defaults, as section.key."""
    own_thresholds: Mapping[str, float] = field(default_factory=dict)
    """Limits that the range shown at the person's calibration moved, as section.key, degrees; they count instead of the settings."""
    complete: bool = True
    """False if the analysis was interrupted; all of what was measured is here."""
    exercises: tuple[Bout, ...] | None = None
    """Bouts of exercises in order of time; ``None`` if they were not looked for."""
    extra: Mapping[str, object] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    """What the user says of it: ``subject``, ``analyst``, ``date``, ``note``; only what was given."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """To which groups of a study it belongs, such as ``condition``: ``before``; only what is known."""
    run: Mapping[str, object] = field(default_factory=dict)
    """The record of the run: all that is needed to repeat it, as plain values."""
    reference: Neutral | None = None
    """The neutral against which it was measured; ``None`` if nobody was seen."""
    poses: Mapping[float, Pose] = field(default_factory=dict)
    """Landmarks by their time, seconds, if they were to be kept."""
    own_day: bool = False
    """It is the reader's own day, who is addressed then; else the reports speak of a person."""
    media: str | None = None
    """Path of the recording from the folder of its results, for files that link to it; empty if it was no file, ``None``: not known."""
    doses: Sequence[Mapping[EpisodeKind, float]] = ()
    """The doses after each reading, seconds; of sitting, seconds of unbroken sitting."""

    @property
    def partial(self) -> str | None:
        """Why the results are not of the whole recording, in a few words; ``None`` if they are."""
        if not self.complete:
            return "stopped before its end"
        return breaks_off(self.video.problem) if self.video.truncated else None

    def sustained(self) -> list[Episode]:
        """Return the episodes that a reader wants listed: a dose of a minute or more, or a prompt. The table has all."""
        return [e for e in self.episodes if e.dose_s >= LISTED_S or self.prompt_of(e) is not None]

    def prompt_of(self, episode: Episode) -> ShownPrompt | None:
        """Return the first prompt that answered this episode; ``None`` if none was shown."""
        for p in self.shown:
            if p.kind is episode.kind and p.episode_start_s == episode.start_s:
                return p
        return None


def agreeing(judged: Sequence[ClassifiedReading], spans: Sequence[Span]) -> list[ClassifiedReading]:
    """Give frames without a person the posture of their span: it depends on how long nobody is seen."""
    starts = [s.start_s for s in spans]
    out = []
    for j in judged:
        if j.reading.sight is Detection.NOBODY and spans:
            span = spans[max(0, bisect_right(starts, j.reading.time_s) - 1)]
            out.append(ClassifiedReading(j.reading, span.posture, span.reason))
        else:
            out.append(j)
    return out


def breaks_off(problem: str | None) -> str:
    """Say of a file that ends before the end that it announces: "the file breaks off at 12.3 s of 60.0 s"; `problem`: its one line."""
    return f"the file {(problem or 'breaks off').partition(';')[0]}"


def view_of(readings: Sequence[Reading]) -> View | None:
    """Return the view in which most readings were taken."""
    views = [r.view for r in readings if r.view is not None]
    return max(set(views), key=views.count) if views else None
