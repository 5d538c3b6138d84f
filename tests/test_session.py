"""The life of a live session: what each event does, and laws that hold whatever happens in whatever order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import settings as hypothesis_settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from readings import STATES

from posture.engine.breaks import BACK_S
from posture.engine.engine import Engine, EngineOutput
from posture.engine.session import (
    ORDER,
    REASONS,
    CameraBack,
    CameraLost,
    CloseCamera,
    Effect,
    EndSession,
    Event,
    GrantLease,
    HoldPrompts,
    Interrupt,
    LeaseRequested,
    LeaseReturned,
    Lock,
    Mode,
    OpenCamera,
    Pause,
    PausedBy,
    RefuseLease,
    ReleasePrompts,
    Resume,
    Say,
    SessionPhase,
    SessionState,
    Start,
    Stop,
    Stopped,
    Suspend,
    Tick,
    Unlock,
    Wake,
    step,
)
from posture.engine.spans import EXERCISE
from posture.engine.summary import LEAVE_THE_TOTALS, summarise
from posture.reports.labels import REASON_WORDS
from posture.settings import DoseSettings, Settings
from posture.types import CauseEased, EpisodeKind, HeldPrompt, PromptDue, PromptLevel, ShownPrompt

QUICK = Settings(dose=DoseSettings(soft_s=15.0, firm_s=30.0, tilt_s=15.0, sitting_s=40.0))
"""Prompts fall due within seconds; a break is still a minute."""
RUNNING = step(step(SessionState(), Start(0.0))[0], CameraBack(0.0))[0]
ENDED = (Mode.STOPPING, Mode.STOPPED)


def after(*events: Event, state: SessionState = RUNNING) -> tuple[SessionState, list[Effect]]:
    """The state after all `events`, and all that they asked for."""
    done: list[Effect] = []
    for event in events:
        state, effects = step(state, event)
        done += effects
    return state, done


def way_out(state: SessionState) -> list[Event]:
    """Ends every hold that is on, each by who began it."""
    at = state.time_s
    out: list[Event] = [Start(at), *(Resume(at, p.by) for p in state.pauses)]
    out += [Unlock(at)] if state.locked else []
    out += [Wake(at)] if state.suspended else []
    out += [LeaseReturned(at, state.lease_holder)] if state.lease_holder else []
    return [*out, CameraBack(at)]


def test_a_session_begins_with_the_camera_and_runs_with_its_first_picture() -> None:
    """Starting opens the camera; prompts wait for its first picture; the spans need no interruption for that."""
    opening, effects = step(SessionState(), Start(0.0))
    assert (opening.mode, opening.reason, effects) == (Mode.OPENING, "not_started", (OpenCamera(),))
    running, effects = step(opening, CameraBack(2.0))
    assert (running.mode, running.reason, effects) == (Mode.RUNNING, None, (ReleasePrompts(),))


@pytest.mark.parametrize(
    ("begin", "end", "mode", "reason"),
    [
        (Pause(10.0), Resume(90.0), Mode.PAUSED, "paused"),
        (Pause(10.0, PausedBy.PRESENCE), Resume(90.0, PausedBy.PRESENCE), Mode.PAUSED, "paused"),
        (Pause(10.0, until_s=90.0), Tick(90.0), Mode.PAUSED, "paused"),
        (Lock(10.0), Unlock(90.0), Mode.LOCKED, "locked"),
        (Suspend(10.0), Wake(90.0), Mode.SUSPENDED, "suspended"),
        (LeaseRequested(10.0, "preview 7"), LeaseReturned(90.0, "preview 7"), Mode.LENT, "preview"),
        (LeaseRequested(10.0, "calibrate 8"), LeaseReturned(90.0, "calibrate 8"), Mode.LENT, "preview"),
    ],
)
def test_a_hold_lets_the_camera_go_and_its_end_takes_it_back(begin: Event, end: Event, mode: Mode, reason: str) -> None:
    """Prompts are held and the camera is off before the time is called unknown; the end opens it, the first picture goes on."""
    held, effects = step(RUNNING, begin)
    assert (held.mode, held.reason, held.camera_on, held.measures) == (mode, reason, False, False)
    assert effects[:3] == (HoldPrompts(), CloseCamera(), Interrupt(10.0, reason))
    back, effects = step(held, end)
    assert (back.mode, effects) == (Mode.OPENING, (Interrupt(90.0, "gap"), OpenCamera()))
    running, effects = step(back, CameraBack(91.0))
    assert running.measures
    assert effects[0] == ReleasePrompts()


def test_a_lost_camera_is_said_and_looked_for() -> None:
    """A lost camera stays asked for, in the words of who lost it; its first picture goes on."""
    lost, effects = step(RUNNING, CameraLost(10.0, "The camera was unplugged."))
    assert (lost.mode, lost.camera_on, lost.measures) == (Mode.CAMERA_LOST, True, False)
    assert effects == (HoldPrompts(), Interrupt(10.0, "camera_lost"), Say("The camera was unplugged."))
    running, effects = step(lost, CameraBack(70.0))
    assert (running.mode, effects) == (Mode.RUNNING, (ReleasePrompts(), Say("Measuring again.")))


def test_a_lost_camera_is_not_looked_for_behind_a_locked_screen() -> None:
    """A hold ends the search too; afterwards the camera is opened afresh, and late news of the old search counts for nothing."""
    locked, done = after(CameraLost(10.0), Lock(20.0), CameraLost(21.0), CameraBack(22.0))
    assert (locked.mode, locked.camera_on, done.count(CloseCamera())) == (Mode.LOCKED, False, 1)
    back, effects = step(locked, Unlock(30.0))
    assert (back.mode, effects) == (Mode.OPENING, (Interrupt(30.0, "gap"), OpenCamera()))


@pytest.mark.parametrize("stale", [CameraBack(61.0), CameraLost(61.0)])
def test_late_news_of_a_camera_that_was_off_tell_nothing_of_the_one_that_opens(stale: Event) -> None:
    """What comes in the very step that ends a pause is of the time before the camera was opened."""
    paused, _ = after(Pause(10.0, until_s=60.0))
    back, effects = step(paused, stale)
    assert (back.mode, effects) == (Mode.OPENING, (Interrupt(60.0, "gap"), OpenCamera()))


def test_the_most_important_hold_gives_the_reason() -> None:
    """Of several holds the first of the stated order counts, and the next one from the moment that it ends."""
    begin = {Mode.LENT: LeaseRequested(1.0, "a"), Mode.LOCKED: Lock(2.0), Mode.PAUSED: Pause(3.0), Mode.SUSPENDED: Suspend(4.0)}
    end = {Mode.SUSPENDED: Wake(5.0), Mode.PAUSED: Resume(6.0), Mode.LOCKED: Unlock(7.0), Mode.LENT: LeaseReturned(8.0, "a")}
    state, effects = after(*begin.values(), *(end[hold] for hold in ORDER))
    told = [(e.time_s, e.reason) for e in effects if isinstance(e, Interrupt)]
    up = [(1.0, "preview"), (2.0, "locked"), (3.0, "paused"), (4.0, "suspended")]
    down = [(5.0, "paused"), (6.0, "locked"), (7.0, "preview"), (8.0, "gap")]
    assert told == up + down
    assert (state.mode, effects.count(CloseCamera()), effects.count(OpenCamera())) == (Mode.OPENING, 1, 1)


def test_a_pause_that_runs_out_behind_a_locked_screen_opens_no_camera() -> None:
    """The pause ends at its own moment, not at the next tick, and the lock holds on."""
    state, effects = after(Pause(10.0, until_s=60.0), Lock(20.0), Tick(63.5))
    assert state.mode is Mode.LOCKED
    assert effects[-1] == Interrupt(60.0, "locked")
    assert OpenCamera() not in effects


def test_a_lock_that_comes_after_a_pause_ran_out_does_not_make_the_camera_blink() -> None:
    """Between the end of a pause and the next event nobody looked: that time is a gap, and the camera stays off."""
    paused, _ = after(Pause(10.0, until_s=60.0))
    locked, effects = step(paused, Lock(61.0))
    assert (locked.mode, effects) == (Mode.LOCKED, (Interrupt(60.0, "gap"), Interrupt(61.0, "locked")))


def test_resuming_lifts_only_what_is_ones_own() -> None:
    """The user's resume leaves the manners' pause on, and the other way round; a lock is not lifted by either."""
    state, _ = after(Pause(1.0), Pause(2.0, PausedBy.PRESENCE), Resume(3.0))
    assert [p.by for p in state.pauses] == [PausedBy.PRESENCE]
    state, _ = after(Pause(1.0), Pause(2.0, PausedBy.PRESENCE), Resume(3.0, PausedBy.PRESENCE), Lock(4.0))
    assert [p.by for p in state.pauses] == [PausedBy.USER]
    assert after(Resume(5.0), state=state)[0].mode is Mode.LOCKED


def test_a_new_pause_takes_the_place_of_ones_old_one() -> None:
    """Fifteen minutes, then an hour: the hour counts; one that is over already is a resume."""
    state, _ = after(Pause(0.0, until_s=900.0), Pause(60.0, until_s=3660.0), Tick(900.0))
    assert (state.mode, [p.until_s for p in state.pauses]) == (Mode.PAUSED, [3660.0])
    assert after(Pause(1000.0, until_s=999.0), state=state)[0].mode is Mode.OPENING


def test_the_camera_is_lent_to_one_at_a_time() -> None:
    """A second borrower is refused with words, the first may ask again, and only the borrower gives back."""
    lent, effects = after(LeaseRequested(1.0, "preview 7"))
    assert effects[-2:] == [GrantLease("preview 7"), Say("The camera is in use by another command; this time isn't measured.")]
    assert step(lent, LeaseRequested(2.0, "calibrate 8"))[1] == (RefuseLease("calibrate 8", "The camera is in use by preview 7."),)
    assert step(lent, LeaseRequested(2.0, "preview 7"))[1] == (GrantLease("preview 7"),)
    for stale in (LeaseReturned(3.0, "calibrate 8"), LeaseReturned(3.0, "calibrate 8")):
        assert step(lent, stale)[0].mode is Mode.LENT


def test_a_lent_camera_that_comes_back_behind_a_pause_stays_off() -> None:
    """Giving back ends the loan alone."""
    state, effects = after(LeaseRequested(1.0, "a"), Pause(2.0), LeaseReturned(3.0, "a"))
    assert (state.mode, OpenCamera() in effects) == (Mode.PAUSED, False)


def test_stopping_ends_everything_once() -> None:
    """A stop closes the camera and ends the session; whatever comes then starts nothing, and who asks is told."""
    state, effects = after(Stop(10.0))
    assert effects == [HoldPrompts(), CloseCamera(), Interrupt(10.0, "gap"), EndSession(10.0)]
    late = [Stop(11.0), Start(11.0), Pause(11.0, until_s=12.0), Tick(13.0), Lock(13.0), Unlock(14.0), CameraBack(14.0), CameraLost(14.0)]
    state, effects = after(*late, state=state)
    assert (state.mode, effects) == (Mode.STOPPING, [])
    assert step(state, LeaseRequested(15.0, "a"))[1] == (RefuseLease("a", "The monitor is stopping."),)
    state, effects = after(Stopped(16.0), Start(17.0), Resume(17.0), state=state)
    assert (state.mode, effects) == (Mode.STOPPED, [])


def test_a_session_that_begins_on_hold_opens_no_camera() -> None:
    """A pause that outlived the last run, or a locked screen, holds from the first second on."""
    state, effects = after(Pause(0.0, until_s=600.0), Start(0.0), state=SessionState())
    assert (state.mode, effects) == (Mode.PAUSED, [Interrupt(0.0, "paused"), Say("Paused; the camera is off.")])
    assert after(Tick(600.0), state=state)[1] == [Interrupt(600.0, "gap"), OpenCamera()]


def test_an_event_dated_back_counts_from_the_last_one_on() -> None:
    """A sleep that was noticed late begins at the last sign of life, and time never runs backwards."""
    _, effects = after(Tick(100.0), Suspend(99.0), Wake(4000.0))
    assert [e for e in effects if isinstance(e, Interrupt)] == [Interrupt(100.0, "suspended"), Interrupt(4000.0, "gap")]


def test_the_person_is_told_once() -> None:
    """A lock within a pause says nothing, a pause that goes on is not said again, and its end is."""
    _, effects = after(Pause(1.0), Lock(2.0), Unlock(3.0), Pause(4.0, until_s=9.0), Tick(9.0), CameraBack(10.0), Lock(11.0), Unlock(12.0))
    assert [e.words for e in effects if isinstance(e, Say)] == ["Paused; the camera is off.", "Measuring again."]


def test_every_reason_has_words_and_three_leave_the_totals() -> None:
    """What the spans will say is known to the reports, and what the person chose is left out of the day."""
    assert {*REASONS.values(), EXERCISE} <= set(REASON_WORDS)
    assert {REASONS[Mode.PAUSED], REASONS[Mode.SUSPENDED], EXERCISE} == set(LEAVE_THE_TOTALS)


def agrees(before: SessionState, now: SessionState, effects: Iterable[Effect]) -> None:
    """One step's effects turn what the state before said into what the state after says, and no hold measures."""
    effects = list(effects)
    held = bool(now.pauses) or now.locked or now.suspended or now.lease_holder is not None
    assert now.camera_on == (now.phase is SessionPhase.LIVE and not held)
    assert now.measures == (now.mode is Mode.RUNNING)
    assert now.camera_on or not now.measures
    assert effects.count(OpenCamera()) == (now.camera_on and not before.camera_on)
    assert effects.count(CloseCamera()) == (before.camera_on and not now.camera_on)
    assert effects.count(ReleasePrompts()) == (now.measures and not before.measures)
    assert effects.count(HoldPrompts()) == (before.measures and not now.measures)
    last = next((e.reason for e in reversed(effects) if isinstance(e, Interrupt)), before.reason)
    assert now.reason is None or last == now.reason
    ends = [e for e in effects if isinstance(e, EndSession)]
    assert len(ends) == (now.mode in ENDED and before.mode not in ENDED)


