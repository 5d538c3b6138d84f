"""The choice of prompts: quiet time, rotation, order, firm steps, red flags, answers and advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posture.catalogue import load
from posture.model import HeldPrompt, Kind, ReportKind, SelfReport, ShownPrompt, Step, Sustained
from posture.prompts import (
    ORDER,
    RED_FLAGS,
    WHY_NONE,
    WHY_OVER,
    WHY_REFERRAL,
    WHY_SAME,
    Catalogue,
    EntryKind,
    Prompt,
    PromptDesk,
    Where,
    advice,
    answer,
    heat_allowed,
    minutes,
)
from posture.settings import PromptSettings

CATALOGUE = load()
MIN = 60.0
FLEXED, TILT, SITTING = ORDER


def sustained(kind: Kind, at_min: float, start_min: float = 0.0, step: Step = Step.SOFT) -> Sustained:
    """A threshold reached, in minutes."""
    return Sustained(kind, step, at_min * MIN, 600.0, start_min * MIN)


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


def desk_after_first(at_min: float = 10, quiet_s: float = 1200.0) -> PromptDesk:
    """A desk that has just shown a flexed prompt."""
    desk = PromptDesk(CATALOGUE, PromptSettings(quiet_s=quiet_s))
    desk.due(sustained(FLEXED, at_min))
    assert len(shown(desk.tick(at_min * MIN))) == 1
    return desk


def test_a_prompt_answers_what_was_found() -> None:
    """The prompt fits its cause, is for the desk, carries kind, step and episode, and leads with what is best for the cause."""
    for kind, best in ((FLEXED, "cat_cow_seated"), (TILT, "pelvic_tilts_seated"), (SITTING, "get_up")):
        desk = PromptDesk(CATALOGUE)
        desk.due(sustained(kind, 10, 1))
        assert desk.tick(600) == [ShownPrompt(600, best, kind, Step.SOFT, 60)]
        assert desk.tick(601) == []


def test_quiet_time_holds_says_so_once_and_ends() -> None:
    """A prompt due in the quiet time waits, says why once, and is shown when the quiet time ends."""
    desk = desk_after_first(16)
    desk.due(sustained(SITTING, 30))
    assert desk.tick(30 * MIN) == [HeldPrompt(30 * MIN, SITTING, "quiet time until 36:00")]
    assert desk.tick(35.9 * MIN) == []
    assert [p.kind for p in shown(desk.tick(36 * MIN))] == [SITTING]


def test_what_waits_is_dropped_when_its_cause_ends() -> None:
    """The end of the episode returns the dropped prompt with the reason; it never comes back for that episode."""
    desk = desk_after_first()
    desk.due(sustained(SITTING, 15))
    desk.tick(15 * MIN)
    assert desk.ended(SITTING, 20 * MIN) == HeldPrompt(20 * MIN, SITTING, WHY_OVER)
    desk.due(sustained(SITTING, 21))
    assert shown(desk.tick(60 * MIN)) == []
    assert desk.ended(SITTING, 61 * MIN) is None


def test_a_new_episode_replaces_one_that_still_waited() -> None:
    """If the end of the older episode was not told, its prompt is said to be dropped and the newer one waits."""
    desk = desk_after_first()
    desk.due(sustained(SITTING, 15, 0))
    desk.tick(15 * MIN)
    desk.due(sustained(SITTING, 20, 16))
    assert HeldPrompt(20 * MIN, SITTING, WHY_OVER) in desk.tick(20 * MIN)
    assert [p.episode_start_s for p in shown(desk.tick(30 * MIN))] == [16 * MIN]


def test_soft_is_said_once_an_episode() -> None:
    """The same threshold told twice gives one prompt."""
    desk = desk_after_first()
    desk.due(sustained(FLEXED, 40))
    assert desk.tick(40 * MIN) == []


def test_firm_is_the_same_prompt_once_and_ignores_the_limits() -> None:
    """The firm step repeats the episode's prompt inside the quiet time, once."""
    desk = PromptDesk(CATALOGUE, PromptSettings(per_hour=1))
    desk.due(sustained(FLEXED, 10))
    (soft,) = shown(desk.tick(10 * MIN))
    desk.due(sustained(FLEXED, 20, step=Step.FIRM))
    assert desk.tick(20 * MIN) == [replace(soft, time_s=20 * MIN, step=Step.FIRM)]
    desk.due(sustained(FLEXED, 25, step=Step.FIRM))
    assert desk.tick(25 * MIN) == []


