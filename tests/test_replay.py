"""A recording replayed as a live camera would see it gives the same postures and episodes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SAMPLES
from sample_table import days, expected_episodes
from test_monitor import Screen

from posture._support import catalogue, parameters
from posture.biomechanics.angles import AngleEstimator, look_both_ways
from posture.biomechanics.calibration import neutral_of
from posture.biomechanics.sample import sample_of
from posture.capture.video_file import VideoFile
from posture.engine.classifier import PostureClassifier
from posture.engine.engine import Engine
from posture.engine.measurement import LEARN_S, Measurement
from posture.engine.sampling import LIVE
from posture.monitor.live_measurement import LiveMeasurement
from posture.monitor.session import Monitor
from posture.pose.finder import PoseFinder
from posture.pose.sampler import PoseSampler
from posture.prompts.scheduler import PromptScheduler
from posture.settings import BandSettings, MeasureSettings, Settings
from posture.types import FoundPose, Frame


def test_live_and_recorded_smoothing_agree_on_the_postures(model_file: Path) -> None:
    """Causal smoothing (delay 0.3 s) and the one that looks both ways agree in 9 frames of 10, with a new posture every 3 s."""
    with VideoFile(SAMPLES / "side_mixed_male1.mp4") as source, PoseFinder(model_file) as finder:
        seen = [sample_of(finder.find(frame)) for frame in source]
    neutral = neutral_of([s.features for s in seen if s.features is not None and s.time_s <= 0.7])
    said = []
    for live in (True, False):
        settings = MeasureSettings()
        meter = AngleEstimator(settings, neutral, parameters.load(), live=live)
        judge = PostureClassifier(BandSettings())
        frames = seen if live else look_both_ways(seen, settings.recorded_smooth_s)
        said.append([judge.classify(meter.measure(s)).posture for s in frames])
    same = sum(a is b for a, b in zip(*said, strict=True))
    assert same >= 0.9 * len(seen)
    assert len(set(said[0])) > 1


class Counting(PoseFinder):
    """Counts how often it is asked."""

    looks = 0

    def find(self, frame: Frame, least_px_per_m: float = 0.0) -> FoundPose:
        self.looks += 1
        return super().find(frame, least_px_per_m)


WHOLE = [pytest.param(day, None, marks=pytest.mark.soak) for day in days()]


@pytest.mark.parametrize(("day", "end_s"), [("desk_day.mp4", 900.0), *WHOLE])
def test_a_day_replayed_live_gives_the_listed_episodes(day: str, end_s: float | None, model_file: Path) -> None:
    """As live, with its sparing of looks, its first 15 s as neutral and its smoothing: the episodes that ``analyze`` must find."""
    settings, screen = Settings(), Screen()
    with VideoFile(SAMPLES / day, end_s=end_s) as source, Counting(model_file) as finder:
        measured = LiveMeasurement(PoseSampler(finder, LIVE), Measurement(settings, parameters.load()))
        engine = Engine(settings, PromptScheduler(catalogue.load(), settings.prompts))
        live = Monitor(engine, measured, screen, screen, screen, screen, None)
        live.start()
        pictures = 0
        for frame in source:
            pictures += 1
            live.process(frame)
        live.stop(end_s or source.facts.duration_s or frame.time_s)
    found = live.total.episodes
    for wanted in (row for row in expected_episodes() if row.clip == day and row.asked and (end_s is None or row.end.at_s < end_s)):
        # From the front nobody can be told to sit before there is a neutral, so the first sit may begin with it.
        fits = [
            e
            for e in found
            if e.kind == wanted.kind and (wanted.start.holds(e.start_s) or e.start_s <= LEARN_S + 1.0) and wanted.end.holds(e.end_s)
        ]
        assert fits, (wanted, found)
        if wanted.prompt is not None:
            assert any(p.kind == wanted.kind and abs(p.time_s - wanted.prompt.at_s) <= settings.prompts.patience_s for p in screen.prompts)
    assert len(screen.prompts) == 1
    assert finder.looks <= pictures
