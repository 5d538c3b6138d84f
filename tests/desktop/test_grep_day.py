"""After a day of monitoring, everything on the disk is searched: no picture, no landmarks, no password; after a crash neither.

The day is the real thing at both ends: `posture watch` before a real stream, with tray, notification, answer and page, until it is killed;
and before that the monitor itself for hours of its own time, on pictures of a sample that the real pose network looks at for a share.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import people
import pytest
from conftest import SAMPLES
from faults import fast
from mjpeg import MjpegCamera
from monitor_state import now
from PIL import Image

from desktop.screen import Desktop, until
from posture.monitor.control import client
from posture.pose.finder import PoseFinder
from posture.storage.schema import default_path
from posture.storage.store import Store
from posture.types import Detection, FoundPose, Frame

HOURS = float(os.environ.get("POSTURE_DAY_HOURS", "0.25"))
"""Of the compressed day; 8 in full."""
PASSWORD, USER = "s3cretPassw0rd", "camerauser"
SETS = ("dose.soft_s=4", "dose.episode_floor_s=1", "prompts.patience_s=1", "prompts.quiet_s=0", "prompts.per_hour=60")
_PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WebP or AVI", b"GIF8": "GIF", b"ftyp": "MP4 or HEIC"}
_DATA_URI = re.compile(rb"data:(?:image|video)/[^;,]{1,40};base64,")
_FLOATS = re.compile(rb"(?:-?\d+\.\d+(?:e-?\d+)?[\s,\]\[]+){20,}")
"""Twenty numbers in a row: no entry of ours has so many, the landmarks of one picture are 99."""
_ICON_PX = 128


class Evidence:
    """What must not be found: bits of the very pictures that were shown, and the coordinates that were seen in them."""

    def __init__(self, frames: list[Frame], seen: list[FoundPose]) -> None:
        self.needles: dict[bytes, str] = {}
        for frame in frames[:: max(1, len(frames) // 6)]:
            bgr = np.ascontiguousarray(frame.image[:, :, ::-1])
            for image in (frame.image, bgr):
                for row in range(20, image.shape[0], 40):
                    for at in range(0, image.shape[1] - 16, 64):
                        bit = image[row, at : at + 16].tobytes()
                        if len(set(bit)) > 20:  # not a plain wall
                            self.needles[bit] = "a stretch of a picture"
            fine, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
            assert fine
            self.needles[jpeg.tobytes()[2000:2032]] = "a piece of a picture as the stream sent it"
        for found in seen:
            if found.pose is not None:
                for xyz in (found.pose.image_xyz, found.pose.world_xyz):
                    for point in (0, 11, 12, 23, 24):
                        x, y = (float(v) for v in xyz[point, :2])
                        self.needles[np.float32([x, y]).tobytes()] = "landmarks"
                        self.needles[struct.pack("<dd", x, y)] = "landmarks"
                        self.needles[f"{x:.3f}, {y:.3f}".encode()] = "landmarks"
        for secret in (PASSWORD, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()):
            for coding in ("utf-8", "utf-16-le"):
                self.needles[secret.encode(coding)] = "the stream's password"
        self._pattern = re.compile(b"|".join(re.escape(n) for n in self.needles), re.DOTALL)

    def in_bytes(self, data: bytes) -> list[str]:
        """What of it is in there, in words."""
        found = [self.needles[m.group()] for m in self._pattern.finditer(data)]
        found += [name for magic, name in _PICTURES.items() for m in [data.find(magic)] if m >= 0 and not _is_icon(data, m)]
        found += ["a picture in a page"] * bool(_DATA_URI.search(data)) + ["a row of numbers"] * bool(_FLOATS.search(data))
        return sorted(set(found))

    def under(self, *folders: Path) -> dict[str, list[str]]:
        """What of it is in any file, by file; the number of files searched under the empty name."""
        files = [p for folder in folders for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
        found = {str(p): self.in_bytes(p.read_bytes()) for p in files}
        assert files, "nothing was written, so nothing was searched"
        return {name: what for name, what in found.items() if what}


def _is_icon(data: bytes, at: int) -> bool:
    """Whether a picture is as small as those of the tray, which are drawn."""
    if at != 0:
        return False
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return max(picture.size) <= _ICON_PX
    except OSError:
        return False


@pytest.fixture(scope="module")
def leaning() -> list[Frame]:
    """Somebody at a desk who leans."""
    return [f for f in people.frames_of(SAMPLES / "side_mixed_male1.mp4") if 9.6 <= f.time_s <= 12.0]


@pytest.fixture(scope="module")
def evidence(leaning: list[Frame], model_file: Path) -> Evidence:
    """Of these pictures."""
    with PoseFinder(model_file) as finder:
        return Evidence(leaning, [finder.find(f) for f in leaning])


@pytest.fixture
def own(home: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in which every file of the program ends up: data, settings, cache, temporary files."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "POSTURE_PAGES_DIR"):
        monkeypatch.delenv(name, raising=False)
    (home / "tmp").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    monkeypatch.setenv("POSTURE_MODEL_DIR", str(model_file.parent))
    yield home


def test_the_search_would_find_them(evidence: Evidence, leaning: list[Frame], model_file: Path) -> None:
    """The method itself works: a picture, its pixels, landmarks in three ways and the password are found, plain text is not."""
    fine, png = cv2.imencode(".png", leaning[0].image)
    assert fine
    assert evidence.in_bytes(png.tobytes()) == ["PNG"]
    assert "a stretch of a picture" in evidence.in_bytes(leaning[0].image.tobytes())
    with PoseFinder(model_file) as finder:
        pose = finder.find(leaning[0]).pose
    assert pose is not None
    assert "landmarks" in evidence.in_bytes(pose.image_xyz[:, :2].copy().tobytes())
    assert evidence.in_bytes(json.dumps(pose.world_xyz.astype(float).ravel().tolist()).encode()) == ["a row of numbers"]
    assert evidence.in_bytes(f"rtsp://{USER}:{PASSWORD}@host/1".encode()) == ["the stream's password"]
    assert evidence.in_bytes(b"2026-01-05 08:00:00 INFO now running, 12.5 degrees for 300.0 s, 7.5 of 9.0") == []


def test_after_a_day_of_monitoring(
    desktop: Desktop, own: Path, leaning: list[Frame], evidence: Evidence, model_file: Path, tmp_path: Path
) -> None:
    """Hours of spans, a prompt that was shown and answered, its page, the day's page, a session that was killed: numbers and words."""
    _hours(leaning, model_file)
    _watch(desktop, leaning, tmp_path)
    for command in (
        ["today", "--html", str(own / "d.html")],
        ["week", "--html", str(own / "w.html")],
        ["show", "cat_cow_seated", "--no-open"],
        ["data", "export", str(own / "out")],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "posture", *command], capture_output=True, text=True, timeout=60, check=False, env=_here()
        )
        assert done.returncode == 0, done.stderr
    assert evidence.under(own) == {}
    with Store.open() as store:
        assert len(store.prompts_between(time.time() - 86400, time.time())) >= 1
    with sqlite3.connect(default_path()) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kinds = {t: {type(v).__name__ for row in db.execute(f"SELECT * FROM {t}") for v in row} for t in tables}
    db.close()
    assert all("bytes" not in found for found in kinds.values()), kinds
    assert kinds["spans"] >= {"float", "str"}


