"""The sd beside a number is the sd of that number, wherever an angle is shown."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_reports import CATALOGUE, analysis_of, judged_at

from posture.biomechanics import ANGLES, TRUNK_FLEXION
from posture.cli.live_view import angle_words
from posture.engine import RecordingResult
from posture.reports.recording import annotate, page, series, side_plot, tables
from posture.reports.recording.formats import subtitles
from posture.types import ClassifiedReading, Estimate, Posture, Span

ROOT = Path(__file__).resolve().parents[1]
OWN_SD, CHANGE_SD, NECK_SD, SPINE_SD = 12.0, 5.0, 17.0, 6.0
ABSOLUTE_SD = 13.0


def judged(time_s: float = 0.0) -> ClassifiedReading:
    """A lean of which every number has an sd of its own."""
    j = judged_at(time_s, Posture.FLEXED, 30.0)
    trunk, neck = Estimate(30.0, CHANGE_SD, ""), Estimate(20.0, NECK_SD, "")
    return replace(j, reading=replace(j.reading, trunk_flexion=trunk, neck_flexion=neck, trunk_neutral_sd_deg=OWN_SD))


@pytest.fixture(scope="module")
def recording() -> RecordingResult:
    """A minute of it."""
    return analysis_of([judged(i / 5) for i in range(300)], [Span(0.0, 60.0, Posture.FLEXED, True)])


def test_an_angle_is_shown_with_its_own_sd() -> None:
    """The trunk against gravity with that of the neutral's own angle; all others as they are."""
    r = judged().reading
    shown = TRUNK_FLEXION.shown(r)
    assert shown is not None
    assert (shown.deg, shown.sd_deg) == (30.0, pytest.approx(ABSOLUTE_SD))
    assert all(a.shown(r) == a.of(r) for a in ANGLES if a is not TRUNK_FLEXION)


def test_columns_pair_as_their_description_says(recording: RecordingResult) -> None:
    """Old columns keep their meaning: the sd of the trunk's change keeps its name."""
    row = next(csv.DictReader(io.StringIO(tables.readings_csv(recording).decode())))
    pairs = {"trunk_flexion_deg": ("trunk_absolute_sd_deg", ABSOLUTE_SD), "trunk_change_deg": ("trunk_change_sd_deg", CHANGE_SD)}
    pairs |= {"neck_flexion_deg": ("neck_flexion_sd_deg", NECK_SD), "spinal_flexion_deg": ("spinal_flexion_sd_deg", SPINE_SD)}
    described = dict(re.findall(r"^\| `(\w+_deg)`[^|]*\| `(\w+_sd_deg)` \|$", (ROOT / "docs" / "formats.md").read_text("utf-8"), re.M))
    for angle, (sd, value) in pairs.items():
        assert described[angle] == sd
        assert float(row[sd]) == value
        assert row[angle]
    assert float(row["trunk_flexion_sd_deg"]) == CHANGE_SD
    assert {*described.values(), "trunk_flexion_sd_deg"} == {name for name in tables.READING_COLUMNS if name.endswith("_sd_deg")}


def test_every_picture_and_page_shows_it(recording: RecordingResult, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live picture, subtitles, charts, page, annotated video."""
    drawn: list[str] = []
    for module in (annotate, side_plot):
        monkeypatch.setattr(module, "text", lambda _out, words, *_args, **_named: drawn.append(words))
    image = np.zeros((720, 960, 3), np.uint8)
    annotate.draw(image, None, recording.judged[0], {}, 600.0)
    assert any("30° ± 13°" in words for words in drawn)
    drawn.clear()
    side_plot.SidePlot(recording, 720).at(recording.judged[0])
    assert any("30° ± 13°" in words for words in drawn)
    assert "trunk 30° ± 13°" in angle_words(recording.judged[0].reading)
    assert "trunk 30°±13" in "".join(subtitles.srt(recording, CATALOGUE))
    assert series.tracks(recording, 100)[0].median_sd_deg == pytest.approx(ABSOLUTE_SD)
    assert "Typically ± 13°" in page.page_html(recording, CATALOGUE).decode()
