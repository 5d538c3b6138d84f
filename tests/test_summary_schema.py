"""``summary.json`` against the JSON Schema that comes with the program, whatever was analysed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT
from kept import LANDMARKS

from posture._support import data_file
from posture._support.catalogue import load
from posture.biomechanics import PoseSample
from posture.capture import VideoFacts
from posture.engine import RecordingResult
from posture.recordings import sample_cache
from posture.recordings.analysis import analyze_measured
from posture.recordings.job import Job
from posture.recordings.merging import Measured
from posture.recordings.run_record import ALL_EXERCISES
from posture.reports.recording.summary_json import SCHEMA, SCHEMA_VERSION, summary_json
from posture.settings import Settings
from posture.types import Detection

CATALOGUE = load()
JOB = Job(Settings(), Path("model"), {"name": "full", "file": "full.task", "sha256": "ab" * 32}, CATALOGUE)
GIVEN = replace(JOB, neutral_span=(0.0, 0.7))
SCHEMA_FILE = data_file("schemas/summary.schema.json")


def found(clip: str, **changed: object) -> Measured:
    """The landmarks of a sample clip."""
    measured = sample_cache.load(LANDMARKS, clip, clip, keep_poses=False)
    assert measured is not None
    return replace(measured, **changed)


def nobody() -> Measured:
    """A minute of an empty room."""
    measured = Measured(VideoFacts.bare("empty", 640, 360), complete=True)
    for second in range(60):
        measured.samples.append(PoseSample(float(second), Detection.NOBODY))
    return measured


def against_a_profile() -> RecordingResult:
    """One clip, against the neutral of another that was saved."""
    neutral = analyze_measured(found("side_tilt_female1.mp4"), GIVEN).reference
    assert neutral is not None
    return analyze_measured(found("side_mixed_male1.mp4"), replace(JOB, profile=replace(neutral, source="profile desk")))


CASES = {
    "whole, with a neutral that was given": lambda: analyze_measured(found("side_mixed_male1.mp4"), GIVEN),
    "automatic neutral": lambda: analyze_measured(found("front_mixed_female1.mp4"), JOB),
    "a day, with prompts and episodes": lambda: analyze_measured(found("desk_day.mp4"), JOB),
    "interrupted": lambda: analyze_measured(found("side_mixed_male1.mp4", complete=False), GIVEN),
    "a file that breaks off": lambda: analyze_measured(broken(), GIVEN),
    "a saved neutral": against_a_profile,
    "exercises": lambda: analyze_measured(found("side_tilt_female1.mp4"), replace(GIVEN, exercises=ALL_EXERCISES)),
    "nobody": lambda: analyze_measured(nobody(), JOB),
    "not one picture": lambda: analyze_measured(Measured(VideoFacts.bare("none")), JOB),
}


def broken() -> Measured:
    """A clip whose file ends too early."""
    measured = found("side_mixed_male1.mp4")
    return replace(measured, facts=replace(measured.facts, problem="breaks off at 25.0 s of 60.0 s", truncated=True))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema."""
    read: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("case", CASES)
def test_what_an_analysis_writes_is_what_the_schema_says(case: str, schema: dict[str, Any]) -> None:
    """No key is missing, none is unknown, and no number is where it cannot be."""
    jsonschema.validate(json.loads(summary_json(CASES[case](), CATALOGUE)), schema, jsonschema.Draft202012Validator)


def test_the_schema_is_one_and_closed(schema: dict[str, Any]) -> None:
    """It is valid itself, and every object in it either names its keys or says what the others are."""
    jsonschema.Draft202012Validator.check_schema(schema)
    assert all("additionalProperties" in node for path, node in objects(schema) if path != "properties/extra")
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert SCHEMA_VERSION.partition(".")[0] == str(SCHEMA) == str(schema["properties"]["schema"]["const"])


def objects(node: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object of the schema that describes one."""
    if isinstance(node, Mapping):
        if "object" in (node["type"] if isinstance(node.get("type"), list) else [node.get("type")]):
            yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}/{key}".lstrip("/"))


def test_every_key_is_documented(schema: dict[str, Any]) -> None:
    """Docs/formats.md has a row for each."""
    section = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").split("\n## summary.json\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    assert set(schema["properties"]) <= set(re.findall(r"`(\w+)`", " ".join(rows)))


def test_an_unknown_key_is_refused(schema: dict[str, Any]) -> None:
    """So whoever adds one extends the schema."""
    data = json.loads(summary_json(CASES["nobody"](), CATALOGUE))
    with pytest.raises(jsonschema.ValidationError, match="was unexpected"):
        jsonschema.validate({**data, "new": 1}, schema, jsonschema.Draft202012Validator)
