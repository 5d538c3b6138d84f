"""Small changes of sitting: for a back that has been held still, and a desk that is too far away."""

from __future__ import annotations

from dataclasses import replace

from figures.front import Front
from figures.furniture import chair, desk, floor, keyboard, screen
from figures.geometry import arc
from figures.scene import View, scene
from figures.seated import AT_DESK, ON_THIGHS, SUPPORTED, TYPING, VIEW, at_desk, sitter
from figures.side import ANKLE, Figure, Foot, Hand
from figures.svg import arrow, both_ways, swing
from figures.turning import VIEW as FACING, sitting

LEFT = Front((4.0, -56.0), tilt=-9, lumbar=16, thorax=10, neck=-12)
"""Weight on the person's left hip, at the right of the picture."""
RIGHT = Front((-4.0, -56.0), tilt=9, lumbar=-16, thorax=-10, neck=12)


@scene(
    "shift_any_way_1",
    "Shifting: leaning back",
    "Leaning back in the chair, the hips moved forward, the ankles crossed; pale, sitting upright before.",
    View(zoom=1.24, left=84),
)
def _() -> list[str]:
    body = replace(SUPPORTED, hip=(8.0, -54.0), pelvis=-40, lumbar=18, nod=18, neck=10)
    figure = Figure(body, Foot((78.0, ANKLE - 1), 76), Foot((70.0, ANKLE), 84), Hand((34.0, -70.0), 96), Hand((40.0, -70.5), 96))
    return [
        floor(-60, 122),
        chair(0.0, recline=16),
        sitter(SUPPORTED, ON_THIGHS).pale(arm=False),
        figure.draw(),
        swing((0, -60), 98, 14, -8),
    ]


@scene(
    "shift_any_way_2",
    "Shifting: to one side",
    "Seen from the front: the weight on one side of the seat, the trunk leaning to that side.",
    FACING,
)
def _() -> list[str]:
    return sitting(Front((-5.0, -56.0), tilt=-5, lumbar=-4, thorax=-4, neck=6, look=20))


@scene(
    "rock_hips_1",
    "From one hip to the other",
    "Seen from the front: the weight on one hip, the spine bent the other way; pale, the same to the other side.",
    FACING,
)
def _() -> list[str]:
    return [*sitting(LEFT, behind=RIGHT.pale()), both_ways(arc((0, -60), 100, -18, 18))]


@scene(
    "rock_hips_2",
    "Settled somewhere new",
    "Seen from the front: the weight on the other hip than before, the shoulders at ease.",
    FACING,
)
def _() -> list[str]:
    return sitting(replace(RIGHT, tilt=8, lumbar=-13, thorax=-8, neck=10))


@scene(
    "bring_work_closer_1",
    "Work pulled closer",
    "Sitting at the desk with everything within reach; pale, leaning in towards a screen and a keyboard that are far away.",
    AT_DESK,
)
def _() -> list[str]:
    far = replace(SUPPORTED, lumbar=26, thorax=18, neck=-12, pelvis=4)
    before = screen(114, pale=True) + keyboard(66, pale=True) + sitter(far, Hand((58.0, -86.0), 96)).pale()
    return [*at_desk(sitter(SUPPORTED, TYPING).draw(), screen_x=90, before=before), arrow([(110, -148), (94, -148)])]


@scene(
    "bring_work_closer_2",
    "Screen raised",
    "Sitting at the desk, the screen raised until its top edge is at eye level; pale, the low screen before.",
    AT_DESK,
)
def _() -> list[str]:
    low = replace(SUPPORTED, lumbar=24, thorax=16, neck=20, pelvis=-16, nod=6)
    before = low.pale() + screen(90, top=-114.6, pale=True)
    return [*at_desk(sitter(SUPPORTED, TYPING).draw(), screen_x=90, before=before), arrow([(101, -106), (101, -128)])]


@scene(
    "bring_work_closer_3",
    "Sitting back",
    "Sitting back in the chair at the desk, the hands on the thighs, the screen close.",
    VIEW,
)
def _() -> list[str]:
    return [floor(-48, 130), chair(0.0), desk(42, 124), screen(86), keyboard(46), sitter(SUPPORTED, ON_THIGHS).draw()]
