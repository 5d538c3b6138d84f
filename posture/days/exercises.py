"""Guided exercises of a day, and how often each was done and how deep over many days. No score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from posture.days.local_days import local_day
from posture.types import DoneExercise, ExerciseEnd

STRETCH_DAYS = 28


@dataclass(frozen=True, slots=True)
class ExerciseLine:
    """A guided exercise, as the day lists it."""

    title: str
    done: DoneExercise
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class ExerciseStretch:
    """One exercise over some days; depth and tempo are medians of those that were counted, ``None`` where none was."""

    exercise: str
    title: str
    first: date
    last: date
    done: int
    """How often it stood for *done*."""
    days: int
    """Local days on which it did."""
    hurt: int
    """How often it was stopped because it hurt."""
    depth_deg: float | None
    depth_sd_deg: float | None
    """Median standard deviation of one of them; without it there is no depth."""
    tempo_s: float | None


def exercise_stretches(
    done: Iterable[DoneExercise], days: Sequence[date], title_of: Callable[[str], str], most: int = STRETCH_DAYS
) -> tuple[ExerciseStretch, ...]:
    """Return each exercise over stretches of at most `most` days that end with the last one, by exercise, oldest first.

    Stretches without it are left out; the exercise that was done most comes first.
    """
    every = list(done)
    names = sorted({d.exercise for d in every}, key=lambda name: (-sum(d.exercise == name for d in every), name))
    ends = range(len(days) % most or most, len(days) + 1, most)
    pieces = [days[max(0, end - most) : end] for end in ends]
    found = []
    for name in names:
        for piece in pieces:
            own = [d for d in every if d.exercise == name and piece[0] <= local_day(d.start_s) <= piece[-1]]
            if own:
                found.append(_stretch(name, title_of(name), piece, own))
    return tuple(found)


def _stretch(name: str, title: str, piece: Sequence[date], own: Sequence[DoneExercise]) -> ExerciseStretch:
    said = [d for d in own if d.answers_prompt]
    deep = [(d.depth_deg, d.depth_sd_deg) for d in own if d.depth_deg is not None and d.depth_sd_deg is not None]
    return ExerciseStretch(
        name,
        title,
        piece[0],
        piece[-1],
        len(said),
        len({local_day(d.start_s) for d in said}),
        sum(d.ended is ExerciseEnd.HURT for d in own),
        median(depth for depth, _ in deep) if deep else None,
        median(sd for _, sd in deep) if deep else None,
        median(t) if (t := [d.tempo_s for d in own if d.tempo_s is not None]) else None,
    )
