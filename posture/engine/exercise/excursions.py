"""Excursions of one signal from where it rests: out to an end and back, judged as it comes, at any rate of readings."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

SURE_SDS = 2.2
"""An end lies further from rest than noise within two of its standard deviations can reach."""
_SHORTEST_S = 0.3
"""Out there between the first and the last look, at least: one look alone is noise."""
_ENTER, _LEAVE = 0.6, 0.45
"""Shares of the least size at which an excursion begins and is over."""
_NOISE_S, _REST_S, _FIRST_REST_S = 10.0, 2.0, 0.6
_FEWEST = 5
_SPARSE_S = 0.4
"""With readings further apart, noise cannot be told from movement: it may be all that the sd allows."""
_DOUBT = 3.0
"""A noise that few values tell of may be larger by this share, over the root of how many there are."""
_FASTEST_S = 2.5
"""No movement that is followed goes there and back in less; what does is noise."""
_LEAST_NOISE = 0.05
"""Of the sd of a reading, which says how far it may be from the truth, not from the one before; measured on drawn people: 0.05 to 0.1."""
_REST_NOISES, _REST_SHARE = 2.5, 0.25


@dataclass(frozen=True, slots=True)
class Excursion:
    """One way out and back."""

    end: int
    """1 for the positive side, -1 for the negative one."""
    start_s: float
    """When it left rest; ``end_s``: when it was back."""
    middle_s: float
    """Half way through the time it was out."""
    end_s: float
    size: float
    """How far it went from rest, positive."""
    peak: float
    """The value there."""
    reached: bool
    """Whether that is far enough to be an end."""


@dataclass(slots=True)
class _Out:
    """An excursion that is under way."""

    end: int
    start_s: float
    entered_s: float
    size: float = 0.0
    last_s: float = 0.0
    """When it was last seen out there."""


class ExcursionTracker:
    """Follows one signal."""

    def __init__(self, longest_s: float, *, rests_at_0: bool = False) -> None:
        """`longest_s`: what is held longer is no end but a new place of rest; `rests_at_0`: the neutral is known, and 0."""
        self._longest_s, self._rests_at_0 = longest_s, rests_at_0
        self._recent: deque[tuple[float, float, float]] = deque()
        """Times, values and sds of the last seconds."""
        self._rest: float | None = None
        self._settled = False
        self._out: _Out | None = None
        self._blind = False
        """Whether the signal came into sight away from rest: nothing counts until it is back there."""
        self._rested_s = 0.0
        self._back_s = -math.inf
        """When it came back from its last way out: what was before tells nothing of where it rests."""
        self.noise = 0.0
        """Standard deviation from look to look, in units of the signal."""

    @property
    def rest(self) -> float:
        """Where the signal rests, as far as it is known; 0 before anything was seen."""
        return self._rest or 0.0

    @property
    def side(self) -> int:
        """1 or -1 while it is out on that side, else 0."""
        return 0 if self._out is None else self._out.end

    @property
    def size(self) -> float:
        """How far the excursion that is under way has gone."""
        return 0.0 if self._out is None else self._out.size

    def lose(self) -> None:
        """Forget what was under way: the signal was not seen for too long to be sure of it."""
        self._blind = self._blind or self._out is not None or self._rest is not None
        self._out = None
        self._recent.clear()

    def push(self, time_s: float, value: float, sd: float, least: dict[int, float]) -> Excursion | None:
        """Follow the signal one step further.

        Args:
            time_s: seconds, rising.
            value: of the signal.
            sd: how far the value may be from the truth.
            least: how far an end is from rest at least, for each side, 1 and -1.

        Returns:
            The excursion that is now over; ``None`` if none is.
        """
        self._remember(time_s, value, sd)
        if self._rest is None:
            self._rest = 0.0
        far = value - self._rest
        limit = {side: max(least[side], SURE_SDS * self.noise) for side in (1, -1)}
        self._settle(time_s, limit)
        out, found = self._out, None
        if self._blind:
            self._blind = abs(far) > _LEAVE * limit[1 if far > 0 else -1]
        elif out is not None:
            if far * out.end <= _LEAVE * limit[out.end]:
                reached = out.size >= limit[out.end] and out.last_s - out.entered_s >= _SHORTEST_S
                found = Excursion(
                    out.end, out.start_s, (out.entered_s + time_s) / 2.0, time_s, out.size, self.rest + out.end * out.size, reached
                )
                self._out, self._rested_s, self._back_s = None, time_s, time_s
            elif time_s - out.entered_s > self._longest_s:
                self._move_rest()
            else:
                out.size, out.last_s = max(out.size, far * out.end), time_s
        if self._out is None and not self._blind:
            self._begin(time_s, far, limit)
        return found

    def _begin(self, time_s: float, far: float, limit: dict[int, float]) -> None:
        side = 1 if far > 0 else -1
        if abs(far) >= _ENTER * limit[side]:
            self._out = _Out(side, self._rested_s, time_s, abs(far), time_s)
        elif abs(far) < 0.3 * limit[side]:
            self._rested_s = time_s

    def _remember(self, time_s: float, value: float, sd: float) -> None:
        recent = self._recent
        recent.append((time_s, value, sd))
        while recent[0][0] < time_s - _NOISE_S:
            recent.popleft()
        self.noise = _noise_of(recent)

    def _settle(self, time_s: float, limit: dict[int, float]) -> None:
        """Learn where the signal rests, from where it stays still; at first from its first moment, later near the rest alone."""
        window = _REST_S if self._settled else _FIRST_REST_S
        if self._out is not None and self._settled:
            return
        if time_s - window < max(self._recent[0][0], self._back_s):
            return
        values = [v for t, v, _ in self._recent if t >= time_s - window]
        most = max(_REST_NOISES * self.noise, _REST_SHARE * min(limit.values()))
        if len(values) >= 3 and max(values) - min(values) <= most:
            mean = sum(values) / len(values)
            if self._rests_at_0 and not self._settled and abs(mean) > limit[1 if mean > 0 else -1]:
                return  # who begins in a slump, say, does not rest there: the neutral is 0
            if not self._settled or abs(mean - self.rest) > self.noise:
                self._rest, self._out = mean, None
            self._settled = True
            self._rested_s = time_s

    def _move_rest(self) -> None:
        values = sorted(v for t, v, _ in self._recent if t >= self._recent[-1][0] - _REST_S)
        self._rest, self._out = values[len(values) // 2], None


def _noise_of(recent: deque[tuple[float, float, float]]) -> float:
    """Tell the noise from look to look from how values differ from what their neighbours let expect, less what movement makes of that.

    A movement that takes a period P turns by an angle p = 2 pi dt / P between looks, and differs from the mean of its neighbours by
    (1 - cos p) of itself; noise by 1.5 of its variance. Two equations for the two variances.
    """
    sd = recent[-1][2]
    step = (recent[-1][0] - recent[0][0]) / max(1, len(recent) - 1)
    if len(recent) < _FEWEST + 2 or step > _SPARSE_S:
        return sd
    times, values = [t for t, _, _ in recent], [v for _, v, _ in recent]
    mean = sum(values) / len(values)
    spread = sum((v - mean) ** 2 for v in values) / len(values)
    off = 0.0
    for i in range(1, len(values) - 1):
        share = (times[i] - times[i - 1]) / (times[i + 1] - times[i - 1])
        off += (values[i] - values[i - 1] - share * (values[i + 1] - values[i - 1])) ** 2
    off /= len(values) - 2
    moving = (1.0 - math.cos(min(math.pi / 2.0, 2.0 * math.pi * step / _FASTEST_S))) ** 2
    found = math.sqrt(max(0.0, off - moving * spread) / (1.5 - moving)) * (1.0 + _DOUBT / math.sqrt(len(values)))
    return min(sd, max(_LEAST_NOISE * sd, found))
