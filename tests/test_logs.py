"""What the monitor writes down about itself."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from posture._support.addresses import without_credentials
from posture._support.logs import LONGEST, setup
from posture.errors import ControlError, PostureError
from posture.types import Detection, FoundPose, Frame

log = logging.getLogger("posture.test")
SECRET = "s3cret"

WRITER = """
import logging, sys, time
from pathlib import Path
from posture._support.logs import setup
with setup(Path(sys.argv[1])):
    logging.getLogger("posture").info("%d", time.time())
"""


def entries(folder: Path) -> str:
    """All that was written, the oldest first."""
    return "".join(p.read_text() for p in sorted(folder.iterdir(), reverse=True))


def test_entry(tmp_path: Path) -> None:
    """An entry has its time in UTC, level, name and words; levels and handlers are as before afterwards."""
    level, handlers = logging.getLogger("posture").level, list(logging.getLogger().handlers)
    with setup(tmp_path / "log") as made:
        log.info("camera %s opened", "C920")
        logging.getLogger("other").info("chatter")
        logging.getLogger("other").warning("careful")
    text = made.path.read_text()
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO posture\.test \[MainThread\] camera C920 opened$", text, re.M)
    assert "careful" in text and "chatter" not in text
    assert (logging.getLogger("posture").level, logging.getLogger().handlers) == (level, handlers)


def test_times_are_utc(tmp_path: Path) -> None:
    """The hour is that of UTC, wherever the computer is."""
    subprocess.run([sys.executable, "-c", WRITER, str(tmp_path)], env={**os.environ, "TZ": "Asia/Kolkata"}, check=True, timeout=30)
    line = (tmp_path / "monitor.log").read_text().split()
    stamp = np.datetime64(line[0].rstrip("Z")).astype("datetime64[s]").astype(int)
    assert abs(int(stamp) - int(line[-1])) <= 1


def test_rotation(tmp_path: Path) -> None:
    """Files stay small and few, and each can be read by the user alone, one that was open to others before included."""
    folder = tmp_path / "log"
    folder.mkdir(mode=0o700)
    (folder / "monitor.log").touch(0o644)
    with setup(folder, most_bytes=1000, kept=2):
        for number in range(100):
            log.info("entry %d", number)
    found = sorted(p.name for p in folder.iterdir())
    assert found == ["monitor.log", "monitor.log.1", "monitor.log.2"]
    for name in found:
        assert (folder / name).stat().st_size <= 1000
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert entries(folder).rstrip().endswith("entry 99")


def test_no_picture_no_landmark(tmp_path: Path) -> None:
    """Arrays, frames, poses and bytes are left out, however deep they stand; numbers and words stay."""
    image = np.full((4, 4, 3), 173, np.uint8)
    frame = Frame(0.0, image)
    with setup(tmp_path / "log") as made:
        for value in (image, frame, [frame], {"a": (image,)}, bytes(image), image[0, 0, 0], FoundPose(0.0, Detection.NOBODY)):
            log.info("got %s", value)
        log.info("named %(x)s", {"x": image})
        log.info(image)
        log.info("%.1f degrees in %d frames", 12.34, 7)
    text = made.path.read_text()
    assert "173" not in text and "\\xad" not in text
    assert "12.3 degrees in 7 frames" in text
    assert text.count("left out") == 9


def test_long_entries_are_cut(tmp_path: Path) -> None:
    """A dump that found its way into the words is cut."""
    with setup(tmp_path / "log") as made:
        log.info("x" * 100_000)
    assert len(made.path.read_text()) < LONGEST + 200


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://host/a.mjpg", "http://host/a.mjpg"),
        ("cannot open rtsp://me:s3cret@host:554/live: timed out", "cannot open rtsp://...@host:554/live: timed out"),
        ("rtsp://me:s3c@r/s3cret@host/live", "rtsp://...@host/live"),
        ("http://me:s3cret?x@host/live", "http://...@host/live"),
        ("http://host/live?usr=me&pwd=s3cret", "http://host/live?..."),
        ("rtsp://host/user=me_password=s3cret_channel=1.sdp", "rtsp://host/user=..."),
        ("password=s3cret", "password=..."),
        ("two: http://a:s3cret@b/ and rtsp://c:s3cret@d/", "two: http://...@b/ and rtsp://...@d/"),
        ("'http://a:s3cret@b/'", "'http://...@b/'"),
    ],
)
def test_credentials_are_hidden(text: str, shown: str) -> None:
    """Neither password nor user of an address is shown; what says where it is stays."""
    assert without_credentials(text) == shown


@given(st.text(st.characters(codec="ascii", exclude_characters="'\"<>", categories=["L", "N", "P", "S"]), min_size=6))
def test_no_password_gets_through(password: str) -> None:
    """Whatever a password is made of, as long as no space and no quote ends the address, it is not shown."""
    assert without_credentials(f"open rtsp://me:{password}@H now") == "open rtsp://...@H now"


def test_credentials_in_errors(tmp_path: Path) -> None:
    """A password in an error's own words is hidden too."""
    with setup(tmp_path / "log") as made:
        try:
            raise OSError(f"no http://me:{SECRET}@host/")
        except OSError:
            log.exception("failed at %s", f"http://me:{SECRET}@host/")
    text = made.path.read_text()
    assert "Traceback" in text and SECRET not in text


def test_error_in_a_thread(tmp_path: Path) -> None:
    """What ends a thread is written down, and the user gets one line that names the file."""
    before = threading.excepthook
    said: list[str] = []

    def fails() -> None:
        raise RuntimeError("oh dear")

    with setup(tmp_path / "log", say=said.append) as made:
        for target in (fails, sys.exit):
            thread = threading.Thread(target=target, name="worker")
            thread.start()
            thread.join()
    assert threading.excepthook is before
    assert said == [f"a part of the program failed (worker); what is known of it: {made.path}"]
    assert "RuntimeError: oh dear" in made.path.read_text()


def test_error_of_the_block(tmp_path: Path) -> None:
    """An error that nobody foresaw is written down and becomes one line; what is raised on purpose passes as it is."""
    with pytest.raises(PostureError, match=r"what is known of it: .*monitor\.log") as caught, setup(tmp_path / "log") as made:
        raise ZeroDivisionError("division by a person")
    assert "\n" not in str(caught.value)
    assert "ZeroDivisionError: division by a person" in made.path.read_text()
    for error in (ControlError("no"), KeyboardInterrupt(), SystemExit(3), BrokenPipeError()):
        with pytest.raises(type(error)) as same, setup(tmp_path / "log"):
            raise error
        assert same.value is error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk(tmp_path: Path) -> None:
    """A disk that is full is said once and stops nothing."""
    said: list[str] = []
    with setup(tmp_path / "log", say=said.append) as made:
        (handler,) = (h for h in logging.getLogger().handlers if isinstance(h, RotatingFileHandler))
        usual, handler.stream = handler.stream, Path("/dev/full").open("w")  # noqa: SIM115 # closing it fails, which is the point
        for _ in range(3):
            log.info("x")
        with contextlib.suppress(OSError):
            handler.stream.close()
        handler.stream = usual
    assert made.path.read_text() == ""
    assert len(said) == 1 and "No space left" in said[0]


def test_place_that_cannot_be_used(tmp_path: Path) -> None:
    """A folder of others, and a link in place of the file, are refused in one line."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(ControlError):
        setup(open_to_all)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "monitor.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PostureError, match="cannot be written"):
        setup(closed)
    assert not (tmp_path / "elsewhere").exists()
