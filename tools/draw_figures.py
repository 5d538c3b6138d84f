"""Draws the exercises: writes every SVG of posture/data/drawings, always the same.

python tools/draw_figures.py            writes them
python tools/draw_figures.py --check    exits 1 if a file there is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from figure import (
    FLOOR,
    HEAD,
    SHIN,
    WIDTH,
    Point,
    Trunk,
    arc,
    arm,
    arrow,
    circle,
    fill,
    leg,
    limb,
    line,
    picture,
    smooth,
    soft,
    step,
    stroke,
)

FOLDER = Path(__file__).resolve().parent.parent / "posture" / "data" / "drawings"
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


SCENES: dict[str, Scene] = {}


def scene(name: str, title: str, desc: str, zoom: float = 1.3, move: Point = (0.0, 0.0)) -> Callable[[Draw], Draw]:
    """Registers a drawing under its file name."""

    def register(draw: Draw) -> Draw:
        SCENES[name] = Scene(title, desc, draw, zoom, move)
        return draw

    return register


# ------------------------------------------------------------------------------------------------ things around


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


# ------------------------------------------------------------------------------------------------ seated, side view


def upright(x: float = 88, belly: float = 9.0) -> Trunk:
    """A tall, easy seated trunk: low back slightly hollow, upper back slightly round."""
    return Trunk((x, HIP_Y), (4, -8, 3, 10), 10, 92, belly)


def sitting(
    trunk: Trunk, hand: Point, *, elbow: int = 1, feet: float | None = None, chair_x: float = 58, shin_y: float = ANKLE
) -> list[str]:
    """A seated figure; both hands are at about the same place, the feet below the knees unless said."""
    ankle = (trunk.hip[0] + 45 if feet is None else feet, shin_y)
    return [
        floor(),
        chair(chair_x),
        arm((trunk.shoulder[0] + 4, trunk.shoulder[1]), (hand[0] + 6, hand[1] - 1), side=elbow, far=True),
        leg((trunk.hip[0] + 3, trunk.hip[1]), (ankle[0] + 8, ankle[1]), far=True),
        trunk.svg(),
        leg(trunk.hip, ankle),
        arm(trunk.shoulder, hand, side=elbow, outline=True),
    ]


@scene(
    "cat_cow_seated_1",
    "Cat-Cow on a chair, arched",
    "Hands on the knees. The hips roll forward, the back arches, the chest lifts, the eyes look a little up.",
)
def _() -> list[str]:
    trunk = Trunk((100, HIP_Y), (40, 6, -24, -14), -20, 64)
    return [*sitting(trunk, (136, 147)), arrow(arc(trunk.at(0.7, 0), 30, 122, 56))]


@scene(
    "cat_cow_seated_2",
    "Cat-Cow on a chair, rounded",
    "Hands on the knees. The hips roll back, the whole back is round, the chin sinks to the chest.",
)
def _() -> list[str]:
    trunk = Trunk((100, HIP_Y), (-38, -22, 26, 72), 98, 172)
    return [*sitting(trunk, (136, 147), chair_x=46), arrow([trunk.at(0.55, -14), trunk.at(0.55, -34)])]


@scene(
    "pelvic_tilts_seated_1",
    "Pelvic tilt on a chair, rolled back",
    "Sitting tall, hands on the thighs. The pelvis rolls back, the low back rounds a little, the chest stays still.",
)
def _() -> list[str]:
    trunk = Trunk((94, HIP_Y), (-46, -16, 18, 4), 6, 92)
    return [*sitting(trunk, (132, 146)), arrow(arc(trunk.hip, 25, -50, -122))]


@scene(
    "pelvic_tilts_seated_2",
    "Pelvic tilt on a chair, rolled forward",
    "Sitting tall, hands on the thighs. The pelvis rolls forward, the low back arches a little, the chest stays still.",
)
def _() -> list[str]:
    trunk = Trunk((88, HIP_Y), (44, 0, -16, 10), 8, 92)
    return [*sitting(trunk, (128, 146), chair_x=54), arrow(arc(trunk.hip, 25, -122, -50))]


@scene("sit_tall_1", "Before: slumped", "Slid forward on the chair, the pelvis tipped back, the back round, the head forward.", zoom=1.2)
def _() -> list[str]:
    trunk = Trunk((98, HIP_Y), (-36, -16, 22, 46), 52, 96)
    return sitting(trunk, (136, 146))


@scene(
    "sit_tall_2",
    "After: tall and supported",
    "Back in the chair, the low back supported, the head over the pelvis, the feet flat; growing upwards.",
    zoom=1.2,
)
def _() -> list[str]:
    trunk = upright(80)
    top = trunk.head
    return [*sitting(trunk, (118, 144)), arrow([(top[0] - 28, top[1] + 16), (top[0] - 28, top[1] - 12)])]


@scene("core_brace_seated_1", "Belly muscles, let go", "Sitting tall, both hands on the soft belly, breathing in.")
def _() -> list[str]:
    trunk = upright(84, belly=15.0)
    return sitting(trunk, trunk.at(0.32, 11), elbow=1)


@scene(
    "core_brace_seated_2",
    "Belly muscles, tightened",
    "Sitting tall, both hands on the belly. The belly tightens a little and moves inwards while breathing out.",
)
def _() -> list[str]:
    trunk = upright(84, belly=7.5)
    x, y = trunk.at(0.32, 5)
    return [*sitting(trunk, (x, y), elbow=1), arrow([(x + 42, y - 3), (x + 21, y - 3)])]


@scene("change_seat_1", "Leaning back", "Leaning back in the chair, legs stretched forward a little.", zoom=1.25)
def _() -> list[str]:
    trunk = Trunk((92, HIP_Y), (-26, -26, -16, -6), 0, 90)
    return [*sitting(trunk, (122, 151), feet=166), arrow(arc(trunk.hip, 88, 40, 8))]


@scene("change_seat_2", "Standing to work", "Standing at a raised desk, elbows at the sides, screen at eye level.", zoom=1.02)
def _() -> list[str]:
    return [*standing(upright_standing(92), (132, 98), ankles=(84, 98)), desk(124, 206, 106), screen(176, 40, 106)]


@scene(
    "heat_1",
    "Warm pack at the low back",
    "Sitting back in the chair with a warm pack between the chair and the low back.",
    move=(12.0, 0.0),
)
def _() -> list[str]:
    trunk = upright(92)
    low, high = trunk.at(0.08, -16), trunk.at(0.58, -15)
    waves = [smooth([(x, 58), (x + 4, 51), (x - 4, 43), (x, 36)]) for x in (0, 10)]
    warm = "".join(stroke(w, "var(--a)", 3) for w in waves)
    return [*sitting(trunk, (130, 145)), stroke(line([low, high]), "var(--a)", 10), f'<g transform="translate(36 78)">{warm}</g>']


def screen(x: float, top: float, base: float) -> str:
    """A screen on a desk, seen from the side."""
    return soft(line([(x, top), (x, top + 42)]), 6) + soft(line([(x + 2, top + 26), (x + 12, base - 1)]), 4)


@scene(
    "set_up_desk_1",
    "A desk that fits",
    "Feet flat, low back supported, elbows at the sides, the top of the screen at eye level, an arm's length away.",
    zoom=1.2,
    move=(-4.0, 0.0),
)
def _() -> list[str]:
    trunk = upright(72)
    eye = step(trunk.head, 92, HEAD + 8)
    look = f'<path d="{line([eye, (164, eye[1])])}" fill="none" stroke="var(--a)" stroke-width="3" stroke-dasharray="1 8"/>'
    return [*sitting(trunk, (110, 126), chair_x=48), desk(104, 200, 134), screen(172, eye[1], 134), look]


# ------------------------------------------------------------------------------------------------ standing, side view


def upright_standing(x: float = 110, y: float = 107.5) -> Trunk:
    """A tall standing trunk."""
    return Trunk((x, y), (8, -8, 2, 9), 9, 92)


def standing(trunk: Trunk, hand: Point, ankles: tuple[float, float], *, far_hand: Point | None = None, elbow: int = 1) -> list[str]:
    """A standing figure with its feet flat at two places (near, far)."""
    far_shoulder = (trunk.shoulder[0] + 3, trunk.shoulder[1])
    return [
        floor(),
        arm(far_shoulder, far_hand or (hand[0] + 5, hand[1]), side=elbow, far=True),
        leg((trunk.hip[0] + 2, trunk.hip[1]), (ankles[1], ANKLE), far=True),
        trunk.svg(),
        leg(trunk.hip, (ankles[0], ANKLE)),
        arm(trunk.shoulder, hand, side=elbow, outline=True),
    ]


@scene("get_up_1", "Getting up", "At the front of the chair, feet under the knees, leaning forward, hips leaving the seat.", zoom=1.15)
def _() -> list[str]:
    trunk = Trunk((96, 140), (34, 26, 30, 38), 36, 88)
    return [*sitting(trunk, (138, 132), feet=122, chair_x=40), arrow([(70, 110), (76, 88), (92, 70)])]


@scene("get_up_2", "Standing", "Standing tall, arms hanging.", zoom=1.02)
def _() -> list[str]:
    trunk = upright_standing(118)
    return [*standing(trunk, (122, 118), ankles=(112, 122)), arrow([(92, 96), (92, 56)])]


@scene("get_up_3", "Walking", "Walking with a loose step, the arms swinging.", zoom=1.02)
def _() -> list[str]:
    trunk = Trunk((108, 113), (8, -4, 5, 9), 9, 92)
    return [
        floor(),
        arm((trunk.shoulder[0] + 3, trunk.shoulder[1]), (146, 102), side=1, far=True),
        leg((110, 113), (82, ANKLE - 5), far=True, foot_deg=112),
        trunk.svg(),
        leg(trunk.hip, (142, ANKLE), foot_deg=80),
        arm(trunk.shoulder, (92, 110), side=1, outline=True),
        arrow([(166, 92), (200, 92)]),
    ]


def lunge(trunk: Trunk, heel: Point, hand: Point) -> list[str]:
    """A long step with one hand on the desk; the near leg is behind."""
    x, y = trunk.shoulder
    return [
        floor(24, 214),
        desk(142, 196, 118),
        leg((trunk.hip[0] + 2, trunk.hip[1]), (146, ANKLE), far=True),
        arm((x + 3, y), (x - 4, y + 61), far=True),
        trunk.svg(),
        leg(trunk.hip, heel, foot_deg=118),
        arm(trunk.shoulder, hand, outline=True),
    ]


@scene(
    "hip_flexor_stretch_1",
    "Hip stretch, start",
    "Standing with a long step, one hand on the desk, the back heel lifted, the trunk upright.",
    zoom=1.02,
)
def _() -> list[str]:
    return lunge(Trunk((106, 117), (20, -10, 0, 8), 8, 92), (50, ANKLE - 9), (150, 111))


@scene(
    "hip_flexor_stretch_2",
    "Hip stretch, tail tucked",
    "The tail tucks under, the front knee bends a little; the front of the back hip pulls softly.",
    zoom=1.02,
)
def _() -> list[str]:
    trunk = Trunk((115, 126), (-16, -2, 6, 6), 8, 92)
    pull = stroke(line([step(trunk.hip, 75, 9), step((trunk.hip[0] - 14, trunk.hip[1] + 15), 100, 12)]), "var(--a)", 4)
    return [*lunge(trunk, (50, ANKLE - 9), (154, 111)), pull, arrow(arc(trunk.hip, 27, -50, -120))]


# ------------------------------------------------------------------------------------------------ on hands and knees


def on_all_fours(trunk: Trunk) -> list[str]:
    """Hands and knees on the mat: hips over the knees, hands under the shoulders, elbows long."""
    (x, y), (sx, sy) = trunk.hip, trunk.shoulder
    palm, knee, ankle = FLOOR - 6.0, FLOOR - 7.0, (x - SHIN, FLOOR - 6.0)

    def knelt(dx: float, colour: str) -> str:
        shin = limb([(x + dx, y), (x + dx, knee), (ankle[0] + dx, ankle[1])], colour)
        return shin + limb([(ankle[0] + dx, ankle[1]), (ankle[0] + dx - 13, ankle[1] + 1)], colour, 9)

    return [
        mat(34, 206),
        arm((sx + 5, sy), (sx + 7, palm), far=True),
        knelt(6, "var(--f)"),
        trunk.svg(),
        knelt(0, "currentColor"),
        arm((sx, sy), (sx + 2, palm), outline=True),
        limb([(sx + 2, palm), (sx + 11, palm + 1)], width=8),
    ]


ARM_HEIGHT = FLOOR - 6 - 62.5
"""Height of the shoulder over straight arms."""
KNEELING = (96.0, 151.0)
"""Hip joint over the knees."""


@scene(
    "cat_cow_floor_1",
    "Cat-Cow on the floor, start",
    "On hands and knees, hands under the shoulders, knees under the hips, the back flat.",
    zoom=1.3,
    move=(0.0, -14.0),
)
def _() -> list[str]:
    return on_all_fours(Trunk(KNEELING, (80, 74, 76, 80), 78, 165).with_shoulder_at(ARM_HEIGHT))


@scene(
    "cat_cow_floor_2",
    "Cat-Cow on the floor, back sinking",
    "The belly sinks, chest and tail lift, the eyes look a little forward.",
    zoom=1.3,
    move=(0.0, -14.0),
)
def _() -> list[str]:
    trunk = Trunk(KNEELING, (122, 92, 56, 52), 34, 104).with_shoulder_at(ARM_HEIGHT + 2)
    return [*on_all_fours(trunk), arrow([(trunk.at(0.45)[0], trunk.at(0.45)[1] + dy) for dy in (-38, -16)])]


@scene(
    "cat_cow_floor_3",
    "Cat-Cow on the floor, back rounded",
    "The hands push the floor away, the back rounds up, the head hangs.",
    zoom=1.3,
    move=(0.0, -14.0),
)
def _() -> list[str]:
    trunk = Trunk(KNEELING, (26, 54, 96, 124), 146, 205).with_shoulder_at(ARM_HEIGHT - 1)
    return [*on_all_fours(trunk), arrow([(trunk.at(0.5)[0], trunk.at(0.5)[1] + dy) for dy in (-17, -39)])]


# ------------------------------------------------------------------------------------------------ lying, side view


FLAT = Trunk((128, LYING_Y), (-98, -90, -88, -92), -92, 2)
"""On the back, head at the left, the low back on the floor."""


def lying(trunk: Trunk) -> list[str]:
    """On the back, knees bent, the near arm lying out to the side, towards the reader."""
    (x, y), (sx, sy) = trunk.hip, trunk.shoulder
    out = [(sx, sy + 1), (sx + 5, sy + 17)]
    return [
        mat(30, 206),
        leg((x + 4, y - 2), (x + 54, ANKLE), far=True),
        trunk.svg(),
        leg(trunk.hip, (x + 46, ANKLE)),
        stroke(line(out), "var(--p)", 12.5),
        limb(out, width=8.5),
    ]


@scene(
    "pelvic_tilts_lying_1",
    "Pelvic tilt lying, start",
    "Lying on the back, knees bent, feet flat, a small gap under the low back.",
    zoom=1.3,
    move=(4.0, -34.0),
)
def _() -> list[str]:
    trunk = Trunk((128, LYING_Y), (-50, -82, -119, -94), -92, 2)
    return lying(trunk)


@scene(
    "pelvic_tilts_lying_2",
    "Pelvic tilt lying, back flat",
    "The pelvis rolls back, the low back sinks to the floor.",
    zoom=1.3,
    move=(4.0, -34.0),
)
def _() -> list[str]:
    return [*lying(FLAT), arrow(arc(FLAT.hip, 26, 34, -34)), arrow([FLAT.at(0.46, 40), FLAT.at(0.46, 18)])]


@scene(
    "dead_bug_1",
    "Dead bug, start",
    "Lying on the back, arms to the ceiling, hips and knees bent like a table.",
    zoom=1.06,
    move=(4.0, -30.0),
)
def _() -> list[str]:
    hip, shoulder = FLAT.hip, FLAT.shoulder
    return [
        mat(),
        arm((shoulder[0] + 7, shoulder[1]), (shoulder[0] + 7, 120), far=True),
        leg((hip[0] + 8, hip[1]), (hip[0] + 56, hip[1] - 45), foot_deg=20, far=True),
        FLAT.svg(),
        leg(hip, (hip[0] + 46, hip[1] - 46), foot_deg=20),
        arm(shoulder, (shoulder[0], 120), outline=True),
    ]


@scene(
    "dead_bug_2",
    "Dead bug, arm and other leg away",
    "One arm goes back over the head, the heel of the other leg goes down to the floor; the low back stays down.",
    zoom=1.06,
    move=(4.0, -30.0),
)
def _() -> list[str]:
    hip, shoulder = FLAT.hip, FLAT.shoulder
    return [
        mat(),
        arm((shoulder[0] + 2, shoulder[1] - 3), (shoulder[0] - 58, 178), far=True, side=1),
        leg((hip[0] + 8, hip[1]), (hip[0] + 54, hip[1] - 46), foot_deg=20, far=True),
        FLAT.svg(),
        leg(hip, (hip[0] + 82, ANKLE), foot_deg=25),
        arm(shoulder, (shoulder[0], 120), outline=True),
        arrow(arc(hip, 74, 50, 74)),
        arrow(arc(shoulder, 62, -12, -58)),
    ]


# ------------------------------------------------------------------------------------------------ lying, seen from above


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


# ------------------------------------------------------------------------------------------------ seated, seen from the front


def facing(turn: int) -> list[str]:
    """Seated, seen from the front; ``turn`` 0 straight, +1 to the right of the picture (the figure's left), -1 to its left."""

    def x(value: float) -> float:
        return 120 + (turn or 1) * value

    wide = 18.0 if turn else 23.0
    shift = 4.0 if turn else 0.0
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
    nose = [step(head, turn * 96 + a, r) for a, r in ((-16, HEAD - 1), (0, HEAD + 3.2), (16, HEAD - 1))] if turn else []
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
        curve = arrow([(x(-26), 46), (x(-8), 40), (x(14), 40), (x(32), 48)])
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
    "Seated turn to the left",
    "Right hand on the left knee, left hand on the chair behind; chest and head turn slowly to the left, the knees stay.",
    zoom=1.2,
)
def _() -> list[str]:
    return facing(1)


@scene(
    "rotation_seated_3",
    "Seated turn to the right",
    "Left hand on the right knee, right hand on the chair behind; chest and head turn slowly to the right, the knees stay.",
    zoom=1.2,
)
def _() -> list[str]:
    return facing(-1)


def main() -> int:
    """Writes or checks all drawings."""
    texts = {f"{name}.svg": picture(name, s.title, s.desc, [p for p in s.draw() if p], s.zoom, s.move) for name, s in SCENES.items()}
    there = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.svg")}
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in texts.keys() | there.keys() if texts.get(name) != there.get(name))
        if wrong:
            print("not as drawn by this script: " + ", ".join(wrong))
        return 1 if wrong else 0
    for name in there.keys() - texts.keys():
        (FOLDER / name).unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
