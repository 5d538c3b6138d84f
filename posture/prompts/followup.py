"""What followed a prompt: whether the person moved within five minutes, and how the half hour after it was spent. Pure.

What counts as having moved is our judgement: getting up (a break, or standing) whatever the prompt was about; leaving the posture
that it was about for half a minute in total; for sitting also three shifts, which in five minutes is as often as people shift
who are free to (about 9 in 15 min, Davidson & Callaghan). That it was *because* of the prompt is not claimed.

The half hour is what a comparison goes by: it asks for no judgement, and is told of prompts that were withheld as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from posture.types import (
    AFTER_S,
    MEASURED,
    Answer,
    ClassifiedReading,
    Episode,
    EpisodeKind,
    ExposureAfter,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptOutcome,
    ShownPrompt,
)

WATCH_S = 300.0
"""How long a prompt is watched, from the moment it was shown."""
LEFT_S = 30.0
"""The posture it was about was left for this long in total: moved."""
STOOD_S = 5.0
"""Standing for this long on end: moved; for less it may be a mistake of the measurement."""
SHIFTS = 3
"""So many shifts after a prompt about sitting: moved; after one about stillness a single one."""
SEEN_SHARE = 0.5
"""Of the five minutes; if less was seen, it cannot be said that nothing followed."""
_FINAL_AFTER_S = 75.0  # a break is one only after a minute, and is told a reading later; it counts if it began in time
_SHIFTS: dict[EpisodeKind | None, int] = {EpisodeKind.SITTING: SHIFTS, EpisodeKind.STILLNESS: 1}
_LEFT = {EpisodeKind.FLEXED: Posture.FLEXED, EpisodeKind.ANTERIOR_TILT: Posture.ANTERIOR_TILT}


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

    def add(self, judged: ClassifiedReading, start_s: float, end_s: float) -> None:
        """Count `judged`, which stood from `start_s` to `end_s`."""
        seconds = min(end_s, self.until_s) - max(start_s, self.shown.time_s)
        if seconds <= 0.0:
            return
        self.seen_s += seconds if judged.posture is not Posture.UNKNOWN else 0.0
        measured = judged.posture in MEASURED
        about = _LEFT.get(self.shown.kind) if self.shown.kind else None
        if measured and about is not None and judged.posture is not about:
            self.left_s += seconds
        self.stood_s = self.stood_s + seconds if measured and judged.reading.seated is False else 0.0
        self.moved |= self.left_s >= LEFT_S or self.stood_s >= STOOD_S

    def note(self, move: PostureChange) -> None:
        """Count a break or a shift, dated to when it began."""
        if not self.shown.time_s <= move.time_s <= self.until_s:
            return
        self.shifts += move.kind is PostureChangeKind.SHIFT
        enough = _SHIFTS.get(self.shown.kind)
        self.moved |= move.kind is PostureChangeKind.BREAK or (enough is not None and self.shifts >= enough)

    def outcome(self, watched: bool) -> PromptOutcome | None:
        """Tell what followed; `watched`: for all of the five minutes."""
        if self.shown.kind is not None and self.moved:  # the referral asks for no movement
            return PromptOutcome.MOVED
        if self.snoozed:
            return PromptOutcome.SNOOZED
        if self.shown.kind is None or not watched or self.seen_s < SEEN_SHARE * WATCH_S:
            return None
        return PromptOutcome.IGNORED


@dataclass(slots=True)
class _After:
    """How the time since one prompt was spent."""

    number: int
    shown: ShownPrompt
    measured_s: float = 0.0
    flexed_s: float = 0.0
    away_s: float = 0.0
    ended: bool = False

    @property
    def until_s(self) -> float:
        return self.shown.time_s + AFTER_S

    def add(self, judged: ClassifiedReading, start_s: float, end_s: float) -> None:
        """Count `judged`, which stood from `start_s` to `end_s`."""
        seconds = max(0.0, min(end_s, self.until_s) - max(start_s, self.shown.time_s))
        self.measured_s += seconds if judged.posture in MEASURED else 0.0
        self.flexed_s += seconds if judged.posture is Posture.FLEXED and judged.reading.seated is not False else 0.0
        self.away_s += seconds if judged.posture is Posture.AWAY else 0.0

    def exposure(self, whole: bool) -> ExposureAfter:
        """Tell how it was spent; `whole`: the session went on for all of it."""
        return ExposureAfter(self.measured_s, self.flexed_s, self.away_s, True if self.ended else False if whole else None)


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
        self._afters: list[_After] = []
        self._exposures: list[tuple[int, ExposureAfter]] = []
        """Final, and not told yet."""
        self._done: list[int] = []
        """Said to be done since the last step."""
        self._all_done: set[int] = set()
        self._last: ClassifiedReading | None = None
        self._now_s = float("-inf")

    def shown(self, shown: ShownPrompt, number: int) -> None:
        """Watch a prompt that was shown or withheld; `number` is its name from here on (``Store.add_prompt``)."""
        if not shown.withheld:
            self._watches.append(_Watch(number, shown))
        if shown.kind is not None:  # the referral is about no posture
            self._afters.append(_After(number, shown))

    def ended(self, episode: Episode) -> None:
        """Note that an episode ended while the session goes on; `finish` ends those that are left, of which nothing can be said."""
        for after in self._afters:
            if after.shown.kind is episode.kind and after.shown.episode_start_s == episode.start_s:
                after.ended |= episode.end_s <= after.until_s

    def exposures(self) -> list[tuple[int, ExposureAfter]]:
        """Return, once, how the half hour after prompts was spent that became final, by number."""
        told, self._exposures = self._exposures, []
        return told

    def answered(self, number: int, answer: Answer, time_s: float) -> None:
        """Take up an answer. *Done* counts whenever it comes, also when something else was said of the prompt before; a snooze
        counts within the five minutes."""
        if answer is Answer.DONE and number not in self._all_done:
            self._watches = [w for w in self._watches if w.number != number]
            self._done.append(number)
            self._all_done.add(number)
        for watch in self._watches:
            if watch.number == number and answer is not Answer.SHOW and time_s <= watch.until_s:
                watch.snoozed = answer is Answer.SNOOZE

    def step(self, judged: ClassifiedReading, moves: Iterable[PostureChange] = ()) -> list[tuple[int, PromptOutcome | None]]:
        """Process the next reading with its posture, and the posture changes that became known with it; return the outcomes that are
        final now, by number."""
        self._add_until(judged.reading.time_s)
        self._last = judged
        for move in moves:
            for watch in self._watches:
                watch.note(move)
        return self._finalized(judged.reading.time_s)

    def interrupt(self, time_s: float) -> list[tuple[int, PromptOutcome | None]]:
        """See nothing from `time_s` on until the next reading; return what is final now. Call it again as time passes."""
        self._add_until(time_s)
        self._last = None
        return self._finalized(time_s)

    def finish(self, end_s: float | None = None) -> list[tuple[int, PromptOutcome | None]]:
        """End the session, at `end_s` or with what came last; return what is left, in order of showing."""
        self._add_until(self._now_s if end_s is None else end_s)
        self._last = None
        return self._finalized(float("inf"))

    def _add_until(self, time_s: float) -> None:
        """Count what stood since the last reading."""
        self._now_s = max(self._now_s, time_s)
        if self._last is None:
            return
        start_s = self._last.reading.time_s
        watches: list[_Watch | _After] = [*self._watches, *self._afters]
        for watch in watches:
            watch.add(self._last, start_s, min(time_s, start_s + self._max_gap_s))

    def _finalized(self, time_s: float) -> list[tuple[int, PromptOutcome | None]]:
        out: list[tuple[int, PromptOutcome | None]] = [(number, PromptOutcome.DONE) for number in self._done]
        self._done.clear()
        over = [w for w in self._watches if time_s >= w.until_s + _FINAL_AFTER_S]
        self._watches = [w for w in self._watches if w not in over]
        gone = [a for a in self._afters if time_s >= a.until_s + _FINAL_AFTER_S]
        self._afters = [a for a in self._afters if a not in gone]
        self._exposures += [(a.number, a.exposure(self._now_s >= a.until_s)) for a in gone]
        return out + [(w.number, w.outcome(watched=self._now_s >= w.until_s)) for w in over]
