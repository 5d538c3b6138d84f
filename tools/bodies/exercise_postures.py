"""Single postures out of exercises and out of what passes for them, each with a share of the joints of its own."""

from __future__ import annotations

import numpy as np

from tools.bodies import postures
from tools.bodies.body import Array, Body
from tools.bodies.postures import Change, Rng

KINDS = {
    "cat_cow": 0.36,
    "nod": 0.09,
    "pelvic_tilt": 0.16,
    "hip_lean": 0.13,
    "rotation": 0.12,
    "swivel": 0.06,
    "desk": 0.08,
}
"""What is done, and its share; `desk`: any of ``postures.KINDS``."""
MOST_ROLL = 0.04
"""Metres that somebody who exercises shifts on the seat, standard deviation."""


def sample(r: Rng, body: Body, desk_z: float, reach_m: float) -> tuple[str, Change, dict[str, tuple[str, Array]]]:
    """Draw what a person does: its kind, the change of posture, and where the hands are (see ``Body.pose``)."""
    kind = str(r.choice(list(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))
    if kind == "desk":
        return postures.sample(r, body, desk_z, reach_m)
    change = postures.together(_MAKERS[kind](r), postures.still(r, 1.0), _besides(r))
    return kind, change, _hands(r, body, desk_z)


def cat_cow(r: Rng) -> Change:
    """Round or arch the whole spine; the head goes along, is kept level, or anything between and a little beyond."""
    s = r.uniform(-1.0, 1.0) * r.uniform(0.7, 1.25)
    pelvis, lumbar, thoracic, neck, head = (-20, 26, 16, 11, 14) if s >= 0 else (-15, 18, 9, 8, 10)
    own = r.uniform(0.7, 1.3, 3)
    spine = {"pelvis": (pelvis * own[0] + r.normal(0.0, 3.0)) * s, "lumbar": lumbar * own[1] * s, "thoracic": thoracic * own[2] * s}
    along = float(r.choice([r.normal(1.0, 0.15), r.normal(0.0, 0.12), r.uniform(-0.2, 1.3)], p=[0.4, 0.4, 0.2]))
    spine["neck"] = along * neck * s
    spine["head"] = along * head * s - (1.0 - along) * sum(spine[k] for k in ("pelvis", "lumbar", "thoracic")) * r.uniform(0.85, 1.0)
    return spine | {"protraction": r.uniform(2, 10) * max(s, 0.0) - r.uniform(0, 5) * max(-s, 0.0)}


def nod(r: Rng) -> Change:
    """Move head and neck alone."""
    far, neck = r.uniform(-40, 55), r.uniform(0.0, 0.5)
    return {"head": (1.0 - neck) * far, "neck": neck * far}


def pelvic_tilt(r: Rng) -> Change:
    """Roll the pelvis while the chest stays about where it is."""
    p, chest = r.uniform(-22.0, 22.0), r.uniform(0.7, 1.1)
    return {"pelvis": p, "lumbar": -chest * p, "head": -r.uniform(0.0, 1.0) * p * (1.0 - chest)}


def hip_lean(r: Rng) -> Change:
    """Lean from the hips with a back that moves little."""
    far, gaze = r.uniform(-25.0, 38.0), r.uniform(0.0, 1.0)
    return {"pelvis": far, "lumbar": r.normal(0, 0.04) * far, "thoracic": r.normal(0, 0.04) * far, "head": -gaze * far}


def rotation(r: Rng) -> Change:
    """Turn the shoulders against the hips; the chair may give a little."""
    far = r.uniform(-48.0, 48.0)
    return {"axial": far, "head_ax": r.uniform(0.0, 1.2) * far, "yaw": r.uniform(-0.05, 0.2) * far, "lumbar": r.normal(0, 2.0)}


def swivel(r: Rng) -> Change:
    """Turn the chair."""
    far = r.uniform(-45.0, 45.0)
    return {"yaw": far, "head_ax": -r.uniform(0.0, 0.8) * far}


def _besides(r: Rng) -> Change:
    out: Change = {"shrug": r.normal(0, 2), "head_lat": r.normal(0, 2), "head_ax": r.normal(0, 3), "protraction": r.normal(0, 2)}
    if r.random() < 0.3:
        out |= {"seat_y": r.normal(0, MOST_ROLL), "seat_x": r.normal(0, MOST_ROLL / 2)}
    if r.random() < 0.2:
        out = postures.together(out, {"lat": r.normal(0, 4), "axial": r.normal(0, 5)})
    return out


def _hands(r: Rng, body: Body, desk_z: float) -> dict[str, tuple[str, Array]]:
    """On the thighs or knees mostly, else on the desk, or with arms crossed over the chest."""
    where, hip = str(r.choice(["lap", "knees", "desk", "chest"], p=[0.45, 0.25, 0.2, 0.1])), body.hip
    out: dict[str, tuple[str, Array]] = {}
    for s, sign in (("L", 1.0), ("R", -1.0)):
        place = {
            "lap": ("world", np.array([sign * 0.13, hip[1] - 0.34, hip[2] + 0.11])),
            "knees": ("world", np.array([sign * 0.16, hip[1] - 0.46, hip[2] + 0.08])),
            "desk": ("world", np.array([sign * 0.17, hip[1] - 0.40, desk_z + 0.04])),
            "chest": ("spine01", np.array([-sign * 0.08, -0.16, -0.02])),
        }[where]
        out[s] = place[0], place[1] + r.normal(0, 0.02, 3)
    return out


_MAKERS = {
    "cat_cow": cat_cow,
    "nod": nod,
    "pelvic_tilt": pelvic_tilt,
    "hip_lean": hip_lean,
    "rotation": rotation,
    "swivel": swivel,
}
