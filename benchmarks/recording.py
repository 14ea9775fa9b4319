"""How the LSTM-VAE dances to a recording: python benchmarks/recording.py CORPUS.h5 SONG [--vae FILE.npz]

Under a minute, for seeds 0, 1 and 2. Nobody knows a recording's true beats, so they are tracked, by the tracker whose
beats the model is given as well: that is partly circular, and the corpus' held-out songs (`dance evaluate motion`) have
true ones. Chance is the same dance against the beats of held-out songs, each played on at its tempo, at a random
offset, 200 draws. We took librosa's example, the path that `librosa.ex("vibeace")` returns.
"""

import argparse
from pathlib import Path

import numpy as np

from dancing_utils import FPS
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.evaluation import evaluate_motion, held_out_songs, motion_metrics, tables
from dancing_utils.files import SHIPPED
from dancing_utils.motion import lstm_vae

MEASURES = {
    "music to motion": "tracked beats that the dance answers, 0 to 1",
    "its chance": "95th percentile of chance",
    "motion to music": "beats of the dance that lie on tracked ones, 0 to 1",
    "and its chance": "95th percentile of chance",
    "speed": "mean speed, as a share of the corpus' training dances'",
    "freeze": "seconds of the longest freeze",
    "inside": "share of the frames with all landmarks in the picture",
}


def measure(dance: np.ndarray, beats: np.ndarray, tempos: list[float], usual_speed: float) -> dict[str, float]:
    """``MEASURES`` of a dance (T, 33, 2) to a recording with tracked ``beats`` in seconds.

    ``tempos`` : beats a minute of other songs, for chance; ``usual_speed`` : torso lengths a second.
    """
    moved, seconds = evaluate_motion.motion_beats_of(dance), len(dance) / FPS
    beats = beats[(beats > 0.2) & (beats < seconds - 0.2)]
    others = [np.arange(0, seconds + 30, 60 / tempo) for tempo in tempos]
    chance = np.percentile(motion_metrics.chance_alignment(others, moved, seconds), 95, axis=0)
    return {
        "music to motion": motion_metrics.beat_alignment(beats, moved), "its chance": float(chance[0]),
        "motion to music": motion_metrics.beat_alignment(moved, beats), "and its chance": float(chance[1]),
        "speed": motion_metrics.mean_speed(dance) / usual_speed,
        "freeze": motion_metrics.longest_freeze(dance),
        "inside": float(((dance >= 0) & (dance <= 1)).all((1, 2)).mean()),
    }  # fmt: skip


class Recording:
    """A sound file as the model hears it, and what its dances are measured against."""

    def __init__(self, path: Path, songs: held_out_songs.Songs):
        sound = media.read_audio(path)
        heard = hear(sound)
        self.beats, self.features = heard.beats, heard.features
        self.tempos = [60 / np.median(np.diff(song.beats)) for song in songs.held_out]
        self.usual_speed = float(np.mean([motion_metrics.mean_speed(song.poses) for song in songs.training]))

    def measure(self, dance: np.ndarray) -> dict[str, float]:
        return measure(dance, self.beats, self.tempos, self.usual_speed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("song", type=Path)
    parser.add_argument("--vae", type=Path, default=SHIPPED["vae"])
    options = parser.parse_args()
    recording = Recording(options.song, held_out_songs.read_songs(options.corpus))
    model = lstm_vae.load(options.vae)
    dances = [model.dance(recording.features, seed=seed) for seed in range(3)]
    print(f"{len(recording.features) / FPS:.0f} s, {len(recording.beats)} beats tracked")
    table = {f"seed {seed}": recording.measure(dance) for seed, dance in enumerate(dances)}
    tables.print_table(table, measures=MEASURES)
    pairs = [motion_metrics.pose_error(dances[i], dances[j]).mean() for i, j in ((0, 1), (0, 2), (1, 2))]
    print("two seeds apart, torso lengths: " + ", ".join(f"{distance:.2f}" for distance in pairs))


if __name__ == "__main__":
    main()
