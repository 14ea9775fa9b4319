"""The fast form of a Pose GAN: it belongs to the weights of one model file."""

import numpy as np
import pytest
import tensorflow as tf
from test_model_files import a_zip, rewrite
from test_training import Line

from dancing_utils import InputError, cli, training
from dancing_utils.images import painting, pose_gan


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
