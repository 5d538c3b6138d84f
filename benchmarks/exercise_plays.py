"""Plays of drawn exercises: what was seen of each step of a movement, put together in time at a known tempo, depth and rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics import Neutral, Parameters, PoseSample, neutral_of
from posture.engine import Measurement, SampleRows
from posture.engine.sample_rows import WIDTH, sample_of_row
from posture.settings import Settings
from posture.types import Reading

CARDS = Path(__file__).parent / "exercise_cards"
VIEWS = ("front", "oblique", "side")
Floats = NDArray[np.float64]
Rng = np.random.Generator
_RATE_HZ = 7.0
_TRUTH = ("trunk", "spine", "pelvis", "neck", "axial", "yaw")


_PLACES = 54
"""Columns at the end of a row that are pixels."""
_PER_PX, _MISSING = 16.0, -32768


def packed(rows: Floats) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """Return rows of samples as small as they get: numbers, and places in sixteenths of a pixel."""
    places = np.clip(np.round(rows[:, -_PLACES:] * _PER_PX), -32767, 32767)
    return rows[:, :-_PLACES].astype(np.float32), np.where(np.isnan(places), _MISSING, places).astype(np.int16)


def unpacked(numbers: NDArray[np.float32], places: NDArray[np.int16]) -> Floats:
    """Return the inverse of `packed`, (n, WIDTH)."""
    rows = np.concatenate([numbers.astype(np.float64), np.where(places == _MISSING, np.nan, places / _PER_PX)], axis=1)
    assert rows.shape[1] == WIDTH
    return rows


@dataclass(frozen=True, slots=True)
class Play:
    """One recording: readings and what was done in it."""

    body: int
    view: str
    movement: str
    readings: list[Reading]
    repetitions: int
    halves: int
    tempo_s: float
    share: float
    """Of the body's own range."""
    depths_deg: dict[str, float]
    """True degrees from end to end of each angle, by its name."""


class Body:
    """All cards of one body."""

    def __init__(self, file: Path) -> None:
        """Read them."""
        with np.load(file) as data:
            self.number = int(data["body"])
            self._names = [str(n) for n in data["names"]]
            self._rows = unpacked(data["numbers"], data["places"])
            self._view, self._movement, self._share, self._visit, self._truth = (
                data[k] for k in ("view", "movement", "share", "visit", "truth")
            )

    def neutral(self, view: str) -> Neutral | None:
        """Return the neutral: the middle of four movements; ``None`` if nobody was found in it."""
        chosen = (self._view == VIEWS.index(view)) & (np.abs(self._share) < 0.05)
        chosen &= np.isin(self._movement, [self._names.index(n) for n in ("cat_cow", "nod", "pelvic_tilt", "lean")])
        seen = [sample_of_row(r).features for r in self._rows[chosen]]
        there = [c for c in seen if c is not None]
        return neutral_of(there) if there else None

    def samples(self, r: Rng, view: str, movement: str, time_s: Floats, share: Floats) -> tuple[list[PoseSample], Floats]:
        """Return what was seen at `time_s` with the movement at `share` of its range, and the (n, 6) true angles."""
        chosen = np.flatnonzero((self._view == VIEWS.index(view)) & (self._movement == self._names.index(movement)))
        steps = np.unique(self._share[chosen])
        at = steps[np.abs(steps[None, :] - share[:, None]).argmin(axis=1)]
        picks = [int(r.choice(chosen[self._share[chosen] == a])) for a in at]
        rows = self._rows[picks].copy()
        rows[:, 0] = time_s
        return [sample_of_row(row) for row in rows], self._truth[picks]


def rhythm(
    r: Rng, count: int, tempo_s: float, depth: float, *, rest_s: float, hold_s: float, halves: tuple[int, ...] = ()
) -> tuple[Floats, Floats]:
    """Return times and shares of a rest, `count` repetitions and a rest: first end, second end; before those in `halves` a half one."""
    knots: list[tuple[float, float]] = [(0.0, 0.0), (2.5, 0.0)]

    def go(to: float, seconds: float) -> None:
        knots.append((knots[-1][0] + seconds, to))

    move = max(0.3, (tempo_s - 2.0 * hold_s) / 4.0)
    for k in range(count):
        for end in (1.0, -1.0) if k not in halves else (1.0, 0.0, 1.0, -1.0):
            if end == 0.0:
                go(0.0, move)
                go(0.0, 0.8)
                continue
            size = end * depth * r.uniform(0.92, 1.05)
            same = knots[-1][1]
            go(size, move if abs(same) < 0.05 else 2.0 * move)
            if hold_s:
                go(size, hold_s)
        if rest_s and r.random() < 0.5:
            go(0.0, move)
            go(0.0, rest_s)
    go(0.0, move)
    go(0.0, 2.5)
    times, shares = (np.array(x) for x in zip(*knots, strict=True))
    return times, shares


