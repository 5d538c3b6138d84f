"""Exercises on hands and knees and on the back, from the side."""

from __future__ import annotations

from dataclasses import replace

from figures.furniture import MAT_TOP, floor, mat
from figures.geometry import Point, smooth, step
from figures.scene import View, scene
from figures.side import THIGH, Body, Figure, Foot, Hand
from figures.svg import ACCENT, arrow, both_ways, shape

KNEELING = View(zoom=1.2, left=94, height=170, floor=14)
HIP = (0.0, MAT_TOP - 6.0 - THIGH)
WRIST = MAT_TOP - 3.0
ARM_HEIGHT = WRIST - 63.7
"""Height of the shoulder over straight arms."""


def on_all_fours(bent: Body, height: float = ARM_HEIGHT) -> Figure:
    """Return somebody on hands and knees: hips over the knees, hands under the shoulders, elbows long."""
    body = bent.until(lambda b: b.shoulder[1], height)
    x, _ = body.shoulder
    near, far = Foot((-47.0, MAT_TOP - 4.5), 268), Foot((-42.0, MAT_TOP - 4.5), 268)
    return Figure(
        body,
        near,
        far,
        Hand((x + 1.0, WRIST), 92, elbow=-1, thumb=1),
        Hand((x + 8.0, WRIST), 92, elbow=-1, thumb=1),
        knee=-1,
        bare=True,
        far_hip=(5.0, 0.0),
        far_shoulder=(6.0, 0.5),
        knees=((0.0, MAT_TOP - 6.0), (5.0, MAT_TOP - 6.0)),
    )


def kneeling_room() -> list[str]:
    """Return floor and mat."""
    return [floor(-72, 116), mat(-66, 110)]


LEVEL = on_all_fours(Body(HIP, pelvis=82, lumbar=12, thorax=-10, neck=6, nod=6))
SUNK = on_all_fours(Body(HIP, pelvis=104, lumbar=-24, thorax=-20, neck=-30, nod=-14))
ROUND = on_all_fours(Body(HIP, pelvis=42, lumbar=54, thorax=32, neck=34, nod=10), ARM_HEIGHT + 1)


@scene(
    "cat_cow_floor_1",
    "Cat-Cow on the floor, start",
    "On hands and knees, hands under the shoulders, knees under the hips, the back flat.",
    KNEELING,
)
def _() -> list[str]:
    return [*kneeling_room(), LEVEL.draw()]


@scene(
    "cat_cow_floor_2",
    "Cat-Cow on the floor, back sinking",
    "The belly sinks, chest and tail lift, the eyes look a little forward.",
    KNEELING,
)
def _() -> list[str]:
    x, y = SUNK.body.at(0.3, -12)
    return [*kneeling_room(), SUNK.draw(), arrow([(x, y - 22), (x, y - 4)])]


@scene(
    "cat_cow_floor_3",
    "Cat-Cow on the floor, back rounded",
    "The hands push the floor away, the back rounds up, the head hangs.",
    KNEELING,
)
def _() -> list[str]:
    x, y = ROUND.body.at(0.5, -12)
    return [*kneeling_room(), ROUND.draw(), arrow([(x, y - 3), (x, y - 20)])]


@scene(
    "cat_cow_floor_4",
    "Cat-Cow on the floor, to and fro",
    "The sunken and, pale, the rounded position in one picture, with an arrow that goes both ways between them.",
    KNEELING,
)
def _() -> list[str]:
    x, y = ROUND.body.at(0.5, -12)
    return [*kneeling_room(), ROUND.body.pale(), SUNK.draw(), both_ways([(x, y - 22), (x, y - 3)])]


SUPINE = View(zoom=1.26, left=136, height=150, floor=14)
BUG = View(zoom=0.97, left=134, height=150, floor=14)
LOW = (0.0, MAT_TOP - 16.0)
"""Hip joint of somebody on the back."""


def flat_on_floor(bent: Body) -> Body:
    """Return the bends with the back of the chest and of the head on the mat, the face up."""
    body = bent.until(lambda b: b.at(0.6, -8.6)[1], MAT_TOP)
    body = min((replace(body, neck=float(neck)) for neck in range(-30, 50)), key=lambda b: abs(b.skull[1] - (MAT_TOP - 11.5)))
    return replace(body, nod=-88.0 - body.head_deg)


HOLLOW = flat_on_floor(Body(LOW, pelvis=-77, lumbar=-8, thorax=-12))
PRESSED = flat_on_floor(Body((1.0, MAT_TOP - 16.0), pelvis=-108, lumbar=30, thorax=-16))


