"""What followed a prompt: for five minutes after it was shown it is watched whether the person moved. Pure.

What counts as having moved is our judgement: getting up (a break, or standing) whatever the prompt was about; leaving the posture
that it was about for half a minute in total; for sitting also three shifts, which in five minutes is as often as people shift
who are free to (about 9 in 15 min, Davidson & Callaghan). That it was *because* of the prompt is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from posture.model import Answer, Followed, Judged, Kind, Move, MoveKind, Posture, ShownPrompt

WATCH_S = 300.0
"""How long a prompt is watched, from the moment it was shown."""
LEFT_S = 30.0
"""The posture it was about was left for this long in total: moved."""
STOOD_S = 5.0
"""Standing for this long on end: moved; for less it may be a mistake of the measurement."""
SHIFTS = 3
"""So many shifts after a prompt about sitting: moved."""
SEEN_SHARE = 0.5
"""Of the five minutes; if less was seen, it cannot be said that nothing followed."""
_SETTLE_S = 75.0  # a break is one only after a minute, and is told a reading later; it counts if it began in time
_LEFT = {Kind.FLEXED: Posture.FLEXED, Kind.ANTERIOR_TILT: Posture.ANTERIOR_TILT}
_MEASURED = (Posture.NEUTRAL, Posture.FLEXED, Posture.ANTERIOR_TILT)


@dataclass(slots=True)
class _Watch:
    """What was seen since one prompt."""

    number: int
    shown: ShownPrompt
    seen_s: float = 0.0
    left_s: float = 0.0
    stood_s: float = 0.0
    """On end, up to now."""
    shifts: int = 0
    moved: bool = False
    snoozed: bool = False

    @property
    def until_s(self) -> float:
        return self.shown.time_s + WATCH_S

    def see(self, judged: Judged, start_s: float, end_s: float) -> None:
        """`judged` stood from `start_s` to `end_s`."""
        seconds = min(end_s, self.until_s) - max(start_s, self.shown.time_s)
        if seconds <= 0.0:
            return
        self.seen_s += seconds if judged.posture is not Posture.UNKNOWN else 0.0
        measured = judged.posture in _MEASURED
        about = _LEFT.get(self.shown.kind) if self.shown.kind else None
        if measured and about is not None and judged.posture is not about:
            self.left_s += seconds
        self.stood_s = self.stood_s + seconds if measured and judged.reading.seated is False else 0.0
        self.moved |= self.left_s >= LEFT_S or self.stood_s >= STOOD_S

    def note(self, move: Move) -> None:
        """A break or a shift, dated to when it began."""
        if not self.shown.time_s <= move.time_s <= self.until_s:
            return
        self.shifts += move.kind is MoveKind.SHIFT
        self.moved |= move.kind is MoveKind.BREAK or (self.shown.kind is Kind.SITTING and self.shifts >= SHIFTS)

    def outcome(self, watched: bool) -> Followed | None:
        """What followed; `watched`: for all of the five minutes."""
        if self.shown.kind is not None and self.moved:  # the referral asks for no movement
            return Followed.MOVED
        if self.snoozed:
            return Followed.SNOOZED
        if self.shown.kind is None or not watched or self.seen_s < SEEN_SHARE * WATCH_S:
            return None
        return Followed.IGNORED


class FollowUp:
    """Watches what follows the prompts of one session; times are those of the session.

    An outcome is what was seen or said: done (said) before moved (seen) before snoozed (said) before ignored. A prompt put aside
    with *not now* that is followed by movement has moved the person. Ignored is only said of five minutes of which at least half
    could be seen; otherwise it is unknown (``None``).
    """

    def __init__(self, max_gap_s: float = 12.0) -> None:
        """`max_gap_s`: a reading stands for at most this long (``BandSettings.max_gap_s``)."""
        self._max_gap_s = max_gap_s
        self._watches: list[_Watch] = []
        self._done: list[int] = []
        """Said to be done since the last step."""
        self._all_done: set[int] = set()
        self._last: Judged | None = None
        self._now_s = float("-inf")

    def shown(self, shown: ShownPrompt, number: int) -> None:
        """A prompt was shown; `number` is its name from here on (``Store.add_prompt``)."""
        self._watches.append(_Watch(number, shown))

    def answered(self, number: int, answer: Answer, time_s: float) -> None:
        """The person answered. *Done* counts whenever it comes, also when something else was said of the prompt before; a snooze
        counts within the five minutes."""
        if answer is Answer.DONE and number not in self._all_done:
            self._watches = [w for w in self._watches if w.number != number]
            self._done.append(number)
            self._all_done.add(number)
        for watch in self._watches:
            if watch.number == number and answer is not Answer.SHOW and time_s <= watch.until_s:
                watch.snoozed = answer is Answer.SNOOZE

    def step(self, judged: Judged, moves: Iterable[Move] = ()) -> list[tuple[int, Followed | None]]:
        """The next reading with the posture it was taken for, and the moves that became known with it: what is settled now, by number."""
        self._see_until(judged.reading.time_s)
        self._last = judged
        for move in moves:
            for watch in self._watches:
                watch.note(move)
        return self._settled(judged.reading.time_s)

    def interrupt(self, time_s: float) -> list[tuple[int, Followed | None]]:
        """From `time_s` on nothing is seen until the next reading: what is settled now. To be called again as time passes."""
        self._see_until(time_s)
        self._last = None
        return self._settled(time_s)

    def finish(self, end_s: float | None = None) -> list[tuple[int, Followed | None]]:
        """The session ends, at `end_s` or with what was told last: what is left, in order of showing."""
        self._see_until(self._now_s if end_s is None else end_s)
        self._last = None
        return self._settled(float("inf"))

    def _see_until(self, time_s: float) -> None:
        """What stood since the last reading."""
        self._now_s = max(self._now_s, time_s)
        if self._last is None:
            return
        start_s = self._last.reading.time_s
        for watch in self._watches:
            watch.see(self._last, start_s, min(time_s, start_s + self._max_gap_s))

    def _settled(self, time_s: float) -> list[tuple[int, Followed | None]]:
        out: list[tuple[int, Followed | None]] = [(number, Followed.DONE) for number in self._done]
        self._done.clear()
        over = [w for w in self._watches if time_s >= w.until_s + _SETTLE_S]
        self._watches = [w for w in self._watches if w not in over]
        return out + [(w.number, w.outcome(watched=self._now_s >= w.until_s)) for w in over]
