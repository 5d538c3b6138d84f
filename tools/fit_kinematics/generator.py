"""Simulated seated people before a simulated camera: neutral and changed posture, as landmarks and outline samples with truth.

An articulated body (pelvis, lumbar, thoracic, neck and head pitch; lateral lean, twist, head turn; arms left out) with varied
proportions, clothes, resting posture and camera, seen through a pinhole. Frame of the body: (forward, left, up) in metres.
Chain: hip -> L5 turns with the pelvis, L5 -> T12 with pelvis and half of the lumbar bend, T12 -> C7 with the lower thorax and half of
the thoracic bend, C7 -> ear half with the upper thorax and half with the head, ear -> nose with the head.
"""

from __future__ import annotations

import numpy as np

from posture.kinematics.layout import CHORD

LEVELS, MERIDIANS = 24, 12


def spline_matrix(nodes: int, samples: int) -> np.ndarray:
    """(samples, nodes) weights of a Catmull-Rom curve through equally spaced nodes."""
    m = np.zeros((samples, nodes))
    for i, t in enumerate(np.linspace(0, nodes - 1 - 1e-9, samples)):
        k, u = int(t), t - int(t)
        w = (0.5 * (-u + 2 * u**2 - u**3), 0.5 * (2 - 5 * u**2 + 3 * u**3), 0.5 * (u + 4 * u**2 - 3 * u**3), 0.5 * (-(u**2) + u**3))
        for j, wj in zip(range(k - 1, k + 3), w, strict=True):
            m[i, min(max(j, 0), nodes - 1)] += wj
    return m


