"""The one place that imports MediaPipe: quietly, and without TensorFlow, which takes seconds to load.

MediaPipe asks for TensorFlow only to mark its own documentation, and goes on without it.

Elsewhere: ``from dancing_utils.mp import mp, vision``; call it within ``stderr.native_stderr_hidden``.

Notebook: 01_extract_data.ipynb
"""

import sys
from contextlib import contextmanager

from dancing_utils.stderr import native_stderr_hidden


@contextmanager
def _without_tensorflow():
    """Meanwhile ``import tensorflow`` raises ModuleNotFoundError, unless it is loaded already."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None
    try:
        yield
    finally:
        del sys.modules["tensorflow"]


with native_stderr_hidden(), _without_tensorflow():
    import mediapipe as mp  # noqa: F401
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema  # noqa: F401
    from mediapipe.tasks.metadata import schema_py_generated as schema  # noqa: F401
    from mediapipe.tasks.python import (
        BaseOptions,  # noqa: F401
        vision,  # noqa: F401
    )
