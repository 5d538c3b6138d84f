"""HTTP with the host and port of one address alone, and everything that comes bounded; as files for libav.

Python's own library speaks it. Redirects and what play lists name are followed on that host and port, and refused elsewhere.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

MOST_BYTES = 32 << 20
"""Most that is read for one coded picture, and for all that comes before the first."""
MOST_LIST_BYTES = 1 << 20
"""Most of a play list."""
MOST_REQUESTS = 40
"""For one coded picture: redirects, play lists and their parts together; as many for the first."""
TICK_S = 0.25
"""How often it is asked, while nothing comes, whether to stop."""
_SKIPPED_BYTES = 1 << 16  # less to go forward is read on, rather than asked for anew
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_OF_TYPE = {"multipart/x-mixed-replace": "mpjpeg", "application/vnd.apple.mpegurl": "hls", "application/x-mpegurl": "hls"}
"""Container by the type that a server tells, where it cannot be told from the address and the first bytes."""
_REDIRECTS = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)
_LIST = b"#EXTM3U"
_MOST_SHOWN = 200


class StreamRefusedError(OSError):
    """The other side wants more than a stream may."""


class Allowance:
    """What may be taken from the network until the next coded picture.

    Args:
        patience_s: Seconds.
        stopped: Asked while nothing comes: whether to behave as if the stream ended.
    """

    def __init__(self, patience_s: float, stopped: Callable[[], bool]) -> None:
        """All of it is there."""
        self._patience_s, self._stopped = patience_s, stopped
        self.renew()

    def renew(self) -> None:
        """A coded picture came: all of it is there again."""
        self._until_s = time.monotonic() + self._patience_s
        self._bytes, self._requests = MOST_BYTES, MOST_REQUESTS

    def left_s(self) -> float:
        """Return seconds until patience ends, above 0.

        Raises:
            TimeoutError: It has ended.
        """
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(None, "it is taking too long")
        return left_s

    def ask(self) -> None:
        """Count a request.

        Raises:
            StreamRefusedError: There were too many.
        """
        self._requests -= 1
        if self._requests < 0:
            raise StreamRefusedError(None, f"it needs more than {MOST_REQUESTS} requests for one picture")

    def receive(self, sock: socket.socket, buffer: Any) -> int:
        """Read what is there into a buffer, waiting for the first byte; return how many bytes, 0 at the end. `sock` times out by `TICK_S`.

        Raises:
            OSError: The connection fails, takes too long or brings too much.
        """
        while True:
            self.left_s()
            try:
                count = sock.recv_into(buffer)
            except TimeoutError:
                if self._stopped():
                    return 0
                continue
            self._bytes -= count
            if self._bytes < 0:
                raise StreamRefusedError(None, f"more than {MOST_BYTES >> 20} MB came without a whole picture")
            return count


class _Wire(io.RawIOBase):
    """What comes from a socket, within an allowance."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock, self._allowance = sock, allowance
        sock.settimeout(TICK_S)
        self._held = sock.makefile("rb", buffering=0)  # keeps the connection after the socket is closed, as http.client does

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._allowance.receive(self._sock, buffer)

    def close(self) -> None:
        self._held.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A reply that is read within an allowance, header and body."""

    def __init__(self, sock: socket.socket, allowance: Allowance, **more: Any) -> None:
        super().__init__(sock, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Wire(sock, allowance))


class Web:
    """HTTP with one host and port.

    Args:
        address: A stream's address; its user name and password are used when the host asks for them.
        allowance: Of the whole stream.
    """

    def __init__(self, address: str, allowance: Allowance) -> None:
        """Nothing is asked for yet."""
        parts = urlsplit(address)
        self._parts, self._allowance = parts, allowance
        self.failed = False
        """Whether anything was refused or failed for good."""
        self.url = without_user(parts)
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        everywhere = urlsplit(self.url)._replace(path="/", query="", fragment="").geturl()
        passwords.add_password(None, everywhere, unquote(parts.username or ""), unquote(parts.password or ""))
        self._opener = urllib.request.OpenerDirector()  # the usual one also asks proxies and follows redirects
        self._opener.add_handler(_Handler(allowance))
        self._opener.add_handler(urllib.request.HTTPErrorProcessor())
        self._opener.add_handler(urllib.request.HTTPDefaultErrorHandler())
        if parts.username is not None:
            self._opener.add_handler(urllib.request.HTTPDigestAuthHandler(passwords))
            self._opener.add_handler(urllib.request.HTTPBasicAuthHandler(passwords))

    def open(self, url: str, begin: int = 0) -> tuple[http.client.HTTPResponse, str]:
        """Ask for something from its byte `begin` on; return the reply to be read, and its final address.

        Raises:
            OSError: It lies elsewhere, cannot be had, or too much was asked for.
        """
        while True:
            if not same_origin(url, self._parts):
                raise StreamRefusedError(None, sent_on(url))
            headers = {"User-Agent": "posture", "Accept": "*/*"} | ({"Range": f"bytes={begin}-"} if begin else {})
            try:
                bare = quote(without_user(urlsplit(url)), safe="%/:=&?~#+!$,;'@()*[]")
                request = urllib.request.Request(bare, headers=headers)  # noqa: S310 # checked
                reply = self._opener.open(request, timeout=self._allowance.left_s())
            except HTTPError as error:
                error.close()
                moved = error.headers.get("Location") if error.code in _REDIRECTS else None
                if moved is None:
                    raise OSError(error.code, f"{error.code} {error.reason}") from error
                url = urljoin(url, moved)
                continue
            except URLError as error:  # of the system; what is raised by the allowance comes as it is
                reason = error.reason
                raise reason if isinstance(reason, OSError) else OSError(None, str(reason)) from error
            except http.client.HTTPException as error:
                raise OSError(None, "the server there doesn't speak proper HTTP") from error
            except ValueError as error:
                raise OSError(None, "it refuses the user name and password, or asks for them in an unsupported way") from error
            if begin and reply.status != HTTPStatus.PARTIAL_CONTENT:
                reply.close()
                raise OSError(None, "it can't be read from the middle")
            return reply, url

    def part(self, url: str) -> Body | io.BytesIO:
        """Open what a play list names; nothing in the place of a part that is missing.

        Raises:
            StreamRefusedError: It lies elsewhere, or too much was asked for.
        """
        try:
            return io.BytesIO() if self.failed else Body(self, url)
        except StreamRefusedError:
            self.failed = True
            raise
        except OSError:
            return io.BytesIO()


class _Handler(urllib.request.AbstractHTTPHandler):
    """Speaks HTTP and HTTPS within an allowance; certificates are checked as usual."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__()
        self._allowance = allowance
        self.http_request = self.https_request = self.do_request_

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connector(http.client.HTTPConnection), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connector(http.client.HTTPSConnection, context=self._context), req)

    def _connector(self, kind: Callable[..., http.client.HTTPConnection], **options: Any) -> Any:
        def make(host: str, **more: Any) -> http.client.HTTPConnection:
            self._allowance.ask()
            connection = kind(host, **more, **options)
            connection.response_class = partial(_Response, allowance=self._allowance)  # type: ignore[assignment]
            return connection

        return make


