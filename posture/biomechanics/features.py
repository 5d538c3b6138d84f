"""Layouts -> named features: what changed since the person's neutral, free of scale and of left and right.

The picture is mirrored so that the person faces its right (``hand`` = +1) before anything is measured, and of each pair the near
and the far landmark take the places of right and left. Lengths are per cent of twice the distance shoulder -> ear in the neutral,
which needs no hips; angles are degrees. Every feature is a change, but for those named ``n_…``: they say what body and camera are like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posture.biomechanics.layout import Floats, LayoutSeries
from posture.biomechanics.skeleton import KEPT

Features = dict[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Points and differences of n frames, (n, 2) px each."""

    shoulders: Floats
    ears: Floats
    eyes: Floats
    mouth: Floats
    nose: Floats
    hips: Floats
    far_shoulder: Floats
    near_ear: Floats
    across_shoulders: Floats
    across_ears: Floats
    across_eyes: Floats


def change_features(now: LayoutSeries, neutral: LayoutSeries, hand: Floats, sort: str) -> Features:
    """Return features of n frames against the neutral.

    Args:
        now: n frames.
        neutral: n neutrals, or one for all.
        hand: (n,) or (1,), +1 for a person who faces the picture's right, else -1.
        sort: ``front``: head and shoulders of a person who faces the camera; ``head``: the same for a turned one; ``hips``: with the
            hips; ``outline``: with hips and outline.
    """
    hands = np.broadcast_to(np.asarray(hand, float), (len(now),))
    a = _parts(_facing_right(now.xy, hands))
    b = _parts(_facing_right(neutral.xy, hands[: len(neutral)]))
    unit = 2.0 * _norm(b.shoulders - b.ears)
    f = _moves(a, b, unit)
    f |= _face_to_the_camera(a, b, f) if sort == "front" else _face_in_profile(a, b)
    f |= _neutral_head(b, neutral, unit, len(now))
    if sort in ("hips", "outline"):
        f |= _trunk(a, b, unit)
    if sort == "outline":
        f |= _back(now, neutral, hands, _norm(b.shoulders - b.hips))
    return f


def frame_features(now: LayoutSeries) -> Features:
    """Return the arrangement of single frames, for the yaw: not mirrored, no neutral."""
    p = _parts(now.xy)
    unit = 2.0 * _norm(p.shoulders - p.ears)
    pairs = {
        "dS": p.across_shoulders,
        "dE": p.across_ears,
        "dI": p.across_eyes,
        "NE": p.nose - p.ears,
        "ME": p.mouth - p.ears,
        "IE": p.eyes - p.ears,
        "ES": p.ears - p.shoulders,
        "HS": p.hips - p.shoulders,
        "dH": now.xy[:, KEPT.hips[1]] - now.xy[:, KEPT.hips[0]],
    }
    f: Features = {}
    for name, v in pairs.items():
        f[f"{name}_x"], f[f"{name}_y"] = np.clip(100.0 * v[:, 0] / unit, -300, 300), np.clip(100.0 * v[:, 1] / unit, -300, 300)
    f["width_over_length"] = 100.0 * np.abs(p.across_shoulders[:, 0]) / _norm(p.hips - p.shoulders)
    f["S_y"] = 100.0 * (p.shoulders[:, 1] - now.middle_y) / unit
    return f


def own_features(now: LayoutSeries, hand: Floats) -> Features:
    """Return the arrangement of single frames of a mirrored person, for the trunk's own angle without a neutral."""
    p = _parts(_facing_right(now.xy, np.broadcast_to(np.asarray(hand, float), (len(now),))))
    unit = 2.0 * _norm(p.shoulders - p.ears)
    return {
        "trunk": np.clip(_lean(p.shoulders - p.hips), -90, 90),
        "neck": np.clip(_lean(p.ears - p.shoulders), -90, 90),
        "face": np.clip(_rise(p.nose - p.ears), -90, 90),
        "dS_x": 100.0 * p.across_shoulders[:, 0] / unit,
        "dS_y": 100.0 * p.across_shoulders[:, 1] / unit,
        "dE_x": 100.0 * p.across_ears[:, 0] / unit,
        "length": 100.0 * _norm(p.hips - p.shoulders) / unit,
        "one": np.full(len(now), 30.0),
        "S_y": 100.0 * (p.shoulders[:, 1] - now.middle_y) / unit,
    }


def _moves(a: _Parts, b: _Parts, unit: Floats) -> Features:
    """Tell where shoulders, ears and nose went, and how the neck and the face changed."""
    f: Features = {}
    points = {
        "S": a.shoulders - b.shoulders,
        "E": a.ears - b.ears,
        "N": a.nose - b.nose,
        "F": a.far_shoulder - b.far_shoulder,
        "dS": a.across_shoulders - b.across_shoulders,
        "dE": a.across_ears - b.across_ears,
    }
    for name, v in points.items():
        f[f"{name}_x"], f[f"{name}_y"] = v[:, 0] * 100.0 / unit, v[:, 1] * 100.0 / unit
    f["dI_x"] = (a.across_eyes - b.across_eyes)[:, 0] * 100.0 / unit
    f["neck"] = _wrapped(_lean(a.ears - a.shoulders) - _lean(b.ears - b.shoulders))
    f["neck_log"] = _log_ratio(a.ears - a.shoulders, b.ears - b.shoulders)
    f["face_log"] = _log_ratio(a.eyes - a.mouth, b.eyes - b.mouth)
    return f


