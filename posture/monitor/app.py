"""Puts a live session together (instance, log, database, camera, measurement, prompts, control channel) and runs it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from posture._support import catalogue, clock, logs, own_file, parameters, picture
from posture.capture import Camera, CameraInfo
from posture.desktop import Aspect, Choice, Notice, Presence, PresenceChange, choose, presence_here
from posture.engine import LIVE, LIVE_RATE_HZ, OTHER_WAY_WORDS, Engine, Measurement, SessionState
from posture.errors import StoreError
from posture.monitor.camera_choice import camera_of, keep_camera
from posture.monitor.control.requests import PAUSE_KEY, RequestHandler, SessionFacts, kept_pause
from posture.monitor.control.server import ControlRequest, Server
from posture.monitor.instance import Instance
from posture.monitor.interruption_policy import InterruptionPolicy, step
from posture.monitor.isolation import ErrorIsolation
from posture.monitor.live_measurement import LiveMeasurement
from posture.monitor.loop import Inbox, run
from posture.monitor.notifier import NoticeStyle, PromptNotifier
from posture.monitor.session import Monitor, SessionCamera, StatusView
from posture.monitor.views import CalibrationAdviser, CompositeView
from posture.pose import PoseFinder, PoseSampler
from posture.prompts import Catalogue, PromptScheduler
from posture.reports.day import read as day
from posture.settings import Settings
from posture.storage import (
    LastingWriter,
    Origin,
    Store,
    WriteQueue,
    apply_retention,
    back_up,
    default_path,
    due,
    hard_end,
    open_whole,
    profiles,
)
from posture.time_parsing import moment_words
from posture.types import Answer, DoneExercise, ReportKind

_LATELY_S = 7 * 86400.0
_LATE_S = 5.0
_FLAGGED = "first read what to do about what you logged, and see a professional; exercises wait until then"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """The options of a live session."""

    settings: Settings
    catalogue: Catalogue
    model: Path
    model_name: str
    camera: str | None = None
    """``None``: that of the settings, else of last time, else the first."""
    profile: str | None = None
    """``None``: the newest of the camera."""
    notify: Choice = "auto"
    keep: bool = True
    """Whether the session is stored."""
    patient: bool = False
    """Whether to wait for a missing camera; otherwise it is an error at the start."""
    words: tuple[str, ...] = ()
    """Options of the command line, but for the camera: for who starts it again."""


Ask = Callable[[str, Mapping[str, Any]], None]
"""Sends a request: its name and values, as ``RequestHandler.process`` knows them. Nothing is answered."""


@dataclass(frozen=True, slots=True)
class SessionScreen:
    """Where a session shows itself; `say_notice` may be called from any thread, the view from the session's."""

    view: StatusView
    say_notice: Callable[[Notice], None]
    show_page: Callable[[str], None]
    """Shows how the prompt of that id is done."""
    tray: Callable[[], bool] = lambda: False
    """Whether an icon is shown in the tray."""
    guided: Collection[str] = ()
    """Ids of the exercises that `show_page` has the camera count."""
    attach: Callable[[Ask], None] = lambda _ask: None
    """Given, once, a way to ask the session the same things as through the control channel, from any thread."""


@dataclass(frozen=True, slots=True)
class SessionResult:
    """A finished session."""

    length_s: float
    prompts: int


def watch(options: WatchOptions, screen: SessionScreen, stopping: Callable[[], bool]) -> SessionResult:
    """Run a live session until `stopping` returns true or another process requests the end; all on the calling thread.

    Raises:
        ControlError: a monitor runs already.
        StoreError, InputError, ModelError: the database, the camera's name, the profile or the model cannot be used.
    """
    inbox = Inbox()
    sessions: list[_Session] = []  # a request that comes before the session is there waits in the inbox

    def ask(request: ControlRequest) -> None:
        inbox.put(lambda time_s: sessions[0].process(request, time_s))

    with ExitStack() as stack:
        stack.enter_context(Instance.claim())
        stack.enter_context(logs.setup(default_path().parent / "logs"))
        screen.attach(lambda what, values: ask(ControlRequest(what, values, lambda _answer: None)))
        stack.enter_context(Server(ask))  # ends after the store is closed: whoever asked for the end knows then that all is written
        store = stack.enter_context(open_whole(screen.view.say))
        sessions.append(_Session(options, screen, store, inbox, stack))
        return sessions[0].run(stopping)


