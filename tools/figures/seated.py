"""Exercises and habits on a chair, from the side."""

from __future__ import annotations

from dataclasses import replace

from figures.furniture import chair, desk, floor, keyboard, screen
from figures.geometry import arc, line, outline, placed, smooth, step
from figures.scene import View, scene
from figures.side import ANKLE, Body, Figure, Foot, Hand
from figures.svg import ACCENT, CASING, arrow, both_ways, shape, stroke, swing

HIP = (0.0, -55.0)
VIEW = View(zoom=1.24, left=70)
AT_DESK = View(zoom=1.24, left=64)
FRONT = -19.0
"""Where the chair is for somebody who sits at its front."""

TALL = Body(HIP, pelvis=-9, lumbar=14, nod=1)
COW = Body(HIP, pelvis=22, lumbar=-18, thorax=-22, neck=-6, nod=2)
CAT = Body((-2.0, -55.0), pelvis=-35, lumbar=50, thorax=26, neck=30, nod=6)
BACK = Body((2.5, -55.0), pelvis=-38, lumbar=50, thorax=-6, neck=2)
FORWARD = Body((-3.0, -55.0), pelvis=17, lumbar=-12, thorax=1)
SUPPORTED = Body(HIP, pelvis=-12, lumbar=12, thorax=2, nod=1)
SLUMPED = Body((20.0, -54.0), pelvis=-42, lumbar=46, thorax=30, neck=-14, nod=-16)

ON_KNEES = Hand((43.0, -63.5), 100)
ON_THIGHS = Hand((27.0, -66.0), 92)


def sitter(body: Body, hand: Hand, *, far: Hand | None = None, feet: tuple[float, float] = (49.0, 56.0)) -> Figure:
    """Return somebody on a chair, both feet flat, the near and the far one at two places."""
    x, y = hand.wrist
    return Figure(body, Foot((feet[0], ANKLE)), Foot((feet[1], ANKLE)), hand, far or replace(hand, wrist=(x + 5, y - 0.5)))


def office() -> list[str]:
    """Return the desk behind somebody who has moved back from it."""
    return [floor(-48, 130), desk(88, 128), screen(106)]


def room(chair_x: float) -> list[str]:
    """Return the desk, the floor and a chair."""
    return [*office(), chair(chair_x)]


