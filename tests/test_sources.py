"""Every source keeps one contract; recordings give true times and upright pictures, or one plain line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import media
import numpy as np
import pytest
from hypothesis import given, strategies as st
from open_files import open_files

from posture.capture.picking import FramePicker
from posture.capture.video_file import VideoFacts, VideoFile
from posture.errors import InputError
from posture.types import Frame

ROOT = Path(__file__).parent.parent


def read(source: VideoFile) -> tuple[list[Frame], VideoFacts]:
    """All frames, and the facts once they are read."""
    with source:
        return list(source), source.facts


def times(frames: list[Frame]) -> list[float]:
    """Times rounded to the microsecond."""
    return [round(frame.time_s, 6) for frame in frames]


# --- the contract


@pytest.fixture
def source(tmp_path: Path) -> VideoFile:
    """Two seconds at five frames a second, not opened yet."""
    return VideoFile(media.write_video(tmp_path / "clip.mp4", media.every(10, 2)))


def test_contract_frames(source: VideoFile) -> None:
    """Times rise strictly from 0; images are contiguous (H, W, 3) uint8."""
    with source:
        frames = list(source)
        assert source.duration_s == pytest.approx(2.0)
        assert source.position_s >= frames[-1].time_s
    assert len(frames) == 10
    assert frames[0].time_s == 0
    assert all(a.time_s < b.time_s for a, b in pairwise(frames))
    assert all(f.image.dtype == np.uint8 and f.image.ndim == 3 and f.image.shape[2] == 3 and f.image.flags.c_contiguous for f in frames)


def test_contract_read_once_and_open(source: VideoFile) -> None:
    """A source is read inside its with block, and only once."""
    with pytest.raises(RuntimeError):
        iter(source)
    with source:
        iter(source)
        with pytest.raises(RuntimeError):
            iter(source)
    with pytest.raises(RuntimeError):
        iter(source)


def test_contract_closing_midway(source: VideoFile) -> None:
    """Leaving the with block in the middle ends the reading; closing again is harmless; frames handed out stay valid."""
    with source:
        frames = iter(source)
        first, second = next(frames), next(frames)
    assert list(frames) == []
    source.close()
    assert first.time_s < second.time_s and int(second.image.sum()) >= 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed under /proc")
def test_file_is_let_go(tmp_path: Path) -> None:
    """The file is closed on leaving the with block in the middle, and when opening fails."""

    def open_here() -> list[str]:
        return [name for name in open_files() if str(tmp_path) in name]

    with VideoFile(media.write_video(tmp_path / "a.mp4", media.every(10, 2))) as video:
        next(iter(video))
        assert open_here()
    with pytest.raises(InputError), VideoFile(tmp_path / "a.mp4", start_s=99):
        pass
    assert not open_here()


# --- which frames


@pytest.mark.parametrize(
    ("fps", "rate_hz", "expected"),
    [
        (1, 5, [0, 1, 2, 3]),
        (5, 5, [i / 5 for i in range(20)]),
        (10, 5, [i / 5 for i in range(20)]),
        (25, 5, [i / 5 for i in range(20)]),
        (30, 5, [i / 5 for i in range(20)]),
        (120, 5, [i / 5 for i in range(20)]),
        (30, 30, [i / 30 for i in range(120)]),
        (4.5, 5, [i / 4.5 for i in range(18)]),
    ],
)
def test_rate(tmp_path: Path, fps: float, rate_hz: float, expected: list[float]) -> None:
    """About rate_hz frames come per second of media time, at their true times; a slower recording gives all."""
    frames, facts = read(VideoFile(media.write_video(tmp_path / "v.mp4", media.every(fps, 4)), rate_hz))
    assert [f.time_s for f in frames] == pytest.approx(expected, abs=1e-4)
    assert facts.fps == pytest.approx(fps, rel=0.02)
    assert [media.number_of(f.image) for f in frames] == [round(t * fps) % 55 for t in expected]


def test_pictures_that_no_other_needs_may_stay_undecoded(tmp_path: Path) -> None:
    """With many more pictures than wanted the times stay true and close to the wanted ones."""
    path = media.write_video(tmp_path / "v.mp4", media.every(50, 6), b_frames=3, key_every=48)
    frames, facts = read(VideoFile(path, 5))
    assert [media.number_of(f.image) for f in frames] == [round(f.time_s * 50) % 55 for f in frames]
    assert 28 <= len(frames) <= 34
    assert float(np.abs(np.diff([f.time_s for f in frames]) - 0.2).max()) <= 0.1
    assert facts.problem is None


def test_too_few_needed_pictures_are_topped_up(tmp_path: Path) -> None:
    """Where leaving pictures out would leave too few, all are decoded."""
    path = media.write_video(tmp_path / "v.mp4", media.every(25, 6), b_frames=12, key_every=52)
    frames, _ = read(VideoFile(path, 5))
    assert 28 <= len(frames) <= 31
    assert float(np.diff([f.time_s for f in frames][3:]).max()) < 0.3


def test_variable_frame_rate(tmp_path: Path) -> None:
    """Times are the presentation times of the file, however uneven; gaps are not filled and no frame comes twice."""
    given_times = [0.0, 0.21, 0.4, 0.41, 0.42, 1.37, 1.38, 1.6, 4.9, 5.0, 5.2]
    for name in ("v.mp4", "v.mkv"):
        frames, facts = read(VideoFile(media.write_video(tmp_path / name, given_times)))
        assert [f.time_s for f in frames] == pytest.approx([0.0, 0.21, 0.4, 1.37, 1.6, 4.9, 5.0, 5.2], abs=2e-3)
        assert [media.number_of(f.image) for f in frames] == [0, 1, 2, 5, 7, 8, 9, 10]
        assert facts.problem is None


@given(
    gaps=st.lists(st.floats(0.001, 2.0), min_size=1, max_size=200),
    rate_hz=st.sampled_from([0.5, 1.0, 3.0, 5.0, 7.0, 30.0]),
    start_s=st.sampled_from([0.0, 0.3, 17.0]),
)
def test_picker_laws(gaps: list[float], rate_hz: float, start_s: float) -> None:
    """Never more than the rate; never two frames much closer than wanted; and of a recording slower than the rate, every frame."""
    at = start_s + np.concatenate([[0.0], np.cumsum(gaps)])
    picker = FramePicker(rate_hz, start_s)
    taken = [t for t in at if picker.wants(float(t))]
    assert taken[0] == at[0]
    assert len(taken) <= (taken[-1] - start_s) * rate_hz + 2
    assert all(b - a >= 0.25 / rate_hz - 1e-9 for a, b in pairwise(taken))
    if min(gaps) >= 1 / rate_hz:
        assert len(taken) == len(at)
    if max(gaps) <= 0.5 / rate_hz:
        assert all(b - a <= 1.75 / rate_hz for a, b in pairwise(taken))


# --- start and end, odd clocks


def test_start_and_end(tmp_path: Path) -> None:
    """--start and --end are media time, end excluded; a part picks the frames that the whole picks."""
    for name in ("v.mp4", "v.mkv", "v.avi", "v.ts"):
        path = media.write_video(tmp_path / name, media.every(20, 30), b_frames=0 if name == "v.avi" else 2, key_every=100)
        whole, _ = read(VideoFile(path))
        part, _ = read(VideoFile(path, start_s=12.0, end_s=20.0))
        assert times(part) == [t for t in times(whole) if 12.0 <= t < 20.0]
        assert [media.number_of(f.image) for f in part] == [round(f.time_s * 20) % 55 for f in part]


def test_parts_tile_the_whole(tmp_path: Path) -> None:
    """Parts laid end to end at wanted moments give every frame of the whole once."""
    path = media.write_video(tmp_path / "v.mp4", media.every(10, 12))
    whole, _ = read(VideoFile(path))
    parts = [read(VideoFile(path, start_s=a, end_s=b))[0] for a, b in ((None, 3.2), (3.2, 7.0), (7.0, None))]
    assert times([f for part in parts for f in part]) == times(whole)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.ts"])
def test_clock_that_does_not_start_at_zero(tmp_path: Path, name: str) -> None:
    """Time 0 is the first picture, wherever the container's clock starts."""
    path = media.write_video(tmp_path / name, media.every(10, 4, start=7.3))
    frames, facts = read(VideoFile(path))
    assert [f.time_s for f in frames] == pytest.approx([i / 5 for i in range(20)], abs=2e-3)
    assert facts.duration_s == pytest.approx(4.0, abs=0.2)
    part, _ = read(VideoFile(path, start_s=2.0))
    assert [f.time_s for f in part] == pytest.approx([i / 5 for i in range(10, 20)], abs=2e-3)


