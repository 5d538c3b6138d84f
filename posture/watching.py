"""Puts a live session together: one instance, log, database, camera, measurement, prompts, control channel; and runs it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from posture import clock, day, logs, parameters, profiles
from posture.apart import Apart, DelivererApart, FaceApart
from posture.backlog import Backlog
from posture.camera_choice import camera_of, keep_camera
from posture.clerk import PAUSE_KEY, Clerk, Facts, kept_pause
from posture.control.server import Request, Server
from posture.control.until import moment_words
from posture.delivery import Delivery, NoBook
from posture.desktop import manners
from posture.desktop.notices import Adviser, Notice
from posture.desktop.notifications import Choice, choose
from posture.desktop.presence import Change, Moment, Presence, Sleeping, presence
from posture.engine.engine import Engine
from posture.engine.measurement import OTHER_WAY_WORDS, Measurement
from posture.engine.sampling import LIVE, LIVE_RATE_HZ
from posture.exchange.retention import apply_retention
from posture.face import Faces
from posture.instance import Instance
from posture.landmarks import PoseFinder
from posture.live import CameraKeeper, Inbox, run
from posture.live_measurement import LiveMeasurement
from posture.model import Answer, PostureError, ReportKind
from posture.monitor import Face, Monitor
from posture.pose_sampler import PoseSampler
from posture.prompts import Catalogue, PromptDesk
from posture.recovering import open_whole
from posture.schema import default_path
from posture.session import State
from posture.session_writer import LastingWriter, hard_end
from posture.settings import Settings
from posture.sources.camera import Camera
from posture.sources.names import CameraInfo
from posture.store import Store
from posture.stored import Origin

_LATELY_S = 7 * 86400.0
_LATE_S = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be watched, and how."""

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
    """Whether the session enters the day."""
    patient: bool = False
    """Whether a camera that is not there is waited for; otherwise it is an error at the start."""


Ask = Callable[[str, Mapping[str, Any]], None]
"""Has something done: what, and with which particulars, as ``Clerk.take`` knows them. Nothing is answered."""


@dataclass(frozen=True, slots=True)
class Screen:
    """How the session speaks with who watches it; `say_notice` may be called from any thread, the face from the session's."""

    face: Face
    say_notice: Callable[[Notice], None]
    show_page: Callable[[str], None]
    """Shows how the prompt of that id is done."""
    attach: Callable[[Ask], None] = lambda _ask: None
    """Given, once, a way to ask the session the same things as through the control channel, from any thread."""


@dataclass(frozen=True, slots=True)
class Over:
    """A session that is over."""

    length_s: float
    prompts: int


def watch(wish: Wish, screen: Screen, stopping: Callable[[], bool]) -> Over:
    """Watch until `stopping` says so or another process asks for the end. All of it belongs to the calling thread.

    Raises:
        ControlError: a monitor runs already.
        StoreError, InputError, ModelError: the database, the camera's name, the profile or the model cannot be used.
    """
    inbox = Inbox()
    sessions: list[_Session] = []  # a request that comes before the session is there waits in the inbox

    def ask(request: Request) -> None:
        inbox.put(lambda time_s: sessions[0].asked(request, time_s))

    with ExitStack() as stack:
        stack.enter_context(Instance.claim())
        stack.enter_context(logs.setup(default_path().parent / "logs"))
        screen.attach(lambda what, values: ask(Request(what, values, lambda _answer: None)))
        stack.enter_context(Server(ask))  # ends after the store is closed: whoever asked for the end knows then that all is written
        store = stack.enter_context(open_whole(screen.face.say))
        sessions.append(_Session(wish, screen, store, inbox, stack))
        return sessions[0].run(stopping)


