"""The training of the LSTM-VAE that dances: what it learns from, when it stops, what is kept.

The loss tells how well a dance that was seen is rebuilt, not how good a new one is. So after each epoch the model
dances to the validation songs, with latents that are drawn, and the Fréchet distance of these dances from the true
ones decides which epoch is kept and when to stop.

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dancing_utils.data.batches import random_windows
from dancing_utils.data.dataset import Clip, read_clips, with_music
from dancing_utils.motion import musical_time
from dancing_utils.motion.kinetics import frechet_distance, kinetic_features
from dancing_utils.motion.lstm_vae import FILE_NAME, LSTMVAE, LSTMVAESettings, load
from dancing_utils.motion.pose_vectors import vectors_to_poses
from dancing_utils.motion.song_data import split_clips, to_songs
from dancing_utils.pose.body import measure_body
from dancing_utils.tf import keras, tf
from dancing_utils.training import digest, prepare, run_epochs, save_weights

ENOUGH_WINDOWS = 100  # of validation dances, 50 s in all: with fewer the loss is the surer guide
DRAWS = 3  # dances to each validation song: with one, a lucky epoch in the middle looked best, and training ended


def build(settings: LSTMVAESettings, songs: list[tuple[np.ndarray, np.ndarray]]) -> LSTMVAE:
    """A compiled, untrained model that knows the statistics of the songs' poses."""
    model = LSTMVAE(settings)
    vectors = np.concatenate([song[1] for song in songs])
    model.pose_scale.learn(vectors)
    model.body = measure_body(vectors_to_poses(vectors))
    model.longest_limbs.assign(model.body.limbs)
    model.compile(optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=1.0))
    model.optimizer.build(model.trainable_variables)
    return model


def counted(songs: list[tuple[np.ndarray, np.ndarray]], settings: LSTMVAESettings) -> list[tuple]:
    """What the model is fed of songs of sound features (T, 16) and pose vectors (T, n): ticks, if it counts in them."""
    if not settings.counts_beats:
        return songs
    return [song for song in (musical_time.to_ticks(*song) for song in songs) if len(song[0])]


def validation_loss(model: LSTMVAE, batches: list[tuple]) -> float:
    """The loss on batches that are not trained on, with the KL's whole weight: no MFCC are hidden, and a batch has the
    same noise every time, so two epochs differ by the weights alone."""
    settings, terms = model.settings, []
    for i, (features, vectors) in enumerate(batches):
        shape = (len(features), features.shape[1] // settings.frames_a_latent, settings.latent_dim)
        noise = tf.random.stateless_normal(shape, seed=(settings.seed, i))
        terms.append(model.terms_of(features, vectors, noise))
    weights = {
        "reconstruction": 1.0, "velocity": settings.velocity_weight, "feet": settings.foot_weight,
        "kl": settings.kl_weight,
    }  # fmt: skip
    return sum(weight * float(np.mean([term[name] for term in terms])) for name, weight in weights.items())


def drawn_distance(model: LSTMVAE, songs: list[tuple[np.ndarray, np.ndarray]], *, draws: int = DRAWS) -> float:
    """Fréchet distance of drawn dances from the true ones, the mean of so many ``draws`` with other seeds.

    Songs are sound features (T, 16) and pose vectors (T, 76).
    """
    true = _features([vectors_to_poses(vectors) for _, vectors in songs])
    made = [_features([model.dance(features, seed=seed) for features, _ in songs]) for seed in range(draws)]
    return float(np.mean([frechet_distance(one, true) for one in made]))


def _features(dances: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([kinetic_features(dance) for dance in dances])


def _validation(model: LSTMVAE, clips: list[Clip], windows: dict) -> Callable[[], float | None]:
    """What an epoch is judged by: ``drawn_distance``, with little data the loss, with none nothing."""
    if not clips:
        return lambda: None
    songs = to_songs(clips, depth=model.settings.limb_depth)
    if len(_features([vectors_to_poses(vectors) for _, vectors in songs])) >= ENOUGH_WINDOWS:
        return lambda: drawn_distance(model, songs)
    batches = list(random_windows(counted(songs, model.settings), **windows, n_batches=8, epoch=1_000_000))
    return lambda: validation_loss(model, batches)


def train(
    data: str | Path | list[str | Path], run_dir: str | Path, settings: LSTMVAESettings | None = None, *,
    resume: bool = True, progress: bool = True, n_songs: int | None = None,
) -> tuple[LSTMVAE, list[dict[str, float]]]:  # fmt: skip
    """Train on the clips of one or several files, and write the best epoch's model to ``run_dir/lstm_vae.npz``.

    The best is that whose dances to the validation songs (``split_clips``) are nearest to the true ones
    (``drawn_distance``); with less than 50 s of them that with the lowest loss, or the last without any. Where a clip
    has no depth, none is learned. ``n_songs`` takes only so many of the training clips. Returns the best model and the
    history, one entry an epoch.
    """
    settings = settings or LSTMVAESettings()
    prepare(settings.seed)
    files = [data] if isinstance(data, str | Path) else data
    train_clips, validation_clips = split_clips(with_music([clip for file in files for clip in read_clips(file)]))
    trained_on = {"data": digest_of(train_clips), "validation": digest_of(validation_clips)}
    train_clips = train_clips[:n_songs]
    trained_on["songs"] = len(train_clips)
    deep = settings.limb_depth and all(clip.depth is not None for clip in train_clips + validation_clips)
    settings = replace(settings, limb_depth=deep)
    songs = counted(to_songs(train_clips, mirrored=settings.mirror, depth=deep), settings)
    model, path = build(settings, songs), Path(run_dir) / FILE_NAME
    windows = {
        "time_steps": settings.time_steps, "batch_size": settings.batch_size, "seed": settings.seed,
        "every": settings.frames_a_latent if settings.counts_beats else 1,
    }  # fmt: skip

    def batches(epoch):
        return random_windows(songs, **windows, n_batches=settings.batches_an_epoch, epoch=epoch)

    def keep():
        seen = {clip.content for clip in train_clips + validation_clips}
        save_weights(model, path, settings, body=model.body, seen=seen)

    history = run_epochs(
        model, batches, epochs=settings.epochs, run_dir=run_dir, settings=settings, trained_on=trained_on,
        resume=resume, progress=progress, validate=_validation(model, validation_clips, windows),
        patience=settings.patience, keep_best=keep,
    )  # fmt: skip
    return load(path), history


def digest_of(clips: list[Clip]) -> str:
    """``digest`` of all that a song model learns from of these clips."""
    onsets = [clip.onset_strength for clip in clips if clip.onset_strength is not None]
    beats = [clip.beats for clip in clips if clip.beats is not None]
    return digest(*(array for clip in clips for array in (clip.mfcc, clip.poses)), *onsets, *beats)
