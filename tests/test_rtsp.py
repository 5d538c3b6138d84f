"""A network camera that speaks RTSP, for real: recorded from, watched through, and lost."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest
from conftest import SAMPLES
from rtsp import missing, rtsp_camera

from posture.capture.camera import Camera, CameraInterrupted
from posture.cli.app import run
from posture.types import Frame

WHY = missing()
pytestmark = pytest.mark.skipif(WHY is not None, reason=WHY or "")
LENGTH_S = 25.0


@pytest.fixture
def address() -> Iterator[str]:
    """A camera that shows a sample recording in real time, from its beginning to everyone who connects."""
    with rtsp_camera(SAMPLES / "side_mixed_male1.mp4") as found:
        yield found


def times_of(folder: Path) -> list[float]:
    """Times of the readings, seconds, and that somebody is there in all of them."""
    with (folder / "readings.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["present"] for r in rows} == {"1"}
    return [float(r["time_s"]) for r in rows]


def test_a_while_of_a_stream_is_analysed(address: str, home: Path, model_file: Path, tmp_path: Path) -> None:
    """``--for`` ends it: five readings a second of the time that was asked for, in about that time."""
    began = time.monotonic()
    assert run(["analyze", address, "--for", "8s", "--out", str(tmp_path / "out")]) == 0
    took_s = time.monotonic() - began
    times = times_of(tmp_path / "out")
    assert times[-1] == pytest.approx(8.0, abs=0.3)
    assert len(times) == pytest.approx(40, abs=2)
    assert 7.0 < took_s < 60.0


def test_a_stream_that_ends_is_a_recording(address: str, home: Path, model_file: Path, tmp_path: Path) -> None:
    """Without ``--for`` it is measured to its end."""
    assert run(["analyze", address, "--out", str(tmp_path / "out")]) == 0
    assert times_of(tmp_path / "out")[-1] == pytest.approx(LENGTH_S, abs=1.5)


def test_the_live_camera_reads_it_and_notices_its_end() -> None:
    """Pictures in real time, the first within three seconds; when the server is gone, the camera is lost, not frozen."""
    with ExitStack() as server:
        address = server.enter_context(rtsp_camera(SAMPLES / "side_mixed_male1.mp4"))
        with Camera(address, rate_hz=5) as camera:
            frames = list(islice((e for e in iter(lambda: camera.poll(5.0), None) if isinstance(e, Frame)), 30))
            server.close()
            lost = None
            until = time.monotonic() + 15.0
            while lost is None and time.monotonic() < until:
                event = camera.poll(1.0)
                lost = event if isinstance(event, CameraInterrupted) else None
            assert lost is not None
    assert len(frames) == 30
    assert frames[0].image.shape == (480, 640, 3)
    assert frames[0].time_s < 3.0
    assert (frames[-1].time_s - frames[0].time_s) / 29 == pytest.approx(0.2, abs=0.03)


def test_a_stream_that_is_not_there_is_said_in_one_line(home: Path, model_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 1, the address without any password, no traceback."""
    assert run(["analyze", "rtsp://me:secret@127.0.0.1:9/live", "--for", "5s"]) == 1
    err = capfd.readouterr().err
    assert "secret" not in err
    assert "rtsp://" in err
    assert len(err.strip().splitlines()) == 1
