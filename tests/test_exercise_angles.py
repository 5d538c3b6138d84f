"""The angles that exercises are counted by: they follow the back, not the head, and need a neutral."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.exercise_plays import CARDS, Body, readings_of
from posture._support import parameters
from posture.types import Reading, View


def seen(movement: str, view: str) -> tuple[list[Reading], np.ndarray]:
    """Return readings of a drawn person who goes from one end of a movement to the other, and the (n, 6) true angles."""
    body, r = Body(CARDS / "040.npz"), np.random.default_rng(0)
    now = np.arange(0.0, 12.0, 0.2)
    samples, truth = body.samples(r, view, movement, now, np.sin(2.0 * np.pi * now / 6.0))
    return readings_of(samples, body.neutral(view), parameters.load(), live=False), truth


@pytest.mark.parametrize(("view", "name"), [("side", View.SIDE), ("oblique", View.OBLIQUE)])
def test_they_follow_the_back_and_not_the_head(view: str, name: View) -> None:
    """A nod moves the angle of the spine by less than half of what a back does that rounds and arches."""
    spine: dict[str, np.ndarray] = {}
    for movement in ("cat_cow", "nod"):
        readings, truth = seen(movement, view)
        angles = [r.exercise for r in readings]
        assert {a.view for a in angles if a is not None} == {name}
        spine[movement] = np.array([np.nan if a is None else a.spine.deg for a in angles])
        if movement == "cat_cow":
            there = np.isfinite(spine[movement])
            assert there.mean() > 0.9
            assert np.corrcoef(spine[movement][there], truth[there, 1])[0, 1] > 0.9
    assert np.ptp(spine["nod"][np.isfinite(spine["nod"])]) < 0.5 * np.ptp(spine["cat_cow"][np.isfinite(spine["cat_cow"])])


def test_nothing_is_measured_of_exercises_without_a_neutral() -> None:
    """A change needs something that it is a change from."""
    samples, _ = Body(CARDS / "040.npz").samples(np.random.default_rng(0), "side", "cat_cow", np.arange(0.0, 2.0, 0.2), np.zeros(10))
    live = readings_of(samples, None, parameters.load(), live=True)
    assert [r.exercise for r in live] == [None] * len(live)
