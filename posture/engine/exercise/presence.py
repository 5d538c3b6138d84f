"""Standing up and walking: counted by presence alone, from any view."""

from __future__ import annotations

from posture.engine.exercise.results import CounterState, CounterUpdate, ExerciseResult
from posture.engine.exercise.spec import ExerciseSpec
from posture.types import Detection, Reading

_SURE_S = 2.0
"""Of standing, before it is believed: somebody may stretch."""


class PresenceCounter:
    """Counts how often somebody got up, and for how long they were up; the same calls as `ExerciseCounter`."""

    def __init__(self, spec: ExerciseSpec) -> None:
        """`spec`: of the angle ``presence``; ``fastest_s`` is how long it has to last to count."""
        self._spec = spec
        self._up_since_s: float | None = None
        self._last_s: float | None = None
        self._counted = False
        self.times_up: list[tuple[float, float]] = []
        """From when to when, seconds; the end of the last one grows while it goes on."""

    @property
    def spec(self) -> ExerciseSpec:
        """What is counted."""
        return self._spec

    def process(self, reading: Reading) -> CounterUpdate:
        """Follow one reading; times rise. Nobody in the picture is up too; what cannot be told changes nothing."""
        now_s = reading.time_s
        up = reading.sight is Detection.NOBODY or reading.seated is False
        known = reading.present is False or reading.seated is not None
        if known and up:
            self._rise(now_s)
        elif known:
            self._up_since_s, self._counted = None, False
        lasted_s = 0.0 if self._up_since_s is None else now_s - self._up_since_s
        state = CounterState.UNSEEN if not known else CounterState.FIRST_END if lasted_s >= _SURE_S else CounterState.REST
        return CounterUpdate(now_s, state, None, None, len(self.times_up), 0)

    def finish(self) -> ExerciseResult:
        """End."""
        return ExerciseResult(self._spec.id, len(self.times_up), 0, None, None, None, None)

    def _rise(self, now_s: float) -> None:
        if self._up_since_s is None:
            self._up_since_s = now_s
        if now_s - self._up_since_s < self._spec.fastest_s:
            return
        if self._counted:
            self.times_up.pop()
        self.times_up.append((self._up_since_s, now_s))
        self._counted = True
