"""A camera on 127.0.0.1: Motion JPEG over HTTP, in real time, that can be made to fail in the ways that cameras fail."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Images = Sequence[NDArray[np.uint8]]
_BOUNDARY = "picture"


class Mood(StrEnum):
    """What the camera does to whoever watches it."""

    PLAY = "play"
    BLACK = "black"
    """Black pictures, as fast as ever."""
    FROZEN = "frozen"
    """The same picture again and again."""
    HANG = "hang"
    """The connection stays, nothing comes on it, then or later; only a new one may get pictures."""
    MUTE = "mute"
    """A new connection is accepted and never answered, then or later; one that is there hangs."""
    HALF = "half"
    """Only the first half of every picture comes, and is said to be all of it."""
    TORN = "torn"
    """Every eighth picture breaks off in the middle, though it was said to be whole."""
    NOISE = "noise"
    """Bytes that are no picture."""
    LARGE = "large"
    """Pictures of twice the width and height, on the same connection."""
    DRIP = "drip"
    """One byte a second."""


def pictures_of(video: Path) -> list[NDArray[np.uint8]]:
    """All pictures of a short video, (H, W, 3) uint8 RGB."""
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False) for frame in container.decode(video=0)]


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    fine, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert fine
    return bytes(data.tobytes())


class MjpegCamera:
    """Serves pictures in a loop at `fps`, to any number of watchers; to be used in ``with``.

    Every watcher gets the picture of the moment: picture number ``(seconds since start x fps) mod n``.

    Args:
        images: (H, W, 3) uint8 RGB; or a video file, all of whose pictures are kept in memory.
        fps: Pictures a second.
    """

    def __init__(self, images: Images | Path, fps: float = 20.0) -> None:
        """Nothing is served before ``with`` or `start`."""
        shown = pictures_of(images) if isinstance(images, Path) else list(images)
        self._jpegs = [_jpeg(image) for image in shown]
        self._black = _jpeg(np.zeros_like(shown[0]))
        self._large = _jpeg(np.ascontiguousarray(shown[0].repeat(2, axis=0).repeat(2, axis=1)))
        self.fps = fps
        self.mood = Mood.PLAY
        self.connections = 0
        """How often somebody connected."""
        self._port = 0
        self._server: _Server | None = None
        self._began_s = time.monotonic()

    @property
    def url(self) -> str:
        """Where it is to be watched; the same after every restart."""
        return f"http://127.0.0.1:{self._port}/stream.mjpg"

    @property
    def now(self) -> int:
        """Number of the picture of the moment."""
        return int((time.monotonic() - self._began_s) * self.fps) % len(self._jpegs)

    def start(self) -> None:
        """Begin to serve, on the port of last time if there was one."""
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def kill(self) -> None:
        """Be gone at once: nothing listens any more, all connections break."""
        server, self._server = self._server, None
        if server is not None:
            server.gone.set()
            server.shutdown()
            server.server_close()
            server.hang_up()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Kill."""
        self.kill()

    def jpeg(self) -> bytes:
        """The picture of the moment, as it is sent."""
        if self.mood is Mood.BLACK:
            return self._black
        if self.mood is Mood.LARGE:
            return self._large
        if self.mood is Mood.NOISE:
            return bytes(np.random.default_rng().integers(0, 256, 5000, np.uint8).tobytes())
        return self._jpegs[0 if self.mood is Mood.FROZEN else self.now]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, camera: MjpegCamera, port: int) -> None:
        self.camera = camera
        self.gone = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Watcher)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.add(request)
        self.camera.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """A watcher that went away is nothing to report."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class _Watcher(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        camera, gone = self.server.camera, self.server.gone
        if camera.mood is Mood.MUTE:
            gone.wait()
            return
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.end_headers()
        due_s, count = time.monotonic(), 0
        while not gone.is_set():
            if camera.mood in (Mood.HANG, Mood.MUTE):
                gone.wait()
                return
            jpeg = camera.jpeg()
            if camera.mood is Mood.HALF:
                jpeg = jpeg[: len(jpeg) // 2]
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            if camera.mood is Mood.TORN:
                count += 1
                jpeg = jpeg[: len(jpeg) // 2] if count % 8 == 0 else jpeg
            if camera.mood is Mood.DRIP:
                self._drip(head.encode() + jpeg)
                return
            self.wfile.write(head.encode() + jpeg + b"\r\n")
            due_s = max(due_s + 1 / camera.fps, time.monotonic() - 0.1)  # what was missed is not made up for
            gone.wait(max(0.0, due_s - time.monotonic()))

    def _drip(self, data: bytes) -> None:
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            self.wfile.flush()
            if self.server.gone.wait(1.0):
                return

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
