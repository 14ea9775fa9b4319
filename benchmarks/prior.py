"""What the prior's own training buys: python benchmarks/prior.py CORPUS.h5 --vae runs/vae/lstm_vae.npz

A song model as `dance train vae` leaves it is taken apart on the corpus' validation songs, by which choices are made,
and not on the held-out ones, which tell how good they were. Printed are

    dances    with z read off the true dances by the posterior, and with z that are drawn, the mean of so many seeds
    KL        of posterior and prior in nats a z, in the first 15 beats, which is a window of the model's training, and
              later: what the prior does not know
    family    of moves, read off one beat by a linear classifier: off z, and off the context that the prior hears

A line of ``LINES`` says how its prior has learned on (``motion.prior_training``) and how z are drawn. CORPUS.h5 holds
more than 80 training songs: `python -m data_sample.studio corpus --songs 360 -o CORPUS.h5`.
"""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dancing_utils.data.dataset import Clip, read_clips, with_music
from dancing_utils.evaluation import evaluate_motion, families, held_out_songs, tables
from dancing_utils.motion import lstm_vae, musical_time, prior_training, song_data
from dancing_utils.motion.baseline_vae import reparameterize
from dancing_utils.motion.lstm_vae import GUIDANCE
from dancing_utils.motion.prior_training import PriorSettings
from dancing_utils.tf import tf

MEASURES = ("Fréchet", "family", "diversity", "repetition", "speed", "jitter", "foot slide", "motion to music")
WINDOW = 15  # beats of a window in the song model's training
USUAL_SONGS = 80  # that the model itself was trained on


@dataclass(frozen=True)
class Line:
    """How the prior has learned on, and how z are drawn."""

    learned: str = ""  # a name of ``TRAININGS``, or "" for the prior as it was
    options: dict = field(default_factory=dict)  # of ``LSTMVAE.choose``


TRAININGS = {  # name -> training songs (None: all), changes of the settings
    "80 songs": (USUAL_SONGS, {"strange": 0.0}),
    "all songs": (None, {"strange": 0.0}),
    "strange": (None, {}),
    "stranger": (None, {"strange": 0.3}),
}
LINES = {  # the last four are guided, and have had 15 % strange z
    "as it was": Line("", {"guidance": 0.0}),
    "guided": Line(""),
    "80 songs": Line("80 songs", {"guidance": 0.0}),
    "all songs": Line("all songs", {"guidance": 0.0}),
    "15 % strange": Line("strange", {"guidance": 0.0}),
    "30 % strange": Line("stranger", {"guidance": 0.0}),
    "15 %, guided": Line("strange"),
    "15 %, twice": Line("strange", {"guidance": 2 * GUIDANCE}),
    "at 0.35": Line("strange", {"temperature": 0.35}),
    "at 0.7": Line("strange", {"temperature": 0.7}),
}


def kl_of_beats(model: lstm_vae.LSTMVAE, songs: list[tuple[np.ndarray, ...]]) -> tuple[float, float]:
    """Mean KL in nats a z, at one z, of the first beats of encoded songs, and of the later ones."""
    kl = []
    for i, (context, _, mean, log_var) in enumerate(songs):
        z = reparameterize(mean, log_var, np.random.default_rng(i).standard_normal(mean.shape, np.float32))
        expected = [part[0] for part in model.expect(tf.constant(context[None]), z[None])]
        kl.append(lstm_vae.log_normal(z, mean, log_var) - lstm_vae.log_mixture(z, *expected))
    early, late = (np.concatenate([one[part] for one in kl]) for part in (slice(WINDOW), slice(WINDOW, None)))
    return float(early.mean()), float(late.mean())


def family_of_beats(clip: Clip) -> np.ndarray:
    """The family that is danced in the middle of each of a clip's whole beats (K,)."""
    passed = musical_time.beats_passed(held_out_songs.song_of(clip).features)
    frames = musical_time.frames_at(musical_time.whole_beats(passed), passed)
    middle = frames.reshape(-1, musical_time.TICKS)[:, musical_time.TICKS // 2]
    return clip.attributes["family"][np.round(middle).astype(int)]


def print_families(encoded: dict[str, list], parts: dict[str, list[Clip]]) -> None:
    """How often a linear classifier reads the family off z, and off the context."""
    danced = [np.concatenate([family_of_beats(clip) for clip in part]) for part in parts.values()]
    for i, what in ((2, "z"), (0, "context")):
        known = [np.concatenate([song[i] for song in songs]) for songs in encoded.values()]
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=150)).fit(known[0], danced[0])
        print(f"family off {what}: {classifier.score(known[1], danced[1]):.2f} of the validation songs' beats")


def learned_on(path: Path, songs: list, changes: dict, epochs: int) -> lstm_vae.LSTMVAE:
    """The model of a file, its prior trained on encoded songs."""
    model, settings = lstm_vae.load(path), replace(PriorSettings(), epochs=epochs, **changes)
    with TemporaryDirectory() as folder:
        prior_training.learn_on(model, songs, folder, settings, trained_on={})
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vae", type=Path, required=True, help="a song model whose prior has not yet learned on")
    parser.add_argument("--epochs", type=int, default=8, help="for which priors learn on; `dance train prior` takes 40")
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    model, clips = lstm_vae.load(options.vae), with_music(read_clips(options.corpus))
    training, validation = song_data.split_clips(clips)
    usual = {"training": training[:USUAL_SONGS], "validation": validation}
    encoded = {
        name: prior_training.encode_songs(model, song_data.to_songs(part, depth=model.settings.limb_depth))
        for name, part in usual.items()
    }
    print_families(encoded, usual)
    songs = [held_out_songs.song_of(clip) for clip in validation]
    classify = families.family_classifier([held_out_songs.song_of(clip) for clip in usual["training"]])

    def measure(choices):
        dances = [model.dance(song.features, z=z) for song, z in zip(songs, choices, strict=True)]
        return evaluate_motion.measure(songs, dances, classify, draws=1)

    pairs = zip(songs, validation, strict=True)
    table = {
        "truth": evaluate_motion.measure(songs, [song.poses for song in songs], classify, draws=1),
        "read off": measure([model.encode(song.features, song.poses, clip.depth) for song, clip in pairs]),
    }
    both = prior_training.encode_songs(model, prior_training.songs_of(training, model))  # two in the mirror for each
    models = {"": model}
    for name, (n_songs, changes) in TRAININGS.items():
        models[name] = learned_on(options.vae, both[: n_songs and 2 * n_songs], changes, options.epochs)
    for name, one in models.items():
        early, late = kl_of_beats(one, encoded["validation"])
        print(f"KL, validation songs, {name or 'as it was'}: {early:.2f} in the first 15 beats, {late:.2f} later")
    for name, line in LINES.items():
        rows = [
            measure([models[line.learned].choose(song.features, seed=seed, **line.options) for song in songs])
            for seed in range(options.seeds)
        ]
        table[name] = {measure: float(np.mean([row[measure] for row in rows])) for measure in MEASURES}
        print(f"{name}: Fréchet by seed", *(f"{row['Fréchet']:.2f}" for row in rows), flush=True)
    tables.print_table(table, measures=MEASURES)


if __name__ == "__main__":
    main()
