"""Build a dancer: a CC0 MakeHuman body through the package anny, dressed, and baked into ``dancers/NAME.npz``.

This is the only step that needs torch and anny (minutes the first time, and a cache of about a gigabyte); the
renderer and the skeleton read the baked file. Clothes are cut from the body's own helper surface: a garment is kept
where its *cut* is positive, so hems are sharp at any resolution. Axes as in ``skeleton``: z up, facing -y, metres.

    python -m data_sample.studio.body [NAME ...]
"""

import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from dancing_utils.files import write_npz

from .people import PEOPLE, Person
from .skeleton import DANCERS

MATERIALS = ("skin", "shirt", "trousers", "shoes", "hair", "eye")


def build(name: str) -> Path:
    """Build one dancer of ``PEOPLE`` and write ``dancers/NAME.npz``; returns its path."""
    body = _Body(PEOPLE[name])
    pieces = [_visible(piece) for piece in body.pieces()]
    vertices = np.concatenate([p["vertices"] for p in pieces])
    weights = sp.csr_matrix(np.concatenate([p["weights"] for p in pieces]))
    offsets = np.cumsum([0] + [len(p["vertices"]) for p in pieces])
    faces = np.concatenate([p["faces"] + o for p, o in zip(pieces, offsets, strict=False)])
    shoes = pieces[MATERIALS.index("shoes")]
    body.add_points()
    path = DANCERS / f"{name}.npz"
    arrays = dict(
        bones=body.bones, parents=body.parents, heads=body.heads.astype("f4"),
        point_names=np.array(body.point_names), point_anchor=body.point_anchor().astype("f4"),
        floor_z=body.reference(shoes["vertices"], shoes["weights"])[shoes["cut"] > 0, 2].min(),
        height=np.ptp(body.posed[np.unique(body.groups["body"]), 2]), eye=body.heads[body.index["eye.L"]],
        mouth=body.mouth,
        bind=body.bind[:, :3].astype("f4"), vertices=vertices.round(5).astype("f4"), faces=faces.astype("u2"),
        weight_data=weights.data.astype("f2"), weight_indices=weights.indices.astype("u1"),
        weight_indptr=weights.indptr,
        reference=np.concatenate([p["reference"] for p in pieces]).round(5).astype("f4"),
        cut=np.concatenate([p["cut"] for p in pieces]).astype("f2"),
        material=np.concatenate([np.full(len(p["vertices"]), MATERIALS.index(p["name"]), "u1") for p in pieces]),
        paint=np.concatenate([p["paint"] for p in pieces]).astype("f2"),
    )  # fmt: skip
    write_npz(path, arrays)
    return path


def _visible(piece: dict) -> dict:
    """The piece without the faces, and the vertices, that are cut away altogether."""
    seen = piece["faces"][piece["cut"][piece["faces"]].max(1) > 0]
    used, faces = np.unique(seen, return_inverse=True)
    kept = {key: piece[key][used] for key in ("vertices", "weights", "reference", "cut", "paint")}
    return dict(kept, name=piece["name"], faces=faces.reshape(seen.shape))