class _Session:
    """The parts of one session and how they hang together."""

    def __init__(self, wish: Wish, screen: Screen, store: Store, inbox: Inbox, stack: ExitStack) -> None:
        self._wish, self._screen, self._store, self._inbox = wish, screen, store, inbox
        self._now_s = clock.Rising()
        self._remembered = False
        self._began_utc, self._began_s = time.time(), self._now_s()
        self._apart = Apart(screen.face.say)
        notifier = choose(wish.notify, screen.say_notice, self._answer_later, self._say_later)
        stack.callback(notifier.close)
        self._face = FaceApart(Faces([screen.face, Adviser(notifier)]), self._apart)
        self._backlog = Backlog(store, self._face.say)
        self._address, known = camera_of(wish.camera, wish.settings, store, patient=wish.patient)
        self._manners = manners.Manners(wish.settings.presence)
        self._eyed = profiles.camera_of(self._address, known)
        chosen = profiles.choose(store, self._eyed, wish.profile)
        self._profile: str | None = chosen[0] if chosen is not None else None
        neutral = chosen[1] if chosen is not None else None
        apply_retention(store, self._began_utc)
        writer = self._writer(stack) if wish.keep else None
        self._camera = CameraKeeper(self._make_camera, known)
        finder = stack.enter_context(PoseFinder(wish.model))
        measurement = Measurement(wish.settings, parameters.load(), neutral)
        settings = measurement.settings
        self._prompts = desk = self._desk()
        book = writer or NoBook()
        self._delivery = Delivery(wish.catalogue, desk, notifier, book, screen.show_page, max_gap_s=settings.bands.max_gap_s)
        self._clerk = self._make_clerk(measurement)
        self._monitor = Monitor(
            engine=Engine(settings, desk),
            live=LiveMeasurement(PoseSampler(finder, LIVE), measurement),
            face=self._face,
            shutter=self._camera,
            lender=self._clerk,
            prompts=DelivererApart(self._delivery, self._apart),
            keeper=writer,
            trouble=lambda: self._backlog.trouble and f"not written down: {self._backlog.trouble}",
            tell=self._tell,
            flagged=lambda: desk.flagged,
            waiting=lambda: self._delivery.waiting,
        )

    def run(self, stopping: Callable[[], bool]) -> Over:
        _log.info("started: camera %s, profile %s, version of the model %s", self._eyed.label, self._profile, self._wish.model_name)
        with self._presence():
            return self._run(stopping)

    def _run(self, stopping: Callable[[], bool]) -> Over:
        self._greet()
        self._monitor.start(kept_pause(self._store.kept(PAUSE_KEY), self._began_utc))
        run(self._monitor, self._camera, self._inbox, self._clock, stopping, self._each)
        length_s = self._monitor.state.time_s
        _log.info("stopped after %.0f s", length_s)
        return Over(length_s, len(self._monitor.total.shown))

    def _presence(self) -> Presence:
        """Tells of locks, sleep, calls and the like, from threads of its own."""
        return presence(
            lambda change: self._inbox.put(lambda time_s: self._noticed(change, time_s)),
            ours=lambda: tuple(self._clerk.borrowers.values()),
        )

    def _noticed(self, change: Change, time_s: float) -> None:
        """What a change at the desk means for the session."""
        if isinstance(change, Sleeping) and self._since(change.at) < time_s - _LATE_S:
            change.ready()  # found afterwards: the loop has seen the gap by itself
            return
        before = self._manners.paused
        self._manners, events = manners.step(self._manners, change, self._since)
        if self._manners.paused is not None and self._manners.paused != before:
            self._face.say(f"The camera is let go: {self._manners.paused}.")
        self._monitor.paused, self._monitor.held = self._manners.paused or "", self._manners.quiet or ""
        self._prompts.hold(self._manners.quiet)
        for event in events:
            self._monitor.happen(event)
        if isinstance(change, Sleeping):
            change.ready()

    def _since(self, moment: Moment) -> float:
        return moment.going_s - self._began_s

    def _greet(self) -> None:
        say = self._face.say
        ended_utc = hard_end(self._store, self._began_utc - _LATELY_S)
        if ended_utc is not None:
            when = moment_words(ended_utc, datetime.now())
            say(f"The last session ended without a word at {when}; what it measured until then is kept.")
        with_what = "without a calibration" if self._profile is None else f"with the calibration {self._profile!r}"
        say(f"Watching through {self._eyed.label}, {with_what}. No picture is kept.")
        neutral = self._monitor.live.measurement.neutral
        if neutral is not None and not neutral.followed:
            self._monitor.advice = OTHER_WAY_WORDS
            say(OTHER_WAY_WORDS)

    def _clock(self) -> float:
        return self._now_s() - self._began_s

    def _each(self, _time_s: float) -> None:
        self._clerk.serve()
        self._remember_camera()
        self._backlog.flush()

    def _make_camera(self, known: CameraInfo | None) -> Camera:
        return Camera(self._address, rate_hz=LIVE_RATE_HZ, start_s=self._began_s, known=known, clock=self._now_s)

    def _writer(self, stack: ExitStack) -> LastingWriter:
        def begin() -> int:
            return self._store.start_session(
                origin=Origin.LIVE,
                started_utc=self._began_utc,
                source=self._eyed.label,
                profile=self._profile,
                model=self._wish.model_name,
            )

        return stack.enter_context(LastingWriter(self._store, self._backlog, begin))

    def _desk(self) -> PromptDesk:
        began_utc = self._began_utc
        past = day.past_of(self._store, began_utc, began_utc)
        desk = PromptDesk(
            self._wish.catalogue,
            self._wish.settings.prompts,
            history=past.history,
            reports=past.reports,
            reactions=past.reactions,
            start_epoch_s=began_utc,
        )
        if past.flagged:
            desk.keep_flag_up(0.0)
        return desk

    def _make_clerk(self, measurement: Measurement) -> Clerk:
        facts = Facts(self._began_utc, self._eyed.label, self._address, self._profile, self._wish.settings.dose.soft_s)
        return Clerk(
            facts,
            let_go=lambda: self._camera.let_go,
            known=lambda: self._camera.known,
            keep=lambda key, value: self._backlog.do(lambda: self._store.keep(key, value)),
            answered=self._delivery.answered,
            reported=self._reported,
            neutral=lambda: None if measurement.neutral is None else measurement.neutral.as_dict(),
            given_back=self._look_for_profile,
        )

    def _look_for_profile(self) -> str | None:
        """The camera is back from somebody who may have calibrated; the profile that is used from now on."""
        newest = next(iter(profiles.listed(self._store)), None)
        fresh = newest is not None and newest.created_utc >= self._began_utc  # made while this runs: it is meant to be used
        chosen = profiles.choose(self._store, self._eyed, newest.name if newest is not None and fresh else self._profile)
        if chosen is not None and chosen[1] != self._monitor.live.measurement.neutral:
            self._profile, neutral = chosen
            self._monitor.use_neutral(neutral)
            self._face.say(f"Measuring against the profile {self._profile!r} from now on.")
        return self._profile

    def _reported(self, kind: ReportKind | None, flagged: bool, time_s: float) -> None:
        if kind is None:
            self._prompts.acknowledge(time_s)
            self._delivery.acknowledged()
            return
        self._prompts.report(kind, time_s)
        if flagged:
            self._prompts.keep_flag_up(time_s)

    def asked(self, request: Request, time_s: float) -> None:
        try:
            self._clerk.take(request, self._monitor, time_s)
        except PostureError as error:
            request.reply({"error": str(error)})
            raise
        except Exception:
            request.reply({"error": "that failed in the running monitor, whose log says why"})
            raise

    def _answer_later(self, number: int, answer: Answer) -> None:
        def happen(time_s: float) -> None:
            self._delivery.answered(number, answer, time_s)

        self._inbox.put(happen)

    def _say_later(self, words: str) -> None:
        self._inbox.put(lambda _time_s: self._face.say(words))

    def _tell(self, state: State) -> None:
        _log.info("now %s", state.mode)

    def _remember_camera(self) -> None:
        """Which camera was opened is known only once it gives pictures; it is looked for again next time."""
        known = self._camera.known
        if self._remembered or known is None:
            return
        self._remembered = True
        self._backlog.do(lambda: keep_camera(self._store, self._address, known))
