"""What C++ libraries print to the standard error, put away while they load or work.

No setting turns their notes about the processor off, so the standard error is put away meanwhile; errors come as
exceptions. Progress bars write to ``shown_stderr``, which stays.

Notebook: 01_extract_data.ipynb
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
