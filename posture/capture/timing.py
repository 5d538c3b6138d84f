"""The clock of a recording: what its timestamps mean where they go back, leap ahead, or are missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

ASSUMED_FPS = 25.0
"""Pictures per second where neither the recording nor the user says how many; libav assumes the same."""
MOST_FPS = 500.0
"""More pictures per second than cameras record: such a rate is the tick of a clock (1000, 60000, 90000)."""
LONGEST_GAP_S = 3600.0
"""No recording stands still for longer; a leap of more is a broken clock, whatever the file announces."""
_DISORDER_S = 1.0
"""A clock that goes back by more has started anew; by less, it is disorder."""
_PAUSE_S = 60.0
"""A gap of up to this is believed without a word; a longer one only if the file announces a length that covers it."""
_REPORTED = 20


@dataclass(frozen=True, slots=True)
class Leap:
    """A place where timestamps do not follow each other."""

    from_s: float
    """Where it begins, seconds on the mended clock."""
    gap_s: float | None
    """Length of the gap that was believed, seconds; ``None``: the leap was mended, and there is no gap."""


@dataclass(slots=True)
class MediaClock:
    """Turns the timestamps of pictures, in the order in which they are shown, into seconds that go on steadily.

    A clock that goes back (recordings glued together, a wrapped or reset counter) goes on one step after what was latest. A clock that
    leaps ahead does so too, unless the leap is a gap: up to a minute, or up to an hour where the file announces a length that covers it.
    """

    step_s: float
    """Usual seconds from picture to picture."""
    covered_s: float = -math.inf
    """Until when the file announces to last, seconds of its own clock; ``-inf`` if it does not."""
    leaps: tuple[Leap, ...] = ()
    """The first places where timestamps leap."""
    mended: int = 0
    """How many leaps were mended."""
    latest_s: float = -math.inf
    """Latest moment so far, seconds on the mended clock."""
    end_s: float = -math.inf
    """End of the latest picture so far."""
    moved_s: float = 0.0
    """How far the mended clock is ahead of the file's own."""
    _inter: bool = False

    def at(self, own_s: float | None, length_s: float = 0.0, *, key: bool = False) -> float:
        """Return seconds on the mended clock.

        Args:
            own_s: the timestamp, seconds; ``None``: the picture has none, and follows the one before.
            length_s: how long the picture is to be shown, seconds; if that is none or absurd: one step.
            key: whether it is a key picture.
        """
        next_s = self.latest_s + self.step_s if self.latest_s > -math.inf else 0.0
        time_s = next_s if own_s is None else own_s + self.moved_s
        if own_s is not None and self.latest_s > -math.inf and self._leaps(own_s, time_s, key):
            self.mended += 1
            self._note(Leap(next_s, None))
            self.moved_s += next_s - time_s
            time_s = next_s
        self._inter = not key
        if time_s >= self.latest_s:
            self.latest_s = time_s
            self.end_s = time_s + (length_s if 0 < length_s <= LONGEST_GAP_S else self.step_s)
        return time_s

    def notes(self, zero_s: float) -> tuple[str, ...]:
        """Return where it leapt, in sentences for the user; `zero_s`: where time 0 is on the mended clock, seconds."""
        said: list[str] = []
        jumps = [x for x in self.leaps if x.gap_s is None]
        if jumps:
            more = f" (the first of {self.mended} times)" if self.mended > 1 else ""
            at_s = jumps[0].from_s - zero_s
            said.append(f"The recording's clock jumps at {at_s:.1f} s{more}; the rest was treated as following without a gap.")
        for x in self.leaps:
            if x.gap_s is not None:
                at_s = x.from_s - zero_s
                said.append(f"The recording has no pictures from {at_s:.1f} s to {at_s + x.gap_s:.1f} s.")
        return tuple(said)

    def copy(self) -> MediaClock:
        """Make another one that goes on from here."""
        return replace(self)

    def _leaps(self, own_s: float, time_s: float, key: bool) -> bool:
        """Tell whether this timestamp does not follow the ones before; a gap that is believed is noted."""
        back_s = self.latest_s - time_s
        if back_s > _DISORDER_S or (key and self._inter and back_s > self.step_s / 2):  # before a key picture all is shown that was coded
            return True
        if -back_s <= max(_PAUSE_S, 5 * self.step_s):
            return False
        if -back_s > LONGEST_GAP_S or own_s > self.covered_s + _DISORDER_S:
            return True
        self._note(Leap(self.latest_s + self.step_s, -back_s - self.step_s))
        return False

    def _note(self, leap: Leap) -> None:
        if len(self.leaps) < _REPORTED:
            self.leaps += (leap,)


def plausible_fps(*rates: Fraction | float | None) -> float | None:
    """Return the first of some rates that a camera may have, pictures per second; ``None`` if none is."""
    return next((float(rate) for rate in rates if rate and 0 < rate <= MOST_FPS), None)
