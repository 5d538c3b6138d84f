"""When a prompt is shown: quiet time, rotation, order, firm steps, pauses, holds, snoozes, red flags; answers and advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings, strategies as st

from posture._support.catalogue import load
from posture.prompts.causes import ORDER
from posture.prompts.entries import RED_FLAGS, Catalogue, EntryKind, Place, Prompt
from posture.prompts.hold_backs import hold_words
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.selection import Reaction, advice, answer, heat_allowed
from posture.settings import PromptSettings
from posture.time_parsing import clock
from posture.types import (
    Answer,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    PromptDue,
    PromptLevel,
    PromptReason,
    ReportKind,
    SelfReport,
    ShownPrompt,
)

CATALOGUE = load()
MIN = 60.0
FLEXED, TILT, SITTING, STILLNESS = ORDER
OVER = HoldBack(HoldReason.OVER)
ONCE = PromptSettings(repeat_s=0)


def why(said: Iterable[ShownPrompt | HeldPrompt]) -> list[str]:
    """Why prompts are held back, in words."""
    return [hold_words(h.hold) for h in held(said)]


def sustained(kind: EpisodeKind, at_min: float, start_min: float = 0.0, step: PromptLevel = PromptLevel.SOFT) -> PromptDue:
    """A threshold reached, in minutes."""
    return PromptDue(kind, step, at_min * MIN, 600.0, start_min * MIN)


def shown(said: Iterable[ShownPrompt | HeldPrompt]) -> list[ShownPrompt]:
    """Only what was shown."""
    return [s for s in said if isinstance(s, ShownPrompt)]


def held(said: Iterable[ShownPrompt | HeldPrompt]) -> list[HeldPrompt]:
    """Only what was held back."""
    return [s for s in said if isinstance(s, HeldPrompt)]


def kind_of(prompt_id: str) -> EntryKind:
    """What the entry of the shipped catalogue is."""
    prompt = CATALOGUE.get(prompt_id)
    assert prompt is not None
    return prompt.kind


def desk_after_first(at_min: float = 10, quiet_s: float = 1200.0) -> PromptScheduler:
    """A desk that has just shown a flexed prompt, and repeats none."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(quiet_s=quiet_s, repeat_s=0))
    desk.due(sustained(FLEXED, at_min))
    assert len(shown(desk.tick(at_min * MIN))) == 1
    return desk


def test_a_prompt_answers_what_was_found() -> None:
    """The prompt fits its cause, is for the desk, carries kind, step and episode, and leads with what is best for the cause."""
    for kind, best in ((FLEXED, "cat_cow_seated"), (TILT, "pelvic_tilts_seated"), (SITTING, "get_up")):
        desk = PromptScheduler(CATALOGUE)
        desk.due(sustained(kind, 10, 1))
        assert desk.tick(600) == [ShownPrompt(600, best, kind, PromptLevel.SOFT, 60)]
        assert desk.tick(601) == []


def test_quiet_time_holds_says_so_once_and_ends() -> None:
    """A prompt due in the quiet time waits, says why once, and is shown when the quiet time ends."""
    desk = desk_after_first(16)
    desk.due(sustained(TILT, 30))
    assert desk.tick(30 * MIN) == [HeldPrompt(30 * MIN, TILT, HoldBack(HoldReason.QUIET, 36 * MIN))]
    assert desk.tick(35.9 * MIN) == []
    assert [p.kind for p in shown(desk.tick(36 * MIN))] == [TILT]


def test_what_waits_is_dropped_when_its_cause_ends() -> None:
    """The end of the episode returns the dropped prompt with the reason; it never comes back for that episode."""
    desk = desk_after_first()
    desk.due(sustained(TILT, 15))
    desk.tick(15 * MIN)
    assert desk.ended(TILT, 20 * MIN) == HeldPrompt(20 * MIN, TILT, OVER)
    desk.due(sustained(TILT, 21))
    assert shown(desk.tick(60 * MIN)) == []
    assert desk.ended(TILT, 61 * MIN) is None


def test_a_new_episode_replaces_one_that_still_waited() -> None:
    """If the end of the older episode was not told, its prompt is said to be dropped and the newer one waits."""
    desk = desk_after_first()
    desk.due(sustained(TILT, 15, 0))
    desk.tick(15 * MIN)
    desk.due(sustained(TILT, 20, 16))
    assert HeldPrompt(20 * MIN, TILT, OVER) in desk.tick(20 * MIN)
    assert [p.episode_start_s for p in shown(desk.tick(30 * MIN))] == [16 * MIN]


def test_soft_is_said_once_an_episode() -> None:
    """The same threshold told twice gives one prompt."""
    desk = desk_after_first()
    desk.due(sustained(FLEXED, 40))
    assert desk.tick(40 * MIN) == []


