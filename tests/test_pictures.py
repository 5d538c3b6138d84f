"""Pictures in the report of a recording: which moments, whose heads, and how the page shows them."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import SAMPLES
from hypothesis import given, settings as hypothesis_settings, strategies as st
from test_episodes_shown import recording
from test_reports import CATALOGUE, Page, everything, nothing

from posture.capture import VideoFile
from posture.cli.app import run
from posture.pose.heads import Head, HeadFinder, coarsened, head_of, without_heads
from posture.pose.landmarker import Landmarker
from posture.reports.recording.page import page_html
from posture.reports.recording.pictures import MOST, Moment, Picture, Pictures, anchor, moments_of
from posture.reports.recording.timeline_svg import timeline_svg
from posture.types import ByteArray, Frame, Pose

SIDE, FRONT = SAMPLES / "side_mixed_male1.mp4", SAMPLES / "front_day_female1.mp4"
DOT = b"\xff\xd8\xff\xe0 not looked into"


def picture_of(video: Path, time_s: float) -> ByteArray:
    """One picture of a clip."""
    with VideoFile(video, 5.0, time_s) as source:
        return next(iter(source)).image


def hidden(head_xy: np.ndarray, heads: list[Head]) -> bool:
    """Whether every point of a head lies in what is made unrecognisable."""
    return all(any(max(abs(x - h.x), abs(y - h.y)) <= h.radius for h in heads) for x, y in head_xy)


@pytest.fixture(scope="module")
def people(model_file: Path) -> list[tuple[ByteArray, Pose]]:
    """Pictures of one person each, from the side and from the front, and where they are."""
    images = [picture_of(SIDE, 4.0), picture_of(FRONT, 2.0)]
    with Landmarker(model_file) as searcher:
        return [(image, searcher.detect(Frame(0.0, image))[0]) for image in images]


# --- which moments


def test_peaks_reminders_and_what_was_held_for_long_are_worth_a_picture() -> None:
    """At most twelve, in order, apart, at times of readings with somebody in them; each reminder has its own."""
    analysis = recording()
    moments = moments_of(analysis)
    times = [m.time_s for m in moments]
    assert 0 < len(moments) <= MOST and times == sorted(times)
    assert all(b - a >= 2.0 for a, b in pairwise(times))
    assert set(times) <= {j.reading.time_s for j in analysis.judged if j.reading.present}
    said = " ".join(w for m in moments for w in m.words)
    assert all(f"highest {name}" in said for name in ("trunk flexion", "spinal flexion", "pelvic tilt"))
    assert sorted(n for m in moments for n in m.prompts) == list(range(1, len(analysis.shown) + 1))
    leans = {e for e in analysis.sustained() if e.angle}
    assert leans <= {e for m in moments for e in m.episodes}


def test_nobody_gives_no_picture() -> None:
    """A recording without a reading has no moment."""
    assert moments_of(nothing()) == []


# --- whose heads


@given(st.floats(-50, 250), st.floats(-50, 150), st.floats(12, 90))
def test_what_is_left_of_a_head_is_a_few_colours(x: float, y: float, radius: float) -> None:
    """Nothing finer than a fifth of the head is left in it, and everything outside of it stays."""
    image = np.random.default_rng(1).integers(0, 255, (120, 200, 3), np.uint8)
    out = without_heads(image, [Head(x, y, radius)])
    rows, columns = (np.abs(np.arange(n) + 0.5 - at) < radius - 0.5 for n, at in ((120, y), (200, x)))
    inside = np.outer(rows, columns)
    assert len(np.unique(out[inside].reshape(-1, 3), axis=0)) <= 36
    far = ~np.outer(np.abs(np.arange(120) - y) <= radius + 1.0, np.abs(np.arange(200) - x) <= radius + 1.0)
    assert np.array_equal(out[far], image[far])


@hypothesis_settings(max_examples=20)
@given(st.integers(0, 199), st.integers(0, 119))
def test_only_what_is_close_to_the_person_stays_sharp(x: int, y: int) -> None:
    """The rest is at most 33 by 33 colours, whoever was missed in it."""
    image = np.random.default_rng(2).integers(0, 255, (120, 200, 3), np.uint8)
    sharp = np.zeros((120, 200), bool)
    sharp[y, x] = True
    out = coarsened(image, sharp)
    assert np.array_equal(out[y, x], image[y, x])
    far = (np.abs(np.arange(120) - y) > 9)[:, None] | (np.abs(np.arange(200) - x) > 9)
    assert len(np.unique(out[far].reshape(-1, 3), axis=0)) <= 33 * 33
    assert (out != image)[far].any(axis=1).mean() > 0.9


def test_everybody_s_head_is_found_or_nothing_is_shown(people: list[tuple[ByteArray, Pose]], model_file: Path) -> None:
    """Somebody alone; two side by side; a bystander of a third of the size behind: all heads, whoever is measured."""
    (side, walks), (front, sits) = people
    small = np.ascontiguousarray(front[::3, ::3])
    behind = side.copy()
    behind[20 : 20 + small.shape[0], 400 : 400 + small.shape[1]] = small
    beside = np.concatenate([side, front], axis=1)
    head, other = walks.image_xyz[:11, :2], sits.image_xyz[:11, :2]
    shown = {
        "alone": (side, [head]),
        "behind": (behind, [head, np.add(other / 3.0, (400.0, 20.0))]),
        "beside": (beside, [head, np.add(other, (side.shape[1], 0.0))]),
    }
    located = 0
    with HeadFinder(model_file) as finder:
        for image, truth in shown.values():
            found = finder.find(image, [head_of(walks)])
            assert found is None or all(hidden(xy, list(found.heads)) for xy in truth)
            assert walks.mask is not None
            own = (found.person[: side.shape[0], : side.shape[1]][walks.mask > 200] if found is not None else np.ones(1)).mean()
            assert own > 0.9 and (found is None or found.person.mean() < 0.5)
            located += found is not None
        assert located >= 2
        empty = finder.find(np.full((120, 160, 3), 200, np.uint8))
        assert empty is not None and not empty.heads and not empty.person.any()
    assert hidden(head, [head_of(walks)])


# --- the page


def pictures(**more: object) -> Pictures:
    """Those of the made recording; what is in them does not matter."""
    return replace(Pictures(tuple(Picture(m, DOT) for m in moments_of(recording()))), **more)  # type: ignore[arg-type]


def test_the_timeline_leads_to_the_pictures() -> None:
    """Every place that is linked to is on the page, each picture is reached from both charts, and nothing is loaded."""
    made = pictures()
    text = page_html(recording(), CATALOGUE, pictures=made).decode()
    page = Page(text)
    inner = [a[1:] for a in page.addresses if a.startswith("#")]
    assert inner and set(inner) <= set(page.ids) and len(page.ids) == len(set(page.ids))
    assert all(inner.count(anchor(n)) >= 3 for n in range(1, len(made.shown) + 1))
    assert all(a.startswith(("#", "data:image/")) for a in page.addresses)
    assert text.count(base64.b64encode(DOT).decode()) == len(made.shown)
    assert "script" not in page.tags and "http" not in re.sub(r"http://www\.w3\.org\S+", "", "".join(page.addresses))
    for number in range(1, len(recording().shown) + 1):
        assert re.search(rf'<a href="#picture-\w"><g class="mark[^>]*><title>reminder {number} at', text)


def test_the_page_says_what_was_hidden_and_left_out() -> None:
    """Heads, faces that were asked for, and how many pictures are missing and why; without pictures there is no such part."""
    said = Page(page_html(everything(), CATALOGUE, pictures=pictures(unsure=2, unread=1)).decode()).text
    assert "was made unrecognisable" in said and "look at each picture" in said
    assert "2 pictures were left out, because not every head could be located for certain." in said
    assert "1 picture could not be read a second time." in said
    assert "Nothing in these pictures is hidden" in Page(page_html(everything(), CATALOGUE, pictures=pictures(faces=True)).decode()).text
    assert "There is no picture. 1 picture was left out" in Page(page_html(nothing(), CATALOGUE, pictures=Pictures(unsure=1)).decode()).text
    assert "Pictures" not in Page(page_html(everything(), CATALOGUE).decode()).text
    assert b"picture-A" not in timeline_svg(recording(), CATALOGUE)


def test_pictures_by_what_they_show() -> None:
    """An episode has its latest picture, a prompt its own; what has none has none."""
    e, *_ = recording().sustained()
    shown = tuple(Picture(Moment(float(t), ("seen",), (e,), (t,)), DOT) for t in (1, 5))
    assert Pictures(shown).of_episode(e) == 2 and Pictures(shown).of_prompt(1) == 1
    assert Pictures().of_episode(e) is None and Pictures(shown).of_prompt(9) is None


# --- from end to end


def embedded(page: Path) -> list[ByteArray]:
    """The photographs of a page."""
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page.read_text(encoding="utf-8"))
    out = []
    for text in found:
        with av.open(io.BytesIO(base64.b64decode(text)), format="mjpeg") as file:
            out.append(next(file.decode(video=0)).to_ndarray(format="rgb24"))
    return out


def test_pictures_of_a_recording(home: Path, model_file: Path, one_process: None, tmp_path: Path) -> None:
    """The page is its owner's alone and its pictures have no head, unless faces are asked for; they are of the same moments."""
    argv = ["analyze", str(SIDE), "--end", "1.5", "--out", str(tmp_path), "--pictures"]
    assert run([*argv, "--show-faces"]) == 0
    open_ = embedded(tmp_path / "report.html")
    assert run(argv) == 0
    page = tmp_path / "report.html"
    closed = embedded(page)
    assert page.stat().st_mode & 0o077 == 0
    assert 0 < len(closed) <= len(open_) <= MOST and closed[0].shape == open_[0].shape
    left_out = page.read_text(encoding="utf-8").count("left out, because not every head")
    assert len(closed) == len(open_) or left_out
    with Landmarker(model_file) as searcher:
        at = head_of(searcher.detect(Frame(0.0, open_[0]))[0])
    box = np.s_[int(at.y - 0.3 * at.radius) : int(at.y + 0.3 * at.radius), int(at.x - 0.3 * at.radius) : int(at.x + 0.3 * at.radius)]
    detail = [np.abs(np.diff(image[0][box].astype(float), axis=0)).mean() for image in (open_, closed)]
    assert detail[1] < 0.5 * detail[0]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["-", "--pictures"], "has to read the recording twice"),
        ([str(SIDE), "--show-faces"], "only works with --pictures"),
        ([str(SIDE), "--pictures", "--scheduler", "tcp://127.0.0.1:1"], "--pictures reads the recording a second time"),
    ],
)
def test_what_does_not_go_together_is_one_line(home: Path, capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    """Before anything is measured."""
    assert run(["analyze", *argv]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
