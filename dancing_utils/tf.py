"""The one place that imports TensorFlow and Keras, without their page of notes about the processor.

No setting turns those notes off, so the standard error is put away meanwhile; errors come as exceptions. MediaPipe,
which does the same, is imported and used within ``native_stderr_hidden``. Progress bars write to ``shown_stderr``,
which stays. Elsewhere: ``from dancing_utils.tf import keras, layers, ops, tf``.

Notebook: 03_train_lstm_vae.ipynb
"""

import os
import threading
from contextlib import contextmanager

try:
    shown_stderr = open(os.dup(2), "w", encoding="utf-8", errors="replace")  # noqa: SIM115  (never put away)
except OSError:  # the standard error is closed
    shown_stderr = None

_lock = threading.Lock()  # held only while the standard error is put away or brought back
_hiding = 0  # threads that hide at this moment
_kept = None  # the real standard error meanwhile


@contextmanager
def native_stderr_hidden():
    """Hide what C++ code prints to the standard error meanwhile; Python's exceptions are not touched.

    Threads may hide at the same time: the first puts the standard error away, the last brings it back.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _hiding, _kept
    with _lock:
        _hiding += 1
        if _hiding > 1:
            return
        try:
            _kept = os.dup(2)
        except OSError:  # it is closed: nobody reads what is printed
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def _leave() -> None:
    global _hiding, _kept
    with _lock:
        _hiding -= 1
        if _hiding == 0 and _kept is not None:
            os.dup2(_kept, 2)
            os.close(_kept)
            _kept = None


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_stderr_hidden():
    import tensorflow as tf  # noqa: F401  isort: skip  (first, or Keras brings it in)
    import keras  # noqa: F401
    from keras import layers, ops  # noqa: F401
