"""A video that is read once as it comes, from a pipe or from a stream's address: no going back, no length known ahead.

What is measured is the same as of a file: frames by presentation time, about ``rate_hz`` a second. Motion JPEG carries no times;
its frames are stamped as they arrive.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import av
from av.container import InputContainer

from posture.model import Frame, InputError
from posture.sources.opening import filmed_stream
from posture.sources.picking import FramePicker
from posture.sources.picture import Orientation, PictureMaker
from posture.sources.video_file import Filmed, VideoFacts

_OPEN_S, _READ_S = 15.0, 15.0
"""A camera may need some seconds to its next key frame; one that is silent for longer is gone."""
_ASK_S = 0.25
_JUMP_BACK_S = 1.0
"""A clock that goes back by more has started anew; by less, it is disorder."""
_JUMP_AHEAD_S = 600.0
"""A stream whose clock leaps further than this has started another one."""
_TIMELESS = {"mpjpeg", "mjpeg", "jpeg_pipe", "image2pipe"}
_NETWORK = "http,https,httpproxy,tcp,tls,rtp,srtp,rtsp,rtsps,rtmp,rtmps,udp,crypto,data"
"""What a stream may open; a play list from the network must not reach files of this machine."""
_PIPED = "data"
"""What a piped video may open besides itself: nothing, not even where it is a play list."""


_HINT = "; an MP4 needs its index in front: give such a file by its name, or pipe Matroska, MPEG-TS or a fragmented MP4"


class Readable(Protocol):
    """What a pipe can do."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""


class _Forward:
    """Only reads forward, whatever the file could, so that libav asks for nothing else. Gives what is there and waits for no more."""

    def __init__(self, file: Readable, stopped: Callable[[], bool]) -> None:
        self._file = file
        self._fd = _descriptor(file)
        self._stopped = stopped
        self.count = 0

    def read(self, size: int) -> bytes:
        if self._fd is None:
            data = self._file.read(size)
        else:
            while not select.select([self._fd], [], [], _ASK_S)[0]:
                if self._stopped():
                    return b""
            data = os.read(self._fd, size)
        self.count += len(data)
        return data


def _descriptor(file: Readable) -> int | None:
    """What can be waited for in small steps, so that Ctrl-C is heard while nothing comes; ``None`` where that cannot be."""
    if sys.platform == "win32":  # select knows sockets alone there
        return None
    try:
        fd = getattr(file, "fileno", lambda: None)()
    except OSError:
        return None
    return fd if isinstance(fd, int) else None