@scene(
    "cat_cow_seated_1",
    "Cat-Cow on a chair, start",
    "Sitting tall at the front of the chair, away from its back, feet flat, hands on the knees.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), sitter(TALL, ON_KNEES).draw()]


@scene(
    "cat_cow_seated_2",
    "Cat-Cow on a chair, rounded",
    "Hands on the knees. The hips roll back, the whole back is round, the chin sinks to the chest.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), sitter(CAT, ON_KNEES).draw(), arrow([CAT.at(0.5, -13), CAT.at(0.5, -28)])]


@scene(
    "cat_cow_seated_3",
    "Cat-Cow on a chair, arched",
    "Hands on the knees. The hips roll forward, the back arches, the chest lifts, the eyes look a little up.",
    VIEW,
)
def _() -> list[str]:
    x, y = COW.at(0.72, 19)
    return [*room(FRONT), sitter(COW, ON_KNEES).draw(), arrow([(x + 13, y + 8), (x + 18, y - 4), (x + 17, y - 17)])]


@scene(
    "cat_cow_seated_4",
    "Cat-Cow on a chair, to and fro",
    "The arched and, pale, the rounded position in one picture, with an arrow that goes both ways between them.",
    VIEW,
)
def _() -> list[str]:
    pale = sitter(CAT, ON_KNEES)
    return [*room(FRONT), pale.pale(), sitter(COW, ON_KNEES).draw(), both_ways(arc((8, -60), 104, 2, 34))]


@scene(
    "pelvic_tilts_seated_1",
    "Pelvic tilt on a chair, start",
    "Sitting tall, feet flat, hands on the thighs, the pelvis in its middle position.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), sitter(TALL, ON_THIGHS).draw()]


@scene(
    "pelvic_tilts_seated_2",
    "Pelvic tilt on a chair, rolled back",
    "Sitting tall, hands on the thighs. The pelvis rolls back, the low back rounds a little, the chest stays still.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), sitter(BACK, ON_THIGHS).draw(), swing((BACK.hip[0] - 3.0, BACK.hip[1]), 28, -62, -108)]


@scene(
    "pelvic_tilts_seated_3",
    "Pelvic tilt on a chair, rolled forward",
    "Sitting tall, hands on the thighs. The pelvis rolls forward, the low back arches a little, the chest stays still.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), sitter(FORWARD, ON_THIGHS).draw(), swing(FORWARD.hip, 25, -105, -45)]


@scene(
    "pelvic_tilts_seated_4",
    "Pelvic tilt on a chair, the middle",
    "Sitting tall again, the pelvis at rest in the middle; pale, how far it rolled back and forward.",
    VIEW,
)
def _() -> list[str]:
    middle = sitter(TALL, ON_THIGHS).draw()
    return [*room(FRONT), BACK.pale(), FORWARD.pale(), middle, both_ways(arc(HIP, 25, -105, -45))]


def at_desk(figure: str, *, screen_x: float = 92.0, marked: str = "", before: str = "") -> list[str]:
    """Return somebody at work: chair under the desk, keyboard, screen; one of these may be marked, another position be seen behind."""
    return [
        floor(-40, 136),
        chair(0.0, marked=marked == "chair"),
        desk(38, 132),
        before,
        screen(screen_x, marked=marked == "screen"),
        keyboard(42, marked=marked == "keyboard"),
        figure,
    ]


TYPING = Hand((39.0, -85.5), 96)


@scene(
    "sit_tall_1",
    "From slumped to supported",
    "Pale: slid forward, the back round, the head forward. Dark: the hips moved back until the chair supports the low back, feet flat.",
    VIEW,
)
def _() -> list[str]:
    return [
        *room(0.0),
        sitter(SLUMPED, Hand((44.0, -64.0), 96), feet=(66, 70)).pale(leg=True),
        sitter(SUPPORTED, ON_THIGHS).draw(),
        arrow([(34, -30), (12, -30)]),
    ]


@scene(
    "sit_tall_2",
    "Growing taller",
    "Sitting back in the chair, the head over the pelvis. Pale: a little shorter, the chin forward. An arrow up behind the head.",
    VIEW,
)
def _() -> list[str]:
    low = replace(SUPPORTED, lumbar=22, thorax=14, neck=-14, nod=2, pelvis=-15)
    tall = replace(SUPPORTED, thorax=-8, neck=8, nod=0, lumbar=9, pelvis=-8)
    x, y = tall.skull
    return [*room(0.0), low.pale(), sitter(tall, ON_THIGHS).draw(), arrow([(x - 18, y - 4), (x - 18, y - 24)])]


@scene(
    "sit_tall_4",
    "Closer to the desk",
    "Tall and supported at the desk, hands on the keyboard; the screen has come closer, so that the head need not go forward.",
    AT_DESK,
)
def _() -> list[str]:
    worker = sitter(SUPPORTED, TYPING).draw()
    return [*at_desk(worker, screen_x=88, before=screen(116, pale=True)), arrow([(112, -148), (96, -148)])]


def bracing(body: Body) -> Figure:
    """Return somebody on a chair, both hands on the belly."""
    x, y = body.at(0.2, 2.5 + body.belly)
    return sitter(body, Hand((x, y), 92, fist=True, thumb=1), far=Hand((x + 6, y + 1), 100, fist=True))


@scene(
    "core_brace_seated_1",
    "Belly muscles, let go",
    "Sitting tall, both hands on the soft belly.",
    VIEW,
)
def _() -> list[str]:
    return [*room(FRONT), bracing(replace(TALL, belly=3.5)).draw()]


def breath(body: Body, *, out: bool) -> str:
    """Return the breath in front of the mouth as three lines."""
    mouth = placed(body.skull, body.head_deg, 17, -4)
    lines = [smooth([step(mouth, 90 + turn, 2), step(mouth, 90 + turn + 6, 8), step(mouth, 90 + turn - 2, 15)]) for turn in (-16, 6, 28)]
    return stroke("".join(lines), ACCENT, 1.8) if out else ""


@scene(
    "core_brace_seated_2",
    "Belly muscles, tightened",
    "Sitting tall, both hands on the belly. The belly tightens and moves in while the breath goes out.",
    VIEW,
)
def _() -> list[str]:
    body = replace(TALL, belly=-3.5)
    x, y = body.at(0.1, 40)
    soft = replace(TALL, belly=3.5)
    return [*room(FRONT), soft.pale(), bracing(body).draw(), breath(body, out=True), arrow([(x + 10, y), (x - 8, y)])]


@scene(
    "change_seat_1",
    "Leaning back",
    "Leaning back in the reclined chair, the legs stretched forward a little.",
    View(zoom=1.24, left=84),
)
def _() -> list[str]:
    body = replace(SUPPORTED, pelvis=-34, nod=14, neck=8)
    hands = Hand((22.0, -71.0), 96)
    legs = (63.0, 72.0)
    return [floor(-60, 118), desk(88, 120), chair(0.0, recline=20), sitter(body, hands, feet=legs).draw(), swing((0, -60), 100, 8, -12)]


@scene(
    "change_seat_2",
    "Moving the feet",
    "Sitting tall, one foot far forward, one back under the chair; pale, the feet under the knees.",
    View(zoom=1.24, left=70, floor=20),
)
def _() -> list[str]:
    moved = Figure(SUPPORTED, Foot((70, ANKLE - 2), 78), Foot((24, ANKLE - 5), 112, 20), ON_THIGHS, Hand((31, -66.5), 92))
    before = sitter(SUPPORTED, ON_THIGHS)
    return [floor(-48, 130), chair(0.0), before.leg(tone="pale"), moved.draw(), both_ways([(34, 7), (80, 7)])]


@scene(
    "heat_1",
    "Warm pack at the low back",
    "Sitting back in the chair with a wrapped warm pack between the chair and the low back.",
    VIEW,
)
def _() -> list[str]:
    body = replace(SUPPORTED, hip=(9.0, -55.0), pelvis=-15)
    pack = outline([(*body.at(0.02, -13.0), 4.4), (*body.at(0.18, -13.2), 5.0), (*body.at(0.42, -12.4), 4.4)])
    waves = "".join(smooth([(x, -62), (x - 3, -69), (x + 3, -78), (x, -86)]) for x in (-34.0, -42.0))
    return [
        floor(-48, 130),
        chair(0.0),
        sitter(body, Hand((36.0, -66.0), 92), feet=(58, 65)).draw(),
        shape(pack, ACCENT),
        stroke(smooth([body.at(0.0, -16.2), body.at(0.2, -16.6), body.at(0.4, -15.4)]), CASING, 1.6),
        stroke(waves, ACCENT, 2.4),
    ]


@scene(
    "set_up_desk_1",
    "A desk that fits: the chair",
    "Sitting at a desk, the chair set off: its back supports the low back, the feet are flat on the floor.",
    AT_DESK,
)
def _() -> list[str]:
    x, y = SUPPORTED.at(0.15, -10)
    under = stroke(smooth([(38, 4.5), (74, 4.5)]), ACCENT, 3)
    return [*at_desk(sitter(SUPPORTED, TYPING).draw(), marked="chair"), under, arrow([(x - 28, y - 6), (x - 10, y)])]


@scene(
    "set_up_desk_2",
    "A desk that fits: the screen",
    "Sitting at a desk, the screen set off: a dotted line goes level from the eye to its top edge. Pale: a low screen pulls the head down.",
    AT_DESK,
)
def _() -> list[str]:
    eye = placed(SUPPORTED.skull, SUPPORTED.head_deg, 13, 4.8)
    low = replace(SUPPORTED, lumbar=24, thorax=16, neck=20, pelvis=-16, nod=6)
    places = [eye[0] + 5 * i for i in range(1, round((88 - eye[0]) / 5))]
    dots = stroke("".join(line((x, -139.0), (x + 0.1, -139.0)) for x in places), ACCENT, 2.2)
    before = low.pale() + screen(92, top=-114.6, pale=True)
    return [*at_desk(sitter(SUPPORTED, TYPING).draw(), marked="screen", before=before), dots]


@scene(
    "set_up_desk_3",
    "A desk that fits: keyboard and mouse",
    "Sitting at a desk, the keyboard set off: so close that the elbows stay at the sides. Pale: reaching for a far one.",
    AT_DESK,
)
def _() -> list[str]:
    far = replace(SUPPORTED, lumbar=26, thorax=18, neck=-12, pelvis=4)
    reach = sitter(far, Hand((58.0, -86.0), 96))
    before = reach.pale() + keyboard(66, pale=True)
    return [*at_desk(sitter(SUPPORTED, TYPING).draw(), marked="keyboard", before=before), arrow([(72, -96), (58, -96)])]
