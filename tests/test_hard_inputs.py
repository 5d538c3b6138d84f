"""Recordings whose clock, shape or content is not what it should be: each kind by a real file and by others of its kind."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import media
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext

from posture._support.catalogue import load as load_catalogue
from posture.capture.picture import Orientation
from posture.capture.stream import Streamed
from posture.capture.timing import Leap, MediaClock
from posture.capture.video_file import PickedPicture, VideoFacts, VideoFile, VideoSource
from posture.cli.app import run
from posture.errors import InputError
from posture.recordings import resume as resuming, sample_cache
from posture.recordings.job import Job
from posture.recordings.measuring import task_of
from posture.recordings.parts import cuts
from posture.settings import Settings

CASES = Path(__file__).parent / "cases"
JUMPS = "The recording's clock jumps at 4.0 s; the rest was treated as following without a gap."


class Pipe:
    """Bytes that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def by_name(path: Path, **how: Any) -> VideoSource:
    """As a file."""
    return VideoFile(path, 5.0, **how)


def piped(path: Path, **how: Any) -> VideoSource:
    """Through a pipe."""
    return Streamed("-", Pipe(path.read_bytes()), 5.0, **how)


BOTH = pytest.mark.parametrize("opened", [by_name, piped])


def read(source: VideoSource) -> tuple[list[PickedPicture], VideoFacts]:
    """All that is to be measured, and the facts at the end."""
    with source:
        found = list(source.picked())
        for p in found:
            image = p.image()
            assert image.shape[1::-1] == p.size
        return found, source.facts


def times(found: Sequence[PickedPicture]) -> list[float]:
    """Seconds."""
    return [p.time_s for p in found]


def glued(path: Path, *parts: Path) -> Path:
    """The files one behind the other."""
    path.write_bytes(b"".join(p.read_bytes() for p in parts))
    return path


