"""From the front on a chair, and from above on the back: turns, and what is seen better from there."""

from __future__ import annotations

from figures.front import TONES, Front, arm, limb
from figures.furniture import SEAT
from figures.geometry import Point, arc, between, line, outline, smooth, step
from figures.scene import View, scene
from figures.svg import ACCENT, MAT, MAT_EDGE, PALE, PALE_EDGE, SHOE, SKIN, SOFT, SOFT_EDGE, TROUSERS, arrow, dot, shape, stroke

VIEW = View(zoom=1.2, left=120, floor=18)
HIPS = (0.0, -56.0)
KNEES = ((-14.0, -49.0), (14.0, -49.0))
"""Nearer to the reader, and so lower in the picture than they are."""


def chair_behind() -> list[str]:
    """Return floor, foot and back of the chair."""
    foot = line((0, -6), (0, SEAT)) + line((-27, 2), (0, -6), (27, 2))
    back = line((-23, -106), (23, -106), (21, -66), (-21, -66), closed=True)
    wheels = "".join(dot((x, 4.0), 2.6, SOFT_EDGE) for x in (-27, 27))
    ground = stroke(line((-72, 7), (72, 7)), SOFT_EDGE, 1.6)
    return [ground, stroke(foot, SOFT_EDGE, 3.6), wheels, stroke(back, SOFT_EDGE, 9), stroke(back, SOFT, 6), shape(back, SOFT, SOFT, 1)]


def seat() -> str:
    """Return the seat."""
    edge = line((-23, SEAT + 2), (23, SEAT + 2))
    return stroke(edge, SOFT_EDGE, 10) + stroke(edge, SOFT, 7)


def legs(body: Front) -> str:
    """Return thighs that point at the reader, shanks and feet."""
    parts = ""
    for side, knee in zip((-1, 1), KNEES, strict=True):
        hip = body.hip(side)
        ankle = (knee[0] + side * 0.5, -2.0)
        parts += limb([(*ankle, 4.2), (ankle[0] + side * 1.6, 2.4, 4.6), (ankle[0] + side * 2.2, 3.4, 4.4)], SHOE)
        parts += limb([(knee[0], knee[1] + 3, 6.6), (*between(knee, ankle, 0.35, 0), 6.4), (*between(knee, ankle, 0.88), 4.4)], TROUSERS)
        parts += limb([(hip[0] * 0.95, hip[1] + 1.5, 10.2), (*knee, 8.4)], TROUSERS)
    return parts


def on_thighs(body: Front) -> str:
    """Return both arms, the hands on the thighs."""
    out = ""
    for side in (-1, 1):
        x, y = body.shoulder(side)
        out += arm((x, y), (x + side * 8, y + 33), (side * 17.0, -60.0), 180 - side * 12, thumb=side)
    return out


def sitting(body: Front, *, arms: str | None = None, behind: str = "", marks: str = "") -> list[str]:
    """Return somebody on a chair from the front, with what is behind the trunk and what is marked on it."""
    pelvis = limb([(*body.hip(-1), 10.0), (*body.hip(1), 10.0)], TROUSERS)
    hands = on_thighs(body) if arms is None else arms
    return [*chair_behind(), seat(), behind, pelvis, body.trunk(), body.line(), marks, legs(body), hands]


STRAIGHT = Front(HIPS)


@scene("rotation_seated_1", "Seated turn, start", "Seen from the front: sitting tall, feet flat, knees forward, hands on the thighs.", VIEW)
def _() -> list[str]:
    return sitting(STRAIGHT)


def turning(side: int, body: Front) -> list[str]:
    """Return the hands of a turn to one side of the picture: one on the other side's knee, one on the chair behind."""
    x, y = body.shoulder(-side)
    across = arm((x, y), (x + side * 1.0, y + 33), (side * 12.0, -60.5), 90 * side + 22 * side, thumb=-side)
    x, y = body.shoulder(side)
    back = arm((x, y), (side * 33.0, y + 27), (side * 21.0, -83.0), -78 * side, tone="far", thumb=side)
    return sitting(body, arms=across, behind=back)


@scene(
    "rotation_seated_2",
    "Seated turn, hands in place",
    "Seen from the front, so left and right are swapped: right hand on the left knee, left hand on the chair behind; chest still forward.",
    VIEW,
)
def _() -> list[str]:
    return turning(1, Front(HIPS, turn=10, look=6))


@scene(
    "rotation_seated_3",
    "Seated turn to the left",
    "Seen from the front: chest and head turn slowly to the person's left, the knees stay.",
    VIEW,
)
def _() -> list[str]:
    return [*turning(1, Front(HIPS, turn=48, look=80)), swing_over(1)]


@scene(
    "rotation_seated_4",
    "Seated turn to the right",
    "Seen from the front, the other side: left hand on the right knee, right hand on the chair behind, a slow turn to the right.",
    VIEW,
)
def _() -> list[str]:
    return [*turning(-1, Front(HIPS, turn=-48, look=-80)), swing_over(-1)]


def swing_over(side: int) -> str:
    """Return the arrow of a turn around the body's axis, above the head."""
    return arrow([(side * x, y) for x, y in ((-20, -152), (-11, -158), (1, -160.5), (14, -158), (23, -151))])


@scene(
    "sit_tall_3",
    "Shoulders down",
    "Seen from the front: the shoulders hang low and wide; pale, the lifted shoulders before.",
    VIEW,
)
def _() -> list[str]:
    lifted = Front(HIPS, lifted=12)
    arrows = "".join(arrow([(s * 33, -124), (s * 33, -106)]) for s in (-1, 1))
    before = lifted.pale()
    for side in (-1, 1):
        top = lifted.shoulder(side)
        before += shape(outline([(*top, 6.4), (*step(top, 180 - side * 14, 14), 5.6)]), PALE, PALE_EDGE)
    return [*sitting(STRAIGHT, behind=before), arrows]


