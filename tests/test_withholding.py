"""Prompts that are withheld for a comparison: how many, which never, and that nothing else changes by it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from readings import day

from posture._support import catalogue
from posture.desktop.notifications.notice import Notice
from posture.engine.engine import Engine, EngineOutput
from posture.monitor.notifier import PromptNotifier
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.withholding import CHANCE, SHARE, withheld
from posture.settings import PromptSettings, Settings
from posture.storage.records import Origin
from posture.storage.session_writer import SessionWriter
from posture.storage.store import Store
from posture.types import Answer, EpisodeKind, PromptLevel, PromptReason, ReportKind, ShownPrompt

CATALOGUE = catalogue.load()
FLEXED, SITTING = EpisodeKind.FLEXED, EpisodeKind.SITTING


def prompt(
    kind: EpisodeKind | None = FLEXED, step: PromptLevel = PromptLevel.SOFT, time_s: float = 0.0, fate: bool | None = None
) -> ShownPrompt:
    """One of an episode that began at second 0."""
    return ShownPrompt(time_s, "cat_cow_seated", kind, step, 0.0, withheld=fate)


@pytest.mark.parametrize(("number", "fate"), [(0.0, True), (CHANCE - 1e-9, True), (CHANCE, False), (0.999, False)])
def test_one_in_five(number: float, fate: bool) -> None:
    """By the number that is drawn; of those drawn it is one in four, as none is drawn after one withheld."""
    assert withheld(prompt(), [], lambda: number) is fate


def never() -> float:
    """A draw that must not be made."""
    raise AssertionError("drawn")


@pytest.mark.parametrize("fate", [None, False, True])
def test_a_firm_step_follows_its_first_one(fate: bool | None) -> None:
    """That of its own cause, not the last of any; no draw is made for it."""
    firsts = [prompt(FLEXED, fate=fate), prompt(SITTING, time_s=600.0, fate=not fate)]
    assert withheld(prompt(step=PromptLevel.FIRM, time_s=1200.0), firsts, never) is fate
    assert withheld(prompt(step=PromptLevel.FIRM), [], never) is None


def test_where_no_draw_is_made() -> None:
    """The referral, one that comes back from a snooze, the next after one withheld, and everything while it is off."""
    assert withheld(prompt(None), [], never) is None
    assert withheld(replace(prompt(), reason=PromptReason.SNOOZED), [], never) is None
    assert withheld(prompt(), [prompt(SITTING, fate=True)], never) is None
    assert withheld(prompt(), [], None) is None


@given(st.integers(0, 10_000), st.lists(st.sampled_from([FLEXED, SITTING]), min_size=400, max_size=400))
def test_law_about_one_in_five_and_never_two_in_a_row(seed: int, kinds: list[EpisodeKind]) -> None:
    """Of all; and those that were not drawn come after one withheld, each."""
    rng, firsts = random.Random(seed), list[ShownPrompt]()
    for n, kind in enumerate(kinds):
        firsts.append(prompt(kind, time_s=1200.0 * n, fate=withheld(prompt(kind), firsts, rng.random)))
    assert all(b.withheld is None if a.withheld else b.withheld is not None for a, b in pairwise(firsts))
    assert SHARE - 0.1 < sum(bool(p.withheld) for p in firsts) / len(firsts) < SHARE + 0.1


# ------------------------------------------------------------------------------------------------ on the walk of a session


def walk(plan: str, numbers: Iterator[float] | None, prompts: PromptSettings | None = None) -> tuple[EngineOutput, PromptScheduler]:
    """A session of this plan (minutes), with these draws; ``None``: it is off."""
    settings = Settings(prompts=prompts or PromptSettings())
    scheduler = PromptScheduler(CATALOGUE, settings.prompts, draw=None if numbers is None else lambda: next(numbers))
    engine, total = Engine(settings, scheduler), EngineOutput()
    readings, end_s = day(plan)
    for r in readings:
        total.extend(engine.process(r))
    total.extend(engine.finish(end_s))
    return total, scheduler


def times(prompts: list[ShownPrompt]) -> list[tuple[float, EpisodeKind | None, PromptLevel]]:
    """When, for what, and how insistent."""
    return [(p.time_s, p.kind, p.step) for p in prompts]


PLAN = "flexed:24,away:2,flexed:24,away:2,flexed:24,away:2,neutral:40"


@pytest.mark.parametrize("first", [0.0, 0.9])
def test_what_is_withheld_counts_as_shown(first: float) -> None:
    """Caps, quiet time and everything else go by it: the same prompts at the same moments, some of them not shown."""
    without, _ = walk(PLAN, None)
    out, _ = walk(PLAN, iter([first, *[0.0, 0.9] * 20]))
    assert out.withheld and all(p.withheld for p in out.withheld) and not any(p.withheld for p in out.shown)
    assert sorted(times(out.shown + out.withheld)) == times(without.shown)
    assert [p.prompt_id for p in sorted(out.shown + out.withheld, key=lambda p: p.time_s)] == [p.prompt_id for p in without.shown]


def test_off_unless_it_is_asked_for() -> None:
    """By default nothing is drawn and nothing withheld."""
    assert not PromptSettings().learn_effect
    out, _ = walk("flexed:24,away:2", None)
    assert {p.withheld for p in out.shown} == {None} and not out.withheld


def test_the_firm_step_goes_with_it() -> None:
    """Withheld or shown: both steps."""
    withheld_, _ = walk("flexed:24", iter([0.0]))
    assert [p.step for p in withheld_.withheld if p.kind is FLEXED] == [PromptLevel.SOFT, PromptLevel.FIRM]
    shown, _ = walk("flexed:24", iter([0.9]))
    assert not shown.withheld


def test_no_draw_while_a_red_flag_is_up() -> None:
    """Getting up, all that is left then beside the referral, is not withheld either."""
    scheduler = PromptScheduler(CATALOGUE, draw=never)
    scheduler.report(ReportKind.PAIN, 0.0)
    engine, shown = Engine(Settings(), scheduler), list[ShownPrompt]()
    for r in day("flexed:12")[0]:
        shown += engine.process(r).shown
    assert [(p.kind, p.withheld) for p in shown] == [(None, None), (FLEXED, None)]


def test_a_withheld_prompt_is_stored_and_not_shown(tmp_path: Path) -> None:
    """With the half hour after it; nothing hangs on the screen, waits for an answer or is learnt from."""
    hung: list[Notice] = []

    class Wall:
        def show(self, notice: Notice) -> None:
            hung.append(notice)

        def clear(self, number: int) -> None:
            pass

        def close(self) -> None:
            pass

    scheduler = PromptScheduler(CATALOGUE, draw=lambda: 0.0)
    engine = Engine(Settings(), scheduler)
    with Store.open(tmp_path / "posture.db") as store:
        session = store.start_session(origin=Origin.LIVE, started_utc=1e9, source="camera 0")
        with SessionWriter(store, session) as log:
            way = PromptNotifier(CATALOGUE, scheduler, Wall(), log, lambda _id: None)
            readings, end_s = day("flexed:12,neutral:33")
            for r in readings:
                way.process(engine.process(r), r.time_s)
                assert way.waiting is None or store.recent_prompts(1)[0].withheld is None
            way.finish(engine.finish(end_s), end_s)
        first, *later = reversed(store.recent_prompts(9))
    assert (first.withheld, first.answer, first.outcome) == (True, None, None)
    assert first.after is not None and first.after.ended
    assert first.after.flexed_s == pytest.approx(120.0, abs=15.0) and first.after.measured_s == pytest.approx(1800.0, abs=15.0)
    assert len(hung) == len(later) == sum(p.withheld is None for p in later)
    assert way.answered(1, Answer.DONE, end_s) is not None
