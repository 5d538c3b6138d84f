"""What was seen of a long recording, kept small: one row of numbers per reading, 0.6 kB, instead of ten objects.

The rows give back exactly what went in. They are what worker processes hand over and what a landmark cache holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import cast, overload

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import CHORD, KEPT, Layout, PoseFeatures, PoseSample, resized
from posture.types import Detection, ImageQuality

_SIGHTS, _QUALITIES = tuple(Detection), tuple(ImageQuality)
_HEAD = (
    "time_s",
    "sight",
    "cut",
    "carried_forward",
    "has_features",
    "width",
    "quality",
    "people",
    "moving",
    "brightness",
    "hips_hidden",
)
_FEATURES = tuple(f.name for f in fields(PoseFeatures) if f.name not in ("time_s", "layout"))
_WHOLE: dict[str, type[int]] = {"hips_seen": bool, "height_px": int}  # what is no float; the rest is, or None
_XY = len(_HEAD) + len(_FEATURES)
_LEFT = _XY + 2 * len(KEPT.all)
_RIGHT = _LEFT + len(CHORD)
_AT = {"time_s": 0} | {name: len(_HEAD) + i for i, name in enumerate(_FEATURES)}
WIDTH = _RIGHT + len(CHORD)
"""Numbers in a row."""
_HAS_FEATURES, _WIDTH_PX = _HEAD.index("has_features"), _HEAD.index("width")
_BLOCK = 1024

Rows = NDArray[np.float64]
"""(n, WIDTH)."""


class SampleRows(Sequence[PoseSample]):
    """A list of `posture.biomechanics.sample.PoseSample` that only grows, all in pixels of the first picture with a person."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._blocks: list[Rows] = []
        self._count = 0
        self._size: tuple[int, int] | None = None

    def append(self, sample: PoseSample) -> None:
        """Add one."""
        self.extend_rows(row_of(sample)[None])

    def extend_rows(self, rows: Rows) -> None:
        """Add rows of `row_of`."""
        for given in rows:
            row = given
            if row[_HAS_FEATURES]:
                size = int(row[_WIDTH_PX]), int(row[_AT["height_px"]])
                self._size = self._size or size
                if size != self._size:
                    row = row_of(resized(sample_of_row(row), *self._size))
            if self._count % _BLOCK == 0:
                self._blocks.append(np.empty((_BLOCK, WIDTH)))
            self._blocks[-1][self._count % _BLOCK] = row
            self._count += 1

    def rows(self, first: int) -> Rows:
        """Return (n, WIDTH) of all from `first` on."""
        return np.stack([self._row(i) for i in range(first, self._count)]) if first < self._count else np.empty((0, WIDTH))

    def time_s(self, index: int) -> float:
        """Tell when one was seen, seconds."""
        return float(self._row(index)[0])

    def column(self, name: str) -> Rows:
        """Return (n,) of a number that every sample has: those of ``PoseSample``, and ``has_features`` and ``hips_hidden``, which is 0 or
        1."""
        at = _HEAD.index(name)
        return np.concatenate([b[:, at] for b in self._blocks])[: self._count] if self._blocks else np.empty(0)

    def features(self) -> list[PoseFeatures]:
        """Return the features of all samples with a person whose head is in the picture, in order; each is read from its row when it
        is asked for."""
        there = [i for i in range(self._count) if self._row(i)[_HAS_FEATURES] and _head_inside(self._row(i))]
        return [cast("PoseFeatures", _LazyFeatures(self, i)) for i in there]

    def xy(self, most: int) -> list[Rows]:
        """Return (15, 2) px of ``Layout.xy`` of at most `most` of the samples with a person, evenly chosen."""
        there = np.flatnonzero(self.column("has_features"))
        return [self._row(int(i))[_XY:_LEFT].reshape(-1, 2) for i in there[:: max(1, -(-there.size // most))]]

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> PoseSample: ...
    @overload
    def __getitem__(self, index: slice) -> list[PoseSample]: ...
    def __getitem__(self, index: int | slice) -> PoseSample | list[PoseSample]:
        """One, or several as a list."""
        if isinstance(index, slice):
            return [sample_of_row(self._row(i)) for i in range(*index.indices(self._count))]
        return sample_of_row(self._row(index))

    def __iter__(self) -> Iterator[PoseSample]:
        """Made one by one."""
        return (sample_of_row(self._row(i)) for i in range(self._count))

    def _row(self, index: int) -> Rows:
        index = index + self._count if index < 0 else index
        if not 0 <= index < self._count:
            raise IndexError(index)
        row: Rows = self._blocks[index // _BLOCK][index % _BLOCK]
        return row


class _LazyFeatures:
    """Looks like the cues of one reading, and takes the room of a number."""

    __slots__ = ("_index", "_rows")

    def __init__(self, rows: SampleRows, index: int) -> None:
        self._rows, self._index = rows, index

    def __getattr__(self, name: str) -> object:
        if name in _AT:
            number = float(self._rows._row(self._index)[_AT[name]])
            return number if name == "time_s" else _value(name, number)
        return getattr(self._rows[self._index].features, name)


def row_of(sample: PoseSample) -> Rows:
    """Return (WIDTH,) numbers that say the same; NaN for ``None``."""
    row = np.full(WIDTH, np.nan)
    s, c = sample, sample.features
    row[: len(_HEAD)] = [
        s.time_s,
        _SIGHTS.index(s.sight),
        s.cut,
        s.carried_forward,
        c is not None,
        np.nan if c is None else c.layout.width,
        _QUALITIES.index(s.quality),
        s.people,
        s.moving,
        np.nan if s.brightness is None else s.brightness,
        c is not None and c.layout.hips_hidden,
    ]
    if c is not None:
        row[len(_HEAD) : _XY] = [np.nan if (v := getattr(c, name)) is None else v for name in _FEATURES]
        row[_XY:_LEFT], row[_LEFT:_RIGHT], row[_RIGHT:] = c.layout.xy.ravel(), c.layout.left, c.layout.right
    return row


def rows_of(samples: Iterable[PoseSample]) -> Rows:
    """Return (n, WIDTH) of samples."""
    rows = [row_of(s) for s in samples]
    return np.stack(rows) if rows else np.empty((0, WIDTH))


def sample_of_row(row: Rows) -> PoseSample:
    """Return the inverse of `row_of`."""
    head = dict(zip(_HEAD, row[: len(_HEAD)].tolist(), strict=True))
    return PoseSample(
        time_s=head["time_s"],
        sight=_SIGHTS[int(head["sight"])],
        features=_features_of(row, head) if head["has_features"] else None,
        cut=bool(head["cut"]),
        quality=_QUALITIES[int(head["quality"])],
        carried_forward=bool(head["carried_forward"]),
        people=int(head["people"]),
        moving=bool(head["moving"]),
        brightness=_value("brightness", head["brightness"]),
    )


def _head_inside(row: Rows) -> bool:
    """As ``Layout.head_inside``, without making one."""
    x, y = row[_XY:_LEFT].reshape(-1, 2)[KEPT.head].mean(axis=0)
    return bool(0.0 <= x < row[_WIDTH_PX] and 0.0 <= y < row[_AT["height_px"]])


def _features_of(row: Rows, head: dict[str, float]) -> PoseFeatures:
    numbers = row.copy()  # a view would keep the whole block alive, and show what is changed in it
    layout = Layout(
        head["time_s"],
        int(head["width"]),
        int(row[_AT["height_px"]]),
        numbers[_XY:_LEFT].reshape(-1, 2),
        numbers[_LEFT:_RIGHT],
        numbers[_RIGHT:],
        bool(head["hips_hidden"]),
    )
    values = {name: _value(name, float(v)) for name, v in zip(_FEATURES, numbers[len(_HEAD) : _XY], strict=True)}
    return PoseFeatures(time_s=head["time_s"], layout=layout, **values)  # type: ignore[arg-type] # by name, checked in tests


def _value(name: str, number: float) -> float | None:
    if name in _WHOLE:
        return _WHOLE[name](number)
    return None if np.isnan(number) else number
