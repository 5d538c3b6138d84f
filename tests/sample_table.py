"""Reads the tables of ``sample_videos/README.md`` that say what each clip must yield, and the clips' truth."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"
NEUTRAL_END_S = 0.7
"""Every rendered clip starts in the person's own neutral, this long."""


@dataclass(frozen=True, slots=True)
class Near:
    """A moment and how far off it may be, seconds."""

    at_s: float
    within_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a time, seconds, is near enough."""
        return abs(time_s - self.at_s) <= self.within_s


@dataclass(frozen=True, slots=True)
class ExpectedEpisode:
    """One row of the table of episodes and prompts."""

    clip: str
    kind: str
    start: Near
    end: Near
    prompt: Near | None
    """``None``: the episode comes without a prompt."""
    step: str | None
    asked: bool
    """Whether a test demands it; what is not asked is neither demanded nor forbidden."""


@dataclass(frozen=True, slots=True)
class ExpectedAngle:
    """One row of the table of angles."""

    clip: str
    view: str
    reading: str
    """Column of readings.csv."""
    mean_error_deg: float
    """Mean absolute error of the change since neutral, at most."""
    asked: bool


def expected_episodes() -> list[ExpectedEpisode]:
    """All rows of the table of episodes and prompts."""
    return [
        ExpectedEpisode(
            clip=clip,
            kind=kind,
            start=Near(float(start), float(start_tol)),
            end=Near(float(end), float(end_tol)),
            prompt=None if prompt == "none" else Near(float(prompt), float(prompt_tol)),
            step=None if step == "none" else step,
            asked=_asked(asked),
        )
        for clip, kind, start, start_tol, end, end_tol, prompt, prompt_tol, step, asked in _rows("Episodes and prompts")
    ]


def expected_angles() -> list[ExpectedAngle]:
    """All rows of the table of angles."""
    return [ExpectedAngle(clip, view, reading, float(limit), _asked(asked)) for clip, view, reading, limit, asked in _rows("Angles")]


def rendered_clips() -> list[str]:
    """Names of the clips that have a truth per picture, in order."""
    return sorted({row.clip for row in expected_angles()})


def days() -> list[str]:
    """Names of the recordings that hold a whole day in miniature, in order."""
    return sorted({row.clip for row in expected_episodes()})


def truth(clip: str) -> dict[str, NDArray[np.float64]]:
    """A clip's truth: an array per column of its table, and ``spinal_flexion_deg``, which follows from two of them."""
    with (SAMPLES / clip).with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    columns["spinal_flexion_deg"] = columns["thoracic_flexion_deg"] - columns["lumbar_lordosis_deg"]
    return columns


def _asked(cell: str) -> bool:
    return {"yes": True, "not yet": False}[cell]


def _rows(heading: str) -> list[list[str]]:
    """Cells of the table under a heading of third level, without its two head lines."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] for line in lines[2:]]
