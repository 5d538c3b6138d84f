"""Cameras: fresh pictures in time, and every way in which a camera fails, on a real stream in real time."""

from __future__ import annotations

import errno
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from media import number_of, picture
from mjpeg import MjpegCamera, Mood
from numpy.typing import NDArray
from typer.testing import CliRunner

from posture.capture.camera import Camera, CameraInterrupted, CameraRestored, Event
from posture.capture.camera_list import CameraInfo, Target, find, list_cameras
from posture.capture.causes import ask_device, cause
from posture.cli.app import app
from posture.engine.image_quality import FROZEN_AFTER_S, FROZEN_EMPTY_AFTER_S, PLAIN, ImageQualityMonitor, brightness, grey_grid
from posture.errors import InputError
from posture.types import ByteArray, Frame, ImageQuality

FPS = 20.0
NUMBERS = 55  # media.picture counts modulo this


@pytest.fixture
def stream() -> Iterator[MjpegCamera]:
    """A camera of its own for every test, in real time, whose pictures tell their number."""
    with MjpegCamera([picture(i, 320, 240) for i in range(NUMBERS)], FPS) as camera:
        yield camera


def until(camera: Camera, wanted: Callable[[Event], bool], within_s: float) -> tuple[list[Event], float]:
    """Read until an event is `wanted`; all events, and the seconds it took. Fails if it takes longer than `within_s`."""
    began_s = time.monotonic()
    events: list[Event] = []
    while (left_s := began_s + within_s - time.monotonic()) > 0:
        event = camera.poll(left_s)
        if event is not None:
            events.append(event)
            if wanted(event):
                return events, time.monotonic() - began_s
    raise AssertionError(f"not within {within_s} s; there were {[type(e).__name__ for e in events]}")


def is_frame(event: Event) -> bool:
    """A picture."""
    return isinstance(event, Frame)


def is_lost(event: Event) -> bool:
    """The camera is said to be lost."""
    return isinstance(event, CameraInterrupted)


def frame_of(camera: Camera, within_s: float = 5.0) -> Frame:
    """The next picture."""
    event = until(camera, is_frame, within_s)[0][-1]
    assert isinstance(event, Frame)
    return event


def behind(stream: MjpegCamera, frame: Frame) -> int:
    """How many pictures the camera has shown since this one."""
    return (stream.now - number_of(frame.image)) % NUMBERS


