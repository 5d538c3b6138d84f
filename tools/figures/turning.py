"""Turns: on the back from above, on a chair from the front."""

from __future__ import annotations

from figures.body import FLOOR, HEAD, Point, arrow, circle, fill, limb, line, smooth, soft, step, stroke
from figures.scene import ANKLE, SEAT, floor, scene


def from_above(side: int) -> list[str]:
    """Head left, arms out; both knees up (0) or on one side: +1 below in the picture, the right side of the body."""

    def y(value: float) -> float:
        return 110 + (side or 1) * value

    points = [(58, -24), (66, -27), (98, -17), (124, -17), (134, -4 if side else 0), (128, 18), (98, 17), (66, 27), (58, 24), (54, 0)]
    away = {0: [], 1: [0.0], -1: [180.0]}[side]
    noses = [
        fill(line([step((34, 110), a + turn, far) for turn, far in ((-18, HEAD - 1), (0, HEAD + 3.2), (18, HEAD - 1))]) + "Z") for a in away
    ]
    return [
        '<rect x="12" y="22" width="216" height="176" rx="10" fill="none" stroke="var(--s)" stroke-width="3.5"/>',
        legs_above(((128, y(-4)), (160, y(44)), (190, y(16))), far=True) if side else "",
        *(limb([(62, y(s * 20)), (66, y(s * 50)), (62, y(s * 78))], width=8.5) for s in (-1, 1)),
        limb([(56, 110), (40, 110)], width=10),
        circle((34, 110), HEAD),
        *noses,
        fill(smooth([(x, y(v)) for x, v in points], closed=True)),
        *([legs_above(((126, y(10)), (150, y(54)), (184, y(28))))] if side else [knee_up(y(-10)), knee_up(y(10))]),
        stroke(smooth([(52, 110), (80, 110), (104, y(-2 * abs(side))), (122, y(3 * abs(side)))]), "var(--a)", 3),
        arrow([(192, y(-22)), (204, y(6)), (200, y(34)), (184, y(56))]) if side else "",
    ]


def legs_above(points: tuple[Point, Point, Point], *, far: bool = False) -> str:
    """A bent leg that lies on its side, seen from above."""
    colour = "var(--f)" if far else "currentColor"
    halo = "" if far else stroke(line(points), "var(--p)", 15)
    return halo + limb(points, colour) + limb([points[2], step(points[2], 92, 10)], colour, 9)


def knee_up(y: float) -> str:
    """A leg whose knee points at the reader: foot flat, the knee drawn larger because it is nearer."""
    foot = limb([(166, y), (182, y)], width=9)
    return foot + limb([(128, y), (168, y)]) + circle((150, y), 10, "var(--p)") + circle((150, y), 8.2)


@scene(
    "rotation_supine_1",
    "Turn lying, start",
    "Seen from above: lying on the back, knees bent and pointing up, feet flat, arms out to the sides.",
    zoom=1.0,
)
def _() -> list[str]:
    return from_above(0)


@scene(
    "rotation_supine_2",
    "Turn lying, knees to the right",
    "Seen from above: both knees sink to the right side, the shoulders stay on the floor, the head may look the other way.",
    zoom=1.0,
)
def _() -> list[str]:
    return from_above(1)


@scene(
    "rotation_supine_3",
    "Turn lying, knees to the left",
    "Seen from above: both knees sink to the left side, the shoulders stay on the floor, the head may look the other way.",
    zoom=1.0,
)
def _() -> list[str]:
    return from_above(-1)


def facing(turn: int, *, hands_only: bool = False) -> list[str]:
    """Seated, seen from the front; ``turn`` 0 straight, +1 to the right of the picture (the figure's left), -1 to its left.

    ``hands_only``: the hands are where the turn begins, chest and head still look forward.
    """

    def x(value: float) -> float:
        return 120 + (turn or 1) * value

    turned = turn if not hands_only else 0
    wide = 18.0 if turned else 22.0 if turn else 23.0
    shift = 4.0 if turned else 0.0
    body = smooth(
        [
            (x(-15), 152),
            (x(-13), 130),
            (x(shift - wide - 1), 102),
            (x(shift - wide + 6), 93),
            (x(shift + wide - 6), 93),
            (x(shift + wide + 1), 102),
            (x(13), 130),
            (x(15), 152),
        ],
        closed=True,
    )
    head = (x(shift + 1), 66.0)
    nose = [step(head, turn * 96 + a, r) for a, r in ((-16, HEAD - 1), (0, HEAD + 3.2), (16, HEAD - 1))] if turned else []
    rest = '<rect x="92" y="92" width="56" height="52" rx="9" fill="none" stroke="var(--s)" stroke-width="4"/>'
    seat = soft(line([(90, SEAT + 2), (150, SEAT + 2)]) + line([(93, SEAT + 2), (91, FLOOR)]) + line([(147, SEAT + 2), (149, FLOOR)]), 4)
    legs = [
        limb([(x(s * 10), 151), (x(s * 16), 160)], width=15)
        + limb([(x(s * 16.5), 162), (x(s * 17), ANKLE)])
        + limb([(x(s * 17), ANKLE), (x(s * 20), ANKLE + 3)], width=9)
        for s in (-1, 1)
    ]
    spine = smooth([(x(0), 149), (x(shift * 0.2), 130), (x(shift * 1.8), 112), (x(shift * 2.2), 98)])
    left, right = (x(shift - wide + 2), 101.0), (x(shift + wide - 2), 101.0)
    if turn:
        behind = limb([right, (x(38), 122), (x(27), 136)], "var(--f)", 8.5)
        across = [left, (x(-22), 131), (x(13), 152)]
        hands = stroke(line(across), "var(--p)", 12.5) + limb(across, width=8.5)
        curve = arrow([(x(-26), 46), (x(-8), 40), (x(14), 40), (x(32), 48)]) if turned else ""
    else:
        behind = curve = ""
        hands = "".join(
            stroke(line(p), "var(--p)", 12.5) + limb(p, width=8.5)
            for p in ([left, (x(-33), 130), (x(-18), 152)], [right, (x(33), 130), (x(18), 152)])
        )
    return [
        floor(60, 180),
        rest,
        seat,
        behind,
        stroke(line([(x(shift * 0.8), 96), head]), width=9),
        circle(head, HEAD),
        fill(line(nose) + "Z") if nose else "",
        fill(body),
        *legs,
        stroke(spine, "var(--a)", 3),
        hands,
        curve,
    ]


@scene(
    "rotation_seated_1", "Seated turn, start", "Seen from the front: sitting tall, feet flat, knees forward, hands on the thighs.", zoom=1.2
)
def _() -> list[str]:
    return facing(0)


@scene(
    "rotation_seated_2",
    "Seated turn, hands in place",
    "Seen from the front, so left and right are swapped: right hand on the left knee, left hand on the chair behind; chest still forward.",
    zoom=1.2,
)
def _() -> list[str]:
    return facing(1, hands_only=True)


@scene(
    "rotation_seated_3",
    "Seated turn to the left",
    "Seen from the front: chest and head turn slowly to the person's left, the knees stay.",
    zoom=1.2,
)
def _() -> list[str]:
    return facing(1)


@scene(
    "rotation_seated_4",
    "Seated turn to the right",
    "Seen from the front, the other side: left hand on the right knee, right hand on the chair behind, a slow turn to the right.",
    zoom=1.2,
)
def _() -> list[str]:
    return facing(-1)
