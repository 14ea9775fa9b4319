"""The camera: where a point of the stage falls in the picture. Numpy only."""

from dataclasses import dataclass, replace

import numpy as np

from .people import PEOPLE


@dataclass(frozen=True)
class Camera:
    """A pinhole camera at ``position`` that looks at ``target`` (metres, z up); ``view`` is its height in degrees."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    view: float
    width: int = 360
    height: int = 640

    def matrix(self) -> np.ndarray:
        """(4, 4) from metres to OpenGL's clip coordinates."""
        return perspective(np.radians(self.view), self.width / self.height) @ look_at(self.position, self.target)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) in metres -> pixels (..., 2), x to the right and y down."""
        clip = np.concatenate([points, np.ones((*points.shape[:-1], 1))], -1) @ self.matrix().T
        flat = clip[..., :2] / clip[..., 3:]
        return np.stack([(flat[..., 0] * 0.5 + 0.5) * self.width, (0.5 - flat[..., 1] * 0.5) * self.height], -1)


def camera_for(name: str, floor: float) -> Camera:
    """The camera of a dancer of ``PEOPLE``: as near as the widest move allows."""
    person = PEOPLE[name]
    aside, away, up = person.camera
    camera = Camera((aside, -away, floor + up), (0.0, 0.0, floor + 1.12), 1.0)
    distance = float(np.linalg.norm(np.subtract(camera.position, camera.target)))
    view = 2 * np.degrees(np.arctan(person.wide / 2 * camera.height / camera.width / distance))
    return replace(camera, view=round(float(view), 2))


def perspective(view: float, aspect: float, near: float = 0.5, far: float = 30.0) -> np.ndarray:
    t = 1 / np.tan(view / 2)
    return np.array([[t / aspect, 0, 0, 0], [0, t, 0, 0],
                     [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)], [0, 0, -1, 0]])  # fmt: skip


def orthographic(size: float, near: float, far: float) -> np.ndarray:
    return np.array([[1 / size, 0, 0, 0], [0, 1 / size, 0, 0],
                     [0, 0, -2 / (far - near), -(far + near) / (far - near)], [0, 0, 0, 1.0]])  # fmt: skip


def look_at(position, target) -> np.ndarray:
    forward = np.subtract(target, position)
    forward = forward / np.linalg.norm(forward)
    side = np.cross(forward, (0, 0, 1))
    side /= np.linalg.norm(side)
    matrix = np.eye(4)
    matrix[:3, :3] = side, np.cross(side, forward), -forward
    matrix[:3, 3] = -matrix[:3, :3] @ np.asarray(position, float)
    return matrix
