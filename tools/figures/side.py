"""The figure from the side, facing right: a spine that bends all along, and what hangs on it.

Its proportions are those of an adult (Drillis and Contini 1966); its height is 200.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from figures.geometry import Disc, Point, between, heading, joint, outline, placed, smooth, step
from figures.head import pale_profile, profile
from figures.svg import (
    ACCENT,
    CASING,
    EDGE,
    FAR_EDGE,
    FAR_SHIRT,
    FAR_SHOE,
    FAR_SKIN,
    FAR_TROUSERS,
    NECK,
    PALE,
    PALE_EDGE,
    PALE_LINE,
    SHIRT,
    SHOE,
    SKIN,
    TROUSERS,
    cased,
    shape,
    stroke,
)

LUMBAR, THORACIC, CERVICAL = 22.0, 33.0, 12.5
THIGH, SHANK = 49.0, 47.0
UPPER_ARM, FOREARM = 35.0, 29.0
ANKLE = -7.5
"""Height of the ankle joint over the floor."""
STEPS = 48
FINENESS = {"near": 0.4, "far": 0.7, "pale": 0.9}
LEGS = {
    "near": (EDGE, TROUSERS, SHOE, SKIN),
    "far": (FAR_EDGE, FAR_TROUSERS, FAR_SHOE, FAR_SKIN),
    "pale": (PALE_EDGE, PALE, PALE, PALE),
}
ARMS = {"near": (EDGE, SHIRT, SKIN), "far": (FAR_EDGE, FAR_SHIRT, FAR_SKIN), "pale": (PALE_EDGE, PALE, PALE)}
SACRUM = (-5.5, 11.0)
"""Foot of the lumbar spine in the pelvis: forward and up of the hip joint."""
BASE, LORDOSIS, KYPHOSIS, CERVICAL_LORDOSIS = 20.0, -38.0, 36.0, -24.0
"""Heading of the lowest lumbar segment of a standing person, and the change of heading in each region."""
DEPTH = (
    (0.0, 9.5, 13.5),
    (0.16, 8.8, 14.0),
    (0.36, 8.0, 13.2),
    (0.55, 8.2, 15.0),
    (0.72, 8.6, 16.0),
    (0.86, 8.2, 13.2),
    (0.96, 6.6, 9.0),
)
"""Skin behind and in front of the spine, at shares of the way from the sacrum to the neck."""


@dataclass(frozen=True)
class Body:
    """Pelvis, spine and head. Angles in degrees, 0 as a person stands, + forward (flexion; the pelvis tipped forward)."""

    hip: Point
    pelvis: float = 0.0
    lumbar: float = 0.0
    thorax: float = 0.0
    neck: float = 0.0
    nod: float = 0.0
    """Of the head against the neck."""
    belly: float = 0.0
    """How far the belly stands out (+) or is drawn in (-)."""
    shoulders: Point = (0.0, 0.0)
    """How far the shoulders are moved forward and up."""

    def _heading(self, share: float) -> float:
        """Heading of the spine at that share of its length, the bend of each region spread evenly."""
        lengths = (LUMBAR, THORACIC, CERVICAL)
        bends = (LORDOSIS + self.lumbar, KYPHOSIS + self.thorax, CERVICAL_LORDOSIS + self.neck)
        left, total = share * sum(lengths), BASE + self.pelvis
        for length, bend in zip(lengths, bends, strict=True):
            total += bend * min(max(left / length, 0.0), 1.0)
            left -= length
        return total

    @cached_property
    def spine(self) -> list[Point]:
        """Points along the spine from the sacrum to the skull; its length is always the same."""
        points = [placed(self.hip, self.pelvis, *SACRUM)]
        whole = LUMBAR + THORACIC + CERVICAL
        for i in range(STEPS):
            points.append(step(points[-1], self._heading((i + 0.5) / STEPS), whole / STEPS))
        return points

    def at(self, share: float, front: float = 0.0) -> Point:
        """Return the point at that share of the way from sacrum to neck, moved to the front (+) or the back (-)."""
        share *= (LUMBAR + THORACIC) / (LUMBAR + THORACIC + CERVICAL)
        place = share * STEPS
        i = min(int(place), STEPS - 1)
        return step(between(self.spine[i], self.spine[i + 1], place - i), self._heading(share) + 90, front)

    def leaned(self, angle_deg: float) -> Body:
        """Return the same bends, all leaned forward alike."""
        return replace(self, pelvis=self.pelvis + angle_deg)

    def until(self, height: Callable[[Body], float], y: float) -> Body:
        """Return the same bends, leaned so that a point of the trunk lies at that height."""
        body, span = self, 30.0
        for _ in range(40):
            tried = min((body.leaned(-span), body, body.leaned(span)), key=lambda b: abs(height(b) - y))
            span = span / 2 if tried is body else span
            body = tried
        return body

    @cached_property
    def shoulder(self) -> Point:
        """The shoulder joint."""
        forward, up = self.shoulders
        return placed(self.at(0.84, 3.5), self._heading(0.84 * 55 / 67.5), forward, up)

    @property
    def skull(self) -> Point:
        """Where the head sits on the neck."""
        return self.spine[-1]

    @property
    def head_deg(self) -> float:
        """Heading of the top of the head; 0 looks straight ahead."""
        return self._heading(1.0) - (BASE + LORDOSIS + KYPHOSIS + CERVICAL_LORDOSIS) + self.nod

    def pelvis_at(self, forward: float, up: float) -> Point:
        """Return a point of the pelvis, from the hip joint."""
        return placed(self.hip, self.pelvis, forward, up)

    def pelvis_discs(self) -> list[list[Disc]]:
        """Return the pelvis with the buttocks, for the outline of the near leg."""
        hip, seat, crest = self.pelvis_at(0.5, 0), self.pelvis_at(-5.5, 0.5), self.pelvis_at(-0.5, 12)
        return [[(*hip, 10.5), (*seat, 10.8)], [(*seat, 10.8), (*crest, 11.0)]]

    def _shirt(self, every: int = 1) -> str:
        depth = DEPTH[::every]
        back = [self.pelvis_at(-15.6, 5.5)] + [self.at(t, -b) for t, b, _ in depth]
        grown = [f + self.belly * max(0.0, 1 - abs(t - 0.14) / 0.3) for t, _, f in depth]
        front = [self.at(t, f) for (t, _, _), f in zip(depth, grown, strict=True)]
        front = [self.pelvis_at(10.8, 2.5), self.pelvis_at(10.8 + self.belly / 2, 8.5), *front[1:]]
        collar = [self.at(1.03, -5.2), self.at(0.99, 6.2)]
        return smooth([*back, *collar, *front[::-1], self.pelvis_at(-6, 2.6)], closed=True)

    def _neck(self) -> str:
        return outline(
            [(*self.at(0.93, 1.0), 6.6), (*self.at(1.08, 0.8), 5.9), (*between(self.skull, self.at(1.08), -0.1), 6.2)], tolerance=0.6
        )

    def trunk(self) -> str:
        """Return shirt, neck and head."""
        return shape(self._neck(), NECK) + profile(self.skull, self.head_deg) + shape(self._shirt(), SHIRT)

    def pale(self) -> str:
        """Return the trunk in another position of the movement: silhouette and spine."""
        spine = stroke(smooth([*self.spine[:: STEPS // 6][:-1], self.spine[-3]]), PALE_LINE, 2.2)
        return (
            shape(self._neck(), PALE, PALE_EDGE) + pale_profile(self.skull, self.head_deg) + shape(self._shirt(2), PALE, PALE_EDGE) + spine
        )

    def line(self) -> str:
        """Return the line of the spine."""
        return cased(smooth([*self.spine[:: STEPS // 6][:-1], self.spine[-3]]))

    def bowl(self) -> str:
        """Return the pelvis as a bowl that tips with it; drawn over the thigh."""
        rim = [self.pelvis_at(*p) for p in ((-9.5, 9.0), (-8.5, 2.5), (-3.5, -3.5), (2.5, -3.0), (6.5, 1.5), (8.5, 8.0))]
        return shape(smooth(rim) + "z", CASING, ACCENT, 2.2)


@dataclass(frozen=True)
class Foot:
    """An ankle, where the foot points (90 flat, more with the heel up), and how far the toes are bent up against it."""

    ankle: Point
    toe_deg: float = 90.0
    bend: float = 0.0

    def outline(self) -> str:
        """Return the outline of the foot."""
        up = self.toe_deg - 90
        heel, ball = placed(self.ankle, up, -3.6, -3.3), placed(self.ankle, up, 11.0, -4.3)
        toe = placed(ball, up - self.bend, 8.5, -0.6)
        return outline(
            [(*self.ankle, 4.2), (*heel, 4.2), (*ball, 3.2), (*toe, 2.5)], [(*self.ankle, 4.4), (*ball, 3.2)], blend=3, tolerance=0.5
        )


@dataclass(frozen=True)
class Hand:
    """A wrist and where the fingers point, as a heading; without one they go on with the forearm."""

    wrist: Point
    fingers_deg: float | None = None
    elbow: int = 1
    """Side on which the elbow bends, as in `joint`."""
    fist: bool = False
    thumb: int | None = None
    """Side of the thumb; without one that of the elbow."""
    seen: float = 1.0
    """Share of the upper arm's length that is seen, where the arm is held away from the trunk."""


