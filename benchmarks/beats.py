"""How right the beats are, and how long hearing takes: python benchmarks/beats.py [RECORDINGS ...]

Two to six minutes on 2 cores. Needs `pip install mir_eval`, which nothing else does. Three trackers: librosa's on the
onset strength of video frames (30 a second), librosa's on finer onset strength, and on the network's output. Measured
on the 15 songs of the sample, whose true beats are known, as they are and disturbed; on sound without a beat; and on
recordings, in folders with a tempo.csv (see stated.py). With --hour the memory for 10 minutes and for an hour is
measured as well: two minutes more. With --composed N downbeats are measured on N held-out songs of the corpus, too.

F counts beats within 70 ms of a true one. CMLt is the share of true beats that were followed in a row; AMLt lets half,
double and off-beat count. A tempo is right within 6 %, an octave if half or double of it is. Downbeats, the first beats
of bars, are every third or fourth beat, from where the network's downbeat activation is highest; their F is beside that
of every fourth heard beat, counted from any of the first four.
"""

import argparse
import subprocess
import time
import tracemalloc
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import librosa
import mir_eval
import numpy as np
import stated
from scipy.io import wavfile
from scipy.ndimage import maximum_filter1d
from scipy.signal import fftconvolve, resample_poly

from dancing_utils import SAMPLE_RATE
from dancing_utils.audio import beat_network, beat_tracking, hearing, spectrum
from dancing_utils.data import media
from dancing_utils.evaluation import truth
from dancing_utils.files import SAMPLE
from data_sample.studio import corpus
from data_sample.studio.songs import SAMPLE_RATE as STUDIO_RATE
from data_sample.studio.songs import synthesise

TRACKERS = {
    "30 a second": lambda sound: beat_tracking.beats_from_onsets(spectrum.onset_strength(sound)),
    "finer onsets": lambda sound: librosa.beat.beat_track(
        onset_envelope=spectrum.fine_onset_strength(sound), sr=SAMPLE_RATE, hop_length=spectrum.FINE_HOP, units="time"
    )[1],
    "network": lambda sound: beat_network.pick_beats(beat_network.activations(sound)),
}
TEMPO_TOLERANCE = 0.06


# --- sounds -------------------------------------------------------------------------------------------------------


def sample_songs(what: str = "beats") -> list[tuple[np.ndarray, np.ndarray]]:
    """Sound and true beats, or "downbeats", in seconds of the sample's 15 clips."""
    clips = sorted(clip for name in ("clips", "held_out", "second_dancer") for clip in (SAMPLE / name).glob("*.mp4"))
    known = [truth.load(SAMPLE / "truth" / f"{clip.stem}.npz") for clip in clips]
    return [(media.read_audio(clip), getattr(one, what)) for clip, one in zip(clips, known, strict=True)]


