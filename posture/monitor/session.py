"""A live session: frames to readings to prompts, through the same engine as a recording.

What the session does in each state is decided by ``session.step``; here its effects are carried out, on what is handed in.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from posture.biomechanics import Neutral
from posture.capture import Camera, CameraInfo, CameraInterrupted, CameraRestored, Event
from posture.engine import LEARN_S, LIVE_RATE_HZ, Engine, EngineOutput, GuidedExercise, GuidedView, SessionStatus, session
from posture.monitor.live_measurement import QUALITY_WORDS, LiveMeasurement, LiveUpdate
from posture.monitor.notifier import PromptNotifier
from posture.monitor.picture_feed import WATCHED_RATE_HZ, PictureFeed, exercise_words, picture_words
from posture.storage import SessionWriter
from posture.types import ClassifiedReading, DoneExercise, ExerciseEnd, Frame, HeldPrompt, HoldBack, ImageQuality, Mode, NextPrompt

_CALIBRATE = "calibrate? It takes five seconds (posture calibrate)"
NOT_CALIBRATED = f"Not calibrated, so slumping is measured only roughly; {_CALIBRATE}"
MOVED = f"Not calibrated, and you moved at first, so your posture is mostly unknown; {_CALIBRATE}"
NOT_UPRIGHT = f"Not calibrated, and you don't seem to sit upright, so your posture is mostly unknown; {_CALIBRATE}"
REOPEN_S = 20.0
"""A camera that gives the same picture for ever is opened anew this often."""


def advice_on(learned: Neutral) -> str:
    """Return why the person had better calibrate, once a neutral was learned."""
    if not learned.doubtful:
        return NOT_CALIBRATED
    return NOT_UPRIGHT if learned.still else MOVED


def _first_unknown(status: SessionStatus, before_s: float | None) -> float | None:
    """Return since when nothing is known while it measures; `before_s`: the same as of the last status."""
    if status.mode is not Mode.RUNNING or status.posture is not None:
        return None
    return status.time_s if before_s is None else before_s


class StatusView(Protocol):
    """Shows a live session to the person."""

    def show(self, status: SessionStatus) -> None:
        """Show the current status."""

    def say(self, words: str) -> None:
        """Show a message."""


class SessionCamera:
    """The session's camera, on or off; the same one every time it is on."""

    def __init__(self, make: Callable[[CameraInfo | None], Camera], known: CameraInfo | None = None) -> None:
        """Start with the camera off.

        Args:
            make: a new camera, not yet entered, that is no other than the known one.
            known: the camera of an earlier session.
        """
        self._make, self._known = make, known
        self._camera: Camera | None = None
        self._old: list[Camera] = []
        self._rate_hz: float | None = None

    def want(self, rate_hz: float) -> None:
        """Ask for about this many frames a second from now on, above 0."""
        self._rate_hz = rate_hz
        if self._camera is not None:
            self._camera.want(rate_hz)

    @property
    def known(self) -> CameraInfo | None:
        """The camera that was opened; ``None`` for a stream, or before."""
        found = self._camera.known if self._camera is not None else None
        return found or self._known

    @property
    def released(self) -> bool:
        """Whether nothing holds a camera, not even a thread that hangs."""
        self._old = [c for c in self._old if not c.let_go]
        return self._camera is None and not self._old

    def open(self) -> None:
        """Start to open it."""
        if self._camera is None:
            self._camera = self._make(self._known)
            if self._rate_hz is not None:
                self._camera.want(self._rate_hz)
            self._camera.__enter__()

    def close(self) -> None:
        """Release it, in half a second at most; a thread that hangs releases it later."""
        camera, self._camera = self._camera, None
        if camera is None:
            return
        self._known = camera.known or self._known
        camera.close()
        self._old.append(camera)

    def reopen(self) -> None:
        """Close what is open and open it anew."""
        if self._camera is not None:
            self._camera.reopen()

    def poll(self, timeout_s: float) -> Event | None:
        """Return the next event of the camera; ``None`` if none comes in time, or it is off."""
        return None if self._camera is None else self._camera.poll(timeout_s)


