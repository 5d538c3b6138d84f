"""What is known of a recording once it is analysed; every report is written from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from posture.model import Episode, HeldPrompt, Judged, Move, ShownPrompt, Span
from posture.summary import DaySummary

LISTED_S = 60.0
"""Dose in seconds from which an episode is listed in pages, pictures and terminal; a shorter one is a movement."""


@dataclass(frozen=True, slots=True)
class VideoFactsLine:
    """What a reader wants to know of the file itself."""

    name: str
    duration_s: float | None
    width: int
    height: int
    fps: float | None
    codec: str
    rotation_deg: int = 0
    problem: str | None = None
    """One line if the file was damaged."""
    truncated: bool = False
    """Whether the file ends before the end that it announces."""
    notes: tuple[str, ...] = ()
    """Sentences on what had to be assumed or mended to read it; its length may then differ from what it announces."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One analysed recording."""

    video: VideoFactsLine
    judged: tuple[Judged, ...]
    """One per measured frame, in order; postures agree with the spans."""
    spans: tuple[Span, ...]
    episodes: tuple[Episode, ...]
    """In order of start."""
    moves: tuple[Move, ...]
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
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def partial(self) -> str | None:
        """Why the results are not of the whole recording, in a few words; ``None`` if they are."""
        if not self.complete:
            return "stopped before its end"
        return breaks_off(self.video.problem) if self.video.truncated else None

    def sustained(self) -> list[Episode]:
        """The episodes that a reader wants listed: a dose of a minute or more, or a prompt. The table has all."""
        return [e for e in self.episodes if e.dose_s >= LISTED_S or self.prompt_of(e) is not None]

    def prompt_of(self, episode: Episode) -> ShownPrompt | None:
        """The first prompt that answered this episode; ``None`` if none was shown."""
        for p in self.shown:
            if p.kind is episode.kind and p.episode_start_s == episode.start_s:
                return p
        return None


def breaks_off(problem: str | None) -> str:
    """Of a file that ends before the end that it announces: "the file breaks off at 12.3 s of 60.0 s"; `problem`: its one line."""
    return f"the file {(problem or 'breaks off').partition(';')[0]}"
