"""A jointed figure in side view, and the SVG around it: geometry for the drawings of the exercises.

Lengths are units of the picture (about 2 % of a trunk); x right, y down. A heading is the direction of a part of the
spine in degrees: 0 up, +90 forward (to the right), -90 backward (to the left). The figure faces right, so lying on its
back it has its head at the left and its front up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

Point = tuple[float, float]

WIDTH, HEIGHT, FLOOR = 240, 220, 206
TRUNK, NECK, HEAD = 62.0, 21.0, 13.0
THIGH, SHIN, FOOT = 47.0, 45.0, 15.0
UPPER_ARM, FOREARM = 32.0, 31.0
STEPS = 24

STYLE = (
    ".pm-fig{color:var(--fig-ink,#2b3a48);--a:var(--fig-accent,#d9622b);--s:var(--fig-soft,#9aa7b3);--f:var(--fig-far,#8592a0);--p:var(--fig-paper,#fff)}"
    "@media (prefers-color-scheme:dark){.pm-fig{color:var(--fig-ink,#e4eaf0);--a:var(--fig-accent,#d9602b);"
    "--s:var(--fig-soft,#5d6b78);--f:var(--fig-far,#98a5b1);--p:var(--fig-paper,#171d24)}}"
)
"""A page may set the five variables; without them the picture follows the reader's light or dark mode by itself."""


def step(start: Point, heading_deg: float, length: float) -> Point:
    """The point that lies so far from ``start`` in that heading."""
    a = math.radians(heading_deg)
    return start[0] + length * math.sin(a), start[1] - length * math.cos(a)


