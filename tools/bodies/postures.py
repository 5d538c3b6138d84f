"""What people do at a desk, each at a random strength: changes from the person's own resting posture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tools.bodies.body import Array, Body

Change = dict[str, float]
Rng = np.random.Generator
_JOINTS = ("pelvis", "lumbar", "thoracic", "neck", "head")


def together(*parts: Mapping[str, float]) -> Change:
    """Sum of changes."""
    total: Change = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0.0) + value
    return total


def resting(r: Rng) -> Change:
    """A person's own way of sitting tall."""
    return {
        "pelvis": r.normal(-2, 4),
        "lumbar": r.normal(0, 4),
        "thoracic": r.normal(0, 3),
        "neck": r.normal(0, 4),
        "head": r.normal(0, 4),
        "spread": r.uniform(-3, 14),
        "shank": r.uniform(-15, 20),
        "thigh": r.uniform(-8, 6),
        "axial": r.normal(0, 2),
        "head_lat": r.normal(0, 2),
        "cross": float(r.choice([0.0, 0.0, 0.0, 1.0, -1.0])),
    }


def still(r: Rng, sd_deg: float = 0.8) -> Change:
    """The same posture, as nobody holds it twice."""
    return {k: r.normal(0, sd_deg) for k in _JOINTS} | {"seat_y": r.normal(0, 0.004 * sd_deg), "seat_x": r.normal(0, 0.004 * sd_deg)}


def lean(r: Rng, least: float = 5.0, most: float = 50.0) -> Change:
    """Hips and spine share a lean; the gaze is kept more or less."""
    return _leant(r, r.uniform(least, most))


def bend(r: Rng) -> Change:
    """Deep down, as to the feet, to a drawer, or with the head on the desk."""
    return _leant(r, r.uniform(45, 85))


def _leant(r: Rng, f: float) -> Change:
    hip, gaze = r.uniform(0.25, 0.8), r.uniform(0, 1)
    lumbar = r.uniform(0.3, 0.9) * (1 - hip)
    return {"pelvis": hip * f, "lumbar": lumbar * f, "thoracic": (1 - hip - lumbar) * f, "neck": -0.25 * gaze * f, "head": -0.75 * gaze * f}


def slump(r: Rng, least: float = 0.2) -> Change:
    """Pelvis back, spine flexed, head forward with the gaze kept or not."""
    s = r.uniform(least, 1.2)
    change = {"pelvis": -s * r.uniform(6, 26), "lumbar": s * r.uniform(16, 40), "thoracic": s * r.uniform(8, 30)}
    gaze = change["pelvis"] + change["lumbar"] + change["thoracic"]
    return change | {
        "neck": s * r.uniform(0, 20),
        "head": -r.uniform(0.3, 1.2) * gaze - s * r.uniform(0, 12),
        "protraction": s * r.uniform(0, 14),
    }


def tilt(r: Rng) -> Change:
    """Pelvis turned with the thorax kept upright by the lumbar spine."""
    p, back = r.uniform(-15, 27), r.uniform(0, 0.4)
    return {"pelvis": p, "lumbar": -p - back * p, "neck": 0.5 * back * p, "head": 0.5 * back * p}


def hinge(r: Rng) -> Change:
    """A straight back that hinges at the hips."""
    f = r.uniform(3, 35)
    return {"pelvis": f, "head": -r.uniform(0, 0.9) * f}


def recline(r: Rng) -> Change:
    """Back against the back of the chair."""
    f = r.uniform(3, 28)
    return {"pelvis": -f, "lumbar": r.normal(0, 5), "neck": r.uniform(0, 0.4) * f, "head": r.uniform(0, 0.6) * f}


def look_down(r: Rng) -> Change:
    """Head alone, as at a phone or a page."""
    return {"head": r.uniform(12, 45), "neck": r.uniform(0, 18), "thoracic": r.uniform(0, 3)}


def head_forward(r: Rng) -> Change:
    """Neck forward with the gaze kept."""
    f = r.uniform(8, 28)
    return {"neck": f, "head": -f * r.uniform(0.6, 1.1)}


KINDS = {
    "lean": 0.16,
    "bend": 0.04,
    "slump": 0.19,
    "tilt": 0.10,
    "hinge": 0.07,
    "recline": 0.06,
    "both": 0.08,
    "phone": 0.07,
    "head_forward": 0.03,
    "turned": 0.04,
    "reach": 0.04,
    "chin": 0.02,
    "drink": 0.02,
    "standing": 0.01,
    "upright": 0.07,
}
"""What is done, and its share."""


