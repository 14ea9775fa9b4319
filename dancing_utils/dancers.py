"""Who dances for ``evaluate``, and to what: held-out songs, the song model, and the baselines that it must beat.

Songs are the held-out ones of the motion corpus (split "test"): their true beats, moves and dances are known. In a file
of ``dance extract``, where nobody knows them, MediaPipe's poses, smoothed, stand for the true dance and tracked beats
for the true ones; held out are the videos that the song model has not seen, or one in ten if it has seen none.

Notebook: 04_better_motion.ipynb
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import FPS, InputError, audio, lstm_vae, metrics, song_data
from dancing_utils.dataset import Clip, read_clips
from dancing_utils.landmarks import torso_length
from dancing_utils.pose import finite_runs, smooth

GROOVE_BEATS = 8


@dataclass(frozen=True)
class Song:
    """A song and its true dance, or what stands for it."""

    name: str
    mfcc: np.ndarray  # (T, 13)
    features: np.ndarray  # (T, 16)
    poses: np.ndarray  # (T, 33, 2)
    beats: np.ndarray  # seconds, the true ones
    tracked: np.ndarray  # seconds, those the beat tracker hears
    family: np.ndarray | None  # (T,) index of the family danced
    rig: bool = True  # poses and beats are the choreographer's, not MediaPipe's and the beat tracker's


@dataclass(frozen=True)
class Songs:
    """What dances are measured on."""

    training: list[Song]  # the baselines learn from them
    held_out: list[Song]
    notes: tuple[str, ...] = ()  # what was left out and why, a sentence each


Dancer = Callable[[Song], np.ndarray]  # -> poses (T, 33, 2)


# --- the songs -----------------------------------------------------------------------------------------------------


def read_songs(path: str | Path, *, seen: frozenset[str] = frozenset()) -> Songs:
    """The songs of a corpus file or of a file of ``dance extract``; every one can be measured.

    Parameters
    ----------
    seen : contents of the clips that the song model was trained or validated on, which are not held out.

    Raises
    ------
    InputError
        If there are no held-out songs or none to learn from, or the model has seen all that are held out.
    """
    train, test = _split(read_clips(path), seen)
    new = [clip for clip in test if clip.content not in seen]
    if test and not new:
        raise InputError(f"{path}: the model was trained on all {len(test)} held-out songs: give songs new to it")
    training, songs = (list(filter(_shows_a_dance, clips)) for clips in (train, new))
    if not training or not songs:
        raise InputError(
            f"{path} has {len(training)} songs to train on and {len(songs)} held out (split 'test') that show a person "
            "for 2 s on end: give two videos or more, or the corpus that `python -m data_sample.studio corpus` makes"
        )
    notes = {
        f"{len(test) - len(new)} of {len(test)} songs were trained on and are left out": [
            clip for clip in test if clip.content in seen
        ],
        "left out, since no person is seen for 2 s on end": [clip for clip in new if not _shows_a_dance(clip)],
        "without onset strength, so that no beat is heard (extract again)": [
            clip for clip in songs if clip.onset_strength is None
        ],
    }
    said = tuple(f"{what}: {', '.join(clip.source for clip in clips)}" for what, clips in notes.items() if clips)
    return Songs([_song(clip) for clip in training], [_song(clip) for clip in songs], said)


def _split(clips: list[Clip], seen: frozenset[str]) -> tuple[list[Clip], list[Clip]]:
    """Clips that the baselines learn from, and held-out ones: never the same content in both."""
    old = [clip for clip in clips if clip.content in seen]
    if any("split" in clip.attributes for clip in clips):
        train, test = ([clip for clip in clips if clip.attributes.get("split") == part] for part in ("train", "test"))
    elif 0 < len(old) < len(clips):
        train, test = old, [clip for clip in clips if clip.content not in seen]
    else:
        train, test = song_data.split_clips(clips)
    held_out = {clip.content for clip in test}
    return [clip for clip in train if clip.content not in held_out], test


def _longest_stretch(clip: Clip) -> slice:
    """The longest run of frames with a person."""
    return slice(*max(finite_runs(clip.poses), key=lambda run: run[1] - run[0], default=(0, 0)))


def _shows_a_dance(clip: Clip) -> bool:
    """Is there a person, with a torso, for as long as a window of the measures?"""
    poses = clip.poses[_longest_stretch(clip)]
    return len(poses) >= metrics.WINDOW and np.median(torso_length(poses)) > 0


def _song(clip: Clip) -> Song:
    """The longest stretch of a clip in which a person is seen; MediaPipe's poses are smoothed below 6 Hz."""
    part, rig = _longest_stretch(clip), "tempo" in clip.attributes
    poses, mfcc = clip.poses[part], clip.mfcc[part]
    onsets = clip.onset_strength[part] if clip.onset_strength is not None else np.zeros(len(mfcc), np.float32)
    tracked = audio.beats_from_onsets(onsets)
    family = clip.attributes.get("family")
    return Song(
        clip.source, mfcc, song_data.sound_features(mfcc, onsets, tracked),
        poses if rig else smooth(poses, cutoff_hz=6), _true_beats(clip, part) if rig else tracked, tracked,
        family[part] if family is not None else None, rig,
    )  # fmt: skip


def _true_beats(clip: Clip, part: slice) -> np.ndarray:
    """Beats (n,) in seconds from the part's first frame on: the song's beat 0 is at its 0 s."""
    begin, end = (clip.start_time + frame / FPS for frame in (part.start, part.stop))
    beats = np.arange(0, end, 60 / clip.attributes["tempo"]) - begin
    return beats[beats >= 0]


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
        phase = np.nan_to_num(audio.beat_phase(song.tracked, len(song.poses))) / GROOVE_BEATS % 1
        return np.stack([_between_frames(bars, place) for place in phase * (len(bars) - 1)])

    return dance


def _between_frames(poses: np.ndarray, frame: float) -> np.ndarray:
    """The pose (33, 2) at a time between two frames, in a straight line from one to the other."""
    before = min(int(frame), len(poses) - 2)
    return poses[before] + (frame - before) * (poses[before + 1] - poses[before])


def nearest_window(training: list[Song], *, window: int = metrics.WINDOW) -> Dancer:
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
    """Dances to what it hears."""
    return lambda song: model.dance(song.features, seed=seed)


def deaf_dancer(model: lstm_vae.LSTMVAE, songs: list[Song]) -> Dancer:
    """Dances to the next song's sound, repeated or cut to the length of its own."""
    following = {id(song): other for song, other in zip(songs, songs[1:] + songs[:1], strict=True)}
    return lambda song: model.dance(np.resize(following[id(song)].features, song.features.shape))
