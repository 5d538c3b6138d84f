"""Draws meshes with soft shadows, in software, without a screen (EGL)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
import scipy.sparse as sp

from tools.bodies.body import Array

_SHADOW_PX = 512
_VERTEX = """#version 330
uniform mat4 P; uniform mat4 V; uniform mat4 S; in vec3 pos; in vec3 nrm; in vec3 col; out vec3 n; out vec3 c; out vec4 s;
void main(){ gl_Position=P*V*vec4(pos,1); n=nrm; c=col; s=S*vec4(pos+0.012*nrm,1); }"""
_FRAGMENT = """#version 330
uniform sampler2DShadow depth; uniform vec3 key; uniform vec3 fill; uniform float ambient;
uniform vec3 key_colour; uniform vec3 fill_colour;
uniform float blur; in vec3 n; in vec3 c; in vec4 s; out vec4 o;
void main(){ vec3 N=normalize(n); float sky=.5+.5*N.z; vec3 at=s.xyz*.5+.5; float lit=0.;
 for(int i=-1;i<=1;i++) for(int j=-1;j<=1;j++) lit+=texture(depth,vec3(at.xy+vec2(i,j)*blur,at.z-.002));
 float k=max(dot(N,key),0.)*lit/9.; float f=max(dot(N,fill),0.);
 o=vec4(pow(clamp(c*(ambient*mix(vec3(.55,.5,.45),vec3(1.),sky)+k*key_colour+f*fill_colour),0.,1.),vec3(.5)),1.); }"""
_DEPTH = """#version 330
uniform mat4 S; in vec3 pos; void main(){ gl_Position=S*vec4(pos,1); }"""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Vertices, normals, colours (n, 3) and faces (m, 3)."""

    vertices: Array
    normals: Array
    colours: Array
    faces: Array


@dataclass(frozen=True, slots=True)
class Light:
    """Directions to a key light, which casts shadows, and a fill light; colours; share of the ambient light; softness of the shadow."""

    key: Array
    fill: Array
    key_colour: Array
    fill_colour: Array
    ambient: float
    blur: float


class Painter:
    """A picture of one size."""

    def __init__(self, width: int, height: int) -> None:
        """`width`, `height` in pixels."""
        self._context = context = moderngl.create_context(standalone=True, backend="egl")
        self.width, self.height = width, height
        self._scene = context.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._depth = context.program(vertex_shader=_DEPTH, fragment_shader="#version 330\nvoid main(){}")
        size = (width, height)
        samples = context.renderbuffer(size, 4, samples=4), context.depth_renderbuffer(size, samples=4)
        self._drawn, self._read = context.framebuffer([samples[0]], samples[1]), context.framebuffer([context.renderbuffer(size, 4)])
        self._map = context.depth_texture((_SHADOW_PX, _SHADOW_PX))
        self._map.compare_func = "<="
        self._shadow = context.framebuffer(depth_attachment=self._map)
        context.enable(moderngl.DEPTH_TEST)

    def draw(self, meshes: Sequence[Mesh], turn: Array, shift: Array, focal_px: float, background: Array, light: Light) -> Array:
        """Draw `meshes` as the camera ``x = turn @ X + shift`` (right, down, ahead) sees them, before `background` (H, W, 3)."""
        buffers = [
            (
                self._context.buffer(np.hstack([m.vertices, m.normals, m.colours]).astype("f4").tobytes()),
                self._context.buffer(m.faces.astype("i4").tobytes()),
            )
            for m in meshes
        ]
        to_light = _light_matrix(light.key, np.vstack([m.vertices for m in meshes[:1]]))
        self._depth["S"].write(to_light.T.astype("f4").tobytes())
        self._shadow.use()
        self._shadow.clear(depth=1.0)
        for points, faces in buffers:
            array = self._context.vertex_array(self._depth, [(points, "3f 24x", "pos")], faces)
            array.render()
            array.release()
        self._drawn.use()
        self._context.clear(0, 0, 0, 0)
        self._map.use(0)
        self._set(turn, shift, focal_px, to_light, light)
        for points, faces in buffers:
            array = self._context.vertex_array(self._scene, [(points, "3f 3f 3f", "pos", "nrm", "col")], faces)
            array.render()
            array.release()
            points.release()
            faces.release()
        self._context.copy_framebuffer(self._read, self._drawn)
        image = np.frombuffer(self._read.read(components=4), np.uint8).reshape(self.height, self.width, 4)[::-1]
        alpha = image[..., 3:] / np.float32(255)
        return np.asarray(image[..., :3] * alpha + background * (1 - alpha), np.float32)

    def _set(self, turn: Array, shift: Array, focal_px: float, to_light: Array, light: Light) -> None:
        near, far = 0.05, 20.0
        lens = np.array(
            [
                [2 * focal_px / self.width, 0, 0, 0],
                [0, 2 * focal_px / self.height, 0, 0],
                [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
                [0, 0, -1, 0],
            ]
        )
        view, flip = np.eye(4), np.diag([1, -1, -1])
        view[:3, :3], view[:3, 3] = flip @ turn, flip @ shift
        for name, matrix in (("P", lens), ("V", view), ("S", to_light)):
            self._scene[name].write(matrix.T.astype("f4").tobytes())
        for name in ("key", "fill", "key_colour", "fill_colour"):
            self._scene[name].value = tuple(float(x) for x in getattr(light, name))
        self._scene["ambient"].value, self._scene["blur"].value = light.ambient, light.blur


def _light_matrix(towards: Array, points: Array) -> Array:
    """Orthographic view from the light onto the points."""
    ahead = -towards / np.linalg.norm(towards)
    right = np.cross(ahead, [0.3, 0.2, 1.0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(right, ahead), ahead])
    margin = np.array([0.3, 0.3, 1.0])
    low, high = (points @ axes.T).min(axis=0) - margin, (points @ axes.T).max(axis=0) + margin
    matrix = np.eye(4)
    matrix[:3, :3] = axes * (2 / (high - low))[:, None]
    matrix[:3, 3] = -(high + low) / (high - low)
    return matrix


def box(low: Array, high: Array, colour: Array) -> Mesh:
    """A box between two corners."""
    corners, normals, faces = [], [], []
    for axis in range(3):
        a, b = (i for i in range(3) if i != axis)
        for end, sign in ((low, -1.0), (high, 1.0)):
            k = len(corners)
            for u, v in ((low, low), (high, low), (high, high), (low, high)):
                corner = np.array(end, float)
                corner[a], corner[b] = u[a], v[b]
                corners.append(corner)
                normals.append(np.eye(3)[axis] * sign)
            faces += [[k, k + 1, k + 2], [k, k + 2, k + 3]]
    return Mesh(np.array(corners), np.array(normals), np.tile(colour, (len(corners), 1)), np.array(faces))


def incidence_of(faces: Array, vertices: int) -> Any:
    """Sparse (n, m): which of m faces touches which of n vertices."""
    ones, face = np.ones(faces.size), np.repeat(np.arange(len(faces)), 3)
    return sp.csr_matrix((ones, (faces.ravel(), face)), shape=(vertices, len(faces)))


def normals_of(vertices: Array, faces: Array, incidence: Any) -> Array:
    """(n, 3) normals of a mesh; `incidence`: of ``incidence_of``."""
    t = vertices[faces]
    n = incidence @ np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    return np.asarray(n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12))
