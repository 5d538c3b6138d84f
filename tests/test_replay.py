"""A recording replayed as a live camera would see it gives the same postures: only the smoothing differs."""

from __future__ import annotations

from pathlib import Path

from conftest import SAMPLES

from posture import parameters
from posture.kinematics.calibration import neutral_of
from posture.kinematics.meter import Meter, look_both_ways, reduce
from posture.landmarks import PoseFinder
from posture.settings import BandSettings, MeasureSettings
from posture.sources.video_file import VideoFile
from posture.timeline import PostureJudge


def test_live_and_recorded_smoothing_agree_on_the_postures(model_file: Path) -> None:
    """Causal smoothing (delay 0.3 s) and the one that looks both ways agree in 9 frames of 10, with a new posture every 3 s."""
    with VideoFile(SAMPLES / "side_mixed_male1.mp4") as source, PoseFinder(model_file) as finder:
        seen = [reduce(finder.find(frame)) for frame in source]
    neutral = neutral_of([s.cues for s in seen if s.cues is not None and s.time_s <= 0.7])
    said = []
    for live in (True, False):
        settings = MeasureSettings()
        meter = Meter(settings, neutral, parameters.load(), live=live)
        judge = PostureJudge(BandSettings())
        frames = seen if live else look_both_ways(seen, settings.recorded_smooth_s)
        said.append([judge.judge(meter.measure(s)).posture for s in frames])
    same = sum(a is b for a, b in zip(*said, strict=True))
    assert same >= 0.9 * len(seen)
    assert len(set(said[0])) > 1
