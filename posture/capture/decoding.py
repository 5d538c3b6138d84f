"""Decodes the pictures of a recording with PyAV, with true times, and keeps going over what is damaged."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from fractions import Fraction
from statistics import median
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream

from posture.capture.announced import Announced, FileEnding
from posture.capture.coded import Coded, CodedPictures, Stamp
from posture.capture.opening import filmed_stream
from posture.capture.picture import Orientation, OrientationReader, Shape, TimedPicture
from posture.capture.settling import SettlingPictures
from posture.capture.still import QuietTail, Sorted, StillFinder, StillStretch
from posture.capture.timing import ASSUMED_FPS, MediaClock, plausible_fps
from posture.errors import InputError

_MANY_MORE = 5  # with this many times the wanted rate, pictures that no other picture needs may stay undecoded
_SILENT = ("hevc", "mjpeg")  # their decoders pass over most damage without a sign, unless they are told to refuse it
_ALONE = ("mjpeg", "prores", "dnxhd", "dvvideo", "rawvideo")
"""Every picture of theirs is coded by itself, and no other is needed to decode it."""
_REMEMBERED = 512
"""Coded pictures of which it is remembered what was said of them; decoders hold back a few dozen."""
_HELD_BYTES = 64 << 20
"""Of coded pictures that are kept while the last key picture before a start is looked for."""
_DECIMALS = 9
"""Of times in seconds: sums of timestamps are exact to that."""
_TAIL_S = 2.0
"""Seconds of pictures at the end that may have been left undecoded."""
_MEASURED = 100
"""Steps of which the usual one is taken where the recording does not say its rate."""


class BaseDecoder(ABC):
    """The pictures of one recording, decoded in order of time. Time 0 is the first picture that can be decoded.

    Every coded picture goes to libav under a number instead of its timestamps and comes back under it. So what is known of it (its time,
    whether it is torn, the shape of its pixels) stays with it, however pictures are reordered, left out or lost.

    Args:
        name: What to call the recording before the user.
        wanted_hz: Pictures wanted per second. If the recording has many more, those that no other picture is built upon are not decoded,
            as long as the remaining ones stay within half of 1 / wanted_hz of each other (1080p H.264: twice as fast).
        threads: Threads that libav decodes with; 0: as many as it likes. One costs the least work in all, where other processes have
            the other cores.
        fps: Pictures per second of a recording that carries no times; ``None``: by its own account, else 25.
        arrival: Clock in seconds that stamps pictures without times as they come; ``None``: they are counted.

    Raises:
        InputError: Not a video, or nothing in it can be decoded.
    """

    container: InputContainer
    stream: VideoStream
    _strict = False
    """Whether to refuse damage that a decoder would pass over in silence."""
    _skips_still = False
    """Whether stretches in which nothing moves are passed over."""
    _ending = FileEnding()
    """How the file ends, as far as that can be seen from outside."""
    announced: Announced
    """What the recording says of itself."""

    def __init__(
        self, name: str, wanted_hz: float, threads: int, fps: float | None = None, arrival: Callable[[], float] | None = None
    ) -> None:
        """Open the recording and decode its first picture."""
        self.name = name
        self._wanted_hz, self._threads = wanted_hz, threads
        self._given_fps, self._arrival = fps, arrival
        self.wants: Callable[[float], bool] = lambda _time_s: True
        """Tells whether a picture at this time, seconds since the first one, will be looked at; asked before it is decoded, where each is
        coded by itself and one thread decodes. One that will not be looks like the first."""
        self.zero_s = 0.0
        """Where time 0 is on the mended clock, seconds."""
        self._lag_s: float | None = None
        self._first_shape: tuple[Fraction | None, ...] = ()
        self._opening, self._first_turn = True, Orientation()
        self._begin()
        try:
            first = next(self._running, None)
            if first is None and self._number and self._strict:  # maybe all of it breaks some rule, and can be seen all the same
                self._strict = False
                self.close()
                self._begin()
                first = next(self._running, None)
            if first is None:
                raise InputError(f"{name}: {self._nothing()}")
        except BaseException:
            self.close()
            raise
        self._opening, self._first_turn = False, first.shape.turn
        self.zero_s = first.time_s
        self.first = replace(first, time_s=0.0)
        """The first picture."""

    @abstractmethod
    def _open(self) -> InputContainer:
        """Open the container.

        Raises:
            InputError: It cannot be opened.
        """

    def _nothing(self) -> str:
        """Tell why there is no picture, in words."""
        return "its pictures can't be decoded" if self._number else "has no pictures (zero length)"

    @abstractmethod
    def pictures(self, start_s: float = 0.0) -> Iterator[TimedPicture]:
        """Yield pictures with strictly rising seconds since the first one; call it once.

        Args:
            start_s: Only pictures from here on.
        """

    @property
    def step_s(self) -> float:
        """Usual time from picture to picture, seconds."""
        return self._coded.step_s

    @property
    def fps(self) -> float | None:
        """Pictures per second: as announced, if that makes sense, else as found so far; ``None`` if neither is known."""
        if self._coded.fps is not None and not self.clock.leaps:
            return self._coded.fps
        return plausible_fps(round(1.0 / median(self._steps), 3)) if self._steps else None

    @property
    def broke_off(self) -> bool:
        """Whether reading had to stop because what follows makes no sense."""
        return self._coded.broke_off

    @property
    def read_to_s(self) -> float:
        """End of what was read of any track, seconds of the container's own clock."""
        return self._coded.read_to_s

    @property
    def end_s(self) -> float:
        """End of the latest picture that was read, seconds since the first one."""
        seen_s = self.clock.end_s
        not_decoded_s = max(self._coded.ends, default=-math.inf) + self.clock.moved_s
        return round((not_decoded_s if seen_s < not_decoded_s < seen_s + _TAIL_S else seen_s) - self.zero_s, _DECIMALS)

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be assumed of the recording's clock, in sentences for the user."""
        coded, said = self._coded, list[str]()
        if coded.assumed:
            said.append(f"The recording has no timestamps; {ASSUMED_FPS:g} frames a second were assumed (set it with --fps N).")
        if self._given_fps is not None and not coded.timeless:
            said.append("The recording has its own timestamps, so --fps was not used.")
        return (*said, *self.clock.notes(self.zero_s))

    def close(self) -> None:
        """Let go of the recording."""
        self._running.close()
        self.container.close()

    def _begin(self) -> None:
        """Open the recording and stand before its first picture."""
        self._use(self._open())
        self._forget()

    def _use(self, container: InputContainer) -> None:
        """Read from this container."""
        try:
            stream = filmed_stream(container, self.name)
        except InputError:
            container.close()
            raise
        self.container, self.stream = container, stream
        self.announced = Announced(container, self.stream, self._ending)
        if self._strict and self.stream.codec_context.name in _SILENT:
            self.stream.codec_context.options |= {"err_detect": "explode"}
        if self._threads:
            self.stream.codec_context.thread_count = self._threads
        self.stream.thread_type = "AUTO"

    def _forget(self, skip_to_s: float = -math.inf) -> None:
        """Start the account of what was read, and the decoding, anew; `skip_to_s`: what comes before need not be decoded."""
        self.faults = 0
        """In how many places pictures could not be decoded."""
        self.first_fault_s: float | None = None
        """Where the first of them is, seconds."""
        self.exhausted = False
        """Whether the recording was read to its end."""
        self.position_s = 0.0
        """Time of the last picture decoded, seconds."""
        self._coded = CodedPictures(self.container, self.stream, self._given_fps, self._arrival, self._came)
        end_s = self.announced.end_s
        self.clock = MediaClock(self._coded.step_s, -math.inf if end_s is None else end_s)
        many = self._coded.fps is not None and self._coded.fps >= _MANY_MORE * self._wanted_hz and not self._coded.timeless
        self._gap_s = 0.5 / self._wanted_hz if many else None
        self.stream.codec_context.skip_frame = "DEFAULT" if self._gap_s is None else "NONREF"
        self._number = 0
        self._stamps: dict[int, Stamp] = {}
        self._last_key = 0
        self._late_s = 0.0
        self._drained_to = 0
        self._settling = SettlingPictures()
        self._turns = OrientationReader()
        self._shapes: deque[tuple[int, Fraction | None]] = deque(maxlen=8)
        self._broken = self._refreshing = self._lost = self._was_damaged = False
        self._steps: list[float] = []
        self._last: av.VideoFrame | None = None
        self._running: Generator[TimedPicture, None, None] = self._on_the_clock(skip_to_s)

    def _accounted(self, pictures: Iterator[TimedPicture], start_s: float) -> Iterator[TimedPicture]:
        """Yield those from start_s on, and an account of the damage in them."""
        begun = start_s <= 0
        for p in pictures:
            if p.time_s < start_s:
                continue
            if (p.damaged and not self._was_damaged) or (self._lost and begun and not p.damaged):
                self._note_fault(p.time_s)
            self._was_damaged, self._lost, begun = p.damaged, False, True
            yield p
        if (self._lost and not self._was_damaged) or self._coded.lost:
            self._note_fault(self.position_s)

    def _note_fault(self, time_s: float) -> None:
        self.faults += 1
        if self.first_fault_s is None:
            self.first_fault_s = time_s

    def _rising(self, pictures: Iterator[TimedPicture], last_s: float) -> Iterator[TimedPicture]:
        """From the mended clock to seconds since the first picture, in strict order."""
        for p in pictures:
            time_s = round(p.time_s - self.zero_s, _DECIMALS)
            if time_s <= last_s:
                continue
            if self._gap_s is not None and self._gap_s < time_s - last_s < math.inf:
                self._gap_s = None  # too few are left: decode all from here on
                self.stream.codec_context.skip_frame = "DEFAULT"
            if self._gap_s is None and len(self._steps) < _MEASURED and last_s > -math.inf:
                self._steps.append(time_s - last_s)
            self.position_s = last_s = time_s
            yield replace(p, time_s=time_s)

    def _on_the_clock(self, skip_to_s: float) -> Generator[TimedPicture, None, None]:
        """Yield every picture from here to the end, decoded where it can and has to be, with seconds of the mended clock."""
        while True:
            for found in self._sorted(self._from_key_before(skip_to_s)):
                if isinstance(found, QuietTail | StillStretch):
                    still = found.compare(self._last) if isinstance(found, QuietTail) else found
                    yield from () if still is None else self._still(still)
                elif (passed := self._unwanted(found[1])) is not None:
                    yield passed
                else:
                    yield from self._put_in(found)
            yield from self._drained()
            if not self._go_on():
                break
        self.exhausted = True

    def _sorted(self, coded: Iterator[Coded]) -> Iterator[Sorted]:
        """Yield what has to be decoded, and, where that is looked for, stretches that need not be."""
        context = self.stream.codec_context
        if self._coded.timeless or not self._skips_still or context.codec.intra_only:
            return coded
        return StillFinder(context).sort(coded, begun=not self._opening)

    def _unwanted(self, stamp: Stamp) -> TimedPicture | None:
        """Return what stands for the next coded picture if nobody wants it and none is built upon it; ``None``: it is to be decoded."""
        if self._opening or self._threads != 1 or stamp.own_s is None or self.stream.codec_context.name not in _ALONE:
            return None
        time_s = self.clock.copy().at(stamp.own_s, stamp.length_s, key=True)
        if self.wants(round(time_s - self.zero_s, _DECIMALS)):
            return None
        return TimedPicture(self.clock.at(stamp.own_s, stamp.length_s, key=True), self.first.picture, self._broken)

    def _put_in(self, coded: Coded | None) -> Iterator[TimedPicture]:
        """Decode a coded picture; yield what then is sure to be as it seems. ``None``: what is still held back."""
        self.clock.step_s = self.step_s
        if self._coded.timed is False and self._gap_s is not None:
            self._gap_s = None  # by the order of those that are left, no time could be told
            self.stream.codec_context.skip_frame = "DEFAULT"
        for picture in self._decode(coded):
            stamp = None if picture.pts is None else self._stamps.get(picture.pts)
            number = picture.pts or 0
            if self._judge(picture, stamp):
                self._settling.damage_after(number)
            own_s = self._own_time(picture, stamp)
            time_s = self.clock.at(own_s, 0.0 if stamp is None else stamp.length_s, key=picture.key_frame)
            shape = Shape(self._aspect_of(picture.pts), self._turns.of(picture))
            self._settling.add(number, TimedPicture(time_s, picture, self._broken, shape))
            self._last = None if self._broken else picture
            yield from self._settling.settled()

    def _drained(self) -> Iterator[TimedPicture]:
        """Yield what the decoder holds back; a key picture may follow."""
        if self._number > self._drained_to:
            yield from self._put_in(None)
            yield from self._settling.rest(self._number)
            self.stream.codec_context.flush_buffers()
            self._drained_to = self._number

    def _still(self, stretch: StillStretch) -> Iterator[TimedPicture]:
        """Yield what the decoder holds back, and the pictures of a stretch that need not be decoded."""
        yield from self._drained()
        if not self._shapes or self._shapes[-1][1] != stretch.aspect:
            self._shapes.append((self._number + 1, stretch.aspect))
        shape = Shape(self._aspect_of(self._number + 1), self._turns.said_by(stretch.picture) or self._first_turn)
        key = stretch.key
        if not stretch.decoded:
            self._broken = self._refreshing = False
            yield TimedPicture(self.clock.at(key.own_s, key.length_s, key=True), stretch.picture, shape=shape)
        for stamp in stretch.others:
            yield TimedPicture(self.clock.at(stamp.own_s, stamp.length_s), stretch.picture, shape=shape, unchanged=True)

    def _came(self) -> None:  # noqa: B027 # only who reads from the network has something to do
        """Learn that a coded picture was read."""

    def _go_on(self) -> bool:
        """Open the recording that is glued behind this one, if there is one."""
        return False

    def _from_key_before(self, start_s: float) -> Iterator[Coded]:
        """Yield the coded pictures, without those that pictures from start_s on are certainly not built on."""
        coded = iter(self._coded)
        held: list[Coded] = []
        size = 0
        for packet, stamp in coded if start_s > -math.inf else ():
            if packet.is_keyframe and held:
                clock = self.clock.copy()
                self._pass_over(held)
                if stamp.moment_s is None or stamp.moment_s + self.clock.moved_s - self.zero_s > start_s:
                    self.clock = clock
                    held.append((packet, stamp))
                    break
                held, size = [], 0
            held.append((packet, stamp))
            size += packet.size
            if size > _HELD_BYTES:
                break
        yield from held
        held.clear()
        yield from coded

    def _pass_over(self, group: list[Coded]) -> None:
        """Let the clock know of pictures, from a key picture to the next, that are not decoded."""
        stamps = [(stamp, packet.is_keyframe) for packet, stamp in group]
        # those that say only when they are decoded are shown as long after that as the latest of the others
        lags_s = [s.own_s - s.order_s for s, _ in stamps if s.own_s is not None and s.order_s is not None]
        self._late_s = max([self._late_s, *lags_s])
        shown = [(s.order_s + self._late_s if s.own_s is None and s.order_s is not None else s.own_s, s.length_s, key) for s, key in stamps]
        for own_s, length_s, key in sorted((own_s, length_s, key) for own_s, length_s, key in shown if own_s is not None):
            self.clock.at(own_s, length_s, key=key)

    def _decode(self, coded: Coded | None) -> list[av.VideoFrame]:
        """Return the pictures that come out when a coded one is put in; ``None``: what is still held back at the end."""
        packet: av.Packet[Any] | None = None
        context = self.stream.codec_context
        if coded is not None:
            packet, stamp = coded
            self._number += 1
            self._stamps[self._number] = stamp
            self._stamps.pop(self._number - _REMEMBERED, None)
            if packet.is_keyframe:
                self._last_key = self._number
            packet.pts = packet.dts = self._number
        try:
            pictures = list(context.decode(packet))
        except av.FFmpegError:
            self._broken = self._lost = True
            self._refreshing = False
            pictures = []
        shape = context.sample_aspect_ratio
        if not self._shapes or self._shapes[-1][1] != shape:
            self._shapes.append((self._last_key, shape))  # it can change at key pictures alone
        return pictures

    def _judge(self, picture: av.VideoFrame, stamp: Stamp | None) -> bool:
        """See whether what comes out is whole: not from the first damage on, until a picture that is built on no other.

        Returns:
            Whether it is damaged itself.
        """
        if picture.is_corrupt or (stamp is not None and stamp.torn):
            self._broken, self._refreshing = True, False
            return True
        if self._broken and picture.key_frame:
            if picture.pict_type == PictureType.I or self._refreshing:
                self._broken = self._refreshing = False
            else:
                self._refreshing = True  # rows are renewed one after the other: whole when that begins again
        return False

    def _own_time(self, picture: av.VideoFrame, stamp: Stamp | None) -> float | None:
        """Return seconds of the recording's own clock; pictures that do not say theirs come in the steps in which coded ones go in."""
        if self._coded.timed:
            return None if stamp is None else stamp.own_s
        put_in = None if picture.dts is None else self._stamps.get(picture.dts)
        order_s = None if put_in is None else put_in.order_s
        if self._lag_s is None and stamp is not None and stamp.order_s is not None:
            self._lag_s = 0.0 if order_s is None else order_s - stamp.order_s
            return stamp.order_s
        return None if order_s is None else order_s - (self._lag_s or 0.0)

    def _aspect_of(self, number: int | None) -> Fraction | None:
        """Return the width over height of a pixel: by the container, or by the coded pictures where these say that it changed."""
        own = next((shape for since, shape in reversed(self._shapes) if number is not None and since <= number), self._shapes[-1][1])
        if not self._first_shape:
            self._first_shape = (own,)
        return self.stream.sample_aspect_ratio if (own,) == self._first_shape and self.announced.tells_shape else own
