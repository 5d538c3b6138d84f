"""Streams that go wrong in the ways of real ones: half pictures, noise, another size, one byte a second, very slow, very fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from media import picture
from mjpeg import MjpegCamera, Mood
from test_camera import NUMBERS, behind, frame_of, is_frame, is_lost, until

from posture.capture.camera import Camera, CameraInterrupted, CameraRestored, Event
from posture.types import Frame

WHOLE = (240, 320)


def is_back(event: Event) -> bool:
    """The camera is said to be back."""
    return isinstance(event, CameraRestored)


@pytest.fixture
def stream() -> Iterator[MjpegCamera]:
    """Pictures that tell their number."""
    with MjpegCamera([picture(i, 320, 240) for i in range(NUMBERS)], 20.0) as camera:
        yield camera


def grey_below(frame: Frame) -> bool:
    """Whether the lower part is the one flat grey that decoders put where a picture breaks off."""
    return float(frame.image[-20:].std()) < 1.0 and abs(float(frame.image[-20:].mean()) - 128.0) < 3.0


@pytest.mark.parametrize("mood", [Mood.HALF, Mood.NOISE])
def test_pictures_that_are_none_are_a_lost_camera(mood: Mood, stream: MjpegCamera) -> None:
    """Half pictures alone, or noise alone: no such picture is handed out, lost within 5 s, back within 5 s of whole ones."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        stream.mood = mood
        began_s = time.monotonic()
        events, took_s = until(camera, is_lost, 8)
        assert took_s < 5.5
        late = [e for e in events if isinstance(e, Frame)][2:]  # one or two were under way
        assert not late or time.monotonic() - began_s < 1.0
        assert not any(grey_below(e) for e in events if isinstance(e, Frame))
        stream.mood = Mood.PLAY
        events, took_s = until(camera, is_frame, 5)
        assert [type(e) for e in events] == [CameraRestored, Frame]
        assert events[-1].image.shape[:2] == WHOLE  # type: ignore[union-attr]


def test_torn_pictures_are_left_out(stream: MjpegCamera) -> None:
    """Every eighth picture breaks off, and the connection with it: it is taken up again, the whole ones go on coming, none of the
    torn ones does, the camera is not lost."""
    with Camera(stream.url, rate_hz=10) as camera:
        frame_of(camera)
        stream.mood = Mood.TORN
        frames = []
        end_s = time.monotonic() + 6.0
        while time.monotonic() < end_s:
            event = camera.poll(1.0)
            assert not isinstance(event, CameraInterrupted)
            if isinstance(event, Frame):
                frames.append(event)
        assert len(frames) >= 4
        assert not any(grey_below(f) for f in frames)
        assert all(f.image.shape[:2] == WHOLE for f in frames)


def test_another_size_in_mid_stream(stream: MjpegCamera) -> None:
    """The pictures become four times as large on one connection, and small again: all are handed out as they are, none is lost."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        stream.mood = Mood.LARGE
        events, _ = until(camera, lambda e: isinstance(e, Frame) and e.image.shape[:2] == (480, 640), 5)
        stream.mood = Mood.PLAY
        more, _ = until(camera, lambda e: isinstance(e, Frame) and e.image.shape[:2] == WHOLE, 5)
        assert not any(isinstance(e, CameraInterrupted) for e in events + more)


def test_a_stream_that_drips_one_byte_a_second(stream: MjpegCamera) -> None:
    """It never hangs for long enough to break, and never gives a picture: lost within 5 s, closed within a second, back when it is well."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        stream.mood = Mood.DRIP
        _, took_s = until(camera, is_lost, 8)
        assert took_s < 5.5
        stream.mood = Mood.PLAY
        events, _ = until(camera, is_frame, 6)
        assert [type(e) for e in events] == [CameraRestored, Frame]
        stream.mood = Mood.DRIP
        time.sleep(1.0)
        began_s = time.monotonic()
        camera.close()
        assert time.monotonic() - began_s < 1.0


def test_a_stream_that_drips_from_the_start(stream: MjpegCamera) -> None:
    """A camera that is being opened, and gives a byte a second: said to be lost; threads do not pile up; closing does not wait."""
    stream.mood = Mood.DRIP
    before = threading.active_count()
    with Camera(stream.url) as camera:
        until(camera, is_lost, 8)
        camera.poll(6.0)
        assert threading.active_count() - before <= 2 * 12  # those of the stream's own server are among them
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 1.0


def test_one_picture_a_second(stream: MjpegCamera) -> None:
    """As slow as cameras are: every picture is handed out, and the camera is not taken for lost."""
    stream.fps = 1.0
    with Camera(stream.url, rate_hz=5) as camera:
        frames = [frame_of(camera, 10.0) for _ in range(7)]
        assert not camera.lost
    steps = np.diff([f.time_s for f in frames[2:]])  # the first ones may be of before the change
    assert np.all((steps > 0.7) & (steps < 1.5))


def test_a_hundred_and_twenty_pictures_a_second(stream: MjpegCamera) -> None:
    """As fast as cameras are: handed out at the rate that is wanted, fresh, at even times."""
    stream.fps = 120.0
    with Camera(stream.url, rate_hz=5) as camera:
        frames = [frame_of(camera) for _ in range(16)]
        assert behind(stream, frame_of(camera)) <= 15  # an eighth of a second
    steps = np.diff([f.time_s for f in frames[1:]])
    assert np.median(steps) == pytest.approx(0.2, abs=0.03)
    assert np.all(steps > 0.1)