@scene(
    "core_brace_seated_3",
    "Belly muscles, held",
    "Seen from the front: the belly, marked, stays a little tightened under both hands; the ribs widen as the breath goes on.",
    VIEW,
)
def _() -> list[str]:
    arms = ""
    for side in (-1, 1):
        x, y = STRAIGHT.shoulder(side)
        arms += arm((x, y), (x + side * 12, y + 31), (side * 13.5, -77.0), -84 * side, thumb=side)
    rings = [smooth([STRAIGHT.at(t, -14.5), STRAIGHT.at(t - 0.05, 0), STRAIGHT.at(t, 14.5)]) for t in (0.08, 0.36)]
    ribs = "".join(arrow([(s * 4, -101), (s * 15, -102)], 2.0, rim=True) for s in (-1, 1))
    return [*sitting(STRAIGHT, arms=arms, marks=stroke("".join(rings), ACCENT, 2.2)), ribs]


# ---------------------------------------------------------------------- from above, the head at the left

ABOVE = View(zoom=0.94, left=120, height=190, floor=95)
MIDDLE = (0.0, 8.0)
SHADED = "#314357"
"""Trousers farther from the reader."""


def from_above(parts: list[str]) -> list[str]:
    """Return the mat, and the figure turned so that its head is at the left."""
    ground = line((-121, -79), (121, -79), (121, 79), (-121, 79), closed=True)
    return [shape(ground, MAT, MAT_EDGE, 1.6), '<g transform="rotate(-90)">', *parts, "</g>"]


def wide_arms(body: Front) -> str:
    """Return both arms out to the sides, the palms up."""
    out = ""
    for side in (-1, 1):
        x, y = body.shoulder(side)
        out += arm((x, y), (x + side * 34, y + 3), (x + side * 62 if side else 0, y + 1), thumb=-side)
    return out


def knee_up(side: int, body: Front) -> str:
    """Return a leg whose knee points at the reader, the foot flat."""
    hip = body.hip(side)
    knee, ankle = (side * 11.0, hip[1] + 27), (side * 11.0, hip[1] + 50)
    foot = limb([(*ankle, 4.2), (ankle[0] + side * 1.0, ankle[1] + 9, 4.6), (ankle[0] + side * 1.4, ankle[1] + 16, 4.2)], SKIN)
    shank = limb([(knee[0], knee[1] + 2, 7.4), (*between(knee, ankle, 0.9), 4.6)], SHADED)
    cap = stroke(smooth([(knee[0] - 5.5, knee[1] - 2), (knee[0], knee[1] + 3.5), (knee[0] + 5.5, knee[1] - 2)]))
    return foot + shank + limb([(*hip, 9.4), (*knee, 9.8)], TROUSERS) + cap


@scene(
    "rotation_supine_1",
    "Turn lying, start",
    "Seen from above: lying on the back, knees bent and pointing up, feet flat, arms out to the sides.",
    ABOVE,
)
def _() -> list[str]:
    body = Front(MIDDLE)
    pelvis = limb([(*body.hip(-1), 10.0), (*body.hip(1), 10.0)], TROUSERS)
    return from_above([wide_arms(body), pelvis, body.trunk(), body.line(), knee_up(-1, body), knee_up(1, body)])


def side_leg(side: int, hip: Point, *, tone: str, lower: float) -> str:
    """Return a bent leg that lies on its side."""
    _, skin, trousers, _, edge = TONES[tone]
    knee = (hip[0] + side * 44.0, hip[1] + 14 + lower)
    ankle = (knee[0] - side * 16.0, knee[1] + 42)
    foot = limb([(*ankle, 4.0), (ankle[0] - side * 3, ankle[1] + 5, 4.0), (ankle[0] + side * 9, ankle[1] + 13, 2.8)], skin, edge)
    shank = [(*knee, 6.2), (*between(knee, ankle, 0.3, -side * 1.2), 6.0), (*between(knee, ankle, 0.9), 4.3)]
    return foot + limb([(*hip, 10.0), (*between(hip, knee, 0.5), 8.8), (*knee, 6.4)], trousers, edge, shank)


def knees_to(side: int) -> list[str]:
    """Return both knees on one side, the chest flat, the head turned the other way."""
    body = Front(MIDDLE, lumbar=side * -3, turn=0, turned_hips=side * 70, look=-side * 80)
    hip = (side * 1.0, MIDDLE[1])
    pelvis = limb([(hip[0] - side * 4, hip[1], 10.5), (hip[0], hip[1] - 8, 11.0)], TROUSERS)
    under = side_leg(side, (hip[0] + side * 3, hip[1]), tone="far", lower=8)
    over = side_leg(side, hip, tone="near", lower=0)
    curve = arrow(arc((0.0, 8.0), 94, 180 - side * 2, 180 - side * 32))
    return from_above([wide_arms(body), under, pelvis, over, body.trunk(), body.line(), curve])


@scene(
    "rotation_supine_2",
    "Turn lying, knees to the right",
    "Seen from above: both knees sink to the right side, the shoulders stay on the floor, the head may look the other way.",
    ABOVE,
)
def _() -> list[str]:
    return knees_to(-1)


@scene(
    "rotation_supine_3",
    "Turn lying, knees to the left",
    "Seen from above: both knees sink to the left side, the shoulders stay on the floor, the head may look the other way.",
    ABOVE,
)
def _() -> list[str]:
    return knees_to(1)
