"""A video that is read once as it comes, from a pipe or from a stream's address: no going back, no length known ahead.

What is measured is the same as of a file: frames by presentation time, about ``rate_hz`` a second. Pictures of a stream that carries no
times (Motion JPEG of cameras) are stamped as they arrive; those of a pipe are counted, as of a file.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

import av
from av.container import InputContainer

from posture.capture.announced import TAIL_BYTES, FileEnding, ends_with_ts_packets
from posture.capture.cropping import Crop
from posture.capture.decoding import BaseDecoder
from posture.capture.network import NetworkStream, why
from posture.capture.opening import RATE_OPTION
from posture.capture.picture import TimedPicture
from posture.capture.video_file import VideoSource, facts_of
from posture.errors import InputError

_PATIENCE_S = 15.0
"""A camera may need some seconds to its next key frame; one that is silent for longer is gone."""
_ASK_S = 0.25
_PIPED = "data"
"""What a piped video may open besides itself: nothing, not even where it is a play list."""


_HINT = "; an MP4 needs its index in front: give such a file by its name, or pipe Matroska, MPEG-TS or a fragmented MP4"


_MATROSKA = re.compile(rb"\x1a\x45\xdf\xa3.{1,40}?(?:matroska|webm)", re.DOTALL)
_HEADER_BYTES = 52


class _Forward:
    """Only reads forward, whatever the file could, so that libav asks for nothing else. Gives what is there and waits for no more."""

    def __init__(self, file: BinaryIO, stopped: Callable[[], bool]) -> None:
        self._file = file
        self._fd = _descriptor(file)
        self._stopped = stopped
        self.count = 0
        self.tail = b""
        """The last bytes that were read."""
        self.recordings = 0
        """How many Matroska recordings began; libav does not say that it passes over the third of several."""

    def read(self, size: int) -> bytes:
        if self._fd is None:
            data = self._file.read(size)
        else:
            while not select.select([self._fd], [], [], _ASK_S)[0]:
                if self._stopped():
                    return b""
            data = os.read(self._fd, size)
        self.count += len(data)
        seen = self.tail[-_HEADER_BYTES:] + data
        self.recordings += sum(m.end() > len(seen) - len(data) for m in _MATROSKA.finditer(seen))
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        return data


def _descriptor(file: BinaryIO) -> int | None:
    """Tell what can be waited for in small steps, so that Ctrl-C is heard while nothing comes; ``None`` where that cannot be."""
    if sys.platform == "win32":  # select knows sockets alone there
        return None
    try:
        fd = getattr(file, "fileno", lambda: None)()
    except OSError:
        return None
    return fd if isinstance(fd, int) else None


class _StreamDecoder(BaseDecoder):
    """The pictures of a pipe or stream, from where it stands."""

    def __init__(
        self,
        name: str,
        origin: str | BinaryIO,
        wanted_hz: float,
        fps: float | None,
        clock: Callable[[], float],
        stopped: Callable[[], bool],
    ) -> None:
        """Open it and decode its first picture."""
        self._origin, self._stopped = origin, stopped
        self._pipe = None if isinstance(origin, str) else _Forward(origin, stopped)
        self._network: NetworkStream | None = None
        super().__init__(name, wanted_hz, 0, fps, clock if isinstance(origin, str) else None)

    def _open(self) -> InputContainer:
        if isinstance(self._origin, str):
            self._network = NetworkStream(self.name, self._origin, _PATIENCE_S, stopped=self._stopped)
            return self._network.container
        assert self._pipe is not None
        return _open_pipe(self.name, self._pipe)

    def _came(self) -> None:
        if self._network is not None:
            self._network.came()

    def close(self) -> None:
        """Let go of the stream."""
        super().close()
        if self._network is not None:
            self._network.close()

    def _nothing(self) -> str:
        mp4 = "mp4" in self.container.format.name and not isinstance(self._origin, str)
        return "no picture that came through could be decoded" + (_HINT if mp4 else "")

    @property
    def notes(self) -> tuple[str, ...]:
        """As for every decoder, and how many recordings of a pipe were passed over."""
        begun = 0 if self._pipe is None else self._pipe.recordings
        read = 1 + sum(leap.gap_s is None for leap in self.clock.leaps)
        if begun <= read:
            return super().notes
        return (*super().notes, f"Of {begun} recordings that came through the pipe, {read} could be read; give the file by its name.")

    def pictures(self, start_s: float = 0.0) -> Iterator[TimedPicture]:
        """As for every decoder; what comes before start_s is decoded and left out."""
        self._lost = False  # who comes in the middle has not lost what was before
        yield from self._accounted(chain([self.first], self._rising(self._running, 0.0)), start_s)
        if self._pipe is not None and self._pipe.tail and self.container.format.name == "mpegts":
            self.announced = replace(self.announced, ending=FileEnding(cut=not ends_with_ts_packets(self._pipe.tail)))
        if self._stopped():
            raise KeyboardInterrupt


def _open_pipe(name: str, pipe: _Forward) -> InputContainer:
    try:
        return av.open(pipe, "r", options={"protocol_whitelist": _PIPED, **RATE_OPTION}, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        if not pipe.count:
            raise InputError(f"{name}: nothing came through the pipe") from error
        raise InputError(f"{name}: cannot be read from a pipe as a video ({why(error)}){_HINT}") from error


class Streamed(VideoSource):
    """Frames of a pipe or stream.

    Args:
        name: What to call it before the user, without any password.
        origin: A stream's address, or an open file to read forward from; it is not closed.
        rate_hz: Frames wanted per second.
        start_s: Media time to start at, seconds since the first picture; what comes before is decoded and left out.
        end_s: Media time to stop before, seconds.
        max_side: Longest side of the images, pixels.
        clock: Seconds, monotonic; stamps pictures of a stream that carry no time.
        stopped: Asked while nothing comes: whether to raise ``KeyboardInterrupt`` instead of waiting on.
        fps: Pictures per second of a recording that carries no times; ``None``: by its own account, else 25, or as they arrive.
        rotate_deg: Degrees clockwise (0, 90, 180, 270) by which pictures are turned on top of what they say themselves.
        crop: The part of the upright picture that is measured; ``None``: all of it.
    """

    _what = "stream"

    def __init__(
        self,
        name: str,
        origin: str | BinaryIO,
        rate_hz: float = 5.0,
        start_s: float | None = None,
        end_s: float | None = None,
        *,
        max_side: int = 1280,
        clock: Callable[[], float] = time.monotonic,
        stopped: Callable[[], bool] = lambda: False,
        fps: float | None = None,
        rotate_deg: int = 0,
        crop: Crop | None = None,
    ) -> None:
        """Nothing is opened before ``with``."""
        super().__init__(rate_hz, start_s, end_s, max_side, rotate_deg, crop)
        self._name, self._origin = name, origin
        self._clock, self._stopped, self._fps = clock, stopped, fps

    @property
    def address(self) -> str | None:
        """The stream's address, as it may be shown; ``None`` of a pipe."""
        return self._name if isinstance(self._origin, str) else None

    def _open(self) -> None:
        decoder = self._decoder = _StreamDecoder(self._name, self._origin, self._rate_hz, self._fps, self._clock, self._stopped)
        self._facts = replace(facts_of(decoder, self._maker), duration_s=None, frames=None, created=None)
        self._pictures = decoder.pictures(self._start_s)