def test_edit_list(tmp_path: Path) -> None:
    """What an edit list cuts off the beginning is not shown, and time 0 is the first picture that is."""
    path = media.write_video(tmp_path / "v.mp4", media.every(10, 4), b_frames=2, key_every=100)
    frames, facts = read(VideoFile(media.trim_by_edit_list(path, 1.0)))
    assert frames[0].time_s == 0
    assert media.number_of(frames[0].image) == 10
    assert [media.number_of(f.image) for f in frames] == [10 + round(f.time_s * 10) for f in frames]
    assert facts.problem is None


def test_clock_that_starts_anew(tmp_path: Path) -> None:
    """Two recordings glued together are measured one after the other, with rising times."""
    first = media.write_video(tmp_path / "1.ts", media.every(10, 4)).read_bytes()
    second = media.write_video(tmp_path / "2.ts", media.every(10, 3)).read_bytes()
    (tmp_path / "v.ts").write_bytes(first + second)
    frames, _ = read(VideoFile(tmp_path / "v.ts"))
    assert len(frames) == pytest.approx(35, abs=2)
    assert frames[-1].time_s == pytest.approx(6.8, abs=0.3)


def test_length_unknown(tmp_path: Path) -> None:
    """A bare stream without a clock has no length until it was read; pictures are a step apart."""
    frames, facts = read(VideoFile(media.write_video(tmp_path / "v.h264", media.every(30, 3))))
    assert 14 <= len(frames) <= 19
    assert facts.duration_s is not None


