"""Reads the coded pictures of a container in the order of the file, each with what the container says of its time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from posture.capture.opening import ASKED_FPS, carries_no_times, own_rate
from posture.capture.timing import ASSUMED_FPS, MOST_FPS, plausible_fps

_GENERATED = 1  # AVFMT_FLAG_GENPTS: times of presentation made up from those of decoding, wrongly where pictures are reordered
_BEFORE_KEY = 2  # where recordings are glued together, the last pictures before the seam are marked as torn, and are whole
_LAST = 32


@dataclass(slots=True, eq=False)
class Stamp:
    """What is known of a coded picture before it is decoded."""

    own_s: float | None
    """When it is shown, seconds of the recording's own clock; ``None``: the recording does not say."""
    order_s: float | None
    """When it is decoded, likewise; where nothing says when pictures are shown, they are shown in the steps in which they are decoded."""
    length_s: float
    """How long it is shown, seconds; 0: not said."""
    torn: bool
    """Part of it is missing."""

    @property
    def moment_s(self) -> float | None:
        """When it is shown, or about when, seconds of the recording's own clock."""
        return self.order_s if self.own_s is None else self.own_s


Coded: TypeAlias = "tuple[av.Packet[Any], Stamp]"


class CodedPictures:
    """The coded pictures of one video stream, from where the container stands to its end; to be iterated once.

    Args:
        container: An open container.
        stream: Its video stream.
        fps: Pictures per second of a recording that carries no times; ``None``: by its own account, else 25.
        arrival: Clock in seconds that stamps pictures without times as they come; ``None``: they are counted.
        came: Called for every one.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        fps: float | None = None,
        arrival: Callable[[], float] | None = None,
        came: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is read yet."""
        self._came = came
        container.flags &= ~_GENERATED
        self._container, self._stream = container, stream
        self.timeless = carries_no_times(container)
        """Whether the recording carries no times, so that its pictures are counted or stamped as they come."""
        own_fps = own_rate(stream) if self.timeless else None
        self._arrival = arrival if self.timeless and fps is None else None
        self.assumed = self.timeless and self._arrival is None and fps is None and own_fps is None
        """Whether the rate is a guess."""
        self.fps: float | None
        """Pictures per second as announced; ``None``: not known."""
        if self._arrival is not None:
            self.fps = None
        elif self.timeless:
            self.fps = fps or own_fps or ASSUMED_FPS
        else:
            self.fps = plausible_fps(stream.average_rate, stream.guessed_rate, stream.base_rate, stream.codec_context.framerate)
        self.step_s = 1.0 / (self.fps or ASSUMED_FPS)
        """Usual seconds from picture to picture; final once the first was read."""
        self.timed: bool | None = None
        """Whether pictures say when they are shown, not only in which order they are coded; ``None`` before the first."""
        self.read_to_s = 0.0
        """End of what was read of any track, seconds of the container's own clock."""
        self.read_to_byte = 0
        """About where in the file the last picture ends."""
        self.lost = False
        """Whether something could not be placed."""
        self.broke_off = False
        """Whether reading had to stop because what follows makes no sense."""
        self.ends: deque[float] = deque(maxlen=_LAST)
        """Ends of the last pictures that are there whole, decoded or not, seconds of the recording's own clock."""
        self._count = 0.0

    def __iter__(self) -> Iterator[Coded]:
        """In the order of the file."""
        waiting: deque[Coded] = deque()
        for packet in self._packets():
            coded = packet, self._stamp(packet)
            if packet.is_keyframe:
                for before, stamp in waiting:
                    stamp.torn = stamp.torn and before.is_keyframe  # else the decoder says whether it really is
            waiting.append(coded)
            if len(waiting) > _BEFORE_KEY:
                yield waiting.popleft()
        yield from waiting

    def _packets(self) -> Iterator[av.Packet[Any]]:
        packets, chained = self._container.demux(), "ogg" in self._container.format.name
        while True:
            try:
                packet = next(packets, None)
            except IndexError:  # a track that shows up in the middle, whose packets PyAV cannot place: read on without it
                self.lost = True
                packets = self._container.demux()
                continue
            except (av.FFmpegError, OSError):  # it broke off here; what came before is good
                self.broke_off = True
                return
            if packet is None:
                return
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None and packet.time_base:
                self.read_to_s = max(self.read_to_s, _seconds(stamp + (packet.duration or 0), packet.time_base))
            if packet.stream.index == self._stream.index and packet.size and not (chained and _is_header(packet)):
                self.read_to_byte = max(self.read_to_byte, (packet.pos or 0) + packet.size)
                self._came()
                yield packet

    def _stamp(self, packet: av.Packet[Any]) -> Stamp:
        base = self._stream.time_base
        length_s = _seconds(packet.duration or 0, base) if base is not None else 0.0
        if self.timed is None:
            self.timed = packet.pts is not None and base is not None and not self.timeless
            if self.timed and 1.0 / MOST_FPS <= length_s < self.step_s:
                self.step_s = length_s  # an average over a gap is no usual step
        if self.timeless or base is None:
            stamp = self._counted(packet, length_s)
        else:
            own_s = _seconds(packet.pts, base) if self.timed and packet.pts is not None else None
            order_s = None if packet.dts is None else _seconds(packet.dts, base)
            stamp = Stamp(own_s, order_s, length_s, packet.is_corrupt)
        moment_s = stamp.moment_s
        if moment_s is not None and not stamp.torn and not packet.is_discard:
            self.ends.append(moment_s + (stamp.length_s or self.step_s))
        return stamp

    def _counted(self, packet: av.Packet[Any], length_s: float) -> Stamp:
        """Stamp a picture that carries no time."""
        if self._arrival is not None:
            return Stamp(None, self._arrival(), 0.0, packet.is_corrupt)
        fps = self.fps or ASSUMED_FPS
        libavs = float(self._stream.codec_context.framerate or ASKED_FPS)
        pictures = min(3.0, round(4.0 * length_s * libavs) / 4.0) or 1.0  # half a one is a field; more are shown repeatedly
        begin_s = self._count / fps
        self._count += pictures
        return Stamp(None, begin_s, pictures / fps, packet.is_corrupt)


def _seconds(ticks: int, base: Fraction) -> float:
    """Return the nearest float to so many ticks, seconds, as ``float(ticks * base)`` ten times as fast: once for every coded picture."""
    return ticks * base.numerator / base.denominator


def _is_header(packet: av.Packet[Any]) -> bool:
    """Tell whether an Ogg packet is the header of a further recording in the chain, which libav takes for a picture."""
    head = bytes(memoryview(packet)[:7])
    return head[1:] == b"theora" or head.startswith(b"OVP80")
