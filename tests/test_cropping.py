"""A part of the picture alone is measured: pixels or shares, of upright pictures however they are stored."""

from __future__ import annotations

from pathlib import Path

import av
import media
import numpy as np
import pytest

from posture.capture import Crop, VideoFile
from posture.capture.picture import Orientation, PictureMaker, Shape
from posture.cli.app import run
from posture.errors import InputError
from posture.recordings.parts import Task
from posture.recordings.sample_cache import key_of

TURNS = [Orientation.turned(deg).then(mirror) for deg in (0, 90, 180, 270) for mirror in (Orientation(), Orientation(-1, 0, 0, 1))]


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("crop", ["8,16,40,24", "25%,0,50%,50%", "0,0,20,20"])
def test_a_crop_is_cut_out_of_the_upright_picture(turn: Orientation, crop: str) -> None:
    """Whichever way it is stored, and whatever is read of it, it is that part of the whole."""
    pixels = np.random.default_rng(1).integers(0, 256, (96, 64, 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
    whole, cut, shape = PictureMaker(1280), PictureMaker(1280, crop=Crop.parse(crop)), Shape(None, turn)
    upright = whole.image(frame, shape)
    left, top, width, height = cut.kept(frame, shape) or (0, 0, 0, 0)
    wanted = upright[top : top + height, left : left + width]
    assert cut.size(frame, shape) == (width, height) == wanted.shape[1::-1]
    assert np.array_equal(cut.image(frame, shape), wanted)
    assert cut.image(frame, shape, 10).shape[:2] == pytest.approx([10 * n / max(width, height) for n in (height, width)], abs=1)
    grey = whole.grey(frame, shape, 10_000)[top : top + height, left : left + width]
    assert np.array_equal(cut.grey(frame, shape, 10_000), grey)
    assert np.array_equal(np.sort(cut.grid(frame, shape), axis=None), np.sort(grey, axis=None))  # so small that it has all pixels


def test_a_large_picture_is_scaled_by_what_is_kept_of_it() -> None:
    """The longest side counts of the part, so that nothing of it is lost to the rest."""
    frame = av.VideoFrame(4000, 2000, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    assert PictureMaker(1280, crop=Crop.parse("100,100,1000,600")).size(frame, Shape()) == (1000, 600)
    assert PictureMaker(1280, crop=Crop.parse("0,0,50%,100%")).size(frame, Shape()) == (1280, 1280)
    assert PictureMaker(1280, 90, Crop.parse("0,0,2000,1000")).image(frame, Shape(None, Orientation.turned(90))).shape == (640, 1280, 3)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "-1,0,9,9", "1.5,0,9,9", "nan,0,9,9", "0,0,0,9", "1%,0,9,9", "60%,0,50%,9%", "a,b,c,d"]
)
def test_what_names_no_part_is_refused(text: str) -> None:
    """One clear line, before anything is read."""
    with pytest.raises(ValueError, match=r"expected X,Y|more than 0|outside"):
        Crop.parse(text)
    assert run(["analyze", "x.mp4", f"--crop={text}"]) == 2


def test_a_part_outside_the_picture_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The recording's size is named; of what fits, the facts say which part it is of which whole."""
    clip = media.write_video(tmp_path / "v.mp4", media.every(5.0, 1.0))
    with pytest.raises(InputError, match=r"v\.mp4: the crop 90,0,10,10 reaches outside the picture, which is 96 . 64 pixels"):
        VideoFile(clip, crop=Crop.parse("90,0,10,10")).__enter__()
    with VideoFile(clip, rotate_deg=90, crop=Crop.parse("50%,0,50%,25%")) as source:
        facts, frame = source.facts, next(iter(source))
    assert (facts.width, facts.height, facts.crop_px) == (64, 96, (32, 0, 32, 24))
    assert frame.image.shape == (24, 32, 3)
    assert run(["analyze", str(clip), "--crop", "0,0,97,64"]) == 1
    assert "reaches outside the picture" in capfd.readouterr().err


def test_landmarks_of_a_part_are_kept_as_such(tmp_path: Path) -> None:
    """A cache tells parts of the picture apart, and finds those of the whole under their old name."""
    clip, model = tmp_path / "v", tmp_path / "m"
    for file in (clip, model):
        file.write_bytes(b"x")
    keys = {key_of(Task(clip, model, 5.0, crop=crop)) for crop in (None, Crop.parse("0,0,9,9"), Crop.parse("0,0,50%,9%"))}
    assert len(keys) == 3
