"""What is kept of a recording: rows of numbers that give back the samples that went in, all in pixels of one picture."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES
from skeleton import Camera, pose_of, sitting

from posture.biomechanics.sample import PoseSample, repeated, resized, sample_of
from posture.engine.sample_rows import SampleRows, rows_of
from posture.pose.finder import PoseFinder
from posture.types import Detection, FoundPose, ImageQuality

SIDE = SAMPLES / "side_mixed_male1.mp4"


def same(a: PoseSample, b: PoseSample) -> None:
    """All values are the same."""
    for name in (f.name for f in fields(PoseSample) if f.name != "features"):
        assert getattr(a, name) == getattr(b, name), name
    assert (a.features is None) == (b.features is None)
    if a.features is None or b.features is None:
        return
    assert replace(a.features, layout=b.features.layout) == b.features
    one, other = a.features.layout, b.features.layout
    for name in (f.name for f in fields(one)):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


@pytest.fixture(scope="module")
def samples(model_file: Path) -> list[PoseSample]:
    """A person, nobody, somebody unclear, a cut, a dark picture, one that is carried forward."""
    with PoseFinder(model_file) as finder:
        seen = [sample_of(finder.find(f)) for f in people.frames_of(SIDE, end_s=2.0)]
    seen[1] = replace(seen[1], moving=True, brightness=123.5, people=2)
    c = seen[2].features
    assert c is not None
    seen[2] = replace(seen[2], features=replace(c, layout=replace(c.layout, hips_hidden=True)))
    return [
        *seen,
        PoseSample(3.0, Detection.NOBODY),
        sample_of(FoundPose(3.2, Detection.UNCLEAR, None, True)),
        PoseSample(3.4, Detection.UNCLEAR, quality=ImageQuality.TOO_DARK, brightness=12.0),
        repeated(seen[0], 4.0),
    ]


def test_rows_give_back_what_went_in(samples: list[PoseSample]) -> None:
    """Exactly, through many blocks, one by one, as slices and by column."""
    rows, n = SampleRows(), len(samples)
    for _ in range(300):
        for s in samples:
            rows.append(s)
    assert len(rows) == 300 * n
    for i, back in enumerate(rows):
        same(back, samples[i % n])
    for back, there in zip(rows[5:20], (samples * 2)[5:20], strict=True):
        same(back, there)
    same(rows[-1], samples[-1])
    assert [rows.time_s(i) for i in (0, -1)] == [samples[0].time_s, samples[-1].time_s]
    np.testing.assert_array_equal(rows.column("people")[:n], [s.people for s in samples])
    np.testing.assert_array_equal(rows.column("carried_forward")[-n:], [s.carried_forward for s in samples])
    np.testing.assert_array_equal(rows.column("brightness")[:n], [np.nan if s.brightness is None else s.brightness for s in samples])
    np.testing.assert_array_equal(
        rows.column("hips_hidden")[:n], [s.features is not None and s.features.layout.hips_hidden for s in samples]
    )
    with_features = [s.features for s in samples if s.features is not None]
    lazy = rows.features()
    assert [c.trunk_deg for c in lazy[: len(with_features)]] == [c.trunk_deg for c in with_features]
    assert [c.time_s for c in lazy[: len(with_features)]] == [c.time_s for c in with_features]
    np.testing.assert_array_equal(lazy[0].layout.xy, with_features[0].layout.xy)
    with pytest.raises(IndexError):
        rows[len(rows)]


def test_rows_travel(samples: list[PoseSample]) -> None:
    """What a worker sends is what was seen, also when it is added again; nothing at all is nothing."""
    rows = SampleRows()
    rows.extend_rows(rows_of(samples))
    rows.extend_rows(rows_of(samples[:1]))
    rows.extend_rows(rows.rows(1)[:1])
    for back, there in zip(rows, [*samples, samples[0], samples[1]], strict=True):
        same(back, there)
    rows = SampleRows()
    assert len(rows) == 0
    assert list(rows) == rows.features() == []
    assert rows.column("people").shape == (0,)
    assert len(rows.rows(0)) == len(rows_of([])) == 0


def test_all_samples_are_in_pixels_of_the_first_picture(samples: list[PoseSample]) -> None:
    """A camera that gives larger pictures, or wider ones, half-way: the same places, whichever size they were found in."""
    first = samples[0]
    assert first.features is not None
    rows = SampleRows()
    rows.append(PoseSample(0.0, Detection.NOBODY))
    rows.append(first)
    for width, height in ((1280, 960), (320, 240), (854, 480), (480, 640)):
        rows.append(resized(first, width, height))
    assert {(c.layout.width, c.layout.height) for c in rows.features()} == {(640, 480)}
    for c in rows.features():
        np.testing.assert_allclose(c.layout.xy, first.features.layout.xy, atol=1e-9)
        np.testing.assert_allclose(c.layout.left, first.features.layout.left, atol=1e-9)
        assert (c.px_per_m, c.shoulder_x) == pytest.approx((first.features.px_per_m, first.features.shoulder_x))


def test_a_person_who_is_seen_in_a_wider_picture_is_where_they_were() -> None:
    """The same camera with a picture that shows more at both sides: heights correspond, and the middles."""
    sample = sample_of(FoundPose(0.0, Detection.PERSON, pose_of(sitting(), Camera(yaw_deg=90.0, shift_m=0.2))))
    wide = resized(sample, 1920, 960)
    assert sample.features is not None
    assert wide.features is not None
    own, wider = sample.features.layout, wide.features.layout
    np.testing.assert_allclose(wider.xy - [960.0, 0.0], own.xy - [640.0, 0.0], atol=1e-9)
    assert wide.features.shoulder_x - 1.0 == pytest.approx(sample.features.shoulder_x - 640.0 / 960.0)
    back = resized(wide, own.width, own.height).features
    assert back is not None
    np.testing.assert_allclose(back.layout.xy, own.xy, atol=1e-9)


def test_a_smaller_picture_measures_the_same(model_file: Path) -> None:
    """Cues taken in a picture of half the size and brought to the full one say the same as those of the full one."""
    frame = people.frames_of(SIDE, end_s=0.1)[0]
    half = replace(frame, image=people.resized(320, 240)(frame.image))
    with PoseFinder(model_file) as finder:
        full = sample_of(finder.find(frame))
        finder.renew()
        small = sample_of(finder.find(half))
    back = resized(small, 640, 480)
    assert full.features is not None and back.features is not None
    assert back.features.layout.width == 640
    assert np.abs(back.features.layout.xy - full.features.layout.xy).max() < 12.0
    assert back.features.px_per_m == pytest.approx(full.features.px_per_m, rel=0.05)


def test_a_thousand_samples_take_less_than_a_megabyte() -> None:
    """So that ten hours at five a second fit into 120 MB."""
    rows = SampleRows()
    for i in range(1024):
        rows.append(PoseSample(0.2 * i, Detection.NOBODY))
    assert sum(block.nbytes for block in rows._blocks) < 1e6
