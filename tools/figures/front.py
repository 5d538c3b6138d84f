"""The figure from the front (from above, where it lies): the same proportions, a spine that bends to the side and turns.

x to the right of the picture, which is the figure's left; angles in degrees, + to the right of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from figures.geometry import Disc, Point, between, heading, outline, placed, smooth, step
from figures.head import frontal, profile
from figures.side import CERVICAL, LUMBAR, THORACIC
from figures.svg import (
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

STEPS = 24
WIDTHS = ((-0.1, 17.5, 12.0), (0.06, 16.6, 11.5), (0.3, 14.0, 10.5), (0.52, 16.2, 12.0), (0.72, 18.4, 12.0), (0.86, 19.0, 10.0))
"""Half the width and half the depth of the trunk, at shares of the way from sacrum to neck."""
SHOULDER = 20.0
SEEN_FROM_ABOVE = 0.22
"""How far down in the picture a unit towards the reader is."""


@dataclass(frozen=True)
class Front:
    """Pelvis, spine and head from the front."""

    hips: Point
    """The middle between the hip joints."""
    tilt: float = 0.0
    """Of the pelvis to the side."""
    lumbar: float = 0.0
    thorax: float = 0.0
    neck: float = 0.0
    """Bends to the side, each spread over its region."""
    turn: float = 0.0
    """Of the chest against the pelvis."""
    turned_hips: float = 0.0
    look: float = 0.0
    """Turn of the head; beyond 50 it is drawn in profile."""
    lifted: float = 0.0
    """How far both shoulders are lifted."""

    def _heading(self, share: float) -> float:
        left, total = share * (LUMBAR + THORACIC + CERVICAL), self.tilt
        for length, bend in ((LUMBAR, self.lumbar), (THORACIC, self.thorax), (CERVICAL, self.neck)):
            total += bend * min(max(left / length, 0.0), 1.0)
            left -= length
        return total

    @cached_property
    def spine(self) -> list[Point]:
        """Points along the spine from the sacrum to the skull."""
        points = [step(self.hips, self.tilt, 11.0)]
        whole = LUMBAR + THORACIC + CERVICAL
        for i in range(STEPS):
            points.append(step(points[-1], self._heading((i + 0.5) / STEPS), whole / STEPS))
        return points

    def at(self, share: float, right: float = 0.0) -> Point:
        """Return the point at that share of the way from sacrum to neck, moved to the right of the picture."""
        share *= (LUMBAR + THORACIC) / (LUMBAR + THORACIC + CERVICAL)
        if share < 0:
            return placed(self.spine[0], self.tilt, right, share * (LUMBAR + THORACIC))
        place = share * STEPS
        i = min(int(place), STEPS - 1)
        return step(between(self.spine[i], self.spine[i + 1], place - i), self._heading(share) + 90, right)

    def turned(self, share: float) -> float:
        """Return how far the trunk is turned there."""
        return self.turned_hips + (self.turn - self.turned_hips) * min(max(share - 0.05, 0.0) / 0.75, 1.0)

    def shoulder(self, side: int) -> Point:
        """Return the shoulder joint on one side of the picture."""
        turn = math.radians(self.turn)
        x, y = self.at(0.86, side * SHOULDER * math.cos(turn) + 3 * math.sin(turn))
        return x, y - self.lifted + side * SHOULDER * -math.sin(turn) * SEEN_FROM_ABOVE

    def hip(self, side: int) -> Point:
        """Return the hip joint on one side of the picture."""
        return placed(self.hips, self.tilt, side * 9.0 * math.cos(math.radians(self.turned_hips)), 0.0)

    def _shirt(self) -> str:
        def half(share: float, width: float, depth: float) -> float:
            a = math.radians(self.turned(share))
            return math.hypot(width * math.cos(a), depth * math.sin(a))

        def shift(share: float) -> float:
            return 2.5 * math.sin(math.radians(self.turned(share)))

        right = [self.at(t, shift(t) + half(t, w, d)) for t, w, d in WIDTHS]
        left = [self.at(t, shift(t) - half(t, w, d)) for t, w, d in WIDTHS]
        tops = []
        for side in (1, -1):
            x, y = self.shoulder(side)
            tops.append((x - side * 1.0, y - 5.6))
        slide = 5.0 * math.sin(math.radians(self.turn))
        collar = [self.at(1.0, 6.5 + slide * 0.4), self.at(0.92, slide), self.at(1.0, -6.5 + slide * 0.4)]
        return smooth([*right, tops[0], *collar, tops[1], *left[::-1]], closed=True)

    def trunk(self) -> str:
        """Return neck, head and shirt."""
        neck = outline([(*self.at(0.92), 7.0), (*between(self.spine[-1], self.at(1.08), -0.1), 6.0)], tolerance=0.6)
        up = self._heading(1.0)
        if abs(self.look) > 50:
            head = profile(step(self.spine[-1], up, 1.0), up, mirror=self.look < 0)
        else:
            head = frontal(self.spine[-1], up, self.look)
        return shape(neck, NECK) + head + shape(self._shirt(), SHIRT)

    def line(self) -> str:
        """Return the line of the spine; the chin hides its top."""
        return cased(smooth([*self.spine[: STEPS - 4 : 4], self.at(0.98)]))

    def pale(self) -> str:
        """Return the trunk in another position of the movement."""
        spine = stroke(smooth([*self.spine[: STEPS - 4 : 4], self.at(0.98)]), PALE_LINE, 2.2)
        head = outline([(*step(self.spine[-1], self._heading(1.0), 0.5), 9.0), (*step(self.spine[-1], self._heading(1.0), 6.5), 11.4)])
        return shape(head, PALE, PALE_EDGE) + shape(self._shirt(), PALE, PALE_EDGE) + spine


def limb(chain: Sequence[Disc], fill: str, edge: str = EDGE, *more: Sequence[Disc]) -> str:
    """Return a part of a limb."""
    return shape(outline(chain, *more, blend=3.0), fill, edge)


TONES = {
    "near": (SHIRT, SKIN, TROUSERS, SHOE, EDGE),
    "far": (FAR_SHIRT, FAR_SKIN, FAR_TROUSERS, FAR_SHOE, FAR_EDGE),
    "pale": (PALE, PALE, PALE, PALE, PALE_EDGE),
}


def arm(shoulder: Point, elbow: Point, wrist: Point, fingers_deg: float | None = None, *, tone: str = "near", thumb: int = 1) -> str:
    """Return an arm through three points."""
    shirt, skin, _, _, edge = TONES[tone]
    along = heading(elbow, wrist) if fingers_deg is None else fingers_deg
    palm, tip = step(wrist, along, 5.5), step(wrist, along, 13.0)
    hand = [(*wrist, 2.8), (*palm, 3.8), (*tip, 2.3)]
    spread = [(*step(wrist, along, 2.5), 2.2), (*placed(wrist, along, thumb * 4.8, 7.0), 1.5)]
    lower = [(*between(shoulder, elbow, 0.3), 4.6), (*elbow, 4.0), (*between(elbow, wrist, 0.3), 4.0), (*wrist, 2.8)]
    sleeve = outline([(*shoulder, 6.2), (*between(shoulder, elbow, 0.58), 5.4)])
    return limb(lower, skin, edge, hand, spread) + shape(sleeve, shirt, edge)
