"""The prior's own training: how to go on when the dance has strayed.

While the whole LSTM-VAE trains, each z before is the true one. In a drawn dance it is the model's own, and now and then
that is a move which does not fit the song. A prior that has never met such a z believes it more than the sound, and
stays with the wrong move for seconds. So the prior learns on, and nothing else of the model changes:

    strange    at times the z before, four beats on end, are those of another song; what is asked for stays the true z
    hidden     some z before, some of what is heard, and in some windows all MFCC, are 0
    windows    are longer, and from as many songs as there are: the studio composes more at no cost

The loss is -log p(z) of the posterior's z under the prior's mixture. Since ear and posterior stay as they are, each
song is encoded once, and an epoch takes seconds.

References: Bengio et al., Scheduled Sampling, 2015, https://arxiv.org/abs/1506.03099 (a model that meets its own
mistakes in training); Bowman et al., Generating Sentences from a Continuous Space, 2016,
https://arxiv.org/abs/1511.06349 (hiding what came before).

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils.data.batches import random_windows
from dancing_utils.data.dataset import Clip, read_clips, with_music
from dancing_utils.motion import lstm_vae, vae_training
from dancing_utils.motion.baseline_vae import reparameterize
from dancing_utils.motion.lstm_vae import FILE_NAME, LSTMVAE, log_mixture, without_mfcc
from dancing_utils.motion.song_data import split_clips, to_songs
from dancing_utils.tf import keras, tf
from dancing_utils.training import (
    LossModel,
    learning_rate_of,
    prepare,
    read_seen,
    run_epochs,
    save_weights,
    weights_digest,
)


@dataclass(frozen=True)
class PriorSettings:
    """Settings, each with the reason for its value where it is a choice."""

    strange: float = 0.15  # share of the z before that are another song's
    strange_beats: int = 4  # on end: as long as a short move
    hidden_z: float = 0.1  # share of the z before that are 0
    hidden_context: float = 0.15  # share of the context's numbers that are 0 throughout a window
    hidden_mfcc: float = 0.15  # share of the windows without MFCC: drawing compares with these
    time_steps: int = 32  # beats of a window: twice as many as the whole model trains with
    learning_rate: float = 1e-3  # falls to a twentieth along a cosine
    batch_size: int = 16
    batches_an_epoch: int = 200
    epochs: int = 40
    seed: int = 0


def encode_songs(model: LSTMVAE, songs: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, ...]]:
    """What the prior learns from, of songs of sound features (T, 16) and pose vectors (T, n).

    Returns
    -------
    Of each song, beat by beat, what is heard (K, 256), what would be heard without MFCC (K, 256), and the posterior's
    means and log variances of z (K, latent_dim).
    """

    @tf.function(reduce_retracing=True)
    def encode(features, vectors):
        local, heard = model.hear(features)
        _, deaf = model.hear(without_mfcc(features))
        return heard, deaf, *model.read_off(local, heard, model.pose_scale(vectors))

    counted = vae_training.counted(songs, model.settings)
    return [tuple(part[0].numpy() for part in encode(*(array[None] for array in song))) for song in counted]


class PriorLearner(LossModel):
    """The prior of an LSTM-VAE as a model of its own, which shares the weights with it."""

    def __init__(self, model: LSTMVAE, settings: PriorSettings):
        super().__init__("loss")
        self.settings, self.expect_after = settings, model.expect_after
        self.prior, self.prior_head = model.prior, model.prior_head  # what is trained
        self.noise = keras.random.SeedGenerator(settings.seed)
        self.built = True
        self.compile(optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=1.0))
        self.optimizer.build(self.trainable_variables)

    def begin_epoch(self, epoch: int) -> None:
        """Set what changes with the epoch: the noise, and the learning rate."""
        self.noise.state.assign([self.settings.seed, epoch])
        self.optimizer.learning_rate.assign(learning_rate_of(epoch, self.settings))

    def losses_of(self, heard, deaf, mean, log_var) -> dict[str, tf.Tensor]:
        """-log p(z) in nats of a batch of windows (B, K, ...) of ``encode_songs``."""
        settings, (windows, steps, size) = self.settings, tf.unstack(tf.shape(heard))
        context = tf.where(self._chance(windows, 1) < settings.hidden_mfcc, deaf, heard)
        context = keras.random.dropout(
            context, settings.hidden_context, noise_shape=(windows, 1, size), seed=self.noise
        )
        z = reparameterize(mean, log_var, keras.random.normal(tf.shape(mean), seed=self.noise))
        before = self.disturb(tf.concat([tf.zeros_like(z[:, :1]), z[:, :-1]], 1), steps)
        return {"loss": -tf.reduce_mean(log_mixture(z, *self.expect_after(context, before)))}

    def disturb(self, before: tf.Tensor, steps) -> tf.Tensor:
        """The z before (B, K, latent_dim), some of them strange, and some hidden."""
        settings, windows = self.settings, tf.shape(before)[0]
        runs = self._chance(windows, steps // settings.strange_beats + 1) < settings.strange
        strange = tf.repeat(runs, settings.strange_beats, axis=1)[:, :steps]
        before = tf.where(strange, tf.roll(before, 1, axis=0), before)  # of the next window in the batch
        return tf.where(self._chance(windows, steps) < settings.hidden_z, 0.0, before)

    def _chance(self, windows, steps) -> tf.Tensor:
        """Numbers between 0 and 1, (windows, steps, 1)."""
        return keras.random.uniform((windows, steps, 1), seed=self.noise)


def train(
    data: str | Path | list[str | Path], start_from: str | Path, run_dir: str | Path,
    settings: PriorSettings | None = None, *, resume: bool = True, progress: bool = True,
) -> tuple[LSTMVAE, list[dict[str, float]]]:  # fmt: skip
    """Let the prior of the model file ``start_from`` learn on, and write the whole model to ``run_dir/lstm_vae.npz``.

    It learns from the training clips (``split_clips``) of one or several HDF5 files, in the mirror, too, if the model
    did. Returns the model and the history, one entry an epoch.
    """
    settings, model = settings or PriorSettings(), lstm_vae.load(start_from)
    prepare(settings.seed)
    files = [data] if isinstance(data, str | Path) else data
    clips, _ = split_clips(with_music([clip for file in files for clip in read_clips(file)]))
    path = Path(run_dir) / FILE_NAME
    seen = (read_seen(start_from) or frozenset()) | {clip.content for clip in clips}
    history = learn_on(
        model, encode_songs(model, songs_of(clips, model)), run_dir, settings, resume=resume, progress=progress,
        trained_on={"data": vae_training.digest_of(clips), "start_from": weights_digest(start_from)},
        keep=lambda: save_weights(model, path, model.settings, body=model.body, seen=seen),
    )  # fmt: skip
    return lstm_vae.load(path), history


def songs_of(clips: list[Clip], model: LSTMVAE) -> list[tuple[np.ndarray, np.ndarray]]:
    """``to_songs`` as the model learns from them: in the mirror, and in depth, if its settings say so."""
    return to_songs(clips, mirrored=model.settings.mirror, depth=model.settings.limb_depth)


def learn_on(
    model: LSTMVAE, songs: list[tuple[np.ndarray, ...]], run_dir: str | Path, settings: PriorSettings, *,
    trained_on: dict[str, str], keep: Callable[[], None] = lambda: None, resume: bool = True, progress: bool = True,
) -> list[dict[str, float]]:  # fmt: skip
    """Train a model's prior on songs of ``encode_songs``, in place; ``keep`` is called after every epoch."""

    def batches(epoch):
        return random_windows(
            songs, time_steps=settings.time_steps, batch_size=settings.batch_size,
            n_batches=settings.batches_an_epoch, seed=settings.seed, epoch=epoch,
        )  # fmt: skip

    return run_epochs(
        PriorLearner(model, settings), batches, epochs=settings.epochs, run_dir=run_dir, settings=settings,
        trained_on=trained_on, resume=resume, progress=progress, keep_best=keep,
    )  # fmt: skip
