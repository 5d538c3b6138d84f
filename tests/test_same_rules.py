"""Recordings that were measured wrongly, from the command line: each kind by one that shows it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import people
import pytest
from conftest import SAMPLES
from numpy.typing import NDArray

from posture.cli.app import run
from posture.storage.store import Store

Image = NDArray[np.uint8]
SIDE = SAMPLES / "side_mixed_male1.mp4"
RNG = np.random.default_rng(6)
NOISE = [(2.5 * RNG.standard_normal((480, 640, 3), np.float32)).astype(np.int16) for _ in range(4)]


@dataclass(frozen=True)
class Table:
    """What the command wrote."""

    rows: list[dict[str, str]]
    summary: dict  # type: ignore[type-arg]

    def postures(self) -> Counter[str]:
        return Counter(r["posture"] for r in self.rows)

    def reasons(self, low_s: float = 0.0, high_s: float = 1e9) -> set[str]:
        return {r["reason"] for r in self.rows if low_s <= float(r["time_s"]) < high_s}

    def angles(self, name: str) -> NDArray[np.float64]:
        return np.array([float(r[name] or "nan") for r in self.rows])

    @property
    def notes(self) -> str:
        return " ".join(self.summary["notes"])


@pytest.fixture
def analyzed(home: Path, model_file: Path, kept_landmarks: Path, one_process: None) -> Callable[..., Table]:
    """Run ``posture analyze`` on pictures at their times, or on a file."""

    def go(what: Path | Iterable[tuple[float, Image]], *options: str) -> Table:
        clip = what if isinstance(what, Path) else people.write(home / "clip.mp4", what, key_every=50)
        out = home / "out"
        kept = ["--cache"] if what == clip else []
        assert run(["analyze", str(clip), "--overwrite", "--out", str(out), *kept, *options]) == 0
        rows = list(csv.DictReader((out / "readings.csv").read_text(encoding="utf-8").splitlines()))
        return Table(rows, json.loads((out / "summary.json").read_text(encoding="utf-8")))

    return go


def frames(clip: Path = SIDE, end_s: float | None = None) -> list[tuple[float, Image]]:
    """Of a clip."""
    return [(f.time_s, f.image) for f in people.frames_of(clip, end_s=end_s)]


def noisy(image: Image, i: int) -> Image:
    """As a sensor gives it."""
    noise = NOISE[i % len(NOISE)]
    if noise.shape != image.shape:
        noise = np.resize(noise, image.shape)
    return np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def test_a_black_picture_is_unknown_and_not_away(analyzed: Callable[..., Table]) -> None:
    """Eight seconds of a person, then twelve of black."""
    seen = frames(end_s=8.0)
    black = [(8.0 + 0.2 * i, np.zeros_like(seen[0][1])) for i in range(60)]
    t = analyzed([*seen, *black], "--neutral", "0-0.7")
    assert t.reasons(8.5) == {"too_dark"}
    assert t.postures()["away"] == 0
    assert t.summary["unknown_by_reason_s"]["too_dark"] == pytest.approx(12.0, abs=0.5)
    assert 0.3 < t.summary["coverage"] < 0.42  # what is too close to call counts as little as what is black
    assert "too dark" in t.notes


@pytest.mark.parametrize(("reason", "shown"), [("covered", 90), ("frozen", None)])
def test_a_covered_or_frozen_picture_is_unknown(reason: str, shown: int | None, analyzed: Callable[..., Table]) -> None:
    """A finger over the lens; a camera that gives its last picture for ever."""
    seen = [(t, noisy(image, i)) for i, (t, image) in enumerate(frames(end_s=6.0))]
    last = seen[-1][1]
    blind = [(6.0 + 0.2 * i, last if shown is None else np.full_like(last, shown)) for i in range(90)]
    t = analyzed([*seen, *blind], "--neutral", "0-0.7")
    assert t.reasons(14.0) == {reason}
    assert t.postures()["away"] == 0


def test_the_range_of_a_profile_moves_the_thresholds_of_a_recording(analyzed: Callable[..., Table], tmp_path: Path) -> None:
    """As live: a person whose full slump reads 20 degrees is slumped from 12 on."""
    assert run(["analyze", str(SIDE), "--cache", "--neutral", "0-0.7", "--profile", "desk", "--out", str(tmp_path / "upright")]) == 0
    flexed = []
    for slump in (None, {"spine_deg": 20.0, "spine_sd_deg": 2.0, "pelvis_deg": None, "pelvis_sd_deg": None}):
        with Store.open() as store:
            data = {**store.load_profile("desk").data, "slump": slump}
            store.save_profile("desk", data)
        t = analyzed(SIDE, "--profile", "desk")
        flexed.append(t.postures()["flexed"])
    assert flexed[1] >= flexed[0] + 5
    assert t.summary["own_thresholds_deg"] == {"bands.flexed_spine_deg": 12.0}
    assert "a slump counts from 12° on" in t.notes


def test_a_profile_measures_as_a_span_does(analyzed: Callable[..., Table], tmp_path: Path) -> None:
    """The same neutral by its name gives the same angles as by its seconds."""
    assert run(["analyze", str(SIDE), "--cache", "--neutral", "0-0.7", "--profile", "desk", "--out", str(tmp_path / "upright")]) == 0
    by_name, by_span = analyzed(SIDE, "--profile", "desk"), analyzed(SIDE, "--neutral", "0-0.7")
    for name in ("trunk_flexion_deg", "spinal_flexion_deg", "pelvic_tilt_deg"):
        assert np.nanmax(np.abs(by_name.angles(name) - by_span.angles(name))) <= 0.02, name


def test_a_profile_of_an_earlier_version_is_less_sure_and_says_so(analyzed: Callable[..., Table], tmp_path: Path) -> None:
    """Its landmarks were found in another way."""
    assert run(["analyze", str(SIDE), "--cache", "--neutral", "0-0.7", "--profile", "old", "--out", str(tmp_path / "upright")]) == 0
    with Store.open() as store:
        store.save_profile("old", {**store.load_profile("old").data, "followed": False})
    t = analyzed(SIDE, "--profile", "old")
    assert "earlier version" in t.notes
    assert np.nanmin(t.angles("trunk_flexion_sd_deg")) > 3.0


def test_against_an_automatic_neutral_no_anterior_tilt_is_said(analyzed: Callable[..., Table]) -> None:
    """A quarter of this clip was said to be one."""
    t = analyzed(SAMPLES / "side_tilt_female1.mp4")
    assert t.postures()["anterior_tilt"] == 0
    assert np.isnan(t.angles("pelvic_tilt_deg")).all()
    assert "isn't reported" in t.notes


def test_a_neutral_that_no_longer_fits_is_noticed(analyzed: Callable[..., Table]) -> None:
    """The camera is moved after a minute; one picture every ten seconds for nine minutes."""
    still = [image for t, image in frames(end_s=1.6)]
    moved = [np.asarray(np.roll(image, (90, 130), axis=(0, 1)), np.uint8) for image in still]
    shown = [(10.0 * i, noisy((still if i < 6 else moved)[i % len(still)], i)) for i in range(54)]
    t = analyzed(shown, "--neutral", "0-40", "--no-adaptive")
    assert "no longer fits" in t.notes


def test_two_people_are_said_and_who_was_measured(analyzed: Callable[..., Table]) -> None:
    """Somebody sits beside."""
    other = [image for _, image in frames(SAMPLES / "front_mixed_female1.mp4", 8.0)]
    pairs = zip(frames(end_s=8.0), other, strict=False)
    t = analyzed([(s, np.hstack([a[:, 100:540], b[:, 100:540]])) for (s, a), b in pairs], "--neutral", "0-0.7")
    assert "Two people were in the picture" in t.notes
    assert "was measured" in t.notes


def test_a_small_picture_of_a_person_is_no_person(analyzed: Callable[..., Table]) -> None:
    """An icon of thirty pixels on a screen."""
    room = cv2.cvtColor(cv2.imread(str(SAMPLES / "side_day_male1_empty.png")), cv2.COLOR_BGR2RGB)
    shown = []
    for i, (time_s, image) in enumerate(frames(end_s=8.0)):
        picture = room.copy()
        picture[60:90, 300:340] = people.resized(40, 30)(image)
        shown.append((time_s, noisy(picture, i)))
    t = analyzed(shown)
    assert set(t.postures()) == {"away"}
    assert {r["present"] for r in t.rows} == {"0"}


@pytest.mark.parametrize("cut", [184, pytest.param(216, marks=pytest.mark.soak)])
def test_a_man_without_a_head_is_unclear_and_not_away(cut: int, analyzed: Callable[..., Table]) -> None:
    """The camera sees him from the shoulders down, at work."""
    t = analyzed([(time_s, noisy(np.ascontiguousarray(image[cut:]), i)) for i, (time_s, image) in enumerate(frames(end_s=12.0))])
    assert t.postures()["away"] == 0
    assert t.postures()["unknown"] >= 0.8 * len(t.rows)


SOAK = pytest.mark.soak


@pytest.mark.parametrize(("share", "grey"), [pytest.param(0.4, 0, marks=SOAK), pytest.param(0.5, 0, marks=SOAK), (0.5, 128)])
def test_hidden_hips_widen_the_sd(share: float, grey: int, analyzed: Callable[..., Table]) -> None:
    """The lower part of the picture is black or grey: the errors lie within two sds all the same, and it is said."""
    truth = list(csv.DictReader((SAMPLES / "side_mixed_male1.csv").read_text(encoding="utf-8").splitlines()))
    times = np.array([float(r["time_s"]) for r in truth])
    spine = np.array([float(r["thoracic_flexion_deg"]) - float(r["lumbar_lordosis_deg"]) for r in truth])

    def hidden(image: Image) -> Image:
        image = image.copy()
        image[int(480 * (1.0 - share)) :] = grey
        return image

    t = analyzed([(s, hidden(image)) for s, image in frames(end_s=15.0)], "--neutral", "0-0.7")
    at = t.angles("time_s")
    error = np.abs(t.angles("spinal_flexion_deg") - (np.interp(at, times, spine) - np.interp(0.35, times, spine)))
    sd = t.angles("spinal_flexion_sd_deg")
    known = np.isfinite(error)
    assert (error[known] <= 2.0 * sd[known]).mean() >= 0.9
    assert "hips" in t.notes


def test_poor_light_widens_the_sd(analyzed: Callable[..., Table]) -> None:
    """A quarter of the light, and noise."""
    plain = analyzed(SIDE, "--neutral", "0-0.7")
    seen = frames(end_s=12.0)
    dim = analyzed([(s, noisy((image * 0.25).astype(np.uint8), i)) for i, (s, image) in enumerate(seen)], "--neutral", "0-0.7")
    name = "spinal_flexion_sd_deg"
    assert np.nanmedian(dim.angles(name)) >= 1.5 * np.nanmedian(plain.angles(name)[: len(seen)])
    assert "light was poor" in dim.notes


def test_pictures_that_are_turned_for_a_while_are_not_measured(analyzed: Callable[..., Table]) -> None:
    """Five seconds in the middle lie on their side, unmarked."""
    turned = [
        (s, np.rot90(image, 1 if 5.0 <= s < 10.0 else 0)[:480, :480]) for s, image in ((t, a[:, 80:560]) for t, a in frames(end_s=15.0))
    ]
    t = analyzed(turned, "--neutral", "0-0.7")
    assert t.reasons(5.0, 9.9) == {"sideways"}
    assert t.reasons(0.0, 4.9) <= {"", "unsure"}


def test_a_neutral_of_the_other_side_measures_nothing(analyzed: Callable[..., Table], tmp_path: Path) -> None:
    """A profile, and the person filmed from the other side: unknown from the first reading on, and said."""
    assert run(["analyze", str(SIDE), "--cache", "--neutral", "0-0.7", "--profile", "desk", "--out", str(tmp_path / "upright")]) == 0
    t = analyzed([(s, np.ascontiguousarray(image[:, ::-1])) for s, image in frames(end_s=8.0)], "--profile", "desk")
    assert np.isnan(t.angles("spinal_flexion_deg")).all()
    assert "faces another way than in the upright reference" in t.notes


def test_no_estimate_is_less_sure_than_twenty_degrees(analyzed: Callable[..., Table]) -> None:
    """Somebody else takes the person's place."""
    other = [(6.0 + s, image) for s, image in frames(SAMPLES / "front_mixed_female1.mp4", 8.0)]
    t = analyzed([*((s, i) for s, i in frames(end_s=6.0)), *other], "--neutral", "0-0.7")
    for name in ("trunk_flexion_sd_deg", "spinal_flexion_sd_deg", "pelvic_tilt_sd_deg"):
        assert np.nanmax(t.angles(name)) <= 20.0


def test_a_neutral_in_the_dark_says_so(home: Path, model_file: Path, one_process: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason is the light, not that nobody was there."""
    clip = people.write(home / "dark.mp4", [(s, image // 12) for s, image in frames(end_s=2.0)])
    assert run(["analyze", str(clip), "--neutral", "0-0.7", "--out", str(home / "out")]) == 1
    assert "the picture is too dark from 0 to 0.7 s" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("turns", "rotate"), [(1, 90), (3, 270)])
def test_a_picture_on_its_side_is_said_and_not_measured(turns: int, rotate: int, analyzed: Callable[..., Table]) -> None:
    """No angle is given, and how to turn it is."""
    t = analyzed([(s, np.rot90(image, turns)) for s, image in frames(end_s=8.0)])
    assert t.reasons() == {"sideways"}
    assert np.isnan(t.angles("trunk_flexion_deg")).all()
    assert f"--rotate {rotate}" in t.notes
