"""Model files: weights in their order, what they know, and damage to any file of arrays, which is said."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from test_training import HERE, Line, fit

from dancing_utils import InputError, files, training
from dancing_utils.evaluation import truth
from dancing_utils.images import baseline_gan, pose_gan, repair_gan
from dancing_utils.motion import baseline_vae, lstm_vae
from dancing_utils.pose.body import Body

ROOT = Path(__file__).resolve().parents[1]


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


def test_a_weight_that_float16_cannot_hold_does_not_replace_a_good_file(tmp_path):
    model, path = Line(), tmp_path / "m.npz"
    training.save_weights(model, path, baseline_vae.BaselineSettings())
    before = path.read_bytes()
    for value in (1e6, np.nan):
        model.slope.assign([value])
        with pytest.raises(InputError, match="too large to be kept in .*m.npz"):
            training.save_weights(model, path, baseline_vae.BaselineSettings())
    assert path.read_bytes() == before


def test_a_model_file_knows_which_clips_it_has_seen(tmp_path):
    path = tmp_path / "m.npz"
    training.save_weights(Line(), path, baseline_vae.BaselineSettings(), seen={"b", "a"})
    assert training.read_seen(path) == {"a", "b"}
    training.save_weights(Line(), path, baseline_vae.BaselineSettings())
    assert training.read_seen(path) is None and training.load_weights(Line(), path).body is None


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
        baseline_vae.BaselineSettings, lstm_vae.LSTMVAESettings, baseline_gan.BaselineGANSettings, pose_gan.GANSettings,
        repair_gan.RepairSettings,
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


# --- damaged files --------------------------------------------------------------------------------------------------


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
    return settings, model.body.to_array(), training.read_seen(path), model.get_weights()


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
        training.load_weights(Line(), tmp_path / "m.npz")
    rewrite(tmp_path / "m.npz", body=np.zeros(24, np.float32))
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


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before(tmp_path):
    """The zip's directory says 3 GB; or it says less than there is."""
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(50_000_000))
    honest = path.read_bytes()
    tracemalloc.start()
    for claimed, words in ((3_000_000_000, "3.0 GB, more than 2.0"), (1000, "damaged")):
        place = honest.rindex(b"PK\x01\x02") + 24  # of the unpacked size in the directory
        path.write_bytes(honest[:place] + claimed.to_bytes(4, "little") + honest[place + 4 :])
        with pytest.raises(InputError, match=words):
            files.read_npz(path, needs=[], hint="get another")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
