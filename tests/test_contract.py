"""One measurement for all sources: the same pictures give the same postures, spans and doses, whichever way they come in.

The two declared differences of a recording (it smooths with the future too, and may choose its neutral from all of itself) move a
boundary by less than a second; with a given neutral nothing else may differ.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from found_once import FoundOnce
from mjpeg import MjpegCamera
from numpy.typing import NDArray
from test_monitor import Screen

import posture
from posture._support import catalogue, parameters
from posture.biomechanics.calibration import Neutral, RangeEnd
from posture.capture.camera import Camera
from posture.capture.stream import Streamed
from posture.engine.engine import Engine
from posture.engine.measurement import Measurement
from posture.engine.sampling import LIVE, LIVE_RATE_HZ
from posture.monitor.live_measurement import LiveMeasurement
from posture.monitor.loop import Inbox, run
from posture.monitor.session import Monitor, SessionCamera
from posture.pose.finder import PoseFinder
from posture.pose.sampler import PoseSampler
from posture.prompts.scheduler import PromptScheduler
from posture.recordings.analysis import analyze
from posture.recordings.job import Job
from posture.settings import Settings
from posture.types import EpisodeKind, Frame, Posture, Span

Image = NDArray[np.uint8]
GUARD_S = 1.2
"""Around a change of posture in the file's result nothing is compared: live looks are half a second apart, and smoothing has a delay."""
LENGTH_S = 20.0
BRIEF_S = 15.0
"""Without the tilt, where it is about something else."""
SETTINGS = Settings()
RNG = np.random.default_rng(4)
NOISE = [(2.0 * RNG.standard_normal((480, 640, 3), np.float32)).astype(np.int16) for _ in range(3)]


@dataclass(frozen=True)
class Result:
    """What a way of measuring gave."""

    spans: tuple[Span, ...]
    flexed_s: float
    """Flexed dose at the end."""
    tilted: bool
    """Whether a pelvic tilt was ever said."""

    def at(self, time_s: float) -> tuple[Posture, str | None]:
        span = next((s for s in self.spans if s.start_s <= time_s < s.end_s), self.spans[-1])
        return span.posture, span.reason


@cache
def clip(name: str) -> list[Frame]:
    """Twenty seconds: upright, leaning, slumped, tilted."""
    return [f for f in people.frames_of(SAMPLES / f"{name}.mp4") if f.time_s < LENGTH_S]


def noisy(image: Image, i: int) -> Image:
    """As a sensor gives it."""
    return np.clip(image.astype(np.int16) + np.resize(NOISE[i % len(NOISE)], image.shape), 0, 255).astype(np.uint8)


def each(change: Callable[[Frame, int], Image]) -> Callable[[], list[Frame]]:
    """The day with every picture changed, and a sensor's noise."""
    return lambda: [Frame(f.time_s, noisy(change(f, i), i)) for i, f in enumerate(clip("side_day_male1"))]


def during(low_s: float, high_s: float, change: Callable[[Image], Image]) -> Callable[[], list[Frame]]:
    """The day with the pictures of some seconds changed."""
    return each(lambda f, _: change(f.image) if low_s <= f.time_s < high_s else f.image)


def brief(frames: list[Frame]) -> list[Frame]:
    """Without the tilt at the end."""
    return [f for f in frames if f.time_s < BRIEF_S]


def frozen() -> list[Frame]:
    """Nine seconds in which the camera gives the same picture."""
    frames = each(lambda f, _: f.image)()
    still = next(f for f in frames if f.time_s >= 6.0).image
    return [Frame(f.time_s, still if 6.0 <= f.time_s < 15.0 else f.image) for f in frames]


def gap() -> list[Frame]:
    """Twenty seconds without any picture."""
    return [Frame(f.time_s + (20.0 if f.time_s >= 8.0 else 0.0), f.image) for f in each(lambda f, _: f.image)()]


