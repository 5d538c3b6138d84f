"""What can be measured from where the camera stands, and how to place it better. Pure.

The figures are those of docs/measurement.md: mean error of the change from neutral, on rendered people left out of the fit.
The limits of what is too near, too far, too dark are our judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.sample import DIM
from posture.biomechanics.skeleton import KEPT
from posture.types import Estimate, Reading, View

TOP_OF_HEAD_M = 0.16
"""From the middle of the face to the top of the head, and a little air."""
_EDGE = 0.02
_FAR_PX = 110.0
"""Pixels per metre of the body below which a head is 20 pixels wide and the landmarks tremble."""
_FOCAL = 0.85
"""Focal length of common webcams, in widths of the picture: 55 to 75 degrees across, so a distance is known to about a third."""
ERRORS_DEG = {
    "side": (2.2, 6.0, 4.9),
    "side, outline not found": (2.7, 7.1, 5.7),
    "side, hips hidden": (3.2, 7.5, 6.2),
    "oblique": (3.5, 8.0, 6.4),
    "front": (4.3, 8.9, None),
}
"""Trunk flexion, spinal flexion, pelvic tilt, degrees."""


@dataclass(frozen=True, slots=True)
class PlacementFacts:
    """How the person stands in the picture: medians over a few seconds."""

    view: View
    yaw_deg: float
    """0 faces the camera, +90 shows the left side."""
    hips_inside: bool
    hips_change: bool
    """Now in the picture, now out of it."""
    outline: bool
    knees_inside: bool
    head_top: float
    """Where the top of the head is, in shares of the picture's height; below 0 it is cut off."""
    shoulders_inside: bool
    px_per_m: float
    """Pixels per metre of the body."""
    distance_m: float
    """Of the person from a common webcam; off by a third for others."""
    bright: float | None = None
    """As ``image_quality.brightness``; ``None`` if unknown."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What is to be said of a place."""

    where: str
    measured: tuple[str, ...]
    """A line for each angle."""
    better: tuple[str, ...]
    """What to change, the most important first; empty if nothing."""


