"""Readings to spans, doses, prompts and events: one engine for a live session, a recording and a caller's own frames.

It owns no picture, no clock and no input or output: sources, the pose network and `Measurement` stand before it, stores and reports
behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from posture.engine.breaks import interrupts
from posture.engine.classifier import PostureClassifier
from posture.engine.exposure import Event, Exposure
from posture.engine.posture_changes import PostureShiftDetector
from posture.engine.spans import EXERCISE, Interval, SpanMerger, Timeline
from posture.settings import BandSettings, Settings
from posture.types import (
    CauseEased,
    ClassifiedReading,
    Detection,
    Episode,
    EpisodeKind,
    HeldPrompt,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptDue,
    Reading,
    ShownPrompt,
    Span,
)


class Prompter(Protocol):
    """Decides which prompt is shown; a protocol, so that the arrow to ``prompts.PromptScheduler`` points down."""

    def due(self, sustained: PromptDue) -> None:
        """Take up a dose that has reached a threshold."""

    def eased(self, cause: CauseEased) -> None:
        """Note that a dose is below its threshold again, though its episode may go on."""

    def ended(self, kind: EpisodeKind, time_s: float) -> HeldPrompt | None:
        """End the cause of a prompt; a prompt that still waited for it is dropped and returned."""

    def tick(self, time_s: float, moving: bool = True) -> Iterable[ShownPrompt | HeldPrompt]:
        """Tell what is shown now, and what was held back and why; `moving`: whether the person moves just now, a good moment to speak."""


@dataclass(slots=True)
class EngineOutput:
    """What came of one or of many readings."""

    judged: list[ClassifiedReading] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    """Spans that ended."""
    episodes: list[Episode] = field(default_factory=list)
    moves: list[PostureChange] = field(default_factory=list)
    shown: list[ShownPrompt] = field(default_factory=list)
    withheld: list[ShownPrompt] = field(default_factory=list)
    """Prompts that count as shown and were not, for a comparison."""
    held: list[HeldPrompt] = field(default_factory=list)
    dose_s: dict[EpisodeKind, float] = field(default_factory=dict)
    """Doses after the last reading, as ``Exposure.doses``."""
    leading: dict[EpisodeKind, str | None] = field(default_factory=dict)
    """By which angle each running episode is one, for the longest time: a lean or a slump."""

    def extend(self, other: EngineOutput) -> None:
        """Append what came later."""
        self.judged += other.judged
        self.spans += other.spans
        self.episodes += other.episodes
        self.moves += other.moves
        self.shown += other.shown
        self.withheld += other.withheld
        self.held += other.held
        self.dose_s, self.leading = other.dose_s, other.leading


class Engine:
    """Process one session's readings in order of time: posture, spans, doses, episodes, shifts, prompts."""

    def __init__(self, settings: Settings, prompter: Prompter, start_s: float = 0.0) -> None:
        """A session that begins at `start_s` seconds."""
        self._classifier = PostureClassifier(settings.bands)
        self._timeline = Timeline(settings.bands, start_s)
        self._exposure = Exposure(settings.dose, settings.bands)
        self._shifts = PostureShiftDetector(settings.dose)
        self._spans = SpanMerger()
        self._prompter = prompter
        self._present = False
        self._moving = True

    @property
    def open_span(self) -> Span | None:
        """The span that is still growing."""
        return self._spans.open

    def use_thresholds(self, bands: BandSettings) -> None:
        """Classify by other thresholds from the next reading on: the person was calibrated anew. Doses go on."""
        self._classifier.use(bands)
        self._exposure.use(bands)

    def process(self, reading: Reading, moving: bool = True) -> EngineOutput:
        """Process one reading; its time must not lie before the last one's.

        Args:
            reading: what was measured.
            moving: whether the person moves just now; a prompt waits for that. Nobody waits for a prompt in a recording.
        """
        out = EngineOutput()
        self._moving = moving
        judged = self._classifier.classify(reading)
        out.judged.append(judged)
        self._process_intervals(self._timeline.push(judged), out)
        self._present = reading.sight is Detection.PERSON
        shift = self._shifts.push(reading)
        if shift is not None:
            out.moves.append(shift)
            self._take_up(self._exposure.changed(shift.time_s), out)
        self._tick(reading.time_s, out)
        return out

    def interrupt(self, time_s: float, reason: str) -> EngineOutput:
        """Know nothing from `time_s` on, because of `reason`, until the next reading."""
        out = EngineOutput()
        self._process_intervals(self._timeline.interrupt(time_s, reason), out)
        self._present = False
        self._tick(time_s, out)
        return out

    def exercise(self, time_s: float, seated: bool | None, *, began: bool = False) -> EngineOutput:
        """Go through a guided exercise from `time_s` on, until the next reading; call it often, so that doses are up to date.

        Args:
            time_s: seconds.
            seated: whether it is done seated; ``None``: not known.
            began: whether it begins at `time_s`: that is a change of posture.
        """
        out = EngineOutput()
        self._process_intervals(self._timeline.interrupt(time_s, EXERCISE, seated), out)
        if began:
            out.moves.append(PostureChange(PostureChangeKind.SHIFT, time_s))
            self._take_up(self._exposure.changed(time_s), out)
            self._shifts.reset()
        self._present = False  # no prompt meanwhile
        self._tick(time_s, out)
        return out

    def finish(self, end_s: float) -> EngineOutput:
        """End the session at `end_s` seconds."""
        out = EngineOutput()
        self._process_intervals(self._timeline.finish(end_s), out)
        out.spans += self._spans.finish()
        self._tick(end_s, out)
        self._take_up(self._exposure.finish(), out)
        self._tick(end_s, out)
        return out

    def _process_intervals(self, intervals: Iterator[Interval], out: EngineOutput) -> None:
        for it in intervals:
            out.spans += self._spans.push(it.span)
            if interrupts(it.span):
                self._shifts.reset()
            if it.span.posture is Posture.AWAY:
                self._classifier.reset()
            self._take_up(self._exposure.push(it), out)

    def _take_up(self, events: Iterable[Event | float], out: EngineOutput) -> None:
        for event in events:
            if isinstance(event, PromptDue):
                self._prompter.due(event)
            elif isinstance(event, CauseEased):
                self._prompter.eased(event)
            elif isinstance(event, Episode):
                self._end_episode(event, out)
            else:
                out.moves.append(PostureChange(PostureChangeKind.BREAK, event))

    def _end_episode(self, episode: Episode, out: EngineOutput) -> None:
        out.episodes.append(episode)
        dropped = self._prompter.ended(episode.kind, episode.end_s)
        if dropped is not None:
            out.held.append(dropped)

    def _tick(self, time_s: float, out: EngineOutput) -> None:
        # A prompt is for somebody who is there to see it; while nobody is, it waits.
        for said in self._prompter.tick(time_s, self._moving) if self._present else ():
            if isinstance(said, ShownPrompt):
                (out.withheld if said.withheld else out.shown).append(said)
            else:
                out.held.append(said)
        out.dose_s, out.leading = self._exposure.doses(), self._exposure.leading()


def run(readings: Iterable[Reading], engine: Engine, end_s: float, each: Callable[[EngineOutput], None] | None = None) -> EngineOutput:
    """Process all `readings` and finish at `end_s`; `each` is called with what came of every single one."""
    total = EngineOutput()
    for reading in readings:
        out = engine.process(reading)
        total.extend(out)
        if each is not None:
            each(out)
    total.extend(engine.finish(end_s))
    return total
