"""Seated exercises, from the side."""

from __future__ import annotations

from figures.body import FLOOR, HEAD, Point, Trunk, arc, arm, arrow, both_ways, ghost, leg, line, smooth, soft, step, stroke
from figures.scene import ANKLE, HIP_Y, chair, desk, floor, scene, screen


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
        trunk.pelvis(),
        arm(trunk.shoulder, hand, side=elbow, outline=True),
    ]


def breath(trunk: Trunk) -> str:
    """Air going in and out in front of the face."""
    x, y = trunk.head[0] + HEAD + 12, trunk.head[1] + 6
    return arrow([(x, y - 6), (x + 20, y - 9)]) + arrow([(x + 20, y + 7), (x, y + 4)])


COW = Trunk((100, HIP_Y), (40, 6, -24, -14), -20, 64)
CAT = Trunk((100, HIP_Y), (-38, -22, 26, 72), 98, 172)


@scene(
    "cat_cow_seated_1",
    "Cat-Cow on a chair, start",
    "Sitting tall at the front of the chair, away from its back, feet flat, hands on the knees.",
)
def _() -> list[str]:
    return sitting(upright(100), (136, 147), chair_x=46)


@scene(
    "cat_cow_seated_2",
    "Cat-Cow on a chair, arched",
    "Hands on the knees. The hips roll forward, the back arches, the chest lifts, the eyes look a little up.",
)
def _() -> list[str]:
    return [*sitting(COW, (136, 147), chair_x=46), arrow(arc(COW.at(0.7, 0), 30, 122, 56)), arrow(arc(COW.hip, 25, -122, -50))]


@scene(
    "cat_cow_seated_3",
    "Cat-Cow on a chair, rounded",
    "Hands on the knees. The hips roll back, the whole back is round, the chin sinks to the chest.",
)
def _() -> list[str]:
    return [*sitting(CAT, (136, 147), chair_x=46), arrow([CAT.at(0.55, -14), CAT.at(0.55, -34)]), arrow(arc(CAT.hip, 25, -50, -122))]


@scene(
    "cat_cow_seated_4",
    "Cat-Cow on a chair, to and fro",
    "The rounded and the arched position in one picture, with an arrow that goes both ways between them.",
)
def _() -> list[str]:
    return [
        ghost(CAT.svg(), arm(CAT.shoulder, (136, 147))),
        *sitting(COW, (136, 147), chair_x=46),
        both_ways(arc((106, 118), 66, 4, 46)),
    ]


ROLLED_BACK = Trunk((92, HIP_Y), (-46, -16, 18, 4), 6, 92)
ROLLED_FORWARD = Trunk((92, HIP_Y), (44, 0, -16, 10), 8, 92)


@scene(
    "pelvic_tilts_seated_1",
    "Pelvic tilt on a chair, start",
    "Sitting tall, feet flat, hands on the thighs, the pelvis in its middle position.",
)
def _() -> list[str]:
    return sitting(upright(92), (130, 146), chair_x=50)


@scene(
    "pelvic_tilts_seated_2",
    "Pelvic tilt on a chair, rolled back",
    "Sitting tall, hands on the thighs. The pelvis rolls back, the low back rounds a little, the chest stays still.",
)
def _() -> list[str]:
    return [*sitting(ROLLED_BACK, (132, 146), chair_x=50), arrow(arc(ROLLED_BACK.hip, 25, -50, -122))]


@scene(
    "pelvic_tilts_seated_3",
    "Pelvic tilt on a chair, rolled forward",
    "Sitting tall, hands on the thighs. The pelvis rolls forward, the low back arches a little, the chest stays still.",
)
def _() -> list[str]:
    return [*sitting(ROLLED_FORWARD, (128, 146), chair_x=50), arrow(arc(ROLLED_FORWARD.hip, 25, -122, -50))]


@scene(
    "pelvic_tilts_seated_4",
    "Pelvic tilt on a chair, the middle",
    "Sitting tall again, the pelvis at rest in the middle; an arrow that goes both ways shows the roll that led there.",
)
def _() -> list[str]:
    return [*sitting(upright(92), (130, 146), chair_x=50), both_ways(arc((92, HIP_Y), 26, -126, -44))]


SLUMPED = Trunk((102, HIP_Y), (-36, -16, 22, 46), 52, 96)
BACK = upright(80)


@scene(
    "sit_tall_1",
    "From slumped to supported",
    "Pale: slid forward, the back round, the head forward. Dark: the hips moved back until the chair supports the low back, feet flat.",
    zoom=1.2,
)
def _() -> list[str]:
    pale = ghost(SLUMPED.svg(), arm(SLUMPED.shoulder, (140, 146)))
    return [pale, *sitting(BACK, (118, 144), chair_x=57), arrow([(148, 58), (108, 58)])]


