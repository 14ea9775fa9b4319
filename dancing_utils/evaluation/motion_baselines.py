"""Who dances for ``evaluate_motion``: the song model, and the baselines that it must beat.

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils import FPS, InputError, generate
from dancing_utils.audio import beat_tracking
from dancing_utils.evaluation.held_out_songs import Song
from dancing_utils.motion import kinetics, lstm_vae

GROOVE_BEATS = 8


Dancer = Callable[[Song], np.ndarray]  # -> poses (T, 33, 2)


# --- baselines -----------------------------------------------------------------------------------------------------


def mean_pose(training: list[Song]) -> Dancer:
    """Stand still in the mean of all training poses."""
    mean = np.concatenate([song.poses for song in training]).mean(0)
    return lambda song: np.tile(mean, (len(song.poses), 1, 1))


def can_groove(song: Song) -> bool:
    """Are there beats enough for a second pair of bars?"""
    return len(song.tracked) > 2 * GROOVE_BEATS


def constant_groove(training: list[Song]) -> Dancer:
    """Two bars of a training dance, again and again, stretched to the song's tracked beats; without beats it stands.

    Raises
    ------
    InputError
        If ``can_groove`` is true of no training song.
    """
    first = next(filter(can_groove, training), None)
    if first is None:
        raise InputError(f"none of {len(training)} songs has {2 * GROOVE_BEATS + 1} tracked beats: give longer songs")
    knots = np.linspace(GROOVE_BEATS, 2 * GROOVE_BEATS, 60 * GROOVE_BEATS + 1)  # beats: the second pair of bars
    frames = np.interp(knots, np.arange(len(first.tracked)), first.tracked) * FPS
    bars = np.stack([_between_frames(first.poses, frame) for frame in frames])  # (n, 33, 2)

    def dance(song):
        phase = np.nan_to_num(beat_tracking.beat_phase(song.tracked, len(song.poses))) / GROOVE_BEATS % 1
        return np.stack([_between_frames(bars, place) for place in phase * (len(bars) - 1)])

    return dance


def _between_frames(poses: np.ndarray, frame: float) -> np.ndarray:
    """The pose (33, 2) at a time between two frames, in a straight line from one to the other."""
    before = min(int(frame), len(poses) - 2)
    return poses[before] + (frame - before) * (poses[before + 1] - poses[before])


def nearest_window(training: list[Song], *, window: int = kinetics.WINDOW) -> Dancer:
    """For every two seconds the training dance whose sound (16 features a frame) is nearest, one after the other."""
    places = [(song, start) for song in training for start in range(0, len(song.poses) - window + 1, window // 4)]
    sounds = np.stack([song.features[start : start + window].ravel() for song, start in places])
    squares = (sounds**2).sum(1)

    def dance(song):
        poses = np.empty_like(song.poses)
        for start in range(0, len(poses), window):
            begin = min(start, len(poses) - window)
            sound = song.features[begin : begin + window].ravel()
            other, place = places[int(np.argmin(squares - 2 * sounds @ sound))]
            poses[begin : begin + window] = other.poses[place : place + window]
        return poses

    return dance


# --- the song model ------------------------------------------------------------------------------------------------


def dancer(model: lstm_vae.LSTMVAE, *, seed: int) -> Dancer:
    """Dances to what it hears, as ``generate`` does."""
    return lambda song: generate.song_to_dance(model, song.features, seed=seed).poses


def other_song_dancer(model: lstm_vae.LSTMVAE, songs: list[Song]) -> Dancer:
    """Dances to the next song's sound, repeated or cut to the length of its own."""
    following = {id(song): other for song, other in zip(songs, songs[1:] + songs[:1], strict=True)}

    def dance(song):
        features = np.resize(following[id(song)].features, song.features.shape)
        return generate.song_to_dance(model, features).poses

    return dance
