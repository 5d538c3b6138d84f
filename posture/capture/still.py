"""Finds stretches of a recording in which nothing moved, by the sizes of its coded pictures and by its key pictures alone.

Who sits still is coded in few bytes, the same few all the time, and the encoder has compared every pixel. Between two key pictures that
show the same, and with coded pictures no larger than usual between them, nothing need be decoded but the key picture. Where they show
different things, or larger ones lie between them, it is decoded up to the last of these; from there on the same holds between the picture
decoded last and the next key picture. How much may be missed by that is measured in docs/measurement.md; all numbers here are our
judgement, tried on made recordings of several encoders.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, islice
from statistics import median
from typing import TypeAlias, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from posture.capture.coded import Coded, Stamp
from posture.capture.picture import PictureMaker, Shape
from posture.engine import CELLS, PictureChange, everywhere, hardly_differs
from posture.types import ByteArray, FloatArray

_SHORTEST_S, _LONGEST_S = 0.9, 12.0
"""From key picture to key picture: in less there is nothing to gain, after more another look is due."""
_FEWEST_HZ = 10.0
"""Coded pictures a second; the sizes of fewer say too little, and decoding them costs little."""
_HELD_BYTES = 32 << 20
"""Of coded pictures that wait for the next key picture."""
_MOST_BEFORE = 64
"""Pictures that follow a key picture in the file and are shown before it; more are a broken clock."""
_WINDOW_S = 0.5
"""The largest coded picture of each half second counts: encoders spread their bytes unevenly over neighbouring ones."""
_REMEMBERED = 240
"""Half seconds of which it is known what is usual."""
_LARGER, _SPREADS = 1.2, 3.5
"""By this factor, and by so many times their usual spread, largest coded pictures are larger where something moves."""
_SMALLER = 0.4
"""By this factor smaller ones may be those of a picture that stands still to the pixel, which has to be seen."""
_STEADY, _RICH = 0.02, 0.006
"""Sizes that spread by less than this share of the usual one are held constant by the encoder, and with more bytes a pixel noise fills
them: either way a movement does not show."""
_BY_KEYS_S = 2.1
"""From key picture to key picture: so far apart, they tell enough by themselves."""
_AGAIN_S = 1.0
"""After so much more another try is made, where what follows is quiet and yet the next key picture shows something else."""
_HEADER_BYTES, _BYTES_PER_PIXEL = 25, 1e-4
"""Of a picture that differs from the one before: one that stands still to the pixel takes less."""
_SWAY = 0.3
"""Of a cell, about 1 % of the picture's height: so far may an outline wander that breathing moves."""


@dataclass(frozen=True, slots=True, eq=False)
class StillStretch:
    """Coded pictures from one key picture to the next, of which the others show what the first shows."""

    key: Stamp
    picture: av.VideoFrame
    """The key picture."""
    aspect: Fraction | None
    """Width over height of its pixels, by its own account."""
    others: tuple[Stamp, ...]
    """Of the other pictures, in the order in which they are shown."""
    decoded: bool
    """The key picture was handed over to be decoded already, as pictures before it are built on it, or others of the stretch."""


@dataclass(slots=True, eq=False)
class QuietTail:
    """The last coded pictures before a key picture, all of the usual size: a still stretch, if the one decoded before them shows what the
    key picture shows."""

    _keys: KeyPictures
    _following: Coded
    _others: tuple[Stamp, ...]
    before: int
    """So many of its group have to be decoded before it."""
    still: StillStretch | None = None
    """The stretch, once it turned out to be one."""

    def compare(self, last: av.VideoFrame | None) -> StillStretch | None:
        """Return the stretch, if nothing moved in it; `last`: the picture decoded last, ``None`` if it is damaged."""
        same = None if last is None else self._keys.unchanged_since(last, self._following)
        if same is not None:
            self.still = StillStretch(self._others[0], same.picture, same.aspect, self._others, decoded=True)
        return self.still


Sorted: TypeAlias = "Coded | StillStretch | QuietTail"


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """A picture that is compared: a key picture that was decoded by itself, or the last one of those that were decoded."""

    picture: av.VideoFrame
    aspect: Fraction | None
    grey: FloatArray
    grid: ByteArray

    @property
    def form(self) -> tuple[int, int, str, Fraction | None]:
        return self.picture.width, self.picture.height, self.picture.format.name, self.aspect


@dataclass(slots=True, eq=False)
class _Group:
    """A key picture and those that follow it in the file, up to the next one."""

    key: Coded
    decoded: bool = False
    """As in `StillStretch`."""
    rest: list[Coded] = field(default_factory=list)
    size: int = 0

    def add(self, coded: Coded) -> None:
        self.rest.append(coded)
        self.size += coded[0].size

    def to_decode(self) -> Iterator[Coded]:
        if not self.decoded:
            yield self.key
        yield from self.rest


