"""Streams from the network that want more than they may: other hosts, requests without end, bytes without end, huge pictures."""

from __future__ import annotations

import base64
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import cv2
import media
import numpy as np
import pytest
from conftest import ROOT
from typer.testing import CliRunner
from web import Answer, RtspServer, WebServer, gives, in_parts, multipart, sends_on

from posture.capture import live_stream, web
from posture.capture.camera_list import find
from posture.capture.device import open_capture
from posture.capture.network import NetworkStream
from posture.capture.stream import Streamed
from posture.cli.app import app
from posture.errors import InputError
from posture.recordings.inputs import gather

LIST = "application/vnd.apple.mpegurl"
READ = """
import sys
from itertools import islice
from posture.capture import live_stream, stream
from posture.capture.camera_list import find
from posture.capture.device import open_capture
from posture.errors import InputError
live_stream._PATIENCE_S = stream._PATIENCE_S = float(sys.argv[2])
try:
    camera = open_capture(find(sys.argv[1], ()))
    print("pictures", sum(camera.grab() and camera.picture() is not None for _ in range(5)))
    camera.release()
except InputError as error:
    print(error)
try:
    with stream.Streamed("stream", sys.argv[1]) as source:
        print("frames", len(list(islice(source, 5))))
except InputError as error:
    print(error)
"""
"""Reads a stream in both ways, as a live camera and as a recording."""


@pytest.fixture(scope="session")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of video as MPEG-TS."""
    return media.write_video(tmp_path_factory.mktemp("streams") / "part.ts", media.every(10, 2)).read_bytes()


@pytest.fixture
def server(segment: bytes) -> Iterator[WebServer]:
    """Has one such segment."""
    with WebServer({"/part.ts": gives(segment)}) as found:
        yield found


@pytest.fixture
def other(segment: bytes) -> Iterator[WebServer]:
    """A service that nobody named, with the same segment."""
    with WebServer({"/part.ts": gives(segment), "/live": gives(segment)}) as found:
        yield found


def play_list(*parts: str, ends: bool = True) -> Answer:
    """An HLS play list of two-second parts."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", *(f"#EXTINF:2,\n{part}" for part in parts), *(["#EXT-X-ENDLIST"] if ends else [])]
    return gives("\n".join(lines).encode(), LIST)


def variants(*lists: str) -> Answer:
    """An HLS play list of play lists."""
    return gives("\n".join(["#EXTM3U", *(f"#EXT-X-STREAM-INF:BANDWIDTH=100000\n{part}" for part in lists)]).encode(), LIST)