class _Body:
    """anny's mesh and rig for one phenotype, and the surfaces that clothes are cut from."""

    def __init__(self, person: Person):
        anny, torch = _import_anny()
        self.person = person
        model = anny.Anny(topology="anny-full", phenotypes="all", skinning_method="lbs").to(torch.float32)
        phenotype = {k: getattr(person, k) for k in ("gender", "age", "height", "weight", "muscle", "proportions")}
        phenotype |= dict(zip(("african", "asian", "caucasian"), person.heritage, strict=True))
        phenotype |= dict(cupsize=0.4, firmness=0.6)
        n = model.bone_count
        out = model(pose_parameters=torch.eye(4)[None, None].repeat(1, n, 1, 1), phenotype_kwargs=phenotype)
        weights = torch.zeros(len(model.template_vertices), n)
        self.weights = weights.scatter_add_(1, model.vertex_bone_indices, model.vertex_bone_weights).numpy()
        self.rest, self.posed = (out[k][0].numpy() for k in ("rest_vertices", "vertices"))  # (V, 3)
        self.bones, self.parents = np.array(model.bone_labels), np.array(model.bone_parents)
        poses = out["bone_poses"][0].numpy()  # (B, 4, 4)
        self.heads = poses[:, :3, 3]
        self.bind = poses @ np.linalg.inv(out["rest_bone_poses"][0].numpy())
        self.index = {str(b): i for i, b in enumerate(self.bones)}
        regressor = anny.keypoints.KeypointsRegressor.coco(model)
        self.regressor, self.point_names = regressor.regression_weights.numpy(), list(regressor.labels)
        assets = Path(anny.__file__).parent / "data" / "mpfb2"
        self.groups, self.texture_groups, self.texture = _read_obj(assets / "3dobjs" / "base.obj")
        self.textures = assets / "textures"
        self._smile()

    def _smile(self, up=0.010, out=0.005, cheek=0.004):
        """Corners of the mouth up and out, and the cheeks with them, in metres: a face at rest looks stern."""
        lips = self.posed[self._mask("lips") > 0.5]
        self.mouth = np.array([0, lips[:, 1].min(), lips[:, 2].mean()])
        corner, moved = np.array([lips[:, 0].max(), lips[:, 1].max(), self.mouth[2]]), np.zeros_like(self.posed)
        for sign in (1, -1):
            for at, size, by in (((0, 0, 0), 0.010, (out, 0.002, up)),
                                 ((0.014, 0.004, 0.028), 0.014, (cheek, -cheek, 0.6 * cheek))):  # fmt: skip
                away = np.linalg.norm(self.posed - (corner + at) * [sign, 1, 1], axis=1)
                moved += np.exp(-((away / size) ** 2) / 2)[:, None] * np.array(by) * [sign, 1, 1]
        self.posed = self.posed + moved
        self.rest = self.rest + moved @ self.bind[self.index["head"], :3, :3]

    def reference(self, rest, weights) -> np.ndarray:
        """Rest vertices (n, 3) -> the reference pose, by linear-blend skinning."""
        moved = (weights @ self.bind[:, :3].reshape(len(self.bind), 12)).reshape(-1, 3, 4)
        return np.einsum("vij,vj->vi", moved, np.c_[rest, np.ones(len(rest))])

    def point_anchor(self) -> np.ndarray:
        """(K, B, 4): what each bone's transform is multiplied by to give the named points, exactly as skinning would.

        point_k = sum_v R_kv sum_b W_vb A_b M_b rest_v = sum_b A_b (M_b sum_v R_kv W_vb rest_v).
        """
        homogeneous = np.c_[self.rest, np.ones(len(self.rest))]
        summed = np.einsum("kv,vb,vj->kbj", self.regressor, self.weights, homogeneous, optimize=True)
        return np.einsum("bij,kbj->kbi", self.bind, summed)

    def add_points(self):
        """Points of MediaPipe's 33 that COCO lacks: finger knuckles (single vertices near their bones), mouth, eyes."""
        skin = np.unique(self.groups["body"])
        eye = self.heads[self.index["eye.L"]]
        wanted = {"mouth": eye + [-0.008, -0.005, -0.068], "eye_inner": eye + [-0.014, -0.008, 0.0],
                  "eye_outer": eye + [0.014, 0.002, 0.0]}  # fmt: skip
        for name, bone in (("pinky", "finger5-1.L"), ("index", "finger2-1.L"), ("thumb", "finger1-2.L")):
            wanted[name] = self.heads[self.index[bone]]
        for name, at in wanted.items():
            for side, sign in (("left", 1), ("right", -1)):
                row = np.zeros(len(self.rest))
                distance = np.linalg.norm(self.posed[skin] - at * [sign, 1, 1], axis=1)
                row[skin[np.argsort(distance)[:4]]] = 0.25
                self.regressor = np.vstack([self.regressor, row])
                self.point_names.append(f"{side}_{name}")

    # -- garments -----------------------------------------------------------------------------------------------

    def pieces(self) -> list[dict]:
        """Skin, shirt, trousers, shoes, hair and eyes: vertices, weights, faces, cut, paint; in MATERIALS' order."""
        person, z = self.person, self.posed[:, 2]
        joints = ("upperleg01.L", "foot.L", "lowerleg01.L", "neck01")
        hip, ankle, knee, neck = (self.heads[self.index[joint]] for joint in joints)
        arms = [i for b, i in self.index.items() if b.startswith(("upperarm", "lowerarm", "wrist", "finger", "metac"))]
        arm_weight = self.weights[:, arms].sum(1)

        def sleeve_left(points):
            """How far inside the sleeve's end, in metres."""
            return np.where(arm_weight > 0.02, (person.sleeve - self._along_arm(points)) * self._arm_length(), 1.0)

        def under_neck(points):
            return neck[2] - 0.012 + 0.55 * (points[:, 1] - neck[1]) - points[:, 2]

        shirt_cut = np.minimum(np.minimum(z - hip[2] - person.hem, under_neck(self.posed)), sleeve_left(self.posed))
        trousers_cut = np.where(arm_weight > 0.5, -1, np.minimum(hip[2] + 0.10 - z, z - ankle[2] - person.cuff))
        shoes_cut = ankle[2] + 0.055 - z
        covered = np.maximum.reduce([shirt_cut, trousers_cut, shoes_cut])

        tights = _triangles(self.groups["helper-tights"])
        on = np.unique(tights)
        smooth = _smooth(self.rest, tights, on[(arm_weight[on] < 0.5) & (z[on] > hip[2] + person.hem - 0.1)], 14)
        smooth = _smooth(smooth, tights, on[(z[on] < hip[2]) & (z[on] > ankle[2] + 0.02)], 6)
        smooth = _smooth(smooth, tights, on[arm_weight[on] >= 0.3], 3)
        outward = normals(smooth, tights)
        loose = 0.012 + 0.012 * _ramp(hip[2] + 0.28, hip[2], z)
        loose += 0.010 * _ramp(0.1, 0.6, self._along_arm(self.posed)) * (arm_weight > 0.3)
        cloth = self.reference(smooth, self.weights)
        cut = np.minimum(np.minimum(cloth[:, 2] - hip[2] - person.hem, under_neck(cloth)), sleeve_left(cloth))
        shirt = smooth + outward * (loose * (0.35 + 0.65 * _ramp(0, 0.05, under_neck(cloth))))[:, None]
        trousers = smooth + outward * (0.008 + 0.012 * _ramp(knee[2] + 0.15, ankle[2] + 0.05, z))[:, None]
        return [
            self._piece("skin", self.groups["body"], self.rest, 0.010 - covered, paint=self._face_paint()),
            self._piece("shirt", self.groups["helper-tights"], shirt, cut, reference=cloth),
            self._piece("trousers", self.groups["helper-tights"], trousers, trousers_cut),
            self._piece("shoes", self.groups["helper-tights"], self._shoes(tights, on), shoes_cut),
            self._hair(),
            self._eyes(),
        ]

    def _piece(self, name, quads, rest, cut, paint=None, reference=None) -> dict:
        triangles = _triangles(quads)
        used, faces = np.unique(triangles, return_inverse=True)
        paint = np.zeros((len(self.rest), 4)) if paint is None else paint
        reference = self.posed if reference is None else reference
        return dict(name=name, vertices=rest[used], weights=self.weights[used], faces=faces.reshape(triangles.shape),
                    reference=reference[used], cut=cut[used], paint=paint[used])  # fmt: skip

    def _arm_length(self) -> float:
        return float(np.linalg.norm(self.heads[self.index["lowerarm01.L"]] - self.heads[self.index["upperarm01.L"]]))

    def _along_arm(self, points) -> np.ndarray:
        """0 at the shoulder, 1 at the elbow, of the arm on the point's own side."""
        left = points[:, :1] > 0
        start, end = (np.where(left, *(self.heads[self.index[f"{b}.{s}"]] for s in "LR"))
                      for b in ("upperarm01", "lowerarm01"))  # fmt: skip
        bone = end - start
        return ((points - start) * bone).sum(1) / (bone**2).sum(1)

    def _shoes(self, tights, on) -> np.ndarray:
        """The helper surface of the feet, pushed out, with a flat sole."""
        z, ankle = self.posed[:, 2], self.heads[self.index["foot.L"]][2]
        feet = _smooth(self.rest, tights, on[z[on] < ankle + 0.03], 8)
        shoes = feet + normals(feet, tights) * 0.010
        lowest = self.rest[np.unique(self.groups["body"]), 2].min()
        shoes[shoes[:, 2] < lowest + 0.006, 2] = lowest - 0.010
        return shoes

    def _mask(self, name) -> np.ndarray:
        """One of MakeHuman's face masks (V,), 0 to 1, read at each vertex."""
        from PIL import Image

        uv = np.zeros((len(self.rest), 2))
        uv[self.groups["body"].ravel()] = self.texture[self.texture_groups["body"].ravel()]
        image = np.asarray(Image.open(self.textures / f"mpfb_{name}.jpg").convert("L"), float) / 255
        x = np.clip((uv[:, 0] * image.shape[1]).astype(int), 0, image.shape[1] - 1)
        y = np.clip(((1 - uv[:, 1]) * image.shape[0]).astype(int), 0, image.shape[0] - 1)
        return image[y, x]

    def _face_paint(self) -> np.ndarray:
        return np.stack([self._mask(n) for n in ("lips", "eyelids", "ears", "fingernails")], 1)

    def _hair(self) -> dict:
        return self._bob() if self.person.bob else self._short_hair()

    def _short_hair(self) -> dict:
        """A shell over the scalp whose lower line falls from the forehead past the ears to the nape."""
        person, head = self.person, self.index["head"]
        eye = self.heads[self.index["eye.L"]]
        depth, above = self.posed[:, 1] - eye[1], self.posed[:, 2] - eye[2]
        line = np.interp(depth, [-0.03, 0, 0.03, 0.048, 0.062, 0.085, 0.115, 0.16],
                         [0.078, 0.076, 0.066, 0.036, 0.008, 0.022, -0.010, -0.035])  # fmt: skip
        inside = above - line
        near_head = self.weights[:, [self.index[b] for b in ("head", "neck03", "neck02", "neck01")]].sum(1) > 0.6
        ears = self._mask("ears") > 0.3
        inside = np.where(near_head & ~ears & (self.posed[:, 2] > self.heads[self.index["neck01"]][2]), inside, -0.05)
        away = self.posed - self._skull()
        away = away / np.linalg.norm(away, axis=1, keepdims=True)
        lumps = 0.75 + 0.25 * np.sin(27 * away[:, 0] + 12 * away[:, 2]) * np.sin(21 * away[:, 1])
        outward = away @ self.bind[head, :3, :3]
        full = person.hair * (0.45 + 0.55 * _ramp(-0.09, 0.03, above))  # thinner towards its lower end
        thick = _ramp(-0.004, 0.05, inside) * full * lumps + 0.002
        triangles = _triangles(self.groups["body"])
        hair = _smooth(self.rest + outward * thick[:, None], triangles, np.flatnonzero(inside > 0.008), 25)
        gap = ((hair - self.rest) * outward).sum(1)  # smoothing must not sink into the skull
        least = 0.003 + 0.75 * full * _ramp(0, 0.04, inside)
        hair = hair + outward * (np.maximum(least - gap, 0) * (inside > -0.02))[:, None]
        kept = inside[self.groups["body"]].max(1) > -0.02
        strands = np.zeros((len(self.rest), 4))
        strands[:, 0], strands[:, 1] = np.arctan2(away[:, 0], away[:, 1]), np.arccos(np.clip(away[:, 2], -1, 1)) / np.pi
        return self._piece("hair", self.groups["body"][kept], hair, inside, paint=strands)

    def _skull(self) -> np.ndarray:
        """The middle of the skull in the reference pose."""
        eye = self.heads[self.index["eye.L"]]
        return np.array([0, eye[1] + 0.095, eye[2] + 0.035])

    def _bob(self) -> dict:
        """Hair that falls to the chin: half an ellipsoid over the skull, then straight down; the face is cut out.

        The paint of a vertex is where it is: the angle around the head and the share of the way from crown to tip,
        along which the shader lays the strands.
        """
        middle, eye = self._skull(), self.heads[self.index["eye.L"]]
        skin = np.unique(self.groups["body"])
        skull = self.posed[skin[(self.weights[skin, self.index["head"]] > 0.9) & (self._mask("ears")[skin] < 0.3)]]
        skull = skull[skull[:, 2] > eye[2] + 0.02] - middle
        sizes = np.array([np.abs(skull[:, 0]).max() + 0.014, skull[:, 1].max() + 0.020, skull[:, 2].max() + 0.018])
        front = -skull[:, 1].min() + 0.008
        angle, way = np.meshgrid(np.linspace(-np.pi, np.pi, 97), np.linspace(0, 1, 40), indexing="ij")
        polar = np.minimum(way / 0.5, 1) * np.pi / 2
        fall = np.maximum(way - 0.5, 0) / 0.5  # 0 at the widest place, 1 at the tips
        wide = np.sin(polar) * (1 + 0.10 * fall - 0.16 * fall**3)
        wide = wide * (1 + 0.012 * np.sin(23 * angle) * _ramp(0.1, 0.8, way))  # locks
        deep = np.where(np.cos(angle) > 0, sizes[1], front)
        points = middle + np.stack([sizes[0] * wide * np.sin(angle), deep * wide * np.cos(angle),
                                    sizes[2] * np.cos(polar) - self.person.bob * fall], -1)  # fmt: skip
        aside, high = np.pi - np.abs(angle), points[..., 2] - eye[2]
        fringe = high - 0.066 + 7.0 * (points[..., 0] - 0.012) ** 2  # above its line, parted a little to the left
        cut = np.maximum(fringe, (aside - np.interp(high, [-0.10, 0.0, 0.05], [0.86, 0.94, 0.90])) * 0.09)
        points, cut, paint = (array.reshape(-1, array.shape[-1] if array.ndim > 2 else 1) for array in
                              (points, cut, np.stack([angle, way, 0 * way, 0 * way], -1)))  # fmt: skip
        corner = np.arange(97 * 40).reshape(97, 40)
        quads = np.stack([corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]], -1).reshape(-1, 4)
        weights = np.zeros((len(points), len(self.bones)))
        weights[:, self.index["head"]] = 1
        back = np.linalg.inv(self.bind[self.index["head"]])
        return dict(name="hair", vertices=points @ back[:3, :3].T + back[:3, 3], weights=weights,
                    faces=_triangles(quads), reference=points, cut=cut[:, 0], paint=paint)  # fmt: skip

    def _eyes(self) -> dict:
        paint = np.zeros((len(self.rest), 4))
        quads = [self.groups[f"helper-{side}-eye"] for side in "lr"]
        for ball in map(np.unique, quads):
            centre = self.posed[ball].mean(0)
            paint[ball, :3] = (self.posed[ball] - centre) / np.linalg.norm(self.posed[ball] - centre, axis=1).max()
        return self._piece("eye", np.concatenate(quads), self.rest, np.ones(len(self.rest)), paint=paint)