def test_no_state_is_a_trap() -> None:
    """From every state that any order of events leads to: the effects agree, and ending every hold leads to running."""
    events = [Start(0.0), Tick(0.0), Lock(0.0), Unlock(0.0), Suspend(0.0), Wake(0.0), CameraLost(0.0), CameraBack(0.0)]
    events += [
        Stop(0.0),
        Stopped(0.0),
        *(LeaseRequested(0.0, b) for b in "ab"),
        *(LeaseReturned(0.0, b) for b in "ab"),
        LeaseReturned(0.0, "a"),
    ]
    events += [e for by in PausedBy for e in (Pause(0.0, by), Resume(0.0, by))]

    def plain(state: SessionState) -> SessionState:
        return replace(state, pauses=tuple(sorted(state.pauses, key=lambda p: p.by)))

    seen, todo = {SessionState()}, deque([SessionState()])
    while todo:
        state = todo.popleft()
        assert after(*way_out(state), state=state)[0].mode is (state.mode if state.mode in ENDED else Mode.RUNNING)
        for event in events:
            new, effects = step(state, event)
            agrees(state, new, effects)
            if plain(new) not in seen:
                seen.add(plain(new))
                todo.append(plain(new))
    assert {state.mode for state in seen} == set(Mode)


class Insistent:
    """A prompter that shows all that is due as soon as it is asked, and knows whether it may be."""

    def __init__(self) -> None:
        self.held = True
        self._due: list[PromptDue] = []

    def due(self, sustained: PromptDue) -> None:
        self._due.append(sustained)

    def ended(self, kind: EpisodeKind, time_s: float) -> HeldPrompt | None:
        return None

    def eased(self, cause: CauseEased) -> None:
        pass

    def tick(self, time_s: float, moving: bool = True) -> list[ShownPrompt | HeldPrompt]:
        assert not self.held, "a prompt while prompts are held"
        due, self._due = self._due, []
        return [ShownPrompt(time_s, "any", s.kind, s.step, s.episode_start_s) for s in due]


