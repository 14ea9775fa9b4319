"""The trained Pose GAN at full speed: its features by an int8 TFLite model, on two cores.

``export`` rounds the generator to 8 bits, up to the features from which it paints. The limb maps before and the last
convolutions after them stay in float32: 8 bits of a colour before tanh would be seen as bands. ``gan_training`` writes
the result beside the plain Keras model, which remains what the notebooks read and train; ``dance evaluate images``
measures what the rounding costs.

Notebook: 07b_better_images.ipynb
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.files import whole_file
from dancing_utils.images.eight_bits import Network, quantise
from dancing_utils.images.pixels import to_bytes
from dancing_utils.images.pose_gan import DRAWN_LIMBS, MAPS, PAINTED_AT_ONCE, SIDE_COLUMNS, load, render
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.tf import tf
from dancing_utils.training import weights_digest

CALIBRATION = 100  # poses on which the ranges of the activations are measured
MADE_OF = "made_of.txt"  # in the zip at the end of a TFLite file
AGAIN = "delete it, or give the same `dance train gan` command again, which writes it anew"


def export(gan: str | Path, poses: np.ndarray) -> Path:
    """Write the features of a Pose GAN's generator as int8 TFLite, beside its file and with the ending .tflite.

    Parameters
    ----------
    gan : file of the trained model.
    poses : (N, 33, 2) real ones; ranges are measured on 100 of them, spread evenly.
    """
    model, path = load(gan), Path(gan).with_suffix(".tflite")

    @tf.function(input_signature=[tf.TensorSpec((1, *MAPS, len(DRAWN_LIMBS)), tf.float32)])
    def features(maps):
        found = model.generator.features(maps)
        return {f"size_{i}": x for i, x in enumerate(found)}

    some = poses[np.linspace(0, len(poses) - 1, min(CALIBRATION, len(poses))).astype(int)]
    content = quantise(features, lambda: ([model.limb_maps(pose[None]).numpy()] for pose in some))
    with whole_file(path) as temporary:
        temporary.write_bytes(bind(content, gan))
    return path


def bind(network: bytes, gan: str | Path) -> bytes:
    """A TFLite network that says which weights it was made of; the network itself stays byte for byte.

    TFLite files carry associated files in a zip at their end, which the interpreter does not read. In this one are the
    digests of the Keras model's weights, and of the network.
    """
    content = io.BytesIO(network)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(zipfile.ZipInfo(MADE_OF), f"{weights_digest(gan)} {hashlib.sha256(network).hexdigest()}")
    return content.getvalue()


def read_bound(path: str | Path, gan: str | Path) -> bytes:
    """The network of a file that ``bind`` made.

    Raises
    ------
    InputError
        If the file is missing or damaged, or does not say that it was made of ``gan``'s weights.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist: `dance train gan` writes it beside {Path(gan).name}")
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            weights, whole = archive.read(MADE_OF).decode().split()
            network = content[: archive.getinfo(MADE_OF).header_offset]
    except Exception as error:  # a damaged zip raises nearly anything
        raise InputError(f"{path} does not say whose fast form it is, or is damaged: {AGAIN}") from error
    if hashlib.sha256(network).hexdigest() != whole:
        raise InputError(f"{path} is damaged: {AGAIN}")
    if weights != weights_digest(gan):
        raise InputError(f"{path} was made of other weights than those of {Path(gan).name}: {AGAIN}")
    return network


class FastPainter:
    """Poses -> pictures by the int8 model; ``body`` are the measures of the dancer whom it paints, if it knows them."""

    def __init__(self, gan: str | Path):
        """``gan`` : the Keras model's file; the int8 model lies beside it with the ending .tflite."""
        network = read_bound(Path(gan).with_suffix(".tflite"), gan)
        self._model = load(gan)
        self.body = self._model.body
        self._draw = tf.function(self._model.limb_maps.call, input_signature=[tf.TensorSpec((None, N_LANDMARKS, 2))])
        self._features = Network(network)

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); a Pose GAN has not learned to ask for the depth."""
        for start in range(0, len(poses), PAINTED_AT_ONCE):
            maps = self._draw(tf.constant(poses[start : start + PAINTED_AT_ONCE], tf.float32)).numpy()
            found = zip(*(self._features(one[None]) for one in maps), strict=True)
            yield from self._finish([tf.constant(np.concatenate(size)) for size in found]).numpy()

    @tf.function(reduce_retracing=True)
    def _finish(self, found: list) -> tf.Tensor:
        """Features -> pictures (B, 640, 360, 3) uint8."""
        picture = self._model.compose(self._model.generator.add_up(found), 3)
        return to_bytes(picture[:, :, SIDE_COLUMNS:-SIDE_COLUMNS])


def open_painter(gan: str | Path) -> "FastPainter | KerasPainter":
    """What paints with a Pose GAN's file: the int8 model beside it if that was made of its weights, else itself."""
    if not Path(gan).with_suffix(".tflite").exists():
        return KerasPainter(gan)
    try:
        return FastPainter(gan)
    except InputError as error:
        slow = KerasPainter(gan)  # which says so if it is the Keras model that is damaged
        print(f"Painting with {Path(gan).name} itself, which is slower: {error}")
        return slow


class KerasPainter:
    """Poses -> pictures by the plain Keras model, a few at a time; ``body`` as ``FastPainter`` has it."""

    def __init__(self, gan: str | Path):
        self.model = load(gan)
        self.body = self.model.body

    def paint(self, poses: np.ndarray, *, depth: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """One picture (640, 360, 3) uint8 a pose of (T, 33, 2); a Pose GAN has not learned to ask for the depth."""
        for start in range(0, len(poses), PAINTED_AT_ONCE):
            yield from render(self.model, poses[start : start + PAINTED_AT_ONCE])