def facts_of(seen: Sequence[PoseFeatures], readings: Sequence[Reading], bright: float | None = None) -> PlacementFacts | None:
    """Tell what a few seconds show of the placement; ``None`` if nobody was measured.

    Args:
        seen: features of the person.
        readings: of the same pictures, for view and yaw.
        bright: of the picture, 0 to 255.
    """
    views = [(r.view, r.yaw_deg) for r in readings if r.view is not None and r.yaw_deg is not None]
    if not seen or not views:
        return None
    last = seen[-1].layout
    inside = sum(c.layout.hips_inside for c in seen) / len(seen)
    px_per_m = median(c.px_per_m for c in seen)
    head = median(c.head_y for c in seen) - TOP_OF_HEAD_M * px_per_m / last.height
    yaw = sorted(y for _, y in views)[len(views) // 2]
    named = [v for v, _ in views]
    return PlacementFacts(
        view=max(set(named), key=named.count),
        yaw_deg=yaw,
        hips_inside=inside > 0.5,
        hips_change=0.15 < inside < 0.85,
        outline=sum(c.layout.has_outline for c in seen) * 2 > len(seen),
        knees_inside=_mostly_inside(seen, KEPT.knees),
        head_top=head,
        shoulders_inside=_mostly_inside(seen, [KEPT.nose, *KEPT.shoulders]),
        px_per_m=px_per_m,
        distance_m=_FOCAL * last.width / px_per_m,
        bright=bright,
    )


def placement_of(f: PlacementFacts) -> Placement:
    """Tell what this place can and cannot measure, and how to place the camera better."""
    side = "left" if f.yaw_deg > 0 else "right"
    turn = f"{abs(f.yaw_deg):.0f}°"
    where = {
        View.FRONT: "The camera sees you from the front",
        View.OBLIQUE: f"The camera sees you at an angle ({turn}), your {side} side nearer",
        View.SIDE: f"The camera sees your {side} side",
        View.REAR: "The camera sees your back",
    }[f.view]
    return Placement(f"{where}, about {distance_words(f.distance_m)} away.", tuple(_measured(f)), tuple(_better(f)))


def distance_words(metres: float) -> str:
    """Return a distance that is known to a third: by tenths of a metre near by, by halves further away."""
    return f"{metres:.1f} m" if metres < 1.2 else f"{round(metres * 2) / 2:g} m"


def error_key(f: PlacementFacts) -> str:
    """Tell which row of the measured errors holds here."""
    if f.view is not View.SIDE:
        return str(f.view)
    if not f.hips_inside:
        return "side, hips hidden"
    return "side" if f.outline else "side, outline not found"


def _measured(f: PlacementFacts) -> list[str]:
    if f.view is View.REAR:
        return ["Nothing can be measured from behind."]
    trunk, spine, pelvis = ERRORS_DEG[error_key(f)]
    rough = " (the figure assumes your hips are in the picture; yours aren't)" if f.view is View.OBLIQUE and not f.hips_inside else ""
    lines = [f"Trunk flexion (leaning): yes, error about {trunk:.1f}°{rough}."]
    if f.view is View.FRONT:
        lines.append(f"Slumping: yes, but roughly, error about {spine:.0f}°; a slump from the pelvis alone is missed.")
        lines.append("Pelvic tilt: no. It doesn't show from the front, so forward pelvic tilt isn't reported.")
        return lines
    lines.append(f"Slumping: yes, error about {spine:.0f}°{rough}.")
    sure = "yes" if error_key(f) == "side" else "roughly"
    lines.append(
        f"Pelvic tilt: {sure}, when you slump or lean, error about {pelvis:.0f}°{rough}; a pelvis that tips forward by itself hardly shows."
    )
    return lines


def _better(f: PlacementFacts) -> list[str]:
    better = []
    if f.view is View.REAR:
        return ["Put the camera in front of you or beside you."]
    if f.bright is not None and f.bright < DIM:
        better.append("The picture is dark: put a light in front of you, not behind you.")
    if f.head_top < 0.0:
        better.append("Your head is cut off: tilt the camera up or move back.")
    if not f.shoulders_inside:
        better.append("Your head and both shoulders should be in the picture: move to the middle or further back.")
    if f.px_per_m < _FAR_PX:
        better.append(
            f"You are small in the picture (about {distance_words(f.distance_m)} away): move closer, to 2 to 3 m for a side view."
        )
    if f.hips_change:
        better.append("Your hips keep leaving the picture: get them well inside or well outside it.")
    if f.view is not View.FRONT and not f.hips_inside:
        better.append(
            "Your hips are hidden: lower the camera to hip or chest height, or move it back until you're in the picture from head to knees."
        )
    elif f.view is View.SIDE and not f.knees_inside:
        better.append("Move the camera back a little, until your knees are in the picture too.")
    if f.view is View.SIDE and f.hips_inside and not f.outline:
        better.append(
            "Your outline is hard to tell from the background: a plainer background and closer-fitting clothes make slumping easier to "
            "measure."
        )
    if f.view is View.FRONT:
        better.append("To measure your pelvis too, put the camera beside you, 2 to 3 m away, between hip and chest height.")
    elif f.view is View.OBLIQUE:
        better.append("A side view is more accurate: move the camera further round you.")
    return better


def _mostly_inside(seen: Sequence[PoseFeatures], marks: Sequence[int]) -> bool:
    """Tell whether all of these places of ``Layout.xy`` are inside the picture, most of the time."""
    inside = 0
    for c in seen:
        at = c.layout.xy[list(marks)]
        low = _EDGE * c.layout.width
        inside += bool((at >= low).all() and (at[:, 0] <= c.layout.width - low).all() and (at[:, 1] <= c.layout.height - low).all())
    return inside * 2 > len(seen)


def angle_line(word: str, estimate: Estimate | None, view: View | None) -> str:
    """Return an angle as the live picture shows it: ``trunk 12° ± 2°``, or why there is none."""
    if estimate is not None:
        return f"{word} {round(estimate.deg) + 0}° ± {estimate.sd_deg:.0f}°".replace("-", "\N{MINUS SIGN}")
    return f"{word} not visible from here" if view is not None else f"{word} not seen"
