"""When reminders come over hours: repeats, share of the hour, sitting, stillness, and what is said of those that are held back."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st
from readings import STATES, angle, reading
from typer.testing import CliRunner

from posture._support.catalogue import load
from posture.cli.app import app
from posture.engine.engine import Engine
from posture.engine.posture_changes import PostureShiftDetector
from posture.engine.stillness import Stillness, stillness_of
from posture.monitor.control.requests import RequestHandler, SessionFacts
from posture.monitor.session import Monitor
from posture.prompts.causes import PATIENT
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.simulation import Sitter, plan_of, simulate
from posture.settings import DoseSettings, PromptSettings, Settings
from posture.types import (
    Answer,
    EpisodeKind,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Mode,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptDue,
    PromptLevel,
    PromptReason,
    ShownPrompt,
    Span,
)

CATALOGUE = load()
MIN = 60.0
FLEXED, TILT, SITTING, STILLNESS = EpisodeKind
UNANSWERED = Sitter(answer=None)
Times = list[tuple[EpisodeKind | None, PromptLevel, float]]


def shown(plan: str, sitter: Sitter | None = None, settings_: Settings | None = None) -> list[ShownPrompt]:
    """What is shown, at the defaults."""
    said = simulate(plan_of(plan), CATALOGUE, settings_ or Settings(), sitter)
    return [s.event for s in said if isinstance(s.event, ShownPrompt)]


def minutes(prompts: list[ShownPrompt]) -> list[float]:
    """When they were shown."""
    return [p.time_s / MIN for p in prompts]


def is_first(p: ShownPrompt) -> bool:
    """Whether it counts in quiet time and cap."""
    return p.kind is not None and p.step is PromptLevel.SOFT and p.reason is not PromptReason.SNOOZED


# ------------------------------------------------------------------------------------------------ hours at the defaults


@pytest.mark.parametrize("state", ["lean", "slump"])
@pytest.mark.parametrize("moving", [True, False])
def test_four_hours_flexed_answered_each_time(state: str, moving: bool) -> None:
    """10, 20 (firm), 40, 60 … min, each at most 1 min later; no sitting, no stillness; another exercise each time; 3 an hour."""
    prompts = shown(f"{state}:239", Sitter(always_moving=moving))
    expected = [10, 20, *range(40, 239, 20)]
    assert {p.kind for p in prompts} == {FLEXED}
    assert len(prompts) == len(expected)
    assert all(0 <= got - want <= (0 if moving else 1) for got, want in zip(minutes(prompts), expected, strict=True))
    assert [p.step for p in prompts[:3]] == [PromptLevel.SOFT, PromptLevel.FIRM, PromptLevel.SOFT]
    assert [p.reason for p in prompts[2:]] == [PromptReason.REPEAT] * (len(expected) - 2)
    firsts = [p for p in prompts if is_first(p)]
    assert all(a.prompt_id != b.prompt_id for a, b in pairwise(firsts))
    assert max(sum(a.time_s <= b.time_s < a.time_s + 3600 for b in firsts) for a in firsts) <= 3


def test_four_hours_flexed_unanswered() -> None:
    """After three without an answer the next comes 40 min later, then each 60; sitting and stillness wait with it, and say so."""
    said = simulate(plan_of("lean:239"), CATALOGUE, Settings(), replace(UNANSWERED, always_moving=True))
    assert [(s.event.kind, s.event.time_s / MIN) for s in said if isinstance(s.event, ShownPrompt)] == [
        (FLEXED, at) for at in (10, 20, 40, 60, 100, 160, 220)
    ]
    held = [s.event for s in said if isinstance(s.event, HeldPrompt)]
    assert {(h.kind, h.hold.reason) for h in held} == {(SITTING, HoldReason.UNANSWERED), (STILLNESS, HoldReason.UNANSWERED)}


def test_four_minutes_bent_and_two_upright_all_morning() -> None:
    """At least one reminder an hour, from the first hour on, that says it is the share of the hour; and never two in half an hour."""
    prompts = [p for p in shown(",".join(["lean:4,neutral:2"] * 40)) if p.kind is FLEXED]
    times = [0.0, *minutes(prompts), 240.0]
    assert max(b - a for a, b in pairwise(times)) <= 60
    assert {p.reason for p in prompts} == {PromptReason.SHARE}
    assert min(b - a for a, b in pairwise(times[1:-1])) >= 30
    assert prompts[0].dose_s is not None
    assert 1800 <= prompts[0].dose_s <= 2400
    assert prompts[0].prompt_id == "bring_work_closer"


def test_the_hour_begins_anew_after_five_minutes_away() -> None:
    """28 minutes flexed in pieces before a break of six minutes count no more; before one of four they do."""
    pieces, after = ",".join(["lean:4,neutral:2"] * 7), ",".join(["lean:4,neutral:2"] * 3)
    shares = [sum(p.reason is PromptReason.SHARE for p in shown(f"{pieces},away:{away},{after}")) for away in (6, 4)]
    assert shares == [0, 1]


def test_unbroken_sitting_comes_again_every_half_hour() -> None:
    """Upright, and shifting as healthy people do: 30, 60, 90 … min, each with another exercise; a break begins anew."""
    prompts = shown("neutral:125,away:2,neutral:35", Sitter(shifts_per_h=36, always_moving=True))
    assert [(p.kind, round(p.time_s / MIN)) for p in prompts] == [(SITTING, at) for at in (30, 60, 90, 120, 157)]
    assert len({p.prompt_id for p in prompts[:4]}) == 4


def test_who_sits_still_is_asked_to_shift() -> None:
    """The lightest prompt after 20 min without a change, and not for who shifts; it is not shown within 20 min of another."""
    assert [(p.kind, p.time_s / MIN) for p in shown("neutral:25")] == [(STILLNESS, 20)]
    assert shown("neutral:25", Sitter(shifts_per_h=6)) == []
    after = shown("lean:12,neutral:28", Sitter(always_moving=True))
    assert [(p.kind, round(p.time_s / MIN)) for p in after] == [(FLEXED, 10), (STILLNESS, 32)]


def test_repeats_can_be_turned_off() -> None:
    """prompts.repeat_s = 0: once an episode, with its firm step; sitting once a sit."""
    once = Settings(prompts=PromptSettings(repeat_s=0))
    lasting = shown("lean:240", Sitter(always_moving=True), once)
    assert [p.time_s / MIN for p in lasting if p.kind is FLEXED] == [10, 20]
    assert len(shown("neutral:200", Sitter(shifts_per_h=36), once)) == 1


def test_an_answer_or_the_end_of_the_cause_brings_the_interval_back() -> None:
    """Three unanswered: 40 min. Answered late: 20 min from the last. A new episode begins anew."""
    desk = PromptScheduler(CATALOGUE)
    desk.due(PromptDue(FLEXED, PromptLevel.SOFT, 600, 600, 0))
    told = [p for t in range(600, 3700, 10) for p in desk.tick(t) if isinstance(p, ShownPrompt)]
    assert [p.time_s for p in told] == [600, 1800, 3000]
    assert len(told) == PATIENT
    assert desk.tick(4210) == []
    desk.answered(told[-1], Answer.NOT_NOW, 4220)
    assert [p.time_s for p in desk.tick(4220) if isinstance(p, ShownPrompt)] == [4220]
    desk.ended(FLEXED, 4300)
    desk.due(PromptDue(FLEXED, PromptLevel.SOFT, 5500, 600, 4900))
    assert [p.reason for t in range(5500, 6800, 10) for p in desk.tick(t) if isinstance(p, ShownPrompt)] == [
        PromptReason.DOSE,
        PromptReason.REPEAT,
    ]


def test_a_dose_below_ten_minutes_repeats_nothing_until_it_is_back() -> None:
    """Two minutes upright halve the dose of 12: the repeat at 40 min waits until the dose is full again."""
    prompts = shown("lean:35,neutral:5,lean:20", Sitter(always_moving=True))
    assert [round(m) for m in minutes(prompts)] == [10, 20, 44]


def test_what_is_held_back_can_be_asked_for() -> None:
    """What waits, since when, why and until when; what would hold a new one back; nothing once it is shown."""
    desk = PromptScheduler(CATALOGUE, PromptSettings(repeat_s=0))
    desk.due(PromptDue(FLEXED, PromptLevel.SOFT, 600, 600, 0))
    desk.tick(600)
    desk.due(PromptDue(TILT, PromptLevel.SOFT, 900, 900, 0))
    desk.tick(900)
    desk.tick(930)
    (held,) = desk.held_back
    assert (held.time_s, held.kind, held.hold.reason, held.hold.until_s) == (900, TILT, HoldReason.QUIET, 1800)
    quiet = desk.silence(930)
    assert quiet is not None
    assert quiet.reason is HoldReason.QUIET
    desk.hold("in a call")
    desk.tick(940)
    assert [h.hold.detail for h in desk.held_back if h.kind is TILT] == ["in a call"]
    desk.hold(None)
    desk.tick(1800)
    assert desk.held_back == ()


def test_the_monitor_tells_what_it_holds_back() -> None:
    """In its status, and as JSON with times since the epoch: what waits, since when, why, until when; what would hold a new one."""
    quiet, call = HoldBack(HoldReason.QUIET, 1800.0), HoldBack(HoldReason.HOLD, detail="A call is on.")
    live_ = SimpleNamespace(measurement=SimpleNamespace(settings=Settings(), calibrated=True))
    nothing: Any = SimpleNamespace(show=lambda _status: None)
    monitor = Monitor(
        Engine(Settings(), PromptScheduler(CATALOGUE)), cast(Any, live_), nothing, nothing, nothing, nothing, None,
        held_back=lambda: (HeldPrompt(900.0, TILT, quiet),), silence=lambda _time_s: call,
    )  # fmt: skip
    monitor.state = replace(monitor.state, time_s=1000.0)
    monitor._show(1000.0, None, "")
    assert (monitor.status.held_back, monitor.status.silence) == ((HeldPrompt(900.0, TILT, quiet),), call)
    facts = SessionFacts(0.0, "camera", "0", None)
    handler = RequestHandler(facts, bool, lambda: None, lambda *_: None, lambda *_: None, lambda *_: None, utc=lambda: 5000.0)
    told = handler.status(monitor)
    assert told["held_back"] == [
        {"kind": "anterior_tilt", "step": "soft", "since_utc": 4900.0, "reason": "quiet", "until_utc": 5800.0, "detail": ""}
    ]
    assert told["silence"]["reason"] == "ready"
    monitor.status = replace(monitor.status, mode=Mode.RUNNING)
    assert handler.status(monitor)["silence"] == {
        "reason": "hold", "words": "No reminders: a call is on.", "until_utc": None, "detail": "A call is on."
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ laws


@dataclass(frozen=True)
class Stretch:
    """A stretch of time, and what the person and the desktop do in it."""

    state: str
    seconds: float
    moving: bool
    call: bool
    answer: Answer | None


STRETCHES = st.lists(
    st.builds(
        Stretch,
        st.sampled_from(["flexed", "flexed", "slump", "tilt", "neutral", "neutral", "away", "standing", "unclear", "unmeasured"]),
        st.sampled_from([10.0, 40.0, 90.0, 300.0, 600.0]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([None, None, Answer.DONE, Answer.SNOOZE]),
    ),
    min_size=2,
    max_size=8,
)
DOSE = DoseSettings(
    soft_s=60.0,
    firm_s=120.0,
    tilt_s=90.0,
    sitting_s=180.0,
    still_s=120.0,
    share_s=200.0,
    clear_s=20.0,
    half_life_s=30.0,
    episode_floor_s=12.0,
)
FAST = PromptSettings(quiet_s=120.0, repeat_s=120.0, patience_s=10.0, snooze_s=60.0)
EVERY_S = 2.0
LASTS = {FLEXED: DOSE.soft_s, TILT: DOSE.tilt_s, SITTING: DOSE.sitting_s}
INTERVAL = {FLEXED: FAST.repeat_s, TILT: FAST.repeat_s, SITTING: DOSE.sitting_s}


class Waits:
    """An account of its own of how long each cause has gone on without a word, and without a reason why."""

    def __init__(self) -> None:
        self.due: dict[EpisodeKind, float] = {}
        self.last: dict[EpisodeKind, float] = {}
        self.unanswered = dict.fromkeys(LASTS, 0)

    def step(self, time_s: float, doses: dict[EpisodeKind, float], told: list[ShownPrompt], held: set[EpisodeKind], there: bool) -> None:
        for p in told:
            if p.kind in LASTS:
                self.last[p.kind] = time_s
                self.unanswered[p.kind] += is_first(p)
        for kind, full_s in LASTS.items():
            said = {p.kind for p in told}
            if doses[kind] < full_s or not there or kind in said or kind in held:
                self.due.pop(kind, None)
                continue
            postponed = max(self.last.get(k, -1e9) for k in (FLEXED, TILT)) + DOSE.sitting_s if kind is SITTING else -1e9
            times = 0 if self.unanswered[kind] < PATIENT else 2 if self.unanswered[kind] == PATIENT else 3
            interval = max(INTERVAL[kind], times * FAST.repeat_s)
            if time_s >= max(postponed, self.last.get(kind, -1e9) + interval):
                since = self.due.setdefault(kind, time_s)
                assert time_s - since <= FAST.patience_s + EVERY_S, f"{kind} waits without a reason"


def live(stretches: list[Stretch], per_hour: int) -> tuple[list[ShownPrompt], list[HeldPrompt]]:
    """Lets it happen, with the account kept at each reading."""
    settings_ = Settings(dose=DOSE, prompts=replace(FAST, per_hour=per_hour))
    desk = PromptScheduler(CATALOGUE, settings_.prompts, dose=DOSE)
    engine, waits = Engine(settings_, desk), Waits()
    time_s, told, held = 0.0, list[ShownPrompt](), list[HeldPrompt]()
    for stretch in stretches:
        desk.hold("in a call" if stretch.call else None)
        for _ in range(int(stretch.seconds / EVERY_S)):
            out = engine.process(STATES[stretch.state](time_s), stretch.moving)
            there = STATES[stretch.state](time_s).present and stretch.state != "unclear"
            held += out.held
            told += out.shown
            for episode in out.episodes:
                if episode.kind in waits.unanswered:
                    waits.unanswered[episode.kind] = 0
            waits.step(time_s, out.dose_s, out.shown, {h.kind for h in desk.held_back}, there)
            for p in out.shown:
                if stretch.answer is not None:
                    desk.answered(p, stretch.answer, time_s)
                    if p.kind in waits.unanswered:
                        waits.unanswered[p.kind] = 0
            time_s += EVERY_S
    return told, held


@settings(max_examples=40, deadline=None)
@given(STRETCHES, st.sampled_from([3, 60]))
def test_law_who_lasts_is_spoken_to_or_told_why_not(stretches: list[Stretch], per_hour: int) -> None:
    """A cause that lasts waits at most its interval and the patience for a pause, or is held back for a reason; no cap is broken."""
    told, held = live(stretches, per_hour)
    firsts = [p.time_s for p in told if is_first(p)]
    assert all(b - a >= FAST.quiet_s for a, b in pairwise(firsts))
    assert all(sum(t <= other < t + 3600 for other in firsts) <= per_hour for t in firsts)
    ids = [p.prompt_id for p in told if is_first(p)]
    assert all(a != b for a, b in pairwise(ids))
    assert all(h.hold.reason is not HoldReason.WITHHELD for h in held)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 15.0), st.floats(0.5, 15.0), st.sampled_from([0.25, 1.0, 2.0, 5.0]))
def test_law_noise_is_no_posture_change(seed: int, trunk_sd: float, other_sd: float, rate_hz: float) -> None:
    """Twenty minutes of readings that scatter as their sds say: nothing changed."""
    noise, detector = random.Random(seed), PostureShiftDetector(DoseSettings())
    for step in range(int(1200 * rate_hz)):
        still = replace(
            reading(step / rate_hz),
            trunk_flexion=angle(5.0 + noise.gauss(0, trunk_sd), trunk_sd),
            lateral_lean=angle(noise.gauss(0, other_sd), other_sd),
            pelvic_tilt=angle(noise.gauss(0, other_sd), other_sd),
            place_cm=(noise.gauss(0, 0.5), noise.gauss(0, 0.5)),
        )
        assert detector.push(still) is None


def test_a_change_beyond_two_sds_of_the_difference_is_one() -> None:
    """With an sd of 3 the difference has one of 4.2: 8 degrees are no change, 10 are."""

    def changes(deg: float) -> int:
        detector = PostureShiftDetector(DoseSettings())
        trunks = [0.0] * 60 + [deg] * 60
        readings_ = (replace(reading(float(t)), trunk_flexion=angle(x, 3.0)) for t, x in enumerate(trunks))
        return sum(detector.push(r) is not None for r in readings_)

    assert [changes(8.0), changes(10.0)] == [0, 1]


def test_what_is_carried_forward_confirms_no_change() -> None:
    """A single look that was wrong and is carried forward for ten seconds is no change of posture; the next look takes it back."""
    detector = PostureShiftDetector(DoseSettings())
    for t in range(120):
        wrong = 60 <= t < 70
        r = replace(reading(float(t)), trunk_flexion=angle(25.0 if wrong else 0.0), carried_forward=wrong and t > 60)
        assert detector.push(r) is None


# ------------------------------------------------------------------------------------------------ the summary


def test_how_still_a_day_was() -> None:
    """The longest time between two changes of posture, seated; being away and standing end it; the unknown does not count."""
    spans = [
        Span(0, 1200, Posture.NEUTRAL, True),
        Span(1200, 1260, Posture.UNKNOWN, None, "unmeasured"),
        Span(1260, 2400, Posture.FLEXED, True),
        Span(2400, 2700, Posture.AWAY),
        Span(2700, 3600, Posture.NEUTRAL, True),
    ]
    moves = [PostureChange(PostureChangeKind.SHIFT, t) for t in (300.0, 1500.0)] + [PostureChange(PostureChangeKind.BREAK, 2400.0)]
    found = stillness_of(spans, moves)
    assert found == Stillness(longest_s=1140.0, start_s=300.0, seated_s=3240.0, shifts=2)
    assert found.shifts_per_h == pytest.approx(2 * 3600 / 3240)
    assert stillness_of([Span(0, 60, Posture.AWAY)], []) is None
    short = stillness_of([Span(0, 60, Posture.NEUTRAL, True)], [])
    assert short is not None
    assert short.shifts_per_h is None


# ------------------------------------------------------------------------------------------------ the command


def test_simulate_prints_a_table_and_json() -> None:
    """When, what and why, one row each; the same as JSON."""
    run = CliRunner().invoke(app, ["simulate", "neutral:2,lean:75", "--moving"])
    assert run.exit_code == 0, run.output
    assert [line.split()[0] for line in run.output.splitlines()[1:-1] if line[:8].strip()] == ["12:00", "22:00", "42:00", "1:02:00"]
    assert run.output.splitlines()[-1] == "4 reminders in 1 h 17 min."
    rows = json.loads(CliRunner().invoke(app, ["simulate", "lean:35", "--json", "--set", "prompts.repeat_s=600"]).output)
    assert [(r["event"], r["kind"], r["step"], r["reason"], r["time_s"]) for r in rows] == [
        ("shown", "flexed", "soft", "dose", 660.0),
        ("shown", "flexed", "firm", "dose", 1260.0),
        ("shown", "flexed", "soft", "repeat", 1860.0),
    ]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("leen:3", "'leen': expected one of neutral, lean,"),
        ("lean", "'lean': expected minutes after a colon, such as lean:20"),
        ("lean:0", "'lean:0': expected minutes after a colon"),
        ("lean:x", "'lean:x': expected minutes after a colon"),
        ("lean:nan", "'lean:nan': expected minutes"),
        ("neutral:2,,lean:3", "'': expected one of"),
        ("lean:9999", "expected 48 hours in all at most"),
    ],
)
def test_a_plan_that_is_none_is_said_in_one_line(plan: str, said: str) -> None:
    """What is wrong, and what was expected."""
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        plan_of(plan)
    run = CliRunner().invoke(app, ["simulate", plan])
    assert run.exit_code == 2