def test_firm_opens_no_quiet_time() -> None:
    """Quiet time counts from the episode's first prompt."""
    desk = desk_after_first(10)
    desk.due(sustained(FLEXED, 20, step=Step.FIRM))
    desk.tick(20 * MIN)
    desk.due(sustained(SITTING, 30))
    assert len(shown(desk.tick(30 * MIN))) == 1


def test_firm_joins_a_soft_that_still_waits() -> None:
    """While the soft one waits, the firm step does not overtake it; one soft prompt is shown and no firm follows."""
    desk = desk_after_first(5)
    desk.ended(FLEXED, 6 * MIN)
    desk.due(sustained(FLEXED, 17, 7))
    desk.tick(17 * MIN)
    desk.due(sustained(FLEXED, 24, 7, Step.FIRM))
    assert shown(desk.tick(24 * MIN)) == []
    assert [p.step for p in shown(desk.tick(25 * MIN))] == [Step.SOFT]
    assert desk.tick(50 * MIN) == []


def test_firm_is_not_shown_after_its_cause_ended() -> None:
    """A firm step that was due but not yet shown goes with its episode."""
    desk = desk_after_first()
    desk.due(sustained(FLEXED, 20, step=Step.FIRM))
    assert desk.ended(FLEXED, 20 * MIN) == HeldPrompt(20 * MIN, FLEXED, WHY_OVER)
    assert desk.tick(20 * MIN) == []


def test_three_first_prompts_an_hour_at_most() -> None:
    """The fourth waits until the first one is an hour old, and says why."""
    desk = PromptDesk(CATALOGUE, PromptSettings(quiet_s=60))
    for n in range(3):
        desk.due(sustained(FLEXED, 10 * n + 1, 10 * n))
        assert len(shown(desk.tick((10 * n + 1) * MIN))) == 1
        desk.ended(FLEXED, (10 * n + 5) * MIN)
    desk.due(sustained(SITTING, 31, 0))
    assert [h.why for h in held(desk.tick(31 * MIN))] == ["3 prompts in the last hour, the most that is set"]
    assert desk.tick(60.9 * MIN) == []
    assert len(shown(desk.tick(61 * MIN))) == 1


def test_order_when_several_wait() -> None:
    """Referral, flexed, anterior tilt, sitting, whatever the order of arrival."""
    desk = PromptDesk(CATALOGUE, PromptSettings(quiet_s=0, per_hour=60))
    for kind in reversed(ORDER):
        desk.due(sustained(kind, 30))
    desk.raise_flag(29 * MIN)
    assert [p.kind for p in shown(desk.tick(30 * MIN))] == [None, FLEXED, TILT, SITTING]


def test_rotation_takes_the_one_shown_longest_ago_and_never_the_last() -> None:
    """All fitting prompts come before one is repeated, also over the history of earlier sessions."""
    fitting = {p.id for p in CATALOGUE.prompts if FLEXED in p.causes and p.where is Where.DESK}
    history = [ShownPrompt(-9000.0, "cat_cow_seated", FLEXED, Step.SOFT, -9600.0)]
    desk = PromptDesk(CATALOGUE, PromptSettings(quiet_s=0, per_hour=60), history=history)
    ids = []
    for n in range(len(fitting)):
        desk.due(sustained(FLEXED, n + 1, n))
        ids += [p.prompt_id for p in shown(desk.tick((n + 1) * MIN))]
        desk.ended(FLEXED, (n + 1.5) * MIN)
    assert set(ids) == fitting and ids[-1] == "cat_cow_seated"