@scene(
    "sit_tall_2",
    "Growing taller",
    "Sitting back in the chair, the head over the pelvis; an arrow up behind the head: as if lifted there.",
    zoom=1.2,
)
def _() -> list[str]:
    top = BACK.head
    return [*sitting(BACK, (118, 144), chair_x=57), arrow([(top[0] - 26, top[1] + 16), (top[0] - 26, top[1] - 14)])]


@scene("sit_tall_3", "Shoulders down", "The same tall sitting; an arrow down beside the shoulder, air going in and out.", zoom=1.2)
def _() -> list[str]:
    x, y = BACK.shoulder
    return [*sitting(BACK, (118, 144), chair_x=57), arrow([(x - 24, y - 16), (x - 24, y + 10)]), breath(BACK)]


@scene(
    "sit_tall_4",
    "Closer to the desk",
    "Tall and supported at the desk; the screen comes closer, so that the head need not go forward.",
    zoom=1.2,
    move=(-4.0, 0.0),
)
def _() -> list[str]:
    trunk = upright(72)
    eye = step(trunk.head, 92, HEAD + 8)
    return [
        *sitting(trunk, (110, 126), chair_x=48),
        desk(104, 206, 134),
        ghost(screen(194, eye[1], 134)),
        screen(160, eye[1], 134),
        arrow([(192, eye[1] - 14), (164, eye[1] - 14)]),
    ]


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


@scene(
    "core_brace_seated_3",
    "Belly muscles, held",
    "The belly stays a little tightened under both hands; air goes in and out in front of the face.",
)
def _() -> list[str]:
    trunk = upright(84, belly=7.5)
    return [*sitting(trunk, trunk.at(0.32, 5), elbow=1), breath(trunk)]


@scene("change_seat_1", "Leaning back", "Leaning back in the chair, legs stretched forward a little.", zoom=1.25)
def _() -> list[str]:
    trunk = Trunk((92, HIP_Y), (-26, -26, -16, -6), 0, 90)
    return [*sitting(trunk, (122, 151), feet=166), arrow(arc(trunk.hip, 88, 40, 8))]


@scene(
    "change_seat_2",
    "Moving the feet",
    "Sitting tall; the feet are drawn below the knees and, pale, further forward and further back.",
    zoom=1.25,
)
def _() -> list[str]:
    trunk = upright(84)
    pale = ghost(leg(trunk.hip, (104, ANKLE)), leg(trunk.hip, (156, ANKLE)))
    parts = sitting(trunk, (120, 146), chair_x=44)
    return [*parts[:2], pale, *parts[2:], both_ways([(146, 180), (182, 180)])]


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


def fitting_desk(marked: str) -> list[str]:
    """A desk that fits; one of chair, screen, hands is set off."""
    trunk = upright(72)
    eye = step(trunk.head, 92, HEAD + 8)
    figure = sitting(trunk, (110, 126), chair_x=48)
    things = {"chair": figure[1], "screen": screen(172, eye[1], 134), "hands": soft(line([(106, 130), (126, 130)]), 5)}
    marks = {
        "chair": [arrow([(26, 137), (50, 137)]), stroke(line([(104, FLOOR), (146, FLOOR)]), "var(--a)", 4)],
        "screen": [
            f'<path d="{line([eye, (164, eye[1])])}" fill="none" stroke="var(--a)" stroke-width="3" stroke-dasharray="1 8"/>',
        ],
        "hands": [arrow([(146, 114), (118, 114)])],
    }
    things[marked] = things[marked].replace("var(--s)", "var(--a)")
    return [figure[0], things["chair"], *figure[2:], desk(104, 200, 134), things["screen"], things["hands"], *marks[marked]]


@scene(
    "set_up_desk_1",
    "A desk that fits: the chair",
    "Sitting at a desk, the chair set off: its back supports the low back, the feet are flat on the floor.",
    zoom=1.2,
    move=(-4.0, 0.0),
)
def _() -> list[str]:
    return fitting_desk("chair")


@scene(
    "set_up_desk_2",
    "A desk that fits: the screen",
    "Sitting at a desk, the screen set off: in front, an arm's length away, a dotted line goes level from the eye to its top edge.",
    zoom=1.2,
    move=(-4.0, 0.0),
)
def _() -> list[str]:
    return fitting_desk("screen")


@scene(
    "set_up_desk_3",
    "A desk that fits: keyboard and mouse",
    "Sitting at a desk, the keyboard set off: so close that the upper arms hang and the elbows stay at the sides.",
    zoom=1.2,
    move=(-4.0, 0.0),
)
def _() -> list[str]:
    return fitting_desk("hands")
