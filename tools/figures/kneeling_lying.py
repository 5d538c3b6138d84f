"""Exercises on hands and knees and on the back, from the side."""

from __future__ import annotations

from figures.body import FLOOR, SHIN, Trunk, arc, arm, arrow, leg, limb, line, stroke
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
