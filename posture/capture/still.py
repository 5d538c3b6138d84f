"""Finds stretches of a recording in which nothing moved, by the sizes of its coded pictures and by its key pictures alone.

Who sits still is coded in few bytes, the same few all the time, and the encoder has compared every pixel. Between two key pictures that
show the same, and with coded pictures no larger than usual between them, nothing need be decoded but the key picture. How much may be
missed by that is measured in docs/measurement.md; all numbers here are our judgement, tried on made recordings of several encoders.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
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
    """The key picture was handed over to be decoded already, as pictures before it are built on it."""


Sorted: TypeAlias = "Coded | StillStretch"


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """A key picture that was decoded by itself."""

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

    def quiet(self, sizes: Iterable[tuple[float, int]]) -> bool:
        """Tell whether the coded pictures behind a key picture are of the usual size throughout, and remember them.

        Args:
            sizes: how long after the key picture each is shown, seconds, and its bytes.
        """
        largest: dict[int, int] = {}
        for after_s, size in sizes:
            window = int(after_s / _WINDOW_S)
            largest[window] = max(size, largest.get(window, 0))
        first, later = ([size for window, size in largest.items() if (window == 0) is wanted] for wanted in (True, False))
        return all([self._first.quiet(first, self._least), self._later.quiet(later, self._least)])

    @property
    def telling(self) -> bool:
        """Whether a movement would show in them, by those so far."""
        return _STEADY * self._later.usual <= self._later.spread and self._later.usual <= self._most


class _Usual:
    """Remembers sizes."""

    def __init__(self) -> None:
        self._sizes: deque[int] = deque(maxlen=_REMEMBERED)
        self.usual = self.spread = 0.0

    def quiet(self, sizes: Sequence[int], least: float) -> bool:
        """Tell whether none of them is unusual, and none below `least` bytes, and remember them."""
        self._sizes.extend(sizes)
        if not sizes:
            return True
        self.usual = usual = median(self._sizes)
        self.spread = 1.4826 * median(abs(size - usual) for size in self._sizes)
        most = usual + max((_LARGER - 1.0) * usual, _SPREADS * self.spread)
        return all(max(_SMALLER * usual, least) <= size <= most for size in sizes)


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
        a = self._last[1] if self._last is not None and self._last[0] is before else self._decoded(before)
        if a is None:
            return None
        b = self._decoded(after)
        self._last = after, b
        if b is None or a.form != b.form or hardly_differs(b.grid, a.grid):  # a picture that is frozen has to be seen to be
            return None
        self._change.listen(b.grey, a.grey)
        return None if self._change.between(b.grey, a.grey, everywhere(b.grey.shape, _SWAY)) else a

    def _decoded(self, coded: Coded) -> _Key | None:
        try:
            pictures = [*self._context.decode(coded[0]), *self._context.decode(None)]
            self._context.flush_buffers()
        except av.FFmpegError:
            return None
        if len(pictures) != 1 or pictures[0].is_corrupt or pictures[0].pict_type != PictureType.I:
            return None
        grey, grid = self._maker.grey(pictures[0], Shape(), CELLS), self._maker.grid(pictures[0], Shape())
        return _Key(pictures[0], self._context.sample_aspect_ratio, grey, grid)


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
        still = None if group is None else self._still(group, following)
        if still is not None:
            yield still
        else:
            yield from () if group is None else group.to_decode()
            if following.rest:
                yield from following.to_decode()
                following.decoded = True
        following.rest, following.size = [], 0

    def _still(self, group: _Group, following: _Group) -> StillStretch | None:
        (_, key), length_s = group.key, _since(group.key[1], following.key[1])
        others = [*group.rest, *following.rest]
        if not (_SHORTEST_S <= length_s <= _LONGEST_S and len(others) + 1 >= _FEWEST_HZ * length_s):
            return None
        if any(s.torn or p.is_discard or _before(s, key) or s.own_s is None for p, s in (group.key, *others)):
            return None
        if not self._sizes.quiet((_since(key, s), p.size) for p, s in others):
            return None
        if length_s > _BY_KEYS_S and not self._sizes.telling:
            return None
        same = self._keys.unchanged(group.key, following.key)
        if same is None:
            return None
        stamps = sorted((s for _, s in others), key=lambda s: s.own_s or 0.0)
        return StillStretch(key, same.picture, same.aspect, tuple(stamps), group.decoded)


def _before(stamp: Stamp, key: Stamp) -> bool:
    return stamp.own_s is not None and key.own_s is not None and stamp.own_s < key.own_s


def _since(key: Stamp, stamp: Stamp) -> float:
    """Return seconds from one to the other; 0 if that is not known."""
    return 0.0 if stamp.own_s is None or key.own_s is None else stamp.own_s - key.own_s
