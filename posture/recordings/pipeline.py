"""The pipeline step by step, live and causal, for who has frames or landmarks of their own and wants to know now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from posture._support import catalogue, parameters
from posture.biomechanics import Neutral, PoseSample, moved, sample_of
from posture.capture import VideoFacts
from posture.engine import Engine, EngineOutput, Measurement
from posture.errors import PostureError
from posture.pose import Choice, FramePicture, PoseFinder, PoseSampler
from posture.prompts import PromptScheduler
from posture.recordings.analysis import analysis_of
from posture.recordings.job import Job
from posture.recordings.library import model_of, settings_from
from posture.recordings.notes import neutral_notes, time_notes
from posture.recordings.result import Recording
from posture.recordings.validation import NeutralLike, checked_frame, checked_pose, one_of, rising, span_of
from posture.settings import Settings
from posture.types import MEASURED_VIEWS, EpisodeKind, Pose, Posture, Reading, ShownPrompt


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame gave."""

    reading: Reading
    """The angles."""
    posture: Posture
    reason: str | None
    """Why the posture is unknown; ``None`` otherwise."""
    dose_s: Mapping[EpisodeKind, float]
    """How much of each sustained posture has gathered, seconds; of sitting, seconds of unbroken sitting."""
    prompts: tuple[ShownPrompt, ...]
    """Prompts that are called for now."""
    calibrated: bool
    """Whether the neutral is known; until then only the trunk is measured, less surely."""


class Pipeline:
    """Frames or landmarks in, angles and prompts out, one at a time; for one person and one thread. Use it in ``with``."""

    def __init__(
        self,
        *,
        name: str = "live",
        neutral: NeutralLike = None,
        view: str | None = None,
        person: str = "main",
        settings: Settings | Mapping[str, object] | None = None,
        model: str | os.PathLike[str] | None = None,
    ) -> None:
        """Load nothing before the first frame.

        Args:
            name: of what comes out.
            neutral: as for `posture.recordings.library.analyze`; ``None``: the first 15 s in which
                somebody is seen; the pelvis stays unknown.
            view: as for `posture.recordings.library.analyze`, as are the others.
            person: whom of several people to measure.
            settings: those that differ from the defaults.
            model: the pose model; not loaded if only landmarks are given.

        Raises:
            PostureError: a value is not what it should be.
        """
        self._name, self._model = name, model
        self._settings = settings_from(settings)
        given = neutral if isinstance(neutral, Neutral) else None
        self._measurement = Measurement(
            self._settings,
            parameters.load(),
            given,
            view=None if view is None else one_of(MEASURED_VIEWS, view, "view"),
            neutral_span=None if given is not None else span_of(neutral),
            own=False,
        )
        self._person = one_of(tuple(Choice), person, "person")
        self._own_prompts = catalogue.own_file(self._settings)
        self._catalogue = catalogue.load(self._own_prompts)
        scheduler = PromptScheduler(self._catalogue, self._settings.prompts, dose=self._settings.dose)
        self._engine = Engine(self._measurement.settings, scheduler)
        self._total = EngineOutput()
        self._last_s: float | None = None
        self._step_s = 1.0 / self._settings.measure.rate_hz
        self._size = (0, 0)
        self._stack = ExitStack()
        self._sampler: PoseSampler | None = None
        self._facts: dict[str, object] = {"name": "the caller's own landmarks"}
        self._over = False

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pose model."""
        self._over = True
        self._stack.close()

    @property
    def neutral(self) -> Neutral | None:
        """The neutral against which is measured; ``None`` while it is not known."""
        return self._measurement.neutral

    def frame(self, time_s: float, image: Any) -> Step:
        """Find the person in a picture, and measure.

        Args:
            time_s: seconds, later than the last ones.
            image: (H, W, 3) uint8 RGB, upright, square pixels.

        Raises:
            InputError: it is none, or the time does not rise, or nobody was seen during the upright span.
            ModelError: the pose model cannot be had.
            PostureError: called after the end.
        """
        frame = checked_frame(time_s, image, self._name)
        self._check(frame.time_s)
        if self._sampler is None:
            file, self._facts = model_of(self._model or self._settings.measure.model)
            self._sampler = PoseSampler(self._stack.enter_context(PoseFinder(file, person=self._person)), None)
        self._size = (frame.image.shape[1], frame.image.shape[0])
        sample = self._sampler.sample(FramePicture(frame))
        assert sample is not None  # without a plan every picture is looked at
        return self._step(sample)

    def pose(self, pose: Pose) -> Step:
        """Measure landmarks of your own.

        Raises:
            InputError: they have another shape, or the time does not rise.
            PostureError: called after the end.
        """
        observation = checked_pose(pose, self._name)
        self._check(observation.time_s)
        self._size = (pose.width, pose.height)
        return self._step(sample_of(observation))

    def nobody(self, time_s: float) -> Step:
        """Add a moment in which nobody was seen.

        Raises:
            InputError: the time does not rise.
            PostureError: called after the end.
        """
        observation = checked_pose((time_s, None), self._name)
        self._check(observation.time_s)
        return self._step(sample_of(observation))

    def finish(self) -> Recording:
        """End, and return all that was measured as a recording.

        Raises:
            PostureError: called after the end.
        """
        if self._over:
            raise PostureError(f"{self._name}: it is over")
        self._over = True
        end_s = 0.0 if self._last_s is None else self._last_s + self._step_s
        self._total.extend(self._engine.finish(end_s))
        facts = VideoFacts.bare(self._name, *self._size)
        job = Job(self._settings, Path(), self._facts, self._catalogue)
        notes = [
            *neutral_notes(self.neutral, [j.reading for j in self._total.judged], moved(self._settings.bands, self.neutral)),
            *time_notes(self._total),
        ]
        found = analysis_of(self._total, facts, job, self.neutral, notes, complete=True)
        return Recording(found, self._catalogue, None, self._own_prompts)

    def _check(self, time_s: float) -> None:
        if self._over:
            raise PostureError(f"{self._name}: it is over")
        before_s, self._last_s = self._last_s, rising(time_s, self._last_s, self._name)
        if before_s is not None:
            self._step_s = time_s - before_s

    def _step(self, sample: PoseSample) -> Step:
        update = self._measurement.process(sample)
        out = self._engine.process(update.reading)
        self._total.extend(out)
        judged = out.judged[-1]
        return Step(update.reading, judged.posture, judged.reason, out.dose_s, tuple(out.shown), self.neutral is not None)
