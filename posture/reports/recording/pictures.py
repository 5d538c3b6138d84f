"""Pictures in the report of a recording: which moments are worth one, and what the page shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from posture.biomechanics import POSTURE_ANGLES
from posture.engine import RecordingResult, in_posture
from posture.reports.labels import angle_words, episode_words, in_posture_words
from posture.types import ClassifiedReading, Detection, Episode, EpisodeKind, ImageQuality

MOST = 12
"""Pictures in a report, at most."""
_APART_S = 2.0
"""Moments that are nearer to each other share a picture."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is worth a picture."""

    time_s: float
    """Of a reading."""
    words: tuple[str, ...]
    """What there is to see, in order of weight."""
    episodes: tuple[Episode, ...] = ()
    """Those that it shows."""
    prompts: tuple[int, ...] = ()
    """Numbers of those that came then, from 1."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A moment and its picture."""

    moment: Moment
    jpeg: bytes
    """Without metadata."""

    @property
    def time_s(self) -> float:
        """Of the recording, seconds."""
        return self.moment.time_s


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a report."""

    shown: tuple[Picture, ...] = ()
    """In order of time."""
    unsure: int = 0
    """Left out, as not every head in them could be located for certain."""
    unread: int = 0
    """Left out, as they could not be read a second time."""
    faces: bool = False
    """Nothing is hidden."""

    @property
    def left_out(self) -> int:
        """How many pictures are missing."""
        return self.unsure + self.unread

    def of_episode(self, episode: Episode) -> int | None:
        """Return the number, from 1, of the picture that shows an episode best: its last one; ``None`` if there is none."""
        return next((n for n, p in reversed(list(enumerate(self.shown, 1))) if episode in p.moment.episodes), None)

    def of_prompt(self, number: int) -> int | None:
        """Return the number, from 1, of the picture of a prompt; ``None`` if there is none."""
        return next((n for n, p in enumerate(self.shown, 1) if number in p.moment.prompts), None)


NO_PICTURES = Pictures()
"""Nobody asked for any."""


def anchor(number: int) -> str:
    """Return where on the page picture `number` (from 1) stands."""
    return f"picture-{letter(number)}"


def letter(number: int) -> str:
    """Return what picture `number` (from 1) is called."""
    return chr(ord("A") + number - 1)


def moments_of(analysis: RecordingResult) -> list[Moment]:
    """Return up to ``MOST`` moments in order of time: the peak of each angle, prompts, then middle and start of what was held for long,
    leans and slumps first."""
    seen = [j for j in analysis.judged if j.reading.sight is Detection.PERSON and j.reading.quality is ImageQuality.OK]
    chosen: list[Moment] = []
    for moment in _wanted(analysis, seen):
        near = next((i for i, c in enumerate(chosen) if abs(c.time_s - moment.time_s) < _APART_S), None)
        if near is not None:
            chosen[near] = _both(chosen[near], moment)
        elif len(chosen) < MOST:
            chosen.append(moment)
    return sorted(chosen, key=lambda m: m.time_s)


def _wanted(analysis: RecordingResult, seen: Sequence[ClassifiedReading]) -> Iterator[Moment]:
    """Yield all moments, those of most weight first."""
    if not seen:
        return
    times = [j.reading.time_s for j in seen]

    def nearest(time_s: float) -> float:
        return min(times, key=lambda t: abs(t - time_s))

    for angle in POSTURE_ANGLES:
        found = [(e.deg, j) for j in seen if not j.reading.carried_forward and (e := angle.shown(j.reading)) is not None]
        if found:
            _, top = max(found, key=lambda pair: pair[0])
            yield Moment(top.reading.time_s, (f"highest {angle.label.lower()}, {angle_words(angle.shown(top.reading))}",))
    for number, prompt in enumerate(analysis.shown, 1):
        yield Moment(nearest(prompt.time_s), (f"reminder {number}",), prompts=(number,))
    long = sorted(analysis.sustained(), key=lambda e: (e.kind in (EpisodeKind.SITTING, EpisodeKind.STILLNESS), -e.in_state_s))
    for held in long:
        yield Moment(nearest(_middle_s(held, analysis)), (f"{episode_words(held)}, {in_posture_words(held)}: the middle of it",), (held,))
    for held in long:
        yield Moment(nearest(held.start_s), (f"{episode_words(held)}, {in_posture_words(held)}: its start",), (held,))


def _middle_s(episode: Episode, analysis: RecordingResult) -> float:
    """Return when half of the time in the posture was over."""
    left_s = episode.in_state_s / 2.0
    for start_s, end_s in in_posture(episode, analysis.spans):
        if end_s - start_s >= left_s:
            return start_s + left_s
        left_s -= end_s - start_s
    return (episode.start_s + episode.end_s) / 2.0


def _both(a: Moment, b: Moment) -> Moment:
    return replace(a, words=(*a.words, *b.words), episodes=(*a.episodes, *b.episodes), prompts=(*a.prompts, *b.prompts))
