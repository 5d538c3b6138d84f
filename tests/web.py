"""A web server on 127.0.0.1 that answers as a test says, and an RTSP server that only sends on; both know what they were asked."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Answer = Callable[[BaseHTTPRequestHandler], None]


class WebServer(ThreadingHTTPServer):
    """Answers each path by a function; to be used in ``with``."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        """Serve at once, on a port of its own."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers or {}
        self.asked: list[str] = []
        """Paths with queries, in order."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Who went away is nothing to report."""

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(404)
        else:
            answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def gives(data: bytes, kind: str = "video/mp2t", **headers: str) -> Answer:
    """Give these bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def in_parts(data: bytes) -> Answer:
    """Give these bytes, or those from where it is asked on."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        begin = int((request.headers.get("Range") or "bytes=0-")[len("bytes=") : -1])
        request.send_response(206 if begin else 200)
        for name, value in (("Accept-Ranges", "bytes"), ("Content-Length", str(len(data) - begin))):
            request.send_header(name, value)
        if begin:
            request.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        request.wfile.write(data[begin:])

    return answer


def sends_on(address: str) -> Answer:
    """Redirect."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", address)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def multipart(pictures: Callable[[], object], head: str = "") -> Answer:
    """Give pictures of Motion JPEG: what `pictures` yields, each with its length or, where `head` is given, with that."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        request.end_headers()
        for data in pictures():  # type: ignore[attr-defined]
            length = head or f"Content-Length: {len(data)}\r\n"
            request.wfile.write(f"--picture\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + data + b"\r\n")

    return answer


class RtspServer(socketserver.ThreadingTCPServer):
    """Answers RTSP requests, but sends no picture; to be used in ``with``.

    Args:
        moved: Location of a redirect, by request; each is given once.
        elsewhere: Address that Content-Base and the tracks' control addresses name; its own by default.
    """

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, moved: dict[str, str] | None = None, elsewhere: str | None = None) -> None:
        """Serve at once, on a port of its own."""
        super().__init__(("127.0.0.1", 0), _Rtsp)
        self.moved = moved or {}
        self.elsewhere = elsewhere or self.address
        self.asked: list[str] = []
        """First lines of the requests."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """Without a path."""
        return f"rtsp://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Who went away is nothing to report."""

    def __enter__(self) -> Self:
        """Serve already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self.shutdown()
        self.server_close()


class _Rtsp(socketserver.StreamRequestHandler):
    server: RtspServer
    request: socket.socket

    def handle(self) -> None:
        while lines := self._lines():
            self.server.asked.append(lines[0])
            method = lines[0].split()[0]
            number = next(line for line in lines if line.lower().startswith("cseq"))
            self.wfile.write("\r\n".join((*self._head(method, number), "", self._body(method))).encode())

    def _lines(self) -> list[str]:
        lines = []
        while line := self.rfile.readline().decode().strip():
            lines.append(line)
        return lines

    def _head(self, method: str, number: str) -> list[str]:
        if method in self.server.moved:
            return ["RTSP/1.0 302 Moved", number, f"Location: {self.server.moved[method]}"]
        head = ["RTSP/1.0 200 OK", number, "Session: 1", f"Content-Length: {len(self._body(method))}"]
        if method == "DESCRIBE":
            head += ["Content-Type: application/sdp", f"Content-Base: {self.server.elsewhere}/base/"]
        port = self.server.elsewhere.rpartition(":")[2]
        return [*head, f"Transport: RTP/AVP/TCP;unicast;interleaved=0-1;source=127.0.0.1;server_port={port}-{port}"]

    def _body(self, method: str) -> str:
        if method != "DESCRIBE":
            return ""
        at = self.server.elsewhere
        lines = ("v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=x", "c=IN IP4 127.0.0.1", "t=0 0", f"a=control:{at}/all")
        track = ("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", f"a=control:{at}/track1")
        return "".join(f"{line}\r\n" for line in (*lines, *track))
