"""The timeline strip: what most of each minute was spent in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from posture.days.ledger import POSTURES, Ledger
from posture.days.model import MINUTE_S, Strip
from posture.model import Posture

_ON_A_TIE = (Posture.FLEXED, Posture.ANTERIOR_TILT, Posture.UNKNOWN, Posture.AWAY, Posture.NEUTRAL)
"""The first wins: a good posture is not said where another one was held for as long."""
_ORDER = [POSTURES.index(p) for p in _ON_A_TIE]
_NOTHING_S = 1e-6


def strip_of(ledger: Ledger, start_s: float, end_s: float) -> Strip:
    """The strip of a local day, from midnight to midnight (seconds since the epoch)."""
    count = math.ceil((end_s - start_s) / MINUTE_S)
    edges = start_s + MINUTE_S * np.arange(count + 1)
    edges[-1] = end_s
    seconds = ledger.seconds(edges[:-1], edges[1:])[:, _ORDER]
    top = (np.round(seconds, 6)).argmax(axis=1)
    blank = seconds.sum(axis=1) <= _NOTHING_S
    return Strip(start_s, tuple(None if b else _ON_A_TIE[t] for b, t in zip(blank.tolist(), top.tolist(), strict=True)))


def most_of(minutes: Sequence[Posture | None]) -> Posture | None:
    """What most of some minutes of a strip were spent in, by the same rule; ``None`` where nothing was recorded in any."""
    counts = Counter(m for m in minutes if m is not None)
    return max(_ON_A_TIE, key=lambda p: counts[p]) if counts else None
