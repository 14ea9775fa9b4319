"""The baseline LSTM-VAE: MFCC (149, 13) -> poses (149, 33, 2).

    encoder   MFCC (T, 13) -> LSTM 128 -> LSTM 128 -> z_mean, z_log_var (latent_dim)
    sampling  z = z_mean + exp(z_log_var / 2) * noise
    decoder   z -> Dense 128 -> RepeatVector(T) -> LSTM 128 -> TimeDistributed(Dense 66) -> poses (T, 33, 2)
    loss      MSE of the poses + kl_weight * KL divergence of z from a standard normal

Everything a window's dance depends on passes through one z, and the encoder sees the sound only: so this is a
regression from sound to motion through a bottleneck, and it leans toward the mean pose. It takes raw MFCC and gives
poses in units of the picture; the statistics that standardise both are weights of the model.

References: Kingma and Welling, Auto-Encoding Variational Bayes, 2013, https://arxiv.org/abs/1312.6114;
Hochreiter and Schmidhuber, Long Short-Term Memory, 1997.

Notebook: 03_train_lstm_vae.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import N_MFCC, TIME_STEPS, InputError
from dancing_utils.data.batches import shuffled_batches
from dancing_utils.data.dataset import motion_windows, read_clips, with_music
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import LossModel, digest, load_weights, prepare, read_settings, run_epochs, save_weights

FILE_NAME = "baseline_vae.npz"


@dataclass(frozen=True)
class BaselineSettings:
    """Settings, each with the reason for its value where it is a choice."""

    time_steps: int = TIME_STEPS
    n_mfcc: int = N_MFCC
    units: int = 128
    latent_dim: int = 16  # more than the sample's dances need, so the KL term decides how many are used
    # The MSE is a mean over 149 x 66 numbers, the KL a sum over z: 1 / 9834 gives them the balance that
    # the evidence lower bound has for poses with Gaussian noise of variance 1/2. A weight of 1 would close z at once.
    kl_weight: float = 1 / (TIME_STEPS * N_LANDMARKS * 2)
    learning_rate: float = 2e-3
    batch_size: int = 16
    hop: int = 10  # frames between training windows: overlapping ones are more to learn from
    epochs: int = 100
    seed: int = 0


def reparameterize(z_mean: tf.Tensor, z_log_var: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """z = mean + standard deviation * noise, all (B, latent_dim): random, and yet with a gradient."""
    return z_mean + tf.exp(0.5 * z_log_var) * noise


def kl_divergence(z_mean: tf.Tensor, z_log_var: tf.Tensor) -> tf.Tensor:
    """KL divergence of N(mean, variance) from N(0, 1), summed over the latent axes: (B,), in nats, 0 or more."""
    return -0.5 * tf.reduce_sum(1 + z_log_var - z_mean**2 - tf.exp(z_log_var), axis=-1)


class Sampling(layers.Layer):
    """Draw z from (z_mean, z_log_var), with a noise generator of its own so that runs repeat."""

    def __init__(self, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs):
        z_mean, z_log_var = inputs  # (B, latent_dim) each
        noise = keras.random.normal(tf.shape(z_mean), seed=self.seed_generator)
        return reparameterize(z_mean, z_log_var, noise)


class Standardize(layers.Layer):
    """(x - mean) / std with statistics that are stored as weights; ``undo`` goes back."""

    def build(self, shape):
        self.mean = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="mean")
        self.std = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False, name="std")

    def learn(self, values: np.ndarray) -> None:
        """Take the statistics of ``values`` (..., n); a coordinate that never changes keeps std 1."""
        rows = values.reshape(-1, values.shape[-1])  # (N, n)
        std = rows.std(0)
        self.mean.assign(rows.mean(0))
        self.std.assign(np.where(std > 1e-6, std, 1.0))

    def call(self, x):
        return (x - self.mean) / self.std

    def undo(self, x):
        return x * self.std + self.mean


def build_encoder(settings: BaselineSettings) -> keras.Model:
    """Standardised MFCC (B, T, 13) -> z_mean and z_log_var (B, latent_dim)."""
    mfcc = keras.Input((settings.time_steps, settings.n_mfcc), name="mfcc")
    x = layers.LSTM(settings.units, return_sequences=True)(mfcc)  # (B, T, units)
    x = layers.LSTM(settings.units)(x)  # (B, units)
    z_mean = layers.Dense(settings.latent_dim, name="z_mean")(x)
    z_log_var = layers.Dense(settings.latent_dim, name="z_log_var")(x)
    return keras.Model(mfcc, [z_mean, z_log_var], name="encoder")


def build_decoder(settings: BaselineSettings) -> keras.Model:
    """z (B, latent_dim) -> standardised poses (B, T, 66)."""
    z = keras.Input((settings.latent_dim,), name="z")
    x = layers.Dense(settings.units, activation="relu")(z)  # (B, units)
    x = layers.RepeatVector(settings.time_steps)(x)  # (B, T, units)
    x = layers.LSTM(settings.units, return_sequences=True)(x)  # (B, T, units)
    poses = layers.TimeDistributed(layers.Dense(N_LANDMARKS * 2))(x)  # (B, T, 66)
    return keras.Model(z, poses, name="decoder")


class BaselineVAE(LossModel):
    """Encoder, sampling and decoder, as one model that can be trained."""

    def __init__(self, settings: BaselineSettings | None = None):
        super().__init__("loss", "reconstruction", "kl")
        self.settings = settings = settings or BaselineSettings()
        self.mfcc_scale, self.pose_scale = Standardize(), Standardize()
        self.mfcc_scale.build((None, settings.n_mfcc))
        self.pose_scale.build((None, N_LANDMARKS * 2))
        self.encoder, self.decoder = build_encoder(settings), build_decoder(settings)
        self.sampling = Sampling(settings.seed)
        self.built = True

    def begin_epoch(self, epoch: int) -> None:
        """Make the noise of an epoch depend on its number alone, so that a resumed run repeats."""
        self.sampling.seed_generator.state.assign([self.settings.seed, epoch])

    def encode(self, mfcc) -> tuple[tf.Tensor, tf.Tensor]:
        """Raw MFCC (B, T, 13) -> z_mean and z_log_var (B, latent_dim)."""
        return self.encoder(self.mfcc_scale(tf.cast(mfcc, tf.float32)))

    def decode(self, z) -> tf.Tensor:
        """z (B, latent_dim) -> poses (B, T, 33, 2) in units of the picture."""
        poses = self.pose_scale.undo(self.decoder(z))  # (B, T, 66)
        return tf.reshape(poses, (-1, self.settings.time_steps, N_LANDMARKS, 2))

    def call(self, mfcc):
        return self.decode(self.encode(mfcc)[0])

    def losses_of(self, mfcc, poses) -> dict[str, tf.Tensor]:
        """The loss and its terms for a batch: MFCC (B, T, 13), poses (B, T, 33, 2)."""
        z_mean, z_log_var = self.encode(mfcc)
        predicted = self.decoder(self.sampling([z_mean, z_log_var]))  # (B, T, 66)
        target = self.pose_scale(tf.reshape(poses, tf.shape(predicted)))  # (B, T, 66)
        reconstruction = tf.reduce_mean((predicted - target) ** 2)
        kl = tf.reduce_mean(kl_divergence(z_mean, z_log_var))
        return {"loss": reconstruction + self.settings.kl_weight * kl, "reconstruction": reconstruction, "kl": kl}


def build(settings: BaselineSettings, mfcc: np.ndarray, poses: np.ndarray) -> BaselineVAE:
    """A compiled, untrained model that knows the statistics of its data: (N, T, 13) and (N, T, 33, 2)."""
    model = BaselineVAE(settings)
    model.mfcc_scale.learn(mfcc)
    model.pose_scale.learn(poses.reshape(len(poses), -1, N_LANDMARKS * 2))
    model.compile(optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=1.0))
    model.optimizer.build(model.trainable_variables)
    return model


def train(
    data: str | Path, run_dir: str | Path, settings: BaselineSettings | None = None, *, resume: bool = True,
    progress: bool = True,
) -> tuple[BaselineVAE, list[dict[str, float]]]:  # fmt: skip
    """Train on all windows of a file and write ``run_dir/baseline_vae.npz``; returns the model and its history."""
    settings = settings or BaselineSettings()
    prepare(settings.seed)
    clips = with_music(read_clips(data))
    arrays = motion_windows(clips, time_steps=settings.time_steps, hop=settings.hop)
    model = build(settings, *arrays)

    def batches(epoch):
        return shuffled_batches(*arrays, batch_size=settings.batch_size, seed=settings.seed, epoch=epoch)

    history = run_epochs(
        model, batches, epochs=settings.epochs, run_dir=run_dir, settings=settings,
        trained_on={"data": digest(*arrays), "windows": len(arrays[0])}, resume=resume, progress=progress,
    )  # fmt: skip
    save_weights(model, Path(run_dir) / FILE_NAME, settings, seen={clip.content for clip in clips})
    return model, history


def load(path: str | Path) -> BaselineVAE:
    """A trained model from the file that ``train`` wrote."""
    return load_weights(BaselineVAE(read_settings(path, BaselineSettings)), path)


def dance(model: BaselineVAE, mfcc: np.ndarray, *, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
    """A dance for a whole song: MFCC (T, 13) of any length -> poses (T, 33, 2).

    The model knows windows of 149 frames only. So the song is cut into windows that overlap by half, and where two
    overlap one fades into the other.

    Parameters
    ----------
    seed : the same seed gives the same dance.
    temperature : how far z strays from its mean, in standard deviations; 0 takes the mean, 1 draws as in training.
    """
    if temperature < 0:
        raise InputError(f"temperature={temperature} must be 0 or more")
    steps = model.settings.time_steps
    starts = range(0, max(1, len(mfcc) - steps // 2), steps // 2)
    padded = np.pad(mfcc, ((0, starts[-1] + steps - len(mfcc)), (0, 0)), mode="edge")  # the last frame goes on
    z_mean, z_log_var = model.encode(np.stack([padded[s : s + steps] for s in starts]))  # (N, latent_dim)
    noise = np.random.default_rng(seed).standard_normal(z_mean.shape).astype(np.float32)
    dances = model.decode(reparameterize(z_mean, z_log_var, temperature * noise)).numpy()
    return blend(dances, steps // 2)[: len(mfcc)]


def blend(windows: np.ndarray, hop: int) -> np.ndarray:
    """Windows (N, T, ...) that start every ``hop`` frames -> one sequence ((N - 1) * hop + T, ...).

    Weights rise and fall linearly over a window, so where two overlap one fades into the other.
    """
    n, steps = windows.shape[:2]
    ramp = np.minimum(np.arange(1, steps + 1), np.arange(steps, 0, -1)).astype(np.float32)  # (T,)
    total = np.zeros(((n - 1) * hop + steps, *windows.shape[2:]), np.float32)
    weight = np.zeros((len(total), *[1] * (windows.ndim - 2)), np.float32)
    ramp = ramp.reshape(-1, *weight.shape[1:])
    for i, window in enumerate(windows):
        total[i * hop : i * hop + steps] += ramp * window
        weight[i * hop : i * hop + steps] += ramp
    return total / weight