# --- pictures


@pytest.mark.parametrize(
    ("matrix", "rotation_deg", "corners"),
    [
        ((1, 0, 0, 1), 0, ("red", "blue", "grey", "grey")),
        ((0, 1, -1, 0), 90, ("grey", "red", "grey", "blue")),
        ((-1, 0, 0, -1), 180, ("grey", "grey", "blue", "red")),
        ((0, -1, 1, 0), 270, ("blue", "grey", "red", "grey")),
        ((-1, 0, 0, 1), 0, ("blue", "red", "grey", "grey")),
    ],
    ids=["upright", "90", "180", "270", "mirrored"],
)
def test_rotation(tmp_path: Path, matrix: tuple[int, int, int, int], rotation_deg: int, corners: tuple[str, ...]) -> None:
    """A phone's rotation mark turns the picture upright; width and height are those that a player shows."""
    path = media.turn(media.write_video(tmp_path / "v.mp4", media.every(5, 1)), *matrix)
    frames, facts = read(VideoFile(path))
    image = frames[2].image
    assert tuple(media.colour_at(image, x, y) for y in (0.2, 0.8) for x in (0.2, 0.8)) == corners
    expected = (64, 96) if rotation_deg in (90, 270) else (96, 64)
    assert (facts.width, facts.height) == expected == (image.shape[1], image.shape[0])
    assert facts.rotation_deg == rotation_deg
    assert image.flags.c_contiguous


@pytest.mark.parametrize(("aspect", "size"), [(Fraction(64, 45), (137, 64)), (Fraction(1, 2), (96, 128)), (None, (96, 64))])
def test_square_pixels(tmp_path: Path, aspect: Fraction | None, size: tuple[int, int]) -> None:
    """Pixels that are not square are made so, without losing any."""
    frames, facts = read(VideoFile(media.write_video(tmp_path / "v.mp4", media.every(5, 1), pixel_aspect=aspect)))
    assert (facts.width, facts.height) == size == frames[0].image.shape[1::-1]


def test_turned_and_not_square(tmp_path: Path) -> None:
    """Pixels are made square before the picture is turned."""
    path = media.turn(media.write_video(tmp_path / "v.mp4", media.every(5, 1), pixel_aspect=Fraction(2)), 0, 1, -1, 0)
    frames, _ = read(VideoFile(path))
    assert frames[0].image.shape == (192, 64, 3)