moments = st.floats(0.0, 90.0)
sights = st.sampled_from(["flexed", "flexed", "tilt", *STATES])
short = st.sampled_from([0.0, 0.5, 3.0, 59.0, 61.0])
borrowers = st.sampled_from(["preview 7", "calibrate 8"])
whom = st.sampled_from(PausedBy)
on = st.booleans()
happenings = st.one_of(
    st.tuples(st.just("pause"), st.tuples(whom, st.sampled_from([None, 0.0, 30.5, 61.0, 100.0]))),
    st.tuples(st.just("resume"), st.tuples(whom)),
    st.tuples(st.just("lock"), st.tuples(on)),
    st.tuples(st.just("sleep"), st.tuples(on)),
    st.tuples(st.just("lend"), st.tuples(borrowers)),
    st.tuples(st.just("give_back"), st.tuples(borrowers, st.booleans())),
    st.tuples(st.just("camera"), st.tuples(st.booleans())),
    st.tuples(st.just("wait"), st.tuples(short)),
    st.tuples(st.just("noticed_late"), st.tuples(short)),
    st.tuples(st.just("start"), st.just(())),
)
"""What may happen, by the name of the method that makes it happen, and with what."""


class Life(RuleBasedStateMachine):
    """A session as the monitor drives it: effects on a camera that is on or off, and on a real walk with readings made by hand.

    It keeps its own book of what is on hold; `unknown_s` are the seconds that each hold was the first in order.
    """

    @initialize(running=st.booleans())
    def begin(self, running: bool) -> None:
        """Ready and the camera off, or running already."""
        self.state, self.now = SessionState(), 0.0
        self.prompter = Insistent()
        self.walk = Engine(QUICK, self.prompter)
        self.out = EngineOutput()
        self.camera_on = False
        self.ended_s: float | None = None
        self.pauses: dict[PausedBy, float] = {}
        self.holds: dict[Mode, bool] = dict.fromkeys(ORDER, False)
        self.started = self.stopped = False
        self.unknown_s = dict.fromkeys(ORDER, 0.0)
        self.blind_since: float | None = None
        if running:
            self.start()
            self.camera(False)

    # --- the monitor

    def send(self, event: Event) -> None:
        """One event through the machine and its effects into the world."""
        before = self.state
        self.state, effects = step(before, event)
        agrees(before, self.state, effects)
        for effect in effects:
            self.carry_out(effect)

    def carry_out(self, effect: Effect) -> None:
        """What the monitor does of an effect."""
        match effect:
            case HoldPrompts() | ReleasePrompts():
                self.prompter.held = isinstance(effect, HoldPrompts)
            case OpenCamera() | CloseCamera():
                assert self.camera_on is isinstance(effect, CloseCamera), "open and close alternate"
                self.camera_on = isinstance(effect, OpenCamera)
            case GrantLease():
                assert not self.camera_on, "nobody else can open a camera that is on"
            case Interrupt():
                self.blind_since = effect.time_s if self.blind_since is None else self.blind_since
                self.keep(self.walk.interrupt(effect.time_s, effect.reason))
            case EndSession():
                assert self.ended_s is None, "a session ends once"
                self.ended_s = effect.time_s
                self.keep(self.walk.finish(effect.time_s))

    def keep(self, out: EngineOutput) -> None:
        """Prompts come only while nothing is held."""
        assert not (out.shown and self.prompter.held)
        self.out.extend(out)

    def pass_time(self, seconds: float) -> None:
        """Let time pass without telling the machine, and book it."""
        end = self.now + seconds
        while self.now < end:
            to = min([end, *(until for until in self.pauses.values() if until > self.now)])
            if self.started and not self.stopped:
                first = next((hold for hold in ORDER if self.on_hold(hold)), None)
                if first is not None:
                    self.unknown_s[first] += to - self.now
            self.now = to
            self.pauses = {by: until for by, until in self.pauses.items() if until > to}

    def on_hold(self, hold: Mode) -> bool:
        """What the book says of one hold."""
        return bool(self.pauses) if hold is Mode.PAUSED else self.holds[hold]

    # --- the world

    @rule(what=happenings, seconds=moments, posture=sights)
    def something_happens(self, what: tuple[str, tuple[object, ...]], seconds: float, posture: str) -> None:
        """Something happens, and then time passes."""
        self.at_once(what)
        self.sit(seconds, posture)

    @rule(what=happenings)
    def at_once(self, what: tuple[str, tuple[object, ...]]) -> None:
        """Something happens in the same moment as the next thing."""
        name, args = what
        getattr(self, name)(*args)

    def start(self) -> None:
        """Start, or start again."""
        if not self.started and not self.stopped:  # the seconds before the start are the spans' "not started"
            self.started = True
        self.send(Start(self.now))

    def sit(self, seconds: float, posture: str) -> None:
        """Time in one posture, with a picture a second if the camera is on and not lost."""
        end = self.now + seconds
        while self.now < end:
            self.pass_time(min(1.0, end - self.now))
            self.send(Tick(self.now))
            if self.state.measures:
                self.see(posture)

    def see(self, posture: str) -> None:
        """One reading into the engine; after more than a minute without one, every dose begins at nothing, but for what
        was seen between two breaks for too short to be back.

        The second between going on and the first reading counts as measured, not as part of the break.
        """
        out = self.walk.process(STATES[posture](self.now))
        if self.blind_since is not None and self.now - self.blind_since > QUICK.dose.clear_s + 1.0:
            assert max(out.dose_s.values()) < BACK_S, "a stale start"
        self.blind_since = None
        self.keep(out)

    def wait(self, seconds: float) -> None:
        """Time in which the machine hears nothing."""
        self.pass_time(seconds)

    def pause(self, by: PausedBy, seconds: float | None) -> None:
        """A pause for a time, or until it is resumed."""
        until = None if seconds is None else self.now + seconds
        if not seconds:
            self.pauses.pop(by, None)
        if seconds != 0.0:
            self.pauses[by] = float("inf") if until is None else until
        self.send(Pause(self.now, by, until))

    def resume(self, by: PausedBy) -> None:
        """Whoever resumes lifts their own pause."""
        self.pauses.pop(by, None)
        self.send(Resume(self.now, by))

    def lock(self, on: bool) -> None:
        """The screen, locked or unlocked."""
        self.holds[Mode.LOCKED] = on
        self.send(Lock(self.now) if on else Unlock(self.now))

    def sleep(self, on: bool) -> None:
        """The computer, asleep or awake."""
        self.holds[Mode.SUSPENDED] = on
        self.send(Suspend(self.now) if on else Wake(self.now))

    def lend(self, borrower: str) -> None:
        """Another process asks for the camera."""
        self.holds[Mode.LENT] = True
        self.send(LeaseRequested(self.now, borrower))

    def give_back(self, borrower: str, died: bool) -> None:
        """A borrower is done or dead, or was none."""
        if self.state.lease_holder == borrower:
            self.holds[Mode.LENT] = False
        self.send(LeaseReturned(self.now, borrower))

    def camera(self, lost: bool) -> None:
        """News of the camera, stale at times."""
        self.send(CameraLost(self.now) if lost else CameraBack(self.now))

    def noticed_late(self, back_s: float) -> None:
        """A sleep that is dated before the last event."""
        self.holds[Mode.SUSPENDED] = True
        self.send(Tick(self.now))
        self.send(Suspend(self.now - back_s))

    @rule()
    def all_is_well(self) -> None:
        """Every hold ends and the camera gives pictures."""
        self.pauses.clear()
        self.holds = dict.fromkeys(ORDER, False)
        self.started = self.started or not self.stopped
        for event in way_out(replace(self.state, time_s=self.now)):
            self.send(event)

    @precondition(lambda self: self.now > 300.0)
    @rule()
    def stop(self) -> None:
        """The end; later events go on coming."""
        self.stopped = True
        self.send(Stop(self.now))

    @precondition(lambda self: self.stopped)
    @rule()
    def written(self) -> None:
        """All is written."""
        self.send(Stopped(self.now))

    # --- the laws

    @invariant()
    def what_is_on_is_what_the_state_says(self) -> None:
        """Camera and prompts follow the state."""
        if hasattr(self, "state"):
            assert self.camera_on == self.state.camera_on
            assert self.prompter.held == (not self.state.measures)

    @invariant()
    def never_stuck(self) -> None:
        """Whoever ends every hold has a session that runs, unless it was stopped."""
        if hasattr(self, "state"):
            mode = after(*way_out(self.state), state=self.state)[0].mode
            assert mode is (self.state.mode if self.stopped else Mode.RUNNING)

    def teardown(self) -> None:
        """Spans tile the session, minutes add up, and each hold has the minutes for which it was the first in order."""
        if not hasattr(self, "state"):
            return
        if not self.stopped:
            self.stop()
        spans, end = self.out.spans, self.ended_s
        assert end is not None
        if end == 0.0:
            assert not spans
            return
        assert (spans[0].start_s, spans[-1].end_s) == (0.0, end)
        assert all(a.end_s == b.start_s and a.duration_s > 0 for a, b in pairwise(spans))
        for hold in ORDER:
            spent = sum(s.duration_s for s in spans if s.reason == REASONS[hold])
            assert spent == pytest.approx(self.unknown_s[hold], abs=1e-6)
        left_out = self.unknown_s[Mode.PAUSED] + self.unknown_s[Mode.SUSPENDED]
        day = summarise(spans, self.out.moves, self.out.episodes)
        assert day.total_s + left_out == pytest.approx(end, abs=1e-6)


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(max_examples=50, stateful_step_count=40, deadline=None)


def test_a_session_that_runs_prompts_and_starts_anew_after_a_lock() -> None:
    """The laws are not held by silence: flexed sitting is prompted while it runs; after a locked minute nothing old is left."""
    life = Life()
    life.begin(True)
    life.sit(45.0, "flexed")
    assert [(p.kind, p.step) for p in life.out.shown] == [
        (EpisodeKind.FLEXED, PromptLevel.SOFT),
        (EpisodeKind.FLEXED, PromptLevel.FIRM),
        (EpisodeKind.SITTING, PromptLevel.SOFT),
    ]
    life.lock(True)
    life.sit(75.0, "flexed")
    life.lock(False)
    life.camera(False)
    life.sit(10.0, "flexed")
    assert life.out.dose_s[EpisodeKind.FLEXED] < 10.0
    life.teardown()
    assert [(s.reason, s.start_s, s.end_s) for s in life.out.spans if s.reason in ("locked", "gap")] == [
        ("locked", 45.0, 120.0),
        ("gap", 120.0, 121.0),
    ]