def turn(v: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """(n, 2) or (n, k, 2) sagittal (forward, up) vectors turned forward by pitch (n,) radians."""
    p = pitch.reshape(pitch.shape + (1,) * (v.ndim - 2))
    return np.stack([v[..., 0] * np.cos(p) + v[..., 1] * np.sin(p), -v[..., 0] * np.sin(p) + v[..., 1] * np.cos(p)], -1)


def people(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Proportions in metres; means near the adult population, 7-20 % spread."""
    size = rng.normal(1, 0.07, n)

    def vec(f: float, u: float, sf: float, su: float) -> np.ndarray:
        return np.stack([rng.normal(f, sf, n), rng.normal(u, su, n)], 1) * size[:, None]

    def num(m: float, s: float) -> np.ndarray:
        return rng.normal(m, s, n) * size

    heavy = rng.normal(0, 1, n)
    back = np.stack(
        [num(0.10, 0.02), num(0.125, 0.02), num(0.075, 0.02), num(0.085, 0.02), num(0.085, 0.02), num(0.045, 0.012), num(0.06, 0.015)], 1
    )
    belly = np.stack(
        [num(0.10, 0.02), num(0.13, 0.025), num(0.15, 0.03), num(0.16, 0.03), num(0.13, 0.025), num(0.06, 0.015), num(0.07, 0.015)], 1
    )
    wide = np.stack(
        [num(0.17, 0.02), num(0.18, 0.02), num(0.15, 0.02), num(0.15, 0.02), num(0.17, 0.02), num(0.08, 0.015), num(0.07, 0.01)], 1
    )
    cloth = np.abs(rng.normal(0, 0.012, n))[:, None] + rng.normal(0, 0.004, (n, 7))
    return {
        "pelvis": vec(-0.03, 0.092, 0.012, 0.008),
        "lumbar": vec(0.015, 0.148, 0.018, 0.01),
        "thorax": vec(0.015, 0.33, 0.03, 0.03),
        "shoulder": vec(0.014, -0.097, 0.012, 0.014),
        "neck": vec(0.06, 0.121, 0.012, 0.012),
        "nose": vec(0.107, -0.015, 0.008, 0.012),
        "eye": vec(0.09, 0.02, 0.008, 0.006),
        "mouth": vec(0.088, -0.062, 0.008, 0.008),
        "thigh": vec(0.42, 0.0, 0.035, 0.03),
        "sw": num(0.35, 0.035),
        "hw": num(0.21, 0.025),
        "ew": num(0.14, 0.008),
        "iw": num(0.063, 0.003),
        "mw": num(0.05, 0.004),
        "kw": num(0.25, 0.1),
        "back": back + cloth,
        "belly": belly * (1 + 0.1 * heavy[:, None]) + cloth,
        "wide": wide * (1 + 0.06 * heavy[:, None]) + cloth,
        "lever": rng.uniform(0.02, 0.11, n),
    }


def postures(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Changes from neutral in degrees (and metres): a mixture of what people do, each at a random strength."""
    kinds = rng.choice(9, n, p=[0.08, 0.2, 0.22, 0.17, 0.08, 0.07, 0.04, 0.06, 0.08])
    a = rng.uniform(0, 1, n)
    z = np.zeros(n)
    pelvis, lordosis, thoracic = z.copy(), z.copy(), z.copy()
    m = kinds == 1  # lean: hips and spine share it
    share = rng.uniform(0.35, 0.85, n)
    lean = a * 50
    pelvis[m] += (lean * share)[m]
    lordosis[m] -= (lean * (1 - share) * rng.uniform(0.8, 2.0, n))[m]
    thoracic[m] += (lean * rng.uniform(0, 0.35, n))[m]
    m = kinds == 2  # slump: pelvis back, spine flexed
    s = a * 60
    part = rng.uniform(0.55, 0.85, n)
    pelvis[m] -= (s * rng.uniform(0.15, 0.5, n))[m]
    lordosis[m] -= (s * part)[m]
    thoracic[m] += (s * (1 - part))[m]
    m = kinds == 3  # tilt, the thorax kept upright by the lumbar spine
    tl = a * 42 - 15
    pelvis[m] += tl[m]
    lordosis[m] += (tl * rng.uniform(0.8, 1.2, n))[m]
    m = kinds == 4  # hip hinge, straight back
    pelvis[m] += (a * 30 - 5)[m]
    m = kinds == 5  # recline
    pelvis[m] -= (a * 25)[m]
    lordosis[m] += rng.normal(0, 5, n)[m]
    m = kinds == 6  # arch of the upper back
    thoracic[m] -= (a * 12)[m]
    m = kinds == 7  # slump and lean at once
    pelvis[m] += (a * 25 - 10)[m]
    lordosis[m] -= (rng.uniform(0, 35, n))[m]
    thoracic[m] += (rng.uniform(0, 18, n))[m]
    pelvis += rng.normal(0, 2.0, n)
    lordosis += rng.normal(0, 2.5, n)
    thoracic += rng.normal(0, 2.0, n)
    keep = rng.random(n) < 0.6  # the gaze is kept on the screen
    head = np.where(keep, rng.normal(0, 4, n), (pelvis - lordosis + thoracic) * rng.uniform(0, 1, n) + rng.normal(0, 6, n))
    head = head + np.where(rng.random(n) < 0.2, rng.uniform(-15, 40, n), 0)
    big = lambda p, sd: np.where(rng.random(n) < p, rng.normal(0, sd, n), rng.normal(0, sd / 12, n))  # noqa: E731
    return {
        "pelvis": pelvis,
        "lordosis": lordosis,
        "thoracic": thoracic,
        "head": head,
        "lateral": big(0.15, 9),
        "twist": big(0.15, 10),
        "head_yaw": big(0.2, 22),
        "head_roll": rng.normal(0, 3, n),
        "yaw": big(0.15, 6),
        "slide_f": np.where(rng.random(n) < 0.3, rng.uniform(-0.16, 0.16, n), rng.normal(0, 0.01, n)),
        "slide_l": big(0.15, 0.06),
        "protract": rng.normal(0, 0.012, n),
        "elevate": rng.normal(0, 0.008, n),
        "reach_f": big(0.2, 0.035),
        "reach_u": big(0.15, 0.02),
        "reach_side": rng.choice([-1.0, 1.0], n),
    }


def resting(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """The neutral's own angles."""
    q = {
        k: np.zeros(n)
        for k in (
            "reach_f",
            "reach_u",
            "reach_side",
            "lateral",
            "twist",
            "head_yaw",
            "head_roll",
            "yaw",
            "slide_f",
            "slide_l",
            "protract",
            "elevate",
        )
    }
    return q | {
        "pelvis": rng.normal(-2, 5, n),
        "lordosis": rng.normal(0, 6, n),
        "thoracic": rng.normal(2, 4, n),
        "head": rng.normal(0, 5, n),
        "yaw": rng.normal(0, 2, n),
    }


def body(p: dict[str, np.ndarray], q: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, np.ndarray]]:  # noqa: PLR0915 # one chain of segments, which reads best in one piece
    """Joints (n, k, 3) by name, outline meridians (n, MERIDIANS, LEVELS, 3), and the truth in degrees."""
    r = {k: np.radians(q[k]) for k in ("pelvis", "lordosis", "thoracic", "head", "lateral", "twist", "head_yaw", "head_roll", "yaw")}
    t12 = r["pelvis"] - r["lordosis"]
    mid, top = t12 + r["thoracic"] / 2, t12 + r["thoracic"]
    n = len(t12)
    hip = np.stack([p["lever"] * r["pelvis"], np.zeros(n)], 1)
    l5 = hip + turn(p["pelvis"], r["pelvis"])
    th = l5 + turn(p["lumbar"], r["pelvis"] - r["lordosis"] / 2)
    c7 = th + turn(p["thorax"], mid)
    sho = c7 + turn(p["shoulder"], mid + r["thoracic"] / 4)
    sho = sho + turn(np.stack([q["protract"], q["elevate"]], 1), mid)
    ear = c7 + turn(p["neck"], (top + r["head"]) / 2)
    face = {k: ear + turn(p[k], r["head"]) for k in ("nose", "eye", "mouth")}
    down = np.array([0.0, -0.13])
    nodes = np.stack(
        [
            hip + turn(np.broadcast_to(down, (n, 2)), r["pelvis"]),
            hip,
            (l5 + th) / 2 * 0.5 + l5 * 0.5,
            th,
            (th + c7) / 2,
            c7,
            (c7 + ear) / 2 + turn(np.broadcast_to([-0.03, 0.0], (n, 2)), top),
        ],
        1,
    )
    pitch = np.stack([r["pelvis"], r["pelvis"], r["pelvis"] - r["lordosis"] / 2, t12, mid, top, (top + r["head"]) / 2], 1)
    ang = np.arange(MERIDIANS) * 2 * np.pi / MERIDIANS
    depth = np.where(np.cos(ang)[None, :, None] > 0, -p["back"][:, None, :], p["belly"][:, None, :]) * np.abs(np.cos(ang))[None, :, None]
    off = np.stack([depth * np.cos(pitch)[:, None], -depth * np.sin(pitch)[:, None]], -1)
    ring = nodes[:, None] + off  # (n, M, 7, 2)
    lat = np.sin(ang)[None, :, None] * p["wide"][:, None, :]
    ring3 = np.stack([ring[..., 0], lat, ring[..., 1]], -1)
    skin = np.einsum("ln,amnc->amlc", spline_matrix(7, LEVELS), ring3)
    # above the hip: lateral lean (to the right +), and twist growing along the trunk
    axis0 = np.stack([hip[:, 0], np.zeros(n), hip[:, 1]], 1)

    def bent(x: np.ndarray, part: np.ndarray | float, extra_yaw: np.ndarray | None = None) -> np.ndarray:
        """x (n, ..., 3); part 0..1 share of the twist."""
        shape = (n,) + (1,) * (x.ndim - 2)
        v = x - axis0.reshape((*shape, 3))
        tw = r["twist"].reshape(shape) * part + r["yaw"].reshape(shape)
        if extra_yaw is not None:
            tw = tw + extra_yaw.reshape(shape)
        la = -r["lateral"].reshape(shape)
        f, le = v[..., 0] * np.cos(tw) - v[..., 1] * np.sin(tw), v[..., 0] * np.sin(tw) + v[..., 1] * np.cos(tw)
        le, u = le * np.cos(la) + v[..., 2] * np.sin(la), -le * np.sin(la) + v[..., 2] * np.cos(la)
        out = np.stack([f, le, u], -1) + axis0.reshape((*shape, 3))
        out[..., 0] += q["slide_f"].reshape(shape)
        out[..., 1] += q["slide_l"].reshape(shape)
        return out

    def pair(x: np.ndarray, w: np.ndarray | float) -> np.ndarray:
        """(n, 2, 3): left, right."""
        return np.stack([np.stack([x[:, 0], s * w / 2 * np.ones(n), x[:, 1]], 1) for s in (1, -1)], 1)

    def headed(x: np.ndarray, w: np.ndarray | float) -> np.ndarray:
        """Points of the head: turned about the ears' middle by the head's own yaw and roll."""
        v = pair(x, w) - pair(ear, 0.0)
        y, o = r["head_yaw"][:, None], r["head_roll"][:, None]
        f, le = v[..., 0] * np.cos(y) - v[..., 1] * np.sin(y), v[..., 0] * np.sin(y) + v[..., 1] * np.cos(y)
        le, u = le * np.cos(o) + v[..., 2] * np.sin(o), -le * np.sin(o) + v[..., 2] * np.cos(o)
        return bent(np.stack([f, le, u], -1) + pair(ear, 0.0), 1.0)

    knee = hip + p["thigh"]
    one = np.stack([(1 + q["reach_side"]) / 2, (1 - q["reach_side"]) / 2], 1) * (q["reach_side"] != 0)[:, None]
    reach = np.stack([one * q["reach_f"][:, None], np.zeros((n, 2)), one * q["reach_u"][:, None]], -1)
    joints = {
        "nose": headed(face["nose"], 0.0)[:, :1],
        "eye": headed(face["eye"], p["iw"]),
        "ear": headed(ear, p["ew"]),
        "mouth": headed(face["mouth"], p["mw"]),
        "shoulder": bent(pair(sho, p["sw"]) + reach, 1.0),
        "hip": bent(pair(hip, p["hw"]), 0.0),
        "knee": bent(pair(knee, p["kw"]), 0.0),
    }
    knee_still = pair(knee, p["kw"])
    knee_still[..., 0] += q["slide_f"][:, None]
    joints["knee"] = knee_still
    grow = np.clip(np.linspace(-0.2, 1.15, LEVELS), 0, 1).reshape(1, 1, LEVELS)
    skin = bent(skin, grow)
    v = joints["shoulder"].mean(1) - joints["hip"].mean(1)
    truth = {"trunk": np.degrees(np.arctan2(v[:, 0], v[:, 2])), "pelvis": q["pelvis"], "spine": q["thoracic"] - q["lordosis"]}
    return joints, skin, truth


def cameras(rng: np.random.Generator, n: int, view: str) -> dict[str, np.ndarray]:
    """Yaw (deg; 0 in front, + shows the left side), distance, height over the hips (m), pitch, roll (deg), focal length (px)."""
    hand = rng.choice([-1.0, 1.0], n)
    if view == "front":
        yaw, dist, height = (
            np.where(rng.random(n) < 0.6, rng.normal(0, 7, n), rng.uniform(-32, 32, n)),
            rng.uniform(0.55, 1.2, n) * np.where(rng.random(n) < 0.2, 1.7, 1),
            rng.uniform(0.2, 0.85, n),
        )
    elif view == "oblique":
        yaw, dist, height = hand * rng.uniform(20, 72, n), rng.uniform(0.9, 2.2, n), rng.uniform(0.2, 0.95, n)
    else:
        yaw, dist, height = (
            hand * np.where(rng.random(n) < 0.7, rng.normal(90, 7, n), rng.uniform(60, 115, n)),
            rng.uniform(1.4, 3.2, n),
            rng.uniform(0.0, 0.9, n),
        )
    aim = rng.normal(0.35, 0.06, n)
    pitch = np.degrees(np.arctan2(aim - height, dist)) + rng.normal(0, 4, n)
    fov = rng.uniform(52, 76, n)
    return {
        "yaw": yaw,
        "dist": dist,
        "height": height,
        "pitch": pitch,
        "roll": rng.normal(0, 2.5, n),
        "f": 320 / np.tan(np.radians(fov / 2)),
    }


def project(x: np.ndarray, cam: dict[str, np.ndarray]) -> np.ndarray:
    """(n, ..., 3) body frame -> (n, ..., 2) px."""
    n = len(cam["yaw"])
    sh = (n,) + (1,) * (x.ndim - 2)
    y, p, o = (np.radians(cam[k]).reshape(sh) for k in ("yaw", "pitch", "roll"))
    d, h, f = (cam[k].reshape(sh) for k in ("dist", "height", "f"))
    fw, le, up = x[..., 0], x[..., 1], x[..., 2] - h
    toward = fw * np.cos(y) + le * np.sin(y)  # towards the camera
    right = -fw * np.sin(y) + le * np.cos(y)  # subject's left is image right from the front
    z0 = d - toward
    z, yy = z0 * np.cos(p) + up * np.sin(p), -(up * np.cos(p) - z0 * np.sin(p))
    u, v = f * right / np.maximum(z, 0.1), f * yy / np.maximum(z, 0.1)
    return np.stack([320 + u * np.cos(o) - v * np.sin(o), 240 + u * np.sin(o) + v * np.cos(o)], -1)


def outline(skin_px: np.ndarray, hip: np.ndarray, sho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chord distances (n, 12) to the left and right edge, px, as cues.py samples them."""
    n = len(hip)
    up = sho - hip
    length = np.linalg.norm(up, axis=1)
    e = up / length[:, None]
    side = np.stack([e[:, 1], -e[:, 0]], 1)
    v = skin_px - hip[:, None, None]
    s = np.einsum("amlc,ac->aml", v, e) / length[:, None, None]
    d = np.einsum("amlc,ac->aml", v, side)
    left, right = np.full((n, len(CHORD)), -np.inf), np.full((n, len(CHORD)), -np.inf)
    for k, c in enumerate(CHORD):
        a, b = s[..., :-1], s[..., 1:]
        hit = (np.minimum(a, b) <= c) & (np.maximum(a, b) >= c)
        w = np.where(hit, (c - a) / np.where(np.abs(b - a) < 1e-6, 1e-6, b - a), 0)
        dk = d[..., :-1] * (1 - w) + d[..., 1:] * w
        left[:, k] = np.where(hit, dk, -np.inf).max((1, 2))
        right[:, k] = np.where(hit, -dk, -np.inf).max((1, 2))
    return np.where(np.isfinite(left), left, np.nan), np.where(np.isfinite(right), right, np.nan)


def landmarks(rng, joints, skin, cam, bias, noise) -> dict[str, np.ndarray]:
    """Landmark pixels in the order of cues.KEPT, outline; bias (n, 15, 3) metres fixed to the body, noise relative to torso length."""
    n = len(cam["yaw"])
    j = joints
    order = [
        j["nose"][:, 0],
        j["eye"][:, 0],
        j["eye"][:, 1],
        j["ear"][:, 0],
        j["ear"][:, 1],
        j["mouth"][:, 0],
        j["mouth"][:, 1],
        j["shoulder"][:, 0],
        j["shoulder"][:, 1],
        j["shoulder"][:, 0],
        j["shoulder"][:, 1],
        j["hip"][:, 0],
        j["hip"][:, 1],
        j["knee"][:, 0],
        j["knee"][:, 1],
    ]
    xyz = np.stack(order, 1) + bias
    xy = project(xyz, cam)
    torso = np.linalg.norm(xy[:, 7:9].mean(1) - xy[:, 11:13].mean(1), axis=1)
    head = rng.normal(0, 1, (n, 1, 2)) * 0.006
    e = rng.normal(0, 1, (n, 15, 2)) * noise[None, :, None]
    e[:, :7] += head
    common = rng.normal(0, 1, (n, 1, 2)) * np.array([0.012, 0.008])
    e[:, 7:9] += common
    e[:, 11:13] += rng.normal(0, 1, (n, 1, 2)) * np.array([0.03, 0.012])
    xy = xy + e * torso[:, None, None]
    sk = project(skin, cam)
    le, re = outline(sk, xy[:, 11:13].mean(1), xy[:, 7:9].mean(1))
    wob = rng.normal(0, 0.006, (2, n, len(CHORD))) + rng.normal(0, 0.004, (2, n, 1))
    return {"xy": xy, "left": le + wob[0] * torso[:, None], "right": re + wob[1] * torso[:, None]}


NOISE = np.array([0.006, 0.006, 0.006, 0.008, 0.008, 0.006, 0.006, 0.012, 0.012, 0.03, 0.03, 0.015, 0.015, 0.02, 0.02])


def simulate(seed: int, n: int, view: str) -> dict[str, dict[str, np.ndarray]]:
    """n pairs of neutral and changed posture: {'neutral', 'now': landmarks and outline, 'truth': changes in degrees, 'cam'}."""
    rng = np.random.default_rng(seed)
    p, cam, rest, dq = people(rng, n), cameras(rng, n, view), resting(rng, n), postures(rng, n)
    q = {k: rest[k] + dq.get(k, 0.0) for k in rest}
    j0, s0, t0 = body(p, rest)
    j1, s1, t1 = body(p, q)
    sd = np.array([0.006] * 3 + [0.012] * 2 + [0.006] * 2 + [0.02] * 2 + [0.02] * 2 + [0.025] * 2 + [0.03] * 2)
    bias = rng.normal(0, 1, (n, 15, 3)) * sd[None, :, None]
    bias[:, 11:13, 0] += rng.normal(0.035, 0.025, (n, 1))  # hips are found in front of the joint
    bias[:, 11:13, 2] += rng.normal(0.025, 0.02, (n, 1))
    hidden = rng.random(n) < {"front": 1.0, "oblique": 0.55, "side": 0.08}[view]
    bias[:, 11:13] += rng.normal(0, 0.05, (n, 1, 3)) * hidden[:, None, None]
    a = landmarks(rng, j0, s0, cam, bias, NOISE * 0.6)
    d = np.stack([t1[k] - t0[k] for k in ("trunk", "pelvis", "spine")], 1) / 10
    moved = bias.copy()
    g = rng.normal([-0.002, 0.011, 0.0], [0.011, 0.011, 0.008], (n, 3))
    moved[:, 11:13, 0] += (d * g).sum(1)[:, None]
    # hidden hips are invented from what is seen: they go along with the shoulders by an amount nobody knows
    shift = (j1["shoulder"].mean(1) - j0["shoulder"].mean(1))[:, None] * (rng.uniform(-0.1, 0.7, n) * hidden)[:, None, None]
    moved[:, 11:13] += shift + rng.normal(0, 0.015, (n, 1, 3)) * hidden[:, None, None]
    b = landmarks(rng, j1, s1, cam, moved, NOISE)
    return {
        "neutral": a,
        "now": b,
        "truth": {k: t1[k] - t0[k] for k in t0},
        "cam": cam,
        "own_trunk": np.stack([t0["trunk"], t1["trunk"]], 1),
        "own_yaw": np.stack([cam["yaw"] - rest["yaw"], cam["yaw"] - q["yaw"] - q["twist"] / 2], 1),
        "pose": dq,
        "hidden": hidden,
    }
