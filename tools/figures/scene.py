"""The register of the drawings, and the things that stand around the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from figures.body import FLOOR, WIDTH, Point, line, smooth, soft

ANKLE = FLOOR - 7.0
SEAT = 163.0
HIP_Y = 151.0
"""Height of the hip joint of a seated figure."""
LYING_Y = FLOOR - 13.0
"""Height of the hip joint of a figure on its back."""

Draw = Callable[[], list[str]]


@dataclass(frozen=True)
class Scene:
    """One drawing: what a screen reader says, how it is drawn, how it is fitted into the picture."""

    title: str
    desc: str
    draw: Draw
    zoom: float
    move: Point
    top: float
    """How much of the picture is cut off at the top, where nothing is."""


SCENES: dict[str, Scene] = {}


def scene(name: str, title: str, desc: str, zoom: float = 1.3, move: Point = (0.0, 0.0), top: float = 0.0) -> Callable[[Draw], Draw]:
    """Registers a drawing under its file name."""

    def register(draw: Draw) -> Draw:
        SCENES[name] = Scene(title, desc, draw, zoom, move, top)
        return draw

    return register


def floor(left: float = 34, right: float = WIDTH - 34) -> str:
    """The floor."""
    return soft(line([(left, FLOOR), (right, FLOOR)]))


def chair(x: float = 58) -> str:
    """A chair that faces right, its back at x."""
    seat = line([(x + 4, SEAT), (x + 56, SEAT)])
    legs = line([(x + 10, SEAT), (x + 7, FLOOR)]) + line([(x + 50, SEAT), (x + 53, FLOOR)])
    rest = smooth([(x + 4, SEAT), (x, SEAT - 30), (x - 6, SEAT - 62)])
    return soft(seat + legs + rest, 4)


def desk(left: float, right: float, top: float) -> str:
    """A desk seen from the side."""
    return soft(line([(left, top), (right, top)]) + line([(right - 8, top), (right - 8, FLOOR)]), 4)


def mat(left: float = 18, right: float = WIDTH - 18) -> str:
    """A thin mat on the floor, seen from the side."""
    return soft(line([(left, FLOOR + 1), (right, FLOOR + 1)]), 5)


def screen(x: float, top: float, base: float) -> str:
    """A screen on a desk, seen from the side."""
    return soft(line([(x, top), (x, top + 42)]), 6) + soft(line([(x + 2, top + 26), (x + 12, base - 1)]), 4)
