"""What a placement can measure, and how it could be better."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from people import frames_of
from skeleton import Camera, pose_of, sitting

from posture._support import parameters
from posture.biomechanics.angles import AngleEstimator
from posture.biomechanics.placement import ERRORS_DEG, PlacementFacts, angle_line, distance_words, error_key, facts_of, placement_of
from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.sample import PoseSample, sample_of
from posture.pose.finder import PoseFinder
from posture.settings import MeasureSettings
from posture.types import Detection, Estimate, View

ROOT = Path(__file__).resolve().parents[1]
SIDE = PlacementFacts(View.SIDE, 88.0, True, False, True, True, 0.1, True, 250.0, 2.2, 150.0)


def seen_from(clip: str, model: Path) -> PlacementFacts:
    """The facts of a clip's first second."""
    meter = AngleEstimator(MeasureSettings(), None, parameters.load())
    with PoseFinder(model) as finder:
        seen = [sample_of(finder.find(f)) for f in frames_of(ROOT / "sample_videos" / f"{clip}.mp4", end_s=1.0)]
    found = facts_of([s.features for s in seen if s.features is not None], [meter.measure(s) for s in seen])
    assert found is not None
    return found


def test_the_figures_are_those_of_the_documentation() -> None:
    """Each row of the table of errors says what is told to the user."""
    text = (ROOT / "docs" / "measurement.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (side[^|]*|oblique[^|]*|front) \| \d+ \| (.*) \|$", text, re.MULTILINE))
    for name, errors in ERRORS_DEG.items():
        cells = next(cells for row, cells in rows.items() if row.split(", 45")[0] == name).split(" | ")
        assert [None if "unknown" in c else float(c.split()[0]) for c in cells] == list(errors)


def test_a_good_side_view_measures_all_and_asks_for_nothing() -> None:
    """Trunk, slump and pelvis, and no advice."""
    said = placement_of(SIDE)
    assert said.where == "The camera sees your left side, about 2 m away."
    assert [line.split(" (")[0].split(":")[0] for line in said.measured] == ["Trunk flexion", "Slumping", "Pelvic tilt"]
    assert all(": yes" in line for line in said.measured)
    assert "hardly shows" in said.measured[-1]
    assert said.better == ()


def test_the_front_does_not_show_the_pelvis() -> None:
    """Leaning yes, slumping roughly, pelvis no; and where to put the camera for it."""
    said = placement_of(replace(SIDE, view=View.FRONT, yaw_deg=4.0, hips_inside=False, px_per_m=600.0, distance_m=0.8))
    assert said.where == "The camera sees you from the front, about 0.8 m away."
    assert "Trunk flexion (leaning): yes, error about 4.3°." in said.measured
    assert any("roughly, error about 9°" in line for line in said.measured)
    assert any(line.startswith("Pelvic tilt: no.") for line in said.measured)
    assert any("beside you" in line for line in said.better)


def test_hidden_hips_from_the_side_make_it_rougher_and_are_said() -> None:
    """The figures without hips, and what to do."""
    hidden = replace(SIDE, hips_inside=False)
    assert error_key(hidden) == "side, hips hidden"
    said = placement_of(hidden)
    assert any("Pelvic tilt: roughly, when you slump or lean, error about 6°" in line for line in said.measured)
    assert any(line.startswith("Your hips are hidden") for line in said.better)


def test_at_an_angle() -> None:
    """Trunk and slump, the pelvis roughly."""
    said = placement_of(replace(SIDE, view=View.OBLIQUE, yaw_deg=-45.0))
    assert "at an angle (45°), your right side nearer" in said.where
    assert any("Pelvic tilt: roughly, when you slump or lean, error about 6°" in line for line in said.measured)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(SIDE, head_top=-0.02), "head is cut off"),
        (replace(SIDE, shoulders_inside=False), "Your head and both shoulders"),
        (replace(SIDE, px_per_m=80.0, distance_m=6.0), "small in the picture (about 6 m away)"),
        (replace(SIDE, bright=50.0), "picture is dark"),
        (replace(SIDE, hips_change=True), "keep leaving the picture"),
        (replace(SIDE, outline=False), "outline is hard to tell"),
        (replace(SIDE, knees_inside=False), "until your knees"),
        (replace(SIDE, view=View.REAR, yaw_deg=175.0), "in front of you or beside you"),
    ],
)
def test_each_shortcoming_has_its_advice(facts: PlacementFacts, words: str) -> None:
    """In words that say what to do; the first of them comes first."""
    assert any(words in line for line in placement_of(facts).better)


@pytest.mark.parametrize(
    ("clip", "view", "hips"),
    [("side_mixed_male1", View.SIDE, True), ("front_mixed_female1", View.FRONT, False), ("diag_flexion_male1", View.OBLIQUE, True)],
)
def test_real_pictures_are_placed_rightly(clip: str, view: View, hips: bool, model_file: Path) -> None:
    """View, hips and distance of rendered people whose camera is known, the distance to a third."""
    facts = seen_from(clip, model_file)
    true_m = {"side_mixed_male1": 2.5, "front_mixed_female1": 0.8, "diag_flexion_male1": 1.55}[clip]
    assert (facts.view, facts.hips_inside) == (view, hips)
    assert abs(facts.distance_m / true_m - 1.0) < 0.34
    assert not any("cut off" in line or "small" in line for line in placement_of(facts).better)


def test_facts_need_somebody() -> None:
    """Nobody seen, no facts."""
    assert facts_of([], []) is None


def test_a_head_beyond_the_top_is_cut_off() -> None:
    """A camera that stands too low, or looks down."""
    camera = Camera(yaw_deg=88.0, distance_m=2.0, height_m=0.85)
    for look, cut in ((camera, False), (replace(camera, pitch_deg=12.0), True)):
        seen = PoseSample(0.0, Detection.PERSON, pose_features_of(pose_of(sitting(), look)))
        assert seen.features is not None
        facts = facts_of([seen.features], [AngleEstimator(MeasureSettings(), None, parameters.load()).measure(seen)])
        assert facts is not None
        assert (facts.head_top < 0.0) is cut


def test_words_of_angles_and_distances() -> None:
    """Degrees with sd and a true minus; why there is none; distances no finer than they are known."""
    assert angle_line("trunk", Estimate(-3.4, 2.2, "x"), View.SIDE) == "trunk \N{MINUS SIGN}3° ± 2°"
    assert angle_line("trunk", Estimate(-0.2, 2.2, "x"), View.SIDE) == "trunk 0° ± 2°"
    assert angle_line("pelvis", None, View.FRONT) == "pelvis not visible from here"
    assert angle_line("pelvis", None, None) == "pelvis not seen"
    assert [distance_words(m) for m in (0.62, 1.9, 2.4, 2.2)] == ["0.6 m", "2 m", "2.5 m", "2 m"]