def connected(address: str, tmp_path: Path, patience_s: float = 30.0) -> tuple[set[int], str]:
    """Read a stream in both ways under strace: the ports of this machine that were connected to, and what was said."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "trace"
    argv = [strace, "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(log), sys.executable, "-c", READ, address, str(patience_s)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    if "Operation not permitted" in done.stderr:
        pytest.skip("this machine does not allow tracing")
    assert done.returncode == 0 and not done.stderr, done.stderr
    lines = [line for line in log.read_text().splitlines() if re.search(r"\bAF_INET6?\b", line)]
    assert all('inet_addr("127.0.0.1")' in line for line in lines), lines
    return {int(port) for line in lines for port in re.findall(r"htons\((\d+)\)", line)}, done.stdout


@pytest.mark.parametrize("way", ["redirect", "redirect twice", "part", "variant", "late part", "other scheme"])
def test_http_goes_nowhere_else(way: str, server: WebServer, other: WebServer, tmp_path: Path) -> None:
    """Redirects and play lists that name another port of the host are refused in one line, before anything is connected to."""
    away = f"{other.address}/part.ts"
    server.answers |= {
        "redirect": {"/live": sends_on(away)},
        "redirect twice": {"/live": sends_on("/again"), "/again": sends_on(away)},
        "part": {"/live": play_list(away)},
        "variant": {"/live": variants("/list", f"{other.address}/live"), "/list": play_list("part.ts")},
        "late part": {"/live": play_list("part.ts", away)},
        "other scheme": {"/live": play_list(away.replace("http:", "tcp:"))},
    }[way]
    ports, said = connected(f"{server.address}/live", tmp_path)
    assert ports == {server.server_address[1]}
    assert other.asked == []
    lines = said.splitlines()
    assert len(lines) == 2
    if way == "other scheme":  # libav itself lets HLS name no such part
        assert "is not a video stream" in lines[-1]
    else:
        assert f"it redirects to http://127.0.0.1:{other.server_address[1]}, but only the host and port" in lines[-1]


def test_addresses_that_look_like_the_named_one_are_not_taken_for_it(server: WebServer, other: WebServer) -> None:
    """Users, tabs, backslashes and ports that only seem to be ones: either the named server is asked, or none."""
    named, away = (address.removeprefix("http://") for address in (server.address, other.address))
    port = away.rpartition(":")[2]
    places = (f"{named}@{away}", f"{named}\\@{away}", f"{named}#@{away}", f"{named}%40{away}", f"127.0.0.1:\t{port}", f"127.0.0.1:0{port}")
    for place in (*places, f"me:secret@{named}"):
        for url in (f"http://{place}/part.ts", f"//{place}/part.ts"):
            server.answers["/live"] = sends_on(url)
            with suppress(InputError):
                Streamed("stream", f"{server.address}/live").__enter__().close()
    assert other.asked == []
    assert server.asked.count("/part.ts") >= 2


def test_dash_is_refused(server: WebServer, other: WebServer, tmp_path: Path) -> None:
    """One line, and nothing that it names is asked for."""
    mpd = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period>'
        '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1">'
        f"<BaseURL>{other.address}/part.ts</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    server.answers["/live.mpd"] = gives(mpd.encode(), "application/dash+xml")
    server.answers["/concat"] = gives(f"ffconcat version 1.0\nfile {other.address}/part.ts\n".encode())
    for path in ("/live.mpd", "/concat"):
        ports, said = connected(server.address + path, tmp_path)
        assert ports == {server.server_address[1]}
        assert all(line.endswith("is not a video stream, or is a kind of playlist that isn't supported") for line in said.splitlines())
    assert other.asked == []


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE"])
def test_an_rtsp_redirect_goes_nowhere_else(method: str, other: WebServer, tmp_path: Path) -> None:
    """A 3xx reply that names another port is refused before libav, which would follow it, is let near."""
    with RtspServer({method: f"rtsp://127.0.0.1:{other.server_address[1]}/live"}) as camera:
        ports, said = connected(f"{camera.address}/live", tmp_path)
        assert ports == {camera.server_address[1]}
    assert said.count(f"it redirects to rtsp://127.0.0.1:{other.server_address[1]}, but only the host") == 2


def test_rtsp_tracks_that_name_another_host_are_asked_for_here(other: WebServer, tmp_path: Path) -> None:
    """Content-Base, the tracks' control addresses and the transport's ports are of another server: nothing is connected to but the
    camera."""
    with RtspServer(elsewhere=f"rtsp://127.0.0.1:{other.server_address[1]}") as camera:
        ports, _ = connected(f"{camera.address}/live", tmp_path, 2.0)  # no picture comes
        assert ports == {camera.server_address[1]}
        assert any(line.startswith("PLAY") for line in camera.asked)


class Once(dict[str, str]):
    """Each value is given once."""

    def __getitem__(self, key: str) -> str:
        """Give and forget it."""
        return self.pop(key)


def test_an_rtsp_redirect_on_the_same_host_is_followed() -> None:
    """The new path is asked for, and no other by libav."""
    with RtspServer() as camera:
        camera.moved = Once(DESCRIBE=f"{camera.address}/new")
        NetworkStream("camera", f"{camera.address}/old", 2.0).close()
        assert [line.split()[1].rpartition("/")[2] for line in camera.asked if line.startswith("DESCRIBE")] == ["old", "new", "new"]


def test_a_redirect_and_a_play_list_on_the_same_host_are_followed(server: WebServer) -> None:
    """Both ways of reading give the pictures of all parts; one that is missing is passed over."""
    server.answers |= {
        "/live": sends_on("/lists/all"),
        "/lists/all": variants("one.m3u8"),
        "/lists/one.m3u8": play_list("/part.ts", "gone.ts"),
    }
    with Streamed("stream", f"{server.address}/live") as source:
        assert len(list(source)) == pytest.approx(10, abs=1)
    camera = open_capture(find(f"{server.address}/live", ()))
    shown = []
    while camera.grab():
        shown.append(camera.picture())
    camera.release()
    assert len(shown) == pytest.approx(20, abs=2)
    assert all(image is not None and image.shape == (64, 96, 3) for image in shown)


def test_an_mp4_with_its_index_at_the_end_is_read_by_ranges(server: WebServer, tmp_path: Path) -> None:
    """Where the server gives parts, what libav needs first is asked for first."""
    data = media.write_video(tmp_path / "v.mp4", media.every(10, 4), size=(320, 240)).read_bytes()
    assert data.index(b"moov") > data.index(b"mdat")
    server.answers["/v.mp4"] = in_parts(data)
    with Streamed("stream", f"{server.address}/v.mp4") as source:
        assert len(list(source)) == pytest.approx(20, abs=1)


def refusal(address: str, patience_s: float = 20.0) -> str:
    """Why a stream cannot be opened, in one line."""
    with pytest.raises(InputError) as caught:
        NetworkStream("stream", address, patience_s)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_requests_are_counted(server: WebServer) -> None:
    """A play list that names itself, one of countless others, and redirects in a circle: an end after 40 requests."""
    server.answers["/self"] = variants("/self?a", "/self?b")
    server.answers["/many"] = variants(*(f"/self?{i}" for i in range(5000)))
    server.answers["/circle"] = sends_on("/circle")
    for path in ("/self", "/many", "/circle"):
        server.asked.clear()
        assert "more than 40 requests" in refusal(server.address + path)
        assert len(server.asked) == web.MOST_REQUESTS


def test_a_play_list_has_an_end(server: WebServer) -> None:
    """One without end is refused at a megabyte."""
    server.answers["/list"] = gives(b"#EXTM3U\n" + b"#EXTINF:2,\npart.ts\n" * 200_000, LIST)
    assert "playlist is longer than 1 MB" in refusal(f"{server.address}/list")


def endless(head: str, whole: int, sent: list[int]) -> Answer:
    """Some whole pictures, then one without an end: `head` stands in front of it; `sent` gets the bytes that were taken of it."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        multipart(lambda: [jpeg(96, 64)] * whole)(request)
        request.wfile.write(f"--picture\r\nContent-Type: image/jpeg\r\n{head}\r\n\xff\xd8".encode("latin-1"))
        while sum(sent) < 200 << 20:
            request.wfile.write(b"x" * (1 << 20))
            sent.append(1 << 20)

    return answer