class Body:
    """What lies at an address, as libav reads a file.

    Args:
        web: The host.
        url: The address.
    """

    def __init__(self, web: Web, url: str) -> None:
        """Ask for it."""
        self._web = web
        self._reply, self.name = web.open(url)
        self._at = self._to = 0
        self._head = b""
        length = self._reply.headers.get("Content-Length", "")
        self._length = int(length) if length.isdecimal() else None
        self._ranges = self._length is not None and self._reply.headers.get("Accept-Ranges") == "bytes"
        self.format = _OF_TYPE.get(self._reply.headers.get_content_type())

    def read(self, size: int) -> bytes:
        """Give what is there, at most `size` bytes; none at the end, and after a failure: libav may ask again, and PyAV raises one."""
        if self._web.failed:
            return b""
        try:
            return self._read(size)
        except http.client.HTTPException as error:
            self._web.failed = True
            raise OSError(None, "it broke off") from error
        except OSError:
            self._web.failed = True
            raise

    def _read(self, size: int) -> bytes:
        if self._to != self._at:
            self._move()
        data = self._reply.read1(size)
        if self._at == len(self._head) < len(_LIST):
            self._head += data[: len(_LIST) - self._at]
        self._at += len(data)
        self._to = self._at
        if self._head == _LIST and self._at > MOST_LIST_BYTES:
            raise StreamRefusedError(None, f"its playlist is longer than {MOST_LIST_BYTES >> 20} MB")
        return data

    def seekable(self) -> bool:
        """Tell whether the host gives parts."""
        return self._ranges

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from another byte."""
        self._to = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._to, io.SEEK_END: self._length or 0}[whence]
        return self._to

    def tell(self) -> int:
        """Tell where it stands."""
        return self._to

    def close(self) -> None:
        """Hang up."""
        self._reply.close()

    def _move(self) -> None:
        ahead = self._to - self._at
        while 0 < ahead <= _SKIPPED_BYTES and (skipped := self._reply.read1(ahead)):
            self._at += len(skipped)
            ahead = self._to - self._at
        if ahead:
            self._reply.close()
            if self._length is not None and self._to < self._length:
                self._reply, _ = self._web.open(self.name, self._to)
            self._at = self._to


def origin_of(parts: SplitResult) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address.

    Raises:
        ValueError: Its port is none.
    """
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def without_user(parts: SplitResult) -> str:
    """Return an address without user name and password."""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def same_origin(address: str, named: SplitResult) -> bool:
    """Tell whether an address connects to the same host and port by the same scheme as the named one.

    Raises:
        ValueError: The named one has no proper port.
    """
    origin = origin_of(named)
    try:
        return origin_of(urlsplit(address)) == origin
    except ValueError:
        return False


def sent_on(address: str) -> str:
    """Tell that a server sends on to another address, in words."""
    try:
        scheme, host, port = origin_of(urlsplit(address))
        shown = f"{scheme}://{host}" + ("" if port is None else f":{port}")
    except ValueError:
        host = shown = ""
    where = shown if host and shown.isprintable() and len(shown) <= _MOST_SHOWN else "another address"
    return f"it redirects to {where}, but only the host and port you named are used"
