"""What a guided exercise is for the day: time of its own, in which doses fall, a minute clears them, and a seated one is no break."""

from __future__ import annotations

import pytest
from readings import day

from posture._support.catalogue import load
from posture.engine import Engine, EngineOutput, summarise
from posture.prompts import PromptScheduler
from posture.settings import Settings
from posture.types import EpisodeKind, PostureChangeKind

SETTINGS = Settings()


def exercised(seconds: int, *, seated: bool) -> tuple[EngineOutput, list[dict[EpisodeKind, float]]]:
    """Nine minutes bent, an exercise, a minute upright: what came of it, and the doses at each second of the exercise."""
    engine, total, doses = Engine(SETTINGS, PromptScheduler(load(), SETTINGS.prompts)), EngineOutput(), []
    readings, end_s = day("flexed:9")
    for reading in readings:
        total.extend(engine.process(reading))
    for n in range(seconds + 1):
        total.extend(engine.exercise(end_s + n, seated, began=n == 0))
        doses.append(total.dose_s)
    for reading in day("neutral:1")[0]:
        total.extend(engine.process(type(reading)(**{**_fields(reading), "time_s": reading.time_s + end_s + seconds})))
    total.extend(engine.finish(end_s + seconds + 60.0))
    return total, doses


def _fields(reading: object) -> dict[str, object]:
    return {name: getattr(reading, name) for name in type(reading).__dataclass_fields__}  # type: ignore[attr-defined]


def test_doses_fall_and_a_minute_clears_them() -> None:
    """By the same half-life as upright; sitting goes on; it is a change of posture, and no prompt comes meanwhile."""
    out, doses = exercised(70, seated=True)
    flexed = [d[EpisodeKind.FLEXED] for d in doses]
    assert flexed[0] == pytest.approx(540.0, abs=2.0)
    assert flexed[50] == pytest.approx(540.0 * 2 ** (-50 / SETTINGS.dose.half_life_s), rel=0.02)
    assert flexed[61] == 0.0
    assert doses[-1][EpisodeKind.SITTING] >= 540.0
    assert [m.kind for m in out.moves][:1] == [PostureChangeKind.SHIFT]
    assert PostureChangeKind.BREAK not in [m.kind for m in out.moves]
    assert out.shown == []


def test_it_is_in_no_total() -> None:
    """Neither measured nor unknown: coverage is of the rest."""
    out, _ = exercised(70, seated=True)
    assert sum(s.duration_s for s in out.spans if s.reason == "exercise") == pytest.approx(70.0)
    assert summarise(out.spans, out.moves, out.episodes).coverage == pytest.approx(1.0)


def test_a_standing_one_is_a_break() -> None:
    """Who gets up for it has got up."""
    out, doses = exercised(70, seated=False)
    assert doses[-1][EpisodeKind.SITTING] == 0.0
    assert PostureChangeKind.BREAK in [m.kind for m in out.moves]