def test_4k_is_scaled_down(tmp_path: Path) -> None:
    """A 4K picture comes with a longer side of 1280; the facts tell its own size."""
    path = media.write_video(tmp_path / "v.mp4", media.every(5, 0.6), (3840, 2160))
    frames, facts = read(VideoFile(path))
    assert [f.image.shape for f in frames] == [(720, 1280, 3)] * 3
    assert (facts.width, facts.height) == (3840, 2160)
    frames, _ = read(VideoFile(path, max_side=640, end_s=0.1))
    assert frames[0].image.shape == (360, 640, 3)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("v.mp4", "libx264", "yuv420p10le"),
        ("v.mp4", "libx264", "yuv444p"),
        ("v.mkv", "ffv1", "yuv422p10le"),
        ("v.mkv", "ffv1", "gray"),
        ("v.mkv", "ffv1", "bgra"),
        ("v.avi", "mjpeg", "yuvj420p"),
        ("v.mov", "mpeg4", "yuv420p"),
    ],
)
def test_pixel_formats(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    """Whatever the stored pixels are, 8-bit RGB comes out."""
    frames, _ = read(VideoFile(media.write_video(tmp_path / name, media.every(5, 1), codec=codec, pix_fmt=pix_fmt)))
    assert len(frames) == 5
    assert frames[0].image.dtype == np.uint8
    assert [media.number_of(f.image) for f in frames] == pytest.approx([0, 1, 2, 3, 4], abs=1)
    if pix_fmt != "gray":
        assert media.colour_at(frames[0].image, 0.2, 0.2) == "red"


def test_which_stream(tmp_path: Path) -> None:
    """Of several video streams the default one is measured; a cover picture is none of them."""
    frames, facts = read(VideoFile(media.write_video(tmp_path / "two.mkv", media.every(5, 1), second=(160, 120))))
    assert (facts.width, facts.height) == (96, 64)
    assert len(frames) == 5
    frames, facts = read(VideoFile(media.write_video(tmp_path / "cover.mp4", media.every(5, 1), cover=True)))
    assert (facts.width, facts.height) == (96, 64)
    assert len(frames) == 5


def test_facts(tmp_path: Path) -> None:
    """The facts are there before the first frame is read, and stay after the file is closed."""
    path = media.write_video(tmp_path / "v.mp4", media.every(10, 3), tags={"creation_time": "2024-05-06T07:08:09.000000Z"}, audio_s=3)
    with VideoFile(path) as video:
        facts = video.facts
        assert video.position_s == 0
    assert (facts.name, facts.codec, facts.frames, facts.problem, facts.truncated) == ("v.mp4", "h264", 30, None, False)
    assert facts.duration_s == pytest.approx(3.0)
    assert facts.created == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert video.facts == facts


# --- bad files: one plain line


def _no_such(folder: Path) -> Path:
    return folder / "v.mp4"


def _folder(folder: Path) -> Path:
    (folder / "v.mp4").mkdir()
    return folder / "v.mp4"


def _empty(folder: Path) -> Path:
    (folder / "v.mp4").touch()
    return folder / "v.mp4"


def _text(folder: Path) -> Path:
    (folder / "v.mp4").write_text("this is no video\n" * 50)
    return folder / "v.mp4"


def _drawn_text(folder: Path) -> Path:
    (folder / "v.txt").write_text("this is no video\n" * 50)
    return folder / "v.txt"


def _play_list(folder: Path) -> Path:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:5", "#EXTINF:5,", "http://127.0.0.1:9/part.ts", "#EXT-X-ENDLIST"]
    (folder / "v.m3u8").write_text("\n".join(lines))
    return folder / "v.m3u8"


def _no_index(folder: Path) -> Path:
    return media.cut(media.write_video(folder / "v.mp4", media.every(10, 20)))


def _audio_only(folder: Path) -> Path:
    return media.write_audio(folder / "v.mp4")


def _no_pictures(folder: Path) -> Path:
    return media.write_video(folder / "v.mp4", [])


def _no_pictures_avi(folder: Path) -> Path:
    return media.write_video(folder / "v.avi", [])


def _unknown_codec(folder: Path) -> Path:
    return media.unknown_codec(media.write_video(folder / "v.mp4", media.every(5, 1)))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_no_such, "no such file"),
        (_folder, "is a folder"),
        (_empty, "is empty"),
        (_text, "is not a video"),
        (_drawn_text, "is not a video"),
        (_play_list, "v.m3u8"),
        (_no_index, "cut short"),
        (_audio_only, "sound but no moving picture"),
        (_no_pictures, "no moving picture"),
        (_no_pictures_avi, "no pictures"),
        (_unknown_codec, "can't be decoded"),
    ],
)
def test_bad_file(tmp_path: Path, make: Callable[[Path], Path], says: str) -> None:
    """A file that cannot be measured gives one plain line with its name."""
    path = make(tmp_path)
    with pytest.raises(InputError) as caught, VideoFile(path):
        pass
    line = str(caught.value)
    assert says in line
    assert line.startswith(path.name)
    assert "\n" not in line and "Errno" not in line and str(tmp_path) not in line


