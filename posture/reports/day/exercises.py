"""Guided exercises in words: what was counted in each, and what many days have of them. Never a score."""

from __future__ import annotations

from datetime import date

from posture.days import Day, ExerciseStretch, Trend
from posture.reports.day.labels import time_of
from posture.reports.labels import DASH, count_words, span_words
from posture.types import DoneExercise, ExerciseEnd

TITLE = "Exercises, done with the camera"
TREND_HEADING = ("exercise", "days", "done", "depth", "each")
TREND_NOTE = "Medians of what was counted, with the standard deviation of one exercise. Not a score: comfortable is deep enough."
_ENDED = {ExerciseEnd.STOPPED: "stopped", ExerciseEnd.HURT: "stopped because it hurt", ExerciseEnd.LOST: "cut off"}
_UNEVEN = 2.0
"""Sides that differ by more than so many standard deviations are told."""


def exercise_words(done: DoneExercise) -> str:
    """Return ``6 times, depth 38° ± 6°, 9 s each``, and how it ended unless as advised; a length where nothing was counted."""
    parts = [_times(done.repetitions, done.half_repetitions)] if done.repetitions or done.half_repetitions else []
    if parts:
        parts += [depth_words(done.depth_deg, done.depth_sd_deg), _each(done.tempo_s), _sides(done)]
    elif done.ended is ExerciseEnd.DONE:
        parts = [span_words(done.end_s - done.start_s)]
    elif done.ended in (ExerciseEnd.IDLE, ExerciseEnd.LOST):
        parts = ["nothing counted"]
    return ", ".join(filter(None, [*parts, _ENDED.get(done.ended, "")]))


def exercise_rows(day: Day) -> list[tuple[str, str, str]]:
    """Return when, what and how it went, of each guided exercise."""
    return [(time_of(e.done.start_s), e.title, exercise_words(e.done)) for e in day.exercises]


def trend_rows(trend: Trend) -> list[tuple[str, ...]]:
    """Return a heading, and a row for each exercise and stretch of days; nothing where none was done."""
    rows = [_trend_row(found) for found in trend.exercises]
    return [TREND_HEADING, *rows] if rows else []


def _trend_row(found: ExerciseStretch) -> tuple[str, ...]:
    done = f"{_times(found.done, 0)} on {count_words(found.days, 'day')}" if found.done else "not to its end"
    hurt = f", stopped {_times(found.hurt, 0)} because it hurt" if found.hurt else ""
    depth, each = depth_words(found.depth_deg, found.depth_sd_deg).removeprefix("depth "), _each(found.tempo_s).removesuffix(" each")
    return found.title, f"{_day(found.first)} to {_day(found.last)}", f"{done}{hurt}", depth or DASH, each or DASH


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def depth_words(depth_deg: float | None, sd_deg: float | None) -> str:
    """Return ``depth 38° ± 6°``; empty where either is not known."""
    return "" if depth_deg is None or sd_deg is None else f"depth {depth_deg:.0f}° ± {sd_deg:.0f}°"


def _each(tempo_s: float | None) -> str:
    return "" if tempo_s is None else f"{tempo_s:.0f} s each"


def _sides(done: DoneExercise) -> str:
    if done.asymmetry_deg is None or done.depth_sd_deg is None or abs(done.asymmetry_deg) < _UNEVEN * done.depth_sd_deg:
        return ""
    return f"sides {abs(done.asymmetry_deg):.0f}° apart"


def _times(whole: int, half: int) -> str:
    words = ("", "once", "twice")[whole] if whole < 3 else f"{whole} times"
    halves = "one half" if half == 1 else f"{half} halves" if half else ""
    return " and ".join(filter(None, (words, halves)))
