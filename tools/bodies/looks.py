"""How a person looks: skin, hair, clothes that stand off and hang, glasses, headphones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.bodies.body import Array, Body
from tools.bodies.painter import Mesh, box, incidence_of, normals_of

Rng = np.random.Generator
_SKINS = np.array([[0.85, 0.62, 0.5], [0.6, 0.4, 0.3], [0.35, 0.22, 0.16], [0.9, 0.7, 0.58], [0.72, 0.52, 0.4]]) ** 1.6
_HAIRS = np.array([[0.02, 0.015, 0.01], [0.12, 0.06, 0.03], [0.4, 0.3, 0.15], [0.3, 0.3, 0.3], [0.06, 0.03, 0.02]])
_PAD = np.array([0.02, 0.035, 0.04])
"""Half of the size of what headphones have over an ear, metres."""
_TOP = ("spine", "clavicle", "shoulder", "upperarm", "breast")
_LEGS = ("root", "pelvis", "upperleg", "lowerleg")


@dataclass(slots=True)
class Looks:
    """The mesh at rest with clothes on, its colours, and what goes along with the head and the chest."""

    vertices: Array
    colours: Array
    incidence: Any
    folds: Callable[[Rng], Array]
    """Offsets (n, 3) metres of the folds of one moment."""
    worn: list[tuple[str, Mesh]] = field(default_factory=list)
    """A bone and a mesh around its joint."""
    hair: tuple[Array, Array, Array, Array] | None = None
    """Long hair: points (k, 3) at rest, share of the chest (k,), faces, colours."""
    clothes: str = "close"
    """As in ``rows.ABOUT``."""


def dress(r: Rng, body: Body) -> Looks:
    """Draw one person's looks."""
    v, part = body.vertices, body.part
    starts = np.vectorize(lambda name, words: name.startswith(words), excluded=[1])
    sleeves = bool(r.random() < 0.6)
    top = starts(part, (*_TOP, *(("lowerarm01",) if sleeves else ())))
    legs, feet = starts(part, _LEGS), starts(part, ("foot", "toe"))
    n = len(v)
    colours = np.tile(_SKINS[r.integers(len(_SKINS))], (n, 1))
    skin = colours[0].copy()
    colours[top], colours[legs], colours[feet] = _cloth(r, v[top], 0.8), _cloth(r, v[legs], 0.4), 0.05
    hair, covered = _head(r, body, colours, skin)
    faces = body.faces
    incidence = incidence_of(faces, n)
    off = np.zeros(n)
    off[top], off[legs] = r.uniform(0.002, 0.022), r.uniform(0.002, 0.012)
    off[covered] = r.uniform(0.003, 0.03)
    dressed = v + normals_of(v, faces, incidence) * off[:, None]
    clothes = "close" if off[top].max() < 0.01 else "loose"
    if r.random() < 0.75:
        dressed = dressed + _hanging(r, dressed, top & ~starts(part, ("upperarm", "lowerarm", "clavicle", "shoulder")))
        clothes = "hanging"
    looks = Looks(dressed, colours, incidence, _folds(r, dressed, top | legs), clothes=clothes)
    looks.worn = _worn(r, body)
    if r.random() < 0.4:
        looks.hair = _long_hair(r, body, hair)
    return looks


def _cloth(r: Rng, points: Array, bright: float) -> Array:
    """Colours (n, 3) of cloth: plain, striped, checked or blotched."""
    base = np.tile(r.uniform(0.02, bright, 3) * (1 if r.random() < 0.6 else r.uniform(0.1, 0.4)), (len(points), 1))
    other, kind = r.uniform(0.02, bright, 3), r.random()
    if kind < 0.45:
        return base
    wave = r.uniform(40, 160)
    across = np.sin(points[:, 2] * wave) if kind < 0.65 else np.sin(points[:, 2] * wave) * np.sin(points[:, 0] * wave)
    if kind > 0.8:
        across = sum(np.sin(points @ r.normal(0, 25, 3) + r.uniform(0, 6)) for _ in range(4))
    return np.where((across > r.uniform(-0.2, 0.6))[:, None], other, base)


def _head(r: Rng, body: Body, colours: Array, skin: Array) -> tuple[Array, Array]:
    """Colour eyes, brows, lips and hair; the colour of the hair, and which vertices it covers."""
    hair = _HAIRS[r.integers(len(_HAIRS))]
    eye = np.char.startswith(body.part.astype(str), "eye")
    head = body.part == "head"
    middle = (body.at("eye.L") + body.at("eye.R")) / 2
    rel = body.vertices - middle
    colours[eye] = 0.9
    line = 0.062 + r.normal(0, 0.008)
    covered = head & (
        (rel[:, 2] > line) | ((rel[:, 1] > 0.075) & (rel[:, 2] > -0.03)) | ((rel[:, 1] > 0.105) & (rel[:, 2] > -r.uniform(0.06, 0.12)))
    )
    if r.random() < 0.1:
        covered &= False
    colours[covered] = hair
    for joint in (body.at("eye.L"), body.at("eye.R")):
        d = body.vertices - joint
        colours[eye & (np.hypot(d[:, 0], d[:, 2]) < 0.0065)] = 0.03
        colours[head & (np.abs(d[:, 0]) < 0.022) & (d[:, 2] > 0.016) & (d[:, 2] < 0.026) & (d[:, 1] < 0.02)] = hair * 0.8 + 0.02
    lips = head & (np.abs(rel[:, 0]) < 0.026) & (rel[:, 2] < -0.062) & (rel[:, 2] > -0.078) & (rel[:, 1] < 0)
    colours[lips] = skin * np.array([0.8, 0.45, 0.45])
    if r.random() < 0.15:
        beard = head & (rel[:, 2] < -0.055) & (np.abs(rel[:, 0]) < 0.07) & (rel[:, 1] < 0.06) & ~lips
        colours[beard] = hair
    return hair, covered


