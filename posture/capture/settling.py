"""Decoded pictures that wait to learn whether one that is shown later, and was coded before, is damaged."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from posture.capture.picture import TimedPicture

_HELD_BACK = 5
"""So many wait at most."""


class SettlingPictures:
    """Pictures in the order in which they come out of the decoder, each with the number under which it was put in, from 1 on."""

    def __init__(self) -> None:
        """None came out."""
        self._held: deque[tuple[int, TimedPicture]] = deque()
        self._come: set[int] = set()
        self._awaited = 1

    def add(self, number: int, picture: TimedPicture) -> None:
        """Add the next one."""
        self._held.append((number, picture))
        self._come.add(number)

    def damage_after(self, number: int) -> None:
        """Learn that the picture of this number is damaged, and so are those that were coded after it."""
        self._held = deque((n, replace(p, damaged=p.damaged or n > number)) for n, p in self._held)

    def settled(self) -> Iterator[TimedPicture]:
        """Yield those before which nothing was coded that has not come out yet, so that nothing new can be learnt of them; and some
        more."""
        while self._held:
            while self._awaited in self._come:
                self._come.remove(self._awaited)
                self._awaited += 1
            number, picture = self._held[0]
            if number >= self._awaited:
                if len(self._held) <= _HELD_BACK:
                    return
                self._awaited = max(self._awaited, number)  # the others are lost, or need not be decoded
                self._come = {n for n in self._come if n >= self._awaited}
            self._held.popleft()
            yield picture

    def rest(self, number: int) -> Iterator[TimedPicture]:
        """Yield all others, after which the first to come is one of a higher number than this."""
        yield from (p for _, p in self._held)
        self._held.clear()
        self._come.clear()
        self._awaited = number + 1
