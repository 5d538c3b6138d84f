"""The head from the side and from the front: a plain face, short hair."""

from __future__ import annotations

from figures.geometry import Point, placed, smooth
from figures.svg import EDGE, HAIR, PALE, PALE_EDGE, SKIN, dot, shape, stroke

FACE = (
    *((4.0, -8.0), (8.2, -9.6), (10.6, -8.4), (11.0, -5.8), (10.4, -4.3), (11.5, -3.2), (11.2, -1.9), (11.6, -0.7)),
    *((11.9, 0.4), (14.1, 0.9), (13.9, 2.2), (12.6, 4.6), (11.5, 6.6), (12.0, 8.2), (11.4, 12.4), (7.2, 16.4)),
    *((0.6, 17.9), (-6.2, 16.2), (-10.6, 10.8), (-11.0, 4.8), (-8.6, -0.6), (-6.0, -3.4), (-2.0, -4.4), (1.0, -6.6)),
)
"""The outline from the chin upwards, forward and up of the top of the neck."""
CROWN = (
    *((10.9, 12.8), (9.4, 15.4), (6.0, 17.7), (0.4, 18.8), (-6.7, 17.0), (-11.4, 11.2), (-11.8, 4.8), (-9.4, -1.2), (-6.8, -3.4)),
    *((-4.6, -1.6), (-3.6, 2.4), (-2.2, 6.4), (0.6, 7.0), (1.4, 3.8), (3.2, 3.6), (4.4, 8.4), (6.6, 11.2)),
)


def profile(neck: Point, up_deg: float, *, mirror: bool = False) -> str:
    """Return the head in profile on the top of the neck, its top pointing in that heading; ``mirror`` looks to the left."""
    side = -1 if mirror else 1

    def at(x: float, y: float) -> Point:
        return placed(neck, up_deg, side * x, y)

    face = shape(smooth([at(*p) for p in FACE], closed=True), SKIN)
    hair = shape(smooth([at(*p) for p in CROWN], closed=True), HAIR, HAIR, 0.8)
    ear = shape(smooth([at(*p) for p in ((-1.8, 4.6), (0.6, 5.4), (1.2, 2.6), (-0.6, -0.4), (-2.0, 1.6))], closed=True), SKIN, EDGE, 0.9)
    mouth = stroke(smooth([at(10.4, -4.2), at(8.4, -4.0)]), EDGE, 0.9)
    brow = stroke(smooth([at(7.6, 7.6), at(9.2, 8.2), at(10.8, 7.6)]), HAIR, 1.1)
    return face + hair + ear + mouth + brow + dot(at(9.0, 4.8), 1.15)


def pale_profile(neck: Point, up_deg: float) -> str:
    """Return the outline of the head in profile, of another position."""
    return shape(smooth([placed(neck, up_deg, *p) for p in FACE[::2]], closed=True), PALE, PALE_EDGE)


def frontal(neck: Point, up_deg: float, look: float = 0.0) -> str:
    """Return the head from the front on the top of the neck; ``look`` turns it a little to the right of the picture (+), in degrees."""
    shift = look * 0.12

    def at(x: float, y: float) -> Point:
        return placed(neck, up_deg, x, y)

    sides = [(4.0, -8.2), (8.0, -4.6), (9.6, 1.0), (10.2, 7.0), (9.2, 12.6), (5.4, 16.6)]
    oval = [at(shift * 0.4, -9.4), *(at(x + shift * 0.4, y) for x, y in sides), at(0, 17.8)]
    oval += [at(-x + shift * 0.4, y) for x, y in reversed(sides)]
    locks = [(11.0, 6.6), (11.2, 12.4), (6.8, 17.8), (0.0, 19.3), (-6.8, 17.8), (-11.2, 12.4), (-11.0, 6.6)]
    fringe = [(-9.2, 8.0), (-8.0, 11.4), (-3.0, 13.2), (3.0, 13.6), (8.0, 11.4), (9.2, 8.0)]
    hair = [at(*p) for p in locks] + [at(x + shift * 0.8, y) for x, y in fringe]
    ears = "".join(
        shape(
            smooth(
                [at(s * 9.6 - shift * 0.3, 6), at(s * 11.9 - shift * 0.3, 5), at(s * 11 - shift * 0.3, 0.6), at(s * 9, 0.8)], closed=True
            ),
            SKIN,
        )
        for s in (-1, 1)
    )
    marks = [[(-5.8, 7.4), (-3.8, 8.0), (-2.0, 7.5)], [(2.0, 7.5), (3.8, 8.0), (5.8, 7.4)]]
    brows = stroke("".join(smooth([at(x + shift, y) for x, y in m]) for m in marks), HAIR, 1.1)
    nose = smooth([at(shift * 1.3 + x, y) for x, y in ((0.2, 3.2), (1.5, -0.4), (-0.6, -0.9))])
    mouth = smooth([at(shift + x, y) for x, y in ((-2.8, -4.0), (0.0, -4.6), (2.8, -4.0))])
    eyes = dot(at(shift - 3.8, 4.8), 1.1) + dot(at(shift + 3.8, 4.8), 1.1)
    return (
        ears
        + shape(smooth(oval, closed=True), SKIN)
        + shape(smooth(hair, closed=True), HAIR, HAIR, 0.8)
        + brows
        + stroke(nose + mouth, EDGE, 0.9)
        + eyes
    )