def test_firm_is_the_same_prompt_once_and_ignores_the_limits() -> None:
    """The firm step repeats the episode's prompt inside the quiet time, once."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(per_hour=1, repeat_s=0))
    desk.due(sustained(FLEXED, 10))
    (soft,) = shown(desk.tick(10 * MIN))
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert desk.tick(20 * MIN) == [replace(soft, time_s=20 * MIN, step=PromptLevel.FIRM)]
    desk.due(sustained(FLEXED, 25, step=PromptLevel.FIRM))
    assert desk.tick(25 * MIN) == []


def test_firm_opens_no_quiet_time() -> None:
    """Quiet time counts from the episode's first prompt."""
    desk = desk_after_first(10)
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    desk.tick(20 * MIN)
    desk.due(sustained(TILT, 30))
    assert len(shown(desk.tick(30 * MIN))) == 1


def test_firm_joins_a_soft_that_still_waits() -> None:
    """While the soft one waits, the firm step does not overtake it; one soft prompt is shown and no firm follows."""
    desk = desk_after_first(5)
    desk.ended(FLEXED, 6 * MIN)
    desk.due(sustained(FLEXED, 17, 7))
    desk.tick(17 * MIN)
    desk.due(sustained(FLEXED, 24, 7, PromptLevel.FIRM))
    assert shown(desk.tick(24 * MIN)) == []
    assert [p.step for p in shown(desk.tick(25 * MIN))] == [PromptLevel.SOFT]
    assert desk.tick(50 * MIN) == []


def test_firm_is_not_shown_after_its_cause_ended() -> None:
    """A firm step that was due but not yet shown goes with its episode."""
    desk = desk_after_first()
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert desk.ended(FLEXED, 20 * MIN) == HeldPrompt(20 * MIN, FLEXED, OVER, PromptLevel.FIRM)
    assert desk.tick(20 * MIN) == []


def test_three_first_prompts_an_hour_at_most() -> None:
    """The fourth waits until the first one is an hour old, and says why."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(quiet_s=60))
    for n in range(3):
        desk.due(sustained(FLEXED, 10 * n + 1, 10 * n))
        assert len(shown(desk.tick((10 * n + 1) * MIN))) == 1
        desk.ended(FLEXED, (10 * n + 5) * MIN)
    desk.due(sustained(TILT, 31, 0))
    assert why(desk.tick(31 * MIN)) == ["3 came in the last hour, the most your settings allow, so quiet until 1:01:00"]
    assert desk.tick(60.9 * MIN) == []
    assert len(shown(desk.tick(61 * MIN))) == 1


def test_order_when_several_wait() -> None:
    """Referral, flexed, anterior tilt, whatever the order of arrival; stillness waits 20 min after any, sitting 30 after these two."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(quiet_s=0, per_hour=60, repeat_s=0))
    for kind in reversed(ORDER):
        desk.due(sustained(kind, 30))
    desk.raise_flag(29 * MIN)
    assert [p.kind for p in shown(desk.tick(30 * MIN))] == [None, FLEXED, TILT]
    assert [p.kind for p in shown(desk.tick(49.9 * MIN))] == []
    assert [p.kind for p in shown(desk.tick(50 * MIN))] == [STILLNESS]
    assert [p.kind for p in shown(desk.tick(60 * MIN))] == [SITTING]


def test_rotation_takes_the_one_shown_longest_ago_and_never_the_last() -> None:
    """All fitting prompts come before one is repeated, also over the history of earlier sessions."""
    fitting = {p.id for p in CATALOGUE.prompts if FLEXED in p.causes and p.where is Place.DESK}
    history = [ShownPrompt(-9000.0, "cat_cow_seated", FLEXED, PromptLevel.SOFT, -9600.0)]
    desk = PromptScheduler(CATALOGUE, PromptSettings(quiet_s=0, per_hour=60), history=history)
    ids = []
    for n in range(len(fitting)):
        desk.due(sustained(FLEXED, n + 1, n))
        ids += [p.prompt_id for p in shown(desk.tick((n + 1) * MIN))]
        desk.ended(FLEXED, (n + 1.5) * MIN)
    assert set(ids) == fitting and ids[-1] == "cat_cow_seated"


def test_a_history_keeps_its_quiet_time() -> None:
    """A prompt shown just before the session began is still within its quiet time."""
    desk = PromptScheduler(CATALOGUE, history=[ShownPrompt(-60.0, "get_up", SITTING, PromptLevel.SOFT, -1900.0)])
    desk.due(sustained(FLEXED, 10))
    assert why(desk.tick(10 * MIN)) == ["quiet time until 19:00"]


def only(*ids: str) -> Catalogue:
    """The shipped catalogue cut down to the referral and these."""
    return replace(CATALOGUE, prompts=tuple(p for p in CATALOGUE.prompts if p.id in {"referral", *ids}))


def test_the_only_fitting_prompt_is_not_repeated() -> None:
    """With one prompt in the catalogue the second episode is held, and says why."""
    desk = PromptScheduler(only("sit_tall"), PromptSettings(quiet_s=0))
    desk.due(sustained(FLEXED, 10))
    assert len(shown(desk.tick(10 * MIN))) == 1
    desk.ended(FLEXED, 11 * MIN)
    desk.due(sustained(FLEXED, 22, 12))
    assert why(desk.tick(22 * MIN)) == ["the only exercise that fits is the one shown last"]


def test_a_catalogue_without_a_fitting_prompt_says_so() -> None:
    """What nothing fits is held with that reason."""
    desk = PromptScheduler(only("sit_tall"))
    desk.due(sustained(SITTING, 30))
    assert why(desk.tick(30 * MIN)) == ["no exercise fits"]