def _import_anny():
    try:
        import anny
        import anny.keypoints
        import torch
    except ImportError as error:
        raise ImportError(f"{error.name} is missing: pip install -r data_sample/studio/requirements.txt") from error
    return anny, torch


def _read_obj(path: Path):
    """Quads (n, 4) of a Wavefront file by group: of vertices, of texture coordinates; and the coordinates (m, 2)."""
    groups: dict[str, list] = {}
    textures: dict[str, list] = {}
    coordinates, current = [], ""
    for line in path.read_text().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "g":
            current = rest[0]
        elif kind == "vt":
            coordinates.append([float(x) for x in rest[:2]])
        elif kind == "f":
            corners = [corner.split("/") for corner in rest]
            groups.setdefault(current, []).append([int(c[0]) - 1 for c in corners])
            textures.setdefault(current, []).append([int(c[1]) - 1 if len(c) > 1 and c[1] else 0 for c in corners])
    as_arrays = ({name: np.array(quads) for name, quads in one.items()} for one in (groups, textures))
    return *as_arrays, np.array(coordinates)


def _triangles(quads) -> np.ndarray:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def normals(vertices, faces) -> np.ndarray:
    """Unit normals (V, 3) of a mesh, each the mean of its faces' weighted by area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for axis in range(3):
        for corner in range(3):
            total[:, axis] += np.bincount(faces[:, corner], across[:, axis], len(vertices))
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def _smooth(vertices, faces, which, rounds) -> np.ndarray:
    """Laplacian smoothing: each chosen vertex goes half way to its neighbours' mean, ``rounds`` times."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = np.unique(np.sort(edges, 1), axis=0)
    n = len(vertices)
    pairs = (np.r_[edges[:, 0], edges[:, 1]], np.r_[edges[:, 1], edges[:, 0]])
    neighbours = sp.csr_matrix((np.ones(len(pairs[0])), pairs), (n, n))
    count = np.maximum(np.asarray(neighbours.sum(1)), 1)
    vertices = vertices.copy()
    for _ in range(rounds):
        vertices[which] += 0.5 * ((neighbours @ vertices) / count - vertices)[which]
    return vertices


def _ramp(start, stop, x) -> np.ndarray:
    """0 before ``start``, 1 after ``stop``, smooth between."""
    t = np.clip((x - start) / (stop - start), 0, 1)
    return t * t * (3 - 2 * t)


if __name__ == "__main__":
    for name in sys.argv[1:] or PEOPLE:
        print(build(name))
