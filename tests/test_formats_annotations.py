"""Postures and episodes as annotations: ELAN's file read by pympi, BORIS's project by its own rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from test_reports import CATALOGUE, HOSTILE, analysis_of, everything, nothing, single

from posture.engine.exercise.bouts import Bout
from posture.engine.exercise.results import ExerciseResult
from posture.engine.recording import RecordingResult
from posture.recordings import InputFile, InputKind, media_paths
from posture.reports.recording.formats.annotations import tiers_of
from posture.reports.recording.formats.boris import boris_project
from posture.reports.recording.formats.elan import eaf
from posture.types import Posture, Span

BOUT = Bout(20.0, 50.0, ExerciseResult("cat_cow_seated", 5, 0, 30.0, 3.0, 6.0, None))


def with_exercise() -> RecordingResult:
    """Everything, and an exercise."""
    return replace(everything(), exercises=(BOUT,))


def read_eaf(tmp_path: Path, content: bytes) -> Any:
    """What pympi makes of an .eaf, without a warning."""
    elan = pytest.importorskip("pympi.Elan", reason="pympi-ling is not installed")
    path = tmp_path / "annotations.eaf"
    path.write_bytes(content)
    return elan.Eaf(str(path))


def read_boris(content: bytes) -> tuple[dict[str, Any], list[tuple[str, float, float | None, str]]]:
    """The only observation of a project, and its events paired as BORIS pairs them: the next one of a state's code ends it."""
    project = json.loads(content)
    behaviours = {b["code"]: b for b in project["behaviors_conf"].values()}
    assert len(behaviours) == len(project["behaviors_conf"])
    assert {b["category"] for b in behaviours.values()} == set(project["behavioral_categories"])
    (observation,) = project["observations"].values()
    assert observation["events"] == sorted(observation["events"], key=lambda e: e[0])
    began: dict[str, tuple[float, str]] = {}
    out: list[tuple[str, float, float | None, str]] = []
    for time_s, subject, code, modifier, comment, _frame in observation["events"]:
        assert (subject, modifier) == ("", "")
        if behaviours[code]["type"] == "Point event":
            out.append((code, time_s, None, comment))
        elif code in began:
            out.append((code, began[code][0], time_s, comment))
            del began[code]
        else:
            assert not set(behaviours[code]["excluded"].split(",")) & set(began)
            began[code] = (time_s, comment)
    assert not began
    return observation, out


def test_elan_has_a_tier_for_each_sort(tmp_path: Path) -> None:
    """Postures, the episodes of each kind, reminders and exercises, in milliseconds; values of a vocabulary are explained by it."""
    found = read_eaf(tmp_path, eaf(with_exercise(), CATALOGUE))
    tiers = {name: found.get_annotation_data_for_tier(name) for name in found.get_tier_names()}
    assert tiers["posture"] == [
        (0, 120_000, "neutral"),
        (120_000, 1_440_000, "flexed"),
        (1_440_000, 1_560_000, "away"),
        (1_560_000, 1_710_000, "anterior_tilt"),
        (1_710_000, 1_800_000, "unknown"),
    ]
    assert tiers["episode flexed"] == [(120_000, 1_440_000, "flexed")]
    assert tiers["episode sitting"] == []
    assert tiers["reminder"][0] == (720_000, 728_000, "Cat-Cow on your chair")
    assert tiers["exercise"] == [(20_000, 50_000, "cat_cow_seated")]
    vocabulary = {values[0][0]: values[0][2] for values, _ in found.get_cv_entries("posture").values()}
    assert set(vocabulary) == {p.value for p in Posture}
    assert vocabulary["flexed"].startswith("leaning or slumped")
    assert found.get_linked_files()[0]["MIME_TYPE"] == "video/mp4"


def test_boris_has_states_and_points() -> None:
    """The same stretches; the postures exclude each other; a reminder is a point with its title."""
    observation, found = read_boris(boris_project(with_exercise(), CATALOGUE))
    assert [f for f in found if f[0] in set(Posture)] == [
        ("neutral", 0.0, 120.0, ""),
        ("flexed", 120.0, 1440.0, ""),
        ("away", 1440.0, 1560.0, ""),
        ("anterior_tilt", 1560.0, 1710.0, ""),
        ("unknown", 1710.0, 1800.0, ""),
    ]
    assert ("episode flexed", 120.0, 1440.0, "") in found
    assert ("reminder", 720.0, None, "Cat-Cow on your chair") in found
    assert ("exercise", 20.0, 50.0, "cat_cow_seated") in found
    assert observation["file"]["1"] == ["../desk.mp4"]
    assert observation["media_info"]["length"] == {"../desk.mp4": 1800.0}


@given(st.lists(st.tuples(st.floats(0.0001, 30), st.sampled_from(Posture)), max_size=30), st.floats(0, 1e5))
def test_annotations_follow_each_other(parts: list[tuple[float, Posture]], start_s: float) -> None:
    """Spans of any length: in order, none empty, no overlap, no gap of more than a millisecond, neighbours differ."""
    spans, at = [], start_s
    for length, posture in parts:
        spans.append(Span(at, at + length, posture))
        at += length
    analysis = analysis_of([], spans)
    postures = tiers_of(analysis, CATALOGUE)[0].annotations
    assert all(a.start_ms < a.end_ms for a in postures)
    assert all(a.end_ms == b.start_ms and a.value != b.value for a, b in pairwise(postures))
    assert sum(a.end_ms - a.start_ms for a in postures) == pytest.approx(1000 * (at - start_s), abs=2 + 1e-6 * at)
    read_boris(boris_project(analysis, CATALOGUE))


@pytest.mark.parametrize("make", [nothing, single, lambda: everything(HOSTILE)])
def test_annotations_of_anything(make: Callable[[], RecordingResult], tmp_path: Path) -> None:
    """Of nothing, of one frame, and under a name that holds markup: still readable, and a name is only a name."""
    analysis = make()
    found = read_eaf(tmp_path, eaf(analysis, CATALOGUE))
    assert len(found.get_annotation_data_for_tier("posture")) == len(analysis.spans)
    assert found.get_linked_files()[0]["RELATIVE_MEDIA_URL"].endswith(".mp4")
    observation, _ = read_boris(boris_project(analysis, CATALOGUE))
    assert observation["type"] == "MEDIA"


def test_the_recording_is_linked_from_where_the_results_are(tmp_path: Path) -> None:
    """Beside it, or where --out puts them; what comes from a pipe is not linked."""
    desk, piped = InputFile(tmp_path / "a" / "desk.mp4"), InputFile(Path("pipe"), InputKind.PIPE)
    folders = [tmp_path / "results" / "desk.posture", tmp_path / "pipe.posture"]
    paths = media_paths([desk, piped], folders)
    assert paths == {str(desk.path): "../../a/desk.mp4", str(piped.path.absolute()): ""}
    content = eaf(replace(single(), media=paths[str(desk.path)]), CATALOGUE)
    assert read_eaf(tmp_path, content).get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "../../a/desk.mp4"
    assert not read_eaf(tmp_path, eaf(replace(single(), media=""), CATALOGUE)).get_linked_files()