@pytest.mark.parametrize("kind", sorted(RED_FLAGS))
def test_a_red_flag_leaves_the_referral_and_getting_up(kind: ReportKind) -> None:
    """The referral comes at once, quiet time or not; until it is acknowledged every cause gets the plain get-up prompt."""
    desk = desk_after_first(5, quiet_s=60.0)
    desk.report(kind, 5.1 * MIN)
    assert [(p.prompt_id, p.kind) for p in shown(desk.tick(5.2 * MIN))] == [("referral", None)]
    for n, cause in enumerate((TILT, SITTING)):
        desk.due(sustained(cause, 10 + n * 30, 1))
        assert [p.prompt_id for p in shown(desk.tick((10 + n * 30) * MIN)) if p.kind is cause] == ["get_up"]
    desk.acknowledge(41 * MIN)
    assert not desk.flagged
    desk.ended(SITTING, 42 * MIN)
    desk.due(sustained(SITTING, 90, 43))
    assert [kind_of(p.prompt_id) for p in shown(desk.tick(90 * MIN)) if p.kind is SITTING] != [EntryKind.GET_UP]


def test_firm_of_an_exercise_becomes_getting_up_while_flagged() -> None:
    """An exercise shown before the flag is not repeated under it."""
    desk = desk_after_first()
    desk.report(ReportKind.PAIN, 12 * MIN)
    desk.tick(12 * MIN)
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert [(p.prompt_id, p.step) for p in shown(desk.tick(20 * MIN))] == [("get_up", PromptLevel.FIRM)]


def test_without_a_get_up_prompt_a_flag_holds_everything() -> None:
    """A catalogue whose get-up prompt was taken out shows nothing but the referral, and says why."""
    desk = PromptScheduler(only("sit_tall"))
    desk.report(ReportKind.NUMB, 0)
    desk.due(sustained(FLEXED, 10))
    said = desk.tick(10 * MIN)
    assert [p.prompt_id for p in shown(said)] == ["referral"]
    assert why(said) == ["waiting until you've read the advice to see a professional"]


def test_an_acknowledgement_does_not_cover_a_later_report() -> None:
    """What was read before a new report says nothing of that report."""
    desk = PromptScheduler(CATALOGUE)
    desk.report(ReportKind.PAIN, 100)
    desk.acknowledge(90)
    assert desk.flagged


def test_reports_of_the_store_raise_the_flag_again() -> None:
    """An open red flag of an earlier session brings the referral first; an acknowledged one does not."""
    day = 86400.0
    open_flag = SelfReport(10 * day, ReportKind.WEAK)
    closed = replace(open_flag, acknowledged_s=10 * day + 5)
    assert PromptScheduler(CATALOGUE, reports=[open_flag], start_epoch_s=11 * day).flagged
    assert not PromptScheduler(CATALOGUE, reports=[closed], start_epoch_s=11 * day).flagged


def test_no_heat_after_numbness_even_when_acknowledged() -> None:
    """A heat prompt of a user's own stays away after numbness, however long ago and acknowledged or not."""
    mine = replace(only("heat"), prompts=tuple(replace(p, causes=(FLEXED,), where=Place.DESK) for p in only("heat").prompts))
    mine = replace(mine, prompts=tuple(replace(p, causes=()) if p.id == "referral" else p for p in mine.prompts))
    numb = SelfReport(1e9, ReportKind.NUMB, acknowledged_s=1e9 + 1)
    for reports, expected in (([numb], ["no exercise fits"]), ([], [])):
        desk = PromptScheduler(mine, reports=reports, start_epoch_s=1e9 + 400 * 86400)
        desk.due(sustained(FLEXED, 10))
        said = desk.tick(10 * MIN)
        assert why(said) == expected
        assert len(shown(said)) == (0 if expected else 1)


def test_answers_to_reports() -> None:
    """Red flags get the referral alone; the urge and a crack get why and gentle movement; stiffness also warmth, last."""
    for kind in RED_FLAGS:
        assert [p.id for p in answer(CATALOGUE, kind)] == ["referral"]
    urge, cracked, stiff = (answer(CATALOGUE, k) for k in (ReportKind.URGE, ReportKind.CRACKED, ReportKind.STIFF))
    assert urge[0].id == "urge_answer" and urge[1].kind is EntryKind.EXERCISE
    assert {"A-guard", "B-refractory"} <= set(urge[0].passages)
    assert cracked[0].id == "cracked_answer" and cracked[1].kind is EntryKind.EXERCISE
    assert stiff[0].id == "stiff_answer" and stiff[1].kind is EntryKind.EXERCISE and stiff[-1].id == "heat"
    assert "heat" not in [p.id for p in answer(CATALOGUE, ReportKind.STIFF, heat=False)]


def test_answers_and_advice_while_flagged() -> None:
    """Neither gives an exercise, heat or habit before the referral is acknowledged."""
    for said in (answer(CATALOGUE, ReportKind.STIFF, flagged=True), advice(CATALOGUE, FLEXED, flagged=True)):
        assert [p.id for p in said] == ["referral", "get_up"]


