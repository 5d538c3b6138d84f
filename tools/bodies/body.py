"""A parametric body of Anny, posed at a desk. The world: x to the subject's left, y backwards (they face -y), z up; metres, degrees."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import anny
import numpy as np
import scipy.sparse as sp
import torch

Array = np.ndarray
Posture = Mapping[str, float]
"""Degrees of ``pelvis``, ``lumbar``, ``thoracic``, ``neck``, ``head`` (flexion +), ``lat``, ``axial``, ``head_ax``, ``head_lat``,
``protraction``, ``shrug``, ``thigh``, ``spread``, ``shank``, ``foot``, ``cross``; metres of ``seat_x``, ``seat_y``, ``rise``;
``palms``: 1 for hands that lie flat, fingers ahead."""
FORWARD, LEFT, UP = np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
_SITTING_BONE_M = 0.085
"""Below the hip joints; the pelvis rolls over it."""
PHENOTYPE = ("gender", "age", "muscle", "weight", "height", "proportions")


@functools.cache
def anny_model() -> Any:
    """Load Anny; the first time on a machine takes minutes."""
    torch.set_num_threads(1)
    return anny.Anny().to(dtype=torch.float32)


def rotation(axis: Array, degrees: float) -> Array:
    """(3, 3) by Rodrigues' formula."""
    a = np.radians(degrees)
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * k @ k


def aligned(u: Array, v: Array) -> Array:
    """Rotation that takes the direction of u to that of v."""
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    axis, cosine = np.cross(u, v), float(u @ v)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-8:
        return np.eye(3) if cosine > 0 else rotation(LEFT, 180)
    return rotation(axis, float(np.degrees(np.arctan2(sine, cosine))))


