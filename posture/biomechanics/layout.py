"""Pose -> layout: the landmarks of head, trunk, elbows and knees in pixels, and samples of the outline.

The outline of the back (and of the front) is what shows a slump and the tilt of the pelvis: from points on the line
mid-hip -> mid-shoulder, the distance at a right angle to the edge of the person's mask. With it the mask is not needed any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from posture.biomechanics.skeleton import KEPT, POSE
from posture.types import ByteArray, Pose

Floats = NDArray[np.float64]

CHORD = tuple(round(-0.15 + 0.1 * i, 2) for i in range(12))
"""Where along mid-hip -> mid-shoulder the outline is sampled; 0 is the hip, 1 the shoulder."""
_BELOW_HIP = 1
"""Sample of the chord just below the hips: where the person's outline ends above it, something hides the hips."""
_EDGE = 127.5
_JUMP = 0.08
"""Largest step of a back's outline from one sample to the next, in lengths of the trunk: a larger one is where a chair or an arm begins."""
_MARGIN = 0.02
_SIDEWAYS_DEG = 55.0
_PROP_DEG = 45.0
"""Upper arms and thighs that hold a level trunk up are this near to the vertical; those of somebody on a chair lie along the trunk and
level, and a picture that lies on its side shows the arms level too."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One frame, reduced to 54 numbers. Pixels, x right, y down."""

    time_s: float
    width: int
    height: int
    xy: Floats
    """(15, 2) px, indices as ``skeleton.KEPT``."""
    left: Floats
    """(12,) px from the chord to the outline, towards the picture's left for an upright person; NaN where it is not found."""
    right: Floats
    """(12,) px, to the other side."""
    hips_hidden: bool = False
    """Whether something hides the hips, whatever the landmarks say: a desk, a bar across the picture, darkness."""

    @property
    def has_outline(self) -> bool:
        """Whether at least half of the samples of one side were found."""
        return bool(max(np.isfinite(self.left).sum(), np.isfinite(self.right).sum()) >= len(CHORD) // 2)

    @property
    def head_inside(self) -> bool:
        """Whether the middle of the head lies in the picture; one that does not was made up by the network."""
        x, y = self.xy[KEPT.head].mean(axis=0)
        return bool(0.0 <= x < self.width and 0.0 <= y < self.height)

    @property
    def ends_at_hips(self) -> bool:
        """Whether the outline was found, and ends at the hips or above: in a few pictures of a neutral that may be, not in most."""
        return self.has_outline and bool(np.isnan(self.left[0]) and np.isnan(self.right[0]))

    @property
    def hip_and_shoulder(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Middle of the hips and of the shoulders, px."""
        return _hip_and_shoulder(self.xy)

    @property
    def hips_inside(self) -> bool:
        """Whether both hips can be seen: inside the picture by a margin, and not hidden; their visibility says nothing."""
        hips, size = self.xy[list(KEPT.hips)], np.array([self.width, self.height])
        return not self.hips_hidden and bool((hips > _MARGIN * self.width).all() and (hips < size * (1.0 - _MARGIN)).all())


@dataclass(frozen=True, slots=True, eq=False)
class LayoutSeries:
    """Layouts of n frames in arrays; n may be 1."""

    xy: Floats
    """(n, 15, 2) px."""
    left: Floats
    """(n, 12) px, without gaps."""
    right: Floats
    half: Floats
    """(n,) px, half of the picture's longer side, which stands for the focal length."""
    middle_y: Floats
    """(n,) px, middle of the picture."""

    def __len__(self) -> int:
        """Frames."""
        return len(self.xy)

    def hip_and_shoulder(self, i: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the middle of the hips and of the shoulders in frame i, px."""
        return _hip_and_shoulder(self.xy[i])


def layout(pose: Pose, *, hips_hidden: bool = False) -> Layout:
    """Reduce `pose`; without a mask the outline is missing. `hips_hidden`: the picture shows that the hips are hidden."""
    xy = pose.image_xyz[POSE.all, :2].astype(np.float64)
    left, right = np.full(len(CHORD), np.nan), np.full(len(CHORD), np.nan)
    hidden = hips_hidden
    hip = xy[list(KEPT.hips)].mean(axis=0)
    up = xy[list(KEPT.shoulders)].mean(axis=0) - hip
    length = float(np.hypot(up[0], up[1]))
    if pose.mask is not None and length > 10.0:
        leftwards = np.array([up[1], -up[0]]) / length
        starts = np.array([hip + share * up for share in CHORD])
        left, right = (edge_distances(pose.mask, starts, step, 1.5 * length) for step in (leftwards, -leftwards))
        hidden = hips_hidden or bool(np.isnan(left[_BELOW_HIP]) and np.isnan(right[_BELOW_HIP]))
    return Layout(pose.time_s, pose.width, pose.height, xy, left, right, hidden)


def head_up(xy: Floats) -> Floats:
    """Return (2,) px from the mouth to the eyes, of the (15, 2) px of ``Layout.xy``: where the head says that up is."""
    return np.asarray(xy[list(KEPT.eyes)].mean(axis=0) - xy[list(KEPT.mouth)].mean(axis=0))


def is_sideways(xy: Floats) -> bool:
    """Tell whether head and trunk both lie on their side, or upside down, in the picture, by the (15, 2) px of ``Layout.xy``."""
    head, trunk = head_up(xy), _between(xy, KEPT.hips, KEPT.shoulders)
    lying = min(_from_up(head), _from_up(trunk)) > _SIDEWAYS_DEG and not is_propped(xy)
    return lying and float(head @ trunk) > 0.5 * float(np.linalg.norm(head) * np.linalg.norm(trunk))


def is_propped(xy: Floats) -> bool:
    """Tell whether upper arms and thighs hold up a level trunk, by the (15, 2) px of ``Layout.xy``."""
    trunk, arms, thighs = (
        _between(xy, *pairs) for pairs in ((KEPT.hips, KEPT.shoulders), (KEPT.shoulders, KEPT.elbows), (KEPT.hips, KEPT.knees))
    )
    level = _SIDEWAYS_DEG < _from_up(trunk) < 180.0 - _SIDEWAYS_DEG
    return level and min(_from_up(arms), _from_up(thighs)) > 180.0 - _PROP_DEG


def _between(xy: Floats, start: tuple[int, int], end: tuple[int, int]) -> Floats:
    return np.asarray(xy[list(end)].mean(axis=0) - xy[list(start)].mean(axis=0))


def _from_up(vector: Floats) -> float:
    return float(np.degrees(np.arctan2(abs(vector[0]), -vector[1])))


def _hip_and_shoulder(xy: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    hip, shoulder = xy[list(KEPT.hips)].mean(axis=0), xy[list(KEPT.shoulders)].mean(axis=0)
    return (float(hip[0]), float(hip[1])), (float(shoulder[0]), float(shoulder[1]))


def edge_distances(mask: ByteArray, starts: Floats, step: Floats, reach: float) -> Floats:
    """Return pixels from each of `starts` along the unit vector `step` to where the mask falls below one half.

    Args:
        mask: (H, W) uint8.
        starts: (n, 2) px.
        step: (2,) unit vector.
        reach: pixels to look at most.

    Returns:
        (n,) distances, interpolated between pixels; NaN where a start lies outside the person or no edge is found.
    """
    n = np.arange(0.0, max(2.0, reach), 1.0)
    x, y = starts[:, :1] + n * step[0], starts[:, 1:] + n * step[1]
    h, w = mask.shape
    inside = np.logical_and.accumulate((x >= 0) & (x <= w - 1) & (y >= 0) & (y <= h - 1), axis=1)
    value = _bilinear(mask, np.clip(x, 0, w - 1), np.clip(y, 0, h - 1))
    beyond = inside & (value < _EDGE)
    found = inside[:, 0] & ~beyond[:, 0] & beyond.any(axis=1)
    distances = np.full(len(starts), np.nan)
    rows = np.flatnonzero(found)
    k = np.argmax(beyond[rows], axis=1)
    last, first = value[rows, k - 1], value[rows, k]
    distances[rows] = n[k - 1] + (last - _EDGE) / np.maximum(1e-6, last - first)
    return distances


def _bilinear(mask: ByteArray, x: Floats, y: Floats) -> Floats:
    h, w = mask.shape
    x0, y0 = np.minimum(x.astype(int), w - 2), np.minimum(y.astype(int), h - 2)
    fx, fy = x - x0, y - y0
    above = mask[y0, x0] * (1 - fx) + mask[y0, x0 + 1] * fx
    below = mask[y0 + 1, x0] * (1 - fx) + mask[y0 + 1, x0 + 1] * fx
    return np.asarray(above * (1 - fy) + below * fy)


def track_of(layouts: Sequence[Layout]) -> LayoutSeries:
    """Return layouts in arrays."""
    return LayoutSeries(
        xy=np.stack([c.xy for c in layouts]),
        left=filled(np.stack([c.left for c in layouts])),
        right=filled(np.stack([c.right for c in layouts])),
        half=np.array([max(c.width, c.height) / 2.0 for c in layouts]),
        middle_y=np.array([c.height / 2.0 for c in layouts]),
    )


def levelled(track: LayoutSeries, roll_deg: float) -> LayoutSeries:
    """Return the landmarks as a camera without this roll would see them (positive: upright things lean right in the picture)."""
    if not roll_deg:
        return track
    roll, centre = np.radians(roll_deg), np.stack([track.half, track.middle_y], axis=1)[:, None]
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return replace(track, xy=(track.xy - centre) @ turn + centre)


def filled(edge: Floats) -> Floats:
    """Return (n, 12) outline samples; a missing one takes the value of its neighbour below, else the row's median, else 0."""
    e = edge.copy()
    for j in range(e.shape[1]):
        gone = ~np.isfinite(e[:, j])
        if j:
            e[gone, j] = e[gone, j - 1]
        else:
            e[gone, 0] = [np.median(r[np.isfinite(r)]) if np.isfinite(r).any() else 0.0 for r in e[gone]]
    return e


def smoothed(layouts: Sequence[Layout], sd_s: float) -> list[Layout]:
    """Smooth by time with a Gaussian that looks both ways, so without delay: for recordings, within one continuous stretch.

    Args:
        layouts: in order of time.
        sd_s: width of the Gaussian, seconds.
    """
    if len(layouts) < 2 or sd_s <= 0.0:
        return list(layouts)
    t = np.array([c.time_s for c in layouts])
    left, right = filled(np.stack([c.left for c in layouts])), filled(np.stack([c.right for c in layouts]))
    flat = np.concatenate([np.stack([c.xy.ravel() for c in layouts]), left, right], axis=1)
    first, last = np.searchsorted(t, t - 4.0 * sd_s), np.searchsorted(t, t + 4.0 * sd_s, side="right")
    out = []
    for c, a, b in zip(layouts, first, last, strict=True):
        weight = np.exp(-0.5 * ((t[a:b] - c.time_s) / sd_s) ** 2)
        v = (weight / weight.sum()) @ flat[a:b]
        xy, low, high = np.split(v, [c.xy.size, c.xy.size + len(CHORD)])
        out.append(replace(c, xy=xy.reshape(-1, 2), left=_kept(c.left, low), right=_kept(c.right, high)))
    return out


def _kept(before: Floats, after: Floats) -> Floats:
    """Keep what was not found missing."""
    return np.where(np.isfinite(before), after, np.nan)


def clean_backs(left: Floats, right: Floats, xy: Floats, hands: Floats) -> NDArray[np.bool_]:
    """Tell which outlines of a back can be believed: found everywhere between hip and shoulder, without a jump.

    Args:
        left, right: (n, 12) px, NaN where it was not found.
        xy: (n, 15, 2) px.
        hands: (n,) +1 for a person who faces the picture's right, else -1.
    """
    lengths = np.linalg.norm(xy[:, list(KEPT.shoulders)].mean(axis=1) - xy[:, list(KEPT.hips)].mean(axis=1), axis=1)
    edges = np.where(hands[:, None] > 0, left, right)
    with np.errstate(invalid="ignore"):
        steps = np.abs(np.diff(edges[:, 1:-1], axis=1)) / np.maximum(lengths, 1.0)[:, None]
        return np.asarray((steps < _JUMP).all(axis=1) & (steps > 0.0).all(axis=1))  # a copied sample makes no step
