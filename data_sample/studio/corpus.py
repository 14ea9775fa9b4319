"""More data: songs and dances without pictures, as many as wanted, in the course's HDF5 form.

MFCC come from the synthesised sound by the course's own code, landmarks from the rig by ``landmark_map``. Songs last
45 to 90 s and sound as different as recordings do (``songs.compose(variation=True)``).
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import h5py
import numpy as np
from scipy.signal import resample_poly
from tqdm import tqdm

from dancing_utils import SAMPLE_RATE, TIME_STEPS, InputError
from dancing_utils.audio.hearing import compile_librosa, hear
from dancing_utils.data import dataset
from dancing_utils.evaluation import truth
from dancing_utils.files import whole_file

from . import landmark_map, songs
from .camera import camera_for
from .choreography import FAMILIES, KINDS, Dance, choreograph
from .skeleton import Skeleton

FIRST_SEED = 100_000  # far from the clips' songs
SPLITS = {"train": range(80), "validation": range(80, 90), "test": range(90, 120)}  # numbers of the songs
USUAL = sum(map(len, SPLITS.values()))
LARGEST = 400  # songs: those beyond the usual ones are all for training, so that the same ones stay held out
FAMILY_NAMES = tuple(FAMILIES)


def split_of(number: int) -> str:
    """ "train", "validation" or "test" for a song, whatever the size of the corpus that it is in."""
    return next((split for split, numbers in SPLITS.items() if number in numbers), "train")


def numbers_of(n_songs: int) -> list[int]:
    """The songs of a corpus of so many, 1 to 400: up to 120 of each split its share, at least one if there are three or
    more; beyond, more to train on.

    Raises
    ------
    InputError
        If there are not so many songs.
    """
    if not 1 <= n_songs <= LARGEST:
        raise InputError(f"n_songs={n_songs} must be 1 to {LARGEST}, the songs that there are")
    if n_songs > USUAL:
        return list(range(n_songs))
    least = 1 if n_songs > 2 else 0
    shares = {split: max(least, round(n_songs * len(numbers) / USUAL)) for split, numbers in SPLITS.items()}
    shares["train"] = n_songs - shares["validation"] - shares["test"]
    return [number for split, numbers in SPLITS.items() for number in numbers[: shares[split]]]


def compose_song(number: int) -> songs.Song:
    """The score of song ``number``: the styles by turns, 45 to 90 s."""
    seconds = np.random.default_rng([FIRST_SEED, number]).uniform(45, 90)
    style = songs.STYLES[number % len(songs.STYLES)]
    return songs.compose(FIRST_SEED + number, style=style, seconds=seconds, variation=True)


def content_of(song: songs.Song, dance: Dance) -> str:
    """SHA-256 of what determines a song and its dance: the score and the moves, not the numbers computed from them.

    So a song is the same on every machine and in a corpus of any size.
    """
    score = dict(
        seed=song.seed, style=song.style, tempo=song.tempo, accents=song.accents,
        sections=[[s.kind, s.start_bar, s.n_bars, s.energy] for s in song.sections],
        moves=[[m.name, m.family, m.start, m.end, m.mirrored, m.footwork] for m in dance.steps],
    )  # fmt: skip
    return hashlib.sha256(json.dumps(score, sort_keys=True, default=float).encode()).hexdigest()


def make_song(number: int) -> dict:
    """One song and its dance: what is heard of it, the rig's points (T, K, 2), their depth and the score's labels.

    ``section``, ``family`` (T,) str and ``beats`` (s), the true ones, are for probes and metrics. The dancer stands up
    to 0.05 m off the middle and is seen up to a tenth smaller, as other cameras would.
    """
    song, rng = compose_song(number), np.random.default_rng([FIRST_SEED, number, 1])
    sound = resample_poly(songs.synthesise(song), 1, songs.SAMPLE_RATE // SAMPLE_RATE).astype(np.float32)
    dance, skeleton = choreograph(song), Skeleton("ada")
    points = skeleton.points(skeleton.pose(dance.controls))  # (T, K, 3)
    camera = camera_for("ada", skeleton.floor)
    depth = truth.depth_behind_hips(points, skeleton.point_names, camera.position, camera.target)  # (T, K), of her size
    middle = np.array([0, 0, camera.target[2]])
    points = (points - middle) * rng.uniform(0.90, 1.0) + middle + [rng.uniform(-0.05, 0.05), 0, 0]
    flat = camera.project(points) / [camera.width, camera.height]
    beat = np.arange(len(flat)) / 30 * song.tempo / 60
    step = np.searchsorted([s.end for s in dance.steps], beat, side="right").clip(max=len(dance.steps) - 1)
    return {
        "name": f"corpus_{number:03d}", "split": split_of(number), "style": song.style, "tempo": song.tempo,
        "beats": song.beats,
        "content": content_of(song, dance),
        "heard": hear(sound, n_frames=len(flat)), "points": flat, "depth": depth,
        "section": np.array([song.section_at(b).kind for b in beat]),
        "family": np.array([dance.steps[i].family for i in step]),
        "accents": np.array(song.accents) * 60 / song.tempo,
    }  # fmt: skip


def write(path: Path, n_songs: int, *, workers: int = 1) -> Path:
    """Make ``n_songs`` songs and dances and write them as groups without frames; the file appears when it is whole.

    Its beats are those of the score: what a dance answers is the music, not a tracker's mistakes.
    Attributes of a group, beside the usual ones: ``split``, ``style``, ``tempo`` (beats a minute; beat 0 is at 0 s of
    the song, and the group begins at ``start_time``), ``family`` and ``section`` (149,), indices into ``FAMILY_NAMES``
    and ``KINDS``.
    """
    names = Skeleton("ada").point_names
    weights, depth_weights = landmark_map.load(names), landmark_map.load(names, key="depth_weights")
    count = 0
    with whole_file(path) as temporary, h5py.File(temporary, "w") as file:
        for song in _songs(numbers_of(n_songs), workers):
            landmarks = landmark_map.apply(song["points"], weights)  # (T, 33, 2)
            depth = song["depth"] @ depth_weights.T  # (T, 33)
            heard = song["heard"]
            for number in range(len(landmarks) // TIME_STEPS):
                count += 1
                part = slice(number * TIME_STEPS, (number + 1) * TIME_STEPS)
                dataset.write_sequences(
                    dataset.create_group(file, f"Dataset{count}", with_frames=False),
                    mfcc=heard.mfcc[part], poses=landmarks[part], depth=depth[part],
                    onset_strength=heard.onset_strength[part],
                    beats=dataset.beats_of_window(song["beats"], part.start), beat_regularity=heard.regularity,
                    source=song["name"], start_time=part.start / 30, split=song["split"],
                    content=song["content"], identity=song["content"],
                    style=song["style"], tempo=song["tempo"],
                    family=np.array([FAMILY_NAMES.index(f) for f in song["family"][part]], np.int8),
                    section=np.array([KINDS.index(k) for k in song["section"][part]], np.int8),
                )  # fmt: skip
    return Path(path)


def _songs(numbers: list[int], workers: int) -> Iterator[dict]:
    if workers < 2:
        yield from tqdm(map(make_song, numbers), total=len(numbers), unit="song")
        return
    compile_librosa()
    try:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:  # a fork of TensorFlow's threads may hang
            yield from tqdm(pool.map(make_song, numbers), total=len(numbers), unit="song")
    except BrokenProcessPool as error:
        raise InputError(
            "a process that made songs was killed, as happens where memory runs out: give fewer --workers than "
            f"{workers}, or close other programs"
        ) from error