def test_a_history_keeps_its_quiet_time() -> None:
    """A prompt shown just before the session began is still within its quiet time."""
    desk = PromptDesk(CATALOGUE, history=[ShownPrompt(-60.0, "get_up", SITTING, Step.SOFT, -1900.0)])
    desk.due(sustained(FLEXED, 10))
    assert [h.why for h in held(desk.tick(10 * MIN))] == ["quiet time until 19:00"]


def only(*ids: str) -> Catalogue:
    """The shipped catalogue cut down to the referral and these."""
    return replace(CATALOGUE, prompts=tuple(p for p in CATALOGUE.prompts if p.id in {"referral", *ids}))


def test_the_only_fitting_prompt_is_not_repeated() -> None:
    """With one prompt in the catalogue the second episode is held, and says why."""
    desk = PromptDesk(only("sit_tall"), PromptSettings(quiet_s=0))
    desk.due(sustained(FLEXED, 10))
    assert len(shown(desk.tick(10 * MIN))) == 1
    desk.ended(FLEXED, 11 * MIN)
    desk.due(sustained(FLEXED, 22, 12))
    assert [h.why for h in held(desk.tick(22 * MIN))] == [WHY_SAME]


def test_a_catalogue_without_a_fitting_prompt_says_so() -> None:
    """What nothing fits is held with that reason."""
    desk = PromptDesk(only("sit_tall"))
    desk.due(sustained(SITTING, 30))
    assert [h.why for h in held(desk.tick(30 * MIN))] == [WHY_NONE]


@pytest.mark.parametrize("kind", sorted(RED_FLAGS))
def test_a_red_flag_leaves_the_referral_and_getting_up(kind: ReportKind) -> None:
    """The referral comes at once, quiet time or not; until it is acknowledged every cause gets the plain get-up prompt."""
    desk = desk_after_first(5, quiet_s=60.0)
    desk.report(kind, 5.1 * MIN)
    assert [(p.prompt_id, p.kind) for p in shown(desk.tick(5.2 * MIN))] == [("referral", None)]
    for n, cause in enumerate((SITTING, TILT)):
        desk.due(sustained(cause, 10 + n * 5, 1))
        assert [p.prompt_id for p in shown(desk.tick((10 + n * 5) * MIN))] == ["get_up"]
    desk.acknowledge(16 * MIN)
    assert not desk.flagged
    desk.ended(SITTING, 17 * MIN)
    desk.due(sustained(SITTING, 70, 18))
    assert [kind_of(p.prompt_id) for p in shown(desk.tick(70 * MIN))] != [EntryKind.GET_UP]


def test_firm_of_an_exercise_becomes_getting_up_while_flagged() -> None:
    """An exercise shown before the flag is not repeated under it."""
    desk = desk_after_first()
    desk.report(ReportKind.PAIN, 12 * MIN)
    desk.tick(12 * MIN)
    desk.due(sustained(FLEXED, 20, step=Step.FIRM))
    assert [(p.prompt_id, p.step) for p in shown(desk.tick(20 * MIN))] == [("get_up", Step.FIRM)]


def test_without_a_get_up_prompt_a_flag_holds_everything() -> None:
    """A catalogue whose get-up prompt was taken out shows nothing but the referral, and says why."""
    desk = PromptDesk(only("sit_tall"))
    desk.report(ReportKind.NUMB, 0)
    desk.due(sustained(FLEXED, 10))
    said = desk.tick(10 * MIN)
    assert [p.prompt_id for p in shown(said)] == ["referral"]
    assert [h.why for h in held(said)] == [WHY_REFERRAL]


def test_an_acknowledgement_does_not_cover_a_later_report() -> None:
    """What was read before a new report says nothing of that report."""
    desk = PromptDesk(CATALOGUE)
    desk.report(ReportKind.PAIN, 100)
    desk.acknowledge(90)
    assert desk.flagged


