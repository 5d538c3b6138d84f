"""What was seen of a long recording, kept small: one row of numbers per reading, 0.6 kB, instead of ten objects.

The rows give back exactly what went in. They are what worker processes hand over and what a landmark cache holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import cast, overload

import numpy as np
from numpy.typing import NDArray

from posture.kinematics.cues import Cues
from posture.kinematics.layout import CHORD, KEPT, Layout
from posture.kinematics.meter import Seen
from posture.model import Sight

_SIGHTS = (Sight.PERSON, Sight.NOBODY, Sight.UNCLEAR)
_HEAD = ("time_s", "sight", "cut", "held", "has_cues", "width")
_CUES = tuple(f.name for f in fields(Cues) if f.name not in ("time_s", "layout"))
_WHOLE: dict[str, type[int]] = {"hips_seen": bool, "height_px": int}  # what is no float; the rest is, or None
_XY = len(_HEAD) + len(_CUES)
_LEFT = _XY + 2 * len(KEPT)
_RIGHT = _LEFT + len(CHORD)
_AT = {"time_s": 0} | {name: len(_HEAD) + i for i, name in enumerate(_CUES)}
WIDTH = _RIGHT + len(CHORD)
"""Numbers in a row."""
_BLOCK = 1024

Rows = NDArray[np.float64]
"""(n, WIDTH)."""


class SeenRows(Sequence[Seen]):
    """A list of `posture.kinematics.meter.Seen` that only grows, and whether each was held."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._blocks: list[Rows] = []
        self._count = 0

    def append(self, seen: Seen, *, held: bool = False) -> None:
        """Add one; `held`: it repeats the one before, as nothing had changed."""
        self.extend_rows(row_of(seen, held=held)[None])

    def extend_rows(self, rows: Rows) -> None:
        """Add rows of `row_of`."""
        for row in rows:
            if self._count % _BLOCK == 0:
                self._blocks.append(np.empty((_BLOCK, WIDTH)))
            self._blocks[-1][self._count % _BLOCK] = row
            self._count += 1

    def rows(self, first: int) -> Rows:
        """(n, WIDTH) of all from `first` on."""
        return np.stack([self._row(i) for i in range(first, self._count)]) if first < self._count else np.empty((0, WIDTH))

    def truncate(self, count: int) -> None:
        """Forget all but the first `count`."""
        self._count = min(count, self._count)
        del self._blocks[-(-self._count // _BLOCK) :]

    def held(self, index: int) -> bool:
        """Whether one repeats the one before."""
        return bool(self._row(index)[3])

    def time_s(self, index: int) -> float:
        """When one was seen, seconds."""
        return float(self._row(index)[0])

    def cues(self) -> list[Cues]:
        """The cues of all readings that have some, in order, read from the rows when they are asked for."""
        return [cast("Cues", _LazyCues(self, i)) for i in range(self._count) if self._row(i)[4]]

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> Seen: ...
    @overload
    def __getitem__(self, index: slice) -> list[Seen]: ...
    def __getitem__(self, index: int | slice) -> Seen | list[Seen]:
        """One, or several as a list."""
        if isinstance(index, slice):
            return [seen_of(self._row(i)) for i in range(*index.indices(self._count))]
        return seen_of(self._row(index))

    def __iter__(self) -> Iterator[Seen]:
        """Made one by one."""
        return (seen_of(self._row(i)) for i in range(self._count))

    def _row(self, index: int) -> Rows:
        index = index + self._count if index < 0 else index
        if not 0 <= index < self._count:
            raise IndexError(index)
        row: Rows = self._blocks[index // _BLOCK][index % _BLOCK]
        return row


class _LazyCues:
    """Looks like the cues of one reading, and takes the room of a number."""

    __slots__ = ("_index", "_rows")

    def __init__(self, rows: SeenRows, index: int) -> None:
        self._rows, self._index = rows, index

    def __getattr__(self, name: str) -> object:
        if name in _AT:
            number = float(self._rows._row(self._index)[_AT[name]])
            return number if name == "time_s" else _value(name, number)
        return getattr(self._rows[self._index].cues, name)


def row_of(seen: Seen, *, held: bool = False) -> Rows:
    """(WIDTH,) numbers that say the same; NaN for ``None``."""
    row = np.full(WIDTH, np.nan)
    row[0], row[1], row[2], row[3], row[4] = seen.time_s, _SIGHTS.index(seen.sight), seen.cut, held, seen.cues is not None
    if seen.cues is not None:
        values = (getattr(seen.cues, name) for name in _CUES)
        row[len(_HEAD) : _XY] = [np.nan if v is None else v for v in values]
        own = seen.cues.layout
        row[5], row[_XY:_LEFT], row[_LEFT:_RIGHT], row[_RIGHT:] = own.width, own.xy.ravel(), own.left, own.right
    return row


def rows_of(seen: Iterable[tuple[Seen, bool]]) -> Rows:
    """(n, WIDTH) of what was seen and whether it was held."""
    rows = [row_of(s, held=held) for s, held in seen]
    return np.stack(rows) if rows else np.empty((0, WIDTH))


def seen_of(row: Rows) -> Seen:
    """The inverse of `row_of`."""
    time_s, sight, cut = float(row[0]), _SIGHTS[int(row[1])], bool(row[2])
    if not row[4]:
        return Seen(time_s, sight, None, cut)
    numbers = row.copy()  # a view would keep the whole block alive, and show what is changed in it
    height = int(numbers[len(_HEAD) + _CUES.index("height_px")])
    layout = Layout(time_s, int(row[5]), height, numbers[_XY:_LEFT].reshape(-1, 2), numbers[_LEFT:_RIGHT], numbers[_RIGHT:])
    values = {name: _value(name, float(v)) for name, v in zip(_CUES, numbers[len(_HEAD) : _XY], strict=True)}
    return Seen(time_s, sight, Cues(time_s=time_s, layout=layout, **values), cut)  # type: ignore[arg-type] # by name, checked in tests


def scaled(seen: Seen, factor: float, width: int, height: int) -> Seen:
    """The same, seen in a picture of another size: `factor` times as large, now `width` x `height` pixels."""
    c = seen.cues
    if c is None or factor == 1.0:
        return seen
    own = c.layout
    layout = Layout(own.time_s, width, height, own.xy * factor, own.left * factor, own.right * factor)
    return replace(seen, cues=replace(c, px_per_m=c.px_per_m * factor, height_px=height, layout=layout))


def repeated(seen: Seen, time_s: float) -> Seen:
    """The same again at another time: nothing has changed since."""
    c = seen.cues
    again = None if c is None else replace(c, time_s=time_s, layout=replace(c.layout, time_s=time_s))
    return replace(seen, time_s=time_s, cues=again, cut=False)


def _value(name: str, number: float) -> float | None:
    if name in _WHOLE:
        return _WHOLE[name](number)
    return None if np.isnan(number) else number
