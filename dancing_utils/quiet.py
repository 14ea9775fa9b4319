"""Import TensorFlow without its page of notes about the processor, which no setting turns off.

Modules that use TensorFlow or MediaPipe (which imports it) import this one first. Errors come as exceptions.
"""

import os
import threading
from contextlib import contextmanager

_one_at_a_time = threading.Lock()  # two threads at once would each take the other's "nowhere" for the real one


@contextmanager
def native_stderr_hidden():
    """Hide what C++ code prints to the standard error meanwhile; Python's exceptions are not touched."""
    with _one_at_a_time:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_stderr_hidden():
    import tensorflow  # noqa: F401
