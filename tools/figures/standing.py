"""Standing exercises, from the side."""

from __future__ import annotations

from figures.body import Point, Trunk, arc, arm, arrow, both_ways, leg, line, stroke
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
        trunk.pelvis(),
        arm(trunk.shoulder, hand, side=elbow, outline=True),
    ]


@scene("change_seat_3", "Standing to work", "Standing at a raised desk, elbows at the sides, screen at eye level.", zoom=1.02)
def _() -> list[str]:
    return [*standing(upright_standing(92), (132, 98), ankles=(84, 98)), desk(124, 206, 106), screen(176, 40, 106)]


@scene("get_up_1", "Getting up", "At the front of the chair, feet under the knees, leaning forward, hips leaving the seat.", zoom=1.15)
def _() -> list[str]:
    trunk = Trunk((96, 140), (34, 26, 30, 38), 36, 88)
    return [*sitting(trunk, (138, 132), feet=122, chair_x=40), arrow([(70, 110), (76, 88), (92, 70)])]


def walking(near_hand: Point, far_hand: Point, ankles: tuple[Point, Point]) -> list[str]:
    """A loose step; near and far hand and ankle as given."""
    trunk = Trunk((108, 113), (8, -4, 5, 9), 9, 92)

    def foot(ankle: Point) -> float:
        return 80 if ankle[0] > trunk.hip[0] else 112

    return [
        floor(),
        arm((trunk.shoulder[0] + 3, trunk.shoulder[1]), far_hand, side=1, far=True),
        leg((110, 113), ankles[1], far=True, foot_deg=foot(ankles[1])),
        trunk.svg(),
        leg(trunk.hip, ankles[0], foot_deg=foot(ankles[0])),
        trunk.pelvis(),
        arm(trunk.shoulder, near_hand, side=1, outline=True),
    ]


@scene("get_up_2", "Walking", "Walking with a loose step, one leg in front.", zoom=1.02)
def _() -> list[str]:
    return [*walking((92, 110), (146, 102), ((142, ANKLE), (82, ANKLE - 5))), arrow([(166, 92), (200, 92)])]


@scene("get_up_3", "Arms swinging", "The next step: the arms swing loosely, each against its leg.", zoom=1.02)
def _() -> list[str]:
    return [*walking((144, 104), (90, 110), ((80, ANKLE - 5), (142, ANKLE))), both_ways(arc((112, 60), 72, 146, 196))]


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
        trunk.pelvis(),
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


def pull(trunk: Trunk) -> str:
    """Where the stretch is felt: the front of the hip of the leg behind."""
    x, y = trunk.hip
    return stroke(line([(x + 5, y + 14), (x - 12, y + 27)]), "var(--a)", 4.5)


@scene(
    "hip_flexor_stretch_2",
    "Hip stretch, tail tucked",
    "The pelvis rolls back, the tail tucks under and the low back grows long; the feet stay.",
    zoom=1.02,
)
def _() -> list[str]:
    trunk = Trunk((106, 117), (-20, -2, 6, 6), 8, 92)
    return [*lunge(trunk, (50, ANKLE - 9), (150, 111)), arrow(arc(trunk.hip, 27, -50, -120))]


@scene(
    "hip_flexor_stretch_3",
    "Hip stretch, knee bent",
    "The front knee bends a little and the hips sink forward; the front of the back hip, marked, pulls softly.",
    zoom=1.02,
)
def _() -> list[str]:
    trunk = Trunk((117, 127), (-16, -2, 6, 6), 8, 92)
    return [*lunge(trunk, (50, ANKLE - 9), (156, 111)), pull(trunk), arrow([(170, 134), (174, 156)])]


@scene(
    "hip_flexor_stretch_4",
    "Hip stretch, other leg",
    "The same with the legs changed: the leg that was in front is behind now.",
    zoom=1.02,
)
def _() -> list[str]:
    trunk = Trunk((117, 127), (-16, -2, 6, 6), 8, 92)
    x, y = trunk.shoulder
    return [
        floor(24, 214),
        desk(142, 196, 118),
        leg((trunk.hip[0] + 2, trunk.hip[1]), (50, ANKLE - 9), foot_deg=118, far=True),
        arm((x + 3, y), (x - 4, y + 61), far=True),
        trunk.svg(),
        pull(trunk),
        leg(trunk.hip, (146, ANKLE)),
        trunk.pelvis(),
        arm(trunk.shoulder, (156, 111), outline=True),
    ]
