"""Whom the reports of a recording speak to: of a person in the third, and to the reader only where it is the reader's own day."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console
from test_episodes_shown import recording
from test_reports import everything

from posture.biomechanics import POSTURE_ANGLES, drift
from posture.engine.recording import RecordingResult
from posture.prompts.entries import Catalogue
from posture.prompts.findings import FINDINGS, finding_of, held_line
from posture.prompts.hold_backs import hold_words
from posture.reports import labels as words
from posture.reports.archive.page import archive_html
from posture.reports.recording.page import page_html
from posture.reports.recording.summary_json import summary_json
from posture.reports.recording.terminal import print_analysis
from posture.reports.recording.timeline_svg import timeline_svg
from posture.types import EpisodeKind, HeldPrompt, HoldBack, HoldReason
from tests.made_days import CATALOGUE

SECOND = re.compile(r"\b(you|your|yours|yourself|you're|you've)\b", re.IGNORECASE)


def made(*, own: bool) -> RecordingResult:
    """A recording in which everything stands out and is held back that can be, without a prompt of the catalogue in it."""
    whole = recording()
    holds = [HeldPrompt(100.0 + i, EpisodeKind.FLEXED, HoldBack(reason, 200.0, "3")) for i, reason in enumerate(HoldReason)]
    finding = replace(finding_of(EpisodeKind.FLEXED, CATALOGUE, flagged=False, own=own), advice_ids=(), passages=())
    summary = replace(whole.summary, finding=finding, held=tuple(held_line(h, own=own) for h in holds))
    return replace(whole, own_day=own, held=tuple(holds), shown=(), summary=summary)


def printed(analysis: RecordingResult) -> str:
    """The terminal's summary."""
    file = io.StringIO()
    print_analysis(Console(file=file, width=100), analysis, CATALOGUE)
    return file.getvalue()


REPORTS: dict[str, Callable[[RecordingResult, Catalogue], str]] = {
    "page": lambda a, c: html.unescape(page_html(a, c).decode()),
    "terminal": lambda a, _c: printed(a),
    "json": lambda a, c: summary_json(a, c).decode(),
    "svg": lambda a, c: html.unescape(timeline_svg(a, c).decode()),
}


@pytest.mark.parametrize("report", REPORTS)
def test_a_recording_of_a_person_is_told_in_the_third_person(report: str) -> None:
    """No report of it says "you"; of one's own day it does."""
    assert not SECOND.findall(REPORTS[report](made(own=False), CATALOGUE))
    assert SECOND.findall(REPORTS[report](made(own=True), CATALOGUE))


def test_cards_speak_to_the_person_and_the_page_says_so() -> None:
    """The steps of a reminder are instructions; of one's own day there is nothing to explain."""
    theirs, own = (page_html(replace(everything(), own_day=own), CATALOGUE).decode() for own in (False, True))
    assert words.ADDRESSED.other in theirs and words.ADDRESSED.other not in own
    assert "the person's own upright position" in html.unescape(theirs) and "your own upright position" in own


def test_an_archive_is_of_people() -> None:
    """The page of many recordings never speaks to one of them."""
    assert not SECOND.findall(html.unescape(archive_html([], "desks").decode()))


def test_every_wording_has_both_voices() -> None:
    """What is said to the person is not said of them, and the other way round."""
    pairs = [*FINDINGS.values(), words.DISCLAIMERS, *drift._WORDS.values()]
    assert len(pairs) > 8
    for pair in pairs:
        assert SECOND.search(pair.own) and not SECOND.search(pair.other)
    for reason in HoldReason:
        assert not SECOND.search(hold_words(HoldBack(reason, None), own=False))


@pytest.mark.parametrize(("sd_deg", "same"), [(2.0, False), (6.0, False), (12.0, True), (None, True)])
def test_each_angle_says_what_it_is_good_for(sd_deg: float | None, same: bool) -> None:
    """Leaning is said of the trunk alone; where nothing can be told, all say the same."""
    said = {a.name: words.trust_words(sd_deg, a.name) for a in POSTURE_ANGLES}
    assert len(set(said.values())) == (1 if same else 3)
    assert not re.search("lean", said["spinal_flexion"] + said["pelvic_tilt"])