def at_rate(r: Rng, times: Floats, shares: Floats, rate_hz: float) -> tuple[Floats, Floats]:
    """Sample knots at a rate, moving smoothly between them."""
    now = np.arange(0.0, times[-1], 1.0 / rate_hz) + r.uniform(0.0, 0.3 / rate_hz)
    k = np.clip(np.searchsorted(times, now, side="right") - 1, 0, len(times) - 2)
    x = (now - times[k]) / np.maximum(1e-9, times[k + 1] - times[k])
    return now, shares[k] + (shares[k + 1] - shares[k]) * (1.0 - np.cos(np.pi * np.clip(x, 0, 1))) / 2.0


def readings_of(samples: list[PoseSample], neutral: Neutral | None, parameters: Parameters, *, live: bool) -> list[Reading]:
    """Measure samples, as a recording or live."""
    measurement = Measurement(Settings(), parameters, neutral)
    if live:
        return [measurement.process(s).reading for s in samples]
    rows = SampleRows()
    for s in samples:
        rows.append(s)
    measurement.prepare(rows)
    return [u.reading for u in measurement.process_recording(rows)]


def plays(body: Body, parameters: Parameters, view: str, movement: str, many: int, *, live: bool = False) -> Iterator[Play]:
    """Yield plays of one movement: tempi 3 to 8 s, 30 to 100 % of the range, with rests, holds and half repetitions."""
    neutral = body.neutral(view)
    for k in range(many if neutral is not None else 0):
        r = np.random.default_rng([body.number, VIEWS.index(view), sum(map(ord, movement)), k])
        tempo, depth, count = r.uniform(3.0, 8.0), r.uniform(0.3, 1.0), int(r.integers(3, 8))
        hold = float(r.choice([0.0, 0.0, 0.15])) * tempo
        rest = float(r.choice([0.0, 0.0, 1.0, 3.0]))
        halves = (1,) if r.random() < 0.25 else ()
        times, shares = rhythm(r, count, tempo, depth, rest_s=rest, hold_s=hold, halves=halves)
        now, share = at_rate(r, times, shares, _RATE_HZ)
        samples, truth = body.samples(r, view, movement, now, share)
        ends = [truth[np.abs(share - e).argmin()] for e in (float(share.max()), float(share.min()))]
        depths = {name: abs(float(ends[0][i] - ends[1][i])) for i, name in enumerate(_TRUTH)}
        readings = readings_of(samples, neutral, parameters, live=live)
        yield Play(body.number, view, movement, readings, count, len(halves), tempo, depth, depths)


def desk_work(body: Body, parameters: Parameters, view: str, minutes: float) -> list[Reading]:
    """Return readings of typing, reaching, a phone, drinking, slumping, leaning and getting up, in no order; none if nobody is found."""
    r = np.random.default_rng([body.number, VIEWS.index(view), 77])
    neutral, now_s = body.neutral(view), 0.0
    samples: list[PoseSample] = []
    if neutral is None:
        return []
    kinds = ("type", "type", "type", "reach", "phone", "drink", "slump", "lean", "nod", "stand", "swivel")
    while now_s < 60.0 * minutes:
        kind = str(r.choice(kinds))
        one_sided = kind in ("reach", "phone", "drink", "slump", "stand")
        knots = [(0.0, 0.0)]
        for _ in range(int(r.integers(1, 4))):
            to = r.uniform(0.3, 1.0) * (1.0 if one_sided else float(r.choice([-1.0, 1.0])))
            hold = r.choice([0.3, 2.0, 8.0])
            for share, seconds in ((to, r.uniform(0.6, 2.5)), (to, hold), (0.0, r.uniform(0.6, 2.0)), (0.0, r.uniform(0.3, 5.0))):
                knots.append((knots[-1][0] + float(seconds), share))
        times, shares = (np.array(x) for x in zip(*knots, strict=True))
        now, share = at_rate(r, times, shares, _RATE_HZ)
        samples += body.samples(r, view, kind, now_s + now, share)[0]
        now_s = samples[-1].time_s + 1.0 / _RATE_HZ
    return readings_of(samples, neutral, parameters, live=False)
