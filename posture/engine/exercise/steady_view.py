"""The view by which somebody who exercises is judged, whatever single readings call it."""

from __future__ import annotations

from collections import deque

from posture.engine.exercise.spec import ExerciseSpec, ViewRule
from posture.types import Reading, View

_LASTS_S = 5.0
_AT_THE_EDGE = 0.1
"""A view that is seen in this share of the last readings, or more, may be the true one: the trunk's yaw is about as sure as that."""


class SteadyView:
    """The view in which somebody began, until another one has lasted; between two views, that one by which they can be judged."""

    def __init__(self, spec: ExerciseSpec) -> None:
        """Begin; `spec`: the exercise."""
        self._spec = spec
        self._lasts_s = spec.slowest_s if spec.angle == "axial_rotation" else _LASTS_S
        self._view: View | None = None
        self._other: tuple[View, float] | None = None
        self._seen: deque[tuple[float, View | None]] = deque()

    def rule(self, reading: Reading) -> ViewRule | None:
        """Follow one reading, times rise; return how the exercise is judged now, ``None`` if it cannot be."""
        view = reading.view if reading.exercise is None else reading.exercise.view
        if view is None or view is self._view:
            self._other = None if view is not None else self._other
        elif self._view is None:
            self._view = view
        elif self._other is None or self._other[0] is not view:
            self._other = view, reading.time_s
        elif reading.time_s - self._other[1] >= self._lasts_s:
            self._view, self._other = view, None
        self._seen.append((reading.time_s, view))
        while self._seen[0][0] < reading.time_s - self._spec.slowest_s:
            self._seen.popleft()
        return None if self._view is None else self._spec.views.get(self._view) or self._at_the_edge()

    def _at_the_edge(self) -> ViewRule | None:
        """Return the rule of the view that is seen most of those that have one, if it is seen often enough."""
        seen = [view for _, view in self._seen]
        most = max(self._spec.views, key=seen.count, default=None)
        return None if most is None or seen.count(most) < _AT_THE_EDGE * len(seen) else self._spec.views[most]