def moving(path: Path, codec: str, options: dict[str, str] | None = None, count: int = 60, b_frames: int = 0) -> Path:
    """Ten pictures a second of a textured wall that moves by, so that each is built on the one before; a key picture every 2 s."""
    wall = np.kron(np.random.default_rng(1).integers(0, 255, (16, 40, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 128, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames, stream.options = 20, b_frames, options or {}
        for i in range(count):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wall[:, 2 * i : 2 * i + 160]), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


# --- the clock by itself


def test_a_steady_clock_is_left_alone() -> None:
    """Times are those of the file, and the end is that of the latest picture."""
    clock = MediaClock(0.2)
    given = [7.0, 7.2, 7.4, 7.5, 8.6]
    assert [clock.at(t, key=t == 7.0) for t in given] == given
    assert (clock.leaps, clock.mended) == ((), 0)
    assert clock.end_s == pytest.approx(8.8)
    assert clock.at(8.8, 3.0) == 8.8
    assert clock.end_s == pytest.approx(11.8)


@pytest.mark.parametrize("second", [0.0, -5.0, 10.4, 3600.0, 1e6])
def test_a_clock_that_jumps_goes_on(second: float) -> None:
    """Back or far ahead: what follows comes a step after what was latest."""
    clock = MediaClock(0.2)
    found = [clock.at(t, key=t in (10.0, second)) for t in (10.0, 10.2, 10.4, 10.6, 10.8, second, second + 0.2)]
    assert found == pytest.approx([10.0 + 0.2 * i for i in range(7)])
    assert clock.leaps == (Leap(pytest.approx(11.0), None),)


def test_a_picture_without_a_time_follows_the_one_before() -> None:
    """Also behind a jump."""
    clock = MediaClock(0.2)
    assert [clock.at(t) for t in (5.0, None, 5.4, 0.0, None, 0.4)] == pytest.approx([5.0, 5.2, 5.4, 5.6, 5.8, 6.0])


def test_one_mad_timestamp_costs_next_to_nothing() -> None:
    """A single leap there and back is mended twice; what follows is off by two steps at most."""
    clock = MediaClock(0.04)
    found = [clock.at(0.04 * i + (90000.0 if i == 50 else 0.0), key=i % 25 == 0) for i in range(100)]
    assert clock.mended == 2
    assert found[-1] == pytest.approx(99 * 0.04, abs=0.1)


@pytest.mark.parametrize(
    ("gap", "covered", "kept"), [(30, False, True), (600, True, True), (600, False, False), (10800, True, False), (91000, True, False)]
)
def test_which_gaps_are_believed(gap: float, covered: bool, kept: bool) -> None:
    """Up to a minute always; up to an hour where the announced length covers it, and then it is said; never hours."""
    clock = MediaClock(0.2, covered_s=gap + 10.0 if covered else -np.inf)
    clock.at(0.0)
    assert clock.at(float(gap)) == pytest.approx(gap if kept else 0.2)
    assert [x.gap_s is not None for x in clock.leaps] == ([] if gap <= 60 else [kept])


def test_slow_recordings_have_no_leaps() -> None:
    """One picture every two minutes is a rate like any other."""
    clock = MediaClock(120.0)
    assert [clock.at(120.0 * i) for i in range(5)] == [120.0 * i for i in range(5)]
    assert clock.mended == 0


def test_pictures_that_are_all_key_pictures_may_be_in_slight_disorder() -> None:
    """Jitter of a camera does not add up."""
    clock = MediaClock(0.1)
    assert [clock.at(t, key=True) for t in (1.1, 1.02, 1.2, 1.13, 1.3)] == [1.1, 1.02, 1.2, 1.13, 1.3]


# --- real files


@BOTH
@pytest.mark.parametrize(
    ("name", "count", "length_s", "fps", "notes"),
    [
        ("raw30_10s.h264", 50, 9.967, 30, ()),
        ("clock_back_8s.ts", 40, 8.0, 5, (JUMPS,)),
        ("glued_8s.mkv", 40, 8.0, 5, (JUMPS,)),
        ("sar_changes_16s.ts", 80, 16.0, 5, (JUMPS,)),
        ("size_changes_8s.ts", 40, 8.0, 5, (JUMPS,)),
        ("h264_bframes_10s.avi", 50, 10.0, 5, ()),
    ],
)
def test_real_files(opened: Callable[..., VideoSource], name: str, count: int, length_s: float, fps: float, notes: tuple[str, ...]) -> None:
    """The right length, a picture every 0.2 s without a gap, and a word where the clock was mended."""
    found, facts = read(opened(CASES / name))
    assert times(found) == pytest.approx([0.2 * i for i in range(count)], abs=1e-3)
    assert facts.duration_s == pytest.approx(length_s, abs=1e-3)
    assert facts.fps == pytest.approx(fps)
    assert (facts.notes, facts.problem, facts.truncated) == (notes, None, False)
    assert not any(p.damaged for p in found)


def test_a_start_behind_the_announced_end() -> None:
    """In a glued file --start counts from the true beginning, and one that is beyond the true end is refused."""
    whole, _ = read(by_name(CASES / "glued_8s.mkv"))
    part, _ = read(by_name(CASES / "glued_8s.mkv", start_s=6.0))
    assert times(part) == times(whole)[30:]
    assert all((a.image() == b.image()).all() for a, b in zip(part, whole[30:], strict=True))
    with pytest.raises(InputError, match=r"beyond its end at 8\.0 s"):
        read(by_name(CASES / "glued_8s.mkv", start_s=9.0))


# --- recordings without times


def raw(path: Path, fps: int, seconds: float, codec: str = "libx264", **how: Any) -> Path:
    """Coded pictures and nothing else, with their rate as far as the codec has a place for it."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.max_b_frames, stream.codec_context.gop_size = how.get("b_frames", 0), 24
        if "aspect" in how:
            stream.codec_context.sample_aspect_ratio = how["aspect"]
        if codec == "libx265":
            stream.options = {"x265-params": "log-level=none"}
        if codec == "libx264":
            stream.options = {"x264-params": "scenecut=0"}
        for i in range(round(fps * seconds)):
            frame = av.VideoFrame.from_ndarray(media.picture(i, 96, 64), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@BOTH
@pytest.mark.parametrize(("name", "codec"), [("v.h264", "libx264"), ("v.hevc", "libx265"), ("v.m2v", "mpeg2video")])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_rate_in_the_coded_pictures(tmp_path: Path, opened: Callable[..., VideoSource], name: str, codec: str, b_frames: int) -> None:
    """What the sequence header says is the clock; nothing is assumed, and all pictures are counted."""
    found, facts = read(opened(raw(tmp_path / name, 50, 3, codec, b_frames=b_frames)))
    assert facts.duration_s == pytest.approx(3.0, abs=0.05)
    assert (facts.fps, facts.notes) == (50.0, ())
    assert times(found) == pytest.approx([0.2 * i for i in range(15)], abs=0.021)
    assert [media.number_of(p.image()) for p in found] == pytest.approx([round(50 * t) % 55 for t in times(found)], abs=1)


@BOTH
def test_a_rate_that_nobody_says(tmp_path: Path, opened: Callable[..., VideoSource]) -> None:
    """It is assumed, and that is said; --fps sets it."""
    path = raw(tmp_path / "v.mjpeg", 10, 5, "mjpeg")
    _, facts = read(opened(path))
    assert facts.duration_s == pytest.approx(2.0)
    assert facts.notes == ("The recording has no timestamps; 25 frames a second were assumed (set it with --fps N).",)
    found, facts = read(opened(path, fps=10.0))
    assert (facts.duration_s, facts.fps, facts.notes) == (pytest.approx(5.0), 10.0, ())
    assert [media.number_of(p.image()) for p in found] == [2 * i for i in range(25)]
    part, _ = read(opened(path, fps=10.0, start_s=3.0, end_s=4.0))
    assert times(part) == pytest.approx([3.0, 3.2, 3.4, 3.6, 3.8])


def test_an_absurd_rate_is_none(tmp_path: Path) -> None:
    """A sequence header that counts ticks (90000) is not believed."""
    _, facts = read(by_name(media.write_video(tmp_path / "v.h264", media.every(25, 2))))
    assert (facts.duration_s, facts.fps, len(facts.notes)) == (pytest.approx(2.0), 25.0, 1)


def test_fps_is_for_recordings_without_times(tmp_path: Path) -> None:
    """Others keep their own times, and say so."""
    _, facts = read(by_name(media.write_video(tmp_path / "v.mp4", media.every(10, 3)), fps=30.0))
    assert facts.duration_s == pytest.approx(3.0)
    assert facts.notes == ("The recording has its own timestamps, so --fps was not used.",)


def test_digital_video(tmp_path: Path) -> None:
    """The rate of a DV file is that of its pictures, not of its clock."""
    with av.open(str(tmp_path / "v.dv"), "w") as out:
        stream: Any = out.add_stream("dvvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 720, 576, "yuv420p"
        for i in range(5):
            frame = av.VideoFrame.from_ndarray(media.picture(i, 720, 576), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with VideoFile(tmp_path / "v.dv") as source:
        assert source.facts.fps == 25.0
        list(source)
    assert source.facts.duration_s == pytest.approx(0.2)


# --- clocks that leap, in files


def late(folder: Path, ending: str, gap_s: float) -> Path:
    """Two seconds of pictures, a gap, two seconds of pictures."""
    return media.write_video(folder / f"v.{ending}", [*media.every(10, 2), *media.every(10, 2, start=2.0 + gap_s)], b_frames=2)


@BOTH
@pytest.mark.parametrize("ending", ["ts", "mkv", "mp4"])
def test_no_leap_becomes_hours(tmp_path: Path, opened: Callable[..., VideoSource], ending: str) -> None:
    """Three hours without pictures are a broken clock in every container, also where its length covers them."""
    if (ending, opened) == ("mp4", piped):
        pytest.skip("the index is at the end")
    found, facts = read(opened(late(tmp_path, ending, 10800.0)))
    assert facts.duration_s == pytest.approx(4.0, abs=0.01)
    assert times(found) == pytest.approx([0.2 * i for i in range(20)], abs=0.01)
    assert facts.fps == pytest.approx(10.0)
    assert facts.notes == (JUMPS.replace("4.0", "2.0"),)


@pytest.mark.parametrize(
    ("ending", "gap_s", "kept"), [("mkv", 30, 1), ("mp4", 30, 1), ("ts", 30, 1), ("mkv", 600, 1), ("mp4", 600, 1), ("ts", 600, 0)]
)
def test_true_gaps_stay(tmp_path: Path, ending: str, gap_s: float, kept: int) -> None:
    """A pause of half a minute stays one everywhere, one of ten minutes where the file's own length has it; that is said."""
    found, facts = read(by_name(late(tmp_path, ending, gap_s)))
    assert facts.duration_s == pytest.approx(4.0 + kept * gap_s, abs=0.01)
    assert times(found)[10] == pytest.approx(2.0 + kept * gap_s, abs=0.01)
    if gap_s > 60:
        said = f"The recording has no pictures from 2.0 s to {2.0 + gap_s:.1f} s." if kept else JUMPS.replace("4.0", "2.0")
        assert facts.notes == (said,)
    else:
        assert facts.notes == ()


def test_a_wrapped_counter(tmp_path: Path) -> None:
    """The 33 bits of MPEG-TS run over after 26.5 hours."""
    path = media.write_video(tmp_path / "v.ts", media.every(10, 6, start=2**33 / 90000 - 3))
    found, facts = read(by_name(path))
    assert facts.duration_s == pytest.approx(6.0, abs=0.01)
    assert len(found) == 30


def test_parts_end_where_times_are_no_longer_those_of_the_clock(tmp_path: Path) -> None:
    """No part begins behind a leap that is mended; a glued file is not cut at all."""
    pause = [*media.every(2, 40), *media.every(2, 40, start=40.0 + 5 * 3600.0)]
    path = media.write_video(tmp_path / "v.mp4", pause, key_every=4)
    with VideoFile(path) as source:
        found = cuts(path, source.facts, None, None, 10.0)
    assert all(c < 40.0 for c in found)
    both = glued(tmp_path / "w.mkv", *[media.write_video(tmp_path / "a.mkv", media.every(2, 40), key_every=4)] * 2)
    with VideoFile(both) as source:
        assert source.facts.duration_s is None
        assert cuts(both, source.facts, None, None, 10.0) == []


# --- glued files


@pytest.mark.parametrize(
    ("ending", "codec", "count"),
    [
        ("mkv", "libx264", 3),
        ("mp4", "libx264", 3),
        ("ts", "libx264", 3),
        ("flv", "libx264", 2),
        ("mpg", "mpeg2video", 2),
        ("ogg", "libvpx", 2),
    ],
)
def test_glued(tmp_path: Path, ending: str, codec: str, count: int) -> None:
    """All of the recordings are measured, one after the other; every moment can be started from."""
    path = tmp_path / f"one.{ending}"
    moving(path, codec, count=40, b_frames=2 if codec == "mpeg2video" else 0)
    one, facts = read(by_name(path))
    assert facts.duration_s == pytest.approx(4.0, abs=0.11)
    many = glued(tmp_path / f"many.{ending}", *[path] * count)
    found, facts = read(by_name(many))
    assert facts.duration_s == pytest.approx(4.0 * count, abs=0.25)
    assert np.diff(times(found)) == pytest.approx([0.2] * (len(found) - 1), abs=0.11)
    assert (facts.problem, facts.truncated) == (None, False)
    (said,) = facts.notes
    assert said.startswith("The recording's clock jumps at 4.")
    assert ("(the first of 2 times)" in said) == (count == 3)
    if ending != "mpg":  # its pictures do not come at whole fifths of a second
        assert all(np.abs(a.image().astype(int) - b.image()).max() == 0 for a, b in zip(found[-20:], one, strict=True))
    part, _ = read(by_name(many, start_s=4.0 * count - 1.0))
    assert times(part) == pytest.approx([t for t in times(found) if t >= 4.0 * count - 1.0])
    assert (part[-1].image() == found[-1].image()).all()


# --- shape and size that change


@BOTH
@pytest.mark.parametrize("ending", ["h264", "ts"])
def test_pixels_that_change_their_shape(tmp_path: Path, opened: Callable[..., VideoSource], ending: str) -> None:
    """Each picture is shown by its own pixels, from the first that has others on."""
    parts = [raw(tmp_path / f"{i}.{ending}", 5, 4, aspect=Fraction(a), b_frames=2) for i, a in enumerate((1, 2, 1))]
    found, _ = read(opened(glued(tmp_path / f"v.{ending}", *parts)))
    assert [p.size for p in found] == [(96, 64)] * 20 + [(192, 64)] * 20 + [(96, 64)] * 20


@BOTH
def test_pictures_that_are_turned_in_the_middle(tmp_path: Path, opened: Callable[..., VideoSource]) -> None:
    """A turn that the coded pictures announce holds from there until the next announcement or sequence."""
    with av.open(str(raw(tmp_path / "a.h264", 5, 4))) as plain, (tmp_path / "b.h264").open("wb") as out:
        turning = BitStreamFilterContext("h264_metadata=display_orientation=insert:rotate=90", plain.streams.video[0])
        for packet in plain.demux(video=0):
            for turned in turning.filter(packet if packet.size else None):
                out.write(bytes(turned))
    path = glued(tmp_path / "v.h264", tmp_path / "a.h264", tmp_path / "b.h264", tmp_path / "a.h264")
    found, _ = read(opened(path))
    assert [p.size for p in found] == [(96, 64)] * 20 + [(64, 96)] * 20 + [(96, 64)] * 20
    assert media.colour_at(found[30].image(), 0.2, 0.2) != "red"


def test_reading_orientations_keeps_no_pictures(tmp_path: Path) -> None:
    """With turned pictures, none but the newest is alive, even if Python never looks for cycles."""
    path = media.turn(media.write_video(tmp_path / "v.mp4", media.every(10, 10), (320, 240)), 0, 1, -1, 0)
    gc.unfreeze()  # or what an earlier test loaded is never looked through
    gc.collect()
    before = {id(x) for x in gc.get_objects() if isinstance(x, av.VideoFrame)}
    gc.disable()
    try:
        with VideoFile(path, 10.0, threads=1) as source:
            for p in source.picked():
                assert p.size == (240, 320)
            alive = [x for x in gc.get_objects() if isinstance(x, av.VideoFrame) and x.width == 320 and id(x) not in before]
    finally:
        gc.enable()
    assert len(alive) < 5


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_by_hand(tmp_path: Path, degrees: int) -> None:
    """--rotate comes on top of the file's own mark, and the facts say how it stands in all."""
    path = media.turn(media.write_video(tmp_path / "v.mp4", media.every(5, 1)), 0, 1, -1, 0)
    with VideoFile(path) as source:
        plain = next(iter(source)).image
    found, facts = read(by_name(path, rotate_deg=degrees))
    assert (found[0].image() == np.rot90(plain, -degrees // 90)).all()
    assert facts.rotation_deg == (90 + degrees) % 360
    assert (facts.width, facts.height) == found[0].size


@pytest.mark.parametrize("first", [0, 90, 180, 270])
@pytest.mark.parametrize("second", [0, 90, 180, 270])
def test_turns_add_up(first: int, second: int) -> None:
    """Quarter turns one after the other."""
    both = Orientation.turned(first).then(Orientation.turned(second))
    assert both == Orientation.turned((first + second) % 360)
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert (both.apply(image) == Orientation.turned(second).apply(Orientation.turned(first).apply(image))).all()


# --- decoding times alone


@BOTH
@pytest.mark.parametrize(("codec", "options"), [("libx264", {"preset": "fast"}), ("mpeg4", {})])
def test_avi_with_reordered_pictures(tmp_path: Path, opened: Callable[..., VideoSource], codec: str, options: dict[str, str]) -> None:
    """AVI says in which order pictures are decoded and not when they are shown: they still come one step apart."""
    path = moving(tmp_path / "v.avi", codec, options, b_frames=2)
    found, facts = read(opened(path))
    assert times(found) == pytest.approx([0.2 * i for i in range(30)])
    assert facts.duration_s == pytest.approx(6.0)
    if opened is by_name:
        part, _ = read(by_name(path, start_s=4.0))
        assert times(part) == pytest.approx([t for t in times(found) if t >= 4.0])
        assert all((a.image() == b.image()).all() for a, b in zip(part, found[20:], strict=True))


# --- damage


@BOTH
@pytest.mark.parametrize(
    ("name", "codec", "options", "b_frames"),
    [
        ("v.mp4", "libx264", {"preset": "fast", "movflags": "faststart"}, 2),
        ("v.h264", "libx264", {"preset": "fast"}, 2),
        ("v.ts", "libx264", {"preset": "fast"}, 2),
        ("v.ts", "mpeg2video", {}, 2),
        ("v.avi", "mpeg4", {}, 0),
    ],
)
def test_what_is_built_on_damage_is_marked(
    tmp_path: Path, opened: Callable[..., VideoSource], name: str, codec: str, options: dict[str, str], b_frames: int
) -> None:
    """From the damage to the next key picture all pictures are marked, and come all the same; none that is not marked is wrong."""
    path = moving(tmp_path / name, codec, options, b_frames=b_frames)
    whole = {round(p.time_s, 3): p.image().astype(int) for p in read(VideoFile(path, 10.0))[0]}
    path.write_bytes(_hit(path))
    with VideoFile(path, 10.0) if opened is by_name else Streamed("-", Pipe(path.read_bytes()), 10.0) as source:
        found = [(round(p.time_s, 3), p.damaged, p.image().astype(int)) for p in source.picked()]
    damaged = [t for t, torn, _ in found if torn]
    assert damaged
    assert damaged[0] > 1.5 and damaged[-1] < 4.0
    assert not any(torn for t, torn, _ in found if t >= 4.2)
    assert all(np.abs(whole[t] - image).mean() < 1.0 for t, torn, image in found if not torn)
    problem = source.facts.problem
    assert problem is not None and problem.startswith("damaged at ") and "\n" not in problem


def _hit(path: Path) -> bytes:
    """The content with noise over a picture of the third second that others are built upon."""
    with av.open(str(path)) as source:
        packets = [(p.pos, p.size) for p in source.demux(video=0) if p.size]
        kinds = source.format.name
    at, size = max(packets[24:30], key=lambda p: p[1])
    assert at is not None
    data = bytearray(path.read_bytes())
    begin, length = (at + 60, 100) if kinds == "mpegts" else (at + size // 3, size // 2)
    data[begin : begin + length] = np.random.default_rng(3).bytes(length)
    return bytes(data)


def test_frames_of_a_stream_can_be_told_apart_too(tmp_path: Path) -> None:
    """What is measured of a part that begins behind the damage knows nothing of it."""
    path = moving(tmp_path / "v.mp4", "libx264", {"preset": "fast", "movflags": "faststart"}, b_frames=2)
    path.write_bytes(_hit(path))
    found, facts = read(by_name(path, start_s=4.2))
    assert not any(p.damaged for p in found)
    assert facts.problem is None


# --- files that break off


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts", "flv"])
def test_a_file_that_breaks_off(tmp_path: Path, ending: str) -> None:
    """It is called so whatever its kind, and its length is what is there."""
    path = tmp_path / f"v.{ending}"
    media.write_video(path, media.every(10, 20), (160, 120), key_every=10, faststart=ending == "mp4", codec="libx264")
    _, facts = read(by_name(path))
    assert (facts.truncated, facts.problem) == (False, None)
    assert facts.duration_s == pytest.approx(20.0, abs=0.11)
    media.cut(path, 0.503)
    found, facts = read(by_name(path))
    assert facts.truncated
    assert facts.problem is not None and facts.problem.startswith("breaks off at ")
    assert 5.0 < found[-1].time_s < facts.duration_s < 15.0  # type: ignore[operator]
    assert facts.duration_s == pytest.approx(found[-1].time_s, abs=0.31)


@pytest.mark.parametrize(("fps", "ending"), [(5, "mp4"), (30, "mkv"), (25, "avi"), (12, "ts"), (30, "h264")])
def test_the_length_is_the_end_of_the_last_picture(tmp_path: Path, fps: int, ending: str) -> None:
    """Also where a sound track goes on."""
    sound_s = 6.0 if ending in ("mp4", "mkv", "ts") else 0.0
    path = media.write_video(tmp_path / f"v.{ending}", media.every(fps, 4), audio_s=sound_s)
    found, facts = read(by_name(path, fps=float(fps) if ending == "h264" else None))
    assert facts.duration_s == pytest.approx(4.0, abs=0.02)
    assert times(found)[-1] + 1 / fps <= facts.duration_s + 0.001  # type: ignore[operator]


# --- the options


def job(**changes: Any) -> Job:
    """An analysis."""
    return replace(Job(Settings(), CASES / "glued_8s.mkv", {}, load_catalogue()), **changes)


def test_the_options_reach_all_that_depends_on_them() -> None:
    """Tasks, surveys, kept landmarks and what --resume compares know both."""
    plain, turned, faster = job(), job(rotate_deg=90), job(fps=30.0)
    video = CASES / "raw30_10s.h264"
    assert (task_of(video, turned).rotate_deg, task_of(video, faster).fps) == (90, 30.0)
    assert len({sample_cache.key_of(task_of(video, j)) for j in (plain, turned, faster)}) == 3
    assert len({resuming.how(j) for j in (plain, turned, faster)}) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rotate", "45"], "45: expected 90, 180 or 270"),
        (["--rotate", "-90"], "-90: expected 90, 180 or 270"),
        (["--fps", "0"], "0: expected pictures per second"),
        (["--fps", "90000"], "90000: expected pictures per second"),
        (["--fps", "nan"], "expected pictures per second"),
    ],
)
def test_wrong_options_are_one_line(words: list[str], said: str, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what was expected."""
    assert run(["analyze", "x.mp4", *words]) == 2
    line = capfd.readouterr().err.strip()
    assert said in line
    assert "\n" not in line


def test_the_command_line(home: Path, one_process: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_file: Path) -> None:
    """Turned by hand, the size in the results is the turned one; results of the picture as it lay may be replaced."""
    monkeypatch.chdir(tmp_path)
    path = media.write_video(tmp_path / "v.mp4", media.every(5, 1))
    assert run(["analyze", str(path)]) == 0
    assert run(["analyze", str(path), "--rotate", "90", "--annotate"]) == 0
    summary = (tmp_path / "v.posture" / "summary.json").read_text(encoding="utf-8")
    assert '"width": 64' in summary and '"height": 96' in summary
    with av.open(str(tmp_path / "v.posture" / "annotated.mp4")) as drawn:
        assert drawn.streams.video[0].height >= 96


def test_pictures_gone_from_the_middle_of_an_avi(tmp_path: Path) -> None:
    """They shift what follows, which is said; the file does not break off, as its end is there."""
    path = moving(tmp_path / "a.avi", "mjpeg", count=150)
    data = bytearray(path.read_bytes())
    data[len(data) * 48 // 100 : len(data) * 54 // 100] = bytes(len(data) * 54 // 100 - len(data) * 48 // 100)
    path.write_bytes(data)
    found, facts = read(by_name(path))
    assert not facts.truncated
    assert any("missing from the middle" in note for note in facts.notes)
    assert len(found) > 0


def test_recordings_that_a_pipe_passes_over_are_told(tmp_path: Path) -> None:
    """Of three Matroska recordings one behind the other, libav reads two, and no more is claimed."""
    parts = [moving(tmp_path / f"{i}.mkv", "libx264") for i in range(3)]
    _, whole = read(piped(parts[0]))
    assert whole.notes == ()
    _, facts = read(piped(glued(tmp_path / "all.mkv", *parts)))
    read_count = round((facts.duration_s or 0.0) / 6.0)
    assert (read_count == 3) != any("Of 3 recordings" in note for note in facts.notes)


def test_a_cut_transport_stream_is_cut_by_name_and_by_pipe(tmp_path: Path) -> None:
    """The last packet is not whole."""
    path = moving(tmp_path / "a.ts", "libx264")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10 // 188 * 188 + 70])
    for opened in (by_name, piped):
        _, facts = read(opened(path))
        assert facts.truncated, opened
