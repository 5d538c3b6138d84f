"""The first run: four steps, asked once, with nothing done behind anybody's back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from posture.capture.camera_list import CameraInfo
from posture.cli import calibrate
from posture.cli.first_run import run
from posture.errors import InputError
from posture.monitor import first_run
from posture.settings import Settings
from posture.storage.store import Store

CAMERAS = [CameraInfo(0, "HD Webcam", "/dev/v4l/by-id/a"), CameraInfo(2, "Side Cam", "/dev/v4l/by-id/b")]
STREAM = "http://host/x"


@dataclass
class Answers:
    """Somebody who answers."""

    cameras: list[str]
    yes_to: Callable[[str], bool] = lambda question: True
    asked: list[str] = field(default_factory=list)
    read: int = 0

    def go_on(self) -> None:
        self.read += 1

    def camera(self, default: str) -> str:
        return self.cameras.pop(0) or default

    def yes(self, question: str) -> bool:
        self.asked.append(question)
        return self.yes_to(question)


def go(answers: Answers, cameras: list[CameraInfo] = CAMERAS, results: list[int] | None = None) -> tuple[str | None, list[str]]:
    """The first run; which camera came of it, and what was done."""
    did: list[str] = []
    left = results if results is not None else [0]

    def calibrate_with(options: calibrate.CalibrateOptions) -> int:
        did.append(f"calibrate {options.camera}")
        return left.pop(0)

    camera = run(
        Settings(),
        Path("m.task"),
        ask=answers,
        cameras=lambda: cameras,
        preview_with=lambda _s, _m, c: did.append(f"look {c}"),
        calibrate_with=calibrate_with,
    )
    return camera, did


def needed() -> bool:
    """Whether it would come again."""
    with Store.open() as store:
        return first_run.needed(store)


def test_the_pages_say_what_must_be_said() -> None:
    """No medical device, whom to see, no forcing; nothing leaves the machine; the cameras by number; half a minute."""
    what, privacy, camera, calibration = first_run.pages(CAMERAS)
    assert "not a medical device" in " ".join(what.lines)
    assert all(word in " ".join(what.lines) for word in ("pain", "numbness", "weakness", "few days", "force a crack"))
    assert what.passages == ("A-refer", "B-care")
    assert all(word in " ".join(privacy.lines) for word in ("none is kept", "none leaves", "light are off"))
    assert camera.lines[:2] == ("0: HD Webcam", "2: Side Cam")
    assert "half a minute" in calibration.lines[0]
    assert "No camera found" in first_run.pages([])[2].lines[0]


def test_the_passages_are_those_of_the_documentation() -> None:
    """Every cited passage exists."""
    text = (Path(__file__).resolve().parents[1] / "docs" / "passages.md").read_text("utf-8")
    for page in first_run.pages(CAMERAS):
        assert all(f"| {passage} |" in text for passage in page.passages)


@pytest.mark.parametrize(
    ("answer", "fits"),
    [("0", True), ("2", True), ("1", False), ("side", True), ("cam", False), ("", False), (STREAM, True), ("/dev/video2", True)],
)
def test_an_answer_that_is_no_camera_is_asked_again(answer: str, fits: bool) -> None:
    """A number of the list, a name that only one has, a path or an address."""
    assert first_run.camera_fits(answer, CAMERAS) is fits


def test_all_four_steps(home: Path) -> None:
    """Read, choose, look, calibrate; then it is done with, and the camera is that of next time."""
    assert needed()
    answers = Answers(["7", "2"])
    assert go(answers) == ("2", ["look 2", "calibrate 2"])
    assert answers.read == 2
    assert not needed()
    with Store.open() as store:
        assert "Side Cam" in (store.get_meta("camera") or "")


def test_calibration_can_be_skipped_and_that_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what follows from it: a neutral of its own making, wider sd, no anterior tilt."""
    camera, did = go(Answers([""], lambda question: "measures" in question))
    assert (camera, did) == ("0", ["look 0"])
    said = capsys.readouterr().out
    assert "first 15 seconds" in said
    assert "forward pelvic tilt isn't reported until you calibrate" in said
    assert not needed()


def test_a_calibration_that_was_refused_is_offered_again(home: Path) -> None:
    """As often as wanted."""
    answers = Answers(["0"], lambda question: "without" not in question)
    assert go(answers, results=[1, 130, 1, 0])[1] == ["look 0", *["calibrate 0"] * 4]
    assert answers.asked[-3:] == ["Try again?", *(f"That didn't work {n} times. Go on without a calibration?" for n in (2, 3))]


@pytest.mark.parametrize(("results", "tries"), [([1, 1], 2), ([calibrate.WITHOUT], 1), ([130, calibrate.WITHOUT], 2)])
def test_after_two_failed_tries_it_goes_on_without(home: Path, capsys: pytest.CaptureFixture[str], results: list[int], tries: int) -> None:
    """Yes is what is offered then; who chose it during the calibration is not asked again; what follows from it is said."""
    answers = Answers(["0"])
    assert go(answers, results=results) == ("0", ["look 0", *["calibrate 0"] * tries])
    assert "until you calibrate: posture calibrate" in capsys.readouterr().out
    assert not needed()


def test_without_a_camera_it_goes_through_all_the_same(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to look at, nothing to calibrate."""
    assert go(Answers([""]), []) == (None, [])
    assert "No camera found" in capsys.readouterr().out
    assert not needed()


def test_a_stream_is_used_and_not_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And that is said."""
    assert go(Answers([STREAM]))[0] == STREAM
    assert "may contain a password" in capsys.readouterr().out
    with Store.open() as store:
        assert store.get_meta("camera") is None


def test_a_camera_that_fails_is_said_and_does_not_end_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The person may go on without."""

    def fail(_settings: Settings, _model: Path, _camera: str) -> None:
        raise InputError("HD Webcam: it is in use by another program")

    run(
        Settings(),
        Path("m"),
        ask=Answers(["0"], lambda q: "measures" in q),
        cameras=lambda: CAMERAS,
        preview_with=fail,
        calibrate_with=lambda _wish: 0,
    )
    assert "in use by another program" in capsys.readouterr().out


def test_ctrl_c_asks_again_next_time(home: Path) -> None:
    """Nothing is half done."""

    def interrupt(_question: str) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(Answers(["0"], interrupt))
    assert needed()