def knees_up(body: Body, *, on_hips: bool = True) -> Figure:
    """Return somebody on the back, feet flat, the elbows on the mat, the hands on the hips or on the ribs."""
    elbow = (body.shoulder[0] + (22.0 if on_hips else 15.0), MAT_TOP - 4.6)
    x, y = step(elbow, 44 if on_hips else 34, 28.0)
    near, far = Foot((50.0, MAT_TOP - 7.5)), Foot((57.0, MAT_TOP - 7.5))
    hand = Hand((x, y), 66, elbow=1, fist=True, thumb=-1, seen=0.68 if on_hips else 0.5)
    return Figure(body, near, far, hand, replace(hand, wrist=(x + 4, y - 3)), bare=True, far_hip=(5.0, -1.5), far_shoulder=(0.0, -6.0))


def gap(body: Body) -> str:
    """Return the space between low back and mat, coloured."""
    roof = [body.at(t, -9.2) for t in (0.0, 0.1, 0.2, 0.3, 0.4, 0.48)]
    edge: list[Point] = [(roof[-1][0], MAT_TOP), (roof[0][0], MAT_TOP)]
    return shape(smooth(roof) + "L" + smooth(edge)[1:] + "z", "#f0b48f", ACCENT, 1.0)


def lying_room() -> list[str]:
    """Return floor and mat."""
    return [floor(-104, 78), mat(-100, 74)]


@scene(
    "pelvic_tilts_lying_1",
    "Pelvic tilt lying, start",
    "Lying on the back, knees bent, feet flat, a small gap under the low back.",
    SUPINE,
)
def _() -> list[str]:
    return [*lying_room(), gap(HOLLOW), knees_up(HOLLOW, on_hips=False).draw()]


@scene(
    "pelvic_tilts_lying_2",
    "Pelvic tilt lying, back flat",
    "The pelvis rolls back, the low back sinks to the floor.",
    SUPINE,
)
def _() -> list[str]:
    x, y = PRESSED.at(0.2, 16)
    return [*lying_room(), knees_up(PRESSED).draw(), arrow([(x, y - 22), (x, y - 4)])]


@scene(
    "pelvic_tilts_lying_3",
    "Pelvic tilt lying, the gap comes back",
    "The pelvis rolls forward again while the belly fills with air: the small gap under the low back comes back.",
    SUPINE,
)
def _() -> list[str]:
    body = replace(HOLLOW, belly=6.0)
    x, y = body.at(0.2, 26)
    return [*lying_room(), gap(body), knees_up(body).draw(), arrow([(x, y - 3), (x, y - 21)])]


def bug(
    body: Body, *, near_arm_back: bool = False, far_arm_back: bool = False, near_leg_down: bool = False, far_leg_down: bool = False
) -> str:
    """Return somebody on the back, arms and legs up unless said."""
    (hx, hy), (sx, sy) = body.hip, body.shoulder
    up, down = (hx + 49.0, hy - 48.0), (hx + 79.0, MAT_TOP - 8.0)

    def leg(dx: float, *, away: bool) -> Foot:
        return Foot((down[0] + dx, down[1]), 30) if away else Foot((up[0] + dx, up[1]), 8)

    def arm(dx: float, *, away: bool) -> Hand:
        return Hand((sx - 58.0 + dx, sy - 25.0), elbow=-1, thumb=-1) if away else Hand((sx + dx, sy - 63.0), 2, elbow=-1, thumb=-1)

    return Figure(
        body,
        leg(0, away=near_leg_down),
        leg(7, away=far_leg_down),
        arm(0, away=near_arm_back),
        arm(8, away=far_arm_back),
        bare=True,
        far_hip=(6.0, -1.0),
        far_shoulder=(6.0, -1.5),
    ).draw()


def bug_room() -> list[str]:
    """Return floor and mat."""
    return [floor(-134, 100), mat(-128, 96)]


@scene(
    "dead_bug_1",
    "Dead bug, start",
    "Lying on the back, arms to the ceiling, hips and knees bent like a table, a small gap under the low back.",
    BUG,
)
def _() -> list[str]:
    return [*bug_room(), gap(HOLLOW), bug(HOLLOW)]


@scene(
    "dead_bug_2",
    "Dead bug, belly tight",
    "The same with the gap gone: the belly tightens and the low back lies on the floor.",
    BUG,
)
def _() -> list[str]:
    body = replace(PRESSED, belly=-3.0)
    x, y = body.at(0.2, 13)
    return [*bug_room(), bug(body), arrow([(x, y - 24), (x, y - 5)])]


@scene(
    "dead_bug_3",
    "Dead bug, arm and other leg away",
    "One arm goes back over the head, the heel of the other leg goes down to the floor; the low back stays down.",
    BUG,
)
def _() -> list[str]:
    return [*bug_room(), bug(PRESSED, far_arm_back=True, near_leg_down=True)]


@scene(
    "dead_bug_4",
    "Dead bug, the other side",
    "The other arm goes back over the head and the other leg's heel goes down; the low back stays down.",
    BUG,
)
def _() -> list[str]:
    return [*bug_room(), bug(PRESSED, near_arm_back=True, far_leg_down=True)]