def test_reports_of_the_store_raise_the_flag_again() -> None:
    """An open red flag of an earlier session brings the referral first; an acknowledged one does not."""
    day = 86400.0
    open_flag = SelfReport(10 * day, ReportKind.WEAK)
    closed = replace(open_flag, acknowledged_s=10 * day + 5)
    assert PromptDesk(CATALOGUE, reports=[open_flag], start_epoch_s=11 * day).flagged
    assert not PromptDesk(CATALOGUE, reports=[closed], start_epoch_s=11 * day).flagged


def test_no_heat_after_numbness_even_when_acknowledged() -> None:
    """A heat prompt of a user's own stays away after numbness, however long ago and acknowledged or not."""
    mine = replace(only("heat"), prompts=tuple(replace(p, causes=(FLEXED,), where=Where.DESK) for p in only("heat").prompts))
    mine = replace(mine, prompts=tuple(replace(p, causes=()) if p.id == "referral" else p for p in mine.prompts))
    numb = SelfReport(1e9, ReportKind.NUMB, acknowledged_s=1e9 + 1)
    for reports, why in (([numb], [WHY_NONE]), ([], [])):
        desk = PromptDesk(mine, reports=reports, start_epoch_s=1e9 + 400 * 86400)
        desk.due(sustained(FLEXED, 10))
        said = desk.tick(10 * MIN)
        assert [h.why for h in held(said)] == why
        assert len(shown(said)) == (0 if why else 1)


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
    for kind in Kind:
        entries = advice(CATALOGUE, kind)
        assert all(p.where is Where.HOME and kind in p.causes for p in entries)
        assert entries[0].kind is EntryKind.EXERCISE
        assert "weekly_strength" in [p.id for p in entries[:3]]
    for kind in (FLEXED, TILT):
        assert "set_up_desk" in [p.id for p in advice(CATALOGUE, kind)[:3]]


def test_after_numbness_no_answer_speaks_of_warmth() -> None:
    """Never numb: stiffness is answered with heat among others; once numb: with nothing that cites or names warmth."""
    assert any(p.warms for p in answer(CATALOGUE, ReportKind.STIFF, heat=heat_allowed(None)))
    for entry in answer(CATALOGUE, ReportKind.STIFF, heat=heat_allowed(0.0)):
        words = " ".join([entry.title, *entry.steps, entry.why, entry.more or ""]).lower()
        assert "warm" not in words
        assert "heat" not in words
        assert "A-heat" not in entry.passages


def test_times_are_written_as_minutes() -> None:
    """Minutes and seconds; hours only when there are some."""
    assert [minutes(t) for t in (0, 59.6, 2160, 3960, -61)] == ["0:00", "1:00", "36:00", "1:06:00", "-1:01"]


# ------------------------------------------------------------------------------------------------ laws


@dataclass(frozen=True)
class Event:
    """Something that happens to a desk, after a pause."""

    name: str
    pause_s: float
    kind: Kind = FLEXED
    report: ReportKind = ReportKind.URGE


EVENTS = st.lists(
    st.builds(
        Event,
        name=st.sampled_from(["soft", "soft", "firm", "firm", "ended", "stale", "report", "ack", "wait"]),
        pause_s=st.sampled_from([0.0, 60.0, 599.0, 600.0, 1199.0, 1200.0]),
        kind=st.sampled_from([FLEXED, FLEXED, TILT, SITTING]),
        report=st.sampled_from([ReportKind.PAIN, ReportKind.NUMB, ReportKind.URGE]),
    ),
    min_size=4,
    max_size=40,
)
SETTINGS = st.builds(PromptSettings, quiet_s=st.sampled_from([0.0, 600.0, 1200.0]), per_hour=st.sampled_from([1, 3, 60]))


def _everywhere(p: Prompt) -> Prompt:
    """An entry for every cause at the desk."""
    return p if p.kind is EntryKind.REFERRAL else replace(p, causes=ORDER, where=Where.DESK)


LAW = settings(max_examples=200, deadline=None)
TIGHT = replace(CATALOGUE, prompts=tuple(_everywhere(p) for i in ("heat", "get_up", "referral") for p in CATALOGUE.prompts if p.id == i))
"""So few prompts that the laws meet every one, warmth first."""


