"""Bouts of exercises in words, for the terminal and the page."""

from __future__ import annotations

from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.labels import DASH, clock, count_words

HEADING = ("Exercise", "From and to", "Counted", "Depth", "Pace")
NONE_FOUND = "None found."
NOTE = "Depth is the median from one end to the other, with its standard deviation. What the camera's view can't judge is not counted."


def exercise_rows(analysis: RecordingResult, catalogue: Catalogue) -> list[tuple[str, ...]]:
    """Return a row under `HEADING` for each bout; a cell is empty where its figure is not known."""
    rows: list[tuple[str, ...]] = []
    for bout in analysis.exercises or ():
        done = bout.result
        half = f", {count_words(done.half_repetitions, 'half one')}" if done.half_repetitions else ""
        depth = "" if done.depth_deg is None or done.depth_sd_deg is None else f"{done.depth_deg:.0f}°±{done.depth_sd_deg:.0f}"
        pace = "" if done.tempo_s is None else f"{done.tempo_s:.1f} s each"
        when = f"{clock(bout.start_s)} {DASH} {clock(bout.end_s)}"
        rows.append((catalogue.title_of(done.exercise), when, count_words(done.repetitions, "repetition") + half, depth, pace))
    return rows