def test_advice_is_for_home_and_brings_a_habit_early() -> None:
    """The summary's first three hold an exercise and the weekly habit; a ruling posture also brings the set-up tip."""
    for kind in (FLEXED, TILT, SITTING):
        entries = advice(CATALOGUE, kind)
        assert all(p.where is Place.HOME and kind in p.causes for p in entries)
        assert entries[0].kind is EntryKind.EXERCISE
        assert "weekly_strength" in [p.id for p in entries[:3]]
    for kind in (FLEXED, TILT):
        assert "set_up_desk" in [p.id for p in advice(CATALOGUE, kind)[:3]]


def test_after_numbness_no_answer_speaks_of_warmth() -> None:
    """Never numb: stiffness is answered with heat among others; once numb: with nothing that cites or names warmth."""
    assert any(p.warms for p in answer(CATALOGUE, ReportKind.STIFF, heat=heat_allowed([])))
    for entry in answer(CATALOGUE, ReportKind.STIFF, heat=heat_allowed([SelfReport(0.0, ReportKind.NUMB)])):
        words = " ".join([entry.title, *entry.steps, entry.why, entry.more or ""]).lower()
        assert "warm" not in words
        assert "heat" not in words
        assert "A-heat" not in entry.passages


def test_times_are_written_as_minutes() -> None:
    """Minutes and seconds; hours only when there are some."""
    assert [clock(t) for t in (0, 59.6, 2160, 3960, -61)] == ["0:00", "1:00", "36:00", "1:06:00", "-1:01"]


# ------------------------------------------------------------------------------------------------ a good moment


def test_a_prompt_waits_for_a_natural_pause() -> None:
    """What is due waits until the person moves, and says nothing meanwhile."""
    desk = PromptScheduler(CATALOGUE)
    desk.due(sustained(FLEXED, 10))
    assert [desk.tick(t, moving=False) for t in (600.0, 630.0, 659.0)] == [[], [], []]
    assert len(shown(desk.tick(659.5, moving=True))) == 1


def test_patience_ends() -> None:
    """Who does not move is prompted after the patience, counted from when the prompt could have been shown; 0 waits for nothing."""
    desk = desk_after_first(10)
    desk.due(sustained(TILT, 12))
    assert shown(desk.tick(12 * MIN, moving=False)) == []  # in the quiet time, which the patience does not run in
    assert shown(desk.tick(30 * MIN, moving=False)) == []
    assert shown(desk.tick(30 * MIN + 59.9, moving=False)) == []
    assert len(shown(desk.tick(31 * MIN, moving=False))) == 1
    hasty = PromptScheduler(CATALOGUE, PromptSettings(patience_s=0))
    hasty.due(sustained(FLEXED, 10))
    assert len(shown(hasty.tick(600, moving=False))) == 1


def test_patience_is_one_for_all_that_waits() -> None:
    """When it ends, the order decides who is shown, not who waited for longer."""
    desk = PromptScheduler(CATALOGUE)
    desk.due(sustained(TILT, 10))
    assert desk.tick(600, moving=False) == []
    desk.due(sustained(FLEXED, 10.5))
    assert desk.tick(630, moving=False) == []
    assert [p.kind for p in shown(desk.tick(660, moving=False))] == [FLEXED]


def test_a_cause_that_ends_in_the_pause_takes_its_prompt_along() -> None:
    """While it waits for a pause a prompt can still be dropped, with the usual reason; the next one waits anew."""
    desk = PromptScheduler(CATALOGUE)
    desk.due(sustained(FLEXED, 10))
    desk.tick(600, moving=False)
    assert desk.ended(FLEXED, 630) == HeldPrompt(630, FLEXED, OVER)
    assert desk.tick(640, moving=True) == []
    desk.due(sustained(FLEXED, 20, 11))
    assert desk.tick(20 * MIN, moving=False) == []


def test_the_firm_step_waits_for_a_pause_and_the_referral_does_not() -> None:
    """A red flag is not a matter of the moment."""
    desk = desk_after_first()
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert desk.tick(20 * MIN, moving=False) == []
    desk.report(ReportKind.PAIN, 20 * MIN)
    assert [p.kind for p in shown(desk.tick(20 * MIN, moving=False))] == [None]
    assert [p.step for p in shown(desk.tick(21 * MIN, moving=False))] == [PromptLevel.FIRM]


def test_a_hold_holds_everything_and_says_why_once() -> None:
    """In a call nothing is shown, the referral included; each episode says why once; afterwards what is still due comes in a pause."""
    desk = PromptScheduler(CATALOGUE)
    desk.hold("in a call")
    CALL = HoldBack(HoldReason.HOLD, detail="in a call")
    desk.due(sustained(FLEXED, 10))
    desk.due(sustained(TILT, 10))
    desk.report(ReportKind.PAIN, 600)
    assert desk.tick(600) == [HeldPrompt(600, FLEXED, CALL), HeldPrompt(600, TILT, CALL)]
    assert desk.tick(601) == []
    assert desk.ended(TILT, 650) == HeldPrompt(650, TILT, OVER)
    desk.hold(None)
    assert [p.kind for p in shown(desk.tick(700, moving=False))] == [None]
    assert desk.tick(759, moving=False) == []
    assert [p.kind for p in shown(desk.tick(760, moving=False))] == [FLEXED]


