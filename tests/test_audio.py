"""Sound features against signals whose answer is known."""

import tracemalloc

import librosa
import numpy as np
import pytest

from dancing_utils import FPS, SAMPLE_RATE, InputError
from dancing_utils.audio import beat_tracking, spectrum
from dancing_utils.data import media


def clicks(times, seconds):
    """A waveform with a 5 ms burst of noise at each time."""
    sound = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    burst = np.random.default_rng(0).uniform(-0.9, 0.9, 110).astype(np.float32)
    for time in times:
        start = round(time * SAMPLE_RATE) - 55
        sound[start : start + 110] = burst
    return sound


CLICK_TIMES = np.arange(1, 60, 4.7) // (1 / FPS) / FPS + 0.007  # spread over a minute, away from half frames


def centre_of_click(sound, n_frames):
    """Centre of the energy of MFCC 0 around each click, in frames."""
    loudness = spectrum.mfcc(sound, n_frames=n_frames)[:, 0]
    out = []
    for middle in np.round(CLICK_TIMES * FPS).astype(int):
        window = loudness[middle - 5 : middle + 6]
        weight = window - window.min()
        out.append(middle - 5 + (weight * np.arange(11)).sum() / weight.sum())
    return np.array(out)


@pytest.mark.slow
def test_click_through_an_encoded_video_does_not_drift(tmp_path):
    sound = clicks(CLICK_TIMES, 60)
    with media.VideoWriter(tmp_path / "clicks.mp4", size=(32, 32), audio=sound) as writer:
        for _ in range(1800):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    decoded = media.read_audio(tmp_path / "clicks.mp4")
    for waveform in (sound, decoded):
        centres = centre_of_click(waveform, 1800)
        np.testing.assert_array_equal(np.round(centres), np.round(CLICK_TIMES * FPS))


def test_onset_strength_peaks_in_the_frame_of_the_click():
    strength = spectrum.onset_strength(clicks(CLICK_TIMES, 60), n_frames=1800)
    expected = np.round(CLICK_TIMES * FPS).astype(int)
    found = [m - 10 + strength[m - 10 : m + 11].argmax() for m in expected]
    # The rise of a 93 ms spectrum comes before its middle, by at most one frame.
    np.testing.assert_allclose(found, expected, atol=1)


def test_one_vector_a_frame():
    sound = np.zeros(SAMPLE_RATE * 2 + 100, np.float32)
    assert spectrum.mfcc(sound).shape == (60, 13)
    assert spectrum.mfcc(sound, n_frames=149).shape == (149, 13)
    assert spectrum.onset_strength(sound, n_frames=149).shape == (149,)
    assert spectrum.mfcc(sound).dtype == np.float32
    assert spectrum.count_frames(np.zeros(100)) == 1  # less than a frame of 735 samples is one


def test_sound_is_cut_to_the_frames_that_are_wanted():
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 2 * SAMPLE_RATE).astype(np.float32)
    np.testing.assert_array_equal(spectrum.mfcc(sound, n_frames=30), spectrum.mfcc(sound[:SAMPLE_RATE]))


def test_a_frame_keeps_the_strongest_of_the_three_values_around_it(monkeypatch):
    """Value 3 k is at frame k; the values are their own numbers, so frame k gets 3 k + 1."""
    monkeypatch.setattr(spectrum, "fine_onset_strength", lambda waveform: np.arange(31.0))
    np.testing.assert_array_equal(spectrum.onset_strength(np.zeros(7350)), np.arange(10) * 3 + 1)
    monkeypatch.setattr(spectrum, "fine_onset_strength", lambda waveform: -np.arange(31.0))
    np.testing.assert_array_equal(spectrum.onset_strength(np.zeros(7350)), np.r_[0, 1 - 3 * np.arange(1, 10)])


