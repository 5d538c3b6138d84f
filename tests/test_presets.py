"""How often to remind: the three choices, the causes that a person can leave out, and what a day would bring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posture._support import catalogue, config
from posture.days import SpanTable
from posture.prompts import OWN_DAYS, Sitter, plan_of, preset_of, presets, reminders_a_day, simulate, usual_days, with_preset
from posture.settings import Settings
from posture.types import EpisodeKind, ShownPrompt

CATALOGUE = catalogue.load()
GENTLE, STANDARD, OFTEN = presets()
DAY_S = 86400.0


def kinds(plan: str, settings: Settings) -> set[EpisodeKind | None]:
    """What is spoken of to somebody who never moves."""
    return {one.event.kind for one in simulate(plan_of(plan), CATALOGUE, settings, Sitter()) if isinstance(one.event, ShownPrompt)}


def test_each_is_recognised_and_valid() -> None:
    """What a preset sets is a valid settings file, and says which preset it is; anything else is none."""
    for preset in presets():
        settings = config.of(preset.values)
        assert settings == with_preset(Settings(), preset)
        assert preset_of(settings) == preset
    assert preset_of(Settings()) == STANDARD
    assert with_preset(with_preset(Settings(), GENTLE), STANDARD) == Settings()
    assert preset_of(config.of({"prompts.per_hour": 1})) is None


@pytest.mark.parametrize(
    ("off", "plan", "kind"),
    [
        ("about_flexed", "lean:25", EpisodeKind.FLEXED),
        ("about_tilt", "tilt:20", EpisodeKind.ANTERIOR_TILT),
        ("about_sitting", "neutral:45", EpisodeKind.SITTING),
        ("about_stillness", "neutral:25", EpisodeKind.STILLNESS),
    ],
)
def test_a_cause_that_is_left_out_is_not_spoken_of(off: str, plan: str, kind: EpisodeKind) -> None:
    """And without it being left out it is."""
    assert kind in kinds(plan, Settings())
    assert kind not in kinds(plan, config.of({f"prompts.{off}": False}))


def test_gentle_brings_fewer_and_often_more() -> None:
    """On the example day; Gentle's are never more than two in an hour."""
    gentle, standard, often = (reminders_a_day(with_preset(Settings(), one), CATALOGUE) for one in (GENTLE, STANDARD, OFTEN))
    assert gentle < standard < often
    said = simulate(plan_of("lean:150,away:5,slump:80"), CATALOGUE, with_preset(Settings(), GENTLE))
    times = [one.event.time_s for one in said if isinstance(one.event, ShownPrompt)]
    assert len(times) > 2
    assert max(sum(a <= b < a + 3600 for b in times) for a in times) == 2


def test_after_three_measured_days_it_is_the_persons_own() -> None:
    """Two hours upright with breaks bring nothing; a short day is none; fewer days, and the example stands for them."""

    def hours(day: int) -> list[tuple[float, float, int, str, bool | None, str | None]]:
        start = day * DAY_S + 36000.0
        return [(start + 1200.0 * n, start + 1200.0 * n + 900.0, 1, "neutral", True, None) for n in range(8)]

    rows = [row for day in range(4) for row in hours(day)] + [(4 * DAY_S, 4 * DAY_S + 600.0, 1, "flexed", True, None)]
    bounds = [(day * DAY_S, (day + 1) * DAY_S) for day in range(5)]
    days = usual_days(SpanTable(rows), [], bounds)
    assert len(days) == OWN_DAYS
    assert [(phase.state, phase.seconds) for phase in days[0].plan[:2]] == [("neutral", 900.0), ("away", 300.0)]
    assert reminders_a_day(Settings(), CATALOGUE, days) == 0.0
    assert reminders_a_day(Settings(), CATALOGUE, days[:2]) == reminders_a_day(Settings(), CATALOGUE) > 0.0
    bent = replace(days[0], plan=tuple(plan_of("lean:100")))
    assert reminders_a_day(Settings(), CATALOGUE, [bent, *days[:2]]) > 0.0