def _hours(leaning: list[Frame], model_file: Path) -> None:
    """The monitor, writer and database for hours of their own time; the pose network looks at the first pictures and then now and again."""
    began_utc = time.time() - HOURS * 3600 - 7200
    with Store.open() as store, PoseFinder(model_file) as finder:
        session = fast.Fast(store, began_utc)
        looked = 0
        step = 0
        while session.now_s < HOURS * 3600:
            if step % 200 < 4:  # a share is really looked at
                frame = replace(leaning[step % len(leaning)], time_s=session.now_s)
                found = finder.find(frame)
                assert found.sight is Detection.PERSON or looked < 3
                looked += 1
                session.monitor.process(frame)
                session.now_s += fast.STEP_S
            else:
                session.step()
            step += 1
        session.end()


def _watch(desktop: Desktop, leaning: list[Frame], tmp_path: Path) -> None:
    """`posture watch` on a stream with a password, twice: a prompt is answered and it is killed; then it ends well."""
    with MjpegCamera([f.image for f in leaning], fps=10.0) as camera:
        url = camera.url.replace("http://", f"http://{USER}:{PASSWORD}@")
        argv = [sys.executable, "-m", "posture", "watch", "--camera", url, "--no-setup", "--notify", "desktop"]
        argv += [word for s in SETS for word in ("--set", s)]
        for number, sign in enumerate((signal.SIGSEGV, signal.SIGTERM)):
            with (tmp_path / f"said{number}.txt").open("w") as said:
                process = subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT, cwd=os.environ["TMPDIR"], env=_here())
            try:
                if number == 0:
                    desktop.wait_displayed(1, 60.0)
                    desktop.press("Done", "")
                else:
                    _until_it_runs(60.0)
                until(_measured, "somebody is measured, and an answer is written")
                assert _core_limit(process.pid) == "0"
                process.send_signal(sign)
                process.wait(timeout=20.0)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def _here() -> dict[str, str]:
    """For programs that run in another folder."""
    return {**os.environ, "PYTHONPATH": str(SAMPLES.parent)}


def _until_it_runs(within_s: float) -> None:
    until(lambda: client.running() is not None, "it runs", within_s)


def _measured() -> bool:
    """Whether a posture was found in the session that runs, and the answer to its prompt, or to an earlier one, is written."""
    with Store.open() as store:
        answered = any(prompt.answer for prompt in store.prompts_between(time.time() - 600, time.time()))
    return answered and now().get("posture") is not None


def _core_limit(pid: int) -> str:
    """How large a file the system may write of this process's memory if it crashes."""
    limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
    return next(line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size"))


CRASHES = f"""
import sys, threading
import numpy as np
from pathlib import Path
from posture._support.logs import setup
from posture.errors import PostureError
from posture.types import Frame
image = np.random.default_rng(5).integers(0, 255, (64, 64, 3), dtype=np.uint8)
def look(frame, landmarks, address):
    raise RuntimeError("cannot go on with", frame, landmarks, "from " + address)
def in_thread():
    look(Frame(0.0, image), list(map(float, image.ravel() / 7)), "rtsp://{USER}:{PASSWORD}@host/1")
try:
    with setup(Path(sys.argv[1])):
        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
        in_thread()
except PostureError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
sys.exit(3)
"""


def test_a_crash_report_holds_neither_pictures_nor_landmarks_nor_passwords(evidence: Evidence, tmp_path: Path) -> None:
    """An unforeseen error with a frame, coordinates and an address among its words and locals, in the main thread and in another one."""
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, str(tmp_path / "log")], capture_output=True, text=True, timeout=60, check=False, env=_here()
    )
    assert done.returncode == 1, done.stderr
    text = (tmp_path / "log" / "monitor.log").read_text(encoding="utf-8")
    assert "RuntimeError" in text and "in look" in text
    for said in (text, done.stderr):
        assert PASSWORD not in said and USER not in said
        assert evidence.in_bytes(said.encode()) == [], said[-3000:]
        assert not re.search(r"\[\s*\d+\s+\d+\s+\d+\s*\]", said), "pixels"