class LeaseHolders(Protocol):
    """Answers requests for a lease of the camera."""

    def grant_lease(self, holder: str) -> None:
        """Lease it to `holder` as soon as nothing holds it open."""

    def refuse_lease(self, holder: str, words: str) -> None:
        """Refuse the lease, with the reason in words."""


@dataclass(slots=True)
class Monitor:
    """Runs one live session: give it every event of the camera and of the session, and ``stop`` it in the end."""

    engine: Engine
    live: LiveMeasurement
    view: StatusView
    camera: SessionCamera
    leases: LeaseHolders
    prompts: PromptNotifier
    writer: SessionWriter | None
    on_mode_change: Callable[[session.SessionState], None] = lambda _state: None
    flagged: Callable[[], bool] = lambda: False
    """Whether a red flag is up."""
    waiting: Callable[[], tuple[int, str] | None] = lambda: None
    """Number and title of the prompt that waits for an answer."""
    last: Callable[[], str | None] = lambda: None
    """Title of the last prompt, which may be shown again."""
    held_back: Callable[[], tuple[HeldPrompt, ...]] = tuple
    """The prompts that are due and held back."""
    silence: Callable[[float], HoldBack | None] = lambda _time_s: None
    """What holds prompts back at a moment of the session, whatever their cause."""
    next_due: Callable[[float], NextPrompt | None] = lambda _time_s: None
    """The next prompt about what goes on, at a moment of the session."""
    held: str = ""
    """Why prompts are held, in plain words; for the views alone, the scheduler holds them itself."""
    paused: str = ""
    """Why presence released the camera, in plain words."""
    trouble: Callable[[], str] = lambda: ""
    """Why nothing is being stored, in plain words; for the views alone."""
    on_exercise: Callable[[DoneExercise], None] = lambda _done: None
    """Called with each guided exercise that is over."""
    guided: GuidedExercise | None = None
    """The exercise that is being done."""
    guided_view: GuidedView | None = None
    """As it was shown last; kept when it is over, until the next one."""
    pictures: PictureFeed = field(default_factory=PictureFeed)
    """For whoever looks at the live picture."""
    state: session.SessionState = field(default_factory=session.SessionState)
    total: EngineOutput = field(default_factory=EngineOutput)
    """Of the whole session, without its readings: a day has a hundred thousand."""
    status: SessionStatus = field(default_factory=SessionStatus)
    """As it was shown last."""
    advice: str = ""
    """What the person had better do about the camera or the neutral, in plain words; empty if nothing."""
    _quality: ImageQuality = ImageQuality.OK
    _reopened_s: float = -math.inf
    _last_s: float = 0.0
    _unknown_since_s: float | None = None

    def start(self, pause: session.Pause | None = None) -> None:
        """Start the session; `pause`: one from an earlier session that still holds."""
        if pause is not None:
            self.handle_event(pause)
        self.handle_event(session.Start(0.0))
        if self.live.measurement.neutral is None:
            self.view.say(
                f"Not calibrated yet: sit tall but relaxed for {LEARN_S:.0f} seconds, or end this and run: posture calibrate. "
                "Until you calibrate, angles are less certain and forward pelvic tilt isn't reported."
            )

    def process(self, event: Event) -> None:
        """Process one event of the camera."""
        if isinstance(event, CameraInterrupted):
            if self.state.measures:  # unknown from the last picture on, not only from when the loss was noticed
                since_s = max(event.since_s, self._last_s)
                self._record(self.engine.interrupt(since_s, session.REASONS[Mode.CAMERA_LOST]), since_s)
            self.handle_event(session.CameraLost(event.time_s, event.why))
            self._show(event.time_s, None, event.why)
        elif isinstance(event, CameraRestored):
            self.live.reset()
            self.handle_event(session.CameraBack(event.time_s))
            self._show(event.time_s, None, "")
        else:
            self._frame(event)

    def idle(self, time_s: float) -> None:
        """Let time pass without an event of the camera; the stored open span shows that the session is alive."""
        self.handle_event(session.Tick(time_s))
        if self.writer is not None:
            self.writer.update((), self.engine.open_span)
        if not self.state.measures:
            self._show(self.state.time_s, None, self.status.words if self.state.mode is Mode.CAMERA_LOST else "")

    def slept(self, from_s: float, to_s: float) -> None:
        """Handle a suspend that was found afterwards."""
        if not self.state.suspended:
            self.handle_event(session.Suspend(max(from_s, self._last_s)))
        self.handle_event(session.Wake(to_s))

    def use_neutral(self, neutral: Neutral | None) -> None:
        """Use another neutral, with the thresholds that go with it, from the next frame on."""
        self.live.use(neutral)
        self.engine.use_thresholds(self.live.measurement.thresholds)
        self.advice = ""

    def stop(self, time_s: float) -> None:
        """End the session; everything that was measured is written."""
        if self.state.phase is not session.SessionPhase.STOPPED:
            self.handle_event(session.Stop(time_s))

    def handle_event(self, event: session.Event) -> None:
        """Handle an event of the session; one dated before an earlier one counts as of the same moment."""
        mode = self.state.mode
        self.state, effects = session.step(self.state, replace(event, time_s=max(event.time_s, self.state.time_s)))
        for effect in effects:
            self._carry_out(effect)
        if self.state.mode is not mode:
            self.on_mode_change(self.state)

    def _frame(self, frame: Frame) -> None:
        first = self.state.mode is Mode.OPENING
        self.handle_event(session.CameraBack(frame.time_s) if first else session.Tick(frame.time_s))
        if not self.state.measures:
            return
        update = self.live.process(frame)
        self._last_s = frame.time_s
        if update is None:
            return
        quality = update.reading.quality
        if quality is not self._quality:
            self._quality, self._reopened_s = quality, -math.inf
            self.view.say(QUALITY_WORDS[quality] or "Measuring again.")
        if quality is ImageQuality.FROZEN and frame.time_s - self._reopened_s >= REOPEN_S:
            self._reopened_s = frame.time_s
            self.camera.reopen()
        if update.learned is not None:
            self.view.say("This is now your upright reference.")
            self.advice = self.advice or advice_on(update.learned)
        if update.drift is not None:
            self.advice = update.drift
            self.view.say(update.drift or "You are where you were at the calibration again, so it fits.")
        if self.guided is not None:
            self._exercise(self.guided, frame, update)
            return
        out = self.engine.process(update.reading, update.sample.moving)
        self._record(out, frame.time_s)
        judged = out.judged[-1] if quality is ImageQuality.OK else None
        self._show(frame.time_s, judged, update.words)
        if self.pictures.watched:
            calibrated = self.live.measurement.calibrated
            self.pictures.publish(frame, picture_words(update, self.live.sampler.pose, judged, calibrated=calibrated))

    def begin_exercise(self, guided: GuidedExercise, time_s: float) -> None:
        """Count an exercise from now on; prompts wait, and its time is in no posture's total."""
        self.end_exercise(ExerciseEnd.STOPPED, time_s)
        self.guided, self.guided_view = guided, guided.view()
        self.prompts.withdraw()
        self._look_closely()
        self._record(self.engine.exercise(time_s, guided.seated, began=True), time_s)

    def end_exercise(self, ended: ExerciseEnd, time_s: float) -> None:
        """End the exercise that is being done, if there is one."""
        guided, self.guided = self.guided, None
        if guided is None:
            return
        done = guided.finish(time_s, ended)
        self.guided_view = guided.view()
        self._look_closely()
        self.on_exercise(done)

    def _exercise(self, guided: GuidedExercise, frame: Frame, update: LiveUpdate) -> None:
        view = self.guided_view = guided.process(update.reading)
        self._record(self.engine.exercise(frame.time_s, guided.seated), frame.time_s)
        self._show(frame.time_s, None, "Doing an exercise; reminders wait.")
        if self.pictures.watched:
            calibrated = self.live.measurement.calibrated
            measured = picture_words(update, self.live.sampler.pose, None, calibrated=calibrated)
            self.pictures.publish(frame, {**measured, "exercise": exercise_words(view)})
        if view.done is not None:
            self.end_exercise(view.done.ended, frame.time_s)

    def watch_pictures(self, viewer: str) -> Mapping[str, Any]:
        """Show pictures to `viewer` from now on, more of them than are measured otherwise; return where they are.

        Raises:
            OSError: there is no memory for them.
        """
        where = self.pictures.add(viewer)
        self._look_closely()
        return where

    def unwatch_pictures(self, viewer: str) -> None:
        """`viewer` looks no more."""
        self.pictures.remove(viewer)
        self._look_closely()

    def _look_closely(self) -> None:
        """Measure each picture while somebody looks, so that what is drawn belongs to it, or exercises, so that none is missed."""
        closely = self.pictures.watched or self.guided is not None
        self.live.look_closely(closely)
        self.camera.want(WATCHED_RATE_HZ if closely else LIVE_RATE_HZ)

    def _show(self, time_s: float, judged: ClassifiedReading | None, words: str) -> None:
        until_s = next((p.until_s for p in self.state.pauses if p.by is session.PausedBy.USER), None)
        self.status = SessionStatus(
            self.state.mode,
            time_s,
            judged,
            dict(self.total.dose_s),
            self.live.measurement.settings.dose.soft_s,
            self.live.measurement.settings.prompts.snooze_s,
            words or (self.paused if self.state.mode is Mode.PAUSED else "") or self.trouble(),
            self.held,
            self.flagged(),
            None if until_s is None else time.time() + until_s - self.state.time_s,
            self.advice,
            self.waiting(),
            self.last(),
            self.held_back(),
            self.silence(time_s),
            self.next_due(time_s),
            calibrated=self.live.measurement.calibrated,
            at_utc=time.time() + time_s - self.state.time_s,
        )
        self._unknown_since_s = _first_unknown(self.status, self._unknown_since_s)
        self.status = replace(self.status, unknown_since_s=self._unknown_since_s)
        self.view.show(self.status)

    def _carry_out(self, effect: session.Effect) -> None:
        match effect:
            case session.Interrupt(time_s=time_s, reason=reason):
                self.end_exercise(ExerciseEnd.LOST, time_s)
                self._record(self.engine.interrupt(time_s, reason), time_s)
            case session.OpenCamera():
                self._quality = ImageQuality.OK
                self.live.reset()
                self.camera.open()
            case session.CloseCamera():
                self.camera.close()
            case session.GrantLease(holder=holder):
                self.leases.grant_lease(holder)
            case session.RefuseLease(holder=holder, words=words):
                self.leases.refuse_lease(holder, words)
            case session.Say(words=words):
                self.view.say(words)
            case session.EndSession(time_s=time_s):
                self.end_exercise(ExerciseEnd.LOST, time_s)
                out = self.engine.finish(time_s)
                self._write(out)
                self.prompts.finish(out, time_s)
                self.state, _ = session.step(self.state, session.Stopped(time_s))
            case session.HoldPrompts():
                self.prompts.withdraw()
            case session.ReleasePrompts():
                pass  # the engine shows prompts only while somebody is seen

    def _record(self, out: EngineOutput, time_s: float) -> None:
        self._write(out)
        self.prompts.process(out, time_s)

    def _write(self, out: EngineOutput) -> None:
        self.total.extend(replace(out, judged=[]))
        if self.writer is not None:
            self.writer.update(out.spans, self.engine.open_span)
            for episode in out.episodes:
                self.writer.episode(episode)
            for move in out.moves:
                self.writer.move(move)
            for held in out.held:
                self.writer.held(held)