class Body:
    """One person: the mesh at rest and the joints, to be posed any number of times."""

    def __init__(self, phenotype: Mapping[str, float]) -> None:
        """`phenotype`: each of ``PHENOTYPE``, 0 to 1."""
        model = anny_model()
        with torch.no_grad():
            still = torch.eye(4)[None, None].repeat(1, model.bone_count, 1, 1)
            out = model(pose_parameters=still, phenotype_kwargs=dict(phenotype))
        self.vertices = out["rest_vertices"][0].numpy().astype(float)
        self.rest = out["rest_bone_heads"][0].numpy().astype(float)
        self.faces = np.asarray(model.faces)
        self.names = list(model.bone_labels)
        self.index = {n: i for i, n in enumerate(self.names)}
        self._parents = list(model.bone_parents)
        weights, bones = model.vertex_bone_weights.numpy(), model.vertex_bone_indices.numpy()
        n, k = weights.shape
        self._weights = sp.csr_matrix((weights.ravel(), (np.repeat(np.arange(n), k), bones.ravel())), shape=(n, len(self.names)))
        self.part = np.array(self.names)[bones[np.arange(n), weights.argmax(axis=1)]]
        """(n,) name of the bone that moves each vertex most."""
        self._order = self._parents_first()
        head = np.flatnonzero(self.part == "head")
        level = head[np.abs(self.vertices[head, 2] - self.at("eye.L")[2] + 0.02) < 0.02]
        self.ears = level[[self.vertices[level, 0].argmax(), self.vertices[level, 0].argmin()]]
        """Vertices farthest to the left and right at the height of the ears."""

    def at(self, bone: str) -> Array:
        """(3,) joint at rest."""
        return np.asarray(self.rest[self.index[bone]])

    @property
    def hip(self) -> Array:
        """(3,) middle of the hip joints at rest."""
        return np.asarray((self.at("upperleg01.L") + self.at("upperleg01.R")) / 2)

    def pose(self, p: Posture, hands: Mapping[str, tuple[str, Array]], vertices: Array) -> tuple[Array, Array, Array]:
        """Pose the body.

        Args:
            p: the posture; what is missing is 0.
            hands: for ``L`` and ``R``, what the place of the wrist refers to (``world``, or a bone that it goes along with) and the
                place, metres; of a bone: from its joint.
            vertices: (n, 3) the mesh at rest, with its clothes.

        Returns:
            The mesh (n, 3), the joints (bones, 3) and the rotations of the bones (bones, 3, 3).
        """
        place, turn = self.skeleton(p, hands)
        matrices = np.concatenate([turn, (place - np.einsum("bij,bj->bi", turn, self.rest))[:, :, None]], axis=2)
        blended = (self._weights @ matrices.reshape(len(self.names), 12)).reshape(-1, 3, 4)
        return np.einsum("nij,nj->ni", blended[:, :, :3], vertices) + blended[:, :, 3], place, turn

    def skeleton(self, p: Posture, hands: Mapping[str, tuple[str, Array]]) -> tuple[Array, Array]:
        """Return the joints (bones, 3) and the rotations of the bones (bones, 3, 3) alone; arguments as for `pose`."""
        turn, place = np.zeros((len(self.names), 3, 3)), np.zeros_like(self.rest)
        local = _bends(p)
        arms = [i for i in self._order if self._is_arm(i)]
        for i in (*(j for j in self._order if not self._is_arm(j)), *arms):
            parent = self._parents[i]
            if parent < 0:
                turn[i] = local["root"]
                place[i] = self.rest[i] + self._rolled(turn[i], p)
                continue
            above = turn[parent]
            place[i] = place[parent] + above @ (self.rest[i] - self.rest[parent])
            turn[i] = self._turn_of(i, above @ local.get(self.names[i], np.eye(3)), p, hands, turn, place)
        return place, turn

    def truth(self, p: Posture, joints: Array, mesh: Array) -> dict[str, float]:
        """Angles in degrees of what was posed: ``trunk``, ``pelvis``, ``spine``, ``neck`` (ear line against the trunk line), ``head``
        (pitch of the head)."""
        hip = (joints[self.index["upperleg01.L"]] + joints[self.index["upperleg01.R"]]) / 2
        shoulder = (joints[self.index["upperarm01.L"]] + joints[self.index["upperarm01.R"]]) / 2
        trunk = _pitch(shoulder - hip)
        bends = [p.get(k, 0.0) for k in ("pelvis", "lumbar", "thoracic", "neck", "head")]
        neck = _pitch(mesh[self.ears].mean(axis=0) - shoulder) - trunk
        return {"trunk": trunk, "pelvis": bends[0], "spine": bends[1] + bends[2], "neck": neck, "head": sum(bends)}

    def _parents_first(self) -> list[int]:
        order: list[int] = []
        while len(order) < len(self.names):
            order += [i for i, above in enumerate(self._parents) if i not in order and (above < 0 or above in order)]
        return order

    def _is_arm(self, i: int) -> bool:
        while i >= 0:
            if self.names[i].startswith("upperarm01"):
                return True
            i = self._parents[i]
        return False

    def _rolled(self, root: Array, p: Posture) -> Array:
        """Where the root goes when the pelvis rolls over the sitting bones, and along the seat."""
        bone = self.hip - UP * _SITTING_BONE_M
        at = self.at("root")
        return bone - (at + root @ (bone - at)) + np.array([p.get("seat_x", 0.0), p.get("seat_y", 0.0), p.get("rise", 0.0)])

    def _turn_of(self, i: int, bent: Array, p: Posture, hands: Mapping[str, tuple[str, Array]], turn: Array, place: Array) -> Array:
        name, side = self.names[i], self.names[i][-1]
        outwards = 1.0 if side == "L" else -1.0
        crossed = p.get("cross", 0.0) * outwards > 0
        if name.startswith("upperleg01"):  # thighs stay on the seat, whatever the pelvis does
            lift = np.radians(p.get("thigh", 0.0) + 16.0 * crossed)
            aside = np.tan(np.radians(p.get("spread", 0.0) + 6.0 - 22.0 * crossed))
            towards = FORWARD * np.cos(lift) + UP * np.sin(lift) + LEFT * outwards * aside
            return aligned(self.at(f"lowerleg01.{side}") - self.rest[i], towards)
        if name.startswith("lowerleg01"):
            swing = np.radians(p.get("shank", 0.0) + 35.0 * crossed)
            return aligned(self.at(f"foot.{side}") - self.rest[i], FORWARD * np.sin(swing) - UP * np.cos(swing))
        if name.startswith("foot."):
            return rotation(LEFT, p.get("foot", 0.0))
        if name.startswith("upperarm01"):
            elbow, _ = self._arm(side, hands, turn, place)
            return aligned(self.at(f"lowerarm01.{side}") - self.rest[i], elbow - place[i])
        if name.startswith("lowerarm01"):
            _, wrist = self._arm(side, hands, turn, place)
            return aligned(self.at(f"wrist.{side}") - self.rest[i], wrist - place[i])
        flat = name.startswith("wrist") and p.get("palms", 0.0) > 0.0
        return aligned(self.at(f"finger3-1.{side}") - self.rest[i], FORWARD) if flat else bent

    def _arm(self, side: str, hands: Mapping[str, tuple[str, Array]], turn: Array, place: Array) -> tuple[Array, Array]:
        """Elbow and wrist, so that the wrist gets to its place or as near as the arm reaches."""
        shoulder = place[self.index[f"upperarm01.{side}"]]
        upper = float(np.linalg.norm(self.at(f"lowerarm01.{side}") - self.at(f"upperarm01.{side}")))
        lower = float(np.linalg.norm(self.at(f"wrist.{side}") - self.at(f"lowerarm01.{side}")))
        bone, target = hands[side]
        if bone != "world":
            target = place[self.index[bone]] + turn[self.index[bone]] @ target
        far = float(np.linalg.norm(target - shoulder))
        towards = (target - shoulder) / max(far, 1e-6)
        far = min(max(far, abs(upper - lower) + 0.03), 0.985 * (upper + lower))
        along = (upper**2 - lower**2 + far**2) / (2 * far)
        pole = np.array([0.5 if side == "L" else -0.5, 0.4, -1.0])
        pole -= towards * (pole @ towards)
        off = np.sqrt(max(upper**2 - along**2, 1e-9))
        return shoulder + towards * along + pole / np.linalg.norm(pole) * off, shoulder + towards * far