def test_start_beyond_the_end(tmp_path: Path) -> None:
    """A start beyond the end is said in one line, also where the length is not known beforehand."""
    for name in ("v.mp4", "v.h264"):
        path = media.write_video(tmp_path / name, media.every(10, 2))
        with pytest.raises(InputError, match="beyond its end"), VideoFile(path, start_s=99) as video:
            list(video)


def test_nothing_between_start_and_end(tmp_path: Path) -> None:
    """A part so short that no picture falls into it has no frames, and that is no error."""
    frames, facts = read(VideoFile(media.write_video(tmp_path / "v.mp4", media.every(1, 8)), start_s=3.2, end_s=3.8))
    assert frames == []
    assert facts.problem is None


def test_end_before_start(tmp_path: Path) -> None:
    """An end that is not after the start is said in one line."""
    with pytest.raises(InputError, match="after the start"), VideoFile(tmp_path / "v.mp4", start_s=3, end_s=3):
        pass


@pytest.mark.parametrize(("name", "faststart"), [("v.mp4", True), ("v.mkv", False), ("v.avi", False)])
def test_truncated(tmp_path: Path, name: str, faststart: bool) -> None:
    """A file that breaks off is measured up to there, and the facts say so in one line."""
    audio_s = 0 if name == "v.avi" else 40
    path = media.write_video(tmp_path / name, media.every(10, 40), (320, 240), key_every=1, audio_s=audio_s, faststart=faststart)
    media.cut(path)
    frames, facts = read(VideoFile(path))
    assert facts.truncated
    assert facts.problem is not None and "breaks off" in facts.problem and "\n" not in facts.problem
    assert 5 < frames[-1].time_s < 35
    assert facts.duration_s == pytest.approx(frames[-1].time_s, abs=0.3)
    assert [media.number_of(f.image) for f in frames] == [round(f.time_s * 10) % 55 for f in frames]


def test_whole_file_is_not_called_truncated(tmp_path: Path) -> None:
    """A sound track that is longer or shorter than the pictures is no damage; nor is stopping at an end that was asked for."""
    for name in ("v.mp4", "v.mkv"):
        for audio_s in (2, 9):
            _, facts = read(VideoFile(media.write_video(tmp_path / name, media.every(10, 5), audio_s=audio_s)))
            assert (facts.truncated, facts.problem) == (False, None)
        _, facts = read(VideoFile(tmp_path / name, end_s=2.0))
        assert (facts.truncated, facts.problem) == (False, None)


def test_damaged_in_the_middle(tmp_path: Path) -> None:
    """Damage in the middle loses what cannot be decoded there and nothing else."""
    path = media.scribble(media.write_video(tmp_path / "v.mp4", media.every(10, 40), codec="mpeg4", faststart=True), length=3000)
    frames, facts = read(VideoFile(path))
    assert not facts.truncated
    assert frames[-1].time_s == pytest.approx(39.8)
    assert len(frames) > 150


def test_nothing_on_stderr(tmp_path: Path) -> None:
    """The decoder's own messages do not reach the user."""
    path = media.scribble(media.cut(media.write_video(tmp_path / "v.mp4", media.every(10, 40), faststart=True)), length=3000)
    program = f"from posture.capture.video_file import VideoFile\nwith VideoFile({str(path)!r}) as v: print(len(list(v)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr == ""
    assert int(done.stdout) > 20