def two() -> list[Frame]:
    """A second person beside."""
    pairs = zip(brief(clip("side_day_male1")), clip("front_day_female1"), strict=False)
    return [Frame(a.time_s, noisy(np.hstack([a.image[:, 110:530], _beside(b.image)]), i)) for i, (a, b) in enumerate(pairs)]


def _beside(image: Image) -> Image:
    """A second person, smaller."""
    small = np.full((480, 320, 3), 120, np.uint8)
    small[200:440] = np.asarray(people.resized(320, 240)(image), np.uint8)
    return small


def resized() -> list[Frame]:
    """Half the size from the middle on."""
    half = people.resized(320, 240)
    return [Frame(f.time_s, f.image if f.time_s < 9.0 else np.asarray(half(f.image))) for f in each(lambda f, _: f.image)()]


CONDITIONS: dict[str, Callable[[], list[Frame]]] = {
    "plain": each(lambda f, _: f.image),
    "dark half": lambda: brief(during(10.0, 99.0, lambda image: image // 12)()),
    "covered": during(6.0, 14.0, lambda image: np.full_like(image, 90)),
    "frozen": frozen,
    "gap": gap,
    "cut": during(10.0, 99.0, lambda image: np.ascontiguousarray(np.roll(image[:, ::-1], 90, axis=1))),
    "mirrored": each(lambda f, _: np.ascontiguousarray(f.image[:, ::-1])),
    "own range": each(lambda f, _: f.image),
    "automatic neutral": each(lambda f, _: f.image),
    "two people": two,
    "size change": resized,
}
REASONS = {"dark half": "too_dark", "covered": "covered", "frozen": "frozen", "gap": "gap"}
AS_PLAIN = {"own range", "automatic neutral"}
"""Conditions of the plain pictures."""
NO_PICTURES = {"dark half", "covered", "frozen"}
"""Conditions that landmarks alone do not show."""


def of_recording(recording: posture.Recording) -> Result:
    """What the library gives."""
    tilt = recording.readings["pelvic_tilt_deg"]
    return Result(recording.spans, flexed_of(recording.spans), bool(np.isfinite(tilt).any()))


def flexed_of(spans: tuple[Span, ...]) -> float:
    """Flexed seconds."""
    return sum(s.duration_s for s in spans if s.posture is Posture.FLEXED)


class Ways:
    """All ways of measuring the same pictures."""

    def __init__(self, frames: list[Frame], neutral: Neutral | None, model: Path, folder: Path) -> None:
        self.frames, self.neutral, self.model, self.folder = frames, neutral, model, folder
        self.file = write(folder, frames)

    def results(self, *, pictures_matter: bool) -> Iterator[tuple[str, Result]]:
        yield "file again, from the cache", self.by_file()
        yield "pipe", self.by_pipe()
        yield "analyze_frames", self.by_frames()
        yield "step by step", self.by_steps()
        yield "live", self.by_live()
        if not pictures_matter:
            yield "analyze_landmarks", self.by_landmarks()

    def by_file(self) -> Result:
        return of_recording(posture.analyze(self.file, neutral=self.neutral, cache=self.folder / "cache", model=self.model))

    def by_pipe(self) -> Result:
        video = self.file
        if video.suffix == ".mp4":  # whose index lies at its end
            video = people.write(self.folder / "clip.mkv", [(f.time_s, f.image) for f in self.frames], key_every=25)
        source = Streamed("pipe", io.BytesIO(video.read_bytes()))
        job = Job(SETTINGS, self.model, {}, catalogue.load(), profile=self.neutral, source=source, adaptive=True)
        found = analyze(video, job)
        return Result(found.spans, flexed_of(found.spans), any(j.reading.pelvic_tilt for j in found.judged))

    def by_frames(self) -> Result:
        frames = ((f.time_s, f.image) for f in self.frames)
        return of_recording(posture.analyze_frames(frames, neutral=self.neutral, model=self.model))

    def by_landmarks(self) -> Result:
        with PoseFinder(self.model) as finder:
            poses = [finder.find(f) for f in self.frames]
        return of_recording(posture.analyze_landmarks([p.pose or (p.time_s, None) for p in poses], neutral=self.neutral))

    def by_steps(self) -> Result:
        tilted = False
        with posture.Pipeline(neutral=self.neutral, model=self.model) as pipeline:
            for f in self.frames:
                tilted |= pipeline.frame(f.time_s, f.image).reading.pelvic_tilt is not None
            recording = pipeline.finish()
        return replace(of_recording(recording), tilted=tilted)

    def by_live(self) -> Result:
        with PoseFinder(self.model) as finder:
            monitor = live_monitor(finder, self.neutral)
            monitor.start()
            for frame in self.frames:
                monitor.process(frame)
            monitor.stop(self.frames[-1].time_s + 0.2)
        return Result(tuple(monitor.total.spans), flexed_of(tuple(monitor.total.spans)), False)


def live_monitor(finder: PoseFinder, neutral: Neutral | None, camera: SessionCamera | None = None) -> Monitor:
    """A monitor as the program puts it together; `camera`: its shutter."""
    measurement, screen = Measurement(SETTINGS, parameters.load(), neutral), Screen()
    engine = Engine(replace(SETTINGS, bands=measurement.thresholds), PromptScheduler(catalogue.load(), SETTINGS.prompts))
    live = LiveMeasurement(PoseSampler(finder, LIVE), measurement)
    return Monitor(engine, live, screen, camera or screen, screen, screen, None)


def write(folder: Path, frames: list[Frame]) -> Path:
    """As a file: an MP4; where the size changes in mid-stream, an MPEG transport stream, as a broadcast would."""
    sizes = sorted({f.image.shape for f in frames}, reverse=True)
    if len(sizes) == 1:
        return people.write(folder / "clip.mp4", [(f.time_s, f.image) for f in frames], key_every=25)
    whole = folder / "clip.ts"
    with whole.open("wb") as out:
        for shape in sizes:
            part = people.write(folder / "part.ts", [(f.time_s, f.image) for f in frames if f.image.shape == shape], key_every=25)
            out.write(part.read_bytes())
    return whole


@pytest.fixture(scope="module")
def found(model_file: Path) -> Callable[[str], FoundOnce]:
    """What is found in the pictures of a condition; those of some are the same."""

    @cache
    def of(pictures: str) -> FoundOnce:
        return FoundOnce(CONDITIONS[pictures](), model_file)

    return lambda condition: of("plain" if condition in AS_PLAIN else condition)


@pytest.fixture
def neutrals(model_file: Path) -> Callable[[str], Neutral]:
    """The neutral of a condition's own first seconds."""

    @cache
    def of(condition: str) -> Neutral:
        frames = [f for f in CONDITIONS[condition]() if f.time_s <= 0.8]
        found = posture.analyze_frames(((f.time_s, f.image) for f in frames), neutral=(0.0, 0.8), model=model_file).neutral
        assert found is not None
        return found

    return of


ALWAYS = {("dark half", "found once")}
"""The rest takes two minutes and more, and is for ``make soak``."""
LANDMARKS = [
    pytest.param(c, of, marks=() if (c, of) in ALWAYS else pytest.mark.soak) for of in ("found once", "mediapipe") for c in CONDITIONS
]


@pytest.mark.parametrize(("condition", "landmarks"), LANDMARKS)
def test_all_ways_agree(
    condition: str,
    landmarks: str,
    found: Callable[[str], FoundOnce],
    neutrals: Callable[[str], Neutral],
    model_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_process: None,
) -> None:
    """States, spans and doses of the file are those of every other way."""
    frames = CONDITIONS[condition]()
    if landmarks == "found once":
        monkeypatch.setattr("posture.pose.finder.Landmarker", found(condition).landmarker)
        monkeypatch.setattr("posture.recordings.parts._finders", {})
    neutral = None if condition == "automatic neutral" else neutrals(condition)
    if condition == "own range":
        assert neutral is not None
        neutral = replace(neutral, slump=RangeEnd(22.0, 2.0))
    ways = Ways(frames, neutral, model_file, tmp_path)
    file = ways.by_file()
    reason = REASONS.get(condition)
    if reason is not None:
        assert sum(s.duration_s for s in file.spans if s.reason == reason) >= 3.0
        assert not [s for s in file.spans if s.posture is Posture.AWAY]
    for name, result in ways.results(pictures_matter=condition in NO_PICTURES):
        assert not (condition == "automatic neutral" and (result.tilted or file.tilted)), name
        if condition != "automatic neutral":  # a recording may choose it from all of itself
            agree(name, file, result)


def agree(name: str, file: Result, other: Result) -> None:
    """Away from the boundaries the postures and reasons are the same, and so is the flexed time but for them."""
    edges = np.array([s.start_s for s in file.spans])
    times = [t for t in np.arange(0.1, file.spans[-1].end_s - 0.2, 0.2) if np.abs(edges - t).min() > GUARD_S]
    apart = [(round(float(t), 1), file.at(t), other.at(t)) for t in times if file.at(t) != other.at(t)]
    assert len(apart) <= 0.05 * len(times), (name, apart[:8], file.spans, other.spans)
    changes = sum(a.posture is Posture.FLEXED for a in file.spans)
    assert other.flexed_s == pytest.approx(file.flexed_s, abs=0.8 * GUARD_S * max(1, changes)), name


def test_own_range_moves_the_thresholds_everywhere(
    neutrals: Callable[[str], Neutral], model_file: Path, one_process: None, tmp_path: Path
) -> None:
    """Somebody whose full slump reads 22 degrees is slumped from 13 degrees on, live and recorded: less is neutral."""
    plain = neutrals("plain")
    ways = Ways(CONDITIONS["plain"](), plain, model_file, tmp_path)
    neutral_s: dict[str, list[float]] = {"by_file": [], "by_live": []}
    for ways.neutral in (plain, replace(plain, slump=RangeEnd(22.0, 2.0))):
        for way, seconds in neutral_s.items():
            seconds.append(sum(s.duration_s for s in getattr(ways, way)().spans if s.posture is Posture.NEUTRAL))
    for way, (plain_s, own_s) in neutral_s.items():
        assert own_s < plain_s, way


def test_a_real_stream_agrees_with_the_file(
    neutrals: Callable[[str], Neutral], model_file: Path, one_process: None, tmp_path: Path
) -> None:
    """The live loop on an MJPEG camera in real time, dark from the middle on."""
    frames = CONDITIONS["dark half"]()
    neutral = neutrals("dark half")
    file = Ways(frames, neutral, model_file, tmp_path).by_file()
    with MjpegCamera([f.image for f in frames], fps=5.0) as stream, PoseFinder(model_file) as finder:
        began_s = time.monotonic()

        def clock() -> float:
            return time.monotonic() - began_s

        keeper = SessionCamera(lambda known: Camera(stream.url, rate_hz=LIVE_RATE_HZ, start_s=began_s, known=known))
        monitor = live_monitor(finder, neutral, keeper)
        monitor.start()
        run(monitor, keeper, Inbox(), clock, lambda: clock() >= BRIEF_S - 1.0)
    spans = monitor.total.spans
    dark = sum(s.duration_s for s in spans if s.reason == "too_dark")
    assert dark == pytest.approx(sum(s.duration_s for s in file.spans if s.reason == "too_dark"), abs=2.5)
    assert not [s for s in spans if s.posture is Posture.AWAY]
    assert monitor.total.dose_s[EpisodeKind.FLEXED] >= 0.0
