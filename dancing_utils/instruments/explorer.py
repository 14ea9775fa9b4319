"""The latent space to play with: a place on the map, a way along it, two dances and what lies between them.

Notebook: 05_latent_space.ipynb
"""

import io
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dancing_utils import FPS, HEIGHT, SAMPLE_RATE
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.instruments.instrument import Answer, Instrument, module, poses_bytes, style, wav
from dancing_utils.instruments.latents import SECONDS, Choice, LatentMap, as_code, mixed, read_choice, steer
from dancing_utils.motion.lstm_vae import LSTMVAE
from dancing_utils.pose.landmarks import INDEX
from dancing_utils.show.plots import plot_pose

RANGE = 6.0  # how far either way a slider goes: two standard deviations of a z, about
COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
MARKS = "os^vDPX*"


@dataclass(frozen=True)
class SongFile:
    """A song; it is heard when it is first danced to."""

    path: Path

    @cached_property
    def waveform(self) -> np.ndarray:
        """Mono (n,) at ``SAMPLE_RATE``."""
        return media.read_audio(self.path)

    @cached_property
    def features(self) -> np.ndarray:
        """(T, 16), what the model hears."""
        return hear(self.waveform).features

    @property
    def name(self) -> str:
        """Its file's name in words."""
        return self.path.stem.replace("_", " ")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.waveform) / SAMPLE_RATE


def excerpt(features: np.ndarray, start: float) -> np.ndarray:
    """``SECONDS`` of a song's features (T, 16) from ``start`` on; its last ones where it ends before."""
    n = round(SECONDS * FPS)
    first = max(0, min(round(start * FPS), len(features) - n))
    return features[first : first + n]


def made(
    model: LSTMVAE, features: np.ndarray, choice: Choice, latent_map: LatentMap, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a choice makes of an excerpt (T, 16): the dance (T, 33, 2), its z (K, latent_dim), their seconds (K,).

    ``own`` (K, latent_dim) is what the prior chose, mixed.
    """
    times = model.times_of(features)
    z = steer(choice, own, times, latent_map)
    return model.dance(features, z=z), z, times


FEET = ("right foot lifted", "both down", "left foot lifted")
LIFTED = 15.0  # pixels by which an ankle is above the other


def lifted_foot(dance: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Which of ``FEET`` a dance (T, 33, 2) shows at some frames (K,): (K,) of 0, 1, 2."""
    left, right = (dance[frames, INDEX[f"{side}_ankle"], 1] * HEIGHT for side in ("left", "right"))  # down is more
    return 1 + (right - left > LIFTED).astype(int) - (left - right > LIFTED)


def map_of_choices(model: LSTMVAE, features: np.ndarray, *, seeds: int = 24) -> LatentMap:
    """A map where no true dances are at hand: what the prior chooses for a song (T, 16) at temperature 1.

    A label says which foot is lifted in the middle of the beat, which is what z says first.
    """
    frames = np.minimum((model.times_of(features) * FPS).astype(int), len(features) - 1)  # (K,)
    z = [model.choose(features, seed=seed, temperature=1.0) for seed in range(seeds)]
    label = [lifted_foot(model.dance(features, z=one), frames) for one in z]
    return LatentMap(np.concatenate(z), np.concatenate(label), FEET)


class Explorer(Instrument):
    """The map of z, sliders, two dances and a mixer, a curve to paint; the dancer follows.

    Parameters
    ----------
    model : a trained LSTM-VAE.
    songs : files with sound; each is heard when it is chosen, which takes a second or more.
    latent_map : the z that are shown as dots.
    """

    _esm, _css = module("explorer_map", "explorer"), style()
    words = (
        "The latent explorer, as a picture: at the left the map of z, a dot for each beat of a dance, coloured by what "
        "is danced; a line marks the way of the dance at the right, a skeleton with its other moments as faint lines. "
        "With a running kernel the dots can be clicked, and she dances there."
    )

    def __init__(self, model: LSTMVAE, songs: list[str | Path], latent_map: LatentMap):
        self.model, self.latent_map = model, latent_map
        self.songs = [SongFile(Path(song)) for song in songs]
        self._chosen = lru_cache(64)(self._choose)
        super().__init__()

    @property
    def answers(self):
        """Questions of the browser: what there is, a song, two dances, the dance."""
        return {"begin": self.begin, "song": self.song, "pair": self.pair, "dance": self.dance}

    def begin(self, what: dict, buffers: list) -> Answer:
        """Songs, names of the labels, and the dots (N, 3): place and label."""
        dots = np.column_stack([self.latent_map.dots, self.latent_map.label]).astype("<f4")
        told = {
            "songs": [{"name": song.name, "seconds": song.seconds} for song in self.songs],
            "names": list(self.latent_map.names), "palette": COLOURS, "latent_dim": self.model.settings.latent_dim,
            "seconds": SECONDS, "range": RANGE,
        }  # fmt: skip
        return told, [dots.tobytes()]

    def song(self, what: dict, buffers: list) -> Answer:
        """The sound of a song."""
        return {}, [wav(self.songs[self._read(what).song].waveform)]

    def pair(self, what: dict, buffers: list) -> Answer:
        """The two dances between which the mixer mixes."""
        choice = self._read(what)
        features = self._excerpt(choice)
        return {}, [
            poses_bytes(self.model.dance(features, z=self._own(choice, seed))) for seed in (choice.seed, choice.other)
        ]

    def dance(self, what: dict, buffers: list) -> Answer:
        """The dance, where its z lie on the map, and the code that makes it."""
        choice = self._read(what)
        own = mixed(self._own(choice, choice.seed), self._own(choice, choice.other), choice.mix)
        dance, z, times = made(self.model, self._excerpt(choice), choice, self.latent_map, own)
        code = as_code(choice, z, self.songs[choice.song].path.as_posix())
        told = {"z": z.tolist(), "times": times.tolist(), "places": self.latent_map.places(z).tolist(), "code": code}
        return told, [poses_bytes(dance)]

    def still(self) -> bytes:
        """The map with the greedy dance's way, and a pose of it."""
        choice = Choice(temperature=0.0)
        z = self._own(choice, 0)
        dance, way = self.model.dance(self._excerpt(choice), z=z), self.latent_map.places(z)
        fig, (left, right) = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained", width_ratios=(2.2, 1))
        for i, name in enumerate(self.latent_map.names):
            dots = self.latent_map.dots[self.latent_map.label == i]
            left.scatter(*dots.T, s=7, color=COLOURS[i % 8], marker=MARKS[i % 8], label=name)
        left.plot(*way.T, "o-", color="#000000", markersize=5, markerfacecolor="#FFFFFF")
        left.set(title="A click on the map, and she dances there", xlabel="first principal component")
        left.set(ylabel="second principal component")
        left.legend(markerscale=2, fontsize=8)
        plot_pose(dance[len(dance) // 2], ax=right, ghosts=dance[::10], title="the dance of the line")
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", dpi=80)
        plt.close(fig)
        return buffer.getvalue()

    def _read(self, what: dict) -> Choice:
        return read_choice(what, n_songs=len(self.songs), latent_dim=self.model.settings.latent_dim)

    def _excerpt(self, choice: Choice) -> np.ndarray:
        return excerpt(self.songs[choice.song].features, choice.start)

    def _own(self, choice: Choice, seed: int) -> np.ndarray:
        return self._chosen(choice.song, choice.start, seed, choice.temperature)

    def _choose(self, song: int, start: float, seed: int, temperature: float) -> np.ndarray:
        return self.model.choose(excerpt(self.songs[song].features, start), seed=seed, temperature=temperature)