def test_mfcc_of_a_reference_sound():
    """The same numbers from every librosa: a chord of two sines, frame 15."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    sound = (0.5 * np.sin(2 * np.pi * 440 * time) + 0.2 * np.sin(2 * np.pi * 1320 * time)).astype(np.float32)
    np.testing.assert_allclose(spectrum.mfcc(sound)[15], REFERENCE, atol=0.05)


# librosa 0.11 on Linux; 1.0 agrees to the tolerance.
REFERENCE = [-460.9, 48.86, 6.52, -12.77, -0.26, 10.18, -11.81, -51.91, -67.47, -40.49, 0.13, 14.58, 0.41]


def test_spectra_made_in_pieces_are_those_of_librosa(monkeypatch):
    """No seam: the same MFCC and onset strength, to rounding."""
    monkeypatch.setattr(spectrum, "PIECE", 17)
    sound = np.random.default_rng(0).uniform(-1, 1, 3 * SAMPLE_RATE).astype(np.float32)
    mfcc = librosa.feature.mfcc(y=sound, sr=SAMPLE_RATE, hop_length=735, n_mfcc=13).T[:90]
    np.testing.assert_allclose(spectrum.mfcc(sound), mfcc, atol=1e-3)
    onsets = librosa.onset.onset_strength(y=sound, sr=SAMPLE_RATE, hop_length=spectrum.FINE_HOP)
    np.testing.assert_allclose(spectrum.fine_onset_strength(sound), onsets, atol=1e-3)


def test_pieces_have_no_seam(monkeypatch):
    """Nor is what is quiet cut off by the loudest sound of its own piece: this one grows by 100 dB."""
    rng = np.random.default_rng(0)
    sound = (rng.uniform(-1, 1, SAMPLE_RATE) * np.geomspace(1e-5, 1, SAMPLE_RATE)).astype(np.float32)
    measures = spectrum.mfcc, spectrum.fine_onset_strength, spectrum.onset_strength
    whole = [measure(sound) for measure in measures]
    for piece in (1, 17, 90, 91):
        monkeypatch.setattr(spectrum, "PIECE", piece)
        for measure, expected in zip(measures, whole, strict=True):
            np.testing.assert_allclose(measure(sound), expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_memory_does_not_grow_with_the_sound(monkeypatch):
    """The fine mel spectrogram of 40 s alone has 1.8 MB, that of a piece 0.1; the MFCC's, 0.6 MB, once stayed."""
    monkeypatch.setattr(spectrum, "PIECE", 200)
    peaks = []
    for seconds in (5, 5, 40):  # the first compiles and fills caches
        sound = np.random.default_rng(0).uniform(-1, 1, seconds * SAMPLE_RATE).astype(np.float32)
        tracemalloc.start()
        spectrum.onset_strength(sound), spectrum.mfcc(sound)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 5e5


@pytest.mark.parametrize("waveform", [np.zeros((2, 100)), np.zeros(0), np.r_[0, np.nan], np.r_[0, -np.inf]])
def test_bad_waveforms(waveform):
    with pytest.raises(InputError):
        spectrum.mfcc(waveform)


def test_frame_rate_that_does_not_divide():
    with pytest.raises(InputError, match="fps=29"):
        spectrum.mfcc(np.zeros(1000), fps=29)


def test_the_beat_phase_counts_the_beats():
    phase = beat_tracking.beat_phase(np.array([1.0, 1.5, 2.0]), 120)
    np.testing.assert_allclose(phase[[0, 30, 45, 60, 90]], [-2, 0, 1, 2, 4], atol=1e-6)
    assert np.isnan(beat_tracking.beat_phase(np.array([1.0]), 5)).all()
    np.testing.assert_allclose(beat_tracking.beat_phase(np.array([1.0, 1.5]), 61)[[0, 60]], [-2, 2], atol=1e-6)
    uneven = beat_tracking.beat_phase(np.array([1.0, 1.6, 2.0, 2.4]), 97)  # at the median of 0.6, 0.4, 0.4 s
    np.testing.assert_allclose(uneven[[0, 30, 48, 60, 96]], [-2.5, 0, 1, 2, 5], atol=1e-6)


def test_beats_are_found_in_the_onset_strength_of_frames():
    onsets = np.zeros(600, np.float32)
    onsets[5::15] = 1
    beats = beat_tracking.beats_from_onsets(onsets)
    assert len(beats) > 30 and np.abs((beats[2:-2] * 30 - 5 + 7) % 15 - 7).max() < 1.1
    assert len(beat_tracking.beats_from_onsets(np.zeros(100))) == 0


def test_faint_beats_at_both_ends_are_kept():
    onsets = np.zeros(600, np.float32)
    onsets[5::15] = np.r_[np.full(8, 0.3), np.ones(24), np.full(8, 0.3)]
    beats = beat_tracking.beats_from_onsets(onsets)
    assert beats[0] < 1 and beats[-1] > 19