class _Session:
    """The parts of one session."""

    def __init__(self, options: WatchOptions, screen: SessionScreen, store: Store, inbox: Inbox, stack: ExitStack) -> None:
        self._options, self._store, self._inbox = options, store, inbox
        self._now_s = clock.MonotonicClock()
        self._remembered = False
        self._backed_up: date | None = None
        self._began_utc, self._began_s = time.time(), self._now_s()
        isolation = ErrorIsolation(screen.view.say)
        notifier = choose(options.notify, screen.say_notice, self._answer_later, self._say_later)
        stack.callback(notifier.close)
        views = CompositeView([screen.view, CalibrationAdviser(notifier)])
        self._view = isolation.wrap(views, show="Showing the status", say="Showing a message")
        self._writes = WriteQueue(store, self._view.say)
        self._address, known = camera_of(options.camera, options.settings, store, patient=options.patient)
        self._policy = InterruptionPolicy(options.settings.presence)
        self._camera_identity = profiles.camera_of(self._address, known)
        chosen = profiles.choose(store, self._camera_identity, options.profile)
        self._profile: str | None = chosen[0] if chosen is not None else None
        neutral = chosen[1] if chosen is not None else None
        apply_retention(store, self._began_utc, default_path().parent / "logs")
        self._back_up_daily()
        if options.keep:
            stack.callback(self._back_up)  # of the whole session: called after its writer
        self._log = writer = self._writer(stack) if options.keep else None
        self._camera = SessionCamera(self._make_camera, known)
        finder = stack.enter_context(PoseFinder(options.model))
        measurement = Measurement(options.settings, parameters.load(), neutral)
        settings = measurement.settings
        self._scheduler = scheduler = self._make_scheduler()
        style, gap_s = self._notice_style(screen), settings.bands.max_gap_s
        self._notifier = PromptNotifier(options.catalogue, scheduler, notifier, writer, screen.show_page, max_gap_s=gap_s, style=style)
        self._requests = self._make_handler(measurement, screen)
        self._monitor = monitor = Monitor(
            engine=Engine(settings, scheduler),
            live=LiveMeasurement(PoseSampler(finder, LIVE), measurement),
            view=self._view,
            camera=self._camera,
            leases=self._requests,
            prompts=isolation.wrap(
                self._notifier,
                process="Showing a reminder",
                withdraw="Taking reminders off the screen",
                finish="Taking reminders off the screen",
            ),
            writer=writer,
            trouble=lambda: self._writes.trouble and f"not saved: {self._writes.trouble}",
            on_mode_change=self._log_mode,
            flagged=lambda: scheduler.flagged,
            waiting=lambda: self._notifier.waiting,
            last=lambda: self._notifier.last,
            held_back=lambda: scheduler.held_back,
            silence=scheduler.silence,
            next_due=scheduler.next_due,
            on_exercise=self._exercised,
        )
        stack.callback(monitor.pictures.close)

    def run(self, stopping: Callable[[], bool]) -> SessionResult:
        _log.info(
            "started: camera %s, profile %s, version of the model %s", self._camera_identity.label, self._profile, self._options.model_name
        )
        with self._presence():
            return self._run(stopping)

    def _run(self, stopping: Callable[[], bool]) -> SessionResult:
        self._greet()
        self._monitor.start(kept_pause(self._store.get_meta(PAUSE_KEY), self._began_utc))
        run(self._monitor, self._camera, self._inbox, self._clock, stopping, self._after_round)
        length_s = self._monitor.state.time_s
        _log.info("stopped after %.0f s", length_s)
        return SessionResult(length_s, len(self._monitor.total.shown))

    def _presence(self) -> Presence:
        """Return what publishes locks, sleep, calls and the like, from threads of its own."""
        return presence_here(
            lambda change: self._inbox.put(lambda time_s: self._process_presence(change, time_s)),
            ours=lambda: tuple(self._requests.holders.values()),
            idle_s=self._options.settings.presence.pause_when_idle_s,
        )

    def _process_presence(self, change: PresenceChange, time_s: float) -> None:
        """Carry out what a change on the desktop means for the session."""
        at_s = change.time_s - self._began_s
        if change.aspect is Aspect.SLEEP and change.why is not None and at_s < time_s - _LATE_S:
            change.ready()  # found afterwards: the loop has found the gap by itself
            return
        before = self._policy.paused
        self._policy, events = step(self._policy, change, at_s)
        if self._policy.paused is not None and self._policy.paused != before:
            self._view.say(f"Camera released: {self._policy.paused}.")
        self._monitor.paused, self._monitor.held = self._policy.paused or "", self._policy.muted or ""
        self._scheduler.hold(self._policy.muted)
        for event in events:
            self._monitor.handle_event(event)
        change.ready()

    def _greet(self) -> None:
        say = self._view.say
        ended_utc = hard_end(self._store, self._began_utc - _LATELY_S)
        if ended_utc is not None:
            when = moment_words(ended_utc, datetime.now())
            say(f"The monitor stopped unexpectedly at {when}; everything measured until then is kept.")
        with_what = "without a calibration" if self._profile is None else f"with the calibration {self._profile!r}"
        say(f"Watching through {self._camera_identity.label}, {with_what}. No picture is kept.")
        neutral = self._monitor.live.measurement.neutral
        if neutral is not None and not neutral.tracked:
            self._monitor.advice = OTHER_WAY_WORDS
            say(OTHER_WAY_WORDS)

    def _clock(self) -> float:
        return self._now_s() - self._began_s

    def _after_round(self, _time_s: float) -> None:
        self._requests.answer_leases()
        self._remember_camera()
        self._writes.flush()
        if not self._writes.trouble:
            self._back_up_daily()

    def _back_up_daily(self) -> None:
        today = date.today()
        if today != self._backed_up and due(self._store.path, self._options.settings.storage.backups, today):
            self._back_up()
        self._backed_up = today

    def _back_up(self) -> None:
        """Write the backup of the day; a failure is logged and ends nothing."""
        try:
            back_up(self._store, self._options.settings.storage.backups, date.today())
        except StoreError as error:
            _log.error("no backup could be written: %s", error)

    def _make_camera(self, known: CameraInfo | None) -> Camera:
        return Camera(self._address, rate_hz=LIVE_RATE_HZ, start_s=self._began_s, known=known, clock=self._now_s)

    def _writer(self, stack: ExitStack) -> LastingWriter:
        def begin() -> int:
            return self._store.start_session(
                origin=Origin.LIVE,
                started_utc=self._began_utc,
                source=self._camera_identity.label,
                profile=self._profile,
                model=self._options.model_name,
            )

        return stack.enter_context(LastingWriter(self._store, self._writes, begin))

    def _make_scheduler(self) -> PromptScheduler:
        began_utc = self._began_utc
        past = day.past_of(self._store, began_utc, began_utc)
        scheduler = PromptScheduler(
            self._options.catalogue,
            self._options.settings.prompts,
            dose=self._options.settings.dose,
            history=past.history,
            reports=past.reports,
            reactions=past.reactions,
            start_epoch_s=began_utc,
            draw=random.random if self._options.settings.prompts.learn_effect else None,
        )
        if past.flagged:
            scheduler.keep_flag_up(0.0)
        return scheduler

    def _notice_style(self, screen: SessionScreen) -> NoticeStyle:
        settings = self._options.settings
        own = own_file(settings)
        watch = settings.watch
        return NoticeStyle(settings.prompts.snooze_s, watch.sound, watch.picture_only, lambda entry: picture(entry, own), screen.guided)

    def _make_handler(self, measurement: Measurement, screen: SessionScreen) -> RequestHandler:
        facts = SessionFacts(self._began_utc, self._camera_identity.label, self._address, self._profile, self._options.words)
        return RequestHandler(
            facts,
            released=lambda: self._camera.released,
            known=lambda: self._camera.known,
            keep=lambda key, value: self._writes.add(lambda: self._store.set_meta(key, value)),
            answered=self._notifier.answered,
            again=self._notifier.again,
            reported=self._reported,
            neutral=lambda: None if measurement.neutral is None else measurement.neutral.as_dict(),
            lease_ended=self._look_for_profile,
            movements=catalogue.movements,
            why_no_exercise=lambda: _FLAGGED if self._scheduler.flagged else "",
            tray=screen.tray,
        )

    def _look_for_profile(self) -> str | None:
        """Return the profile to use after a lease, whose holder may have calibrated."""
        newest = next(iter(profiles.listed(self._store)), None)
        fresh = newest is not None and newest.created_utc >= self._began_utc  # made while this runs: it is meant to be used
        chosen = profiles.choose(self._store, self._camera_identity, newest.name if newest is not None and fresh else self._profile)
        if chosen is not None and chosen[1] != self._monitor.live.measurement.neutral:
            self._profile, neutral = chosen
            self._monitor.use_neutral(neutral)
            self._view.say(f"Now measuring with the calibration {self._profile!r}.")
        return self._profile

    def _reported(self, kind: ReportKind | None, flagged: bool, time_s: float) -> None:
        if kind is None:
            self._scheduler.acknowledge(time_s)
            self._notifier.acknowledged()
            return
        self._scheduler.report(kind, time_s)
        if flagged:
            self._scheduler.keep_flag_up(time_s)

    def _exercised(self, done: DoneExercise) -> None:
        """Store a guided exercise that is over; as the answer to its prompt, if it had one and something was counted."""
        if self._log is not None:
            self._log.exercise(done)
        if done.prompt is not None and done.answers_prompt:
            self._notifier.answered(done.prompt, Answer.DONE, done.end_s)

    def process(self, request: ControlRequest, time_s: float) -> None:
        self._requests.process(request, self._monitor, time_s)

    def _answer_later(self, number: int, answer: Answer) -> None:
        def answer_now(time_s: float) -> None:
            self._notifier.answered(number, answer, time_s)

        self._inbox.put(answer_now)

    def _say_later(self, words: str) -> None:
        self._inbox.put(lambda _time_s: self._view.say(words))

    def _log_mode(self, state: SessionState) -> None:
        _log.info("now %s", state.mode)

    def _remember_camera(self) -> None:
        """Store which camera was opened, known only once it gives pictures, for the next session."""
        known = self._camera.known
        if self._remembered or known is None:
            return
        self._remembered = True
        self._writes.add(lambda: keep_camera(self._store, self._address, known))
