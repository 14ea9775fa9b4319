"""What the sample's music says about its dance, beside chance. About five minutes: python tests/benchmark_sample.py

1. Beat alignment of the true dances with their own song's beats, both ways, and with the other songs' beats.
2. A linear classifier from 1.5 s of MFCC to the family of the move danced, trained on 80 songs of the corpus, tested
   on 30 others: its accuracy, that of always guessing the commonest family, and of training on shuffled labels.
"""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from dancing_utils.metrics import beat_alignment, motion_beats
from data_sample.studio.clips import CLIPS, truth_of
from data_sample.studio.corpus import make_song, split_of

N_SONGS, WINDOW, HOP = 120, 45, 15


def alignment():
    truths = [truth_of(spec) for spec in CLIPS]
    moved = [motion_beats(truth["points_2d"]) for truth in truths]
    own, others = [], []
    for i, truth in enumerate(truths):
        for j, dance in enumerate(moved):
            end = min(truth["beats"][-1], dance[-1])
            beats, steps = truth["beats"][(truth["beats"] > 0.2) & (truth["beats"] < end)], dance[dance < end]
            (own if i == j else others).append([beat_alignment(beats, steps), beat_alignment(steps, beats)])
    print("beat alignment (music -> motion, motion -> music), 15 clips")
    print("  own song:     {:.2f} {:.2f}".format(*np.mean(own, 0)), " worst: {:.2f} {:.2f}".format(*np.min(own, 0)))
    print("  other songs:  {:.2f} {:.2f}".format(*np.mean(others, 0)))


def windows(song):
    """Standardised MFCC windows (n, 45 * 13) and the family danced in the middle of each."""
    mfcc = (song["mfcc"] - song["mfcc"].mean(0)) / (song["mfcc"].std(0) + 1e-6)
    starts = range(0, len(mfcc) - WINDOW, HOP)
    return np.stack([mfcc[s : s + WINDOW].ravel() for s in starts]), [song["family"][s + WINDOW // 2] for s in starts]


def classify(x, y, test_x, ridge=3000.0):
    """Ridge regression on +-1 targets, one a class; the largest wins."""
    classes = np.unique(y)
    targets = np.where(y[:, None] == classes, 1.0, -1.0)
    x, test_x = np.c_[x, np.ones(len(x))], np.c_[test_x, np.ones(len(test_x))]
    weights = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ targets)
    return classes[(test_x @ weights).argmax(1)]


def probe():
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(make_song, range(N_SONGS)))
    parts = {"train": [], "test": [], "validation": []}
    for number, song in enumerate(made):
        parts[split_of(number, N_SONGS)].append(windows(song))
    (x, y), (test_x, test_y) = (
        (np.concatenate([p[0] for p in parts[k]]), np.concatenate([p[1] for p in parts[k]])) for k in ("train", "test")
    )
    commonest = max(np.unique(y), key=lambda family: (y == family).sum())
    shuffled = np.random.default_rng(0).permutation(y)
    print(f"family of the move from 1.5 s of MFCC, {len(y)} windows to train, {len(test_y)} to test, 8 families")
    print(f"  linear classifier:        {(classify(x, y, test_x) == test_y).mean():.2f}")
    print(f"  always {commonest!r:17} {(test_y == commonest).mean():.2f}")
    print(f"  trained on shuffled:      {(classify(x, shuffled, test_x) == test_y).mean():.2f}")


if __name__ == "__main__":
    alignment()
    probe()
