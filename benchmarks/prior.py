"""Where the song model's dances lose against the truth, and what is tried: python benchmarks/prior.py CORPUS.h5

On the corpus' validation songs, by which choices are made, and not on the held-out ones, which tell how good they were.
Printed are

    KL        of posterior and prior in nats a z, on training and on validation songs, in the first 15 beats (a window
              of the training) and later: what the prior does not know
    family    of moves, read off one beat by a linear classifier: off z, and off the context that the prior hears
    dances    with z read off the true dance, and with z that are drawn, the mean of so many seeds

The lines of ``LINES`` draw with one temperature for the choice of the mixture's component and another for the noise
around its mean. Some are guided: of eight z that the prior draws one is taken, and the likelier, the more likely the
sound makes it, p(z | sound) / p(z | sound without MFCC), to a power. And in some the prior alone has learned on from
the z of whole songs, while parts of what it hears, and some of the z before, were hidden from it.

Reference: Ho and Salimans, Classifier-Free Diffusion Guidance, 2022, https://arxiv.org/abs/2207.12598.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dancing_utils import N_MFCC
from dancing_utils.data.batches import random_windows
from dancing_utils.data.dataset import Clip, read_clips, with_music
from dancing_utils.evaluation import evaluate_motion, families, held_out_songs, tables
from dancing_utils.files import SHIPPED
from dancing_utils.motion import lstm_vae, musical_time, song_data, vae_training
from dancing_utils.motion.baseline_vae import reparameterize
from dancing_utils.tf import keras, tf
from dancing_utils.training import prepare

MEASURES = ("Fréchet", "family", "diversity", "repetition", "speed", "jitter", "foot slide", "motion to music")
WINDOW = 15  # beats of a window in the song model's training


@dataclass(frozen=True)
class Line:
    """How z are drawn, and how the prior has learned on before."""

    choice: float = 0.5  # temperature of the mixture's component
    noise: float = 0.5  # temperature around its mean
    guidance: float = 0.0  # power
    steps: int = 0  # for which the prior learns on
    hidden_context: float = 0.15  # share of the context's numbers that are 0 throughout a window
    hidden_z: float = 0.4  # share of the z before that are 0


LINES = {
    "drawn": Line(),
    "learned on": Line(steps=240),
    "both": Line(steps=240, guidance=1.0),
    "guided": Line(guidance=1.0),
    "1 and .5": Line(choice=1.0),
    ".7 and .7": Line(choice=0.7, noise=0.7),
}
BEATS, BATCH, RATE = 32, 16, 7e-4  # of a window, windows a step, learning rate at the start
CANDIDATES = 8


def encode_songs(model: lstm_vae.LSTMVAE, clips: list[Clip], *, mirrored: bool) -> list[tuple[np.ndarray, ...]]:
    """Of each song's whole beats context (K, 256), z_mean and z_log_var (K, latent_dim)."""

    @tf.function(reduce_retracing=True)
    def encode(features, vectors):
        local, context = model.hear(features)
        z = model.posterior([local, context, model._by_steps(model.pose_scale(vectors))])
        return context, *lstm_vae._mean_and_log_var(z)

    songs = song_data.to_songs(clips, mirrored=mirrored, depth=model.settings.limb_depth)
    songs = vae_training.counted(songs, model.settings)
    return [tuple(part[0].numpy() for part in encode(*(array[None] for array in song))) for song in songs]


def kl_of_beats(model: lstm_vae.LSTMVAE, songs: list[tuple[np.ndarray, ...]]) -> tuple[float, float]:
    """Mean KL in nats a z, at one z, of the first beats of encoded songs, and of the later ones."""
    kl = []
    for i, (context, mean, log_var) in enumerate(songs):
        z = reparameterize(mean, log_var, np.random.default_rng(i).standard_normal(mean.shape, np.float32))
        expected = [part[0] for part in model.expect(tf.constant(context[None]), z[None])]
        kl.append(lstm_vae.log_normal(z, mean, log_var) - lstm_vae.log_mixture(z, *expected))
    early, late = (np.concatenate([one[part] for one in kl]) for part in (slice(WINDOW), slice(WINDOW, None)))
    return float(early.mean()), float(late.mean())