# ------------------------------------------------------------------------------------------------ snoozes


def snoozed_desk(limits: PromptSettings = ONCE) -> tuple[PromptScheduler, ShownPrompt]:
    """A desk whose flexed prompt of minute 10 was put off at 10:05, and that prompt."""
    desk = PromptScheduler(CATALOGUE, limits)
    desk.due(sustained(FLEXED, 10))
    (prompt,) = shown(desk.tick(600))
    desk.answered(prompt, Answer.SNOOZE, 605)
    return desk, prompt


def test_a_snoozed_prompt_comes_back_once() -> None:
    """The same prompt, as the same step, ten minutes later in a pause, and not again."""
    desk, prompt = snoozed_desk(replace(ONCE, quiet_s=0))
    assert [p for t in range(606, 1205, 7) for p in shown(desk.tick(t))] == []
    assert desk.tick(1205, moving=False) == []
    assert shown(desk.tick(1210))[0] == replace(prompt, time_s=1210, reason=PromptReason.SNOOZED)
    assert [p for t in range(1211, 2500, 7) for p in shown(desk.tick(t))] == []


def test_a_snooze_silences_others_too() -> None:
    """What falls due in a snooze is held with the reason, and comes after it."""
    desk, _ = snoozed_desk(replace(ONCE, quiet_s=0))
    desk.due(sustained(TILT, 12))
    said = desk.tick(720)
    assert HeldPrompt(720, TILT, HoldBack(HoldReason.SNOOZE, 1205.0)) in said
    assert shown(said) == []
    assert [p.kind for p in shown(desk.tick(1205))] == [FLEXED, TILT]


def test_the_comeback_opens_no_quiet_time_and_counts_in_no_limit() -> None:
    """Quiet time and limit count from the first time the prompt was shown."""
    desk, _ = snoozed_desk(replace(ONCE, per_hour=2))
    assert len(shown(desk.tick(1205))) == 1
    desk.due(sustained(TILT, 25))
    assert shown(desk.tick(29.9 * MIN)) == []
    assert [p.kind for p in shown(desk.tick(30 * MIN))] == [TILT]


def test_a_snoozed_prompt_whose_cause_ended_does_not_come_back() -> None:
    """It is dropped and said to be; the silence that was asked for stays."""
    desk, _ = snoozed_desk(replace(ONCE, quiet_s=0))
    assert desk.ended(FLEXED, 700) == HeldPrompt(700, FLEXED, OVER)
    desk.due(sustained(TILT, 15))
    assert shown(desk.tick(900)) == []
    assert [p.kind for p in shown(desk.tick(1205))] == [TILT]


def test_a_snooze_pressed_after_the_cause_ended_is_silence_alone() -> None:
    """A notification may stand for long; what is over does not come back."""
    desk = PromptScheduler(CATALOGUE)
    desk.due(sustained(FLEXED, 10))
    (prompt,) = shown(desk.tick(600))
    desk.ended(FLEXED, 650)
    desk.answered(prompt, Answer.SNOOZE, 700)
    assert [s for t in range(700, 2600, 50) for s in desk.tick(t)] == []


def test_a_firm_step_joins_what_comes_back() -> None:
    """One notification is enough: a firm step of the snooze's time is not shown beside the comeback, a later one of it is."""
    desk, prompt = snoozed_desk()
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert shown(desk.tick(1200)) == []
    assert shown(desk.tick(1205)) == [replace(prompt, time_s=1205, reason=PromptReason.SNOOZED)]
    assert shown(desk.tick(1300)) == []
    other, _ = snoozed_desk(replace(ONCE, snooze_s=60))
    assert len(shown(other.tick(665))) == 1
    other.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    assert [p.step for p in shown(other.tick(1200))] == [PromptLevel.FIRM]


@pytest.mark.parametrize("said", [Answer.DONE, Answer.NOT_NOW, Answer.SHOW, None])
def test_the_firm_step_follows_the_dose_whatever_was_answered(said: Answer | None) -> None:
    """A dose follows what is measured, so saying done does not stop the firm step; it comes once."""
    desk = PromptScheduler(CATALOGUE, ONCE)
    desk.due(sustained(FLEXED, 10))
    (prompt,) = shown(desk.tick(600))
    if said is not None:
        desk.answered(prompt, said, 610)
    assert shown(desk.tick(1199)) == []
    desk.due(sustained(FLEXED, 20, step=PromptLevel.FIRM))
    (firm,) = shown(desk.tick(1200))
    assert firm.step is PromptLevel.FIRM
    if said is not None:
        desk.answered(firm, said, 1210)
    assert [p for t in range(1210, 4000, 50) for p in shown(desk.tick(t))] == []