def composed_songs(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sound and true downbeats in seconds of the first ``n`` held-out songs of the corpus, composed anew."""
    scores = [corpus.compose_song(number) for number in corpus.SPLITS["test"][:n]]
    step = STUDIO_RATE // SAMPLE_RATE
    return [(resample_poly(synthesise(score), 1, step).astype(np.float32), score.downbeats) for score in scores]


def drift(sound, beats, amount=0.08, period=20.0):
    """The tempo goes up and down by 8 %, and the pitch with it."""
    times = np.arange(len(sound)) / SAMPLE_RATE
    played = times + amount * period / (2 * np.pi) * (1 - np.cos(2 * np.pi * times / period))  # time in the original
    return np.interp(played, times, sound).astype(np.float32), np.interp(beats, played, times)


def room(sound, beats, decibels=5.0):
    """Reverberation (0.15 s to a third) and white noise."""
    rng, times = np.random.default_rng(0), np.arange(0, 0.8, 1 / SAMPLE_RATE)
    echoes = rng.standard_normal(len(times)) * np.exp(-times / 0.15)
    echoes[0] = 3
    heard = fftconvolve(sound, echoes / np.linalg.norm(echoes))[: len(sound)]
    noise = rng.standard_normal(len(sound)) * heard.std() * 10 ** (-decibels / 20)
    return (heard + noise).astype(np.float32), beats


def quieter(sound, beats):
    return sound * np.float32(10 ** (-30 / 20)), beats


def through_file(sound, beats, rate=SAMPLE_RATE, channels=1):
    """Written as a 16-bit WAV with the rate and channels, and read as the project reads a file."""
    sound = resample_poly(sound, rate, SAMPLE_RATE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "song.wav"
        wavfile.write(path, rate, np.tile((np.clip(sound, -1, 1) * 32767).astype(np.int16)[:, None], channels))
        return media.read_audio(path), beats


DISTURBED = {
    "clean": lambda *song: song, "tempo drifts by ± 8 %": drift, "reverb, noise at 5 dB": room, "-30 dB": quieter,
    "8 kHz": partial(through_file, rate=8000), "mono file": through_file,
    "6 channels": partial(through_file, channels=6),
}  # fmt: skip


def without_beat(seconds=30) -> dict[str, np.ndarray]:
    """Sounds that nobody would tap along to."""
    rng, times = np.random.default_rng(0), np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    tone = lambda f, vibrato=0.0: np.sin(2 * np.pi * f * times + vibrato * np.sin(0.6 * np.pi * times))  # noqa: E731
    rain = np.zeros(len(times))
    rain[rng.integers(0, len(rain), 3 * seconds)] = 0.9
    return {
        "silence": np.zeros(len(times)), "white noise": rng.uniform(-0.3, 0.3, len(times)),
        "brown noise": np.cumsum(rng.standard_normal(len(times))) / 1000, "hum": 0.1 * tone(50),
        "drone": 0.1 * sum(tone(110 * k) / k for k in range(1, 6)),
        "swelling drone": 0.1 * sum(tone(55 * k) / k for k in range(1, 6)) * (1 + 0.9 * np.sin(0.7 * times)),
        "chord, vibrato": 0.1 * sum(tone(f, 2) for f in (110, 138.6, 164.8)), "clicks at random": rain,
    }  # fmt: skip


# --- measures -----------------------------------------------------------------------------------------------------


def tempo_of(beats: np.ndarray) -> float:
    return 60 / np.median(np.diff(beats)) if len(beats) > 1 else 0.0


def verdict(found: float, true: float) -> str:
    """right, octave or wrong."""
    near = [abs(found - true * factor) <= TEMPO_TOLERANCE * true * factor for factor in (1, 0.5, 2)]
    return "right" if near[0] else "octave" if any(near) else "wrong"


def measure(found: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """F, CMLt, AMLt, the median offset in ms, and the tempo's verdict as three shares."""
    _, followed, _, allowed = mir_eval.beat.continuity(true, found)
    offset = np.median([found[np.abs(found - beat).argmin()] - beat for beat in true]) if len(found) else np.nan
    told = verdict(tempo_of(found), tempo_of(true))
    return {
        "F": mir_eval.beat.f_measure(true, found), "CMLt": followed, "AMLt": allowed, "offset": 1000 * offset,
        **{name: float(told == name) for name in ("right", "octave", "wrong")},
    }  # fmt: skip


def print_songs(songs) -> None:
    print(f"\n{'15 songs of the sample':24}{'tracker':14}     F  CMLt  AMLt  offset ms  right octave wrong")
    for name, disturb in DISTURBED.items():
        disturbed = [disturb(*song) for song in songs]
        for tracker, track in TRACKERS.items():
            rows = [measure(track(sound), beats) for sound, beats in disturbed]
            mean = {key: np.mean([row[key] for row in rows]) for key in rows[0]}
            median = np.median([row["offset"] for row in rows])
            told = [round(mean[key] * len(rows)) for key in ("right", "octave", "wrong")]
            scores = " ".join(f"{mean[key]:.3f}" for key in ("F", "CMLt", "AMLt"))
            print(f"{name:24}{tracker:14}  {scores} {median:7.0f}   ", *told)


def downbeats_of(activations: np.ndarray, beats: np.ndarray) -> np.ndarray:
    """Of beats (n,) in seconds every third or fourth, where the mean downbeat activation is highest."""
    near = maximum_filter1d(activations[:, 1], 5)  # within 40 ms
    values = near[np.round(beats * beat_network.RATE).astype(int).clip(max=len(near) - 1)]
    ways = [slice(first, None, meter) for meter in (3, 4) for first in range(meter)]
    return beats[max(ways, key=lambda way: values[way].mean())] if len(beats) > 3 else beats[:0]


def print_downbeats(name: str, songs) -> None:
    """F of downbeats, beside chance, and the songs whose bars are right nearly throughout."""
    print(f"\n{f'downbeats, {len(songs)} {name}':34} F  chance  F over .9")
    for disturbance in ("clean", "tempo drifts by ± 8 %", "reverb, noise at 5 dB"):
        rows = []
        for sound, true in (DISTURBED[disturbance](*song) for song in songs):
            activations = beat_network.activations(sound)
            beats = beat_network.pick_beats(activations)
            score = partial(mir_eval.beat.f_measure, true)
            rows.append((score(downbeats_of(activations, beats)), np.mean([score(beats[i::4]) for i in range(4)])))
        found, chance = np.array(rows).T
        print(f"{disturbance:32} {found.mean():.3f}  {chance.mean():.3f}  {(found > 0.9).sum()} of {len(rows)}")


def print_regularity(songs, recordings) -> None:
    groups = {name: [disturb(*song)[0] for song in songs] for name, disturb in DISTURBED.items()}
    groups["recordings with a beat"] = [sound for _, sound, tempo in recordings if tempo]
    groups |= {name: [sound] for name, sound in without_beat().items()}
    groups |= {name: [sound] for name, sound, tempo in recordings if not tempo}
    print(f"\nRegularity: a beat from {beat_network.REGULAR} on     least  median  most")
    for name, sounds in groups.items():
        if sounds:
            found = [beat_network.regularity(beat_network.activations(sound)) for sound in sounds]
            print(f"{name:36} {min(found):.3f}   {np.median(found):.3f} {max(found):.3f}")


def print_recordings(recordings) -> None:
    told = {tracker: [] for tracker in TRACKERS}
    print(f"\n{'recording':26}{'tempo':>6}  ", *(f"{tracker:>20}" for tracker in TRACKERS), "  regularity")
    for name, sound, tempo in recordings:
        found = {tracker: tempo_of(track(sound)) for tracker, track in TRACKERS.items()}
        verdicts = {tracker: verdict(value, tempo) if tempo else "no beat" for tracker, value in found.items()}
        for tracker in TRACKERS:
            told[tracker].append(verdicts[tracker])
        regularity = beat_network.regularity(beat_network.activations(sound))
        cells = (f"{found[tracker]:12.1f} {verdicts[tracker]:>7}" for tracker in TRACKERS)
        print(f"{name:26}{tempo:6.0f}  ", *cells, f"{regularity:12.3f}")
    for tracker, verdicts in told.items():
        print(f"{tracker}:", ", ".join(f"{verdicts.count(name)} {name}" for name in ("right", "octave", "wrong")))


def read_recordings(folders: list[Path]) -> list[tuple[str, np.ndarray, float]]:
    """Name, sound and stated tempo of the folders' recordings."""
    recordings = [recording for folder in folders for recording in stated.read_folder(folder)]
    return [(one.path.name, media.read_audio(one.path), one.tempo) for one in recordings]


# --- time and memory ----------------------------------------------------------------------------------------------


def processor() -> str:
    name = next(line for line in subprocess.check_output("lscpu", text=True).splitlines() if "Model name" in line)
    return name.partition(":")[2].strip()


def print_time(sound: np.ndarray) -> None:
    """Milliseconds a second of sound, by stage; the best of three."""
    features = beat_network.features(sound)
    state = lambda: np.zeros((2, 2, 3, 150), np.float32)  # noqa: E731
    heard = beat_network.run(features, state())
    stages = {
        "features": lambda: beat_network.features(sound), "networks": lambda: beat_network.run(features, state()),
        "beats": lambda: beat_network.pick_beats(heard), "regularity": lambda: beat_network.regularity(heard),
        "MFCC": lambda: spectrum.mfcc(sound), "onset strength": lambda: spectrum.onset_strength(sound),
        "all of hear": lambda: hearing.hear(sound),
    }  # fmt: skip
    print(f"\nTime for a second of sound, {processor()}")
    for stage, work in stages.items():
        taken = []
        for _ in range(3):
            start, used = time.perf_counter(), time.process_time()
            work()
            taken.append((time.perf_counter() - start, time.process_time() - used))
        wall, used = (1000 * best * SAMPLE_RATE / len(sound) for best in map(min, zip(*taken, strict=True)))
        print(f"{stage:14} {wall:5.1f} ms, of the processor {used:5.1f} ms")


def print_memory(sound: np.ndarray) -> None:
    """MB that hearing takes beside the sound, repeated for 10 minutes and for an hour."""
    print("\nMemory of arrays")
    for minutes in (10, 60):
        long = np.resize(sound, minutes * 60 * SAMPLE_RATE)
        tracemalloc.start()
        hearing.hear(long)
        beside = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"{minutes} min: {long.nbytes / 1e6:.0f} MB of sound, {beside / 1e6:.0f} MB beside it", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="*", type=Path, help="folders with a tempo.csv")
    parser.add_argument("--composed", type=int, default=0, help="held-out songs of the corpus to measure downbeats on")
    parser.add_argument("--hour", action="store_true", help="measure the memory for an hour of sound, too")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="mir_eval")  # it warns of songs without beats
    known, recordings = sample_songs(), read_recordings(options.recordings)
    print_songs(known)
    print_downbeats("clips of the sample", sample_songs("downbeats"))
    if options.composed:
        print_downbeats("songs of the corpus", composed_songs(options.composed))
    if recordings:
        print_recordings(recordings)
    print_regularity(known, recordings)
    three_minutes = np.concatenate([sound for sound, _ in known])[: 180 * SAMPLE_RATE]
    print_time(three_minutes)
    if options.hour:
        print_memory(three_minutes)


if __name__ == "__main__":
    main()