def sample(r: Rng, body: Body, desk_z: float, reach_m: float) -> tuple[str, Change, dict[str, tuple[str, Array]]]:
    """Draw what a person does: its kind, the change of posture, and where the hands are (see ``Body.pose``)."""
    kind = str(r.choice(list(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))
    makers = {
        "lean": lean,
        "bend": bend,
        "slump": slump,
        "tilt": tilt,
        "hinge": hinge,
        "recline": recline,
        "phone": look_down,
        "head_forward": head_forward,
    }
    change: Change = makers[kind](r) if kind in makers else {}
    if kind == "both":
        change = together(lean(r, 5, 32), slump(r))
    if kind == "bend":
        change["seat_y"] = r.uniform(0.2, 0.6)  # away from the desk
    if kind == "turned":
        change = {"head_ax": float(r.choice([-1, 1])) * r.uniform(20, 60), "axial": r.normal(0, 8)}
    if kind == "reach":
        side = str(r.choice(["L", "R"]))
        change = together({f"reach_{side}": r.uniform(5, 22), "axial": (-1 if side == "L" else 1) * r.uniform(0, 12)}, lean(r, 0, 18))
    if kind == "standing":
        change = {"rise": r.uniform(0.25, 0.45), "thigh": -80.0, "pelvis": r.normal(8, 4)}
    hands = _hands(r, kind, body, desk_z, reach_m)
    return kind, together(change, still(r, 1.5), _besides(r, kind)), hands


def _besides(r: Rng, kind: str) -> Change:
    """What comes on top of any posture: rolling, sliding, turning, bending aside."""
    out: Change = {"shrug": r.normal(0, 2), "protraction": r.normal(0, 2), "head_lat": r.normal(0, 3)}
    if r.random() < 0.3:
        out["seat_y"] = r.uniform(-0.35, 0.40) if r.random() < 0.5 else r.uniform(-0.14, 0.14)
        out["seat_x"] = r.uniform(-0.08, 0.08)
    out["head_ax"] = r.normal(0, 20) if r.random() < 0.15 else r.normal(0, 3)
    if kind != "phone" and r.random() < 0.15:
        out = together(out, {"head": r.uniform(0, 32), "neck": r.uniform(0, 12)})
    if r.random() < 0.15:
        out["lat"] = r.normal(0, 8)
    if r.random() < 0.15:
        out["axial"] = r.normal(0, 11)
    if r.random() < 0.1:
        out["yaw"] = r.normal(0, 9)
    return out


def desk_hands(r: Rng, body: Body, desk_z: float, reach_m: float) -> dict[str, tuple[str, Array]]:
    """Draw where the hands are in a neutral."""
    return _hands(r, "upright", body, desk_z, reach_m)


def _hands(r: Rng, kind: str, body: Body, desk_z: float, reach_m: float) -> dict[str, tuple[str, Array]]:
    hip = body.hip
    where = {
        "desk": lambda s: ("world", np.array([s * 0.17, hip[1] - reach_m, desk_z + 0.04])),
        "mouse": lambda s: ("world", np.array([s * 0.30, hip[1] - reach_m, desk_z + 0.03])),
        "lap": lambda s: ("world", np.array([s * 0.12, hip[1] - 0.30, hip[2] + 0.11])),
        "arm rest": lambda s: ("world", np.array([s * 0.29, hip[1] - 0.22, hip[2] + 0.22])),
        "far": lambda s: ("world", np.array([s * r.uniform(0.05, 0.6), hip[1] - r.uniform(0.35, 0.85), desk_z + r.uniform(0.0, 0.3)])),
        "phone": lambda s: ("spine01", np.array([s * 0.06, -r.uniform(0.24, 0.36), -r.uniform(0.0, 0.3)])),
        "chin": lambda s: ("head", np.array([s * 0.04, -0.11, -0.02])),
        "mouth": lambda s: ("head", np.array([s * 0.05, -0.17, 0.01])),
    }
    both = str(r.choice(["desk", "desk", "desk", "lap", "arm rest"]))
    places = {"L": both, "R": "mouse" if both == "desk" and r.random() < 0.5 else both}
    side = str(r.choice(["L", "R"]))
    special = {"reach": "far", "chin": "chin", "drink": "mouth", "phone": "phone"}
    if kind in special:
        places[side] = special[kind]
        if kind == "phone" and r.random() < 0.5:
            places = {"L": "phone", "R": "phone"}
    out = {}
    for s, sign in (("L", 1.0), ("R", -1.0)):
        bone, place = where[places[s]](sign)
        out[s] = bone, place + r.normal(0, 0.03, 3) * (1 if r.random() < 0.7 else 2.5)
    return out
