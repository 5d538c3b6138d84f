"""The choice among prompts that fit: rotation, and the nudge towards what helped this person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from posture._support.catalogue import load
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.selection import LEARN_FROM, Reaction, Tally, at_desk, choose, tallies
from posture.settings import PromptSettings
from posture.types import Answer, EpisodeKind, PromptDue, PromptLevel, PromptOutcome, ShownPrompt

CATALOGUE = load()
IDS = [p.id for p in at_desk(CATALOGUE, EpisodeKind.FLEXED)]
A, B = IDS[0], IDS[1]
outcomes = st.none() | st.sampled_from(PromptOutcome)


def days(follows: Callable[[str], PromptOutcome | None], count: int = 100, kind: EpisodeKind = EpisodeKind.FLEXED) -> list[str]:
    """The ids of `count` prompts of a desk whose person does what `follows` says."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(quiet_s=0, per_hour=60))
    ids = []
    for n in range(count):
        now = 3600.0 * n
        desk.due(PromptDue(kind, PromptLevel.SOFT, now, 600.0, now - 600.0))
        (shown,) = [p for p in desk.tick(now) if isinstance(p, ShownPrompt)]
        ids.append(shown.prompt_id)
        desk.ended(kind, now + 60.0)
        outcome = follows(shown.prompt_id)
        if outcome is not None:
            desk.followed(shown, outcome)
    return ids


def test_what_helps_comes_more_often_and_the_rest_still_comes() -> None:
    """Who ignores A and moves after B sees B clearly more often over 100 prompts; A still comes, also late."""
    assert len(IDS) > 2, "with two there is no choice: none comes twice in a row"
    ids = days({A: PromptOutcome.IGNORED, B: PromptOutcome.MOVED}.get)
    counts = Counter(ids)
    assert counts[B] >= 2 * counts[A]
    assert counts[A] >= 5
    assert A in ids[-30:]
    assert set(ids) == set(IDS)


def test_nothing_is_learnt_from_few_outcomes() -> None:
    """Below the least number of outcomes, and from snoozes or the unknown, the order stays that of the rotation."""
    plain = days(lambda _: None)
    assert plain == [plain[n % len(IDS)] for n in range(100)]
    assert days(lambda i: PromptOutcome.SNOOZED if i == A else None) == plain
    few = (LEARN_FROM - 1) * len(IDS)
    assert days(lambda i: PromptOutcome.IGNORED if i == A else PromptOutcome.MOVED, few) == plain[:few]
    counts = Counter(days(lambda _: PromptOutcome.MOVED))
    assert max(counts.values()) - min(counts.values()) <= 3, "what helps alike comes alike"


def test_what_is_learnt_for_one_cause_says_nothing_of_another() -> None:
    """Outcomes count for the cause that the prompt was shown for."""
    shown = [ShownPrompt(float(n), A, EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0) for n in range(6)]
    reactions = {p: Reaction(outcome=PromptOutcome.IGNORED) for p in shown}
    assert tallies(reactions, EpisodeKind.FLEXED) == {A: Tally(0, 6)}
    assert tallies(reactions, EpisodeKind.SITTING) == {}


@pytest.mark.parametrize(
    ("tally", "weight"), [(Tally(), 1.0), (Tally(0, 4), 1.0), (Tally(4, 0), 1.0), (Tally(0, 100), 0.5), (Tally(3, 3), 1.0)]
)
def test_weights(tally: Tally, weight: float) -> None:
    """Unknown and as often good as bad is as often as others; nothing comes less than half as often."""
    assert tally.weight == weight


@given(st.integers(0, 500), st.integers(0, 500))
def test_law_weights_are_a_nudge(helped: int, ignored: int) -> None:
    """A weight lies within a half and two, and one more good outcome never lowers it where there are enough."""
    weight = Tally(helped, ignored).weight
    assert 0.5 <= weight <= 2.0
    if helped + ignored >= LEARN_FROM:
        assert Tally(helped + 1, ignored).weight >= weight >= Tally(helped, ignored + 1).weight


@given(st.dictionaries(st.sampled_from(IDS), outcomes), st.sampled_from([EpisodeKind.FLEXED, EpisodeKind.SITTING]))
def test_law_every_prompt_comes_and_none_twice_in_a_row(follows: dict[str, PromptOutcome | None], kind: EpisodeKind) -> None:
    """Whatever a person does, the same calls give the same prompts, none follows itself, and all go on coming."""
    ids = days(follows.get, 60, kind)
    assert ids == days(follows.get, 60, kind)
    assert all(a != b for a, b in pairwise(ids))
    fitting = {p.id for p in at_desk(CATALOGUE, kind)}
    assert set(ids[: len(fitting)]) == fitting, "the unseen first"
    assert set(ids[-30:]) == fitting


def test_the_unseen_come_first_whatever_was_learnt() -> None:
    """A prompt that was never shown goes before one that always helped."""
    shown = [ShownPrompt(float(n), B, EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0) for n in range(9)]
    reactions = {p: Reaction(Answer.DONE, p.time_s, PromptOutcome.DONE) for p in shown}
    assert choose(at_desk(CATALOGUE, EpisodeKind.FLEXED), EpisodeKind.FLEXED, shown, reactions).id != B
