"""Opens a network stream: connects to the host and port of its address alone, by known protocols.

HTTP is spoken by `posture.capture.web` and only handed on to libav, which would follow redirects and play lists anywhere. The other
protocols are libav's, each allowed to use what it is built on and nothing else.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import av
from av.container import InputContainer

from posture.capture.opening import MOST_PIXELS, RATE_OPTION
from posture.capture.web import TICK_S, Allowance, Body, StreamRefusedError, Web, origin_of, same_origin, sent_on, without_user
from posture.errors import InputError

_MOST_REPLY_BYTES = 1 << 16
"""Of an RTSP reply's header."""
_PROTOCOLS = {
    "rtsp": "tcp",
    "rtsps": "tls,tcp",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,tls,tcp",
    "rtp": "rtp,udp",
    "srtp": "srtp,rtp,udp",
    "udp": "udp",
    "tcp": "tcp",
}
"""What libav may use for each scheme that it is left to."""
_FORMATS = (
    "aac,ac3,asf,av1,avi,eac3,flv,h264,hevc,hls,ivf,jpeg_pipe,live_flv,m4v,matroska,mjpeg,mov,mp3,mp4,mpeg,mpegts,mpegvideo,mpjpeg,nut,"
    "obu,ogg,rtp,rtsp,webm"
)
"""Containers that a stream may come in; of play lists HLS alone, over HTTP."""


class NetworkStream:
    """An open stream; to be closed.

    Args:
        name: What to call it before the user, without any password.
        address: Its address.
        patience_s: Seconds that it may take to be opened, and from one coded picture to the next.
        options: Further ones for libav.
        stopped: Asked while nothing comes over HTTP: whether to behave as if the stream ended.

    Raises:
        InputError: It cannot be opened.
    """

    def __init__(
        self,
        name: str,
        address: str,
        patience_s: float,
        options: Mapping[str, str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Open it."""
        self._allowance = Allowance(patience_s, stopped)
        self._body: Body | None = None
        self.came = self._allowance.renew
        """To be called for each coded picture."""
        try:
            self.container = self._open(
                address, {"format_whitelist": _FORMATS, "max_pixels": str(MOST_PIXELS), **RATE_OPTION, **(options or {})}, patience_s
            )
        except (av.error.ArgumentError, av.error.InvalidDataError) as error:  # none of _FORMATS, or nothing that libav knows
            self._hang_up()
            raise InputError(f"{name}: is not a video stream, or is a kind of playlist that isn't supported") from error
        except (av.FFmpegError, OSError) as error:
            self._hang_up()
            raise InputError(f"{name}: cannot be opened ({why(error)})") from error
        except ValueError as error:  # its words may hold a part of the password
            self._hang_up()
            raise InputError(f"{name}: is not a valid stream address") from error

    def _open(self, address: str, options: dict[str, str], patience_s: float) -> InputContainer:
        scheme = urlsplit(address).scheme
        if scheme in ("http", "https"):
            return self._open_web(address, options, patience_s)
        if scheme not in _PROTOCOLS:
            raise StreamRefusedError(None, f"streams are read by {', '.join(['http', 'https', *_PROTOCOLS])}")
        options["protocol_whitelist"] = _PROTOCOLS[scheme]
        if scheme in ("rtsp", "rtsps"):
            options["rtsp_transport"] = "tcp"  # by UDP, pictures of a busy network come torn
            address = _moved(address, self._allowance)
        return av.open(address, "r", options=options, timeout=(patience_s, patience_s), metadata_errors="replace")

    def _open_web(self, address: str, options: dict[str, str], patience_s: float) -> InputContainer:
        web = Web(address, self._allowance)
        body = self._body = Body(web, web.url)
        if body.format == "mpjpeg":  # of JPEG, libav reads the size without making room for it; with a limit, it would not tell the size
            del options["max_pixels"]
        return av.open(
            body,
            "r",
            format=body.format,
            options={
                **options,
                "protocol_whitelist": "data",
                "http_persistent": "0",
                "http_multiple": "0",
            },  # libav itself connects to nothing
            timeout=(patience_s, patience_s),
            metadata_errors="replace",
            io_open=lambda url, _flags, _options: web.part(url),
        )

    def close(self) -> None:
        """Let go of it."""
        self.container.close()
        self._hang_up()

    def __del__(self) -> None:
        """Close what was forgotten: PyAV frees the parts of a play list twice if the garbage collector finds them open."""
        if hasattr(self, "container"):
            self.close()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()


def _moved(address: str, allowance: Allowance) -> str:
    """Ask an RTSP server as libav is going to ask it, which would follow to anywhere; return the address where the stream is.

    Raises:
        OSError: It is at another host or port, or cannot be reached.
        ValueError: It is no proper address.
    """
    parts = urlsplit(address)
    while location := _location(parts, allowance):
        if not same_origin(location, parts):
            raise StreamRefusedError(None, sent_on(location))
        allowance.ask()
        parts = urlsplit(location)._replace(netloc=parts.netloc)
    return parts.geturl()


def _location(parts: SplitResult, allowance: Allowance) -> str | None:
    """Ask what is at an RTSP address; return where the server says it is instead, ``None`` if it does not."""
    scheme, host, port = origin_of(parts)
    bare = without_user(parts)
    with socket.create_connection((host, port or 0), allowance.left_s()) as plain, _secured(plain, host, scheme == "rtsps") as sock:
        sock.settimeout(TICK_S)
        for number, asked in enumerate((f"OPTIONS {bare} RTSP/1.0", f"DESCRIBE {bare} RTSP/1.0\r\nAccept: application/sdp"), 1):
            sock.sendall(f"{asked}\r\nCSeq: {number}\r\nUser-Agent: posture\r\n\r\n".encode())
            status, location = _reply(sock, allowance)
            if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
                return location or "nowhere"
    return None


def _secured(sock: socket.socket, host: str, tls: bool) -> socket.socket:
    if not tls:
        return sock
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # as libav does; nothing of use to anybody is sent
    return context.wrap_socket(sock, server_hostname=host)


def _reply(sock: socket.socket, allowance: Allowance) -> tuple[int, str]:
    """Read the head of a reply; return its status and its ``Location``. One that is none has the status 0."""
    head, piece = b"", bytearray(4096)
    while b"\r\n\r\n" not in head and len(head) < _MOST_REPLY_BYTES and (count := allowance.receive(sock, piece)):
        head += piece[:count]
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split()
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    proper = len(words) > 1 and words[0].startswith("RTSP/") and words[1].isdecimal()
    return int(words[1]) if proper else 0, fields.get("location", "")


def why(error: Exception) -> str:
    """Tell what went wrong, without the address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; SSL_CERT_FILE=FILE names one that is"
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers there: check the address and the port, and that its server runs"
    return getattr(error, "strerror", None) or str(error)