class Streamed(Filmed):
    """Frames of a pipe or stream.

    Args:
        name: What to call it before the user, without any password.
        origin: A stream's address, or an open file to read forward from; it is not closed.
        rate_hz: Frames wanted per second.
        start_s: Media time to start at, seconds since the first picture; what comes before is decoded and left out.
        end_s: Media time to stop before, seconds.
        max_side: Longest side of the images, pixels.
        clock: Seconds, monotonic; stamps pictures that carry no time.
        stopped: Asked while nothing comes: whether to raise ``KeyboardInterrupt`` instead of waiting on.
    """

    _what = "stream"

    def __init__(
        self,
        name: str,
        origin: str | Readable,
        rate_hz: float = 5.0,
        start_s: float | None = None,
        end_s: float | None = None,
        *,
        max_side: int = 1280,
        clock: Callable[[], float] = time.monotonic,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Nothing is opened before ``with``."""
        super().__init__(start_s or 0.0)
        self._name = name
        self._origin = origin
        self._rate_hz = rate_hz
        self._start_s, self._end_s = start_s or 0.0, end_s
        self._max_side = max_side
        self._clock = clock
        self._stopped = stopped
        self._container: InputContainer | None = None

    def _open(self) -> None:
        self._container = self._open_stream(self._origin) if isinstance(self._origin, str) else self._open_pipe(self._origin)
        self._stream = filmed_stream(self._container, self._name)
        self._stream.thread_type = "AUTO"
        self._stamped = self._container.format.name in _TIMELESS
        self._pictures = self._timed()
        self._first = self._next_picture()
        if self._first is None:
            raise InputError(f"{self._name}: no picture came that can be decoded" + self._hint())
        picture = self._first[1]
        self._maker = PictureMaker(self._stream.sample_aspect_ratio, self._max_side)
        width, height = self._maker.shown_size(picture)
        rate = self._stream.average_rate
        self._facts = VideoFacts(
            name=self._name,
            duration_s=None,
            width=width,
            height=height,
            fps=float(rate) if rate and not self._stamped else None,
            codec=self._stream.codec_context.name,
            rotation_deg=Orientation.of(picture).clockwise_deg,
            frames=None,
            created=None,
        )

    def _hint(self) -> str:
        """Why an MP4 from a pipe may have no pictures."""
        mp4 = self._container is not None and "mp4" in self._container.format.name
        return _HINT if mp4 and not isinstance(self._origin, str) else ""

    def _open_stream(self, address: str) -> InputContainer:
        options = {"protocol_whitelist": _NETWORK}
        if address.lower().startswith("rtsp"):
            options["rtsp_transport"] = "tcp"  # by UDP, pictures of a busy network come torn
        try:
            return av.open(address, "r", options=options, timeout=(_OPEN_S, _READ_S), metadata_errors="replace")
        except (av.FFmpegError, OSError, ValueError) as error:
            raise InputError(f"{self._name}: cannot be opened ({_why(error)})") from error

    def _open_pipe(self, file: Readable) -> InputContainer:
        pipe = _Forward(file, self._stopped)
        try:
            return av.open(pipe, "r", options={"protocol_whitelist": _PIPED}, metadata_errors="replace")
        except (av.FFmpegError, OSError, ValueError) as error:
            if not pipe.count:
                raise InputError(f"{self._name}: nothing came through the pipe") from error
            raise InputError(f"{self._name}: cannot be read from a pipe as a video ({_why(error)}){_HINT}") from error

    def _frames(self) -> Generator[Frame, None, None]:
        picker = FramePicker(self._rate_hz, self._start_s)
        item = self._first
        step_s, last_s = 1.0 / self._rate_hz, None
        while item is not None:
            time_s, picture = item
            if self._end_s is not None and time_s >= self._end_s:
                return
            step_s = step_s if last_s is None else time_s - last_s
            self._position_s = last_s = time_s
            if time_s >= self._start_s and picker.wants(time_s):
                yield Frame(time_s, self._maker.image(picture))
            item = self._next_picture()
        there_s = self._position_s + step_s
        broke = f"breaks off at {there_s:.1f} s; the part before was measured"
        self._facts = replace(self.facts, duration_s=there_s, truncated=self._broke_off, problem=broke if self._broke_off else None)

    def _next_picture(self) -> tuple[float, av.VideoFrame] | None:
        return next(self._pictures, None)

    def _timed(self) -> Generator[tuple[float, av.VideoFrame], None, None]:
        """Pictures with strictly rising seconds since the first."""
        self._broke_off = False
        moved_s: float | None = None
        last_s, base = -1.0, self._stream.time_base
        for picture in self._decoded():
            own_s = None if picture.pts is None or base is None else float(picture.pts * base)
            clock_s = self._clock() if self._stamped or own_s is None else own_s
            moved_s = -clock_s if moved_s is None else moved_s
            time_s = clock_s + moved_s
            if last_s >= 0 and not -_JUMP_BACK_S < time_s - last_s < _JUMP_AHEAD_S:
                moved_s += last_s + 0.04 - time_s
                time_s = last_s + 0.04
            if time_s > last_s:
                last_s = time_s
                yield time_s, picture

    def _decoded(self) -> Generator[av.VideoFrame, None, None]:
        container, stream = self._container, self._stream
        assert container is not None
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError):
                self._broke_off = True
                packet = None
            with suppress(av.FFmpegError):  # a torn picture; the next key frame mends it
                yield from stream.codec_context.decode(packet)
            if packet is None:
                if self._stopped():
                    raise KeyboardInterrupt
                return

    def _close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
