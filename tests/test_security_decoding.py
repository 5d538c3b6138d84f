"""A recording is decoded by a process that can die without harm."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import media
import pytest
from fuzz.reading import Reader

from posture.capture.opening import MOST_PIXELS
from posture.capture.trial import try_opening
from posture.capture.video_file import VideoFile
from posture.errors import InputError

LIMIT_MB = 400.0
"""With all libraries; a sound small video needs about 90."""


# --- trying a file in another process


def fake_python(folder: Path, body: str) -> list[str]:
    """A program that stands where Python would, and does this to the process."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o700)
    return [str(program)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import sys; sys.exit(3)", "ended with an error (3)"),
        ("import time; time.sleep(60)", "took more than"),
    ],
)
def test_a_file_that_kills_who_reads_it_is_said_in_one_line(tmp_path: Path, body: str, said: str) -> None:
    """A crash in native code, an end for want of memory, a hang: an InputError that names the file."""
    video = media.write_video(tmp_path / "v.mp4", media.every(5, 1))
    with pytest.raises(InputError) as caught:
        try_opening(video, within_s=2.0, command=lambda _module: fake_python(tmp_path, body))
    assert said in str(caught.value) and "v.mp4" in str(caught.value) and "\n" not in str(caught.value)


def test_a_sound_file_and_one_that_is_refused_in_words_survive_the_trial(tmp_path: Path) -> None:
    """What is wrong in words is told by who opens the file next."""
    try_opening(media.write_video(tmp_path / "v.mp4", media.every(5, 1)), whole=True)
    (tmp_path / "t.mp4").write_text("no video")
    try_opening(tmp_path / "t.mp4")


# --- absurd sizes


def large_vp8(path: Path, width: int, height: int) -> Path:
    """A small WebM file whose pictures say that they are large."""
    data = bytearray(media.write_video(path, media.every(10, 1), codec="libvpx").read_bytes())
    at = data.find(b"\x9d\x01\x2a")
    while at >= 0:
        data[at + 3 : at + 7] = struct.pack("<HH", width, height)
        at = data.find(b"\x9d\x01\x2a", at + 4)
    path.write_bytes(data)
    return path


def test_pictures_that_are_too_large_are_refused_before_there_is_room_for_them(tmp_path: Path) -> None:
    """12,000 x 12,000 pixels in every picture, of which the container says nothing: no memory is taken for them."""
    side = 12_000
    assert side * side > MOST_PIXELS
    with Reader(20.0) as reader:
        sound = reader.read(media.write_video(tmp_path / "s.webm", media.every(10, 1), codec="libvpx"))
        large = reader.read(large_vp8(tmp_path / "l.webm", side, side))
    assert (sound.outcome, large.outcome) == ("read", "refused")
    assert large.mb - sound.mb < 60


@pytest.mark.parametrize("size", [(20_000, 20), (16_000, 16_000)])
def test_a_header_with_absurd_dimensions_is_refused_in_words(tmp_path: Path, size: tuple[int, int]) -> None:
    """The container says it: the sizes stand in the message."""
    path = media.write_video(tmp_path / "v.avi", media.every(10, 1), codec="ffv1")
    data = bytearray(path.read_bytes())
    struct.pack_into("<ii", data, data.find(b"strf") + 12, *size)
    path.write_bytes(bytes(data))
    with Reader(20.0) as reader:
        result = reader.read(path)
    assert result.outcome == "refused"
    assert f"{size[0]} x {size[1]} pixels" in result.words
    assert result.mb < LIMIT_MB


def test_a_play_list_is_refused_before_libav_sees_it(tmp_path: Path) -> None:
    """Play lists make libav open what they name, local devices included."""
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    lists = {
        "a.mp4": f"ffconcat version 1.0\nfile {fifo}\n",
        "b.mkv": f"#EXTM3U\n#EXTINF:5,\n{fifo}\n",
        "c.avi": f'<?xml version="1.0"?>\n<MPD><BaseURL>{fifo}</BaseURL></MPD>',
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match="is a playlist"), VideoFile(tmp_path / name):
            pass


# --- rates and times


def test_a_header_that_announces_centuries_is_read_in_seconds(tmp_path: Path) -> None:
    """An AVI with one picture in five years: no search for its parts that takes as long."""
    path = media.write_video(tmp_path / "v.avi", media.every(10, 2), codec="mjpeg", pix_fmt="yuvj420p")
    data = bytearray(path.read_bytes())
    at = data.find(b"strh") + 8 + 20
    struct.pack_into("<II", data, at, 0x0FFFFFFF, 1)  # scale and rate
    path.write_bytes(bytes(data))
    with VideoFile(path) as video:
        assert (video.facts.duration_s or 0) > 1e9
    with Reader(20.0) as reader:
        result = reader.read(path)
    assert result.good and result.seconds < 10, result