@dataclass(frozen=True)
class Said:
    """What a desk said, and what held at that moment."""

    shown: ShownPrompt
    flagged: bool
    last_numb_s: float | None
    open_episodes: dict[Kind, float]


def play(events: list[Event], limits: PromptSettings) -> tuple[list[Said], list[HeldPrompt]]:
    """Lets the events happen, ticking after each, and keeps its own account of flags and episodes."""
    desk = PromptDesk(TIGHT, limits)
    now, flagged, numb = 0.0, False, None
    episodes: dict[Kind, float] = {}
    over: dict[Kind, float] = {}
    said: list[Said] = []
    back: list[HeldPrompt] = []
    for event in events:
        now += event.pause_s
        if event.name in {"soft", "firm"}:
            start = episodes.setdefault(event.kind, now)
            desk.due(Sustained(event.kind, Step(event.name), now, 600.0, start))
        elif event.name == "ended":
            dropped = desk.ended(event.kind, now)
            back += [dropped] if dropped else []
            over |= {event.kind: episodes.pop(event.kind)} if event.kind in episodes else {}
            now += 0.5
        elif event.name == "stale" and event.kind in over:
            desk.due(Sustained(event.kind, Step.FIRM, now, 600.0, over[event.kind]))
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
    firsts = [s.shown.time_s for s in play(events, limits)[0] if s.shown.kind and s.shown.step is Step.SOFT]
    assert all(b - a >= limits.quiet_s for a, b in pairwise(firsts))
    assert all(sum(t <= other < t + 3600 for other in firsts) <= limits.per_hour for t in firsts)


@LAW
@given(EVENTS, SETTINGS)
def test_law_never_the_same_first_prompt_twice_in_a_row(events: list[Event], limits: PromptSettings) -> None:
    """Only plain getting up, all that is left under a red flag, may follow itself."""
    firsts = [s for s in play(events, limits)[0] if s.shown.kind and s.shown.step is Step.SOFT]
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
            assert heat_allowed(s.last_numb_s)
        if kind is EntryKind.REFERRAL:
            assert s.flagged and s.shown.kind is None


@LAW
@given(EVENTS, SETTINGS)
def test_law_prompts_belong_to_an_open_episode(events: list[Event], limits: PromptSettings) -> None:
    """A prompt is shown only while its own episode lasts: soft once, firm at most once, after the soft and with its id."""
    softs: dict[tuple[Kind, float], str] = {}
    firms: set[tuple[Kind, float]] = set()
    for s in play(events, limits)[0]:
        p = s.shown
        if p.kind is None or p.episode_start_s is None:
            continue
        key = (p.kind, p.episode_start_s)
        assert s.open_episodes.get(p.kind) == p.episode_start_s
        if p.step is Step.SOFT:
            assert key not in softs
            softs[key] = p.prompt_id
        else:
            assert key not in firms
            firms.add(key)
            forbidden = kind_of(softs[key]) is EntryKind.HEAT and not heat_allowed(s.last_numb_s)
            assert p.prompt_id == softs[key] or forbidden or (s.flagged and p.prompt_id == "get_up")


@given(st.permutations(ORDER), st.booleans(), st.integers(1, 3))
def test_law_order_of_what_waits(arrival: list[Kind], flag: bool, count: int) -> None:
    """However they arrive, what waits for the end of the quiet time is shown in the order set."""
    desk = desk_after_first(1)
    desk.ended(FLEXED, 2 * MIN)
    for kind in arrival[:count]:
        desk.due(sustained(kind, 3, 2))
    if flag:
        desk.report(ReportKind.PAIN, 4 * MIN)
    order = [p.kind for n in range(4) for p in shown(desk.tick((21 + n * 21) * MIN))]
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
    desk = PromptDesk(TIGHT, limits)
    now = 0.0
    for event in events:
        now += event.pause_s
        if event.name in {"soft", "firm"}:
            desk.due(Sustained(event.kind, Step(event.name), now, 600.0, 0.0))
        desk.tick(now)
        assert [desk.tick(now) for _ in range(times)] == [[]] * times