@pytest.mark.parametrize("head", ["Content-Length: 2000000000\r\n", ""], ids=["said", "not said"])
@pytest.mark.parametrize("whole", [0, 30])
def test_a_picture_has_an_end(head: str, whole: int, server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never ends is given up at 32 MB (4 here), in opening with a line, later as the stream's end; in both ways."""
    monkeypatch.setattr(web, "MOST_BYTES", 4 << 20)
    sent: list[int] = []
    server.answers["/live"] = endless(head, whole, sent)
    if whole:
        camera = open_capture(find(f"{server.address}/live", ()))
        assert sum(iter(camera.grab, False)) == whole
        camera.release()
        with Streamed("stream", f"{server.address}/live") as source:
            assert list(source)
    else:
        assert "more than 4 MB came without a whole picture" in refusal(f"{server.address}/live")
    assert sum(sent) < 50 << 20  # buffers of the system on both sides among them


def test_time_is_bounded(server: WebServer) -> None:
    """A header and a body that come byte by byte, and an RTSP reply that does: given up after the patience, not after the last byte."""

    def drips(request: BaseHTTPRequestHandler) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
            request.wfile.write(bytes([letter]))
            time.sleep(0.1)

    def body(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        drips(request)

    server.answers |= {"/head": drips, "/body": body}
    for address in (f"{server.address}/head", f"{server.address}/body", f"{server.address}/head".replace("http:", "rtsp:")):
        began_s = time.monotonic()
        refusal(address, 1.5)
        assert time.monotonic() - began_s < 15.0


def test_packets_without_a_picture_are_no_stream(server: WebServer, segment: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live, coded pictures that never come to one are given up after the patience, so that no thread reads on for ever."""
    monkeypatch.setattr(live_stream, "_PATIENCE_S", 2.0)
    monkeypatch.setattr(live_stream.LiveStream, "_decode", lambda *_: [])

    def without_end(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(segment)
            time.sleep(0.05)

    server.answers["/live"] = without_end
    camera = open_capture(find(f"{server.address}/live", ()))
    assert not camera.grab()
    camera.release()


def jpeg(width: int, height: int) -> bytes:
    """A black picture."""
    fine, data = cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))
    assert fine
    return bytes(data.tobytes())


@pytest.mark.parametrize("size", [(16000, 16000), (20000, 100)])
def test_a_huge_picture_is_refused_before_there_is_room_for_it(size: tuple[int, int], server: WebServer) -> None:
    """As for recordings, one line; also live, and also in mid-stream, where such a picture counts as damaged."""
    huge, small = jpeg(*size), jpeg(96, 64)
    refused = rf"it announces pictures of {size[0]} x {size[1]} pixels, too large to measure"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    server.answers["/live"] = multipart(lambda: [huge] * 3)
    for opens in (lambda a: open_capture(find(a, ())), lambda a: Streamed("stream", a).__enter__()):
        with pytest.raises(InputError, match=refused):
            opens(f"{server.address}/live")
    server.answers["/live"] = multipart(lambda: [*[small] * 30, huge, small])
    camera = open_capture(find(f"{server.address}/live", ()))
    shown = []
    while camera.grab():
        image = camera.picture()
        shown.append(None if image is None else image.shape)
    camera.release()
    assert shown.count((64, 96, 3)) == 31
    if size[0] * size[1] > 8192 * 8192:
        assert shown[30] is None
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB; such a picture has 750 MB


HUGE = """
import sys, av
with av.open(sys.argv[1], "w") as out:
    stream = out.add_stream("libx264", 5, options={"preset": "ultrafast"})
    stream.width, stream.height, stream.pix_fmt = 12000, 6000, "yuv420p"
    for packet in (*stream.encode(av.VideoFrame(12000, 6000, "yuv420p")), *stream.encode(None)):
        out.mux(packet)
"""
PEAK = (
    READ
    + """
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
)


def test_a_huge_picture_is_not_decoded_to_see_what_it_is(server: WebServer, tmp_path: Path) -> None:
    """H.264, of which libav decodes pictures in opening: refused in one line, and there is never room for one."""
    subprocess.run([sys.executable, "-c", HUGE, str(tmp_path / "huge.ts")], check=True, capture_output=True)
    server.answers["/live"] = gives((tmp_path / "huge.ts").read_bytes())
    peaks_kb = []
    for path in ("/part.ts", "/live"):
        argv = [sys.executable, "-c", PEAK, server.address + path, "30"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        *said, peak = done.stdout.splitlines()
        peaks_kb.append(int(peak))
    assert all("12000 x 6000 pixels, too large to measure" in line for line in said)
    assert peaks_kb[1] - peaks_kb[0] < 100_000  # such a picture has 108 MB


@pytest.mark.parametrize("kind", ["Basic", "Digest"])
def test_user_and_password_go_to_the_host_that_asks(kind: str, server: WebServer, segment: bytes) -> None:
    """Escaped ones are understood; the redirect and the play list on the way need them too."""
    asked: list[str] = []

    def closed(then: Answer) -> Answer:
        def answer(request: BaseHTTPRequestHandler) -> None:
            given = request.headers.get("Authorization", "")
            if not given.startswith(kind):
                request.send_response(401)
                request.send_header("WWW-Authenticate", f'{kind} realm="camera", qop="auth", nonce="abc"')
                request.end_headers()
                return
            asked.append(given)
            then(request)

        return answer

    server.answers = {
        "/live": closed(sends_on("/list.m3u8")),
        "/list.m3u8": closed(play_list("part.ts")),
        "/part.ts": closed(gives(segment)),
    }
    with Streamed("stream", server.address.replace("//", "//me:se%40cret@") + "/live") as source:
        assert len(list(source)) > 5
    assert len(asked) == 3
    if kind == "Basic":
        assert base64.b64decode(asked[0].split()[1]) == b"me:se@cret"
    else:
        assert 'username="me"' in asked[0]


def test_what_is_no_proper_address_is_said_without_its_password() -> None:
    """A password with a slash that is not escaped ends the host too early; other protocols are named."""
    for address in ("http://me:se/cret@127.0.0.1/x", "rtsp://me:se/cret@127.0.0.1/x"):
        assert refusal(address) == "stream: is not a valid stream address"
    assert "streams are read by http, https, rtsp" in refusal("file:///etc/passwd")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """HTTPS checks the camera's certificate; one of its own can be named."""
    import ssl  # noqa: PLC0415

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2"]
    subprocess.run([openssl, *made, "-subj", "/CN=camera", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with WebServer({"/live": multipart(lambda: [jpeg(96, 64)] * 30)}) as camera:
        camera.socket = context.wrap_socket(camera.socket, server_side=True)
        address = f"{camera.address}/live".replace("http:", "https:")
        assert "its certificate is not trusted" in refusal(address)
        env = {**os.environ, "PYTHONPATH": str(ROOT), "SSL_CERT_FILE": str(certificate)}
        done = subprocess.run([sys.executable, "-c", READ, address, "30"], capture_output=True, text=True, check=False, env=env)
        assert done.stdout.splitlines()[0] == "pictures 5", done.stdout + done.stderr


def test_a_proxy_of_the_environment_is_not_asked(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a host that was not named for this."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        with Streamed("stream", f"{server.address}/part.ts") as source:
            assert next(iter(source)).image.shape == (64, 96, 3)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc")
@pytest.mark.parametrize("way", ["variable", "settings"])
def test_a_password_need_not_stand_on_the_command_line(way: str, home: Path, model_file: Path, server: WebServer, tmp_path: Path) -> None:
    """`posture watch` takes its camera from POSTURE_CAMERA or the settings file, and asks it with the password."""
    given: list[str] = []

    def closed(request: BaseHTTPRequestHandler) -> None:
        given.append(request.headers.get("Authorization", ""))
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="camera"')
        request.end_headers()

    server.answers["/live"] = closed
    address = f"{server.address}/live".replace("//", "//me:secret@")
    (tmp_path / "own.toml").write_text(f'[watch]\ncamera = "{address}"\n')
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env |= {"POSTURE_CAMERA": address} if way == "variable" else {"POSTURE_CONFIG": str(tmp_path / "own.toml")}
    argv = [sys.executable, "-m", "posture", "watch", "--no-store", "--no-setup", "--no-tray", "--notify", "none"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(argv, env=env, stdin=nothing, stdout=nothing, stderr=nothing) as process:
        try:
            until_s = time.monotonic() + 60.0
            while "Basic " + base64.b64encode(b"me:secret").decode() not in given and time.monotonic() < until_s:
                time.sleep(0.1)
            assert process.poll() is None, "it ended"
            assert b"secret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        finally:
            process.kill()
    assert given[0] == ""
    assert set(given[1:]) <= {"", "Basic " + base64.b64encode(b"me:secret").decode()}


@pytest.mark.parametrize(("command", "instead"), [("watch", "POSTURE_CAMERA"), ("calibrate", "POSTURE_CAMERA"), ("analyze", "@FILE")])
def test_the_help_says_who_can_read_a_password(command: str, instead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to do instead."""
    monkeypatch.setenv("COLUMNS", "1000")
    said = CliRunner().invoke(app, [command, "--help"]).output
    assert "can be read by every user of this computer (ps)" in said
    assert instead in said


def test_a_list_of_addresses_is_read_from_a_file(tmp_path: Path) -> None:
    """So that `analyze @FILE` reads a stream whose password is not on the command line."""
    (tmp_path / "list").write_text("http://me:secret@127.0.0.1/x\n")
    (stream,) = gather([f"@{tmp_path / 'list'}"])
    assert stream.address == "http://me:secret@127.0.0.1/x"
