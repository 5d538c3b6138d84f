"""What stands around the figure from the side: floor, mat, chair, desk, screen."""

from __future__ import annotations

from figures.geometry import Point, line, placed, smooth
from figures.svg import ACCENT, EDGE, MAT, MAT_EDGE, SOFT, SOFT_EDGE, dot, shape, stroke

SEAT = -44.5
"""Height of the seat."""
DESK = -80.0
"""Height of the desk, at the elbows of a seated person."""
MAT_TOP = -3.0
DEVICE = "#6d7f8c"


def floor(left: float, right: float) -> str:
    """Return the floor as a line."""
    return stroke(line((left, 0.6), (right, 0.6)), SOFT_EDGE, 1.6)


def mat(left: float, right: float) -> str:
    """Return a mat on the floor."""
    return shape(line((left, 0), (left, MAT_TOP), (right, MAT_TOP), (right, 0), closed=True), MAT, MAT_EDGE, 1.6)


def chair(x: float = 0.0, *, recline: float = 0.0, marked: bool = False) -> str:
    """Return an office chair; who sits right back in it has the hip joint at x."""
    edge = ACCENT if marked else SOFT_EDGE
    low = (x - 17.0, SEAT - 4)
    back = [placed(low, -recline, *p) for p in ((-2.0, 0.0), (-0.6, 12.0), (-1.6, 24.0), (-5.0, 44.0), (-7.0, 58.0))]
    foot = line((x - 18, -4), (x + 8, -9), (x + 34, -4)) + line((x + 8, -9), (x + 8, SEAT + 4))
    wheels = "".join(dot((x + dx, -2.2), 2.6, SOFT_EDGE) for dx in (-18, 8, 34))
    arm = stroke(smooth([back[1], (x - 20, SEAT + 2), (x - 6, SEAT + 5)]), edge, 3)
    seat = line((x - 13, SEAT + 3.4), (x + 31, SEAT + 3.4))
    return (
        stroke(foot, SOFT_EDGE, 3.2)
        + wheels
        + arm
        + stroke(smooth(back), edge, 7.6)
        + stroke(smooth(back), SOFT, 4.2)
        + stroke(seat, edge, 8.6)
        + stroke(seat, SOFT, 5.2)
    )


def desk(left: float, right: float, top: float = DESK) -> str:
    """Return a desk; its leg stands near its far end."""
    leg = line((right - 9, top), (right - 9, 0), (right - 5, 0), (right - 5, top), closed=True)
    plate = line((left, top), (right, top), (right, top + 3.6), (left, top + 3.6), closed=True)
    return shape(leg, SOFT, SOFT_EDGE) + shape(plate, SOFT, SOFT_EDGE)


def screen(x: float, base: float = DESK, *, top: float = -140.0, marked: bool = False, pale: bool = False) -> str:
    """Return a screen that stands on a desk, its face at x."""
    edge = ACCENT if marked else SOFT_EDGE
    stand = line((x + 2.4, top + 18), (x + 8, base), closed=False) + line((x, base - 0.6), (x + 14, base - 0.6))
    face = line((x, top), (x + 3.4, top), (x + 3.4, top + 34), (x, top + 34), closed=True)
    return stroke(stand, SOFT if pale else SOFT_EDGE, 2.4) + shape(face, edge if marked else SOFT if pale else DEVICE, edge)


def keyboard(x: float, base: float = DESK, *, marked: bool = False, pale: bool = False) -> str:
    """Return a keyboard on a desk, its near edge at x."""
    edge = ACCENT if marked else SOFT_EDGE
    return shape(
        line((x, base - 0.4), (x + 1, base - 2.2), (x + 17, base - 3.0), (x + 17, base - 0.4), closed=True), SOFT if pale else DEVICE, edge
    )


def window(left: float, top: float) -> str:
    """Return a window in the wall."""
    frame = line((left, top), (left + 40, top), (left + 40, top + 56), (left, top + 56), closed=True)
    cross = line((left + 20, top), (left + 20, top + 56)) + line((left, top + 26), (left + 40, top + 26))
    return shape(frame, "#f6fafc", SOFT_EDGE, 1.8) + stroke(cross, SOFT_EDGE, 1.4)


def glass(hand: Point) -> str:
    """Return a glass of water in a hand."""
    x, y = hand
    cup = line((x - 3, y - 6), (x + 4.6, y - 6), (x + 3.8, y + 6), (x - 2.2, y + 6), closed=True)
    water = line((x - 2.7, y - 2), (x + 4.3, y - 2), (x + 3.8, y + 6), (x - 2.2, y + 6), closed=True)
    return shape(cup, "#f6fafc", EDGE, 0.8) + shape(water, "#8cc4dd", EDGE, 0.4)
