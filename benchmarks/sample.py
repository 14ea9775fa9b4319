"""How good the sample is. About five minutes: python benchmarks/sample.py [--extracted FILE.h5] [--recording FILE]

1. Beat alignment of the true dances with their own song's beats, both ways, and with the other songs' beats.
2. A linear classifier from 1.5 s of MFCC to the family of the move danced, trained on 80 songs of the corpus, tested
   on 30 others: its accuracy, that of always guessing the commonest family, and of training on shuffled labels.
3. With --extracted, what `dance extract data_sample/clips data_sample/held_out data_sample/second_dancer -o FILE.h5`
   made: in how many frames MediaPipe saw a person, and how near its joints are to the truth.
4. With --recording: how its sound compares with the corpus' songs. We took librosa's example, the path that
   `librosa.ex("vibeace")` returns.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import librosa
import numpy as np
from scipy.signal import resample_poly

from dancing_utils import SAMPLE_RATE
from dancing_utils.data import dataset, media
from dancing_utils.evaluation import truth
from dancing_utils.evaluation.motion_metrics import beat_alignment, motion_beats, pck
from dancing_utils.pose.landmarks import LANDMARK_NAMES, MAIN_JOINTS
from data_sample.studio import songs
from data_sample.studio.clips import CLIPS, SAMPLE, truth_of
from data_sample.studio.corpus import compose_song, make_song

N_SONGS, WINDOW, HOP = 120, 45, 15


def alignment():
    truths = [truth_of(spec) for spec in CLIPS]
    moved = [motion_beats(known["points_2d"]) for known in truths]
    own, others = [], []
    for i, known in enumerate(truths):
        for j, dance in enumerate(moved):
            end = min(known["beats"][-1], dance[-1])
            beats, steps = known["beats"][(known["beats"] > 0.2) & (known["beats"] < end)], dance[dance < end]
            (own if i == j else others).append([beat_alignment(beats, steps), beat_alignment(steps, beats)])
    print("beat alignment (music -> motion, motion -> music), 15 clips")
    print("  own song:     {:.2f} {:.2f}".format(*np.mean(own, 0)), " worst: {:.2f} {:.2f}".format(*np.min(own, 0)))
    print("  other songs:  {:.2f} {:.2f}".format(*np.mean(others, 0)))


def windows(song):
    """Standardised MFCC windows (n, 45 * 13) and the family danced in the middle of each."""
    mfcc = song["heard"].mfcc
    mfcc = (mfcc - mfcc.mean(0)) / (mfcc.std(0) + 1e-6)
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
    for song in made:
        parts[song["split"]].append(windows(song))
    (x, y), (test_x, test_y) = (
        (np.concatenate([p[0] for p in parts[k]]), np.concatenate([p[1] for p in parts[k]])) for k in ("train", "test")
    )
    commonest = max(np.unique(y), key=lambda family: (y == family).sum())
    shuffled = np.random.default_rng(0).permutation(y)
    print(f"family of the move from 1.5 s of MFCC, {len(y)} windows to train, {len(test_y)} to test, 8 families")
    print(f"  linear classifier:        {(classify(x, y, test_x) == test_y).mean():.2f}")
    print(f"  always {str(commonest)!r:17} {(test_y == commonest).mean():.2f}")
    print(f"  trained on shuffled:      {(classify(x, shuffled, test_x) == test_y).mean():.2f}")


def sound_figures(sound):
    """What a listener would call busy, dark and dynamic, in numbers."""
    power = (np.abs(librosa.stft(sound)) ** 2).mean(1)
    hertz = librosa.fft_frequencies(sr=SAMPLE_RATE)
    bands = {"below 150 Hz": (0, 150), "150 to 600 Hz": (150, 600), "600 to 2400 Hz": (600, 2400), "above": (2400, 1e5)}
    level = 20 * np.log10(librosa.feature.rms(y=sound)[0] + 1e-6)
    return {
        "onsets a second": len(librosa.onset.onset_detect(y=sound, sr=SAMPLE_RATE)) / (len(sound) / SAMPLE_RATE),
        **{f"{name} (dB of all)": 10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / power.sum())
           for name, (low, high) in bands.items()},
        "loud to soft, 95th to 10th percentile (dB)": np.percentile(level, 95) - np.percentile(level, 10),
        "peak to root mean square (dB)": 20 * np.log10(np.abs(sound).max() / sound.std()),
    }  # fmt: skip


def compare(recording, n_songs=24):
    real = sound_figures(media.read_audio(recording))
    waves = (resample_poly(songs.synthesise(compose_song(n)), 1, 2).astype(np.float32) for n in range(n_songs))
    made = [sound_figures(wave) for wave in waves]
    print(f"{'':44} recording   corpus: 5th, 50th, 95th percentile of {n_songs} songs")
    for name, value in real.items():
        low, middle, high = np.percentile([figures[name] for figures in made], (5, 50, 95))
        print(f"{name:44} {value:9.1f}   {low:.1f}, {middle:.1f}, {high:.1f}")


def detection(extracted):
    """MediaPipe against the truth: frames with a person, PCK@0.2 of each main joint, the worst clip."""
    shares, right = [], {}
    for clip in dataset.read_clips(extracted):
        known = truth.load(SAMPLE / "truth" / f"{Path(clip.source).stem}.npz").landmarks[: len(clip.poses)]
        shares.append(clip.detected.mean())
        right[clip.source] = [pck(clip.poses, known, joints=[joint]) for joint in MAIN_JOINTS]
    table = np.array(list(right.values()))  # (clips, 12)
    print(f"person seen in {np.mean(shares):.2%} of the frames of {len(table)} clips, worst {np.min(shares):.2%}")
    print(f"PCK@0.2 {table.mean():.4f}, worst clip {table.mean(1).min():.4f} ({list(right)[table.mean(1).argmin()]})")
    for joint, value in zip(MAIN_JOINTS, table.mean(0), strict=True):
        print(f"  {LANDMARK_NAMES[joint]:15} {value:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extracted", type=Path)
    parser.add_argument("--recording", type=Path)
    options = parser.parse_args()
    alignment()
    if options.extracted:
        detection(options.extracted)
    if options.recording:
        compare(options.recording)
    probe()
