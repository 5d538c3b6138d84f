"""Decodes the pictures of a video file with PyAV, with true times, and keeps going over what is damaged."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from posture.model import InputError
from posture.sources.opening import check_is_file, filmed_stream, open_container

TimedPicture = tuple[float, av.VideoFrame]
"""Seconds since the first picture, and the picture."""

_MANY_MORE = 5  # with this many times the wanted rate, pictures that no other picture needs may stay undecoded
_JUMP_BACK_S = 1.0  # recordings glued together start their clock anew; going back by less is disorder, not a new clock
_LANDING_S = 10.0  # seeking without an index may land behind the wanted moment: the second try goes this much further back


class Decoder:
    """The pictures of one file, decoded in order of time.

    Pictures that cannot be decoded are counted and left out; the rest is kept. Time 0 is the first picture that can be decoded.

    Args:
        path: The file.
        wanted_hz: Pictures wanted per second. If the recording has many more, those that no other picture is built upon are not decoded,
            as long as the remaining ones stay within half of 1 / wanted_hz of each other (1080p H.264: twice as fast).
        threads: Threads that libav decodes with; 0: as many as it likes. One costs the least work in all, where other processes have
            the other cores.

    Raises:
        InputError: Not a video, or nothing in it can be decoded.
    """

    container: InputContainer
    stream: VideoStream

    def __init__(self, path: Path, wanted_hz: float = math.inf, threads: int = 0) -> None:
        """Open the file and decode its first picture."""
        check_is_file(path)
        self._path = path
        self._wanted_hz = wanted_hz
        self._threads = threads
        self.zero_s = 0.0
        """Where time 0 is on the container's own clock, seconds."""
        self._begin()
        try:
            first = next(self._running, None)
            if first is None:
                raise InputError(f"{path.name}: {'its pictures cannot be decoded' if self.faults else 'has no pictures (zero length)'}")
        except BaseException:
            self.close()
            raise
        self.zero_s = first[0]
        self.first: TimedPicture = (0.0, first[1])
        """The first picture."""

    def _begin(self) -> None:
        """Open the file anew and stand before its first picture."""
        self.container = open_container(self._path)
        try:
            self.stream = filmed_stream(self.container, self._path.name)
        except InputError:
            self.container.close()
            raise
        if self._threads:
            self.stream.codec_context.thread_count = self._threads
        self.stream.thread_type = "AUTO"
        rate = float(self.stream.average_rate or 0)
        self.step_s = 1.0 / rate if rate > 0 else 0.04
        """Usual time from picture to picture, seconds."""
        self._gap_s = 0.5 / self._wanted_hz if rate >= _MANY_MORE * self._wanted_hz else None
        if self._gap_s is not None:
            self.stream.codec_context.skip_frame = "NONREF"
        self._forget()

    def _forget(self) -> None:
        """Start the account of what was read, and the decoding, anew."""
        self.faults = 0
        """How many places could not be decoded."""
        self.first_fault_s: float | None = None
        """Where the first of them is, seconds."""
        self.exhausted = False
        """Whether the file was read to its end."""
        self.broke_off = False
        """Whether reading had to stop there because what follows makes no sense."""
        self.position_s = 0.0
        """Time of the last picture decoded, seconds."""
        self.read_to_s = 0.0
        """End of what was read of any track, seconds of the container's own clock."""
        self._damaged: deque[int] = deque(maxlen=64)
        self._running: Generator[TimedPicture, None, None] = self._on_the_clock()

    def pictures(self, start_s: float = 0.0) -> Iterator[TimedPicture]:
        """Pictures with strictly rising seconds since the first one; to be asked for once.

        Args:
            start_s: Only pictures from here on.
        """
        if start_s <= 0:
            yield self.first
            yield from self._rising(self._running, 0.0)
            return
        for time_s, picture in self._from_before(start_s):
            if time_s >= start_s:
                yield time_s, picture

    def key_time(self, near_s: float) -> float | None:
        """Where a key picture at or before this time is, seconds; nothing is decoded. Afterwards pictures are asked for from there on.

        ``None`` where the file cannot be wound to it, or does not say.
        """
        base = self.stream.time_base
        if base is None or not self._seek(near_s):
            return None
        try:
            for packet in self.container.demux(self.stream):
                if packet.is_keyframe and packet.pts is not None:
                    return float(packet.pts * base) - self.zero_s
        except av.FFmpegError:
            return None
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._running.close()
        self.container.close()

    def _from_before(self, start_s: float) -> Iterator[TimedPicture]:
        """Pictures from a key picture at or before start_s on."""
        for target_s in (start_s, start_s - _LANDING_S):
            if target_s > 0 and self._seek(target_s):
                pictures = self._rising(self._running, -math.inf)
                landed = next(pictures, None)
                if landed is not None and landed[0] <= start_s:
                    return chain([landed], pictures)
        self.close()
        self._begin()
        return self._rising(self._running, -math.inf)

    def _seek(self, time_s: float) -> bool:
        self._running.close()
        base = self.stream.time_base
        if base is None:
            return False
        try:
            self.container.seek(round((time_s + self.zero_s) / base), stream=self.stream)
        except av.FFmpegError:
            return False
        self._forget()
        return True

    def _rising(self, pictures: Iterator[TimedPicture], last_s: float) -> Iterator[TimedPicture]:
        """From the container's clock to seconds since the first picture: disorder left out, a clock that starts anew continued."""
        moved_s = -self.zero_s
        for clock_s, picture in pictures:
            time_s = clock_s + moved_s
            if time_s < last_s - _JUMP_BACK_S:
                moved_s += last_s + self.step_s - time_s
                time_s = last_s + self.step_s
            if time_s <= last_s:
                continue
            if self._gap_s is not None and self._gap_s < time_s - last_s < math.inf:
                self._gap_s = None  # too few are left: decode all from here on
                self.stream.codec_context.skip_frame = "DEFAULT"
            self.position_s = last_s = time_s
            yield time_s, picture

    def _on_the_clock(self) -> Generator[TimedPicture, None, None]:
        """Pictures with the seconds of the container's own clock; where a picture carries no time, a step after the one before."""
        last_s = -self.step_s
        base = self.stream.time_base
        for picture in self._decoded():
            stamp = picture.pts if picture.pts is not None else picture.dts
            last_s = float(stamp * base) if stamp is not None and base is not None else last_s + self.step_s
            if picture.pts is None or picture.pts not in self._damaged:
                yield last_s, picture

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """Every picture that can be decoded from here to the end of the file."""
        packets = self.container.demux()
        while True:
            try:
                packet = next(packets, None)
            except IndexError:  # a track that shows up in the middle, whose packets PyAV cannot place: read on without it
                self._note_fault()
                packets = self.container.demux()
                continue
            except av.FFmpegError:  # the file breaks off here; what the decoder still holds is good
                self._note_fault()
                self.broke_off = True
                yield from self._decode(None)
                break
            if packet is None:
                break
            if packet.pts is not None and packet.time_base:
                self.read_to_s = max(self.read_to_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.stream.index == self.stream.index:
                yield from self._decode(packet)
        self.exhausted = True

    def _decode(self, packet: av.Packet[Any] | None) -> list[av.VideoFrame]:
        if packet is not None and packet.is_corrupt:
            self._note_fault()
            if packet.pts is not None:
                self._damaged.append(packet.pts)
        try:
            return list(self.stream.codec_context.decode(packet))
        except av.FFmpegError:
            self._note_fault()
            return []

    def _note_fault(self) -> None:
        self.faults += 1
        if self.first_fault_s is None:
            self.first_fault_s = self.position_s