def _num(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"


def _at(point: Point) -> str:
    return f"{_num(point[0])} {_num(point[1])}"


def smooth(points: Sequence[Point], *, closed: bool = False) -> str:
    """SVG path data of a smooth curve through the points (Catmull-Rom as cubic Bezier)."""
    n = len(points)

    def pick(i: int) -> Point:
        return points[i % n] if closed else points[min(max(i, 0), n - 1)]

    data = f"M{_at(points[0])}"
    for i in range(n if closed else n - 1):
        p0, p1, p2, p3 = pick(i - 1), pick(i), pick(i + 1), pick(i + 2)
        c1 = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        c2 = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        data += f"C{_at(c1)} {_at(c2)} {_at(p2)}"
    return data + ("Z" if closed else "")


def line(points: Sequence[Point]) -> str:
    """SVG path data of straight lines through the points."""
    return "M" + "L".join(_at(p) for p in points)


def stroke(data: str, colour: str = "currentColor", width: float = 10.0) -> str:
    """An SVG stroke with round ends."""
    return f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{_num(width)}"/>'


def fill(data: str, colour: str = "currentColor") -> str:
    """A filled SVG shape with rounded corners."""
    return f'<path d="{data}" fill="{colour}" stroke="{colour}" stroke-width="2"/>'


def circle(centre: Point, radius: float, colour: str = "currentColor") -> str:
    """A filled SVG circle."""
    return f'<circle cx="{_num(centre[0])}" cy="{_num(centre[1])}" r="{_num(radius)}" fill="{colour}"/>'


def joint(start: Point, target: Point, first: float, second: float, side: int) -> list[Point]:
    """A two-part limb from ``start`` towards ``target``: start, middle joint, end.

    The lengths are kept; a target out of reach is approached. ``side`` +1 bends the joint to the right of the way
    from start to target, -1 to the left.
    """
    dx, dy = target[0] - start[0], target[1] - start[1]
    far = math.hypot(dx, dy) or 1e-9
    reach = min(max(far, abs(first - second) + 0.1), first + second - 0.1)
    ux, uy = dx / far, dy / far
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    off = math.sqrt(max(first**2 - along**2, 0.0)) * side
    middle = (start[0] + along * ux - off * uy, start[1] + along * uy + off * ux)
    return [start, middle, (start[0] + reach * ux, start[1] + reach * uy)]


def limb(points: Sequence[Point], colour: str = "currentColor", width: float = 11.5) -> str:
    """A limb as one stroke with a slightly rounded middle joint."""
    return stroke(line(points), colour, width)


def leg(hip: Point, ankle: Point, *, side: int = -1, foot_deg: float = 92.0, far: bool = False) -> str:
    """A leg from hip to ankle with its foot pointing in that heading; ``side`` as in `joint`."""
    points = joint(hip, ankle, THIGH, SHIN, side)
    colour = "var(--f)" if far else "currentColor"
    return limb(points, colour) + limb([points[2], step(points[2], foot_deg, FOOT)], colour, 9)


def arm(shoulder: Point, hand: Point, *, side: int = 1, far: bool = False, outline: bool = False) -> str:
    """An arm from shoulder to hand; ``outline`` sets it off against the trunk behind it."""
    points = joint(shoulder, hand, UPPER_ARM, FOREARM, side)
    inner = [*points[:2], (points[1][0] + 0.8 * (points[2][0] - points[1][0]), points[1][1] + 0.8 * (points[2][1] - points[1][1]))]
    halo = stroke(line(inner), "var(--p)", 12.5) if outline else ""
    return halo + limb(points, "var(--f)" if far else "currentColor", 8.5)


@dataclass(frozen=True)
class Trunk:
    """Pelvis to head, given by the place of the hip joint and the headings along the spine."""

    hip: Point
    headings_deg: Sequence[float]
    """Evenly spaced from the pelvis to the top of the chest."""
    neck_deg: float
    gaze_deg: float
    """Where the nose points, as a heading (+90 forward)."""
    belly: float = 9.0

    def heading(self, share: float) -> float:
        """Heading of the spine at that share (0 pelvis, 1 top of the chest) of its length."""
        place = share * (len(self.headings_deg) - 1)
        i = min(int(place), len(self.headings_deg) - 2)
        part = place - i
        part = part * part * (3 - 2 * part)
        return self.headings_deg[i] * (1 - part) + self.headings_deg[i + 1] * part

    def spine(self) -> list[Point]:
        """Points along the middle of the trunk; its length is always the same, however it bends."""
        points = [self.hip]
        for i in range(STEPS):
            points.append(step(points[-1], self.heading((i + 0.5) / STEPS), TRUNK / STEPS))
        return points

    def at(self, share: float, front: float = 0.0) -> Point:
        """The point at that share of the spine, moved to the front (+) or to the back (-)."""
        return step(self.spine()[round(share * STEPS)], self.heading(share) + 90, front)

    def with_shoulder_at(self, height: float) -> Trunk:
        """The same bends, all tilted alike so that the shoulder comes to that height of the picture."""
        trunk = self
        for _ in range(20):
            x = trunk.shoulder[0] - trunk.hip[0]
            turn = math.degrees((trunk.shoulder[1] - height) / max(abs(x), 20.0))
            trunk = replace(trunk, headings_deg=[h - turn for h in trunk.headings_deg])
        return trunk

    @property
    def shoulder(self) -> Point:
        """The shoulder joint."""
        return self.at(0.9, 1.0)

    @property
    def head(self) -> Point:
        """Middle of the head."""
        return step(self.at(1.0), self.neck_deg, NECK)

    def svg(self) -> str:
        """Trunk, neck and head, with the line of the spine."""
        depth = [(0.0, 10.0, 7.0), (0.14, 10.5, 8.0), (0.4, 8.0, self.belly), (0.7, 9.5, 11.0), (0.88, 9.0, 9.0), (1.0, 5.5, 5.0)]
        back = [self.at(s, -b) for s, b, _ in depth]
        front = [self.at(s, f) for s, _, f in depth]
        body = smooth([*back, *front[::-1]], closed=True)
        spine = smooth([self.at(i / 8, -4.5) for i in range(8)] + [self.at(1.0, -1.5), step(self.at(1.0), self.neck_deg, 5)])
        nose = [step(self.head, self.gaze_deg + turn, reach) for turn, reach in ((-16, HEAD - 1), (3, HEAD + 3.2), (20, HEAD - 1))]
        parts = [
            circle(self.hip, 10.5),
            fill(body),
            stroke(line([self.at(0.97), self.head]), width=9),
            circle(self.head, HEAD),
            fill(line(nose) + "Z"),
            stroke(spine, "var(--a)", 3),
        ]
        return "".join(parts)

    def pelvis(self) -> str:
        """The pelvis as a bowl that tips with the lowest heading; drawn last, so that thigh and arm do not hide it."""
        up = self.headings_deg[0]
        middle = step(self.hip, up, 2)
        front, back, base = step(step(middle, up, 5), up + 90, 10), step(step(middle, up, 5), up - 90, 9), step(middle, up + 180, 7)
        sides = [step(step(middle, up + 180, 3), up + turn, 7) for turn in (-90, 90)]
        bowl = smooth([back, sides[0], base, sides[1], front]) + "Z"
        return f'<path d="{bowl}" fill="var(--p)" stroke="var(--a)" stroke-width="3"/>'


def ghost(*parts: str) -> str:
    """Another position of the same movement, pale."""
    return '<g opacity="0.3">' + "".join(parts) + "</g>"


def arrow(points: Sequence[Point]) -> str:
    """A curved arrow through the points, in the accent colour; the head follows the last stretch."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    along = math.degrees(math.atan2(x1 - x0, -(y1 - y0)))
    if len(points) > 2:  # the curve still bends towards its end
        (xp, yp) = points[-3]
        before = math.degrees(math.atan2(x0 - xp, -(y0 - yp)))
        along += ((along - before + 180) % 360 - 180) / 2
    barbs = [step(points[-1], along + 180 + turn, 8) for turn in (32, -32)]
    return stroke(smooth(points), "var(--a)", 3.2) + stroke(line([barbs[0], points[-1], barbs[1]]), "var(--a)", 3.2)


def both_ways(points: Sequence[Point]) -> str:
    """A curved arrow with a head at each end."""
    return arrow(points) + arrow(points[::-1])


def arc(centre: Point, radius: float, from_deg: float, to_deg: float, squash: float = 1.0) -> list[Point]:
    """Points on an arc, headings as elsewhere; ``squash`` flattens it to an ellipse."""
    points = [step((0, 0), from_deg + (to_deg - from_deg) * i / 6, radius) for i in range(7)]
    return [(centre[0] + x, centre[1] + y * squash) for x, y in points]


def soft(data: str, width: float = 3.5) -> str:
    """Furniture, floor and walls: light lines."""
    return stroke(data, "var(--s)", width)


def picture(
    name: str, title: str, desc: str, parts: Sequence[str], *, zoom: float = 1.0, move: Point = (0.0, 0.0), top: float = 0.0
) -> str:
    """The whole SVG file; ``zoom`` enlarges about the middle of the floor, then ``move`` shifts, ``top`` cuts."""
    x, y = WIDTH / 2 * (1 - zoom) + move[0], FLOOR * (1 - zoom) + move[1]
    label = f"{name}-t {name}-d"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {_num(top)} {WIDTH} {_num(HEIGHT - top)}" class="pm-fig" role="img" '
        f'aria-labelledby="{label}" '
        f'stroke-linecap="round" stroke-linejoin="round">\n<title id="{name}-t">{escape(title)}</title>\n'
        f'<desc id="{name}-d">{escape(desc)}</desc>\n<style>{STYLE}</style>\n'
        f'<g transform="translate({_num(x)} {_num(y)}) scale({zoom:g})">\n' + "\n".join(parts) + "\n</g>\n</svg>\n"
    )
