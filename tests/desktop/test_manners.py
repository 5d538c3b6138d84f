"""Manners: what changes at the desk mean for a session, and how facts become changes. All of it pure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import session
from posture.desktop.manners import Manners, PresenceSettings, step
from posture.desktop.presence import (
    Awake,
    CameraFree,
    CameraWanted,
    Cause,
    Change,
    LidClosed,
    LidOpened,
    Locked,
    Loud,
    Moment,
    OnBattery,
    Quiet,
    SleepGap,
    Sleeping,
    Steady,
    Teller,
    Unlocked,
)

START = Moment(1000.0, 500.0, 1.8e9)


def at(seconds: float, slept_s: float = 0.0) -> Moment:
    """A moment so long after the start, `slept_s` of it asleep."""
    return Moment(START.going_s + seconds, START.awake_s + seconds - slept_s, START.utc_s + seconds)


def seconds_of(moment: Moment) -> float:
    """Seconds since the start."""
    return moment.going_s - START.going_s


def take(changes: list[Change], settings: PresenceSettings | None = None) -> tuple[Manners, list[session.Event]]:
    """The manners after all changes, and all that the session is told."""
    manners, events = Manners(settings or PresenceSettings(pause_on_battery=True)), []
    for change in changes:
        manners, told = step(manners, change, seconds_of)
        events += told
    return manners, events


def live(events: list[session.Event]) -> session.State:
    """A session that was running when the events came."""
    state = session.State()
    for event in (session.Start(0.0), session.CameraBack(0.5), *events):
        state, _ = session.step(state, event)
    return state


NEEDS = [
    (LidClosed(at(5)), LidOpened(at(9)), "the lid is closed"),
    (CameraWanted(at(5), "zoom"), CameraFree(at(9)), "zoom uses the camera"),
    (OnBattery(at(5), True), OnBattery(at(9), False), "on battery"),
]


@pytest.mark.parametrize(("begins", "ends", "words"), NEEDS)
def test_a_need_lets_the_camera_go_and_its_end_takes_it_back(begins: Change, ends: Change, words: str) -> None:
    """A pause by presence, dated when it began, with its reason in words."""
    manners, events = take([begins])
    assert events == [session.Pause(5.0, by=session.By.PRESENCE)]
    assert manners.paused == words
    assert not live(events).camera_on
    manners, events = take([begins, ends])
    assert events[1:] == [session.Resume(9.0, by=session.By.PRESENCE)]
    assert manners.paused is None
    assert live(events).camera_on


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (PresenceSettings(), OnBattery(at(5), True)),
        (PresenceSettings(pause_on_lid=False), LidClosed(at(5))),
        (PresenceSettings(pause_for_camera=False), CameraWanted(at(5), "zoom")),
        (PresenceSettings(pause_on_lock=False), Locked(at(5))),
        (PresenceSettings(quiet_in_calls=False), Quiet(at(5), Cause.CALL, "the microphone is in use")),
        (PresenceSettings(quiet_in_full_screen=False), Quiet(at(5), Cause.FULL_SCREEN, "a window fills the screen")),
        (PresenceSettings(quiet_on_do_not_disturb=False), Quiet(at(5), Cause.DO_NOT_DISTURB, "do not disturb")),
    ],
)
def test_what_is_not_wanted_is_not_done(settings: PresenceSettings, change: Change) -> None:
    """Each manner can be switched off; the battery is off to begin with."""
    manners, events = take([change], settings)
    assert (events, manners.paused, manners.quiet) == ([], None, None)


def test_lock_and_sleep_are_the_sessions_own() -> None:
    """They pass as they are, with the moment they happened."""
    _, events = take([Locked(at(1)), Unlocked(at(2)), Sleeping(at(3)), Awake(at(4))])
    assert events == [session.Lock(1.0), session.Unlock(2.0), session.Suspend(3.0), session.Wake(4.0)]


def test_quiet_keeps_measuring() -> None:
    """Quiet is a hold of prompts with a reason, and no event of the session."""
    manners, events = take([Quiet(at(1), Cause.FULL_SCREEN, "a window fills the screen"), Quiet(at(2), Cause.CALL, "a call")])
    assert events == []
    assert manners.quiet == "a call"
    manners, _ = step(manners, Loud(at(3), Cause.CALL), seconds_of)
    assert manners.quiet == "a window fills the screen"
    manners, _ = step(manners, Loud(at(3), Cause.FULL_SCREEN), seconds_of)
    assert manners.quiet is None


def test_another_caller_changes_the_words_only() -> None:
    """The camera does not blink when one program takes over from another."""
    manners, events = take([CameraWanted(at(1), "zoom"), CameraWanted(at(2), "cheese, zoom")])
    assert len(events) == 1
    assert manners.paused == "cheese, zoom uses the camera"


def test_presence_does_not_lift_the_persons_own_pause() -> None:
    """Coming back from a call leaves a pause that the person asked for."""
    _, events = take([CameraWanted(at(3), "zoom"), CameraFree(at(4))])
    state = live([session.Pause(2.0), *events])
    assert state.mode is session.Mode.PAUSED


CHANGES = st.lists(
    st.sampled_from(
        [
            LidClosed,
            LidOpened,
            CameraFree,
            Locked,
            Unlocked,
            lambda moment: CameraWanted(moment, "zoom"),
            lambda moment: OnBattery(moment, True),
            lambda moment: OnBattery(moment, False),
            lambda moment: Quiet(moment, Cause.CALL, "a call"),
            lambda moment: Loud(moment, Cause.CALL),
        ]
    ),
    max_size=30,
)


@given(CHANGES, st.booleans())
def test_pauses_and_resumes_alternate_and_agree_with_the_needs(made: list, battery: bool) -> None:
    """Whatever comes: the camera is on exactly while there is no need and no lock."""
    changes = [make(at(i + 1.0)) for i, make in enumerate(made)]
    manners, events = take(changes, PresenceSettings(pause_on_battery=battery))
    holds = [event for event in events if isinstance(event, session.Pause | session.Resume)]
    assert [isinstance(event, session.Pause) for event in holds] == [i % 2 == 0 for i in range(len(holds))]
    locked = next((isinstance(c, Locked) for c in reversed(changes) if isinstance(c, Locked | Unlocked)), False)
    assert live(events).camera_on == (manners.paused is None and not locked)


# --- facts to changes


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Moment:
        return self.now

    def pass_(self, awake_s: float = 0.0, asleep_s: float = 0.0, set_by_s: float = 0.0) -> Clock:
        """Time passes, and somebody sets the clock on the wall."""
        going_s, woke_s, utc_s = self.now.going_s, self.now.awake_s, self.now.utc_s
        self.now = Moment(going_s + awake_s + asleep_s, woke_s + awake_s, utc_s + awake_s + asleep_s + set_by_s)
        return self


@given(st.lists(st.tuples(st.floats(0.1, 10), st.one_of(st.just(0.0), st.floats(3, 1e5)), st.floats(-1e6, 1e6)), max_size=20))
def test_exactly_the_sleeps_are_found(looks: list[tuple[float, float, float]]) -> None:
    """Whatever the clock on the wall does, a sleep between two looks is found, from the look before it, and nothing else is."""
    clock, gap = Clock(), SleepGap(awake_stands_still=True)
    gap.look(clock())
    for awake_s, asleep_s, set_by_s in looks:
        before = clock()
        assert gap.look(clock.pass_(awake_s, asleep_s, set_by_s)()) == (before if asleep_s else None)


def test_without_a_clock_that_stands_still_a_look_that_is_late_is_a_sleep() -> None:
    """By half a minute, which no busy computer takes between two looks."""
    clock, gap = Clock(), SleepGap(awake_stands_still=False)
    gap.look(clock())
    assert gap.look(clock.pass_(20, set_by_s=9999)()) is None
    before = clock()
    assert gap.look(clock.pass_(31)()) == before


def test_a_sleep_that_nobody_announced_is_dated_back() -> None:
    """Sleeping at the last moment that was seen, awake now; in the session it is a hold with both ends, and no sitting time."""
    told: list[Change] = []
    clock = Clock()
    teller = Teller(told.append, clock)
    teller.look()
    clock.pass_(2)
    teller.look()
    clock.pass_(1, asleep_s=8 * 3600)
    teller.look()
    teller.look()
    assert [type(change) for change in told] == [Sleeping, Awake]
    _, events = take(told)
    assert events == [session.Suspend(2.0), session.Wake(3.0 + 8 * 3600)]


@pytest.mark.parametrize("end_first", [True, False])
def test_a_sleep_that_was_announced_is_not_found_again(end_first: bool) -> None:
    """The announcement counts, whether its end or the look comes first."""
    told: list[Change] = []
    clock = Clock()
    teller = Teller(told.append, clock)
    teller.look()
    teller.asleep(True)
    clock.pass_(1, asleep_s=3600)
    if end_first:
        teller.asleep(False)
    teller.look()
    teller.asleep(False)
    teller.look()
    assert [type(change) for change in told] == [Sleeping, Awake]


def test_a_sleep_that_was_given_up_ends() -> None:
    """A computer that still runs half a minute after it said that it would sleep is awake."""
    told: list[Change] = []
    clock = Clock()
    teller = Teller(told.append, clock)
    teller.asleep(True)
    for _ in range(14):
        clock.pass_(2)
        teller.look()
    assert len(told) == 1
    clock.pass_(4)
    teller.look()
    assert [type(change) for change in told] == [Sleeping, Awake]


def test_each_fact_is_told_once_and_nothing_after_the_end() -> None:
    """However often it comes; what is as it was at first is not told at all."""
    told: list[Change] = []
    teller = Teller(told.append, Clock())
    for _ in range(2):
        teller.lid(False)
        teller.battery(False)
        teller.camera(None)
        teller.quiet(Cause.CALL, None)
        teller.lock("a", False)
        teller.asleep(False)
    assert told == []
    for _ in range(2):
        teller.lid(True)
        teller.battery(True)
        teller.camera("zoom")
        teller.quiet(Cause.CALL, "a call")
        teller.lock("a", True)
        teller.lock("b", True)
    assert [type(change) for change in told] == [LidClosed, OnBattery, CameraWanted, Quiet, Locked]
    teller.lock("a", False)
    assert len(told) == 5
    teller.close()
    teller.lock("b", False)
    assert len(told) == 5


def test_steady_keeps_flapping_from_being_told() -> None:
    """It takes its time to begin and to end; a change of the words is told at once."""
    steady = Steady(begin_s=2.0, end_s=3.0)
    seen = [steady.see(value, now) for now, value in enumerate(["a", None, "a", "a", "a", "b", None, "b", None, None, None, None, None])]
    assert seen == [None, None, None, None, "a", "b", "b", "b", "b", "b", "b", None, None]


def test_ready_of_a_sleep_does_not_make_it_another() -> None:
    """Two changes are equal by what happened, not by whom they call back."""
    one = Sleeping(START, ready=lambda: None)
    assert one == replace(one, ready=print)
