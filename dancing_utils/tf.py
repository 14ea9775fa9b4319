"""The one place that imports TensorFlow and Keras, without their page of notes about the processor.

Elsewhere: ``from dancing_utils.tf import keras, layers, ops, tf``.

Notebook: 03_train_lstm_vae.ipynb
"""

import os

from dancing_utils.stderr import native_stderr_hidden

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_stderr_hidden():
    import tensorflow as tf  # noqa: F401  isort: skip  (first, or Keras brings it in)
    import keras  # noqa: F401
    from keras import layers, ops  # noqa: F401