def test_the_last_answer_counts() -> None:
    """Done after a snooze takes it back, silence and all; a snooze of what came back puts it off once more."""
    desk, prompt = snoozed_desk(replace(ONCE, quiet_s=0))
    desk.answered(prompt, Answer.DONE, 620)
    desk.due(sustained(TILT, 11))
    assert [p.kind for p in shown(desk.tick(660))] == [TILT]
    assert shown(desk.tick(1300)) == []
    desk, prompt = snoozed_desk()
    (back,) = shown(desk.tick(1205))
    desk.answered(back, Answer.SNOOZE, 1210)
    assert shown(desk.tick(1809)) == []
    assert shown(desk.tick(1810)) == [replace(prompt, time_s=1810, reason=PromptReason.SNOOZED)]


def test_the_referral_is_shown_in_a_snooze_and_can_be_snoozed() -> None:
    """A red flag speaks at once; put off, the referral comes back unless it was acknowledged."""
    for acknowledged in (False, True):
        desk, _ = snoozed_desk()
        desk.report(ReportKind.PAIN, 700)
        (referral,) = shown(desk.tick(700, moving=False))
        assert referral.kind is None
        desk.answered(referral, Answer.SNOOZE, 710)
        assert shown(desk.tick(1309)) == []
        if acknowledged:
            desk.acknowledge(1309)
        ids = [p.prompt_id for p in shown(desk.tick(1310))]
        assert ids == (["cat_cow_seated"] if acknowledged else ["referral", "get_up"])


def test_a_snooze_survives_a_restart() -> None:
    """A desk with the past of one that was killed goes on with its silence and its comeback, which counts in no limit."""
    old = ShownPrompt(-300.0, "sit_tall", FLEXED, PromptLevel.SOFT, -900.0)
    reactions = {old: Reaction(Answer.SNOOZE, -290.0)}
    desk = PromptScheduler(CATALOGUE, history=[old], reactions=reactions)
    desk.seen(FLEXED)
    assert shown(desk.tick(309.0)) == []
    assert shown(desk.tick(310.0)) == [replace(old, time_s=310.0, reason=PromptReason.SNOOZED)]
    desk.due(sustained(TILT, 14))
    assert why(desk.tick(14 * MIN)) == ["quiet time until 15:00"]
    assert len(shown(desk.tick(15 * MIN))) == 1


def test_a_snooze_of_before_a_restart_does_not_come_back_to_somebody_upright() -> None:
    """What it was about was not seen since the start, or only something else: silence until its end, and nothing then or later."""
    old = ShownPrompt(-300.0, "sit_tall", FLEXED, PromptLevel.SOFT, -900.0)
    desk = PromptScheduler(CATALOGUE, history=[old], reactions={old: Reaction(Answer.SNOOZE, -290.0)})
    desk.seen(SITTING)
    assert shown(desk.tick(309.0)) == shown(desk.tick(310.0)) == []
    desk.seen(FLEXED)
    assert shown(desk.tick(320.0)) == []


@pytest.mark.parametrize("kind", [FLEXED, SITTING])
def test_a_break_after_a_restart_ends_what_was_snoozed(kind: EpisodeKind) -> None:
    """The end of its posture, or of the sitting (which a break ends), is the end of a cause that began before the restart."""
    old = ShownPrompt(-300.0, "sit_tall", FLEXED, PromptLevel.SOFT, -900.0)
    desk = PromptScheduler(CATALOGUE, history=[old], reactions={old: Reaction(Answer.SNOOZE, -290.0)})
    dropped = desk.ended(kind, 200.0)
    assert [*([dropped] if dropped else []), *desk.tick(310.0)] == [HeldPrompt(200.0, FLEXED, OVER)]


def test_a_snooze_that_ran_out_while_nobody_watched_is_over() -> None:
    """What was due before a long stop is due no more."""
    old = ShownPrompt(-3000.0, "sit_tall", FLEXED, PromptLevel.SOFT, -4000.0)
    desk = PromptScheduler(CATALOGUE, history=[old], reactions={old: Reaction(Answer.SNOOZE, -600.0)})
    assert [s for t in range(0, 2000, 50) for s in desk.tick(t)] == []


# ------------------------------------------------------------------------------------------------ laws


@dataclass(frozen=True)
class Event:
    """Something that happens to a desk, after a pause."""

    name: str
    pause_s: float
    kind: EpisodeKind = FLEXED
    report: ReportKind = ReportKind.URGE


EVENTS = st.lists(
    st.builds(
        Event,
        name=st.sampled_from(["soft", "soft", "firm", "firm", "ended", "stale", "report", "ack", "wait"]),
        pause_s=st.sampled_from([0.0, 60.0, 599.0, 600.0, 1199.0, 1200.0]),
        kind=st.sampled_from([FLEXED, FLEXED, TILT, SITTING, STILLNESS]),
        report=st.sampled_from([ReportKind.PAIN, ReportKind.NUMB, ReportKind.URGE]),
    ),
    min_size=4,
    max_size=40,
)
SETTINGS = st.builds(
    PromptSettings,
    quiet_s=st.sampled_from([0.0, 600.0, 1200.0]),
    per_hour=st.sampled_from([1, 3, 60]),
    repeat_s=st.sampled_from([0.0, 1200.0]),
)


def _everywhere(p: Prompt) -> Prompt:
    """An entry for every cause at the desk."""
    return p if p.kind is EntryKind.REFERRAL else replace(p, causes=ORDER, where=Place.DESK)