class PacketSizes:
    """Knows how large coded pictures usually are while nothing moves.

    Args:
        pixels: Of a picture.
    """

    def __init__(self, pixels: int) -> None:
        """Nothing is known but what a picture takes in which anything changes at all."""
        self._most = _RICH * pixels
        self._least = _HEADER_BYTES + _BYTES_PER_PIXEL * pixels
        self._first, self._later = _Usual(), _Usual()  # the first ones mend what the key picture left

    def unusual_until(self, sizes: Iterable[tuple[float, int]]) -> float:
        """Return until when coded pictures are of unusual size, seconds after the key picture; 0: they never are. Remember them all.

        Args:
            sizes: how long after the key picture each is shown, seconds, and its bytes.
        """
        largest: dict[int, int] = {}
        for after_s, size in sizes:
            window = int(after_s / _WINDOW_S)
            largest[window] = max(size, largest.get(window, 0))
        kinds = {window: self._later if window else self._first for window in largest}
        for kind in (self._first, self._later):
            kind.learn([size for window, size in largest.items() if kinds[window] is kind])
        unusual = [window for window, size in largest.items() if not kinds[window].has(size, self._least)]
        return _WINDOW_S * (max(unusual) + 1) if unusual else 0.0

    @property
    def telling(self) -> bool:
        """Whether a movement would show in them, by those so far."""
        return _STEADY * self._later.usual <= self._later.spread and self._later.usual <= self._most


class _Usual:
    """Remembers sizes."""

    def __init__(self) -> None:
        self._sizes: deque[int] = deque(maxlen=_REMEMBERED)
        self.usual = self.spread = 0.0

    def learn(self, sizes: Sequence[int]) -> None:
        """Remember these."""
        self._sizes.extend(sizes)
        if sizes:
            self.usual = usual = median(self._sizes)
            self.spread = 1.4826 * median(abs(size - usual) for size in self._sizes)

    def has(self, size: int, least: float) -> bool:
        """Tell whether this size is usual, and not below `least` bytes."""
        most = self.usual + max((_LARGER - 1.0) * self.usual, _SPREADS * self.spread)
        return max(_SMALLER * self.usual, least) <= size <= most


class KeyPictures:
    """Decodes key pictures, each by itself, beside the decoder of the recording."""

    def __init__(self, context: VideoCodecContext) -> None:
        """`context`: the recording's decoder, which is left as it is."""
        self._context = cast("VideoCodecContext", av.CodecContext.create(context.codec.name, "r"))
        self._context.extradata = context.extradata
        self._context.options = dict(context.options)
        self._context.thread_count = 1
        self._maker = PictureMaker(CELLS)
        self._change = PictureChange()
        self._last: tuple[Coded, _Key | None] | None = None

    def unchanged(self, before: Coded, after: Coded) -> _Key | None:
        """Return the first of two that show the same, as far as noise, light and breathing let them; ``None`` if they do not, or are not
        whole."""
        return self._same(self._decoded(before), after)

    def unchanged_since(self, picture: av.VideoFrame, after: Coded) -> _Key | None:
        """As `unchanged`, from a picture on that the decoder of the recording gave."""
        return self._same(self._seen(picture, self._context.sample_aspect_ratio), after)

    def _same(self, a: _Key | None, after: Coded) -> _Key | None:
        b = self._decoded(after)
        if a is None or b is None or a.form != b.form or hardly_differs(b.grid, a.grid):  # a picture that is frozen has to be seen to be
            return None
        self._change.listen(b.grey, a.grey)
        return None if self._change.between(b.grey, a.grey, everywhere(b.grey.shape, _SWAY)) else a

    def _decoded(self, coded: Coded) -> _Key | None:
        if self._last is None or self._last[0] is not coded:
            self._last = coded, self._decode(coded)
        return self._last[1]

    def _decode(self, coded: Coded) -> _Key | None:
        try:
            pictures = [*self._context.decode(coded[0]), *self._context.decode(None)]
            self._context.flush_buffers()
        except av.FFmpegError:
            return None
        if len(pictures) != 1 or pictures[0].is_corrupt or pictures[0].pict_type != PictureType.I:
            return None
        return self._seen(pictures[0], self._context.sample_aspect_ratio)

    def _seen(self, picture: av.VideoFrame, aspect: Fraction | None) -> _Key:
        return _Key(picture, aspect, self._maker.grey(picture, Shape(), CELLS), self._maker.grid(picture, Shape()))


