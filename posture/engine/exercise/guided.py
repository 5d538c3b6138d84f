"""A guided exercise from its beginning to its end: what is counted, what to say and show just now, and when it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from posture.biomechanics import Neutral
from posture.engine.exercise.counter import ExerciseCounter
from posture.engine.exercise.own_range import own_ranges
from posture.engine.exercise.presence import PresenceCounter
from posture.engine.exercise.results import CounterState, CounterUpdate, ExerciseResult
from posture.engine.exercise.spec import ExerciseSpec
from posture.types import DoneExercise, Estimate, ExerciseEnd, Reading

IDLE_S = 45.0
"""Without a movement for so long, it is over."""
LONGEST_S = 600.0
CUE_S = 4.0
"""For so long a cue stays."""
_LOOKING = "Looking for you."
_NOT_KNOWN = "Sit tall and still for a moment, with your back in the picture."
_BEGIN = "Begin whenever you like, slowly, and only as far as is comfortable."


@dataclass(frozen=True, slots=True)
class GuidedView:
    """What is shown of a guided exercise at one moment."""

    exercise: str
    """Id of the catalogue's entry."""
    time_s: float
    """Seconds since it began."""
    repetitions: int
    half_repetitions: int
    advised: tuple[int, int]
    """Repetitions, at least and at most."""
    state: CounterState
    angle: Estimate | None
    """Of the movement now, degrees, positive towards the first end."""
    band: tuple[float, float] | None
    """The person's own comfortable ends (second, first), degrees; ``None`` until they are known."""
    words: str
    """One plain line: a cue, or why nothing is counted."""
    towards: str
    """Which end the pace leads to now, in the person's words; empty where there is no pace."""
    pace: float
    """How much of this half is over, 0 to 1: one breath a half."""
    done: DoneExercise | None = None
    """What was done, once it is over."""


class Counter(Protocol):
    """Counts one exercise."""

    @property
    def spec(self) -> ExerciseSpec:
        """What is counted."""

    def process(self, reading: Reading) -> CounterUpdate:
        """Follow one reading."""

    def finish(self) -> ExerciseResult:
        """End."""


class GuidedExercise:
    """One exercise of one person, from `start_s` on."""

    def __init__(self, spec: ExerciseSpec, neutral: Neutral | None, start_s: float, prompt: int | None = None) -> None:
        """Begin.

        Args:
            spec: what is done.
            neutral: with the person's own range, if it was shown.
            start_s: seconds, on the clock of the readings.
            prompt: number of the prompt that it answers.
        """
        own = own_ranges(neutral, [spec]).get(spec.id)
        self._counter: Counter = PresenceCounter(spec) if spec.angle == "presence" else ExerciseCounter(spec, own)
        self._start_s, self._prompt = start_s, prompt
        self._moved_s = start_s
        self._cue, self._cue_s = "", start_s
        self._last = CounterUpdate(start_s, CounterState.UNSEEN, None, None, 0, 0)
        self._present = False
        self.done: DoneExercise | None = None
        """What was done, once it is over."""

    @property
    def spec(self) -> ExerciseSpec:
        """What is done."""
        return self._counter.spec

    @property
    def seated(self) -> bool:
        """Whether it is done seated."""
        return self.spec.seated

    def process(self, reading: Reading) -> GuidedView:
        """Follow one reading; times rise. It ends by itself."""
        now = self._last = self._counter.process(reading)
        self._present = reading.present
        if now.counted is not None or now.state in (CounterState.FIRST_END, CounterState.SECOND_END):
            self._moved_s = now.time_s
        if now.cue:
            self._cue, self._cue_s = now.cue, now.time_s
        if now.repetitions >= self.spec.repetitions[1]:
            self.finish(now.time_s, ExerciseEnd.DONE)
        elif now.time_s - self._moved_s > max(IDLE_S, 2.0 * self.spec.tempo_s) or now.time_s - self._start_s > LONGEST_S:
            enough = now.repetitions >= self.spec.repetitions[0]
            self.finish(now.time_s, ExerciseEnd.DONE if enough else ExerciseEnd.IDLE)
        return self.view()

    def finish(self, time_s: float, ended: ExerciseEnd) -> DoneExercise:
        """End it; a second end changes nothing."""
        if self.done is None:
            r = self._counter.finish()
            self.done = DoneExercise(
                self.spec.id,
                self._start_s,
                max(time_s, self._start_s),
                r.repetitions,
                r.half_repetitions,
                ended,
                r.depth_deg,
                r.depth_sd_deg,
                r.tempo_s,
                r.asymmetry_deg,
                self._prompt,
            )
        return self.done

    def view(self) -> GuidedView:
        """Return what is shown just now."""
        now, spec = self._last, self.spec
        since_s = now.time_s - self._start_s
        half_s = spec.tempo_s / 2.0
        paced = len(spec.ends) == 2 and self.done is None
        return GuidedView(
            spec.id,
            since_s,
            now.repetitions,
            now.half_repetitions,
            spec.repetitions,
            now.state,
            now.angle,
            now.band,
            self._words(now),
            spec.ends[int(since_s / half_s) % 2] if paced else "",
            since_s % half_s / half_s if paced else 0.0,
            self.done,
        )

    def _words(self, now: CounterUpdate) -> str:
        if now.state is CounterState.WRONG_VIEW:
            return self.spec.unseen
        if self._cue and now.time_s - self._cue_s < CUE_S:
            return self._cue
        if now.state is CounterState.UNSEEN:
            return _LOOKING if not self._present else _NOT_KNOWN if self.seated else self.spec.unseen
        return "" if now.repetitions or now.half_repetitions else _BEGIN
