"""Held-out songs: what dances are measured on, and what baselines learn from.

Songs are the held-out ones of the motion corpus (split "test"): their true beats, moves and dances are known. In a file
of ``dance extract``, where nobody knows them, MediaPipe's poses, smoothed, stand for the true dance and heard beats
for the true ones; held out are the videos that the song model has not seen, or one in ten if it has seen none.

Notebook: 04_better_motion.ipynb
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.audio import beat_tracking, hearing
from dancing_utils.data.dataset import Clip, read_clips, with_music
from dancing_utils.motion import kinetics, song_data
from dancing_utils.pose.landmarks import torso_length
from dancing_utils.pose.smoothing import finite_runs, smooth


@dataclass(frozen=True)
class Song:
    """A song and its true dance, or what stands for it."""

    name: str
    mfcc: np.ndarray  # (T, 13)
    features: np.ndarray  # (T, 16)
    poses: np.ndarray  # (T, 33, 2)
    beats: np.ndarray  # seconds, the true ones
    tracked: np.ndarray  # seconds, those that are heard
    family: np.ndarray | None  # (T,) index of the family danced
    rig: bool = True  # poses and beats are those of the program that made it, not MediaPipe's and the beat tracker's


@dataclass(frozen=True)
class Songs:
    """What dances are measured on."""

    training: list[Song]  # the baselines learn from them
    held_out: list[Song]
    notes: tuple[str, ...] = ()  # what was left out and why, a sentence each


def read_songs(path: str | Path, *, seen: frozenset[str] = frozenset()) -> Songs:
    """The songs of a corpus file or of a file of ``dance extract``; every one can be measured.

    Parameters
    ----------
    seen : ``Clip.content`` of the clips that the song model was trained or validated on, which are not held out.

    Raises
    ------
    InputError
        If there are no held-out songs or none to learn from, or the model has seen all that are held out.
    """
    train, test = _split(with_music(read_clips(path)), seen)
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
    sentences = tuple(f"{what}: {', '.join(clip.source for clip in clips)}" for what, clips in notes.items() if clips)
    return Songs([song_of(clip) for clip in training], [song_of(clip) for clip in songs], sentences)


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
    return len(poses) >= kinetics.WINDOW and np.median(torso_length(poses)) > 0


def song_of(clip: Clip) -> Song:
    """The longest stretch of a clip in which a person is seen; MediaPipe's poses are smoothed below 6 Hz."""
    part, rig = _longest_stretch(clip), "tempo" in clip.attributes
    poses, mfcc = clip.poses[part], clip.mfcc[part]
    onsets = clip.onset_strength[part] if clip.onset_strength is not None else np.zeros(len(mfcc), np.float32)
    tracked = beat_tracking.beats_from_onsets(onsets) if clip.beats is None else _beats_from(clip.beats, part)
    family = clip.attributes.get("family")
    return Song(
        clip.source, mfcc, hearing.sound_features(mfcc, onsets, tracked),
        poses if rig else smooth(poses, cutoff_hz=6), _true_beats(clip, part) if rig else tracked, tracked,
        family[part] if family is not None else None, rig,
    )  # fmt: skip


def _true_beats(clip: Clip, part: slice) -> np.ndarray:
    """Beats (n,) in seconds from the part's first frame on: the song's beat 0 is at its 0 s."""
    beats = np.arange(0, clip.start_time + part.stop / FPS, 60 / clip.attributes["tempo"])
    return _beats_from(beats - clip.start_time, part)


def _beats_from(beats: np.ndarray, part: slice) -> np.ndarray:
    """Of beats in seconds from a clip's start those of a part of it, in seconds from the part's."""
    beats = beats[beats < part.stop / FPS] - part.start / FPS
    return beats[beats >= 0]
