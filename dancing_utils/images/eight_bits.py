"""Networks in whole numbers of 8 bits, by TFLite: several times as fast where the processor has instructions for them.

Weights and activations are rounded after training. The ranges of the activations are measured on examples.

Reference: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
2017, https://arxiv.org/abs/1712.05877.

Notebook: 07b_better_images.ipynb
"""

import logging
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from dancing_utils.stderr import native_stderr_hidden
from dancing_utils.tf import tf

THREADS = 2


def quantise(
    function: tf.types.experimental.GenericFunction, examples: Callable[[], Iterator[list[np.ndarray]]], *,
    bytes_at_ends: bool = False,
) -> bytes:  # fmt: skip
    """A function with an ``input_signature`` as the content of a TFLite file.

    Parameters
    ----------
    examples : gives its arguments, float32, again and again; the ranges are measured on them.
    bytes_at_ends : it takes and gives uint8, whose scale and zero point the file says; otherwise float32.
    """
    # Not at the top: there it would import TensorFlow before dancing_utils.tf could silence it.
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    logging.getLogger("absl").setLevel(logging.ERROR)  # the converter recommends another way to hand it a frozen graph
    with native_stderr_hidden(), warnings.catch_warnings(action="ignore"):  # and asks for statistics that it measures
        frozen = convert_variables_to_constants_v2(function.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = examples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        if bytes_at_ends:
            converter.inference_input_type = converter.inference_output_type = tf.uint8
        return converter.convert()


class Network:
    """A TFLite file's content, ready to run on two cores. Inputs and outputs are known by their shapes, all different.

    Attributes
    ----------
    scales : shape of an output -> (scale, zero point) of its whole numbers.
    """

    def __init__(self, content: bytes):
        # TensorFlow recommends another package for its interpreter, which would be one more to install.
        with native_stderr_hidden(), warnings.catch_warnings(action="ignore"):
            self._interpreter = tf.lite.Interpreter(model_content=content, num_threads=THREADS)
            self._interpreter.allocate_tensors()
        self._inputs = {tuple(one["shape"]): one["index"] for one in self._interpreter.get_input_details()}
        outputs = {tuple(one["shape"].tolist()): one for one in self._interpreter.get_output_details()}
        self._outputs = {shape: one["index"] for shape, one in outputs.items()}
        self.scales = {shape: one["quantization"] for shape, one in outputs.items()}

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Inputs, each of batch 1 -> outputs, those with fewest rows first, then those with fewest channels."""
        for array in arrays:
            self._interpreter.set_tensor(self._inputs[array.shape], array)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for _, index in sorted(self._outputs.items())]