LAW = settings(max_examples=100, deadline=None)
TIGHT = replace(CATALOGUE, prompts=tuple(_everywhere(p) for i in ("heat", "get_up", "referral") for p in CATALOGUE.prompts if p.id == i))
"""So few prompts that the laws meet every one, warmth first."""


@dataclass(frozen=True)
class Said:
    """What a desk said, and what held at that moment."""

    shown: ShownPrompt
    flagged: bool
    last_numb_s: float | None
    open_episodes: dict[EpisodeKind, float]


def play(events: list[Event], limits: PromptSettings) -> tuple[list[Said], list[HeldPrompt]]:
    """Lets the events happen, ticking after each, and keeps its own account of flags and episodes."""
    desk = PromptScheduler(TIGHT, limits)
    now, flagged, numb = 0.0, False, None
    episodes: dict[EpisodeKind, float] = {}
    over: dict[EpisodeKind, float] = {}
    said: list[Said] = []
    back: list[HeldPrompt] = []
    for event in events:
        now += event.pause_s
        if event.name in {"soft", "firm"}:
            start = episodes.setdefault(event.kind, now)
            desk.due(PromptDue(event.kind, PromptLevel(event.name), now, 600.0, start))
        elif event.name == "ended":
            dropped = desk.ended(event.kind, now)
            back += [dropped] if dropped else []
            over |= {event.kind: episodes.pop(event.kind)} if event.kind in episodes else {}
            now += 0.5
        elif event.name == "stale" and event.kind in over:
            desk.due(PromptDue(event.kind, PromptLevel.FIRM, now, 600.0, over[event.kind]))
        elif event.name == "report":
            desk.report(event.report, now)
            flagged = flagged or event.report in RED_FLAGS
            numb = now if event.report is ReportKind.NUMB else numb
        elif event.name == "ack":
            desk.acknowledge(now)
            flagged = False
        out = desk.tick(now)
        said += [Said(s, flagged, numb, dict(episodes)) for s in shown(out)]
        back += held(out)
    return said, back


@LAW
@given(EVENTS, SETTINGS)
def test_law_quiet_time_and_hourly_limit(events: list[Event], limits: PromptSettings) -> None:
    """Two first prompts are never closer than the quiet time, and never more than the limit fall into one hour."""
    firsts = [s.shown.time_s for s in play(events, limits)[0] if s.shown.kind and s.shown.step is PromptLevel.SOFT]
    assert all(b - a >= limits.quiet_s for a, b in pairwise(firsts))
    assert all(sum(t <= other < t + 3600 for other in firsts) <= limits.per_hour for t in firsts)


@LAW
@given(EVENTS, SETTINGS)
def test_law_never_the_same_first_prompt_twice_in_a_row(events: list[Event], limits: PromptSettings) -> None:
    """Only plain getting up, all that is left under a red flag, may follow itself."""
    firsts = [s for s in play(events, limits)[0] if s.shown.kind and s.shown.step is PromptLevel.SOFT]
    for before, after in pairwise(firsts):
        assert before.shown.prompt_id != after.shown.prompt_id or (after.flagged and after.shown.prompt_id == "get_up")


@LAW
@given(EVENTS, SETTINGS)
@example([Event("soft", 0), Event("report", 60, report=ReportKind.PAIN), Event("firm", 600)], PromptSettings())
def test_law_red_flags(events: list[Event], limits: PromptSettings) -> None:
    """Under a flag only the referral and getting up are shown; heat never after numbness; the referral only under a flag."""
    for s in play(events, limits)[0]:
        kind = kind_of(s.shown.prompt_id)
        if s.flagged:
            assert kind in {EntryKind.REFERRAL, EntryKind.GET_UP}
        if kind is EntryKind.HEAT:
            assert s.last_numb_s is None
        if kind is EntryKind.REFERRAL:
            assert s.flagged and s.shown.kind is None


@LAW
@given(EVENTS, SETTINGS)
def test_law_prompts_belong_to_an_open_episode(events: list[Event], limits: PromptSettings) -> None:
    """A prompt is shown only while its own episode lasts: first once, then as a repeat; firm at most once, right after the first one."""
    last: dict[tuple[EpisodeKind, float], ShownPrompt] = {}
    for s in play(events, limits)[0]:
        p = s.shown
        if p.kind is None or p.episode_start_s is None:
            continue
        key = (p.kind, p.episode_start_s)
        assert s.open_episodes.get(p.kind) == p.episode_start_s
        before = last.get(key)
        last[key] = p
        if p.step is PromptLevel.FIRM:
            assert before is not None
            assert (before.step, before.reason) == (PromptLevel.SOFT, PromptReason.DOSE)
            forbidden = kind_of(before.prompt_id) is EntryKind.HEAT and s.last_numb_s is not None
            assert p.prompt_id == before.prompt_id or forbidden or (s.flagged and p.prompt_id == "get_up")
        elif before is None:
            assert p.reason is PromptReason.DOSE
        else:
            assert p.reason is PromptReason.REPEAT
            assert limits.repeat_s > 0.0
            interval = 1800.0 if p.kind is SITTING else 1200.0
            assert p.time_s - before.time_s >= interval - limits.patience_s, "counted from when the last one could have been shown"


