"""Standing exercises, from the side."""

from __future__ import annotations

from figures.body import Point, Trunk, arc, arm, arrow, leg, line, step, stroke
from figures.scene import ANKLE, desk, floor, scene, screen
from figures.seated import sitting


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


@scene("change_seat_2", "Standing to work", "Standing at a raised desk, elbows at the sides, screen at eye level.", zoom=1.02)
def _() -> list[str]:
    return [*standing(upright_standing(92), (132, 98), ankles=(84, 98)), desk(124, 206, 106), screen(176, 40, 106)]


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