def _face_to_the_camera(a: _Parts, b: _Parts, f: Features) -> Features:
    """Return the scale of shoulders and head, nod and turn of a face that looks at the camera."""
    wide, wide0 = _norm(a.across_ears), _norm(b.across_ears)
    turn = 100.0 * ((a.nose - a.ears)[:, 0] / wide - (b.nose - b.ears)[:, 0] / wide0)
    sideways = f["E_x"] - f["S_x"]
    return {
        "face": 100.0 * ((a.nose - a.ears)[:, 1] / wide - (b.nose - b.ears)[:, 1] / wide0),
        "turn": turn,
        "turn_abs": np.abs(turn),
        "S_log": _log_ratio(a.across_shoulders, b.across_shoulders),
        "E_log": _log_ratio(a.across_ears, b.across_ears),
        "n_face": np.broadcast_to(100.0 * (b.nose - b.ears)[:, 1] / wide0, turn.shape),
        "E_x": sideways,
        "E_x_abs": np.abs(sideways),
    }


def _face_in_profile(a: _Parts, b: _Parts) -> Features:
    """Return nod and foreshortening of a face seen from the side."""
    nod = _wrapped(_rise(a.nose - a.ears) - _rise(b.nose - b.ears))
    return {
        "face": nod,
        "face_len": _log_ratio(a.nose - a.near_ear, b.nose - b.near_ear),
        "n_face": np.broadcast_to(_rise(b.nose - b.ears), nod.shape),
    }


def _neutral_head(b: _Parts, neutral: LayoutSeries, unit: Floats, n: int) -> Features:
    one = np.ones(n)
    return {
        "n_dS_x": 100.0 * b.across_shoulders[:, 0] / unit * one,
        "n_dS_y": 100.0 * b.across_shoulders[:, 1] / unit * one,
        "n_dE_x": 100.0 * b.across_ears[:, 0] / unit * one,
        "n_S_y": 100.0 * (b.shoulders[:, 1] - neutral.middle_y) / unit * one,
        "n_size": 100.0 * unit / (2.0 * neutral.half) * one,
        "n_neck": _lean(b.ears - b.shoulders) * one,
    }


def _trunk(a: _Parts, b: _Parts, unit: Floats) -> Features:
    """Return the hip-shoulder line, its length, and where the hips went."""
    one = np.ones(len(a.hips))
    return {
        "trunk": _wrapped(_lean(a.shoulders - a.hips) - _lean(b.shoulders - b.hips)),
        "trunk_log": _log_ratio(a.shoulders - a.hips, b.shoulders - b.hips),
        "H_x": (a.hips - b.hips)[:, 0] * 100.0 / unit,
        "H_y": (a.hips - b.hips)[:, 1] * 100.0 / unit,
        "n_trunk": _lean(b.shoulders - b.hips) * one,
        "n_trunk_len": 100.0 * _norm(b.shoulders - b.hips) / unit * one,
    }


def _back(now: LayoutSeries, neutral: LayoutSeries, hands: Floats, length: Floats) -> Features:
    """Tell how far the back's outline moved off the chord, per cent of the neutral's torso."""
    before = hands[: len(neutral)]
    back = np.where(hands[:, None] > 0, now.left, now.right)
    back0 = np.where(before[:, None] > 0, neutral.left, neutral.right)
    d = 100.0 * (back - back0) / length[:, None]
    return {f"back{i:02d}": d[:, i] for i in range(d.shape[1])}


def _parts(p: Floats) -> _Parts:
    return _Parts(
        shoulders=_middle(p, KEPT.shoulders),
        ears=_middle(p, KEPT.ears),
        eyes=_middle(p, KEPT.eyes),
        mouth=_middle(p, KEPT.mouth),
        nose=p[:, KEPT.nose],
        hips=_middle(p, KEPT.hips),
        far_shoulder=p[:, KEPT.shoulders[0]],
        near_ear=p[:, KEPT.ears[1]],
        across_shoulders=p[:, KEPT.shoulders[1]] - p[:, KEPT.shoulders[0]],
        across_ears=p[:, KEPT.ears[1]] - p[:, KEPT.ears[0]],
        across_eyes=p[:, KEPT.eyes[1]] - p[:, KEPT.eyes[0]],
    )


def _facing_right(xy: Floats, hand: Floats) -> Floats:
    """Mirror for hand = -1; of each pair the first is then the far side and the second the near one."""
    p = xy * np.stack([hand, np.ones_like(hand)], axis=1)[:, None]
    q = p.copy()
    near_is_right = (hand > 0)[:, None]
    for first, second in KEPT.pairs:
        q[:, first] = np.where(near_is_right, p[:, first], p[:, second])
        q[:, second] = np.where(near_is_right, p[:, second], p[:, first])
    return q


def _middle(p: Floats, pair: tuple[int, int]) -> Floats:
    return np.asarray((p[:, pair[0]] + p[:, pair[1]]) / 2.0)


def _norm(v: Floats) -> Floats:
    return np.asarray(np.maximum(np.linalg.norm(v, axis=1), 1.0))


def _log_ratio(a: Floats, b: Floats) -> Floats:
    return np.asarray(100.0 * np.log(_norm(a) / _norm(b)))


def _lean(v: Floats) -> Floats:
    """Return degrees from the picture's up, to the right +."""
    return np.degrees(np.arctan2(v[:, 0], -v[:, 1]))


def _rise(v: Floats) -> Floats:
    """Return degrees over the horizontal of a vector to the right."""
    return np.degrees(np.arctan2(-v[:, 1], v[:, 0]))


def _wrapped(a: Floats) -> Floats:
    return np.asarray((a + 180.0) % 360.0 - 180.0)