@given(st.permutations(ORDER[:3]), st.booleans(), st.integers(1, 3))
def test_law_order_of_what_waits(arrival: list[EpisodeKind], flag: bool, count: int) -> None:
    """However they arrive, what waits for the end of the quiet time is shown in the order set."""
    desk = desk_after_first(1)
    desk.ended(FLEXED, 2 * MIN)
    for kind in arrival[:count]:
        desk.due(sustained(kind, 3, 2))
    if flag:
        desk.report(ReportKind.PAIN, 4 * MIN)
    order = [p.kind for n in range(5) for p in shown(desk.tick((21 + n * 21) * MIN))]
    assert order == ([None] if flag else []) + [k for k in ORDER if k in arrival[:count]]


@LAW
@given(EVENTS, SETTINGS)
def test_law_deterministic(events: list[Event], limits: PromptSettings) -> None:
    """The same events give the same answers."""
    assert play(events, limits) == play(events, limits)


@LAW
@given(EVENTS, SETTINGS, st.integers(1, 5))
def test_law_asking_again_says_nothing_new(events: list[Event], limits: PromptSettings, times: int) -> None:
    """At one moment a second tick never says anything: each prompt and each hold is said once."""
    desk = PromptScheduler(TIGHT, limits)
    now = 0.0
    for event in events:
        now += event.pause_s
        if event.name in {"soft", "firm"}:
            desk.due(PromptDue(event.kind, PromptLevel(event.name), now, 600.0, 0.0))
        desk.tick(now)
        assert [desk.tick(now) for _ in range(times)] == [[]] * times


@dataclass(frozen=True)
class Moment:
    """What happens at a tick, some seconds after the last one."""

    pause_s: float
    moving: bool
    event: str = "wait"
    kind: EpisodeKind = FLEXED


MOMENTS = st.lists(
    st.builds(
        Moment,
        pause_s=st.sampled_from([0.0, 1.0, 30.0, 60.0, 599.0, 600.0, 1200.0]),
        moving=st.booleans(),
        event=st.sampled_from(["soft", "soft", "firm", "ended", "snooze", "snooze", "done", "hold", "release", "pain", "wait"]),
        kind=st.sampled_from([FLEXED, FLEXED, TILT, SITTING, STILLNESS]),
    ),
    min_size=4,
    max_size=60,
)


@LAW
@given(MOMENTS, SETTINGS)
def test_law_pauses_holds_and_snoozes(moments: list[Moment], limits: PromptSettings) -> None:
    """Held: nothing. Snoozed: the referral alone. Not moving: only what waited for its patience. Each snooze: one comeback at most."""
    desk = PromptScheduler(TIGHT, limits)
    now = silent_until = -1.0
    holds = False
    starts: dict[EpisodeKind, float] = {}
    due_s: dict[tuple[EpisodeKind, float], float] = {}
    last: ShownPrompt | None = None
    counts: dict[tuple[EpisodeKind, float, PromptLevel], int] = {}
    snoozes: dict[tuple[EpisodeKind, float, PromptLevel], int] = {}
    firsts: list[float] = []
    for moment in moments:
        now += moment.pause_s + 1.0
        if moment.event in {"soft", "firm"}:
            start = starts.setdefault(moment.kind, now)
            due_s.setdefault((moment.kind, start), now)
            desk.due(PromptDue(moment.kind, PromptLevel(moment.event), now, 600.0, start))
        elif moment.event == "ended":
            desk.ended(moment.kind, now)
            starts.pop(moment.kind, None)
        elif moment.event == "snooze" and last is not None:
            desk.answered(last, Answer.SNOOZE, now)
            silent_until = now + limits.snooze_s
            if last.kind is not None and last.episode_start_s is not None:
                key = (last.kind, last.episode_start_s, last.step)
                snoozes[key] = snoozes.get(key, 0) + 1
        elif moment.event == "done" and last is not None:
            desk.answered(last, Answer.DONE, now)
            silent_until = -1.0
        elif moment.event in {"hold", "release"}:
            holds = moment.event == "hold"
            desk.hold("in a call" if holds else None)
        elif moment.event == "pain":
            desk.report(ReportKind.PAIN, now)
        for p in shown(desk.tick(now, moment.moving)):
            assert not holds
            last = p
            if p.kind is None or p.episode_start_s is None:
                continue
            assert now >= silent_until
            assert starts.get(p.kind) == p.episode_start_s, "its cause goes on"
            patient = min(due_s[kind, start] for kind, start in starts.items()) + limits.patience_s
            patiently = p.kind is STILLNESS or moment.moving or now >= patient
            assert patiently, "somebody waited for long enough; who is due by then goes along, in order"
            key = (p.kind, p.episode_start_s, p.step)
            if p.reason is PromptReason.SNOOZED:
                counts[key] = counts.get(key, 0) + 1
                assert counts[key] <= snoozes.get(key, 0)
            elif p.step is PromptLevel.SOFT:
                firsts.append(now)
    assert all(b - a >= limits.quiet_s for a, b in pairwise(firsts))
    assert all(sum(t <= other < t + 3600 for other in firsts) <= limits.per_hour for t in firsts)
