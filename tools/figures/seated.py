"""Seated exercises, from the side."""

from __future__ import annotations

from figures.body import HEAD, Point, Trunk, arc, arm, arrow, leg, line, smooth, step, stroke
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
