"""A network stream as a camera: every coded picture is taken as it comes, and decoded only where it has to be."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import av
import numpy as np

from posture.capture.camera_list import Target
from posture.capture.network import NetworkStream
from posture.capture.opening import filmed_stream
from posture.capture.picture import PictureMaker, Shape
from posture.errors import InputError
from posture.types import ByteArray

_MAX_SIDE = 1280  # pose networks need no more, as for recordings
_PATIENCE_S = 10.0  # an RTSP camera may need some seconds until its next key frame
_OPTIONS = {"analyzeduration": "1000000"}  # libav watches an RTSP stream for up to 5 s before its first picture; one is enough


class LiveStream:
    """An open stream, as `posture.capture.device.Capture`.

    Pictures of Motion JPEG stand for themselves: only those that are asked for are decoded. Of other codecs all are, as each is built on
    those before it.

    Args:
        target: The stream.

    Raises:
        InputError: It cannot be opened.
    """

    def __init__(self, target: Target) -> None:
        """Open it."""
        self._network = NetworkStream(target.label, str(target.source), _PATIENCE_S, _OPTIONS)
        try:
            stream = filmed_stream(self._network.container, target.label)
        except InputError:
            self._network.close()
            raise
        self._context = stream.codec_context
        self._context.thread_count = 1  # with several, one picture is held back for each
        self._apart = self._context.name == "mjpeg"
        self._packets = self._network.container.demux(stream)
        self._packet: av.Packet[Any] | None = None
        self._decoded: deque[av.VideoFrame | None] = deque()
        self._maker = PictureMaker(_MAX_SIDE)

    def grab(self) -> bool:
        """Wait for the next picture and take it; False at the end, where the stream breaks off, and where none can be decoded for long."""
        until_s = time.monotonic() + _PATIENCE_S
        if self._decoded:
            self._decoded.popleft()
        try:
            while not self._decoded and time.monotonic() < until_s:
                self._packet = next(self._packets, None)
                if self._packet is None:
                    return False
                if self._packet.size:
                    self._network.came()
                if self._apart:
                    return self._packet.size > 0
                self._decoded += self._decode(self._packet)
        except (av.FFmpegError, OSError):
            return False
        return bool(self._decoded)

    def picture(self) -> ByteArray | None:
        """Return what was grabbed as a picture; ``None`` if it is damaged."""
        packet, decoded = self._packet, list(self._decoded)
        if self._apart and packet is not None:
            decoded = self._decode(packet) if whole_jpeg(np.frombuffer(memoryview(packet), np.uint8)) else []
        picture = decoded[0] if decoded else None
        return None if picture is None else self._maker.image(picture, Shape())

    def release(self) -> None:
        """Let go of the stream."""
        self._network.close()

    def _decode(self, packet: av.Packet[Any]) -> list[av.VideoFrame | None]:
        """Return the pictures that come out when a coded one is put in; ``None`` for one that is damaged."""
        try:
            return list(self._context.decode(packet))
        except av.FFmpegError:
            return [None]


def whole_jpeg(data: ByteArray) -> bool:
    """Tell whether a JPEG has its end; a decoder would fill up one that breaks off with grey, and say nothing."""
    return data[-32:].tobytes().rstrip(b"\0\r\n").endswith(b"\xff\xd9")  # some cameras fill the last bytes up
