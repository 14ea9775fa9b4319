"""Pictures of a dancer: skinning in numpy, then a shadow map, a depth pass and a shading pass in OpenGL (moderngl).

Needs an OpenGL 3.3 that works without a window (EGL); the one that computes on the CPU will do, at a few pictures a
second. The same transforms give the same bytes on the same machine.
"""

import numpy as np
import scipy.sparse as sp

from dancing_utils import InputError

from . import shaders
from .camera import Camera, camera_for, look_at, orthographic
from .people import PEOPLE
from .skeleton import DANCERS, Skeleton

SAMPLES = 2  # pictures are drawn this many times larger and averaged
SHADOW_SIZE = 1536
OFFSET = 0.5, 2.0  # steps of depth by which the depth pass lies behind the shading pass


class Renderer:
    """Draws one dancer on a stage. Use as a context manager, or call ``close``: it holds an OpenGL context.

    Parameters
    ----------
    name : one of ``people.PEOPLE``; the look and camera go with it.

    Raises
    ------
    InputError
        If moderngl is not installed, or no OpenGL 3.3 could be opened.
    """

    def __init__(self, name: str = "ada", camera: Camera | None = None):
        with np.load(DANCERS / f"{name}.npz") as file:
            mesh = {key: file[key] for key in file.files}
        self.skeleton = Skeleton(name)
        self.camera = camera or camera_for(name, self.skeleton.floor)
        n = len(mesh["vertices"])
        self.weights = sp.csr_matrix(
            (mesh["weight_data"].astype(float), mesh["weight_indices"], mesh["weight_indptr"]),
            shape=(n, len(self.skeleton.bones)),
        )
        self.bind = np.concatenate([mesh["bind"], np.tile([[[0, 0, 0, 1.0]]], (len(mesh["bind"]), 1, 1))], 1)
        self.vertices = np.c_[mesh["vertices"].astype(float), np.ones(n)]
        self.faces = mesh["faces"].astype("i4")
        self.corner_sum = _corner_sum(self.faces, n)
        self.look = dict(PEOPLE[name].look(), eye=mesh["eye"], mouth=mesh["mouth"], floor_z=self.skeleton.floor)
        self._open(mesh)

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def close(self) -> None:
        """Free the OpenGL context and all that was made in it."""
        self.gl.release()

    def draw(self, transforms: np.ndarray) -> np.ndarray:
        """One picture (640, 360, 3) uint8 RGB of the pose with transforms (B, 4, 4)."""
        vertices = self._skin(transforms)
        key = self.look["key"] / np.linalg.norm(self.look["key"])
        middle = np.array([0, 0, -0.1])
        light = orthographic(1.6, 0.1, 8) @ look_at(middle + 4 * key, middle)
        joints = self.skeleton.joints(transforms[None])[0]
        feet = joints[[self.skeleton.index["foot.L"], self.skeleton.index["foot.R"]]]
        standing = self.skeleton.heads[self.skeleton.index["foot.L"], 2]
        values = dict(
            self.look, key=key, camera_matrix=self.camera.matrix(), light_matrix=light,
            from_clip=np.linalg.inv(self.camera.matrix()), eye_position=self.camera.position,
            feet=feet[:, :2] + [0, -0.06], feet_height=np.maximum(feet[:, 2] - standing, 0),
        )  # fmt: skip
        return self._passes(np.c_[vertices, self._normals(vertices)].astype("f4"), values)

    def _skin(self, transforms) -> np.ndarray:
        """Linear-blend skinning: (B, 4, 4) -> vertices (V, 3)."""
        moved = (self.weights @ (transforms @ self.bind)[:, :3].reshape(-1, 12)).reshape(-1, 3, 4)
        return np.einsum("vij,vj->vi", moved, self.vertices)

    def _normals(self, vertices) -> np.ndarray:
        a, b, c = (vertices[self.faces[:, i]] for i in range(3))
        total = self.corner_sum @ np.cross(b - a, c - a)
        return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)

    def _open(self, mesh):
        """The context, its buffers, textures and programs."""
        gl = _import_moderngl()
        try:
            self.gl = context = gl.create_context(standalone=True, require=330, backend="egl")
        except Exception as error:
            raise InputError(
                f"no OpenGL 3.3 without a window ({error}): on Debian or Ubuntu, "
                "apt install libegl1 libegl-mesa0 libgl1-mesa-dri"
            ) from error
        self.flags = gl.DEPTH_TEST, gl.CULL_FACE
        size = (self.camera.width * SAMPLES, self.camera.height * SAMPLES)
        self.picture = context.framebuffer([context.texture(size, 4)], context.depth_renderbuffer(size))
        values = np.random.default_rng(5).integers(0, 256, (32, 32, 32, 4), dtype=np.uint8)
        self.noise = context.texture3d((32, 32, 32), 4, values.tobytes())
        self.noise.filter = (gl.LINEAR, gl.LINEAR)
        self.shadow = context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self.shadow.compare_func, self.shadow.filter = "<=", (gl.LINEAR, gl.LINEAR)
        self.shadow_buffer = context.framebuffer(depth_attachment=self.shadow)
        program = context.program
        self.body = program(vertex_shader=shaders.BODY_VERTEX, fragment_shader=shaders.BODY_FRAGMENT)
        self.depth = program(vertex_shader=shaders.DEPTH_VERTEX, fragment_shader=shaders.DEPTH_FRAGMENT)
        self.stage = program(vertex_shader=shaders.STAGE_VERTEX, fragment_shader=shaders.STAGE_FRAGMENT)
        fixed = np.c_[mesh["reference"], mesh["cut"], mesh["material"], mesh["paint"]].astype("f4")
        self.moving = context.buffer(reserve=len(fixed) * 24, dynamic=True)
        fixed, index = context.buffer(fixed.tobytes()), context.buffer(self.faces.tobytes())
        names = ("reference", "cut", "material", "paint")
        self.body_array = context.vertex_array(
            self.body, [(self.moving, "3f 3f", "position", "normal"), (fixed, "3f 1f 1f 4f", *names)], index
        )
        self.depth_array = context.vertex_array(
            self.depth, [(self.moving, "3f 12x", "position"), (fixed, "12x 1f 20x", "cut")], index
        )
        corners = context.buffer(np.array([[-1, -1], [3, -1], [-1, 3]], "f4").tobytes())
        self.stage_array = context.vertex_array(self.stage, [(corners, "2f", "corner")])

    def _passes(self, moving: np.ndarray, values: dict) -> np.ndarray:
        """Shadow map; depth of what is not cut away; shading of what is at that depth; the stage behind."""
        self.moving.write(np.ascontiguousarray(moving).tobytes())
        depth_test, cull = self.flags
        self.gl.enable(depth_test)
        self.gl.disable(cull)
        self.shadow_buffer.use()
        self.shadow_buffer.clear(depth=1.0)
        self.gl.depth_func = "<"
        _set(self.depth, dict(light_matrix=values["light_matrix"]))
        self.depth_array.render()
        self.picture.use()
        self.picture.clear(depth=1.0)
        self.shadow.use(0)
        self.noise.use(1)
        for program in (self.body, self.stage):
            _set(program, dict(values, shadow_map=0, noise_map=1))
        _set(self.depth, dict(light_matrix=values["camera_matrix"]))
        self.picture.color_mask = (False,) * 4
        self.gl.polygon_offset = OFFSET  # the two programs' depths may differ in a last bit, which leaves specks
        self.depth_array.render()
        self.gl.polygon_offset = 0, 0
        self.picture.color_mask = (True,) * 4
        self.gl.depth_func = "<="
        self.body_array.render()
        self.stage_array.render()
        height, width = self.camera.height, self.camera.width
        large = np.frombuffer(self.picture.color_attachments[0].read(), np.uint8)
        large = large.reshape(height, SAMPLES, width, SAMPLES, 4)[::-1, ::-1, :, :, :3]
        return large.mean((1, 3), dtype=np.float32).round().astype(np.uint8)


def _set(program, values: dict):
    """Give a program those of the values that it uses; matrices go column by column."""
    for name, value in values.items():
        if name in program:
            if isinstance(value, int):
                program[name].value = value
            else:
                value = np.asarray(value, "f4")
                program[name].write((value.T if value.shape == (4, 4) else value).tobytes())


def _corner_sum(faces, n) -> sp.csr_matrix:
    """(V, F): sums a face's value into its three corners."""
    rows, columns = faces.T.ravel(), np.tile(np.arange(len(faces)), 3)
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), (n, len(faces)))


def _import_moderngl():
    try:
        import moderngl
    except ImportError as error:
        raise InputError(f"{error.name} is missing: pip install -r data_sample/studio/requirements.txt") from error
    return moderngl