def test_frames_come_in_time_at_the_rate_that_is_wanted(stream: MjpegCamera) -> None:
    """Times are seconds since the start and rise; pictures are RGB, contiguous; the rate can be changed while reading."""
    with Camera(stream.url, rate_hz=5) as camera:
        slow = [frame_of(camera) for _ in range(6)]
        camera.want(20)
        frame_of(camera)
        fast = [frame_of(camera) for _ in range(21)]
    times = [f.time_s for f in slow + fast]
    assert all(a < b for a, b in itertools.pairwise(times))
    assert times[0] < 2
    slow_s, fast_s = (slow[-1].time_s - slow[1].time_s) / 4, (fast[-1].time_s - fast[0].time_s) / 20
    assert slow_s > 0.16  # never more often than wanted; a busy machine may be late
    assert 0.035 < fast_s < 0.75 * slow_s
    image = slow[0].image
    assert image.shape == (240, 320, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image[10, 10, 0] > 150
    assert image[10, 10, 2] < 80


def test_a_slow_reader_gets_what_the_camera_shows_now(stream: MjpegCamera) -> None:
    """However long the reader was away, the next picture is of now, not the next one of a queue."""
    with Camera(stream.url, rate_hz=10) as camera:
        frame_of(camera)
        for _ in range(3):
            time.sleep(1.1)
            assert behind(stream, frame_of(camera)) <= 3


def test_a_killed_camera_is_lost_and_comes_back(stream: MjpegCamera) -> None:
    """Lost is said once, within 5 s; the camera is back by itself within 5 s of its return, before its first picture."""
    with Camera(stream.url) as camera:
        last = frame_of(camera)
        stream.kill()
        events, took_s = until(camera, is_lost, 5)
        lost = events[-1]
        assert isinstance(lost, CameraInterrupted)
        assert took_s < 5
        assert last.time_s <= lost.since_s < lost.time_s
        assert "127.0.0.1" in lost.why
        assert camera.lost
        assert camera.poll(2.0) is None
        stream.start()
        events, took_s = until(camera, is_frame, 5)
        assert [type(e) for e in events] == [CameraRestored, Frame]
        assert events[0].time_s == events[1].time_s > lost.time_s
        assert not camera.lost


def test_a_hiccup_is_healed_without_a_word(stream: MjpegCamera) -> None:
    """A connection that breaks and is there again a moment later gives pictures again, and nothing is said."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        stream.kill()
        stream.start()
        events, _ = until(camera, lambda _: stream.connections > 1, 4)
        assert {type(e) for e in events} == {Frame}


def test_a_camera_that_is_not_there_is_said_at_once() -> None:
    """At the start, a plain no needs no patience."""
    with Camera("http://user:secret@127.0.0.1:9/stream") as camera:
        events, _ = until(camera, is_lost, 2)
        assert isinstance(events[-1], CameraInterrupted)
        said = "nothing answers there: check the address and the port, and that its server runs"
        assert events[-1].why == f"http://127.0.0.1:9/stream: cannot be opened ({said})"


def test_a_hanging_open_is_given_up_and_tried_anew(stream: MjpegCamera) -> None:
    """A camera that takes the call and never answers is lost within 5 s, and back within 5 s of its return; closing does not hang."""
    stream.mood = Mood.MUTE
    with Camera(stream.url) as camera:
        events, _ = until(camera, is_lost, 5)
        assert [type(e) for e in events] == [CameraInterrupted]
        stream.mood = Mood.PLAY  # for whoever calls anew: what hangs goes on hanging
        events, _ = until(camera, is_frame, 5)
        assert [type(e) for e in events] == [CameraRestored, Frame]


def test_a_hanging_read_is_given_up_and_tried_anew(stream: MjpegCamera) -> None:
    """A connection that stays and gives nothing is lost within 5 s, and what comes after it is fresh."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        stream.mood = Mood.HANG
        events, _ = until(camera, is_lost, 5)
        lost = events[-1]
        assert isinstance(lost, CameraInterrupted)
        assert "127.0.0.1" in lost.why
        stream.mood = Mood.PLAY
        events, _ = until(camera, is_frame, 5)
        assert [type(e) for e in events] == [CameraRestored, Frame]
        assert behind(stream, frame_of(camera)) <= 3


@pytest.mark.parametrize("mood", [Mood.MUTE, Mood.HANG])
def test_closing_during_a_hang_returns_at_once(stream: MjpegCamera, mood: Mood) -> None:
    """Another thread's close ends the reading within a second, though the driver hangs in opening or in reading."""
    stream.mood = mood
    with Camera(stream.url) as camera:
        threading.Timer(0.5, camera.close).start()
        began_s = time.monotonic()
        assert list(camera) == []
        camera.close()
        assert time.monotonic() - began_s < 0.5 + 1


def test_closing_lets_go_of_a_healthy_camera(stream: MjpegCamera) -> None:
    """After a close nothing is held open, so that another program can have the camera; reading ends, and a new Camera goes on."""
    with Camera(stream.url) as camera:
        frame_of(camera)
        assert not camera.let_go
    assert camera.let_go
    assert list(camera) == []
    with Camera(stream.url, start_s=time.monotonic() - 100) as again:
        assert frame_of(again).time_s == pytest.approx(100, abs=3)


class Fake:
    """A camera without a driver: its pictures, its gaps and its hangs as the test says."""

    def __init__(self, target: Target, images: Iterator[ByteArray | None] | None = None) -> None:
        self.target = target
        self._images = images or itertools.repeat(np.full((8, 8, 3), 99, np.uint8))
        self.released = False

    def grab(self) -> bool:
        time.sleep(0.02)
        return True

    def picture(self) -> ByteArray | None:
        return next(self._images)

    def release(self) -> None:
        self.released = True


def test_pictures_that_cannot_be_decoded_are_no_pictures() -> None:
    """A camera whose driver says yes but whose every picture is damaged is lost."""
    with Camera("rtsp://x/", open_capture=lambda target: Fake(target, itertools.repeat(None)), lost_after_s=1) as camera:
        assert [type(e) for e in until(camera, is_lost, 3)[0]] == [CameraInterrupted]


def test_another_camera_is_never_taken_for_the_lost_one() -> None:
    """Camera 0 is unplugged and another one becomes number 0: it is not opened; the first one is found again under a new number."""
    desk = CameraInfo(0, "Desk", "/dev/v4l/by-id/desk", "/dev/video0")
    door = CameraInfo(0, "Door", "/dev/v4l/by-id/door", "/dev/video0")
    there, opened = [desk], []

    def opening(target: Target) -> Fake:
        opened.append(Fake(target))
        return opened[-1]

    with Camera("0", open_capture=opening, cameras=lambda: list(there), lost_after_s=0.5) as camera:
        frame_of(camera)
        assert camera.known == desk
        there[:] = [door]
        camera.reopen()
        lost = until(camera, is_lost, 2)[0][-1]
        assert isinstance(lost, CameraInterrupted)
        assert lost.why == "Desk: not connected"
        there.append(CameraInfo(2, "Desk", "/dev/v4l/by-id/desk", "/dev/video2"))
        until(camera, is_frame, 5)
    assert [fake.target.source for fake in opened] == ["/dev/video0", "/dev/video2"]
    assert all(fake.released for fake in opened)


def test_a_camera_that_changes_place_while_it_is_opened_is_let_go() -> None:
    """Between finding and opening, another camera may get the device's number."""
    desk, door = (CameraInfo(0, name, f"/dev/v4l/by-id/{name}", "/dev/video0") for name in ("desk", "door"))
    listings = iter([[desk], [door]])
    opened: list[Fake] = []

    def opening(target: Target) -> Fake:
        opened.append(Fake(target))
        return opened[-1]

    with Camera("desk", open_capture=opening, cameras=lambda: next(listings, [door])) as camera:
        until(camera, is_lost, 2)
    assert [fake.released for fake in opened] == [True]


def test_threads_that_hang_for_ever_do_not_pile_up() -> None:
    """A driver that never answers holds a few threads, not one for every try of a day."""
    wake = threading.Event()
    clock = itertools.count(0.0, 1.0)

    def hang(target: Target) -> Fake:
        wake.wait()
        raise InputError("woken")

    before = threading.active_count()
    with Camera("rtsp://x/", clock=lambda: next(clock), open_capture=hang) as camera:
        for _ in range(200):
            camera.poll(0.01)
        assert threading.active_count() - before <= 12
        wake.set()


def test_a_nameless_camera_and_a_rate_of_nothing_are_refused() -> None:
    """Mistakes are said where they are made."""
    with pytest.raises(InputError, match="posture cameras"), Camera("  "):
        pass
    with pytest.raises(ValueError, match="above 0"):
        Camera("0", rate_hz=0)


def noise(seed: int, level: int = 120) -> NDArray[np.uint8]:
    """A lively picture."""
    return np.random.default_rng(seed).integers(level // 2, level, (120, 160, 3), dtype=np.uint8)


def assessed(times: Iterable[float], shown: Callable[[int], ByteArray], *, person: bool = True) -> list[ImageQuality]:
    """What is made of pictures at these times, given their number."""
    monitor = ImageQualityMonitor()
    return [monitor.assess(float(t), grey_grid(shown(i)), person=person) for i, t in enumerate(times)]


def test_quality_is_told_from_brightness_contrast_and_change() -> None:
    """A lively picture is fine; black is dark; one flat grey is covered; both come before frozen."""
    black, grey = np.zeros((120, 160, 3), np.uint8), np.full((120, 160, 3), 90, np.uint8)
    assert grey_grid(noise(1)).shape == (60, 80)
    assert brightness(grey_grid(black)) == 0
    assert grey_grid(grey).std() == 0
    assert brightness(grey_grid(noise(1))) > grey_grid(noise(1)).std() > PLAIN
    times = np.arange(0.0, 60.0, 0.5)
    assert set(assessed(times, noise)) == {ImageQuality.OK}
    assert set(assessed(times, lambda _: black)) == {ImageQuality.TOO_DARK}
    assert set(assessed(times, lambda _: grey)) == {ImageQuality.COVERED}


@pytest.mark.parametrize(("person", "after_s"), [(True, FROZEN_AFTER_S), (False, FROZEN_EMPTY_AFTER_S)])
def test_the_same_picture_again_and_again_is_frozen(person: bool, after_s: float) -> None:
    """After 5 s with somebody in it, after 30 s without; the next picture that differs is fine, and so is the first after a reset."""
    times = np.arange(0.0, 2.0 * after_s, 0.5)
    assert assessed(times, lambda _: noise(1), person=person) == [ImageQuality.FROZEN if t >= after_s else ImageQuality.OK for t in times]
    assert assessed([*times, 99.0], lambda i: noise(1 if i < len(times) else 2), person=person)[-1] is ImageQuality.OK
    monitor = ImageQualityMonitor()
    for t in times:
        monitor.assess(float(t), grey_grid(noise(1)), person=person)
    monitor.reset()
    assert monitor.assess(99.0, grey_grid(noise(1)), person=person) is ImageQuality.OK


def test_what_an_encoder_adds_to_a_frozen_picture_does_not_hide_it() -> None:
    """A key picture every 2 s changes many pixels by a little, the others hardly any; an empty room may keep still like that."""
    rng = np.random.default_rng(7)
    still = noise(1)

    def encoded(number: int) -> ByteArray:
        return np.clip(still + rng.integers(-2, 3, still.shape), 0, 255).astype(np.uint8) if number % 10 == 0 else shown[-1]

    shown = [still]
    for i in range(100):
        shown.append(encoded(i))
    times = np.arange(100) * 0.2
    assert assessed(times, lambda i: shown[i + 1])[-1] is ImageQuality.FROZEN
    assert set(assessed(times, lambda i: shown[i + 1], person=False)) == {ImageQuality.OK}


def test_somebody_who_moves_now_and_then_is_not_frozen() -> None:
    """A hand every four seconds, in pictures that are otherwise the same byte for byte."""

    def waving(number: int) -> ByteArray:
        image = noise(1)
        image[40:56, 20 * (number // 20 % 5) : 20 * (number // 20 % 5) + 16] = 230
        return image

    assert set(assessed(np.arange(300) * 0.2, waving)) == {ImageQuality.OK}


def test_black_and_frozen_pictures_of_a_living_camera_are_recognised(stream: MjpegCamera) -> None:
    """A camera that says that all is well, and gives black or always the same picture, is not lost; its pictures tell."""
    monitor = ImageQualityMonitor()

    def quality(frame: Frame) -> ImageQuality:
        return monitor.assess(frame.time_s, grey_grid(frame.image), person=True)

    with Camera(stream.url, rate_hz=4) as camera:
        assert quality(frame_of(camera)) is ImageQuality.OK
        stream.mood = Mood.BLACK
        assert ImageQuality.TOO_DARK in {quality(frame_of(camera)) for _ in range(4)}
        stream.mood = Mood.FROZEN
        events, _ = until(camera, lambda e: isinstance(e, Frame) and quality(e) is ImageQuality.FROZEN, FROZEN_AFTER_S + 3)
        assert all(is_frame(e) for e in events)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with a camera that has a metadata node, and two twins without a serial number."""
    for number, name, index in ((0, "Integrated Webcam", 0), (1, "Integrated Webcam", 1), (2, "Twin", 0), (10, "Twin", 0)):
        node = tmp_path / "sys" / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(f"{name}\n")
        (node / "index").write_text(f"{index}\n")
        (tmp_path / "dev" / "v4l" / "by-id").mkdir(parents=True, exist_ok=True)
        (tmp_path / "dev" / "v4l" / "by-path").mkdir(parents=True, exist_ok=True)
        (tmp_path / "dev" / f"video{number}").touch()
        (tmp_path / "dev" / "v4l" / "by-path" / f"usb-{number}").symlink_to(f"../../video{number}")
    (tmp_path / "dev" / "v4l" / "by-id" / "usb-integrated").symlink_to("../../video0")
    (tmp_path / "dev" / "v4l" / "by-id" / "usb-twin").symlink_to("../../video10")
    return tmp_path


def listed(machine: Path) -> list[CameraInfo]:
    """Its cameras."""
    return list_cameras("linux", machine / "sys", machine / "dev")


def test_cameras_are_listed_by_name_and_stable_path(machine: Path, tmp_path: Path) -> None:
    """Metadata nodes are left out; a camera alone of its make is known by its id, twins by their sockets; no camera is no error."""
    cameras = listed(machine)
    assert [(c.index, c.name, Path(c.path or "").name) for c in cameras] == [
        (0, "Integrated Webcam", "usb-integrated"),
        (2, "Twin", "usb-2"),
        (10, "Twin", "usb-10"),
    ]
    assert list_cameras("linux", tmp_path / "none", tmp_path / "none") == []


def test_an_address_means_one_camera(machine: Path) -> None:
    """Index, path, stable path, and name or a part of it find the camera; what fits two or none is said."""
    cameras = listed(machine)
    dev = machine / "dev"
    for address in ("0", "integrated", "Integrated Webcam", str(dev / "video0"), str(dev / "v4l" / "by-path" / "usb-0")):
        assert find(address, cameras).source == str(dev / "video0")
    assert find("rtsp://me:pass@host/live", cameras) == Target("rtsp://me:pass@host/live", "rtsp://host/live", stream=True)
    for address, words in (
        ("twin", "2 such cameras.*usb-2, .*usb-10"),
        ("Door", "not connected; there are 0 Integrated"),
        ("7", "not conn"),
    ):
        with pytest.raises(InputError, match=words):
            find(address, cameras)
    assert find("3", []).source == 3


def test_a_known_camera_is_found_by_its_path_alone(machine: Path) -> None:
    """Whatever the address means today, the camera that was meant before is found, or it is not there."""
    cameras = listed(machine)
    twin = cameras[2]
    assert find("2", cameras, twin).source == str(machine / "dev" / "video10")
    with pytest.raises(InputError, match="Twin: not connected"):
        find("2", cameras[:2], twin)
    nameless = CameraInfo(4, "Twin")
    with pytest.raises(InputError, match="2 cameras of this name"):
        find("4", cameras, nameless)


def test_the_command_lists_cameras() -> None:
    """``posture cameras`` prints words, and with --json a list for programs, on a machine with or without cameras."""
    told = CliRunner().invoke(app, ["cameras"])
    assert told.exit_code == 0, told.output
    assert "camera" in told.output.lower() or "Name" in told.output
    data = json.loads(CliRunner().invoke(app, ["cameras", "--json"]).output)
    assert len(data) == len(list_cameras())


def refuses(number: int) -> Callable[[Path], None]:
    """A device that refuses with that error."""

    def ask(node: Path) -> None:
        raise OSError(number, os.strerror(number), str(node))

    return ask


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "not allowed to use it: add yourself to the group 'video'"),
        (errno.EPERM, "not allowed to use it"),
        (errno.EBUSY, "another program is using it"),
        (errno.ENODEV, "not connected"),
        (errno.ENOENT, "not connected"),
        (errno.EINVAL, "gives no picture"),
    ],
)
def test_each_cause_has_its_own_words(tmp_path: Path, number: int, words: str) -> None:
    """Not allowed, in use, gone, and there without a picture are four things, and each has a way out."""
    (tmp_path / "video0").touch()
    for source in (0, str(tmp_path / "video0")):
        assert words in cause(Target(source, "HD Webcam"), platform="linux", dev=tmp_path, ask=refuses(number))


def test_without_any_camera_none_is_said_to_be_in_use(tmp_path: Path) -> None:
    """Nothing that is not there can be used by another program; a device that answers and was not opened gives no picture."""
    asked: list[Path] = []
    said = cause(Target(0, "camera 0"), platform="linux", dev=tmp_path, ask=asked.append)
    assert said.startswith("no camera was found") and "another program" not in said and not asked
    (tmp_path / "video0").touch()
    assert "gives no picture" in cause(Target(0, "camera 0"), platform="linux", dev=tmp_path, ask=asked.append)
    assert asked == [tmp_path / "video0"]


@pytest.mark.skipif(sys.platform != "linux", reason="device files are of Linux")
def test_the_device_itself_is_asked(tmp_path: Path) -> None:
    """A file that is none, and one that is no camera, are refused by the system."""
    with pytest.raises(FileNotFoundError):
        ask_device(tmp_path / "video0")
    (tmp_path / "video0").touch()
    with pytest.raises(OSError, match="ioctl"):
        ask_device(tmp_path / "video0")


@pytest.mark.skipif(sys.platform != "linux" or any(Path("/dev").glob("video*")), reason="there is a camera")
def test_the_first_camera_where_there_is_none() -> None:
    """As ``posture watch`` finds it on a machine without any."""
    with Camera("0") as camera:
        events, _ = until(camera, is_lost, 10)
    assert isinstance(events[-1], CameraInterrupted)
    assert events[-1].why == "camera 0: no camera was found: plug one in, or name the address of a stream"
