"""A live session: camera to readings to prompts, through the same engine as a recording.

What the session does in each state is decided by ``session.step``; here its effects are carried out, on what is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from posture import session
from posture.engine.engine import Engine, EngineOutput
from posture.engine.measurement import LEARN_S
from posture.kinematics.calibration import Neutral
from posture.live_measurement import QUALITY_WORDS, LiveMeasurement
from posture.model import Frame, ImageQuality, Judged, Kind
from posture.session_writer import SessionWriter
from posture.sources.camera import Back, Event, Lost

REOPEN_S = 20.0
"""A camera that gives the same picture for ever is opened anew this often."""


@dataclass(frozen=True, slots=True)
class Now:
    """What a face shows of the session at one moment."""

    time_s: float
    mode: session.Mode
    judged: Judged | None
    """``None`` if the person cannot be measured at this moment."""
    dose_s: dict[Kind, float]
    words: str
    """What hinders measuring, in plain words; empty if nothing does."""
    held: str = ""
    """Why prompts are held although the person is measured, in plain words; empty if they are not."""
    flagged: bool = False
    """Whether a red flag is up."""
    paused_until_s: float | None = None
    """When the person's pause ends by itself, seconds since the session's start."""
    advice: str = ""
    """What the person had better do about the camera or the neutral, in plain words; empty if nothing."""
    prompt: tuple[int, str] | None = None
    """Number and title of the prompt that waits for an answer."""


class Face(Protocol):
    """Shows a live session to the person."""

    def now(self, now: Now) -> None:
        """The state of the moment."""

    def say(self, words: str) -> None:
        """Something happened."""


class Shutter(Protocol):
    """Has the camera of the session."""

    def open(self) -> None:
        """Have it on from now, or look for it."""

    def close(self) -> None:
        """Let it go."""

    def reopen(self) -> None:
        """Let it go and take it again."""


class Lender(Protocol):
    """Speaks with those who ask for the camera."""

    def lend(self, borrower: str) -> None:
        """It is theirs as soon as nothing holds it any more."""

    def refuse(self, borrower: str, words: str) -> None:
        """They do not get it, and why."""


class Deliverer(Protocol):
    """Brings prompts to the person, and finds out what came of them."""

    def take(self, out: EngineOutput, time_s: float) -> None:
        """What came of the time up to `time_s`: prompts to show, and what was seen of the person."""

    def withdraw(self) -> None:
        """Nothing is to be on the screen now."""

    def finish(self, time_s: float) -> None:
        """The session ends."""


@dataclass(slots=True)
class Monitor:
    """Carries one live session out: give it every event of the camera and of the session, and ``stop`` it in the end."""

    engine: Engine
    live: LiveMeasurement
    face: Face
    shutter: Shutter
    lender: Lender
    prompts: Deliverer
    keeper: SessionWriter | None
    tell: Callable[[session.State], None] = lambda _state: None
    """Told when the mode changes."""
    flagged: Callable[[], bool] = lambda: False
    """Whether a red flag is up."""
    waiting: Callable[[], tuple[int, str] | None] = lambda: None
    """Number and title of the prompt that waits for an answer."""
    held: str = ""
    """Why prompts are held, in plain words; for the faces alone, the desk holds them itself."""
    paused: str = ""
    """Why the camera was let go without the person's word, in plain words."""
    trouble: Callable[[], str] = lambda: ""
    """Why what is measured is not written down, in plain words; for the faces alone."""
    state: session.State = field(default_factory=session.State)
    total: EngineOutput = field(default_factory=EngineOutput)
    """Of the whole session, without its readings: a day has a hundred thousand."""
    now: Now = field(default_factory=lambda: Now(0.0, session.Mode.READY, None, {}, ""))
    """What was shown last."""
    advice: str = ""
    """What the person had better do about the camera or the neutral, in plain words; empty if nothing."""
    _quality: ImageQuality = ImageQuality.OK
    _reopened_s: float = -math.inf
    _last_s: float = 0.0

    def start(self, pause: session.Pause | None = None) -> None:
        """Begin; `pause`: one that was asked for before, and still holds."""
        if pause is not None:
            self.happen(pause)
        self.happen(session.Start(0.0))
        if self.live.measurement.neutral is None:
            self.face.say(
                f"No calibration yet: sit tall but relaxed for {LEARN_S:.0f} seconds, or end this and run: posture calibrate. "
                "Until you calibrate, angles are less sure and no anterior tilt is said."
            )

    def take(self, event: Event) -> None:
        """One event of the camera."""
        if isinstance(event, Lost):
            if self.state.measures:  # unknown from the last picture on, not only from when the loss was noticed
                since_s = max(event.since_s, self._last_s)
                self._keep(self.engine.interrupt(since_s, session.REASONS[session.Mode.CAMERA_LOST]), since_s)
            self.happen(session.CameraLost(event.time_s, event.why))
            self._show(event.time_s, None, event.why)
        elif isinstance(event, Back):
            self.live.reset()
            self.happen(session.CameraBack(event.time_s))
            self._show(event.time_s, None, "")
        else:
            self._frame(event)

    def idle(self, time_s: float) -> None:
        """Nothing came from the camera for a moment: time passes all the same, and the store must see that we are alive."""
        self.happen(session.Tick(time_s))
        if self.keeper is not None:
            self.keeper.update((), self.engine.open_span)
        if not self.state.measures:
            self._show(self.state.time_s, None, self.now.words if self.state.mode is session.Mode.CAMERA_LOST else "")

    def slept(self, from_s: float, to_s: float) -> None:
        """The program did not run in between: a suspend, found afterwards."""
        if not self.state.suspended:
            self.happen(session.Suspend(max(from_s, self._last_s)))
        self.happen(session.Wake(to_s))

    def use_neutral(self, neutral: Neutral | None) -> None:
        """Measure against another neutral, with the thresholds that go with it, from the next frame on."""
        self.live.use(neutral)
        self.engine.use_thresholds(self.live.measurement.thresholds)
        self.advice = ""

    def stop(self, time_s: float) -> None:
        """End the session; everything that was measured is written."""
        if self.state.phase is not session.Phase.STOPPED:
            self.happen(session.Stop(time_s))

    def happen(self, event: session.Event) -> None:
        """Anything that happens to the session; one that is dated before an earlier one counts as of the same moment."""
        mode = self.state.mode
        self.state, effects = session.step(self.state, replace(event, time_s=max(event.time_s, self.state.time_s)))
        for effect in effects:
            self._carry_out(effect)
        if self.state.mode is not mode:
            self.tell(self.state)

    def _frame(self, frame: Frame) -> None:
        first = self.state.mode is session.Mode.OPENING
        self.happen(session.CameraBack(frame.time_s) if first else session.Tick(frame.time_s))
        if not self.state.measures:
            return
        update = self.live.process(frame)
        self._last_s = frame.time_s
        if update is None:
            return
        quality = update.reading.quality
        if quality is not self._quality:
            self._quality, self._reopened_s = quality, -math.inf
            self.face.say(QUALITY_WORDS[quality] or "Measuring again.")
        if quality is ImageQuality.FROZEN and frame.time_s - self._reopened_s >= REOPEN_S:
            self._reopened_s = frame.time_s
            self.shutter.reopen()
        if update.learned is not None:
            still = "" if update.learned.still else " You moved meanwhile, so it is less sure."
            self.face.say(f"This is taken for your neutral now.{still}")
        if update.drift is not None:
            self.advice = update.drift
            self.face.say(update.drift)
        out = self.engine.process(update.reading, update.sample.moving)
        self._keep(out, frame.time_s)
        self._show(frame.time_s, out.judged[-1] if quality is ImageQuality.OK else None, update.words)

    def _show(self, time_s: float, judged: Judged | None, words: str) -> None:
        until_s = next((p.until_s for p in self.state.pauses if p.by is session.By.USER), None)
        words = words or (self.paused if self.state.mode is session.Mode.PAUSED else "") or self.trouble()
        self.now = Now(
            time_s, self.state.mode, judged, dict(self.total.dose_s), words, self.held, self.flagged(), until_s, self.advice, self.waiting()
        )
        self.face.now(self.now)

    def _carry_out(self, effect: session.Effect) -> None:
        match effect:
            case session.Interrupt(time_s=time_s, reason=reason):
                self._keep(self.engine.interrupt(time_s, reason), time_s)
            case session.OpenCamera():
                self._quality = ImageQuality.OK
                self.live.reset()
                self.shutter.open()
            case session.CloseCamera():
                self.shutter.close()
            case session.LendCamera(borrower=borrower):
                self.lender.lend(borrower)
            case session.RefuseCamera(borrower=borrower, words=words):
                self.lender.refuse(borrower, words)
            case session.Say(words=words):
                self.face.say(words)
            case session.EndSession(time_s=time_s):
                self._keep(self.engine.finish(time_s), time_s)
                self.prompts.finish(time_s)
                self.state, _ = session.step(self.state, session.Stopped(time_s))
            case session.HoldPrompts():
                self.prompts.withdraw()
            case session.ReleasePrompts():
                pass  # the engine shows prompts only while somebody is seen

    def _keep(self, out: EngineOutput, time_s: float) -> None:
        self.total.extend(replace(out, judged=[]))
        if self.keeper is not None:
            self.keeper.update(out.spans, self.engine.open_span)
            for episode in out.episodes:
                self.keeper.episode(episode)
            for move in out.moves:
                self.keeper.move(move)
        self.prompts.take(out, time_s)
