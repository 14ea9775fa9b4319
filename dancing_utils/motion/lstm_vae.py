"""The LSTM-VAE that dances: sound -> a slow sequence of latents -> poses, for a song of any length in one pass.

What the baseline lacks is choice. Here the latents say what the sound does not: which of the many fitting moves is
danced. In training they are read off the true dance; later they are drawn, one a beat, from a prior that has learned
which choice follows which. Time is counted in ticks of a sixteenth of a beat (``musical_time``), not in frames.

    ear        the audio encoder: 13 MFCC, onset strength, beat phase, tempo
               -> 3 convolutions, 8 steps a beat                               local (S, 128)
               -> mean of 8 steps -> bidirectional LSTM, one step a beat                       context (K, 256)
    posterior  local and the true poses -> 2 convolutions -> bidirectional LSTM -> z_mean, z_log_var (K, 8)
    prior      context, the z before -> LSTM -> a mixture of 10 normal distributions of z (K, 8): where several moves
               fit, one of them is chosen, and not their mean; it learns on by itself in ``prior_training``
    decoder    local, context, z (in straight lines from one to the next) -> LSTM -> 8 control points a beat
               -> Catmull-Rom spline -> 16 poses a beat, from which 30 a second are read
    loss       MSE of the poses + velocity_weight * MSE of their velocities + foot_weight * MSE of the feet's
               velocities in the picture + kl_weight * max(KL(posterior || prior), free_nats), the KL estimated at one z

Sound features and pose vectors are those of ``song_data``; each of a pose vector's 76 numbers is standardised (68,
where the films say no depth).

References: Kingma and Welling, Auto-Encoding Variational Bayes, 2013; Chung et al., A Recurrent Latent Variable Model
for Sequential Data, 2015, https://arxiv.org/abs/1506.02216 (the prior that reads the latents before); Bishop, Mixture
Density Networks, 1994; Catmull and Rom, A class of local interpolating splines, 1974; Roberts et al., MusicVAE,
2018, https://arxiv.org/abs/1803.05428 (free bits, KL warm-up); Tseng et al., EDGE, 2022,
https://arxiv.org/abs/2211.10658 (velocity loss); Ho and Salimans, Classifier-Free Diffusion Guidance, 2022,
https://arxiv.org/abs/2207.12598 (with the MFCC and without: which z do they ask for?).

Notebook: 04_better_motion.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import FPS, N_MFCC, TEMPERATURE, InputError
from dancing_utils.audio.hearing import N_FEATURES
from dancing_utils.motion import musical_time
from dancing_utils.motion.baseline_vae import Standardize, reparameterize
from dancing_utils.motion.pose_vectors import N_FLAT, N_POSE, poses_to_vectors, vectors_to_depth, vectors_to_poses
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import FEET, limit_limbs
from dancing_utils.tf import keras, layers, tf
from dancing_utils.training import (
    LossModel,
    learning_rate_of,
    load_weights,
    read_settings,
)

FILE_NAME = "lstm_vae.npz"
GUIDANCE = 0.5  # how much the choice of a move listens to the MFCC beyond what the prior has learned
CANDIDATES = 8  # z that are drawn for a beat, of which one is taken


def spline_weights(frames: int) -> np.ndarray:
    """Weights (frames, 4) of four neighbouring control points, for the poses of one step on a Catmull-Rom spline."""
    u = np.arange(frames) / frames  # how far each pose is from the second point to the third
    weights = [-u + 2 * u**2 - u**3, 2 - 5 * u**2 + 3 * u**3, u + 4 * u**2 - 3 * u**3, u**3 - u**2]
    return (np.stack(weights, axis=1) / 2).astype(np.float32)


@dataclass(frozen=True)
class LSTMVAESettings:
    """Settings, each with the reason for its value where it is a choice."""

    onsets: bool = True  # hear the onset strength beside the MFCC
    beat_phase: bool = True  # and where in the beat a frame is
    musical_time: bool = True  # count in ticks of a sixteenth of a beat: below, a frame is a tick; needs beat_phase
    limb_depth: bool = True  # dance which arm and leg is before the trunk, too; off where the films do not say
    frames_a_step: int = 2  # 8 steps a beat
    steps_a_latent: int = 8  # one z a beat: moves begin on beats
    units: int = 128  # of each direction of the bidirectional LSTMs, and channels of the convolutions
    decoder_units: int = 256
    latent_dim: int = 8
    components: int = 10  # of the prior's mixture
    velocity_weight: float = 30.0  # velocities a frame are small numbers: this brings the two terms to one size
    foot_weight: float = 700.0  # a planted foot moves not at all, and the eye sees a slide of a pixel
    kl_weight: float = 0.02
    free_nats: float = 0.5  # of a z: less than this is not punished, so that z does not close at the start
    warm_up: float = 0.2  # share of the epochs in which the KL's weight rises from 0
    mfcc_dropout: float = 0.15  # share of the windows whose MFCC are hidden: onsets and beat must do for odd timbres
    mirror: bool = True  # learn each dance in the mirror, too: the sound does not say left or right
    time_steps: int = 240  # frames of a training window: 15 beats, about two moves
    learning_rate: float = 2e-3  # falls to a twentieth along a cosine
    batch_size: int = 32
    batches_an_epoch: int = 100
    epochs: int = 40
    patience: int = 15  # epochs without a better validation loss after which training stops
    seed: int = 0

    @property
    def frames_a_latent(self) -> int:
        """Frames, or ticks, for which one z holds: 16."""
        return self.frames_a_step * self.steps_a_latent

    @property
    def counts_beats(self) -> bool:
        """Is a frame of the model a tick? Who does not hear the beat cannot count in it."""
        return self.musical_time and self.beat_phase

    @property
    def n_pose(self) -> int:
        """Numbers of a pose vector: 76, or 68 without depth."""
        return N_POSE if self.limb_depth else N_FLAT


def _convolutions(x, channels: int, *shapes: tuple[int, int]):
    """Convolutions over time, one for each (kernel, dilation)."""
    for kernel, dilation in shapes:
        x = layers.Conv1D(channels, kernel, padding="same", dilation_rate=dilation, activation="silu")(x)
    return x


def build_ear(settings: LSTMVAESettings) -> keras.Model:
    """Sound features by steps (B, S, 2 * 16) -> local (B, S, units) and context (B, K, 2 * units), S = 8 K."""
    sound = keras.Input((None, settings.frames_a_step * N_FEATURES))
    local = _convolutions(sound, settings.units, (5, 1), (5, 2), (5, 3))
    lstm = layers.LSTM(settings.units, return_sequences=True)
    context = layers.Bidirectional(lstm)(layers.AveragePooling1D(settings.steps_a_latent)(local))
    return keras.Model(sound, [local, context], name="ear")


def build_posterior(settings: LSTMVAESettings) -> keras.Model:
    """Local, context and the true poses by steps (B, S, 2 * 76) -> (B, K, 2 * latent_dim)."""
    local, context = keras.Input((None, settings.units)), keras.Input((None, 2 * settings.units))
    poses = keras.Input((None, settings.frames_a_step * settings.n_pose))
    seen = _convolutions(layers.Concatenate()([local, poses]), settings.units, (5, 1), (5, 1))
    seen = layers.AveragePooling1D(settings.steps_a_latent)(seen)
    lstm = layers.LSTM(settings.units, return_sequences=True)
    x = layers.Bidirectional(lstm)(layers.Concatenate()([seen, context]))
    z = layers.Dense(2 * settings.latent_dim)(layers.Concatenate()([x, seen]))
    return keras.Model([local, context, poses], z, name="posterior")


def build_decoder(settings: LSTMVAESettings) -> keras.Model:
    """Local (B, S, units), context and z, both brought to S steps -> control points (B, S, 76), standardised."""
    inputs = [keras.Input((None, n)) for n in (settings.units, 2 * settings.units, settings.latent_dim)]
    x = layers.Concatenate()(inputs)
    moved = layers.LSTM(settings.decoder_units, return_sequences=True)(x)
    return keras.Model(inputs, layers.Dense(settings.n_pose)(layers.Concatenate()([moved, x])), name="decoder")


def between(x: tf.Tensor, steps: int) -> tf.Tensor:
    """(B, K, n), a value in the middle of every ``steps`` -> (B, steps * K, n), straight lines from one to the next."""
    k = tf.shape(x)[1]
    place = (tf.range(k * steps, dtype=tf.float32) + 0.5) / steps - 0.5
    place = tf.clip_by_value(place, 0, tf.cast(k - 1, tf.float32))
    before = tf.cast(place, tf.int32)
    share = (place - tf.cast(before, tf.float32))[:, None]
    return tf.gather(x, before, axis=1) * (1 - share) + tf.gather(x, tf.minimum(before + 1, k - 1), axis=1) * share


def spline(points: tf.Tensor, frames: int) -> tf.Tensor:
    """Control points (B, S, n) -> a smooth curve (B, frames * S, n) through them."""
    steps, n = tf.shape(points)[1], points.shape[-1]
    ends = tf.concat([points[:, :1], points, points[:, -1:], points[:, -1:]], 1)  # (B, S + 3, n)
    four = tf.stack([ends[:, i : i + steps] for i in range(4)], axis=2)  # (B, S, 4, n)
    return tf.reshape(tf.einsum("bsin,fi->bsfn", four, spline_weights(frames)), (-1, steps * frames, n))


def log_normal(z, mean, log_var) -> tf.Tensor:
    """Log density of z under N(mean, exp(log_var)), summed over the last axis."""
    return -0.5 * tf.reduce_sum(log_var + (z - mean) ** 2 / tf.exp(log_var) + np.log(2 * np.pi), -1)


def log_mixture(z, logits, means, log_vars) -> tf.Tensor:
    """Log density of z (..., D) under a mixture: logits (..., M), means and log_vars (..., M, D)."""
    each = log_normal(z[..., None, :], means, log_vars)  # (..., M)
    return tf.reduce_logsumexp(tf.nn.log_softmax(logits) + each, -1)


def without_mfcc(features) -> np.ndarray:
    """Sound features (..., 16) whose MFCC are 0: their mean in the song. Onsets and beat stay."""
    return features * (np.arange(N_FEATURES) >= N_MFCC).astype(np.float32)


class LSTMVAE(LossModel):
    """Ear, posterior, prior and decoder, as one model that can be trained."""

    def __init__(self, settings: LSTMVAESettings | None = None):
        super().__init__("loss", "reconstruction", "velocity", "feet", "kl")
        self.settings = settings = settings or LSTMVAESettings()
        self.body: Body | None = None  # measures of the dancer that was learned
        self.pose_scale = Standardize()
        self.pose_scale.build((None, settings.n_pose))
        self.ear, self.posterior = build_ear(settings), build_posterior(settings)
        self.decoder = build_decoder(settings)
        self.prior = layers.LSTM(2 * settings.units, return_sequences=True)
        self.prior.build((None, None, 2 * settings.units + settings.latent_dim))
        self.prior_head = layers.Dense(settings.components * (1 + 2 * settings.latent_dim))
        self.prior_head.build((None, 4 * settings.units))
        weight = {"trainable": False, "initializer": "zeros"}
        self.longest_limbs = self.add_weight(shape=(18,), name="longest_limbs", **weight)  # pixels
        self.kl_weight = self.add_weight(shape=(), name="kl_weight", **weight)
        self._heard = np.array([1] * N_MFCC + [settings.onsets] + 2 * [settings.beat_phase], np.float32)
        self.noise = keras.random.SeedGenerator(settings.seed)
        self.built = True

    def begin_epoch(self, epoch: int) -> None:
        """Set what changes with the epoch: the noise, the learning rate, the weight of the KL."""
        settings = self.settings
        self.noise.state.assign([settings.seed, epoch])
        self.optimizer.learning_rate.assign(learning_rate_of(epoch, settings))
        self.kl_weight.assign(settings.kl_weight * min(1.0, epoch / settings.epochs / settings.warm_up))

    @tf.function(reduce_retracing=True)
    def hear(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sound features (B, T, 16), T a multiple of 16 -> local (B, S, units), context (B, K, 2 * units)."""
        return self.ear(self._by_steps(features * self._heard))

    def read_off(self, local: tf.Tensor, context: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """z_mean and z_log_var (B, K, latent_dim) that the posterior reads off standardised pose vectors (B, T, 76)."""
        z_mean, z_log_var = tf.split(self.posterior([local, context, self._by_steps(target)]), 2, -1)
        return z_mean, tf.clip_by_value(z_log_var, -8.0, 4.0)

    def _mixture(self, x) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The prior's output (..., 4 * units) -> logits (..., M), means and log_vars (..., M, latent_dim)."""
        m, d = self.settings.components, self.settings.latent_dim
        logits, rest = tf.split(self.prior_head(x), [m, 2 * m * d], -1)
        means, log_vars = tf.split(tf.reshape(rest, (*tf.unstack(tf.shape(x)[:-1]), m, 2 * d)), 2, -1)
        return logits, means, tf.clip_by_value(log_vars, -8.0, 4.0)

    def expect(self, context: tf.Tensor, z: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """What the prior expects at each of K steps, given the z before: logits, means and log_vars of the mixture."""
        return self.expect_after(context, tf.concat([tf.zeros_like(z[:, :1]), z[:, :-1]], axis=1))

    def expect_after(self, context: tf.Tensor, before: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The same, given for each step the z before it (B, K, latent_dim), whatever the steps' own are."""
        x = self.prior(tf.concat([context, before], -1))  # (B, K, 2 * units)
        return self._mixture(tf.concat([x, context], -1))

    @tf.function(reduce_retracing=True)
    def draw(self, contexts: tf.Tensor, which: tf.Tensor, noise: tf.Tensor, chance: tf.Tensor, guidance) -> tf.Tensor:
        """z (K, latent_dim) from the prior, one after the other: several are drawn, and one of them is taken.

        Parameters
        ----------
        contexts : (2, K, 2 * units), of the sound, and of the sound without its MFCC.
        which : (K, several, components) is added to the logits, and the largest component is taken: Gumbel noise draws
            one by its weight, 0 takes the likeliest.
        noise : (K, several, latent_dim) counts standard deviations from its mean.
        chance : (K, several), Gumbel noise. With ``guidance`` 0 it alone decides which is taken; else a z is taken the
            more often, the more likely the MFCC make it: (p(z | sound) / p(z | sound without MFCC)) ^ guidance.
        """
        steps, z = tf.shape(noise)[0], tf.zeros(self.settings.latent_dim)
        state = [tf.zeros((2, self.prior.units))] * 2
        drawn = tf.TensorArray(tf.float32, steps)
        for k in tf.range(steps):
            x, state = self.prior.cell(tf.concat([contexts[:, k], tf.stack([z, z])], -1), state)
            logits, means, log_vars = self._mixture(tf.concat([x, contexts[:, k]], -1))
            i = tf.argmax(logits[0] + which[k], -1)
            some = reparameterize(tf.gather(means[0], i), tf.gather(log_vars[0], i), noise[k])  # (several, latent_dim)
            heard, deaf = (log_mixture(some, logits[j], means[j], log_vars[j]) for j in (0, 1))
            z = some[tf.argmax(guidance * (heard - deaf) + chance[k])]
            drawn = drawn.write(k, z)
        return drawn.stack()

    @tf.function(reduce_retracing=True)
    def decode(self, local: tf.Tensor, context: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
        """What is heard, and z (B, K, latent_dim) -> standardised pose vectors (B, T, 76)."""
        context, z = (between(x, self.settings.steps_a_latent) for x in (context, z))
        return spline(self.decoder([local, context, z]), self.settings.frames_a_step)

    def losses_of(self, features, vectors) -> dict[str, tf.Tensor]:
        """``terms_of`` a batch as it is learned from: with fresh noise, and some windows' MFCC hidden."""
        windows, steps = tf.shape(features)[0], tf.shape(features)[1]
        heard = keras.random.uniform((windows, 1, 1), seed=self.noise) >= self.settings.mfcc_dropout
        features = tf.where(heard, features, without_mfcc(features))
        shape = (windows, steps // self.settings.frames_a_latent, self.settings.latent_dim)
        return self.terms_of(features, vectors, keras.random.normal(shape, seed=self.noise))

    @tf.function(reduce_retracing=True)
    def terms_of(self, features, vectors, noise) -> dict[str, tf.Tensor]:
        """The loss and its terms: sound features (B, T, 16), pose vectors (B, T, 76), noise of z (B, K, latent_dim)."""
        settings = self.settings
        local, context = self.hear(features)
        target = self.pose_scale(vectors)  # (B, T, 76)
        z_mean, z_log_var = self.read_off(local, context, target)
        z = reparameterize(z_mean, z_log_var, noise)
        # A mixture has no closed formula: the KL is estimated at the one z that was drawn.
        kl = tf.reduce_mean(log_normal(z, z_mean, z_log_var) - log_mixture(z, *self.expect(context, z)))  # nats a z
        off = self.decode(local, context, z) - target
        reconstruction = tf.reduce_mean(off**2)
        velocity = tf.reduce_mean((off[:, 1:] - off[:, :-1]) ** 2)
        feet = tf.reduce_mean(_feet_velocity(off * self.pose_scale.std) ** 2)
        loss = reconstruction + settings.velocity_weight * velocity + settings.foot_weight * feet
        loss += self.kl_weight * tf.maximum(kl, settings.free_nats)
        return {"loss": loss, "reconstruction": reconstruction, "velocity": velocity, "feet": feet, "kl": kl}

    def encode(self, features: np.ndarray, poses: np.ndarray, depth: np.ndarray | None = None) -> np.ndarray:
        """z (K, latent_dim) as the posterior reads it off sound features (T, 16) and poses (T, 33, 2).

        ``times_of`` says when each is. ``depth`` (T, 33) in metres; without it a model that dances in depth takes it
        for the usual one.
        """
        sound, frames, _ = self._by_ticks(features)
        local, context = self.hear(sound[None])
        target = self.pose_scale(musical_time.values_at(self._vectors(poses, depth), frames)[None])
        return self.read_off(local, context, target)[0][0].numpy()

    def choose(
        self, features: np.ndarray, *, seed: int = 0, temperature: float = TEMPERATURE, guidance: float = GUIDANCE
    ) -> np.ndarray:  # fmt: skip
        """Draw the z of a dance to sound features (T, 16): (K, latent_dim), one for each beat that has begun.

        Parameters
        ----------
        seed : the same seed gives the same z.
        temperature : 1 draws z as the prior has learned it, less keeps to what is likeliest, 0 is greedy.
        guidance : how much the MFCC have a say beyond that, see ``draw``; 0 for none, as in a model that has never
            heard a song without them.
        """
        if temperature < 0:
            raise InputError(f"temperature={temperature} must be 0 or more")
        sound, settings = self._by_ticks(features)[0], self.settings
        context, deaf = (self.hear(one[None])[1] for one in (sound, without_mfcc(sound)))
        rng, shape = np.random.default_rng(seed), (context.shape[1], CANDIDATES)
        which = temperature * rng.gumbel(size=(*shape, settings.components))
        noise = temperature * rng.standard_normal((*shape, settings.latent_dim))
        guidance *= settings.mfcc_dropout > 0
        numbers = (tf.constant(part, tf.float32) for part in (which, noise, rng.gumbel(size=shape), guidance))
        return self.draw(tf.concat([context, deaf], 0), *numbers).numpy()

    def times_of(self, features: np.ndarray) -> np.ndarray:
        """The seconds (K,) in the middle of what each z of a song is for; sound features (T, 16)."""
        frames, each = self._by_ticks(features)[1], self.settings.frames_a_latent
        return frames.reshape(-1, each)[:, each // 2] / FPS

    def dance(
        self, features: np.ndarray, *, seed: int = 0, temperature: float = TEMPERATURE, z: np.ndarray | None = None
    ) -> np.ndarray:
        """A dance for a whole song in one pass: sound features (T, 16) of any length -> poses (T, 33, 2).

        ``z`` (K, latent_dim) is danced if it is given; else ``choose`` draws it, with ``seed`` and ``temperature``.
        """
        return self.dance_in_depth(features, seed=seed, temperature=temperature, z=z)[0]

    def dance_in_depth(
        self, features: np.ndarray, *, seed: int = 0, temperature: float = TEMPERATURE, z: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """The same, with the depth (T, 33) of ``vectors_to_depth``; None for a model that has not learned it."""
        z = self.choose(features, seed=seed, temperature=temperature) if z is None else np.asarray(z, np.float32)
        sound, _, ticks = self._by_ticks(features)
        local, context = self.hear(sound[None])
        shape = (context.shape[1], self.settings.latent_dim)
        if z.shape != shape:
            raise InputError(f"z of shape {z.shape}: {len(features)} frames need {shape}")
        vectors = self.pose_scale.undo(self.decode(local, context, tf.constant(z[None])))[0].numpy()  # (N, 76)
        vectors = musical_time.values_at(vectors, ticks)  # (T, 76)
        return limit_limbs(vectors_to_poses(vectors), self.longest_limbs.numpy()), vectors_to_depth(vectors)

    def _vectors(self, poses: np.ndarray, depth: np.ndarray | None) -> np.ndarray:
        """Pose vectors of the model's kind; the depth that nobody knows is the mean one."""
        vectors = poses_to_vectors(poses, depth if self.settings.limb_depth else None)
        missing = self.settings.n_pose - vectors.shape[1]
        usual = self.pose_scale.mean.numpy()[self.settings.n_pose - missing :]
        return np.concatenate([vectors, np.tile(usual, (len(vectors), 1))], 1)

    def _by_ticks(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sound features (T, 16) -> those of N ticks (N, 16), N a multiple of 16; the ticks' frames (N,); the frames'
        ticks (T,). A model that does not count beats has a tick a frame. Before and after the song its ends go on.
        """
        if not self.settings.counts_beats:
            extra = -len(features) % self.settings.frames_a_latent
            frames = np.minimum(np.arange(len(features) + extra), len(features) - 1)
            return features[frames], frames.astype(float), np.arange(len(features), dtype=float)
        passed = musical_time.beats_passed(features)
        ticks = musical_time.ticks_of(passed, multiple=self.settings.frames_a_latent)
        heard = musical_time.features_at(features, ticks, passed)
        return heard, musical_time.frames_at(ticks, passed), (passed - ticks[0]) * musical_time.TICKS

    def _by_steps(self, x) -> tf.Tensor:
        """(B, T, n) -> (B, T / 2, 2 n): the frames of a step side by side."""
        frames = self.settings.frames_a_step
        return tf.reshape(x, (tf.shape(x)[0], tf.shape(x)[1] // frames, frames * x.shape[-1]))


def _feet_velocity(vectors) -> tf.Tensor:
    """Pose vectors (B, T, 68 or 76) -> velocities of the feet in the picture (B, T - 1, 4, 2), pixels / 100 a frame."""
    hips = vectors[:, :, None, N_FLAT - 2 : N_FLAT]
    feet = tf.stack([vectors[:, :, 2 * i : 2 * i + 2] for i in np.ravel(FEET)], 2) + hips
    return feet[:, 1:] - feet[:, :-1]


def load(path: str | Path) -> LSTMVAE:
    """A trained model from the file that ``vae_training.train`` wrote; its ``body`` is None where that keeps none."""
    before = {"limb_depth": False, "musical_time": False}
    return load_weights(LSTMVAE(read_settings(path, LSTMVAESettings, before=before)), path)
