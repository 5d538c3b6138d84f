"""A live session: camera to readings to prompts, on the same walk as a recording.

What the session does in each state is decided by ``session.step``; here its effects are carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from posture import session
from posture.kinematics.calibration import AUTOMATIC_SD_DEG, Neutral, neutral_of
from posture.kinematics.cues import Cues
from posture.kinematics.meter import Meter, Seen, reduce
from posture.model import Frame, Judged, Kind, Observation, ShownPrompt, Sight
from posture.pipeline import Outcome, Walk
from posture.session_writer import SessionWriter
from posture.sources.camera import Back, Camera, Event, Lost
from posture.sources.looks import Look, LookKeeper

LEARN_S = 15.0
"""Without a profile, the first of these seconds in which somebody is seen are taken for neutral."""
_IDLE_S = 0.5
LOOK_WORDS = {
    Look.TOO_DARK: "The picture is too dark to measure.",
    Look.COVERED: "The camera seems to be covered.",
    Look.FROZEN: "The camera gives the same picture again and again; opening it anew.",
}


@dataclass(frozen=True, slots=True)
class Now:
    """What a face shows of the session at one moment."""

    time_s: float
    mode: session.Mode
    judged: Judged | None
    dose_s: dict[Kind, float]
    words: str
    """What hinders measuring, in plain words; empty if nothing does."""


class Face(Protocol):
    """Shows a live session to the person."""

    def now(self, now: Now) -> None:
        """The state of the moment."""

    def prompt(self, shown: ShownPrompt) -> None:
        """A prompt that is shown now."""

    def say(self, words: str) -> None:
        """Something happened."""


MeterOf = Callable[[Neutral | None], Meter]


@dataclass(slots=True)
class Monitor:
    """Carries one live session out. Give it every event of the camera, then ``stop`` it."""

    walk: Walk
    find: Callable[[Frame], Observation]
    meter_of: MeterOf
    face: Face
    keeper: SessionWriter | None
    neutral: Neutral | None = None
    """``None``: learnt from the first seconds, and no anterior tilt is said."""
    reopen: Callable[[], None] = lambda: None
    state: session.State = field(default_factory=session.State)
    total: Outcome = field(default_factory=Outcome)
    _meter: Meter | None = None
    _learnt: list[Cues] = field(default_factory=list)
    _looks: LookKeeper = field(default_factory=LookKeeper)
    _look: Look = Look.OK
    _words: str = ""
    _last_s: float = 0.0

    def start(self) -> None:
        """Begin; the camera is being opened."""
        self._meter = self.meter_of(self.neutral)
        self._happen(session.Start(0.0))
        if self.neutral is None:
            self.face.say(
                f"No calibration yet: sit tall but relaxed for {LEARN_S:.0f} seconds. Until you calibrate, no anterior tilt is said."
            )

    def take(self, event: Event) -> None:
        """One event of the camera."""
        if isinstance(event, Lost):
            if self.state.measures:  # unknown from the last picture on, not only from when the loss was noticed
                self._keep(self.walk.interrupt(max(event.since_s, self._last_s), session.REASONS[session.Mode.CAMERA_LOST]))
            self._happen(session.CameraLost(event.time_s, event.why))
        elif isinstance(event, Back):
            self._looks.reset()
            self._happen(session.CameraBack(event.time_s))
        else:
            self._frame(event)

    def idle(self, time_s: float) -> None:
        """Nothing came from the camera for a moment: time passes all the same, and the store must see that we are alive."""
        self._happen(session.Tick(max(time_s, self.state.time_s)))
        if self.keeper is not None:
            self.keeper.update((), self.walk.open_span)

    def stop(self, time_s: float) -> None:
        """End the session; everything that was measured is written."""
        self._happen(session.Stop(max(time_s, self.state.time_s)))

    def _frame(self, frame: Frame) -> None:
        first = self.state.mode is session.Mode.OPENING
        self._happen(session.CameraBack(frame.time_s) if first else session.Tick(frame.time_s))
        if not self.state.measures:
            return
        look = self._looks.see(frame)
        if look is not Look.OK:
            self._blind(look, frame.time_s)
            return
        self._look, self._words = Look.OK, ""
        seen = reduce(self.find(frame))
        self._learn(seen)
        assert self._meter is not None
        reading = self._meter.measure(seen)
        if self.neutral is None or self.neutral.source == "automatic":
            reading = replace(reading, pelvic_tilt=None)
        if seen.sight is Sight.UNCLEAR:
            self._words = "It is not clear who of those in the picture is you."
        self._last_s = frame.time_s
        out = self.walk.step(reading)
        self._keep(out)
        self.face.now(Now(frame.time_s, self.state.mode, out.judged[-1], out.dose_s, self._words))

    def _blind(self, look: Look, time_s: float) -> None:
        """A picture that says nothing of who is there: unknown, and never away."""
        if look is not self._look:
            self._look, self._words = look, LOOK_WORDS[look]
            self.face.say(self._words)
            self._keep(self.walk.interrupt(time_s, str(look)))
            if look is Look.FROZEN:
                self.reopen()
        self.face.now(Now(time_s, self.state.mode, None, self.total.dose_s, self._words))

    def _learn(self, seen: Seen) -> None:
        """Take the neutral from the first seconds in which somebody is seen, if there is none."""
        if self.neutral is not None or seen.cues is None:
            return
        self._learnt.append(seen.cues)
        if self._learnt[-1].time_s - self._learnt[0].time_s < LEARN_S:
            return
        self.neutral = neutral_of(self._learnt, "automatic", AUTOMATIC_SD_DEG)
        self._meter = self.meter_of(self.neutral)
        still = "" if self.neutral.still else " You moved meanwhile, so it is less sure."
        self.face.say(f"This is taken for your neutral now.{still}")

    def _happen(self, event: session.Event) -> None:
        self.state, effects = session.step(self.state, event)
        for effect in effects:
            match effect:
                case session.Interrupt(time_s=time_s, reason=reason):
                    self._keep(self.walk.interrupt(time_s, reason))
                case session.EndSession(time_s=time_s):
                    self._keep(self.walk.finish(time_s))
                    self.state, _ = session.step(self.state, session.Stopped(time_s))
                case session.Say(words=words):
                    self.face.say(words)
                case _:
                    pass  # the camera is opened and closed by whoever owns it; prompts are held by the walk while nothing is read

    def _keep(self, out: Outcome) -> None:
        self.total.extend(replace(out, judged=[]))  # readings are not kept: a day has a hundred thousand
        for shown in out.shown:
            self.face.prompt(shown)
        if self.keeper is None:
            return
        self.keeper.update(out.spans, self.walk.open_span)
        for episode in out.episodes:
            self.keeper.episode(episode)
        for shown in out.shown:
            self.keeper.prompt(shown)
        for move in out.moves:
            self.keeper.move(move)


def run(monitor: Monitor, camera: Camera, clock: Callable[[], float], stopping: Callable[[], bool]) -> None:
    """Run a session until `stopping` says so; `clock` gives seconds since its start.

    Asked between events only, so that nothing is half done when a session ends.
    """
    monitor.start()
    try:
        while not stopping():
            event = camera.poll(_IDLE_S)
            if event is None:
                monitor.idle(clock())
            else:
                monitor.take(event)
    finally:
        monitor.stop(clock())