def family_of_beats(clip: Clip) -> np.ndarray:
    """The family that is danced in the middle of each of a clip's whole beats (K,)."""
    passed = musical_time.beats_passed(held_out_songs._song(clip).features)
    frames = musical_time.frames_at(musical_time.whole_beats(passed), passed)
    middle = frames.reshape(-1, musical_time.TICKS)[:, musical_time.TICKS // 2]
    return clip.attributes["family"][np.round(middle).astype(int)]


def draw(model: lstm_vae.LSTMVAE, features: np.ndarray, seed: int, line: Line) -> np.ndarray:
    """``model.choose`` with two temperatures, and guided."""
    sound = model._by_ticks(features)[0]
    _, context = model.hear(sound[None])
    rng, settings, n = np.random.default_rng(seed), model.settings, context.shape[1]
    if line.guidance:
        _, deaf = model.hear((sound * (np.arange(sound.shape[1]) >= N_MFCC))[None])
        return draw_guided(model, tf.concat([context, deaf], 0), rng, line)
    which, around = rng.gumbel(size=(n, settings.components)), rng.standard_normal((n, settings.latent_dim))
    parts = (tf.constant(part, tf.float32) for part in (line.choice * which, line.noise * around))
    return model.draw(context, *parts)[0].numpy()


@tf.function
def expect_next(model: lstm_vae.LSTMVAE, context, z, state):
    """The mixture for the next z and the prior's new state; context (B, 256), z (B, latent_dim)."""
    x, state = model.prior.cell(tf.concat([context, z], -1), state)
    return *model._mixture(tf.concat([x, context], -1)), state


def draw_guided(model: lstm_vae.LSTMVAE, contexts: tf.Tensor, rng, line: Line) -> np.ndarray:
    """z (K, latent_dim), guided; contexts (2, K, 256): of the sound, and of the sound without MFCC."""
    z, state, drawn = tf.zeros((2, model.settings.latent_dim)), [tf.zeros((2, model.prior.units))] * 2, []
    for k in range(contexts.shape[1]):
        logits, means, log_vars, state = expect_next(model, contexts[:, k], z, state)
        which = rng.gumbel(size=(CANDIDATES, model.settings.components))
        i = np.argmax(logits[0] + line.choice * which, 1)
        noise = line.noise * rng.standard_normal((CANDIDATES, model.settings.latent_dim))
        some = (means[0].numpy()[i] + np.exp(log_vars[0].numpy()[i] / 2) * noise).astype(np.float32)
        heard, deaf = (lstm_vae.log_mixture(some, logits[j], means[j], log_vars[j]).numpy() for j in (0, 1))
        drawn.append(some[np.argmax(line.guidance * (heard - deaf) + rng.gumbel(size=CANDIDATES))])
        z = tf.constant(np.stack([drawn[-1]] * 2))
    return np.stack(drawn)


def learn(model: lstm_vae.LSTMVAE, songs: list[tuple[np.ndarray, ...]], line: Line) -> None:
    """Train the model's prior, and nothing else of it, on encoded songs."""
    prepare(0)
    variables = [*model.prior.trainable_variables, *model.prior_head.trainable_variables]
    rate = keras.optimizers.schedules.CosineDecay(RATE, line.steps, alpha=0.05)
    optimizer, noise = keras.optimizers.Adam(rate, clipnorm=1.0), keras.random.SeedGenerator(0)
    optimizer.build(variables)

    @tf.function
    def step(context, mean, log_var):
        z = reparameterize(mean, log_var, keras.random.normal(tf.shape(mean), seed=noise))
        seen = keras.random.uniform((BATCH, BEATS, 1), seed=noise) >= line.hidden_z
        shape = (BATCH, 1, context.shape[-1])
        heard = keras.random.dropout(context, line.hidden_context, noise_shape=shape, seed=noise)
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(lstm_vae.log_mixture(z, *model.expect(heard, tf.where(seen, z, 0.0))))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    for batch in random_windows(songs, time_steps=BEATS, batch_size=BATCH, n_batches=line.steps, seed=0, epoch=0):
        step(*batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vae", type=Path, default=SHIPPED["vae"])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    model, clips = lstm_vae.load(options.vae), with_music(read_clips(options.corpus))
    parts = dict(zip(("training", "validation"), song_data.split_clips(clips), strict=True))
    encoded = {name: encode_songs(model, part, mirrored=False) for name, part in parts.items()}
    for name, songs in encoded.items():
        print(f"KL, {name} songs: %.2f in the first 15 beats, %.2f later" % kl_of_beats(model, songs))
    danced = [np.concatenate([family_of_beats(clip) for clip in part]) for part in parts.values()]
    for i, what in ((1, "z"), (0, "context")):
        known = [np.concatenate([song[i] for song in songs]) for songs in encoded.values()]
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=150)).fit(known[0], danced[0])
        print(f"family off {what}: {classifier.score(known[1], danced[1]):.2f} of the validation songs' beats")

    training, songs = ([held_out_songs._song(clip) for clip in part] for part in parts.values())
    classify = families.family_classifier(training)

    def measure(choices):
        dances = [model.dance(song.features, z=z) for song, z in zip(songs, choices, strict=True)]
        return evaluate_motion.measure(songs, dances, classify, draws=1)

    pairs = zip(songs, parts["validation"], strict=True)
    table = {
        "truth": evaluate_motion.measure(songs, [song.poses for song in songs], classify, draws=1),
        "read off": measure([model.encode(song.features, song.poses, clip.depth) for song, clip in pairs]),
    }
    mirrored = encode_songs(model, parts["training"], mirrored=True)
    learned = lstm_vae.load(options.vae)
    learn(learned, mirrored, LINES["learned on"])
    early, late = kl_of_beats(learned, encoded["validation"])
    print(f"KL, validation songs, learned on: {early:.2f} in the first 15 beats, {late:.2f} later", flush=True)
    for name, line in LINES.items():
        who = learned if line.steps else model
        rows = [measure([draw(who, song.features, seed, line) for song in songs]) for seed in range(options.seeds)]
        table[name] = {measure: float(np.mean([row[measure] for row in rows])) for measure in MEASURES}
        print(f"{name}: Fréchet by seed", *(f"{row['Fréchet']:.2f}" for row in rows), flush=True)
        print({measure: round(value, 3) for measure, value in table[name].items()}, flush=True)
    tables.print_table(table, measures=MEASURES)


if __name__ == "__main__":
    main()
