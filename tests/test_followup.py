"""What followed a prompt: done, moved, snoozed, ignored, or not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st
from readings import STATES, day, reading

from posture._support.catalogue import load
from posture.engine.classifier import PostureClassifier
from posture.engine.engine import Engine
from posture.prompts.followup import LEFT_S, SHIFTS, WATCH_S, FollowUp
from posture.prompts.scheduler import PromptScheduler
from posture.settings import BandSettings, PromptSettings, Settings
from posture.types import (
    AFTER_S,
    Answer,
    ClassifiedReading,
    Episode,
    EpisodeKind,
    ExposureAfter,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    Reading,
    ShownPrompt,
)

AT_S = 600.0
FLEXED = ShownPrompt(AT_S, "sit_tall", EpisodeKind.FLEXED, PromptLevel.SOFT, 0.0)
TILT = ShownPrompt(AT_S, "pelvic_tilts_seated", EpisodeKind.ANTERIOR_TILT, PromptLevel.SOFT, 0.0)
SITTING = ShownPrompt(AT_S, "get_up", EpisodeKind.SITTING, PromptLevel.SOFT, 0.0)
REFERRAL = ShownPrompt(AT_S, "referral", None, PromptLevel.SOFT)


def after(
    shown: ShownPrompt,
    plan: str,
    *,
    answers: list[tuple[float, Answer]] | None = None,
    moves: list[PostureChange] | None = None,
    step_s: float = 1.0,
) -> PromptOutcome | None:
    """What is settled of a prompt that is followed by this plan (``neutral:20,away:70``: seconds), answers and moves (seconds after it)."""
    judge, follow = PostureClassifier(BandSettings()), FollowUp()
    follow.shown(shown, 7)
    out: list[tuple[int, PromptOutcome | None]] = []
    answers, moves = list(answers or []), list(moves or [])
    now = 0.0
    for part in plan.split(","):
        state, seconds = part.split(":")
        end = now + float(seconds)
        while now < end:
            for at, given_answer in [a for a in answers if a[0] <= now]:
                follow.answered(7, given_answer, AT_S + at)
                answers.remove((at, given_answer))
            told = [
                PostureChange(m.kind, AT_S + m.time_s) for m in moves if m.time_s + (60 if m.kind is PostureChangeKind.BREAK else 5) <= now
            ]
            moves = [m for m in moves if PostureChange(m.kind, AT_S + m.time_s) not in told]
            out += follow.step(judge.classify(STATES[state](AT_S + now)), told) if state != "blind" else follow.interrupt(AT_S + now)
            now += step_s
    out += follow.finish(AT_S + now)
    assert [number for number, _ in out] == [7], "settled once"
    return out[0][1]


@pytest.mark.parametrize(
    ("shown", "plan", "expected"),
    [
        (FLEXED, "flexed:400", PromptOutcome.IGNORED),
        (FLEXED, "flexed:100,neutral:29,flexed:271", PromptOutcome.IGNORED),
        (FLEXED, "flexed:100,neutral:16,flexed:50,neutral:16,flexed:218", PromptOutcome.MOVED),
        (FLEXED, "flexed:280,neutral:120", PromptOutcome.IGNORED),
        (FLEXED, "flexed:50,tilt:31,flexed:319", PromptOutcome.MOVED),
        (TILT, "tilt:50,flexed:31,tilt:319", PromptOutcome.MOVED),
        (TILT, "tilt:400", PromptOutcome.IGNORED),
        (SITTING, "flexed:100,neutral:300", PromptOutcome.IGNORED),
        (SITTING, "neutral:290,standing:10,neutral:100", PromptOutcome.MOVED),
        (SITTING, "neutral:290,standing:3,neutral:107", PromptOutcome.IGNORED),
        (SITTING, "neutral:301,standing:99", PromptOutcome.IGNORED),
        (FLEXED, "flexed:299,standing:101", PromptOutcome.IGNORED),
        (FLEXED, "flexed:50,away:40,flexed:310", PromptOutcome.IGNORED),
        (FLEXED, "flexed:140,unclear:260", None),
        (FLEXED, "flexed:140,blind:260", None),
        (FLEXED, "unmeasured:149,flexed:251", PromptOutcome.IGNORED),
        (FLEXED, "flexed:299", None),
        (FLEXED, "flexed:300", PromptOutcome.IGNORED),
        (FLEXED, "neutral:40", PromptOutcome.MOVED),
        (REFERRAL, "standing:400", None),
    ],
)
def test_what_is_seen_decides(shown: ShownPrompt, plan: str, expected: PromptOutcome | None) -> None:
    """The posture left for half a minute in total, or standing, within five minutes; unknown if too little was seen."""
    assert after(shown, plan) is expected


@pytest.mark.parametrize("at", [0.0, 299.0, 301.0])
def test_a_break_counts_if_it_began_in_time(at: float) -> None:
    """It is known only a minute later, which is waited for."""
    expected = PromptOutcome.MOVED if at <= WATCH_S else PromptOutcome.IGNORED
    for shown in (FLEXED, SITTING):
        assert after(shown, f"flexed:{max(at, 1)},away:70,flexed:200", moves=[PostureChange(PostureChangeKind.BREAK, at)]) is expected


def test_three_shifts_answer_a_prompt_about_sitting() -> None:
    """Fewer do not, later ones neither, and for a posture it is the posture that counts."""
    for count in range(5):
        shifts = [PostureChange(PostureChangeKind.SHIFT, 60.0 * n + 1) for n in range(count)]
        assert after(SITTING, "neutral:400", moves=shifts) is (PromptOutcome.MOVED if count >= SHIFTS else PromptOutcome.IGNORED)
        assert after(FLEXED, "flexed:400", moves=shifts) is PromptOutcome.IGNORED
    assert (
        after(SITTING, "neutral:400", moves=[PostureChange(PostureChangeKind.SHIFT, t) for t in (1.0, 2.0, 301.0)]) is PromptOutcome.IGNORED
    )


@pytest.mark.parametrize(
    ("answer", "still", "moved"),
    [
        (Answer.DONE, PromptOutcome.DONE, PromptOutcome.DONE),
        (Answer.SNOOZE, PromptOutcome.SNOOZED, PromptOutcome.MOVED),
        (Answer.NOT_NOW, PromptOutcome.IGNORED, PromptOutcome.MOVED),
        (Answer.SHOW, PromptOutcome.IGNORED, PromptOutcome.MOVED),
    ],
)
def test_what_is_said_and_what_is_seen(answer: Answer, still: PromptOutcome, moved: PromptOutcome) -> None:
    """Done before moved before snoozed before ignored."""
    assert after(FLEXED, "flexed:400", answers=[(20, answer)]) is still
    assert after(FLEXED, "flexed:100,neutral:300", answers=[(20, answer)]) is moved


def test_what_was_said_needs_no_picture() -> None:
    """Done and snoozed are known of a session that ended, or saw nothing; not now is not."""
    for answer, expected in ((Answer.DONE, PromptOutcome.DONE), (Answer.SNOOZE, PromptOutcome.SNOOZED), (Answer.NOT_NOW, None)):
        assert after(FLEXED, "flexed:30,unclear:10", answers=[(20, answer)]) is expected
        assert after(FLEXED, "blind:400", answers=[(20, answer)]) is expected
    assert after(FLEXED, "flexed:60", answers=[(20, Answer.SNOOZE), (30, Answer.NOT_NOW)]) is None
    assert after(REFERRAL, "flexed:60", answers=[(20, Answer.DONE)]) is PromptOutcome.DONE


def test_a_reading_stands_for_seconds_only() -> None:
    """Readings a minute apart see a fifth of the time at most: too little to say that nothing followed, or that the posture was left."""
    assert after(FLEXED, "flexed:400", step_s=60.0) is None
    assert after(FLEXED, "flexed:60,neutral:60,flexed:280", step_s=60.0) is None
    assert after(FLEXED, "flexed:400", step_s=12.0) is PromptOutcome.IGNORED


def test_a_late_snooze_says_nothing_of_the_five_minutes() -> None:
    """Put off after they had passed, the prompt was ignored in them."""
    assert after(FLEXED, "flexed:400", answers=[(310, Answer.SNOOZE)]) is PromptOutcome.IGNORED


def test_done_counts_also_late() -> None:
    """Who presses Done on a notification that stood for long has done it: that takes the place of what was settled."""
    follow, judge = FollowUp(), PostureClassifier(BandSettings())
    follow.shown(FLEXED, 7)
    said = [s for t in range(600, 1000) for s in follow.step(judge.classify(STATES["flexed"](float(t))))]
    assert said == [(7, PromptOutcome.IGNORED)]
    follow.answered(7, Answer.DONE, 1000.0)
    assert follow.step(judge.classify(STATES["flexed"](1001.0))) == [(7, PromptOutcome.DONE)]
    assert follow.finish() == []


def test_on_the_walk_of_a_live_session() -> None:
    """Prompts, readings and moves of a real walk: getting up after the prompt about sitting has moved the person."""
    settings_ = Settings(prompts=PromptSettings(quiet_s=0))
    follow, walk = FollowUp(), Engine(settings_, PromptScheduler(load(), settings_.prompts))
    readings, end_s = day("flexed:12,neutral:30,away:2,neutral:8")
    numbers: dict[int, ShownPrompt] = {}
    said: list[tuple[int, PromptOutcome | None]] = []
    for r in readings:
        out = walk.process(r)
        for shown in out.shown:
            numbers[len(numbers)] = shown
            follow.shown(shown, len(numbers) - 1)
        said += follow.step(out.judged[-1], out.moves)
    said += follow.finish(end_s)
    assert [(numbers[n].kind, what) for n, what in said] == [
        (EpisodeKind.FLEXED, PromptOutcome.MOVED),
        (EpisodeKind.STILLNESS, PromptOutcome.IGNORED),
        (EpisodeKind.SITTING, PromptOutcome.MOVED),
    ]


def half_hour(plan: str, *, ended_s: float | None = None, shown: ShownPrompt = FLEXED) -> ExposureAfter:
    """How the half hour after a prompt is told to have been spent; its episode ends that many seconds after it."""
    judge, follow = PostureClassifier(BandSettings()), FollowUp()
    follow.shown(shown, 7)
    told: list[tuple[int, ExposureAfter]] = []
    now = 0.0
    for state, seconds in (part.split(":") for part in plan.split(",")):
        for _ in range(int(seconds)):
            if ended_s == now and shown.kind is not None:
                follow.ended(Episode(shown.kind, 0.0, AT_S + now, 700.0))
            follow.step(judge.classify(STATES[state](AT_S + now))) if state != "blind" else follow.interrupt(AT_S + now)
            told += follow.exposures()
            now += 1.0
    follow.finish(AT_S + now)
    told += follow.exposures()
    assert [number for number, _ in told] == [7], "told once"
    return told[0][1]


@pytest.mark.parametrize(
    ("plan", "ended_s", "expected"),
    [
        ("flexed:2000", None, ExposureAfter(1800.0, 1800.0, 0.0, False)),
        ("flexed:600,neutral:2000", 900.0, ExposureAfter(1800.0, 600.0, 0.0, True)),
        ("flexed:600,neutral:1300", 1850.0, ExposureAfter(1800.0, 600.0, 0.0, False)),
        ("flexed:600,away:2000", 660.0, ExposureAfter(600.0, 600.0, 1200.0, True)),
        ("flexed:600,unmeasured:600,neutral:700", None, ExposureAfter(1200.0, 600.0, 0.0, False)),
        ("flexed:601,blind:1300", None, ExposureAfter(601.0, 601.0, 0.0, False)),
        ("flexed:900", None, ExposureAfter(900.0, 900.0, 0.0, None)),
        ("flexed:300,neutral:600", 700.0, ExposureAfter(900.0, 300.0, 0.0, True)),
        ("standing:2000", 60.0, ExposureAfter(1800.0, 0.0, 0.0, True)),
    ],
)
def test_the_half_hour_after(plan: str, ended_s: float | None, expected: ExposureAfter) -> None:
    """Each second counts once, for thirty minutes; that a cause went on is only said of a session that went on."""
    told = half_hour(plan, ended_s=ended_s)
    assert (told.measured_s, told.flexed_s, told.away_s) == pytest.approx(
        (expected.measured_s, expected.flexed_s, expected.away_s), abs=6.0
    )
    assert told.ended is expected.ended


def test_a_withheld_prompt_has_a_half_hour_and_no_outcome() -> None:
    """Nobody can ignore or answer what was not shown; the referral is about no posture."""
    follow, judge = FollowUp(), PostureClassifier(BandSettings())
    follow.shown(replace(FLEXED, withheld=True), 1)
    follow.shown(REFERRAL, 2)
    said = [s for t in range(600, 2500) for s in follow.step(judge.classify(STATES["flexed"](float(t))))]
    assert said == [(2, None)]
    assert follow.exposures() == [(1, ExposureAfter(1800.0, 1800.0, 0.0, False))]
    assert follow.exposures() == [] == follow.finish()


# ------------------------------------------------------------------------------------------------ laws

LAW = settings(max_examples=75, deadline=None)
plans = st.lists(
    st.tuples(st.sampled_from(["flexed", "flexed", "neutral", "tilt", "standing", "away", "unclear", "blind"]), st.integers(1, 200)),
    min_size=1,
    max_size=8,
).map(lambda parts: ",".join(f"{state}:{seconds}" for state, seconds in parts))
answers_given = st.lists(st.tuples(st.integers(0, 400).map(float), st.sampled_from(Answer)), max_size=3, unique=True).map(sorted)
prompts = st.sampled_from([FLEXED, TILT, SITTING, REFERRAL])


@LAW
@given(prompts, plans, answers_given)
def test_law_settled_once_and_said_is_known(shown: ShownPrompt, plan: str, answers: list[tuple[float, Answer]]) -> None:
    """Every prompt is settled exactly once; done always wins; a prompt is snoozed or ignored only if it was not followed by movement."""
    length = sum(int(part.split(":")[1]) for part in plan.split(","))
    heard = [a for a in answers if a[0] <= length - 1]
    late = any(at > WATCH_S for at, _ in heard)
    if late:  # a late Done may take the place of what was settled: tested by itself
        heard = [a for a in heard if a[0] <= WATCH_S]
    outcome = after(shown, plan, answers=heard)
    said = [answer for _, answer in heard if answer is not Answer.SHOW]
    assert (outcome is PromptOutcome.DONE) == (Answer.DONE in said)
    if outcome is PromptOutcome.SNOOZED:
        assert said[-1] is Answer.SNOOZE
    silent = after(shown, plan)
    if outcome in (PromptOutcome.SNOOZED, PromptOutcome.IGNORED):
        assert silent is not PromptOutcome.MOVED
    if silent is PromptOutcome.MOVED:
        assert outcome in (PromptOutcome.MOVED, PromptOutcome.DONE)


@LAW
@given(prompts, plans, st.sampled_from([0.5, 2.0, 4.0]))
def test_law_time_not_frames(shown: ShownPrompt, plan: str, step_s: float) -> None:
    """The same minutes at another rate give the same outcome, where a reading more or less does not decide."""
    plan = ",".join(f"{p.split(':')[0]}:{(int(p.split(':')[1]) % 8 + 1) * 20}" for p in plan.split(","))
    assert after(shown, plan, step_s=step_s) is after(shown, plan)


@LAW
@given(st.floats(0.0, 100.0), st.floats(0.0, WATCH_S + 100.0))
def test_law_the_posture_is_left_for_long_enough(first: float, left: float) -> None:
    """Moved exactly if the posture was left for the half minute within the five minutes."""
    follow = FollowUp(max_gap_s=1000.0)
    follow.shown(FLEXED, 1)

    def at(t: float, posture: Posture) -> ClassifiedReading:
        return ClassifiedReading(Reading(AT_S + t, reading(0.0).sight), posture)

    out = follow.step(at(0.0, Posture.FLEXED)) + follow.step(at(first, Posture.NEUTRAL)) + follow.step(at(first + left, Posture.FLEXED))
    out += follow.finish(AT_S + 600.0)
    counted = min(AT_S + first + left, AT_S + WATCH_S) - (AT_S + first)
    assert out == [(1, PromptOutcome.MOVED if counted >= LEFT_S else PromptOutcome.IGNORED)]


@LAW
@given(plans, st.floats(0.0, 2000.0))
def test_law_no_second_of_the_half_hour_counts_twice(plan: str, ended_s: float) -> None:
    """Flexed time is measured time, what is measured and what is away fill half an hour at most, and more time never takes any away."""
    told = half_hour(plan, ended_s=float(round(ended_s)))
    assert 0.0 <= told.flexed_s <= told.measured_s
    assert told.measured_s + told.away_s <= AFTER_S + 1e-6
    longer = half_hour(f"{plan},unclear:40,neutral:30")
    assert longer.measured_s >= told.measured_s and longer.flexed_s >= told.flexed_s
