"""Exercises on hands and knees and on the back, from the side."""

from __future__ import annotations

from figures.body import FLOOR, SHIN, Trunk, arc, arm, arrow, both_ways, ghost, leg, limb, line, stroke
from figures.scene import ANKLE, LYING_Y, mat, scene


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
        trunk.pelvis(),
        arm((sx, sy), (sx + 2, palm), outline=True),
        limb([(sx + 2, palm), (sx + 11, palm + 1)], width=8),
    ]


ARM_HEIGHT = FLOOR - 6 - 62.5
"""Height of the shoulder over straight arms."""
KNEELING = (96.0, 151.0)
"""Hip joint over the knees."""
SUNK = Trunk(KNEELING, (122, 92, 56, 52), 34, 104).with_shoulder_at(ARM_HEIGHT + 2)
ROUND = Trunk(KNEELING, (26, 54, 96, 124), 146, 205).with_shoulder_at(ARM_HEIGHT - 1)


@scene(
    "cat_cow_floor_1",
    "Cat-Cow on the floor, start",
    "On hands and knees, hands under the shoulders, knees under the hips, the back flat.",
    zoom=1.3,
    move=(0.0, -14.0),
    top=24.0,
)
def _() -> list[str]:
    return on_all_fours(Trunk(KNEELING, (80, 74, 76, 80), 78, 165).with_shoulder_at(ARM_HEIGHT))


@scene(
    "cat_cow_floor_2",
    "Cat-Cow on the floor, back sinking",
    "The belly sinks, chest and tail lift, the eyes look a little forward.",
    zoom=1.3,
    move=(0.0, -14.0),
    top=24.0,
)
def _() -> list[str]:
    return [*on_all_fours(SUNK), arrow([(SUNK.at(0.45)[0], SUNK.at(0.45)[1] + dy) for dy in (-38, -16)])]


@scene(
    "cat_cow_floor_3",
    "Cat-Cow on the floor, back rounded",
    "The hands push the floor away, the back rounds up, the head hangs.",
    zoom=1.3,
    move=(0.0, -14.0),
    top=24.0,
)
def _() -> list[str]:
    return [*on_all_fours(ROUND), arrow([(ROUND.at(0.5)[0], ROUND.at(0.5)[1] + dy) for dy in (-17, -39)])]


@scene(
    "cat_cow_floor_4",
    "Cat-Cow on the floor, to and fro",
    "The sunken and, pale, the rounded position in one picture, with an arrow that goes both ways between them.",
    zoom=1.3,
    move=(0.0, -14.0),
    top=24.0,
)
def _() -> list[str]:
    return [ghost(ROUND.svg()), *on_all_fours(SUNK), both_ways([(SUNK.at(0.45)[0], y) for y in (84, 106)])]


FLAT = Trunk((128, LYING_Y), (-98, -90, -88, -92), -92, 2)
"""On the back, head at the left, the low back on the floor."""
HOLLOW = Trunk((128, LYING_Y), (-62, -85, -107, -93), -92, 2)
"""The same with a small gap under the low back."""


def lying(trunk: Trunk) -> list[str]:
    """On the back, knees bent, the near arm lying out to the side, towards the reader."""
    (x, y), (sx, sy) = trunk.hip, trunk.shoulder
    out = [(sx, sy + 1), (sx + 5, sy + 17)]
    return [
        mat(30, 206),
        leg((x + 4, y - 2), (x + 54, ANKLE), far=True),
        trunk.svg(),
        leg(trunk.hip, (x + 46, ANKLE)),
        trunk.pelvis(),
        stroke(line(out), "var(--p)", 12.5),
        limb(out, width=8.5),
    ]


@scene(
    "pelvic_tilts_lying_1",
    "Pelvic tilt lying, start",
    "Lying on the back, knees bent, feet flat, a small gap under the low back.",
    zoom=1.3,
    move=(4.0, -34.0),
    top=62.0,
)
def _() -> list[str]:
    return lying(HOLLOW)


@scene(
    "pelvic_tilts_lying_2",
    "Pelvic tilt lying, back flat",
    "The pelvis rolls back, the low back sinks to the floor.",
    zoom=1.3,
    move=(4.0, -34.0),
    top=62.0,
)
def _() -> list[str]:
    return [*lying(FLAT), arrow(arc(FLAT.hip, 26, 34, -34)), arrow([FLAT.at(0.46, 40), FLAT.at(0.46, 18)])]


@scene(
    "pelvic_tilts_lying_3",
    "Pelvic tilt lying, the gap comes back",
    "The pelvis rolls forward again, the small gap under the low back comes back.",
    zoom=1.3,
    move=(4.0, -34.0),
    top=62.0,
)
def _() -> list[str]:
    return [*lying(HOLLOW), arrow(arc(HOLLOW.hip, 26, -34, 34)), arrow([HOLLOW.at(0.46, 18), HOLLOW.at(0.46, 40)])]


def bug(*, near_arm_back: bool = False, far_arm_back: bool = False, near_leg_down: bool = False, far_leg_down: bool = False) -> list[str]:
    """On the back, arms and legs up unless said."""
    hip, shoulder = FLAT.hip, FLAT.shoulder
    back = (shoulder[0] - 58, 178)
    far_to = (hip[0] + 88, ANKLE - 2) if far_leg_down else (hip[0] + 54, hip[1] - 46)
    near_to = (hip[0] + 82, ANKLE) if near_leg_down else (hip[0] + 46, hip[1] - 46)
    return [
        mat(),
        arm((shoulder[0] + 7, shoulder[1] - 3), back if far_arm_back else (shoulder[0] + 7, 120), far=True),
        leg((hip[0] + 8, hip[1]), far_to, foot_deg=25 if far_leg_down else 20, far=True),
        FLAT.svg(),
        leg(hip, near_to, foot_deg=25 if near_leg_down else 20),
        FLAT.pelvis(),
        arm(shoulder, back if near_arm_back else (shoulder[0], 120), outline=True),
    ]


@scene(
    "dead_bug_1",
    "Dead bug, start",
    "Lying on the back, arms to the ceiling, hips and knees bent like a table.",
    zoom=1.06,
    move=(4.0, -30.0),
    top=66.0,
)
def _() -> list[str]:
    return bug()


@scene(
    "dead_bug_2",
    "Dead bug, belly tight",
    "The same position; an arrow down at the belly: it tightens and the low back stays on the floor.",
    zoom=1.06,
    move=(4.0, -30.0),
    top=66.0,
)
def _() -> list[str]:
    return [*bug(), arrow([FLAT.at(0.4, 46), FLAT.at(0.4, 20)])]


@scene(
    "dead_bug_3",
    "Dead bug, arm and other leg away",
    "One arm goes back over the head, the heel of the other leg goes down to the floor; the low back stays down.",
    zoom=1.06,
    move=(4.0, -30.0),
    top=66.0,
)
def _() -> list[str]:
    return [*bug(far_arm_back=True, near_leg_down=True), arrow(arc(FLAT.hip, 74, 50, 74)), arrow(arc(FLAT.shoulder, 62, -12, -58))]


@scene(
    "dead_bug_4",
    "Dead bug, the other side",
    "The other arm goes back over the head and the other leg's heel goes down; the low back stays down.",
    zoom=1.06,
    move=(4.0, -30.0),
    top=66.0,
)
def _() -> list[str]:
    return [*bug(near_arm_back=True, far_leg_down=True), arrow(arc(FLAT.hip, 74, 50, 74)), arrow(arc(FLAT.shoulder, 62, -12, -58))]
