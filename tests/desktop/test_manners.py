"""The interruption policy: what changes at the desk mean for a session, and how facts become changes. All of it pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from posture._support.clock import SuspendDetector
from posture.desktop.presence.changes import Aspect, PresenceChange, Publisher, Steady
from posture.engine import session
from posture.monitor.interruption_policy import InterruptionPolicy, step
from posture.settings import PresenceSettings

START_S = 1000.0


def change(seconds: float, aspect: Aspect, why: str | None) -> PresenceChange:
    """A change so long after the start."""
    return PresenceChange(START_S + seconds, aspect, why)


def kinds_of(changes: Iterable[PresenceChange]) -> list[tuple[Aspect, bool]]:
    """Each aspect, and whether it began or ended."""
    return [(one.aspect, one.why is not None) for one in changes]


SLEPT = [(Aspect.SLEEP, True), (Aspect.SLEEP, False)]


def take(changes: list[PresenceChange], settings: PresenceSettings | None = None) -> tuple[InterruptionPolicy, list[session.Event]]:
    """The manners after all changes, and all that the session is told."""
    manners, events = InterruptionPolicy(settings or ALL_NEEDS), []
    for one in changes:
        manners, told = step(manners, one, one.time_s - START_S)
        events += told
    return manners, events


def live(events: list[session.Event]) -> session.SessionState:
    """A session that was running when the events came."""
    state = session.SessionState()
    for event in (session.Start(0.0), session.CameraBack(0.5), *events):
        state, _ = session.step(state, event)
    return state


NEEDS = [
    (change(5, aspect, words), change(9, aspect, None), words)
    for aspect, words in (
        (Aspect.LID, "the lid is closed"),
        (Aspect.CAMERA, "zoom uses the camera"),
        (Aspect.BATTERY, "on battery"),
        (Aspect.IDLE, "nothing was touched"),
    )
]
ALL_NEEDS = PresenceSettings(pause_on_battery=True, pause_when_idle_s=300)


@pytest.mark.parametrize(("begins", "ends", "words"), NEEDS)
def test_a_need_lets_the_camera_go_and_its_end_takes_it_back(begins: PresenceChange, ends: PresenceChange, words: str) -> None:
    """A pause by presence, dated when it began, with its reason in words."""
    manners, events = take([begins])
    assert events == [session.Pause(5.0, by=session.PausedBy.PRESENCE)]
    assert manners.paused == words
    assert not live(events).camera_on
    manners, events = take([begins, ends])
    assert events[1:] == [session.Resume(9.0, by=session.PausedBy.PRESENCE)]
    assert manners.paused is None
    assert live(events).camera_on


@pytest.mark.parametrize(
    ("settings", "one"),
    [
        (PresenceSettings(), change(5, Aspect.BATTERY, "on battery")),
        (PresenceSettings(pause_on_lid=False), change(5, Aspect.LID, "the lid is closed")),
        (PresenceSettings(pause_for_camera=False), change(5, Aspect.CAMERA, "zoom uses the camera")),
        (PresenceSettings(pause_on_lock=False), change(5, Aspect.LOCK, "the screen is locked")),
        (PresenceSettings(quiet_in_calls=False), change(5, Aspect.CALL, "the microphone is in use")),
        (PresenceSettings(quiet_in_full_screen=False), change(5, Aspect.FULL_SCREEN, "a window fills the screen")),
        (PresenceSettings(quiet_on_do_not_disturb=False), change(5, Aspect.DO_NOT_DISTURB, "do not disturb")),
    ],
)
def test_what_is_not_wanted_is_not_done(settings: PresenceSettings, one: PresenceChange) -> None:
    """Each manner can be switched off; the battery is off to begin with."""
    manners, events = take([one], settings)
    assert (events, manners.paused, manners.muted) == ([], None, None)


def test_lock_and_sleep_are_the_sessions_own() -> None:
    """They pass as they are, with the moment they happened."""
    _, events = take(
        [change(1, Aspect.LOCK, "x"), change(2, Aspect.LOCK, None), change(3, Aspect.SLEEP, "x"), change(4, Aspect.SLEEP, None)]
    )
    assert events == [session.Lock(1.0), session.Unlock(2.0), session.Suspend(3.0), session.Wake(4.0)]


def test_quiet_keeps_measuring() -> None:
    """Quiet is a hold of prompts with a reason, and no event of the session."""
    manners, events = take([change(1, Aspect.FULL_SCREEN, "a window fills the screen"), change(2, Aspect.CALL, "a call")])
    assert events == []
    assert manners.muted == "a call"
    manners, _ = step(manners, change(3, Aspect.CALL, None), 3.0)
    assert manners.muted == "a window fills the screen"
    manners, _ = step(manners, change(3, Aspect.FULL_SCREEN, None), 3.0)
    assert manners.muted is None


def test_another_caller_changes_the_words_only() -> None:
    """The camera does not blink when one program takes over from another."""
    manners, events = take([change(1, Aspect.CAMERA, "zoom uses the camera"), change(2, Aspect.CAMERA, "cheese, zoom uses the camera")])
    assert len(events) == 1
    assert manners.paused == "cheese, zoom uses the camera"


def test_presence_does_not_lift_the_persons_own_pause() -> None:
    """Coming back from a call leaves a pause that the person asked for."""
    _, events = take([change(3, Aspect.CAMERA, "zoom uses the camera"), change(4, Aspect.CAMERA, None)])
    state = live([session.Pause(2.0), *events])
    assert state.mode is session.Mode.PAUSED


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([Aspect.LID, Aspect.CAMERA, Aspect.LOCK, Aspect.BATTERY, Aspect.CALL]),
        st.sampled_from(["for a reason", "for another", None]),
    ),
    max_size=30,
)


@given(CHANGES, st.booleans())
def test_pauses_and_resumes_alternate_and_agree_with_the_needs(made: list, battery: bool) -> None:
    """Whatever comes: the camera is on exactly while there is no need and no lock."""
    changes = [change(i + 1.0, *one) for i, one in enumerate(made)]
    manners, events = take(changes, PresenceSettings(pause_on_battery=battery))
    holds = [event for event in events if isinstance(event, session.Pause | session.Resume)]
    assert [isinstance(event, session.Pause) for event in holds] == [i % 2 == 0 for i in range(len(holds))]
    locked = next((c.why is not None for c in reversed(changes) if c.aspect is Aspect.LOCK), False)
    assert live(events).camera_on == (manners.paused is None and not locked)


# --- facts to changes


class Clock:
    """Clocks that are set by hand: one that counts sleep, one that does not."""

    def __init__(self) -> None:
        self.now = (START_S, 500.0)

    def __call__(self) -> tuple[float, float]:
        return self.now

    def pass_(self, awake_s: float = 0.0, asleep_s: float = 0.0) -> Clock:
        """Time passes."""
        self.now = (self.now[0] + awake_s + asleep_s, self.now[1] + awake_s)
        return self


@given(st.lists(st.tuples(st.floats(0.1, 10), st.one_of(st.just(0.0), st.floats(3, 1e5))), max_size=20))
def test_exactly_the_sleeps_are_found(looks: list[tuple[float, float]]) -> None:
    """A sleep between two looks is found, from the look before it, and nothing else is; the clock on the wall is not asked."""
    clock, gap = Clock(), SuspendDetector(limit_s=2.0)
    gap.look(*clock())
    for awake_s, asleep_s in looks:
        before = clock()[0]
        after = clock.pass_(awake_s, asleep_s)()
        assert gap.look(*after) == ((before, after[0]) if asleep_s else None)


def test_without_a_clock_that_stands_still_a_look_that_is_late_is_a_sleep() -> None:
    """By half a minute, which no busy computer takes between two looks."""
    clock, gap = Clock(), SuspendDetector(limit_s=30.0)
    gap.look(clock()[0])
    assert gap.look(clock.pass_(20)()[0]) is None
    before = clock()[0]
    assert gap.look(clock.pass_(31)()[0]) == (before, before + 31)


def test_a_sleep_that_nobody_announced_is_dated_back() -> None:
    """Sleeping at the last moment that was seen, awake now; in the session it is a hold with both ends, and no sitting time."""
    told: list[PresenceChange] = []
    clock = Clock()
    teller = Publisher(told.append, clock)
    teller.poll()
    clock.pass_(2)
    teller.poll()
    clock.pass_(1, asleep_s=8 * 3600)
    teller.poll()
    teller.poll()
    assert kinds_of(told) == SLEPT
    _, events = take(told)
    assert events == [session.Suspend(2.0), session.Wake(3.0 + 8 * 3600)]


@pytest.mark.parametrize("end_first", [True, False])
def test_a_sleep_that_was_announced_is_not_found_again(end_first: bool) -> None:
    """The announcement counts, whether its end or the look comes first."""
    told: list[PresenceChange] = []
    clock = Clock()
    teller = Publisher(told.append, clock)
    teller.poll()
    teller.asleep(True)
    clock.pass_(1, asleep_s=3600)
    if end_first:
        teller.asleep(False)
    teller.poll()
    teller.asleep(False)
    teller.poll()
    assert kinds_of(told) == SLEPT


def test_a_sleep_that_was_given_up_ends() -> None:
    """A computer that still runs half a minute after it said that it would sleep is awake."""
    told: list[PresenceChange] = []
    clock = Clock()
    teller = Publisher(told.append, clock)
    teller.asleep(True)
    for _ in range(14):
        clock.pass_(2)
        teller.poll()
    assert len(told) == 1
    clock.pass_(4)
    teller.poll()
    assert kinds_of(told) == SLEPT


def test_each_fact_is_told_once_and_nothing_after_the_end() -> None:
    """However often it comes; what is as it was at first is not told at all."""
    told: list[PresenceChange] = []
    teller = Publisher(told.append, Clock())
    for _ in range(2):
        for aspect in (Aspect.LID, Aspect.BATTERY, Aspect.CAMERA, Aspect.CALL):
            teller.publish(aspect, None)
        teller.lock("a", False)
        teller.asleep(False)
    assert told == []
    for _ in range(2):
        for aspect in (Aspect.LID, Aspect.BATTERY, Aspect.CAMERA, Aspect.CALL):
            teller.publish(aspect, "so it is")
        teller.lock("a", True)
        teller.lock("b", True)
    assert kinds_of(told) == [(a, True) for a in (Aspect.LID, Aspect.BATTERY, Aspect.CAMERA, Aspect.CALL, Aspect.LOCK)]
    teller.lock("a", False)
    assert len(told) == 5
    teller.close()
    teller.lock("b", False)
    assert len(told) == 5


def test_steady_keeps_flapping_from_being_told() -> None:
    """It takes its time to begin and to end; a change of the words is told at once."""
    steady = Steady(begin_s=2.0, end_s=3.0)
    seen = [
        steady.process(value, now) for now, value in enumerate(["a", None, "a", "a", "a", "b", None, "b", None, None, None, None, None])
    ]
    assert seen == [None, None, None, None, "a", "b", "b", "b", "b", "b", "b", None, None]


def test_ready_of_a_sleep_does_not_make_it_another() -> None:
    """Two changes are equal by what happened, not by whom they call back."""
    one = PresenceChange(START_S, Aspect.SLEEP, "asleep", lambda: None)
    assert one == replace(one, ready=print)