@dataclass(frozen=True)
class Figure:
    """A whole body in one posture."""

    body: Body
    near_foot: Foot
    far_foot: Foot
    near_hand: Hand
    far_hand: Hand
    knee: int = -1
    """Side on which the knees bend, as in `joint`."""
    bare: bool = False
    far_hip: Point = (3.0, 0.0)
    far_shoulder: Point = (3.5, -0.5)
    knees: tuple[Point | None, Point | None] = field(default=(None, None))
    """Where the near and the far knee are, where that does not follow from hip and ankle."""

    def leg(self, *, tone: str = "near") -> str:
        """Return one leg: the near one with the pelvis, the far one, or the near one pale."""
        far = tone == "far"
        foot = self.far_foot if far else self.near_foot
        dx, dy = self.far_hip if far else (0.0, 0.0)
        hip = (self.body.hip[0] + dx, self.body.hip[1] + dy)
        _, knee, ankle = joint(hip, foot.ankle, THIGH, SHANK, self.knee)
        knee = self.knees[1 if far else 0] or knee
        side = -self.knee
        thigh = [(*hip, 9.8), (*between(hip, knee, 0.5, -side * 0.6), 8.4), (*knee, 6.1)]
        shank = [
            (*knee, 6.1),
            (*between(knee, ankle, 0.3, side * -1.3), 6.0),
            (*between(knee, ankle, 0.65, 0), 4.8),
            (*between(knee, ankle, 0.92), 4.2),
        ]
        parts = [thigh, shank] + ([] if far else self.body.pelvis_discs())
        edge, trousers, shoe, skin = LEGS[tone]
        legs = shape(outline(*parts, blend=4.0, tolerance=FINENESS[tone]), trousers, edge)
        return shape(replace(foot, ankle=ankle).outline(), skin if self.bare else shoe, edge) + legs

    def arm(self, *, tone: str = "near") -> str:
        """Return one arm with its sleeve and hand: the near one, the far one, or the near one pale."""
        far = tone == "far"
        hand = self.far_hand if far else self.near_hand
        dx, dy = self.far_shoulder if far else (0.0, 0.0)
        start = (self.body.shoulder[0] + dx, self.body.shoulder[1] + dy)
        shoulder, elbow, wrist = joint(start, hand.wrist, UPPER_ARM * hand.seen, FOREARM, hand.elbow)
        edge, shirt, skin = ARMS[tone]
        lower = [(*between(shoulder, elbow, 0.3), 4.6), (*elbow, 3.9), (*between(elbow, wrist, 0.3), 4.0), (*wrist, 2.8)]
        fingers = heading(elbow, wrist) if hand.fingers_deg is None else hand.fingers_deg
        parts = _hand(wrist, fingers, hand.elbow if hand.thumb is None else hand.thumb, fist=hand.fist)
        lower_arm = outline(lower, *parts, tolerance=FINENESS[tone])
        sleeve = outline([(*shoulder, 6.3), (*between(shoulder, elbow, 0.58), 5.4)])
        return shape(lower_arm, skin, edge) + shape(sleeve, shirt, edge)

    def pale(self, *, arm: bool = True, leg: bool = False) -> str:
        """Return another position of the movement."""
        return (self.leg(tone="pale") if leg else "") + self.body.pale() + (self.arm(tone="pale") if arm else "")

    def draw(self, *, bowl: bool = True, line: bool = True) -> str:
        """Return the whole figure."""
        body = self.body
        return "".join(
            [
                self.arm(tone="far"),
                self.leg(tone="far"),
                self.leg(),
                body.trunk(),
                body.line() if line else "",
                body.bowl() if bowl else "",
                self.arm(),
            ]
        )


def _hand(wrist: Point, fingers_deg: float, thumb_side: int, *, fist: bool) -> list[list[Disc]]:
    palm, tip = step(wrist, fingers_deg, 5.5), step(wrist, fingers_deg, 8.0 if fist else 14.0)
    thumb = placed(wrist, fingers_deg, -thumb_side * 4.6, 7.5)
    return [[(*wrist, 2.8), (*palm, 3.6), (*tip, 3.2 if fist else 1.9)], [(*placed(wrist, fingers_deg, 0, 2.5), 2.2), (*thumb, 1.5)]]
