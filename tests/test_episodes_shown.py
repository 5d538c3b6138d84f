"""How long an episode was spent in its posture: one figure in every display, and bars as long as the figure says."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st
from readings import STATES, day
from rich.console import Console
from test_reports import CATALOGUE, analysis_of

from posture.engine.engine import Engine, run
from posture.engine.episode_parts import in_posture, joined
from posture.engine.recording import RecordingResult
from posture.prompts.scheduler import PromptScheduler
from posture.reports import labels as words
from posture.reports.day.rows import longest_rows
from posture.reports.day.terminal import print_day
from posture.reports.recording import series
from posture.reports.recording.chart import chart
from posture.reports.recording.page import page_html
from posture.reports.recording.tables import episodes_csv
from posture.reports.recording.terminal import print_analysis
from posture.reports.recording.timeline_png import _figure
from posture.reports.recording.timeline_svg import timeline_svg
from posture.settings import DoseSettings, Settings
from posture.types import EpisodeKind
from tests.made_days import CATALOGUE as WHOLE, busy

SLACK_S = 10.0
"""A find of less than three seconds is no return, and a change is known when it has lasted; two readings of these tests."""
SOON = Settings(dose=DoseSettings(still_s=300.0, sitting_s=600.0))


@cache
def recording(
    plan: str = "neutral:3,flexed:5,neutral:1,flexed:6,unmeasured:0.5,flexed:3,neutral:9,tilt:16,away:3,slump:12,neutral:1",
) -> RecordingResult:
    """A recording of a plan as the engine counts it."""
    readings, end = day(plan)
    out = run(readings, Engine(SOON, PromptScheduler(WHOLE, SOON.prompts)), end)
    return replace(analysis_of(out.judged, out.spans, out.episodes, out.shown), changed_settings={})


def printed(show: Callable[[Console], None]) -> str:
    """What a terminal shows, blanks made one."""
    file = io.StringIO()
    show(Console(file=file, width=100))
    return " ".join(file.getvalue().split())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(STATES)), st.floats(0.1, 8.0)), min_size=1, max_size=8))
def test_the_parts_in_the_posture_add_up_to_its_time(parts: list[tuple[str, float]]) -> None:
    """Whatever happened, and never more than from start to end."""
    readings, end = day(",".join(f"{state}:{minutes}" for state, minutes in parts), 0.2)
    out = run(readings, Engine(SOON, PromptScheduler(WHOLE, SOON.prompts)), end)
    for e in out.episodes:
        held = in_posture(e, out.spans)
        assert sum(b - a for a, b in held) == pytest.approx(e.in_state_s, abs=SLACK_S)
        assert e.in_state_s <= e.end_s - e.start_s + SLACK_S
        assert all(e.start_s <= a < b <= e.end_s for a, b in held)


@given(st.lists(st.floats(0.1, 50.0), min_size=2, max_size=20).filter(lambda steps: len(steps) % 2 == 0), st.floats(0.0, 60.0))
def test_joining_keeps_both_ends_and_every_gap_that_can_be_seen(steps: list[float], gap_s: float) -> None:
    """What is joined is apart by less than the gap."""
    edges = [sum(steps[: i + 1]) for i in range(len(steps))]
    parts = list(zip(edges[::2], edges[1::2], strict=True))
    found = joined(parts, gap_s)
    assert (found[0][0], found[-1][1]) == (parts[0][0], parts[-1][1])
    assert len(found) == 1 + sum(b[0] - a[1] >= gap_s for a, b in pairwise(parts))
    assert joined([], gap_s) == []


def test_the_figure_differs_from_end_less_start() -> None:
    """The made recording can tell the two apart, for every posture that has a dose."""
    worst = max(recording().sustained(), key=lambda e: e.end_s - e.start_s - e.in_state_s)
    assert words.span_words(worst.end_s - worst.start_s) != words.in_posture_words(worst)
    assert {e.kind for e in recording().sustained()} >= {EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT, EpisodeKind.SITTING}


def test_every_display_of_a_recording_shows_the_same_time_in_the_posture() -> None:
    """Terminal, page, its table for narrow screens, charts, drawing and table; none gives end less start as a length."""
    analysis = recording()
    page = html.unescape(page_html(analysis, CATALOGUE).decode())
    drawing = html.unescape(timeline_svg(analysis, CATALOGUE).decode())
    terminal = printed(lambda console: print_analysis(console, analysis, CATALOGUE))
    in_csv = [float(row["in_state_s"]) for row in csv.DictReader(io.StringIO(episodes_csv(analysis).decode()))]
    for e in analysis.sustained():
        held, start, end = words.in_posture_words(e), words.clock(e.start_s), words.clock(e.end_s)
        assert f"{words.episode_words(e)} {start} {words.DASH} {end} {held}" in terminal
        assert re.search(rf'data-label="to">{end}</td>\s*<td class="number" data-label="in the posture">{held}</td>', page)
        said = f"<title>{words.KIND_WORDS[e.kind]}, {held} in the posture, from {start} to {end}</title>"
        assert said in page and said in drawing
        assert any(abs(s - e.in_state_s) < 0.001 for s in in_csv)
        assert series.bars_of([e])[0][2:] == (f"{words.KIND_WORDS[e.kind]}, {held}", held)
    assert words.EPISODE_NOTE in page and words.EPISODE_NOTE in terminal
    assert "In the posture</th>" in page and f"from {words.DASH} to, and time in the posture" in terminal


def test_bars_are_as_long_as_the_time_in_the_posture() -> None:
    """In the charts of the page and in the picture, to the pixel that a bar has at least."""
    analysis = recording()
    start, end = series.bounds(analysis)
    drawn = chart(analysis, 780.0, "wide")
    second = (drawn.right - drawn.left) / (end - start)
    for kind, mine in series.lanes(analysis).items():
        bars = [b.width for b in drawn.lanes if b.look == f"lane-{kind}"]
        assert sum(bars) == pytest.approx(second * sum(e.in_state_s for e in mine), abs=2.0 * len(bars))
    lanes = next(axes for axes in _figure(analysis, CATALOGUE).axes if axes.collections and axes.lines and not axes.get_title(loc="left"))
    lengths = [path.get_extents().width for c in lanes.collections for path in c.get_paths()]
    assert sum(lengths) == pytest.approx(sum(e.in_state_s for e in analysis.sustained()), rel=0.02)


def test_a_day_says_it_alike() -> None:
    """The day's table has the same two columns and the same explanation."""
    made = busy()
    rows = longest_rows(made)
    text = printed(lambda console: print_day(console, made))
    assert rows and all(" ".join(row) in text for row in rows)
    assert words.EPISODE_NOTE in text and f"from {words.DASH} to posture in the posture" in text
    held = {(words.KIND_WORDS[e.kind], words.in_posture_words(e)) for e in made.episodes}
    assert all(row[1:] in held for row in rows)