def _hanging(r: Rng, v: Array, shirt: Array) -> Array:
    """Offsets (n, 3) of cloth that hangs from what stands out above it: shoulder blades, chest, belly."""
    out = np.zeros_like(v)
    p = v[shirt]
    middle = p.mean(axis=0)
    radius = np.hypot(p[:, 0] - middle[0], p[:, 1] - middle[1])
    around = np.arctan2(p[:, 1] - middle[1], p[:, 0] - middle[0])
    levels, sectors = 40, 36
    z = (p[:, 2] - p[:, 2].min()) / np.ptp(p[:, 2]) * (levels - 1e-6)
    i, j = z.astype(int), ((around + np.pi) / (2 * np.pi) * (sectors - 1e-6)).astype(int)
    profile = np.zeros((levels, sectors))
    np.maximum.at(profile, (i, j), radius)
    hung, slope = profile.copy(), r.uniform(0.0, 0.6) * np.ptp(p[:, 2]) / levels
    for k in range(levels - 2, -1, -1):
        hung[k] = np.maximum(hung[k], np.minimum(hung[k + 1], hung[k + 1] - slope))
    hung = (np.roll(hung, 1, 1) + hung + np.roll(hung, -1, 1)) / 3
    extra = np.maximum(0, hung[i, j] - radius) * r.uniform(0.2, 1.0)
    out[shirt, 0], out[shirt, 1] = extra * np.cos(around), extra * np.sin(around)
    return out


def _folds(r: Rng, v: Array, cloth: Array) -> Callable[[Rng], Array]:
    size = r.uniform(0.0, 0.006)
    waves = r.normal(0, 1, (6, 3)) * r.uniform(12, 45, (6, 1))
    along = v[cloth] @ waves.T

    def folds(now: Rng) -> Array:
        out = np.zeros_like(v)
        out[cloth] = (np.sin(along + now.uniform(0, 2 * np.pi, 6)) * size / 2).sum(axis=1)[:, None] * now.normal(0, 0.6, 3)
        return out

    return folds


def _worn(r: Rng, body: Body) -> list[tuple[str, Mesh]]:
    worn = []
    joint = body.at("head")
    eyes = (body.at("eye.L") + body.at("eye.R")) / 2 - joint
    if r.random() < 0.3:
        dark = r.uniform(0.01, 0.15, 3)
        front = eyes[1] - r.uniform(0.018, 0.03)
        for side in (-1, 1):
            centre = np.array([side * 0.032, front, eyes[2]])
            for low, high in (([-0.025, 0, 0.013], [0.025, 0.004, 0.017]), ([-0.025, 0, -0.02], [0.025, 0.004, -0.016])):
                worn.append(("head", box(centre + low, centre + high, dark)))
            hinge = centre + np.array([side * 0.03, 0, 0.008])
            worn.append(("head", box(hinge - np.array([0.002, 0, 0]), hinge + np.array([0.012, 0.1, 0.005]), dark)))
    if r.random() < 0.15:
        for ear in body.ears:
            at = body.vertices[ear] - joint
            worn.append(("head", box(at - _PAD, at + _PAD, r.uniform(0.02, 0.3, 3))))
    return worn


def _long_hair(r: Rng, body: Body, colour: Array) -> tuple[Array, Array, Array, Array]:
    """A curtain of hair from the crown down the back and the sides, or a tail."""
    joint = body.at("head")
    eyes = (body.at("eye.L") + body.at("eye.R")) / 2
    length, tail = r.uniform(0.08, 0.5), bool(r.random() < 0.35)
    width = np.radians(r.uniform(18, 30) if tail else r.uniform(60, 118))
    columns, rows = 18, 12
    around, down = np.meshgrid(np.linspace(-width, width, columns), np.linspace(0, 1, rows), indexing="xy")
    radius = 0.088 + r.uniform(0.0, 0.035) + 0.02 * down
    x = radius * np.sin(around) * 0.95
    y = eyes[1] + 0.085 + radius * np.cos(around) * (1.0 + r.uniform(-0.1, 0.2))
    z = eyes[2] + 0.06 - down * (0.12 + length)
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    chest = np.clip((joint[2] - 0.02 - points[:, 2]) / 0.12, 0, 1) * r.uniform(0.6, 1.0)
    k = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = k[:-1, :-1].ravel(), k[:-1, 1:].ravel(), k[1:, :-1].ravel(), k[1:, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    return points, chest, faces, np.tile(colour, (len(points), 1))


def meshes_of(body: Body, looks: Looks, posed: Array, joints: Array, turns: Array) -> list[Mesh]:
    """The person's meshes in one posture: `posed` (n, 3) of ``Body.pose``, and its joints and rotations."""
    out = [Mesh(posed, normals_of(posed, body.faces, looks.incidence), looks.colours, body.faces)]
    for bone, mesh in looks.worn:
        i = body.index[bone]
        out.append(Mesh(mesh.vertices @ turns[i].T + joints[i], mesh.normals @ turns[i].T, mesh.colours, mesh.faces))
    if looks.hair is not None:
        points, chest, faces, colours = looks.hair
        head, back = body.index["head"], body.index["spine01"]
        by_head = (points - body.rest[head]) @ turns[head].T + joints[head]
        by_back = (points - body.rest[back]) @ turns[back].T + joints[back]
        v = by_head * (1 - chest[:, None]) + by_back * chest[:, None]
        n = normals_of(v, faces, incidence_of(faces, len(v)))
        outward = v - v.mean(axis=0)
        out.append(Mesh(v, n * np.where((n * outward).sum(axis=1, keepdims=True) < 0, -1, 1), colours, faces))
    return out