def _bends(p: Posture) -> dict[str, Array]:
    """Rotations of the joints against their parents."""

    def flexed(degrees: float, share: float = 0.0) -> Array:
        bend = rotation(FORWARD, p.get("lat", 0.0) * share) @ rotation(LEFT, degrees)
        return np.asarray(rotation(UP, p.get("axial", 0.0) * share) @ bend)

    lumbar, thoracic, neck = (p.get(k, 0.0) for k in ("lumbar", "thoracic", "neck"))
    head = rotation(FORWARD, p.get("head_lat", 0.0)) @ rotation(LEFT, p.get("head", 0.0))
    local = {
        "root": rotation(LEFT, p.get("pelvis", 0.0)),
        "spine04": flexed(lumbar / 2, 0.2),
        "spine03": flexed(lumbar / 2, 0.2),
        "spine02": flexed(thoracic / 2, 0.3),
        "spine01": flexed(thoracic / 2, 0.3),
        "head": rotation(UP, p.get("head_ax", 0.0)) @ head,
    }
    local |= {f"neck0{i}": flexed(neck / 3) for i in (1, 2, 3)}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        forward = p.get("protraction", 0.0) + p.get(f"reach_{side}", 0.0)
        local[f"clavicle.{side}"] = rotation(UP, -sign * forward) @ rotation(FORWARD, -sign * p.get("shrug", 0.0))
    return local


def _pitch(v: Array) -> float:
    return float(np.degrees(np.arctan2(-v[1], v[2])))
