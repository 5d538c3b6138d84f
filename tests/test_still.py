"""Stretches in which nothing moves are not decoded, whoever encoded them; where anything moves, all is as without."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import media
import numpy as np
import pytest
from finders import StandIn
from numpy.typing import NDArray

from posture.capture.decoder import Decoder
from posture.capture.still import PacketSizes
from posture.capture.video_file import VideoFile
from posture.engine.sampling import RECORDED
from posture.pose.sampler import FramePicture, PoseSampler
from posture.types import Detection, FoundPose, Frame

WIDTH, HEIGHT, FPS, KEY_S = 192, 144, 30, 2
RNG = np.random.default_rng(1)
NOISE = [RNG.normal(0.0, 2.0, (HEIGHT, WIDTH)) for _ in range(23)]
CLOTH = np.kron(RNG.normal(0.0, 25.0, (HEIGHT // 4, WIDTH // 4)), np.ones((4, 4)))
X264 = {"preset": "veryfast", "crf": "23", "sc_threshold": "0", "bf": "0"}


def picture(down: int, number: int, light: float = 0.0) -> NDArray[np.uint8]:
    """(H, W) grey: a bright head and trunk before a darker room, `down` pixels lower than usual, with a sensor's noise."""
    grey = np.full((HEIGHT, WIDTH), 90.0) + np.linspace(0.0, 40.0, WIDTH)
    body = np.full((HEIGHT, WIDTH), np.nan)
    body[40:70, 80:110], body[70:, 60:130] = 200.0, 160.0
    body = np.roll(body + CLOTH, down, axis=0)
    noise = np.roll(NOISE[number % len(NOISE)], 11 * number, axis=1)
    return np.clip(np.where(np.isnan(body), grey, body) + light + noise, 0, 255).astype(np.uint8)


