"""Networks rounded to 8 bits compute what they did before, nearly."""

import numpy as np
import pytest

from dancing_utils.images import eight_bits
from dancing_utils.tf import tf

RNG = np.random.default_rng(0)
KERNEL = RNG.normal(size=(3, 3, 4, 5)).astype(np.float32)
EXAMPLES = [RNG.uniform(-1, 1, (1, 16, 24, 4)).astype(np.float32) for _ in range(8)]


@tf.function(input_signature=[tf.TensorSpec((1, 16, 24, 4))])
def both(picture):
    """Two outputs, the second at half size."""
    fine = tf.nn.relu(tf.nn.conv2d(picture, KERNEL, 1, "SAME"))
    return fine, tf.nn.avg_pool2d(fine, 2, 2, "SAME")


@pytest.fixture(scope="module")
def networks():
    examples = lambda: ([x] for x in EXAMPLES)  # noqa: E731
    return {at_ends: eight_bits.Network(eight_bits.quantise(both, examples, bytes_at_ends=at_ends))
            for at_ends in (False, True)}  # fmt: skip


def test_it_computes_as_before_give_or_take_a_step_of_256(networks):
    fine, half = (one.numpy() for one in both(EXAMPLES[0]))
    coarse, whole = networks[False](EXAMPLES[0])  # fewest rows first
    step = max(both(x)[0].numpy().max() for x in EXAMPLES) / 255
    assert coarse.shape == half.shape and np.abs(coarse - half).max() < 4 * step
    assert whole.shape == fine.shape and np.abs(whole - fine).max() < 4 * step


def test_bytes_go_in_and_come_out_with_their_scale(networks):
    levels = RNG.integers(0, 256, (1, 16, 24, 4), np.uint8)
    fine = both(levels / np.float32(127.5) - 1)[0].numpy()
    _, whole = networks[True](levels)
    scale, zero = networks[True].scales[fine.shape]
    assert whole.dtype == np.uint8 and np.abs(scale * (whole - np.float32(zero)) - fine).max() < 0.05 * fine.max()
