"""Two devices learn what one does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_trained_on import a_file

DEVICES = """
import json, sys
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from dataclasses import replace
from dancing_utils.images import gan_training
from test_trained_on import SMALL_GAN
tf.config.run_functions_eagerly(True)
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