def write(
    path: Path,
    seconds: float,
    down: Callable[[float], int],
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    light: Callable[[float], float] = lambda _s: 0.0,
    frozen: Callable[[float], bool] = lambda _s: False,
) -> Path:
    """Write a recording of that scene; a key picture every two seconds unless the options say otherwise."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = KEY_S * FPS
        stream.options = X264 if options is None else options
        for i in range(round(seconds * FPS)):
            time_s = i / FPS
            grey = picture(down(time_s), 0 if frozen(time_s) else i, light(time_s))
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@dataclass(frozen=True)
class Read:
    """What a file gave."""

    times: list[float]
    unchanged: list[float]
    images: list[NDArray[np.uint8]]
    there_s: float
    problem: str | None

    def passed(self, from_s: float, to_s: float) -> float:
        """Share of the pictures between two moments that were not decoded."""
        return sum(from_s <= t < to_s for t in self.unchanged) / sum(from_s <= t < to_s for t in self.times)


def read(path: Path, *, skip_still: bool = True, start_s: float | None = None, end_s: float | None = None) -> Read:
    """Read a file to its end."""
    with VideoFile(path, 5.0, start_s, end_s, threads=1, skip_still=skip_still) as source:
        found = [(p.time_s, p.unchanged, p.image()) for p in source.picked()]
        account = source.account
        assert account is not None
    times, unchanged = [t for t, _, _ in found], [t for t, still, _ in found if still]
    return Read(times, unchanged, [image for _, _, image in found], account.there_s, source.facts.problem)


def nods(time_s: float) -> int:
    """A quick movement down and back within one group of pictures, from 8.5 to 9.3 s."""
    return round(16 * max(0.0, 1.0 - abs(time_s - 8.9) / 0.4))


def sinks(time_s: float) -> int:
    """Lower by a little from 9 s on."""
    return 0 if time_s < 9.0 else 10


def still(_time_s: float) -> int:
    """Nothing moves."""
    return 0


ENCODERS = {
    "closed": ("libx264", X264),
    "reordered": ("libx264", {"preset": "veryfast", "crf": "22", "bf": "3"}),
    "open": ("libx264", {"preset": "veryfast", "crf": "22", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}),
    "hevc": ("libx265", {"preset": "ultrafast", "crf": "17", "x265-params": "log-level=error:open-gop=1:bframes=3:keyint=60:scenecut=0"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"}),
}


@pytest.mark.parametrize(("encoder", "moves"), [*((name, nods) for name in ENCODERS), ("closed", sinks), ("hevc", sinks)])
def test_what_moves_is_decoded_and_what_is_still_is_not(tmp_path: Path, encoder: str, moves: Callable[[float], int]) -> None:
    """Two seconds around a movement come as without; most of the rest is passed over; no picture is lost or comes at another time."""
    path = write(tmp_path / "clip.mkv", 12.0, moves, *ENCODERS[encoder])
    whole, found = read(path, skip_still=False), read(path)
    assert found.times == pytest.approx(whole.times, abs=0.1)
    assert found.there_s == whole.there_s
    assert found.passed(8.4, 9.4) == 0.0
    assert found.passed(2.2, 7.8) > 0.6
    moving = [i for i, t in enumerate(found.times) if 8.4 <= t < 9.4 and whole.times[i] == t]
    assert len(moving) >= 3
    assert all(np.array_equal(found.images[i], whole.images[i]) for i in moving)
    later = [np.abs(a.astype(int) - b).mean() for a, b in zip(found.images, whole.images, strict=True)]
    assert max(later) < 5.0


@pytest.mark.parametrize("moves", [nods, sinks])
@pytest.mark.parametrize("encoder", ["reordered", "hevc"])
def test_what_follows_a_movement_is_not_decoded_either(tmp_path: Path, encoder: str, moves: Callable[[float], int]) -> None:
    """Up to the next key picture, once the picture decoded last shows what that one shows."""
    codec, options = ENCODERS[encoder]
    name = "x265-params" if encoder == "hevc" else "x264-params"
    sparse = options | {name: f"{options.get(name, 'scenecut=0').replace('keyint=60', 'scenecut=0')}:keyint={4 * FPS}"}
    path = write(tmp_path / "clip.mkv", 13.0, moves, codec, sparse)
    whole, found = read(path, skip_still=False), read(path)
    assert found.times == pytest.approx(whole.times, abs=0.1)
    assert found.passed(8.1, 9.4) == 0.0
    assert found.passed(10.6, 11.9) > 0.6
    apart = [np.abs(a.astype(int) - b).mean() for a, b in zip(found.images, whole.images, strict=True)]
    assert max(apart) < 5.0


@pytest.mark.parametrize(("key_s", "passed"), [(2, True), (4, False)])
def test_where_noise_fills_the_packets_key_pictures_tell(tmp_path: Path, key_s: int, passed: bool) -> None:
    """An encoder that saves no noise, so that a movement does not show: key pictures tell alone where they are near to each other."""
    options = X264 | {"preset": "superfast", "crf": "18", "x264-params": f"keyint={key_s * FPS}:scenecut=0"}
    found = read(write(tmp_path / "clip.mkv", 12.0, sinks, "libx264", options))
    assert found.passed(8.2, 9.8) == 0.0
    assert (found.passed(4.2, 7.8) > 0.6) == passed
    assert passed or not found.unchanged


def test_without_the_option_nothing_is_passed_over(tmp_path: Path) -> None:
    """Every picture is decoded by default."""
    assert not read(write(tmp_path / "clip.mp4", 6.0, still), skip_still=False).unchanged


def test_a_change_of_light_is_no_movement_and_where_all_is_dim_a_small_step_is(tmp_path: Path) -> None:
    """Slowly drifting light is passed over."""
    found = read(write(tmp_path / "clip.mp4", 10.0, still, light=lambda s: 3.0 * s))
    assert found.passed(2.2, 9.0) > 0.4


def test_a_picture_that_freezes_is_seen(tmp_path: Path) -> None:
    """A camera that gives the same picture again and again: what comes is decoded, so that it can be told from who sits still."""
    found = read(write(tmp_path / "clip.mp4", 16.0, still, frozen=lambda s: s >= 8.0))
    assert found.passed(2.2, 7.8) > 0.6
    assert found.passed(8.2, 16.0) == 0.0


@pytest.mark.parametrize(
    ("codec", "options"),
    [("mjpeg", {"q": "5"}), ("libx264", X264 | {"x264-params": "keyint=1000:scenecut=0"}), ("libx264", X264 | {"x264-params": "keyint=1"})],
    ids=["intra only", "one key picture", "key pictures alone"],
)
def test_where_packets_tell_nothing_all_is_decoded(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    """No other picture between key pictures, or no key picture for long."""
    path = write(tmp_path / "clip.mkv", 13.0, still, codec, options)
    whole, found = read(path, skip_still=False), read(path)
    assert not found.unchanged
    assert found.times == whole.times
    assert all(np.array_equal(a, b) for a, b in zip(found.images, whole.images, strict=True))


@pytest.mark.parametrize(("start_s", "end_s"), [(None, None), (1.13, 2.71)])
def test_of_pictures_coded_by_themselves_only_those_looked_at_are_decoded(
    tmp_path: Path, start_s: float | None, end_s: float | None
) -> None:
    """The same pictures at the same times as where all are decoded, as with several threads."""
    path = write(tmp_path / "clip.avi", 4.0, nods, "mjpeg", {"q": "5"})
    found = read(path, start_s=start_s, end_s=end_s)
    with VideoFile(path, 5.0, start_s, end_s, threads=2) as source:
        whole = [(p.time_s, p.image()) for p in source.picked()]
    assert found.times == [t for t, _ in whole]
    assert all(np.array_equal(image, as_all) for image, (_, as_all) in zip(found.images, whole, strict=True))
    decoder = Decoder(path, 5.0, threads=1)
    with closing(decoder):
        decoder.wants = lambda time_s: time_s > 3.45
        pictures = list(decoder.pictures())
    assert [p.time_s for p in pictures] == pytest.approx([i / FPS for i in range(4 * FPS)])
    assert [p.picture is decoder.first.picture for p in pictures] == [p.time_s < 3.45 for p in pictures]


def test_a_part_begins_and_ends_anywhere(tmp_path: Path) -> None:
    """From the middle of a stretch to the middle of another; the first picture shows something."""
    path = write(tmp_path / "clip.mp4", 12.0, still)
    found = read(path, start_s=3.1, end_s=9.1)
    assert found.times[0] == pytest.approx(3.1, abs=0.05)
    assert found.times[-1] == pytest.approx(9.0, abs=0.1)
    assert len(found.times) == pytest.approx(30, abs=1)
    assert found.images[0].shape == (HEIGHT, WIDTH, 3)
    assert found.passed(3.1, 9.1) > 0.6


def test_pictures_stay_upright(tmp_path: Path) -> None:
    """The turn that the container tells holds for what is passed over too."""
    path = media.turn(write(tmp_path / "clip.mp4", 8.0, still), 0, 1, -1, 0)
    found = read(path, start_s=2.0)
    assert found.unchanged
    assert {image.shape for image in found.images} == {(WIDTH, HEIGHT, 3)}


def test_a_file_that_breaks_off_is_accounted_for_as_without(tmp_path: Path) -> None:
    """The same end and the same words."""
    path = media.cut(write(tmp_path / "clip.mkv", 10.0, still), 0.7)
    whole, found = read(path, skip_still=False), read(path)
    assert found.unchanged
    assert (found.there_s, found.problem) == (whole.there_s, whole.problem)
    assert found.times == pytest.approx(whole.times, abs=0.1)


def test_usual_sizes() -> None:
    """Larger ones are a movement, far smaller ones may be a picture that stands still; both are told by what is usual in this recording."""
    quiet = [(i / 10, 500 + 20 * (i % 4)) for i in range(40)]
    sizes = PacketSizes(WIDTH * HEIGHT)
    assert [sizes.unusual_until(quiet) for _ in range(2)] == [0.0, 0.0]
    assert sizes.unusual_until([(t, 2 * size if 1.0 <= t < 1.5 else size) for t, size in quiet]) == 1.5
    assert sizes.unusual_until([(t, size // 4 if t >= 1.0 else size) for t, size in quiet]) == 4.0
    assert sizes.unusual_until(quiet) == 0.0
    assert PacketSizes(WIDTH * HEIGHT).unusual_until([(t, 2) for t, _ in quiet]) == 4.0


def test_a_picture_that_is_unchanged_says_again_what_was_said() -> None:
    """Marked as carried forward, and not looked at; where nobody is there, a movement is forgotten after a while as ever."""
    seen: list[float] = []

    def find(frame: Frame) -> FoundPose:
        seen.append(frame.time_s)
        return FoundPose(frame.time_s, Detection.NOBODY)

    sampler = PoseSampler(StandIn(find), RECORDED)
    room, other = (np.repeat(picture(down, 1)[..., None], 3, axis=2) for down in (0, 30))
    shown = [FramePicture(Frame(0.2 * i, room if i != 5 else other)) for i in range(8)]
    said = [sampler.sample(p) for p in shown]
    assert said[-1] is not None
    assert said[-1].sight is Detection.UNCLEAR
    looks = len(seen)
    later = [sampler.sample(replace(shown[-1], frame=Frame(1.6 + 0.2 * i, room), unchanged=True)) for i in range(30)]
    assert len(seen) == looks
    assert all(s is not None and s.carried_forward and not s.moving for s in later)
    assert [s.sight for s in later if s is not None][:10] == [Detection.UNCLEAR] * 10
    assert later[-1] is not None
    assert later[-1].sight is Detection.NOBODY


def test_the_first_picture_is_looked_at_in_any_case() -> None:
    """Nothing was said before that could be said again."""
    sampler = PoseSampler(StandIn(lambda frame: FoundPose(frame.time_s, Detection.NOBODY)), RECORDED)
    room = np.repeat(picture(0, 1)[..., None], 3, axis=2)
    sample = sampler.sample(FramePicture(Frame(3.0, room), unchanged=True))
    assert sample is not None
    assert not sample.carried_forward