class StillFinder:
    """Parts coded pictures, in the order of the file, into those that have to be decoded and stretches in which nothing moved.

    Args:
        context: The recording's decoder.
    """

    def __init__(self, context: VideoCodecContext) -> None:
        """Nothing is known of how large coded pictures are."""
        self._keys, self._sizes = KeyPictures(context), PacketSizes(context.width * context.height)

    def sort(self, coded: Iterator[Coded], *, begun: bool) -> Iterator[Sorted]:
        """Yield them in the order of the file; a stretch stands for all coded pictures in it.

        Args:
            coded: from a key picture on.
            begun: whether the first of them may be looked at; else they are to be decoded up to the next key picture.
        """
        group: _Group | None = None
        following: _Group | None = None
        for one in coded:
            packet, stamp = one
            if following is not None and not packet.is_keyframe and _before(stamp, following.key[1]) and len(following.rest) < _MOST_BEFORE:
                following.add(one)
                continue
            if following is not None:
                yield from self._settled(group, following)
                group, following = following, None
            if packet.is_keyframe and begun:
                following = _Group(one)
            elif group is None:
                yield one
            else:
                group.add(one)
                if group.size > _HELD_BYTES or _since(group.key[1], stamp) > _LONGEST_S:
                    yield from group.to_decode()
                    group = None
            begun = True
        if following is not None:
            yield from self._settled(group, following)
            group = following
        yield from () if group is None else group.to_decode()

    def _settled(self, group: _Group | None, following: _Group) -> Iterator[Sorted]:
        """Yield a group that is complete, with those of the following one that are shown before its key picture."""
        passed = group is not None and (yield from self._passed(group, following))
        if not passed and following.rest:
            yield from following.to_decode()
            following.decoded = True
        following.rest, following.size = [], 0

    def _passed(self, group: _Group, following: _Group) -> Generator[Sorted, None, bool]:
        """Yield a group; return whether its end, and what belongs to it of the following one, is a stretch in which nothing moved."""
        moved_s = self._moved_s(group, following)
        still = self._still(group, following) if moved_s == 0.0 else None
        if still is not None:
            yield still
            return True
        coded, handed = group.to_decode(), 0
        while (tail := self._tail(group, following, moved_s + _WINDOW_S)) is not None:
            yield from islice(coded, tail.before - handed)
            yield tail
            if tail.still is not None:
                return True
            moved_s, handed = moved_s + _AGAIN_S, tail.before
        yield from coded
        return False

    def _moved_s(self, group: _Group, following: _Group) -> float:
        """Return until when something may have moved by the sizes, seconds after the key picture; infinite if they do not say."""
        (_, key), length_s = group.key, _since(group.key[1], following.key[1])
        others = [*group.rest, *following.rest]
        if not (_SHORTEST_S <= length_s <= _LONGEST_S and len(others) + 1 >= _FEWEST_HZ * length_s):
            return math.inf
        if any(s.torn or p.is_discard or _before(s, key) or s.own_s is None for p, s in (group.key, *others)):
            return math.inf
        return self._sizes.unusual_until((_since(key, s), p.size) for p, s in others)

    def _still(self, group: _Group, following: _Group) -> StillStretch | None:
        """Return all of it, if it shows the same."""
        same = self._keys.unchanged(group.key, following.key) if self._tells(_since(group.key[1], following.key[1])) else None
        if same is None:
            return None
        return StillStretch(group.key[1], same.picture, same.aspect, _in_order([*group.rest, *following.rest]), group.decoded)

    def _tail(self, group: _Group, following: _Group, from_s: float) -> QuietTail | None:
        """Return what may be still from about so many seconds after the key picture on; ``None`` if too little is left."""
        key, length_s = group.key[1], _since(group.key[1], following.key[1])
        times_s = [_since(key, s) for _, s in group.rest]
        end_s = min((_since(key, s) for _, s in following.rest), default=length_s)
        latest_s = [0.0, *accumulate(times_s, max)]  # of the pictures before each place
        earliest_s = [*accumulate([end_s, *reversed(times_s)], min)][::-1]  # of those behind it
        at = next((i for i, s in enumerate(earliest_s) if s >= from_s and latest_s[i] < s), len(times_s))
        left_s = length_s - earliest_s[at]
        if left_s < _SHORTEST_S or not self._tells(left_s):
            return None
        others = _in_order([*group.rest[at:], *following.rest])
        return QuietTail(self._keys, following.key, others, at + (not group.decoded))

    def _tells(self, length_s: float) -> bool:
        """Tell whether a movement would show in a stretch of that length."""
        return length_s <= _BY_KEYS_S or self._sizes.telling


def _in_order(coded: Iterable[Coded]) -> tuple[Stamp, ...]:
    """Return the stamps in the order in which the pictures are shown."""
    return tuple(sorted((s for _, s in coded), key=lambda s: s.own_s or 0.0))


def _before(stamp: Stamp, key: Stamp) -> bool:
    return stamp.own_s is not None and key.own_s is not None and stamp.own_s < key.own_s


def _since(key: Stamp, stamp: Stamp) -> float:
    """Return seconds from one to the other; 0 if that is not known."""
    return 0.0 if stamp.own_s is None or key.own_s is None else stamp.own_s - key.own_s
