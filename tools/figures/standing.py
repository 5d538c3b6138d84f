"""Standing exercises, from the side."""

from __future__ import annotations

from dataclasses import replace

from figures.furniture import DESK, chair, desk, floor, glass, keyboard, screen, window
from figures.geometry import line, step
from figures.scene import View, scene
from figures.side import ANKLE, Body, Figure, Foot, Hand
from figures.svg import ACCENT, CASING, arrow, stroke, swing

UPRIGHT = View(zoom=1.0, left=100, floor=10)
UP = Body((0.0, -103.5), nod=1)


@scene(
    "change_seat_3",
    "Standing to work",
    "Standing at a raised desk, elbows at the sides, screen at eye level.",
    View(zoom=1.0, left=84, floor=10),
)
def _() -> list[str]:
    top = -123.0
    figure = Figure(UP, Foot((-4, ANKLE)), Foot((10, ANKLE)), Hand((38, top - 5), 96), Hand((44, top - 5.5), 96))
    return [floor(-66, 142), chair(-44.0), desk(34, 126, top), screen(84, top, top=-188), keyboard(40, top), figure.draw()]


@scene(
    "get_up_1",
    "Getting up",
    "At the front of the chair, feet under the knees, leaning forward, the hips leaving the seat.",
    View(zoom=1.16, left=76),
)
def _() -> list[str]:
    body = Body((8.0, -66.0), pelvis=38, lumbar=14, thorax=4, neck=-22, nod=-14)
    figure = Figure(body, Foot((34, ANKLE)), Foot((41, ANKLE)), Hand((46, -74), 110), Hand((52, -74), 110))
    return [floor(-50, 136), desk(92, 136), screen(112), chair(-22.0), figure.draw(), arrow([(-8, -104), (-2, -126), (14, -146)])]


def walker(reach: float, *, near_ahead: bool) -> Figure:
    """Return a loose step: how far the hands swing, which leg is in front."""
    ahead, behind = Foot((31.0, ANKLE - 2.5), 76), Foot((-34.0, ANKLE - 6), 124, 32)
    body = Body((0.0, -100.0), pelvis=4, nod=1)
    x, y = body.shoulder
    forward, back = Hand((x + reach, y + 52 - reach * 0.25), elbow=1), Hand((x - reach * 0.8, y + 56), elbow=1)
    if near_ahead:
        return Figure(body, ahead, behind, back, forward)
    return Figure(body, behind, ahead, forward, back)


@scene("get_up_2", "Walking", "Walking past a window with a loose step, a glass of water in one hand.", UPRIGHT)
def _() -> list[str]:
    figure = walker(16, near_ahead=True)
    x, y = figure.body.shoulder
    figure = replace(figure, near_hand=Hand((x + 28, y + 36), 88, fist=True), far_hand=Hand((x - 16, y + 58)))
    return [floor(-92, 132), window(52, -172), figure.draw(), glass((x + 36, y + 34))]


@scene("get_up_3", "Arms swinging", "The next step: the arms swing loosely, each against its leg.", UPRIGHT)
def _() -> list[str]:
    figure = walker(34, near_ahead=False)
    return [floor(-92, 132), figure.draw(), swing(figure.body.shoulder, 78, 170, 138)]


LUNGE = View(zoom=1.02, left=96, floor=10)
HEEL = Foot((-61.0, -18.0), 130, 38)
FLAT = Foot((36.0, ANKLE))


def lunge(body: Body, *, front: Foot = FLAT, back: Foot = HEEL, near_behind: bool = True) -> list[str]:
    """Return a long step beside the desk, the far hand on it."""
    near, far = (back, front) if near_behind else (front, back)
    figure = Figure(body, near, far, Hand(body.pelvis_at(1.0, 19.0), 110, fist=True), Hand((24.0, DESK - 2.5), 100))
    return [floor(-92, 128), desk(8, 112), screen(84), figure.draw()]


def pull(body: Body) -> str:
    """Return where the stretch is felt: the front of the hip of the leg behind."""
    mark = line(step(body.hip, 100, 7.5), step(step(body.hip, 100, 7.5), 208, 22))
    return stroke(mark, CASING, 5.5) + stroke(mark, ACCENT, 3.4)


@scene(
    "hip_flexor_stretch_1",
    "Hip stretch, start",
    "Standing with a long step, one hand on the desk, the back heel lifted, the trunk upright.",
    LUNGE,
)
def _() -> list[str]:
    return lunge(Body((-10.0, -92.0), pelvis=14, lumbar=-10, thorax=-2))


@scene(
    "hip_flexor_stretch_2",
    "Hip stretch, tail tucked",
    "The pelvis rolls back, the tail tucks under and the low back grows long; the feet stay.",
    LUNGE,
)
def _() -> list[str]:
    body = Body((-8.0, -92.0), pelvis=-22, lumbar=26, thorax=-2)
    return [*lunge(body), swing(body.hip, 27, -70, -130)]


TUCKED = Body((2.0, -80.0), pelvis=-22, lumbar=26, thorax=-2)


@scene(
    "hip_flexor_stretch_3",
    "Hip stretch, knee bent",
    "The front knee bends and the hips sink forward; the front of the back hip, marked, pulls softly.",
    LUNGE,
)
def _() -> list[str]:
    back = Foot((-69.0, -20.0), 132, 40)
    return [*lunge(TUCKED, back=back), pull(TUCKED), arrow([(-42, -84), (-42, -66)])]


@scene(
    "hip_flexor_stretch_4",
    "Hip stretch, other leg",
    "The same with the legs changed: the leg that was in front is behind now.",
    LUNGE,
)
def _() -> list[str]:
    back = Foot((-69.0, -20.0), 132, 40)
    return [*lunge(TUCKED, back=back, near_behind=False)]
