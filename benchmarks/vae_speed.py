"""How fast the LSTM-VAE trains and dances, for how long: python benchmarks/vae_speed.py CORPUS.h5

Under three minutes on 2 cores.

1. One training step of the baseline VAE of notebook 03, of our VAE with an LSTM step a frame (30 a second, as a plain
   Keras model has) and with a step every two and every three frames (what the spline between them loses: notebook 04),
   with half the window, and with half and twice the batch. Compare milliseconds a second of dance trained; the lines
   take their steps by turns, so that other work on the machine slows all of them.
2. Seconds that the shipped model takes for the poses of three minutes of sound: the first call, in which TensorFlow
   builds its graphs, and the later ones.
3. Is it as good after three minutes as at the start? Each held-out song is repeated, and its first 20 s are heard again
   as the last 20 s of three minutes: the same sound, so the two dances should score the same. Three seeds; true beats.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dancing_utils import FPS
from dancing_utils.audio import hearing
from dancing_utils.data import dataset
from dancing_utils.evaluation import evaluate_motion, motion_metrics
from dancing_utils.files import SHIPPED
from dancing_utils.motion import baseline_vae, lstm_vae, pose_vectors, vae_training
from dancing_utils.pose.landmarks import to_units
from dancing_utils.tf import tf

REPEATS = 8  # steps measured of each line; the median counts
MINUTES, ENDS = 3 * 60 * FPS, 20 * FPS  # frames


def step_of(model, *batch: np.ndarray) -> Callable[[], float]:
    """A function that takes one training step on a batch and gives its seconds; called twice already, to warm up."""
    batch = tuple(tf.constant(part) for part in batch)
    step = tf.function(model.train_step)

    def timed():
        start = time.perf_counter()
        step(batch)
        return time.perf_counter() - start

    timed(), timed()
    return timed


def noise(rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def baseline_step(batch_size: int) -> tuple[Callable[[], float], float]:
    """A step of the baseline VAE, and the seconds of dance in it."""
    rng, settings = np.random.default_rng(0), baseline_vae.BaselineSettings()
    mfcc = noise(rng, batch_size, settings.time_steps, settings.n_mfcc)
    poses = noise(rng, batch_size, settings.time_steps, 33, 2)
    return step_of(baseline_vae.build(settings, mfcc, poses), mfcc, poses), batch_size * settings.time_steps / FPS


def our_step(frames: int, n_latents: int, batch_size: int) -> tuple[Callable[[], float], float]:
    """The same of our VAE with an LSTM step every ``frames`` frames, in windows of ``n_latents`` z."""
    settings = lstm_vae.LSTMVAESettings(frames_a_step=frames, steps_a_latent=16 // frames)
    time_steps, rng = n_latents * settings.frames_a_latent, np.random.default_rng(0)
    poses = pose_vectors.poses_to_vectors(to_units(noise(rng, 300, 33, 2) * 100 + 300), noise(rng, 300, 33))
    model = vae_training.build(settings, [(noise(rng, 300, hearing.N_FEATURES), poses)])
    batch = (noise(rng, batch_size, time_steps, n) for n in (hearing.N_FEATURES, pose_vectors.N_POSE))
    return step_of(model, *batch), batch_size * time_steps / FPS


def training_steps() -> None:
    """Print the first table; every ratio is to our VAE with an LSTM step a frame."""
    lines = {
        "ours, a step a frame (30 a second), 8 s, batch 32": our_step(1, 15, 32),
        "ours, a step every 2 frames (15 a second): shipped": our_step(2, 15, 32),
        "ours, a step every 3 frames (10 a second)": our_step(3, 15, 32),
        "shipped, window of 4.3 s": our_step(2, 8, 32),
        "shipped, batch of 16": our_step(2, 15, 16),
        "shipped, batch of 64": our_step(2, 15, 64),
        "baseline VAE, a step a frame, 5 s, batch 32": baseline_step(32),
    }
    rounds = [[step() for step, _ in lines.values()] for _ in range(REPEATS)]  # by turns
    seconds = np.median(rounds, axis=0)
    cost = 1000 * seconds / [dance for _, dance in lines.values()]
    print(f"{'training':52} {'ms a step':>10} {'ms a second of dance':>21} {'ratio':>6}")
    for name, step, ours in zip(lines, seconds, cost, strict=True):
        print(f"{name:52} {1000 * step:10.0f} {ours:21.2f} {ours / cost[0]:6.2f}")


def scores(poses: np.ndarray, beats: np.ndarray) -> tuple[float, ...]:
    """Speed, jitter, longest freeze, and beat alignment both ways."""
    moved = evaluate_motion.motion_beats_of(poses)
    return (motion_metrics.mean_speed(poses), motion_metrics.jitter(poses), motion_metrics.longest_freeze(poses),
            motion_metrics.beat_alignment(beats, moved), motion_metrics.beat_alignment(moved, beats))  # fmt: skip


def three_minutes(corpus: Path, model: lstm_vae.LSTMVAE) -> None:
    """Print seconds for three minutes of poses, and the first and last 20 s of each held-out song beside each other."""
    seconds, parts = [], {"the true dance": [], "first 20 s": [], "last 20 s": []}
    for clip in dataset.read_clips(corpus):
        if clip.attributes["split"] != "test":
            continue
        rows = np.r_[np.arange(MINUTES - ENDS) % len(clip.poses), np.arange(ENDS)]
        features = hearing.sound_features(clip.mfcc[rows], clip.onset_strength[rows])
        beats = np.arange(0, ENDS / FPS - 0.2, 60 / clip.attributes["tempo"])[1:]
        for seed in range(3):
            before = time.perf_counter()
            dance = model.dance(features, seed=seed)
            seconds.append(time.perf_counter() - before)
            for name, poses in zip(parts, (clip.poses[:ENDS], dance[:ENDS], dance[-ENDS:]), strict=True):
                parts[name].append(scores(poses, beats))
    print(f"\nposes of three minutes: {np.median(seconds):.2f} s, the first time {seconds[0]:.1f} s")
    print(f"{'':16} {'speed':>6} {'jitter':>7} {'longest freeze (s)':>19} {'beats answered':>15} {'beats kept':>11}")
    for name, rows in parts.items():
        speed, jitter, freeze, answered, kept = np.mean(rows, axis=0)
        print(f"{name:16} {speed:6.2f} {jitter:7.0f} {freeze:19.2f} {answered:15.2f} {kept:11.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vae", type=Path, default=SHIPPED["vae"])
    options = parser.parse_args()
    training_steps()
    three_minutes(options.corpus, lstm_vae.load(options.vae))
